"""What members said and asked for: their recs, and all else that is held of them.

Words of one member are shown to a server only as recs. What is held of somebody they may have
told and erased: `HELD` names every column that names a member, and a test sees that none is
missing there.
"""

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db import audit, traces
from db.clock import Clock, from_text, to_text
from db.connection import Store
from db.errors import BadInput, NotFound
from db.finding import visible_work
from db.models import Viewer
from db.scrubbing import Scrubber
from db.search import index_works
from db.search.documents import popularity_bucket
from db.works import clean, load_work

WHY_LIMIT_CHARS = 500
SHOWN_RECS = 3


@dataclass(frozen=True, slots=True)
class Rec:
    """A member's recommendation of a work to their server; `why` is theirs: escape it.

    `is_changed` tells, when it was just made, that it took the place of another.
    """

    work_id: int
    user_id: int
    why: str
    created_at: datetime
    is_changed: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """A column that names members, and what becomes of its rows when one wants to be forgotten.

    `called` is what the rows are called in an export, which gives the columns `told`, in SQL,
    and the title of the work where there is one. Rows that are the member's own go with them; of
    others, which are the server's, the id alone is forgotten, and the words in `theirs` besides.
    `guild` is the server of a row, in SQL.
    """

    called: str
    table: str
    column: str
    told: str
    is_own: bool = False
    theirs: str | None = None
    guild: str = "guild_id"


# Of what moderators did the log keeps what and when: by somebody, no longer by whom.
HELD = (
    Held("recommendations", "recs", "user_id", "work_id, why, created_at", is_own=True),
    Held("shelf", "shelves", "user_id", "work_id, shelf, note, added_at", is_own=True),
    Held("mutes", "mutes", "user_id", "kind, value, created_at", is_own=True),
    Held("follows", "follows", "user_id", "kind, value, created_at", is_own=True),
    Held(
        "suggestions and reports", "suggestions", "user_id",
        "kind, work_id, link, why, state, created_at, decided_at", is_own=True,
    ),
    Held("lists asked for", "remembered", "user_id", "payload AS asked, at", is_own=True),
    Held(
        "suggestions decided", "suggestions", "decided_by",
        "kind, work_id, link, state, created_at, decided_at",
    ),
    Held("works added", "works", "added_by", "work_id, state, added_at"),
    Held(
        "log entries", "audit_log", "actor_id", "at, action, work_id, title, detail",
        theirs="detail",
    ),
    Held(
        "recommending set up", "schedules", "set_by",
        "name, channel_id, local_time, time_zone, set_at",
    ),
    Held(
        "works queued", "daily_queues", "added_by", "work_id, added_at",
        guild="(SELECT guild_id FROM schedules AS s "
        "WHERE s.schedule_id = daily_queues.schedule_id)",
    ),
    Held("works skipped", "daily_skips", "by_user", "work_id, at"),
    Held("works vetoed", "daily_vetoes", "by_user", "work_id, at"),
)  # fmt: skip


def recommend(
    conn: sqlite3.Connection,
    guild_id: int,
    work_id: int,
    viewer: Viewer,
    why: str,
    *,
    now: datetime,
) -> Rec:
    """Store a member's rec of a work, in place of the one that they gave before."""
    visible_work(conn, guild_id, work_id, viewer)
    assert viewer.user_id is not None  # the server itself recommends nothing
    why = clean(why).strip()
    if not 0 < len(why) <= WHY_LIMIT_CHARS:
        raise BadInput(f"Say why in 1 to {WHY_LIMIT_CHARS} characters; these are {len(why)}.")
    mine = (guild_id, work_id, viewer.user_id)
    is_new = not conn.execute(f"SELECT 1 FROM recs WHERE {_MINE}", mine).fetchone()
    conn.execute(
        "INSERT OR REPLACE INTO recs (guild_id, work_id, user_id, why, created_at) "
        "VALUES (?, ?, ?, ?, ?)",
        (*mine, why, to_text(now)),
    )
    if is_new:
        _count(conn, guild_id, work_id, 1)
    return Rec(work_id, viewer.user_id, why, now, is_changed=not is_new)


def recs(conn: sqlite3.Connection, guild_id: int, work_id: int, limit: int) -> list[Rec]:
    """The recs of a work, the newest first."""
    return [
        Rec(work_id, user_id, why, from_text(at))
        for user_id, why, at in conn.execute(
            "SELECT user_id, why, created_at FROM recs WHERE guild_id = ? AND work_id = ? "
            "ORDER BY created_at DESC, user_id LIMIT ?",
            (guild_id, work_id, limit),
        )
    ]


def take_back_rec(conn: sqlite3.Connection, guild_id: int, work_id: int, user_id: int) -> None:
    """Delete a member's rec."""
    gone = conn.execute(f"DELETE FROM recs WHERE {_MINE}", (guild_id, work_id, user_id)).rowcount
    if not gone:
        raise NotFound("There is no such recommendation.")
    _count(conn, guild_id, work_id, -1)


def remove_rec(
    conn: sqlite3.Connection, guild_id: int, work_id: int, user_id: int, *, by: int, now: datetime
) -> None:
    """Delete a member's rec for the moderators; the log does not name the member."""
    take_back_rec(conn, guild_id, work_id, user_id)
    title = load_work(conn, guild_id, work_id).display_title
    audit.record(conn, guild_id, "remove rec", by=by, now=now, work_id=work_id, title=title)


def member_data(conn: sqlite3.Connection, guild_id: int, user_id: int) -> dict[str, Any]:
    """All that is held of a member in a server, by kind; kinds without anything are left out."""
    data: dict[str, Any] = {}
    for held in HELD:
        rows = conn.execute(
            f"SELECT {held.told} FROM {held.table} WHERE {held.guild} = ? AND {held.column} = ?",
            (guild_id, user_id),
        )
        names = [column[0] for column in rows.description]
        found = [dict(zip(names, row, strict=True)) for row in rows]
        for row in found:
            if row.get("work_id") is not None and not row.get("title"):
                row["title"] = _title(conn, guild_id, row["work_id"])
            if "asked" in row:
                row["asked"] = json.loads(row["asked"])
        if found:
            data[held.called] = found
    return data


def erase_member(conn: sqlite3.Connection, user_id: int, guild_id: int | None) -> dict[str, int]:
    """Forget a member in one server, or in all; returns how many rows of each kind there were."""
    recommended = conn.execute(
        f"SELECT guild_id, work_id FROM recs WHERE {_IN_GUILD.format('guild_id')} AND user_id = ?2",
        (guild_id, user_id),
    ).fetchall()
    erased: dict[str, int] = {}
    for held in HELD:
        if held.is_own:
            how = f"DELETE FROM {held.table}"
        else:
            words = f", {held.theirs} = ''" if held.theirs else ""
            how = f"UPDATE {held.table} SET {held.column} = {_forgotten(held)}{words}"
        mine = f"{_IN_GUILD.format(held.guild)} AND {held.column} = ?2"
        if gone := conn.execute(f"{how} WHERE {mine}", (guild_id, user_id)).rowcount:
            erased[held.called] = gone
    for of_guild, work_id in recommended:
        _count(conn, of_guild, work_id, -1)
    traces.ask(conn, words=False)
    return erased


_MINE = "guild_id = ? AND work_id = ? AND user_id = ?"
_IN_GUILD = "(?1 IS NULL OR {} = ?1)"


def _forgotten(held: Held) -> str:
    # NULL in the log is the bot itself or its owner, who did not do what a member did.
    return str(audit.FORGOTTEN) if held.table == "audit_log" else "NULL"


def _title(conn: sqlite3.Connection, guild_id: int, work_id: int) -> str | None:
    row = conn.execute(
        "SELECT title FROM works WHERE guild_id = ? AND work_id = ?", (guild_id, work_id)
    ).fetchone()
    return row[0] if row else None


def _count(conn: sqlite3.Connection, guild_id: int, work_id: int, more: int) -> None:
    """Add to a work's popularity. Its place in the index is told by how often that doubled, so
    few recs move it there."""
    (before,) = conn.execute(
        "SELECT popularity FROM works WHERE work_id = ?", (work_id,)
    ).fetchone()
    after = max(0, before + more)
    conn.execute("UPDATE works SET popularity = ? WHERE work_id = ?", (after, work_id))
    indexed = conn.execute("SELECT 1 FROM search_docs WHERE work_id = ?", (work_id,)).fetchone()
    if indexed and popularity_bucket(before) != popularity_bucket(after):
        index_works(conn, guild_id, [work_id])


class Members:
    """The library's methods about members."""

    def __init__(self, store: Store, clock: Clock, scrubber: Scrubber) -> None:
        self._store = store
        self._clock = clock
        self._scrubber = scrubber

    async def recommend(self, guild_id: int, work_id: int, viewer: Viewer, why: str) -> Rec:
        """Recommend a work to the server; doing it again changes the words.

        Raises:
            NotFound: no such work for this viewer.
            Refused: the work is adult and this is no place for it.
            BadInput: the words are none, or too many.
        """
        return await self._store.write(
            recommend, guild_id, work_id, viewer, why, now=self._clock.now()
        )

    async def recs(self, guild_id: int, work_id: int, *, limit: int = SHOWN_RECS) -> list[Rec]:
        """The recs of a work, the newest first; none for a work of another server."""
        return await self._store.read(recs, guild_id, work_id, limit)

    async def take_back_rec(self, guild_id: int, work_id: int, user_id: int) -> None:
        """Take one's own rec back. Raises NotFound: there was none."""
        await self._store.write(take_back_rec, guild_id, work_id, user_id)

    async def remove_rec(self, guild_id: int, work_id: int, user_id: int, *, by: int) -> None:
        """Take a member's rec down, for a moderator. Raises NotFound: there was none."""
        await self._store.write(
            remove_rec, guild_id, work_id, user_id, by=by, now=self._clock.now()
        )

    async def member_data(self, guild_id: int, user_id: int) -> dict[str, Any]:
        """All that is held of a member in a server, ready for JSON."""
        return await self._store.read_long(member_data, guild_id, user_id)

    async def erase_member(self, user_id: int, guild_id: int | None) -> dict[str, int]:
        """Forget a member in one server, or, with None, in all of this library.

        Works stay, without the member's id. Returns how many rows of each kind there were, by
        the kinds' names. What is left of them in the file goes in the background (traces.py).
        """
        erased = await self._store.write(erase_member, user_id, guild_id)
        self._scrubber.start()
        return erased
