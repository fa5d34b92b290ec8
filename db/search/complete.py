"""Suggestions while a member types."""

import sqlite3
from typing import Literal

from db.models import Completion, Filters, Viewer
from db.search.engine import suggest
from db.search.filters import condition
from db.search.normalise import normalise

LABEL_CHARS = 100  # Discord's limit on a choice's name


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
    rows = conn.execute(
        "SELECT t.name, t.name_key, count(*) FROM tags AS t JOIN work_tags AS wt USING (tag_id) "
        "JOIN works AS w USING (work_id) WHERE t.guild_id = :guild AND t.kind = 'fandom' "
        f"AND {rules.shown} GROUP BY t.tag_id ORDER BY count(*) DESC, t.name",
        rules.parameters,
    ).fetchall()
    starts = [row for row in rows if f" {row[1]}".startswith(f" {wanted}")]
    within = [row for row in rows if row not in starts and f" {wanted}" in f" {row[1]}"]
    return [
        Completion(_clip(f"{name} ({count})"), name)
        for name, _, count in [*starts, *within][:limit]
        if len(name) <= LABEL_CHARS
    ]


def _clip(text: str) -> str:
    return text if len(text) <= LABEL_CHARS else text[: LABEL_CHARS - 1].rstrip() + "…"
