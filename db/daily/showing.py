"""What posts show, and what the history tells of them."""

import sqlite3
from datetime import datetime

from db import members
from db.daily import outbox, schedules
from db.daily.choosing import count_unseen
from db.daily.models import (
    DailyPost,
    DailySchedule,
    DailyStatus,
    PastPost,
    Recommended,
    ScheduleState,
)
from db.errors import NotFound, Refused
from db.finding import may_quote, visible_work
from db.models import Passage, Viewer, Work
from db.texts import chapter_title, load_excerpts

RECENT_POSTS = 5


def shown(conn: sqlite3.Connection, guild_id: int, post: DailyPost, viewer: Viewer) -> Recommended:
    """What a post shows: its excerpt, or the work where it has none to show.

    Raises:
        NotFound, Refused: the work went, or may not be shown there (any more).
    """
    if post.work_id is None:
        raise NotFound("There is no work left to recommend.")
    work = visible_work(conn, guild_id, post.work_id, viewer)
    latest = members.recs(conn, guild_id, work.work_id, limit=1)
    return Recommended(_found(conn, work, post.excerpt_id), latest[0] if latest else None)


def _found(conn: sqlite3.Connection, work: Work, excerpt_id: int | None) -> Passage | Work:
    candidates = load_excerpts(conn, work.work_id) if may_quote(conn, work) else []
    for excerpt in candidates:
        if excerpt_id in (None, excerpt.excerpt_id):
            return Passage(work, excerpt, chapter_title(conn, work.work_id, excerpt.chapter))
    return work


def preview(
    conn: sqlite3.Connection, guild_id: int, schedule_id: int, viewer: Viewer, *, now: datetime
) -> Recommended | None:
    """What the next post would show; None where nothing fits. Raises NotFound."""
    schedule = schedules.one(conn, guild_id, schedule_id)
    post = outbox.preview(conn, schedule, viewer.adult_ok, now=now)
    if post is None or post.work_id is None:
        return None
    return shown(conn, guild_id, post, viewer)


def status(
    conn: sqlite3.Connection, schedule: DailySchedule, viewer: Viewer, *, now: datetime
) -> DailyStatus:
    """What comes of a schedule, and what came last."""
    (queued,) = conn.execute(
        "SELECT count(*) FROM daily_queues WHERE schedule_id = ?", (schedule.schedule_id,)
    ).fetchone()
    recent = history(
        conn, schedule.guild_id, viewer, schedule_id=schedule.schedule_id, limit=RECENT_POSTS
    )
    runs = schedule.state is ScheduleState.ACTIVE
    return DailyStatus(
        schedule=schedule,
        next_at=outbox.next_at(conn, schedule, now=now) if runs else None,
        unseen=count_unseen(conn, schedule, now=now),
        queued=queued,
        recent=tuple(recent),
    )


def history(
    conn: sqlite3.Connection,
    guild_id: int,
    viewer: Viewer,
    *,
    schedule_id: int | None = None,
    before: int | None = None,
    limit: int,
) -> list[PastPost]:
    """What a server's schedules, or one of them, posted or gave up, the latest dates first.

    `before` is the `outbox_id` of the post to go on from.
    """
    names = {each.schedule_id: each.name for each in schedules.of_guild(conn, guild_id)}
    rows = conn.execute(
        f"SELECT {outbox.POST_COLUMNS} FROM outbox "
        "WHERE guild_id = :guild AND state IN ('sent', 'skipped') "
        "AND (:schedule IS NULL OR schedule_id = :schedule) "
        "AND (:before IS NULL OR (local_date, outbox_id) < (SELECT local_date, outbox_id "
        "  FROM outbox WHERE outbox_id = :before AND guild_id = :guild)) "
        "ORDER BY local_date DESC, outbox_id DESC LIMIT :limit",
        {"guild": guild_id, "schedule": schedule_id, "before": before, "limit": limit},
    ).fetchall()
    posts = [outbox.to_post(row) for row in rows]
    return [
        PastPost(post, _title(conn, guild_id, post, viewer), names.get(post.schedule_id))
        for post in posts
    ]


def _title(conn: sqlite3.Connection, guild_id: int, post: DailyPost, viewer: Viewer) -> str | None:
    if post.work_id is None:
        return None
    try:
        return visible_work(conn, guild_id, post.work_id, viewer).display_title
    except (NotFound, Refused):
        return None
