"""Fault 19: what was erased is not to be found in the file's bytes, while the library is open."""

import asyncio
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from db import connection, scrubbing
from db.connection import open_store
from db.library import Library
from db.models import AddStatus, SearchRequest, Viewer, WorkChanges
from sandbox import SandboxClock
from tests.db.builders import a_work
from tests.db.erasure import GONE, HERE, MOD, STAYS, THERE, Crowd, Shelf, search_bytes

pytestmark = pytest.mark.fault(19)


async def test_nothing_is_left_of_a_member(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite3"
    async with Library.open(path) as library:
        crowd = Crowd(library, random.Random(19))
        await crowd.come(works=120, others=12)
        assert len(search_bytes(path, crowd.needles())) > 100  # what is searched for is found
        erased = await library.members.erase_member(GONE, HERE)
        assert erased["recommendations"] == 118
        await library.finish_scrubbing()
        assert search_bytes(path, crowd.needles()) == {}
    assert search_bytes(path, crowd.needles()) == {}


async def test_nothing_is_left_of_a_work(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite3"
    async with Library.open(path) as library:
        shelf = Shelf(library, random.Random(19))
        work_id = await shelf.fill(others=60)
        seen = {what.partition(" in ")[0] for what in search_bytes(path, shelf.needles())}
        assert len(shelf.needles().keys() - seen) <= 2  # what an edit replaced may be gone
        await library.take_down(HERE, work_id, by=None, why="")
        await library.finish_scrubbing()
        assert search_bytes(path, shelf.needles()) == {}
        # It is refused all the same, and the others are there.
        link = a_work("Another", source_url="https://example.org/works/12", texts=())
        [refused] = await library.add(HERE, [link], by=MOD)
        assert refused.status is AddStatus.REFUSED
        assert len([work async for work in library.export(HERE)]) == 120
    assert search_bytes(path, shelf.needles()) == {}


async def test_an_older_librarys_tombstones_are_hashed_and_go_on_refusing(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        connection.migrate(conn, up_to=_number_of("tombstones") - 1)
        conn.execute("INSERT INTO guilds (guild_id, shard_no, joined_at) VALUES (5, 1, '')")
        for kind, value in (
            ("source", "example.org/works/12"),
            ("title", "the quillwort|hesperine"),
            ("author", "mossgrown"),
        ):
            conn.execute(
                "INSERT INTO tombstones VALUES (5, ?, ?, 'hesperine asked', '')", (kind, value)
            )
    words = {word: word.encode() for word in ("example.org", "quillwort", "hesperine", "mossgrown")}
    assert len(search_bytes(path, words)) == 4
    async with Library.open(path) as library:
        for new in (
            a_work("One", source_url="http://www.example.org/works/12", texts=()),
            a_work("The Quillwort", authors=("Hesperine",), texts=()),
            a_work("Two", authors=("Mossgrown",), texts=()),
        ):
            [outcome] = await library.add(5, [new], by=None)
            assert outcome.status is AddStatus.REFUSED
        await library.finish_scrubbing()
        assert search_bytes(path, words) == {}
        [other] = await library.add(5, [a_work("The Quillwort", authors=("Ivy",))], by=None)
        assert other.status is AddStatus.ADDED


def _number_of(migration: str) -> int:
    names = sorted(file.name for file in connection.MIGRATIONS.glob("*.sql"))
    return 1 + next(at for at, name in enumerate(names) if migration in name)


async def test_names_that_others_need_stay(tmp_path: Path) -> None:
    async with Library.open(tmp_path / "library.sqlite3") as library:
        await library.welcome_guild(HERE, "A server")
        new = [
            a_work("Ebb", authors=("Vixen", "Fox"), characters=("Marit",), tags=("Fog",), texts=()),
            a_work("Flow", authors=("Vixen",), characters=("Marit",), texts=()),
        ]
        ebb, _ = await library.add(HERE, new, by=MOD)
        assert ebb.work_id
        await library.take_down(HERE, ebb.work_id, by=MOD, why="")

        def names(conn: sqlite3.Connection) -> list[str]:
            every = "SELECT name FROM authors UNION SELECT name FROM tags ORDER BY name"
            return [name for (name,) in conn.execute(every)]

        assert await library._store.read(names) == ["Marit", "Original Work", "Vixen"]
        for query, found in (("author:vixen", 1), ("author:fox", 0), ("tag:fog", 0)):
            answer = await library.search(HERE, SearchRequest(query), Viewer())
            assert answer.total == found, query


async def test_a_title_leaves_the_log_and_what_lists_remember(tmp_path: Path) -> None:
    async with Library.open(tmp_path / "library.sqlite3") as library:
        await library.welcome_guild(HERE, "A server")
        await library.welcome_guild(THERE, "Another")
        ebb, flow = await library.add(HERE, [a_work("Ebbing", texts=()), a_work("Flow")], by=MOD)
        await library.edit(HERE, ebb.work_id or 0, WorkChanges(title="Ebbtide"), by=MOD)
        await library.edit(HERE, flow.work_id or 0, WorkChanges(title="Flood"), by=MOD)
        kept = [
            await library.remember(guild_id, STAYS, f'{{"query": "{query}"}}')
            for guild_id, query in ((HERE, "flood"), (HERE, "the EBBTIDE"), (THERE, "ebbtide"))
        ]
        await library.take_down(HERE, ebb.work_id or 0, by=MOD, why="Its author asked.")
        entries = [(one.action, one.title, one.detail) for one in await library.log(HERE)]
        assert entries[:3] == [
            ("take-down", None, "Its author asked."),
            ("edit", "Flood", "title"),
            ("edit", None, "title"),
        ]

        def tokens(conn: sqlite3.Connection) -> list[int]:
            return [token for (token,) in conn.execute("SELECT token FROM remembered")]

        assert await library._store.read(tokens) == [kept[0], kept[2]]


async def test_what_was_begun_goes_on_after_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "library.sqlite3"
    with monkeypatch.context() as before:
        before.setattr(scrubbing.Scrubber, "start", lambda _: None)  # as if it was killed at once
        async with Library.open(path) as library:
            shelf = Shelf(library, random.Random(3))
            work_id = await shelf.fill(others=10)
            await library.take_down(HERE, work_id, by=None, why="")
    assert search_bytes(path, shelf.needles())
    async with Library.open(path) as library:
        library.start_scrubbing()
        await library.finish_scrubbing()
        assert search_bytes(path, shelf.needles()) == {}


async def test_a_reader_of_the_log_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scrubbing, "READERS_RETRY_SECONDS", 0.01)
    path = tmp_path / "library.sqlite3"
    async with Library.open(path) as library:
        crowd = Crowd(library, random.Random(5))
        await crowd.come(works=10, others=2)
        with closing(sqlite3.connect(path, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM works").fetchall()
            await library.members.erase_member(GONE, HERE)
            assert not await library._store.empty_log()
            # Nobody waits for it: writes and reads go on.
            await library.remember(HERE, STAYS, "{}")
            assert search_bytes(path, crowd.needles())
        await library.finish_scrubbing()
        assert search_bytes(path, crowd.needles()) == {}


async def test_a_large_file_is_written_anew_when_nobody_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scrubbing, "SMALL_BYTES", 0)
    clock = SandboxClock()
    async with Library.open(tmp_path / "library.sqlite3", clock=clock) as library:
        store = library._store
        waiting = asyncio.Event()
        wait, rewrite = clock.wait, store.rewrite
        done: list[int] = []

        async def told_wait(seconds: float) -> None:
            waiting.set()
            await wait(seconds)

        async def told_rewrite() -> None:
            done.append(store.writes)
            await rewrite()

        monkeypatch.setattr(clock, "wait", told_wait)
        monkeypatch.setattr(store, "rewrite", told_rewrite)
        await library.welcome_guild(HERE, "A server")
        await library.members.erase_member(GONE, HERE)
        for _ in range(2):
            await waiting.wait()
            waiting.clear()
            await library.remember(HERE, STAYS, "{}")
            clock.advance(scrubbing.QUIET_SECONDS)
        await waiting.wait()
        assert done == []
        clock.advance(scrubbing.QUIET_SECONDS)
        await library.finish_scrubbing()
        assert len(done) == 1


async def test_the_end_does_not_wait_for_it(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite3"
    async with asyncio.timeout(20), Library.open(path) as library:
        shelf = Shelf(library, random.Random(7))
        work_id = await shelf.fill(others=30)
        await library.take_down(HERE, work_id, by=None, why="")
        await library._store.read(lambda _: None)
        before = asyncio.all_tasks()
        assert any(task.get_name() == "scrubber" for task in before)
    assert not any(task.get_name() == "scrubber" for task in asyncio.all_tasks())
    async with open_store(path) as store:  # whole, and the mark stands or all is done
        assert await store.read(lambda c: c.execute("PRAGMA integrity_check").fetchall()) == [
            ("ok",)
        ]


async def test_what_is_erased_meanwhile_is_not_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite3"
    async with Library.open(path) as library:
        crowd = Crowd(library, random.Random(11))
        await crowd.come(works=10, others=2)
        # The second comes while the first is being done.
        for user_id in (STAYS, GONE):
            await library.members.erase_member(user_id, None)
        await library.finish_scrubbing()
        assert search_bytes(path, crowd.needles()) == {}
