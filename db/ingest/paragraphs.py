"""A text into its paragraphs, however it was pasted: blank lines, single lines, wrapped lines."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

# Lines of one length that end amid sentences were wrapped by a program.
WRAPPED_AT_MOST_CHARS = 100
WRAPPED_AT_LEAST_CHARS = 45
WRAPPED_LINES = 6
# Texts whose paragraphs are nearly always parted by a blank line mean something when they are
# not: a scene break that got lost on the way. The same holds the other way round.
PARTED_SHARE = 0.9
PARTED_PARAGRAPHS = 10
_SENTENCE_ENDS = '.!?…"”’»)'


class Paragraph(NamedTuple):
    """`[start, end)` without surrounding blanks; `gap` is how many line ends stand before it."""

    start: int
    end: int
    text: str
    gap: int


def split(text: str) -> list[Paragraph]:
    """The paragraphs of a text, in order; blank ones are none."""
    found = lines(text)
    width = _wrap_width(found)
    return _unwrapped(text, found, width) if width else found


def lines(text: str) -> list[Paragraph]:
    """Every line that is not blank, as if it were a paragraph."""
    found: list[Paragraph] = []
    at = gap = 0
    for line in text.splitlines(keepends=True):
        if bare := line.strip():
            start = at if line[0] == bare[0] else at + len(line) - len(line.lstrip())
            found.append(Paragraph(start, start + len(bare), bare, gap))
            gap = 1
        else:
            gap += 1
        at += len(line)
    return found


def is_blank_parted(paragraphs: Sequence[Paragraph]) -> bool:
    """Whether a blank line is this text's way of parting paragraphs."""
    inner = len(paragraphs) - 1
    return inner >= PARTED_PARAGRAPHS and (
        sum(p.gap > 1 for p in paragraphs[1:]) >= PARTED_SHARE * inner
    )


def is_line_parted(paragraphs: Sequence[Paragraph]) -> bool:
    """Whether paragraphs, which are long, follow each other without blank lines."""
    inner = len(paragraphs) - 1
    return (
        inner >= PARTED_PARAGRAPHS
        and sum(p.gap == 1 for p in paragraphs[1:]) >= PARTED_SHARE * inner
        and sum(len(p.text) for p in paragraphs) > 80 * len(paragraphs)
    )


def _wrap_width(found: Sequence[Paragraph]) -> int:
    """The width at which a program wrapped the lines; 0 if none did."""
    # Lines that another one follows directly: where wrapped, all but each paragraph's last.
    inner = [here.text for here, after in pairwise(found) if after.gap == 1]
    if len(inner) < WRAPPED_LINES:
        return 0
    lengths = sorted(map(len, inner))
    width = lengths[len(lengths) * 95 // 100]
    if not WRAPPED_AT_LEAST_CHARS <= width <= WRAPPED_AT_MOST_CHARS:
        return 0
    full = sum(length > 0.75 * width for length in lengths)
    amid = sum(line[-1] not in _SENTENCE_ENDS for line in inner)
    return width if full > 0.8 * len(inner) and amid > 0.5 * len(inner) else 0


def _unwrapped(text: str, found: Sequence[Paragraph], width: int) -> list[Paragraph]:
    joined: list[Paragraph] = []
    first = 0
    for at in range(1, len(found) + 1):
        if at < len(found) and found[at].gap == 1 and _goes_on(text, found, at, width):
            continue
        start, end = found[first].start, found[at - 1].end
        joined.append(Paragraph(start, end, text[start:end], found[first].gap))
        first = at
    return joined


def _goes_on(text: str, found: Sequence[Paragraph], at: int, width: int) -> bool:
    """Whether a line was parted from the one above by wrapping alone.

    Not if its first word would have fitted there, or if it is indented and that one is not.
    """
    above, here = found[at - 1], found[at]
    word = len(here.text.split(None, 1)[0])
    if len(above.text) + 1 + word < 0.85 * width:
        return False
    return not (_indent(text, here.start) >= 2 and _indent(text, above.start) == 0)


def _indent(text: str, start: int) -> int:
    at = start
    while at and text[at - 1] in " \t\xa0\u3000":
        at -= 1
    return start - at
