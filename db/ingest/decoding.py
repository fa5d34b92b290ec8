"""Bytes into text: what fan fiction is really saved as."""

import codecs

from charset_normalizer import from_bytes

from db.errors import UnreadableFile

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Typographic quotes, dashes and ellipsis as each of the two old encodings writes them. Both can
# decode any byte, so the marks that prose is full of tell them apart.
_CP1252_MARKS = frozenset(b"\x85\x91\x92\x93\x94\x96\x97")
_MAC_ROMAN_MARKS = frozenset(b"\xc9\xd0\xd1\xd2\xd3\xd4\xd5")
# What a text file does not hold: more than a stray one means that it is none.
_CONTROL = frozenset(range(32)) - frozenset(b"\t\n\r\x0b\x0c\x1a\x1b")
CONTROL_SHARE = 0.01

_SIGNATURES = (
    (b"PK\x03\x04", "a zip, EPUB or Word file"),
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "an RTF file"),
    (b"\xd0\xcf\x11\xe0", "an old Word file"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
)
READ_NOW = "Plain text (.txt), Markdown (.md) and .jsonl can be read."


def decode(data: bytes) -> str:
    """The text of a file: UTF-8, UTF-16 or UTF-32 with a mark, then cp1252 or mac-roman by
    their typographic marks, then the likeliest of all encodings.

    Raises:
        UnreadableFile: the bytes are no text.
    """
    for signature, what in _SIGNATURES:
        if data.startswith(signature):
            raise UnreadableFile(f"This is {what} inside. {READ_NOW}")
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                raise UnreadableFile("This file's text is damaged. Save it as UTF-8.") from None
    controls = sum(byte in _CONTROL for byte in data[:65536])
    if controls > CONTROL_SHARE * min(len(data), 65536):
        raise UnreadableFile(f"This does not look like text. {READ_NOW}")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    windows = sum(byte in _CP1252_MARKS for byte in data)
    macintosh = sum(byte in _MAC_ROMAN_MARKS for byte in data)
    if windows or macintosh:
        encoding = "cp1252" if windows >= macintosh else "mac-roman"
        return data.decode(encoding, errors="replace")
    best = from_bytes(data[:1_000_000]).best()
    return data.decode(best.encoding if best else "cp1252", errors="replace")
