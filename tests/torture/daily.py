"""The daily post under kill -9, at every step and at any moment (fault 8).

Each run is a day of one server: the bot is started at its hour, killed, and started again some
time later. Discord forgets nonces as soon as the bot counts on it to. Asked: each day has its
one post.
"""

import asyncio
import multiprocessing
import random
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

from db.daily.models import DAILY, Terms
from db.daily.outbox import NONCE_WINDOW
from db.library import Library
from sandbox import Sandbox, posting
from sandbox.faults import Fault
from sandbox.model import Message
from sandbox.world import Happening
from tests.cogs.shelf import a_work
from tests.torture.daily_child import CALLS, OffsetClock, Orders, run
from tests.torture.outcome import Outcome

FULL_RUNS = 300
FIRST_DAY = datetime(2026, 3, 14, tzinfo=UTC)
HOUR = time(18)
# How long after its death the bot is started again: within the nonce's time, at its edge, after
# it, and after the hour has passed for good.
LATER_SECONDS = (1, 60, NONCE_WINDOW.total_seconds() - 3, 600, 3 * 3600, 13 * 3600)
STEPS: tuple[str, ...] = (
    *(f"{when} {call}" for call in CALLS for when in ("before", "after")),
    *(f"amid {call}" for call in ("prepare", "begin_send", "settle_send")),
    "request received",
    "message stored",
    "any moment",
)
START_SECONDS = 0.6  # about what the bot takes from its start to its first post
MOST_STATEMENTS = 12


@dataclass
class Tally:
    """What became of the days."""

    runs: int = 0
    lost: list[str] = field(default_factory=list[str])
    doubled: list[str] = field(default_factory=list[str])
    told: list[str] = field(default_factory=list[str])
    died: Counter[str] = field(default_factory=Counter[str])


async def kill_runs(runs: int, *, seed: int, folder: Path) -> Tally:
    """So many days of the daily post, each with a death."""
    chance = random.Random(seed)
    before, posting.NONCE_SECONDS = posting.NONCE_SECONDS, NONCE_WINDOW.total_seconds() + 3
    try:
        async with Sandbox(port=0, serve_page=False, start=FIRST_DAY) as sandbox:
            days = _Days(sandbox, folder / "library.sqlite3", chance)
            await days.prepare(runs)
            for number in range(runs):
                await days.one(number, STEPS[number % len(STEPS)])
            return days.tally
    finally:
        posting.NONCE_SECONDS = before


class _Days:
    def __init__(self, sandbox: Sandbox, library: Path, chance: random.Random) -> None:
        self.tally = Tally()
        self._sandbox = sandbox
        self._library = library
        self._chance = chance
        self._processes = multiprocessing.get_context("forkserver")
        self._processes.set_forkserver_preload(["tests.torture.daily_child"])
        owner = sandbox.world.account_named("owner")
        self._channel = sandbox.world.channel_named("daily-rec", owner)

    async def prepare(self, runs: int) -> None:
        """A library that has a work for each day."""
        guild_id = self._channel.guild_id or 0
        async with Library.open(self._library, clock=OffsetClock(FIRST_DAY)) as library:
            await library.welcome_guild(guild_id, "The Reading Room")
            works = [a_work(f"Fic {n}", author=f"writer {n % 40}") for n in range(runs + 5)]
            await library.add(guild_id, works, by=None)
            terms = Terms(channel_id=self._channel.id, local_time=HOUR, time_zone="UTC")
            await library.daily.set(guild_id, DAILY, terms, by=1)

    async def one(self, number: int, step: str) -> None:
        """A day: a life that ends at that step, and another one later."""
        due_at = datetime.combine(FIRST_DAY + timedelta(days=number), HOUR, UTC)
        self.tally.runs += 1
        died = await self._first_life(due_at + timedelta(seconds=5), step)
        self.tally.died[step] += died
        later = self._chance.choice(LATER_SECONDS)
        await self._life(due_at + timedelta(seconds=10 + later), None)
        posts = [message for message in self._posts() if message.timestamp >= due_at]
        state, reason = await self._row(due_at)
        label = f"{due_at:%Y-%m-%d}, {step}, {later:.0f} s later: {state} ({reason})"
        if len(posts) > 1:
            self.tally.doubled.append(label)
        if not posts:
            # After half a day the hour has passed: then none is right, if it is told.
            told = later > 12 * 3600 and state == "skipped"
            (self.tally.told if told else self.tally.lost).append(label)
        elif state != "sent":
            self.tally.lost.append(f"out, but not written down: {label}")

    async def _first_life(self, now: datetime, step: str) -> bool:
        """Whether it was killed; else it had done everything before."""
        process = self._start(now, step if step.split()[0] in ("before", "after", "amid") else None)
        try:
            if step == "any moment":
                await self._ended(process, within=self._chance.uniform(0, START_SECONDS))
            elif step == "request received":
                await self._kill_at_request(process)
            elif step == "message stored":
                self._kill_at_message(process)
            if step == "any moment" and process.is_alive():
                process.kill()
            await self._ended(process)
        finally:
            process.kill()
        return process.exitcode == -9

    async def _life(self, now: datetime, step: str | None) -> None:
        process = self._start(now, step)
        try:
            await self._ended(process)
        finally:
            process.kill()
        if process.exitcode != 0:
            self.tally.lost.append(f"the bot ended with {process.exitcode} on {now:%Y-%m-%d}")

    def _start(self, now: datetime, step: str | None) -> BaseProcess:
        self._sandbox.clock.set(now)
        orders = Orders(
            library=self._library,
            api=self._sandbox.api,
            token=self._sandbox.bot_token,
            now=now,
            die_at=step,
            statement=self._chance.randint(1, MOST_STATEMENTS),
        )
        process = self._processes.Process(target=run, args=(orders,))
        process.start()
        return process

    async def _ended(self, process: BaseProcess, within: float = 60) -> None:
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(process.sentinel, ended.set)
        try:
            async with asyncio.timeout(within):
                await ended.wait()
        except TimeoutError:
            pass
        else:
            process.join()
        finally:
            loop.remove_reader(process.sentinel)

    async def _kill_at_request(self, process: BaseProcess) -> None:
        """Kill it when its request has arrived and was not looked at yet."""
        faults = self._sandbox.faults
        faults.armed.append(Fault("hang", "POST /channels/*/messages"))
        while faults.armed and process.is_alive():  # noqa: ASYNC110  # nothing tells of it
            await asyncio.sleep(0.002)
        faults.armed.clear()
        process.kill()

    def _kill_at_message(self, process: BaseProcess) -> None:
        """Kill it when its message is out, before it can hear of that."""

        def heard(happening: Happening) -> None:
            if happening.kind == "message" and happening.channel is self._channel:
                process.kill()

        self._sandbox.world.subscribe(heard)

    def _posts(self) -> list[Message]:
        mine = self._sandbox.world.bot.id
        return [one for one in self._channel.messages.values() if one.author_id == mine]

    async def _row(self, due_at: datetime) -> tuple[str, str | None]:
        async with Library.open(self._library, clock=OffsetClock(due_at)) as library:
            rows = "SELECT state, reason FROM outbox WHERE local_date = ?"
            found = await library._store.read(
                lambda conn: conn.execute(rows, (f"{due_at:%Y-%m-%d}",)).fetchone()
            )
        return found or ("", None)


def torture(runs: int) -> Sequence[Outcome]:
    """Kill it that many times."""
    with tempfile.TemporaryDirectory() as folder:
        tally = asyncio.run(kill_runs(runs, seed=5, folder=Path(folder)))
    for label in (*tally.lost, *tally.doubled):
        print(label)
    found = f"{len(tally.lost)} lost, {len(tally.doubled)} doubled"
    if tally.told:
        found += f" ({len(tally.told)} given up half a day later, and told)"
    return [
        Outcome(
            what=f"daily post: kill -9 at {len(STEPS)} steps and moments, started again later",
            runs=tally.runs,
            found=found,
            asked="0 lost, 0 doubled",
            holds=not tally.lost and not tally.doubled,
        )
    ]
