"""Queries as people type them, by class, each with what was meant.

A hit is judged by what the person meant, not by one id among equals: a work with that title, a
work by that author, any work with both names. Of a title that was not typed to its end, any
title that begins so is meant. A mistake that makes the exact title of another work is drawn anew.
"""

import random
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from db.models import WorkInfo
from db.search import normalise
from tests.bench import slips
from tests.bench.slips import Slip
from tests.bench.words import NAMES

Meant = Callable[[WorkInfo], bool]
Made = tuple[str, Meant | None] | None
TRIES = 500  # works looked at for one query before a class stays short of it


class Query(NamedTuple):
    """One query; `meant` tells whether a work answers it, and is None where none does."""

    kind: str
    text: str
    meant: Meant | None


@dataclass(frozen=True, slots=True)
class Names:
    """Whether the library has a title, or an author, of those normalised words."""

    is_title: Callable[[str], bool]
    is_author: Callable[[str], bool]


Maker = Callable[[random.Random, WorkInfo, Names], Made]
_SMALL = frozenset(
    "a an and as by for from he her his how i if in is it just like me my no not of on one or our "
    "she so that the their there they this time times to until upon was we were what when where "
    "who with without word you your".split()
)
_MASHES = ("asdfghjkl", "qwertyuiop", "zxcvbnm", "sdfjkl", "asdjkl")
_CONSONANTS = "bcdfghjklmnpqrstvwxz"
_GIVEN_NAMES = frozenset(map(normalise, NAMES))
_LATIN = ("fr", "de", "es")


def titled(title: str) -> Meant:
    """A work of that normalised title."""
    return lambda info: normalise(info.title or "") == title


def _begins(start: str) -> Meant:
    return lambda info: normalise(info.title or "").startswith(start)


def _has_words(text: str, wanted: Sequence[str]) -> bool:
    return set(wanted) <= set(normalise(text).split())


def _is_in(name: str, names: Sequence[str]) -> bool:
    return normalise(name) in map(normalise, names)


def _english(info: WorkInfo) -> str | None:
    """The normalised title, if it is in English and long enough to be mistyped."""
    title = normalise(info.title or "")
    return title if info.language == "en" and len(title) > 4 else None


def _slipped(slip: Slip) -> Maker:
    def make(chance: random.Random, info: WorkInfo, names: Names) -> Made:
        title = _english(info)
        typed = slip(chance, title) if title else None
        if title is None or typed in (None, title) or names.is_title(typed or ""):
            return None
        return typed or "", titled(title)

    return make


def _as_it_is(chance: random.Random, info: WorkInfo, names: Names) -> Made:
    if info.language != "en" or not info.title:
        return None
    typed = info.title if chance.random() < 0.5 else info.title.lower()
    return typed, titled(normalise(info.title))


def _half_typed(chance: random.Random, info: WorkInfo, names: Names) -> Made:
    title = _english(info)
    if not title or len(title.split()) < 2:
        return None
    last = title.split()[-1]
    left = max(1, len(last) - chance.randrange(1, 5))
    typed = title[: len(title) - len(last) + left]
    return (typed, _begins(typed)) if len(last) > 2 and not names.is_title(typed) else None


def _mistyped_prefix(chance: random.Random, info: WorkInfo, names: Names) -> Made:
    half = _half_typed(chance, info, names)
    typed = slips.any_slip(chance, half[0]) if half else None
    return (typed, half[1]) if half and typed and not names.is_title(typed) else None


def _first_words(chance: random.Random, info: WorkInfo, names: Names) -> Made:
    words = (_english(info) or "").split()
    if len(words) < 5:
        return None
    typed = " ".join(words[: chance.randrange(3, len(words))])
    return None if names.is_title(typed) else (typed, _begins(typed))


def _unmarked(text: str) -> str:
    return "".join(
        char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char)
    )


def _diacritics(chance: random.Random, info: WorkInfo, names: Names) -> Made:
    title = info.title or ""
    if _unmarked(title) == unicodedata.normalize("NFKD", title) or info.language not in (
        *_LATIN, "en",
    ):  # fmt: skip
        return None
    return _unmarked(title).lower(), titled(normalise(title))


def _punctuation(chance: random.Random, info: WorkInfo, names: Names) -> Made:
    title = info.title or ""
    changes = [
        ("'", "’"), ("'", ""), ("’", "'"), ("’", ""), (" & ", " and "), (" and ", " & "), (",", ""),
        (": ", " - "), ("; ", " "), ("/", " / "), (" + ", "+"), (r"[()\[\]]", ""), ("!|[?]", ""),
        (r"\.\.\.", "…"), (" ", "-"),
    ]  # fmt: skip
    fitting = [change for change in changes if re.search(change[0], title)]
    if info.language != "en" or len(fitting) < 2:  # nearly every title has a space
        return None
    before, after = chance.choice(fitting)
    return re.sub(before, after, title), titled(normalise(title))


def _written_by(info: WorkInfo) -> Meant:
    title, author = normalise(info.title or ""), info.authors[0]
    return lambda other: normalise(other.title or "") == title and _is_in(author, other.authors)


def _author_and_title(chance: random.Random, info: WorkInfo, names: Names) -> Made:
    title, author = (info.title or "").lower(), info.authors[0]
    shape = chance.choice((f"{author} {title}", f"{title} {author}", f"{title} by {author}"))
    return shape, _written_by(info)


def _title_and_author_mistyped(chance: random.Random, info: WorkInfo, names: Names) -> Made:
    title = _english(info)
    typed = slips.any_slip(chance, f"{title} {normalise(info.authors[0])}") if title else None
    return (typed, _written_by(info)) if typed else None


def _author_mistyped(chance: random.Random, info: WorkInfo, names: Names) -> Made:
    author = normalise(info.authors[0])
    typed = slips.any_slip(chance, author)
    # With another number it would be another person.
    if not typed or typed == author or re.sub(r"\D", "", typed) != re.sub(r"\D", "", author):
        return None
    # A first name is as likely a character's.
    if names.is_author(typed) or len(author) < 5 or author in _GIVEN_NAMES:
        return None
    return typed, lambda other: _is_in(author, other.authors)


def _content(chance: random.Random, title: str, most: int) -> list[str]:
    words = [word for word in title.split() if word not in _SMALL and len(word) > 2]
    return chance.sample(words, min(len(words), chance.randrange(1, most + 1)))


def _short_fandom(info: WorkInfo) -> str:
    """The fandom without what AO3 puts after it: "(TV)", "- All Media Types"."""
    return re.sub(r" \(.*\)$| - .*$", "", info.fandoms[0])


def _character_and_title(chance: random.Random, info: WorkInfo, names: Names) -> Made:
    words = _content(chance, _english(info) or "", 2)
    name = chance.choice(info.characters).split()[0]
    if not words:
        return None
    return (
        f"{name} {' '.join(words)}".lower(),
        lambda other: (
            _has_words(other.title or "", words)
            and any(_has_words(one, [normalise(name)]) for one in other.characters)
        ),
    )


def _character_and_fandom(chance: random.Random, info: WorkInfo, names: Names) -> Made:
    if len(info.fandoms) > 1:
        return None
    name = chance.choice(info.characters)
    typed = name if chance.random() < 0.4 else name.split()[0]
    wanted = normalise(typed).split()
    return (
        f"{typed} {_short_fandom(info)}".lower(),
        lambda other: (
            _is_in(info.fandoms[0], other.fandoms)
            and any(_has_words(one, wanted) for one in other.characters)
        ),
    )


def _relationship(chance: random.Random, info: WorkInfo, names: Names) -> Made:
    if not info.relationships:
        return None
    people = re.split(r"\s*[/&]\s*", info.relationships[0])
    chance.shuffle(people)
    if chance.random() < 0.4:
        people = [person.split()[0] for person in people]
    between = chance.choice(("/", "/", " & ", " x ", " "))
    wanted = [normalise(person).split() for person in people]

    def meant(other: WorkInfo) -> bool:
        pairs = [re.split("[/&]", pair) for pair in other.relationships]
        if between == " ":  # that might as well be two people of one work
            pairs.append(list(other.characters))
        return any(
            all(any(_has_words(one, person) for one in pair) for person in wanted) for pair in pairs
        )

    return between.join(people), meant


def _tag_and_fandom(chance: random.Random, info: WorkInfo, names: Names) -> Made:
    if not info.tags:
        return None
    tag = chance.choice(info.tags)
    return (
        f"{_short_fandom(info)} {tag}".lower(),
        lambda other: _is_in(tag, other.tags) and _is_in(info.fandoms[0], other.fandoms),
    )


def _word_and_fandom_mistyped(chance: random.Random, info: WorkInfo, names: Names) -> Made:
    words = _content(chance, _english(info) or "", 1)
    fandom = slips.any_slip(chance, normalise(_short_fandom(info)))
    if not words or not fandom:
        return None
    return (
        f"{words[0]} {fandom}",
        lambda other: (
            _has_words(other.title or "", words) and _is_in(info.fandoms[0], other.fandoms)
        ),
    )


def _foreign(chance: random.Random, info: WorkInfo, names: Names) -> Made:
    if info.language == "en" or not info.title:
        return None
    return info.title, titled(normalise(info.title))


def _foreign_mistyped(chance: random.Random, info: WorkInfo, names: Names) -> Made:
    title = unicodedata.normalize("NFC", info.title or "")
    if info.language in ("ja", "zh", "ko"):
        places = [at for at, char in enumerate(title) if char.isalpha()]
        if len(places) < 4:
            return None
        at = chance.choice(places[1:])
        put = chance.choice(("", title[at] + chance.choice(title), chance.choice(title)))
        typed: str | None = title[:at] + put + title[at + 1 :]
    else:
        typed = slips.any_slip(chance, title.lower()) if info.language != "en" else None
    if not typed or normalise(typed) == normalise(title) or names.is_title(normalise(typed)):
        return None
    return typed, titled(normalise(title))


def _nonsense(chance: random.Random, info: WorkInfo, names: Names) -> Made:
    def word() -> str:
        letters = chance.choice((slips.LETTERS, slips.LETTERS, _CONSONANTS, *_MASHES))
        return "".join(chance.choices(letters, k=chance.randrange(6, 12)))

    return " ".join(word() for _ in range(chance.randrange(1, 4))), None


_SLIPS: dict[str, Slip] = {
    "swap": slips.swap,
    "delete": slips.delete,
    "insert": slips.insert,
    "substitute": slips.substitute,
    "wrong first letter": slips.wrong_first,
    "two typos": slips.two_typos,
    "typo in a long word": slips.in_long_word,
    "common misspelling": slips.misspell,
    "keyboard neighbour": slips.neighbour,
    "doubled letter": slips.double,
    "reordered": slips.reorder,
    "reordered + typo": slips.reorder_and_slip,
    "missing word": slips.leave_out,
    "extra word": slips.add_word,
    "joined": slips.join,
    "split": slips.split,
}
MISTYPED = tuple(_SLIPS)  # the mistyped and reordered ones, that recall is averaged over
NONSENSE = "nonsense"
CLASSES: dict[str, Maker] = {
    "as it is": _as_it_is,
    **{kind: _slipped(slip) for kind, slip in _SLIPS.items()},
    "half typed last word": _half_typed,
    "mistyped prefix": _mistyped_prefix,
    "first words only": _first_words,
    "diacritics dropped": _diacritics,
    "punctuation changed": _punctuation,
    "author + title": _author_and_title,
    "title + author mistyped": _title_and_author_mistyped,
    "author mistyped": _author_mistyped,
    "character + title words": _character_and_title,
    "character + fandom": _character_and_fandom,
    "relationship": _relationship,
    "tag + fandom": _tag_and_fandom,
    "title word + fandom typo": _word_and_fandom_mistyped,
    "non-English": _foreign,
    "non-English + typo": _foreign_mistyped,
    NONSENSE: _nonsense,
}


def queries(works: Sequence[WorkInfo], names: Names, per_class: int, seed: int) -> list[Query]:
    """Queries of each class for works of the library; fewer where too few works suit a class."""
    made: list[Query] = []
    for kind, maker in CLASSES.items():
        chance = random.Random(f"{seed} {kind}")  # a class is the same whatever the others are
        for _ in range(per_class):
            for _ in range(TRIES):
                query = maker(chance, chance.choice(works), names)
                if query is not None:
                    made.append(Query(kind, *query))
                    break
    return made
