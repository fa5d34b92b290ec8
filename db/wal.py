"""What a write-ahead log holds, told from its bytes: nothing is opened as a database.

The format is SQLite's (https://www.sqlite.org/fileformat2.html#the_write_ahead_log): a header of
32 bytes, then frames of 24 bytes and a page each. A frame counts if it has the header's salts and
the right checksum, which runs on from frame to frame, and if a commit follows.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_HEADER = struct.Struct(">8I")
_FRAME = struct.Struct(">6I")
_ORDERS = {0x377F0682: "<", 0x377F0683: ">"}  # in which checksums take the bytes, by the magic
_FILE_HEADER_BYTES = 100


@dataclass(frozen=True, slots=True)
class Log:
    """What stands committed in a log.

    `page_count` is how many pages the whole file has then; 0 where nothing is committed.
    `first_page` begins the newest page 1, where the file's header is; empty if that has none.
    """

    page_count: int = 0
    pages: frozenset[int] = frozenset()
    first_page: bytes = b""


def read_log(path: Path, *, thorough: bool) -> Log:
    """The log at `path`; an empty one where there is none.

    Not `thorough`: without the checksums, which takes no time, but counts frames that a power
    cut has torn.

    Raises:
        OSError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            frames = list(_frames(file, thorough))
    except FileNotFoundError:
        return Log()
    while frames and not frames[-1][1]:  # not committed
        frames.pop()
    if not frames:
        return Log()
    return Log(
        page_count=frames[-1][1],
        pages=frozenset(number for number, _, _ in frames),
        first_page=next((start for number, _, start in reversed(frames) if number == 1), b""),
    )


def _frames(file: BinaryIO, thorough: bool) -> Iterator[tuple[int, int, bytes]]:
    """Each valid frame: its page's number, the file's page count if it commits, how it begins."""
    header = file.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return
    magic, _, page_size, _, *salts, sum_a, sum_b = _HEADER.unpack(header)
    order = _ORDERS.get(magic)
    if order is None or not 512 <= page_size <= 65536 or page_size & (page_size - 1):
        return
    sums = _checksum(header[:24], order, (0, 0))
    if sums != (sum_a, sum_b):
        return
    while len(frame := file.read(_FRAME.size)) == _FRAME.size:
        number, page_count, salt_a, salt_b, sum_a, sum_b = _FRAME.unpack(frame)
        if [salt_a, salt_b] != salts or not number:
            return
        page = file.read(page_size if thorough else _FILE_HEADER_BYTES)
        if thorough:
            sums = _checksum(page, order, _checksum(frame[:8], order, sums))
            if len(page) < page_size or sums != (sum_a, sum_b):
                return
        else:
            file.seek(page_size - len(page), 1)
        yield number, page_count, page[:_FILE_HEADER_BYTES]


def _checksum(data: bytes, order: str, sums: tuple[int, int]) -> tuple[int, int]:
    first, second = sums
    words = iter(struct.unpack(f"{order}{len(data) // 8 * 2}I", data[: len(data) // 8 * 8]))
    for one, other in zip(words, words, strict=True):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + other + first) & 0xFFFFFFFF
    return first, second
