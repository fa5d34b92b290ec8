"""Which files a command means by the paths it is given."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from db.console.common import Context
from db.ingest.archives import why_unreadable
from db.ingest.kinds import SUFFIXES

_NAMED = 20  # of what was passed over; the rest is counted


@dataclass(frozen=True, slots=True)
class Skipped:
    """A path that is passed over; an error if it was asked for, or cannot be read."""

    path: Path
    reason: str
    is_error: bool = False


def find_files(paths: Iterable[Path]) -> Iterator[Path | Skipped]:
    """The files to read, in order: those named, and those in the folders named that can be read.

    Hidden files and READMEs in folders are no works.
    """
    for path in paths:
        if path.is_dir():
            yield from _in_folder(path)
        elif path.is_file():
            yield path
        elif path.exists():
            yield Skipped(path, "This is not a file.", is_error=True)
        else:
            yield Skipped(path, "There is no such file.", is_error=True)


def _in_folder(top: Path) -> Iterator[Path | Skipped]:
    closed: list[OSError] = []
    for folder, folders, names in os.walk(top, onerror=closed.append):
        for hidden in sorted(name for name in folders if name.startswith(".")):
            yield Skipped(Path(folder, hidden), "hidden")
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(folder, name)
            if name.startswith("."):
                yield Skipped(file, "hidden")
            elif file.stem.casefold() == "readme":
                yield Skipped(file, "a readme")
            elif file.suffix.casefold() not in SUFFIXES or not file.is_file():
                yield Skipped(file, "not a format that is read")
            else:
                yield file
    for error in closed:
        yield Skipped(Path(error.filename), why_unreadable(error), is_error=True)


def tell_skipped(context: Context, found: Iterable[Path | Skipped]) -> None:
    """Say which files of the folders were passed over."""
    skipped = [one for one in found if isinstance(one, Skipped) and not one.is_error]
    if skipped:
        names = [f"{one.path} ({one.reason})" for one in skipped[:_NAMED]]
        more = len(skipped) - len(names)
        context.warn(f"Skipped: {', '.join(names)}{f', and {more} more' if more else ''}.")
