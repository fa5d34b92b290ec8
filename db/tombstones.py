"""What was taken out for good, known again by keyed hashes: nothing of it stands here in clear.

The key stands in the same file. It keeps what an author asked to have erased out of a search of
the file or of its copies for a name, not out of the reach of somebody who has a guess and tries
it, which is just what refusing the work needs.
"""

import hmac
import secrets
import sqlite3
from datetime import datetime

from db import traces
from db.clock import to_text

_KEY = "tombstone key"


def bury(conn: sqlite3.Connection, guild_id: int, kind: str, value: str, *, now: datetime) -> None:
    """Refuse that source, content, author or title in that server from now on."""
    conn.execute(
        "INSERT OR IGNORE INTO tombstones (guild_id, kind, value, created_at) VALUES (?, ?, ?, ?)",
        (guild_id, kind, _told(conn, value), to_text(now)),
    )


def is_buried(conn: sqlite3.Connection, guild_id: int, kind: str, value: str) -> bool:
    """Whether that is refused in that server."""
    row = conn.execute(
        "SELECT 1 FROM tombstones WHERE guild_id = ? AND kind = ? AND value = ?",
        (guild_id, kind, _told(conn, value)),
    ).fetchone()
    return row is not None


def hash_plain(conn: sqlite3.Connection) -> None:
    """Hash what older versions wrote in clear; see migration 0009."""
    rows = conn.execute("SELECT guild_id, kind, value FROM tombstones").fetchall()
    if not rows:
        return
    conn.executemany(
        "UPDATE tombstones SET value = ?, reason = '' "
        "WHERE guild_id = ? AND kind = ? AND value = ?",
        [(_told(conn, value), guild_id, kind, value) for guild_id, kind, value in rows],
    )
    traces.ask(conn, words=True)


def _told(conn: sqlite3.Connection, value: str) -> str:
    key = bytes.fromhex(_key(conn))
    return hmac.digest(key, value.encode("utf-8", "surrogatepass"), "sha256").hex()


def _key(conn: sqlite3.Connection) -> str:
    row = conn.execute("SELECT value FROM meta WHERE key = ?", (_KEY,)).fetchone()
    if row:
        return str(row[0])
    made = secrets.token_hex(32)
    conn.execute("INSERT INTO meta (key, value) VALUES (?, ?)", (_KEY, made))
    return made
