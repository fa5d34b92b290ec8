"""Servers: making them known, their settings, and what the program itself keeps."""

import sqlite3
from dataclasses import fields
from datetime import datetime, timedelta

from db import audit
from db.clock import to_text
from db.errors import NotFound
from db.models import GuildSettings
from db.search import index_works, unindex_works
from db.search.bodies import index_bodies, unindex_bodies

UNCLAIMED = 0  # the shelf of works that the owner added before any server was known
REMEMBER_FOR = timedelta(days=30)  # how long a list's buttons go on working

# Tables that carry guild_id and may hold rows of the unclaimed shelf.
_CLAIMED_TABLES = (
    "works", "authors", "tags", "series", "audit_log", "tombstones", "gazetteer", "nicknames",
    "search_names", "ingested_files",
    "sketch_hashes", "buried_sketches", "buried_hashes",
)  # fmt: skip


def ensure_guild(conn: sqlite3.Connection, guild_id: int, *, now: datetime) -> None:
    """Make a server known, if it is not."""
    if conn.execute("SELECT 1 FROM guilds WHERE guild_id = ?", (guild_id,)).fetchone():
        return
    conn.execute(
        "INSERT INTO guilds (guild_id, shard_no, joined_at) "
        "SELECT ?, ifnull(max(shard_no), 0) + 1, ? FROM guilds",
        (guild_id, to_text(now)),
    )


def welcome(conn: sqlite3.Connection, guild_id: int, name: str, *, now: datetime) -> int:
    """Make a server known by its name; the first one takes over the unclaimed works.

    Returns how many works it took over.
    """
    is_first = not conn.execute(
        "SELECT 1 FROM guilds WHERE guild_id NOT IN (?, ?)", (UNCLAIMED, guild_id)
    ).fetchone()
    ensure_guild(conn, guild_id, now=now)
    conn.execute(
        "UPDATE guilds SET name = ?, left_at = NULL WHERE guild_id = ? "
        "AND (name IS NOT ? OR left_at IS NOT NULL)",
        (name, guild_id, name),
    )
    return _claim(conn, guild_id) if is_first and guild_id != UNCLAIMED else 0


def _claim(conn: sqlite3.Connection, guild_id: int) -> int:
    taken = [
        row[0]
        for row in conn.execute(
            "SELECT work_id FROM works WHERE guild_id = ? AND state = 'published'", (UNCLAIMED,)
        )
    ]
    mine = conn.execute("SELECT 1 FROM works WHERE guild_id = ?", (guild_id,)).fetchone()
    if mine or not conn.execute("SELECT 1 FROM works WHERE guild_id = ?", (UNCLAIMED,)).fetchone():
        return 0
    unindex_works(conn, UNCLAIMED, taken)
    unindex_bodies(conn, taken)
    for table in _CLAIMED_TABLES:
        conn.execute(
            f"UPDATE OR REPLACE {table} SET guild_id = ? WHERE guild_id = ?", (guild_id, UNCLAIMED)
        )
    index_works(conn, guild_id, taken)
    index_bodies(conn, taken)
    return len(taken)


def default_guild(conn: sqlite3.Connection, home_guild: int | None) -> int:
    """The server that the command line means: home_guild, else the only one, else 0."""
    if home_guild is not None:
        return home_guild
    known = conn.execute("SELECT guild_id FROM guilds WHERE guild_id != ?", (UNCLAIMED,)).fetchall()
    return int(known[0][0]) if len(known) == 1 else UNCLAIMED


def settings(conn: sqlite3.Connection, guild_id: int) -> GuildSettings:
    """What the server has chosen."""
    rows = dict(
        conn.execute("SELECT key, value FROM guild_settings WHERE guild_id = ?", (guild_id,))
    )
    return GuildSettings(
        **{f.name: int(rows[f.name]) for f in fields(GuildSettings) if f.name in rows}
    )


def change_settings(
    conn: sqlite3.Connection, guild_id: int, chosen: GuildSettings, *, by: int, now: datetime
) -> None:
    """Store what the server has chosen; None forgets a choice."""
    ensure_guild(conn, guild_id, now=now)
    for f in fields(GuildSettings):
        value = getattr(chosen, f.name)
        if value is None:
            conn.execute(
                "DELETE FROM guild_settings WHERE guild_id = ? AND key = ?", (guild_id, f.name)
            )
        else:
            conn.execute(
                "INSERT OR REPLACE INTO guild_settings (guild_id, key, value) VALUES (?, ?, ?)",
                (guild_id, f.name, str(value)),
            )
    audit.record(conn, guild_id, "settings", by=by, now=now)


def meta(conn: sqlite3.Connection, key: str) -> str | None:
    """A value that the program keeps for itself."""
    row = conn.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return row[0] if row else None


def set_meta(conn: sqlite3.Connection, key: str, value: str) -> None:
    """Keep a value for the program itself."""
    conn.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, value))


def published_works(conn: sqlite3.Connection) -> int:
    """How many works are published, in all servers together."""
    row = conn.execute("SELECT count(*) FROM works WHERE state = 'published'").fetchone()
    return int(row[0])


def remember(
    conn: sqlite3.Connection, guild_id: int, user_id: int, payload: str, *, now: datetime
) -> int:
    """Keep what a list's buttons stand for, and return the number that finds it again."""
    conn.execute("DELETE FROM remembered WHERE at < ?", (to_text(now - REMEMBER_FOR),))
    token = conn.execute(
        "INSERT INTO remembered (guild_id, user_id, payload, at) VALUES (?, ?, ?, ?)",
        (guild_id, user_id, payload, to_text(now)),
    ).lastrowid
    assert token is not None
    return token


def recall(conn: sqlite3.Connection, guild_id: int, token: int) -> tuple[int, str]:
    """The user and payload that were remembered in that server.

    Raises:
        NotFound: too long ago, or never here.
    """
    row = conn.execute(
        "SELECT user_id, payload FROM remembered WHERE guild_id = ? AND token = ?",
        (guild_id, token),
    ).fetchone()
    if row is None:
        raise NotFound("This list is too old to go on with. Search again for a new one.")
    return int(row[0]), str(row[1])
