"""Fault 19, the long form: members and works erased from many libraries, then their bytes."""

import asyncio
import random
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from db.library import Library
from tests.db.erasure import GONE, HERE, Crowd, Shelf, search_bytes
from tests.torture.outcome import Outcome

FULL_RUNS = 40  # of each

Try = Callable[[Path, random.Random], Awaitable[dict[str, int]]]


def torture(runs: int) -> Sequence[Outcome]:
    """Erase and search, as often for members as for works; each library is another one."""
    return [
        _outcome("a member erased, then a search of file, log and index", runs, _member),
        _outcome("a work erased for its author, then the same search", runs, _work),
    ]


def _outcome(what: str, runs: int, one: Try) -> Outcome:
    found = 0
    for seed in range(runs):
        with tempfile.TemporaryDirectory(prefix="ficshelf-") as folder:
            traces = asyncio.run(one(Path(folder) / "library.sqlite3", random.Random(seed)))
            found += sum(traces.values())
    return Outcome(what, runs, f"{found} traces", "0 traces", found == 0)


async def _member(path: Path, chance: random.Random) -> dict[str, int]:
    async with Library.open(path) as library:
        crowd = Crowd(library, chance)
        await crowd.come(works=chance.randrange(20, 400), others=chance.randrange(1, 30))
        await library.members.erase_member(GONE, chance.choice((HERE, None)))
        await library.finish_scrubbing()
        found = search_bytes(path, crowd.needles())
    return found | search_bytes(path, crowd.needles())


async def _work(path: Path, chance: random.Random) -> dict[str, int]:
    async with Library.open(path) as library:
        shelf = Shelf(library, chance)
        work_id = await shelf.fill(others=chance.randrange(5, 300))
        await library.take_down(HERE, work_id, by=None, why="")
        await library.finish_scrubbing()
        found = search_bytes(path, shelf.needles())
    return found | search_bytes(path, shelf.needles())
