"""Zip files and the XML in them, read and never extracted; hostile ones are refused.

Of what a zip declares nothing is believed: sizes are counted while reading, and entries that
share bytes, which is how a few kilobytes come to hold gigabytes, are refused.
"""

import io
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from lxml import etree

from db.errors import UnreadableFile

# Its class has no public name: etree.Element is a function.
Element = etree._Element  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001

MIB = 1024 * 1024
BROKEN_ZIP = "This zip file is damaged. Pack it again."
ENCRYPTED = "This zip file is locked with a password. Pack it again without one."
BROKEN_XML = "This file is damaged inside. Save it again, or as plain text."
_ENCRYPTED_FLAG = 0x1
_LOCAL_HEADER_BYTES = 30


@dataclass(frozen=True, slots=True)
class Limits:
    """What a zip may come to: entries, bytes of one and of all, and how well one is packed."""

    entries: int
    entry_bytes: int
    total_bytes: int
    ratio: int = 250  # prose packs to a quarter; only what is made to harm comes near 1,000


# An e-book or a document: its pictures are never read, so only what is read counts.
DOCUMENT = Limits(entries=20_000, entry_bytes=25 * MIB, total_bytes=100 * MIB)


class Package:
    """A zip file. Raises UnreadableFile with one sentence for whatever is wrong with it."""

    def __init__(self, data: bytes | Path, limits: Limits = DOCUMENT) -> None:
        self._limits = limits
        self._read_bytes = 0
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data) if isinstance(data, bytes) else data)
        except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError):
            raise UnreadableFile(BROKEN_ZIP) from None
        self._entries = {
            entry.filename: entry
            for entry in self._zip.infolist()
            # Python 3.11 stumbles over a name of nothing.
            if entry.filename and not entry.is_dir()
        }
        try:
            self._refuse_bombs()
        except UnreadableFile:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._zip.close()

    @property
    def names(self) -> list[str]:
        """The entries' names, in the file's order; folders are none."""
        return list(self._entries)

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def size(self, name: str) -> int:
        """What an entry says that it comes to, in bytes."""
        return self._entries[name].file_size

    def read(self, name: str) -> bytes:
        """The bytes of an entry.

        Raises:
            UnreadableFile: it is not there, locked, damaged or too large.
        """
        entry = self._entries.get(name)
        if entry is None:
            raise UnreadableFile(BROKEN_XML)
        if entry.flag_bits & _ENCRYPTED_FLAG:
            raise UnreadableFile(ENCRYPTED)
        most = min(self._limits.entry_bytes, self._limits.total_bytes - self._read_bytes)
        try:
            with self._zip.open(entry) as source:
                data = source.read(most + 1)
        except (
            zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError,
            NotImplementedError, RuntimeError,  # a packing or a lock that Python does not know
        ):  # fmt: skip
            raise UnreadableFile(BROKEN_ZIP) from None
        if len(data) > most:
            raise UnreadableFile(self._too_large(most))
        self._read_bytes += len(data)
        return data

    def _refuse_bombs(self) -> None:
        limits = self._limits
        entries = self._zip.infolist()
        if len(entries) > limits.entries:
            raise UnreadableFile(
                f"This zip file holds {len(entries):,} files; up to {limits.entries:,} are read."
            )
        end = 0
        for entry in sorted(entries, key=lambda entry: entry.header_offset):
            if entry.header_offset < end:
                raise UnreadableFile(BROKEN_ZIP)  # entries that share bytes
            end = entry.header_offset + _LOCAL_HEADER_BYTES + entry.compress_size
            if entry.file_size > max(MIB, limits.ratio * entry.compress_size):
                raise UnreadableFile(self._too_large(limits.entry_bytes))

    def _too_large(self, most: int) -> str:
        return f"This zip file unpacks to more than the {max(most, MIB) // MIB:,} MiB it may."


def parse_xml(data: bytes) -> Element:
    """The tree of an XML file; no entity is expanded, no address opened.

    Raises:
        UnreadableFile: it is no XML, or declares entities, which only an attack needs here.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except (etree.LxmlError, ValueError):
        raise UnreadableFile(BROKEN_XML) from None
    dtd = root.getroottree().docinfo.internalDTD
    if dtd is not None and any(True for _ in dtd.iterentities()):
        raise UnreadableFile("This file declares XML entities, which are not read. Save it again.")
    return root
