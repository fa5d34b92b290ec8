"""Copies of the library: making one while the bot runs, putting one back."""

import contextlib
import itertools
import os
import shutil
import sqlite3
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

from db.connection import check_header, prepare_file
from db.durable import settle, sync_folder
from db.errors import BadInput, LibraryError, LibraryUnusable, StorageFull
from db.soundness import Report, check, code_of, is_damage, must_be_library, opened

MIB = 1024 * 1024
SPARE_BYTES = 16 * MIB  # left on the disk beside a copy, for the library itself to go on


def back_up(library: Path, dest: Path) -> Report:
    """Copy the library to a new file, whole as of one moment, and check the copy.

    Copying the live file itself would lose what stands in its write-ahead log.

    Raises:
        BadInput: `dest` is there already, or no place to write to.
        StorageFull: there is no room for it.
        LibraryUnusable: there is no library, or a damaged one.
    """
    must_be_library(library)
    if dest.is_dir():
        raise BadInput(f"{dest} is a folder. Name a file in it.")
    if dest.exists():
        raise BadInput(f"{dest} is there already. Choose another name.")
    if not dest.parent.is_dir():
        raise BadInput(f"There is no folder {dest.parent}. Create it.")
    with _beside(dest) as partial:
        report = _copy(library, partial, dest)
        shutil.copymode(library, partial)
        settle(partial, dest)
    return report


def restore(source: Path, library: Path) -> tuple[Report, Path | None]:
    """Put a backup in the library's place; the present file is kept beside it, where is told.

    At each moment there is a whole library in that place: the old one or the new.

    Raises:
        BadInput: `source` is the library itself, or there is no place to write to.
        StorageFull: there is no room for it.
        LibraryUnusable: `source` is no sound library, or the library is in use; nothing was
            changed.
    """
    must_be_library(source)
    # SQLite names its log after the real file.
    library = library.resolve()
    if library.exists() and library.samefile(source):
        raise BadInput(f"{source} is the library itself. Name a backup.")
    if not library.parent.is_dir():
        raise BadInput(f"There is no folder {library.parent}. Create it.")
    with _beside(library) as partial:
        report = _copy(source, partial, library)
        # Whoever could not read the library cannot read it now.
        shutil.copymode(library if library.exists() else source, partial)
        kept = _keep(library)
        settle(partial, library)
    return report, kept


def room_for_copy(source: Path, folder: Path) -> tuple[int, int]:
    """How many bytes a copy may need in the folder, and how many are free there."""
    files = (source, Path(f"{source}-wal"))
    size = sum(file.stat().st_size for file in files if file.exists())
    return size + SPARE_BYTES, shutil.disk_usage(folder).free


def _copy(source: Path, partial: Path, place: Path) -> Report:
    """A sound copy with the newest schema, in WAL mode."""
    need, free = room_for_copy(source, place.parent)
    if free < need:
        raise StorageFull(
            f"A copy of {source} needs up to {need // MIB} MiB in {place.parent}, and "
            f"{free // MIB} are free. Make room there."
        )
    try:
        with opened(source) as conn:
            conn.execute("VACUUM INTO ?", (str(partial),))
    except sqlite3.Error as error:
        raise _not_copied(source, place, error) from None
    report = check(partial)
    if report.damages:
        raise LibraryUnusable(f"{source} is not sound, so nothing was changed. {report.damages[0]}")
    prepare_file(partial)
    return report


def _not_copied(source: Path, dest: Path, error: sqlite3.Error) -> LibraryError:
    if is_damage(error):
        return LibraryUnusable(f"{source} is damaged ({error}), so nothing was changed.")
    if code_of(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return LibraryUnusable(f"{source} is locked by another program. Stop that one first.")
    if code_of(error) == sqlite3.SQLITE_FULL:
        return StorageFull(f"The disk is full, so {dest} was not written. Make room there.")
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
    sync_folder(library.parent)  # nor may a power cut bring it back
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
        with opened(library, timeout_s=1, to_write=True) as conn:
            conn.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        if code_of(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise LibraryUnusable(f"{library} is in use. Stop the bot first.") from None
        # Damaged: perhaps the reason for restoring. It is kept with its log as it is.


def _free_name(library: Path) -> Path:
    names = (f"{library.name}.before-restore{end}" for end in _endings())
    return next(path for path in map(library.with_name, names) if not path.exists())


def _endings() -> Iterator[str]:
    yield ""
    yield from (f"-{number}" for number in itertools.count(2))
