"""Copies that the running bot makes by itself: their names, which are kept, and making one.

A copy is made by a process of its own (copying.py), with a connection of its own and less of the
machine than anybody else gets: neither members nor the event loop wait for it. When the bot
ends, so does that process, and what it leaves is a `.partial` that the next one clears.
"""

import asyncio
import contextlib
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from db.errors import LibraryError, LibraryUnusable
from db.soundness import check

LAST_COPY = "last copy"  # the key in `meta`: a CopyMade as JSON
_MOMENT = "%Y-%m-%dT%H%MZ"
_NAMED = re.compile(r"-(\d{4}-\d\d-\d\dT\d{4}Z)\.sqlite3")
_ROOT = Path(__file__).parents[1]
# The token is in the environment: the child gets only what Python itself may need.
_KEPT_VARIABLES = frozenset({"PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "TZ"})


class NotCopied(LibraryError):
    """No copy was made this time; the sentence says why, and what to do."""


@dataclass(frozen=True, slots=True)
class CopyPlan:
    """Where copies go, how often, and which of the old ones are kept; see `spare`."""

    folder: Path
    every: timedelta
    keep_daily: int
    keep_weekly: int


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy in the folder, and the moment in its name."""

    path: Path
    at: datetime


@dataclass(frozen=True, slots=True)
class CopyMade:
    """A copy that was just made and found whole.

    `flaws` are sentences on what its indexes lack: it is as good as the library itself.
    """

    path: str
    works: int
    removed: int
    flaws: tuple[str, ...] = ()


def copy_path(library: Path, folder: Path, at: datetime) -> Path:
    """What a copy of the library made at that moment is called."""
    return folder / f"{library.stem}-{at.astimezone(UTC).strftime(_MOMENT)}.sqlite3"


def copies_in(folder: Path, library: Path) -> list[Copy]:
    """The library's copies in a folder by their names, the newest first; others are not seen.

    Raises:
        OSError: the folder cannot be read. That it is not there is no error.
    """
    with contextlib.suppress(FileNotFoundError):
        found = [copy for path in folder.iterdir() if (copy := _as_copy(path, library))]
        return sorted(found, key=lambda copy: copy.at, reverse=True)
    return []


def _as_copy(path: Path, library: Path) -> Copy | None:
    named = _NAMED.fullmatch(path.name.removeprefix(library.stem))
    if named is None or path.is_symlink() or not path.is_file():
        return None
    with contextlib.suppress(ValueError):  # digits that are no date
        at = datetime.strptime(named[1], _MOMENT).replace(tzinfo=UTC)
        if copy_path(library, path.parent, at) == path:
            return Copy(path, at)
    return None


def spare(copies: Iterable[Copy], *, keep_daily: int, keep_weekly: int) -> list[Copy]:
    """The copies that no rule keeps, of some given newest first.

    Kept are all from the day up to the newest; the last one of each of the newest `keep_daily`
    days that have any; and the same of weeks. So a bot that was off for a month loses none.
    """
    days: set[object] = set()
    weeks: set[object] = set()
    spared: list[Copy] = []
    newest: datetime | None = None
    for copy in copies:
        newest = newest or copy.at
        is_last = newest - copy.at < timedelta(days=1)
        day, week = copy.at.date(), copy.at.isocalendar()[:2]
        if day not in days and len(days) < keep_daily:
            days.add(day)
            is_last = True
        if week not in weeks and len(weeks) < keep_weekly:
            weeks.add(week)
            is_last = True
        if not is_last:
            spared.append(copy)
    return spared


def newest_sound(folder: Path, library: Path) -> tuple[Copy, list[str]]:
    """The newest copy in a folder that is sound, and sentences on newer ones that are not.

    Raises:
        LibraryUnusable: there is none.
    """
    passed: list[str] = []
    for copy in copies_in(folder, library):
        try:
            report = check(copy.path)
        except LibraryUnusable as error:
            passed.append(str(error))
            continue
        if not report.damages:
            return copy, passed
        passed.append(f"{copy.path} is damaged.")
    wanted = copy_path(library, folder, datetime(2026, 11, 28, 3, tzinfo=UTC)).name
    raise LibraryUnusable(
        f"There is no sound copy in {folder}, of those called as {wanted}. Name a file."
    )


def partials_in(folder: Path, library: Path) -> Iterator[Path]:
    """What copying left when it was cut short."""
    for path in folder.glob("*.sqlite3.partial*"):
        name, _, _ = path.name.partition(".partial")
        if _NAMED.fullmatch(name.removeprefix(library.stem)):
            yield path


async def make_copy(library: Path, plan: CopyPlan, now: datetime) -> CopyMade:
    """Copy the library into the plan's folder, then take away old copies that are not kept.

    Cancelled, it ends the process that copies first.

    Raises:
        NotCopied: with one sentence; no old copy is gone.
    """
    keep = map(str, (plan.keep_daily, plan.keep_weekly))
    arguments = [*map(os.path.abspath, (library, plan.folder)), now.isoformat(), *keep]
    try:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "db.copying",
            *arguments,
            stdin=asyncio.subprocess.PIPE,  # which ends when this process does
            stdout=asyncio.subprocess.PIPE,
            cwd=_ROOT,
            env={key: value for key, value in os.environ.items() if key in _KEPT_VARIABLES},
            start_new_session=True,  # Ctrl-C is the bot's to handle
        )
    except OSError as error:
        raise NotCopied(f"No process could be started to copy it: {error.strerror}.") from None
    try:
        answer = await _answer(child)
    finally:
        await _ended(child)
    if "error" in answer:
        raise NotCopied(str(answer["error"]))
    return CopyMade(answer["path"], answer["works"], answer["removed"], tuple(answer["flaws"]))


async def _answer(child: asyncio.subprocess.Process) -> dict[str, Any]:
    assert child.stdout is not None
    line = await child.stdout.read()
    code = await child.wait()
    try:
        return json.loads(line)
    except ValueError:
        raise NotCopied(f"The process that copies it ended early (code {code}).") from None


async def _ended(child: asyncio.subprocess.Process) -> None:
    assert child.stdin is not None
    with contextlib.suppress(ProcessLookupError):
        child.kill()
    await child.wait()
    child.stdin.close()
    # Otherwise the pipe's transport is closed by the garbage collector, with a warning.
    transport = getattr(child, "_transport", None)
    if transport:
        transport.close()
