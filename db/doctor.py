"""What `check` looks at on this machine: the library, its disk and copies, and what runs it.

Nothing is changed, and a running bot beside it is not disturbed.
"""

import importlib.util
import os
import shutil
import sqlite3
import sys
import time
import zoneinfo
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from db.backup import MIB, room_for_copy
from db.connection import check_header, migrate
from db.copies import CopyPlan, copies_in, partials_in
from db.duties import Duties, read_duties
from db.errors import LibraryError, LibraryUnusable, UnreadableFile
from db.ingest import IngestWorker
from db.soundness import Report, check, opened

PYTHON = (3, 11)
# Nothing here is older: a machine whose battery is empty says 1970 or 2000.
WRITTEN = datetime(2025, 1, 1, tzinfo=UTC)
LITTLE_BYTES = 64 * MIB
_CLOCK_SLACK = timedelta(minutes=5)
_STILL_COPYING = timedelta(hours=1)  # a .partial of that age may be a copy under way
_A_TEXT = b"The lamp was still lit at four bells.\n\nBy six it was out, and nobody had seen it go."
_RESTORE = "Restore a backup."


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: well, not well, or (None) only to be known.

    `mend` says what to do. `grave`: the bot cannot run, or not on this library.
    """

    about: str
    ok: bool | None
    finding: str
    mend: str = ""
    grave: bool = False


@dataclass(frozen=True, slots=True)
class Checkup:
    """What `check` looks at besides the library, told by whoever read the configuration.

    `library_is_known` is not where the configuration, which names it, cannot be used. `discord`
    asks there whether the bot may do what it has to.
    """

    configuration: Sequence[Finding] = ()
    copies: CopyPlan | None = None
    library_is_known: bool = True
    discord: Callable[[Duties | None], Awaitable[Iterable[Finding]]] | None = None


@dataclass(frozen=True, slots=True)
class LibraryState:
    """What was found out about the library; `duties` is None where they could not be read."""

    findings: tuple[Finding, ...]
    report: Report | None = None
    duties: Duties | None = None


def examine_program() -> Iterator[Finding]:
    """Python, SQLite, and the time zones."""
    version = ".".join(map(str, sys.version_info[:3]))
    about = "program"
    if sys.version_info < PYTHON:
        yield Finding(about, False, f"This is Python {version}.", "Use 3.11 or newer.", grave=True)
    else:
        yield Finding(about, True, f"Python is {version}.")
    try:
        # Everything that the library needs of SQLite is used by making an empty one.
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as conn:
            migrate(conn)
            conn.execute("INSERT INTO search_titles (rowid, words) VALUES (1, 'lamp')")
            found = conn.execute("SELECT rowid FROM search_titles WHERE search_titles MATCH 'lamp'")
            assert found.fetchone() == (1,)
    except sqlite3.Error as error:
        said = f"SQLite {sqlite3.sqlite_version} cannot hold a library ({error})."
        yield Finding(about, False, said, "Use a Python with SQLite 3.37 and FTS5.", grave=True)
    else:
        yield Finding(about, True, f"SQLite is {sqlite3.sqlite_version}, with all that is needed.")
    zones = len(zoneinfo.available_timezones())
    if not zones:
        said = "No time zones are known, so no daily post has its hour."
        yield Finding("time zones", False, said, "Install tzdata: pip install tzdata.")
    elif importlib.util.find_spec("tzdata") is None:
        said = f"The package tzdata is missing; the {zones} zones are this machine’s own."
        yield Finding("time zones", False, said, "Install it: pip install tzdata.")
    else:
        yield Finding("time zones", True, f"{zones} time zones are known.")


def examine_clock(now: datetime, duties: Duties | None) -> Iterator[Finding]:
    """Whether the time can be right: after what the library holds, and after this was written."""
    about, mend = "clock", "Set the machine’s clock, and have it kept right (NTP)."
    said = f"This machine says that it is {now:%Y-%m-%d %H:%M} UTC"
    newest = duties.newest if duties else None
    first = time.monotonic()
    if now < WRITTEN:
        yield Finding(about, False, f"{said}, which is before this program was written.", mend)
    elif newest is not None and now < newest - _CLOCK_SLACK:
        later = f"{newest:%Y-%m-%d %H:%M}"
        yield Finding(about, False, f"{said}, but the library was changed at {later}.", mend)
    elif time.monotonic() < first:
        yield Finding(about, False, "The clock that measures how long things take runs back.", mend)
    else:
        yield Finding(about, True, f"{said}, which can be.")


def examine_library(path: Path) -> LibraryState:
    """The file, whether what it holds agrees, and what lies beside it."""
    about = "library"
    try:
        report = check(path)
    except LibraryUnusable as error:
        sentence, mend = _parted(str(error))
        mend = mend or "Name one with --library; add, or the bot’s first start, makes one."
        return LibraryState((Finding(about, False, sentence, mend, grave=True), *_beside(path)))
    found: list[Finding] = []
    if report.damages:
        found += [Finding(about, False, each, _RESTORE, grave=True) for each in report.damages]
    else:
        found.append(Finding(about, True, report.age))
        mend = "Restore a backup from before, and report this fault."
        found += [Finding(about, False, each, mend, grave=True) for each in report.flaws]
    if report.is_sound:
        found.append(Finding(about, True, f"Published works: {report.works}. Each can be found."))
    found += [*_writable(path), *_beside(path)]
    return LibraryState(tuple(found), report, None if report.damages else _duties(path))


def _duties(path: Path) -> Duties | None:
    try:
        with opened(path) as conn:
            conn.execute("PRAGMA query_only = ON")
            return read_duties(conn)
    except sqlite3.Error:
        return None


def _writable(path: Path) -> Iterator[Finding]:
    for each in (path, path.parent):
        if not os.access(each, os.W_OK):
            said = f"{each} cannot be written by this user, so nothing can be saved."
            yield Finding("library", False, said, "See to its owner and rights, and to the disk.")
    free = shutil.disk_usage(path.parent).free
    said = f"{free // MIB} MiB are free where the library is."
    if free < LITTLE_BYTES:
        yield Finding("disk", False, said, "Make room: when the disk is full nothing is saved.")
    else:
        yield Finding("disk", True, said)


def _beside(path: Path) -> Iterator[Finding]:
    for ending in (".new", ".partial"):
        left = path.with_name(path.name + ending)
        if left.exists():
            said = f"{left} was left by a program that was cut short."
            yield Finding("library", False, said, "Remove it, unless that program still runs.")
    kept = sorted(path.parent.glob(f"{path.name}.before-restore*")) if path.name else []
    if kept:
        said = f"Kept from restoring: {', '.join(each.name for each in kept)}."
        yield Finding("library", None, said, "Remove what is not needed any more.")


def examine_zones(duties: Duties) -> Iterator[Finding]:
    """Whether every daily schedule's time zone is known."""
    used = {one.time_zone for one in duties.schedules}
    known = zoneinfo.available_timezones()
    for zone in sorted(used - known):
        mend = "Update tzdata, or have a moderator choose another with /daily setup."
        yield Finding("time zones", False, f"A daily schedule’s zone is not known: {zone}.", mend)
    if used and used <= known:
        yield Finding("time zones", True, f"Every daily schedule’s zone is known: {len(used)}.")


def examine_copies(
    plan: CopyPlan | None, library: Path, duties: Duties | None, now: datetime
) -> Iterator[Finding]:
    """The copies that the bot makes by itself: their age, and whether there is room for more."""
    about = "backups"
    if plan is None:
        said = "The bot makes no copies of the library by itself."
        yield Finding(about, None, said, "[backup] folder in the configuration names a place.")
        return
    try:
        copies = [copy for copy in copies_in(plan.folder, library) if copy.at <= now]
        partials = list(partials_in(plan.folder, library))
    except OSError as error:
        said = f"{plan.folder} cannot be read: {error.strerror}."
        yield Finding(about, False, said, "See to its owner and rights.")
        return
    yield from _age(plan, duties, [copy.at for copy in copies], now)
    if copies:
        yield _headed(copies[0].path)
    for partial in partials:
        if now - datetime.fromtimestamp(partial.stat().st_mtime, UTC) > _STILL_COPYING:
            said = f"{partial} was left by a copy that was cut short; the next one clears it."
            yield Finding(about, None, said)
    if plan.folder.is_dir():
        yield from _room(plan.folder, library)


def _age(
    plan: CopyPlan, duties: Duties | None, times: Sequence[datetime], now: datetime
) -> Iterator[Finding]:
    about = "backups"
    mend = f"Start the bot, which makes one within minutes in {plan.folder}; its log says if not."
    overdue = now - 2 * plan.every - timedelta(hours=1)
    noted = duties.last_copy if duties else None
    last = max((at for at in (*times, noted) if at is not None and at <= now), default=None)
    if last is None:
        is_new = duties is None or duties.since is None or duties.since > overdue
        yield Finding(about, None if is_new else False, "The bot has not made a copy yet.", mend)
        return
    said = f"The newest copy is from {last:%Y-%m-%d %H:%M} UTC; {len(times)} are kept."
    if last < overdue:
        yield Finding(about, False, said, mend)
    elif not times:
        said = f"The copy of {last:%Y-%m-%d %H:%M} UTC is not in {plan.folder} any more."
        yield Finding(about, None, said, "If you did not move it, copy the library: backup DEST.")
    else:
        yield Finding(about, True, said)


def _headed(path: Path) -> Finding:
    try:
        check_header(path)
    except (LibraryUnusable, OSError) as error:
        said = str(error) if isinstance(error, LibraryError) else f"{path}: {error.strerror}."
        return Finding("backups", False, _parted(said)[0], "Make another: backup DEST.")
    return Finding("backups", True, f"{path.name} is a whole library by its size and header.")


def _room(folder: Path, library: Path) -> Iterator[Finding]:
    if not os.access(folder, os.W_OK):
        said = f"{folder} cannot be written by this user, so no copies can be made."
        yield Finding("backups", False, said, "See to its owner and rights, and to the disk.")
    need, free = room_for_copy(library, folder)
    if free < need:
        said = f"The next copy needs up to {need // MIB} MiB; {free // MIB} are free in {folder}."
        yield Finding("backups", False, said, "Make room there, or choose another folder.")


async def examine_reading() -> Finding:
    """Whether the process that reads files starts and reads a text."""
    about, mend = "reading", "See to the memory that this program may have, and its rights."
    try:
        async with IngestWorker() as worker:
            (reading,) = await worker.read("check.txt", _A_TEXT, [])
        chapters = reading.work.chapters
    except (OSError, UnreadableFile) as error:
        return Finding(about, False, f"No file can be read here: {error}", mend)
    if not chapters or "six" not in chapters[0].text:
        return Finding(about, False, "A text was read, but came out as something else.", mend)
    return Finding(about, True, "The process that reads files starts, and reads.")


def _parted(sentence: str) -> tuple[str, str]:
    """What happened, and what to do: the last sentence of an error, if it has several."""
    happened, dot, mend = sentence.rpartition(". ")
    return (f"{happened}.", mend) if dot else (sentence, "")
