"""The bot copies its library by itself, by the clock, whatever goes wrong with a copy."""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cogs._backups import START_SECONDS, keep_copies
from cogs._settings import BackupSettings
from db.copies import LAST_COPY, copies_in
from db.library import Library
from db.soundness import check
from sandbox import Sandbox, SandboxClock
from tests.cogs.conftest import WatchedClock
from tests.cogs.shelf import BOAT
from tests.cogs.test_bot import ended, program

pytestmark = pytest.mark.fault(5)

START = datetime(2026, 11, 28, 2, 58, 30, tzinfo=UTC)
HOUR = 3600
DAY = 24 * HOUR


class Keeper:
    """The task that keeps copies, on a clock that jumps."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "library.sqlite3"
        self.folder = folder / "backups"
        self.time = SandboxClock(START)
        self.settings = BackupSettings(folder=str(self.folder), keep_daily=2, keep_weekly=0)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncGenerator[Library]:
        """The bot is on."""
        self._watched = WatchedClock(self.time)
        async with Library.open(self.path, clock=self.time) as library:
            task = asyncio.create_task(
                keep_copies(library, self.path, self.settings, self._watched)
            )
            try:
                yield library
            finally:
                task.cancel()
                await asyncio.wait([task])

    async def pass_time(self, seconds: float) -> None:
        """Jump, and let the keeper do what is due by then."""
        waits = await self._watched.settled()
        self.time.advance(seconds)
        await self._watched.after(waits)

    @property
    def copies(self) -> list[str]:
        """The moments of the copies there are, the newest first."""
        return [f"{copy.at:%d %H:%M}" for copy in copies_in(self.folder, self.path)]


@pytest.fixture
def keeper(tmp_path: Path) -> Keeper:
    return Keeper(tmp_path)


async def test_a_copy_is_made_soon_after_the_start_and_then_daily(keeper: Keeper) -> None:
    async with keeper.running() as library:
        await library.add(0, [BOAT], by=None)
        await keeper.pass_time(START_SECONDS)
        assert keeper.copies == ["28 02:59"]
        assert check(copies_in(keeper.folder, keeper.path)[0].path).works == 1
        noted = json.loads(await library.meta(LAST_COPY) or "")
        assert noted["at"].startswith("2026-11-28T02:59:3")
        await keeper.pass_time(23 * HOUR)
        assert keeper.copies == ["28 02:59"]
        await keeper.pass_time(HOUR)
        await keeper.pass_time(DAY)
        assert keeper.copies == ["30 02:59", "29 02:59"]  # two days are kept


async def test_after_days_off_one_copy_is_made_and_after_a_restart_none(keeper: Keeper) -> None:
    async with keeper.running():
        await keeper.pass_time(START_SECONDS)
    async with keeper.running():
        await keeper.pass_time(START_SECONDS)
        assert keeper.copies == ["28 02:59"]
    keeper.time.advance(3 * DAY)
    async with keeper.running():
        await keeper.pass_time(START_SECONDS)
        assert keeper.copies == ["01 03:01", "28 02:59"]
        for copy in copies_in(keeper.folder, keeper.path):
            copy.path.unlink()  # moved elsewhere: that is no reason for another
        await keeper.pass_time(HOUR)
        assert keeper.copies == []


async def test_a_failure_is_one_line_and_the_bot_goes_on_and_tries_again(
    keeper: Keeper, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    keeper.folder.write_text("no folder")
    async with keeper.running() as library:
        await keeper.pass_time(START_SECONDS)
        (line,) = [one for one in caplog.records if one.levelno >= logging.WARNING]
        assert line.exc_info is None
        assert line.getMessage() == (
            f"The library was not copied: {keeper.folder} cannot be read: Not a directory. "
            "It is tried again in an hour."
        )
        await library.add(0, [BOAT], by=None)
        keeper.folder.unlink()
        await keeper.pass_time(HOUR / 2)
        assert keeper.copies == []
        await keeper.pass_time(HOUR / 2)
        assert keeper.copies == ["28 03:59"]
    assert len([one for one in caplog.records if one.levelno >= logging.WARNING]) == 1


async def test_without_a_folder_no_copies_are_made(keeper: Keeper) -> None:
    keeper.settings = BackupSettings(folder="")
    async with Library.open(keeper.path, clock=keeper.time) as library:
        await keep_copies(library, keeper.path, keeper.settings, keeper.time)
    assert not keeper.folder.exists()


async def test_under_a_running_bot_a_library_is_checked_and_copied_but_not_replaced(
    tmp_path: Path,
) -> None:
    library, copy = tmp_path / "library.sqlite3", tmp_path / "copy.sqlite3"
    async with Sandbox(port=0, serve_page=False) as sandbox:
        config = tmp_path / "config.toml"
        config.write_text(f"[discord]\napi = '{sandbox.api}'", encoding="utf-8")
        environment = {"DISCORD_TOKEN": sandbox.bot_token}
        async with program(["run"], tmp_path, **environment):
            await sandbox.bot_ready()
            code, _, err = await ended(["backup", str(copy)], tmp_path)
            assert code == 0, err
            code, out, err = await ended(["restore", str(copy)], tmp_path)
            assert (code, out) == (78, "")
            assert err == f"{library} is in use. Stop the bot first.\n"
            code, out, err = await ended(["check", "--json"], tmp_path, **environment)
            assert code == 0, out + err
            rows = [json.loads(line) for line in out.splitlines()]
            (login,) = [one for one in rows if one.get("about") == "discord"]
            assert login["finding"].startswith("Discord takes the token, as Ficshelf")
        code, out, err = await ended(["restore", str(copy)], tmp_path)
        assert code == 0, err
    assert check(library).is_sound


async def test_a_clock_that_is_set_back_by_years_delays_nothing(keeper: Keeper) -> None:
    async with keeper.running():
        await keeper.pass_time(START_SECONDS)
        keeper.time.set(START - timedelta(days=700))
        await keeper.pass_time(HOUR)
        await keeper.pass_time(HOUR)
        assert [copy.at.year for copy in copies_in(keeper.folder, keeper.path)] == [2026, 2024]
