"""Fifty members searching at once, through the library's own threads: does the event loop lag?"""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

from db.library import Library
from db.models import SearchRequest, Viewer
from tests.bench.libraries import GUILD, spread

MEMBERS = 50
SEARCHES = 20  # of each member, one after the other
BEAT_S = 0.005


async def crowd(path: Path, texts: Sequence[str]) -> dict[str, object]:
    """Times of the answers, and how late a heartbeat of 5 ms came meanwhile."""
    lags: list[float] = []
    times: list[float] = []

    async def beat() -> None:
        while True:
            due = time.perf_counter() + BEAT_S
            await asyncio.sleep(BEAT_S)
            lags.append((time.perf_counter() - due) * 1000)

    async with Library.open(path) as library:

        async def member(number: int) -> None:
            for n in range(SEARCHES):
                request = SearchRequest(texts[(number * SEARCHES + n) % len(texts)], limit=8)
                began = time.perf_counter()
                await library.search(GUILD, request, Viewer(user_id=number))
                times.append((time.perf_counter() - began) * 1000)

        beating = asyncio.create_task(beat())
        began = time.perf_counter()
        await asyncio.gather(*(member(number) for number in range(MEMBERS)))
        seconds = time.perf_counter() - began
        beating.cancel()
    return {
        "members": MEMBERS,
        "searches_per_s": round(len(times) / seconds),
        "answers": spread(times),
        "loop_lag": spread(lags),
    }


def run(path: Path, texts: Sequence[str]) -> dict[str, object]:
    """The same for a caller without a loop."""
    return asyncio.run(crowd(path, texts))
