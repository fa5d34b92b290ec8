"""All benchmarks: `make bench`. Tables on standard output, everything in bench-results/.

make bench SIZES="10000 100000"   smaller libraries only: a million take half an hour
"""

import argparse
import asyncio
import json
from pathlib import Path

from tests.bench import bench_bot, bench_page, bench_quotes, bench_search, table

SIZES = (10_000, 100_000, 1_000_000)
BODIES = 20_000
TEST_SEED = 3  # not the one that the engine was tuned with


def main() -> None:
    """Run them and write what they found."""
    parser = argparse.ArgumentParser(description="All benchmarks.")
    parser.add_argument("--works", type=int, nargs="+", default=SIZES)
    parser.add_argument("--queries", type=int, default=100, help="in each class")
    parser.add_argument("--bodies", type=int, default=BODIES, help="stories to quote from")
    parser.add_argument("--library", type=Path, help="folder that keeps libraries for later runs")
    options = parser.parse_args()
    bench_search.RESULTS.mkdir(exist_ok=True)
    found: dict[str, object] = {"bot": asyncio.run(bench_bot.run())}
    print(json.dumps(found["bot"], indent=1), flush=True)
    found["page"] = asyncio.run(bench_page.run())
    print(json.dumps(found["page"], indent=1), flush=True)
    found["quotes"] = bench_quotes.run(options.bodies)
    print(json.dumps(found["quotes"], indent=1), flush=True)
    reports = [
        bench_search.run(size, options.queries, TEST_SEED, options.library)
        for size in options.works
    ]
    found["search"] = reports
    text = json.dumps(found, indent=1, ensure_ascii=False)
    (bench_search.RESULTS / "bench.json").write_text(text + "\n", encoding="utf-8")
    print(table.engines(reports), *map(table.classes, reports), table.facts(reports), sep="\n\n")


if __name__ == "__main__":
    main()
