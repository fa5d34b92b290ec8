"""The format of a file is told by what it holds, whatever it is called."""

import io
import zipfile

import pytest

from db.errors import UnreadableFile
from db.ingest.kinds import Kind, kind_of

PAGE = "<!DOCTYPE html>\n<html><body>It was late.</body></html>"


def zipped(entries: dict[str, str]) -> bytes:
    """A zip with these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in entries.items():
            archive.writestr(name, text)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (zipped({"story.txt": "It was late."}), Kind.ZIP),
        (zipped({"mimetype": "application/epub+zip", "OEBPS/content.opf": ""}), Kind.EPUB),
        (zipped({"META-INF/container.xml": ""}), Kind.EPUB),
        (zipped({"mimetype": "application/vnd.oasis.opendocument.text"}), Kind.ODT),
        (zipped({"[Content_Types].xml": "", "word/document.xml": ""}), Kind.DOCX),
        (rb"{\rtf1\ansi It was late.}", Kind.RTF),
        (PAGE.encode(), Kind.PAGE),
        (b"\xef\xbb\xbf\n " + PAGE.encode(), Kind.PAGE),
        (PAGE.encode("utf-16"), Kind.PAGE),
        (b'<?xml version="1.0"?>\n<!-- saved -->\n<html><p>It was late.</p></html>', Kind.PAGE),
        (b"<p>It was late.</p>", Kind.PAGE),
        (b'{"title": "Late", "fandoms": []}\n', Kind.LINES),
        (b"<3 is what she wrote. It was late.", Kind.TEXT),
        (b"It was late, and nobody came.", Kind.TEXT),
    ],
)
def test_told_by_content(data: bytes, kind: Kind) -> None:
    assert kind_of("story.bin", data) is kind


def test_lines_that_nothing_else_tells_are_told_by_name() -> None:
    assert kind_of("works.JSONL", b'{"titel": 1}') is Kind.LINES


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"%PDF-1.7\n1 0 obj\n", "PDF"),
        (b"PK\x05\x06" + b"\x00" * 18, "zip file is empty"),
        (bytes(60) + b"BOOKMOBI" + bytes(90), "Kindle"),
        (
            zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}),
            "no text document",
        ),
        (zipped({"[Content_Types].xml": "", "xl/workbook.xml": ""}), "Office file"),
        (b'<?xml version="1.0"?><rss><channel/></rss>', "XML"),
        (b"PK\x03\x04 and no more of it", "zip"),
    ],
)
def test_what_is_not_read_is_named(data: bytes, said: str) -> None:
    with pytest.raises(UnreadableFile, match=said):
        kind_of("story.txt", data)
