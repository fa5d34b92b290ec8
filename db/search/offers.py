"""Names to offer for what is typed of them so far: the canonical ones, with counts.

A name is found by how it begins and by its words, whole, half typed or mistyped; so is a tag by
its synonyms and nicknames. Every look-up is bounded. Where more names fit than are looked at,
those that came first, and those of works here and there in the library, stand for the frequent
ones: what is frequent came early, or is everywhere.
"""

import json
import math
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from db.models import TagKind
from db.search.documents import shard_of
from db.search.filters import Condition
from db.search.names import family
from db.search.normalise import name_key, normalise, tag_key
from db.search.spelling import corrections, known

MOST_WORDS = 8  # of what is typed
LOOKED_AT = 200  # names that are weighed against each other
READ_ROWS = 8_000  # index rows of one look-up; a letter has more from 40,000 names on
PLACES, WORKS_A_PLACE = 20, 10  # of the works here and there
WEIGHED_WORKS = 1_000  # of a name, where names are put in order
COUNTED_WORKS = 100  # of a name that is offered; nobody chooses by more, and each costs a look
TRIED = 3  # times as many names as are offered: some have nothing to show here
FEW_MEANT = 5  # names; where there are fewer, perhaps something was mistyped
CORRECTIONS = 12  # known words that a mistyped one is taken for
FEW_NAMES = 1_500  # that are compared as wholes
ALIKE = 75  # of 100: a mistyped name, not another one

# How sure a name is, in powers of ten of its number of works.
IS_IT = 10.0
BEGINS_SO = 1.0
HALF_TYPED = -0.5  # for each word that is, but the last: "sp bu"
MISTYPED = -2.0
FIRST_KIND = 1.0  # of several, the first that was asked for is the likeliest

_LAST = "\U0010ffff"  # sorts after every letter
_OF_KINDS = "AND kind IN (SELECT value FROM json_each(:kinds))"


@dataclass(frozen=True, slots=True)
class Offer:
    """A canonical name, and how many works of it may be shown; `is_floor`: or more."""

    name: str
    works: int
    is_floor: bool = False


@dataclass(slots=True)
class _Found:
    """A canonical name that may be meant, with all the names by which it was found."""

    name_id: int
    kind: str
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
    """The likeliest names to offer of those kinds: kinds of tags, or "author", or "series".

    Of several kinds the first is preferred. For no text they are the frequent ones, by the
    works here and there. Names that have no work which `rules` would show are left out.
    """
    words = normalise(text).split()[:MOST_WORDS]
    shelf = _Shelf(conn, guild_id, json.dumps(list(kinds)), *_place_of(kinds))
    found = shelf.meant(text.strip(), words)
    if len(found) < FEW_MEANT and words:
        meant = {one.name_id for one in found}
        alike = shelf.alike(words) or ([] if found else shelf.alike_as_wholes(" ".join(words)))
        found += [one for one in alike if one.name_id not in meant]
    for one in found:
        one.sureness += FIRST_KIND if one.kind == kinds[0] else 0.0
    shelf.weigh(found)
    shown: dict[str, Offer] = {}
    for one in sorted(found, key=_Found.order)[: TRIED * limit]:
        if one.name not in shown and (offer := shelf.offer(one, rules)):
            shown[one.name] = offer
            if len(shown) == limit:
                break
    return list(shown.values())


def _place_of(kinds: Sequence[str]) -> tuple[str, str, str]:
    """Where those names are kept, under which number, and which rows say whose they are."""
    if "author" in kinds:
        return "authors", "author_id", "work_authors"
    if "series" in kinds:
        return "series", "series_id", "work_series"
    return "tags", "tag_id", "work_tags"


@dataclass(frozen=True, slots=True)
class _Shelf:
    """A server's names of some kinds (a list in JSON) that one table keeps."""

    conn: sqlite3.Connection
    guild_id: int
    kinds: str
    table: str
    column: str
    works: str

    @property
    def is_tags(self) -> bool:
        """Whether the names are tags, which have kinds, synonyms and nicknames."""
        return self.table == "tags"

    def meant(self, text: str, words: Sequence[str]) -> list[_Found]:
        """Names that what is typed may become; of nothing, the frequent ones."""
        if not text:
            return list(self._read(dict.fromkeys(self._here_and_there(""), "")).values())
        key = " ".join(words) or text.casefold()  # a name may be nothing but marks
        ids = dict.fromkeys(self._beginning(key), "")
        if words:
            ids |= dict.fromkeys(self._with_words(words), "")
        ids |= self._nicknamed(key)
        options = [[word] for word in words]
        return [one for one in self._read(ids).values() if _judge(one, key, options)]

    def alike(self, words: Sequence[str]) -> list[_Found]:
        """Names of which words were mistyped."""
        shard_no = shard_of(self.conn, self.guild_id)
        standing = known(self.conn, shard_no, words)
        options = [
            [word]
            if word in standing
            else [one.word for one in corrections(self.conn, shard_no, word, CORRECTIONS)]
            for word in words
        ]
        *_, last = words
        if last not in options[-1]:
            options[-1].append(last)  # half typed, perhaps
        if not all(options):
            return []
        likely = max(options[:-1] or options, key=lambda each: max(map(len, each)))
        ids = [name_id for word in likely for name_id in self._with_word(word, word)]
        found = self._read(dict.fromkeys(ids, "")).values()
        meant = [one for one in found if _judge(one, None, options)]
        for one in meant:
            one.sureness += MISTYPED
        return meant

    def alike_as_wholes(self, key: str) -> list[_Found]:
        """Names that are spelt much the same, where there are few to compare."""
        names = self.conn.execute(
            f"SELECT {self.column}, name_key FROM {self.table} WHERE guild_id = :guild "
            f"{_OF_KINDS if self.is_tags else ''} LIMIT {FEW_NAMES + 1}",
            {"guild": self.guild_id, "kinds": self.kinds},
        ).fetchall()
        if len(names) > FEW_NAMES:
            return []
        near = process.extract(key, dict(names), scorer=fuzz.ratio, score_cutoff=ALIKE)
        found = self._read({name_id: "" for _, _, name_id in near})
        return list(found.values())

    def weigh(self, found: Sequence[_Found]) -> None:
        """Count the works of names, roughly: enough to put them in order."""
        ids = "SELECT s.value"
        if self.is_tags:
            ids += " UNION ALL SELECT t.tag_id FROM tags AS t WHERE t.canonical_id = s.value"
        counts = dict(
            self.conn.execute(
                f"SELECT s.value, (SELECT count(*) FROM (SELECT 1 FROM {self.works} AS x "
                f"WHERE x.{self.column} IN ({ids}) LIMIT {WEIGHED_WORKS})) FROM json_each(?) AS s",
                (json.dumps([one.name_id for one in found]),),
            ).fetchall()
        )
        for one in found:
            one.works = counts[one.name_id]

    def offer(self, one: _Found, rules: Condition) -> Offer | None:
        """A name with the number of its works that may be shown; None if there is none."""
        ids = family(self.conn, [one.name_id]) if self.is_tags else [one.name_id]
        distinct = "DISTINCT" if len(ids) > 1 else ""
        looked_at, shown = self.conn.execute(
            f"SELECT count(*), ifnull(sum({rules.shown}), 0) FROM (SELECT {distinct} work_id "
            f"FROM {self.works} WHERE {self.column} IN (SELECT value FROM json_each(:ids)) "
            f"LIMIT {COUNTED_WORKS}) AS x "
            "CROSS JOIN works AS w INDEXED BY works_for_filters ON w.work_id = x.work_id",
            {**rules.parameters, "ids": json.dumps(ids)},
        ).fetchone()
        return Offer(one.name, shown, looked_at == COUNTED_WORKS) if shown else None

    def _beginning(self, key: str) -> list[int]:
        """Names that begin so, those that came first."""
        return self._first(
            f"SELECT {self.column} AS name_id FROM {self.table} WHERE guild_id = :guild "
            f"{_OF_KINDS if self.is_tags else ''} AND name_key BETWEEN :low AND :high",
            key,
            key + _LAST,
        )

    def _with_words(self, words: Sequence[str]) -> list[int]:
        """Names that may have all of the words, the last one half typed, or all of them."""
        bounds = [*((word, word) for word in words[:-1]), (words[-1], words[-1] + _LAST)]
        rarest = min(bounds, key=lambda each: self._rows(*each)) if len(bounds) > 1 else bounds[0]
        ids = self._with_word(*rarest)
        if len(ids) == LOOKED_AT:
            ids += self._here_and_there(words[-1])
        if len(words) > 1:
            longest = max(words, key=len)
            ids += self._with_word(longest, longest + _LAST)
        return ids

    def _with_word(self, low: str, high: str) -> list[int]:
        """Names with a word within these bounds, those that came first."""
        return self._first(
            f"SELECT name_id FROM search_names WHERE guild_id = :guild {_OF_KINDS} "
            "AND word BETWEEN :low AND :high",
            low,
            high,
        )

    def _rows(self, low: str, high: str) -> int:
        (count,) = self.conn.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM search_names WHERE guild_id = :guild {_OF_KINDS} "
            f"AND word BETWEEN :low AND :high LIMIT {READ_ROWS})",
            {"guild": self.guild_id, "kinds": self.kinds, "low": low, "high": high},
        ).fetchone()
        return int(count)

    def _first(self, sql: str, low: str, high: str) -> list[int]:
        # A name has its row for each of its words: telling those apart in SQL costs more than all
        # else. With a limit, only so many are kept while sorting.
        rows = self.conn.execute(
            f"SELECT name_id FROM ({sql} LIMIT {READ_ROWS}) ORDER BY name_id LIMIT {2 * LOOKED_AT}",
            {"guild": self.guild_id, "kinds": self.kinds, "low": low, "high": high},
        )
        return list(dict.fromkeys(row[0] for row in rows))[:LOOKED_AT]

    def _nicknamed(self, key: str) -> dict[int, str]:
        """Tags with a nickname that begins so, and the nickname."""
        if not self.is_tags:
            return {}
        wanted: dict[tuple[str, str], str] = {}
        for kind, name, nickname in self.conn.execute(
            f"SELECT kind, name, nickname FROM nicknames "
            f"WHERE (guild_id IS NULL OR guild_id = :guild) {_OF_KINDS}",
            {"guild": self.guild_id, "kinds": self.kinds},
        ):
            if name_key(nickname).startswith(key):
                wanted[kind, tag_key(TagKind(kind), name)] = nickname
        return {
            tag_id: wanted[kind, key]
            for tag_id, kind, key in self.conn.execute(
                "SELECT t.tag_id, t.kind, t.name_key FROM json_each(?) AS s "
                "CROSS JOIN tags AS t ON t.guild_id = ? AND t.kind = s.value ->> 0 "
                "AND t.name_key = s.value ->> 1",
                (json.dumps(list(wanted)), self.guild_id),
            )
        }

    def _here_and_there(self, prefix: str) -> list[int]:
        """Names with a word that begins so, of some works, the most frequent first."""
        of_kinds = _OF_KINDS if self.is_tags else ""
        return [
            row[0]
            for row in self.conn.execute(
                f"SELECT n.{self.column} FROM json_each(:works) AS s "
                f"CROSS JOIN {self.works} AS x ON x.work_id = s.value "
                f"CROSS JOIN {self.table} AS n ON n.{self.column} = x.{self.column} "
                f"WHERE n.guild_id = :guild {of_kinds} "
                "AND instr(' ' || n.name_key, ' ' || :prefix) "
                f"GROUP BY n.{self.column} ORDER BY count(*) DESC LIMIT {LOOKED_AT}",
                {
                    "works": json.dumps(list(dict.fromkeys(self._some_works()))),
                    "guild": self.guild_id,
                    "kinds": self.kinds,
                    "prefix": prefix,
                },
            )
        ]

    def _some_works(self) -> Iterator[int]:
        """Works from all over the library; of a small one, all."""
        published = "SELECT work_id FROM works WHERE guild_id = ? AND state = 'published'"
        ends = [
            row[0]
            for order in ("ASC", "DESC")
            for row in self.conn.execute(
                f"{published} ORDER BY work_id {order} LIMIT 1", (self.guild_id,)
            )
        ]
        for place in range(PLACES if ends else 0):
            for (work_id,) in self.conn.execute(
                f"{published} AND work_id >= ? ORDER BY work_id LIMIT {WORKS_A_PLACE}",
                (self.guild_id, ends[0] + (ends[-1] - ends[0]) * place // PLACES),
            ):
                yield work_id

    def _read(self, ids: Mapping[int, str]) -> dict[int, _Found]:
        """The canonical names of names, by id, each with what it was found by.

        What `ids` maps a name to is another way to call it, if any.
        """
        found: dict[int, _Found] = {}
        canonical = "ifnull(n.canonical_id, n.tag_id)" if self.is_tags else f"n.{self.column}"
        its_kind = "c.kind" if self.is_tags else "''"
        for name_id, name, canonical_id, kind, canonical_name in self.conn.execute(
            f"SELECT s.value, n.name, c.{self.column}, {its_kind}, c.name FROM json_each(?) AS s "
            f"CROSS JOIN {self.table} AS n ON n.{self.column} = s.value "
            f"CROSS JOIN {self.table} AS c ON c.{self.column} = {canonical}",
            (json.dumps(list(ids)),),
        ):
            one = found.setdefault(canonical_id, _Found(canonical_id, kind, canonical_name))
            one.names.update(filter(None, (canonical_name, name, ids[name_id])))
        return found


def _judge(one: _Found, key: str | None, options: Sequence[Sequence[str]]) -> bool:
    """Tell how surely a name is meant by what was typed, and whether it may be at all."""
    sureness = [_sureness(name_key(name), key, options) for name in one.names]
    sure = [each for each in sureness if each is not None]
    one.sureness = max(sure, default=0.0)
    return bool(sure)


def _sureness(name: str, key: str | None, options: Sequence[Sequence[str]]) -> float | None:
    """How surely a folded name is meant: as it begins, or by a word of its own for each typed.

    `options` are for each word typed the words that it may stand for.
    """
    if key and name.startswith(key):
        return IS_IT if name == key else BEGINS_SO
    left = name.split()
    sure = 0.0
    for at, words in enumerate(options):
        same = next((word for word in left if word in words), None)
        if same is None:
            same = next((one for one in left if any(one.startswith(word) for word in words)), None)
            if same is None:
                return None
            sure += HALF_TYPED if at < len(options) - 1 else 0.0
        left.remove(same)
    return sure if options else None
