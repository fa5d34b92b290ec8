"""The bot's heartbeat: how it is, written down every few seconds for `--healthcheck`."""

import asyncio
import contextlib
import logging
import math
import os
import time
from datetime import UTC, datetime
from pathlib import Path

import discord

from cogs._client import LibraryClient
from cogs._heartbeat import Heartbeat, default_path

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.25  # how often the event loop is asked whether it is late
PROBE_SECONDS = 1.0  # how long a heartbeat waits for the writer before it says "under way"


def gateway_is_up(client: LibraryClient) -> bool:
    """Whether events come in, on every connection."""
    # discord.py calls itself ready two seconds after the last server came in, or with none.
    if not (client.online.is_set() or client.is_ready()):
        return False
    if isinstance(client, discord.AutoShardedClient):
        shards = client.shards.values()
        return bool(shards) and not any(shard.is_closed() for shard in shards)
    return client.ws.open


class Heart:
    """Watches over one running bot; `last` is what was found last."""

    def __init__(self, client: LibraryClient, library_path: Path) -> None:
        self._client = client
        self._settings = client.settings.health
        file = self._settings.file
        self.path = Path(file) if file else default_path(library_path)
        self.last: Heartbeat | None = None
        self._began = self._up_at = time.monotonic()
        self._ready_at: float | None = None
        self._lag_s = 0.0
        self._probe: asyncio.Task[None] | None = None
        self._probe_began = 0.0
        self._writer_ms: float | None = None
        self._writer_error: str | None = None
        self._writing: asyncio.Task[None] | None = None
        self._is_written = True

    async def run(self) -> None:
        """Beat for ever; at the end the heartbeat is taken away."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._watch_lag(), name="event-loop-lag")
                while True:
                    await self._beat()
                    await asyncio.sleep(self._settings.beat_seconds)
        finally:
            if self._probe:
                self._probe.cancel()
            if self._writing:  # a write that is under way would put back what is taken away
                await asyncio.gather(self._writing, return_exceptions=True)
            with contextlib.suppress(OSError):
                self.path.unlink(missing_ok=True)

    async def _watch_lag(self) -> None:
        while True:
            due = time.monotonic() + LOOK_SECONDS
            await asyncio.sleep(LOOK_SECONDS)
            self._lag_s = max(self._lag_s, time.monotonic() - due)

    async def _beat(self) -> None:
        await self._probe_writer()
        self.last = self._examined()
        self._lag_s = 0.0
        try:
            self._writing = asyncio.create_task(asyncio.to_thread(self.last.write, self.path))
            await asyncio.shield(self._writing)
            self._is_written = True
        except OSError as error:
            if self._is_written:
                log.warning("The heartbeat %s cannot be written: %s", self.path, error.strerror)
            self._is_written = False

    async def _probe_writer(self) -> None:
        if self._probe is None:
            self._probe_began = time.monotonic()
            self._probe = asyncio.create_task(self._ask_writer(), name="writer-probe")
        await asyncio.wait([self._probe], timeout=PROBE_SECONDS)
        if self._probe.done():
            self._probe = None

    async def _ask_writer(self) -> None:
        try:
            await self._client.library.probe()
        except Exception as error:  # noqa: BLE001  # whatever it is, it is what to tell
            self._writer_error = " ".join(str(error).split())[:200].rstrip(".")
        else:
            self._writer_error = None
        self._writer_ms = (time.monotonic() - self._probe_began) * 1000

    def _examined(self) -> Heartbeat:
        client, now = self._client, time.monotonic()
        if gateway_is_up(client):
            self._up_at = now
            self._ready_at = self._ready_at or now
            down = None
        else:
            down = now - self._up_at
        latency = client.latency
        scheduler = now - self._ready_at if self._ready_at else None
        if client.posted_at is not None:  # by the client's own clock, which may be a sandbox's
            scheduler = (client.clock.now() - client.posted_at).total_seconds()
        return Heartbeat(
            time=datetime.now(UTC),
            pid=os.getpid(),
            up_s=round(now - self._began, 1),
            beat_s=self._settings.beat_seconds,
            guilds=len(client.guilds),
            gateway_down_s=None if down is None else round(down, 1),
            latency_ms=round(latency * 1000, 1) if math.isfinite(latency) else None,
            lag_ms=round(self._lag_s * 1000, 1),
            writer_ms=None if self._writer_ms is None else round(self._writer_ms, 1),
            writer_waiting_s=round(now - self._probe_began, 1) if self._probe else None,
            writer_error=self._writer_error,
            scheduler_s=None if scheduler is None else round(scheduler, 1),
            poll_s=client.settings.daily.poll_seconds,
        )
