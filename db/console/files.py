"""Which files a command means by the paths it is given."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from db.ingest.files import SUFFIXES


@dataclass(frozen=True, slots=True)
class Skipped:
    """A path that is passed over; an error if it was asked for by name."""

    path: Path
    reason: str
    is_error: bool


def find_files(paths: Iterable[Path]) -> Iterator[Path | Skipped]:
    """The files to read, in order: those named, and those in the folders named that can be read.

    Hidden files and READMEs in folders are no works.
    """
    for path in paths:
        if path.is_dir():
            for file in sorted(path.rglob("*")):
                inside = file.relative_to(path)
                if not file.is_file() or any(part.startswith(".") for part in inside.parts):
                    continue
                if file.stem.casefold() == "readme":
                    yield Skipped(file, "skipped, a readme.", is_error=False)
                elif file.suffix.casefold() in SUFFIXES:
                    yield file
                else:
                    yield Skipped(file, "skipped, not a format that is read.", is_error=False)
        elif path.is_file():
            yield path
        else:
            yield Skipped(path, "there is no such file.", is_error=True)
