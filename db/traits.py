"""What a work is known by: its names, what else has them, and what sharing one is worth."""

import json
import math
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from db.models import NameField, TagKind
from db.search.names import family
from db.search.normalise import tag_key

MOST_COUNTED = 10_000  # works of one name; one of more is taken for no commoner
MOST_SIDES = 4  # of a relationship whose people are looked for in every order
MOST_TRAITS = 80  # of one work; it has fewer unless somebody tagged everything

# What sharing a name of each kind is worth at least, and how much more if nobody else has it.
# The same fandom is what people expect first, whatever else is shared; within it the same pair.
WORTH = {
    NameField.SERIES: (8.0, 2.0),
    NameField.FANDOM: (3.0, 0.5),
    NameField.RELATIONSHIP: (1.0, 3.0),
    NameField.AUTHOR: (0.5, 1.5),
    NameField.CHARACTER: (0.3, 1.2),
    NameField.TAG: (0.0, 1.5),
}
# Which rows say what works have a name of each kind.
_TAGGED = ("work_tags", "tag_id")
ROWS = {
    NameField.SERIES: ("work_series", "series_id"),
    NameField.AUTHOR: ("work_authors", "author_id"),
    **dict.fromkeys(
        (NameField.FANDOM, NameField.RELATIONSHIP, NameField.CHARACTER, NameField.TAG), _TAGGED
    ),
}
_FIELDS = {
    TagKind.FANDOM: NameField.FANDOM,
    TagKind.RELATIONSHIP: NameField.RELATIONSHIP,
    TagKind.CHARACTER: NameField.CHARACTER,
    TagKind.FREEFORM: NameField.TAG,
}


@dataclass(frozen=True, slots=True)
class Trait:
    """A name that other works may share, by any of `ids`, in a server's library.

    `works` is how many have it, this one included, up to `MOST_COUNTED`. `above` are the ids of
    the traits that it is a kind of: whoever shares this one shares those only through it.
    """

    field: NameField
    trait_id: int
    name: str
    ids: tuple[int, ...]
    works: int
    worth: float
    above: frozenset[int] = frozenset()

    @property
    def is_tag(self) -> bool:
        """Whether `trait_id` is a tag's; those of authors and series are numbers of their own."""
        return ROWS[self.field] is _TAGGED


def traits_of(
    conn: sqlite3.Connection, guild_id: int, work_id: int, library_works: int
) -> list[Trait]:
    """A work's series, authors, canonical tags and the tags above those, if others have them."""
    found: list[Trait] = []
    for what, name_id, name, ids, above in [
        *_credited(conn, work_id),
        *_tagged(conn, guild_id, work_id),
    ][:MOST_TRAITS]:
        works = _count(conn, what, ids)
        if works > 1:
            least, more = WORTH[what]
            worth = least + more * _rarity(works, library_works)
            found.append(Trait(what, name_id, name, tuple(ids), works, worth, above))
    return found


_Named = tuple[NameField, int, str, Sequence[int], frozenset[int]]


def _credited(conn: sqlite3.Connection, work_id: int) -> list[_Named]:
    return [
        (what, name_id, name, [name_id], frozenset[int]())
        for what, names in ((NameField.SERIES, "series"), (NameField.AUTHOR, "authors"))
        for name_id, name in conn.execute(
            "SELECT n.{1}, n.name FROM {0} AS x CROSS JOIN {2} AS n ON n.{1} = x.{1} "
            "WHERE x.work_id = ? ORDER BY x.position".format(*ROWS[what], names),
            (work_id,),
        )
    ]


def _tagged(conn: sqlite3.Connection, guild_id: int, work_id: int) -> list[_Named]:
    """Canonical tags and those above them, each with what counts as it."""
    named: dict[int, tuple[TagKind, str]] = {}
    parents: dict[int, set[int]] = defaultdict(set)
    for tag_id, kind, name, parent_id in conn.execute(
        "WITH RECURSIVE line (tag_id) AS ("
        " SELECT ifnull(t.canonical_id, t.tag_id) FROM work_tags AS x"
        "  CROSS JOIN tags AS t ON t.tag_id = x.tag_id WHERE x.work_id = ?"
        " UNION SELECT p.parent_id FROM line CROSS JOIN tag_parents AS p"
        "  ON p.tag_id = line.tag_id) "
        "SELECT t.tag_id, t.kind, t.name, p.parent_id FROM line "
        "CROSS JOIN tags AS t ON t.tag_id = line.tag_id "
        "LEFT JOIN tag_parents AS p ON p.tag_id = t.tag_id WHERE t.guild_id = ?",
        (work_id, guild_id),
    ):
        named[tag_id] = (TagKind(kind), name)
        if parent_id is not None:
            parents[tag_id].add(parent_id)
    return [
        (
            _FIELDS[kind],
            tag_id,
            name,
            family(conn, [tag_id, *_turned_round(conn, guild_id, kind, name)]),
            _above(tag_id, parents),
        )
        for tag_id, (kind, name) in named.items()
    ]


def _turned_round(
    conn: sqlite3.Connection, guild_id: int, kind: TagKind, name: str
) -> Iterable[int]:
    """The same relationship with its people in another order."""
    mark = "/" if "/" in name else "&"
    sides = name.split(mark)
    if kind is not TagKind.RELATIONSHIP or not 1 < len(sides) <= MOST_SIDES:
        return []
    keys = [tag_key(kind, mark.join(order)) for order in permutations(sides)]
    return [
        row[0]
        for row in conn.execute(
            "SELECT tag_id FROM tags WHERE guild_id = ? AND kind = ? "
            "AND name_key IN (SELECT value FROM json_each(?))",
            (guild_id, kind.value, json.dumps(keys)),
        )
    ]


def _above(tag_id: int, parents: Mapping[int, set[int]]) -> frozenset[int]:
    found: set[int] = set()
    waiting = [tag_id]
    while waiting:
        fresh = parents.get(waiting.pop(), set()) - found
        found |= fresh
        waiting += fresh
    return frozenset(found - {tag_id})


def _count(conn: sqlite3.Connection, what: NameField, ids: Sequence[int]) -> int:
    table, column = ROWS[what]
    (works,) = conn.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {column} IN "
        f"(SELECT value FROM json_each(?)) LIMIT {MOST_COUNTED})",
        (json.dumps(list(ids)),),
    ).fetchone()
    return int(works)


def _rarity(works: int, library_works: int) -> float:
    """From 1 for what two works have, down towards 0 for what all have."""
    size = max(library_works, works)
    return min(1.0, math.log(1 + size / works) / math.log(1 + size / 2))
