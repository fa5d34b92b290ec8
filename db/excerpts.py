"""Passages worth reading: whole paragraphs of one scene that give a taste and give nothing away.

Pure functions over chapters and what ingest found in them.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from db.ingest import signs
from db.ingest.paragraphs import Paragraph, split
from db.models import Chapter, Excerpt, ZoneKind
from db.sketches import plain_words
from db.texts import tidy

SHORTEST_CHARS, LONGEST_CHARS = 450, 900
WANTED = 3
# The last part of a story is where it gives itself away.
EARLY_SHARE, EARLY_SHARE_OF_SHORT = 0.8, 0.5
SHORT_WORDS = 2500
# A story of a few hundred words has no such passage in its first half: then less will do.
SHORTEST_OF_SHORT_CHARS = 120
# Work is bounded: of a very long story, runs of paragraphs from all over its early part.
LOOKED_AT, RUN = 200, 25
WINDOW_PARAGRAPHS = 24

# Points, found by comparing picks with a careful reader's on real fics.
SCENE_START = 1.0
NAME_EARLY = 1.0
DIALOGUE_NEAR_THIRD = 1.2
RARE_WORDS = 1.0
STRONG_END = 0.6
FULL_LENGTH = 0.5
DANGLING_START = -1.2
REVEAL = -1.5
VIOLENT = -0.6
NEAR_ANOTHER = -0.8
NAME_EARLY_CHARS = 160
STRONG_END_CHARS = 70
NEAR_SHARE = 0.12  # of the story's length

_DANGLING = re.compile(
    r"^[\W_]*(?:but|and|so|then|yet|or|he|she|they|it|that|this|those|these|him|her|his|their|its)\b",
    re.IGNORECASE,
)
_REVEALS = frozenset(
    b"dead died dies dying corpse funeral grave killed killing murdered suicide pregnant traitor "
    b"betrayed".split()
)
# A passage goes to people who did not choose it: of rated works too, nothing explicit. Words
# that prose for everybody uses in other senses ("came", "wet", "hard") are left out on purpose.
_EXPLICIT = re.compile(
    r"\b(?:cocks?|cunt\w*|fuck\w*|pussy|dicks?|nipples?|orgasm\w*|erection\w*|climaxed|ecstasy|"
    r"thrust(?:s|ing)? into|naked|nude|nudity|moan(?:s|ed|ing)|arous\w+|genital\w*|penis\w*|"
    r"vagina\w*|clit\w*|raped?|rapes|raping|rapist|masturbat\w*|blow ?jobs?|slut\w*|whore\w*|"
    r"semen|lubricant|undress\w*|"
    r"(?:pull|tear|tore|tug|strip|peel)\w* (?:at |off |open )?(?:her|his|their) (?:clothes|shirt|"
    r"blouse|bra|trousers|pants|jeans|dress))\b",
    re.IGNORECASE,
)
_NOTE_INSIDE = re.compile(r"[\[(]\s*(?:a\s?/\s?n|author['’]?s?['’]? notes?)\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…。！？][\"”»’)]*(?=\s|$)|[。！？]")
_VIOLENT = frozenset(
    b"blood bloody fist fists stabbed strangled slapped screamed screaming wound wounds "
    b"gore".split()
)


class _Look(NamedTuple):
    """What one paragraph of story is like."""

    place: int  # among all paragraphs of story; what follows directly has the next
    chapter: int
    scene: tuple[int, int]  # the chapter's scene, and how many other zones stand before
    start: int
    end: int
    text: str  # as it is shown
    # Quotes opened and not closed: curly, angular, and whether the straight ones are uneven.
    quotes: tuple[int, int, bool]
    wrapped: int  # lines that are joined when shown here, and parted when shown from the library
    spoken_chars: int
    words: int
    rare: int
    reveals: bool
    violent: bool


class _Candidate(NamedTuple):
    """A passage, with its paragraphs as they are shown."""

    chapter: int
    start: int
    end: int
    texts: list[str]
    score: float


def choose(
    chapters: Sequence[Chapter],
    names: Sequence[str] = (),
    paragraphs: Sequence[Sequence[Paragraph]] | None = None,
) -> tuple[Excerpt, ...]:
    """The best three passages, the best first, none overlapping another.

    `names` are characters'. Offsets are into each chapter's text. `paragraphs` are those of each
    chapter, where somebody has split them already.
    """
    early = _early(chapters, paragraphs or [split(chapter.text) for chapter in chapters])
    looks = list(_looks(early, chapters))
    shown = {word for name in names for word in name.split() if len(word) > 2}
    length = sum(len(chapter.text) for chapter in chapters)
    for candidates in (
        lambda: _candidates(looks, chapters, shown, SHORTEST_CHARS),
        lambda: _candidates(looks, chapters, shown, SHORTEST_OF_SHORT_CHARS),
        lambda: _pieces(early),
    ):
        if picked := _pick(candidates(), length):
            return picked
    return ()


def _pick(candidates: Sequence[_Candidate], length: int) -> tuple[Excerpt, ...]:
    """The best that are fit to be shown. Fitness is asked of few: it costs most."""
    fit: dict[str, bool] = {}
    candidates = sorted(candidates, key=lambda one: (-one.score, one.start))
    picked: list[Excerpt] = []
    while len(picked) < WANTED:
        best: _Candidate | None = None
        points = 0.0
        for one in candidates:
            if best and one.score < points:
                break  # being near a pick only takes points away
            if any(_overlap(one, other) for other in picked):
                continue
            here = _apart(one, picked, length)
            if best and (here, -one.start) <= (points, -best.start):
                continue
            for text in one.texts:
                if text not in fit:
                    fit[text] = _is_fit(text)
            if all(fit[text] for text in one.texts):
                best, points = one, here
        if best is None:
            break
        text = "\n\n".join(best.texts)
        picked.append(Excerpt(best.chapter, best.start, best.end, text, round(best.score, 3)))
    return tuple(picked)


def _is_fit(text: str) -> bool:
    return not (_EXPLICIT.search(text) or _NOTE_INSIDE.search(text) or signs.to_readers(text) > 2)


def _apart(one: _Candidate, picked: Sequence[Excerpt], length: int) -> float:
    """A candidate's score, less for each pick that stands near: three tastes, not one."""
    near = sum(
        one.chapter == other.chapter and abs(one.start - other.start) < NEAR_SHARE * length
        for other in picked
    )
    return one.score + NEAR_ANOTHER * near


def _overlap(one: _Candidate, other: Excerpt) -> bool:
    return one.chapter == other.chapter and one.start < other.end and other.start < one.end


def _early(
    chapters: Sequence[Chapter], paragraphs: Sequence[Sequence[Paragraph]]
) -> list[tuple[int, Paragraph]]:
    """The paragraphs of story that an excerpt may come from, each with its chapter's number.

    One in which the early part ends comes last, cut there.
    """
    bodies = [
        list(_body(chapter, found)) for chapter, found in zip(chapters, paragraphs, strict=True)
    ]
    length = sum(len(paragraph.text) for body in bodies for paragraph in body)
    words = sum(chapter.words for chapter in chapters)
    room = round(length * (EARLY_SHARE if words >= SHORT_WORDS else EARLY_SHARE_OF_SHORT))
    early: list[tuple[int, Paragraph]] = []
    for number, body in enumerate(bodies):
        for paragraph in body:
            if len(paragraph.text) > room:
                early.append((number, paragraph._replace(text=paragraph.text[:room])))
                return early
            early.append((number, paragraph))
            room -= len(paragraph.text)
    return early


def _looks(early: Sequence[tuple[int, Paragraph]], chapters: Sequence[Chapter]) -> Iterator[_Look]:
    known: Counter[bytes] = Counter()
    for chapter in chapters:
        known.update(plain_words(chapter.text))
    rare_at_most = max(1, sum(chapter.words for chapter in chapters) // 2000)
    common = {word for word, number in known.items() if number > rare_at_most}
    every = -(-len(early) // LOOKED_AT)
    zones = [[zone.start for zone in chapter.zones] for chapter in chapters]
    for place, (number, paragraph) in enumerate(early):
        whole = paragraph.start + len(paragraph.text) == paragraph.end
        if whole and (every < 2 or place // RUN % every == 0):
            at = paragraph.start
            scene = bisect_right(chapters[number].scenes, at), bisect_right(zones[number], at)
            yield _look(place, number, paragraph, scene, common)


def _body(chapter: Chapter, paragraphs: Sequence[Paragraph]) -> Iterator[Paragraph]:
    zones = iter(chapter.zones)
    zone = next(zones, None)
    for paragraph in paragraphs:
        while zone and zone.end <= paragraph.start:
            zone = next(zones, None)
        if zone and zone.kind is ZoneKind.BODY and zone.start <= paragraph.start:
            yield paragraph


def _look(
    place: int,
    number: int,
    paragraph: Paragraph,
    scene: tuple[int, int],
    common: set[bytes],
) -> _Look:
    text = " ".join(paragraph.text.split())
    words = set(plain_words(text))
    return _Look(
        place=place,
        chapter=number,
        scene=scene,
        start=paragraph.start,
        end=paragraph.end,
        text=text,
        quotes=(
            text.count("“") - text.count("”"),
            text.count("«") - text.count("»"),
            text.count('"') % 2 == 1,
        ),
        wrapped=paragraph.text.count("\n"),
        spoken_chars=round(signs.spoken_share(text) * len(text)),
        words=len(words),
        rare=len(words - common),
        reveals=not words.isdisjoint(_REVEALS),
        violent=not words.isdisjoint(_VIOLENT),
    )


class _Window:
    """Paragraphs that follow each other in one scene, and what they are like together."""

    def __init__(self, first: _Look) -> None:
        self._first = first
        self.texts: list[str] = []
        self.length = 0
        self._spoken = self._words = self._rare = self._angular = 0
        self._reveals = self._violent = False
        # What the next paragraph begins with if a speech runs on: each opens its quotes anew.
        self._speech = ""
        self._opening_points: float | None = None

    def take(self, look: _Look) -> bool:
        """Add the next paragraph; whether it belongs here and more may follow."""
        first = self._first
        if look.chapter != first.chapter or look.scene != first.scene:
            return False
        self.length += len(look.text) + look.wrapped + 2 * bool(self.texts)
        if self.length > LONGEST_CHARS or look.place != first.place + len(self.texts):
            return False
        curly, angular, uneven = look.quotes
        self._angular += angular
        if curly not in (0, 1) or self._angular < 0 or not look.text.startswith(self._speech):
            return False
        self._speech = "“" if curly else '"' if uneven else ""
        self.texts.append(look.text)
        self._spoken += look.spoken_chars
        self._words += look.words
        self._rare += look.rare
        self._reveals |= look.reveals
        self._violent |= look.violent
        return True

    def is_closed(self) -> bool:
        """Whether no quote is open at its end."""
        return not self._speech and not self._angular

    def score(self, names: set[str], scenes: Sequence[int]) -> float:
        """How well it would do as an excerpt."""
        if self._opening_points is None:
            self._opening_points = self._opening(names, scenes)
        closing = self.texts[-1]
        spoken = self._spoken / self.length
        points = self._opening_points
        points += DIALOGUE_NEAR_THIRD * (1 - min(1.0, abs(spoken - 1 / 3) * 3))
        points += RARE_WORDS * self._rare / max(1, self._words)
        points += STRONG_END * (len(closing) <= STRONG_END_CHARS and closing[-1] in '.!?"”»')
        points += FULL_LENGTH * min(1.0, self.length / 600)
        return points + VIOLENT * self._violent + REVEAL * self._reveals

    def _opening(self, names: set[str], scenes: Sequence[int]) -> float:
        opening = "\n\n".join(self.texts)[:NAME_EARLY_CHARS]
        points = SCENE_START * (self._first.start in scenes)
        points += NAME_EARLY * any(name in opening for name in names)
        return points + DANGLING_START * bool(_DANGLING.match(opening))


def _candidates(
    looks: Sequence[_Look], chapters: Sequence[Chapter], names: set[str], shortest_chars: int
) -> list[_Candidate]:
    found: list[_Candidate] = []
    for first, look in enumerate(looks):
        window = _Window(look)
        scenes = chapters[look.chapter].scenes
        for here in islice(looks, first, first + WINDOW_PARAGRAPHS):
            if not window.take(here):
                break
            if window.length >= shortest_chars and window.is_closed():
                score = window.score(names, scenes)
                texts = [*window.texts]
                found.append(_Candidate(look.chapter, look.start, here.end, texts, score))
    return found


def _pieces(early: Sequence[tuple[int, Paragraph]]) -> list[_Candidate]:
    """The first sentences of long paragraphs, for a story that has no others."""
    found: list[_Candidate] = []
    for number, paragraph in early[:LOOKED_AT]:
        head = paragraph.text[:LONGEST_CHARS]
        end = max((match.end() for match in _SENTENCE_END.finditer(head)), default=0)
        text = tidy(head[:end].replace("\n", " "))
        if len(text) < SHORTEST_OF_SHORT_CHARS:
            continue
        if text.count('"') % 2 or text.count("“") != text.count("”"):
            continue
        found.append(_Candidate(number, paragraph.start, paragraph.start + end, [text], 0.0))
    return found
