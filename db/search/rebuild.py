"""Filling an index anew after a migration emptied it.

A migration is SQL, and an index is filled by code: so a migration that changes an index empties
it and leaves a mark in `meta`, and whoever opens the file next fills it before anything else.
"""

import sqlite3
from collections.abc import Callable

from db.search.bodies import rebuild_bodies
from db.search.index import index_works
from db.search.names import index_all_names
from db.sharing import rebuild_sketches
from db.tombstones import hash_plain


def is_stale(conn: sqlite3.Connection) -> bool:
    """Whether a migration left an index to be filled."""
    return conn.execute("SELECT 1 FROM meta WHERE key GLOB 'stale:*'").fetchone() is not None


def rebuild_stale(conn: sqlite3.Connection) -> None:
    """Fill each index that a migration marked as stale, in the caller's transaction."""
    marks = [row[0] for row in conn.execute("SELECT key FROM meta WHERE key GLOB 'stale:*'")]
    for mark in marks:
        _REBUILDS[mark](conn)
        conn.execute("DELETE FROM meta WHERE key = ?", (mark,))


def _works(conn: sqlite3.Connection) -> None:
    for (guild_id,) in conn.execute("SELECT guild_id FROM guilds").fetchall():
        published = conn.execute(
            "SELECT work_id FROM works WHERE guild_id = ? AND state = 'published' ORDER BY work_id",
            (guild_id,),
        )
        index_works(conn, guild_id, [work_id for (work_id,) in published])


_REBUILDS: dict[str, Callable[[sqlite3.Connection], None]] = {
    "stale: works": _works,
    "stale: bodies": rebuild_bodies,
    "stale: names": index_all_names,
    "stale: sketches": rebuild_sketches,
    "stale: tombstones": hash_plain,
}
