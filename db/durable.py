"""Files that are there whole or not at all, also after a power cut."""

import os
from pathlib import Path


def settle(fresh: Path, place: Path) -> None:
    """Move a finished file to its place in the same folder; once this returns it stays there.

    Raises:
        OSError: it cannot be done.
    """
    with fresh.open("rb") as file:
        os.fsync(file.fileno())
    fresh.replace(place)
    sync_folder(place.parent)


def sync_folder(folder: Path) -> None:
    """Have names that were made, moved or taken away in a folder survive a power cut."""
    if os.name != "posix":  # elsewhere a folder cannot be opened, and need not be
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
