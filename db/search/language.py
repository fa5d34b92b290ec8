"""The query language: what AO3 taught everyone, typed into the one box.

    "exact words"  -word  OR  ( )  author:vixen  by vixen  fandom:bebop  character:  ship:
    spike/buffy  tag:"slow burn"  -tag:"major character death"  warning:  category:  series:
    title:  rating:<=teen  words:10k-50k  status:complete  crossover:no  lang:fr
    updated:<30d  published:2024  added:  sort:words

Nothing here fails: what cannot be understood is searched as words, and `notes` say so. A query
is turned into alternatives (an OR of ANDs), of which a work must fit one. OR binds its two
neighbours, as in web searches: `buffy spike OR angel` is Buffy with one of the two.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import product

from db.models import Category, Filters, NameField, Sort
from db.search.restrictions import Restriction, both, restriction

QUERY_CHARS = 400  # read at most
MOST_CLAUSES = 12  # alternatives; a query of more is read as words
DEEPEST = 8  # parentheses within parentheses
SHOWN_CHARS = 60  # of what was not understood, in a note

_NAMES = {
    "author": NameField.AUTHOR, "authors": NameField.AUTHOR, "by": NameField.AUTHOR,
    "creator": NameField.AUTHOR, "creators": NameField.AUTHOR, "writer": NameField.AUTHOR,
    "fandom": NameField.FANDOM, "fandoms": NameField.FANDOM,
    "character": NameField.CHARACTER, "characters": NameField.CHARACTER,
    "char": NameField.CHARACTER,
    "ship": NameField.RELATIONSHIP, "ships": NameField.RELATIONSHIP,
    "pairing": NameField.RELATIONSHIP, "pairings": NameField.RELATIONSHIP,
    "relationship": NameField.RELATIONSHIP, "relationships": NameField.RELATIONSHIP,
    "tag": NameField.TAG, "tags": NameField.TAG, "freeform": NameField.TAG,
    "freeforms": NameField.TAG,
    "warning": NameField.WARNING, "warnings": NameField.WARNING,
    "category": NameField.CATEGORY, "categories": NameField.CATEGORY,
    "series": NameField.SERIES,
}  # fmt: skip
_OTHERS = {
    "title": "title", "rating": "rating", "rated": "rating", "words": "words",
    "length": "words", "wordcount": "words", "word_count": "words",
    "status": "status", "complete": "complete",
    "crossover": "crossover", "crossovers": "crossover", "lang": "lang", "language": "lang",
    "updated": "updated", "published": "published", "added": "added", "sort": "sort",
    "order": "sort",
}  # fmt: skip
# What each may say, for a note on a value that is none.
_MAY_BE = {
    "rating": "general, teen, mature, explicit or “not rated”, perhaps with < or >",
    "words": "a length like <5k, 10k-50k or >100k",
    "status": "complete, “in progress” or unknown",
    "complete": "yes or no",
    "crossover": "yes or no",
    "lang": "a language like en or français",
    "updated": "a time like <30d, 2024 or >2024-05-01",
    "published": "a time like <30d, 2024 or >2024-05-01",
    "added": "a time like <30d, 2024 or >2024-05-01",
    "sort": "best, title, author, added, updated or words",
    "title": "some words",
}
SORTS = {
    "best": Sort.BEST, "relevance": Sort.BEST, "match": Sort.BEST, "title": Sort.TITLE,
    "author": Sort.AUTHOR, "added": Sort.ADDED, "newest": Sort.ADDED, "new": Sort.ADDED,
    "updated": Sort.UPDATED, "date": Sort.UPDATED, "words": Sort.WORDS, "length": Sort.WORDS,
    "longest": Sort.WORDS, **{sort.value: sort for sort in Sort},
}  # fmt: skip

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
_TOKEN = re.compile(
    r"""(?P<open>\()|(?P<close>\))
    |(?P<or>(?:OR|\|\|?)(?=[\s()]|$))
    |(?P<and>(?:AND|&&)(?=[\s()]|$))
    |(?P<not>NOT(?=[\s(])|[-!\N{MINUS SIGN}](?=["(\w]))
    |(?P<field>[A-Za-z_]{2,13}):(?P<gap>\s*)
    |"(?P<phrase>[^"]*)"
    |(?P<word>[^\s"()]+)
    |(?P<stray>")""",
    re.VERBOSE,
)
# A filter's value: quoted, or up to the next space; a comparison may stand apart from it.
_VALUE = re.compile(r'(?:(?:<=|>=|<|>|≤|≥|=)\s*)?(?:"(?P<quoted>[^"]*)"|[^\s"()]+)')
_CATEGORIES = frozenset(one.value.casefold() for one in Category if "/" in one.value)
_PAIRING_MARKS = frozenset("x×/&")
_SHIP = re.compile(r"[^\W\d_][^/\s]*(?:/[^/\s]+)+")  # spike/buffy
_AUTHOR = re.compile(r"\s+(?!(?:OR|AND|NOT)\b)(?P<name>\w[^\s\"():*]*)(?=[\s)]|$)")  # by vixen
_BEFORE_FILTERS = "(-!\N{MINUS SIGN}"  # what a filter's name may follow directly
_FIELDS = "|".join(sorted({*_NAMES, *_OTHERS}, key=len, reverse=True))
_LAST_FIELD = re.compile(
    rf'(?:^|(?<=[\s(]))-?(?P<field>{_FIELDS}):\s*(?:"(?P<quoted>[^"]*)|(?P<bare>[^\s":]?[^":]*))$',
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word as typed; `vamp*` stands for all that begin so.

    It was meant for something else where it `is_slip`: the value of a filter that has no such.
    """

    text: str
    is_slip: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that must stand as they are, next to each other; only in the title if so asked."""

    text: str
    in_title: bool = False


@dataclass(frozen=True, slots=True)
class Name:
    """A name that a work must have. An unquoted one may go on in the words that follow it.

    What was typed is perhaps no name after all where it `is_guess`: `spike/buffy`, `by vixen`.
    """

    field: NameField
    text: str
    typed: str
    is_quoted: bool = False
    is_guess: bool = False


Term = Word | Phrase | Name
Leaf = Term | Restriction
Clauses = list[tuple[tuple[Leaf, bool], ...]]  # an OR of ANDs; True marks what must not be


@dataclass(frozen=True, slots=True)
class Clause:
    """One alternative: its terms as typed, True marking what must not be, and plain filters.

    `filters` is None where no work can fit, such as two ratings at once.
    """

    terms: tuple[tuple[Term, bool], ...] = ()
    filters: Filters | None = field(default_factory=Filters)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A query as read: its alternatives, its order, and what was not understood, in sentences."""

    clauses: tuple[Clause, ...]
    sort: Sort | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Completing:
    """A filter whose value is being typed at the end of a query.

    `head` is all before the value, such as `spike -tag:`; `value` what there is of it, without
    quotation marks. An unquoted value may have run on into plain words: no name may fit it.
    """

    head: str
    field: str
    value: str


def parse(text: str, today: date) -> Parsed:
    """Read a query. Never fails; at most `QUERY_CHARS` of it are read."""
    text = text[:QUERY_CHARS].translate(_QUOTES)
    reader = _Reader(text, today)
    clauses = reader.read()
    if clauses is None:
        words = tuple((Word(word), False) for word in re.findall(r"[^\s()\"]+", text))
        return Parsed((Clause(words),), None, ("That has too many alternatives; all words count.",))
    if len(clauses) == 1:
        clauses = [_pairing(clauses[0])]
    if any(
        excluded and isinstance(leaf, Restriction) and leaf.negated is None
        for literals in clauses
        for leaf, excluded in literals
    ):
        reader.notes.append("A range cannot be turned round by “-”; that was left out.")
    made = tuple(_clause(literals) for literals in clauses)
    return Parsed(made or (Clause(),), reader.sort, tuple(dict.fromkeys(reader.notes)))


def completing(text: str) -> Completing | None:
    """The filter whose value stands unfinished at the end of a query; None: plain words."""
    text = text[:QUERY_CHARS].translate(_QUOTES)
    match = _LAST_FIELD.search(text)
    if match is None or text[: match.start()].count('"') % 2:
        return None
    value = match["quoted"] if match["quoted"] is not None else match["bare"]
    head = text[: match.end() - len(value)].removesuffix('"')
    named = _NAMES.get(match["field"].lower())
    return Completing(head, named.value if named else _OTHERS[match["field"].lower()], value)


class _TooMany(Exception):
    """More alternatives than are worth a search each."""


class _Reader:
    """Reads one query from left to right."""

    def __init__(self, text: str, today: date) -> None:
        self.sort: Sort | None = None
        self.notes: list[str] = []
        self._text = text
        self._today = today
        self._at = 0
        # TO BE OR NOT TO BE, in capitals throughout, is a title.
        self._has_operators = text.upper() != text

    def read(self) -> Clauses | None:
        """The whole query as alternatives; None if they are too many."""
        try:
            clauses: Clauses = [()]
            while self._at < len(self._text):
                clauses = _all_of([clauses, self._group(0)])
        except _TooMany:
            return None
        return [clause for clause in clauses if clause] or [()]

    def _group(self, depth: int) -> Clauses:
        """What stands up to the next closing parenthesis or the end."""
        parts: list[Clauses] = []
        joins = False  # an OR was read, and waits for what follows
        for kind, match in self._tokens():
            if kind == "close":
                if depth:
                    break
                continue
            if kind == "or":
                if parts:
                    joins = True
                else:
                    parts.append([((Word(match[0]), False),)])
                continue
            part = self._part(kind, match, depth)
            if part is None:
                continue
            if joins:
                part = _checked([*parts.pop(), *part])
                joins = False
            parts.append(part)
        if joins:
            self.notes.append("There is nothing after OR.")
        return _all_of(parts)

    def _part(self, kind: str, match: re.Match[str], depth: int) -> Clauses | None:
        if kind == "not":
            follows = next(self._tokens(), None)
            if follows is None or follows[0] in ("close", "or", "and"):
                return None
            part = self._part(*follows, depth)
            return None if part is None else _negated(part)
        if kind == "open":
            return self._group(depth + 1) if depth < DEEPEST else None
        if kind == "field":
            return self._field(match)
        if kind == "phrase":
            return [((Phrase(match["phrase"]), False),)] if match["phrase"].strip() else None
        if kind == "word":
            word = match["word"]
            if word.lower() == "by" and (author := _AUTHOR.match(self._text, self._at)):
                self._at = author.end()
                name = author["name"]
                return [((Name(NameField.AUTHOR, name, f"{word} {name}", is_guess=True), False),)]
            if word.casefold() in _CATEGORIES:
                return [((Name(NameField.CATEGORY, word, word, is_guess=True), False),)]
            if _SHIP.fullmatch(word):
                return [((Name(NameField.RELATIONSHIP, word, word, is_guess=True), False),)]
            return [((Word(word), False),)]
        if kind == "stray":
            self.notes.append("A quotation mark is not closed.")
        return None

    def _tokens(self) -> Iterator[tuple[str, re.Match[str]]]:
        while self._at < len(self._text):
            if self._text[self._at].isspace():
                self._at += 1
                continue
            match = _TOKEN.match(self._text, self._at)
            if match is None:  # a character that begins nothing
                self._at += 1
                continue
            kind = next(name for name in match.groupdict() if match[name] is not None)
            if kind in ("or", "and", "not", "field") and not self._is_meant(kind, match):
                kind, match = "word", _whole_word(self._text, self._at)
            self._at = match.end()
            yield kind, match

    def _is_meant(self, kind: str, match: re.Match[str]) -> bool:
        """Whether what looks like an operator is one: within a word, a minus is a hyphen."""
        before = self._text[self._at - 1] if self._at else " "
        if kind == "field" and match["field"].lower() not in _NAMES | _OTHERS:
            return False
        edges = _BEFORE_FILTERS if kind == "field" else "("
        if kind in ("not", "field") and not (before.isspace() or before in edges):
            return False
        return kind == "field" or not match[0].isalpha() or self._has_operators

    def _field(self, match: re.Match[str]) -> Clauses | None:
        field, is_apart = match["field"].lower(), bool(match["gap"])
        value = _VALUE.match(self._text, self._at)
        if value is None:  # "Star Wars:" is a title
            return [((Word(match["field"]), False),)]
        self._at = value.end()
        quoted = value["quoted"]
        typed = value[0].replace('"', "") if quoted is not None else value[0]
        leaf = self._leaf(field, typed, quoted is not None, is_apart, match["field"])
        if leaf is not None:
            return [((leaf, False),)]
        if self._is_sort(field):
            return None
        note = f"“{match['field']}:{typed[:SHOWN_CHARS]}” was searched as words"
        self.notes.append(f"{note}: it takes {_MAY_BE[_OTHERS[field]]}.")
        words = [match["field"], *typed.split()] if is_apart else typed.split()
        return [tuple((Word(word, is_slip=True), False) for word in words)]

    def _is_sort(self, field: str) -> bool:
        return _OTHERS.get(field) == "sort" and self.sort is not None

    def _leaf(
        self, field: str, typed: str, is_quoted: bool, is_apart: bool, name: str
    ) -> Leaf | None:
        if field in _NAMES:
            whole = f"{name} {typed}" if is_apart else typed
            return Name(_NAMES[field], typed, whole, is_quoted, is_guess=is_apart)
        if _OTHERS[field] == "title":
            return Phrase(typed, in_title=True) if typed.strip() else None
        if _OTHERS[field] == "sort":
            self.sort = SORTS.get(typed.strip().casefold(), self.sort)
            return None
        return restriction(_OTHERS[field], typed, self._today)


def _pairing(literals: tuple[tuple[Leaf, bool], ...]) -> tuple[tuple[Leaf, bool], ...]:
    """`spike spiegel x faye` as the relationship that it may be; all else as it is."""
    words = [
        leaf.text
        for leaf, excluded in literals
        if isinstance(leaf, Word) and not excluded and not leaf.is_slip
    ]
    marks = [at for at, word in enumerate(words) if word.lower() in _PAIRING_MARKS]
    if len(words) < len(literals) or len(marks) != 1 or marks[0] in (0, len(words) - 1):
        return literals
    text = " ".join(words)
    return ((Name(NameField.RELATIONSHIP, text, text, is_guess=True), False),)


def _whole_word(text: str, at: int) -> re.Match[str]:
    match = re.compile(r'(?P<word>[^\s"()]+)').match(text, at)
    assert match is not None
    return match


def _all_of(parts: Sequence[Clauses]) -> Clauses:
    """What fits every part, multiplied out."""
    whole: Clauses = [()]
    for part in parts:
        if part:
            whole = _checked([(*left, *right) for left, right in product(whole, part)])
    return whole


def _negated(clauses: Clauses) -> Clauses:
    """What fits none of the alternatives."""
    parts: list[Clauses] = [
        [((leaf, not excluded),) for leaf, excluded in clause] for clause in clauses if clause
    ]
    return _all_of(parts)


def _checked(clauses: Clauses) -> Clauses:
    if len(clauses) > MOST_CLAUSES:
        raise _TooMany
    return clauses


def _clause(literals: Sequence[tuple[Leaf, bool]]) -> Clause:
    terms: list[tuple[Term, bool]] = []
    filters: Filters | None = Filters()
    for leaf, excluded in literals:
        if not isinstance(leaf, Restriction):
            terms.append((leaf, excluded))
            continue
        wanted = leaf.negated if excluded else leaf.filters
        # What cannot be turned round (not from 5k to 10k) is left alone rather than guessed.
        if wanted is not None and filters is not None:
            filters = both(filters, wanted)
    return Clause(tuple(terms), filters)
