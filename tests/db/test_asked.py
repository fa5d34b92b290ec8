"""The same search by many at once is run once, and nobody gets a stale or another's answer."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from db import finding
from db.library import Library
from db.models import SearchAnswer, SearchRequest, Viewer
from tests.cogs.shelf import a_work

HERE = 7
SPIKE = SearchRequest("spike")
ANN, BEA = Viewer(1), Viewer(2)


@pytest.fixture
async def library(tmp_path: Path) -> AsyncIterator[Library]:
    async with Library.open(tmp_path / "library.sqlite3") as opened:
        await opened.welcome_guild(HERE, "Here")
        await add(opened, "Spike in the Lamplight")
        yield opened


async def add(library: Library, title: str) -> None:
    await library.add(HERE, [a_work(title)], by=None)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """For whom the engine searched."""
    done: list[int | None] = []
    engine = finding.search_works

    def noted(
        conn: sqlite3.Connection, guild_id: int, request: SearchRequest, viewer: Viewer
    ) -> SearchAnswer:
        done.append(viewer.user_id)
        return engine(conn, guild_id, request, viewer)

    monkeypatch.setattr(finding, "search_works", noted)
    return done


@asynccontextmanager
async def busy_reader(library: Library) -> AsyncIterator[None]:
    """Nothing is looked up until the block ends."""
    free = threading.Event()
    busy = asyncio.create_task(library._store.read(lambda _: free.wait(30)))
    await asyncio.sleep(0)
    try:
        yield
    finally:
        free.set()
        await busy


def asking(library: Library, viewer: Viewer = ANN) -> "asyncio.Task[SearchAnswer]":
    return asyncio.create_task(library.search(HERE, SPIKE, viewer))


async def test_a_crowd_is_one_search(library: Library, runs: list[int | None]) -> None:
    async with busy_reader(library):
        crowd = [asking(library, Viewer(n % 50)) for n in range(200)]
        await asyncio.sleep(0)
    answers = await asyncio.gather(*crowd)
    assert {answer.total for answer in answers} == {1}
    assert runs == [None]


async def test_who_has_mutes_has_a_search_of_their_own(
    library: Library, runs: list[int | None]
) -> None:
    mute = "INSERT INTO mutes VALUES (?, 2, 'work', '1', '2026-01-01')"
    await library._store.write(lambda conn: conn.execute(mute, (HERE,)).close())
    async with busy_reader(library):
        crowd = [asking(library, ANN), asking(library, BEA), asking(library, Viewer(3))]
        await asyncio.sleep(0)
    ann, bea, other = await asyncio.gather(*crowd)
    assert (ann.total, other.total) == (1, 1)
    assert (bea.total, bea.hidden.muted) == (0, 1)
    assert sorted(runs, key=str) == [2, None]


async def test_other_servers_channels_and_pages_are_other_searches(
    library: Library, runs: list[int | None]
) -> None:
    async with busy_reader(library):
        crowd = [
            asking(library),
            asking(library, Viewer(1, adult_ok=True)),
            asyncio.create_task(library.search(HERE + 1, SPIKE, ANN)),
            asyncio.create_task(library.search(HERE, SearchRequest("spike", offset=1), ANN)),
        ]
        await asyncio.sleep(0)
    answers = await asyncio.gather(*crowd)
    assert [len(answer.hits) for answer in answers] == [1, 1, 0, 0]
    assert len(runs) == 4


async def test_what_was_stored_before_the_question_is_in_the_answer(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, free = threading.Event(), threading.Event()
    engine = finding.search_works

    def slow(
        conn: sqlite3.Connection, guild_id: int, request: SearchRequest, viewer: Viewer
    ) -> SearchAnswer:
        found = engine(conn, guild_id, request, viewer)
        begun.set()
        free.wait(30)
        return found

    monkeypatch.setattr(finding, "search_works", slow)
    early = asking(library)
    await asyncio.to_thread(begun.wait, 30)
    await add(library, "Spike by Daylight")  # while the search is under way
    late = asking(library)
    await asyncio.sleep(0)
    free.set()
    assert [(await early).total, (await late).total] == [1, 2]


async def test_one_who_gives_up_takes_nobodys_answer(library: Library) -> None:
    async with busy_reader(library):
        first, second = asking(library), asking(library, BEA)
        await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
    assert (await second).total == 1


async def test_an_error_reaches_everybody_and_the_next_is_asked_anew(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> SearchAnswer:
        raise RuntimeError("a bug")

    with monkeypatch.context() as patched:
        patched.setattr(finding, "search_works", broken)
        async with busy_reader(library):
            crowd = [asking(library), asking(library, BEA)]
            await asyncio.sleep(0)
        for one in crowd:
            with pytest.raises(RuntimeError, match="a bug"):
                await one
    assert (await library.search(HERE, SPIKE, ANN)).total == 1
    assert not library._searches._waiting
