"""How well a work answers a query: its title as a whole, and its fields word by word."""

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from db.search.documents import Document

# What a word is worth by the field it stands in. Titles and authors are what people type when
# they mean one work; tags are what they type when they mean any.
FIELD_WEIGHTS = {
    "title": 1.0,
    "authors": 0.97,
    "characters": 0.95,
    "nicknames": 0.95,
    "series": 0.95,
    "relationships": 0.94,
    "fandoms": 0.93,
    "tags": 0.90,
}
MATCHED_IN = {
    "title": "title", "authors": "author", "characters": "character", "nicknames": "nickname",
    "series": "series",
    "relationships": "relationship", "fandoms": "fandom", "tags": "tag",
}  # fmt: skip

# Reordered words, an author typed with the title, or an author alone are a little less certain
# than the title as it is.
REORDERED = 0.97
WITH_AUTHOR = 0.98
AUTHOR_ALONE = 0.985
BOTH_TITLE, BOTH_COVER = 0.55, 0.45
COVER_BONUS, ALL_WORDS_BONUS, POPULARITY_BONUS = 0.25, 0.06, 0.03
# Under these a work is not what was meant; nonsense finds nothing rather than something.
TITLE_ENOUGH = 0.64
COVER_ENOUGH = 0.62
# A word this unlike is another word.
WORD_ENOUGH = 0.6
MOST_LENGTH_DIFFERENCE = 2
PREFIX_SIMILARITY = 0.92


@dataclass(frozen=True, slots=True)
class Wanted:
    """The query as it is ranked: its text, and its words as (word, weight, certainty).

    The weight is the word's rarity; the certainty is 1 for a word as typed, less for one that
    was corrected, by how far.
    """

    text: str
    words: tuple[tuple[str, float, float], ...]
    last_is_prefix: bool = True


@dataclass(frozen=True, slots=True)
class Scored:
    """A work's score; `kept` is whether it is an answer at all."""

    score: float
    kept: bool
    matched_in: tuple[str, ...]
    complete: bool


def score(wanted: Wanted, document: Document, popularity: float) -> Scored:
    """Score one work; `popularity` is from 0 to 1."""
    title = _title_score(wanted.text, document)
    cover, matched_in, complete = _cover(wanted, document)
    total = max(title, BOTH_TITLE * title + BOTH_COVER * cover) + COVER_BONUS * cover
    total += ALL_WORDS_BONUS * complete + POPULARITY_BONUS * popularity
    kept = title >= TITLE_ENOUGH or (cover >= COVER_ENOUGH and (complete or len(wanted.words) > 2))
    return Scored(total, kept, matched_in, complete)


def _title_score(text: str, document: Document) -> float:
    best = fuzz.ratio(text, document.title)
    best = max(best, REORDERED * fuzz.token_sort_ratio(text, document.title))
    for author in document.authors.split("\n"):
        if author:
            best = max(best, AUTHOR_ALONE * fuzz.ratio(text, author))
            best = max(best, WITH_AUTHOR * fuzz.ratio(text, f"{document.title} {author}"))
            best = max(best, WITH_AUTHOR * fuzz.ratio(text, f"{author} {document.title}"))
    return best / 100


def _cover(wanted: Wanted, document: Document) -> tuple[float, tuple[str, ...], bool]:
    fields = [
        (name, weight, getattr(document, name).split()) for name, weight in FIELD_WEIGHTS.items()
    ]
    reached = total = 0.0
    complete = True
    matched: dict[str, None] = {}
    for index, (word, rarity, certainty) in enumerate(wanted.words):
        total += rarity
        is_prefix = wanted.last_is_prefix and index == len(wanted.words) - 1
        best = 0.0
        for name, weight, words in fields:
            if word in words:
                likeness = 1.0
            elif is_prefix and any(one.startswith(word) for one in words):
                likeness = PREFIX_SIMILARITY
            else:
                continue
            matched[name] = None
            best = max(best, likeness * weight)
        if not best:
            complete = False
            # Comparing letters is what costs; most words are there as they are.
            best = max(_nearest(word, words) * weight for _, weight, words in fields)
        reached += rarity * best * certainty
    return reached / total if total else 0.0, tuple(MATCHED_IN[name] for name in matched), complete


def _nearest(word: str, words: Sequence[str]) -> float:
    best = 0.0
    for one in words:
        if abs(len(one) - len(word)) <= MOST_LENGTH_DIFFERENCE:
            likeness = OSA.normalized_similarity(word, one, score_cutoff=WORD_ENOUGH)
            best = max(best, likeness)
    return best
