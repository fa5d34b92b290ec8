"""A search from end to end: stages of candidates, ranking, true totals and facets.

Each stage runs only when the one before was not convincing, so that an ordinary query costs an
index look-up and a mistyped one a few more.
"""

import json
import math
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rapidfuzz.distance import OSA

from db.models import Filters, Hidden, SearchRequest, Sort, Viewer
from db.search.documents import Document, docid_range, shard_of, title_hash
from db.search.filters import Condition, condition
from db.search.normalise import normalise
from db.search.ranking import Scored, Wanted, score
from db.search.spelling import completions, corrections, known

QUERY_CHARS = 100  # nobody remembers more of a title, and ranking is quadratic in it
QUERY_WORDS = 24
CANDIDATES = 160  # read and ranked per stage; the index streams the likely ones first
PREFIX_WORDS = 12
COUNT_LIMIT = 5000  # matches counted and faceted; beyond it the total is a floor
RARE_SHARE = 0.02  # a known word of fewer works than this may still be a slip
# A result this good ends the search for better ones.
CONVINCING = 0.9
STOP_WORDS = frozenset(
    (
        "a",
        "an",
        "and",
        "at",
        "by",
        "for",
        "from",
        "in",
        "is",
        "it",
        "of",
        "on",
        "or",
        "the",
        "to",
        "with",
    )
)
NEAR_BEST = 0.55  # a result this much below the best is noise beside it
EQUALS = 0.15  # score differences under this are no reason to prefer a fandom

_COLUMNS = (
    "d.docid, d.work_id, d.title, d.authors, d.characters, d.fandoms, d.relationships, "
    "d.tags, d.nicknames, d.series"
)
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


@dataclass(slots=True)
class _Search:
    """One search under way."""

    conn: sqlite3.Connection
    shard_no: int
    rules: Condition
    words: list[str]
    typed: list[str]
    size: int  # works of the server
    candidates: int = CANDIDATES
    stage: str = ""
    best: float = 0.0  # the best score so far, by the words in `words`
    found: dict[int, tuple[Document, Scored]] = field(
        default_factory=dict[int, "tuple[Document, Scored]"]
    )

    def run(self) -> None:
        """Go through the stages until one convinces."""
        plain = self.typed
        self.collect("title", plain, self.by_title(plain))
        if self.convincing():
            return
        self.collect("all words", plain, self.by_words(plain))
        if self.convincing() or any(one.complete for _, one in self.found.values()):
            return
        unknown = [w for w in self.sought(plain) if known(self.conn, self.shard_no, w) is None]
        for doubtful in (unknown, None):
            for fixed in self.fixes(plain, doubtful):
                titles = self.by_title(fixed)
                self.collect("corrected", fixed, titles + self.by_words(fixed))
                if titles:
                    break
            if self.convincing() or any(one.complete for _, one in self.found.values()):
                return
        joined = self.join_and_split(plain)
        for words in joined:
            self.collect("joined", words, self.by_title(words) + self.by_words(words))
            if self.convincing():
                return
        fixed = next(iter(self.fixes(plain, unknown)), list(plain))
        for less in self.leave_one_out(fixed):
            self.collect("fewer words", fixed, self.by_words(less, in_title=True))
        for less in self.leave_one_out(fixed):
            if self.found:
                break
            self.collect("fewer words", fixed, self.by_words(less))

    def sought(self, words: Sequence[str]) -> list[str]:
        """The words that must be known: the last one may be half typed."""
        whole = list(words[:-1])
        last = words[-1]
        return whole if completions(self.conn, self.shard_no, last, 1) else [*whole, last]

    def fixes(self, words: Sequence[str], unknown: Sequence[str] | None) -> Iterator[list[str]]:
        """The words with unknown ones corrected, or (None) the rare ones too: first each by its
        likeliest correction, then one at a time by its others."""
        options: list[list[str]] = []
        for word in words:
            counts = known(self.conn, self.shard_no, word)
            is_doubtful = (
                word in unknown
                if unknown is not None
                else counts is None or counts[0] <= max(2, RARE_SHARE * self.size)
            )
            near = corrections(self.conn, self.shard_no, word) if is_doubtful else []
            options.append([each for each, _ in near] or [word])
        best = [each[0] for each in options]
        if best == list(words):
            return
        yield best
        for at, others in enumerate(options):
            for other in others[1:]:
                yield [*best[:at], other, *best[at + 1 :]]

    def join_and_split(self, words: Sequence[str]) -> list[list[str]]:
        """The query with two neighbours joined, or one word split, into known words."""
        variants: list[list[str]] = []
        for at, word in enumerate(words):
            if at + 1 < len(words):
                whole = word + words[at + 1]
                near = corrections(self.conn, self.shard_no, whole, limit=1)
                if known(self.conn, self.shard_no, whole):
                    variants.append([*words[:at], whole, *words[at + 2 :]])
                elif near:  # "clock maker" for "clockmakers"
                    variants.append([*words[:at], near[0][0], *words[at + 2 :]])
            for cut in range(2, len(word) - 1):
                left, right = word[:cut], word[cut:]
                if known(self.conn, self.shard_no, left) and known(self.conn, self.shard_no, right):
                    variants.append([*words[:at], left, right, *words[at + 1 :]])
        return variants

    def leave_one_out(self, words: Sequence[str]) -> list[list[str]]:
        """The query without its stop words, then less one word each."""
        content = [word for word in words if word not in STOP_WORDS]
        variants = [content] if content and len(content) < len(words) else []
        if len(words) > 2:
            variants += [[*words[:at], *words[at + 1 :]] for at in range(len(words))]
        return variants

    def by_title(self, words: Sequence[str]) -> list[int]:
        """Works whose whole title is these words."""
        return [
            row[0]
            for row in self.conn.execute(
                "SELECT docid FROM search_keys WHERE hash = ? ORDER BY docid LIMIT ?",
                (title_hash(self.shard_no, " ".join(words)), self.candidates),
            )
        ]

    def by_words(self, words: Sequence[str], *, in_title: bool = False) -> list[int]:
        """Works that hold all the words, in the title first, then in any field."""
        match = self.match(words)
        if match is None:
            return []
        low, high = docid_range(self.shard_no)
        found: dict[int, None] = {}
        for table in ("search_titles",) if in_title else ("search_titles", "search_fields"):
            for (docid,) in self.conn.execute(
                f"SELECT rowid FROM {table} WHERE {table} MATCH ? AND rowid BETWEEN ? AND ? "
                "ORDER BY rowid LIMIT ?",
                (match, low, high, self.candidates),
            ):
                found[docid] = None
        return list(found)

    def match(self, words: Sequence[str]) -> str | None:
        """The index's own query: every word, the last one as a prefix; None if one is unknown."""
        parts: list[str] = []
        for at, word in enumerate(words):
            if at == len(words) - 1:
                ends = completions(self.conn, self.shard_no, word, PREFIX_WORDS)
                if not ends:
                    return None
                parts.append("(" + " OR ".join(f'"{end}"' for end in ends) + ")")
            else:
                parts.append(f'"{word}"')
        return " AND ".join(parts)

    def collect(self, stage: str, words: Sequence[str], docids: Sequence[int]) -> None:
        """Rank the candidates that may be shown, and keep those that are answers."""
        fresh = list(dict.fromkeys(docids))
        if not fresh:
            return
        wanted = self.wanted(words)
        parameters = {**self.rules.parameters, "docids": json.dumps(fresh)}
        for row in self.conn.execute(
            f"SELECT {_COLUMNS} FROM search_docs AS d CROSS JOIN works AS w USING (work_id) "
            "WHERE d.docid IN (SELECT value FROM json_each(:docids)) "
            f"AND {self.rules.asked_of_some}",
            parameters,
        ).fetchall():
            document = Document(*row)
            scored = score(wanted, document, popularity_of(document.docid))
            before = self.found.get(document.docid)
            if scored.kept and (before is None or scored.score > before[1].score):
                self.found[document.docid] = (document, scored)
                if scored.score > self.best:
                    self.best, self.stage = scored.score, stage
                    self.words = list(words)

    def wanted(self, words: Sequence[str]) -> Wanted:
        """The words with their weights: rare ones tell more."""
        weights: list[tuple[str, float, float]] = []
        typed = self.typed if len(self.typed) == len(words) else words
        for word, meant in zip(typed, words, strict=True):
            certainty = 1.0 if word == meant else OSA.normalized_similarity(word, meant)
            counts = known(self.conn, self.shard_no, meant)
            rarity = math.log(1 + self.size / (1 + (counts[0] if counts else 0)))
            weights.append((meant, max(rarity, 0.1), certainty))
        return Wanted(" ".join(words), tuple(weights))

    def convincing(self) -> bool:
        """Whether the best so far is good enough to stop."""
        return any(one.score >= CONVINCING for _, one in self.found.values())

    @property
    def corrected(self) -> dict[str, str]:
        """What was typed and what the best result was found by, where they differ."""
        if len(self.typed) != len(self.words):
            return {}
        return {a: b for a, b in zip(self.typed, self.words, strict=True) if a != b}


def popularity_of(docid: int) -> float:
    """From 0 to 1, by the bucket in the row id."""
    return 1 - (docid >> 36 & 0xFF) / 255


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


def _started(
    conn: sqlite3.Connection, shard_no: int, rules: Condition, words: list[str]
) -> _Search:
    low, high = docid_range(shard_no)
    # How large the server's library is, roughly: counting a large one costs more than a search.
    (size,) = conn.execute(
        "SELECT count(*) FROM (SELECT 1 FROM search_docs WHERE docid BETWEEN ? AND ? LIMIT ?)",
        (low, high, COUNT_LIMIT),
    ).fetchone()
    return _Search(conn, shard_no, rules, words, list(words), size)


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
