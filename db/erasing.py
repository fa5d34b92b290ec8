"""Erasing a work for its author: it goes with all that tells of it, and is refused from then on."""

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime

from db import audit, traces
from db.models import TagKind, Work, WorkState
from db.search import unindex_works
from db.search.bodies import unindex_bodies
from db.search.names import unindex_name
from db.sharing import bury_sketch
from db.tombstones import bury
from db.works import load_work, source_key, title_mark

SHORTEST_NAME = 4  # looked for in what members searched for; "It" would be found everywhere

Name = tuple[str, int, str]  # its kind, its id, and itself


def take_down(
    conn: sqlite3.Connection,
    guild_id: int,
    work_id: int,
    *,
    by: int | None,
    why: str,
    now: datetime,
) -> str:
    """Erase a work, and keep what tells it: hashes of its link, its name and its text."""
    work = load_work(conn, guild_id, work_id)
    (digest,) = conn.execute(
        "SELECT content_hash FROM works WHERE work_id = ?", (work_id,)
    ).fetchone()
    told = {
        "source": source_key(work.info.source_url),
        "title": title_mark(work.info),
        "content": digest.hex() if digest else None,
    }
    for kind, value in told.items():
        if value:
            bury(conn, guild_id, kind, value, now=now)
    bury_sketch(conn, guild_id, work_id)
    # Newer copies that wait for review are the same work.
    copies = conn.execute(
        "SELECT work_id FROM works WHERE replaces_id = ? AND state = 'draft'", (work_id,)
    ).fetchall()
    for each in [load_work(conn, guild_id, copy_id) for (copy_id,) in copies] + [work]:
        _delete(conn, guild_id, each)
    # Of a work that is gone for good the log keeps that it was there, and no more.
    audit.record(conn, guild_id, "take-down", by=by, now=now, work_id=work_id, detail=why)
    traces.ask(conn, words=True)
    return work.display_title


def _delete(conn: sqlite3.Connection, guild_id: int, work: Work) -> None:
    work_id = work.work_id
    if work.state is WorkState.PUBLISHED:
        unindex_works(conn, guild_id, [work_id])
        unindex_bodies(conn, [work_id])
    names = _names(conn, work_id)
    conn.execute("DELETE FROM works WHERE work_id = ?", (work_id,))
    gone = [one for one in names if _is_unused(conn, guild_id, one)]
    # What it was called before it was edited.
    gone += [one for one in _unused(conn, guild_id) if one not in gone]
    for kind, name_id, name in gone:
        unindex_name(conn, guild_id, kind, name_id, name)
        table, column = _TABLES.get(kind, _TAGS)
        conn.execute(f"DELETE FROM {table} WHERE {column} = ?", (name_id,))
    for kind in (TagKind.FANDOM, TagKind.CHARACTER):
        # What new works of them are recognised by.
        conn.execute(
            f"DELETE FROM gazetteer WHERE guild_id = ?1 AND {kind} IS NOT NULL AND {kind} NOT IN "
            "(SELECT name FROM tags WHERE guild_id = ?1 AND kind = ?2)",
            (guild_id, kind),
        )
    _forget_called(conn, guild_id, work, [name for kind, _, name in gone if kind == "author"])


def _forget_called(
    conn: sqlite3.Connection, guild_id: int, work: Work, authors: Sequence[str]
) -> None:
    """Take what it was called out of the log, and out of what is kept for the buttons of lists:
    what members searched for, and what a review said."""
    mine = "guild_id = ? AND (work_id = ? OR (work_id IS NULL AND title = ?))"
    which = (guild_id, work.work_id, work.display_title)
    titles = conn.execute(f"SELECT DISTINCT title FROM audit_log WHERE {mine}", which).fetchall()
    called = {work.info.title, *authors, *(title for (title,) in titles)}
    conn.execute(f"UPDATE audit_log SET title = NULL WHERE {mine}", which)
    conn.executemany(
        "DELETE FROM remembered WHERE guild_id = ? AND instr(lower(payload), lower(?))",
        [
            (guild_id, json.dumps(name)[1:-1])
            for name in called
            if name and len(name) >= SHORTEST_NAME
        ],
    )


def _names(conn: sqlite3.Connection, work_id: int) -> list[Name]:
    """The authors, series and tags of a work."""
    return conn.execute(
        "SELECT 'author', author_id, name FROM work_authors JOIN authors USING (author_id) "
        "WHERE work_id = ?1 UNION "
        "SELECT 'series', series_id, name FROM work_series JOIN series USING (series_id) "
        "WHERE work_id = ?1 UNION "
        "SELECT kind, tag_id, name FROM work_tags JOIN tags USING (tag_id) WHERE work_id = ?1",
        (work_id,),
    ).fetchall()


_TAGS = ("tags", "tag_id")
_TABLES = {"author": ("authors", "author_id"), "series": ("series", "series_id")}
# That nothing needs: neither works, nor what its author or the moderators said of it.
_NEEDED_BY_NOTHING = {
    "authors": "consent = 'unknown' AND consent_note IS NULL "
    "AND NOT EXISTS (SELECT 1 FROM work_authors WHERE author_id = n.author_id)",
    "series": "NOT EXISTS (SELECT 1 FROM work_series WHERE series_id = n.series_id)",
    "tags": "canonical_id IS NULL "
    "AND NOT EXISTS (SELECT 1 FROM work_tags WHERE tag_id = n.tag_id) "
    "AND NOT EXISTS (SELECT 1 FROM tags AS t WHERE t.canonical_id = n.tag_id) "
    "AND NOT EXISTS (SELECT 1 FROM tag_parents AS p WHERE p.tag_id = n.tag_id) "
    "AND NOT EXISTS (SELECT 1 FROM tag_parents AS p WHERE p.parent_id = n.tag_id) "
    "AND NOT EXISTS (SELECT 1 FROM nicknames AS k "
    " WHERE k.guild_id = n.guild_id AND k.kind = n.kind AND k.name = n.name)",
}


def _is_unused(conn: sqlite3.Connection, guild_id: int, name: Name) -> bool:
    table, column = _TABLES.get(name[0], _TAGS)
    row = conn.execute(
        f"SELECT 1 FROM {table} AS n WHERE {column} = ? AND guild_id = ? "
        f"AND {_NEEDED_BY_NOTHING[table]}",
        (name[1], guild_id),
    ).fetchone()
    return row is not None


def _unused(conn: sqlite3.Connection, guild_id: int) -> list[Name]:
    """Names that nothing needs and that no member muted or follows."""
    found: list[Name] = []
    for table, column, kind, marks in (
        ("authors", "author_id", "'author'", "'author'"),
        ("series", "series_id", "'series'", "''"),
        ("tags", "tag_id", "kind", "'tag', 'fandom'"),
    ):
        wanted = " AND ".join(
            f"NOT EXISTS (SELECT 1 FROM {said} AS m WHERE m.guild_id = n.guild_id "
            f"AND m.kind IN ({marks}) AND m.value = CAST(n.{column} AS TEXT))"
            for said in ("mutes", "follows")
        )
        found += conn.execute(
            f"SELECT {kind}, {column}, name FROM {table} AS n WHERE guild_id = ? "
            f"AND {_NEEDED_BY_NOTHING[table]} AND {wanted}",
            (guild_id,),
        ).fetchall()
    return found
