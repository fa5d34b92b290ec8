"""`check`: what is wrong on this machine is found, with its mend, and nothing is changed."""

import contextlib
import os
import sqlite3
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from db import doctor
from db.connection import APPLICATION_ID, latest_version, migrate
from db.copies import CopyPlan, copy_path
from db.daily.models import DailySchedule
from db.duties import Duties
from db.soundness import check
from tests.db.builders import a_work
from tests.db.command_line import no_traceback, run, stock

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
DAY = timedelta(days=1)
KEPT = Duties((), {}, {}, newest=NOW - DAY, since=NOW - 90 * DAY, last_copy=None)


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A library of two works, one of which nobody may quote."""
    path = tmp_path / "library.sqlite3"
    stock(path, [a_work("The First Watch"), a_work("Keepsake", texts=())])
    return path


def changed(library: Path, statement: str) -> None:
    with contextlib.closing(sqlite3.connect(library, isolation_level=None)) as conn:
        conn.execute(statement)


def told(findings: object) -> list[tuple[bool | None, str]]:
    return [(one.ok, one.finding) for one in findings]  # type: ignore[attr-defined]


# The library


def test_all_is_well(library: Path) -> None:
    ran = run("check", "--json", library=library)
    assert (ran.code, ran.err) == (0, "")
    *findings, summary = ran.rows
    assert summary == {
        "library": str(library),
        "sound": True,
        "findings": [
            f"The file is whole; its schema is {latest_version()}, the newest.",
            "Published works: 2. Each can be found.",
        ],
        "schema": latest_version(),
        "works": 2,
        "indexed": 2,
        "to_mend": 0,
    }
    assert all(set(one) == {"about", "ok", "finding", "mend"} for one in findings)
    assert {one["about"] for one in findings} == {
        "program", "time zones", "library", "disk", "clock", "backups", "reading"
    }  # fmt: skip
    assert [one["about"] for one in findings if one["ok"] is None] == ["backups"]
    lines = run("check", library=library).out.splitlines()
    assert len(lines) == len(findings) + 1
    assert lines[-1] == "All is well."


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("DELETE FROM search_docs", "Published works that cannot be found: 2."),
        ("UPDATE works SET state = 'removed'", "Entries of the index without a published work: 2."),
        ("UPDATE works SET guild_id = 99", "Rows that refer to others that are not there: 2."),
        (
            "INSERT INTO search_titles (search_titles) VALUES ('delete-all')",
            "Titles that the index does not have: 2 of 2 tried.",
        ),
        ("DELETE FROM search_body_rows", "Chapters in which /fic quote finds nothing: 1."),
        (
            "INSERT INTO search_body_rows VALUES (9, 9)",
            "Entries of the stories’ index without a chapter: 1.",
        ),
        (
            "INSERT INTO search_bodies (search_bodies) VALUES ('delete-all')",
            "Chapters whose words the index does not have: 1 of 1 tried.",
        ),
    ],
)
def test_what_does_not_agree_is_said(library: Path, statement: str, finding: str) -> None:
    changed(library, statement)
    report = check(library)
    assert finding in report.flaws
    assert not report.damages


def test_an_index_that_the_next_start_makes_anew_is_not_missed(library: Path) -> None:
    changed(library, "DELETE FROM search_body_rows")
    changed(library, "INSERT INTO meta VALUES ('stale: bodies', '')")
    assert check(library).is_sound


def test_a_library_that_does_not_agree_is_78_with_its_mend(library: Path) -> None:
    changed(library, "DELETE FROM search_docs")
    ran = run("check", "--json", library=library)
    assert ran.code == 78
    assert ran.err == (
        "Published works that cannot be found: 2. "
        "Restore a backup from before, and report this fault.\n"
    )
    bad = [one for one in ran.rows if one.get("ok") is False]
    assert [(one["about"], one["finding"]) for one in bad] == [
        ("library", "Published works that cannot be found: 2.")
    ]
    assert (ran.rows[-1]["sound"], ran.rows[-1]["to_mend"]) == (False, 1)


@pytest.mark.fault(4)
def test_a_damaged_library_is_said_to_be_and_left_as_it_is(library: Path) -> None:
    data = library.read_bytes()
    page = int.from_bytes(data[16:18], "big")
    for start in (page, len(data) // 2):
        damaged = data[:start] + b"\xa5" * (len(data) - start)
        library.write_bytes(damaged)
        assert any("damaged" in one for one in check(library).damages)
        assert library.read_bytes() == damaged
    ran = run("check", "--json", library=library)
    assert (ran.code, ran.rows[-1]["sound"]) == (78, False)
    assert any("damaged" in finding for finding in ran.rows[-1]["findings"])
    assert no_traceback(ran.err)
    assert library.read_bytes() == damaged


@pytest.mark.fault(4)
@pytest.mark.parametrize("what", ["other", "newer", "empty", "junk", "none"])
def test_what_is_no_library_of_ours_is_grave_and_left_alone(tmp_path: Path, what: str) -> None:
    file = tmp_path / "file.sqlite3"
    if what in ("other", "newer"):
        with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as conn:
            migrate(conn)
            conn.execute(f"PRAGMA application_id = {APPLICATION_ID + (what == 'other')}")
            conn.execute(f"PRAGMA user_version = {latest_version() + (what == 'newer')}")
    elif what != "none":
        file.write_bytes(b"" if what == "empty" else b"a letter" * 50)
    before = file.read_bytes() if file.exists() else None
    state = doctor.examine_library(file)
    assert (state.report, state.duties) == (None, None)
    (bad,) = state.findings
    assert bad.grave
    assert bad.ok is False
    assert bad.mend
    assert (file.read_bytes() if file.exists() else None) == before


def test_an_older_library_is_looked_at_as_it_is(tmp_path: Path) -> None:
    old = tmp_path / "old.sqlite3"
    with contextlib.closing(sqlite3.connect(old, isolation_level=None)) as conn:
        migrate(conn, up_to=1)
    before = old.read_bytes()
    state = doctor.examine_library(old)
    assert f"brought to {latest_version()} at the next start" in state.findings[0].finding
    assert not [one for one in state.findings if one.ok is False]
    assert state.duties is not None
    assert state.duties.schedules == ()
    assert old.read_bytes() == before


def test_what_was_left_beside_it_is_named(library: Path) -> None:
    for ending in (".new", ".partial", ".before-restore", ".before-restore-2"):
        library.with_name(library.name + ending).write_bytes(b"")
    found = told(doctor.examine_library(library).findings)
    assert [said for ok, said in found if ok is False] == [
        f"{library}{ending} was left by a program that was cut short."
        for ending in (".new", ".partial")
    ]
    kept = f"Kept from restoring: {library.name}.before-restore, {library.name}.before-restore-2."
    assert (None, kept) in found


# The clock and the zones


@pytest.mark.parametrize(
    ("now", "says"),
    [
        (NOW, "which can be"),
        (datetime(2000, 1, 1, tzinfo=UTC), "before this program was written"),
        (NOW - 2 * DAY, "but the library was changed at 2026-11-27 12:00"),
    ],
)
def test_a_clock_that_cannot_be_right_is_said(now: datetime, says: str) -> None:
    (found,) = doctor.examine_clock(now, KEPT)
    assert says in found.finding
    assert found.ok is (now == NOW)


def test_a_schedule_whose_zone_is_no_more_is_said() -> None:
    schedules = tuple(
        DailySchedule(
            schedule_id=1, guild_id=1, channel_id=1, local_time=time(9), time_zone=time_zone
        )
        for time_zone in ("Europe/Paris", "Mars/Olympus", "Europe/Paris")
    )
    duties = Duties(schedules, {}, {}, None, None, None)
    assert told(doctor.examine_zones(duties)) == [
        (False, "A daily schedule’s zone is not known: Mars/Olympus.")
    ]


# The copies


@pytest.fixture
def plan(tmp_path: Path) -> CopyPlan:
    folder = tmp_path / "backups"
    folder.mkdir()
    return CopyPlan(folder, DAY, 7, 4)


def a_copy(library: Path, plan: CopyPlan, at: datetime) -> Path:
    path = copy_path(library, plan.folder, at)
    path.write_bytes(library.read_bytes())
    return path


def findings(plan: CopyPlan | None, library: Path, duties: Duties = KEPT) -> list[object]:
    return told(doctor.examine_copies(plan, library, duties, NOW))  # type: ignore[return-value]


def test_copies_of_today_are_well(library: Path, plan: CopyPlan) -> None:
    for days in (0, 1, 30, -9):  # that from the future was dated by a wrong clock
        a_copy(library, plan, NOW - days * DAY)
    assert findings(plan, library) == [
        (True, "The newest copy is from 2026-11-28 12:00 UTC; 3 are kept."),
        (True, "library-2026-11-28T1200Z.sqlite3 is a whole library by its size and header."),
    ]


def test_an_old_copy_is_to_mend(library: Path, plan: CopyPlan) -> None:
    a_copy(library, plan, NOW - 3 * DAY)
    assert findings(plan, library)[0] == (
        False, "The newest copy is from 2026-11-25 12:00 UTC; 1 are kept."
    )  # fmt: skip


def test_a_copy_that_was_cut_is_to_mend(library: Path, plan: CopyPlan) -> None:
    os.truncate(a_copy(library, plan, NOW), 5000)
    ok, said = findings(plan, library)[1]  # type: ignore[misc]
    assert not ok
    assert "is cut short" in said


def test_a_new_bot_need_not_have_copied_yet_but_an_old_one(library: Path, plan: CopyPlan) -> None:
    new = Duties((), {}, {}, NOW, since=NOW - DAY / 2, last_copy=None)
    assert findings(plan, library, new) == [(None, "The bot has not made a copy yet.")]
    assert findings(plan, library) == [(False, "The bot has not made a copy yet.")]
    moved = Duties((), {}, {}, NOW, since=NOW - 90 * DAY, last_copy=NOW - DAY)
    ((ok, said),) = findings(plan, library, moved)  # type: ignore[misc]
    assert ok is None
    assert "is not in" in said


def test_what_is_no_folder_and_what_was_cut_short_is_said(library: Path, plan: CopyPlan) -> None:
    partial = Path(f"{copy_path(library, plan.folder, NOW)}.partial")
    partial.write_bytes(b"half")
    os.utime(partial, (0, 0))
    assert "was left by a copy that was cut short" in str(findings(plan, library))
    no_folder = CopyPlan(library, DAY, 7, 4)
    assert findings(no_folder, library) == [(False, f"{library} cannot be read: Not a directory.")]
    assert findings(None, library) == [(None, "The bot makes no copies of the library by itself.")]


def test_there_must_be_room_for_the_next_copy(library: Path, plan: CopyPlan) -> None:
    a_copy(library, plan, NOW)
    os.truncate(library, 2**43)  # a file with a hole takes no room
    assert [ok for ok, _ in findings(plan, library)] == [True, True, False]  # type: ignore[misc]
