"""Fault 6: told to stop in any state, the program ends in time and loses nothing."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox import Sandbox
from tests.cogs.programs import Home, end_of, told_to_stop, until
from tests.cogs.stops import (
    SHORT,
    State,
    amid_a_write,
    damage,
    idle,
    importing_one_by_one,
    titles,
)

pytestmark = pytest.mark.fault(6)


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with Sandbox(port=0, serve_page=False) as sandbox:
        yield Home(tmp_path, sandbox)


@pytest.mark.parametrize("state", SHORT, ids=lambda state: state.__name__)
async def test_it_ends_in_time_from_any_state(home: Home, state: State):
    # Each state with one of the signals: the other takes the same way.
    how = (signal.SIGTERM, signal.SIGINT)[SHORT.index(state) % 2]
    async with state(home) as process:
        end = await told_to_stop(process, how)
    assert end.flaws == []
    assert damage(home.library) == []
    assert not home.library.with_name("library.sqlite3.health").exists()


async def test_what_was_acknowledged_is_stored(home: Home):
    acknowledged: set[str] = set()
    async with idle(home) as process:
        busy = [
            asyncio.create_task(importing_one_by_one(home, acknowledged, number))
            for number in range(4)
        ]
        await until(lambda: len(acknowledged) >= 8)
        end = await told_to_stop(process)
        for task in busy:
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)
    assert end.flaws == []
    assert acknowledged <= titles(home.library)


async def test_a_second_signal_ends_it_at_once(home: Home):
    async with amid_a_write(home) as process:
        end = await told_to_stop(process, signal.SIGTERM, signal.SIGINT)
    assert end.code == 0
    assert end.seconds < 1
    assert damage(home.library) == []


PLANTED = """
import sys, asyncio, time
import bot
async def planted(self):
    await asyncio.sleep(0)
    {fault}
bot.Library.warm_ingest = planted
sys.exit(bot.main(sys.argv[1:]))
"""


async def test_a_task_that_fails_ends_it_with_an_error(home: Home):
    fault = "print('now', flush=True); raise ZeroDivisionError('of a kind')"
    async with home.started(python=("-c", PLANTED.format(fault=fault))) as process:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"now\n"
        end = await end_of(process, time.monotonic())
    assert end.code == 1
    assert "CRITICAL ficshelf: The bot ends by an error that nobody foresaw" in end.said
    assert "ZeroDivisionError: of a kind" in end.said
    assert end.seconds < 5


async def test_an_event_loop_that_stands_still_is_cut_off(home: Home):
    python = ("-c", PLANTED.format(fault="print('blocked', flush=True); time.sleep(60)"))
    async with home.started(python=python) as process:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"blocked\n"
        end = await told_to_stop(process)
    assert end.flaws == []
    assert "Ended without waiting any longer" in end.said
