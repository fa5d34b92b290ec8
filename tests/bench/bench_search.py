"""Search against its peers in one run, on the same queries: recall by class, times, sizes, memory.

Times are of one query in this process, on a connection such as the program's readers have; what
an answer shows is loaded afterwards, to judge it. `--library FOLDER` keeps the libraries and the
peers' indexes for later runs; after a change to what is indexed, empty it.
"""

import argparse
import json
import random
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import lru_cache
from pathlib import Path

from db import search
from db.connection import _snapshot
from db.models import SearchRequest, Viewer, WorkInfo
from db.works import load_work
from tests.bench import bench_crowd, libraries, table
from tests.bench.libraries import GUILD, spread
from tests.bench.queries import MISTYPED, NONSENSE, Query, queries

RESULTS = Path(__file__).parents[2] / "bench-results"
FOUND = 5
POOL = 12_000  # works that queries are made of
WARM_UP = 50
MISSES_SHOWN = 12  # of each class: queries whose first hit was not meant
MEMORY_QUERIES = 500
TYPING = ("half typed last word", "mistyped prefix", "first words only")
EVERYTHING = Viewer(adult_ok=True)
_DEVELOPMENT_SEED = 2
# Up to so many works, so many queries of each class: they take a second each at a million.
_SLOW_PEERS_GET = ((20_000, 10_000), (200_000, 10), (10**9, 4))


def measure(
    find: Callable[[str], Sequence[int]], asked: Sequence[Query], info: Callable[[int], WorkInfo]
) -> dict[str, object]:
    """Recall and times of an engine, by class and over all."""
    ranks: dict[str, list[int]] = {}
    times: dict[str, list[float]] = {}
    missed: dict[str, list[str]] = {}
    for query in random.Random(1).sample(asked, min(WARM_UP, len(asked))):
        find(query.text)
    for kind, text, meant in asked:
        began = time.perf_counter()
        found = find(text)
        times.setdefault(kind, []).append((time.perf_counter() - began) * 1000)
        if meant is None:
            rank = FOUND if found else 0
        else:
            rank = next((at for at, one in enumerate(found) if meant(info(one))), FOUND)
        ranks.setdefault(kind, []).append(rank)
        if rank:
            missed.setdefault(kind, []).append(text)
    classes = {
        kind: {
            "n": len(each),
            "r1": round(sum(rank == 0 for rank in each) / len(each), 3),
            "r5": round(sum(rank < FOUND for rank in each) / len(each), 3),
            **spread(times[kind]),
            "missed": missed.get(kind, [])[:MISSES_SHOWN],
        }
        for kind, each in ranks.items()
    }
    slowest = max(classes, key=lambda kind: classes[kind]["p95_ms"])
    mistyped = [classes[kind] for kind in MISTYPED if kind in classes]
    report: dict[str, object] = {
        "queries": len(asked),
        **spread([one for each in times.values() for one in each]),
        "slowest_class": slowest,
        "slowest_class_p95_ms": classes[slowest]["p95_ms"],
    }
    if mistyped:
        report["r1"] = round(statistics.mean(one["r1"] for one in mistyped), 3)
        report["r5"] = round(statistics.mean(one["r5"] for one in mistyped), 3)
    if NONSENSE in classes:
        report["nonsense_refused"] = classes[NONSENSE]["r1"]
    report["classes"] = classes
    return report


def ours(conn: sqlite3.Connection) -> Callable[[str], list[int]]:
    """This library's search."""

    def find(query: str) -> list[int]:
        request = SearchRequest(query, limit=FOUND)
        ranked = _snapshot(conn, lambda conn: search.search(conn, GUILD, request, EVERYTHING))
        return [hit[0] for hit in ranked.hits]

    return find


def completed(conn: sqlite3.Connection) -> Callable[[str], list[int]]:
    """This library's suggestions while typing: the works among the first five."""

    def find(query: str) -> list[int]:
        offered = _snapshot(
            conn, lambda conn: search.complete(conn, GUILD, "query", query, EVERYTHING)
        )
        return [int(one.value[1:]) for one in offered[:FOUND] if re.fullmatch(r"#\d+", one.value)]

    return find


def run(
    count: int, per_class: int = 100, seed: int = _DEVELOPMENT_SEED, kept: Path | None = None
) -> dict[str, object]:
    """One size: ours and the peers, on the same queries."""
    with tempfile.TemporaryDirectory() if kept is None else nullcontext(kept) as place:
        folder = Path(place)
        folder.mkdir(exist_ok=True, parents=True)
        path, facts = libraries.library(folder, count)
        conn = libraries.reader(path)
        names = libraries.names_of(conn)
        asked = queries(libraries.sample(conn, POOL, seed), names, per_class, seed)

        @lru_cache(maxsize=50_000)
        def info(work_id: int) -> WorkInfo:
            return load_work(conn, GUILD, work_id).info

        report: dict[str, object] = {
            "works": count,
            "seed": seed,
            "library": {**facts, **libraries.size_of(path)},
            "memory": _memory_of(path, asked),
            "crowd": bench_crowd.run(path, [query.text for query in asked]),
            "engines": {
                "Ficshelf": measure(ours(conn), asked, info),
                "Ficshelf, while typing": measure(
                    completed(conn), [query for query in asked if query.kind in TYPING], info
                ),
                **_peers(folder, path, count, asked, info),
            },
        }
        conn.close()
        report["writing"] = libraries.writing(path, folder)
    return report


def _peers(
    folder: Path,
    path: Path,
    count: int,
    asked: Sequence[Query],
    info: Callable[[int], WorkInfo],
) -> dict[str, dict[str, object]]:
    """The same measures of the peers; the slow ones get some of the queries of each class."""
    # Imported here: the process whose memory is weighed must not hold them.
    from tests.bench.peers import WRatio, index_for_peers

    tantivy, full_text, megabytes = index_for_peers(
        folder, count, lambda: libraries.all_works(path)
    )
    few = _few(asked, next(n for size, n in _SLOW_PEERS_GET if count <= size))
    return {
        "tantivy": {**measure(tantivy.plain, asked, info), "index_mb": round(megabytes, 1)},
        "tantivy, re-ranked": measure(tantivy.reranked, asked, info),
        "FTS5 trigrams, re-ranked": measure(full_text.trigrams, few, info),
        "FTS5, all words": measure(full_text.words, asked, info),
        "WRatio over all titles": measure(WRatio(full_text.titles()).find, few, info),
    }


def _few(asked: Sequence[Query], of_each: int) -> list[Query]:
    seen: dict[str, int] = {}
    kept: list[Query] = []
    for query in asked:
        seen[query.kind] = seen.get(query.kind, 0) + 1
        if seen[query.kind] <= of_each:
            kept.append(query)
    return kept


def _memory_of(path: Path, asked: Sequence[Query]) -> dict[str, float]:
    """What a process of its own holds that has opened the library and answered 500 queries."""
    texts = [query.text for query in asked]
    some = random.Random(1).choices(texts, k=MEMORY_QUERIES)
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.bench_search", "--memory", str(path)],
        input="\n".join(some), text=True, check=True, capture_output=True,
        cwd=RESULTS.parent,
    )  # fmt: skip
    return json.loads(done.stdout)


def _answer_queries(path: Path) -> dict[str, float]:
    """Answer the queries on standard input; this process's memory in MB, files aside."""
    before = _anonymous_mb()
    conn = libraries.reader(path)
    find = ours(conn)
    began = time.perf_counter()
    for query in sys.stdin.read().splitlines():
        find(query)
        if began:
            first, began = time.perf_counter() - began, 0.0
    now = _anonymous_mb()
    return {
        "private_mb": now,
        "for_searching_mb": round(now - before, 1),
        "first_search_ms": round(first * 1000, 1),
    }


def _anonymous_mb() -> float:
    """Memory that no file backs, so that nobody else could share it."""
    sizes = re.findall(
        r"^Anonymous:\s+(\d+)", Path("/proc/self/smaps_rollup").read_text(), re.MULTILINE
    )
    return round(sum(map(int, sizes)) / 1024, 1)


def main() -> None:
    """Run what the command line asks for; a table on standard output, JSON in bench-results/."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--works", type=int, nargs="+", default=[10_000])
    parser.add_argument("--queries", type=int, default=100, help="in each class")
    parser.add_argument(
        "--seed", type=int, default=_DEVELOPMENT_SEED, help="2: development; others: test"
    )
    parser.add_argument("--library", type=Path, help="folder that keeps libraries for later runs")
    parser.add_argument("--memory", type=Path, help="answer standard input's queries and weigh it")
    options = parser.parse_args()
    if options.memory:
        print(json.dumps(_answer_queries(options.memory)))
        return
    RESULTS.mkdir(exist_ok=True)
    for size in options.works:
        report = run(size, options.queries, options.seed, options.library)
        text = json.dumps(report, indent=1, ensure_ascii=False)
        (RESULTS / f"search-{size}-{options.seed}.json").write_text(text + "\n", encoding="utf-8")
        print(table.engines([report]), table.classes(report), table.facts([report]), sep="\n\n")


if __name__ == "__main__":
    main()
