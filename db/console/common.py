"""What the commands share: where output goes, which library and server is meant."""

import contextlib
import io
import json
import os
import re
import sys
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from rich.console import Console
from rich.text import Text

from db.console.stopping import Stops
from db.doctor import Checkup
from db.errors import BadInput, LibraryUnusable
from db.library import Library

EX_OK = 0
EX_TO_MEND = 1
EX_USAGE = 2
EX_PARTLY = 3
EX_CONFIG = 78  # sysexits.h
EX_STOPPED = 130  # as shells say it of Ctrl-C

# What a terminal would obey rather than show: controls, and marks that turn the writing round.
_UNSHOWN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

_LINE_ENDS = re.compile("[\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Context:
    """One run of a command."""

    library_path: Path
    guild_id: int | None
    home_guild: int | None
    as_json: bool
    stops: Stops
    checkup: Checkup

    def put(self, row: dict[str, object], text: str | Text) -> None:
        """Print a result: the row with --json, else the text.

        Raises:
            BrokenPipeError: whoever read the output has left, as `head` does. Later output
                goes nowhere.
            BadInput: the output cannot be written.
        """
        self.put_all([(row, text)])

    def put_all(self, results: Sequence[tuple[dict[str, object], str | Text]]) -> None:
        """Print several results at once; see `put`."""
        with _writing():
            if self.as_json:
                lines = (_json_line(row) for row, _ in results)
                sys.stdout.write("".join(f"{line}\n" for line in lines))
                return
            for _, text in results:
                if isinstance(text, Text) and sys.stdout.isatty():
                    Console(file=sys.stdout).print(text, soft_wrap=True)
                else:
                    sys.stdout.write(f"{text}\n")

    def put_line(self, line: str) -> None:
        """Print a line of an export, whatever the options say."""
        with _writing():
            sys.stdout.write(f"{line}\n")

    def warn(self, sentence: str) -> None:
        """Say something that is no result."""
        sys.stderr.write(f"{shown(sentence)}\n")

    @asynccontextmanager
    async def library(
        self, *, create: bool = False, readers: int = 1
    ) -> AsyncGenerator[tuple[Library, int]]:
        """The library and the server meant. While it is open the command can be stopped.

        Raises:
            LibraryUnusable: it cannot be opened, or is not there and `create` is not set.
        """
        if not create and not self.library_path.exists():
            raise LibraryUnusable(
                f"There is no library at {self.library_path}. Name one with --library, or make "
                "one with add."
            )
        async with Library.open(self.library_path, readers=readers) as library:
            guild_id = self.guild_id
            if guild_id is None:
                guild_id = await library.default_guild(self.home_guild)
            with self.stops.heeded():
                yield library, guild_id


def prepare_output(*, utf8: bool) -> None:
    """Make standard output fit for results: JSON is UTF-8 whatever the terminal speaks."""
    stdout = cast("object", sys.stdout)
    if not isinstance(stdout, io.TextIOWrapper):
        return
    output = cast("io.TextIOWrapper[Any]", stdout)
    encoding = "utf-8" if utf8 else output.encoding
    if isinstance(output.buffer, io.RawIOBase):
        # PYTHONUNBUFFERED: the rest of a write that a signal interrupts would be lost.
        sys.stdout = output = io.TextIOWrapper(io.BufferedWriter(output.buffer), encoding)
    # Half a character, as in the name of a file, is written as JSON writes it.
    output.reconfigure(encoding=encoding, errors="backslashreplace")


def shown(text: str) -> str:
    """A text on one line, without what would steer the terminal or turn the writing round."""
    return _UNSHOWN.sub("", " ".join(text.split()))


def _json_line(row: dict[str, object]) -> str:
    """A row on what every reader takes for one line: some end lines at these characters too."""
    line = json.dumps(row, ensure_ascii=False)
    return _LINE_ENDS.sub(lambda end: f"\\u{ord(end[0]):04x}", line)


@contextlib.contextmanager
def _writing() -> Generator[None]:
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        # What is still in the buffer must not be tried again when Python ends.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        if isinstance(error, BrokenPipeError):
            raise
        raise BadInput(f"The output cannot be written: {error.strerror}.") from None
