"""A search from end to end: the candidates' order, true totals and facets, pages, suggestions."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field

from db.models import Filters, Hidden, SearchRequest, Sort, Viewer
from db.search.candidates import CANDIDATES, Hunt
from db.search.documents import docid_range, shard_of
from db.search.filters import Condition, condition
from db.search.normalise import normalise
from db.search.ranking import Scored

QUERY_CHARS = 100  # nobody remembers more of a title, and ranking is quadratic in it
QUERY_WORDS = 24
COUNT_LIMIT = 5000  # matches counted and faceted; beyond it the total is a floor
NEAR_BEST = 0.55  # a result this much below the best is noise beside it
EQUALS = 0.15  # score differences under this are no reason to prefer a fandom

_ORDERS = {
    Sort.BEST: "w.added_at DESC, w.work_id DESC",
    Sort.TITLE: "w.title_key, w.work_id",
    Sort.AUTHOR: "(SELECT a.name_key FROM work_authors JOIN authors AS a USING (author_id) "
    "WHERE work_authors.work_id = w.work_id ORDER BY position LIMIT 1), w.title_key, w.work_id",
    Sort.ADDED: "w.added_at DESC, w.work_id DESC",
    Sort.UPDATED: "ifnull(w.updated, w.changed_at) DESC, w.work_id DESC",
    Sort.WORDS: "w.words DESC, w.work_id",
}


@dataclass(frozen=True, slots=True)
class Ranked:
    """What a search found: hits of the page as (work_id, score, matched_in), and the counts."""

    hits: tuple[tuple[int, float, tuple[str, ...]], ...] = ()
    total: int = 0
    total_is_floor: bool = False
    fandoms: tuple[tuple[str, int], ...] = ()
    hidden: Hidden = field(default_factory=Hidden)
    interpreted: dict[str, object] = field(default_factory=dict[str, object])
    did_you_mean: str | None = None


def search(
    conn: sqlite3.Connection, guild_id: int, request: SearchRequest, viewer: Viewer
) -> Ranked:
    """Find published works of a server. Never raises for what a query holds.

    An empty query lists all works that fit the filters, the newest first.
    """
    rules = condition(conn, guild_id, request.filters, viewer)
    shard_no = shard_of(conn, guild_id)
    words = _words(request.query)
    if not words:
        return Ranked() if request.query.strip() else _browse(conn, rules, request)
    run = _started(conn, shard_no, rules, words)
    run.run()
    interpreted: dict[str, object] = {
        "words": run.words,
        "corrected": run.corrected,
        "stage": run.stage or "none",
    }
    if not run.found:
        return Ranked(interpreted=interpreted)
    best = max(scored.score for _, scored in run.found.values())
    ranked = sorted(
        (
            (document, scored)
            for document, scored in run.found.values()
            if scored.score >= NEAR_BEST * best
        ),
        key=lambda one: (-one[1].score, one[0].docid),
    )
    rest: list[int] = []
    is_floor = False
    low, high = docid_range(shard_no)
    if any(scored.complete for _, scored in ranked) and len(run.found) >= CANDIDATES:
        match = run.match(run.words)
        rows = conn.execute(
            "SELECT rowid FROM search_fields WHERE search_fields MATCH ? "
            "AND rowid BETWEEN ? AND ? ORDER BY rowid LIMIT ?",
            (match, low, high, COUNT_LIMIT),
        ).fetchall()
        is_floor = len(rows) == COUNT_LIMIT
        have = {document.docid for document, _ in ranked}
        rest = [row[0] for row in rows if row[0] not in have]
    id_mask = (1 << 36) - 1
    order = [document.work_id for document, _ in ranked] + [docid & id_mask for docid in rest]
    shown, hidden = _visible(conn, rules, order)
    facets = _facets(conn, shown)
    scores = {document.work_id: scored for document, scored in ranked}
    if request.sort is Sort.BEST:
        if not request.filters.fandom:
            shown = _interleaved(shown, scores, {d.work_id: d.fandoms for d, _ in ranked})
    else:
        shown = _sorted(conn, shown, request.sort)
    page = shown[request.offset : request.offset + request.limit]
    return Ranked(
        hits=tuple(
            (
                work_id,
                round(scores[work_id].score, 4) if work_id in scores else 0.0,
                scores[work_id].matched_in if work_id in scores else (),
            )
            for work_id in page
        ),
        total=len(shown),
        total_is_floor=is_floor,
        fandoms=facets,
        hidden=hidden,
        interpreted=interpreted,
        did_you_mean=" ".join(run.words) if run.words != run.typed else None,
    )


def suggest(
    conn: sqlite3.Connection, guild_id: int, text: str, viewer: Viewer, limit: int
) -> list[int]:
    """The works that some typed words most likely mean, the best first; uncounted, so fast."""
    rules = condition(conn, guild_id, Filters(), viewer)
    words = _words(text)
    if not words:
        request = SearchRequest("", sort=Sort.ADDED, limit=limit)
        return [] if text.strip() else [hit[0] for hit in _browse(conn, rules, request).hits]
    run = _started(conn, shard_of(conn, guild_id), rules, words)
    run.candidates = 2 * limit
    run.run()
    ranked = sorted(run.found.values(), key=lambda one: (-one[1].score, one[0].docid))
    order = [document.work_id for document, _ in ranked]
    shown, _ = _visible(conn, rules, order)
    return shown[:limit]


def _words(query: str) -> list[str]:
    # Folding costs by the character, so what is far too long is cut before and after.
    return normalise(query[: 4 * QUERY_CHARS])[:QUERY_CHARS].split()[:QUERY_WORDS]


def _started(conn: sqlite3.Connection, shard_no: int, rules: Condition, words: list[str]) -> Hunt:
    low, high = docid_range(shard_no)
    # How large the server's library is, roughly: counting a large one costs more than a search.
    (size,) = conn.execute(
        "SELECT count(*) FROM (SELECT 1 FROM search_docs WHERE docid BETWEEN ? AND ? LIMIT ?)",
        (low, high, COUNT_LIMIT),
    ).fetchone()
    return Hunt(conn, shard_no, rules, words, list(words), size)


def _browse(conn: sqlite3.Connection, rules: Condition, request: SearchRequest) -> Ranked:
    total, adult, muted = conn.execute(
        f"SELECT ifnull(sum({rules.shown}), 0), ifnull(sum({rules.adult}), 0), "
        f"ifnull(sum(NOT {rules.adult} AND {rules.muted}), 0) FROM works AS w "
        f"WHERE {rules.asked}",
        rules.parameters,
    ).fetchone()
    rows = conn.execute(
        f"SELECT w.work_id FROM works AS w WHERE {rules.shown} "
        f"ORDER BY {_ORDERS[request.sort]} LIMIT :limit OFFSET :offset",
        {**rules.parameters, "limit": request.limit, "offset": request.offset},
    ).fetchall()
    facets = conn.execute(
        "SELECT t.name, count(*) FROM works AS w JOIN work_tags AS wt USING (work_id) "
        f"JOIN tags AS t USING (tag_id) WHERE t.kind = 'fandom' AND {rules.shown} "
        "GROUP BY t.tag_id ORDER BY count(*) DESC, t.name",
        rules.parameters,
    ).fetchall()
    return Ranked(
        hits=tuple((row[0], 0.0, ()) for row in rows),
        total=total,
        fandoms=tuple(facets),
        hidden=Hidden(adult=adult, muted=muted),
        interpreted={"words": [], "corrected": {}, "stage": "browse"},
    )


def _visible(
    conn: sqlite3.Connection, rules: Condition, order: Sequence[int]
) -> tuple[list[int], Hidden]:
    reasons = {
        row[0]: (row[1], row[2])
        for row in conn.execute(
            f"SELECT w.work_id, {rules.adult}, {rules.muted} FROM works AS w "
            "WHERE w.work_id IN (SELECT value FROM json_each(:ids)) "
            f"AND {rules.asked_of_some}",
            {**rules.parameters, "ids": json.dumps(list(order))},
        )
    }
    shown = [one for one in order if one in reasons and not any(reasons[one])]
    adult = sum(1 for is_adult, _ in reasons.values() if is_adult)
    muted = sum(1 for is_adult, is_muted in reasons.values() if is_muted and not is_adult)
    return shown, Hidden(adult=adult, muted=muted)


def _facets(conn: sqlite3.Connection, shown: Sequence[int]) -> tuple[tuple[str, int], ...]:
    return tuple(
        conn.execute(
            "SELECT t.name, count(*) FROM work_tags AS wt CROSS JOIN tags AS t USING (tag_id) "
            "WHERE t.kind = 'fandom' AND wt.work_id IN (SELECT value FROM json_each(?)) "
            "GROUP BY t.tag_id ORDER BY count(*) DESC, t.name",
            (json.dumps(list(shown)),),
        ).fetchall()
    )


def _sorted(conn: sqlite3.Connection, shown: Sequence[int], sort: Sort) -> list[int]:
    return [
        row[0]
        for row in conn.execute(
            "SELECT w.work_id FROM works AS w WHERE w.work_id IN "
            f"(SELECT value FROM json_each(?)) ORDER BY {_ORDERS[sort]}",
            (json.dumps(list(shown)),),
        )
    ]


def _interleaved(
    shown: Sequence[int], scores: dict[int, Scored], fandoms: dict[int, str]
) -> list[int]:
    """Equals from several fandoms by turns, so that one does not push the other off the page."""
    if not shown or shown[0] not in scores or "title" in scores[shown[0]].matched_in:
        return list(shown)
    best = scores[shown[0]].score
    equals = [w for w in shown if w in scores and scores[w].score >= best - EQUALS]
    queues: dict[str, list[int]] = {}
    for work_id in equals:
        queues.setdefault(fandoms.get(work_id, ""), []).append(work_id)
    if len(queues) < 2:
        return list(shown)
    turns: list[int] = []
    while any(queues.values()):
        turns += [queue.pop(0) for queue in queues.values() if queue]
    taken = set(turns)
    return turns + [work_id for work_id in shown if work_id not in taken]
