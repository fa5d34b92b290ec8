"""What is logged, and what never is."""

import logging
import re

import discord


class RedactingFormatter(logging.Formatter):
    """Log lines without the token and without the addresses that answer interactions."""

    _SECRETS = (
        (re.compile(r"(/(?:interactions|webhooks)/\d+/)[\w.-]{20,}"), r"\1[redacted]"),
        (re.compile(r"""((?:token|session_id)['"]?\s*[:=]\s*['"])[^'"]+"""), r"\1[redacted]"),
        (re.compile(r"[\w-]{20,}\.[\w-]{5,8}\.[\w-]{25,}"), "[redacted]"),
    )

    def format(self, record: logging.LogRecord) -> str:
        """The line with its traceback, secrets taken out."""
        line = super().format(record)
        for pattern, instead in self._SECRETS:
            line = pattern.sub(instead, line)
        return line


def set_up_logging(level: str) -> None:
    """Log to standard error."""
    # There is no voice here, so what it lacks is no news.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    handler = logging.StreamHandler()
    handler.setFormatter(
        RedactingFormatter("{asctime} {levelname:<7} {name}: {message}", style="{")
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
