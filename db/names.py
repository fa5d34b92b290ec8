"""Authors, tags and series: names of one server, each kept once and found by its folded key."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field

from db.models import TagKind
from db.search.names import index_name
from db.search.normalise import name_key, tag_key


@dataclass(slots=True)
class NameBook:
    """Ids of a server's names, made on demand and remembered for one transaction."""

    conn: sqlite3.Connection
    guild_id: int
    _known: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])

    def author(self, name: str) -> int:
        """The author of that name; a new one's consent is unknown."""
        return self._id(
            "author",
            name,
            name_key,
            lambda key: self.conn.execute(
                "SELECT author_id FROM authors WHERE guild_id = ? AND name_key = ?",
                (self.guild_id, key),
            ),
            lambda key: self.conn.execute(
                "INSERT INTO authors (guild_id, name, name_key) VALUES (?, ?, ?)",
                (self.guild_id, name.strip(), key),
            ),
        )

    def tag(self, kind: TagKind, name: str) -> int:
        """The tag of that kind and name, as given: a synonym stays itself."""
        return self._id(
            kind.value,
            name,
            lambda name: tag_key(kind, name),
            lambda key: self.conn.execute(
                "SELECT tag_id FROM tags WHERE guild_id = ? AND kind = ? AND name_key = ?",
                (self.guild_id, kind.value, key),
            ),
            lambda key: self.conn.execute(
                "INSERT INTO tags (guild_id, kind, name, name_key) VALUES (?, ?, ?, ?)",
                (self.guild_id, kind.value, name.strip(), key),
            ),
        )

    def series(self, name: str) -> int:
        """The series of that name."""
        return self._id(
            "series",
            name,
            name_key,
            lambda key: self.conn.execute(
                "SELECT series_id FROM series WHERE guild_id = ? AND name_key = ?",
                (self.guild_id, key),
            ),
            lambda key: self.conn.execute(
                "INSERT INTO series (guild_id, name, name_key) VALUES (?, ?, ?)",
                (self.guild_id, name.strip(), key),
            ),
        )

    def _id(
        self,
        subject: str,
        name: str,
        fold: Callable[[str], str],
        find: Callable[[str], sqlite3.Cursor],
        make: Callable[[str], sqlite3.Cursor],
    ) -> int:
        known = self._known.get((subject, name))
        if known is None:
            key = fold(name)
            row = find(key).fetchone()
            if row:
                known = int(row[0])
            else:
                known = int(make(key).lastrowid or 0)
                index_name(self.conn, self.guild_id, subject, known, name)
            self._known[subject, name] = known
        return known
