"""Finding passages: which work says this, and where in it."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from db.errors import BadInput
from db.models import Excerpt, Hidden, QuoteAnswer, QuoteHit, QuoteMatch, Viewer
from db.passages import Found, around, locate, most_alike, paragraphs_around, shown
from db.search.bodies import phrase, read_chapter, words_of
from db.search.quoting import (
    ALL,
    LITTLE_WORDS,
    MOST_ROWS,
    MOST_WORDS,
    WEIGHTS,
    Reading,
    Row,
    Scope,
    readings,
)
from db.texts import tidy
from db.works import load_works

MOST_CHARS = 200  # of what is asked for; a passage of 900 has room for it and its neighbours
RANKED = 24  # chapters looked into for the nearest
RANKED_WORDS = 600_000  # and their words: a fifth of a second of looking
ALIKE_CHAPTERS = 4  # looked through paragraph by paragraph where nothing else helps


@dataclass(frozen=True, slots=True)
class _Place:
    """A chapter in which the words were looked up."""

    row: Row
    text: str
    found: Found


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
    """The passages that say something, by the plainest reading that finds any; one a chapter.

    A work that is named is one that the viewer was found to be allowed.

    Raises:
        BadInput: there are no words in what was asked.
    """
    words = _asked(said)
    if not words:
        raise BadInput("There are no words in that. Type what a fic says, as you remember it.")
    if work_id is None:
        scope = Scope.of_server(conn, guild_id, viewer)
    else:
        scope = Scope.of_work(conn, guild_id, work_id)
    hidden = Hidden()
    for reading in readings(scope, words):
        rows = scope.rows(reading.queries)
        left_out = scope.left_out(reading.queries)
        is_floor = len(rows) == MOST_ROWS or (reading.least < ALL and len(rows) > RANKED)
        places: list[_Place] = []
        if reading.match is QuoteMatch.EXACT:
            rows = _by_turns(rows)
        else:
            places, rows = _ranked(scope, rows, reading)
        total = len(places) + len(rows)
        page = places[offset : offset + limit]
        at = max(0, offset - len(places))
        more = (_look(scope, row, reading) for row in rows[at : at + limit - len(page)])
        page += [place for place in more if place is not None]
        if page or (total and offset):
            hits = _hits(conn, guild_id, page)
            return QuoteAnswer(said, reading.match, total, hits, left_out, is_floor)
        if hidden == Hidden():
            hidden = left_out
        if reading.match is QuoteMatch.EXACT and hidden != Hidden():
            break  # it is said, but not for here; what merely comes near is not what was meant
    return QuoteAnswer(said, None, 0, (), hidden)


def nearest(conn: sqlite3.Connection, guild_id: int, work_id: int, about: str) -> Excerpt | None:
    """The passage of a work that is nearest to some words; None if none is near.

    Whole paragraphs of one scene, or sentences of a longer one, within the limit on quoting.
    The work is one that may be quoted and shown.
    """
    words = _asked(about)
    if not words:
        return None
    scope = Scope.of_work(conn, guild_id, work_id)
    for reading in readings(scope, words):
        places, _ = _ranked(scope, scope.rows(reading.queries, RANKED), reading)
        if places:
            best = places[0]
            start, end = paragraphs_around(best.text, best.found)
            return _excerpt(best.row, best.text, start, end, 100 * best.found.share)
    return _most_alike(scope, words)


def _asked(said: str) -> list[str]:
    """The words of what was asked, as many as are looked for; none cut in two."""
    if len(said) > MOST_CHARS:
        said = (said[:MOST_CHARS].rsplit(maxsplit=1) or [""])[0]
    return words_of(said)[:MOST_WORDS]


def _most_alike(scope: Scope, words: Sequence[str]) -> Excerpt | None:
    """The paragraph most alike, of the chapters that hold most of the words."""
    telling = [word for word in dict.fromkeys(words) if word not in LITTLE_WORDS] or words
    best: Excerpt | None = None
    for row in _within_budget(scope.rows([phrase([word]) for word in telling], ALIKE_CHAPTERS)):
        text, runs = read_chapter(scope.conn, row.chapter_id)
        for run in runs:
            alike = most_alike(text, run, words)
            if alike and (best is None or alike[0] > best.score):
                best = _excerpt(row, text, *alike[1], alike[0])
    return best


def _ranked(scope: Scope, rows: Sequence[Row], reading: Reading) -> tuple[list[_Place], list[Row]]:
    """The places in the first rows, the nearest first, and the rows that were not looked into."""
    first = _within_budget(rows[:RANKED])
    places = [place for row in first if (place := _look(scope, row, reading)) is not None]
    places.sort(key=lambda place: place.found.rank, reverse=True)
    # What is past the first rows of a loose reading was matched by less of it: no answer.
    return places, list(rows[len(first) :]) if reading.least >= ALL else []


def _look(scope: Scope, row: Row, reading: Reading) -> _Place | None:
    """Where in the chapter the words stand; None if too few do after all."""
    text, runs = read_chapter(scope.conn, row.chapter_id)
    found = locate(text, runs, reading.slots, reading.apart, WEIGHTS)
    if found is None or found.share < reading.least:
        return None
    return _Place(row, text, found)


def _within_budget(rows: Sequence[Row]) -> list[Row]:
    """The first rows, as many as can be read in a moment; at least one."""
    taken: list[Row] = []
    words = 0
    for row in rows:
        words += row.words
        if taken and words > RANKED_WORDS:
            break
        taken.append(row)
    return taken


def _by_turns(rows: Sequence[Row]) -> list[Row]:
    """Each work's first chapter, then each one's second: a long work hides no other."""
    by_work: dict[int, list[Row]] = {}
    for row in rows:
        by_work.setdefault(row.work_id, []).append(row)
    turns = chain.from_iterable(zip_longest(*by_work.values()))
    return [row for row in turns if row is not None]


def _hits(
    conn: sqlite3.Connection, guild_id: int, places: Sequence[_Place]
) -> tuple[QuoteHit, ...]:
    ids = list(dict.fromkeys(place.row.work_id for place in places))
    works = {work.work_id: work for work in load_works(conn, guild_id, ids)}
    titles: dict[int, str | None] = dict(
        conn.execute(
            "SELECT chapter_id, title FROM chapters "
            "WHERE chapter_id IN (SELECT value FROM json_each(?))",
            (json.dumps([place.row.chapter_id for place in places]),),
        ).fetchall()
    )
    hits: list[QuoteHit] = []
    for place in places:
        start, end = around(place.text, place.found)
        text, marks = shown(place.text, start, end, place.found.marks)
        hits.append(
            QuoteHit(
                work=works[place.row.work_id],
                chapter=place.row.position,
                chapter_title=titles.get(place.row.chapter_id),
                text=text,
                marks=marks,
                times=place.found.times,
            )
        )
    return tuple(hits)


def _excerpt(row: Row, text: str, start: int, end: int, score: float) -> Excerpt:
    return Excerpt(row.position, start, end, tidy(text[start:end]), score)
