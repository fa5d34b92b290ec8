"""Which format a file is of, by what it holds; its name is asked only where that cannot tell."""

import codecs
import re
from enum import Enum, auto
from pathlib import PurePath

from db.errors import UnreadableFile
from db.ingest.packages import Package

READ = "EPUB, HTML, Word (.docx), ODT, RTF, plain text, Markdown, .jsonl, or a zip of those"
# What files of stories are called; folders and zips are searched for these. The last are not
# read unless they are something else inside, which old archives abound in, and are named else.
SUFFIXES = frozenset(
    (".txt", ".text", ".md", ".markdown", ".jsonl", ".html", ".htm", ".xhtml", ".epub", ".docx",
     ".odt", ".rtf", ".zip", ".doc", ".pdf", ".mobi", ".azw3", ".pages", ".wps")
)  # fmt: skip
HEAD_BYTES = 65_536


class Kind(Enum):
    """The formats that are read."""

    TEXT = auto()  # Markdown too: its marks are told from the text itself
    LINES = auto()  # the interchange format
    PAGE = auto()
    EPUB = auto()
    DOCX = auto()
    ODT = auto()
    RTF = auto()
    ZIP = auto()


# What is told from its first bytes and never read; the sentence says what to do instead.
_REFUSED = (
    (b"%PDF", "This is a PDF inside, from which no text comes back whole."),
    (b"\xd0\xcf\x11\xe0", "This is an old Word file (.doc) inside."),
    (b"\x1f\x8b", "This is a gzip file inside."),
    (b"7z\xbc\xaf\x27\x1c", "This is a 7-Zip file inside."),
    (b"Rar!", "This is a RAR file inside."),
    (b"\x28\xb5\x2f\xfd", "This is a Zstandard file inside."),
    (b"\xfd7zXZ\x00", "This is an xz file inside."),
    (b"BZh", "This is a bzip2 file inside."),
    (b"\x89PNG", "This is a picture inside."),
    (b"\xff\xd8\xff", "This is a picture inside."),
    (b"GIF8", "This is a picture inside."),
    (b"RIFF", "This is a picture or a recording inside."),
    (b"ID3", "This is a recording inside."),
    (b"SQLite format 3\x00", "This is an SQLite database inside."),
    (b"PK\x05\x06", "This zip file is empty."),
)
_KINDLE = (60, b"BOOKMOBI")
_PAGE = re.compile(
    rb"\s*(?:<\?xml[^<>]{0,200}\?>\s*)?(?:<!--(?:(?!-->).){0,2000}-->\s*)*"
    rb"<(?:!doctype\s+html|html|head|body|title|meta|div|p|h1|h2|table|center|blockquote|span|br|"
    rb"pre|section|article|main|header|nav|b|i|u|strong|em|font|hr|a|ul|ol|link|script|style|h3)\b",
    re.IGNORECASE | re.DOTALL,
)
_XML = re.compile(rb"\s*<\?xml[^<>]{0,200}\?>|\s*<(?:svg|rss|feed|package|FictionBook)\b")


def kind_of(name: str, data: bytes) -> Kind:
    """The format of a file.

    Raises:
        UnreadableFile: it is none that is read; the sentence says what to do.
    """
    if not data.strip():
        raise UnreadableFile("This file is empty.")
    for mark, what in _REFUSED:
        if data.startswith(mark):
            raise UnreadableFile(f"{what} Save the story as one of these: {READ}.")
    at, mark = _KINDLE
    if data[at : at + len(mark)] == mark:
        raise UnreadableFile("This is a Kindle book inside. Convert it to EPUB first.")
    if data.startswith(b"PK\x03\x04"):
        with Package(data) as package:
            return package_kind(package)
    if data.startswith(b"{\\rtf"):
        return Kind.RTF
    head = data[:HEAD_BYTES].removeprefix(codecs.BOM_UTF8)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        head = head[2:].replace(b"\x00", b"")  # the signs looked for are ASCII
    if _PAGE.match(head):
        return Kind.PAGE
    if _XML.match(head):
        raise UnreadableFile(f"This XML file is no story that I know. I read {READ}.")
    if PurePath(name).suffix.casefold() == ".jsonl" or _is_lines(head):
        return Kind.LINES
    return Kind.TEXT


def package_kind(package: Package) -> Kind:
    """The format of a zip: a book or a document, else `Kind.ZIP`. Raises UnreadableFile."""
    if "mimetype" in package:
        mimetype = package.read("mimetype")[:100].strip()
        if mimetype.startswith(b"application/epub+zip"):
            return Kind.EPUB
        if mimetype.startswith(b"application/vnd.oasis.opendocument.text"):
            return Kind.ODT
        if mimetype.startswith(b"application/vnd.oasis"):
            raise UnreadableFile(f"This holds no text document. I read {READ}.")
    if "META-INF/container.xml" in package:
        return Kind.EPUB
    if any(name.startswith("word/document") for name in package.names):
        return Kind.DOCX
    if "[Content_Types].xml" in package:
        raise UnreadableFile(f"This is an Office file without a text document. I read {READ}.")
    return Kind.ZIP


def _is_lines(head: bytes) -> bool:
    """A first line that is a JSON object with a title is what `export` writes."""
    line = head.split(b"\n", 1)[0].strip()
    return line.startswith(b'{"') and b'"title"' in line
