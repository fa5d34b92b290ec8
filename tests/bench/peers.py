"""What else one could search with, set up as its friends would, on the same normalised words.

tantivy            a search engine's fuzzy terms, with the exact words counting more
tantivy, re-ranked its first hundred, put in order by rapidfuzz as a careful bot would
WRatio             rapidfuzz over all titles, as most bots do
FTS5               SQLite's full text, all words, by bm25
FTS5 trigrams      any of the query's trigrams, by bm25; the best put in order by rapidfuzz
"""

import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path

import tantivy
from rapidfuzz import fuzz, process

from db.models import Work
from db.search import normalise

Engine = Callable[[str], list[int]]  # a query as typed -> ids of the five best works
FOUND = 5
RERANKED = 100
CUTOFF = 60  # of 100: below it, what re-ranking puts first is not an answer
_FIELDS = ("title", "authors", "fandoms", "characters", "tags")
_MEMORY = 100_000_000  # tantivy's, while it indexes


def texts(work: Work) -> tuple[str, ...]:
    """A work's fields as all engines here get them."""
    info = work.info
    names = (info.authors, info.fandoms, info.characters, (*info.relationships, *info.tags))
    return (normalise(info.title or ""), *(" ".join(map(normalise, each)) for each in names))


class Tantivy:
    """An index of all fields on disk; positions are not kept, as nothing asks for them."""

    def __init__(self, folder: Path) -> None:
        builder = tantivy.SchemaBuilder()
        builder.add_integer_field("work_id", stored=True)
        for field in _FIELDS:
            builder.add_text_field(
                field,
                stored=True,
                tokenizer_name="whitespace",
                index_option="freq",
            )
        self._schema = builder.build()
        folder.mkdir(exist_ok=True)
        self._index = tantivy.Index(self._schema, path=str(folder))
        self._searcher = self._index.searcher()

    def add(self, rows: Iterable[tuple[int, tuple[str, ...]]]) -> None:
        """Index works, and merge what was written."""
        writer = self._index.writer(heap_size=_MEMORY, num_threads=1)
        for work_id, fields in rows:
            document = tantivy.Document(work_id=work_id)
            for name, text in zip(_FIELDS, fields, strict=True):
                document.add_text(name, text)
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()

    def _query(self, words: list[str]) -> tantivy.Query:
        """Any of the words: a field's exact word by bm25, else one like it for a little less."""
        either: list[tuple[tantivy.Occur, tantivy.Query]] = []
        for at, word in enumerate(words):
            readings: list[tantivy.Query] = []
            distance = 1 if len(word) < 5 else 2
            for field in _FIELDS:
                weight = 1.5 if field == "title" else 1.0
                exact = tantivy.Query.term_query(self._schema, field, word, "freq")
                readings.append(tantivy.Query.boost_query(exact, weight))
                # A fuzzy term scores 1 however rare it is; long words are rarer.
                fuzzy = tantivy.Query.fuzzy_term_query(
                    self._schema, field, word, distance, True, at == len(words) - 1
                )
                readings.append(tantivy.Query.boost_query(fuzzy, weight * min(len(word), 8) / 2))
            best = tantivy.Query.disjunction_max_query(readings, 0.1)
            either.append((tantivy.Occur.Should, best))
        return tantivy.Query.boolean_query(either)

    def plain(self, query: str) -> list[int]:
        """The five best by tantivy's own score."""
        words = normalise(query).split()
        if not words:
            return []
        found = self._searcher.search(self._query(words), FOUND, count=False)
        return [self._searcher.doc(address)["work_id"][0] for _, address in found.hits]

    def reranked(self, query: str) -> list[int]:
        """The five best of a hundred by how alike they are, and by tantivy's score."""
        typed = normalise(query)
        if not typed:
            return []
        words = typed.split()
        found = self._searcher.search(self._query(words), RERANKED, count=False)
        best = found.hits[0][0] if found.hits else 0.0
        ranked: list[tuple[float, int]] = []
        for score, address in found.hits:
            document = self._searcher.doc(address)
            fields = [str(document[field][0]) for field in _FIELDS]
            likeness = max(alike(typed, fields[0], fields[1]), 0.9 * covered(words, fields))
            if likeness >= CUTOFF:
                ranked.append((likeness + 20 * score / best, document["work_id"][0]))
        ranked.sort(key=lambda one: -one[0])
        return [work_id for _, work_id in ranked[:FOUND]]


def covered(words: list[str], fields: list[str]) -> float:
    """How much of the query a work has in any field, long words counting more: 0-100."""
    have = set(" ".join(fields).split())
    matched = sum(
        len(word) * 100.0
        if word in have
        else len(word) * (process.extractOne(word, have, scorer=fuzz.ratio) or ("", 0.0))[1]
        for word in words
    )
    return matched / sum(map(len, words))


def alike(query: str, title: str, author: str) -> float:
    """How well a query names a title, in any order, or begins it, or names its author: 0–100."""
    both = f"{title} {author}"
    return max(
        fuzz.ratio(query, title),
        0.95 * fuzz.ratio(query, title[: len(query)]),
        0.97 * fuzz.token_sort_ratio(query, title),
        0.98 * fuzz.token_sort_ratio(query, both),
        0.97 * fuzz.ratio(query, author),
    )


class WRatio:
    """Every title in memory."""

    def __init__(self, rows: Iterable[tuple[int, str]]) -> None:
        firsts: dict[str, int] = {}
        for work_id, title in rows:
            firsts.setdefault(title, work_id)
        self._titles, self._ids = list(firsts), list(firsts.values())

    def find(self, query: str) -> list[int]:
        """The five best titles at 75 or more."""
        found = process.extract(
            normalise(query), self._titles, scorer=fuzz.WRatio, limit=FOUND, score_cutoff=75
        )
        return [self._ids[at] for _, _, at in found]


class FullText:
    """SQLite's FTS5 over the same fields, and over the trigrams of titles with authors."""

    def __init__(self, path: Path) -> None:
        self._conn = sqlite3.connect(path, isolation_level=None)
        self._conn.execute("PRAGMA synchronous = OFF")

    def add(self, rows: Iterable[tuple[int, tuple[str, ...]]]) -> None:
        """Index works."""
        fields = ", ".join(_FIELDS)
        self._conn.execute("BEGIN")
        for statement in (
            "CREATE TABLE works (work_id INTEGER PRIMARY KEY, title TEXT, authors TEXT)",
            f"CREATE VIRTUAL TABLE words USING fts5({fields}, content = '')",
            "CREATE VIRTUAL TABLE grams USING fts5(both, content = '', tokenize = 'trigram')",
        ):
            self._conn.execute(statement)
        marks = ", ".join("?" * len(_FIELDS))
        for work_id, each in rows:
            both = (work_id, each[0], each[1])
            self._conn.execute("INSERT INTO works VALUES (?, ?, ?)", both)
            self._conn.execute(
                f"INSERT INTO words (rowid, {fields}) VALUES (?, {marks})", (work_id, *each)
            )
            self._conn.execute(
                "INSERT INTO grams (rowid, both) VALUES (?, ?)", (work_id, f"{each[0]} {each[1]}")
            )
        self._conn.execute("COMMIT")

    def titles(self) -> Iterable[tuple[int, str]]:
        """Every work with its title."""
        yield from self._conn.execute("SELECT work_id, title FROM works ORDER BY work_id")

    def words(self, query: str) -> list[int]:
        """The five best works with all of the words, titles weighing most."""
        match = " ".join(f'"{word}"' for word in normalise(query).split())
        if not match:
            return []
        found = self._conn.execute(
            "SELECT rowid FROM words WHERE words MATCH ? "
            "ORDER BY bm25(words, 4, 2, 1, 1, 1) LIMIT ?",
            (match, FOUND),
        )
        return [work_id for (work_id,) in found]

    def trigrams(self, query: str) -> list[int]:
        """The five most alike of the hundred with the most telling trigrams in common."""
        typed = normalise(query)
        grams = {typed[at : at + 3] for at in range(len(typed) - 2)}
        if not grams:
            return []
        found = self._conn.execute(
            "SELECT work_id, title, authors FROM works JOIN "
            "(SELECT rowid AS id FROM grams WHERE grams MATCH ? ORDER BY rank LIMIT ?) "
            "ON work_id = id",
            (" OR ".join(f'"{gram}"' for gram in sorted(grams)), RERANKED),
        )
        ranked = sorted((-alike(typed, title, author), work_id) for work_id, title, author in found)
        return [work_id for likeness, work_id in ranked[:FOUND] if -likeness >= CUTOFF]


def index_for_peers(
    folder: Path, count: int, works: Callable[[], Iterable[Work]]
) -> tuple[Tantivy, FullText, float]:
    """The peers' indexes of a library in the folder, built unless they are there; tantivy's MB."""
    place, path = folder / f"tantivy-{count}", folder / f"peers-{count}.sqlite3"
    done = folder / f"peers-{count}.done"
    is_new = not done.exists()
    if is_new:
        path.unlink(missing_ok=True)
        for leftover in place.glob("*"):
            leftover.unlink()
    engine, full_text = Tantivy(place), FullText(path)
    if is_new:
        engine.add((work.work_id, texts(work)) for work in works())
        full_text.add((work.work_id, texts(work)) for work in works())
        done.touch()
    return engine, full_text, sum(file.stat().st_size for file in place.iterdir()) / 1e6
