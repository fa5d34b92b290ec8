"""Library files that were damaged: refused in one line and left as they were, or of use."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.db.damage import attempts
from tests.torture.outcome import Outcome

FULL_RUNS = 2_000


def torture(runs: int) -> Sequence[Outcome]:
    """So many damaged files."""
    refused = 0
    faults: list[str] = []
    with tempfile.TemporaryDirectory(prefix="ficshelf-files-") as folder:
        for what, of_use, fault in attempts(Path(folder), runs, seed=4):
            refused += not of_use
            if fault:
                faults.append(f"{what}: {fault}")
                print(faults[-1])
    found = f"{refused:,} refused, {runs - refused:,} of use, {len(faults)} faults"
    asked = "one line and 78, nothing changed; or of use"
    return [Outcome("damaged library files", runs, found, asked, holds=not faults)]
