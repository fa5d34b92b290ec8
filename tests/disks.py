"""Small disks, where this machine lets us mount one."""

import contextlib
import os
import subprocess
from collections.abc import Generator
from pathlib import Path

import pytest

MIB = 1024 * 1024


class Disk:
    """A small disk of its own, in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self, *, leave: int = 0) -> None:
        """Take all room but so many bytes."""
        with self._filler.open("ab", buffering=0) as file:
            with contextlib.suppress(OSError):
                while file.write(bytes(65536)):
                    pass
            if leave:
                file.truncate(max(0, self._filler.stat().st_size - leave))

    def free(self) -> None:
        """Make room again."""
        self._filler.unlink()

    @contextlib.contextmanager
    def read_only(self) -> Generator[None]:
        """While this lasts nothing can be written; no file may be open for writing."""
        _mount("-o", "remount,ro", self.folder)
        try:
            yield
        finally:
            _mount("-o", "remount,rw", self.folder)


@contextlib.contextmanager
def small_disk(folder: Path, size: int) -> Generator[Disk]:
    """A disk of that size at `folder`; skips the test where none can be mounted."""
    folder.mkdir(exist_ok=True)
    if os.name != "posix" or os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    try:
        _mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"a small disk cannot be mounted here: {error}")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def _mount(*arguments: str | Path) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True)
