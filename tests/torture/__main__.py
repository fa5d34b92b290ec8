"""All tortures: `make torture`. A table on standard output; it fails where anything does not hold.

make torture ONLY="daily power"   some of them, by their modules' names
make torture SHARE=0.1            a tenth of the runs
"""

import argparse
import importlib
import sys
import time

from tests.torture.outcome import Outcome, table

# Each module has FULL_RUNS, how often in the full measure, and torture(runs).
MODULES = (
    "daily",
    "posting",
    "backups",
    "fuzz",
    "stopping",
    "load",
    "imports",
    "power",
    "stateful",
    "files",
    "cancels",
    "upgrades",
    "traces",
)


def main() -> int:
    """Run them; returns the exit code."""
    parser = argparse.ArgumentParser(description="The long tests against faults.")
    parser.add_argument("--only", nargs="+", choices=MODULES, default=MODULES)
    parser.add_argument("--share", type=float, default=1.0, help="of the full measure")
    options = parser.parse_args()
    outcomes: list[Outcome] = []
    for name in options.only:
        module = importlib.import_module(f"tests.torture.{name}")
        since = time.monotonic()
        outcomes += module.torture(max(1, round(module.FULL_RUNS * options.share)))
        print(f"{name}: {time.monotonic() - since:.0f} s", file=sys.stderr, flush=True)
    print(table(outcomes))
    return 0 if all(outcome.holds for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
