"""Copies of the library: making one while the bot runs, putting one back, checking a file."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from db.connection import check_header, prepare_file
from db.errors import BadInput, LibraryUnusable


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found, in sentences."""

    is_sound: bool
    findings: list[str]


def back_up(library: Path, dest: Path) -> str:
    """Copy the library to a new file, whole as of one moment, and check the copy.

    Copying the live file itself would lose what stands in its write-ahead log.

    Raises:
        BadInput: `dest` is there already. LibraryUnusable: there is no sound library.
    """
    _must_be_library(library)
    if dest.exists():
        raise BadInput(f"{dest} is there already. Choose another name.")
    try:
        with closing(sqlite3.connect(f"{library.absolute().as_uri()}?mode=rw", uri=True)) as conn:
            conn.execute("VACUUM INTO ?", (str(dest),))
        with closing(sqlite3.connect(dest)) as copy:
            copy.execute("PRAGMA journal_mode = WAL")
            sound = copy.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.Error as error:
        dest.unlink(missing_ok=True)
        raise LibraryUnusable(f"{library} could not be copied to {dest} ({error}).") from None
    if sound != "ok":
        raise LibraryUnusable(f"{library} is damaged ({sound}); so is the copy. Keep both.")
    return f"{library} is copied to {dest}, and the copy is sound."


def restore(source: Path, library: Path) -> str:
    """Put a backup in the library's place; the present file is kept beside it.

    Raises:
        LibraryUnusable: `source` is no sound library; nothing was changed.
    """
    report = check(source)
    if not report.is_sound:
        raise LibraryUnusable(f"{source} is not sound: {report.findings[0]} Nothing was changed.")
    partial = library.with_name(library.name + ".restoring")
    partial.unlink(missing_ok=True)
    with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=rw", uri=True)) as conn:
        conn.execute("VACUUM INTO ?", (str(partial),))
    kept = library.with_name(library.name + ".before-restore")
    # A write-ahead log that belongs to another file makes the new one "malformed".
    for ending in ("-wal", "-shm"):
        beside = library.with_name(library.name + ending)
        if library.exists() and beside.exists():
            beside.replace(kept.with_name(kept.name + ending))
        beside.unlink(missing_ok=True)
    if library.exists():
        library.replace(kept)
    partial.replace(library)
    with closing(sqlite3.connect(library)) as conn:
        conn.execute("PRAGMA journal_mode = WAL")
    prepare_file(library)
    was = f" What was there is kept as {kept}." if kept.exists() else ""
    return f"{library} is restored from {source}.{was}"


def check(library: Path) -> Report:
    """See that a library's file is sound, and that its index and its works agree.

    Raises:
        LibraryUnusable: the file is no library at all.
    """
    _must_be_library(library)
    findings: list[str] = []
    try:
        with closing(sqlite3.connect(f"{library.absolute().as_uri()}?mode=rw", uri=True)) as conn:
            conn.execute("PRAGMA query_only = ON")
            (version,) = conn.execute("PRAGMA user_version").fetchone()
            problems = [row[0] for row in conn.execute("PRAGMA integrity_check") if row[0] != "ok"]
            findings += [f"The file is damaged: {problem}." for problem in problems[:5]]
            orphans = conn.execute("PRAGMA foreign_key_check").fetchall()
            if orphans:
                findings.append(f"{len(orphans)} rows refer to rows that are not there.")
            (works,) = conn.execute(
                "SELECT count(*) FROM works WHERE state = 'published'"
            ).fetchone()
            (indexed,) = conn.execute("SELECT count(*) FROM search_docs").fetchone()
            if works != indexed:
                findings.append(f"{works} works are published, but {indexed} can be found.")
    except sqlite3.Error as error:
        return Report(is_sound=False, findings=[f"The file is damaged ({error})."])
    if findings:
        return Report(is_sound=False, findings=findings)
    return Report(
        is_sound=True, findings=[f"The library is sound: schema {version}, {works} works."]
    )


def _must_be_library(path: Path) -> None:
    if not path.exists():
        raise LibraryUnusable(f"There is no library at {path}.")
    try:
        check_header(path)
    except OSError as error:
        raise LibraryUnusable(f"{path} cannot be opened: {error.strerror}.") from None
