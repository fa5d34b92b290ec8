"""What the commands share: where output goes, which library and server is meant."""

import json
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from db.errors import LibraryUnusable
from db.library import Library

EX_OK = 0
EX_USAGE = 2
EX_PARTLY = 3
EX_CONFIG = 78  # sysexits.h


@dataclass(frozen=True, slots=True)
class Context:
    """One run of a command."""

    library_path: Path
    guild_id: int | None
    home_guild: int | None
    as_json: bool

    def put(self, row: dict[str, object], text: str) -> None:
        """Print a result: the row with --json, else the text."""
        sys.stdout.write((json.dumps(row, ensure_ascii=False) if self.as_json else text) + "\n")

    def warn(self, sentence: str) -> None:
        """Say something that is no result."""
        sys.stderr.write(sentence + "\n")

    @asynccontextmanager
    async def library(self, *, create: bool = False) -> AsyncGenerator[tuple[Library, int]]:
        """The library and the server meant.

        Raises:
            LibraryUnusable: it cannot be opened, or is not there and `create` is not set.
        """
        if not create and not self.library_path.exists():
            raise LibraryUnusable(
                f"There is no library at {self.library_path}. Name one with --library, or make "
                "one with add."
            )
        async with Library.open(self.library_path) as library:
            guild_id = self.guild_id
            if guild_id is None:
                guild_id = await library.default_guild(self.home_guild)
            yield library, guild_id
