"""`add` as the owner types it: what becomes of each item, and what a stop leaves behind."""

import contextlib
import json
import os
import resource
import signal
import sqlite3
import subprocess
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import pytest

from db import bulk
from db.ingest import IngestWorker, LineOutcome, pool
from db.ingest.gazetteer import Row
from tests.db.builders import LANTERN
from tests.db.command_line import run, start, write_lines

STORY = (
    f"The Ferry at Low Water\n\nby quaylight\n\n{LANTERN}\n\n{LANTERN.replace('twelve', 'ten')}\n"
)
MANY = 2000


def lines(count: int) -> list[dict[str, object]]:
    return [
        {"title": f"Letter number {number}", "authors": [f"writer {number % 90}"], "words": 1200}
        for number in range(1, count + 1)
    ]


def statuses(rows: Sequence[dict[str, Any]]) -> list[str]:
    return [row["status"] for row in rows]


def titles(library: Path) -> set[str]:
    with contextlib.closing(sqlite3.connect(library)) as conn:
        return {row[0] for row in conn.execute("SELECT title FROM works")}


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Where a library may come to be."""
    return tmp_path / "library.sqlite3"


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder as owners have them: stories, a list, and what is none of it."""
    folder = tmp_path / "fics"
    (folder / "more" / ".git").mkdir(parents=True)
    (folder / "ferry.txt").write_text(STORY)
    (folder / "more" / "second.md").write_text(f"# Second Watch\n\n{LANTERN[::-1]}\n")
    write_lines(
        folder / "list.jsonl",
        [
            {"title": "Salt Road", "authors": ["tidemark"], "rating": "Mature"},
            "",
            {"title": "Mislaid", "auhtors": ["tidemark"]},
            {"title": "Unrated", "authors": ["tidemark"]},
        ],
    )
    for name in ("README.md", ".hidden.txt", "cover.png", "more/.git/config.txt"):
        (folder / name).write_text(LANTERN)
    return folder


def test_each_item_is_told_in_the_promised_form(library: Path, shelf: Path) -> None:
    ran = run("add", shelf, "--json", library=library)
    *items, last = ran.rows
    assert ran.code == 3
    assert last == {"summary": {"added": 4, "updated": 0, "duplicate": 0, "refused": 1}}
    assert [(row["path"], row["status"], row["title"]) for row in items] == [
        (f"{shelf}/ferry.txt", "added", "The Ferry at Low Water"),
        (f"{shelf}/list.jsonl:1", "added", "Salt Road"),
        (f"{shelf}/list.jsonl:3", "refused", None),
        (f"{shelf}/list.jsonl:4", "added", "Unrated"),
        (f"{shelf}/more/second.md", "added", "Second Watch"),
    ]
    assert all(list(row) == ["path", "status", "work_id", "title", "reason"] for row in items)
    assert "auhtors" in items[2]["reason"]
    assert items[2]["work_id"] is None
    assert len({row["work_id"] for row in items if row["status"] == "added"}) == 4


def test_what_was_passed_over_is_said(library: Path, shelf: Path) -> None:
    ran = run("add", shelf, "--json", library=library)
    assert f"{shelf}/README.md (a readme)" in ran.err
    assert f"{shelf}/.hidden.txt (hidden)" in ran.err
    assert f"{shelf}/more/.git (hidden)" in ran.err
    assert f"{shelf}/cover.png (not a format that is read)" in ran.err
    assert ran.err.count("\n") == 1


def test_the_same_again_is_told_as_duplicates(library: Path, shelf: Path) -> None:
    first = run("add", shelf, "--json", library=library)
    ran = run("add", shelf, "--json", library=library)
    assert ran.rows[-1]["summary"] == {"added": 0, "updated": 0, "duplicate": 4, "refused": 1}
    assert [row["work_id"] for row in ran.rows[:-1]] == [row["work_id"] for row in first.rows[:-1]]
    assert all(row["reason"] for row in ran.rows[:-1])


def test_without_a_rating_a_work_is_not_rated(library: Path, shelf: Path) -> None:
    run("add", shelf, library=library)
    (row,) = run("search", "unrated", "--json", library=library).rows
    assert row["results"][0]["rating"] == "Not Rated"
    (row,) = run("search", "salt road", "--json", library=library).rows
    assert row["results"][0]["rating"] == "Mature"


def test_works_go_to_the_server_named(library: Path, shelf: Path) -> None:
    run("add", shelf / "list.jsonl", "--guild", 5, library=library)
    for guild_id, count in ((5, 1), (6, 0), (0, 0)):
        (row,) = run("search", "salt", "--json", "--guild", guild_id, library=library).rows
        assert row["total"] == count


def test_people_read_a_line_for_each_item_and_a_sum(library: Path, shelf: Path) -> None:
    ran = run("add", shelf / "list.jsonl", library=library)
    first, second, third, last = ran.out.splitlines()
    assert first == "added     Salt Road"
    assert second.startswith(f"refused   {shelf}/list.jsonl:3: ")
    assert third == "added     Unrated"
    assert last == "2 added, 0 updated, 0 duplicate, 1 refused."


def test_a_path_that_cannot_be_read_costs_only_itself(library: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(300))
    (tmp_path / "ferry.txt").write_text(STORY)
    paths = [tmp_path / name for name in ("none.txt", "pipe.txt", "picture.txt", "ferry.txt")]
    ran = run("add", *paths, "--json", library=library)
    assert ran.code == 3
    assert statuses(ran.rows[:-1]) == ["refused", "refused", "refused", "added"]
    assert [row["path"] for row in ran.rows[:-1]] == [str(path) for path in paths]
    reasons = [row["reason"] for row in ran.rows[:3]]
    assert reasons[:2] == ["There is no such file.", "This is not a file."]
    assert "picture" in reasons[2]


def test_a_mark_at_the_start_and_no_newline_at_the_end(library: Path, tmp_path: Path) -> None:
    file = tmp_path / "list.jsonl"
    file.write_bytes(b'\xef\xbb\xbf{"title": "First"}\r\n\r\n{"title": "Last"}')
    ran = run("add", file, "--json", library=library)
    assert [(row["path"], row["title"]) for row in ran.rows[:-1]] == [
        (f"{file}:1", "First"),
        (f"{file}:3", "Last"),
    ]


def test_a_line_without_end_costs_only_itself(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "LINE_LIMIT_CHARS", 100)
    endless = json.dumps({"title": "Endless", "summary": "on and on " * 100})
    file = write_lines(tmp_path / "list.jsonl", [endless, {"title": "Short"}, endless])
    ran = run("add", file, "--json", library=library)
    assert statuses(ran.rows[:-1]) == ["refused", "added", "refused"]
    assert [row["path"] for row in ran.rows[:-1]] == [f"{file}:{number}" for number in (1, 2, 3)]


def test_a_line_that_kills_the_reader_costs_only_itself(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Mortal(IngestWorker):
        """The real reading process, which dies of a line as from too little memory."""

        async def read_lines(
            self, lines: bytes, first: int, rows: Sequence[Row]
        ) -> list[LineOutcome]:
            if b"deadly" in lines:
                child = await self._living_child()
                child.kill()
            return await super().read_lines(lines, first, rows)

    monkeypatch.setattr(pool, "IngestWorker", Mortal)
    works = [*lines(3), {"title": "deadly"}, *lines(5)[3:]]
    file = write_lines(tmp_path / "list.jsonl", works)
    ran = run("add", file, "--json", library=library)
    assert statuses(ran.rows[:-1]) == ["added"] * 3 + ["refused"] + ["added"] * 2
    assert [row["path"] for row in ran.rows[:-1]] == [f"{file}:{n}" for n in range(1, 7)]
    assert "could not be read" in ran.rows[3]["reason"]


def test_a_work_that_cannot_be_stored_costs_only_itself(library: Path, tmp_path: Path) -> None:
    # More than SQLite's integers hold; refused by the reader or by the tables.
    beyond = {"title": "Beyond", "series": [{"name": "Numbers", "part": 2**70}]}
    file = write_lines(tmp_path / "list.jsonl", [*lines(3), beyond, *lines(5)[3:]])
    ran = run("add", file, "--json", library=library)
    assert ran.code == 3
    assert statuses(ran.rows[:-1]) == ["added"] * 3 + ["refused"] + ["added"] * 2
    assert ran.rows[3]["reason"]
    assert len(titles(library)) == 5
    assert run("check", library=library).code == 0


def test_an_empty_folder_adds_nothing_and_is_no_fault(library: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ran = run("add", tmp_path / "empty", library=library)
    assert (ran.code, ran.out) == (0, "0 added, 0 updated, 0 duplicate, 0 refused.\n")


def told(out: bytes) -> tuple[list[dict[str, Any]], dict[str, int] | None]:
    """The items and the summary that a program has written, whatever it came to."""
    rows = [json.loads(line) for line in out.splitlines()]
    summary = rows.pop()["summary"] if rows and "summary" in rows[-1] else None
    return rows, summary


def first_line(program: subprocess.Popen[bytes]) -> bytes:
    assert program.stdout is not None
    got = b""
    while not got.endswith(b"\n"):
        got += program.stdout.read(1)
    return got


@pytest.mark.parametrize(
    ("told_to_stop", "unbuffered"), [(signal.SIGINT, ""), (signal.SIGTERM, "1")]
)
def test_stopped_it_tells_what_is_stored_and_resumes(
    library: Path, tmp_path: Path, told_to_stop: signal.Signals, unbuffered: str
) -> None:
    file = write_lines(tmp_path / "list.jsonl", lines(MANY))
    command = ("add", "--json", "--library", library, file)
    with start(*command, folder=tmp_path, PYTHONUNBUFFERED=unbuffered) as program:
        begun = first_line(program)
        program.send_signal(told_to_stop)
        rest, err = program.communicate()
    rows, summary = told(begun + rest)
    assert program.returncode == 130
    assert summary is not None
    assert summary["added"] == len(rows) == len(titles(library))
    assert {row["title"] for row in rows} == titles(library)
    assert len(rows) < MANY
    assert err.decode().splitlines() == [
        "Stopped. What is told here is stored; the same command goes on."
    ]
    again = run("add", file, "--json", library=library)
    assert again.code == 0
    assert again.rows[-1]["summary"]["duplicate"] == len(rows)
    assert again.rows[-1]["summary"]["added"] == MANY - len(rows)
    assert len(titles(library)) == MANY


def test_a_reader_that_leaves_does_not_leave_works_out(library: Path, tmp_path: Path) -> None:
    file = write_lines(tmp_path / "list.jsonl", lines(MANY))
    with start("add", "--json", "--library", library, file, folder=tmp_path) as program:
        first_line(program)
        assert program.stdout is not None
        program.stdout.close()
        assert program.stderr is not None
        err = program.stderr.read()
    assert (program.returncode, err) == (0, b"")
    assert len(titles(library)) == MANY


@pytest.mark.fault(3)
def test_a_full_disk_is_said_and_what_was_told_is_stored(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("add", write_lines(tmp_path / "one.jsonl", lines(1)), library=library)
    monkeypatch.setattr(bulk, "BATCH_WORKS", 50)
    size = library.stat().st_size
    file = write_lines(tmp_path / "list.jsonl", lines(MANY))
    with limited_file_size(size * 2):
        ran = run("add", file, "--json", library=library)
    rows, summary = told(ran.out.encode())
    assert ran.code == 78
    assert "disk is full" in ran.err
    assert summary is not None
    assert {row["title"] for row in rows} == titles(library)
    assert 50 <= summary["added"] < MANY
    assert run("add", file, library=library).code == 0
    assert len(titles(library)) == MANY


@contextlib.contextmanager
def limited_file_size(size: int) -> Generator[None]:
    """No file of this process may grow beyond a size, as on a disk that is nearly full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # have the write fail instead
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
