"""Writers of a library who are cancelled at any moment."""

import asyncio
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

from db import soundness
from db.library import Library
from db.models import NewWork
from tests.db.builders import a_work

HERE, MOD = 100, 7
AT_ONCE, CANCELLED = 50, 25


def pair(number: int) -> list[NewWork]:
    """Two works that are added together."""
    return [
        a_work(
            f"Volume {part} of {number}",
            authors=(f"writer {number}",),
            tags=(f"tag {number}",),
            texts=(f"Letter {number * 7919} {part} said little and meant {number * 104729}.",),
        )
        for part in ("one", "two")
    ]


async def stored(library: Library) -> Counter[int]:
    """How many works of each pair are there, each of them whole."""
    found: Counter[int] = Counter()
    async for new in library.export(HERE):
        title = new.info.title or ""
        number = int(title.rpartition(" ")[2])
        wanted = pair(number)[0 if "one" in title else 1]
        assert new.info == replace(wanted.info, words=wanted.chapters[0].words)
        assert new.chapters == wanted.chapters
        found[number] += 1
    return found


async def cancelled(library: Library, path: Path, cancels: int, seed: int) -> str | None:
    """Cancel so many of twice as many writes; what is wrong then."""
    chance = random.Random(seed)
    acknowledged: set[int] = set()

    async def add(number: int) -> None:
        await library.add(HERE, pair(number), by=MOD)
        acknowledged.add(number)

    rounds = -(-cancels // CANCELLED)
    for start in range(0, rounds * AT_ONCE, AT_ONCE):
        tasks = [asyncio.create_task(add(start + number)) for number in range(AT_ONCE)]
        unlucky = chance.sample(tasks, CANCELLED)
        # Some before they begin, some while they wait, some while they are being written.
        for count in sorted(chance.randrange(AT_ONCE // 2) for _ in range(5)):
            for task in [unlucky.pop() for _ in range(CANCELLED // 5)]:
                task.cancel()
            while sum(task.done() for task in tasks) < count:  # noqa: ASYNC110  # each step counts
                await asyncio.sleep(0)
        await asyncio.gather(*tasks, return_exceptions=True)

    found = await stored(library)
    if lost := acknowledged - set(found):
        return f"acknowledged and not there: {sorted(lost)}"
    if halves := [number for number, works in found.items() if works != 2]:
        return f"stored by halves: {halves}"
    if len(acknowledged) == rounds * AT_ONCE:
        return "nothing was cancelled"
    # No transaction was left open: writing goes on.
    await library.add(HERE, pair(10**6), by=MOD)
    report = soundness.check(path)
    return None if report.is_sound else str(report.sentences)
