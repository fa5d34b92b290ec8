"""Writers who are cancelled at any moment: acknowledged is stored, nothing is by halves."""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

from db.library import Library
from tests.db.interrupting import cancelled
from tests.torture.outcome import Outcome

FULL_RUNS = 500


def torture(runs: int) -> Sequence[Outcome]:
    """So many cancels of twice as many writes."""

    async def run(path: Path) -> str | None:
        async with Library.open(path) as library:
            return await cancelled(library, path, runs, seed=9)

    with tempfile.TemporaryDirectory(prefix="ficshelf-cancels-") as folder:
        fault = asyncio.run(run(Path(folder) / "library.sqlite3"))
    asked = "acknowledged stored, nothing by halves"
    return [Outcome("writes cancelled", runs, fault or asked, asked, holds=fault is None)]
