"""A story told in several messages: what was added next becomes the next chapter."""

import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta

from db import audit
from db.clock import to_text
from db.errors import Conflict
from db.excerpts import choose
from db.models import NewWork, Status, Work, WorkState
from db.search import index_works, unindex_works
from db.search.bodies import index_bodies
from db.texts import load_chapters
from db.works import load_work, save_text

RECENT = timedelta(hours=1)
LOOKED_AT = 200  # of the latest works of all servers


def latest_added(
    conn: sqlite3.Connection, guild_id: int, work_id: int, *, by: int, now: datetime
) -> Work | None:
    """The work with a text that somebody added last before another, within the hour."""
    row = conn.execute(
        "SELECT work_id FROM works WHERE work_id < ? AND work_id >= ? AND +guild_id = ? "
        "AND added_by = ? AND added_at >= ? AND state != 'removed' AND has_text "
        "AND replaces_id IS NULL ORDER BY work_id DESC LIMIT 1",
        (work_id, work_id - LOOKED_AT, guild_id, by, to_text(now - RECENT)),
    ).fetchone()
    return load_work(conn, guild_id, row[0]) if row else None


def append_chapters(
    conn: sqlite3.Connection, guild_id: int, draft_id: int, to: int, *, by: int, now: datetime
) -> Work:
    """Move a draft's chapters to the end of another work, and choose its excerpts anew."""
    draft, target = load_work(conn, guild_id, draft_id), load_work(conn, guild_id, to)
    if draft.state is not WorkState.DRAFT:
        raise Conflict("This was published already, so it cannot become a chapter of another.")
    if target.state is WorkState.REMOVED or not target.has_text or draft_id == to:
        raise Conflict("There is no work (any more) that this could be a chapter of.")
    added = load_chapters(conn, draft_id)
    if len(added) == 1 and added[0].title is None and draft.info.title:
        # What looked like a work's title is the chapter's.
        added = (replace(added[0], title=draft.info.title),)
    chapters = (*load_chapters(conn, to), *added)
    published = target.state is WorkState.PUBLISHED
    if published:
        unindex_works(conn, guild_id, [to])
    excerpts = choose(chapters, target.info.characters)
    # Not the loaded work's: that is left out where the text stays with its author.
    (opening,) = conn.execute("SELECT opening FROM works WHERE work_id = ?", (to,)).fetchone()
    save_text(conn, to, NewWork(target.info, chapters, excerpts, opening=opening))
    conn.execute("UPDATE works SET changed_at = ? WHERE work_id = ?", (to_text(now), to))
    if draft.info.status is Status.COMPLETE and target.info.status is not Status.COMPLETE:
        conn.execute("UPDATE works SET status = ? WHERE work_id = ?", (Status.COMPLETE.value, to))
    conn.execute("DELETE FROM works WHERE work_id = ?", (draft_id,))
    if published:
        index_works(conn, guild_id, [to])
        index_bodies(conn, [to])
        audit.record(
            conn, guild_id, "update", by=by, now=now, work_id=to, title=target.display_title,
            detail=f"chapter {len(chapters)} added",
        )  # fmt: skip
    return load_work(conn, guild_id, to)
