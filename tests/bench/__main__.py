"""All benchmarks: `make bench`. A summary on standard output, everything in bench-results/."""

import asyncio
import json
from pathlib import Path

from tests.bench import bench_bot, bench_search

RESULTS = Path(__file__).parents[2] / "bench-results"


def main() -> None:
    """Run them and write what they found."""
    RESULTS.mkdir(exist_ok=True)
    found: dict[str, object] = {
        "bot": asyncio.run(bench_bot.run()),
        "search": [bench_search.run(size) for size in (10_000, 100_000)],
    }
    text = json.dumps(found, indent=1, ensure_ascii=False)
    (RESULTS / "bench.json").write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
