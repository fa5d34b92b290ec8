"""A disk that is full or read-only: said clearly, read on, and got over without a restart."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from db import soundness
from db.connection import open_store
from db.errors import StorageFull
from db.library import Library
from db.models import NewWork, SearchRequest, Viewer
from tests.db.builders import a_work
from tests.db.command_line import PROGRAM, run
from tests.disks import MIB, Disk, small_disk

pytestmark = pytest.mark.fault(3)
HERE, MOD = 100, 7
ALL = Viewer(adult_ok=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with small_disk(tmp_path / "disk", 8 * MIB) as disk:
        yield disk


def tale(number: int, words: int = 400) -> NewWork:
    text = " ".join(f"word{number * 7919 + at * 31} of" for at in range(words))
    return a_work(f"Tale number {number}", authors=(f"writer {number}",), texts=(text,))


async def titles(library: Library) -> set[str]:
    return {new.info.title or "" async for new in library.export(HERE)}


async def add_until_full(library: Library, start: int) -> set[str]:
    """The titles that were acknowledged before the disk was full."""
    acknowledged: set[str] = set()
    for number in range(start, start + 1000):
        try:
            (outcome,) = await library.add(HERE, [tale(number)], by=MOD)
        except StorageFull:
            return acknowledged
        acknowledged.add(outcome.title)
    raise AssertionError("the disk was never full")


async def reading_goes_on(library: Library) -> None:
    answer = await library.search(HERE, SearchRequest("tale nunber 1"), ALL)
    assert answer.hits[0].work.info.title == "Tale number 1"
    quoted = await library.quote(HERE, "word7919 of word7950 of", ALL)
    assert quoted.hits[0].work.info.title == "Tale number 1"
    assert await library.complete(HERE, "work", "tale", ALL)
    assert (await library.passage(HERE, answer.hits[0].work.work_id, ALL)).excerpt.text


async def test_a_log_that_cannot_grow(disk: Disk) -> None:
    path = disk.folder / "library.sqlite3"
    async with Library.open(path) as library:
        await library.add(HERE, [tale(1)], by=MOD)
        disk.fill(leave=MIB)
        acknowledged = {"Tale number 1", *await add_until_full(library, 2)}
        for _ in range(3):
            with pytest.raises(StorageFull, match="disk is full or read-only"):
                await library.add(HERE, [tale(5000, 4000)], by=MOD)
            await reading_goes_on(library)
        assert await titles(library) == acknowledged
        disk.free()
        await library.add(HERE, [tale(9000, 4000)], by=MOD)
        acknowledged.add("Tale number 9000")
        assert await titles(library) == acknowledged
    assert soundness.check(path).is_sound


async def test_a_checkpoint_that_has_no_room(disk: Disk) -> None:
    """What is acknowledged stands in the log, and gets into the file once there is room."""
    path = disk.folder / "library.sqlite3"

    def checkpoint(conn: sqlite3.Connection) -> tuple[int, int, int]:
        return conn.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()

    async with open_store(path) as store:

        def grow(conn: sqlite3.Connection, key: str, size: int) -> None:
            conn.execute("INSERT INTO meta VALUES (?, ?)", (key, "x" * size))

        await store.write(grow, "one", 2 * MIB)
        disk.fill(leave=MIB)
        with pytest.raises(sqlite3.OperationalError, match="full"):
            await store._writer.run(checkpoint)
        length = "SELECT length(value) FROM meta WHERE key = 'one'"
        assert await store.read(lambda conn: conn.execute(length).fetchone()) == (2 * MIB,)
        disk.free()
        await store.write(grow, "two", 100)
        busy, frames, done = await store._writer.run(checkpoint)
        assert (busy, frames) == (0, done)
    assert soundness.check(path).is_sound


def test_it_can_be_closed_while_the_disk_is_full(disk: Disk) -> None:
    path = disk.folder / "library.sqlite3"

    async def fill() -> None:
        async with Library.open(path) as library:
            await library.add(HERE, [tale(number) for number in range(1, 9)], by=MOD)
            disk.fill()

    async def look() -> int:
        async with Library.open(path) as library:
            return len(await titles(library))

    asyncio.run(fill())
    searched = run("search", "tale", "--json", "--guild", HERE, library=path)
    assert searched.code in (0, 78)  # 78: not even what readers share has room
    assert searched.err.count("\n") == (searched.code != 0)
    disk.free()
    assert asyncio.run(look()) == 8


async def test_a_sort_that_has_no_room_is_said_and_got_over(tmp_path: Path, disk: Disk) -> None:
    large = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) "
    sort = f"{large} SELECT hex(randomblob(400)) AS it FROM n ORDER BY it"

    def sorted_on_disk(conn: sqlite3.Connection) -> int:
        conn.execute("PRAGMA cache_size = 10")
        return len(conn.execute(sort).fetchall())

    def temporary(conn: sqlite3.Connection, folder: str) -> None:
        conn.execute(f"PRAGMA temp_store_directory = '{folder}'")

    async with open_store(tmp_path / "library.sqlite3") as store:
        try:
            await store._reader.run(temporary, str(disk.folder))
            disk.fill()
            with pytest.raises(StorageFull, match="could not be looked up"):
                await store.read(sorted_on_disk)
            assert await store.read(lambda conn: conn.execute("SELECT 1").fetchone()) == (1,)
            disk.free()
            assert await store.read(sorted_on_disk) == 3000
        finally:
            await store._reader.run(temporary, "")


def test_the_owner_is_told_in_one_line_where_nothing_can_be_written(disk: Disk) -> None:
    path = disk.folder / "library.sqlite3"
    list_ = disk.folder / "list.jsonl"
    list_.write_text('{"title": "Salt Road"}\n')
    assert run("add", list_, library=path).code == 0
    before = path.read_bytes()
    with disk.read_only():
        started = subprocess.run(
            [sys.executable, PROGRAM, "--library", path, "run"],
            env={"PATH": os.environ["PATH"], "DISCORD_TOKEN": "x"},
            cwd=disk.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        added = run("add", list_, library=path)
        assert (started.returncode, added.code) == (78, 78)
        for said in (started.stderr, added.err):
            assert said.count("\n") == 1, said
            assert "cannot be" in said
        assert soundness.check(path).is_sound
    assert path.read_bytes() == before
    assert run("search", "salt", library=path).code == 0


def test_an_import_that_fills_the_disk_stops_in_one_line_and_resumes(disk: Disk) -> None:
    path = disk.folder / "library.sqlite3"
    works = [f'{{"title": "Letter number {n}", "authors": ["w {n}"]}}\n' for n in range(1, 1201)]
    list_ = disk.folder.parent / "list.jsonl"
    list_.write_text("".join(works))
    run("add", disk.folder, library=path)
    disk.fill(leave=MIB)
    ran = run("add", list_, "--json", library=path)
    told = [row["title"] for row in ran.rows if "title" in row]
    assert ran.code == 78
    assert ran.err.count("\n") == 1
    assert "disk is full" in ran.err
    disk.free()
    again = run("add", list_, "--json", library=path)
    assert again.code == 0, again.err
    assert again.rows[-1]["summary"] == {
        "added": 1200 - len(told), "updated": 0, "duplicate": len(told), "refused": 0,
    }  # fmt: skip
