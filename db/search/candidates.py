"""Candidates in stages, each only when the one before was not convincing.

So an ordinary query costs an index look-up, and a mistyped one a few more: whole titles, all
words, unknown words corrected, rare ones too, words joined or split, then one word fewer.
"""

import json
import math
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rapidfuzz.distance import OSA

from db.search.documents import Document, docid_range, title_hash
from db.search.filters import Condition
from db.search.ranking import Scored, Wanted, score
from db.search.spelling import completions, corrections, known

CANDIDATES = 160  # read and ranked per stage; the index streams the likely ones first
PREFIX_WORDS = 12
RARE_SHARE = 0.02  # a known word of fewer works than this may still be a slip
# A result this good ends the search for better ones.
CONVINCING = 0.9
STOP_WORDS = frozenset(
    ("a", "an", "and", "at", "by", "for", "from", "in", "is", "it", "of", "on", "or", "the", "to",
     "with")
)  # fmt: skip

_COLUMNS = (
    "d.docid, d.work_id, d.title, d.authors, d.characters, d.fandoms, d.relationships, "
    "d.tags, d.nicknames, d.series"
)


@dataclass(slots=True)
class Hunt:
    """One search under way: its candidates so far, and the words by which they were found."""

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
