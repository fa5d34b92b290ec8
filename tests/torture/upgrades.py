"""kill -9 at every statement of every upgrade, from each version of the library."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from db.connection import latest_version
from tests.db.upgrades import Upgrades, killed, statements_from
from tests.torture.outcome import Outcome

FULL_RUNS = 1_500  # or so many as there are statements


def torture(runs: int) -> Sequence[Outcome]:
    """Each statement once if `runs` allows; else some, evenly."""
    faults: list[str] = []
    done = 0
    with (
        tempfile.TemporaryDirectory(prefix="ficshelf-upgrades-") as folder,
        Upgrades.at(Path(folder) / "library.sqlite3") as upgrades,
    ):
        versions = range(1, latest_version())
        total = sum(statements_from(upgrades, version) for version in versions)
        step = max(1, total // runs)
        for version in versions:
            statements = statements_from(upgrades, version)
            found = list(killed(upgrades, version, range(1, statements + 1, step)))
            done += len(found)
            faults += [f"from {version}: {fault}" for fault in found if fault]
    asked = "the old schema or the new one, and it goes on"
    said = faults[0] if faults else asked
    what = f"kill -9 amid upgrades from {len(versions)} versions, every {step}. statement"
    return [Outcome(what, done, said, asked, holds=not faults)]
