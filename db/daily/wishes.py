"""What moderators wish of the choice: works in a queue, passed over, or vetoed."""

import sqlite3
from datetime import datetime

from db import audit
from db.clock import to_text
from db.daily import schedules
from db.errors import Conflict, NotFound
from db.models import Work, WorkState
from db.works import load_work

MOST_QUEUED = 25  # what one menu of Discord's can show
LISTED_VETOES = 25


def queue(conn: sqlite3.Connection, guild_id: int, schedule_id: int) -> list[Work]:
    """The works that moderators put in order, first to last. Raises NotFound."""
    schedules.one(conn, guild_id, schedule_id)
    rows = conn.execute(
        "SELECT work_id FROM daily_queues WHERE schedule_id = ? ORDER BY position, work_id",
        (schedule_id,),
    ).fetchall()
    return [load_work(conn, guild_id, work_id) for (work_id,) in rows]


def enqueue(
    conn: sqlite3.Connection,
    guild_id: int,
    schedule_id: int,
    work_id: int,
    *,
    first: bool,
    by: int,
    now: datetime,
) -> Work:
    """Put a work at the end of a queue, or first; one that is in it moves.

    Raises:
        NotFound: no such work or schedule here.
        Conflict: the work is not published, or vetoed, or the queue is full.
    """
    schedules.one(conn, guild_id, schedule_id)
    work = _published(conn, guild_id, work_id)
    if _is_vetoed(conn, guild_id, work_id):
        raise Conflict("This fic is vetoed. /daily veto with “undo” lifts that first.")
    _take_out(conn, schedule_id, work_id)
    low, high, queued = conn.execute(
        "SELECT ifnull(min(position), 0), ifnull(max(position), 0), count(*) FROM daily_queues "
        "WHERE schedule_id = ?",
        (schedule_id,),
    ).fetchone()
    if queued >= MOST_QUEUED:
        raise Conflict(f"The queue is full: it holds {MOST_QUEUED} fics. Take one out first.")
    conn.execute(
        "INSERT INTO daily_queues (schedule_id, work_id, position, added_by, added_at) "
        "VALUES (?, ?, ?, ?, ?)",
        (schedule_id, work_id, low - 1 if first else high + 1, by, to_text(now)),
    )
    schedules.forget_choices(conn, [schedule_id])
    _record(conn, guild_id, "daily queue", work, by, now)
    return work


def dequeue(
    conn: sqlite3.Connection,
    guild_id: int,
    schedule_id: int,
    work_id: int,
    *,
    by: int,
    now: datetime,
) -> Work:
    """Take a work out of a queue. Raises NotFound."""
    schedules.one(conn, guild_id, schedule_id)
    work = load_work(conn, guild_id, work_id)
    if not _take_out(conn, schedule_id, work_id):
        raise NotFound("That fic is not in the queue (any more).")
    schedules.forget_choices(conn, [schedule_id])
    _record(conn, guild_id, "daily unqueue", work, by, now)
    return work


def skip(conn: sqlite3.Connection, guild_id: int, work_id: int, *, by: int, now: datetime) -> Work:
    """Pass a work over for a while, in every schedule. Raises NotFound."""
    work = load_work(conn, guild_id, work_id)
    conn.execute(
        "INSERT OR REPLACE INTO daily_skips (guild_id, work_id, by_user, at) VALUES (?, ?, ?, ?)",
        (guild_id, work_id, by, to_text(now)),
    )
    unchoose(conn, guild_id, work_id)
    _record(conn, guild_id, "daily skip", work, by, now)
    return work


def veto(conn: sqlite3.Connection, guild_id: int, work_id: int, *, by: int, now: datetime) -> Work:
    """Never recommend a work here. Raises NotFound; Conflict if that is so already."""
    work = _published(conn, guild_id, work_id)
    if _is_vetoed(conn, guild_id, work_id):
        raise Conflict("This fic is vetoed already.")
    conn.execute(
        "INSERT INTO daily_vetoes (guild_id, work_id, by_user, at) VALUES (?, ?, ?, ?)",
        (guild_id, work_id, by, to_text(now)),
    )
    unchoose(conn, guild_id, work_id)
    _record(conn, guild_id, "daily veto", work, by, now)
    return work


def lift_veto(
    conn: sqlite3.Connection, guild_id: int, work_id: int, *, by: int, now: datetime
) -> Work:
    """Let a work be recommended again. Raises NotFound; Conflict if it is not vetoed."""
    work = load_work(conn, guild_id, work_id)
    if not _is_vetoed(conn, guild_id, work_id):
        raise Conflict("This fic is not vetoed.")
    conn.execute("DELETE FROM daily_vetoes WHERE guild_id = ? AND work_id = ?", (guild_id, work_id))
    _record(conn, guild_id, "daily veto undone", work, by, now)
    return work


def vetoed(conn: sqlite3.Connection, guild_id: int) -> list[Work]:
    """The latest vetoed works, as many as can be offered at once."""
    rows = conn.execute(
        "SELECT work_id FROM daily_vetoes WHERE guild_id = ? ORDER BY at DESC, work_id LIMIT ?",
        (guild_id, LISTED_VETOES),
    ).fetchall()
    return [load_work(conn, guild_id, work_id) for (work_id,) in rows]


def unchoose(conn: sqlite3.Connection, guild_id: int, work_id: int) -> None:
    """Take a work out of every queue of the server, and out of the choices made ahead."""
    for schedule in schedules.of_guild(conn, guild_id):
        _take_out(conn, schedule.schedule_id, work_id)
    conn.execute(
        "DELETE FROM outbox WHERE guild_id = ? AND work_id = ? AND state = 'pending' "
        "AND attempts = 0",
        (guild_id, work_id),
    )


def _take_out(conn: sqlite3.Connection, schedule_id: int, work_id: int) -> bool:
    taken = conn.execute(
        "DELETE FROM daily_queues WHERE schedule_id = ? AND work_id = ?", (schedule_id, work_id)
    )
    return taken.rowcount > 0


def _is_vetoed(conn: sqlite3.Connection, guild_id: int, work_id: int) -> bool:
    row = conn.execute(
        "SELECT 1 FROM daily_vetoes WHERE guild_id = ? AND work_id = ?", (guild_id, work_id)
    ).fetchone()
    return row is not None


def _published(conn: sqlite3.Connection, guild_id: int, work_id: int) -> Work:
    work = load_work(conn, guild_id, work_id)
    if work.state is not WorkState.PUBLISHED:
        raise Conflict("This fic is not in the library at the moment.")
    return work


def _record(
    conn: sqlite3.Connection, guild_id: int, action: str, work: Work, by: int, now: datetime
) -> None:
    audit.record(
        conn, guild_id, action, by=by, now=now, work_id=work.work_id, title=work.display_title
    )
