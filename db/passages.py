"""Passages of a text: where words stand in its story, and what is shown around them."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from db.search.bodies import PIECE, Slots, Span, fold, words_of
from db.texts import EXCERPT_LIMIT_CHARS

# A passage of a line or two is no taste of a story; it grows by whole paragraphs up to this.
WANTED_CHARS = 450
# Under this share of the words asked for, a passage is not about them.
NEAR_ENOUGH = 60.0
SPREAD_WORDS = 60  # in a long paragraph that is about them, among which most of them stand

# A longer chapter is first looked at only where a word is spelt as it was asked for.
LONG_CHARS = 200_000
# A little word so near to one that tells more is marked with it.
BESIDE_WORDS = 2

# How far around a hit its sentences are looked for.
_REACH_CHARS = 2 * EXCERPT_LIMIT_CHARS
# Where a sentence may end: at its sign, with quotes closed, or at a blank line.
_ENDS = re.compile(r"[.!?…]++[\"”’»)\]*_']*+\s+|[。！？]++[\"”’」』]*\s*|\n[^\S\n]*+\n\s*")
_ABBREVIATED = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|Lt|Capt|Sgt|[A-Z])\.\s+$")
_GAPS = re.compile(r"\s+")
_CLOSING = '.!?…"”’»)*'


@dataclass(frozen=True, slots=True)
class Found:
    """Where words stand in a text: the stretch of story, and the words' own offsets.

    `share` is how much of what was asked for stands there, `alike` how much in that order,
    both from 0 to 1; `times` is how often it is said, for words in a row.
    """

    run: Span
    marks: tuple[Span, ...]
    share: float
    alike: float
    times: int = 1

    @property
    def start(self) -> int:
        """Where the first word starts."""
        return self.marks[0][0]

    @property
    def end(self) -> int:
        """Where the last word ends."""
        return self.marks[-1][1]

    @property
    def rank(self) -> tuple[float, float, int]:
        """The greater, the nearer to what was asked for."""
        return self.share, self.alike, self.start - self.end


def locate(
    text: str, runs: Iterable[Span], slots: Slots, within: int, weights: Mapping[str, float]
) -> Found | None:
    """Where the words stand: in a row if they do anywhere, else the best they do.

    Each slot is one word asked for, with all that it may stand for. Words that are not in a row
    are looked for among `within` of them; `weights` are of words that count for less than 1.
    """
    runs = list(runs)
    if sum(end - start for start, end in runs) > LONG_CHARS:
        # Around the longest word as it is spelt: that is where they nearly always stand.
        near = [(run, part) for run in runs for part in _parts_with(text, run, slots)]
        found = _located(text, near, slots, within, weights)
        if found is not None and found.share > 0.999:
            return found
    return _located(text, [(run, run) for run in runs], slots, within, weights)


def around(text: str, found: Found, limit: int = EXCERPT_LIMIT_CHARS) -> Span:
    """The sentences of a hit with one on either side, of the same stretch of story.

    At most `limit` characters: the neighbours go first, and a longer sentence is cut near the
    hit, between words.
    """
    low = max(found.run[0], found.start - _REACH_CHARS)
    high = min(found.run[1], found.end + _REACH_CHARS)
    sentences = _sentences(text, low, high)
    hit = [at for at, (a, b) in enumerate(sentences) if a < found.end and b > found.start]
    first, last = hit[0], hit[-1]
    # A sentence that is cut off where the look began is no neighbour.
    before = first > (low > found.run[0])
    after = last < len(sentences) - 1 - (high < found.run[1])
    for lead, tail in ((before, after), (before, False), (False, after), (False, False)):
        if (lead and not before) or (tail and not after):
            continue
        start, end = sentences[first - lead][0], sentences[last + tail][1]
        if end - start <= limit:
            return start, end
    return _narrowed(text, sentences[first][0], sentences[last][1], found, limit)


def paragraphs_around(text: str, found: Found) -> Span:
    """Whole paragraphs around a hit, some `WANTED_CHARS`; sentences where those are too long."""
    paragraphs = paragraphs_of(text, found.run)
    hit = [at for at, (a, b) in enumerate(paragraphs) if a < found.end and b > found.start]
    if not hit or paragraphs[hit[-1]][1] - paragraphs[hit[0]][0] > EXCERPT_LIMIT_CHARS:
        return around(text, found)
    return _grown(paragraphs, hit[0], hit[-1])


def most_alike(text: str, run: Span, wanted: Sequence[str]) -> tuple[float, Span] | None:
    """The paragraph that is most about some words, grown, with its score; None if none is."""
    asked, known = " ".join(wanted), set(wanted)
    best = NEAR_ENOUGH
    place: int | None = None
    paragraphs = paragraphs_of(text, run)
    for at, (start, end) in enumerate(paragraphs):
        words = words_of(text[start:end])
        if known.isdisjoint(words):
            continue
        score = fuzz.token_set_ratio(asked, " ".join(words), score_cutoff=best)
        if score > best or (place is None and score >= best):
            best, place = score, at
    if place is None:
        return None
    start, end = paragraphs[place]
    if end - start > EXCERPT_LIMIT_CHARS:
        weights = dict.fromkeys(known, 1.0)
        found = locate(text, [(start, end)], [{word} for word in wanted], SPREAD_WORDS, weights)
        return best, around(text, found) if found else clip(text, start, end)
    return best, _grown(paragraphs, place, place)


def paragraphs_of(text: str, run: Span) -> list[Span]:
    """The lines of a stretch of story that are not blank."""
    spans: list[Span] = []
    at = run[0]
    for line in text[run[0] : run[1]].splitlines(keepends=True):
        if bare := line.strip():
            start = at + len(line) - len(line.lstrip())
            spans.append((start, start + len(bare)))
        at += len(line)
    return spans


def clip(text: str, start: int, end: int, limit: int = EXCERPT_LIMIT_CHARS) -> Span:
    """The span, cut to `limit` characters at the last sentence's end that fits."""
    if end - start <= limit:
        return start, end
    at = max((match.end() for match in _ENDS.finditer(text, start, start + limit)), default=start)
    if at - start < limit // 3:  # no sentence ends in what fits, or far too early
        at = max(text.rfind(" ", start, start + limit), start + 1)
    return start, start + len(text[start:at].rstrip())


def shown(text: str, start: int, end: int, marks: Iterable[Span]) -> tuple[str, tuple[Span, ...]]:
    """A passage as it is shown, its paragraphs a blank line apart, and the marks' places in it."""
    # Single line ends that part paragraphs grow: so it is cut to the limit once more.
    passage = _laid_out(text[start:end])[:EXCERPT_LIMIT_CHARS].rstrip()
    placed = [
        (len(_laid_out(text[start : max(a, start)])), len(_laid_out(text[start : min(b, end)])))
        for a, b in marks
        if a < end and b > start
    ]
    fitting = ((a, min(b, len(passage))) for a, b in placed)
    return passage, tuple((a, b) for a, b in fitting if a < b)


def _located(
    text: str,
    places: Iterable[tuple[Span, Span]],
    slots: Slots,
    within: int,
    weights: Mapping[str, float],
) -> Found | None:
    """The best place in parts of stretches, each given after the stretch it is of."""
    best: Found | None = None
    in_row: Found | None = None
    times = 0
    for run, part in places:
        words, pieces = _words(text, part)
        at = _in_a_row(words, slots)
        times += len(at)
        if at and in_row is None:
            marks = _marks(text, part, pieces, range(at[0], at[0] + len(slots)))
            in_row = Found(run, tuple(marks), 1.0, 1.0)
        if in_row is not None or len(slots) < 2:
            continue
        if picked := _densest(words, slots, within, weights):
            share = _share(words, picked, slots, weights)
            there = words[picked[0] : picked[-1] + 1]
            alike = Indel.normalized_similarity(there, [_like(slot, there) for slot in slots])
            if best is None or (share, alike) > (best.share, best.alike):
                marks = _marks(text, part, pieces, _telling(words, picked, weights))
                best = Found(run, tuple(marks), share, alike)
    return replace(in_row, times=times) if in_row is not None else best


def _parts_with(text: str, run: Span, slots: Slots) -> list[Span]:
    """The parts of a stretch around each place that spells the longest word asked for."""
    slot = max(slots, key=lambda slot: min(map(len, slot)))
    spelt = re.compile("|".join(map(re.escape, slot)), re.IGNORECASE)
    parts: list[Span] = []
    for match in spelt.finditer(text, *run):
        start, end = max(run[0], match.start() - _REACH_CHARS), match.end() + _REACH_CHARS
        # Never amid a word.
        start = max(run[0], text.find(" ", start, match.start()) if start > run[0] else 0)
        end = text.rfind(" ", match.end(), end) if end < run[1] else run[1]
        end = end if end > 0 else run[1]
        if parts and start <= parts[-1][1]:
            parts[-1] = (parts[-1][0], max(end, parts[-1][1]))
        else:
            parts.append((start, end))
    return parts


def _words(text: str, run: Span) -> tuple[list[str], list[int]]:
    """The words of a stretch, and the number of the piece that each stands in."""
    folded = list(map(fold, PIECE.findall(text, *run)))
    words = list(filter(None, folded))
    pieces = [at for at, word in enumerate(folded) if word]
    if " ".join(words).count(" ") < len(words):
        return words, pieces
    # A sign that stands for two words, as ½.
    both = [(part, at) for word, at in zip(words, pieces, strict=True) for part in word.split()]
    return [word for word, _ in both], [at for _, at in both]


def _in_a_row(words: Sequence[str], slots: Slots) -> list[int]:
    """Where all slots are filled one after the other."""
    first = slots[0]
    return [
        at
        for at, word in enumerate(words)
        if word in first
        and at + len(slots) <= len(words)
        and all(words[at + step] in slot for step, slot in enumerate(slots))
    ]


def _densest(
    words: Sequence[str], slots: Slots, within: int, weights: Mapping[str, float]
) -> list[int]:
    """The places of the words asked for where most of them stand together, then the closest."""
    slot_of = {word: number for number, slot in reversed(list(enumerate(slots))) for word in slot}
    worth = _worths(slots, slot_of, weights)
    places = [at for at, word in enumerate(words) if word in slot_of]
    held: Counter[int] = Counter()
    total = most = 0.0
    best = (0, -1)
    left = 0
    for right, at in enumerate(places):
        slot = slot_of[words[at]]
        held[slot] += 1
        if held[slot] == 1:
            total += worth[slot]
        while left < right:
            gone = slot_of[words[places[left]]]
            if held[gone] == 1 and at - places[left] < within:
                break
            held[gone] -= 1
            if not held[gone]:
                total -= worth[gone]
            left += 1
        closer = at - places[left] < places[best[1]] - places[best[0]] if best[1] >= 0 else True
        if total > most + 1e-9 or (total > most - 1e-9 and closer):
            most, best = total, (left, right)
    return places[best[0] : best[1] + 1]


def _share(
    words: Sequence[str], picked: Iterable[int], slots: Slots, weights: Mapping[str, float]
) -> float:
    slot_of = {word: number for number, slot in reversed(list(enumerate(slots))) for word in slot}
    worth = _worths(slots, slot_of, weights)
    filled = {slot_of[words[at]] for at in picked}
    return sum(worth[slot] for slot in filled) / sum(worth.values())


def _worths(
    slots: Slots, slot_of: Mapping[str, int], weights: Mapping[str, float]
) -> dict[int, float]:
    """What each slot counts; a word that was asked for twice counts once."""
    return {
        number: max(weights.get(word, 1.0) for word in slot)
        for number, slot in enumerate(slots)
        if any(slot_of[word] == number for word in slot)
    }


def _like(slot: Collection[str], there: Collection[str]) -> str:
    return next((word for word in slot if word in there), next(iter(slot)))


def _marks(text: str, run: Span, pieces: Sequence[int], picked: Sequence[int]) -> list[Span]:
    """The offsets of words; neighbours are marked as one."""
    first, last = pieces[picked[0]], pieces[picked[-1]]
    places = [match.span() for match in islice(PIECE.finditer(text, *run), first, last + 1)]
    spans: list[Span] = []
    before = -2
    for at in picked:
        start, end = _bare(text, *places[pieces[at] - first])
        if at == before + 1:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
        before = at
    return spans


def _telling(
    words: Sequence[str], picked: Sequence[int], weights: Mapping[str, float]
) -> list[int]:
    """Those of the words that are worth marking: a little word only beside another one."""
    heavy = [at for at in picked if weights.get(words[at], 1.0) >= 1.0] or picked
    return [at for at in picked if any(abs(at - other) <= BESIDE_WORDS for other in heavy)]


def _bare(text: str, start: int, end: int) -> Span:
    """A piece without the quotes around it, which look like its apostrophes."""
    while start < end - 1 and not text[start].isalnum():
        start += 1
    while end > start + 1 and text[end - 1] in "'’‘`´":
        end -= 1
    return start, end


def _sentences(text: str, start: int, end: int) -> list[Span]:
    found: list[Span] = []
    begun = start
    for match in _ENDS.finditer(text, start, end):
        after = text[match.end() : match.end() + 1]
        is_end = match.end() >= end or match[0].count("\n") > 1 or not after.islower()
        if is_end and not _ABBREVIATED.search(text, max(begun, match.start() - 6), match.end()):
            found.append((begun, match.end()))
            begun = match.end()
    found.append((begun, end))
    bare = ((_start_of(text, a, b), a + len(text[a:b].rstrip())) for a, b in found)
    return [(a, b) for a, b in bare if a < b]


def _start_of(text: str, start: int, end: int) -> int:
    return end - len(text[start:end].lstrip())


def _narrowed(text: str, start: int, end: int, found: Found, limit: int) -> Span:
    """A span cut to `limit` characters around a hit, between words where there are any."""
    room = max(0, limit - (found.end - found.start))
    low = max(start, found.start - room // 2)
    high = min(end, low + limit)
    low = max(start, high - limit)
    if low > start:
        low = min(found.start, low + len(text[low:high].split(" ", 1)[0]) + 1)
    if high < end and (cut := text.rfind(" ", low, high)) >= min(found.end, high - 40):
        high = cut
    return low, high


def _grown(paragraphs: Sequence[Span], first: int, last: int) -> Span:
    """Some paragraphs with those after and before them, as long as they are short."""
    start, end = paragraphs[first][0], paragraphs[last][1]
    while end - start < WANTED_CHARS:
        if last + 1 < len(paragraphs) and paragraphs[last + 1][1] - start <= EXCERPT_LIMIT_CHARS:
            last += 1
            end = paragraphs[last][1]
        elif first and end - paragraphs[first - 1][0] <= EXCERPT_LIMIT_CHARS:
            first -= 1
            start = paragraphs[first][0]
        else:
            break
    return start, end


def _laid_out(text: str) -> str:
    """White space as it is shown: paragraphs one line apart, lines that only wrap joined."""

    def gap(match: re.Match[str]) -> str:
        lines = match[0].count("\n")
        ended = match.start() == 0 or text[match.start() - 1] in _CLOSING
        return "\n\n" if lines > 1 or (lines and ended) else " "

    return _GAPS.sub(gap, text)
