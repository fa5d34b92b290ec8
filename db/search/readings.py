"""One way to read a query, and what it asks of an index."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from heapq import nsmallest
from itertools import islice, product

from db.search.index import query_keys
from db.search.little import STOP_WORDS
from db.search.ranking import Slot

TITLES_TRIED_LESS = 8  # of these, as titles but for one word
TITLES_TRIED = 200  # combinations of corrections that are looked up as titles
MOST_COMBINED = 5000
LITTLE_WORDS = 3  # looked up of a query that has no others

# An OR of ANDs of ORs of words: alternatives, of which all words must be there in one option.
Match = tuple[tuple[tuple[str, ...], ...], ...]


class Stage(StrEnum):
    """How forgiving a reading is; shown to whoever wonders why something was found."""

    EXACT = "all words"
    BEGUN = "beginning of a title"
    HALF_TYPED = "half typed"
    CORRECTED = "corrected"
    TITLE = "nearly a title"
    INITIALS = "initials of a title"
    RESPACED = "joined or split"
    DOUBTED = "corrected further"
    FEWER = "fewer words"
    LETTERS = "letters"
    BROWSE = "browse"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a query. `respaced` maps what was typed to how it was joined or split.

    `match` is what an index is asked for; `is_whole` is whether it asks for every
    word, so that everything it matches is an answer.
    """

    stage: Stage
    slots: tuple[Slot, ...]
    match: Match
    is_whole: bool = True
    title_keys: tuple[int, ...] = ()  # instead of `match`: hashes of titles
    titles_only: bool = False
    respaced: dict[str, str] = field(default_factory=dict[str, str])

    def narrowed(self, words: Sequence[str | None]) -> "Reading":
        """The same with each corrected word taken for one word; half-typed ones stay open."""
        slots = tuple(
            slot
            if word is None or word == slot.typed or word.startswith(slot.typed)
            else replace(slot, options=((word, 1.0),))
            for slot, word in zip(self.slots, words, strict=True)
        )
        return replace(self, slots=slots, match=all_of(telling(slots)))

    def whole_titles(self, shard_no: int) -> list[int]:
        """Hashes of the titles that are just these words."""
        options = [[word for word, _ in slot.options] for slot in self.slots]
        near = islice(likeliest(options), TITLES_TRIED_LESS)
        return [query_keys(shard_no, words)[0] for words in near]

    def admits(self, words: Sequence[str | None]) -> bool:
        """Whether a work in which these words were found matches."""
        return all(
            word is None or any(word == option for option, _ in slot.options)
            for slot, word in zip(self.slots, words, strict=True)
        )


def likeliest(options: Sequence[Sequence[str]]) -> Iterator[tuple[str, ...]]:
    """One option of each, the combinations of the first ones first."""
    places = product(*(range(len(each)) for each in options))
    near = nsmallest(TITLES_TRIED, islice(places, MOST_COMBINED), key=sum)
    for chosen in near:
        yield tuple(each[at] for each, at in zip(options, chosen, strict=True))


def telling(slots: Sequence[Slot]) -> Sequence[Slot]:
    """Without the little words, which most works have: to look them up tells little for much.

    Of nothing but little words, some.
    """
    content = [slot for slot in slots if slot.typed not in STOP_WORDS]
    return content or sorted(slots, key=lambda slot: -slot.weight)[:LITTLE_WORDS]


def all_of(slots: Iterable[Slot]) -> Match:
    """Works that hold one option of every slot."""
    return (tuple(tuple(word for word, _ in slot.options) for slot in slots),)


def any_of(matches: Iterable[Match]) -> Match:
    """Works that match one of several."""
    return tuple(alternative for match in matches for alternative in match)


def to_fts(match: Match) -> str:
    """The same in FTS5's syntax, every word quoted."""
    # Normalised words hold letters and digits only; doubling is for the day that changes.
    return " OR ".join(
        "("
        + " AND ".join(
            "(" + " OR ".join('"' + word.replace('"', '""') + '"' for word in options) + ")"
            for options in alternative
        )
        + ")"
        for alternative in match
    )


def is_matched(match: Match, words: Collection[str]) -> bool:
    """Whether a work of these words matches."""
    return any(
        all(any(word in words for word in options) for options in alternative)
        for alternative in match
    )
