"""Small writes share transactions; each is stored when it is acknowledged, or undone alone."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from db.connection import Store, open_store
from db.errors import StorageFull
from tests.db.test_store import keys, put

pytestmark = pytest.mark.fault(1)


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(tmp_path / "library.sqlite3") as opened:
        yield opened


async def test_those_that_wait_together_are_one_transaction(store: Store) -> None:
    said: list[str] = []
    await store._writer.run(lambda conn: conn.set_trace_callback(said.append))
    await asyncio.gather(*(store.write_small(put, f"w{n}") for n in range(40)))
    assert said.count("COMMIT") == 1
    assert len(await store.read(keys)) == 80


async def test_one_that_fails_is_undone_alone(store: Store) -> None:
    results = await asyncio.gather(
        *(store.write_small(put, f"w{n}", fail=bool(n % 3)) for n in range(120)),
        return_exceptions=True,
    )
    assert [isinstance(result, RuntimeError) for result in results] == [
        bool(n % 3) for n in range(120)
    ]
    assert await store.read(keys) == {f"w{n}/{part}" for n in range(0, 120, 3) for part in (1, 2)}


async def test_each_gets_its_own_answer(store: Store) -> None:
    def echo(conn: sqlite3.Connection, number: int) -> int:
        return number

    found = await asyncio.gather(*(store.write_small(echo, n) for n in range(120)))
    assert found == list(range(120))


@pytest.mark.fault(3)
async def test_a_full_disk_undoes_all_of_them_and_is_got_over(store: Store) -> None:
    def fill(conn: sqlite3.Connection, size: int) -> None:
        conn.execute("INSERT INTO meta (key, value) VALUES ('big/', ?)", ("x" * size,))

    pages = await store._writer.run(lambda conn: conn.execute("PRAGMA page_count").fetchone()[0])
    await store._writer.run(
        lambda conn: conn.execute(f"PRAGMA max_page_count = {pages + 4}").close()
    )
    results = await asyncio.gather(
        store.write_small(put, "before"),
        store.write_small(fill, 1_000_000),
        store.write_small(put, "behind"),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [StorageFull] * 3
    assert await store.read(keys) == set()
    await store._writer.run(lambda conn: conn.execute("PRAGMA max_page_count = 1000000").close())
    await store.write_small(put, "later")
    assert await store.read(keys) == {"later/1", "later/2"}
