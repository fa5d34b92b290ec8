"""Whether a library's file is sound: the file itself, and that what it holds agrees."""

import os
import sqlite3
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from db.connection import check_header, latest_version
from db.errors import LibraryDamaged, LibraryError, LibraryUnusable
from db.search.bodies import phrase, read_chapter, words_of

BUSY_S = 10.0
_TOLD = 5  # of the damages that SQLite lists, often hundreds
_TRIED = 20  # entries of an index that are looked up in it
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_SHARD_BITS = 44
_PUBLISHED_CHAPTERS = (
    f"SELECT (g.shard_no << {_SHARD_BITS}) + c.chapter_id FROM works AS w "
    "JOIN guilds AS g USING (guild_id) JOIN chapters AS c USING (work_id) "
    "WHERE w.state = 'published'"
)


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found. `works` are the published ones, `indexed` those that can be found.

    `damages` are in the file itself; `flaws` in what it holds: it works, but not all of it.
    """

    schema: int
    works: int
    indexed: int
    damages: tuple[str, ...] = ()
    flaws: tuple[str, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether nothing at all is wrong."""
        return not self.damages and not self.flaws

    @property
    def age(self) -> str:
        """A sentence on the schema of a whole file."""
        newest = latest_version()
        age = "the newest" if self.schema == newest else f"brought to {newest} at the next start"
        return f"The file is whole; its schema is {self.schema}, {age}."


def check(library: Path) -> Report:
    """See that a library's file is sound, and that its indexes and its works agree.

    Raises:
        LibraryUnusable: the file is no library at all, or cannot be read.
    """
    must_be_library(library)
    try:
        with opened(library) as conn:
            return _examine(conn)
    except UnicodeDecodeError:  # of what SQLite would quote
        return Report(0, 0, 0, damages=("The file is damaged: what defines it is no text.",))
    except LibraryDamaged as error:
        return Report(0, 0, 0, damages=(f"The file is damaged: {error.__cause__}.",))
    except sqlite3.Error as error:
        if is_damage(error):
            said = " ".join(str(error).split())
            return Report(0, 0, 0, damages=(f"The file is damaged: {said}.",))
        raise LibraryUnusable(f"{library} cannot be checked ({error}).") from None


def is_damaged(library: Path) -> bool:
    """Whether the file's bytes are to blame for what nobody foresaw."""
    try:
        return bool(check(library).damages)
    except LibraryError:
        return True


def must_be_library(path: Path) -> None:
    """See that the file is one of ours, by its header. Raises LibraryUnusable."""
    if not path.exists():
        raise LibraryUnusable(f"There is no library at {path}.")
    try:
        check_header(path)
    except OSError as error:
        raise LibraryUnusable(f"{path} cannot be opened: {error.strerror}.") from None


@contextmanager
def opened(
    path: Path, *, timeout_s: float = BUSY_S, to_write: bool = False
) -> Generator[sqlite3.Connection]:
    """A connection of its own, beside those of a running bot.

    Unless it is `to_write` it leaves a log that is there as it is.
    """
    log = Path(f"{path}-wal")
    # Without a log nothing has to be written to read the file: it may lie on a read-only disk,
    # and nothing is left beside it. With one, the file alone is not the library.
    alone = not log.exists() and not os.access(path.parent, os.W_OK)
    if alone:
        how = "mode=ro&immutable=1"
    else:
        # Whoever may write folds the log into the file when it leaves; whoever may not leaves an
        # empty log behind where there was none.
        how = "mode=ro" if log.exists() and not to_write else "mode=rw"
    uri = f"{path.absolute().as_uri()}?{how}"
    with closing(sqlite3.connect(uri, uri=True, isolation_level=None, timeout=timeout_s)) as conn:
        yield conn


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file's bytes are wrong."""
    return code_of(error) in _DAMAGED


def code_of(error: sqlite3.Error) -> int:
    """SQLite's primary result code; 0 if there is none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _examine(conn: sqlite3.Connection) -> Report:
    conn.execute("PRAGMA query_only = ON")
    conn.execute("BEGIN")  # works and indexes as of one moment, though the bot may be writing
    (schema,) = conn.execute("PRAGMA user_version").fetchone()
    found = conn.execute(f"PRAGMA integrity_check({_TOLD})").fetchall()
    damages = tuple(f"The file is damaged: {row[0]}." for row in found if row[0] != "ok")
    flaws: list[str] = []
    if damages:
        return Report(schema, 0, 0, damages)
    if orphans := len(conn.execute("PRAGMA foreign_key_check").fetchall()):
        flaws.append(f"Rows that refer to others that are not there: {orphans}.")
    works = _count(conn, "works WHERE state = 'published'")
    indexed = 0
    # A backup of an older version lacks an index, or has one that the next opening makes anew.
    if _is_current(conn, "search_docs", "stale: works"):
        indexed = _count(conn, "search_docs")
        flaws += _titles(conn)
    if _is_current(conn, "search_body_rows", "stale: bodies"):
        flaws += _stories(conn)
    return Report(schema, works, indexed, damages, tuple(flaws))


def _is_current(conn: sqlite3.Connection, table: str, mark: str) -> bool:
    there = conn.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    stale = conn.execute("SELECT 1 FROM meta WHERE key = ?", (mark,)).fetchone()
    return there is not None and stale is None


def _titles(conn: sqlite3.Connection) -> Iterator[str]:
    published = "SELECT work_id FROM works WHERE state = 'published'"
    if lost := _count(conn, f"({published} EXCEPT SELECT work_id FROM search_docs)"):
        yield f"Published works that cannot be found: {lost}."
    if ghosts := _count(conn, f"(SELECT work_id FROM search_docs EXCEPT {published})"):
        yield f"Entries of the index without a published work: {ghosts}."
    words = {
        docid: title.split()[:1]
        for docid, title in conn.execute(
            f"SELECT docid, title FROM search_docs WHERE title != '' AND {_spread('search_docs')}"
        )
    }
    if missed := _missed(conn, "search_titles", words):
        yield f"Titles that the index does not have: {missed} of {len(words)} tried."


def _stories(conn: sqlite3.Connection) -> Iterator[str]:
    if lost := _count(conn, f"({_PUBLISHED_CHAPTERS} EXCEPT SELECT docid FROM search_body_rows)"):
        yield f"Chapters in which /fic quote finds nothing: {lost}."
    if ghosts := _count(conn, f"(SELECT docid FROM search_body_rows EXCEPT {_PUBLISHED_CHAPTERS})"):
        yield f"Entries of the stories’ index without a chapter: {ghosts}."
    words: dict[int, list[str]] = {}
    for (docid,) in conn.execute(
        f"SELECT docid FROM search_body_rows WHERE {_spread('search_body_rows')}"
    ):
        text, runs = read_chapter(conn, docid & ((1 << _SHARD_BITS) - 1))
        if runs and (first := words_of(text[slice(*runs[0])])[:5]):
            words[docid] = first
    if missed := _missed(conn, "search_bodies", words):
        yield f"Chapters whose words the index does not have: {missed} of {len(words)} tried."


def _spread(table: str) -> str:
    """A condition that some rows meet, taken from all over the table."""
    every = f"max(1, (SELECT count(*) FROM {table}) / {_TRIED})"
    numbered = f"SELECT docid, row_number() OVER (ORDER BY docid) AS place FROM {table}"
    return f"docid IN (SELECT docid FROM ({numbered}) WHERE place % {every} = 0 LIMIT {_TRIED})"


def _missed(conn: sqlite3.Connection, table: str, words: dict[int, list[str]]) -> int:
    """How many of the row ids are not found in an index by their words.

    An index without contents cannot be listed, so it is asked.
    """
    return sum(
        conn.execute(
            f"SELECT 1 FROM {table} WHERE {table} MATCH ? AND rowid = ?", (phrase(each), docid)
        ).fetchone()
        is None
        for docid, each in words.items()
    )


def _count(conn: sqlite3.Connection, rows: str) -> int:
    return int(conn.execute(f"SELECT count(*) FROM {rows}").fetchone()[0])
