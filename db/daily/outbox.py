"""The outbox, which makes each post once and only once.

A row is written before its message is sent, and first of all when the choice is made, ahead of its
hour. One row a schedule and local date, whatever happens.
"""

import logging
import sqlite3
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from db.clock import from_text, to_text
from db.daily import schedules
from db.daily.choosing import best_excerpt, fits, pick
from db.daily.models import DailyPost, DailySchedule, PostState, ScheduleState
from db.daily.slots import GRACE, due_date, next_slot, slot
from db.errors import Conflict, NotFound

log = logging.getLogger(__name__)

# Within this a row that is being sent may still be on its way, and a repeat with its nonce gives
# the first message again. Discord says "the past few minutes" and no number. Two is well within
# that, and a guess too short only asks the channel's history sooner.
NONCE_WINDOW = timedelta(minutes=2)
# A channel that refuses this often in a row will not take the next post either.
FAILURES_TO_PAUSE = 3
# After this nobody looks under the post any more.
THREAD_IN_TIME = timedelta(hours=1)

POST_COLUMNS = (
    "outbox_id, guild_id, schedule_id, local_date, channel_id, work_id, excerpt_id, nonce, state, "
    "attempts, reason, first_attempt_at, settled_at, message_id"
)
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def due(conn: sqlite3.Connection, *, now: datetime) -> list[DailySchedule]:
    """Running schedules whose post is due and not settled."""
    found: list[DailySchedule] = []
    for schedule in schedules.active(conn):
        local_date = _due(schedule, now)
        if local_date is None:
            continue
        post = _post_of(conn, schedule.schedule_id, local_date)
        if post is None or not post.is_settled:
            found.append(schedule)
    return found


def unsettled(conn: sqlite3.Connection, *, now: datetime) -> list[DailyPost]:
    """Posts left amid sending, of dates that are not due any more: each is out, or never.

    Those of the last `NONCE_WINDOW` are not among them: they may be on their way right now.
    """
    rows = conn.execute(
        f"SELECT {POST_COLUMNS} FROM outbox WHERE state = 'sending' AND first_attempt_at <= ?",
        (to_text(now - NONCE_WINDOW),),
    ).fetchall()
    left: list[DailyPost] = []
    for post in map(to_post, rows):
        schedule = schedules.find(conn, post.schedule_id)
        if schedule is None or _due(schedule, now) != post.local_date:
            left.append(post)
    return left


def missed(conn: sqlite3.Connection, *, now: datetime) -> list[tuple[DailyPost, str]]:
    """Posts that never left and whose hour has passed for good, with the reason of each.

    What a paused schedule misses is nobody's loss: resuming it chooses anew.
    """
    rows = conn.execute(
        f"SELECT {POST_COLUMNS} FROM outbox WHERE state = 'pending' AND local_date <= ?",
        ((now + timedelta(days=1)).date().isoformat(),),  # tomorrow has begun somewhere
    ).fetchall()
    found: list[tuple[DailyPost, str]] = []
    for post in map(to_post, rows):
        schedule = schedules.find(conn, post.schedule_id)
        if schedule is None or schedule.state is not ScheduleState.ACTIVE:
            continue
        if _due(schedule, now) != post.local_date and _has_passed(schedule, post.local_date, now):
            found.append((post, _why_missed(post)))
    return found


def _has_passed(schedule: DailySchedule, local_date: date, now: datetime) -> bool:
    zone = ZoneInfo(schedule.time_zone)
    return slot(local_date, schedule.local_time, zone) + GRACE <= now


def _why_missed(post: DailyPost) -> str:
    if post.reason:
        return post.reason
    if post.work_id is None:
        return "Nothing in the library was left that fits."
    return "Its hour passed before it could be posted."


def unchosen(conn: sqlite3.Connection) -> list[DailySchedule]:
    """Running schedules whose next post has not been chosen yet."""
    rows = conn.execute(
        "SELECT schedule_id FROM schedules AS s WHERE state = 'active' AND NOT EXISTS "
        "(SELECT 1 FROM outbox AS o WHERE o.schedule_id = s.schedule_id "
        " AND o.state IN ('pending', 'sending'))"
    ).fetchall()
    found = (schedules.find(conn, schedule_id) for (schedule_id,) in rows)
    return [schedule for schedule in found if schedule]


def _due(schedule: DailySchedule, now: datetime) -> date | None:
    """As `due_date`; one server's zone that this machine does not know stops no other server."""
    try:
        return due_date(now, schedule)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        log.exception("Server %s: time zone %r", schedule.guild_id, schedule.time_zone)
        return None


def choose_ahead(
    conn: sqlite3.Connection, schedule_id: int, adult_ok: bool, *, now: datetime
) -> DailyPost | None:
    """Choose the next post and write it down; None if the schedule does not run (any more)."""
    schedule = schedules.find(conn, schedule_id)
    if schedule is None or schedule.state is not ScheduleState.ACTIVE:
        return None
    local_date = _next_date(conn, schedule, now)
    post = _post_of(conn, schedule_id, local_date)
    if post is not None and post.state is not PostState.PENDING:
        return post
    return _write_down(conn, schedule, post, adult_ok, local_date, now)


def prepare(
    conn: sqlite3.Connection, schedule_id: int, adult_ok: bool, *, now: datetime, early: bool
) -> DailyPost:
    """Write down the post of the date, or return the row that stands.

    `early` is before its hour, paused or not: then it is what was chosen for the next one. A row
    whose work or excerpt may not be shown (any more) gets another one, unless it is being sent:
    then what it shows may be out already.

    Raises:
        NotFound: there is no such schedule (any more).
        Conflict: nothing is due (any more), or the schedule is paused, and it is not `early`.
    """
    schedule = schedules.find(conn, schedule_id)
    if schedule is None:
        raise NotFound(schedules.NEVER_SET_UP)
    today = now.astimezone(ZoneInfo(schedule.time_zone)).date()
    due_on = due_date(now, schedule)
    local_date = due_on or today
    post = _post_of(conn, schedule_id, local_date)
    if early and post is not None and post.is_settled and local_date != today:
        local_date, post = today, _post_of(conn, schedule_id, today)
    if post is not None and post.is_settled:
        return post
    # Between asking what is due and this, the hours may have run out, or a moderator came.
    if not early and (due_on is None or schedule.state is not ScheduleState.ACTIVE):
        raise Conflict("No daily recommendation is due here at the moment.")
    if post is not None and post.state is PostState.SENDING:
        return post
    if early and post is None:
        post = _brought_forward(conn, schedule, local_date)
    _give_up_older(conn, schedule_id, local_date, now)
    return _write_down(conn, schedule, post, adult_ok, local_date, now)


def _brought_forward(
    conn: sqlite3.Connection, schedule: DailySchedule, local_date: date
) -> DailyPost | None:
    """What was chosen for a date to come, moved to this one."""
    conn.execute(
        "UPDATE outbox SET local_date = ?, nonce = ? WHERE outbox_id = (SELECT outbox_id "
        "FROM outbox WHERE schedule_id = ? AND state = 'pending' AND attempts = 0 "
        "AND local_date > ? ORDER BY local_date LIMIT 1)",
        (
            local_date.isoformat(),
            nonce(schedule.guild_id, schedule.schedule_id, local_date),
            schedule.schedule_id,
            local_date.isoformat(),
        ),
    )
    return _post_of(conn, schedule.schedule_id, local_date)


def _write_down(
    conn: sqlite3.Connection,
    schedule: DailySchedule,
    post: DailyPost | None,
    adult_ok: bool,
    local_date: date,
    now: datetime,
) -> DailyPost:
    """Give a date its row, or another content to the row that stands."""
    work_id, excerpt_id = _content(conn, schedule, post, adult_ok, local_date, now)
    if post is not None and (post.channel_id, post.work_id, post.excerpt_id) == (
        schedule.channel_id, work_id, excerpt_id,
    ):  # fmt: skip
        return post
    conn.execute(
        "INSERT INTO outbox (guild_id, schedule_id, local_date, channel_id, work_id, excerpt_id, "
        "nonce, state, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, 'pending', ?) "
        "ON CONFLICT (schedule_id, local_date) DO UPDATE SET channel_id = excluded.channel_id, "
        "work_id = excluded.work_id, excerpt_id = excluded.excerpt_id",
        (
            schedule.guild_id, schedule.schedule_id, local_date.isoformat(), schedule.channel_id,
            work_id, excerpt_id, nonce(schedule.guild_id, schedule.schedule_id, local_date),
            to_text(now),
        ),
    )  # fmt: skip
    standing = _post_of(conn, schedule.schedule_id, local_date)
    assert standing is not None
    return standing


def _content(
    conn: sqlite3.Connection,
    schedule: DailySchedule,
    post: DailyPost | None,
    adult_ok: bool,
    local_date: date,
    now: datetime,
) -> tuple[int | None, int | None]:
    """The work and excerpt of a post that is not on its way: those written down, while they
    may be shown in the schedule's channel and did not go out under another date; else others."""
    own = post.outbox_id if post else 0
    work_id = post.work_id if post and post.channel_id == schedule.channel_id else None
    if work_id is None or not fits(conn, schedule, adult_ok, work_id, own=own, now=now):
        work_id = pick(conn, schedule, adult_ok, local_date, own=own, now=now)
    return work_id, best_excerpt(conn, work_id)


def _give_up_older(
    conn: sqlite3.Connection, schedule_id: int, local_date: date, now: datetime
) -> None:
    """Settle the rows of earlier dates that never left, so that the history tells of them."""
    rows = conn.execute(
        f"SELECT {POST_COLUMNS} FROM outbox WHERE schedule_id = ? AND state = 'pending' "
        "AND local_date < ?",
        (schedule_id, local_date.isoformat()),
    ).fetchall()
    for post in map(to_post, rows):
        reason = _why_missed(post)
        settle_send(conn, post.outbox_id, message_id=None, skipped=reason, now=now)


def nonce(guild_id: int, schedule_id: int, local_date: date) -> str:
    """What Discord knows a repeat by, one a schedule and date: at most 25 characters.

    The server's id is part of it, because schedules are numbered anew in a new library.
    """
    parts = (guild_id, schedule_id % 36**5, local_date.toordinal())
    return "-".join(map(_base36, parts))


def _base36(number: int) -> str:
    digits = ""
    while number or not digits:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits


def begin_send(conn: sqlite3.Connection, outbox_id: int, *, now: datetime) -> DailyPost:
    """Mark a post as being sent, before its request leaves."""
    conn.execute(
        "UPDATE outbox SET state = 'sending', attempts = attempts + 1, "
        "first_attempt_at = ifnull(first_attempt_at, ?) WHERE outbox_id = ? "
        "AND state IN ('pending', 'sending')",
        (to_text(now), outbox_id),
    )
    return _post(conn, outbox_id)


def settle_send(
    conn: sqlite3.Connection,
    outbox_id: int,
    *,
    message_id: int | None,
    skipped: str | None,
    now: datetime,
) -> None:
    """Write down that a post is out, or why it was given up for its date."""
    post = _post(conn, outbox_id)
    if post.is_settled:
        return
    state = PostState.SENT if message_id is not None else PostState.SKIPPED
    conn.execute(
        "UPDATE outbox SET state = ?, message_id = ?, reason = ?, settled_at = ? "
        "WHERE outbox_id = ?",
        (state.value, message_id, skipped, to_text(now), outbox_id),
    )
    if state is PostState.SENT:
        mine = (post.schedule_id,)
        conn.execute("UPDATE schedules SET failures = 0 WHERE schedule_id = ?", mine)
        conn.execute(
            "UPDATE outbox SET thread = 'wanted' WHERE outbox_id = ? AND EXISTS "
            "(SELECT 1 FROM schedules AS s WHERE s.schedule_id = outbox.schedule_id AND s.thread)",
            (outbox_id,),
        )
        conn.execute(
            "DELETE FROM daily_queues WHERE schedule_id = ? AND work_id = ?", (*mine, post.work_id)
        )
        conn.execute(
            "DELETE FROM daily_skips WHERE guild_id = ? AND work_id = ?",
            (post.guild_id, post.work_id),
        )


def fail_send(
    conn: sqlite3.Connection, outbox_id: int, reason: str, *, permanent: bool, now: datetime
) -> DailySchedule | None:
    """Count a failed attempt; late word of a settled post counts for nothing.

    `permanent`: Discord refused it, and no earlier attempt can have got through. So the post is
    surely not out, and the next attempt is its first again. Returns the schedule, paused after
    `FAILURES_TO_PAUSE` of these in a row; None if it was removed.
    """
    post = _post(conn, outbox_id)
    if not post.is_settled:
        conn.execute("UPDATE outbox SET reason = ? WHERE outbox_id = ?", (reason, outbox_id))
    schedule = schedules.find(conn, post.schedule_id)
    if post.is_settled or not permanent:
        return schedule
    conn.execute(
        # A refusal that came before the request, as of a channel that is gone, is an attempt too.
        "UPDATE outbox SET state = 'pending', first_attempt_at = NULL, "
        "attempts = max(attempts, 1) WHERE outbox_id = ?",
        (outbox_id,),
    )
    conn.execute(
        "UPDATE schedules SET failures = failures + 1 WHERE schedule_id = ?", (post.schedule_id,)
    )
    if schedule is None:
        return None
    is_one_too_many = schedule.failures + 1 >= FAILURES_TO_PAUSE
    if is_one_too_many and schedule.state is ScheduleState.ACTIVE:
        mine = (schedule.guild_id, schedule.schedule_id)
        schedules.pause(conn, *mine, by=None, reason=reason, now=now)
    return schedules.find(conn, post.schedule_id)


def threads_wanted(conn: sqlite3.Connection, *, now: datetime) -> list[DailyPost]:
    """Posts that are out and still lack the thread that their schedule wants under them."""
    rows = conn.execute(
        f"SELECT {POST_COLUMNS} FROM outbox WHERE thread = 'wanted' AND settled_at >= ? "
        "ORDER BY outbox_id",
        (to_text(now - THREAD_IN_TIME),),
    )
    return [to_post(row) for row in rows]


def settle_thread(conn: sqlite3.Connection, outbox_id: int, *, made: bool) -> None:
    """Write down that a post has its thread, or never will."""
    conn.execute(
        "UPDATE outbox SET thread = ? WHERE outbox_id = ?",
        ("made" if made else "failed", outbox_id),
    )


def preview(
    conn: sqlite3.Connection, schedule: DailySchedule, adult_ok: bool, *, now: datetime
) -> DailyPost | None:
    """The next post as it was chosen, or would be chosen now, without writing anything down."""
    local_date = _next_date(conn, schedule, now)
    post = _post_of(conn, schedule.schedule_id, local_date)
    if post is not None and post.state is not PostState.PENDING:
        return post
    work_id, excerpt_id = _content(conn, schedule, post, adult_ok, local_date, now)
    if work_id is None:
        return None
    if post is not None:
        return replace(post, channel_id=schedule.channel_id, work_id=work_id, excerpt_id=excerpt_id)
    return DailyPost(
        outbox_id=0,
        guild_id=schedule.guild_id,
        schedule_id=schedule.schedule_id,
        local_date=local_date,
        channel_id=schedule.channel_id,
        work_id=work_id,
        excerpt_id=excerpt_id,
        nonce=nonce(schedule.guild_id, schedule.schedule_id, local_date),
        state=PostState.PENDING,
    )


def next_at(conn: sqlite3.Connection, schedule: DailySchedule, *, now: datetime) -> datetime:
    """When the schedule's next post is made, whether it runs or not."""
    return next_slot(now, schedule, _settled_dates(conn, schedule.schedule_id))


def next_of_all(conn: sqlite3.Connection, *, now: datetime) -> datetime | None:
    """The next hour at which a running schedule of any server posts; None if none does.

    Posts that are due already are not waited for: they are being made, or cannot be.
    """
    hours: list[datetime] = []
    for schedule in schedules.active(conn):
        try:
            settled = _settled_dates(conn, schedule.schedule_id)
            if (due_on := due_date(now, schedule)) is not None:
                settled.add(due_on)
            hours.append(next_slot(now, schedule, settled))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            log.exception("Server %s: time zone %r", schedule.guild_id, schedule.time_zone)
    return min(hours, default=None)


def _next_date(conn: sqlite3.Connection, schedule: DailySchedule, now: datetime) -> date:
    """The local date of the next post: of one that is due, else of the next hour."""
    settled = _settled_dates(conn, schedule.schedule_id)
    due_on = due_date(now, schedule)
    if due_on is not None and due_on not in settled:
        return due_on
    return next_slot(now, schedule, settled).astimezone(ZoneInfo(schedule.time_zone)).date()


def _settled_dates(conn: sqlite3.Connection, schedule_id: int) -> set[date]:
    rows = conn.execute(
        "SELECT local_date FROM outbox WHERE schedule_id = ? AND state IN ('sent', 'skipped') "
        "ORDER BY local_date DESC LIMIT 10",
        (schedule_id,),
    )
    return {date.fromisoformat(row[0]) for row in rows}


def _post(conn: sqlite3.Connection, outbox_id: int) -> DailyPost:
    row = conn.execute(
        f"SELECT {POST_COLUMNS} FROM outbox WHERE outbox_id = ?", (outbox_id,)
    ).fetchone()
    if row is None:
        raise NotFound("There is no such post (any more).")
    return to_post(row)


def _post_of(conn: sqlite3.Connection, schedule_id: int, local_date: date) -> DailyPost | None:
    row = conn.execute(
        f"SELECT {POST_COLUMNS} FROM outbox WHERE schedule_id = ? AND local_date = ?",
        (schedule_id, local_date.isoformat()),
    ).fetchone()
    return to_post(row) if row else None


def to_post(row: tuple[Any, ...]) -> DailyPost:
    """The post in a row of `POST_COLUMNS`."""
    return DailyPost(
        outbox_id=row[0],
        guild_id=row[1],
        schedule_id=row[2],
        local_date=date.fromisoformat(row[3]),
        channel_id=row[4],
        work_id=row[5],
        excerpt_id=row[6],
        nonce=row[7],
        state=PostState(row[8]),
        attempts=row[9],
        reason=row[10],
        first_attempt_at=from_text(row[11]) if row[11] else None,
        settled_at=from_text(row[12]) if row[12] else None,
        message_id=row[13],
    )
