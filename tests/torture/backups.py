"""Fault 5: copies made while another process writes as fast as it can, and put back."""

import asyncio
import contextlib
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from db import backup, soundness
from db.copies import CopyPlan, copies_in, make_copy
from db.library import Library
from db.models import SearchRequest, Viewer
from tests.torture.outcome import Outcome
from tests.torture.writing import GUILD, TIDES, numbered

FULL_RUNS = 30
ROOT = Path(__file__).parents[2]
START = datetime(2026, 11, 28, 3, tzinfo=UTC)
QUERIES = ("tide", "keeper 3", "tyde moon", *TIDES)


@dataclass
class Writer:
    """The process that writes, and the numbers that it said are stored."""

    process: subprocess.Popen[str]
    told: list[int] = field(default_factory=list[int])
    _more: threading.Condition = field(default_factory=threading.Condition)

    def listen(self) -> None:
        """Take down what it tells, until it ends."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._more:
                self.told.append(int(line))
                self._more.notify_all()

    def wait_for(self, count: int) -> None:
        """Return once so many are stored."""
        with self._more:
            assert self._more.wait_for(lambda: len(self.told) >= count, timeout=50), self.told


@contextlib.contextmanager
def writing(library: Path, most: int = 100_000) -> Generator[Writer]:
    """A writer of so many works; killed at the end, wherever it is."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.torture.writing", str(library), str(most)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        writer = Writer(process)
        listener = threading.Thread(target=writer.listen)
        listener.start()
        try:
            yield writer
        finally:
            process.kill()
            listener.join()


@dataclass(frozen=True)
class Restored:
    """What came back of a copy, and what was known to be stored before and after it was made."""

    numbers: list[int]
    before: int
    after: int
    faults: list[str]
    took_s: float


def is_wal(file: Path) -> bool:
    """Whether the file's header says so."""
    return file.read_bytes()[18:20] == b"\x02\x02"


def numbers_in(library: Path) -> list[int]:
    """The works that are there, by their numbers."""
    with contextlib.closing(sqlite3.connect(library)) as conn:
        rows = conn.execute("SELECT title FROM works ORDER BY work_id").fetchall()
    return [int(title.split()[1]) for (title,) in rows]


def back_and_forth(folder: Path, *, at_least: int) -> Restored:
    """Copy a library under heavy writing, kill the writer, put the copy in its place."""
    library, copy = folder / "library.sqlite3", folder / "copy.sqlite3"
    with writing(library) as writer:
        writer.wait_for(at_least)
        before, since = len(writer.told), time.monotonic()
        backup.back_up(library, copy)
        took_s, after = time.monotonic() - since, len(writer.told)
        writer.wait_for(after + 1)  # it went on
    backup.restore(copy, library)
    numbers = numbers_in(library)
    faults = [] if is_wal(library) else ["not WAL"]
    report = soundness.check(library)
    faults += [*report.damages, *report.flaws]
    # One that was stored when it was killed may not have been told.
    if numbers != list(range(len(numbers))) or not before <= len(numbers) <= after + 1:
        faults.append(f"{before} to {after} were stored, and {numbers} came back")
    if not faults and asyncio.run(answers(library)) != asyncio.run(answers_of(folder, numbers)):
        faults.append("searches differ")
    return Restored(numbers, before, after, faults, took_s)


async def answers(library: Path) -> list[object]:
    """What some searches find."""
    async with Library.open(library) as opened:
        found = [await opened.search(GUILD, SearchRequest(query), Viewer()) for query in QUERIES]
    return [(one.total, [hit.work.work_id for hit in one.hits]) for one in found]


async def answers_of(folder: Path, numbers: Sequence[int]) -> list[object]:
    """The same, of a library that only ever had these works."""
    path = folder / "anew.sqlite3"
    async with Library.open(path) as opened:
        for number in numbers:
            await opened.add(GUILD, [numbered(number)], by=None)
    return await answers(path)


def killed_copies(folder: Path, times: int, *, works: int = 400) -> list[str]:
    """Kill the process that makes the scheduled copy at random moments, while works are written;
    the faults found."""
    library = folder / "library.sqlite3"
    plan = CopyPlan(folder / "backups", timedelta(days=1), 3, 1)
    faults: list[str] = []
    with writing(library, works) as writer:
        writer.wait_for(works // 4)
        since = time.monotonic()
        asyncio.run(make_copy(library, plan, START))
        longest = time.monotonic() - since
        for number in range(1, times + 1):
            moment = START + timedelta(days=number)
            asyncio.run(_cut_short(library, plan, moment, random.uniform(0, longest)))
            copies = copies_in(plan.folder, library)
            faults += [f"{one.path} is not sound" for one in copies if not _is_sound(one.path)]
            if not copies:
                faults.append("no copy is left")
        asyncio.run(make_copy(library, plan, START + timedelta(days=times + 1)))
    faults += [f"{left.name} is left" for left in plan.folder.glob("*.partial*")]
    if len(copies_in(plan.folder, library)) > plan.keep_daily + plan.keep_weekly:
        faults.append("old copies stay")
    return faults


async def _cut_short(library: Path, plan: CopyPlan, now: datetime, seconds: float) -> None:
    # Cancelling it kills the process with SIGKILL.
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(make_copy(library, plan, now), seconds)


def _is_sound(path: Path) -> bool:
    return soundness.check(path).is_sound


async def lag_of_copying(folder: Path) -> tuple[float, float]:
    """The longest that an event loop stood still during a copy, and the longest search, in ms."""
    library = folder / "library.sqlite3"
    plan = CopyPlan(folder / "backups", timedelta(days=1), 3, 1)
    lags: list[float] = []
    searches: list[float] = []
    async with Library.open(library) as opened:
        for start in range(0, 3000, 300):
            works = [numbered(number) for number in range(start, start + 300)]
            await opened.add(GUILD, works, by=None)
        copying = asyncio.create_task(make_copy(library, plan, START))
        while not copying.done():
            since = time.monotonic()
            await asyncio.sleep(0.002)
            lags.append(time.monotonic() - since - 0.002)
            since = time.monotonic()
            await opened.search(GUILD, SearchRequest("tide"), Viewer())
            searches.append(time.monotonic() - since)
        await copying
    return max(lags) * 1000, max(searches) * 1000


def torture(runs: int) -> Sequence[Outcome]:
    """So many copies under writing, and as many kills of the copying process."""
    rounds: list[Restored] = []
    for number in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            rounds.append(back_and_forth(Path(folder), at_least=50 + 20 * (number % 10)))
    with tempfile.TemporaryDirectory() as folder:
        kills = killed_copies(Path(folder), runs)
    with tempfile.TemporaryDirectory() as folder:
        lag, search = asyncio.run(lag_of_copying(Path(folder)))
    faults = [fault for one in rounds for fault in one.faults]
    for fault in (*faults, *kills):
        print(fault, file=sys.stderr)
    works = sum(len(one.numbers) for one in rounds)
    meanwhile = sum(one.after - one.before for one in rounds)
    return [
        Outcome(
            "backup while another process writes, then restore",
            runs,
            f"{len(faults)} faults; {works:,} works back, {meanwhile:,} written meanwhile",
            "whole, a prefix of what was stored, WAL, the same searches",
            not faults,
        ),
        Outcome(
            "kill -9 of a scheduled copy",
            runs,
            f"{len(kills)} faults",
            "every copy under its name sound, no rest after the next",
            not kills,
        ),
        Outcome(
            "a scheduled copy of 3,000 stories beside searches",
            1,
            f"loop still for {lag:.0f} ms at most, longest search {search:.0f} ms",
            "under 50 ms",
            lag < 50,
        ),
    ]
