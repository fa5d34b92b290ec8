"""The store under faults: cancelled writers, half-made files, old schemas, full disks."""

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator
from datetime import time
from pathlib import Path

import pytest
import pytest_asyncio

from db import connection
from db.connection import Store, latest_version, open_store, prepare_file
from db.daily import schedules
from db.errors import LibraryUnusable, StorageFull
from db.models import SearchRequest, Viewer
from db.search import search


def put(conn: sqlite3.Connection, key: str, *, fail: bool = False) -> None:
    """A write of two rows that belong together."""
    conn.execute("INSERT INTO meta (key, value) VALUES (?, 'a')", (f"{key}/1",))
    if fail:
        raise RuntimeError("half way")
    conn.execute("INSERT INTO meta (key, value) VALUES (?, 'b')", (f"{key}/2",))


def keys(conn: sqlite3.Connection) -> set[str]:
    return {row[0] for row in conn.execute("SELECT key FROM meta WHERE key LIKE '%/%'")}


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(tmp_path / "library.sqlite3") as opened:
        yield opened


@pytest.mark.fault(1)
@pytest.mark.parametrize("small", [0.0, 0.8], ids=["each for itself", "most of them together"])
async def test_cancelled_writes_are_whole_or_absent(store: Store, small: float) -> None:
    chance = random.Random(7)
    acknowledged: set[str] = set()

    async def write(key: str) -> None:
        await (store.write_small if chance.random() < small else store.write)(put, key)
        acknowledged.add(key)

    for round_no in range(20):
        tasks = [asyncio.create_task(write(f"c{round_no}-{n}")) for n in range(50)]
        for _ in range(chance.randrange(30)):
            await asyncio.sleep(0)
        for task in chance.sample(tasks, 25):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    stored = await store.read(keys)
    halves = {key.partition("/")[0] for key in stored}
    assert acknowledged <= halves
    assert stored == {f"{key}/{n}" for key in halves for n in (1, 2)}
    # No transaction was left open: the next write goes through.
    await store.write(put, "after")
    await store.write_small(put, "later")
    assert {"after/2", "later/2"} <= await store.read(keys)


@pytest.mark.fault(1)
async def test_failing_writers_leave_nothing_and_harm_nobody(store: Store) -> None:
    results = await asyncio.gather(
        *(store.write(put, f"w{n}", fail=bool(n % 2)) for n in range(50)), return_exceptions=True
    )
    assert [isinstance(result, RuntimeError) for result in results] == [
        bool(n % 2) for n in range(50)
    ]
    assert await store.read(keys) == {f"w{n}/{part}" for n in range(0, 50, 2) for part in (1, 2)}


async def test_readers_cannot_write(store: Store) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await store.read(put, "r")


@pytest.mark.fault(3)
async def test_a_full_disk_is_said_and_got_over(store: Store) -> None:
    def limit(conn: sqlite3.Connection, pages: int) -> None:
        conn.execute(f"PRAGMA max_page_count = {pages}")

    def fill(conn: sqlite3.Connection) -> None:
        conn.execute("INSERT INTO meta VALUES ('big/1', ?)", ("x" * 5_000_000,))

    await store.write(limit, 1)  # SQLite raises it to the file's present size
    with pytest.raises(StorageFull, match="disk is full"):
        await store.write(fill)
    assert await store.read(keys) == set()
    await store.write(limit, 1_000_000)
    await store.write(put, "room")
    assert "room/1" in await store.read(keys)


@pytest.mark.fault(4)
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"not a database, just a note to self" * 10, "not a Ficshelf library"),
        (b"SQLite format 3\x00", "not a Ficshelf library"),
    ],
)
def test_junk_is_refused_and_left_as_it_was(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "library.sqlite3"
    path.write_bytes(content)
    with pytest.raises(LibraryUnusable, match=says):
        prepare_file(path)
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.fault(4)
def test_other_programs_and_newer_schemas_are_left_alone(tmp_path: Path) -> None:
    for name, pragma, says in (
        ("other", "application_id = 77", "another program"),
        ("none", "application_id = 0", "another program"),
        ("newer", f"user_version = {latest_version() + 1}", "newer Ficshelf"),
    ):
        path = tmp_path / f"{name}.sqlite3"
        prepare_file(path)
        conn = sqlite3.connect(path)
        conn.execute("PRAGMA journal_mode = DELETE")
        conn.execute(f"PRAGMA {pragma}")
        conn.close()
        before = path.read_bytes()
        with pytest.raises(LibraryUnusable, match=says):
            prepare_file(path)
        assert path.read_bytes() == before


@pytest.mark.fault(4)
def test_a_truncated_library_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite3"
    prepare_file(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(LibraryUnusable, match="cut short"):
        prepare_file(path)
    assert path.read_bytes() == whole[: len(whole) // 2]


@pytest.mark.fault(4)
def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(LibraryUnusable, match="no folder"):
        prepare_file(tmp_path / "nowhere" / "library.sqlite3")


@pytest.mark.parametrize("version", range(1, latest_version()))
async def test_an_older_librarys_works_survive_the_upgrade_and_are_found(
    tmp_path: Path, version: int
) -> None:
    path = tmp_path / "library.sqlite3"
    conn = sqlite3.connect(path, isolation_level=None)
    connection.migrate(conn, up_to=version)
    conn.executescript(
        """
        INSERT INTO guilds (guild_id, shard_no, joined_at) VALUES (5, 1, '2026-01-01');
        INSERT INTO works (work_id, guild_id, state, title, title_key, rating, status, text_access,
            added_at, changed_at) VALUES (1, 5, 'published', 'The Kept', 'the kept', 'Mature',
            'complete', 'excerpt', '2026-01-01', '2026-01-01');
        INSERT INTO authors (author_id, guild_id, name, name_key) VALUES (1, 5, 'Vixen', 'vixen');
        INSERT INTO work_authors (work_id, position, author_id) VALUES (1, 0, 1);
        """
    )
    conn.close()
    async with open_store(path) as store:

        def look(conn: sqlite3.Connection) -> list[tuple[str, int]]:
            return conn.execute(
                "SELECT title, (SELECT * FROM pragma_user_version) FROM works"
            ).fetchall()

        def find(conn: sqlite3.Connection, query: str) -> list[int]:
            ranked = search(conn, 5, SearchRequest(query), Viewer(adult_ok=True))
            return [hit[0] for hit in ranked.hits]

        assert await store.read(look) == [("The Kept", latest_version())]
        assert await store.read(find, "ketp") == [1]
        assert await store.read(find, "author:vixen") == [1]
        marks = "SELECT count(*) FROM meta WHERE key GLOB 'stale:*'"
        assert await store.read(lambda conn: conn.execute(marks).fetchone()) == (0,)


def test_a_servers_daily_post_becomes_a_schedule_with_its_history(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite3"
    conn = sqlite3.connect(path, isolation_level=None)
    connection.migrate(conn, up_to=7)
    conn.executescript(
        """
        INSERT INTO guilds (guild_id, shard_no, joined_at) VALUES (5, 1, '2026-01-01');
        INSERT INTO works (work_id, guild_id, state, rating, status, text_access, added_at,
            changed_at) VALUES (3, 5, 'published', 'Mature', 'complete', 'excerpt', 'x', 'x');
        INSERT INTO daily_schedules (guild_id, channel_id, local_time, time_zone, role_id, fandom,
            state, pause_reason, failures, set_by, set_at) VALUES (5, 9, '21:30', 'Europe/Paris',
            8, 'Buffy', 'paused', 'no rights', 3, 7, '2026-01-01T00:00:00.000000+00:00');
        INSERT INTO daily_queue VALUES (5, 3, 1, 7, 'x');
        INSERT INTO outbox (outbox_id, guild_id, local_date, channel_id, work_id, nonce, state,
            attempts, created_at, first_attempt_at, message_id) VALUES
            (11, 5, '2026-01-02', 9, 3, 'n1', 'sent', 1, 'x', 'x', 77),
            (12, 5, '2026-01-03', 9, 3, 'n2', 'sending', 2, 'x', 'x', NULL);
        """
    )
    conn.close()
    prepare_file(path)
    conn = sqlite3.connect(path, isolation_level=None)
    (schedule,) = schedules.of_guild(conn, 5)
    assert (schedule.name, schedule.channel_id, schedule.role_id) == ("daily", 9, 8)
    assert (schedule.local_time, schedule.time_zone) == (time(21, 30), "Europe/Paris")
    assert (schedule.weekdays, schedule.fandom) == (frozenset(range(7)), "Buffy")
    assert (schedule.state, schedule.pause_reason) == ("paused", "no rights")
    kept = "SELECT outbox_id, schedule_id, local_date, nonce, state, message_id FROM outbox"
    assert conn.execute(kept).fetchall() == [
        (11, schedule.schedule_id, "2026-01-02", "n1", "sent", 77),
        (12, schedule.schedule_id, "2026-01-03", "n2", "sending", None),
    ]
    queued = conn.execute("SELECT schedule_id, work_id FROM daily_queues").fetchall()
    assert queued == [(schedule.schedule_id, 3)]
    assert conn.execute("PRAGMA foreign_key_check").fetchall() == []
    conn.close()


@pytest.mark.fault(6)
async def test_a_store_closes_its_threads_on_an_exception(tmp_path: Path) -> None:
    before = set(asyncio.all_tasks())
    with pytest.raises(RuntimeError, match="amid"):
        async with open_store(tmp_path / "library.sqlite3"):
            raise RuntimeError("amid")
    assert set(asyncio.all_tasks()) == before
