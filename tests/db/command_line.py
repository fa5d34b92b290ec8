"""The owner's commands as tests run them: in this process, or as a program of its own."""

import asyncio
import contextlib
import io
import json
import os
import resource
import subprocess
import sys
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from db import console
from db.library import Library
from db.models import NewWork

PROGRAM = Path(__file__).parents[2] / "bot.py"


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Standard output as `--json` promises it; anything else there fails."""
        return [json.loads(line) for line in self.out.splitlines()]


def run(command: str, *arguments: object, library: Path, home_guild: int | None = None) -> Ran:
    """Run a command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = console.main(
            command,
            [str(argument) for argument in arguments],
            library_path=library,
            home_guild=home_guild,
        )
    return Ran(code, out.getvalue(), err.getvalue())


def start(
    *arguments: str | bytes | Path, folder: Path, stdout: Any = subprocess.PIPE, **environment: str
) -> subprocess.Popen[bytes]:
    """Start `python bot.py …` in a folder; a context manager, as `Popen` is."""
    return subprocess.Popen(
        [sys.executable, PROGRAM, *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **environment},
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        bufsize=0,  # a test reads a part itself, and nothing may stay behind in a buffer
    )


def stock(library: Path, works: Sequence[NewWork], guild_id: int = 0) -> None:
    """Put works into a library, creating it."""

    async def add() -> None:
        async with Library.open(library) as opened:
            await opened.add(guild_id, works, by=None)

    asyncio.run(add())


def write_lines(file: Path, works: Iterable[dict[str, object] | str]) -> Path:
    """Write a `.jsonl` file; a string is a line as it stands."""
    lines = (work if isinstance(work, str) else json.dumps(work) for work in works)
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return file


def no_traceback(err: str | bytes) -> bool:
    """Whether a person can read it."""
    return "Traceback" not in (err if isinstance(err, str) else err.decode())


@contextlib.contextmanager
def file_size_limit(limit_bytes: int) -> Generator[None]:
    """No file may grow past so many bytes, as on a disk that is full; children are bound too."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
