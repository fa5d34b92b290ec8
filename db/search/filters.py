"""What a search may show at all, as SQL conditions on `works AS w`.

Applied inside the query, so that totals, pages and facets are true.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from db.models import Filters, Viewer
from db.search.normalise import normalise

_ADULT = "w.rating NOT IN ('General Audiences', 'Teen And Up Audiences')"
_LISTED = "(SELECT value FROM json_each({}))"


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


def condition(
    conn: sqlite3.Connection, guild_id: int, filters: Filters, viewer: Viewer
) -> Condition:
    """The conditions of one search."""
    parameters: dict[str, object] = {"guild": guild_id}
    asked = ["w.guild_id = :guild", "w.state = 'published'"]
    if filters.fandom:
        parameters["fandoms"] = json.dumps(_fandoms(conn, guild_id, filters.fandom))
        asked.append(
            "EXISTS (SELECT 1 FROM work_tags AS x WHERE x.work_id = w.work_id "
            f"AND x.tag_id IN {_LISTED.format(':fandoms')})"
        )
    if filters.rating:
        parameters["rating"] = filters.rating.value
        asked.append("w.rating = :rating")
    if filters.status:
        parameters["status"] = filters.status.value
        asked.append("w.status = :status")
    if filters.words and filters.words.low is not None:
        parameters["fewest"] = filters.words.low
        asked.append("w.words >= :fewest")
    if filters.words and filters.words.high is not None:
        parameters["most"] = filters.words.high
        asked.append("w.words <= :most")
    return Condition(
        asked=" AND ".join(asked),
        adult="0" if viewer.adult_ok else f"({_ADULT})",
        muted=_muted(conn, guild_id, viewer.user_id, parameters),
        parameters=parameters,
    )


def family(conn: sqlite3.Connection, tag_ids: Iterable[int]) -> list[int]:
    """The tags that those tags stand for: their canonical tags, all below, and all synonyms."""
    return [
        row[0]
        for row in conn.execute(
            "WITH RECURSIVE member (tag_id) AS ("
            " SELECT ifnull(canonical_id, tag_id) FROM tags"
            "  WHERE tag_id IN (SELECT value FROM json_each(?))"
            " UNION SELECT p.tag_id FROM member JOIN tag_parents AS p"
            "  ON p.parent_id = member.tag_id) "
            "SELECT tag_id FROM member "
            "UNION SELECT t.tag_id FROM member JOIN tags AS t ON t.canonical_id = member.tag_id",
            (json.dumps(list(tag_ids)),),
        )
    ]


def _fandoms(conn: sqlite3.Connection, guild_id: int, name: str) -> list[int]:
    """The tags that a fandom's name, synonym or nickname means."""
    named = [
        row[0]
        for row in conn.execute(
            "SELECT tag_id FROM tags WHERE guild_id = :guild AND kind = 'fandom' "
            "AND name_key IN (:folded, :plain) "
            "UNION SELECT t.tag_id FROM nicknames AS n JOIN tags AS t "
            " ON t.guild_id = :guild AND t.kind = 'fandom' AND t.name = n.name "
            "WHERE n.kind = 'fandom' AND (n.guild_id IS NULL OR n.guild_id = :guild) "
            "AND n.nickname = :nickname COLLATE NOCASE",
            {
                "guild": guild_id,
                "folded": normalise(name),
                "plain": name.strip().casefold(),  # the key of a name without letters
                "nickname": name.strip(),
            },
        )
    ]
    return family(conn, named)


def _muted(
    conn: sqlite3.Connection, guild_id: int, user_id: int | None, parameters: dict[str, object]
) -> str:
    """True of the works that a member has muted; their mutes go into `parameters`."""
    mutes: dict[str, list[str]] = defaultdict(list)
    for kind, value in conn.execute(
        "SELECT kind, value FROM mutes WHERE guild_id = ? AND user_id = ?", (guild_id, user_id)
    ):
        mutes[kind].append(value)
    if not mutes:
        return "0"
    listed: dict[str, list[str] | list[int]] = {
        "mute_ratings": mutes["rating"],
        "mute_warnings": mutes["warning"],
        "mute_works": _ids(mutes["work"]),
        "mute_authors": _ids(mutes["author"]),
        "mute_tags": family(conn, _ids(mutes["tag"])),
    }
    parts = [
        part.format(_LISTED.format(f":{name}"))
        for name, part in _MUTES.items()
        if listed[name]
    ]  # fmt: skip
    parameters.update({name: json.dumps(values) for name, values in listed.items() if values})
    return f"({' OR '.join(parts)})" if parts else "0"


_MUTES = {
    "mute_ratings": "w.rating IN {}",
    "mute_works": "w.work_id IN {}",
    "mute_warnings": "EXISTS (SELECT 1 FROM work_warnings AS x WHERE x.work_id = w.work_id "
    "AND x.warning IN {})",
    "mute_authors": "EXISTS (SELECT 1 FROM work_authors AS x WHERE x.work_id = w.work_id "
    "AND x.author_id IN {})",
    "mute_tags": "EXISTS (SELECT 1 FROM work_tags AS x WHERE x.work_id = w.work_id "
    "AND x.tag_id IN {})",
}


def _ids(values: Iterable[str]) -> list[int]:
    return [int(value) for value in values if value.isascii() and value.isdigit()]
