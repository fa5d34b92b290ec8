"""The heartbeat: what is thought of one, and that the running bot writes it."""

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cogs import _health
from cogs._health import Heart
from cogs._heartbeat import Heartbeat, default_path, health_check, problems
from sandbox import Sandbox
from tests.cogs.conftest import Rig
from tests.cogs.programs import Home, ended, told_to_stop, until

NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
WELL = Heartbeat(
    time=NOW,
    pid=12,
    up_s=600.0,
    beat_s=15.0,
    guilds=2,
    gateway_down_s=None,
    latency_ms=31.5,
    lag_ms=2.0,
    writer_ms=0.4,
    writer_waiting_s=None,
    writer_error=None,
    scheduler_s=12.0,
    poll_s=30.0,
)
HOURS_AGO = NOW - timedelta(hours=3)


@pytest.mark.parametrize(
    ("beat", "says"),
    [
        (WELL, None),
        (replace(WELL, time=NOW - timedelta(seconds=59)), None),
        (replace(WELL, time=NOW - timedelta(seconds=61)), "The last heartbeat was 61 s ago"),
        (replace(WELL, time=HOURS_AGO), "The last heartbeat was 180 min ago"),
        (replace(WELL, time=NOW + timedelta(hours=1)), "The last heartbeat was -60 min ago"),
        (replace(WELL, beat_s=60.0, time=NOW - timedelta(seconds=200)), None),
        (replace(WELL, beat_s=60.0, time=NOW - timedelta(seconds=250)), "The last heartbeat"),
        (replace(WELL, gateway_down_s=299.0), None),
        (replace(WELL, gateway_down_s=360.0), "gateway has been down for 6 min"),
        (replace(WELL, writer_waiting_s=29.0), None),
        (replace(WELL, writer_waiting_s=31.0), "writer has been stuck for 31 s"),
        (replace(WELL, writer_error="disk full"), "cannot be written: disk full."),
        (replace(WELL, scheduler_s=959.0), None),
        (replace(WELL, scheduler_s=961.0), "scheduler has completed no round for 16 min"),
        (replace(WELL, scheduler_s=8000.0, poll_s=3600.0), None),
        (replace(WELL, scheduler_s=None), None),
    ],
)
def test_what_is_wrong_is_said(beat: Heartbeat, says: str | None) -> None:
    found = problems(beat, NOW)
    assert len(found) == (says is not None)
    assert says is None or says in found[0]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    ill = replace(WELL, gateway_down_s=400.0, writer_error="locked", scheduler_s=9999.0)
    assert len(problems(ill, NOW)) == 3


def test_it_is_written_whole_and_read_back(tmp_path: Path) -> None:
    file = tmp_path / "l.health"
    WELL.write(file)
    replace(WELL, guilds=3).write(file)
    assert Heartbeat.read(file) == replace(WELL, guilds=3)
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("junk", ["", "{", "[]", "{}", '"x"', '{"time": 5}'])
def test_junk_is_no_heartbeat(
    tmp_path: Path, junk: str, capsys: pytest.CaptureFixture[str]
) -> None:
    library = tmp_path / "l.sqlite3"
    default_path(library).write_text(junk, encoding="utf-8")
    assert health_check(["run", "--healthcheck", "--library", str(library)]) == 1
    assert "cannot be read" in capsys.readouterr().err
    assert health_check(["--healthcheck", "--json", "--library", str(library)]) == 1
    assert json.loads(capsys.readouterr().out)["healthy"] is False


def test_a_heartbeat_of_other_types_is_none(tmp_path: Path) -> None:
    file = tmp_path / "l.health"
    file.write_text(json.dumps({**WELL.as_json(), "lag_ms": "2", "scheduler_s": "x"}))
    with pytest.raises(ValueError, match="no heartbeat"):
        Heartbeat.read(file)


def test_the_heartbeat_is_found_through_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for toml, where in (
        (None, "library.sqlite3.health"),
        ("[library]\npath = 'a/b.sqlite3'", "a/b.sqlite3.health"),
        ("[health]\nfile = 'beat.json'", "beat.json"),
        ("[health]\nfile = 5\n[library]\npath = 5", "library.sqlite3.health"),
    ):
        if toml is not None:
            Path("config.toml").write_text(toml, encoding="utf-8")
        assert health_check(["--healthcheck"]) == 1
        assert f"There is no heartbeat {where}:" in capsys.readouterr().err
    assert health_check(["--healthcheck", "--config", "other.toml"]) == 78
    Path("config.toml").write_text("[", encoding="utf-8")
    assert health_check(["--healthcheck"]) == 78


# The bot's heart


@pytest.fixture
async def heart(rig: Rig) -> Heart:
    return Heart(rig.bot, rig.path)


async def test_a_bot_that_is_well(rig: Rig, heart: Heart) -> None:
    before = rig.path.stat().st_size
    wal = rig.path.with_name(f"{rig.path.name}-wal")
    wal_before = wal.stat().st_size
    await heart._beat()
    beat = Heartbeat.read(heart.path)
    assert problems(beat, datetime.now(UTC)) == []
    assert (beat.guilds, beat.gateway_down_s, beat.writer_error) == (2, None, None)
    assert beat.writer_ms is not None
    for _ in range(50):
        await heart._beat()
    assert rig.path.stat().st_size == before
    assert wal.stat().st_size == wal_before


async def test_a_gateway_that_is_gone(rig: Rig, heart: Heart) -> None:
    await heart._beat()
    held = asyncio.Event()

    async def closed(*_: object) -> object:
        await held.wait()
        raise ConnectionResetError

    real = rig.sandbox._gateway.handle
    rig.sandbox._gateway.handle = closed  # type: ignore[assignment,method-assign]
    await rig.sandbox._gateway.drop_socket()
    await until(lambda: not _health.gateway_is_up(rig.bot))
    await heart._beat()
    assert heart.last is not None
    assert heart.last.gateway_down_s is not None
    rig.sandbox._gateway.handle = real  # type: ignore[method-assign]
    held.set()
    await until(lambda: _health.gateway_is_up(rig.bot))
    await heart._beat()
    assert heart.last.gateway_down_s is None


async def test_a_writer_that_is_stuck(
    rig: Rig, heart: Heart, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        monkeypatch.context() as hasty,
        contextlib.closing(sqlite3.connect(rig.path, isolation_level=None)) as other,
    ):
        hasty.setattr(_health, "PROBE_SECONDS", 0.05)
        other.execute("BEGIN IMMEDIATE")
        await heart._beat()
        assert heart.last is not None
        first = heart.last.writer_waiting_s
        await heart._beat()
        second = heart.last.writer_waiting_s
        assert first is not None
        assert second is not None
        assert second >= first
        other.execute("ROLLBACK")
    while heart.last.writer_waiting_s is not None:
        await heart._beat()
    assert heart.last.writer_error is None


async def test_the_schedulers_age_is_the_clients(rig: Rig, heart: Heart) -> None:
    rig.bot.posted_at = None
    await heart._beat()
    assert heart.last is not None
    assert heart.last.scheduler_s == 0
    rig.bot.posted_at = rig.sandbox.clock.now() - timedelta(hours=1)
    await heart._beat()
    assert 3600 <= (heart.last.scheduler_s or 0) < 3700


async def test_a_folder_that_cannot_be_written_is_logged_once(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    heart = Heart(rig.bot, rig.path)
    heart.path = rig.path / "nowhere"
    for _ in range(3):
        await heart._beat()
    said = [each for each in caplog.messages if "cannot be written" in each]
    assert len(said) == 1


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with Sandbox(port=0, serve_page=False) as sandbox:
        yield Home(tmp_path, sandbox)


async def test_the_running_program_is_well_until_it_is_stopped(home: Home) -> None:
    home.configure("[health]\nbeat_seconds = 0.1\n")
    async with home.started() as process:
        await home.sandbox.bot_ready(20)

        def is_up() -> bool:
            with contextlib.suppress(OSError, ValueError):
                return Heartbeat.read(default_path(home.library)).guilds == 2
            return False

        await until(is_up)
        code, out, err = await ended(["run", "--healthcheck"], home.folder)
        assert (code, err) == (0, "")
        assert out.startswith("Well: gateway up")
        code, out, _ = await ended(["--healthcheck", "--json"], home.folder)
        answer = json.loads(out)
        assert (code, answer["healthy"], answer["problems"]) == (0, True, [])
        assert answer["heartbeat"]["pid"] == process.pid
        end = await told_to_stop(process)
    assert end.flaws == []
    code, out, err = await ended(["run", "--healthcheck"], home.folder)
    assert (code, out) == (1, "")
    assert err.startswith("There is no heartbeat library.sqlite3.health: the bot is not running")
