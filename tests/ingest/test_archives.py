"""Zips of stories: what in them is read, and the hostile ones."""

import io
import struct
import zipfile
from pathlib import Path

import pytest

from db.errors import UnreadableFile
from db.ingest.archives import Archives, Packed
from db.ingest.packages import MIB

pytestmark = pytest.mark.fault(16)


def make_zip(path: Path, entries: dict[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> Path:
    """A zip with these files."""
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return path


@pytest.fixture
def archives() -> Archives:
    return Archives()


def test_stories_are_listed_and_read_one_by_one(archives: Archives, tmp_path: Path) -> None:
    path = make_zip(
        tmp_path / "shelf.zip",
        {
            "b/second.txt": b"It was late.",
            "a.HTML": b"<p>It was early.</p>",
            "cover.jpg": b"\xff\xd8\xff",
            "README.txt": b"what this is",
            ".hidden.txt": b"no",
            "__MACOSX/b/._second.txt": b"no",
            "A page_files/frame.html": b"<p>advert</p>",
        },
    )
    assert archives.stories(path) == ["b/second.txt", "a.HTML"]
    assert archives.read(Packed(path, "b/second.txt")) == b"It was late."
    assert archives.read(Packed(path, "a.HTML")) == b"<p>It was early.</p>"


def test_an_ebook_is_one_work(archives: Archives, tmp_path: Path) -> None:
    path = make_zip(tmp_path / "book", {"mimetype": b"application/epub+zip"})
    assert archives.stories(path) is None


def test_an_ebook_inside_is_read_and_a_zip_inside_is_not(
    archives: Archives, tmp_path: Path
) -> None:
    book = make_zip(tmp_path / "book.epub", {"mimetype": b"application/epub+zip"}).read_bytes()
    inner = make_zip(tmp_path / "inner.zip", {"a.txt": b"It was late."}).read_bytes()
    path = make_zip(tmp_path / "outer.zip", {"book.epub": book, "inner.zip": inner})
    assert archives.read(Packed(path, "book.epub")) == book
    with pytest.raises(UnreadableFile, match="zip inside a zip"):
        archives.read(Packed(path, "inner.zip"))


def lying(path: Path, entry: str, size: int) -> Path:
    """The zip, one entry of which claims another size."""
    data = bytearray(path.read_bytes())
    at = data.rfind(b"PK\x01\x02")
    assert bytes(data[at + 46 : at + 46 + len(entry)]) == entry.encode()
    struct.pack_into("<I", data, at + 24, size)
    path.write_bytes(data)
    return path


def overlapping(path: Path) -> Path:
    """A zip in which many entries are the same bytes."""
    make_zip(path, {"a.txt": bytes(MIB)})
    data = path.read_bytes()
    directory = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    entry = data[directory:end]
    body = data[:directory] + entry * 2000
    tail = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 2000, 2000, len(entry) * 2000, directory, 0)
    path.write_bytes(body + tail)
    return path


def encrypted(path: Path) -> Path:
    """A zip whose only entry is marked as locked."""
    make_zip(path, {"a.txt": b"It was late."})
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    return path


def damaged(path: Path) -> Path:
    """A zip whose packed bytes are no deflate stream."""
    make_zip(path, {"a.txt": b"It was late. " * 500})
    data = bytearray(path.read_bytes())
    data[40:60] = b"\xff" * 20
    path.write_bytes(data)
    return path


def read_all(archives: Archives, path: Path) -> None:
    """Read what a zip offers."""
    for entry in archives.stories(path) or ():
        archives.read(Packed(path, entry))


def test_hostile_zips_are_refused_with_a_sentence(archives: Archives, tmp_path: Path) -> None:
    many = make_zip(tmp_path / "many.zip", {f"{n}.txt": b"" for n in range(20_001)}, 0)
    bomb = make_zip(tmp_path / "bomb.zip", {"a.txt": bytes(30 * MIB)})
    cut = make_zip(tmp_path / "cut.zip", {"a.txt": b"It was late."})
    cut.write_bytes(cut.read_bytes()[:40])
    empty = make_zip(tmp_path / "empty.zip", {"cover.jpg": b""})
    small = make_zip(tmp_path / "lie.zip", {"a.txt": b"It was late. " * 9000})
    for path, said in (
        (many, "20,001 files"),
        (bomb, "unpacks to more than"),
        (overlapping(tmp_path / "overlap.zip"), "damaged"),
        (cut, "damaged"),
        (empty, "no story"),
        (encrypted(tmp_path / "locked.zip"), "password"),
        (damaged(tmp_path / "damaged.zip"), "damaged"),
        (lying(small, "a.txt", 2**31), "unpacks to more than"),
        (tmp_path / "gone.zip", "damaged"),
    ):
        with pytest.raises(UnreadableFile, match=said):
            read_all(archives, path)


def test_a_size_that_is_a_lie_is_counted_while_reading(archives: Archives, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.txt", b"It was late. " * 100)
    path = tmp_path / "lie.zip"
    path.write_bytes(buffer.getvalue())
    with pytest.raises(UnreadableFile):
        archives.read(Packed(lying(path, "a.txt", 5), "a.txt"))


def test_a_file_that_cannot_be_read_says_so(archives: Archives, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="cannot be read"):
        archives.read(tmp_path / "gone.txt")
    large = tmp_path / "large.txt"
    with large.open("wb") as file:
        file.truncate(25 * MIB + 1)
    with pytest.raises(UnreadableFile, match="larger than 25 MiB"):
        archives.read(large)
