"""Doing away with the traces of what was erased (traces.py says which) beside what goes on."""

import asyncio
import contextlib
import logging
import sqlite3

from db import traces
from db.clock import Clock
from db.connection import Store
from db.errors import LibraryError

log = logging.getLogger(__name__)

# Of an index at a time, after which others get their turn.
MERGED_PAGES = 100
# Writing the file anew takes 7 s a GB or more, for which writes wait: a small one at once, a large
# one when nobody has written anything for some minutes, or after a day.
SMALL_BYTES = 100_000_000
QUIET_SECONDS, LONGEST_WAIT_SECONDS = 300, 86_400
RETRY_SECONDS = 3600  # after a failure: a full disk, say
READERS_RETRY_SECONDS = 1


class Scrubber:
    """Makes what was erased leave the file, in the background and one step at a time."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, or go on, if there is anything to do."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="scrubber")

    async def finish(self) -> None:
        """Return once nothing of what was erased until now is left."""
        while await self._store.read(traces.wanted) is not None:
            self.start()
            assert self._task is not None
            await asyncio.shield(self._task)

    async def aclose(self) -> None:
        """Stop; what is left to do is done after the next start."""
        if self._task is not None:
            self._task.cancel()
            self._store.stop_rewriting()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while (wanted := await self._store.read(traces.wanted)) is not None:
            try:
                await self._scrub(wanted)
            except (sqlite3.Error, LibraryError) as error:
                log.warning("What was erased could not leave the file yet: %s", error)
                await self._clock.wait(RETRY_SECONDS)

    async def _scrub(self, wanted: str) -> None:
        await self._empty_log()  # with this all but the rare copies is gone
        if wanted.startswith("words"):
            for index in await self._store.read(traces.indexes):
                await self._merge_whole(index)
        await self._quiet()
        await self._store.rewrite()
        await self._empty_log()
        await self._store.write(traces.settle, wanted)

    async def _merge_whole(self, index: str) -> None:
        more = await self._store.write(traces.merge, index, -MERGED_PAGES)
        while more:
            more = await self._store.write(traces.merge, index, MERGED_PAGES)

    async def _quiet(self) -> None:
        waited = 0
        while self._store.size_bytes() > SMALL_BYTES and waited < LONGEST_WAIT_SECONDS:
            before = self._store.writes
            await self._clock.wait(QUIET_SECONDS)
            if self._store.writes == before:
                return
            waited += QUIET_SECONDS

    async def _empty_log(self) -> None:
        while not await self._store.empty_log():
            await self._clock.wait(READERS_RETRY_SECONDS)
