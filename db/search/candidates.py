"""What a query may mean: readings of its words, from the plainest to the most forgiving.

A reading says for each word which known words it may stand for. The engine tries one after the
other until the works that one brings are convincing, so that a plain query costs one look-up.
"""

import json
import math
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, islice

from db.search.index import initials_key, query_keys
from db.search.little import STOP_WORDS
from db.search.ranking import Slot
from db.search.readings import (
    TITLES_TRIED,
    TITLES_TRIED_LESS,
    Match,
    Reading,
    Stage,
    all_of,
    any_of,
    likeliest,
    telling,
)
from db.search.spelling import Correction, corrections, endings, known, mistyped_endings

CORRECTIONS = 4  # known words that a mistyped one is taken for (2: -0.3; 8: +0.1, others -0.2)
CORRECTIONS_OF_TITLES = 12  # the same where a whole title is to vouch for it
ENDINGS = 24  # known words that a half-typed one is taken for
# The same where the beginning of a title is to vouch for it (40: others -0.3).
ENDINGS_OF_TITLES = 80
SHORTEST_BEGUN = 2  # letters of a word from which its endings are looked up
# A half-typed word is nearly as sure as a whole one; a corrected one less by its cost in edits.
ENDING_CERTAINTY = 0.97
MISTYPED_ENDING_CERTAINTY = 0.88
EDIT_DOUBT = 0.07
LEAST_CERTAINTY = 0.6
LITTLE_WEIGHT = 0.1  # of a little word that no work has; words weigh 0.7 and more
SAME_NUMBER = 0.99  # "5 times" for "five times"
# A long unknown word may be several written as one, as in a hashtag.
SHORTEST_PARTED, LONGEST_PARTED, LONGEST_PART = 8, 60, 14
SHORTEST_INITIALS, LONGEST_INITIALS = 3, 8
RARE_SHARE = 0.02  # a known word of no more works than this may still be a slip
RARE_WORKS = 2  # the same in a small library
LEFT_OUT_OF = 8  # words of which one may be left out; the rarest of a longer query
PAIRED = 4  # the rarest words, any two of which may be enough

_SPELT = "one two three four five six seven eight nine ten eleven twelve thirteen".split()  # noqa: SIM905
_DIGITS = [str(number) for number in range(1, len(_SPELT) + 1)]
NUMBERS = dict(zip([*_SPELT, *_DIGITS], [*_DIGITS, *_SPELT], strict=True))
_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")


@dataclass(slots=True)
class Reader:
    """Makes the readings of one query of one server."""

    conn: sqlite3.Connection
    shard_no: int
    words: Sequence[str]
    size: int  # works of the server
    prefixes: frozenset[int] = frozenset()  # places of words that were typed as `vamp*`
    is_typing: bool = False
    _known: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    _looked_up: set[str] = field(default_factory=set[str])
    _corrections: dict[str, list[Correction]] = field(default_factory=dict[str, list[Correction]])
    _ends: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])

    def __post_init__(self) -> None:
        numbers = [NUMBERS[word] for word in self.words if word in NUMBERS]
        counts = known(self.conn, self.shard_no, [*self.words, *numbers])
        # "looove": nobody means that many letters, unless a title has them.
        words = [word if word in counts else _DRAWN_OUT.sub(r"\1\1", word) for word in self.words]
        if words != list(self.words):
            counts = known(self.conn, self.shard_no, [*words, *numbers])
            self.words = words
        self._known = counts
        last = len(self.words) - 1
        if self.is_typing or last or not self._known or last in self.prefixes:
            self._ends = self._endings(self.words[-1])

    def plain(self) -> Iterator[Reading]:
        """The words as typed; then with the last one half typed.

        A lone known word means itself: "spike" is not "spikes", unless typed as "spike*".
        """
        first = [self._open(at) if at in self.prefixes else self._as_it_is(word)
                 for at, word in enumerate(self.words[:-1])]  # fmt: skip
        if not all(slot.options for slot in first):
            return
        last = len(self.words) - 1
        word = self.words[-1]
        if self._is_known(word) and not self.is_typing and last not in self.prefixes:
            yield self._whole(Stage.EXACT, [*first, self._exact(word)])
        yield from self._begun(first)
        if self._ends:
            yield self._whole(Stage.HALF_TYPED, [*first, self._open(last)])

    def corrected(self) -> Iterator[Reading]:
        """Unknown words corrected."""
        unknown = {word for word in self.words if not self._is_known(word)}
        if not unknown or (unknown == {self.words[-1]} and self._ends):
            return
        last = len(self.words) - 1
        slots = [
            self._corrected(word, is_last=at == last)
            if word in unknown
            else self._open(at)
            if at == last
            else self._exact(word)
            for at, word in enumerate(self.words)
        ]
        yield from self._begun(slots[:-1])
        if all(slot.options for slot in slots):
            yield self._whole(Stage.CORRECTED, slots)

    def titles(self) -> Iterator[Reading]:
        """Titles of just these words, however mistyped, or but for one word."""
        slots: list[Slot] = []
        for at, word in enumerate(self.words):
            if self._is_rare(word):
                slots.append(self._corrected(word, is_last=at == len(self.words) - 1, wide=True))
            else:
                slots.append(self._exact(word))
        options = [[word for word, _ in slot.options] for slot in slots if slot.options]
        if len(options) < max(len(slots) - 1, 1):
            return
        keys: list[int] = []
        for number, words in enumerate(islice(likeliest(options), TITLES_TRIED)):
            tried = query_keys(self.shard_no, words)
            keys += tried if number < TITLES_TRIED_LESS else tried[:1]
        yield Reading(
            Stage.TITLE, tuple(slots), (), is_whole=False, title_keys=tuple(dict.fromkeys(keys))
        )

    def mistyped_ending(self) -> Iterator[Reading]:
        """The last word half typed, with a slip in it."""
        word = self.words[-1]
        if not self._is_rare(word) or not all(map(self._is_known, self.words[:-1])):
            return
        ends = mistyped_endings(self.conn, self.shard_no, word, ENDINGS)
        if ends:
            last = Slot(
                word, tuple((end, MISTYPED_ENDING_CERTAINTY) for end in ends), self._weight(0)
            )
            slots = [*(self._exact(one) for one in self.words[:-1]), last]
            yield self._whole(Stage.DOUBTED, slots)

    def begun_doubtfully(self) -> Iterator[Reading]:
        """The beginning of a title, with rare words perhaps mistyped."""
        yield from self._begun(self._doubtful()[:-1])

    def _begun(self, first: Sequence[Slot]) -> Iterator[Reading]:
        """Titles that begin so: the last word may go on in any way that a title's word does."""
        last = self.words[-1]
        if self.is_typing or not first or not all(slot.options for slot in first):
            return
        ends = tuple((end, ENDING_CERTAINTY) for end in self._title_endings(last))
        if not ends and len(last) >= SHORTEST_BEGUN:
            return
        match = all_of([*telling(first), *([Slot(last, ends, 1.0)] if ends else [])])
        # The word itself is compared with how titles go on, not with known words.
        slots = (*first, Slot(last, (), self._weight(0)))
        yield Reading(Stage.BEGUN, slots, match, is_whole=False, titles_only=True)

    def _title_endings(self, word: str) -> list[str]:
        if len(word) < SHORTEST_BEGUN:  # so many that they tell nothing
            return []
        ends = endings(self.conn, self.shard_no, word, ENDINGS_OF_TITLES)
        return [end for end, (_, titles) in ends.items() if titles]

    def respaced_titles(self) -> Iterator[Reading]:
        """Whole titles, had two neighbours been joined, or one word split."""
        readings = list(self._respacings(whole_words=True))
        keys = {reading.whole_titles(self.shard_no)[0]: reading for reading in readings}
        for (key,) in self.conn.execute(
            "SELECT DISTINCT hash FROM search_keys WHERE hash IN (SELECT value FROM json_each(?))",
            (json.dumps(list(keys)),),
        ).fetchall():
            yield replace(keys[key], is_whole=False, title_keys=(key,))

    def respaced(self) -> Iterator[Reading]:
        """Two neighbours joined, or one word split."""
        yield from self._respacings(whole_words=False)

    def _respacings(self, *, whole_words: bool) -> Iterator[Reading]:
        """All of them with known words; or of splits the likeliest, and the others corrected."""
        words = self.words
        pairs = [words[at] + words[at + 1] for at in range(len(words) - 1)]
        cuts = {
            word: [(word[:at], word[at:]) for at in range(1, len(word))]
            for word in dict.fromkeys(words)
            if self._is_rare(word)
        }
        parts = {part for each in cuts.values() for cut in each for part in cut}
        counts = self._count({*pairs, *parts})
        for at, pair in enumerate(pairs):
            if pair in counts:
                slot = self._exact(pair)
            elif not whole_words and (self._is_rare(words[at]) or self._is_rare(words[at + 1])):
                slot = self._corrected(pair)  # "clock maker" for "clockmakers"
            else:
                continue
            respaced = {f"{words[at]} {words[at + 1]}": pair}
            yield from self._around(at, 2, [slot], respaced, whole_words)
        for at, word in enumerate(words):
            splits = [cut for cut in cuts.get(word, ()) if cut[0] in counts and cut[1] in counts]
            if splits and not whole_words:
                # The halves that are the least rare of the two are the likeliest.
                splits = [max(splits, key=lambda cut: min(counts[cut[0]][0], counts[cut[1]][0]))]
            for cut in splits:
                halves = [self._exact(cut[0]), self._exact(cut[1])]
                yield from self._around(at, 1, halves, {word: " ".join(cut)}, whole_words)

        for at, word in enumerate(words):
            parts = self._parted(word) if word not in self._known else []
            if len(parts) > 2:
                slots = [self._exact(part) for part in parts]
                yield from self._around(at, 1, slots, {word: " ".join(parts)}, whole_words)

    def _parted(self, word: str) -> list[str]:
        """Known words that a long one may be made of, the likeliest; none: it cannot be."""
        if not SHORTEST_PARTED <= len(word) <= LONGEST_PARTED:
            return []
        places = range(len(word) + 1)
        counts = self._count(
            word[start:end]
            for start in places
            for end in places[start + 1 : start + 1 + LONGEST_PART]
        )
        # The least surprising words up to each place: the surprise, and where the last began.
        best: list[tuple[float, int]] = [(0.0, 0)]
        for end in places[1:]:
            ways = [
                (best[start][0] + 1 + self._weight(counts[part][0]), start)
                for start in places[max(0, end - LONGEST_PART) : end]
                if (part := word[start:end]) in counts
            ]
            best.append(min(ways, default=(math.inf, 0)))
        if best[-1][0] == math.inf:
            return []
        parts: list[str] = []
        end = len(word)
        while end:
            start = best[end][1]
            parts.append(word[start:end])
            end = start
        return parts[::-1]

    def _count(self, words: Iterable[str]) -> dict[str, tuple[int, int]]:
        """What is known of these words, looked up once."""
        words = set(words)
        missing = words - self._looked_up
        if missing:
            self._known.update(known(self.conn, self.shard_no, missing))
            self._looked_up |= missing
        return {word: self._known[word] for word in words if word in self._known}

    def doubted(self) -> Iterator[Reading]:
        """Known but rare words perhaps mistyped too."""
        slots = self._doubtful()
        if all(slot.options for slot in slots) and any(len(slot.options) > 1 for slot in slots):
            yield self._whole(Stage.DOUBTED, slots)

    def initials(self) -> Iterator[Reading]:
        """Titles that are called so: "atyd"."""
        word = self.words[0]
        if len(self.words) == 1 and SHORTEST_INITIALS <= len(word) <= LONGEST_INITIALS:
            key = initials_key(self.shard_no, word)
            slot = Slot(word, (), self._weight(0))
            yield Reading(Stage.INITIALS, (slot,), (), is_whole=False, title_keys=(key,))

    def fewer(self) -> Iterator[Reading]:
        """Little words left out; then any one word; then any two of the rarest."""
        slots = self._doubtful()
        usable = [slot for slot in slots if slot.options]
        content = telling(usable)
        if not content:
            return

        def reading(match: Match, *, titles_only: bool) -> Reading:
            return Reading(
                Stage.FEWER, tuple(slots), match, is_whole=False, titles_only=titles_only
            )

        if len(content) < len(slots):
            yield reading(all_of(content), titles_only=False)
        rarest = sorted(content, key=lambda slot: -slot.weight)[:LEFT_OUT_OF]
        if len(rarest) < 2:
            return
        subsets = [all_of(each) for each in combinations(rarest, len(rarest) - 1)]
        yield reading(any_of(subsets), titles_only=True)
        yield reading(any_of(subsets), titles_only=False)
        if len(rarest) > 3:
            pairs = [all_of(each) for each in combinations(rarest[:PAIRED], 2)]
            yield reading(any_of(pairs), titles_only=True)

    def by_letters(self) -> Reading:
        """The words as they are, for works that were found by their letters."""
        return Reading(Stage.LETTERS, tuple(self._doubtful()), (), is_whole=False)

    def _whole(self, stage: Stage, slots: Sequence[Slot]) -> Reading:
        return Reading(stage, tuple(slots), all_of(telling(slots)))

    def _around(
        self,
        at: int,
        length: int,
        slots: Sequence[Slot],
        respaced: dict[str, str],
        whole_words: bool,
    ) -> Iterator[Reading]:
        """The query with `length` words from `at` on read as these slots."""
        read = self._as_it_is if whole_words else self._likely
        before = [read(word) for word in self.words[:at]]
        after = [read(word) for word in self.words[at + length :]]
        whole = (*before, *slots, *after)
        if all(slot.options for slot in whole):
            yield Reading(Stage.RESPACED, whole, all_of(telling(whole)), respaced=respaced)

    def _likely(self, word: str) -> Slot:
        return self._exact(word) if self._is_known(word) else self._corrected(word)

    def _doubtful(self) -> list[Slot]:
        last = len(self.words) - 1
        return [
            self._corrected(word, is_last=at == last) if self._is_rare(word) else self._exact(word)
            for at, word in enumerate(self.words)
        ]

    def _is_rare(self, word: str) -> bool:
        counts = self._known.get(word)
        return counts is None or counts[0] <= max(RARE_WORKS, RARE_SHARE * self.size)

    def _weight(self, works: int) -> float:
        return math.log(1 + (1 + self.size) / (1 + works))

    def _is_known(self, word: str) -> bool:
        return word in self._known or NUMBERS.get(word) in self._known

    def _exact(self, word: str) -> Slot:
        """The word itself; a number also as it is spelt."""
        options = [(word, 1.0), (NUMBERS.get(word, ""), SAME_NUMBER)]
        standing = tuple(option for option in options if option[0] in self._known)
        return Slot(word, standing, self._weight(max(self._known[one][0] for one, _ in standing)))

    def _as_it_is(self, word: str) -> Slot:
        return self._exact(word) if self._is_known(word) else Slot(word, (), 1.0)

    def _endings(self, word: str) -> dict[str, tuple[int, int]]:
        return endings(self.conn, self.shard_no, word, ENDINGS)

    def _open(self, at: int) -> Slot:
        """A word that may go on."""
        word = self.words[at]
        ends = self._ends if at == len(self.words) - 1 else self._endings(word)
        options = {end: 1.0 if end == word else ENDING_CERTAINTY for end in ends}
        if word in self._known:
            options[word] = 1.0
        works = sum(works for works, _ in ends.values())
        return Slot(word, _surest_first(options), self._weight(min(works, self.size)))

    def _nearest(self, word: str) -> list[Correction]:
        if word not in self._corrections:
            self._corrections[word] = corrections(
                self.conn, self.shard_no, word, CORRECTIONS_OF_TITLES
            )
        return self._corrections[word]

    def _corrected(self, word: str, *, is_last: bool = False, wide: bool = False) -> Slot:
        """The word itself if known, its corrections, and its endings if it is the last."""
        if word in STOP_WORDS and word not in self._known:
            return Slot(word, (), LITTLE_WEIGHT)
        near = self._nearest(word)
        if not wide:
            near = near[:CORRECTIONS]
        options = {
            one.word: max(LEAST_CERTAINTY, 1 - EDIT_DOUBT * max(one.cost, 1.0)) for one in near
        }
        if is_last:
            options.update(dict.fromkeys(self._ends, ENDING_CERTAINTY))
        works = near[0].works if near else 0
        if word in self._known:
            options[word] = 1.0
            works = self._known[word][0]
        return Slot(word, _surest_first(options), self._weight(works))


def _surest_first(options: dict[str, float]) -> tuple[tuple[str, float], ...]:
    return tuple(sorted(options.items(), key=lambda option: -option[1]))
