"""Fault 6: the program is told to stop in every state, and at random moments while it is busy."""

import asyncio
import random
import signal
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sandbox import Sandbox
from tests.cogs.programs import Ended, Home, told_to_stop, until
from tests.cogs.stops import STATES, damage, idle, importing_one_by_one, titles
from tests.torture.outcome import Outcome

FULL_RUNS = 132  # each state a dozen times; and half as often at a random moment
BUSY_SECONDS = 3.0


def torture(runs: int) -> Sequence[Outcome]:
    """Told to stop that often in its states, and half as often amid acknowledged writes."""
    chance = random.Random(runs)
    ends: list[Ended] = []
    flaws: list[str] = []
    for number in range(runs):
        end, found = asyncio.run(_in_a_state(number, chance))
        ends.append(end)
        flaws += found
    states = _outcome(f"told to stop in {len(STATES)} states", ends, flaws)
    ends, flaws, lost, acknowledged = [], [], 0, 0
    for _ in range(max(1, runs // 2)):
        end, found, said, missing = asyncio.run(_amid_writes(chance.uniform(0, BUSY_SECONDS)))
        ends.append(end)
        flaws += found
        acknowledged += said
        lost += missing
    busy = _outcome("told to stop while four members import", ends, flaws)
    kept = Outcome(
        "works acknowledged before that",
        acknowledged,
        f"{lost} lost",
        "0 lost",
        lost == 0 and acknowledged > 0,
    )
    return [states, busy, kept]


def _outcome(what: str, ends: Sequence[Ended], flaws: Sequence[str]) -> Outcome:
    for flaw in flaws:
        print(flaw)
    worst = max(end.seconds for end in ends)
    found = f"at most {worst:.1f} s, {len(flaws)} flaws"
    return Outcome(what, len(ends), found, "5 s, exit code 0, no traceback, file whole", not flaws)


async def _in_a_state(number: int, chance: random.Random) -> tuple[Ended, list[str]]:
    state = STATES[number % len(STATES)]
    with tempfile.TemporaryDirectory() as folder:
        async with Sandbox(port=0, serve_page=False) as sandbox:
            home = Home(Path(folder), sandbox)
            async with state(home) as process:
                end = await told_to_stop(process, chance.choice((signal.SIGTERM, signal.SIGINT)))
        flaws = [*end.flaws, *damage(home.library)]
    return end, [f"{state.__name__}: {flaw}" for flaw in flaws]


async def _amid_writes(seconds: float) -> tuple[Ended, list[str], int, int]:
    acknowledged: set[str] = set()
    with tempfile.TemporaryDirectory() as folder:
        async with Sandbox(port=0, serve_page=False) as sandbox:
            home = Home(Path(folder), sandbox)
            async with idle(home) as process:
                busy = [
                    asyncio.create_task(importing_one_by_one(home, acknowledged, member))
                    for member in range(4)
                ]
                await until(lambda: bool(acknowledged))
                await asyncio.sleep(seconds)
                end = await told_to_stop(process)
                for task in busy:
                    task.cancel()
                await asyncio.gather(*busy, return_exceptions=True)
        missing = len(acknowledged - titles(home.library))
        return end, [*end.flaws, *damage(home.library)], len(acknowledged), missing
