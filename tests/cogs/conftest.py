"""The bot in a sandbox, with a small library, and the people of the sandbox's servers."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from discord.asset import Asset
from discord.gateway import DiscordClientWebSocketResponse, DiscordWebSocket
from discord.http import Route
from pydantic import SecretStr

from cogs._bot import LibraryBot, bot_for
from cogs._serving import serve
from cogs._settings import DailySettings, DiscordSettings, Settings
from cogs._starting import point_at
from db.library import Library
from db.models import AddStatus, NewWork
from sandbox import Answer, Message, Sandbox, SandboxClock, User
from tests.cogs.shelf import BOAT, SHELF

START = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


class WatchedClock:
    """The sandbox's clock, as the bot gets it; a test can wait until the bot waits on it."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._waits = 0
        self._changed = asyncio.Condition()

    def now(self) -> datetime:
        return self._clock.now()

    async def wait(self, seconds: float) -> None:
        async with self._changed:
            self._waits += 1
            self._changed.notify_all()
        await self._clock.wait(seconds)

    async def settled(self) -> int:
        """How often the bot has waited, once it is waiting for the first time."""
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(lambda: self._waits > 0)
        return self._waits

    async def after(self, waits: int) -> None:
        """Return once the bot waits again."""
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(lambda: self._waits > waits)


@dataclass
class Rig:
    """A running bot, its library and its Discord."""

    sandbox: Sandbox
    path: Path
    shards: int = 1
    library: Library = field(init=False)
    bot: LibraryBot = field(init=False)
    ids: dict[str, int] = field(default_factory=dict[str, int])
    _running: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)

    def __post_init__(self) -> None:
        servers = {guild.name: guild.id for guild in self.sandbox.world.guilds.values()}
        self.guild_id, self.next_door_id = servers["The Reading Room"], servers["Next Door"]
        self.settings = Settings(
            discord=DiscordSettings(
                api=self.sandbox.api,
                token=SecretStr(self.sandbox.bot_token),
                shards=self.shards,
            ),
            daily=DailySettings(poll_seconds=30, send_seconds=0.5),
        )

    async def start(self) -> None:
        """Open the library and log the bot in."""
        self.clock = WatchedClock(self.sandbox.clock)
        self.library = await self._running.enter_async_context(
            Library.open(self.path, clock=self.sandbox.clock)
        )
        self.bot = await self._running.enter_async_context(serving(self))
        async with asyncio.timeout(10):
            await self.bot.online.wait()
            while len(self.bot.guilds) < 2:
                await self.bot.wait_for("guild_available")
        await self.sandbox.bot_ready(5)
        await self.clock.settled()

    def opened(self) -> contextlib.AbstractAsyncContextManager[Library]:
        """The library alone, while the bot is stopped."""
        return Library.open(self.path, clock=self.sandbox.clock)

    async def stop(self) -> None:
        """Log the bot out and close the library."""
        await self._running.aclose()

    async def pass_time(self, seconds: float = 30, *, to: str | None = None) -> None:
        """Let time pass, and the bot look once whether a daily post is due."""
        waits = await self.clock.settled()
        if to is not None:
            self.sandbox.clock.set(datetime.fromisoformat(to))
        else:
            self.sandbox.clock.advance(seconds)
        await self.clock.after(waits)

    async def restart(self) -> None:
        """The same as the owner's: a new process would find what this one finds."""
        await self.stop()
        await self.start()

    async def add(self, *works: NewWork, guild_id: int | None = None) -> list[int]:
        """Publish works in The Reading Room, or another server."""
        outcomes = await self.library.add(guild_id or self.guild_id, works, by=None)
        assert all(outcome.status is AddStatus.ADDED for outcome in outcomes)
        return [outcome.work_id for outcome in outcomes if outcome.work_id is not None]

    def user_id(self, name: str) -> int:
        """A member's id."""
        accounts = self.sandbox.world.accounts.values()
        return next(account.id for account in accounts if account.name == name)

    def user(self, name: str, channel: str = "general") -> User:
        """A member of the sandbox's servers."""
        return User(self.sandbox.control, self.sandbox.token, name, channel)


@contextlib.asynccontextmanager
async def serving(rig: Rig) -> AsyncGenerator[LibraryBot]:
    """The bot, served as the program serves it, until the block ends."""
    client = bot_for(rig.library, rig.settings, rig.clock)
    stop = asyncio.Event()
    task = asyncio.create_task(serve(client, stop))
    try:
        yield client
    finally:
        stop.set()
        await task


@pytest.fixture
def local_discord(monkeypatch: pytest.MonkeyPatch) -> None:
    """Undo at the end what `point_at` and the client change in discord.py."""
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    socket = DiscordClientWebSocketResponse
    monkeypatch.setattr("discord.http.DiscordClientWebSocketResponse", socket)
    monkeypatch.setattr(Asset, "BASE", Asset.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)


@pytest.fixture
def shards() -> int:
    """How many connections the bot opens; the tests of sharding say otherwise."""
    return 1


@pytest.fixture
async def rig(tmp_path: Path, local_discord: None, shards: int) -> AsyncIterator[Rig]:
    """A bot with the shelf's works; what Discord would have refused fails the test."""
    async with Sandbox(port=0, serve_page=False, start=START) as sandbox:
        rig = Rig(sandbox, tmp_path / "library.sqlite3", shards)
        point_at(sandbox.api)
        try:
            await rig.start()
            ids = await rig.add(*SHELF)
            rig.ids = {
                work.info.title or "": work_id for work, work_id in zip(SHELF, ids, strict=True)
            }
            await rig.library.add(rig.next_door_id, [BOAT], by=None)
            yield rig
            violations = await rig.user("owner").violations()
        finally:
            await rig.stop()
        assert violations == []


@pytest.fixture
def member(rig: Rig) -> User:
    return rig.user("member")


@pytest.fixture
def moderator(rig: Rig) -> User:
    return rig.user("moderator")


@pytest.fixture
def owner(rig: Rig) -> User:
    return rig.user("owner")


@pytest.fixture
def stranger(rig: Rig) -> User:
    return rig.user("stranger", "lobby")


def refusal(answer: Answer) -> str:
    """What an ephemeral refusal says; anything else fails."""
    message = answer.message
    assert message.ephemeral, message.text
    assert not message.components
    return message.content


def labels(message: Message) -> list[str]:
    return [button.label for button in message.buttons]


def option_value(message: Message, placeholder: str, label: str) -> str:
    """The value of the option whose label contains `label`."""
    options = message.find(placeholder).options
    return next(value for name, value, _ in options if label in name)
