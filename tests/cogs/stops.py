"""States that a bot can be in when it is told to stop, each of them for real.

Short: tests/cogs/test_stopping.py. Long: tests/torture/stopping.py.
"""

import asyncio
import contextlib
import json
import os
import signal
import sqlite3
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from tests.cogs.programs import PROGRAM, Home, children, until

Process = asyncio.subprocess.Process
State = Callable[[Home], AbstractAsyncContextManager[Process]]

SLOW_WORKS = 3000


@contextlib.asynccontextmanager
async def importing(home: Home) -> AsyncGenerator[Process]:
    """Python still imports what the program needs."""
    python = ("-X", "importtime", str(PROGRAM))
    async with home.started(python=python) as process:
        assert process.stderr is not None
        while b"aiohttp" not in await process.stderr.readline():
            pass
        yield process


@contextlib.asynccontextmanager
async def before_login(home: Home) -> AsyncGenerator[Process]:
    """The library's file is locked by another program, so opening it takes a while."""
    async with home.opened():
        pass
    with contextlib.closing(sqlite3.connect(home.library, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        async with home.started() as process:
            shared = home.library.with_name(f"{home.library.name}-shm")
            await until(lambda: _has_open(process, shared))
            yield process


@contextlib.asynccontextmanager
async def login_hangs(home: Home) -> AsyncGenerator[Process]:
    """Discord takes the login's request and never answers."""
    asked = home.asked("GET", "/users/@me")
    await home.user("owner").fault("hang", route="GET /users/@me")
    async with home.started() as process:
        await asked.wait()
        yield process


@contextlib.asynccontextmanager
async def no_discord(home: Home) -> AsyncGenerator[Process]:
    """Nobody is there; the program waits to try again."""
    home.configure("[log]\nformat = 'json'\n")
    config = home.folder / "config.toml"
    config.write_text(config.read_text().replace(home.sandbox.api, "http://127.0.0.1:9"))
    async with home.started() as process:
        assert process.stderr is not None
        while b"trying again in 2 s" not in await process.stderr.readline():
            pass
        yield process


@contextlib.asynccontextmanager
async def gateway_hangs(home: Home) -> AsyncGenerator[Process]:
    """The gateway takes the connection and says nothing."""
    reached = asyncio.Event()
    closing = home.sandbox.rest.closing

    async def silent(_: object) -> object:
        reached.set()
        await closing.wait()
        raise ConnectionResetError

    home.sandbox._gateway.handle = silent  # type: ignore[assignment,method-assign]
    async with home.started() as process:
        await reached.wait()
        yield process


@contextlib.asynccontextmanager
async def idle(home: Home) -> AsyncGenerator[Process]:
    """Nothing is the matter."""
    async with home.started() as process:
        await home.sandbox.bot_ready(20)
        yield process


@contextlib.asynccontextmanager
async def no_goodbye(home: Home) -> AsyncGenerator[Process]:
    """The gateway has stopped listening, so it never returns the goodbye."""
    async with idle(home) as process:
        deaf = asyncio.Event()
        closing = home.sandbox.rest.closing

        async def received(*_: object) -> None:
            deaf.set()
            await closing.wait()

        for connection in home.sandbox._gateway._connections:
            connection.socket.receive = received  # type: ignore[method-assign,assignment]
        # It hears one thing more.
        await home.user("member").command("help")
        yield process


@contextlib.asynccontextmanager
async def amid_a_write(home: Home) -> AsyncGenerator[Process]:
    """A command's write waits for another program that holds the library's lock."""
    async with idle(home) as process:
        moderator = home.user("moderator")
        assert (await moderator.command("help")).messages  # which makes its server known
        with contextlib.closing(sqlite3.connect(home.library, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            deferred = home.asked("POST", "/callback")
            told = asyncio.create_task(moderator.command("library import", file=works("One")))
            await deferred.wait()
            try:
                yield process
            finally:
                told.cancel()


@contextlib.asynccontextmanager
async def amid_a_post(home: Home) -> AsyncGenerator[Process]:
    """The daily post's request hangs."""
    home.configure("[daily]\nsend_seconds = 60\n")
    async with idle(home) as process:
        moderator = home.user("moderator")
        await moderator.command("library import", file=works("One", "Two"))
        options = {"channel": "daily-rec", "time": "9:00", "timezone": "UTC"}
        assert (await moderator.command("daily setup", **options)).messages
        await moderator.fault("hang", route="POST /channels/*/messages", times=9)
        asked = home.asked("POST", "/messages")
        told = asyncio.create_task(moderator.command("daily now"))
        await asked.wait()
        try:
            yield process
        finally:
            told.cancel()


@contextlib.asynccontextmanager
async def amid_reading(home: Home) -> AsyncGenerator[Process]:
    """A file is being read, by a process that stands still."""
    async with idle(home) as process:
        await until(lambda: bool(children(process)))
        for child in children(process):
            os.kill(child, signal.SIGSTOP)
        moderator = home.user("moderator")
        deferred = home.asked("POST", "/callback")
        told = asyncio.create_task(moderator.command("library import", file=works("One")))
        await deferred.wait()
        try:
            yield process
        finally:
            told.cancel()


@contextlib.asynccontextmanager
async def amid_an_import(home: Home) -> AsyncGenerator[Process]:
    """A large batch is being stored."""
    async with idle(home) as process:
        moderator = home.user("moderator")
        many = works(*(f"Beacon {number}" for number in range(SLOW_WORKS)))
        told = asyncio.create_task(moderator.command("library import", file=many))
        await until(lambda: stored(home.library) > 0)
        try:
            yield process
        finally:
            told.cancel()


STATES: tuple[State, ...] = (
    importing,
    before_login,
    login_hangs,
    no_discord,
    gateway_hangs,
    idle,
    no_goodbye,
    amid_a_write,
    amid_a_post,
    amid_reading,
    amid_an_import,
)


# A start of the program costs over a second: what the others also go through is left to torture.
SHORT: tuple[State, ...] = (
    login_hangs,
    amid_a_write,
    amid_a_post,
    amid_reading,
)


def works(*titles: str) -> tuple[str, bytes]:
    """A file of works to import."""
    lines = [json.dumps({"title": title, "rating": "General Audiences"}) for title in titles]
    return "works.jsonl", "\n".join(lines).encode()


def stored(library: Path) -> int:
    """How many works the file holds, looked at from outside."""
    uri = f"{library.as_uri()}?mode=ro"
    with contextlib.closing(sqlite3.connect(uri, uri=True)) as conn:
        return int(conn.execute("SELECT count(*) FROM works").fetchone()[0])


def titles(library: Path) -> set[str]:
    """The titles that the file holds."""
    with contextlib.closing(sqlite3.connect(library)) as conn:
        return {title for (title,) in conn.execute("SELECT title FROM works")}


def damage(library: Path) -> list[str]:
    """What SQLite finds wrong with the file; nothing if it is whole."""
    if not library.exists():
        return []
    with contextlib.closing(sqlite3.connect(library)) as conn:
        found = [row[0] for row in conn.execute("PRAGMA integrity_check")]
        found += [str(row) for row in conn.execute("PRAGMA foreign_key_check")]
    return [] if found == ["ok"] else found


async def importing_one_by_one(home: Home, acknowledged: set[str], number: int) -> None:
    """A moderator adds works for ever, and notes what the bot says is stored."""
    moderator = home.user("moderator")
    for count in range(10_000):
        title = f"Work {number} {count}"
        answer = await moderator.command("library import", file=works(title))
        if any("1 added" in message.text for message in answer.messages):
            acknowledged.add(title)


def _has_open(process: Process, file: Path) -> bool:
    with contextlib.suppress(OSError):
        fds = list(Path(f"/proc/{process.pid}/fd").iterdir())
        return any(fd.is_symlink() and fd.readlink() == file for fd in fds)
    return False
