"""Rich Text (.rtf)."""

import re

from striprtf.striprtf import rtf_to_text  # pyright: ignore[reportUnknownVariableType]  # it has no type hints

from db.errors import UnreadableFile
from db.ingest.decoding import mend
from db.ingest.formats.documents import Lines
from db.ingest.source import Manuscript

ORIGIN = "RTF file"
BROKEN = "This RTF file is damaged. Save it again, or as plain text."
MOST_DEPTH = 2_000  # of groups; writers nest a dozen
# Words and their numbers that no writer needs: the reader takes longer for them than they are long.
_LONG_WORD = re.compile(rb"\\[A-Za-z]{200,}|\\[a-z]{1,32}-?\d{12,}")
# A line break is told from a paragraph's end by a sign of its own.
_LINE = re.compile(rb"\\line(?![a-z])\s?")
_LINE_MARK, _LINE_SIGN = rb"{\uc1\u-8191?}", "\ue001"
_NOT_TEXT = re.compile(rb"\\(?:bin)-?\d")


def read(data: bytes) -> Manuscript:
    """The text of a file.

    Raises:
        UnreadableFile: it is damaged.
    """
    if _LONG_WORD.search(data) or _NOT_TEXT.search(data) or _depth(data) > MOST_DEPTH:
        raise UnreadableFile(BROKEN)
    data = _LINE.sub(lambda _: _LINE_MARK, data)
    try:
        text = str(rtf_to_text(data.decode("latin-1"), errors="replace"))  # pyright: ignore[reportUnknownArgumentType]
    except (ValueError, LookupError, IndexError, TypeError, RecursionError, OverflowError):
        raise UnreadableFile(BROKEN) from None
    lines = Lines()
    for line in text.replace("\r", "").split("\n"):
        lines.add(line.replace(_LINE_SIGN, "\n"))
    return Manuscript(mend(lines.text()), ORIGIN)


def _depth(data: bytes) -> int:
    deepest = depth = 0
    for mark in re.finditer(rb"[{}]", data):
        depth += 1 if mark[0] == b"{" else -1
        deepest = max(deepest, depth)
    return deepest
