"""The daily post in the tables: schedules, and the outbox that makes it once and only once."""

import sqlite3
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from db import audit
from db.clock import from_text, to_text
from db.errors import NotFound
from db.guilds import ensure_guild
from db.models import (
    DailyPost,
    DailySchedule,
    DailyStatus,
    PostState,
    ScheduleState,
    Status,
    TagKind,
)
from db.names import tag_key
from db.recommend import Candidate, choose, seed
from db.schedule import due_date, next_slot

# A channel that refuses this often in a row will not take the next post either.
FAILURES_TO_PAUSE = 3
RECENT_POSTS = 5  # whose authors and fandoms the next one avoids
CANDIDATES = 60  # weighed against each other; more makes no better choice
NEVER_SET_UP = "There is no daily recommendation here yet. /daily setup makes one."

_SCHEDULE = (
    "guild_id, channel_id, local_time, time_zone, role_id, fandom, state, pause_reason, "
    "failures, set_at"
)
_POST = (
    "outbox_id, guild_id, local_date, channel_id, work_id, excerpt_id, nonce, state, attempts, "
    "reason, first_attempt_at, settled_at, message_id"
)
_MAY_SHOW = (
    "w.guild_id = :guild AND w.state = 'published' "
    "AND (:adult OR w.rating IN ('General Audiences', 'Teen And Up Audiences')) "
    "AND NOT EXISTS (SELECT 1 FROM daily_vetoes AS v "
    "  WHERE v.guild_id = w.guild_id AND v.work_id = w.work_id) "
    "AND NOT EXISTS (SELECT 1 FROM work_authors AS wa JOIN authors AS a USING (author_id) "
    "  WHERE wa.work_id = w.work_id AND a.consent = 'excluded') "
    "AND (:fandom IS NULL OR EXISTS (SELECT 1 FROM work_tags AS wt JOIN tags AS t USING (tag_id) "
    "  WHERE wt.work_id = w.work_id AND t.kind = 'fandom' AND ifnull(t.canonical_id, t.tag_id) = "
    "  (SELECT ifnull(f.canonical_id, f.tag_id) FROM tags AS f "
    "   WHERE f.guild_id = :guild AND f.kind = 'fandom' AND f.name_key = :fandom)))"
)
_HAS_EXCERPT = (
    "w.text_access != 'metadata' AND EXISTS (SELECT 1 FROM excerpts AS e "
    "  WHERE e.work_id = w.work_id AND e.state != 'vetoed') "
    "AND NOT EXISTS (SELECT 1 FROM work_authors AS wa JOIN authors AS a USING (author_id) "
    "  WHERE wa.work_id = w.work_id AND a.consent = 'metadata only')"
)
_UNSEEN = (
    "NOT EXISTS (SELECT 1 FROM outbox AS o WHERE o.guild_id = w.guild_id "
    "AND o.work_id = w.work_id AND o.state IN ('sent', 'sending'))"
)


def set_schedule(
    conn: sqlite3.Connection,
    guild_id: int,
    *,
    channel_id: int,
    local_time: time,
    time_zone: str,
    role_id: int | None,
    fandom: str | None,
    by: int,
    now: datetime,
) -> DailyStatus:
    """Set or change a server's schedule, and start it."""
    ensure_guild(conn, guild_id, now=now)
    conn.execute(
        "INSERT OR REPLACE INTO daily_schedules (guild_id, channel_id, local_time, time_zone, "
        "role_id, fandom, set_by, set_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (guild_id, channel_id, f"{local_time:%H:%M}", time_zone, role_id, fandom, by, to_text(now)),
    )
    audit.record(
        conn, guild_id, "daily setup", by=by, now=now, detail=f"{local_time:%H:%M} {time_zone}"
    )
    return _status(conn, guild_id, now)


def status(conn: sqlite3.Connection, guild_id: int, *, now: datetime) -> DailyStatus | None:
    """A server's schedule with what comes and what was; None if it was never set up."""
    return _status(conn, guild_id, now) if _find(conn, guild_id) else None


def pause(
    conn: sqlite3.Connection, guild_id: int, *, by: int | None, reason: str, now: datetime
) -> DailyStatus:
    """Stop posting until resumed."""
    _schedule(conn, guild_id)
    conn.execute(
        "UPDATE daily_schedules SET state = 'paused', pause_reason = ? WHERE guild_id = ?",
        (reason or None, guild_id),
    )
    audit.record(conn, guild_id, "daily pause", by=by, now=now, detail=reason)
    return _status(conn, guild_id, now)


def resume(conn: sqlite3.Connection, guild_id: int, *, by: int, now: datetime) -> DailyStatus:
    """Go on posting, from the next hour on: what a pause missed stays missed."""
    _schedule(conn, guild_id)
    conn.execute(
        "UPDATE daily_schedules SET state = 'active', pause_reason = NULL, failures = 0, "
        "set_at = ? WHERE guild_id = ?",
        (to_text(now), guild_id),
    )
    audit.record(conn, guild_id, "daily resume", by=by, now=now)
    return _status(conn, guild_id, now)


def due_guilds(conn: sqlite3.Connection, *, now: datetime) -> list[DailySchedule]:
    """Active schedules whose post is due and not settled."""
    due: list[DailySchedule] = []
    for row in conn.execute(f"SELECT {_SCHEDULE} FROM daily_schedules WHERE state = 'active'"):
        schedule = _to_schedule(row)
        local_date = due_date(now, schedule)
        if local_date is None:
            continue
        post = _post_of(conn, schedule.guild_id, local_date)
        if post is None or post.state in (PostState.PENDING, PostState.SENDING):
            due.append(schedule)
    return due


def unsettled(conn: sqlite3.Connection, *, now: datetime) -> list[DailyPost]:
    """Posts left amid sending, of dates that are not due any more: each is out, or never."""
    posts = [
        _to_post(row)
        for row in conn.execute(f"SELECT {_POST} FROM outbox WHERE state = 'sending'").fetchall()
    ]
    left: list[DailyPost] = []
    for post in posts:
        schedule = _find(conn, post.guild_id)
        if schedule is None or due_date(now, schedule) != post.local_date:
            left.append(post)
    return left


def prepare(
    conn: sqlite3.Connection, guild_id: int, adult_ok: bool, *, now: datetime, early: bool
) -> DailyPost:
    """Write down the post of the date, or return the row that stands.

    `early` is before its hour. A row whose work may not be shown (any more) gets another one,
    unless it is being sent: then what it shows may be out already.
    """
    schedule = _schedule(conn, guild_id)
    today = now.astimezone(ZoneInfo(schedule.time_zone)).date()
    local_date = due_date(now, schedule) or today
    post = _post_of(conn, guild_id, local_date)
    if early and post is not None and _is_settled(post) and local_date != today:
        local_date, post = today, _post_of(conn, guild_id, today)
    if post is not None and post.state is not PostState.PENDING:
        return post
    if post is not None and post.work_id is not None:
        parameters = {**_parameters(schedule, adult_ok), "work": post.work_id}
        fits = conn.execute(
            f"SELECT 1 FROM works AS w WHERE w.work_id = :work AND {_MAY_SHOW}", parameters
        ).fetchone()
        if fits and post.channel_id == schedule.channel_id:
            return post
    work_id, excerpt_id = pick(conn, schedule, adult_ok, local_date)
    conn.execute(
        "INSERT INTO outbox (guild_id, local_date, channel_id, work_id, excerpt_id, nonce, state, "
        "created_at) VALUES (?, ?, ?, ?, ?, ?, 'pending', ?) "
        "ON CONFLICT (guild_id, local_date) DO UPDATE SET channel_id = excluded.channel_id, "
        "work_id = excluded.work_id, excerpt_id = excluded.excerpt_id",
        (
            guild_id, local_date.isoformat(), schedule.channel_id, work_id, excerpt_id,
            nonce(guild_id, local_date), to_text(now),
        ),
    )  # fmt: skip
    standing = _post_of(conn, guild_id, local_date)
    assert standing is not None
    return standing


def nonce(guild_id: int, local_date: date) -> str:
    """What Discord knows a repeat by: at most 25 characters, one a server and date."""
    return f"{guild_id:x}-{local_date.toordinal():x}"


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
    if _is_settled(post):
        return
    state = PostState.SENT if message_id is not None else PostState.SKIPPED
    conn.execute(
        "UPDATE outbox SET state = ?, message_id = ?, reason = ?, settled_at = ? "
        "WHERE outbox_id = ?",
        (state.value, message_id, skipped, to_text(now), outbox_id),
    )
    if state is PostState.SENT:
        conn.execute("UPDATE daily_schedules SET failures = 0 WHERE guild_id = ?", (post.guild_id,))
        conn.execute(
            "DELETE FROM daily_queue WHERE guild_id = ? AND work_id = ?",
            (post.guild_id, post.work_id),
        )


def fail_send(
    conn: sqlite3.Connection, outbox_id: int, reason: str, *, permanent: bool, now: datetime
) -> DailySchedule:
    """Count a failed attempt. After a permanent one the post is surely not out."""
    post = _post(conn, outbox_id)
    conn.execute(
        "UPDATE outbox SET reason = ?, state = CASE WHEN ? AND state = 'sending' "
        "THEN 'pending' ELSE state END WHERE outbox_id = ?",
        (reason, permanent, outbox_id),
    )
    if permanent:
        conn.execute(
            "UPDATE daily_schedules SET failures = failures + 1 WHERE guild_id = ?",
            (post.guild_id,),
        )
        schedule = _schedule(conn, post.guild_id)
        if schedule.failures >= FAILURES_TO_PAUSE and schedule.state is ScheduleState.ACTIVE:
            pause(conn, post.guild_id, by=None, reason=reason, now=now)
    return _schedule(conn, post.guild_id)


def preview(
    conn: sqlite3.Connection, guild_id: int, adult_ok: bool, *, now: datetime
) -> DailyPost | None:
    """The next post as it stands or would be chosen now, without writing it down."""
    schedule = _schedule(conn, guild_id)
    settled = _settled_dates(conn, guild_id)
    zone = ZoneInfo(schedule.time_zone)
    due = due_date(now, schedule)
    at = next_slot(now, schedule, settled)
    local_date = due if due is not None and due not in settled else at.astimezone(zone).date()
    post = _post_of(conn, guild_id, local_date)
    if post is not None and post.work_id is not None:
        return post
    work_id, excerpt_id = pick(conn, schedule, adult_ok, local_date)
    if work_id is None:
        return None
    return DailyPost(
        outbox_id=0,
        guild_id=guild_id,
        local_date=local_date,
        channel_id=schedule.channel_id,
        work_id=work_id,
        excerpt_id=excerpt_id,
        nonce=nonce(guild_id, local_date),
        state=PostState.PENDING,
    )


def pick(
    conn: sqlite3.Connection, schedule: DailySchedule, adult_ok: bool, local_date: date
) -> tuple[int | None, int | None]:
    """The work and excerpt for a date: queued ones first, then unseen ones with an excerpt, then
    unseen ones without, then the one that was posted longest ago. (None, None): nothing fits."""
    parameters = _parameters(schedule, adult_ok)
    row = conn.execute(
        "SELECT w.work_id FROM daily_queue AS q JOIN works AS w USING (work_id) "
        f"WHERE q.guild_id = :guild AND {_MAY_SHOW} ORDER BY q.position LIMIT 1",
        parameters,
    ).fetchone()
    work_id = row[0] if row else None
    for condition in (f"{_UNSEEN} AND {_HAS_EXCERPT}", _UNSEEN):
        if work_id is None:
            work_id = _pick_unseen(conn, schedule, parameters, condition, local_date)
    if work_id is None:
        row = conn.execute(
            "SELECT w.work_id FROM works AS w JOIN outbox AS o ON o.guild_id = w.guild_id "
            f"AND o.work_id = w.work_id AND o.state = 'sent' WHERE {_MAY_SHOW} "
            "GROUP BY w.work_id ORDER BY max(o.local_date) LIMIT 1",
            parameters,
        ).fetchone()
        work_id = row[0] if row else None
    if work_id is None:
        return None, None
    row = conn.execute(
        "SELECT excerpt_id FROM excerpts WHERE work_id = ? AND state != 'vetoed' "
        "ORDER BY state != 'chosen', score DESC, excerpt_id LIMIT 1",
        (work_id,),
    ).fetchone()
    return work_id, row[0] if row else None


def _pick_unseen(
    conn: sqlite3.Connection,
    schedule: DailySchedule,
    parameters: dict[str, Any],
    condition: str,
    local_date: date,
) -> int | None:
    # From a place in the library that is the date's own, round to it again: no full scan.
    (newest,) = conn.execute("SELECT ifnull(max(work_id), 0) FROM works").fetchone()
    start = seed(schedule.guild_id, local_date) % (newest + 1)
    found: list[tuple[int, str]] = []
    for bound in ("w.work_id >= :start", "w.work_id < :start"):
        found += conn.execute(
            "SELECT w.work_id, w.status FROM works AS w INDEXED BY works_by_state "
            f"WHERE {bound} AND {_MAY_SHOW} AND {condition} ORDER BY w.work_id LIMIT :limit",
            {**parameters, "start": start, "limit": CANDIDATES - len(found)},
        ).fetchall()
        if len(found) >= CANDIDATES:
            break
    recent = [
        row[0]
        for row in conn.execute(
            "SELECT work_id FROM outbox WHERE guild_id = ? AND state IN ('sent', 'sending') "
            "AND work_id IS NOT NULL ORDER BY local_date DESC LIMIT ?",
            (schedule.guild_id, RECENT_POSTS),
        )
    ]
    return choose(
        [
            Candidate(work_id, Status(state), _authors(conn, [work_id]), _fandoms(conn, [work_id]))
            for work_id, state in found
        ],
        _authors(conn, recent),
        # Where the server chose one fandom, sharing it is no repetition.
        frozenset[int]() if schedule.fandom else _fandoms(conn, recent),
    )


def _authors(conn: sqlite3.Connection, work_ids: list[int]) -> frozenset[int]:
    return frozenset(
        row[0]
        for work_id in work_ids
        for row in conn.execute("SELECT author_id FROM work_authors WHERE work_id = ?", (work_id,))
    )


def _fandoms(conn: sqlite3.Connection, work_ids: list[int]) -> frozenset[int]:
    return frozenset(
        row[0]
        for work_id in work_ids
        for row in conn.execute(
            "SELECT ifnull(canonical_id, tag_id) FROM work_tags JOIN tags USING (tag_id) "
            "WHERE work_id = ? AND kind = 'fandom'",
            (work_id,),
        )
    )


def _parameters(schedule: DailySchedule, adult_ok: bool) -> dict[str, Any]:
    fandom = tag_key(TagKind.FANDOM, schedule.fandom) if schedule.fandom else None
    return {"guild": schedule.guild_id, "adult": adult_ok, "fandom": fandom}


def _status(conn: sqlite3.Connection, guild_id: int, now: datetime) -> DailyStatus:
    schedule = _schedule(conn, guild_id)
    settled = _settled_dates(conn, guild_id)
    (unseen,) = conn.execute(
        f"SELECT count(*) FROM works AS w WHERE {_MAY_SHOW} AND {_UNSEEN}",
        _parameters(schedule, adult_ok=True),
    ).fetchone()
    recent = conn.execute(
        f"SELECT {_POST} FROM outbox WHERE guild_id = ? AND state IN ('sent', 'skipped') "
        "ORDER BY local_date DESC LIMIT ?",
        (guild_id, RECENT_POSTS),
    )
    is_active = schedule.state is ScheduleState.ACTIVE
    return DailyStatus(
        schedule=schedule,
        next_at=next_slot(now, schedule, settled) if is_active else None,
        unseen=unseen,
        recent=tuple(_to_post(row) for row in recent),
    )


def _settled_dates(conn: sqlite3.Connection, guild_id: int) -> set[date]:
    rows = conn.execute(
        "SELECT local_date FROM outbox WHERE guild_id = ? AND state IN ('sent', 'skipped') "
        "ORDER BY local_date DESC LIMIT 10",
        (guild_id,),
    )
    return {date.fromisoformat(row[0]) for row in rows}


def _find(conn: sqlite3.Connection, guild_id: int) -> DailySchedule | None:
    row = conn.execute(
        f"SELECT {_SCHEDULE} FROM daily_schedules WHERE guild_id = ?", (guild_id,)
    ).fetchone()
    return _to_schedule(row) if row else None


def _schedule(conn: sqlite3.Connection, guild_id: int) -> DailySchedule:
    schedule = _find(conn, guild_id)
    if schedule is None:
        raise NotFound(NEVER_SET_UP)
    return schedule


def _post(conn: sqlite3.Connection, outbox_id: int) -> DailyPost:
    row = conn.execute(f"SELECT {_POST} FROM outbox WHERE outbox_id = ?", (outbox_id,)).fetchone()
    if row is None:
        raise NotFound("There is no such post.")
    return _to_post(row)


def _post_of(conn: sqlite3.Connection, guild_id: int, local_date: date) -> DailyPost | None:
    row = conn.execute(
        f"SELECT {_POST} FROM outbox WHERE guild_id = ? AND local_date = ?",
        (guild_id, local_date.isoformat()),
    ).fetchone()
    return _to_post(row) if row else None


def _is_settled(post: DailyPost) -> bool:
    return post.state in (PostState.SENT, PostState.SKIPPED)


def _to_schedule(row: tuple[Any, ...]) -> DailySchedule:
    guild_id, channel_id, at, zone, role_id, fandom, state, reason, failures, set_at = row
    return DailySchedule(
        guild_id=guild_id,
        channel_id=channel_id,
        local_time=time.fromisoformat(at),
        time_zone=zone,
        role_id=role_id,
        fandom=fandom,
        state=ScheduleState(state),
        pause_reason=reason,
        failures=failures,
        set_at=from_text(set_at),
    )


def _to_post(row: tuple[Any, ...]) -> DailyPost:
    return DailyPost(
        outbox_id=row[0],
        guild_id=row[1],
        local_date=date.fromisoformat(row[2]),
        channel_id=row[3],
        work_id=row[4],
        excerpt_id=row[5],
        nonce=row[6],
        state=PostState(row[7]),
        attempts=row[8],
        reason=row[9],
        first_attempt_at=from_text(row[10]) if row[10] else None,
        settled_at=from_text(row[11]) if row[11] else None,
        message_id=row[12],
    )
