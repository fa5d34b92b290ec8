"""When the bot next posts by itself, as whoever started the sandbox can tell."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from datetime import datetime

from sandbox.events import Events
from sandbox.payloads_directory import moment
from sandbox.world import Happening, World

log = logging.getLogger(__name__)

NextPost = Callable[[], Awaitable[datetime | None]]


class Upcoming:
    """Asks when it is wanted, and while somebody watches also after whatever may have changed it:
    a message or an edit of the bot, or the clock. A change is an event, "next_post"."""

    def __init__(self, ask: NextPost | None, world: World, events: Events) -> None:
        self._ask = ask
        self._bot_id = world.bot.id
        self._events = events
        self._known: datetime | None = None
        self._was_asked = False
        self._watchers = 0
        self._looking: asyncio.Task[None] | None = None
        self._again = False
        if ask is not None:
            world.subscribe(self._happened)

    async def at(self) -> datetime | None:
        """When; None if nothing is to come."""
        if self._ask is None:
            return None
        try:
            found = await self._ask()
        except Exception:  # what may go wrong there is not known here
            log.warning("When the bot posts next is not to be had", exc_info=True)
            return None
        if self._was_asked and found != self._known:
            self._events.note("next_post", next_post=shown(found))
        self._known, self._was_asked = found, True
        return found

    @contextmanager
    def watched(self) -> Generator[None]:
        """Changes are looked for inside it."""
        self._watchers += 1
        try:
            yield
        finally:
            self._watchers -= 1

    def _happened(self, happening: Happening) -> None:
        message = happening.message
        own = message is not None and message.author_id == self._bot_id
        if own and happening.kind in ("message", "edit"):
            self.stir()

    def stir(self) -> None:
        """It may be another time now."""
        if not self._watchers or self._ask is None:
            return
        self._again = True
        if self._looking is None:
            self._looking = asyncio.create_task(self._look(), name="next-post")

    async def _look(self) -> None:
        try:
            while self._again:
                self._again = False
                await self.at()
        finally:
            self._looking = None

    def close(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()


def shown(when: datetime | None) -> str | None:
    """A time as the control API writes it."""
    return None if when is None else moment(when)
