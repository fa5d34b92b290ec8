"""Figures for Prometheus, at an address of this machine alone.

https://prometheus.io/docs/instrumenting/exposition_formats/ says what the text looks like.
"""

import asyncio
import contextlib
import logging
import os
import resource
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from aiohttp import web

from cogs._client import LibraryClient
from cogs._health import Heart
from cogs._meter import BUCKETS, Histogram
from cogs._settings import BadSettings

HOST = "127.0.0.1"
_LOOPBACK_NAMES = frozenset(("127.0.0.1", "localhost", "[::1]"))
_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_STARTED = time.time()

Labels = Mapping[str, str]
Sample = tuple[Labels, float]


class Errors(logging.Handler):
    """Counts what was logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        """One more."""
        self.count += 1


class Metrics:
    """Tells the figures of one bot to whoever asks, while it runs."""

    def __init__(self, client: LibraryClient, heart: Heart, library_path: Path) -> None:
        self._client = client
        self._heart = heart
        self._path = library_path
        self._errors = Errors()
        self.port = 0

    async def run(self, port: int) -> None:
        """Serve for ever; `port` then is the one that is served, if 0 was given.

        Raises:
            BadSettings: the port is taken.
        """
        app = web.Application(client_max_size=0)
        app.router.add_get("/metrics", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        logging.getLogger().addHandler(self._errors)
        try:
            try:
                await web.TCPSite(runner, HOST, port).start()
                self.port = runner.addresses[0][1]
            except OSError as error:
                raise BadSettings(
                    f"The figures cannot be served at {HOST}:{port}: {error.strerror}. Choose "
                    "another “metrics.port”."
                ) from None
            await asyncio.Event().wait()
        finally:
            logging.getLogger().removeHandler(self._errors)
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        # A web page that points its own name at this machine comes with that name.
        host = request.headers.get("Host", "")
        name, _, port = host.rpartition(":")
        if (name if port.isdigit() else host).lower() not in _LOOPBACK_NAMES:
            return web.Response(status=403, text="Only this machine's own names are answered.\n")
        headers = {"Content-Type": _TYPE, "Cache-Control": "no-store"}
        return web.Response(body=(await self.text()).encode(), headers=headers)

    async def text(self) -> str:
        """All figures as they are now."""
        works = await self._client.library.published_works()
        lines = [*self._of_the_bot(), *self._of_interactions(), *self._of_the_process()]
        lines += _metric("ficshelf_works", "gauge", "Published works.", [({}, works)])
        return "\n".join(lines) + "\n"

    def _of_the_bot(self) -> Iterator[str]:
        beat = self._heart.last
        yield from _plain("ficshelf_up", "gauge", "The bot runs.", 1)
        yield from _plain("ficshelf_guilds", "gauge", "Servers.", len(self._client.guilds))
        yield from _plain("ficshelf_errors_total", "counter", "Errors logged.", self._errors.count)
        posts = [({"outcome": each}, n) for each, n in sorted(self._client.meter.posts.items())]
        yield from _metric("ficshelf_daily_posts_total", "counter", "Daily posts.", posts)
        if beat is None:
            return
        up = beat.gateway_down_s is None
        yield from _plain("ficshelf_gateway_up", "gauge", "Discord's gateway is there.", int(up))
        for name, about, value in (
            ("gateway_latency_seconds", "From heartbeat to answer.", _seconds(beat.latency_ms)),
            ("event_loop_lag_seconds", "Worst of the last beat.", beat.lag_ms / 1000),
            ("writer_probe_seconds", "The last empty write.", _seconds(beat.writer_ms)),
            ("scheduler_age_seconds", "Since the last round of daily posts.", beat.scheduler_s),
        ):
            if value is not None:
                yield from _plain(f"ficshelf_{name}", "gauge", about, value)

    def _of_interactions(self) -> Iterator[str]:
        meter = self._client.meter
        counted = [
            ({"kind": kind, "command": name, "outcome": outcome}, number)
            for (kind, name, outcome), number in sorted(meter.interactions.items())
        ]
        yield from _metric(
            "ficshelf_interactions_total", "counter", "What members did, and its outcome.", counted
        )
        yield from _histogram(
            "ficshelf_first_response_seconds", "Until Discord had it.", meter.first_responses
        )

    def _of_the_process(self) -> Iterator[str]:
        stored = [
            ({"file": name}, size)
            for name, suffix in (("library", ""), ("wal", "-wal"))
            if (size := _size(self._path.with_name(self._path.name + suffix))) is not None
        ]
        yield from _metric("ficshelf_library_bytes", "gauge", "The library's file.", stored)
        used = resource.getrusage(resource.RUSAGE_SELF)
        cpu = used.ru_utime + used.ru_stime
        yield from _plain("process_cpu_seconds_total", "counter", "Processor time.", cpu)
        yield from _plain("process_start_time_seconds", "gauge", "Since the epoch.", _STARTED)
        if (memory := _resident_bytes()) is not None:
            yield from _plain("process_resident_memory_bytes", "gauge", "In memory.", memory)
        if (files := _open_files()) is not None:
            yield from _plain("process_open_fds", "gauge", "Open files and sockets.", files)


def _plain(name: str, kind: str, about: str, value: float) -> Iterator[str]:
    return _metric(name, kind, about, [({}, value)])


def _metric(name: str, kind: str, about: str, samples: Iterable[Sample]) -> Iterator[str]:
    yield f"# HELP {name} {about}"
    yield f"# TYPE {name} {kind}"
    for labels, value in samples:
        yield f"{name}{_labels(labels)} {_number(value)}"


def _histogram(name: str, about: str, by_kind: Mapping[str, Histogram]) -> Iterator[str]:
    yield f"# HELP {name} {about}"
    yield f"# TYPE {name} histogram"
    for kind, histogram in sorted(by_kind.items()):
        so_far = 0
        for bound, count in zip((*BUCKETS, None), histogram.counts, strict=True):
            so_far += count
            edge = "+Inf" if bound is None else _number(bound)
            yield f"{name}_bucket{_labels({'kind': kind, 'le': edge})} {so_far}"
        yield f"{name}_sum{_labels({'kind': kind})} {_number(histogram.total_s)}"
        yield f"{name}_count{_labels({'kind': kind})} {so_far}"


def _labels(labels: Labels) -> str:
    inside = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{inside}}}" if inside else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.6f}"


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


def _size(path: Path) -> int | None:
    with contextlib.suppress(OSError):
        return path.stat().st_size
    return None


def _resident_bytes() -> int | None:
    with contextlib.suppress(OSError):
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return None


def _open_files() -> int | None:
    with contextlib.suppress(OSError):
        return sum(1 for _ in Path("/proc/self/fd").iterdir())
    return None
