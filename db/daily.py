"""The daily post in the tables: schedules, and the outbox that makes it once and only once."""

import json
import logging
import sqlite3
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from db import audit
from db.clock import from_text, to_text
from db.errors import Conflict, NotFound
from db.guilds import ensure_guild
from db.models import (
    DailyPost,
    DailySchedule,
    DailyStatus,
    NameField,
    PostState,
    ScheduleState,
    Status,
)
from db.recommend import Candidate, choose, places
from db.schedule import due_date, next_slot
from db.search.names import meant

log = logging.getLogger(__name__)

# Within this a row that is being sent may still be on its way, and a repeat with its nonce gives
# the first message again. Discord says "the past few minutes" and no number: three is the least
# that can mean, and a guess too short only asks the channel's history sooner.
NONCE_WINDOW = timedelta(minutes=3)
# A channel that refuses this often in a row will not take the next post either.
FAILURES_TO_PAUSE = 3
RECENT_POSTS = 5  # whose authors and fandoms the next one avoids
CANDIDATES = 60  # weighed against each other; more makes no better choice
PER_PLACE = 10  # of those, where the library has more: neighbours are alike
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
    "AND (:tags IS NULL OR EXISTS (SELECT 1 FROM work_tags AS wt "
    "  WHERE wt.work_id = w.work_id AND wt.tag_id IN (SELECT value FROM json_each(:tags))))"
)
_MAY_QUOTE = (
    "w.text_access != 'metadata' "
    "AND NOT EXISTS (SELECT 1 FROM work_authors AS wa JOIN authors AS a USING (author_id) "
    "  WHERE wa.work_id = w.work_id AND a.consent IN ('metadata only', 'excluded'))"
)
_HAS_EXCERPT = (
    f"{_MAY_QUOTE} AND EXISTS (SELECT 1 FROM excerpts AS e "
    "  WHERE e.work_id = w.work_id AND e.state != 'vetoed')"
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
        local_date = _due(schedule, now)
        if local_date is None:
            continue
        post = _post_of(conn, schedule.guild_id, local_date)
        if post is None or post.state in (PostState.PENDING, PostState.SENDING):
            due.append(schedule)
    return due


def unsettled(conn: sqlite3.Connection, *, now: datetime) -> list[DailyPost]:
    """Posts left amid sending, of dates that are not due any more: each is out, or never.

    Those of the last `NONCE_WINDOW` are not among them: they may be on their way right now.
    """
    rows = conn.execute(
        f"SELECT {_POST} FROM outbox WHERE state = 'sending' AND first_attempt_at <= ?",
        (to_text(now - NONCE_WINDOW),),
    ).fetchall()
    left: list[DailyPost] = []
    for post in map(_to_post, rows):
        schedule = _find(conn, post.guild_id)
        if schedule is None or _due(schedule, now) != post.local_date:
            left.append(post)
    return left


def _due(schedule: DailySchedule, now: datetime) -> date | None:
    """As `due_date`; one server's zone that this machine does not know stops no other server."""
    try:
        return due_date(now, schedule)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        log.exception("Server %s: time zone %r", schedule.guild_id, schedule.time_zone)
        return None


def prepare(
    conn: sqlite3.Connection, guild_id: int, adult_ok: bool, *, now: datetime, early: bool
) -> DailyPost:
    """Write down the post of the date, or return the row that stands.

    `early` is before its hour, paused or not. A row whose work or excerpt may not be shown (any
    more) gets another one, unless it is being sent: then what it shows may be out already.

    Raises:
        NotFound: it was never set up.
        Conflict: nothing is due (any more), or the schedule is paused, and it is not `early`.
    """
    schedule = _schedule(conn, guild_id)
    today = now.astimezone(ZoneInfo(schedule.time_zone)).date()
    due = due_date(now, schedule)
    local_date = due or today
    post = _post_of(conn, guild_id, local_date)
    if early and post is not None and _is_settled(post) and local_date != today:
        local_date, post = today, _post_of(conn, guild_id, today)
    if post is not None and _is_settled(post):
        return post
    # Between asking what is due and this, the hours may have run out, or a moderator came.
    if not early and (due is None or schedule.state is not ScheduleState.ACTIVE):
        raise Conflict("No daily recommendation is due here at the moment.")
    if post is not None and post.state is PostState.SENDING:
        return post
    work_id, excerpt_id = _content(conn, schedule, post, adult_ok, local_date)
    if post is not None and (post.channel_id, post.work_id, post.excerpt_id) == (
        schedule.channel_id, work_id, excerpt_id,
    ):  # fmt: skip
        return post
    _give_up_older(conn, guild_id, local_date, now)
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


def _content(
    conn: sqlite3.Connection,
    schedule: DailySchedule,
    post: DailyPost | None,
    adult_ok: bool,
    local_date: date,
) -> tuple[int | None, int | None]:
    """The work and excerpt of a post that is not on its way: those written down, while they
    may be shown in the schedule's channel and did not go out under another date; else others."""
    if post is None or post.work_id is None or post.channel_id != schedule.channel_id:
        return pick(conn, schedule, adult_ok, local_date)
    fits = conn.execute(
        f"SELECT 1 FROM works AS w WHERE w.work_id = :work AND {_MAY_SHOW} AND {_UNSEEN}",
        {**_parameters(conn, schedule, adult_ok), "work": post.work_id},
    ).fetchone()
    if not fits:
        return pick(conn, schedule, adult_ok, local_date)
    return post.work_id, _best_excerpt(conn, post.work_id)


def _give_up_older(
    conn: sqlite3.Connection, guild_id: int, local_date: date, now: datetime
) -> None:
    """Settle the rows of earlier dates that never left, so that the history tells of them."""
    conn.execute(
        "UPDATE outbox SET state = 'skipped', settled_at = ?, reason = ifnull(reason, CASE "
        "WHEN work_id IS NULL THEN 'Nothing in the library was left that fits.' "
        "ELSE 'Its hour passed before it could be posted.' END) "
        "WHERE guild_id = ? AND state = 'pending' AND local_date < ?",
        (to_text(now), guild_id, local_date.isoformat()),
    )


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
    """Count a failed attempt; late word of a settled post counts for nothing.

    `permanent`: Discord refused it, and no earlier attempt can have got through. So the post is
    surely not out, and the next attempt is its first again.
    """
    post = _post(conn, outbox_id)
    if _is_settled(post):
        return _schedule(conn, post.guild_id)
    conn.execute("UPDATE outbox SET reason = ? WHERE outbox_id = ?", (reason, outbox_id))
    if permanent:
        conn.execute(
            "UPDATE outbox SET state = 'pending', first_attempt_at = NULL WHERE outbox_id = ?",
            (outbox_id,),
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
    if post is not None and post.state is not PostState.PENDING:
        return post
    work_id, excerpt_id = _content(conn, schedule, post, adult_ok, local_date)
    if work_id is None:
        return None
    if post is not None:
        return replace(post, channel_id=schedule.channel_id, work_id=work_id, excerpt_id=excerpt_id)
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
    parameters = _parameters(conn, schedule, adult_ok)
    # CROSS JOIN: from the short table to the long one, which the planner gets wrong.
    row = conn.execute(
        "SELECT w.work_id FROM daily_queue AS q CROSS JOIN works AS w USING (work_id) "
        f"WHERE q.guild_id = :guild AND {_MAY_SHOW} ORDER BY q.position, q.work_id LIMIT 1",
        parameters,
    ).fetchone()
    work_id = row[0] if row else None
    for condition in (f"{_UNSEEN} AND {_HAS_EXCERPT}", _UNSEEN):
        if work_id is None:
            work_id = _pick_unseen(conn, schedule, parameters, condition, local_date)
    if work_id is None:
        row = conn.execute(
            "SELECT w.work_id FROM outbox AS o CROSS JOIN works AS w USING (work_id) "
            f"WHERE o.guild_id = :guild AND o.state = 'sent' AND {_MAY_SHOW} "
            "GROUP BY w.work_id ORDER BY max(o.local_date) LIMIT 1",
            parameters,
        ).fetchone()
        work_id = row[0] if row else None
    return work_id, _best_excerpt(conn, work_id)


def _best_excerpt(conn: sqlite3.Connection, work_id: int | None) -> int | None:
    row = conn.execute(
        "SELECT e.excerpt_id FROM excerpts AS e JOIN works AS w USING (work_id) "
        f"WHERE e.work_id = ? AND e.state != 'vetoed' AND {_MAY_QUOTE} "
        "ORDER BY e.state != 'chosen', e.score DESC, e.excerpt_id LIMIT 1",
        (work_id,),
    ).fetchone()
    return row[0] if row else None


def _pick_unseen(
    conn: sqlite3.Connection,
    schedule: DailySchedule,
    parameters: dict[str, Any],
    condition: str,
    local_date: date,
) -> int | None:
    found = _look_around(conn, schedule, parameters, condition, local_date)
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
            for work_id, state in found.items()
        ],
        _authors(conn, recent),
        # Where the server chose one fandom, sharing it is no repetition.
        frozenset[int]() if schedule.fandom else _fandoms(conn, recent),
    )


def _look_around(
    conn: sqlite3.Connection,
    schedule: DailySchedule,
    parameters: dict[str, Any],
    condition: str,
    local_date: date,
) -> dict[int, str]:
    """Candidates and their statuses, in order of preference: all there are, or a spread of them.

    Never reads the whole library where it holds enough: that is what the work ids bound.
    """
    low, high = conn.execute(
        "SELECT (SELECT min(work_id) FROM works WHERE guild_id = :guild AND state = 'published'), "
        "(SELECT max(work_id) FROM works WHERE guild_id = :guild AND state = 'published')",
        parameters,
    ).fetchone()
    if low is None:
        return {}
    first, *others = places(schedule.guild_id, local_date, low, high)

    def from_to(start: int, end: int, limit: int) -> dict[int, str]:
        bounds = {**parameters, "start": start, "end": end, "limit": limit}
        return _between(conn, bounds, condition)

    found = from_to(first, high, CANDIDATES)
    if len(found) < CANDIDATES:
        found |= from_to(low, first - 1, CANDIDATES - len(found))
    if len(found) < CANDIDATES:
        return found
    spread = dict(list(found.items())[:PER_PLACE])
    for place in others:
        spread |= from_to(place, high, PER_PLACE)
    return spread


def _between(
    conn: sqlite3.Connection, parameters: dict[str, Any], condition: str
) -> dict[int, str]:
    """The first works that meet a condition from id `start` to `end`, with their statuses."""
    if parameters["tags"] is None:
        rows = conn.execute(
            "SELECT w.work_id, w.status FROM works AS w INDEXED BY works_by_state "
            f"WHERE w.work_id BETWEEN :start AND :end AND {_MAY_SHOW} AND {condition} "
            "ORDER BY w.work_id LIMIT :limit",
            parameters,
        )
        return dict(rows.fetchall())
    # Of a fandom: from its own works, however few of the library they are.
    rows = [
        row
        for tag_id in json.loads(parameters["tags"])
        for row in conn.execute(
            "SELECT w.work_id, w.status FROM work_tags AS of_fandom CROSS JOIN works AS w "
            "ON w.work_id = of_fandom.work_id WHERE of_fandom.tag_id = :tag "
            f"AND of_fandom.work_id BETWEEN :start AND :end AND {_MAY_SHOW} AND {condition} "
            "ORDER BY of_fandom.work_id LIMIT :limit",
            {**parameters, "tag": tag_id},
        ).fetchall()
    ]
    return dict(sorted(set(rows))[: parameters["limit"]])


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


def _parameters(
    conn: sqlite3.Connection, schedule: DailySchedule, adult_ok: bool
) -> dict[str, Any]:
    tags = None
    if schedule.fandom:  # as a search reads it: with its synonyms, nicknames and subtags
        tags = meant(conn, schedule.guild_id, NameField.FANDOM, schedule.fandom, whole=True).tags
    return {
        "guild": schedule.guild_id,
        "adult": adult_ok,
        "tags": None if tags is None else json.dumps(tags),
    }


def _status(conn: sqlite3.Connection, guild_id: int, now: datetime) -> DailyStatus:
    schedule = _schedule(conn, guild_id)
    settled = _settled_dates(conn, guild_id)
    (unseen,) = conn.execute(
        f"SELECT count(*) FROM works AS w WHERE {_MAY_SHOW} AND {_UNSEEN}",
        _parameters(conn, schedule, adult_ok=True),
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
