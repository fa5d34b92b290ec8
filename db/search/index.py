"""Putting works into the server's index, and taking out exactly what was put in."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from zlib import crc32

from db.search import spelling
from db.search.documents import COLUMNS, Document, docid_range, read_documents, shard_of
from db.search.little import STOP_WORDS
from db.search.staging import staging

# So many works at once are sorted before they go into tables by hash, where each batch would
# touch nearly every page: 7,000 works a second at a million without, 12,000 with.
STAGED_WORKS = 20_000
_BATCH, _STAGED_BATCH = 1000, 5000  # works held in memory at once
# Of shorter titles a word less leaves too little, of longer ones enough for the other stages.
MISSED_OF = 3, 8
INITIALS_OF = 3, 10  # words of a title that is called by its initials
_BY_INITIALS = "\n"  # before them; no word holds it
TITLE_LETTERS = 100  # of a title that are indexed by threes, as many as a query has


def index_works(conn: sqlite3.Connection, guild_id: int, work_ids: Sequence[int]) -> None:
    """Add published works to the server's index, in the caller's transaction.

    Works that are in it already are taken out first.
    """
    unindex_works(conn, guild_id, work_ids)
    shard_no = shard_of(conn, guild_id)
    is_staged = len(work_ids) >= STAGED_WORKS
    with staging(conn, ("search_keys", "search_deletes"), is_staged):
        for batch in _batches(work_ids, _STAGED_BATCH if is_staged else _BATCH):
            _add(conn, shard_no, read_documents(conn, guild_id, batch))


def unindex_works(conn: sqlite3.Connection, guild_id: int, work_ids: Sequence[int]) -> None:
    """Take works out of the server's index: the exact inverse, whatever changed meanwhile."""
    shard_no = shard_of(conn, guild_id)
    low, high = docid_range(shard_no)
    for batch in _batches(work_ids, _BATCH):
        documents = [
            Document(*row)
            for row in conn.execute(
                f"SELECT {COLUMNS} FROM search_docs "
                "WHERE work_id IN (SELECT value FROM json_each(?)) AND +docid BETWEEN ? AND ?",
                (json.dumps(list(batch)), low, high),
            )
        ]
        if documents:
            _take_out(conn, shard_no, documents)


def title_keys(shard_no: int, words: Sequence[str]) -> list[int]:
    """What a title is found by, in whatever order its words are typed: all of them first, then
    all but one, for whoever forgot that one; and its initials, as fans call a long title.
    """
    ordered = sorted(words)
    known = [ordered]
    if MISSED_OF[0] <= len(ordered) <= MISSED_OF[1]:
        known += [ordered[:at] + ordered[at + 1 :] for at in range(len(ordered))]
    texts = [" ".join(each) for each in known]
    if INITIALS_OF[0] <= len(words) <= INITIALS_OF[1]:
        telling = [word for word in words if word not in STOP_WORDS]
        texts += [_BY_INITIALS + _initials(words), _BY_INITIALS + _initials(telling)]
    high = shard_no << 32
    return list(dict.fromkeys([high | crc32(text.encode()) for text in texts]))


def initials_key(shard_no: int, typed: str) -> int:
    """What finds titles of just these initials, with or without those of little words."""
    return (shard_no << 32) | crc32((_BY_INITIALS + typed).encode())


def _initials(words: Sequence[str]) -> str:
    return "".join([word[0] for word in words])


def query_keys(shard_no: int, words: Sequence[str]) -> list[int]:
    """What finds titles of just these words, of one more, of one less, and of one other."""
    ordered = sorted(words)
    asked = [ordered]
    if len(ordered) > MISSED_OF[0] - 1:
        asked += [ordered[:at] + ordered[at + 1 :] for at in range(len(ordered))]
    return [(shard_no << 32) | crc32(" ".join(each).encode()) for each in asked]


def is_title(conn: sqlite3.Connection, shard_no: int, words: Sequence[str]) -> bool:
    """Whether a work of the server is called just so, or so but for one word."""
    key = query_keys(shard_no, words)[0]
    return bool(conn.execute("SELECT 1 FROM search_keys WHERE hash = ?", (key,)).fetchone())


def trigrams(title: str) -> set[str]:
    """Every three letters of a title, "_" for the spaces between and around words."""
    text = f"_{title[:TITLE_LETTERS]}_".replace(" ", "_")
    return {text[at : at + 3] for at in range(len(text) - 2)}


def _batches(work_ids: Sequence[int], size: int) -> list[Sequence[int]]:
    distinct = list(dict.fromkeys(work_ids))
    return [distinct[at : at + size] for at in range(0, len(distinct), size)]


@dataclass(slots=True)
class _Batch:
    """Works with what the indexes hold of each, worked out once. The order of words does not
    matter to an index without positions.
    """

    documents: Sequence[Document]
    words: list[set[str]] = field(init=False)
    title_words: list[set[str]] = field(init=False)
    grams: list[set[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.words = [document.words() for document in self.documents]
        self.title_words = [set(document.title.split()) for document in self.documents]
        self.grams = [
            trigrams(document.title) if document.title else set[str]()
            for document in self.documents
        ]

    def texts(self) -> Iterator[tuple[str, str, list[tuple[int, str]]]]:
        """The full-text indexes, each with its column and what it holds."""
        for table, column, held in (
            ("search_titles", "words", self.title_words),
            ("search_fields", "words", self.words),
            ("search_trigrams", "grams", self.grams),
        ):
            rows = zip(self.documents, held, strict=True)
            yield table, column, [(one.docid, " ".join(words)) for one, words in rows if words]

    def keys(self, shard_no: int) -> list[tuple[int, int]]:
        """Hashes of titles."""
        return [
            (key, document.docid)
            for document in self.documents
            if document.title
            for key in title_keys(shard_no, document.title.split())
        ]


def _add(conn: sqlite3.Connection, shard_no: int, documents: Sequence[Document]) -> None:
    if not documents:
        return
    batch = _Batch(documents)
    conn.executemany(
        f"INSERT INTO search_docs ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (document.row() for document in documents),
    )
    conn.executemany(
        "INSERT INTO search_fandoms (work_id, position, shard_no, tag_id) VALUES (?, ?, ?, ?)",
        (
            (document.work_id, position, shard_no, tag_id)
            for document in documents
            for position, tag_id in enumerate(document.fandom_ids)
        ),
    )
    conn.executemany("INSERT INTO search_keys VALUES (?, ?)", batch.keys(shard_no))
    for table, column, texts in batch.texts():
        conn.executemany(f"INSERT INTO {table} (rowid, {column}) VALUES (?, ?)", texts)
    _count(conn, shard_no, batch, 1)


def _take_out(conn: sqlite3.Connection, shard_no: int, documents: Sequence[Document]) -> None:
    batch = _Batch(documents)
    conn.executemany(
        "DELETE FROM search_docs WHERE docid = ?", ((document.docid,) for document in documents)
    )
    conn.executemany(
        "DELETE FROM search_fandoms WHERE work_id = ?",
        ((document.work_id,) for document in documents),
    )
    conn.executemany("DELETE FROM search_keys WHERE hash = ? AND docid = ?", batch.keys(shard_no))
    # A contentless index deletes by being told again what it holds.
    for table, column, texts in batch.texts():
        conn.executemany(
            f"INSERT INTO {table} ({table}, rowid, {column}) VALUES ('delete', ?, ?)", texts
        )
    _count(conn, shard_no, batch, -1)


def _count(conn: sqlite3.Connection, shard_no: int, batch: _Batch, sign: int) -> None:
    """Count a batch's words and trigrams into (1) or out of (-1) the server's."""
    works = Counter(chain.from_iterable(batch.words))
    titles = Counter(chain.from_iterable(batch.title_words))
    grams = Counter(chain.from_iterable(batch.grams))
    spelling.count_words(
        conn, shard_no, {word: (sign * n, sign * titles[word]) for word, n in works.items()}
    )
    conn.executemany(
        "INSERT INTO search_grams VALUES (?, ?, ?) "
        "ON CONFLICT DO UPDATE SET works = works + excluded.works",
        ((shard_no, gram, sign * grams[gram]) for gram in sorted(grams)),
    )
    conn.execute(
        "INSERT INTO search_sizes VALUES (?, ?) "
        "ON CONFLICT DO UPDATE SET works = works + excluded.works",
        (shard_no, sign * len(batch.documents)),
    )
    if sign < 0:
        conn.executemany(
            "DELETE FROM search_grams WHERE shard_no = ? AND gram = ? AND works <= 0",
            ((shard_no, gram) for gram in grams),
        )
        conn.execute("DELETE FROM search_sizes WHERE works <= 0")
