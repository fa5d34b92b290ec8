"""The three processes of `load`: this one plays the members, one is Discord, one is the bot."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox import User

ROOT = Path(__file__).parents[2]


@dataclass
class Discord:
    """The sandbox's process."""

    process: asyncio.subprocess.Process
    api: str
    control: str
    token: str
    bot_token: str

    def user(self, name: str, channel: str = "general") -> User:
        """A member, to be used in `async with` where the connection matters."""
        return User(self.control, self.token, name, channel)

    async def bot_ready(self) -> None:
        """Return once a bot is on the line and its commands are synced."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(b"\n")
        assert await self.process.stdout.readline(), "the bot did not come"


@asynccontextmanager
async def discord_alone(more_servers: int = 0) -> AsyncGenerator[Discord]:
    """A sandbox in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.torture.load_discord", str(more_servers),
        cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Discord(process, **json.loads(await process.stdout.readline()))
    finally:
        process.stdin.close()
        await process.wait()


class Bot:
    """The bot's process. `errors` is what it logged."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self.process = process
        self._log = log

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    def logged(self) -> list[str]:
        """The lines of its log, which holds warnings and errors only.

        Without those of discord.py's that the gateway is a heartbeat's time behind: it looks at
        the clock after the answer came, where that came at once, as from this machine it does.
        """
        lines = self._log.read_text(encoding="utf-8").splitlines()
        return [line for line in lines if "Can't keep up" not in line]

    async def lag(self) -> dict[str, Any]:
        """How late its loop was since it was last asked; see load_bot."""
        return await self._asked(b"lag\n")

    async def memory(self) -> dict[str, Any]:
        """What it holds, in MB."""
        return await self._asked(b"memory\n")

    async def _asked(self, line: bytes) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line)
        return json.loads(await self.process.stdout.readline())

    def kill(self) -> None:
        """End it without a word."""
        self.process.send_signal(signal.SIGKILL)


@asynccontextmanager
async def bot_alone(
    discord: Discord, folder: Path, library: Path, settings: str = ""
) -> AsyncGenerator[tuple[Bot, float]]:
    """The bot in a process of its own, and the seconds until its first answer."""
    config, log = folder / "config.toml", folder / "bot.log"
    config.write_text(
        # This Discord is new, however old the library is.
        f"[discord]\napi = '{discord.api}'\ntoken = '{discord.bot_token}'\nsync = 'always'\n"
        + settings,
        encoding="utf-8",
    )
    began = time.perf_counter()
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.torture.load_bot", str(config), str(library),
            cwd=ROOT, env=dict(os.environ), stderr=errors,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
    try:
        await discord.bot_ready()
        async with discord.user("member") as member:
            answer = await member.command("fic search", query="spike")
        assert answer.error is None, answer.error
        yield Bot(process, log), time.perf_counter() - began
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
