"""A search from end to end: stages of candidates, ranking, true totals and facets.

The answer to a query is a fixed set of works, whoever asks: staging and ranking see adult and
muted works too, and only at the end are those left out and counted. So a page is a window on
that set, and what is shown and what is hidden always add up.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from db.models import Filters, Hidden, SearchRequest, Sort, Viewer
from db.search.candidates import Reader, Reading, Stage
from db.search.documents import COLUMNS, ID_MASK, docid_range, shard_of
from db.search.filters import Condition, condition
from db.search.index import title_key, trigrams
from db.search.normalise import normalise
from db.search.ranking import Row, Scored, Slot, matched_in, score
from db.search.results import (
    Ranked,
    browse,
    facets,
    fandoms_of,
    newest,
    sorted_by,
    take_turns,
    understood,
)

QUERY_CHARS = 100  # nobody remembers more of a title, and ranking is quadratic in it
QUERY_WORDS = 24
CANDIDATES = 160  # ranked of each reading; the index streams the likely ones first
COUNT_LIMIT = 5000  # matches counted and faceted; beyond it the total is a floor
SORT_LIMIT = 50_000  # the same where another order than the index's is asked for
TYPING_LIMIT = 100  # matches looked at while a member types
# The best work answers the query: what is more forgiving need not be tried.
CONVINCING_TITLE = 0.8
# A more forgiving reading must be this much better than one that found every word.
MARGIN = 0.12
# Works found by a reading that lost, but with a title like this, are answers still.
ALSO_MEANT = 0.8
MOST_ALSO = 10
NEAR_BEST = 0.7  # of what is found by fewer words or letters, a share of the best score
GRAM_ROWS = 12_000  # index rows read for a search by letters, the rarest letters first
BY_LETTERS = 60  # works with the most letters in common that are ranked


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked, however it was put: words of the box, and what must hold of a work.

    A query language would be parsed into this.
    """

    words: tuple[str, ...]
    filters: Filters


@dataclass(slots=True)
class _Outcome:
    """What a reading brought: matching works in the order of the index, and the best of them."""

    reading: Reading
    docids: list[int]
    scored: dict[int, Scored]
    best: Scored


@dataclass(slots=True)
class _Run:
    """One search under way."""

    conn: sqlite3.Connection
    shard_no: int
    rules: Condition
    words: list[str]
    limit: int = COUNT_LIMIT
    is_typing: bool = False
    winner: _Outcome | None = None
    # Of every work met: whether it is adult, whether it is muted; what is indexed; its score.
    reasons: dict[int, tuple[bool, bool]] = field(default_factory=dict[int, tuple[bool, bool]])
    rows: dict[int, Row] = field(default_factory=dict[int, Row])
    scores: dict[int, Scored] = field(default_factory=dict[int, Scored])

    def run(self) -> None:
        """Try the readings until one convinces."""
        row = self.conn.execute(
            "SELECT works FROM search_sizes WHERE shard_no = ?", (self.shard_no,)
        ).fetchone()
        if row is None:
            return
        reader = Reader(self.conn, self.shard_no, self.words, row[0], self.is_typing)
        for readings in (reader.plain, reader.corrected, reader.respaced, reader.doubted):
            for reading in readings():
                self.consider(reading)
                if self.is_settled():
                    return
        if self.winner is not None:
            return
        for reading in reader.fewer():
            self.consider(reading)
            if self.winner is not None and self.winner.best.title >= CONVINCING_TITLE:
                return
        self.consider(reader.by_letters())

    def is_settled(self) -> bool:
        """Whether the best work so far answers the query."""
        if self.winner is None:
            return False
        best = self.winner.best
        return (
            self.is_typing
            or best.title >= CONVINCING_TITLE
            or len(self.words) == 1
            or len(set(best.fields)) == 1
        )

    def consider(self, reading: Reading) -> None:
        """Rank what a reading matches, and keep it if it is better than the best so far."""
        docids = self.matching(reading)
        if not docids:
            return
        scored = self.rank(reading.slots, self.candidates(reading, docids), reading.is_whole)
        if not reading.is_whole:
            scored = [one for one in scored if one.kept]
            docids = [one.docid for one in scored]
        if not scored:
            return
        best = max(scored, key=lambda one: (one.score, -one.docid))
        for one in scored:
            if one.docid not in self.scores or one.score > self.scores[one.docid].score:
                self.scores[one.docid] = one
        margin = MARGIN if self.winner and self.winner.best.complete else 0.0
        if self.winner is None or best.score > self.winner.best.score + margin:
            self.winner = _Outcome(reading, docids, {one.docid: one for one in scored}, best)

    def matching(self, reading: Reading) -> list[int]:
        """Works that match, in the order of the index."""
        if reading.stage is Stage.LETTERS:
            return self.by_letters()
        if self.is_typing:
            titles = self.look_up("search_titles", reading.match, TYPING_LIMIT)
            return list(
                dict.fromkeys(
                    [*titles, *self.look_up("search_fields", reading.match, TYPING_LIMIT)]
                )
            )
        if not reading.is_whole:
            table = "search_titles" if reading.titles_only else "search_fields"
            return self.look_up(table, reading.match, CANDIDATES)
        return self.look_up("search_fields", reading.match, self.limit)

    def candidates(self, reading: Reading, docids: list[int]) -> Sequence[int]:
        """Those to rank: all, or of many the popular ones, and those that the titles say."""
        if len(docids) <= CANDIDATES or self.is_typing:
            return docids
        words = [slot.options[0][0] for slot in reading.slots]
        chosen = dict.fromkeys(docids[:CANDIDATES])
        chosen.update(dict.fromkeys(self.look_up("search_titles", reading.match, CANDIDATES)))
        chosen.update(dict.fromkeys(self.by_title(words)))
        if len(docids) >= self.limit:  # titles may lie beyond what was counted
            present = set(docids)
            docids.extend(docid for docid in chosen if docid not in present)
        return list(chosen)

    def look_up(self, table: str, match: str, limit: int) -> list[int]:
        """Works of the server that an index matches and the filters allow, likely ones first."""
        low, high = docid_range(self.shard_no)
        return self.allowed(
            f"{table} AS i CROSS JOIN works AS w INDEXED BY works_for_filters "
            f"ON w.work_id = i.rowid & {ID_MASK} "
            f"WHERE {table} MATCH :match AND i.rowid BETWEEN :low AND :high",
            {"match": match, "low": low, "high": high},
            limit,
        )

    def by_title(self, words: Sequence[str]) -> list[int]:
        """Works whose title is these words, in any order."""
        return self.allowed(
            "(SELECT docid AS rowid FROM search_keys WHERE hash = :hash) AS i "
            "CROSS JOIN works AS w INDEXED BY works_for_filters "
            f"ON w.work_id = i.rowid & {ID_MASK} WHERE 1",
            {"hash": title_key(self.shard_no, words)},
            CANDIDATES,
        )

    def by_letters(self) -> list[int]:
        """Works whose titles have the most rare letters in common with the query."""
        low, high = docid_range(self.shard_no)
        counted: Counter[int] = Counter()
        left = GRAM_ROWS
        for gram, works in self.conn.execute(
            "SELECT gram, works FROM search_grams WHERE shard_no = ? "
            "AND gram IN (SELECT value FROM json_each(?)) ORDER BY works",
            (self.shard_no, json.dumps(sorted(trigrams(" ".join(self.words))))),
        ).fetchall():
            left -= works
            if left < 0:
                break
            counted.update(
                row[0]
                for row in self.conn.execute(
                    "SELECT rowid FROM search_trigrams WHERE search_trigrams MATCH ? "
                    "AND rowid BETWEEN ? AND ?",
                    (f'"{gram}"', low, high),
                )
            )
        common = [docid for docid, shared in counted.most_common(BY_LETTERS) if shared > 1]
        return self.allowed(
            "(SELECT value AS rowid FROM json_each(:docids)) AS i "
            "CROSS JOIN works AS w INDEXED BY works_for_filters "
            f"ON w.work_id = i.rowid & {ID_MASK} WHERE 1",
            {"docids": json.dumps(common)},
            BY_LETTERS,
        )

    def allowed(self, source: str, parameters: dict[str, object], limit: int) -> list[int]:
        """Row ids of `source` that the filters allow; why each is hidden goes to `reasons`."""
        found = self.conn.execute(
            f"SELECT i.rowid, {self.rules.adult}, {self.rules.muted} FROM {source} "
            f"AND {self.rules.asked} ORDER BY i.rowid LIMIT :limit",
            {**self.rules.parameters, **parameters, "limit": limit},
        ).fetchall()
        for docid, is_adult, is_muted in found:
            self.reasons[docid] = (is_adult, is_muted)
        return [row[0] for row in found]

    def rank(self, slots: Sequence[Slot], docids: Sequence[int], is_whole: bool) -> list[Scored]:
        """Score works by a reading's slots."""
        missing = [docid for docid in docids if docid not in self.rows]
        self.load(missing)
        return [
            score(slots, self.rows[docid], forgiving=not is_whole)
            for docid in docids
            if docid in self.rows
        ]

    def load(self, docids: Sequence[int]) -> None:
        """Read what is indexed of works."""
        if docids:
            for row in self.conn.execute(
                f"SELECT {COLUMNS} FROM search_docs "
                "WHERE docid IN (SELECT value FROM json_each(?))",
                (json.dumps(docids),),
            ):
                self.rows[row[0]] = cast("Row", row)

    def answers(self) -> list[int]:
        """Every work that answers, the best first, then those that were not ranked."""
        assert self.winner is not None
        reading, best = self.winner.reading, self.winner.best
        docids = self.winner.docids
        if not reading.is_whole:
            docids = [d for d in docids if self.scores[d].score >= NEAR_BEST * best.score]
        elif (narrowed := reading.narrowed(best.words)).match != reading.match:
            docids = self.matching(narrowed)
        chosen = set(docids)
        also = sorted(
            (
                one
                for one in self.scores.values()
                if one.docid not in chosen and one.title >= ALSO_MEANT
            ),
            key=_order,
        )
        docids = [*docids, *(one.docid for one in also[:MOST_ALSO])]
        ranked = sorted((self.scores[d] for d in docids if d in self.scores), key=_order)
        return [one.docid for one in ranked] + [d for d in docids if d not in self.scores]


def _order(one: Scored) -> tuple[float, int]:
    return -one.score, one.docid


def search(
    conn: sqlite3.Connection, guild_id: int, request: SearchRequest, viewer: Viewer
) -> Ranked:
    """Find published works of a server. Never raises for what a query holds.

    An empty query lists all works that fit the filters, the newest first.
    """
    query = Query(words_of(request.query), request.filters)
    rules = condition(conn, guild_id, query.filters, viewer)
    if not query.words:
        if request.query.strip():
            return Ranked(interpreted=understood())
        return browse(conn, rules, request)
    limit = COUNT_LIMIT if request.sort is Sort.BEST else SORT_LIMIT
    run = _Run(conn, shard_of(conn, guild_id), rules, list(query.words), limit)
    run.run()
    if run.winner is None:
        return Ranked(interpreted=understood(query.words))
    answers = run.answers()
    shown = [docid for docid in answers if not any(run.reasons[docid])]
    adult = sum(1 for docid in answers if run.reasons[docid][0])
    hidden = Hidden(adult=adult, muted=len(answers) - len(shown) - adult)
    if not shown:
        # What only hidden works say, not even a correction may tell.
        return Ranked(hidden=hidden, interpreted=understood(query.words))
    order, found_fandoms = _ordered(run, request, shown)
    page = order[request.offset : request.offset + request.limit]
    interpreted, did_you_mean = _interpreted(run, shown[0])
    return Ranked(
        hits=tuple(_hits(run, page)),
        total=len(shown),
        total_is_floor=len(run.winner.docids) >= limit,
        fandoms=found_fandoms,
        hidden=hidden,
        interpreted=interpreted,
        did_you_mean=did_you_mean,
    )


def suggest(
    conn: sqlite3.Connection, guild_id: int, text: str, viewer: Viewer, limit: int
) -> list[int]:
    """The works that half-typed words most likely mean, the best first; uncounted, so fast."""
    rules = condition(conn, guild_id, Filters(), viewer)
    words = words_of(text)
    if not words:
        return [] if text.strip() else newest(conn, rules, limit)
    # Nothing is counted here, so what is hidden need not even be looked at.
    seen = Condition(rules.shown, "0", "0", rules.parameters)
    run = _Run(conn, shard_of(conn, guild_id), seen, list(words), is_typing=True)
    run.run()
    if run.winner is None:
        return []
    return [docid & ID_MASK for docid in run.answers()[:limit]]


def words_of(text: str) -> tuple[str, ...]:
    """The words of a box that are searched for."""
    # Folding costs by the character, so what is far too long is cut before and after.
    return tuple(normalise(text[: 4 * QUERY_CHARS])[:QUERY_CHARS].split()[:QUERY_WORDS])


def _ordered(
    run: _Run, request: SearchRequest, shown: Sequence[int]
) -> tuple[list[int], tuple[tuple[str, int], ...]]:
    """The works in the order of the pages, and how many each fandom has of them."""
    order = [docid & ID_MASK for docid in shown]
    fandoms = fandoms_of(run.conn, order)
    counts = Counter(tag_id for each in fandoms.values() for tag_id in each)
    if request.sort is not Sort.BEST:
        order = sorted_by(run.conn, order, request.sort)
    elif not request.filters.fandom and len(counts) > 1:
        scores = {docid & ID_MASK: one for docid, one in run.scores.items()}
        order = take_turns(order, scores, fandoms)
    return order, facets(run.conn, counts)


def _hits(run: _Run, page: Sequence[int]) -> list[tuple[int, float, tuple[str, ...]]]:
    assert run.winner is not None
    docids = {docid & ID_MASK: docid for docid in run.reasons}
    unranked = [docids[work_id] for work_id in page if docids[work_id] not in run.scores]
    slots = run.winner.reading.slots
    for one in run.rank(slots, unranked, is_whole=True):
        run.scores[one.docid] = one
    hits: list[tuple[int, float, tuple[str, ...]]] = []
    for work_id in page:
        one = run.scores[docids[work_id]]
        hits.append((work_id, round(one.score, 4), matched_in(one.words, run.rows[one.docid])))
    return hits


def _interpreted(run: _Run, best_docid: int) -> tuple[dict[str, object], str | None]:
    """What was made of the query, by the best work that is shown; the corrected query or None."""
    assert run.winner is not None
    reading = run.winner.reading
    one = run.winner.scored.get(best_docid)
    if one is None:  # what this reading made of the words, hidden works alone say
        return understood(run.words, stage=reading.stage), None
    meant: list[str] = []
    dropped: list[str] = []
    corrected = dict(reading.respaced)
    for word, slot in zip(one.words, reading.slots, strict=True):
        if word is None:
            dropped.append(slot.typed)
            continue
        is_ending = slot is reading.slots[-1] and word.startswith(slot.typed)
        meant.append(slot.typed if is_ending else word)
        if meant[-1] != slot.typed:
            corrected[slot.typed] = word
    if reading.stage is Stage.LETTERS:
        meant, dropped = list(run.words), []
    interpreted = understood(meant, corrected, dropped, reading.stage)
    return interpreted, " ".join(meant) if corrected else None
