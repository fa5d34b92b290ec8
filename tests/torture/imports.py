"""kill -9 amid imports of 10,000 works; what was told is stored, and the import goes on."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.db.imports import killed_imports, write_list, write_zip
from tests.torture.outcome import Outcome

FULL_RUNS = 30
WORKS = 10_000


def torture(runs: int) -> Sequence[Outcome]:
    """Two thirds of the kills amid a `.jsonl`, the others amid a zip of texts."""
    outcomes: list[Outcome] = []
    of_zips = runs // 3
    for name, write, kills in (
        ("list.jsonl", write_list, runs - of_zips),
        ("texts.zip", write_zip, of_zips),
    ):
        if not kills:
            continue
        with tempfile.TemporaryDirectory(prefix="ficshelf-imports-") as folder:
            source = write(Path(folder) / name, WORKS)
            found = list(killed_imports(source, WORKS, kills, seed=kills))
        faults = [one.fault for one in found if one.fault]
        told = sum(one.acknowledged for one in found)
        said = f"{told:,} acknowledged, {sum(one.stored for one in found):,} stored"
        outcomes.append(
            Outcome(
                f"kill -9 amid the import of {WORKS:,} works ({Path(name).suffix})",
                sum(one.fault is None for one in found[:kills]),
                faults[0] if faults else f"{said}; each went on to {WORKS:,}",
                "acknowledged ≤ stored, whole works, it resumes",
                holds=not faults,
            )
        )
    return outcomes
