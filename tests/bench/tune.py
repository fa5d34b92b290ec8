"""What each constant of the search is worth: recall with it as it is, turned down, and turned up.

    python -m tests.bench.tune --library FOLDER --works 100000 [--only NAME …]

The queries are those of the development seed; figures for the README come from another. A
constant earns its place where another value finds fewer of the works that were meant, answers
more nonsense, or takes longer for nothing.
"""

import argparse
import importlib
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from types import ModuleType

from tests.bench import libraries
from tests.bench.bench_search import POOL, measure, ours
from tests.bench.queries import MISTYPED, NONSENSE, Query, queries

SEED = 2  # development
MODULES = tuple(
    importlib.import_module(f"db.search.{name}")
    for name in ("ranking", "run", "candidates", "spelling", "results", "engine")
)
# What no tuning should touch: limits that keep work bounded rather than answers good.
LIMITS = {
    "COUNT_LIMIT", "SORT_LIMIT", "TYPING_LIMIT", "GRAM_ROWS", "MOST_COMBINED", "MOST_COUNTED",
    "PREFIX_LETTERS", "FIRST_FIELD", "TITLE_LETTERS",
}  # fmt: skip


def constants() -> dict[str, float]:
    """The named numbers of the engine, by name; each is the same wherever it is imported."""
    return {
        name: value
        for module in MODULES
        for name, value in vars(module).items()
        if name.isupper()
        and not name.startswith("_")
        and isinstance(value, (int, float))
        and name not in LIMITS
    }


def alternatives(value: float) -> tuple[float, float]:
    """A clearly smaller and a clearly larger value of the same kind."""
    if isinstance(value, int):
        return max(value // 2, 1), value * 2
    if 0.5 <= value <= 1:  # a share or a certainty near the top: steps of what is missing
        return round(value - 0.1, 3), round(min(value + (1 - value) / 2 + 0.02, 1.0), 3)
    return round(value / 2, 4), round(value * 2, 4)


@contextmanager
def turned(name: str, value: float) -> Iterator[None]:
    """The engine with one constant changed."""
    held: list[tuple[ModuleType, float]] = [
        (module, getattr(module, name)) for module in MODULES if hasattr(module, name)
    ]
    for module, _ in held:
        setattr(module, name, value)
    try:
        yield
    finally:
        for module, standing in held:
            setattr(module, name, standing)


def main() -> None:
    """Measure the engine as it is, then with each constant turned either way."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--library", type=Path, required=True, help="folder that keeps libraries")
    parser.add_argument("--works", type=int, default=10_000)
    parser.add_argument("--queries", type=int, default=40, help="in each class")
    parser.add_argument("--only", nargs="*", help="names of constants")
    options = parser.parse_args()
    path, _ = libraries.library(options.library, options.works)
    conn = libraries.reader(path)
    asked = queries(
        libraries.sample(conn, POOL, SEED), libraries.names_of(conn), options.queries, SEED
    )

    @lru_cache(maxsize=100_000)
    def info(work_id: int) -> libraries.WorkInfo:
        return libraries.load_works(conn, libraries.GUILD, [work_id])[0].info

    def line(name: str, value: object, asked: Sequence[Query]) -> None:
        began = time.process_time()
        report = measure(ours(conn), asked, info)
        seconds = time.process_time() - began
        classes = report["classes"]
        assert isinstance(classes, dict)
        others = [c["r1"] for kind, c in classes.items() if kind not in {*MISTYPED, NONSENSE}]
        print(
            f"{name:26} {value!s:>8}  {report['r1']:.3f} / {report['r5']:.3f}  "
            f"{statistics.mean(others):.3f}  {report['nonsense_refused']:.2f}  "
            f"{report['p50_ms']:.2f} / {report['p95_ms']:.1f} ms  {seconds:.1f} s",
            flush=True,
        )

    print(f"{'constant':26} {'value':>8}  mistyped r1/r5  others r1  nonsense  p50/p95, all")
    line("as it is", "", asked)
    for name, standing in constants().items():
        if options.only and name not in options.only:
            continue
        for value in alternatives(standing):
            if value != standing:
                with turned(name, value):
                    line(f"{name} ({standing})", value, asked)


if __name__ == "__main__":
    main()
