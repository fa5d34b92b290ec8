"""What a search may show at all, as one SQL condition on `works AS w`.

Applied inside the query, so that totals, pages and facets are true.
"""

import sqlite3
from dataclasses import dataclass

from db.models import Filters, Viewer
from db.search.normalise import normalise

_ADULT = "w.rating NOT IN ('General Audiences', 'Teen And Up Audiences')"


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL that is true of the works asked for, and SQL that tells why one is hidden."""

    asked: str
    adult: str
    muted: str
    parameters: dict[str, object]

    @property
    def shown(self) -> str:
        """True of the works that may be shown."""
        return f"({self.asked}) AND NOT {self.adult} AND NOT {self.muted}"

    @property
    def shown_of_some(self) -> str:
        """`shown`, for works that are looked up by their ids."""
        return f"({self.asked_of_some}) AND NOT {self.adult} AND NOT {self.muted}"

    @property
    def asked_of_some(self) -> str:
        """`asked`, for works that are looked up by their ids. The + keeps the planner from
        walking all of the server's works instead, as it may while it has no statistics."""
        return self.asked.replace("w.guild_id =", "+w.guild_id =", 1).replace(
            "w.state =", "+w.state =", 1
        )


def condition(
    conn: sqlite3.Connection, guild_id: int, filters: Filters, viewer: Viewer
) -> Condition:
    """The condition for one search."""
    parameters: dict[str, object] = {"guild": guild_id, "user": viewer.user_id}
    asked = ["w.guild_id = :guild", "w.state = 'published'"]
    if filters.fandom:
        parameters["fandom"] = normalise(filters.fandom)
        parameters["fandom_name"] = filters.fandom.strip()
        asked.append(
            "EXISTS (SELECT 1 FROM work_tags AS wt JOIN tags AS t USING (tag_id) "
            "WHERE wt.work_id = w.work_id AND t.kind = 'fandom' AND "
            "(t.tag_id IN wanted OR t.canonical_id IN wanted OR EXISTS "
            "(SELECT 1 FROM tag_parents AS p WHERE p.tag_id = ifnull(t.canonical_id, t.tag_id) "
            "AND p.parent_id IN wanted)))".replace("wanted", _WANTED_FANDOM)
        )
    if filters.rating:
        parameters["rating"] = filters.rating.value
        asked.append("w.rating = :rating")
    if filters.status:
        parameters["status"] = filters.status.value
        asked.append("w.status = :status")
    if filters.words:
        parameters["low"] = filters.words.low
        parameters["high"] = filters.words.high
        asked.append("(:low IS NULL OR w.words >= :low) AND (:high IS NULL OR w.words <= :high)")
    has_mutes = (
        viewer.user_id is not None
        and conn.execute(
            "SELECT 1 FROM mutes WHERE guild_id = ? AND user_id = ? LIMIT 1",
            (guild_id, viewer.user_id),
        ).fetchone()
    )
    return Condition(
        asked=" AND ".join(asked),
        adult="0" if viewer.adult_ok else f"({_ADULT})",
        muted=_MUTED if has_mutes else "0",
        parameters=parameters,
    )


_WANTED_FANDOM = (
    "(SELECT ifnull(f.canonical_id, f.tag_id) FROM tags AS f WHERE f.guild_id = :guild "
    "AND f.kind = 'fandom' AND (f.name_key = :fandom OR f.name = :fandom_name OR f.name IN "
    "(SELECT n.name FROM nicknames AS n WHERE n.kind = 'fandom' AND "
    "(n.guild_id IS NULL OR n.guild_id = :guild) AND n.nickname = :fandom_name COLLATE NOCASE)))"
)

_MUTED = (
    "EXISTS (SELECT 1 FROM mutes AS m WHERE m.guild_id = :guild AND m.user_id = :user AND "
    "CASE m.kind "
    "WHEN 'work' THEN m.value = CAST(w.work_id AS TEXT) "
    "WHEN 'rating' THEN m.value = w.rating "
    "WHEN 'warning' THEN EXISTS (SELECT 1 FROM work_warnings AS x "
    "  WHERE x.work_id = w.work_id AND x.warning = m.value) "
    "WHEN 'author' THEN EXISTS (SELECT 1 FROM work_authors AS x "
    "  WHERE x.work_id = w.work_id AND x.author_id = CAST(m.value AS INTEGER)) "
    "ELSE EXISTS (SELECT 1 FROM work_tags AS x JOIN tags AS t USING (tag_id) "
    "  WHERE x.work_id = w.work_id AND CAST(m.value AS INTEGER) IN (t.tag_id, t.canonical_id)) "
    "END)"
)
