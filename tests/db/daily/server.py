"""Two servers with a schedule each, and what the poster does for them when nothing goes wrong."""

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from db import adding
from db.daily import outbox, schedules, showing
from db.daily.models import DAILY, DailyPost, DailySchedule, DailyStatus, Terms
from db.models import NewWork, Viewer
from tests.db.builders import a_work

HERE, THERE = 100, 200
MODERATOR = 7
MORNING = datetime(2026, 6, 1, 6, tzinfo=UTC)  # a Monday
NINE = datetime(2026, 6, 1, 9, 0, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def fics(count: int, **changes: Any) -> list[NewWork]:
    """Works of different authors."""
    return [
        a_work(
            f"Fic {n}",
            authors=(f"writer {n}",),
            texts=(f"The {n}th story begins. " * 30,),
            **changes,
        )
        for n in range(count)
    ]


def set_up(
    conn: sqlite3.Connection,
    guild_id: int,
    time_zone: str = "UTC",
    *,
    name: str = DAILY,
    now: datetime = MORNING,
    **changes: Any,
) -> DailySchedule:
    """Set a schedule at nine o'clock."""
    terms: dict[str, Any] = {"channel_id": 9, "local_time": time(9), **changes}
    return schedules.set_schedule(
        conn, guild_id, name, Terms(time_zone=time_zone, **terms), by=MODERATOR, now=now
    )


def add(conn: sqlite3.Connection, works: Sequence[NewWork], guild_id: int = HERE) -> list[int]:
    """Publish works."""
    outcomes = adding.add_works(conn, guild_id, works, by=None, now=MORNING)
    return [outcome.work_id or 0 for outcome in outcomes]


def the_schedule(conn: sqlite3.Connection, guild_id: int, name: str = DAILY) -> DailySchedule:
    """A server's schedule as it stands."""
    return schedules.named(conn, guild_id, name)


def prepare(
    conn: sqlite3.Connection,
    guild_id: int,
    adult_ok: bool,
    *,
    now: datetime,
    early: bool,
    name: str = DAILY,
) -> DailyPost:
    """Write down the post that is due."""
    schedule_id = the_schedule(conn, guild_id, name).schedule_id
    return outbox.prepare(conn, schedule_id, adult_ok, now=now, early=early)


def preview(
    conn: sqlite3.Connection, guild_id: int, adult_ok: bool, *, now: datetime, name: str = DAILY
) -> DailyPost | None:
    """The next post."""
    return outbox.preview(conn, the_schedule(conn, guild_id, name), adult_ok, now=now)


def status(
    conn: sqlite3.Connection, guild_id: int, *, now: datetime, name: str = DAILY
) -> DailyStatus:
    """What comes and what was."""
    return showing.status(conn, the_schedule(conn, guild_id, name), Viewer(None, True), now=now)


def pause(conn: sqlite3.Connection, guild_id: int, *, by: int, reason: str, now: datetime) -> None:
    """Stop a server's posts."""
    mine = the_schedule(conn, guild_id).schedule_id
    schedules.pause(conn, guild_id, mine, by=by, reason=reason, now=now)


def resume(conn: sqlite3.Connection, guild_id: int, *, by: int, now: datetime) -> None:
    """Let them go on."""
    schedules.resume(conn, guild_id, the_schedule(conn, guild_id).schedule_id, by=by, now=now)


def post(
    conn: sqlite3.Connection, now: datetime, guild_id: int = HERE, *, name: str = DAILY
) -> DailyPost:
    """A post as it goes when nothing goes wrong."""
    row = prepare(conn, guild_id, False, now=now, early=False, name=name)
    outbox.begin_send(conn, row.outbox_id, now=now)
    outbox.settle_send(conn, row.outbox_id, message_id=5, skipped=None, now=now)
    return prepare(conn, guild_id, False, now=now, early=False, name=name)
