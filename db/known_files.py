"""Files that were read before, so that adding a folder again goes past them."""

import sqlite3

from db.models import AddOutcome, AddStatus
from db.works import load_work

# Which readers read a file: raised when they find more in the same bytes, which are then read
# again.
READERS = 1


def known_file(conn: sqlite3.Connection, guild_id: int, file_hash: bytes) -> AddOutcome | None:
    """The work that a file holds, if it was added by these readers and stands published."""
    row = conn.execute(
        "SELECT work_id FROM ingested_files JOIN works USING (work_id) "
        "WHERE ingested_files.guild_id = ? AND file_hash = ? AND reader = ? "
        "AND works.state = 'published'",
        (guild_id, file_hash, READERS),
    ).fetchone()
    if row is None:
        return None
    work = load_work(conn, guild_id, row[0])
    return AddOutcome(
        AddStatus.DUPLICATE, work.work_id, work.display_title, "This is in the library already."
    )


def remember_file(conn: sqlite3.Connection, guild_id: int, file_hash: bytes, work_id: int) -> None:
    """Keep which work a file holds."""
    conn.execute(
        "INSERT INTO ingested_files (guild_id, file_hash, reader, work_id) VALUES (?, ?, ?, ?) "
        "ON CONFLICT DO UPDATE SET reader = excluded.reader, work_id = excluded.work_id",
        (guild_id, file_hash, READERS, work_id),
    )
