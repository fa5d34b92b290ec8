"""A text into its paragraphs, however it was pasted: blank lines, single lines, wrapped lines."""

import re
from dataclasses import dataclass
from statistics import median

_LINE = re.compile(r"[^\n]*\n?")
# Lines of one length that end amid sentences were wrapped by a program.
WRAPPED_AT_MOST_CHARS = 100
WRAPPED_AT_LEAST_CHARS = 45
# Texts whose paragraphs are nearly always parted by a blank line mean something when they are
# not: a scene break that got lost on the way.
BLANK_LINE_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`[start, end)` without surrounding blanks; `gap` is how many newlines stand before it."""

    start: int
    end: int
    text: str
    gap: int


def split(text: str) -> list[Paragraph]:
    """The paragraphs of a text, in order; blank ones are none."""
    blocks = _blocks(text)
    wrapped = _is_wrapped(blocks)
    paragraphs: list[Paragraph] = []
    before = 0
    for block in blocks:
        spans = [(block[0][0], block[-1][1])] if wrapped and len(block) > 1 else block
        for start, end in spans:
            gap = text.count("\n", before, start)
            paragraphs.append(Paragraph(start, end, text[start:end], gap))
            before = end
    return paragraphs


def is_blank_parted(paragraphs: list[Paragraph]) -> bool:
    """Whether a blank line is this text's way of parting paragraphs."""
    gaps = [paragraph.gap for paragraph in paragraphs[1:]]
    return len(gaps) >= 10 and sum(gap > 1 for gap in gaps) >= BLANK_LINE_SHARE * len(gaps)


def _blocks(text: str) -> list[list[tuple[int, int]]]:
    blocks: list[list[tuple[int, int]]] = []
    fresh = True
    for match in _LINE.finditer(text):
        line = match.group()
        if not line:
            continue
        if not line.strip():
            fresh = True
            continue
        start = match.start() + len(line) - len(line.lstrip())
        span = (start, match.start() + len(line.rstrip()))
        if fresh:
            blocks.append([span])
        else:
            blocks[-1].append(span)
        fresh = False
    return blocks


def _is_wrapped(blocks: list[list[tuple[int, int]]]) -> bool:
    inner = [end - start for block in blocks for start, end in block[:-1]]
    if len(inner) < 10:
        return False
    typical = median(inner)
    return (
        WRAPPED_AT_LEAST_CHARS <= typical <= WRAPPED_AT_MOST_CHARS
        and max(inner) <= WRAPPED_AT_MOST_CHARS + 20
        and sum(length > typical / 2 for length in inner) > 0.9 * len(inner)
    )
