"""A zip of stories: which of its files are read, and each by itself."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from db.errors import UnreadableFile
from db.ingest.kinds import READ, SUFFIXES, Kind, kind_of, package_kind
from db.ingest.packages import MIB, Limits, Package

SIZE_LIMIT_BYTES = 25 * MIB  # of a file, and of each in a zip; Discord's own limit on a request
ARCHIVE = Limits(entries=20_000, entry_bytes=SIZE_LIMIT_BYTES, total_bytes=2048 * MIB)
TOO_LARGE = f"This file is larger than {SIZE_LIMIT_BYTES // MIB} MiB. Split it first."
NESTED = "A zip inside a zip is not opened. Unpack it, and add what it holds."
ZIP_MARK = b"PK\x03\x04"
# How a browser calls the folder beside a page that it saves: its scripts and frames are no story.
_SAVED_PARTS = ("_files", "-files", "_archivos", "_fichiers", "-dateien")


@dataclass(frozen=True, slots=True)
class Packed:
    """A file inside a zip."""

    archive: Path
    entry: str


def is_zip(file: Path) -> bool:
    """Whether a file begins as a zip does; an e-book and a Word document do too."""
    with file.open("rb") as source:
        return source.read(len(ZIP_MARK)) == ZIP_MARK


class Archives:
    """Opens files, keeping the last zip open for its next entry."""

    def __init__(self) -> None:
        self._path: Path | None = None
        self._package: Package | None = None

    def stories(self, path: Path) -> list[str] | None:
        """The entries of a zip that are read, in its order; None if the file is itself one work.

        Raises:
            UnreadableFile: the zip is damaged, hostile, or holds no story.
        """
        package = self._open(path)
        if package_kind(package) is not Kind.ZIP:
            return None
        names = [name for name in package.names if _may_be_story(name)]
        if not names:
            raise UnreadableFile(f"There is no story in this zip file. I read {READ}.")
        return names

    def read(self, source: Path | Packed) -> bytes:
        """The bytes of a file.

        Raises:
            UnreadableFile: it cannot be read, is too large, or is a zip within a zip.
        """
        if isinstance(source, Path):
            return _read_file(source)
        data = self._open(source.archive).read(source.entry)
        if data.startswith(ZIP_MARK) and kind_of(source.entry, data) is Kind.ZIP:
            raise UnreadableFile(NESTED)
        return data

    def close(self) -> None:
        """Let go of the zip that is open."""
        if self._package:
            self._package.close()
        self._path = self._package = None

    def _open(self, path: Path) -> Package:
        if self._package is None or self._path != path:
            self.close()
            self._package, self._path = Package(path, ARCHIVE), path
        return self._package


def _may_be_story(name: str) -> bool:
    path = PurePosixPath(name)
    *folders, _ = path.parts
    return (
        path.suffix.casefold() in SUFFIXES
        and path.stem.casefold() != "readme"
        and "__MACOSX" not in folders
        and not any(part.startswith(".") for part in path.parts)
        and not any(folder.casefold().endswith(_SAVED_PARTS) for folder in folders)
    )


def _read_file(path: Path) -> bytes:
    try:
        with path.open("rb") as source:
            data = source.read(SIZE_LIMIT_BYTES + 1)
    except OSError as error:
        raise UnreadableFile(why_unreadable(error)) from None
    if len(data) > SIZE_LIMIT_BYTES:
        raise UnreadableFile(TOO_LARGE)
    return data


def why_unreadable(error: OSError) -> str:
    """The sentence for a file that the system does not let us read."""
    return f"This cannot be read: {error.strerror or error}."
