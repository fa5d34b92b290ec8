"""Copies that the bot makes by itself: which are kept, and what a fault on the way leaves."""

import asyncio
import contextlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Generator, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.copies import Copy, CopyMade, CopyPlan, NotCopied, copies_in, copy_path, make_copy, spare
from db.soundness import check
from tests.db.builders import a_work
from tests.db.command_line import file_size_limit, stock

pytestmark = pytest.mark.fault(5)

NOW = datetime(2026, 11, 28, 3, 0, tzinfo=UTC)  # a Saturday
DAY = timedelta(days=1)
ROOT = Path(__file__).parents[2]


def named(times: Iterable[datetime]) -> list[Copy]:
    return [Copy(Path(f"{at}"), at) for at in sorted(times, reverse=True)]


def kept(times: Iterable[datetime], daily: int = 7, weekly: int = 4) -> list[str]:
    copies = named(times)
    gone = spare(copies, keep_daily=daily, keep_weekly=weekly)
    return [f"{copy.at:%m-%d}" for copy in copies if copy not in gone]


# Which are kept


def test_a_year_of_days_leaves_a_week_and_four_sundays() -> None:
    assert kept(NOW - n * DAY for n in range(365)) == [
        "11-28", "11-27", "11-26", "11-25", "11-24", "11-23", "11-22",  # seven days
        "11-15", "11-08",  # the last of its week; that of the two newer weeks is kept already
    ]  # fmt: skip


def test_what_the_bot_was_off_for_costs_no_copy() -> None:
    times = [NOW, *(NOW - (100 + n) * DAY for n in range(6))]
    assert len(kept(times)) == 7


def test_of_the_last_day_all_are_kept_of_those_before_the_last() -> None:
    times = [NOW - timedelta(hours=6 * n) for n in range(9)]
    assert kept(times, weekly=0) == ["11-28", "11-27", "11-27", "11-27", "11-26"]


@given(st.lists(st.integers(0, 500), min_size=1, unique=True), st.integers(1, 9), st.integers(0, 9))
def test_the_newest_is_always_kept_and_the_number_is_bounded(
    days: list[int], daily: int, weekly: int
) -> None:
    copies = named(NOW - n * DAY for n in days)
    gone = spare(copies, keep_daily=daily, keep_weekly=weekly)
    assert copies[0] not in gone
    assert min(len(copies), daily) <= len(copies) - len(gone) <= daily + weekly
    # What is kept once goes on being kept, or the oldest would never get old.
    left = [copy for copy in copies if copy not in gone]
    assert spare(left, keep_daily=daily, keep_weekly=weekly) == []


# Making one


@pytest.fixture
def library(tmp_path: Path) -> Path:
    path = tmp_path / "library.sqlite3"
    stock(path, [a_work("The First Watch"), a_work("The Second Watch", texts=("Six bells.",))])
    return path


@pytest.fixture
def plan(tmp_path: Path) -> CopyPlan:
    return CopyPlan(tmp_path / "backups", DAY, 2, 0)


def files(plan: CopyPlan) -> list[str]:
    return sorted(path.name for path in plan.folder.iterdir())


async def test_a_copy_is_whole_and_the_folder_is_its_owners_alone(
    library: Path, plan: CopyPlan
) -> None:
    made = await make_copy(library, plan, NOW)
    assert files(plan) == ["library-2026-11-28T0300Z.sqlite3"]
    assert made.path == str(plan.folder / "library-2026-11-28T0300Z.sqlite3")
    assert (made.works, made.removed, made.flaws) == (2, 0, ())
    assert check(Path(made.path)).is_sound
    assert plan.folder.stat().st_mode & 0o777 == 0o700


async def test_old_copies_go_and_nothing_else_does(library: Path, plan: CopyPlan) -> None:
    plan.folder.mkdir()
    others = [
        "library-2026-12-24T0300Z.sqlite3",  # dated by a wrong clock
        "library-2026-11-01.sqlite3",
        "library-2026-11-31T0300Z.sqlite3",
        "library-2026-11-01T0300Z.sqlite3.gz",
        "library.sqlite3",
        "other-2026-11-01T0300Z.sqlite3",
        "my-library-2026-11-01T0300Z.sqlite3",
    ]
    for name in others:
        (plan.folder / name).write_text("precious")
    (plan.folder / "library-2026-11-02T0300Z.sqlite3").symlink_to(library)
    (plan.folder / "library-2026-11-03T0300Z.sqlite3").mkdir()
    for days in range(1, 5):
        copy_path(library, plan.folder, NOW - days * DAY).write_text("old")
    made = await make_copy(library, plan, NOW)
    assert made.removed == 3
    assert files(plan) == sorted(
        [
            *others,
            "library-2026-11-02T0300Z.sqlite3",
            "library-2026-11-03T0300Z.sqlite3",
            "library-2026-11-27T0300Z.sqlite3",
            "library-2026-11-28T0300Z.sqlite3",
        ]
    )


def copied(library: Path, plan: CopyPlan) -> CopyMade:
    return asyncio.run(make_copy(library, plan, NOW))


def test_where_no_copy_can_be_made_the_old_ones_stay(library: Path, plan: CopyPlan) -> None:
    plan.folder.mkdir()
    for days in range(1, 5):
        copy_path(library, plan.folder, NOW - days * DAY).write_text("old")
    before = files(plan)
    with (
        file_size_limit(library.stat().st_size // 2),
        pytest.raises(NotCopied, match=r"could not be copied|disk is full|cannot be written"),
    ):
        copied(library, plan)
    assert files(plan) == before
    os.truncate(library, 2**43)  # a file with a hole takes no room
    with pytest.raises(NotCopied, match="Make room there"):
        copied(library, plan)
    library.unlink()
    with pytest.raises(NotCopied, match="There is no library"):
        copied(library, plan)
    assert files(plan) == before


def test_a_folder_that_cannot_be_is_said(library: Path) -> None:
    with pytest.raises(NotCopied, match="cannot be written: Not a directory"):
        copied(library, CopyPlan(library / "backups", DAY, 7, 4))


# Cut short


@contextlib.contextmanager
def locked(library: Path) -> Generator[None]:
    """Nobody else can read it, as no bot ever has it: whoever copies waits."""
    with contextlib.closing(sqlite3.connect(library, isolation_level=None)) as conn:
        conn.execute("PRAGMA locking_mode = EXCLUSIVE")
        conn.execute("BEGIN EXCLUSIVE")
        yield


@contextlib.contextmanager
def copying(library: Path, folder: Path) -> Generator[subprocess.Popen[bytes]]:
    """The process that copies, as the bot starts it."""
    arguments = [str(library), str(folder), NOW.isoformat(), "7", "4"]
    with subprocess.Popen(
        [sys.executable, "-m", "db.copying", *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def wait_for(*paths: Path) -> None:
    """Return once one of them is there."""
    while not any(path.exists() for path in paths):
        os.sched_yield()


def test_the_process_that_copies_does_not_outlive_the_bot(library: Path, plan: CopyPlan) -> None:
    with locked(library), copying(library, plan.folder) as child:
        wait_for(plan.folder)
        assert child.poll() is None
        assert child.stdin is not None
        child.stdin.close()
        assert child.wait(timeout=5) == 1


async def test_when_the_bot_stops_so_does_the_copying(library: Path, plan: CopyPlan) -> None:
    with locked(library):
        task = asyncio.create_task(make_copy(library, plan, NOW))
        await asyncio.to_thread(wait_for, plan.folder)
        task.cancel()
        async with asyncio.timeout(5):
            await asyncio.wait([task])
        assert task.cancelled()
    assert copies_in(plan.folder, library) == []
    assert (await make_copy(library, plan, NOW)).works == 2


def test_a_kill_leaves_at_most_a_partial_that_the_next_copy_clears(
    library: Path, plan: CopyPlan
) -> None:
    stock(library, [a_work(f"Watch {n}", texts=(f"{n} bells.",)) for n in range(100)])
    made = copy_path(library, plan.folder, NOW)
    partial = Path(f"{made}.partial")
    with copying(library, plan.folder) as child:
        wait_for(partial, made)
        child.kill()
        child.wait()
    assert made.exists() or partial.exists()
    assert not made.exists() or check(made).is_sound
    again = asyncio.run(make_copy(library, plan, NOW + DAY))
    assert again.works == 102
    assert not [name for name in files(plan) if "partial" in name]
