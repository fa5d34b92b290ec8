"""The real program in a process of its own, against a sandbox in the test's."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from db.library import Library
from sandbox import Sandbox, User

PROGRAM = Path(__file__).parents[2] / "bot.py"
STOP_SECONDS = 5.0


@contextlib.asynccontextmanager
async def program(
    arguments: Sequence[str],
    folder: Path,
    *,
    python: Sequence[str] = (str(PROGRAM),),
    **environment: str,
) -> AsyncGenerator[asyncio.subprocess.Process]:
    """The program; killed at the end if it still runs. `python` may be another way to run it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *python,
        *arguments,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(PROGRAM.parent), **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def ended(
    arguments: Sequence[str], folder: Path, **environment: str
) -> tuple[int | None, str, str]:
    """Exit code, standard output and standard error."""
    async with program(arguments, folder, **environment) as process:
        out, err = await process.communicate()
        return process.returncode, out.decode(), err.decode()


async def until(holds: Callable[[], bool], seconds: float = 20) -> None:
    """Return once something that only looking tells is so."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110  # another process changes it
            await asyncio.sleep(0.01)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended."""

    code: int | None
    seconds: float
    said: str

    @property
    def flaws(self) -> list[str]:
        """What is wrong with it, for one that was told to stop."""
        return [
            *([f"exit code {self.code}"] if self.code != 0 else []),
            *([f"{self.seconds:.1f} s"] if self.seconds >= STOP_SECONDS else []),
            *([self.said] if "Traceback" in self.said or " ERROR " in self.said else []),
        ]


@dataclass
class Home:
    """A folder with the program's configuration, for a sandbox."""

    folder: Path
    sandbox: Sandbox

    @property
    def library(self) -> Path:
        return self.folder / "library.sqlite3"

    def configure(self, toml: str = "") -> None:
        """Write config.toml: the sandbox's address, and these sections."""
        text = f"[discord]\napi = '{self.sandbox.api}'\n{toml}"
        (self.folder / "config.toml").write_text(text, encoding="utf-8")

    def started(
        self, *arguments: str, python: Sequence[str] = (str(PROGRAM),)
    ) -> contextlib.AbstractAsyncContextManager[asyncio.subprocess.Process]:
        """The program, running."""
        if not (self.folder / "config.toml").exists():
            self.configure()
        token = self.sandbox.bot_token
        return program(["run", *arguments], self.folder, python=python, DISCORD_TOKEN=token)

    def opened(self) -> contextlib.AbstractAsyncContextManager[Library]:
        """The library, while no program runs."""
        return Library.open(self.library)

    def user(self, name: str, channel: str = "general") -> User:
        return User(self.sandbox.control, self.sandbox.token, name, channel)

    def asked(self, method: str, path: str) -> asyncio.Event:
        """Set when the bot has sent a request whose path ends so."""
        event = asyncio.Event()
        take = self.sandbox.faults.take

        def noting(asked: str, where: str) -> object:
            if asked == method and where.endswith(path):
                event.set()
            return take(asked, where)

        self.sandbox.faults.take = noting  # type: ignore[assignment,method-assign]
        return event


async def told_to_stop(process: asyncio.subprocess.Process, *how: signal.Signals) -> Ended:
    """Signal it, with SIGTERM unless told otherwise, and wait for its end; if it does not come it
    is killed. Two signals of a kind might arrive as one."""
    since = time.monotonic()
    for each in how or (signal.SIGTERM,):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, each)
    return await end_of(process, since)


async def end_of(process: asyncio.subprocess.Process, since: float) -> Ended:
    """Wait for the end, for a while."""
    try:
        async with asyncio.timeout(3 * STOP_SECONDS):
            _, err = await process.communicate()
    except TimeoutError:
        process.kill()
        _, err = await process.communicate()
    return Ended(process.returncode, time.monotonic() - since, err.decode())


def children(process: asyncio.subprocess.Process) -> list[int]:
    """The processes that it has started."""
    found = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    with contextlib.suppress(OSError):
        return [int(pid) for pid in found.read_text(encoding="ascii").split()]
    return []
