"""Callers who are cancelled or fail: what was acknowledged is there, and nothing by halves."""

import asyncio
import contextlib
import sqlite3
import threading
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from db.connection import Store, open_store
from db.errors import LibraryUnusable
from db.library import Library
from db.models import NewWork, SearchRequest, Viewer
from tests.db.interrupting import HERE, MOD, cancelled, pair, stored

pytestmark = pytest.mark.fault(1)
ALL = Viewer(adult_ok=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "library.sqlite3"


@pytest_asyncio.fixture
async def library(path: Path) -> AsyncIterator[Library]:
    async with Library.open(path) as opened:
        yield opened


async def test_of_cancelled_writes_each_is_whole_or_absent(library: Library, path: Path) -> None:
    """At any moment of their way; of 500 of them in the long form."""
    assert await cancelled(library, path, 75, seed=5) is None


async def test_half_of_fifty_writers_fail_and_harm_nobody(library: Library) -> None:
    def fitting(number: int) -> list[NewWork]:
        first, second = pair(number)
        if number % 2:  # more than SQLite's integers hold, met when the first is written already
            second = replace(second, info=replace(second.info, words=2**70), chapters=())
        return [first, second]

    results = await asyncio.gather(
        *(library.add(HERE, fitting(number), by=MOD) for number in range(50)),
        return_exceptions=True,
    )
    assert [isinstance(result, OverflowError) for result in results] == [
        bool(number % 2) for number in range(50)
    ]
    assert await stored(library) == Counter(dict.fromkeys(range(0, 50, 2), 2))
    found = await library.search(HERE, SearchRequest("volume", limit=100), ALL)
    assert found.total == 50


async def test_who_is_cancelled_amid_the_writing_leaves_it_whole(path: Path) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slowly(conn: sqlite3.Connection) -> None:
        conn.execute("INSERT INTO meta VALUES ('first', '')")
        begun.set()
        assert go_on.wait(10)
        conn.execute("INSERT INTO meta VALUES ('second', '')")

    def written(conn: sqlite3.Connection) -> int:
        rows = conn.execute("SELECT count(*) FROM meta WHERE key IN ('first', 'second')")
        return int(rows.fetchone()[0])

    async with open_store(path) as store:
        task = asyncio.create_task(store.write(slowly))
        await asyncio.to_thread(begun.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await store.read(written) == 0
        go_on.set()
        await store.write(lambda conn: conn.execute("INSERT INTO meta VALUES ('third', '')"))
        assert await store.read(written) == 2


def files_of(path: Path) -> list[str]:
    return [file.name for file in path.parent.iterdir()]


async def opened_and_closed(path: Path) -> None:
    async with open_store(path) as store:
        await store.write(lambda conn: conn.execute("INSERT OR REPLACE INTO meta VALUES ('k', '')"))


@pytest.mark.parametrize("at_close", [False, True])
async def test_who_is_cancelled_while_opening_or_closing_leaves_nothing_behind(
    path: Path, at_close: bool
) -> None:
    """No thread, which would keep the process alive for ever, and no lock."""
    await opened_and_closed(path)
    before = set(threading.enumerate())
    for steps in range(12):
        closing = asyncio.Event()

        async def life(closing: asyncio.Event = closing) -> None:
            async with open_store(path):
                closing.set()

        task = asyncio.create_task(life())
        if at_close:
            await closing.wait()
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        for thread in set(threading.enumerate()) - before:
            thread.join(5)
            assert not thread.is_alive()
    await opened_and_closed(path)
    assert files_of(path) == [path.name]


async def test_writers_that_wait_while_it_closes_are_done_or_refused(path: Path) -> None:
    async def write(store: Store, number: int) -> int:
        await store.write(lambda conn: conn.execute("INSERT INTO meta VALUES (?, '')", (number,)))
        return number

    async with open_store(path) as store:
        tasks = [asyncio.create_task(write(store, number)) for number in range(50)]
        await tasks[10]
    done = await asyncio.gather(*tasks, return_exceptions=True)
    with pytest.raises(LibraryUnusable, match="shutting down"):
        await write(store, 99)
    acknowledged = {str(number) for number in done if isinstance(number, int)}
    async with open_store(path) as store:
        kept = await store.read(
            lambda conn: {row[0] for row in conn.execute("SELECT key FROM meta")}
        )
    assert len(acknowledged) > 10
    assert acknowledged == {key for key in kept if key.isdigit()}
