"""Search against its peers in one run: mistyped and half-remembered queries by class.

A hit is a work with the title that was meant, not one id among equals. Recall is over all
queries of a class; times are of one query in this process, the answer's works not loaded.
"""

import argparse
import json
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rapidfuzz import fuzz, process, utils

from db import adding, search
from db.connection import prepare_file
from db.keeping import edit
from db.models import NewWork, SearchRequest, Viewer, WorkChanges
from db.search import normalise
from tests.bench.corpus import works

EVERYTHING = Viewer(adult_ok=True)
LETTERS = "abcdefghijklmnopqrstuvwxyz"
Perturb = Callable[[random.Random, str], str]
Engine = Callable[[str], Sequence[str]]


def _at_letter(chance: random.Random, text: str, change: Callable[[str, int], str]) -> str:
    words = text.split()
    long = [at for at, word in enumerate(words) if len(word) > 3] or list(range(len(words)))
    at = chance.choice(long)
    words[at] = change(words[at], chance.randrange(1, max(2, len(words[at]) - 1)))
    return " ".join(words)


def swap(chance: random.Random, text: str) -> str:
    """Two neighbouring letters changed places."""
    return _at_letter(chance, text, lambda w, i: w[:i] + w[i : i + 2][::-1] + w[i + 2 :])


def delete(chance: random.Random, text: str) -> str:
    """A letter left out."""
    return _at_letter(chance, text, lambda w, i: w[:i] + w[i + 1 :])


def insert(chance: random.Random, text: str) -> str:
    """A letter too many."""
    letter = chance.choice(LETTERS)
    return _at_letter(chance, text, lambda w, i: w[:i] + letter + w[i:])


def substitute(chance: random.Random, text: str) -> str:
    """A wrong letter."""
    letter = chance.choice(LETTERS)
    return _at_letter(chance, text, lambda w, i: w[:i] + letter + w[i + 1 :])


def wrong_first(chance: random.Random, text: str) -> str:
    """The first letter of a word wrong."""
    letter = chance.choice(LETTERS)
    return _at_letter(chance, text, lambda w, _: letter + w[1:])


def two_typos(chance: random.Random, text: str) -> str:
    """Two slips anywhere."""
    kinds = (swap, delete, insert, substitute)
    return chance.choice(kinds)(chance, chance.choice(kinds)(chance, text))


def reordered(chance: random.Random, text: str) -> str:
    """The words in another order."""
    words = text.split()
    chance.shuffle(words)
    return " ".join(words)


def missing_word(chance: random.Random, text: str) -> str:
    """A word left out."""
    words = text.split()
    if len(words) > 2:
        del words[chance.randrange(len(words))]
    return " ".join(words)


def joined(chance: random.Random, text: str) -> str:
    """Two words written as one."""
    words = text.split()
    at = chance.randrange(max(1, len(words) - 1))
    return " ".join([*words[:at], "".join(words[at : at + 2]), *words[at + 2 :]])


def split_word(chance: random.Random, text: str) -> str:
    """One word written as two."""
    return _at_letter(chance, text, lambda w, i: f"{w[: i + 1]} {w[i + 1 :]}")


def half_typed(chance: random.Random, text: str) -> str:
    """The last word not finished."""
    words = text.split()
    words[-1] = words[-1][: max(2, len(words[-1]) - chance.randrange(1, 4))]
    return " ".join(words)


MISTYPED: dict[str, Perturb] = {
    "swap": swap,
    "delete": delete,
    "insert": insert,
    "substitute": substitute,
    "wrong first letter": wrong_first,
    "two typos": two_typos,
    "reordered": reordered,
    "missing word": missing_word,
    "joined": joined,
    "split": split_word,
}
CLASSES: dict[str, Perturb] = {
    "as it is": lambda _, text: text,
    **MISTYPED,
    "half typed": half_typed,
}


def queries(corpus: Sequence[NewWork], per_class: int, seed: int) -> list[tuple[str, str, str]]:
    """(class, query, normalised title meant)."""
    chance = random.Random(seed)
    made: list[tuple[str, str, str]] = []
    titles = [w.info.title for w in corpus if w.info.title and len(w.info.title.split()) > 1]
    for name, perturb in CLASSES.items():
        for _ in range(per_class):
            meant = chance.choice(titles)
            made.append((name, perturb(chance, normalise(meant)), normalise(meant)))
    for _ in range(per_class):
        work = chance.choice(corpus)
        made.append(
            (
                "author and title",
                f"{swap(chance, normalise(work.info.title or ''))} {work.info.authors[0]}",
                normalise(work.info.title or ""),
            )
        )
    return made


def measure(engine: Engine, asked: Sequence[tuple[str, str, str]]) -> dict[str, object]:
    """Recall and times of an engine by class."""
    rows: dict[str, list[tuple[int, float]]] = {}
    for name, query, meant in asked:
        began = time.perf_counter()
        found = engine(query)
        elapsed = (time.perf_counter() - began) * 1000
        rank = next((at for at, title in enumerate(found) if title == meant), 99)
        rows.setdefault(name, []).append((rank, elapsed))
    report: dict[str, object] = {}
    for name, results in rows.items():
        times = sorted(elapsed for _, elapsed in results)
        report[name] = {
            "r1": round(sum(rank == 0 for rank, _ in results) / len(results), 3),
            "r5": round(sum(rank < 5 for rank, _ in results) / len(results), 3),
            "p50_ms": round(statistics.median(times), 2),
            "p95_ms": round(times[int(0.95 * (len(times) - 1))], 2),
        }
    every = sorted(elapsed for results in rows.values() for _, elapsed in results)
    mistyped = [rank for name in MISTYPED for rank, _ in rows[name]]
    report["mistyped and reordered"] = {
        "r1": round(sum(rank == 0 for rank in mistyped) / len(mistyped), 3),
        "r5": round(sum(rank < 5 for rank in mistyped) / len(mistyped), 3),
    }
    report["all times"] = {
        "p50_ms": round(statistics.median(every), 2),
        "p95_ms": round(every[int(0.95 * (len(every) - 1))], 2),
    }
    return report


def build(folder: Path, corpus: Sequence[NewWork]) -> tuple[sqlite3.Connection, float]:
    """A library of the corpus, and how many works a second it took in."""
    path = folder / "library.sqlite3"
    prepare_file(path)
    conn = sqlite3.connect(path, isolation_level=None)
    began = time.perf_counter()
    for at in range(0, len(corpus), 500):
        conn.execute("BEGIN IMMEDIATE")
        adding.add_works(conn, 0, corpus[at : at + 500], by=None, now=datetime.now(UTC))
        conn.execute("COMMIT")
    return conn, len(corpus) / (time.perf_counter() - began)


def ours(conn: sqlite3.Connection) -> Engine:
    """This library's search."""

    def find(query: str) -> list[str]:
        ranked = search.search(conn, 0, SearchRequest(query, limit=5), EVERYTHING)
        return [
            conn.execute("SELECT title_key FROM works WHERE work_id = ?", (hit[0],)).fetchone()[0]
            for hit in ranked.hits
        ]

    return find


def wratio(titles: Sequence[str]) -> Engine:
    """What most bots do: rapidfuzz's WRatio over all titles."""
    return lambda query: [
        found[0]
        for found in process.extract(
            query, titles, scorer=fuzz.WRatio, processor=utils.default_process, limit=5,
            score_cutoff=75,
        )
    ]  # fmt: skip


def plain_fts(titles: Sequence[str]) -> Engine:
    """What most libraries do: FTS5, all words, by bm25."""
    conn = sqlite3.connect(":memory:")
    conn.execute("CREATE VIRTUAL TABLE t USING fts5(title)")
    conn.executemany("INSERT INTO t VALUES (?)", [(title,) for title in titles])

    def find(query: str) -> list[str]:
        match = " ".join(f'"{word}"' for word in query.split())
        return [
            row[0]
            for row in conn.execute(
                "SELECT title FROM t WHERE t MATCH ? ORDER BY rank LIMIT 5", (match,)
            )
        ]

    return find


def run(count: int, per_class: int = 100, seed: int = 2) -> dict[str, object]:
    """One size: ours and the peers, on the same queries."""
    corpus = list(works(count, 1))
    asked = queries(corpus, per_class, seed)
    titles = list(dict.fromkeys(normalise(work.info.title or "") for work in corpus))
    few = asked[:: max(1, len(asked) // 130)]  # WRatio takes a second a query at a million
    with tempfile.TemporaryDirectory() as folder:
        conn, rate = build(Path(folder), corpus)
        file_mb = (Path(folder) / "library.sqlite3").stat().st_size / 1e6
        report: dict[str, object] = {
            "works": count,
            "build_works_per_s": round(rate),
            "file_mb": round(file_mb, 1),
            "ficshelf": measure(ours(conn), asked),
            "FTS5": measure(plain_fts(titles), asked),
            "WRatio": measure(wratio(titles), few if count > 20_000 else asked[::4]),
            "one_work_ms": _one_work(conn),
        }
        conn.close()
    return report


def _one_work(conn: sqlite3.Connection) -> dict[str, float]:
    times: dict[str, list[float]] = {"add": [], "edit": []}
    for number, new in enumerate(works(50, seed=99)):
        now = datetime.now(UTC)
        began = time.perf_counter()
        conn.execute("BEGIN IMMEDIATE")
        (outcome,) = adding.add_works(conn, 0, [new], by=None, now=now)
        conn.execute("COMMIT")
        times["add"].append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        conn.execute("BEGIN IMMEDIATE")
        changes = WorkChanges(title=f"Renamed {number}")
        edit(conn, 0, outcome.work_id or 0, changes, by=1, now=now)
        conn.execute("COMMIT")
        times["edit"].append((time.perf_counter() - began) * 1000)
    return {name: round(statistics.median(each), 2) for name, each in times.items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--works", type=int, nargs="+", default=[10_000])
    parser.add_argument("--queries", type=int, default=100, help="in each class")
    parser.add_argument("--seed", type=int, default=2, help="2: development; others: test")
    options = parser.parse_args()
    for size in options.works:
        print(json.dumps(run(size, options.queries, options.seed), indent=1))
