"""The process that makes a scheduled copy; see copies.py. Its answer is one line of JSON."""

import contextlib
import json
import os
import sys
import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from db.backup import back_up
from db.copies import copies_in, copy_path, partials_in, spare
from db.errors import LibraryError

_LESS_OF_THE_MACHINE = 10  # nice


def main(arguments: Sequence[str]) -> None:
    """Copy the library, check the copy, and take away what is not kept."""
    with contextlib.suppress(OSError, AttributeError):  # Windows has no nice
        os.nice(_LESS_OF_THE_MACHINE)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    library, folder = Path(arguments[0]), Path(arguments[1])
    now = datetime.fromisoformat(arguments[2])
    daily, weekly = int(arguments[3]), int(arguments[4])
    try:
        answer = _copy(library, folder, now, daily, weekly)
    except LibraryError as error:
        answer = {"error": str(error)}
    except OSError as error:
        answer = {"error": f"{folder} cannot be written: {error.strerror}."}
    sys.stdout.write(json.dumps(answer))


def _end_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(1)  # whatever is under way: what is left is a .partial


def _copy(library: Path, folder: Path, now: datetime, daily: int, weekly: int) -> dict[str, object]:
    folder.mkdir(mode=0o700, exist_ok=True)  # what members said stands in there
    for partial in partials_in(folder, library):
        partial.unlink()
    made = copy_path(library, folder, now)
    report = back_up(library, made)
    # One from the future was made by a wrong clock: it is not counted, and not taken away.
    past = [copy for copy in copies_in(folder, library) if copy.at <= now]
    removed = 0
    for copy in spare(past, keep_daily=daily, keep_weekly=weekly):
        if copy.path != made:
            for ending in ("-wal", "-shm", ""):  # of one that somebody opened
                Path(f"{copy.path}{ending}").unlink(missing_ok=True)
            removed += 1
    return {"path": str(made), "works": report.works, "removed": removed, "flaws": report.flaws}


if __name__ == "__main__":
    main(sys.argv[1:])
