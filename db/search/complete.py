"""Suggestions while a member types."""

import sqlite3
from typing import Literal

from rapidfuzz import fuzz, process

from db.models import Completion, Filters, Viewer
from db.search.documents import shard_of
from db.search.engine import suggest
from db.search.filters import Condition, condition
from db.search.normalise import normalise

LABEL_CHARS = 100  # Discord's limit on a choice's name
COUNTED_WORKS = 1000  # of one fandom; nobody chooses by more, and each costs a look
LOOKED_AT = 3  # times as many fandoms as are offered: some have nothing to show here
FANDOM_ALIKE = 75  # of 100: a mistyped name, not another one


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
    found: list[Completion] = []
    for tag_id, name in _meant(conn, guild_id, normalise(text))[: LOOKED_AT * limit]:
        count = _shown(conn, rules, shard_of(conn, guild_id), tag_id)
        # A name is also the value sent back, and must come back whole.
        if count and len(name) <= LABEL_CHARS:
            more = "+" if count == COUNTED_WORKS else ""
            found.append(Completion(_clip(f"{name} ({count:,}{more})"), name))
        if len(found) == limit:
            break
    return found


def _meant(conn: sqlite3.Connection, guild_id: int, wanted: str) -> list[tuple[int, str]]:
    """Canonical fandoms by what is typed of their name, a synonym or a nickname: those that
    begin so, then those with a word that does, then those alike; the frequent ones first."""
    names: dict[int, list[str]] = {}
    shown_as: dict[int, str] = {}
    for tag_id, name, other in conn.execute(
        "WITH used (tag_id, works) AS (SELECT tag_id, count(*) FROM search_fandoms "
        " WHERE shard_no = ?1 GROUP BY tag_id), "
        "named (tag_id, name) AS (SELECT used.tag_id, t.name FROM used CROSS JOIN tags AS t "
        "  USING (tag_id)"
        " UNION SELECT used.tag_id, t.name FROM used CROSS JOIN tags AS t"
        "  ON t.canonical_id = used.tag_id"
        " UNION SELECT used.tag_id, n.nickname FROM used CROSS JOIN tags AS t USING (tag_id)"
        "  CROSS JOIN nicknames AS n ON ifnull(n.guild_id, 0) IN (0, ?2)"
        "  AND n.kind = 'fandom' AND n.name = t.name"
        "  WHERE n.guild_id IS NULL OR n.guild_id = ?2) "
        "SELECT tag_id, t.name, named.name FROM used JOIN tags AS t USING (tag_id) "
        "JOIN named USING (tag_id) ORDER BY works DESC, t.name",
        (shard_of(conn, guild_id), guild_id),
    ):
        names.setdefault(tag_id, []).append(normalise(other))
        shown_as[tag_id] = name
    begins = [one for one in names if any(n.startswith(wanted) for n in names[one])]
    within = [one for one in names if any(f" {wanted}" in f" {n}" for n in names[one])]
    chosen = dict.fromkeys([*begins, *within])
    if not chosen:
        flat = [(one, name) for one, each in names.items() for name in each]
        alike = process.extract(
            wanted, [name for _, name in flat], scorer=fuzz.ratio, score_cutoff=FANDOM_ALIKE
        )
        chosen = dict.fromkeys(flat[at][0] for _, _, at in alike)
    return [(one, shown_as[one]) for one in chosen]


def _shown(conn: sqlite3.Connection, rules: Condition, shard_no: int, tag_id: int) -> int:
    """How many works of a fandom may be shown, up to `COUNTED_WORKS`."""
    (count,) = conn.execute(
        "SELECT count(*) FROM (SELECT 1 FROM search_fandoms AS f "
        "CROSS JOIN works AS w INDEXED BY works_for_filters ON w.work_id = f.work_id "
        f"WHERE f.shard_no = :shard AND f.tag_id = :tag AND {rules.shown} LIMIT {COUNTED_WORKS})",
        {**rules.parameters, "shard": shard_no, "tag": tag_id},
    ).fetchone()
    return int(count)


def _clip(text: str) -> str:
    return text if len(text) <= LABEL_CHARS else text[: LABEL_CHARS - 1].rstrip() + "…"
