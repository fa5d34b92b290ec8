"""A server's log: who did what to which work, and when."""

import sqlite3
from datetime import datetime

from db.clock import from_text, to_text
from db.models import AuditEntry

FORGOTTEN = 0  # the actor who had what the library held of them erased


def record(
    conn: sqlite3.Connection,
    guild_id: int,
    action: str,
    *,
    by: int | None,
    now: datetime,
    work_id: int | None = None,
    title: str | None = None,
    detail: str = "",
) -> None:
    """Write one line, in the transaction of what it tells of."""
    conn.execute(
        "INSERT INTO audit_log (guild_id, at, actor_id, action, work_id, title, detail) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (guild_id, to_text(now), by, action, work_id, title, detail),
    )


def entries(
    conn: sqlite3.Connection, guild_id: int, *, limit: int, before: int | None
) -> list[AuditEntry]:
    """The newest lines first; `before` is the `audit_id` to go on from."""
    rows = conn.execute(
        "SELECT audit_id, at, actor_id, action, work_id, title, detail FROM audit_log "
        "WHERE guild_id = ? AND audit_id < ? ORDER BY audit_id DESC LIMIT ?",
        (guild_id, before if before is not None else 1 << 62, limit),
    )
    return [
        AuditEntry(audit_id, from_text(at), actor_id, action, work_id, title, detail)
        for audit_id, at, actor_id, action, work_id, title, detail in rows
    ]
