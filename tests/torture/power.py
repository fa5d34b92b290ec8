"""The power goes out under a library that is written to: nothing acknowledged may be lost.

python -m tests.torture.power NORMAL 150    how much is lost with less syncing: it can be told
"""

import asyncio
import contextlib
import random
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from db.backup import back_up
from db.errors import LibraryUnusable
from db.library import Library
from db.soundness import check
from tests.db.builders import a_work
from tests.db.command_line import PROGRAM, stock
from tests.torture.disk import Disk, Event, NoTrace, trace
from tests.torture.outcome import Outcome
from tests.torture.writer import fingerprint

FULL_RUNS = 150
CUTS_A_TRACE = 30
WRITES = 36
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Cut:
    """What was left after one cut: `lost` are acknowledged writes that are gone.

    `fault` is anything worse: a file that is refused, damaged, or holds what never was.
    """

    acknowledged: int
    lost: int = 0
    fault: str | None = None


def recorded(seed: int, writes: int, how: str = "as it is") -> list[Event]:
    """What a writing process does to its disk, from an empty folder on.

    Raises:
        NoTrace: this machine cannot tell.
    """
    with tempfile.TemporaryDirectory(prefix="ficshelf-power-") as name:
        folder = Path(name).resolve() / "library"
        folder.mkdir()
        library = folder / "library.sqlite3"
        command = [sys.executable, "-m", "tests.torture.writer", library, str(seed), str(writes)]
        with contextlib.chdir(ROOT):
            return trace([*command, how], folder, Path(name) / "trace")


def cuts(events: Sequence[Event], count: int, seed: int) -> Iterator[Cut]:
    """Cut the power `count` times, at random moments, and look what is left."""
    chance = random.Random(seed)
    everything = b"".join(event.data for event in events if event.what == "said")
    states = everything.decode().split()
    disk, done = Disk(), 0
    for moment in sorted(chance.randint(0, len(events)) for _ in range(count)):
        for event in events[done:moment]:
            disk.follow(event)
        done = moment
        with tempfile.TemporaryDirectory(prefix="ficshelf-power-") as folder:
            disk.lose_power(Path(folder), chance)
            yield asyncio.run(_look(Path(folder) / "library.sqlite3", disk.said, states))


async def _look(path: Path, said: bytes, states: Sequence[str]) -> Cut:
    acknowledged = said.count(b"\n")
    try:
        async with Library.open(path) as library:
            held = await fingerprint(library)
            empty = not await library.log(100)
    except LibraryUnusable as error:
        return Cut(acknowledged, fault=f"refused: {error}")
    with contextlib.closing(sqlite3.connect(path)) as conn:
        for (found,) in conn.execute("PRAGMA integrity_check"):
            if found != "ok":
                return Cut(acknowledged, fault=f"damaged: {found}")
    # The write that was under way may have been stored, and not been acknowledged any more.
    if held in states[max(0, acknowledged - 1) : acknowledged + 1] or (empty and not acknowledged):
        return Cut(acknowledged)
    if held in states[:acknowledged] or empty:
        kept = len(states) - states[::-1].index(held) if held in states[:acknowledged] else 0
        return Cut(acknowledged, lost=acknowledged - kept)
    return Cut(acknowledged, fault="it holds what it never held")


def replay(runs: int, how: str = "as it is", *, writes: int = WRITES) -> list[Cut]:
    """Cut the power so often, in as many traces as that needs.

    Raises:
        NoTrace: this machine cannot tell.
    """
    found: list[Cut] = []
    for seed in range(-(-runs // CUTS_A_TRACE)):
        events = recorded(seed, writes, how)
        found += cuts(events, min(CUTS_A_TRACE, runs - len(found)), seed)
    return found


def cut_copies(runs: int) -> Iterator[str | None]:
    """Lose the power amid `backup` and `restore`, as often each; what is wrong then, or None.

    Raises:
        NoTrace: this machine cannot tell.
    """
    chance = random.Random(runs)
    for command in ("backup", "restore"):
        with tempfile.TemporaryDirectory(prefix="ficshelf-power-") as name:
            folder = Path(name).resolve() / "library"
            folder.mkdir()
            library, copy = folder / "library.sqlite3", folder / "copy.sqlite3"
            stock(library, [a_work("The First Watch")])
            if command == "restore":
                back_up(library, copy)
                stock(library, [a_work("The Second Watch", texts=("By six bells it was out.",))])
            program = [sys.executable, PROGRAM, "--library", library, command, copy]
            events = trace(program, folder, Path(name) / "trace")
        end = next(n for n, event in enumerate(events) if event.what == "said")
        disk, done = Disk(), 0
        # Also just after it was told.
        for moment in sorted(chance.randint(10, end + 2) for _ in range(runs)):
            for event in events[done:moment]:
                disk.follow(event)
            done = moment
            with tempfile.TemporaryDirectory(prefix="ficshelf-power-") as left:
                disk.lose_power(Path(left), chance)
                fault = _copied(Path(left), command, told=bool(disk.said))
            yield f"{command}, cut at {moment} of {end}: {fault}" if fault else None


def _copied(left: Path, command: str, *, told: bool) -> str | None:
    library, copy = left / "library.sqlite3", left / "copy.sqlite3"
    works = [check(library).works] if check(library).is_sound else []
    before, after = (1, 1) if command == "backup" else (2, 1)
    if works not in ([after], [after if told else before]):
        return f"the library has {works} works"
    if told and not (copy.exists() and check(copy).is_sound and check(copy).works == 1):
        return "the copy is not whole"
    if command == "backup" and copy.exists() and not check(copy).is_sound:
        return "what has the copy's name is none"
    return None


def torture(runs: int) -> Sequence[Outcome]:
    """The measure that the README quotes."""
    what = "power lost under a library that is written to"
    asked = "0 acknowledged lost"
    try:
        found = replay(runs)
    except NoTrace as error:
        return [Outcome(what, 0, f"not run: {error}", asked, holds=False)]
    lost = sum(cut.lost for cut in found)
    faults = [cut.fault for cut in found if cut.fault]
    told = sum(cut.acknowledged for cut in found)
    said = f"{lost} of {told:,} lost" + (f", {len(faults)} faults: {faults[0]}" if faults else "")
    copies = [fault for fault in cut_copies(max(1, runs // 3)) if fault]
    return [
        Outcome(what, runs, said, asked, holds=not lost and not faults),
        Outcome(
            "power lost amid backup and restore",
            max(1, runs // 3) * 2,
            copies[0] if copies else "whole copies, the old library or the new",
            "whole copies, the old library or the new",
            holds=not copies,
        ),
    ]


if __name__ == "__main__":
    for cut in (some := replay(int(sys.argv[2]), sys.argv[1])):
        if cut.lost or cut.fault:
            print(cut)
    bad = sum(bool(cut.lost or cut.fault) for cut in some)
    print(f"{bad} of {len(some)} cuts lost something; {sum(cut.lost for cut in some)} writes lost")
