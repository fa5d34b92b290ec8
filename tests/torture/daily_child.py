"""A bot in a process of its own that posts what is due, and may be made to die on the way."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from cogs._bot import LibraryBot
from cogs._serving import serve
from cogs._settings import DailySettings, DiscordSettings, Settings
from cogs._starting import point_at
from db.daily.desk import Daily
from db.library import Library

# The calls of the poster to the library, around which the process can be killed.
CALLS = ("due", "prepare", "shown", "begin_send", "settle_send", "unsettled", "choose_ahead")
QUIET_SECONDS = 50  # the longest that a healthy run may take


@dataclass(frozen=True, slots=True)
class Orders:
    """What a child is to do. `die_at` is "before CALL", "after CALL", or "amid CALL": within its
    transaction, at the `statement`-th statement; None: never."""

    library: Path
    api: str
    token: str
    now: datetime
    die_at: str | None = None
    statement: int = 1


class OffsetClock:
    """The machine's clock, moved; it hardly waits."""

    def __init__(self, now: datetime) -> None:
        self._offset: timedelta = now - datetime.now(UTC)

    def now(self) -> datetime:
        """The time there."""
        return datetime.now(UTC) + self._offset

    async def wait(self, seconds: float) -> None:
        """Let the others do something."""
        await asyncio.sleep(min(seconds, 0.02))


def run(orders: Orders) -> None:
    """Serve until everything that was due is settled, or until death."""
    asyncio.run(_serve(orders))


async def _serve(orders: Orders) -> None:
    point_at(orders.api)
    clock = OffsetClock(orders.now)
    settings = Settings(
        discord=DiscordSettings(api=orders.api, token=SecretStr(orders.token)),
        daily=DailySettings(poll_seconds=1, send_seconds=5),
    )
    stop = asyncio.Event()
    async with Library.open(orders.library, clock=clock) as library:
        if orders.die_at:
            _arm(library, orders)
        bot = LibraryBot(library, settings, clock)
        async with asyncio.timeout(QUIET_SECONDS):
            await serve(bot, stop, _until_settled(bot, library, stop))


async def _until_settled(bot: LibraryBot, library: Library, stop: asyncio.Event) -> None:
    """Stop once a whole round went by and nothing is left to do."""
    while bot.posted_at is None or await library.daily.due() or await _sending(library):
        await bot.clock.wait(0.01)
    stop.set()


async def _sending(library: Library) -> bool:
    rows = "SELECT count(*) FROM outbox WHERE state = 'sending'"
    return bool(await library._store.read(lambda conn: conn.execute(rows).fetchone()[0]))


def _die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _arm(library: Library, orders: Orders) -> None:
    when, call = (orders.die_at or "").split()
    daily: Daily = library.daily
    real: Callable[..., Awaitable[Any]] = getattr(daily, call)

    async def deadly(*args: Any, **kwargs: Any) -> Any:
        if when == "before":
            _die()
        if when == "amid":
            seen = 0

            def count(_: str) -> None:
                nonlocal seen
                seen += 1
                if seen == orders.statement:
                    _die()

            await library._store._writer.run(lambda conn: conn.set_trace_callback(count))
            answer = await real(*args, **kwargs)
            await library._store._writer.run(lambda conn: conn.set_trace_callback(None))
            return answer
        answer = await real(*args, **kwargs)
        if when == "after":
            _die()
        return answer

    setattr(daily, call, deadly)
