"""Passages worth reading: whole paragraphs of one scene that give a taste and give nothing away.

Pure functions over a text and what ingest found in it.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol

from db.models import Excerpt, Zone, ZoneKind

SHORTEST_CHARS, LONGEST_CHARS = 450, 900
WANTED = 3
WINDOW_PARAGRAPHS = 20
# The last part of a story is where it gives itself away.
EARLY_SHARE, EARLY_SHARE_OF_SHORT = 0.8, 0.5
SHORT_WORDS = 2500

# Points, found by comparing picks with a careful reader's on real fics.
SCENE_START = 1.0
NAME_EARLY = 1.0
DIALOGUE_NEAR_THIRD = 1.2
RARE_WORDS = 1.0
STRONG_END = 0.6
DANGLING_START = -1.2
REVEAL = -1.5
NAME_EARLY_CHARS = 160
STRONG_END_CHARS = 70

_DANGLING = re.compile(
    r"^[\"“«]?(?:but|and|so|then|he|she|they|it|that|this|those|these|him|her|his)\b", re.IGNORECASE
)
_REVEALS = re.compile(
    r"\b(?:dead|died|dies|dying|corpse|funeral|grave|killed|murdered|suicide|pregnant|traitor)\b",
    re.IGNORECASE,
)
# A passage goes to people who did not choose it: rated works included, nothing explicit. Words
# that prose for everybody uses in other senses are left out on purpose.
_EXPLICIT = re.compile(
    r"\b(?:cocks?|cunt\w*|fuck\w*|pussy|dicks?|nipples?|orgasm\w*|erection\w*|"
    r"thrust(?:s|ing)? into|"
    r"naked|nude|moan(?:s|ed|ing)|arous\w+|genital\w*|penis\w*|vagina\w*|clit\w*|rape[ds]?|raping|"
    r"masturbat\w*|blow ?job\w*|slut\w*|whore\w*|semen|lubricant)\b",
    re.IGNORECASE,
)
_SPOKEN = re.compile(r"[\"“][^\"“”]{1,600}[\"”]|«[^«»]{1,600}»")
_WORD = re.compile(r"[^\W\d_]{2,}")


class Span(Protocol):
    """A chapter's place in the text."""

    @property
    def start(self) -> int:
        """Where its story starts."""
        ...

    @property
    def end(self) -> int:
        """Where its story ends."""
        ...

    @property
    def scenes(self) -> tuple[int, ...]:
        """Where its scenes start."""
        ...


def choose(
    text: str, zones: Sequence[Zone], chapters: Sequence[Span], names: Sequence[str]
) -> tuple[Excerpt, ...]:
    """The best three passages, the best first, none overlapping another."""
    paragraphs = _paragraphs(text, zones)
    if not paragraphs:
        return ()
    words = Counter(word.casefold() for word in _WORD.findall(text))
    total = sum(words.values())
    share = EARLY_SHARE if total >= SHORT_WORDS else EARLY_SHARE_OF_SHORT
    length = sum(end - start for start, end in paragraphs)
    last, seen = paragraphs[0][1], 0
    for start, end in paragraphs:
        if seen > share * length:
            break
        last, seen = end, seen + end - start
    name_forms = {part for name in names for part in name.split() if len(part) > 2}
    candidates: list[Excerpt] = []
    barriers = [zone.start for zone in zones if zone.kind is not ZoneKind.BODY]
    starts = [start for start, _ in paragraphs]
    explicit = [match.start() for match in _EXPLICIT.finditer(text)]
    for number, chapter in enumerate(chapters):
        if chapter.start >= last:
            break
        first = bisect_left(starts, chapter.start)
        own = paragraphs[first : bisect_left(starts, min(chapter.end, last))]
        for start, end in _windows(text, own, chapter.scenes, barriers):
            if end > last or bisect_left(explicit, start) < bisect_left(explicit, end):
                continue
            passage = text[start:end]
            score = _score(passage, start, chapter.scenes, name_forms, words, total)
            candidates.append(Excerpt(number, start, end, tidy(passage), round(score, 3)))
    candidates.sort(key=lambda one: (-one.score, one.start))
    picked: list[Excerpt] = []
    for one in candidates:
        if all(one.end <= other.start or one.start >= other.end for other in picked):
            picked.append(one)
        if len(picked) == WANTED:
            break
    return tuple(picked)


def tidy(text: str) -> str:
    """A passage as it is shown: indents gone, one blank line between paragraphs."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n\n".join(line for line in lines if line)


def _paragraphs(text: str, zones: Sequence[Zone]) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for zone in zones:
        if zone.kind is not ZoneKind.BODY:
            continue
        at = zone.start
        for line in text[zone.start : zone.end].split("\n"):
            if line.strip():
                start = at + len(line) - len(line.lstrip())
                spans.append((start, at + len(line.rstrip())))
            at += len(line) + 1
    return spans


def _windows(
    text: str,
    paragraphs: Sequence[tuple[int, int]],
    scenes: Sequence[int],
    barriers: Sequence[int],
) -> list[tuple[int, int]]:
    """Runs of paragraphs of the right length, within one scene, whose quotes close.

    A speech may run over paragraphs, each of which opens anew; the last one closes it.
    """
    shown = [text[start:end] for start, end in paragraphs]
    closes = [_closes(one, "") for one in shown]
    follows = [*(_closes(here, after) for here, after in pairwise(shown)), False]
    found: list[tuple[int, int]] = []
    for first, (start, _) in enumerate(paragraphs):
        scene = bisect_right(scenes, start)
        barrier = bisect_right(barriers, start)
        for at in range(first, min(first + WINDOW_PARAGRAPHS, len(paragraphs))):
            end = paragraphs[at][1]
            if end - start > LONGEST_CHARS:
                break
            if bisect_right(scenes, end - 1) != scene or bisect_right(barriers, end) != barrier:
                break
            if end - start >= SHORTEST_CHARS and closes[at]:
                found.append((start, end))
            if not follows[at]:
                break
    return found


def _closes(here: str, after: str) -> bool:
    """Whether a paragraph's quotes close, or its speech goes on in the next one."""
    unclosed = here.count("“") - here.count("”")
    if unclosed not in (0, 1) or (unclosed and not after.startswith("“")):
        return False
    return here.count('"') % 2 == 0 or after.startswith('"')


def _score(
    passage: str,
    start: int,
    scenes: Sequence[int],
    names: set[str],
    words: Counter[str],
    total: int,
) -> float:
    points = SCENE_START * (start in scenes)
    points += NAME_EARLY * any(name in passage[:NAME_EARLY_CHARS] for name in names)
    spoken = sum(len(match) for match in _SPOKEN.findall(passage)) / len(passage)
    points += DIALOGUE_NEAR_THIRD * (1 - min(1.0, abs(spoken - 1 / 3) / (1 / 3)))
    used = {word.casefold() for word in _WORD.findall(passage)}
    rare = sum(words[word] <= max(1, total // 2000) for word in used) / max(1, len(used))
    points += RARE_WORDS * rare
    closing = passage.rstrip().rsplit("\n", 1)[-1]
    points += STRONG_END * (len(closing) <= STRONG_END_CHARS and closing[-1] in '.!?"”»')
    points += DANGLING_START * bool(_DANGLING.match(passage))
    points += REVEAL * bool(_REVEALS.search(passage))
    return points
