"""Copies of the library: making one while the bot runs, putting one back, checking a file."""

import contextlib
import itertools
import os
import sqlite3
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from db.connection import check_header, latest_version, prepare_file
from db.errors import BadInput, LibraryUnusable

_BUSY_S = 10.0
_TOLD = 5  # of the damages that SQLite lists, often hundreds
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


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
    def sentences(self) -> list[str]:
        """What to tell the owner."""
        if self.damages:
            return [*self.damages, "Restore a backup."]
        newest = latest_version()
        age = "the newest" if self.schema == newest else f"brought to {newest} at the next start"
        said = [f"The file is whole; its schema is {self.schema}, {age}."]
        if self.flaws:
            return [*said, *self.flaws, "Restore a backup from before, and report this fault."]
        return [*said, f"Published works: {self.works}. Each can be found."]


def back_up(library: Path, dest: Path) -> Report:
    """Copy the library to a new file, whole as of one moment, and check the copy.

    Copying the live file itself would lose what stands in its write-ahead log.

    Raises:
        BadInput: `dest` is there already, or no place to write to.
        LibraryUnusable: there is no library, or a damaged one.
    """
    _must_be_library(library)
    if dest.is_dir():
        raise BadInput(f"{dest} is a folder. Name a file in it.")
    if dest.exists():
        raise BadInput(f"{dest} is there already. Choose another name.")
    if not dest.parent.is_dir():
        raise BadInput(f"There is no folder {dest.parent}. Create it.")
    with _beside(dest) as partial:
        try:
            _copy(library, partial)
        except sqlite3.Error as error:
            raise _not_copied(library, dest, error) from None
        report = _sound_copy(partial, library)
        prepare_file(partial)
        _settle(partial, dest)
    return report


def restore(source: Path, library: Path) -> tuple[Report, Path | None]:
    """Put a backup in the library's place; the present file is kept beside it, where is told.

    At each moment there is a whole library in that place: the old one or the new.

    Raises:
        BadInput: `source` is the library itself, or there is no place to write to.
        LibraryUnusable: `source` is no sound library, or the library is in use; nothing was
            changed.
    """
    _must_be_library(source)
    # SQLite names its log after the real file.
    library = library.resolve()
    if library.exists() and library.samefile(source):
        raise BadInput(f"{source} is the library itself. Name a backup.")
    if not library.parent.is_dir():
        raise BadInput(f"There is no folder {library.parent}. Create it.")
    with _beside(library) as partial:
        try:
            _copy(source, partial)
        except sqlite3.Error as error:
            raise _not_copied(source, library, error) from None
        report = _sound_copy(partial, source)
        prepare_file(partial)
        kept = _keep(library)
        _settle(partial, library)
    return report, kept


def check(library: Path) -> Report:
    """See that a library's file is sound, and that its index and its works agree.

    Raises:
        LibraryUnusable: the file is no library at all, or cannot be read.
    """
    _must_be_library(library)
    try:
        with _opened(library) as conn:
            return _examine(conn)
    except sqlite3.Error as error:
        if _code(error) in _DAMAGED:
            return Report(0, 0, 0, damages=(f"The file is damaged: {error}.",))
        raise LibraryUnusable(f"{library} cannot be checked ({error}).") from None


def _examine(conn: sqlite3.Connection) -> Report:
    conn.execute("PRAGMA query_only = ON")
    conn.execute("BEGIN")  # works and index as of one moment, though the bot may be writing
    (schema,) = conn.execute("PRAGMA user_version").fetchone()
    found = conn.execute(f"PRAGMA integrity_check({_TOLD})").fetchall()
    damages = tuple(f"The file is damaged: {row[0]}." for row in found if row[0] != "ok")
    flaws: list[str] = []
    if orphans := len(conn.execute("PRAGMA foreign_key_check").fetchall()):
        flaws.append(f"Rows that refer to others that are not there: {orphans}.")
    works = _count(conn, "works WHERE state = 'published'")
    indexed = 0
    # A backup of an older version has no index yet; it gets one when it is opened.
    if conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'search_docs'").fetchone():
        indexed = _count(conn, "search_docs")
        published = "SELECT work_id FROM works WHERE state = 'published'"
        lost = _count(conn, f"({published} EXCEPT SELECT work_id FROM search_docs)")
        ghosts = _count(conn, f"(SELECT work_id FROM search_docs EXCEPT {published})")
        if lost:
            flaws.append(f"Published works that cannot be found: {lost}.")
        if ghosts:
            flaws.append(f"Entries of the index without a published work: {ghosts}.")
    return Report(schema, works, indexed, damages, tuple(flaws))


def _count(conn: sqlite3.Connection, rows: str) -> int:
    return int(conn.execute(f"SELECT count(*) FROM {rows}").fetchone()[0])


def _must_be_library(path: Path) -> None:
    if not path.exists():
        raise LibraryUnusable(f"There is no library at {path}.")
    try:
        check_header(path)
    except OSError as error:
        raise LibraryUnusable(f"{path} cannot be opened: {error.strerror}.") from None


@contextmanager
def _opened(path: Path, *, timeout_s: float = _BUSY_S) -> Generator[sqlite3.Connection]:
    log = Path(f"{path}-wal")
    # Without a log nothing has to be written to read the file: it may lie on a read-only disk,
    # and nothing is left beside it. With one, the file alone is not the library.
    alone = not log.exists() and not os.access(path.parent, os.W_OK)
    how = "mode=ro&immutable=1" if alone else "mode=rw"
    uri = f"{path.absolute().as_uri()}?{how}"
    with closing(sqlite3.connect(uri, uri=True, isolation_level=None, timeout=timeout_s)) as conn:
        yield conn


def _copy(source: Path, dest: Path) -> None:
    with _opened(source) as conn:
        conn.execute("VACUUM INTO ?", (str(dest),))


def _sound_copy(copy: Path, source: Path) -> Report:
    report = check(copy)
    if report.damages:
        raise LibraryUnusable(f"{source} is not sound, so nothing was changed. {report.damages[0]}")
    return report


def _not_copied(source: Path, dest: Path, error: sqlite3.Error) -> LibraryUnusable | BadInput:
    if _code(error) in _DAMAGED:
        return LibraryUnusable(f"{source} is damaged ({error}), so nothing was changed.")
    if _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return LibraryUnusable(f"{source} is locked by another program. Stop that one first.")
    return BadInput(f"{source} could not be copied to {dest} ({error}). Nothing was changed.")


@contextmanager
def _beside(place: Path) -> Generator[Path]:
    """A name for a file that is made beside its place; what is left of it at the end goes."""
    partial = place.with_name(f"{place.name}.partial")

    def clear() -> None:
        for ending in ("", "-wal", "-shm", "-journal"):
            Path(f"{partial}{ending}").unlink(missing_ok=True)

    try:
        clear()
        yield partial
    except OSError as error:
        raise BadInput(f"{place} cannot be written: {error.strerror}.") from None
    finally:
        with contextlib.suppress(OSError):
            clear()


def _keep(library: Path) -> Path | None:
    """Give the present library another name as well, and take its log out of the way."""
    log, shared = Path(f"{library}-wal"), Path(f"{library}-shm")
    kept = None
    if library.exists():
        _fold_log(library)
        kept = _free_name(library)
        if log.exists():  # only of a damaged library
            log.replace(f"{kept}-wal")
        try:
            os.link(library, kept)
        except OSError:  # some file systems have one name per file
            library.replace(kept)
    # The log of another file would make the new one "malformed".
    log.unlink(missing_ok=True)
    shared.unlink(missing_ok=True)
    return kept


def _fold_log(library: Path) -> None:
    """Have the library be one file, which also shows that nobody else has it open.

    Raises:
        LibraryUnusable: somebody has. What they write from now on would go to the old file.
    """
    try:
        check_header(library)
    except LibraryUnusable:
        return  # SQLite would throw the log away; it may be what somebody can still use
    try:
        with _opened(library, timeout_s=1) as conn:
            conn.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        if _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise LibraryUnusable(f"{library} is in use. Stop the bot first.") from None
        # Damaged: perhaps the reason for restoring. It is kept with its log as it is.


def _free_name(library: Path) -> Path:
    names = (f"{library.name}.before-restore{end}" for end in _endings())
    return next(path for path in map(library.with_name, names) if not path.exists())


def _endings() -> Iterator[str]:
    yield ""
    yield from (f"-{number}" for number in itertools.count(2))


def _settle(partial: Path, place: Path) -> None:
    """Move a finished file to its place, so that a power cut leaves it whole or not there."""
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(place)
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
