"""Schedules: what moderators set, and whether it runs."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from db import audit
from db.clock import from_text, to_text
from db.daily.models import EVERY_DAY, DailySchedule, ScheduleState, Terms
from db.errors import BadInput, Conflict, NotFound
from db.guilds import ensure_guild
from db.models import Rating, Status, WordRange
from db.search.normalise import name_key

MOST_SCHEDULES = 10  # a server
NAME_LIMIT_CHARS = 40
NEVER_SET_UP = "There is no daily recommendation here yet. /daily setup makes one."

_COLUMNS = (
    "schedule_id, guild_id, name, channel_id, local_time, time_zone, weekdays, role_id, thread, "
    "fandom, rating, status, low_words, high_words, state, pause_reason, failures, set_at"
)
_TERMS = (
    "channel_id, local_time, time_zone, weekdays, role_id, thread, fandom, rating, status, "
    "low_words, high_words"
)


def set_schedule(
    conn: sqlite3.Connection, guild_id: int, name: str, terms: Terms, *, by: int, now: datetime
) -> DailySchedule:
    """Make a server's schedule of that name, or change it; then it runs.

    Raises:
        BadInput: the name is none.
        Conflict: the server has as many as it may have.
    """
    name, key = _named(name)
    if not terms.weekdays <= EVERY_DAY or not terms.weekdays:
        raise BadInput("A recommendation needs at least one day of the week.")
    ensure_guild(conn, guild_id, now=now)
    standing = _of_key(conn, guild_id, key)
    if standing is None and len(of_guild(conn, guild_id)) >= MOST_SCHEDULES:
        raise Conflict(
            f"A server can have {MOST_SCHEDULES} recommendations. Remove one with /daily remove."
        )
    conn.execute(
        f"INSERT INTO schedules (guild_id, name, name_key, set_by, set_at, {_TERMS}) "
        f"VALUES ({', '.join('?' * 16)}) ON CONFLICT (guild_id, name_key) DO UPDATE SET "
        "state = 'active', pause_reason = NULL, failures = 0, set_by = excluded.set_by, "
        "set_at = excluded.set_at, "
        + ", ".join(f"{column} = excluded.{column}" for column in _TERMS.split(", ")),
        (guild_id, name, key, by, to_text(now), *_values(terms)),
    )
    schedule = _of_key(conn, guild_id, key)
    assert schedule is not None
    forget_choices(conn, [schedule.schedule_id])
    audit.record(
        conn, guild_id, "daily setup", by=by, now=now,
        detail=f"{name}, {terms.local_time:%H:%M} {terms.time_zone}",
    )  # fmt: skip
    return schedule


def remove(
    conn: sqlite3.Connection, guild_id: int, schedule_id: int, *, by: int, now: datetime
) -> None:
    """End a schedule; what it posted stays in the history. Raises NotFound."""
    schedule = one(conn, guild_id, schedule_id)
    forget_choices(conn, [schedule_id])
    # What was refused and would be tried again is history now.
    conn.execute(
        "UPDATE outbox SET state = 'skipped', settled_at = ?, "
        "reason = ifnull(reason, 'The schedule was removed.') "
        "WHERE schedule_id = ? AND state = 'pending'",
        (to_text(now), schedule_id),
    )
    conn.execute("DELETE FROM schedules WHERE schedule_id = ?", (schedule_id,))
    audit.record(conn, guild_id, "daily remove", by=by, now=now, detail=schedule.name)


def pause(
    conn: sqlite3.Connection,
    guild_id: int,
    schedule_id: int,
    *,
    by: int | None,
    reason: str,
    now: datetime,
) -> DailySchedule:
    """Stop posting until resumed. Raises NotFound."""
    schedule = one(conn, guild_id, schedule_id)
    conn.execute(
        "UPDATE schedules SET state = 'paused', pause_reason = ? WHERE schedule_id = ?",
        (reason or None, schedule_id),
    )
    detail = f"{schedule.name}: {reason}" if reason else schedule.name
    audit.record(conn, guild_id, "daily pause", by=by, now=now, detail=detail)
    return one(conn, guild_id, schedule_id)


def resume(
    conn: sqlite3.Connection, guild_id: int, schedule_id: int, *, by: int, now: datetime
) -> DailySchedule:
    """Go on posting, from the next hour on: what a pause missed stays missed. Raises NotFound."""
    schedule = one(conn, guild_id, schedule_id)
    conn.execute(
        "UPDATE schedules SET state = 'active', pause_reason = NULL, failures = 0, "
        "set_at = ? WHERE schedule_id = ?",
        (to_text(now), schedule_id),
    )
    forget_choices(conn, [schedule_id])
    audit.record(conn, guild_id, "daily resume", by=by, now=now, detail=schedule.name)
    return one(conn, guild_id, schedule_id)


def forget_choices(conn: sqlite3.Connection, schedule_ids: Iterable[int]) -> None:
    """Have what was chosen ahead chosen anew; what was tried already stays."""
    conn.executemany(
        "DELETE FROM outbox WHERE schedule_id = ? AND state = 'pending' AND attempts = 0",
        [(schedule_id,) for schedule_id in schedule_ids],
    )


def of_guild(conn: sqlite3.Connection, guild_id: int) -> list[DailySchedule]:
    """A server's schedules, the oldest first."""
    return _select(conn, "guild_id = ?", guild_id)


def every(conn: sqlite3.Connection) -> list[DailySchedule]:
    """The schedules of all servers."""
    return _select(conn, "TRUE")


def active(conn: sqlite3.Connection) -> list[DailySchedule]:
    """The running schedules of all servers."""
    return _select(conn, "state = 'active'")


def find(conn: sqlite3.Connection, schedule_id: int) -> DailySchedule | None:
    """A schedule of any server, if it still is one."""
    return next(iter(_select(conn, "schedule_id = ?", schedule_id)), None)


def one(conn: sqlite3.Connection, guild_id: int, schedule_id: int) -> DailySchedule:
    """A server's schedule. Raises NotFound."""
    schedule = find(conn, schedule_id)
    if schedule is None or schedule.guild_id != guild_id:
        raise NotFound(NEVER_SET_UP)
    return schedule


def named(conn: sqlite3.Connection, guild_id: int, name: str | None) -> DailySchedule:
    """The server's schedule of that name; without one, its only schedule.

    Raises:
        NotFound: there is none, or none of that name.
        BadInput: there are several and no name says which.
    """
    every_one = of_guild(conn, guild_id)
    if not every_one:
        raise NotFound(NEVER_SET_UP)
    names = ", ".join(schedule.name for schedule in every_one)
    if name is not None:
        if (found := _of_key(conn, guild_id, name_key(name))) is None:
            raise NotFound(f"There is no schedule of that name. There are: {names}.")
        return found
    if len(every_one) > 1:
        raise BadInput(f"Say which schedule you mean: {names}.")
    return every_one[0]


def _select(conn: sqlite3.Connection, condition: str, *values: object) -> list[DailySchedule]:
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM schedules WHERE {condition} ORDER BY schedule_id", values
    )
    return [_to_schedule(row) for row in rows]


def _of_key(conn: sqlite3.Connection, guild_id: int, key: str) -> DailySchedule | None:
    found = _select(conn, "guild_id = ? AND name_key = ?", guild_id, key)
    return found[0] if found else None


def _named(name: str) -> tuple[str, str]:
    """A name as it is shown, and as it is compared."""
    shown = " ".join(name.split())
    key = name_key(shown)
    if not key or len(shown) > NAME_LIMIT_CHARS:
        raise BadInput(f"Give it a name of up to {NAME_LIMIT_CHARS} characters, such as “weekly”.")
    return shown, key


def _values(terms: Terms) -> tuple[Any, ...]:
    words = terms.words or WordRange()
    return (
        terms.channel_id,
        f"{terms.local_time:%H:%M}",
        terms.time_zone,
        "".join(map(str, sorted(terms.weekdays))),
        terms.role_id,
        int(terms.thread),
        terms.fandom,
        terms.rating and terms.rating.value,
        terms.status and terms.status.value,
        words.low,
        words.high,
    )


def _to_schedule(row: tuple[Any, ...]) -> DailySchedule:
    (
        schedule_id, guild_id, name, channel_id, at, zone, weekdays, role_id, thread,
        fandom, rating, status, low, high, state, reason, failures, set_at,
    ) = row  # fmt: skip
    bounded = low is not None or high is not None
    return DailySchedule(
        schedule_id=schedule_id,
        guild_id=guild_id,
        name=name,
        channel_id=channel_id,
        local_time=time.fromisoformat(at),
        time_zone=zone,
        weekdays=frozenset(map(int, weekdays)),
        role_id=role_id,
        thread=bool(thread),
        fandom=fandom,
        rating=Rating(rating) if rating else None,
        status=Status(status) if status else None,
        words=WordRange(low, high) if bounded else None,
        state=ScheduleState(state),
        pause_reason=reason,
        failures=failures,
        set_at=from_text(set_at),
    )
