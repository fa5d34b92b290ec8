"""Bytes into text: what fan fiction is really saved as."""

import codecs
import re

import ftfy
from charset_normalizer import from_bytes

from db.errors import UnreadableFile

NO_TEXT = "This does not look like text. Save the story as EPUB, HTML, Word or plain text."

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16's, which it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Typographic marks as each of the two old encodings writes them. Both can decode any letter, so
# these marks, which prose is full of, tell them apart; in the other encoding the same bytes are
# accented capitals, so Mac Roman's count only where a mark can stand.
_CP1252_MARKS = re.compile(rb"[\x85\x91-\x94\x96\x97]")
_MAC_ROMAN_MARKS = re.compile(
    rb"[A-Za-z]\xd5[a-z]|(?:^|[\s(])[\xd2\xd4][A-Za-z]|[A-Za-z.,!?\xc9][\xd3\xd5](?:\s|$)"
    rb"|[A-Za-z]\xc9(?=[\s\xd3\xd5.\"]|$)|[\sA-Za-z][\xd0\xd1][\sA-Za-z]"
)
_HIGH_BYTE = re.compile(rb"[\x80-\xff]")
_BEYOND_ASCII = re.compile("[^\x00-\x7f\ufffd]")
_LETTER = re.compile(rb"[A-Za-z\x80-\xff]")
# What cp1252 does not define; a file of it has none.
_NOT_CP1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
# Western prose has an accent now and then; Cyrillic or Japanese bytes are nearly all high.
WESTERN_SHARE = 0.25
# What a text file does not hold: more than a stray one means that it is none.
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x19\x1c-\x1f]")
CONTROL_SHARE = 0.01
PROBE_BYTES = 65_536
# UTF-16 without its mark: every other byte of Western text is zero, and no byte between.
ZERO_SHARE = 0.5
# A byte that was lost or cut must not turn a whole text of UTF-8 into "â€œ".
DAMAGED_SHARE = 0.05

# ftfy reads 1.5 MB in a second, so it gets only lines with a sign of trouble: UTF-8 read as
# cp1252 or Latin-1, control characters, entities. No pattern may join lines: offsets count.
_TROUBLE = re.compile(
    "[ÂÃÐÑâã][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x9f\ufeff]"
    "|&(?:amp|quot|lt|gt|nbsp|#\\d{1,6}|[lr][sd]quo|[mn]dash|hellip);|[\ud800-\udfff]"
)
# The bytes of UTF-8 that no sign of trouble has: all but those of controls and "&", and those
# that the letters above, a byte order mark or half a surrogate pair begin with.
_SUSPECT = {*range(32), *b"&\x7f\xc2\xc3\xed\xef"} - {*b"\t\n\v\f\r\x1b"}
_SOUND = bytes(byte for byte in range(256) if byte not in _SUSPECT)
_MENDING = ftfy.TextFixerConfig(
    uncurl_quotes=False,
    fix_line_breaks=False,
    fix_latin_ligatures=False,
    fix_character_width=False,
    normalization=None,
    explain=False,
)


def decode(data: bytes) -> str:
    """The text of a file: UTF-8, UTF-16 or UTF-32, then cp1252 or Mac Roman by their
    typographic marks, then the likeliest of all encodings.

    Line ends and spaces stay as they are; a damaged byte becomes U+FFFD.

    Raises:
        UnreadableFile: the bytes are no text.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                raise UnreadableFile("This file's text is damaged. Save it as UTF-8.") from None
    if encoding := _unmarked_utf_16(data[:PROBE_BYTES]):
        return data.decode(encoding, errors="replace")
    if len(_CONTROL.findall(data[:PROBE_BYTES])) > CONTROL_SHARE * min(len(data), PROBE_BYTES):
        raise UnreadableFile(NO_TEXT)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("utf-8", errors="replace")
        if text.count("\ufffd") <= DAMAGED_SHARE * len(_BEYOND_ASCII.findall(text)):
            return text
        return data.decode(_old_encoding(data), errors="replace")


def mend(text: str) -> str:
    """A text whose characters were mangled on the way ("â€™"), put right; others as they are."""
    if not text.encode("utf-8", "surrogatepass").translate(None, _SOUND):
        return text  # soon told of most paragraphs
    if not _TROUBLE.search(text):
        return text
    return "".join(
        ftfy.fix_text_segment(line, _MENDING) if _TROUBLE.search(line) else line
        for line in text.splitlines(keepends=True)
    )


def _unmarked_utf_16(head: bytes) -> str | None:
    first, second = head[::2], head[1::2]
    if len(first) == len(second) and first:
        if not first.count(0) and second.count(0) >= ZERO_SHARE * len(second):
            return "utf-16-le"
        if not second.count(0) and first.count(0) >= ZERO_SHARE * len(first):
            return "utf-16-be"
    return None


def _old_encoding(data: bytes) -> str:
    windows = len(_CP1252_MARKS.findall(data))
    macintosh = len(_MAC_ROMAN_MARKS.findall(data))
    high = len(_HIGH_BYTE.findall(data))
    western = high < WESTERN_SHARE * len(_LETTER.findall(data))
    if western and macintosh > windows:
        return "mac-roman"
    if western and not _NOT_CP1252.search(data):
        return "cp1252"
    best = from_bytes(data[: 2 * PROBE_BYTES]).best()
    return best.encoding if best else "cp1252"
