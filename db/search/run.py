"""One search for words: readings of them tried stage by stage until one convinces.

What it finds is a fixed set of works, whoever asks: staging and ranking see adult and muted
works too, and only at the end are those left out and counted. So a page is a window on that
set, and what is shown and what is hidden always add up.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import cast

from db.search.candidates import Reader
from db.search.documents import COLUMNS, WORK_OF_ROW, Document, docid_range, is_adult
from db.search.filters import Condition
from db.search.index import trigrams
from db.search.little import STOP_WORDS
from db.search.ranking import FIRST_FIELD, LIKE_ENOUGH, Row, Scored, Slot, likeness, score
from db.search.readings import (
    Match,
    Reading,
    Stage,
    all_of,
    is_matched,
    to_fts,
)

# Ranked of each reading; the index streams the likely ones first (50: -0.2, 200: twice the p95).
CANDIDATES = 100
FEW = 24  # enough, where the first of them is certain; all 100 take 3 ms more at a million
FEW_LOADED = 2000  # works that filters leave, which are looked at one by one
MOST_FILTERED = 30_000  # matches of the words that are held against the filters
COUNT_LIMIT = 1000  # matches counted and faceted; beyond it the total is a floor
TYPING_LIMIT = 100  # matches looked at while a member types
# The best work answers the query: what is more forgiving need not be tried (0.7: others -0.3,
# 0.92: a tenth more time).
CONVINCING_TITLE = 0.8
# The same after words were corrected, which may have been for others.
CONVINCING_CORRECTED = 0.88
# The share of names that must have been typed for them to be what was meant (0.4: others -0.2;
# 0.77: +0.1, others +0.3, and a third more time).
EXPLAINED = 0.5
NO_ACCIDENT = 4  # words that one work has all of (2: -0.3)
LIKELY_TITLE = 0.64  # with less, fewer words may be better
# A more forgiving reading must be this much better than one that found every word.
MARGIN = 0.12  # 0.06: others -0.2
# The same over works that hold every word just as it was typed.
MARGIN_AS_TYPED = 0.3
# Works found by a reading that lost, but with a title like this, are answers still.
ALSO_MEANT = 0.8  # 0.7: others -0.3
MOST_ALSO = 10
NEAR_BEST = 0.7  # of what is found by fewer words or letters, a share of the best score
GRAM_ROWS = 12_000  # index rows read for a search by letters, the rarest letters first
BY_LETTERS = 60  # works with the most letters in common that are ranked


AS_TYPED = (Stage.EXACT, Stage.HALF_TYPED, Stage.BEGUN)


@dataclass(slots=True)
class Outcome:
    """What a reading brought: matching works in the order of the index, and the best of them."""

    reading: Reading
    docids: list[int]
    scored: dict[int, Scored]
    best: Scored


@dataclass(slots=True)
class Run:
    """A search under way: `run` it, then ask for its `answers`."""

    conn: sqlite3.Connection
    shard_no: int
    rules: Condition
    words: Sequence[str]
    prefixes: frozenset[int] = frozenset()
    limit: int = COUNT_LIMIT
    is_typing: bool = False
    no_adult: bool = False  # adult works are passed over, rather than found and counted
    as_typed: bool = False
    winner: Outcome | None = None
    muted: set[int] = field(default_factory=set[int])  # of every work met, the muted ones
    rows: dict[int, Row] = field(default_factory=dict[int, Row])  # what is indexed of works met
    scores: dict[int, Scored] = field(default_factory=dict[int, Scored])
    _loaded: list[tuple[int, set[str], set[str]]] | None = None

    def run(self) -> None:
        """Try the readings until one convinces."""
        row = self.conn.execute(
            "SELECT works FROM search_sizes WHERE shard_no = ?", (self.shard_no,)
        ).fetchone()
        if row is None:
            return
        reader = Reader(self.conn, self.shard_no, self.words, row[0], self.prefixes, self.is_typing)
        stages = [reader.plain]
        if not self.as_typed:
            stages += [
                reader.respaced_titles, reader.corrected, reader.titles, reader.respaced,
                reader.begun_doubtfully, reader.mistyped_ending, reader.doubted, reader.initials,
            ]  # fmt: skip
        for readings in stages:
            for reading in readings():
                self._consider(reading)
                if self._is_settled():
                    return
        if self.as_typed or (self.winner and self.winner.best.title >= LIKELY_TITLE):
            return
        for reading in reader.fewer():
            self._consider(reading)
            if self.winner is not None and self.winner.best.title >= CONVINCING_TITLE:
                return
        if self.winner is None:
            self._consider(reader.by_letters())

    @property
    def is_floor(self) -> bool:
        """Whether there may be more works than were counted."""
        return self.winner is not None and len(self.winner.docids) >= self.limit

    def is_hidden(self, docid: int, adult_ok: bool) -> bool:
        """Whether a work found may not be shown."""
        return docid in self.muted or (is_adult(docid) and not adult_ok)

    def answers(self) -> list[int]:
        """Every work that answers, the best first, then those that were not ranked."""
        if self.winner is None:
            return []
        reading, best = self.winner.reading, self.winner.best
        docids = self.winner.docids
        if not reading.is_whole:
            docids = [d for d in docids if self.scores[d].score >= NEAR_BEST * best.score]
        elif (narrowed := reading.narrowed(best.words)).match != reading.match:
            if all(docid in self.winner.scored for docid in docids):
                docids = [d for d in docids if narrowed.admits(self.winner.scored[d].words)]
            else:
                docids = self._matching(narrowed)
        chosen = set(docids)
        also = sorted(
            (
                one
                for one in self.scores.values()
                if one.docid not in chosen and one.title >= ALSO_MEANT
            ),
            key=Scored.order,
        )
        docids = [*docids, *(one.docid for one in also[:MOST_ALSO])]
        ranked = sorted((self.scores[d] for d in docids if d in self.scores), key=Scored.order)
        return [one.docid for one in ranked] + [d for d in docids if d not in self.scores]

    def scored(self, docid: int) -> Scored:
        """How a work that answers was scored, or scores."""
        if docid not in self.scores:
            assert self.winner is not None
            (self.scores[docid],) = self._rank(self.winner.reading.slots, [docid], is_whole=True)
        return self.scores[docid]

    def _is_settled(self) -> bool:
        """Whether the best work so far answers the query."""
        if self.winner is None:
            return False
        best, stage = self.winner.best, self.winner.reading.stage
        if self.is_typing:
            return True
        if stage in (Stage.EXACT, Stage.HALF_TYPED):
            return (
                best.title >= CONVINCING_TITLE
                or len(set(best.fields)) == 1  # all of one word, too
                or self._is_explained(best)
            )
        if stage is Stage.CORRECTED:
            return best.title >= CONVINCING_CORRECTED or self._is_explained(best)
        return best.title >= CONVINCING_TITLE

    def _is_explained(self, best: Scored) -> bool:
        """Whether all that was typed is most of the names that it stands in.

        "faye cowboy bebop" is; "silver prince" in a "quicksilver" and a "Prince of Egypt" is not.
        So many words in one work are no accident, whatever they are.
        """
        words = {word for word in best.words if word} - STOP_WORDS
        if not best.complete or not words:
            return False
        if len(words) >= NO_ACCIDENT:
            return True
        row = self.rows[best.docid]
        names = [
            set(name.split()) for field in row[FIRST_FIELD:] for name in str(field).split("\n")
        ]
        meant: set[str] = set()
        for word in words:
            holding = [name for name in names if word in name]
            # An author may be typed as one word.
            meant |= max(holding, key=lambda name: len(name & words) / len(name), default={word})
        return _letters(words) >= EXPLAINED * _letters(meant - STOP_WORDS)

    def _consider(self, reading: Reading) -> None:
        """Rank what a reading matches, and keep it if it is better than the best so far."""
        docids = self._matching(reading)
        if not docids:
            return
        if self.is_typing or not reading.is_whole or len(docids) <= FEW:
            scored = self._rank(reading.slots, docids, reading.is_whole)
        else:
            scored = self._rank_many(reading, docids)
        if reading.stage is Stage.INITIALS:
            scored = [one.by_initials() for one in scored]
        if not reading.is_whole:
            scored = [one for one in scored if one.kept]
            docids = [one.docid for one in scored]
        if reading.stage not in (Stage.EXACT, Stage.HALF_TYPED, Stage.INITIALS):
            scored = [one for one in scored if self._is_like(reading, one)]
            docids = docids if reading.is_whole else [one.docid for one in scored]
        if not scored:
            return
        best = min(scored, key=Scored.order)
        for one in scored:
            if one.docid not in self.scores or one.score > self.scores[one.docid].score:
                self.scores[one.docid] = one
        margin = 0.0
        if self.winner and self.winner.best.complete:
            as_typed = self.winner.reading.stage is Stage.EXACT and reading.stage not in AS_TYPED
            margin = MARGIN_AS_TYPED if as_typed else MARGIN
        if self.winner is None or best.score > self.winner.best.score + margin:
            self.winner = Outcome(reading, docids, {one.docid: one for one in scored}, best)

    def _is_like(self, reading: Reading, one: Scored) -> bool:
        title = str(self.rows[one.docid][FIRST_FIELD])
        if reading.stage is Stage.BEGUN:
            words = zip(one.words, reading.slots, strict=True)
            return title.startswith(" ".join(word or slot.typed for word, slot in words))
        return likeness(reading.slots, one, title) >= LIKE_ENOUGH

    def _matching(self, reading: Reading) -> list[int]:
        """Works that match, in the order of the index."""
        if reading.stage is Stage.LETTERS:
            return self._by_letters()
        if reading.title_keys:
            return self._by_keys(reading.title_keys)
        if self.is_typing:
            titles = self._look_up("search_titles", reading.match, TYPING_LIMIT)
            return list(
                dict.fromkeys(
                    [*titles, *self._look_up("search_fields", reading.match, TYPING_LIMIT)]
                )
            )
        if not reading.is_whole:
            table = "search_titles" if reading.titles_only else "search_fields"
            return self._look_up(table, reading.match, CANDIDATES)
        return self._look_up("search_fields", reading.match, self.limit)

    def _rank_many(self, reading: Reading, docids: list[int]) -> list[Scored]:
        """Of many works that match, score those whose titles do, and the popular ones.

        Where a title is just what was asked for, a few others are enough to fill a page.
        """
        titled = self._by_keys(reading.whole_titles(self.shard_no))
        scored = self._rank(reading.slots, titled, is_whole=True)
        is_title = any(one.title >= CONVINCING_CORRECTED for one in scored)
        popular = docids[: FEW if is_title else CANDIDATES]
        present = set(titled)
        scored += self._rank(reading.slots, [d for d in popular if d not in present], is_whole=True)
        if not is_title and len(docids) > CANDIDATES:
            best = min(scored, key=Scored.order)
            if best.title < CONVINCING_CORRECTED and not self._is_explained(best):
                titled = self._look_up("search_titles", all_of(reading.slots), CANDIDATES)
                present.update(popular)
                more = [docid for docid in titled if docid not in present]
                scored += self._rank(reading.slots, more, is_whole=True)
        if len(docids) >= self.limit:  # titles may lie beyond what was counted
            counted = set(docids)
            docids.extend(docid for docid in titled if docid not in counted)
        return scored

    def _look_up(self, table: str, match: Match, limit: int) -> list[int]:
        """Works of the server that an index matches and the filters allow, likely ones first."""
        if (few := self._few()) is not None:
            in_titles = table == "search_titles"
            found = (
                docid
                for docid, titled, words in few
                if is_matched(match, titled if in_titles else words)
            )
            return list(islice(found, limit))
        low, high = docid_range(self.shard_no)
        return self._allowed(
            f"{table} AS i",
            f"{table} MATCH :match AND i.rowid BETWEEN :low AND :high",
            {"match": to_fts(match), "low": low, "high": high},
            limit,
        )

    def _few(self) -> list[tuple[int, set[str], set[str]]] | None:
        """All works that the filters allow, with the words of their titles and of all fields,
        where these are so few that an index would pass over thousands for each; else None.
        """
        if self.rules.few is None or self.rules.few_works > FEW_LOADED:
            return None
        if self._loaded is None:
            self._loaded = []
            docids = self._allowed(
                f"(SELECT d.docid AS rowid FROM ({self.rules.few}) AS few "
                "CROSS JOIN search_docs AS d ON d.work_id = few.work_id) AS i",
                "1",
                {},
                FEW_LOADED,
            )
            self._load(docids)
            for docid in docids:
                row = self.rows[docid]
                document = Document(*row)
                self._loaded.append((docid, set(document.title.split()), document.words()))
        return self._loaded

    def _by_keys(self, keys: Sequence[int]) -> list[int]:
        """Works whose titles, or titles but for one word, have these hashes."""
        return self._allowed(
            "(SELECT DISTINCT docid AS rowid FROM search_keys "
            " WHERE hash IN (SELECT value FROM json_each(:keys))) AS i",
            "1",
            {"keys": json.dumps(keys)},
            CANDIDATES,
        )

    def _by_letters(self) -> list[int]:
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
        return self._allowed(
            "(SELECT value AS rowid FROM json_each(:docids)) AS i",
            "1",
            {"docids": json.dumps(common)},
            BY_LETTERS,
        )

    def _allowed(
        self, source: str, where: str, parameters: dict[str, object], limit: int
    ) -> list[int]:
        """Row ids of `source` that the filters allow; the muted ones go to `muted`."""
        rules = self.rules
        if self.no_adult:
            where += " AND NOT i.rowid & 1"
        if rules.is_bare:  # the index holds published works only, each server's in its range
            sql = f"SELECT i.rowid AS docid, 0 AS muted FROM {source} WHERE {where}"
        else:
            sql = (
                f"SELECT i.rowid AS docid, {rules.muted} AS muted "
                f"FROM (SELECT i.rowid AS rowid FROM {source} WHERE {where} "
                f"ORDER BY i.rowid LIMIT {MOST_FILTERED}) AS i CROSS JOIN works AS w "
                f"INDEXED BY works_for_filters ON w.work_id = {WORK_OF_ROW} WHERE {rules.asked}"
            )
        # All in one row, for the reason that db/gathering.py gives.
        docids, muted = self.conn.execute(
            "SELECT json_group_array(docid), json_group_array(docid) FILTER (WHERE muted) "
            f"FROM ({sql} ORDER BY i.rowid LIMIT :limit)",
            {**rules.parameters, **parameters, "limit": limit},
        ).fetchone()
        self.muted.update(json.loads(muted))
        return json.loads(docids)

    def _rank(self, slots: Sequence[Slot], docids: Sequence[int], is_whole: bool) -> list[Scored]:
        """Score works by a reading's slots."""
        self._load([docid for docid in docids if docid not in self.rows])
        return [
            score(slots, self.rows[docid], forgiving=not is_whole)
            for docid in docids
            if docid in self.rows
        ]

    def _load(self, docids: Sequence[int]) -> None:
        """Read what is indexed of works."""
        if docids:
            for row in self.conn.execute(
                f"SELECT {COLUMNS} FROM search_docs "
                "WHERE docid IN (SELECT value FROM json_each(?))",
                (json.dumps(docids),),
            ):
                self.rows[row[0]] = cast("Row", row)


def _letters(words: Iterable[str]) -> int:
    return sum(map(len, words))
