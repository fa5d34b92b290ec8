"""From a query as read to what is searched for: words, and names looked up in the library.

A name that means nothing here is searched as words, so that a slip never ends in an empty page.
"""

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from db.models import Filters
from db.search.filters import Asked, Held
from db.search.language import SHOWN_CHARS, Clause, Name, Phrase, Term, Word
from db.search.little import STOP_WORDS
from db.search.names import Meant, exactly, meant
from db.search.normalise import normalise
from db.search.restrictions import both
from db.search.values import read_word_range
from db.vocabulary import STATUSES

MOST_WORDS = 24  # that are searched for
MOST_CHARS = 100  # nobody remembers more of a title, and ranking is quadratic in it
# What members call everything here; it tells nothing, unless a title or a name has it.
_NOISE = frozenset({"fic", "fics", "fanfic", "fanfics", "fanfiction", "story", "stories"})
_READ_AS_FILTERS = "No title or name has those words, so status and length were read as filters."
GOES_ON = 6  # words that an unquoted name may go on in


@dataclass(slots=True)
class Bound:
    """One alternative of a query, ready to be searched for.

    `words` are folded, in the order typed; `prefixes` are the places of those that stand for
    all words that begin so. `corrections` tell of names that works which may not be shown
    perhaps alone have. What was taken for a name may have been plain words (`plain`); and
    where nothing is found, `looser` asks for less: phrases become words, and names that mean
    nothing here are left out.
    """

    filters: Filters
    words: list[str] = field(default_factory=list[str])
    prefixes: set[int] = field(default_factory=set[int])
    asked: list[Asked] = field(default_factory=list[Asked])
    held: list[Held] = field(default_factory=list[Held])
    notes: list[str] = field(default_factory=list[str])
    corrections: list[str] = field(default_factory=list[str])  # notes, where they may be shown
    plain: "Bound | None" = None
    looser: "Bound | None" = None


def bind(conn: sqlite3.Connection, guild_id: int, clause: Clause, filters: Filters) -> Bound:
    """Look up an alternative's names. `filters` are its own and the options', put together."""

    def bound(*, guessing: bool, loose: bool = False) -> _Binder:
        terms, more = _plainly_said(clause.terms) if loose else (clause.terms, Filters())
        wanted = both(filters, more) or filters
        binder = _Binder(conn, guild_id, terms, Bound(wanted), guessing, loose)
        if more != Filters():
            binder.bound.notes.append(_READ_AS_FILTERS)
        binder.bind()
        return binder

    first = bound(guessing=True)
    guesses = any(isinstance(term, Name) and term.is_guess for term, _ in clause.terms)
    if guesses:
        first.bound.plain = bound(guessing=False).bound
    left, more = _plainly_said(clause.terms)
    if first.is_strict or more != Filters() or (left and len(left) < len(clause.terms)):
        first.bound.looser = bound(guessing=True, loose=True).bound
    return first.bound


@dataclass(slots=True)
class _Binder:
    conn: sqlite3.Connection
    guild_id: int
    terms: Sequence[tuple[Term, bool]]
    bound: Bound
    guessing: bool
    loose: bool
    is_strict: bool = False  # something could be asked for less strictly

    def bind(self) -> None:
        """Go through the terms."""
        at = 0
        while at < len(self.terms):
            term, excluded = self.terms[at]
            at += 1
            if isinstance(term, Name):
                if term.is_guess and not self.guessing:
                    self._add_words(term.typed)
                else:
                    at += self._name(term, excluded, self.terms[at:])
            elif isinstance(term, Phrase) or excluded:
                self._held(term, excluded)
            elif not (term.is_slip and self.loose):
                self.is_strict = self.is_strict or term.is_slip
                self._add_words(term.text)

    def _add_words(self, text: str) -> None:
        for word in normalise(text).split():
            room = MOST_CHARS - sum(len(one) + 1 for one in self.bound.words)
            if room > 0 and len(self.bound.words) < MOST_WORDS:
                self.bound.words.append(word[:room])
        if text.endswith("*") and len(text) > 1 and self.bound.words:
            self.bound.prefixes.add(len(self.bound.words) - 1)

    def _held(self, term: Word | Phrase, excluded: bool) -> None:
        words = normalise(term.text)
        if not words:
            return
        in_title = isinstance(term, Phrase) and term.in_title
        if self.loose and not excluded:
            self.bound.notes.append("Nothing has exactly those words; these come near.")
        else:
            self.bound.held.append(Held(words, in_title, excluded))
        if not excluded:
            self.is_strict = True
            self._add_words(term.text)

    def _name(self, name: Name, excluded: bool, after: Sequence[tuple[Term, bool]]) -> int:
        """Look up a name, and tell how many of the words after it were part of it."""
        found, used = self._longest(name, after)
        if found:
            self.bound.asked.append(Asked(found, excluded))
            # What an excluded name was read as might be a name that only hidden works have.
            if found.corrected and not excluded:
                self.bound.corrections.append(
                    f"“{_shown(name.text)}” was read as “{found.corrected}”."
                )
            return used
        self.is_strict = self.is_strict or not (name.is_guess or excluded)
        if not name.is_guess:
            what = f"There is no {name.field.value} like “{_shown(name.text)}” here"
            rest = "" if excluded or self.loose else ", so that was searched as words"
            self.bound.notes.append(f"{what}{rest}.")
        if not excluded and (name.is_guess or not self.loose):
            self._add_words(name.typed)
        return 0

    def _longest(self, name: Name, after: Sequence[tuple[Term, bool]]) -> tuple[Meant, int]:
        """What the name means: with as many of the words after it as make a whole name."""
        if not name.is_quoted:
            follows: list[str] = []
            for term, excluded in after[:GOES_ON]:
                if excluded or not isinstance(term, Word):
                    break
                follows.append(term.text)
            for count in range(len(follows), 0, -1):
                longer = " ".join([name.text, *follows[:count]])
                if found := exactly(self.conn, self.guild_id, name.field, longer):
                    return found, count
        if name.is_guess and normalise(name.text) in STOP_WORDS:  # "stand by the"
            return Meant(), 0
        whole = name.is_quoted or bool(re.search(r"[^\w]", name.text))
        return meant(self.conn, self.guild_id, name.field, name.text, whole=whole), 0


def _plainly_said(
    terms: Sequence[tuple[Term, bool]],
) -> tuple[Sequence[tuple[Term, bool]], Filters]:
    """The terms without "fic", "complete", "wip" and "under 5k words", and these as filters."""
    left: list[tuple[Term, bool]] = []
    filters = Filters()
    at = 0
    while at < len(terms):
        words = [
            term.text.casefold()
            for term, excluded in terms[at : at + 3]
            if isinstance(term, Word) and not excluded
        ]
        here = words[0] if len(words) > 0 and isinstance(terms[at][0], Word) else ""
        if here in _NOISE:
            at += 1
            continue
        length = read_word_range(" ".join(words[:2])) if here in ("under", "over") else None
        if here in STATUSES:
            filters, at = replace(filters, statuses=(STATUSES[here],)), at + 1
        elif length is not None:
            filters = replace(filters, words=length)
            at += 3 if words[2:] == ["words"] else 2
        else:
            left.append(terms[at])
            at += 1
    return left, filters


def _shown(text: str) -> str:
    return text if len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]}…"
