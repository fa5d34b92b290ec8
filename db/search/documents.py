"""From the library's tables to what is indexed of a work, and back out again."""

import hashlib
import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from db.search import spelling
from db.search.normalise import normalise, normalise_name

# A work's place among equals: rowids order the index, so the likely come first.
BUCKETS = 255
_BUCKET_BITS, _ID_BITS = 8, 36


@dataclass(frozen=True, slots=True)
class Document:
    """What is indexed of a work: normalised names, those of one field parted by newlines."""

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

    def all_words(self) -> set[str]:
        """Every distinct word of every field."""
        return set(
            " ".join(
                (self.title, self.authors, self.characters, self.fandoms, self.relationships,
                 self.tags, self.nicknames, self.series)
            ).split()
        )  # fmt: skip


def shard_of(conn: sqlite3.Connection, guild_id: int) -> int:
    """The server's number in row ids; 0, which no row has, for an unknown server."""
    row = conn.execute("SELECT shard_no FROM guilds WHERE guild_id = ?", (guild_id,)).fetchone()
    return int(row[0]) if row else 0


def docid_range(shard_no: int) -> tuple[int, int]:
    """The first and the last row id that a server can have."""
    low = shard_no << (_BUCKET_BITS + _ID_BITS)
    return low, low + (1 << (_BUCKET_BITS + _ID_BITS)) - 1


def title_hash(shard_no: int, words: str) -> int:
    """What a whole title is found by."""
    digest = hashlib.blake2b(f"{shard_no}\x00{words}".encode(), digest_size=6).digest()
    return int.from_bytes(digest, "big")


def index_works(conn: sqlite3.Connection, guild_id: int, work_ids: Sequence[int]) -> None:
    """Add works to the server's index, in the caller's transaction."""
    if not work_ids:
        return
    shard_no = shard_of(conn, guild_id)
    documents = _read(conn, guild_id, shard_no, work_ids)
    works: Counter[str] = Counter()
    titles: Counter[str] = Counter()
    for document in documents:
        words = document.all_words()
        works.update(words)
        titles.update(set(document.title.split()))
    conn.executemany(
        "INSERT INTO search_docs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [_row(document) for document in documents],
    )
    _write(conn, shard_no, documents)
    spelling.add_words(conn, shard_no, works, titles)


def unindex_works(conn: sqlite3.Connection, guild_id: int, work_ids: Sequence[int]) -> None:
    """Take works out of the server's index: the exact inverse, whatever changed meanwhile."""
    if not work_ids:
        return
    shard_no = shard_of(conn, guild_id)
    low, high = docid_range(shard_no)
    documents = [
        Document(*row)
        for row in conn.execute(
            "SELECT docid, work_id, title, authors, characters, fandoms, relationships, tags, "
            "nicknames, series FROM search_docs WHERE work_id IN (SELECT value FROM json_each(?)) "
            "AND +docid BETWEEN ? AND ?",
            (json.dumps(list(work_ids)), low, high),
        )
    ]
    works: Counter[str] = Counter()
    titles: Counter[str] = Counter()
    for document in documents:
        works.update(document.all_words())
        titles.update(set(document.title.split()))
        key = (title_hash(shard_no, document.title), document.docid)
        conn.execute("DELETE FROM search_keys WHERE hash = ? AND docid = ?", key)
        # A contentless index deletes by being told again what it holds.
        conn.execute(
            "INSERT INTO search_titles (search_titles, rowid, words) VALUES ('delete', ?, ?)",
            (document.docid, document.title),
        )
        conn.execute(
            "INSERT INTO search_fields (search_fields, rowid, words) VALUES ('delete', ?, ?)",
            (document.docid, " ".join(sorted(document.all_words()))),
        )
        conn.execute("DELETE FROM search_docs WHERE docid = ?", (document.docid,))
    spelling.remove_words(conn, shard_no, works, titles)


def _row(document: Document) -> tuple[int | str, ...]:
    return (
        document.docid, document.work_id, document.title, document.authors,
        document.characters, document.fandoms, document.relationships, document.tags,
        document.nicknames, document.series,
    )  # fmt: skip


def _write(conn: sqlite3.Connection, shard_no: int, documents: Sequence[Document]) -> None:
    conn.executemany(
        "INSERT INTO search_titles (rowid, words) VALUES (?, ?)",
        [(document.docid, document.title) for document in documents],
    )
    conn.executemany(
        "INSERT INTO search_fields (rowid, words) VALUES (?, ?)",
        [(document.docid, " ".join(sorted(document.all_words()))) for document in documents],
    )
    conn.executemany(
        "INSERT OR IGNORE INTO search_keys (hash, docid) VALUES (?, ?)",
        [
            (title_hash(shard_no, document.title), document.docid)
            for document in documents
            if document.title
        ],
    )


def _read(
    conn: sqlite3.Connection, guild_id: int, shard_no: int, work_ids: Sequence[int]
) -> list[Document]:
    ids = json.dumps(list(work_ids))
    authors: dict[int, list[str]] = defaultdict(list)
    for work_id, name in conn.execute(
        "SELECT work_id, name FROM work_authors JOIN authors USING (author_id) "
        "WHERE work_id IN (SELECT value FROM json_each(?)) ORDER BY work_id, position",
        (ids,),
    ):
        authors[work_id].append(name)
    names: dict[tuple[int, str], list[str]] = defaultdict(list)
    tags: dict[int, list[int]] = defaultdict(list)
    for work_id, tag_id, kind, name in conn.execute(
        "SELECT work_id, tag_id, kind, name FROM work_tags JOIN tags USING (tag_id) "
        "WHERE work_id IN (SELECT value FROM json_each(?)) ORDER BY work_id, position",
        (ids,),
    ):
        names[work_id, kind].append(name)
        tags[work_id].append(tag_id)
    series: dict[int, list[str]] = defaultdict(list)
    for work_id, name in conn.execute(
        "SELECT work_id, name FROM work_series JOIN series USING (series_id) "
        "WHERE work_id IN (SELECT value FROM json_each(?)) ORDER BY work_id, position",
        (ids,),
    ):
        series[work_id].append(name)
    other_names: dict[int, list[str]] = {}
    documents: list[Document] = []
    for work_id, title, opening, popularity in conn.execute(
        "SELECT work_id, title, opening, popularity FROM works "
        "WHERE guild_id = ? AND state = 'published' "
        "AND work_id IN (SELECT value FROM json_each(?))",
        (guild_id, ids),
    ):
        nicknames: list[str] = []
        for tag_id in tags[work_id]:
            if tag_id not in other_names:
                other_names[tag_id] = _other_names(conn, guild_id, tag_id)
            nicknames += other_names[tag_id]
        bucket = BUCKETS - min(BUCKETS, popularity.bit_length() * 8)
        documents.append(
            Document(
                docid=(shard_no << _BUCKET_BITS | bucket) << _ID_BITS | work_id,
                work_id=work_id,
                title=normalise(title or opening),
                authors=_fold(authors[work_id]),
                characters=_fold(names[work_id, "character"]),
                fandoms=_fold(names[work_id, "fandom"]),
                relationships=_fold(names[work_id, "relationship"]),
                tags=_fold(names[work_id, "freeform"]),
                nicknames=_fold(nicknames),
                series=_fold(series[work_id]),
            )
        )
    return documents


def _other_names(conn: sqlite3.Connection, guild_id: int, tag_id: int) -> list[str]:
    """Synonyms, the canonical name, parents, and nicknames of a tag."""
    return [
        row[0]
        for row in conn.execute(
            "WITH this AS (SELECT tag_id, ifnull(canonical_id, tag_id) AS canonical "
            "              FROM tags WHERE tag_id = ?1), "
            "family AS (SELECT t.tag_id, t.kind, t.name FROM tags AS t, this "
            "  WHERE t.tag_id = this.canonical OR t.canonical_id = this.canonical "
            "  OR t.tag_id IN (SELECT parent_id FROM tag_parents "
            "                  WHERE tag_parents.tag_id = this.canonical)) "
            "SELECT name FROM family WHERE tag_id != ?1 "
            "UNION SELECT n.nickname FROM nicknames AS n JOIN family AS f "
            "  ON n.kind = f.kind AND n.name = f.name "
            "  WHERE n.guild_id IS NULL OR n.guild_id = ?2",
            (tag_id, guild_id),
        )
    ]


def _fold(names: Sequence[str]) -> str:
    folded = [normalise_name(name) for name in names]
    return "\n".join(dict.fromkeys(name for name in folded if name))
