"""What a quote may be meant for, and the chapters that say it.

A reading is one way to take the words that were asked for, with the index's queries for it. The
plainest come first; what finds something ends the search. What may not be quoted, or not be
shown to the viewer, is left out inside the queries, so that counts and pages are true.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product

from db.models import Filters, Hidden, QuoteMatch, Viewer
from db.search.bodies import BREAK_WORDS, Slots, any_of, near, phrase
from db.search.consent import QUOTABLE
from db.search.documents import docid_range, shard_of
from db.search.filters import condition

MOST_WORDS = 40  # of a quote
MOST_ROWS = 1000  # chapters found by one query; nobody turns more pages
APART_WORDS = 25  # "near each other" is a few sentences: so many words besides those asked for
assert APART_WORDS + MOST_WORDS < BREAK_WORDS

PHRASE_WORDS = 3  # of the parts by which a longer quote with a wrong word is found
LONG_ENOUGH_FOR_PHRASES = 6
MOST_PHRASES = 12
MOST_PART_ROWS = 3000  # of each part; one that so many chapters hold tells little
MOST_CORRECTED = 3  # words of one quote
CORRECTIONS = 12  # of one word
MOST_COMBINED = 24
LEFT_OUT_OF = 8  # words of which one may be another in the story

# How much of a quote has to stand there, by weight: all of it, but for the loosest readings.
ALL, MOST = 0.999, 0.6
# A word that is everywhere tells little, and is the first that memory gets wrong.
LITTLE_WEIGHT = 0.25
LITTLE_WORDS = frozenset(
    "a about again all am an and any are as at be been but by can could did do for from get got "  # noqa: SIM905 (reads better)
    "had has have he her him his how i if im in into is it its just like me my no not now of off "
    "oh on one or our out over she so some than that the their them then there they this to too "
    "up us was we well were what when which who will with would you your".split()
)
WEIGHTS: dict[str, float] = dict.fromkeys(LITTLE_WORDS, LITTLE_WEIGHT)

_ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyz",
    "абвгдежзиклмнопрстуфхцчшщъыьэюя",
    "αβγδεζηθικλμνξοπρστυφχψω",
)
_JOINED = (
    "CROSS JOIN chapters AS c ON c.chapter_id = b.docid - :base "
    "CROSS JOIN works AS w ON w.work_id = c.work_id"
)
_MATCHING = "MATCH {} AND rowid BETWEEN :low AND :high"


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to take what was asked: the index's queries for it, and its words.

    Of several queries a chapter need match one; those that match more come first. `least` is
    the share of the words that has to stand in the chapter after all.
    """

    match: QuoteMatch
    queries: tuple[str, ...]
    slots: Slots
    least: float = ALL

    @property
    def apart(self) -> int:
        """Among how many words those that are not in a row are looked for."""
        return APART_WORDS + 2 * len(self.slots)


@dataclass(frozen=True, slots=True)
class Row:
    """A chapter that matches; `position` is from 0."""

    chapter_id: int
    work_id: int
    position: int
    words: int


@dataclass(frozen=True, slots=True)
class Scope:
    """Where to look, and what of it may be shown, as SQL conditions on `works AS w`."""

    conn: sqlite3.Connection
    shown: str
    hidden: str
    adult: str
    parameters: dict[str, object]

    @classmethod
    def of_server(cls, conn: sqlite3.Connection, guild_id: int, viewer: Viewer) -> "Scope":
        """All that a viewer may find."""
        rules = condition(conn, guild_id, Filters(), viewer)
        low, high = docid_range(shard_of(conn, guild_id))
        return cls(
            conn,
            shown=f"{rules.shown} AND {QUOTABLE}",
            hidden="0"
            if rules.adult == rules.muted == "0"
            else f"{rules.asked} AND ({rules.adult} OR {rules.muted}) AND {QUOTABLE}",
            adult=rules.adult,
            parameters={**rules.parameters, "base": low, "low": low, "high": high},
        )

    @classmethod
    def of_work(cls, conn: sqlite3.Connection, guild_id: int, work_id: int) -> "Scope":
        """One work, which the viewer was found to be allowed."""
        base, _ = docid_range(shard_of(conn, guild_id))
        first, last = conn.execute(
            "SELECT ifnull(min(chapter_id), 0), ifnull(max(chapter_id), 0) FROM chapters "
            "WHERE work_id = ?",
            (work_id,),
        ).fetchone()
        return cls(
            conn,
            shown="w.work_id = :work AND w.guild_id = :guild AND w.state = 'published' "
            f"AND {QUOTABLE}",
            hidden="0",
            adult="0",
            parameters={
                "work": work_id, "guild": guild_id,
                "base": base, "low": base + first, "high": base + last,
            },
        )  # fmt: skip

    def rows(self, queries: Sequence[str], most: int = MOST_ROWS) -> list[Row]:
        """Chapters that match one of the queries and may be shown."""
        parameters = self.parameters | {"most": most, "most_each": MOST_PART_ROWS}
        parameters |= {f"match{at}": query for at, query in enumerate(queries)}
        if len(queries) == 1:
            matching = (
                "SELECT rowid AS docid, 1 AS parts FROM search_bodies "
                f"WHERE search_bodies {_MATCHING.format(':match0')} ORDER BY rowid"
            )
            order = ""
        else:
            each = " UNION ALL ".join(
                "SELECT * FROM (SELECT rowid AS docid FROM search_bodies "
                f"WHERE search_bodies {_MATCHING.format(f':match{at}')} LIMIT :most_each)"
                for at in range(len(queries))
            )
            matching = f"SELECT docid, count(*) AS parts FROM ({each}) GROUP BY docid"
            order = "ORDER BY b.parts DESC, b.docid"
        return [
            Row(*row)
            for row in self.conn.execute(
                f"SELECT c.chapter_id, c.work_id, c.position, c.words FROM ({matching}) AS b "
                f"{_JOINED} WHERE {self.shown} {order} LIMIT :most",
                parameters,
            )
        ]

    def left_out(self, queries: Sequence[str]) -> Hidden:
        """How many works match the query and are left out; none for several queries, which are
        too loose to count by."""
        if self.hidden == "0" or len(queries) > 1:
            return Hidden()
        reasons = dict(
            self.conn.execute(
                f"SELECT DISTINCT c.work_id, {self.adult} FROM (SELECT rowid AS docid "
                f"FROM search_bodies WHERE search_bodies {_MATCHING.format(':match')}) AS b "
                f"{_JOINED} WHERE {self.hidden} LIMIT :most",
                self.parameters | {"match": queries[0], "most": MOST_ROWS},
            ).fetchall()
        )
        adult = sum(map(bool, reasons.values()))
        return Hidden(adult=adult, muted=len(reasons) - adult)

    def holds(self, word: str) -> bool:
        """Whether the word stands in any chapter here."""
        found = self.conn.execute(
            f"SELECT 1 FROM search_bodies WHERE search_bodies {_MATCHING.format(':match')} LIMIT 1",
            {**self.parameters, "match": phrase([word])},
        )
        return found.fetchone() is not None


def readings(scope: Scope, words: Sequence[str]) -> Iterator[Reading]:
    """The ways to take a quote, from the plainest on."""
    exact = tuple((word,) for word in words)
    yield Reading(QuoteMatch.EXACT, (phrase(words),), exact)
    telling = [word for word in dict.fromkeys(words) if word not in LITTLE_WORDS]
    if len(set(words)) > 1:
        yield Reading(QuoteMatch.NEAR, (_near(words),), exact)
    if 1 < len(telling) < len(set(words)):
        yield Reading(QuoteMatch.NEAR, (_near(telling),), exact, MOST)
    known = {word for word in dict.fromkeys(words) if scope.holds(word)}
    yield from _corrected(scope, words, known)
    if known.issuperset(words) and len(words) < LONG_ENOUGH_FOR_PHRASES:
        yield from _doubted(scope, words)
    if len(words) >= LONG_ENOUGH_FOR_PHRASES and (parts := _parts(words, known)):
        yield Reading(QuoteMatch.MISTYPED, parts, exact, MOST)
    if fewer := _fewer(telling, known):
        yield Reading(QuoteMatch.MISTYPED, fewer, exact, MOST)


def _corrected(scope: Scope, words: Sequence[str], known: set[str]) -> Iterator[Reading]:
    """Words that stand nowhere, taken for words that do."""
    unknown = [word for word in dict.fromkeys(words) if word not in known]
    if not 0 < len(unknown) <= MOST_CORRECTED:
        return
    meant: dict[str, tuple[str, ...]] = {}
    for word in unknown:
        meant[word] = tuple(islice(_corrections(scope, word), CORRECTIONS))
        if not meant[word]:
            return
    slots = [meant.get(word, (word,)) for word in words]
    combined = islice(product(*(meant[word] for word in unknown)), MOST_COMBINED)
    read = [[dict(zip(unknown, each, strict=True)).get(w, w) for w in words] for each in combined]
    yield Reading(QuoteMatch.MISTYPED, (any_of(map(phrase, read)),), slots)
    if len(set(words)) > 1:
        yield Reading(QuoteMatch.MISTYPED, (any_of(map(_near, read)),), slots, MOST)


def _doubted(scope: Scope, words: Sequence[str]) -> Iterator[Reading]:
    """A word taken for another one, though it stands here too: "form" for "from"."""
    read: list[list[str]] = []
    meant: list[tuple[str, ...]] = []
    for at, word in enumerate(words):
        others = tuple(islice(_corrections(scope, word), CORRECTIONS))
        read += [[*words[:at], other, *words[at + 1 :]] for other in others]
        meant.append((word, *others))
    if read and len(words) > 1:
        yield Reading(QuoteMatch.MISTYPED, (any_of(map(phrase, read)),), meant)


def _corrections(scope: Scope, word: str) -> Iterator[str]:
    """Words here that are one slip away, the likelier slips first; some 450 quick looks."""
    if len(word) < 3 or word.isdigit():
        return
    letters = next((each for each in _ALPHABETS if each[0] <= word[-1] <= each[-1]), "")
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    swapped = [a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1]
    shorter = [a + b[1:] for a, b in cuts if b]
    longer = [a + letter + b for a, b in cuts for letter in letters]
    other = [a + letter + b[1:] for a, b in cuts if b for letter in letters]
    for form in dict.fromkeys((*swapped, *shorter, *longer, *other)):
        if form != word and scope.holds(form):
            yield form


def _parts(words: Sequence[str], known: set[str]) -> tuple[str, ...]:
    """Parts of a quote, each enough to find it by; those of long words, which are rarer."""
    every = [tuple(words[at : at + PHRASE_WORDS]) for at in range(len(words) - PHRASE_WORDS + 1)]
    telling = [
        part
        for part in dict.fromkeys(every)
        if known.issuperset(part) and not LITTLE_WORDS.issuperset(part)
    ]
    telling.sort(key=lambda part: -sum(len(word) for word in part if word not in LITTLE_WORDS))
    return tuple(map(phrase, telling[:MOST_PHRASES]))


def _fewer(telling: Sequence[str], known: set[str]) -> tuple[str, ...]:
    """Queries for the telling words without those that stand nowhere; or, where all do stand
    here, without any one of them."""
    here = [word for word in telling if word in known]
    if len(here) < len(telling):
        return (_near(here),) if len(here) > 1 else ()
    if len(here) < 3:
        return ()
    longest = sorted(here, key=len, reverse=True)[:LEFT_OUT_OF]
    return tuple(_near([word for word in longest if word != left_out]) for left_out in longest)


def _near(words: Sequence[str]) -> str:
    return near(dict.fromkeys(words), APART_WORDS + len(words))
