"""Names to offer for what is typed of them so far: the canonical ones, with counts.

A name is found by how it begins and by its words, whole, half typed or mistyped; so is a tag by
its synonyms and nicknames. Every look-up is bounded. Where more names fit than are looked at,
those that came first, and those of works here and there in the library, stand for the frequent
ones: what is frequent came early, or is everywhere.
"""

import json
import math
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from db.models import TagKind
from db.search.documents import shard_of
from db.search.filters import Condition
from db.search.names import family
from db.search.normalise import name_key, normalise, tag_key
from db.search.spelling import corrections, known

MOST_WORDS = 8  # of what is typed
LOOKED_AT = 300  # names that are weighed against each other
READ_ROWS = 20_000  # index rows of one look-up; a letter has more from 100,000 names on
PLACES, WORKS_A_PLACE = 20, 10  # of a sample of the library
WEIGHED_WORKS = 500  # of a name, where names are put in order
COUNTED_WORKS = 200  # of a name that is offered; nobody chooses by more, and each costs a look
TRIED = 3  # times as many names as are offered: some have nothing to show here
CORRECTIONS = 4  # known words that a mistyped one is taken for
FEW_NAMES = 1_500  # that are compared as wholes
ALIKE = 75  # of 100: a mistyped name, not another one

# How sure a name is, in powers of ten of its number of works.
IS_IT = 10.0
BEGINS_SO = 1.0
HALF_TYPED = -0.5  # "sp bu": more than the last word

_TAGS = frozenset(kind.value for kind in TagKind)
_LAST = "\U0010ffff"  # sorts after every letter


@dataclass(frozen=True, slots=True)
class Offer:
    """A canonical name, and how many works of it may be shown; `is_floor`: or more."""

    name: str
    works: int
    is_floor: bool = False


@dataclass(slots=True)
class _Found:
    """A canonical name that may be meant, with all the names by which it was found."""

    kind: str
    name_id: int
    name: str
    names: set[str] = field(default_factory=set[str])
    sureness: float = 0.0
    works: int = 0

    def order(self) -> tuple[float, str]:
        """Sorts the likeliest first."""
        return -(self.sureness + math.log10(1 + self.works)), self.name


def offers(
    conn: sqlite3.Connection,
    guild_id: int,
    kinds: Sequence[str],
    text: str,
    rules: Condition,
    limit: int,
) -> list[Offer]:
    """The likeliest names of those kinds (a tag's kind, "author" or "series") to offer.

    Of no text the frequent ones, by a sample of the library. Names that have no work which
    `rules` would show are left out.
    """
    words = normalise(text).split()[:MOST_WORDS]
    shelves = [_Shelf(conn, guild_id, kind, LOOKED_AT // len(kinds)) for kind in kinds]
    found = [one for shelf in shelves for one in shelf.meant(text.strip(), words)]
    if not found and words:
        found = [one for shelf in shelves for one in shelf.alike(words)]
    _weigh(conn, found)
    shown: dict[str, Offer] = {}
    for one in sorted(found, key=_Found.order)[: TRIED * limit]:
        if one.name not in shown and (offer := _counted(conn, one, rules)):
            shown[one.name] = offer
            if len(shown) == limit:
                break
    return list(shown.values())


@dataclass(frozen=True, slots=True)
class _Shelf:
    """A server's names of one kind."""

    conn: sqlite3.Connection
    guild_id: int
    kind: str
    most: int  # names that are looked at

    def meant(self, text: str, words: Sequence[str]) -> list[_Found]:
        """Names that what is typed may become."""
        wanted = " ".join(words)
        if not text:
            return list(self._read(dict.fromkeys(self._sampled(""), "")).values())
        ids = dict.fromkeys(self._beginning(wanted or text.casefold()), "")
        if words:
            ids |= dict.fromkeys(self._with_words(words), "")
        ids |= self._nicknamed(wanted or text.casefold())
        found = self._read(ids)
        return [one for one in found.values() if _judge(one, wanted, [[word] for word in words])]

    def alike(self, words: Sequence[str]) -> list[_Found]:
        """Names of which words were mistyped; of few names, also those alike as wholes."""
        shard_no = shard_of(self.conn, self.guild_id)
        standing = known(self.conn, shard_no, words)
        options = [
            [word]
            if word in standing
            else [one.word for one in corrections(self.conn, shard_no, word, CORRECTIONS)]
            for word in words
        ]
        options[-1] = [words[-1], *options[-1]]
        if all(options):
            likely = max(options[:-1] or options, key=lambda each: max(map(len, each)))
            ids = [one for word in likely for one in self._with_word(word, word)]
            found = self._read(dict.fromkeys(ids, ""))
            if meant := [one for one in found.values() if _judge(one, "", options)]:
                return meant
        return self._alike_as_wholes(" ".join(words))

    def _beginning(self, key: str) -> list[int]:
        """Names that begin so, those that came first."""
        return self._ids(
            f"SELECT {self._column} AS name_id FROM {self._table} WHERE guild_id = :guild "
            f"{self._of_kind} AND name_key >= :low AND name_key < :high",
            low=key,
            high=key + _LAST,
        )

    def _with_words(self, words: Sequence[str]) -> list[int]:
        """Names that may have all of the words, the last one half typed, or all of them."""
        *whole, last = [(word, word) for word in words[:-1]], (words[-1], words[-1] + _LAST)
        ids = self._with_word(*min([*whole[0], last], key=lambda bounds: self._rows(*bounds)))
        if len(ids) == self.most:
            ids += self._sampled(words[-1])
        if len(words) > 1:
            longest = max(words, key=len)
            ids += self._with_word(longest, longest + _LAST)
        return ids

    def _with_word(self, low: str, high: str) -> list[int]:
        """Names with a word within these bounds, those that came first."""
        return self._ids(
            "SELECT name_id FROM search_names WHERE guild_id = :guild AND kind = :kind "
            "AND word BETWEEN :low AND :high",
            low=low,
            high=high,
        )

    def _rows(self, low: str, high: str) -> int:
        (count,) = self.conn.execute(
            "SELECT count(*) FROM (SELECT 1 FROM search_names WHERE guild_id = ? AND kind = ? "
            f"AND word BETWEEN ? AND ? LIMIT {READ_ROWS})",
            (self.guild_id, self.kind, low, high),
        ).fetchone()
        return int(count)

    def _ids(self, sql: str, **bounds: str) -> list[int]:
        return [
            row[0]
            for row in self.conn.execute(
                f"SELECT DISTINCT name_id FROM ({sql} LIMIT {READ_ROWS}) "
                "ORDER BY name_id LIMIT :most",
                {"guild": self.guild_id, "kind": self.kind, "most": self.most, **bounds},
            )
        ]

    def _nicknamed(self, wanted: str) -> dict[int, str]:
        """Tags with a nickname that begins so, and the nickname."""
        if self.kind not in _TAGS:
            return {}
        by_key: dict[str, str] = {}
        for name, nickname in self.conn.execute(
            "SELECT name, nickname FROM nicknames WHERE kind = ? "
            "AND (guild_id IS NULL OR guild_id = ?)",
            (self.kind, self.guild_id),
        ):
            if name_key(nickname).startswith(wanted):
                by_key[tag_key(TagKind(self.kind), name)] = nickname
        return {
            tag_id: by_key[key]
            for tag_id, key in self.conn.execute(
                "SELECT tag_id, name_key FROM tags WHERE guild_id = ? AND kind = ? "
                "AND name_key IN (SELECT value FROM json_each(?))",
                (self.guild_id, self.kind, json.dumps(list(by_key))),
            )
        }

    def _sampled(self, prefix: str) -> list[int]:
        """Names with a word that begins so, of works here and there, the most frequent first."""
        works: list[int] = []
        ends = [
            self.conn.execute(
                "SELECT work_id FROM works WHERE guild_id = ? AND state = 'published' "
                f"ORDER BY work_id {order} LIMIT 1",
                (self.guild_id,),
            ).fetchone()
            for order in ("", "DESC")
        ]
        if None in ends:
            return []
        (first,), (last,) = ends
        for place in range(PLACES):
            works += (
                row[0]
                for row in self.conn.execute(
                    "SELECT work_id FROM works WHERE guild_id = ? AND state = 'published' "
                    f"AND work_id >= ? ORDER BY work_id LIMIT {WORKS_A_PLACE}",
                    (self.guild_id, first + (last - first) * place // PLACES),
                )
            )
        return [
            row[0]
            for row in self.conn.execute(
                f"SELECT n.{self._column} FROM json_each(:works) AS s "
                f"CROSS JOIN {self._rows_of_works} AS x ON x.work_id = s.value "
                f"CROSS JOIN {self._table} AS n ON n.{self._column} = x.{self._column} "
                f"WHERE n.guild_id = :guild {self._of_kind} "
                "AND instr(' ' || n.name_key, ' ' || :prefix) "
                f"GROUP BY n.{self._column} ORDER BY count(*) DESC LIMIT :most",
                {"works": json.dumps(list(dict.fromkeys(works))), "guild": self.guild_id,
                 "kind": self.kind, "prefix": prefix, "most": self.most},
            )
        ]  # fmt: skip

    def _alike_as_wholes(self, wanted: str) -> list[_Found]:
        names = self.conn.execute(
            f"SELECT {self._column}, name_key FROM {self._table} "
            f"WHERE guild_id = :guild {self._of_kind} LIMIT {FEW_NAMES + 1}",
            {"guild": self.guild_id, "kind": self.kind},
        ).fetchall()
        if len(names) > FEW_NAMES:
            return []
        near = process.extract(wanted, dict(names), scorer=fuzz.ratio, score_cutoff=ALIKE)
        return list(self._read(dict.fromkeys((name_id for _, _, name_id in near), "")).values())

    def _read(self, ids: Mapping[int, str]) -> dict[int, _Found]:
        """The canonical names of names, by id; with each what else it was found by."""
        found: dict[int, _Found] = {}
        canonical = (
            "ifnull(n.canonical_id, n.tag_id)" if self.kind in _TAGS else f"n.{self._column}"
        )
        for name_id, other, canonical_id, name in self.conn.execute(
            f"SELECT s.value, n.name, c.{self._column}, c.name FROM json_each(?) AS s "
            f"CROSS JOIN {self._table} AS n ON n.{self._column} = s.value "
            f"CROSS JOIN {self._table} AS c ON c.{self._column} = {canonical}",
            (json.dumps(list(ids)),),
        ):
            one = found.setdefault(canonical_id, _Found(self.kind, canonical_id, name))
            one.names |= {name, other, *filter(None, [ids[name_id]])}
        return found

    @property
    def _of_kind(self) -> str:
        return "AND kind = :kind" if self.kind in _TAGS else ""

    @property
    def _table(self) -> str:
        return _TABLES.get(self.kind, _TABLES["tag"])[0]

    @property
    def _column(self) -> str:
        return _TABLES.get(self.kind, _TABLES["tag"])[1]

    @property
    def _rows_of_works(self) -> str:
        return _TABLES.get(self.kind, _TABLES["tag"])[2]


# Where names of a kind are kept, under which number, and which rows say whose they are.
_TABLES = {
    "author": ("authors", "author_id", "work_authors"),
    "series": ("series", "series_id", "work_series"),
    "tag": ("tags", "tag_id", "work_tags"),
}


def _judge(one: _Found, wanted: str, options: Sequence[Sequence[str]]) -> bool:
    """Tell how surely a name is meant, and whether it may be at all."""
    sureness = [
        sure
        for name in one.names
        if (sure := _sureness(name_key(name), wanted, options)) is not None
    ]
    one.sureness = max(sureness, default=0.0)
    return bool(sureness)


def _sureness(name: str, wanted: str, options: Sequence[Sequence[str]]) -> float | None:
    """How surely a folded name is meant by words that each stand for one of its words."""
    if not options:
        return BEGINS_SO
    if wanted and name.startswith(wanted):
        return IS_IT if name == wanted else BEGINS_SO
    left = name.split()
    sure = 0.0
    for at, words in enumerate(options):
        if (same := next((word for word in left if word in words), None)) is None:
            same = next((word for word in left if word.startswith(words[0])), None)
            if same is None:
                return None
            sure += HALF_TYPED if at < len(options) - 1 else 0.0
        left.remove(same)
    return sure


def _weigh(conn: sqlite3.Connection, found: Iterable[_Found]) -> None:
    """Count the works of names, roughly: enough to put them in order."""
    by_kind: dict[str, dict[int, _Found]] = {}
    for one in found:
        by_kind.setdefault(one.kind, {})[one.name_id] = one
    for kind, names in by_kind.items():
        _, column, works = _TABLES.get(kind, _TABLES["tag"])
        ids = "SELECT s.value"
        if kind in _TAGS:
            ids += " UNION ALL SELECT t.tag_id FROM tags AS t WHERE t.canonical_id = s.value"
        for name_id, count in conn.execute(
            f"SELECT s.value, (SELECT count(*) FROM (SELECT 1 FROM {works} AS x "
            f"WHERE x.{column} IN ({ids}) LIMIT {WEIGHED_WORKS})) FROM json_each(?) AS s",
            (json.dumps(list(names)),),
        ):
            names[name_id].works = count


def _counted(conn: sqlite3.Connection, one: _Found, rules: Condition) -> Offer | None:
    """A name with the number of its works that may be shown; None if there is none."""
    _, column, works = _TABLES.get(one.kind, _TABLES["tag"])
    ids = family(conn, [one.name_id]) if one.kind in _TAGS else [one.name_id]
    distinct = "DISTINCT" if len(ids) > 1 else ""
    looked_at, shown = conn.execute(
        f"SELECT count(*), ifnull(sum({rules.shown}), 0) FROM (SELECT {distinct} work_id "
        f"FROM {works} WHERE {column} IN (SELECT value FROM json_each(:ids)) "
        f"LIMIT {COUNTED_WORKS}) AS x "
        "CROSS JOIN works AS w INDEXED BY works_for_filters ON w.work_id = x.work_id",
        {**rules.parameters, "ids": json.dumps(ids)},
    ).fetchone()
    return Offer(one.name, shown, looked_at == COUNTED_WORKS) if shown else None
