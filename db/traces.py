"""What was erased leaves the file, not only the answers.

A DELETE alone does not see to that:

- Deleted rows stay in the file until their place is used again; `secure_delete` (see
  connection.py) overwrites them.
- Where SQLite moves rows to another page to make room, a copy can stay behind in the space that is
  no longer used, of which nothing knows any more: of 1,000 rows deleted securely, 4 were still to
  be read in the file. Only writing the file anew (VACUUM) leaves those out.
- Words deleted from a full-text index stay in its segments, with a mark, until those are merged.
- The write-ahead log holds the pages as they were until it is emptied.

So whoever erases leaves a mark in the same transaction, and the `Scrubber` (scrubbing.py) does the
rest beside what goes on. If the program ends meanwhile, the mark stays and the next start goes on.
"""

import sqlite3

MARK = "scrub"  # in meta


def ask(conn: sqlite3.Connection, *, words: bool) -> None:
    """Leave the mark, in the transaction that erases; `words`: from the full-text indexes too."""
    row = conn.execute("SELECT value FROM meta WHERE key = ?", (MARK,)).fetchone()
    what, number = row[0].split() if row else ("pages", "0")
    # The number tells whoever scrubs that more was erased meanwhile.
    value = f"{'words' if words else what} {int(number) + 1}"
    conn.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (MARK, value))


def wanted(conn: sqlite3.Connection) -> str | None:
    """The mark, if there is one."""
    row = conn.execute("SELECT value FROM meta WHERE key = ?", (MARK,)).fetchone()
    return row[0] if row else None


def settle(conn: sqlite3.Connection, done: str) -> None:
    """Take the mark away, unless more was erased meanwhile."""
    conn.execute("DELETE FROM meta WHERE key = ? AND value = ?", (MARK, done))


def indexes(conn: sqlite3.Connection) -> list[str]:
    """The full-text indexes."""
    rows = conn.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' "
        "AND sql LIKE 'CREATE VIRTUAL TABLE%fts5%' ORDER BY name"
    )
    return [name for (name,) in rows]


def merge(conn: sqlite3.Connection, index: str, pages: int) -> bool:
    """Merge so many pages of an index; below 0, begin to make one segment of it. Whether there
    was anything to merge."""
    before = conn.total_changes
    conn.execute(f"INSERT INTO {index} ({index}, rank) VALUES ('merge', ?)", (pages,))
    return conn.total_changes - before >= 2  # so FTS5's manual tells it
