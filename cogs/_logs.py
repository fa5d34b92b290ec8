"""What is logged, where, and what never is."""

import contextlib
import json
import logging
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TextIO

import aiohttp
import discord

from cogs._settings import BadSettings, LogSettings

MIB = 1024 * 1024

# What would end a line, steer a terminal, or turn the writing round.
_CONTROLS = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
# What discord.py tries again by itself; the name of the error says all that its traceback would.
_PASSING = (OSError, aiohttp.ClientError, discord.DiscordException)
_AGAIN = ("Attempting a reconnect", "Failed to connect for shard_id")


class Redactor:
    """Takes secrets out of texts: those named, and whatever looks like one of Discord's."""

    _PATTERNS = (
        # The addresses that answer interactions, and post as a webhook.
        (re.compile(r"(/(?:interactions|webhooks)/\d+/)[^/\s?'\"\\]{20,}"), r"\1[redacted]"),
        # JSON, a dict as Python writes it, and either of them inside a string.
        (re.compile(r"""(token\\*['"]?\s*[:=]\s*\\*['"])[^'"\\]+"""), r"\1[redacted]"),
        # Whoever has the session's id as well may take the session over.
        (
            re.compile(r"""(?i)(session(?:[ _]id)?\\*['"]?[:=\s]+\\*['"]?)[0-9a-f]{16,}"""),
            r"\1[redacted]",
        ),
        (re.compile(r"[\w-]{20,}\.[\w-]{5,8}\.[\w-]{25,}", re.ASCII), "[redacted]"),
        # No word is that long: the tokens of interactions, wherever they are.
        (re.compile(r"[\w-]{60,}", re.ASCII), "[redacted]"),
    )

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = [secret for secret in secrets if len(secret) >= 8]

    def __call__(self, text: str) -> str:
        """The text without them."""
        for secret in self._secrets:
            text = text.replace(secret, "[redacted]")
        for pattern, instead in self._PATTERNS:
            text = pattern.sub(instead, text)
        return text


class RedactingFormatter(logging.Formatter):
    """A record on one line, and its traceback indented below; secrets taken out.

    What members type is logged here and there: no text can end a line, so none can pass for one.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._redact = Redactor(secrets)

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        said = _one_line(self._redact(record.getMessage()))
        head = f"{self.formatTime(record)} {record.levelname:<7} {record.name}: {said}"
        trace = [f"    {_one_line(line)}" for line in self._trace(record).splitlines()]
        return "\n".join([head, *trace])

    def _trace(self, record: logging.LogRecord) -> str:
        parts: list[str] = []
        if record.exc_info and record.exc_info[0]:
            parts.append(self.formatException(record.exc_info))
        if record.stack_info:
            parts.append(record.stack_info)
        return self._redact("\n".join(parts))


class JsonFormatter(RedactingFormatter):
    """A record as one JSON object: time (ISO 8601, UTC), level, logger, message, traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = datetime.fromtimestamp(record.created, UTC)
        line = {
            "time": at.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self._redact(record.getMessage()),
        }
        if trace := self._trace(record):
            line["traceback"] = trace
        return json.dumps(line)


class _StreamHandler(logging.StreamHandler[TextIO]):
    """Standard error. Python's own would tell of a failure with all that was to be written."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # logging's own name
        """There is nowhere else to say it."""


class _FileHandler(RotatingFileHandler):
    """A file that is put aside when it is large; what it does not take goes to standard error."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # logging's own name
        """Keep the line, if not in the file: the disk may be full."""
        with contextlib.suppress(Exception):
            sys.stderr.write(f"{self.format(record)}\n")


def _shorten(record: logging.LogRecord) -> bool:
    """A line instead of a traceback where the connection is lost and will be made again."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, _PASSING) and str(record.msg).startswith(_AGAIN):
        record.msg = f"{record.getMessage()} ({error.__class__.__name__}: {error})"
        record.args, record.exc_info = None, None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
    return True


def set_up_logging(settings: LogSettings, secrets: Iterable[str] = ()) -> None:
    """Log to the file that is set, else to standard error.

    Raises:
        BadSettings: the file cannot be written.
    """
    # There is no voice here, so what it lacks is no news.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    handler = _file_handler(settings) if settings.file else _StreamHandler(sys.stderr)
    formatter = JsonFormatter if settings.format == "json" else RedactingFormatter
    handler.setFormatter(formatter(secrets))
    handler.addFilter(_shorten)
    logging.basicConfig(level=settings.level, handlers=[handler], force=True)
    logging.captureWarnings(True)


def _file_handler(settings: LogSettings) -> logging.Handler:
    path = Path(settings.file)
    try:
        return _FileHandler(
            path,
            maxBytes=settings.rotate_mib * MIB,
            backupCount=settings.keep,
            encoding="utf-8",
            errors="backslashreplace",
        )
    except OSError as error:
        raise BadSettings(
            f"The log {path} cannot be written: {error.strerror}. Choose another “log.file”."
        ) from None


def _one_line(text: str) -> str:
    return _CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
