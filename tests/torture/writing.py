"""A process that adds works one after another, each with a number, and tells which are stored.

`python -m tests.torture.writing LIBRARY COUNT`: a line of standard output for each number.
"""

import asyncio
import sys
from pathlib import Path

from db.library import Library
from db.models import NewWork
from tests.db.builders import a_work

GUILD = 7
TIDES = "ebb flood neap spring slack king red rip storm moon".split()


def numbered(number: int) -> NewWork:
    """A work that no other number gives; long enough that a copy takes a moment."""
    tide = TIDES[number % len(TIDES)]
    text = f"At the {tide} tide the boat numbered {number} came in. " + (
        f"Nobody on quay {number} said a word about the {tide} of it. " * 60
    )
    return a_work(f"Tide {number} {tide}", authors=(f"keeper {number % 17}",), texts=(text,))


async def write(path: Path, count: int) -> None:
    """Each number is told once its work is stored, and before the next one is begun."""
    async with Library.open(path) as library:
        for number in range(count):
            await library.add(GUILD, [numbered(number)], by=None)
            print(number, flush=True)


if __name__ == "__main__":
    asyncio.run(write(Path(sys.argv[1]), int(sys.argv[2])))
