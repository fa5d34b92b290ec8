"""A search from end to end: the query read, each of its alternatives run, one answer made."""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from db.models import Filters, Hidden, SearchRequest, Sort, Viewer
from db.search.binding import Bound, bind
from db.search.candidates import NUMBERS
from db.search.documents import is_adult, shard_of, work_of
from db.search.filters import Condition, condition
from db.search.index import is_title
from db.search.language import Clause, parse
from db.search.little import STOP_WORDS
from db.search.ranking import matched_in
from db.search.readings import Stage
from db.search.restrictions import both
from db.search.results import (
    Ranked,
    browse,
    facets,
    fandoms_of,
    listed,
    newest,
    sorted_by,
    take_turns,
    understood,
)
from db.search.run import COUNT_LIMIT, Run

SORT_LIMIT = 50_000  # matches counted where another order than the index's is asked for
_CHARACTERS: Final = 4  # of `COLUMNS`


@dataclass(slots=True)
class _Found:
    """What one alternative of a query came to; `run` is None where it has filters only."""

    bound: Bound
    rules: Condition
    run: Run | None


def search(
    conn: sqlite3.Connection, guild_id: int, request: SearchRequest, viewer: Viewer
) -> Ranked:
    """Find published works of a server. Never raises for what a query holds.

    A query of filters alone, or none, lists all works that fit them, the newest first.
    """
    parsed = parse(request.query, request.today or datetime.now(UTC).date())
    sort = request.sort or parsed.sort or Sort.BEST
    request = replace(request, sort=sort)
    found = [
        _find(conn, guild_id, clause, filters, request, viewer)
        for clause in parsed.clauses
        if clause.filters is not None
        and (filters := both(request.filters, clause.filters)) is not None
    ]
    notes = tuple(dict.fromkeys([*parsed.notes, *(n for one in found for n in one.bound.notes)]))
    if not found:
        notes += ("No work can be all of that at once.",)
    if len(found) == 1 and found[0].run is None:
        bound = found[0].bound
        says = bound.asked or bound.held or bound.filters != request.filters or parsed.sort
        if request.query.strip() and not says:
            return Ranked(interpreted=understood(), notes=notes)  # marks without a word
        listing = browse(conn, found[0].rules, request)
        corrections = bound.corrections if listing.total else ()
        return replace(listing, notes=(*notes, *corrections))
    answer = _answer(conn, found, request, viewer)
    # Of one alternative: which of several an answer came from is not told.
    corrections = found[0].bound.corrections if len(found) == 1 and answer.total else ()
    return replace(answer, notes=(*notes, *corrections))


def suggest(
    conn: sqlite3.Connection, guild_id: int, text: str, viewer: Viewer, limit: int
) -> list[int]:
    """The works that half-typed words most likely mean, the best first; uncounted, so fast."""
    parsed = parse(text, datetime.now(UTC).date())
    works: dict[int, None] = {}
    for clause in parsed.clauses[:2]:
        if clause.filters is None:
            continue
        bound = bind(conn, guild_id, clause, clause.filters)
        bound = bound.plain or bound  # a half-typed name is a word
        rules = condition(conn, guild_id, bound.filters, viewer, asked=bound.asked, held=bound.held)
        if not bound.words:
            if not text.strip() or bound.asked or bound.held or _says(clause):
                works.update(dict.fromkeys(newest(conn, rules, limit)))
            continue
        # Nothing is counted here, so what is hidden need not even be looked at.
        seen = replace(rules, asked=f"{rules.asked} AND NOT {rules.muted}", muted="0")
        run = Run(
            conn, shard_of(conn, guild_id), seen, bound.words, frozenset(bound.prefixes),
            is_typing=True, no_adult=not viewer.adult_ok,
        )  # fmt: skip
        run.run()
        works.update(dict.fromkeys(work_of(docid) for docid in run.answers()[:limit]))
    return list(works)[:limit]


def _says(clause: Clause) -> bool:
    """Whether an alternative filters by anything."""
    return clause.filters != Filters()


def _find(
    conn: sqlite3.Connection,
    guild_id: int,
    clause: Clause,
    filters: Filters,
    request: SearchRequest,
    viewer: Viewer,
) -> _Found:
    """Search for one alternative, in the way of reading it that brings what was meant."""
    bound = bind(conn, guild_id, clause, filters)
    found = _run(conn, guild_id, bound, request, viewer)
    if bound.plain is not None:
        shard_no = shard_of(conn, guild_id)
        if not _has_any(conn, found) or is_title(conn, shard_no, bound.plain.words):
            found = _run(conn, guild_id, bound.plain, request, viewer)
    if bound.looser is not None and not request.as_typed and not _has_any(conn, found):
        looser = _run(conn, guild_id, bound.looser, request, viewer)
        says_more = bound.looser.words or bound.looser.asked or bound.looser.filters != filters
        if says_more and _has_any(conn, looser):
            return looser
    return found


def _has_any(conn: sqlite3.Connection, found: _Found) -> bool:
    if found.run is not None:
        return found.run.winner is not None
    rules = found.rules
    return bool(
        conn.execute(
            f"SELECT 1 FROM {rules.source} WHERE {rules.asked} LIMIT 1", rules.parameters
        ).fetchone()
    )


def _run(
    conn: sqlite3.Connection, guild_id: int, bound: Bound, request: SearchRequest, viewer: Viewer
) -> _Found:
    rules = condition(conn, guild_id, bound.filters, viewer, asked=bound.asked, held=bound.held)
    if not bound.words:
        return _Found(bound, rules, None)
    run = Run(
        conn, shard_of(conn, guild_id), rules, bound.words, frozenset(bound.prefixes),
        limit=COUNT_LIMIT if request.sort is Sort.BEST else SORT_LIMIT,
        as_typed=request.as_typed,
    )  # fmt: skip
    run.run()
    return _Found(bound, rules, run)


@dataclass(slots=True)
class _Merged:
    """All alternatives' works, each once, by the one that it answers best.

    `order` is of works that may be shown. Those found by words are in `where`; `hidden` are
    those that may not be shown, and whether for being adult.
    """

    order: list[int] = field(default_factory=list[int])
    where: dict[int, tuple[Run, int]] = field(default_factory=dict[int, tuple[Run, int]])
    hidden: dict[int, bool] = field(default_factory=dict[int, bool])


def _merge(conn: sqlite3.Connection, found: Sequence[_Found], viewer: Viewer) -> _Merged:
    merged = _Merged()
    where = merged.where
    runs = [one.run for one in found if one.run]
    for run in runs:
        for docid in run.answers():
            work_id = work_of(docid)
            if run.is_hidden(docid, viewer.adult_ok):
                merged.hidden[work_id] = is_adult(docid) and not viewer.adult_ok
            elif work_id not in where or _rank_of(run, docid) < _rank_of(*where[work_id]):
                where[work_id] = (run, docid)
    order = list(where)
    if len(runs) > 1:
        order.sort(key=lambda work_id: _rank_of(*where[work_id]))
    for rules in (one.rules for one in found if one.run is None):
        for work_id, for_adults, is_muted in listed(conn, rules, COUNT_LIMIT):
            if for_adults or is_muted:
                merged.hidden[work_id] = bool(for_adults)
            else:
                order.append(work_id)
    merged.order = list(dict.fromkeys(order))
    return merged


def _answer(
    conn: sqlite3.Connection, found: Sequence[_Found], request: SearchRequest, viewer: Viewer
) -> Ranked:
    typed = [word for one in found for word in one.bound.words]
    merged = _merge(conn, found, viewer)
    order, where = merged.order, merged.where
    adult = sum(merged.hidden.values())
    hidden = Hidden(adult=adult, muted=len(merged.hidden) - adult)
    if not order:
        # What only hidden works say, not even a correction may tell.
        return Ranked(hidden=hidden, interpreted=understood(typed))
    fandoms = fandoms_of(conn, order)
    counts = Counter(tag_id for each in fandoms.values() for tag_id in each)
    interpreted, did_you_mean = understood(typed), None
    if len(found) == 1 and found[0].run:
        interpreted, did_you_mean = _interpreted(found[0].run, where[order[0]][1])
    if request.sort is not None and request.sort is not Sort.BEST:
        order = sorted_by(conn, order, request.sort)
    elif not request.filters.fandom and len(counts) > 1:
        scores = {work_id: run.scores.get(docid) for work_id, (run, docid) in where.items()}
        order = take_turns(order, {w: one for w, one in scores.items() if one}, fandoms)
    page = order[request.offset : request.offset + request.limit]
    return Ranked(
        hits=tuple(_hit(work_id, where.get(work_id)) for work_id in page),
        total=len(order),
        total_is_floor=any(one.run.is_floor for one in found if one.run),
        fandoms=facets(conn, counts),
        namesakes=facets(conn, _namesakes(where, fandoms)),
        hidden=hidden,
        interpreted=interpreted,
        did_you_mean=did_you_mean,
    )


def _rank_of(run: Run, docid: int) -> tuple[float, int]:
    return run.scores[docid].order() if docid in run.scores else (0.0, docid)


def _hit(work_id: int, where: tuple[Run, int] | None) -> tuple[int, float, tuple[str, ...]]:
    if where is None:  # by filters alone
        return work_id, 0.0, ()
    run, docid = where
    one = run.scored(docid)
    return work_id, round(one.score, 4), matched_in(one.words, run.rows[docid])


def _namesakes(where: dict[int, tuple[Run, int]], fandoms: dict[int, list[int]]) -> Counter[int]:
    """How many works of each fandom have all that was typed in one character's name.

    Empty unless they are of several fandoms: the same name for different people.
    """
    counts: Counter[int] = Counter()
    for work_id, (run, docid) in where.items():
        if docid in run.scores and work_id in fandoms:
            words = {word for word in run.scores[docid].words if word} - STOP_WORDS
            people = run.rows[docid][_CHARACTERS].split("\n")
            if words and any(words <= set(name.split()) for name in people):
                counts[fandoms[work_id][0]] += 1
    return counts if len(counts) > 1 else Counter()


def _interpreted(run: Run, best_docid: int) -> tuple[dict[str, object], str | None]:
    """What was made of the query, by the best work that is shown; the corrected query or None."""
    assert run.winner is not None
    reading = run.winner.reading
    one = run.winner.scored.get(best_docid)
    if one is None:  # what this reading made of the words, hidden works alone say
        return understood(run.words, stage=reading.stage), None
    meant: list[str] = []
    dropped: list[str] = []
    corrected = dict(reading.respaced)
    # As many slots as words, unless some were joined or split.
    is_open = {len(reading.slots) - 1, *run.prefixes}
    for at, (word, slot) in enumerate(zip(one.words, reading.slots, strict=True)):
        if word is None:
            dropped.append(slot.typed)
            continue
        is_ending = at in is_open and word.startswith(slot.typed)
        as_typed = is_ending or NUMBERS.get(slot.typed) == word
        meant.append(slot.typed if as_typed else word)
        if meant[-1] != slot.typed:
            corrected[slot.typed] = word
    if reading.stage is Stage.LETTERS:
        meant, dropped = list(run.words), []
    interpreted = understood(meant, corrected, dropped, reading.stage)
    return interpreted, " ".join(meant) if corrected else None
