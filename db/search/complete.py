"""Suggestions while a member types."""

import sqlite3
from typing import Literal

from db.models import Completion, Filters, Viewer
from db.search.engine import suggest
from db.search.filters import condition
from db.search.normalise import normalise

LABEL_CHARS = 100  # Discord's limit on a choice's name
COUNTED_WORKS = 1000  # of one fandom; nobody chooses by more, and each costs a look
LAST = "\U0010ffff"


def complete(
    conn: sqlite3.Connection,
    guild_id: int,
    field: Literal["query", "work", "fandom"],
    text: str,
    viewer: Viewer,
    limit: int = 25,
) -> list[Completion]:
    """Works ("query", "work") as "Title — Author" with value `#work_id`, or fandoms with counts."""
    if field == "fandom":
        return _fandoms(conn, guild_id, text, viewer, limit)
    suggestions: list[Completion] = []
    for work_id in suggest(conn, guild_id, text, viewer, limit):
        title, opening, authors = conn.execute(
            "SELECT title, opening, (SELECT group_concat(name, ', ') FROM (SELECT name "
            "FROM work_authors JOIN authors USING (author_id) "
            "WHERE work_authors.work_id = w.work_id ORDER BY position)) "
            "FROM works AS w WHERE work_id = ?",
            (work_id,),
        ).fetchone()
        name = title or (f"Untitled (“{opening}…”)" if opening else "Untitled")
        suggestions.append(
            Completion(_clip(f"{name} — {authors}" if authors else name), f"#{work_id}")
        )
    return suggestions


def _fandoms(
    conn: sqlite3.Connection, guild_id: int, text: str, viewer: Viewer, limit: int
) -> list[Completion]:
    rules = condition(conn, guild_id, Filters(), viewer)
    wanted = normalise(text)
    tags = conn.execute(
        "SELECT t.tag_id, t.name, t.name_key, (SELECT count(*) FROM work_tags AS wt "
        "WHERE wt.tag_id = t.tag_id) AS works FROM tags AS t WHERE t.guild_id = ? "
        "AND t.kind = 'fandom' AND works > 0 "
        "AND (t.name_key >= ? AND t.name_key < ? OR instr(' ' || t.name_key, ?)) "
        "ORDER BY t.name_key >= ? AND t.name_key < ? DESC, works DESC, t.name LIMIT ?",
        (
            guild_id, wanted, wanted + LAST, " " + wanted,
            wanted, wanted + LAST, 2 * limit,
        ),
    ).fetchall()  # fmt: skip
    found: list[Completion] = []
    for tag_id, name, _, _ in tags:
        (count,) = conn.execute(
            "SELECT count(*) FROM (SELECT 1 FROM work_tags AS wt CROSS JOIN works AS w "
            "USING (work_id) WHERE wt.tag_id = :tag "
            f"AND {rules.shown_of_some} LIMIT {COUNTED_WORKS})",
            {**rules.parameters, "tag": tag_id},
        ).fetchone()
        if count and len(name) <= LABEL_CHARS and len(found) < limit:
            more = "+" if count == COUNTED_WORKS else ""
            found.append(Completion(_clip(f"{name} ({count:,}{more})"), name))
    return found


def _clip(text: str) -> str:
    return text if len(text) <= LABEL_CHARS else text[: LABEL_CHARS - 1].rstrip() + "…"
