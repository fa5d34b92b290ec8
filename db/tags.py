"""Keeping a server's tags: which are the same."""

import json
import sqlite3
from datetime import datetime

from db import audit
from db.errors import Conflict, NotFound
from db.models import TagKind
from db.search import index_works, unindex_works
from db.search.names import family
from db.search.normalise import tag_key


def merge(
    conn: sqlite3.Connection,
    guild_id: int,
    kind: TagKind,
    name: str,
    into: str,
    *,
    by: int | None,
    now: datetime,
) -> int:
    """Make a tag a synonym of another: whoever looks for one finds the works of both.

    Works keep the tag as their author wrote it; its own synonyms, and the tags below and above
    it, go over to the other. Returns how many works are found anew.

    Raises:
        NotFound: one of the two is no tag of that kind here.
        Conflict: they are the same already, or one is above the other.
    """
    tag_id, _ = _tag(conn, guild_id, kind, name)
    _, target_id = _tag(conn, guild_id, kind, into)
    (standing,) = conn.execute(
        "SELECT ifnull(canonical_id, tag_id) FROM tags WHERE tag_id = ?", (tag_id,)
    ).fetchone()
    if standing == target_id:
        raise Conflict(f"“{name}” and “{into}” are the same tag already.")
    both = {*family(conn, [tag_id]), *family(conn, [target_id])}
    if target_id in family(conn, [tag_id]) or tag_id in family(conn, [target_id]):
        raise Conflict(f"One of “{name}” and “{into}” is a part of the other.")
    works = [
        row[0]
        for row in conn.execute(
            "SELECT DISTINCT x.work_id FROM work_tags AS x JOIN works AS w USING (work_id) "
            "WHERE x.tag_id IN (SELECT value FROM json_each(?)) AND w.guild_id = ? "
            "AND w.state = 'published'",
            (json.dumps(sorted(both)), guild_id),
        )
    ]
    unindex_works(conn, guild_id, works)
    conn.execute(
        "UPDATE tags SET canonical_id = ? WHERE tag_id = ? OR canonical_id = ?",
        (target_id, tag_id, tag_id),
    )
    for column in ("tag_id", "parent_id"):
        conn.execute(
            f"UPDATE OR IGNORE tag_parents SET {column} = ? WHERE {column} = ?",
            (target_id, tag_id),
        )
    conn.execute("DELETE FROM tag_parents WHERE ? IN (tag_id, parent_id)", (tag_id,))
    index_works(conn, guild_id, works)
    audit.record(conn, guild_id, "merge tags", by=by, now=now, detail=f"{name} into {into}")
    return len(works)


def _tag(conn: sqlite3.Connection, guild_id: int, kind: TagKind, name: str) -> tuple[int, int]:
    """A tag's own id, and that of the canonical tag it stands for."""
    row = conn.execute(
        "SELECT tag_id, ifnull(canonical_id, tag_id) FROM tags "
        "WHERE guild_id = ? AND kind = ? AND name_key = ?",
        (guild_id, kind.value, tag_key(kind, name)),
    ).fetchone()
    if row is None:
        raise NotFound(f"There is no {kind.value} tag “{name}” in this server's library.")
    return int(row[0]), int(row[1])
