"""Finding passages: which work says this, and where in it.

The words in a row first, then near each other, then as they may have been meant. Whatever stage
finds something ends the search. Works that may not be quoted, or not shown to the viewer, are
left out inside the queries, so that counts and pages are true.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice, product, zip_longest

from db.errors import BadInput
from db.models import Excerpt, Filters, Hidden, QuoteAnswer, QuoteHit, QuoteMatch, Viewer
from db.passages import (
    Found,
    Slots,
    around,
    locate,
    most_alike,
    paragraphs_around,
    shown,
)
from db.search import bodies
from db.search.documents import docid_range, shard_of
from db.search.filters import condition
from db.texts import tidy
from db.works import load_works

MOST_CHARS = 200  # of what is asked for; a passage of 900 has room for it and its neighbours
MOST_WORDS = 40
MOST_ROWS = 1000  # chapters found by one query; nobody turns more pages
RANKED = 24  # chapters looked into for the nearest
RANKED_WORDS = 600_000  # and their words: some 200 ms of looking
APART_WORDS = 25  # "near each other" is a few sentences: so many words besides those asked for
assert APART_WORDS + MOST_WORDS < bodies.BREAK_WORDS

PHRASE_WORDS = 3  # of the parts by which a longer quote with a wrong word is found
LONG_ENOUGH_FOR_PHRASES = 6
MOST_PHRASES = 12
MOST_PHRASE_ROWS = 3000
MOST_CORRECTED = 3  # words of one quote
CORRECTIONS = 12  # of one word
MOST_COMBINED = 24
LEFT_OUT_OF = 8
FALLBACK_CHAPTERS = 4

# How much of a quote has to stand there, by weight: all of it, but for the loosest stages.
ALL, MOST = 0.999, 0.6
# A word that is everywhere tells little, and is the first that memory gets wrong.
LITTLE_WEIGHT = 0.25
LITTLE_WORDS = frozenset(
    "a about again all am an and any are as at be been but by can could did do for from get got "  # noqa: SIM905 (reads better)
    "had has have he her him his how i if im in into is it its just like me my no not now of off "
    "oh on one or our out over she so some than that the their them then there they this to too "
    "up us was we well were what when which who will with would you your".split()
)
_WEIGHTS: dict[str, float] = dict.fromkeys(LITTLE_WORDS, LITTLE_WEIGHT)

_ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyz",
    "абвгдежзиклмнопрстуфхцчшщъыьэюя",
    "αβγδεζηθικλμνξοπρστυφχψω",
)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to take what was asked: the index's queries for it, and its words.

    Of several queries a chapter need match one; those that match more come first. `least` is
    the share of the words that has to stand in the chapter after all.
    """

    match: QuoteMatch
    queries: tuple[str, ...]
    slots: Slots
    least: float = ALL


@dataclass(frozen=True, slots=True)
class _Row:
    chapter_id: int
    work_id: int
    position: int
    words: int


@dataclass(frozen=True, slots=True)
class _Place:
    """A chapter in which the words were looked up."""

    row: _Row
    text: str
    found: Found


class _Scope:
    """Where to look: one server's works, as they may be shown, or one work."""

    def __init__(
        self,
        conn: sqlite3.Connection,
        guild_id: int,
        viewer: Viewer | None,
        work_id: int | None,
    ) -> None:
        """Without a viewer, the work is one that was found showable already."""
        shard_no = shard_of(conn, guild_id)
        low, high = docid_range(shard_no)
        base = low
        self._conn = conn
        self._asked = f"w.guild_id = :guild AND w.state = 'published' AND {bodies.QUOTABLE}"
        self._hidden = self._adult = "0"
        self._shown = self._asked
        self._parameters: dict[str, object] = {"guild": guild_id}
        if viewer is not None:
            rules = condition(conn, guild_id, Filters(), viewer)
            self._asked = f"{rules.asked} AND {bodies.QUOTABLE}"
            self._shown = f"{rules.shown} AND {bodies.QUOTABLE}"
            self._adult = rules.adult
            if rules.adult != "0" or rules.muted != "0":
                self._hidden = f"({rules.adult} OR {rules.muted})"
            self._parameters.update(rules.parameters)
        if work_id is not None:
            first, last = conn.execute(
                "SELECT min(chapter_id), max(chapter_id) FROM chapters WHERE work_id = ?",
                (work_id,),
            ).fetchone()
            low, high = base + (first or 0), base + (last or 0)
            for rule in ("_asked", "_shown"):
                setattr(self, rule, f"{getattr(self, rule)} AND w.work_id = :work")
            self._parameters["work"] = work_id
        self._parameters |= {"base": base, "low": low, "high": high}

    def rows(self, queries: Sequence[str], most: int = MOST_ROWS) -> list[_Row]:
        """Chapters that match one of the queries and may be shown."""
        parameters = self._parameters | {"most": most}
        if len(queries) == 1:
            parameters["match"] = queries[0]
            found = "search_bodies AS b CROSS JOIN chapters AS c ON c.chapter_id = b.rowid - :base"
            matching = "b.search_bodies MATCH :match AND b.rowid BETWEEN :low AND :high AND"
            order = ""
        else:
            parameters |= {f"match{at}": query for at, query in enumerate(queries)}
            parameters["most_each"] = MOST_PHRASE_ROWS
            each = " UNION ALL ".join(
                f"SELECT * FROM (SELECT rowid FROM search_bodies WHERE search_bodies MATCH "
                f":match{at} AND rowid BETWEEN :low AND :high LIMIT :most_each)"
                for at in range(len(queries))
            )
            found = (
                f"(SELECT rowid AS docid, count(*) AS parts FROM ({each}) GROUP BY rowid) AS b "
                "CROSS JOIN chapters AS c ON c.chapter_id = b.docid - :base"
            )
            matching, order = "", "ORDER BY b.parts DESC, b.docid"
        return [
            _Row(*row)
            for row in self._conn.execute(
                f"SELECT c.chapter_id, c.work_id, c.position, c.words FROM {found} "
                "CROSS JOIN works AS w ON w.work_id = c.work_id "
                f"WHERE {matching} {self._shown} {order} LIMIT :most",
                parameters,
            )
        ]

    def hidden(self, queries: Sequence[str]) -> Hidden:
        """How many works match the query and are left out; 0 for several queries, which are
        too loose to count by."""
        if self._hidden == "0" or len(queries) > 1:
            return Hidden()
        reasons = dict(
            self._conn.execute(
                f"SELECT DISTINCT c.work_id, {self._adult} FROM search_bodies AS b "
                "CROSS JOIN chapters AS c ON c.chapter_id = b.rowid - :base "
                "CROSS JOIN works AS w ON w.work_id = c.work_id "
                "WHERE b.search_bodies MATCH :match AND b.rowid BETWEEN :low AND :high "
                f"AND {self._asked} AND {self._hidden} LIMIT :most",
                self._parameters | {"match": queries[0], "most": MOST_ROWS},
            ).fetchall()
        )
        adult = sum(map(bool, reasons.values()))
        return Hidden(adult=adult, muted=len(reasons) - adult)

    def holds(self, words: Sequence[str]) -> set[str]:
        """Which of the words stand in any chapter here."""
        known: set[str] = set()
        for word in words:
            row = self._conn.execute(
                "SELECT 1 FROM search_bodies WHERE search_bodies MATCH :match "
                "AND rowid BETWEEN :low AND :high LIMIT 1",
                {
                    "match": bodies.phrase([word]),
                    "low": self._parameters["low"],
                    "high": self._parameters["high"],
                },
            ).fetchone()
            if row:
                known.add(word)
        return known

    def look(self, row: _Row, reading: _Reading) -> _Place | None:
        """Where in the chapter the words stand; None if too few do after all."""
        text, runs = bodies.read_chapter(self._conn, row.chapter_id)
        within = _apart(reading.slots) + len(reading.slots)
        found = locate(text, runs, reading.slots, within, _WEIGHTS)
        if found is None or found.share < reading.least:
            return None
        return _Place(row, text, found)


def find(
    conn: sqlite3.Connection,
    guild_id: int,
    said: str,
    viewer: Viewer,
    *,
    work_id: int | None = None,
    offset: int = 0,
    limit: int = 3,
) -> QuoteAnswer:
    """The passages that say something, the nearest stage's only; one a chapter.

    Raises:
        BadInput: there are no words in what was asked.
    """
    words = bodies.words_of(said[:MOST_CHARS])[:MOST_WORDS]
    if not words:
        raise BadInput("There are no words in that. Type what a fic says, as you remember it.")
    scope = _Scope(conn, guild_id, viewer, work_id)
    hidden = Hidden()
    for reading in _readings(scope, words):
        rows = scope.rows(reading.queries)
        left_out = scope.hidden(reading.queries)
        if hidden == Hidden():
            hidden = left_out
        is_exact = reading.match is QuoteMatch.EXACT
        is_floor = len(rows) == MOST_ROWS
        ranked: list[_Place] = []
        if is_exact:
            rows = rows if work_id is not None else _by_turns(rows)
        else:
            ranked, rows = _ranked(scope, rows, reading)
        total = len(ranked) + len(rows)
        if total:
            page = ranked[offset : offset + limit]
            at = max(0, offset - len(ranked))
            more = (scope.look(row, reading) for row in rows[at : at + limit - len(page)])
            page += [place for place in more if place is not None]
            if page or offset:
                return QuoteAnswer(
                    words=said,
                    match=reading.match,
                    total=total,
                    hits=_hits(conn, guild_id, page),
                    hidden=left_out,
                    total_is_floor=is_floor,
                )
        if is_exact and left_out != Hidden():
            break  # it is said, but not for here; what merely comes near is not what was meant
    return QuoteAnswer(words=said, match=None, total=0, hits=(), hidden=hidden)


def nearest(conn: sqlite3.Connection, guild_id: int, work_id: int, about: str) -> Excerpt | None:
    """The passage of a work that is nearest to some words; None if none is near.

    Whole paragraphs of one scene, or sentences of a longer one, within the limit on quoting.
    The work is one that may be quoted and shown.
    """
    words = bodies.words_of(about[:MOST_CHARS])[:MOST_WORDS]
    if not words:
        return None
    scope = _Scope(conn, guild_id, None, work_id)
    for reading in _readings(scope, words):
        places, _ = _ranked(scope, scope.rows(reading.queries, RANKED), reading)
        if places:
            best = places[0]
            start, end = paragraphs_around(best.text, best.found)
            return _excerpt(best.row, best.text, start, end, 100 * best.found.share)
    return _most_alike(conn, scope, words)


def _most_alike(conn: sqlite3.Connection, scope: _Scope, words: Sequence[str]) -> Excerpt | None:
    """The paragraph most alike, of the chapters that hold most of the words."""
    telling = [word for word in dict.fromkeys(words) if word not in LITTLE_WORDS] or words
    queries = [bodies.phrase([word]) for word in telling]
    best: Excerpt | None = None
    for row in _within_budget(scope.rows(queries, FALLBACK_CHAPTERS)):
        text, runs = bodies.read_chapter(conn, row.chapter_id)
        for run in runs:
            alike = most_alike(text, run, words)
            if alike and (best is None or alike[0] > best.score):
                best = _excerpt(row, text, *alike[1], alike[0])
    return best


def _readings(scope: _Scope, words: Sequence[str]) -> Iterator[_Reading]:
    """The ways to take a quote, from the plainest on."""
    exact = tuple((word,) for word in words)
    yield _Reading(QuoteMatch.EXACT, (bodies.phrase(words),), exact)
    telling = [word for word in words if word not in LITTLE_WORDS]
    if len(set(words)) > 1:
        yield _Reading(QuoteMatch.NEAR, (_near(words),), exact)
    if 1 < len(set(telling)) < len(set(words)):
        yield _Reading(QuoteMatch.NEAR, (_near(telling),), exact, MOST)
    known = scope.holds(list(dict.fromkeys(words)))
    yield from _corrected(scope, words, known)
    if known.issuperset(words) and len(words) < LONG_ENOUGH_FOR_PHRASES:
        yield from _doubted(scope, words)
    if len(words) >= LONG_ENOUGH_FOR_PHRASES:
        phrases = _phrases(words, known)
        if phrases:
            yield _Reading(QuoteMatch.MISTYPED, phrases, exact, MOST)
    known_telling = list(dict.fromkeys(word for word in telling if word in known))
    if len(known_telling) > 2 or (len(known_telling) > 1 and len(known_telling) < len(telling)):
        yield _Reading(QuoteMatch.MISTYPED, _all_but_one(known_telling, telling), exact, MOST)


def _corrected(scope: _Scope, words: Sequence[str], known: set[str]) -> Iterator[_Reading]:
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
    combined = list(islice(product(*(meant[word] for word in unknown)), MOST_COMBINED))
    read = [[dict(zip(unknown, each, strict=True)).get(w, w) for w in words] for each in combined]
    yield _Reading(
        QuoteMatch.MISTYPED, (bodies.any_of(bodies.phrase(each) for each in read),), slots
    )
    if len(set(words)) > 1:
        yield _Reading(QuoteMatch.MISTYPED, (bodies.any_of(map(_near, read)),), slots, MOST)


def _doubted(scope: _Scope, words: Sequence[str]) -> Iterator[_Reading]:
    """A word taken for another one, though it stands here too: "form" for "from"."""
    read: list[list[str]] = []
    meant: list[tuple[str, ...]] = []
    for at, word in enumerate(words):
        others = tuple(islice(_corrections(scope, word), CORRECTIONS))
        read += [[*words[:at], other, *words[at + 1 :]] for other in others]
        meant.append((word, *others))
    if read and len(words) > 1:
        queries = (bodies.any_of(map(bodies.phrase, read)),)
        yield _Reading(QuoteMatch.MISTYPED, queries, meant)


def _corrections(scope: _Scope, word: str) -> Iterator[str]:
    """Words here that are one slip away, the likelier slips first."""
    if len(word) < 3 or word.isdigit():
        return
    letters = next((each for each in _ALPHABETS if each[0] <= word[-1] <= each[-1]), "")
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    swapped = [a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1]
    shorter = [a + b[1:] for a, b in cuts if b]
    other = [a + letter + b[1:] for a, b in cuts if b for letter in letters]
    longer = [a + letter + b for a, b in cuts for letter in letters]
    tried = {word}
    for forms in (swapped, shorter, longer, other):
        for form in forms:
            if form not in tried:
                tried.add(form)
                if scope.holds([form]):
                    yield form


def _phrases(words: Sequence[str], known: set[str]) -> tuple[str, ...]:
    """Parts of a quote, each enough to find it by; those of long words, which are rarer."""
    parts = [tuple(words[at : at + PHRASE_WORDS]) for at in range(len(words) - PHRASE_WORDS + 1)]
    telling = [
        part
        for part in dict.fromkeys(parts)
        if known.issuperset(part) and not LITTLE_WORDS.issuperset(part)
    ]
    telling.sort(key=lambda part: -sum(len(word) for word in part if word not in LITTLE_WORDS))
    return tuple(map(bodies.phrase, telling[:MOST_PHRASES]))


def _all_but_one(known: Sequence[str], telling: Sequence[str]) -> tuple[str, ...]:
    """Queries for the telling words with one of them left out, or those not known here."""
    if len(known) < len(telling):
        return (_near(known),)
    rarest = sorted(known, key=lambda word: -len(word))[:LEFT_OUT_OF]
    return tuple(_near([word for word in rarest if word != left_out]) for left_out in rarest)


def _near(words: Sequence[str]) -> str:
    return bodies.near(dict.fromkeys(words), _apart(words))


def _apart(words: Sequence[object]) -> int:
    return APART_WORDS + len(words)


def _ranked(
    scope: _Scope, rows: Sequence[_Row], reading: _Reading
) -> tuple[list[_Place], list[_Row]]:
    """The places in the first rows, the nearest first, and the rows that were not looked into."""
    near = _within_budget(rows[:RANKED])
    places = [place for row in near if (place := scope.look(row, reading)) is not None]
    places.sort(key=lambda place: place.found.rank, reverse=True)
    # What is past the first rows of a loose reading was matched by less of it: no answer.
    return places, list(rows[len(near) :]) if reading.least >= ALL else []


def _within_budget(rows: Sequence[_Row]) -> list[_Row]:
    """The first rows, as many as can be read in a moment; at least one."""
    taken: list[_Row] = []
    words = 0
    for row in rows:
        words += row.words
        if taken and words > RANKED_WORDS:
            break
        taken.append(row)
    return taken


def _by_turns(rows: Sequence[_Row]) -> list[_Row]:
    """Each work's first chapter, then each one's second: a long work hides no other."""
    by_work: dict[int, list[_Row]] = {}
    for row in rows:
        by_work.setdefault(row.work_id, []).append(row)
    turns = chain.from_iterable(zip_longest(*by_work.values()))
    return [row for row in turns if row is not None]


def _hits(
    conn: sqlite3.Connection, guild_id: int, places: Sequence[_Place]
) -> tuple[QuoteHit, ...]:
    ids = list(dict.fromkeys(place.row.work_id for place in places))
    works = {work.work_id: work for work in load_works(conn, guild_id, ids)}
    titles: Mapping[int, str | None] = dict(
        conn.execute(
            "SELECT chapter_id, title FROM chapters "
            "WHERE chapter_id IN (SELECT value FROM json_each(?))",
            (json.dumps([place.row.chapter_id for place in places]),),
        ).fetchall()
    )
    hits: list[QuoteHit] = []
    for place in places:
        found = place.found
        start, end = around(place.text, found)
        text, marks = shown(place.text, start, end, found.marks)
        hits.append(
            QuoteHit(
                work=works[place.row.work_id],
                chapter=place.row.position,
                chapter_title=titles.get(place.row.chapter_id),
                text=text,
                marks=marks,
                times=found.times,
            )
        )
    return tuple(hits)


def _excerpt(row: _Row, text: str, start: int, end: int, score: float) -> Excerpt:
    return Excerpt(row.position, start, end, tidy(text[start:end]), score)
