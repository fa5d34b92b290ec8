"""`add` of folders and zips: read by several processes, told in order, and gone past again."""

import contextlib
import os
import signal
import sqlite3
import zipfile
from pathlib import Path

import pytest

from db import known_files
from tests.db.command_line import run, start

MANY = 40


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Where a library may come to be."""
    return tmp_path / "library.sqlite3"


def story(number: int) -> str:
    """A short text that is like no other."""
    return (
        f"Harbour Log {number}\n\nby keeper {number}\n\n"
        f"On the {number}. evening the lamp was lit by hand number {number * 7919}.\n\n"
        f"Nobody asked the {number * 104729} gulls what they had seen from mast {number}.\n"
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Many stories, some in a zip."""
    folder = tmp_path / "fics"
    folder.mkdir()
    for number in range(MANY):
        (folder / f"{number:03}.txt").write_text(story(number))
    with zipfile.ZipFile(folder / "more.zip", "w") as archive:
        for number in range(MANY, MANY + 5):
            archive.writestr(f"log/{number}.txt", story(number))
        archive.writestr("log/broken.pdf", b"%PDF-1.7")
        archive.writestr("cover.png", b"")
    return folder


def titles(library: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(library)) as conn:
        return [row[0] for row in conn.execute("SELECT title FROM works ORDER BY work_id")]


def test_everything_is_told_in_order(library: Path, folder: Path) -> None:
    ran = run("add", folder, "--json", library=library)
    *items, last = ran.rows
    assert last == {"summary": {"added": MANY + 5, "updated": 0, "duplicate": 0, "refused": 1}}
    assert [row["title"] for row in items[:-1]] == [f"Harbour Log {n}" for n in range(MANY + 5)]
    assert items[MANY]["path"] == f"{folder / 'more.zip'}: log/{MANY}.txt"
    assert items[-1]["path"].endswith("more.zip: log/broken.pdf")
    assert "PDF" in items[-1]["reason"]
    assert titles(library) == [f"Harbour Log {n}" for n in range(MANY + 5)]


def test_what_stands_is_gone_past_without_reading(
    library: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("add", folder, library=library)
    before = titles(library)
    again = run("add", folder, "--json", library=library)
    assert again.rows[-1]["summary"]["duplicate"] == MANY + 5
    assert {row["work_id"] for row in again.rows[:MANY]} == set(range(1, MANY + 1))
    assert titles(library) == before
    # Better readers read it again, and find that it is the same.
    monkeypatch.setattr(known_files, "READERS", known_files.READERS + 1)
    assert (
        run("add", folder, "--json", library=library).rows[-1]["summary"]["duplicate"] == MANY + 5
    )


def test_a_file_whose_work_was_removed_is_told_so(library: Path, folder: Path) -> None:
    file = folder / "000.txt"
    run("add", file, library=library)
    with contextlib.closing(sqlite3.connect(library, isolation_level=None)) as conn:
        conn.execute("UPDATE works SET state = 'removed'")
    [row, _] = run("add", file, "--json", library=library).rows
    assert row["status"] == "refused"
    assert "removed this work" in row["reason"]


def test_killed_amid_a_folder_it_goes_on(library: Path, folder: Path, tmp_path: Path) -> None:
    with start("--library", library, "add", folder, folder=tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.read(1)  # the first batch is stored
        process.send_signal(signal.SIGKILL)
    assert run("add", folder, library=library).code == 3
    assert sorted(titles(library)) == sorted(f"Harbour Log {n}" for n in range(MANY + 5))


def test_a_zip_that_is_none_costs_only_itself(library: Path, folder: Path) -> None:
    (folder / "broken.zip").write_bytes(b"PK\x03\x04" + os.urandom(200))
    ran = run("add", folder / "broken.zip", folder / "000.txt", "--json", library=library)
    assert [row["status"] for row in ran.rows[:-1]] == ["refused", "added"]
    assert "damaged" in ran.rows[0]["reason"]


def test_paths_start_where_the_command_is_given(
    library: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The processes that read are somewhere else."""
    monkeypatch.chdir(folder.parent)
    for given in (Path(folder.name) / "000.txt", Path(folder.name) / "more.zip"):
        ran = run("add", given, "--json", library=library)
        assert ran.rows[-1]["summary"]["added"] >= 1, ran.out
