"""Files that are no library, or none any more: refused in one line and left as they were."""

import contextlib
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from db import connection
from db.connection import APPLICATION_ID, check_header, latest_version, prepare_file
from db.errors import LibraryDamaged, LibraryUnusable
from db.library import Library
from db.models import SearchRequest, Viewer
from db.wal import read_log
from tests.db.builders import a_work
from tests.db.command_line import PROGRAM, run
from tests.db.damage import Sample, attempts, contents, samples
from tests.db.upgrades import Upgrades, killed, statements_from

pytestmark = pytest.mark.fault(4)
PAGE = 4096


@pytest.fixture(scope="module")
def closed_and_killed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Sample, Sample]:
    closed, killed = samples(tmp_path_factory.mktemp("samples"))
    return closed, killed


def refused(path: Path, says: str) -> None:
    """It is, and left as it was."""
    before = contents(path)
    files = sorted(path.parent.iterdir())
    with pytest.raises(LibraryUnusable, match=says):
        prepare_file(path)
    assert contents(path) == before
    assert sorted(path.parent.iterdir()) == files


def test_damaged_files_are_refused_as_they_are_or_of_use(tmp_path: Path) -> None:
    found = list(attempts(tmp_path, 20, seed=1))
    assert [f"{what}: {fault}" for what, _, fault in found if fault] == []
    assert {of_use for _, of_use, _ in found} == {True, False}


@pytest.mark.parametrize("pragma", ["user_version = 999", "application_id = 7"])
def test_what_only_the_log_says_counts(tmp_path: Path, pragma: str) -> None:
    """A newer version that was killed leaves its schema there."""
    path = tmp_path / "library.sqlite3"
    prepare_file(path)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute(f"PRAGMA {pragma}")
        files = contents(path)
    for ending, data in files.items():
        Path(f"{path}{ending}").write_bytes(data)
    assert int.from_bytes(files[""][60:64], "big") == latest_version()
    assert int.from_bytes(files[""][68:72], "big") == APPLICATION_ID
    refused(path, "newer Ficshelf" if "user_version" in pragma else "another program")


def test_a_file_cut_anywhere_is_refused(
    tmp_path: Path, closed_and_killed: tuple[Sample, Sample]
) -> None:
    path = tmp_path / "library.sqlite3"
    data = closed_and_killed[0].files[""]
    for length in (1, 16, 99, 100, 512, PAGE - 1, PAGE, PAGE + 1, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:length])
        refused(path, "not a Ficshelf library" if length < 100 else "cut short")


def test_what_was_cut_off_may_be_in_the_log(
    tmp_path: Path, closed_and_killed: tuple[Sample, Sample]
) -> None:
    path = tmp_path / "library.sqlite3"
    files = closed_and_killed[1].files
    log = Path(f"{path}-wal")
    log.write_bytes(files["-wal"])
    written = read_log(log, thorough=True)
    assert written == read_log(log, thorough=False)
    last = written.page_count
    while last in written.pages:
        last -= 1
    for pages in range(last - 3, last):
        path.write_bytes(files[""][: pages * PAGE])
        refused(path, "cut short")
    path.write_bytes(files[""][: last * PAGE])
    prepare_file(path)
    assert run("check", library=path).code == 0


def test_a_log_that_the_power_tore_is_no_damage(tmp_path: Path) -> None:
    """Its last frame may say that the file is longer than what came of it."""
    path = tmp_path / "library.sqlite3"
    prepare_file(path)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("INSERT INTO meta VALUES ('long', ?)", ("x" * 20 * PAGE,))
        files = contents(path)
    frame = 24 + PAGE
    log = bytearray(files["-wal"])
    for number in range(5):  # that never reached the disk
        at = 32 + number * frame + 24
        log[at : at + PAGE] = bytes(PAGE)
    path.write_bytes(files[""])
    Path(f"{path}-wal").write_bytes(log)
    check_header(path)
    prepare_file(path)
    with contextlib.closing(sqlite3.connect(path)) as conn:
        assert conn.execute("SELECT 1 FROM meta WHERE key = 'long'").fetchone() is None


def test_the_program_says_it_in_one_line(
    tmp_path: Path, closed_and_killed: tuple[Sample, Sample]
) -> None:
    path = tmp_path / "library.sqlite3"
    closed_and_killed[1].write(path)
    data = bytearray(path.read_bytes())
    data[100:PAGE] = b"\xf1" * (PAGE - 100)  # the schema; SQLite cannot even quote it
    path.write_bytes(data)
    log = Path(f"{path}-wal")
    log.write_bytes(log.read_bytes()[:32])  # else the log has that page
    before = contents(path)
    ran = subprocess.run(
        [sys.executable, PROGRAM, "--library", path, "run"],
        env={"PATH": os.environ["PATH"], "DISCORD_TOKEN": "x"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (78, "")
    assert ran.stderr.count("\n") == 1
    assert "is damaged" in ran.stderr
    searched = run("search", "x", library=path)
    assert (searched.code, searched.err) == (78, ran.stderr)
    assert contents(path) == before


async def test_damage_that_is_met_in_use_is_told_and_leaves_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite3"
    async with Library.open(path) as library:
        outcomes = await library.add(
            5,
            [a_work(f"Tale {n}", authors=(f"a{n}",), texts=(f"story {n} " * 900,)) for n in (1, 2)],
            by=None,
        )
    spoil(path, "chapters")
    async with Library.open(path) as library:
        shown = await library.search(5, SearchRequest("tale"), Viewer(adult_ok=True))
        assert len(shown.hits) == 2
        with pytest.raises(LibraryDamaged, match="run check"):
            await library.passage(5, outcomes[0].work_id or 0, Viewer(adult_ok=True))
        await library.set_meta("a key", "a value")
        assert await library.meta("a key") == "a value"


def spoil(path: Path, table: str) -> None:
    """Scribble over the pages of a table."""
    with contextlib.closing(sqlite3.connect(path)) as conn:
        (root,) = conn.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)
        ).fetchone()
    with path.open("r+b") as file:
        file.seek((root - 1) * PAGE)
        file.write(b"\xa5" * PAGE)


def test_values_that_no_library_has_are_damage(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite3"
    prepare_file(path)
    run("add", write_one(tmp_path), library=path)
    for statement in (
        "UPDATE works SET rating = 'Xature'",
        "UPDATE works SET added_at = 'some day'",
        "UPDATE works SET rating = CAST(x'f1f2' AS TEXT)",
    ):
        with contextlib.closing(sqlite3.connect(path)) as conn:
            conn.execute("PRAGMA ignore_check_constraints = ON")
            before = conn.execute("SELECT rating, added_at FROM works").fetchone()
            conn.execute(statement)
            conn.commit()
        ran = run("search", "kept", library=path)
        assert (ran.code, ran.err) == (78, f"{LibraryDamaged()}\n")
        with contextlib.closing(sqlite3.connect(path)) as conn:
            conn.execute("UPDATE works SET rating = ?, added_at = ?", before)
            conn.commit()


def test_values_that_come_to_anything_are_told_in_one_line(tmp_path: Path) -> None:
    """A flipped bit makes a text a blob, as no statement could."""
    path = tmp_path / "library.sqlite3"
    prepare_file(path)
    run("add", write_one(tmp_path), library=path)
    for statement in (
        "UPDATE sqlite_schema SET sql = replace(sql, ') STRICT', ')') WHERE name = 'search_docs'",
        "UPDATE search_docs SET title = CAST(title AS BLOB)",
        "UPDATE sqlite_schema SET sql = sql || ' STRICT' WHERE name = 'search_docs'",
    ):
        with contextlib.closing(sqlite3.connect(path)) as conn:
            conn.execute("PRAGMA writable_schema = ON")
            conn.execute(statement)
            conn.commit()
    ran = run("search", "kept it", library=path)
    assert (ran.code, ran.err) == (78, f"{LibraryDamaged()}\n")
    assert run("check", library=path).code == 78


def write_one(folder: Path) -> Path:
    file = folder / "one.jsonl"
    file.write_text('{"title": "The Kept", "chapters": [{"title": null, "text": "It was."}]}\n')
    return file


def test_a_kill_at_any_statement_of_an_upgrade_leaves_an_old_or_a_new_schema(
    tmp_path: Path,
) -> None:
    """Also of the part in Python, which fills what a migration emptied."""
    with Upgrades.at(tmp_path / "library.sqlite3") as upgrades:
        statements = statements_from(upgrades, 1)
        moments = sorted({*range(1, statements, statements // 6), statements - 1, statements})
        assert [fault for fault in killed(upgrades, 1, moments) if fault] == []


def test_nothing_of_a_refused_library_is_made_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite3"
    prepare_file(path)
    data = bytearray(path.read_bytes())
    data[100:PAGE] = bytes(PAGE - 100)
    path.write_bytes(data)
    refused(path, "damaged")
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    assert connection.MIGRATIONS.is_dir()
