"""From the library's tables to what is indexed of a work."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from db.models import Rating, TagKind
from db.search.consent import QUOTABLE
from db.search.normalise import normalise, normalise_name

# A work's place among equals: row ids order the indexes, so the popular come first.
_BUCKET_BITS, _ID_BITS = 8, 36  # of the latter, the lowest says whether the work is adult
_BUCKETS = (1 << _BUCKET_BITS) - 1
_BUCKETS_A_DOUBLING = 8  # 255 buckets hold popularities up to 2^31
_ID_MASK = (1 << _ID_BITS) - 1
WORK_OF_ROW = f"(i.rowid & {_ID_MASK}) >> 1"  # in SQL, of the index AS i

COLUMNS = (
    "docid, work_id, title, authors, characters, fandoms, relationships, tags, nicknames, series"
)


@dataclass(frozen=True, slots=True)
class Document:
    """What is indexed of a work: normalised names, those of one field parted by newlines.

    `fandom_ids` are its canonical fandoms, the author's first one first.
    """

    docid: int
    work_id: int
    title: str
    authors: str
    characters: str
    fandoms: str
    relationships: str
    tags: str
    nicknames: str
    series: str
    fandom_ids: tuple[int, ...] = field(default=(), compare=False)

    def row(self) -> tuple[int | str, ...]:
        """The columns of `COLUMNS`."""
        return (
            self.docid, self.work_id, self.title, self.authors, self.characters, self.fandoms,
            self.relationships, self.tags, self.nicknames, self.series,
        )  # fmt: skip

    def words(self) -> set[str]:
        """Every distinct word of every field."""
        text = " ".join(
            (self.title, self.authors, self.characters, self.fandoms, self.relationships,
             self.tags, self.nicknames, self.series)
        )  # fmt: skip
        # An author of two words is as often typed as one, and mistyped as one.
        names = (name.replace(" ", "") for name in self.authors.split("\n"))
        return {*text.split(), *filter(None, names)}


def shard_of(conn: sqlite3.Connection, guild_id: int) -> int:
    """The server's number in row ids; 0, which no row has, for an unknown server."""
    row = conn.execute("SELECT shard_no FROM guilds WHERE guild_id = ?", (guild_id,)).fetchone()
    return int(row[0]) if row else 0


def docid_range(shard_no: int) -> tuple[int, int]:
    """The first and the last row id that a server can have."""
    low = shard_no << (_BUCKET_BITS + _ID_BITS)
    return low, low + (1 << (_BUCKET_BITS + _ID_BITS)) - 1


def work_of(docid: int) -> int:
    """The work of a row id."""
    return (docid & _ID_MASK) >> 1


def is_adult(docid: int) -> bool:
    """Whether the work of a row id is adult, or not rated, which counts as that."""
    return bool(docid & 1)


def popularity_bucket(popularity: int) -> int:
    """Where a work stands among equals: the lower, the more often it doubled."""
    return _BUCKETS - min(_BUCKETS, popularity.bit_length() * _BUCKETS_A_DOUBLING)


def popularity_of(docid: int) -> float:
    """From 0 to 1, by the bucket in the row id."""
    return 1 - (docid >> _ID_BITS & _BUCKETS) / _BUCKETS


def read_documents(
    conn: sqlite3.Connection, guild_id: int, work_ids: Sequence[int]
) -> list[Document]:
    """The documents of those works that are published, in the order of their row ids."""
    shard_no = shard_of(conn, guild_id)
    ids = json.dumps(list(work_ids))
    authors = _names(conn, "work_authors JOIN authors USING (author_id)", ids)
    series = _names(conn, "work_series JOIN series USING (series_id)", ids)
    tags: dict[int, list[int]] = defaultdict(list)
    for work_id, tag_id in conn.execute(
        "SELECT work_id, tag_id FROM work_tags "
        "WHERE work_id IN (SELECT value FROM json_each(?)) ORDER BY work_id, position",
        (ids,),
    ):
        tags[work_id].append(tag_id)
    # A tag is read and folded once, however many of the works have it.
    known = _tags(conn, guild_id, {one for each in tags.values() for one in each})
    documents: list[Document] = []
    for work_id, title, opening, rating, popularity in conn.execute(
        f"SELECT work_id, title, iif({QUOTABLE}, opening, ''), rating, popularity FROM works AS w "
        "WHERE guild_id = ? AND state = 'published' "
        "AND work_id IN (SELECT value FROM json_each(?))",
        (guild_id, ids),
    ):
        mine = [known[tag_id] for tag_id in tags[work_id]]
        names: dict[str, list[str]] = {kind.value: [] for kind in TagKind}
        for tag in mine:
            names[tag.kind].append(tag.name)
        bucket = popularity_bucket(popularity)
        documents.append(
            Document(
                docid=(shard_no << _BUCKET_BITS | bucket) << _ID_BITS
                | work_id << 1
                | Rating(rating).is_adult,
                work_id=work_id,
                title=normalise(title or "") or normalise(opening),
                authors=_fold(authors[work_id]),
                characters=_joined(names["character"]),
                fandoms=_joined(names["fandom"]),
                relationships=_joined(names["relationship"]),
                tags=_joined(names["freeform"]),
                nicknames=_joined([name for tag in mine for name in tag.others]),
                series=_fold(series[work_id]),
                fandom_ids=tuple(
                    dict.fromkeys(tag.canonical_id for tag in mine if tag.kind == "fandom")
                ),
            )
        )
    documents.sort(key=lambda document: document.docid)
    return documents


def _names(conn: sqlite3.Connection, tables: str, ids: str) -> dict[int, list[str]]:
    names: dict[int, list[str]] = defaultdict(list)
    for work_id, name in conn.execute(
        f"SELECT work_id, name FROM {tables} "
        "WHERE work_id IN (SELECT value FROM json_each(?)) ORDER BY work_id, position",
        (ids,),
    ):
        names[work_id].append(name)
    return names


@dataclass(frozen=True, slots=True)
class _Tag:
    canonical_id: int
    kind: str
    name: str  # folded, as are the others
    others: tuple[str, ...]


def _tags(conn: sqlite3.Connection, guild_id: int, tag_ids: set[int]) -> dict[int, _Tag]:
    other_names = _other_names(conn, guild_id, tag_ids)
    return {
        tag_id: _Tag(
            canonical_id,
            kind,
            normalise_name(name),
            tuple(filter(None, map(normalise_name, other_names.get(tag_id, ())))),
        )
        for tag_id, canonical_id, kind, name in conn.execute(
            "SELECT tag_id, ifnull(canonical_id, tag_id), kind, name FROM tags "
            "WHERE tag_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(tag_ids)),),
        )
    }


def _other_names(
    conn: sqlite3.Connection, guild_id: int, tag_ids: Iterable[int]
) -> dict[int, list[str]]:
    """What else each tag is found by: its canonical tag's name, synonyms, and nicknames, and
    those of the tags above it."""
    found: dict[int, list[str]] = defaultdict(list)
    named: dict[tuple[str, str], list[int]] = defaultdict(list)
    for tag_id, other_id, kind, name in conn.execute(
        "WITH RECURSIVE family (tag_id, member) AS ("
        " SELECT tag_id, ifnull(canonical_id, tag_id) FROM tags"
        "  WHERE tag_id IN (SELECT value FROM json_each(?))"
        " UNION SELECT family.tag_id, parent_id FROM family"
        "  JOIN tag_parents ON tag_parents.tag_id = family.member) "
        "SELECT family.tag_id, t.tag_id, kind, name FROM family JOIN tags AS t ON t.tag_id = member"
        " UNION ALL SELECT family.tag_id, t.tag_id, kind, name"
        " FROM family JOIN tags AS t ON t.canonical_id = member",
        (json.dumps(list(tag_ids)),),
    ):
        named[kind, name].append(tag_id)
        if other_id != tag_id:
            found[tag_id].append(name)
    for kind, name, nickname in conn.execute(
        "SELECT n.kind, n.name, n.nickname FROM json_each(?) AS wanted JOIN nicknames AS n "
        "ON ifnull(n.guild_id, 0) IN (0, ?) AND n.kind = wanted.value ->> 0 "
        "AND n.name = wanted.value ->> 1 WHERE n.guild_id IS NULL OR n.guild_id = ?",
        (json.dumps(list(named)), guild_id, guild_id),
    ):
        for tag_id in named[kind, name]:
            found[tag_id].append(nickname)
    return found


def _fold(names: Iterable[str]) -> str:
    return _joined([normalise_name(name) for name in names])


def _joined(folded: Sequence[str]) -> str:
    """Folded names as one column, each once; those of nothing but marks are left out."""
    if len(folded) == 1:
        return folded[0]
    return "\n".join(filter(None, dict.fromkeys(folded)))
