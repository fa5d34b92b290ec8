"""All benchmarks: `make bench`. Tables on standard output, everything in bench-results/."""

import asyncio
import json

from tests.bench import bench_bot, bench_search, table

SIZES = (10_000, 100_000)


def main() -> None:
    """Run them and write what they found."""
    bench_search.RESULTS.mkdir(exist_ok=True)
    bot = asyncio.run(bench_bot.run())
    print(json.dumps(bot, indent=1))
    reports = [bench_search.run(size) for size in SIZES]
    text = json.dumps({"bot": bot, "search": reports}, indent=1, ensure_ascii=False)
    (bench_search.RESULTS / "bench.json").write_text(text + "\n", encoding="utf-8")
    print(table.engines(reports), *map(table.classes, reports), table.facts(reports), sep="\n\n")


if __name__ == "__main__":
    main()
