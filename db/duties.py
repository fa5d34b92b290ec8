"""What the bot is to do on Discord, read from a library that is not opened for it.

`check` must neither upgrade a file nor fail on one that is older: what is not there is no duty.
"""

import json
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime

from db.clock import from_text
from db.connection import latest_version
from db.copies import LAST_COPY
from db.daily import schedules
from db.daily.models import DailySchedule


@dataclass(frozen=True, slots=True)
class Duties:
    """`logs` are servers' log channels, `names` servers' names, as far as they are known.

    `newest` is when the library was last changed, `since` when its first server came, and
    `last_copy` when the bot last copied it.
    """

    schedules: tuple[DailySchedule, ...]
    logs: dict[int, int]
    names: dict[int, str]
    newest: datetime | None
    since: datetime | None
    last_copy: datetime | None


def read_duties(conn: sqlite3.Connection) -> Duties:
    """Everything at once."""
    noted = conn.execute("SELECT value FROM meta WHERE key = ?", (LAST_COPY,)).fetchone()
    return Duties(
        schedules=tuple(_schedules(conn)),
        logs={
            guild_id: int(value)
            for guild_id, value in conn.execute(
                "SELECT guild_id, value FROM guild_settings WHERE key = 'log_channel_id'"
            )
        },
        names=dict(conn.execute("SELECT guild_id, name FROM guilds WHERE name IS NOT NULL")),
        newest=_moment(
            conn,
            "SELECT max(at) FROM (SELECT max(changed_at) AS at FROM works "
            "UNION ALL SELECT max(at) FROM audit_log)",
        ),
        since=_moment(conn, "SELECT min(joined_at) FROM guilds WHERE guild_id != 0"),
        last_copy=from_text(json.loads(noted[0])["at"]) if noted else None,
    )


def _schedules(conn: sqlite3.Connection) -> list[DailySchedule]:
    (schema,) = conn.execute("PRAGMA user_version").fetchone()
    return schedules.every(conn) if schema == latest_version() else []


def _moment(conn: sqlite3.Connection, query: str) -> datetime | None:
    (text,) = conn.execute(query).fetchone()
    try:
        moment = from_text(text or "")
    except ValueError:
        return None  # a flaw that is told elsewhere
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
