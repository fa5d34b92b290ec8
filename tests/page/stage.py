"""The real thing for the page to show: the sandbox with Ficshelf and the sample fics in it."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr

from bot import SAMPLE_SERVER, TO_ADD, LibraryBot, add_samples, point_at, serve
from cogs._settings import DiscordSettings, Settings
from db.library import Library
from sandbox import Sandbox, User

START = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


@dataclass
class Stage:
    """A running bot, its library and its Discord."""

    sandbox: Sandbox
    library: Library
    bot: LibraryBot

    def user(self, name: str, channel: str = "general") -> User:
        """A member of the sandbox's servers."""
        return User(self.sandbox.control, self.sandbox.token, name, channel)


async def sample_library(path: Path) -> None:
    """The library that `make try` begins with."""
    async with Sandbox(port=0, start=START) as sandbox:
        servers = {guild.name: guild.id for guild in sandbox.world.guilds.values()}
        async with Library.open(path, clock=sandbox.clock) as library:
            await add_samples(library, servers[SAMPLE_SERVER])


@contextlib.asynccontextmanager
async def staged(samples: Path, folder: Path) -> AsyncIterator[Stage]:
    """The bot with a copy of the sample library, its clock at `START`."""
    path = folder / "library.sqlite3"
    shutil.copyfile(samples, path)
    shelf: Library | None = None

    async def next_post() -> datetime | None:
        return await shelf.daily.next_of_all() if shelf else None

    files = {file.name: file.read_bytes() for file in sorted(TO_ADD.iterdir())}
    async with Sandbox(port=0, start=START, next_post=next_post, samples=files) as sandbox:
        here = DiscordSettings(api=sandbox.api, token=SecretStr(sandbox.bot_token), sync="always")
        point_at(sandbox.api)
        async with Library.open(path, clock=sandbox.clock) as library:
            shelf = library
            bot = LibraryBot(library, Settings(discord=here), sandbox.clock)
            stop = asyncio.Event()
            serving = asyncio.create_task(serve(bot, stop))
            try:
                await sandbox.bot_ready()
                yield Stage(sandbox, library, bot)
            finally:
                shelf = None
                stop.set()
                await serving
