"""Works like another one: by the names they share, the rarer the better, then by their words.

No step reads the library: every name and every look-up brings a bounded number of works, the
rarest names first, and what those share is then told exactly.
"""

import json
import math
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from db.finding import visible_work
from db.models import Filters, Hidden, NameField, SimilarAnswer, SimilarHit, Viewer, Work
from db.search.consent import QUOTABLE
from db.search.documents import WORK_OF_ROW, docid_range, shard_of
from db.search.filters import condition
from db.search.normalise import normalise
from db.search.spelling import known
from db.traits import ROWS, Trait, traits_of
from db.works import load_works

MOST_LISTED = 96  # works like one; nobody pages through more
LOOKED_AT = 1_000  # works that are judged
BROUGHT = 400  # works that one name brings; a name of more is a common one
LINKED = 4  # common names that are looked for together
TOGETHER = 150  # works that several of them bring, the popular ones first
FEW, NEWEST = 100, 200  # where names bring fewer, the newest works are compared by their words
COMPARED = 150  # of the best works that may be shown, by their words

NEXT_OF_KIND = 0.7  # of a second name's worth, then of a third's: fifty tags are not everything
SAME_LANGUAGE = 0.4
BESIDE = 0.6  # less for a crossover, by its share of fandoms that this work is not of
SAME_WORDS = 2.0  # for all the telling words of title and summary
PART_APART = 0.05  # a series comes in its order, beginning with the part after this one
LEAST_WORDS = 2  # that works share which share no name; or one in both titles

SHORTEST_WORD = 4
RARE_SHARE, RARE_WORKS = 0.02, 3  # a word of more works than both tells nothing
OFTEN_SHARE, OFTEN_TEXTS = 0.2, 3  # nor does one of more of the texts compared
WORDS_LOOKED_FOR = 8
# Longer words that are in any summary, whatever it is about.
_COMMON_WORDS = """
about after again also always away back been before being between both could does down each even
ever every from have having here into itself just like made make many more most much never only
other over same said should some still such than that their them then there these they thing
things this those through time under until upon very want wants well were what when where which
while will with without would your
"""
_COMMON = frozenset(_COMMON_WORDS.split())


@dataclass(slots=True)
class _Candidate:
    """A work that may be similar: the numbers of the traits shared, the words, and its score."""

    work_id: int
    is_adult: bool
    is_muted: bool
    traits: set[int] = field(default_factory=set[int])
    words: tuple[str, ...] = ()
    score: float = 0.0
    popularity: int = 0

    def order(self) -> tuple[float, int, int]:
        """Sorts the best first; of equals the popular, then the newer ones."""
        return -round(self.score, 6), -self.popularity, -self.work_id


def similar(
    conn: sqlite3.Connection,
    guild_id: int,
    work_id: int,
    viewer: Viewer,
    *,
    offset: int = 0,
    limit: int = 8,
) -> SimilarAnswer:
    """Published works like one, the most alike first, at most `MOST_LISTED` of them.

    Raises:
        NotFound, Refused: the work itself is not there for this viewer.
    """
    work = visible_work(conn, guild_id, work_id, viewer)
    seeker = _Seeker(conn, guild_id, work)
    listed, hidden = seeker.find(viewer)
    page = listed[offset : offset + limit]
    return SimilarAnswer(
        work=work,
        total=len(listed),
        hits=tuple(
            SimilarHit(found, round(one.score, 4), seeker.shared(one), one.words)
            for one, found in zip(
                page, load_works(conn, guild_id, [one.work_id for one in page]), strict=True
            )
        ),
        hidden=hidden,
    )


class _Seeker:
    """Looks for works like one work."""

    def __init__(self, conn: sqlite3.Connection, guild_id: int, work: Work) -> None:
        self._conn = conn
        self._guild_id = guild_id
        self._work = work
        self._shard_no = shard_of(conn, guild_id)
        row = conn.execute(
            "SELECT works FROM search_sizes WHERE shard_no = ?", (self._shard_no,)
        ).fetchone()
        self._size = int(row[0]) if row else 0
        self._traits = traits_of(conn, guild_id, work.work_id, self._size)
        self._title_words = _telling(work.info.title or work.opening)
        self._words = self._rare(self._title_words | _telling(work.info.summary))

    def find(self, viewer: Viewer) -> tuple[list[_Candidate], Hidden]:
        """The works to list in their order, and how many would be among them but are hidden."""
        candidates = self._allowed(self._gathered(), viewer)
        self._share_common(candidates)
        worths: dict[frozenset[int], float] = {}
        for one in candidates.values():  # many of whom share just the same
            same = frozenset(one.traits)
            if same not in worths:
                worths[same] = self._worth(one)
            one.score = worths[same]
        self._order_series(candidates)
        best = _with_shown(sorted(candidates.values(), key=_Candidate.order), COMPARED)
        self._compare(best)
        alike = sorted((one for one in best if one.traits or one.words), key=_Candidate.order)
        window = _with_shown(alike, MOST_LISTED)
        hidden = Hidden(
            adult=sum(one.is_adult for one in window),
            muted=sum(one.is_muted and not one.is_adult for one in window),
        )
        return [one for one in window if not (one.is_adult or one.is_muted)], hidden

    def shared(self, one: _Candidate) -> tuple[tuple[NameField, str], ...]:
        """The names that a work has in common with this one, what tells most first.

        The fandom comes last: nearly all of them share it.
        """
        traits = sorted(
            self._distinct(one),
            key=lambda trait: (trait.field is NameField.FANDOM, -trait.worth, trait.name),
        )
        return tuple((trait.field, trait.name) for trait in traits)

    # Gathering

    def _gathered(self) -> dict[int, set[int]]:
        """Works that may be similar, with the traits by which each was found."""
        found: dict[int, set[int]] = defaultdict(set)
        rare = [at for at, trait in enumerate(self._traits) if trait.works <= BROUGHT]
        common = [at for at, trait in enumerate(self._traits) if trait.works > BROUGHT]
        for at in sorted(rare, key=lambda at: self._traits[at].works):
            for work_id in self._having(self._traits[at]):
                found[work_id].add(at)
        for match in self._matches([self._traits[at] for at in common]):
            for work_id in self._popular(match):
                found[work_id].update()
        for at in sorted(common, key=lambda at: self._traits[at].works):
            if len(found) < LOOKED_AT:
                for work_id in self._having(self._traits[at]):
                    found[work_id].add(at)
        if len(found) < FEW:
            for (work_id,) in self._conn.execute(
                "SELECT work_id FROM works WHERE guild_id = ? AND state = 'published' "
                "ORDER BY added_at DESC, work_id DESC LIMIT ?",
                (self._guild_id, NEWEST),
            ):
                found[work_id].update()
        found.pop(self._work.work_id, None)
        return dict(list(found.items())[:LOOKED_AT])

    def _having(self, trait: Trait) -> Iterator[int]:
        """Works that have a trait: all, or some of a common one's, the newest if it has one id."""
        table, (where, named) = ROWS[trait.field][0], _named(trait)
        # The rows of several ids would all have to be read to be put in order.
        order = "ORDER BY work_id DESC" if len(trait.ids) == 1 else ""
        rows = self._conn.execute(
            f"SELECT work_id FROM {table} WHERE {where} {order} LIMIT {BROUGHT}", (named,)
        )
        return (row[0] for row in rows)

    def _matches(self, common: Sequence[Trait]) -> list[str]:
        """Full-text queries: for several of the common names at once, and for the rarest words."""
        best = sorted(common, key=lambda trait: -trait.worth)[:LINKED]
        named = [f"({match})" for trait in best if (match := _every_word(trait.name))]
        matches = [
            " AND ".join(chosen)
            for count in range(len(named), 0, -1)
            for chosen in combinations(named, count)
        ]
        there = [word for word in self._words if self._words[word]]
        rarest = sorted(there, key=lambda word: (self._words[word], word))[:WORDS_LOOKED_FOR]
        if any_word := " OR ".join(_quoted(word) for word in rarest):
            matches.append(any_word)
            matches += [f"{match} AND ({any_word})" for match in named[:1]]
        return matches

    def _popular(self, match: str) -> Iterator[int]:
        """Works in any of whose fields those words are, the popular ones first."""
        low, high = docid_range(self._shard_no)
        rows = self._conn.execute(
            f"SELECT {WORK_OF_ROW} FROM search_fields AS i WHERE search_fields MATCH ? "
            f"AND i.rowid BETWEEN ? AND ? ORDER BY i.rowid LIMIT {TOGETHER}",
            (match, low, high),
        )
        return (row[0] for row in rows)

    def _allowed(self, found: dict[int, set[int]], viewer: Viewer) -> dict[int, _Candidate]:
        """Those that are published here, with why they may not be shown."""
        rules = condition(self._conn, self._guild_id, Filters(), viewer)
        return {
            work_id: _Candidate(work_id, bool(adult), bool(muted), found[work_id])
            for work_id, adult, muted in self._conn.execute(
                f"SELECT w.work_id, {rules.adult}, {rules.muted} FROM json_each(:found) AS c "
                "CROSS JOIN works AS w INDEXED BY works_for_filters ON w.work_id = c.value "
                f"WHERE {rules.asked}",
                {**rules.parameters, "found": json.dumps(list(found))},
            )
        }

    # Judging

    def _share_common(self, candidates: dict[int, _Candidate]) -> None:
        """Tell who else shares the common traits: whom the others bring is known already."""
        ids = json.dumps(list(candidates))
        for at, trait in enumerate(self._traits):
            if trait.works <= BROUGHT:
                continue
            table, (where, named) = ROWS[trait.field][0], _named(trait)
            rows = self._conn.execute(
                f"SELECT c.value FROM json_each(?) AS c CROSS JOIN {table} AS x "
                f"ON x.work_id = c.value AND x.{where}",
                (ids, named),
            )
            for (work_id,) in rows:
                candidates[work_id].traits.add(at)

    def _worth(self, one: _Candidate) -> float:
        """What the names shared are worth, those of one kind less and less."""
        by_kind: dict[NameField, list[float]] = defaultdict(list)
        for trait in self._distinct(one):
            by_kind[trait.field].append(trait.worth)
        return sum(
            worth * NEXT_OF_KIND**place
            for worths in by_kind.values()
            for place, worth in enumerate(sorted(worths, reverse=True))
        )

    def _distinct(self, one: _Candidate) -> list[Trait]:
        """The traits shared, without those that another one implies."""
        traits = [self._traits[at] for at in one.traits]
        implied = {trait_id for trait in traits for trait_id in trait.above}
        return [trait for trait in traits if trait.trait_id not in implied or not trait.is_tag]

    def _order_series(self, candidates: dict[int, _Candidate]) -> None:
        """Put the parts of this work's series in their order: what follows, then what precedes."""
        for series_id, mine in self._conn.execute(
            "SELECT series_id, part FROM work_series WHERE work_id = ?", (self._work.work_id,)
        ).fetchall():
            parts = self._conn.execute(
                "SELECT work_id FROM work_series WHERE series_id = :series "
                f"ORDER BY part IS NULL, part < :mine, part, work_id LIMIT {BROUGHT}",
                {"series": series_id, "mine": mine},
            ).fetchall()
            others = [candidates[work_id] for (work_id,) in parts if work_id in candidates]
            for place, one in enumerate(others):
                one.score -= PART_APART * min(place, 40)

    def _compare(self, candidates: Sequence[_Candidate]) -> None:
        """Add what language and words are worth, and what breaks ties."""
        rows = {
            row[0]: row[1:]
            for row in self._conn.execute(
                "SELECT w.work_id, "
                f"ifnull(w.title, iif({QUOTABLE}, w.opening, '')), w.summary, w.language, "
                "w.popularity, "
                "(SELECT count(*) FROM search_fandoms AS f WHERE f.work_id = w.work_id) "
                "FROM json_each(?) AS c CROSS JOIN works AS w ON w.work_id = c.value",
                (json.dumps([one.work_id for one in candidates]),),
            )
        }
        shared: dict[int, set[str]] = {}
        titles: set[int] = set()
        for one in candidates:
            title, summary, language, one.popularity, fandoms = rows[one.work_id]
            in_title = _telling(title)
            shared[one.work_id] = (in_title | _telling(summary)) & self._words.keys()
            if in_title & self._title_words & self._words.keys():
                titles.add(one.work_id)
            if _primary(language) and _primary(language) == _primary(self._work.info.language):
                one.score += SAME_LANGUAGE
            ours = sum(trait.field is NameField.FANDOM for trait in self._distinct(one))
            if fandoms > ours > 0:
                one.score -= BESIDE * (1 - ours / fandoms)
        texts = Counter(word for words in shared.values() for word in words)
        often = max(OFTEN_TEXTS, OFTEN_SHARE * len(candidates))
        weights = {
            word: math.log(1 + len(candidates) / max(1, texts[word]))
            for word in self._words
            if texts[word] <= often
        }
        every = sum(weights.values())
        for one in candidates:
            words = [word for word in shared[one.work_id] if word in weights]
            if one.traits or len(words) >= LEAST_WORDS or (words and one.work_id in titles):
                one.words = tuple(sorted(words, key=lambda word: (-weights[word], word)))
                one.score += SAME_WORDS * sum(weights[word] for word in words) / (every or 1)

    def _rare(self, words: Iterable[str]) -> dict[str, int]:
        """Words that tell something here, with the number of works that are indexed by them."""
        counts = known(self._conn, self._shard_no, words)
        most = max(RARE_WORKS, RARE_SHARE * self._size)
        standing = {word: counts.get(word, (0, 0))[0] for word in words}
        return {word: works for word, works in standing.items() if works <= most}


def _named(trait: Trait) -> tuple[str, int | str]:
    """SQL that is true of the rows that name a trait, and what to bind in it."""
    column = ROWS[trait.field][1]
    if len(trait.ids) == 1:  # several times as fast as a list of one
        return f"{column} = ?", trait.ids[0]
    return f"{column} IN (SELECT value FROM json_each(?))", json.dumps(trait.ids)


def _with_shown(ranked: Sequence[_Candidate], most: int) -> list[_Candidate]:
    """The first ones, until so many may be shown."""
    chosen: list[_Candidate] = []
    shown = 0
    for one in ranked:
        if shown == most:
            break
        chosen.append(one)
        shown += not (one.is_adult or one.is_muted)
    return chosen


def _telling(text: str | None) -> set[str]:
    words = normalise(text or "").split()
    return {word for word in words if len(word) >= SHORTEST_WORD and word not in _COMMON}


def _primary(language: str | None) -> str:
    return (language or "").partition("-")[0].lower()


def _every_word(name: str) -> str:
    return " AND ".join(_quoted(word) for word in dict.fromkeys(normalise(name).split()))


def _quoted(word: str) -> str:
    # Folded words hold letters and digits only; doubling is for the day that changes.
    return '"' + word.replace('"', '""') + '"'
