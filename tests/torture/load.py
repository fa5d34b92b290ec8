"""Under load (fault 11): 200 interactions at once, an hour of 500 servers, a start after kill -9.

Members, Discord and bot are three processes, so that the bot's figures are its own. What each part
measured goes to standard error. `python -m tests.torture.load SHARE PART…` runs some of the parts.

The hour is replayed as fast as 16 members at a time can: 15,000 interactions, which are four a
second, thirty an hour for each server. Its shape is assumed: of a hundred, 35 are autocompletions
(a search is typed in several steps), 25 searches, 12 cards of which half lead to a press, 10
excerpts, 8 quotations, 8 for similar works, 2 a stranger's guess at /help. Each server has its own
dozen of works and its daily post, all of them due in the same minute.
"""

import asyncio
import json
import random
import sqlite3
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from db import guilds
from db.connection import _connect, _transaction
from db.library import Library
from sandbox import Sandbox, User
from tests.bench.libraries import library, names_of, sample
from tests.bench.queries import queries
from tests.torture.load_processes import Bot, Discord, bot_alone, discord_alone
from tests.torture.load_traffic import Crowd, Shelf, Tally, at_once, shelf
from tests.torture.outcome import Outcome

FULL_RUNS = 20  # rounds of each crowd of 200; the other parts take their share of it
AT_ONCE = 200
WORKS, WORKS_WITH_TEXT = 10_000, 400
SAMPLED, QUERIES_OF_A_KIND = 2_000, 10  # works that the queries are made of; queries
SERVERS, WORKS_OF_A_SERVER = 500, 12
HOUR = 15_000  # interactions
TOGETHER = 16
WARM_UP = 0.5  # of the hour, before memory is looked at
STARTS = 5
MANY_WORKS = 100_000

LATEST_S, LAG_MS, SEARCH_MS, GROWTH, READY_S = 3, 50, 500, 0.10, 3


def home() -> int:
    """The id of The Reading Room."""
    return next(iter(Sandbox(port=0).world.guilds))


def big_library(folder: Path, count: int) -> tuple[Path, list[str]]:
    """That many works of metadata in The Reading Room, and queries as people type them for it."""
    path, _ = library(folder, count)
    conn = _connect(path, query_only=False)
    found = sample(conn, SAMPLED, seed=3)
    asked = queries(found, names_of(conn), QUERIES_OF_A_KIND, seed=3)

    def move(conn: sqlite3.Connection) -> None:
        guilds.welcome(conn, home(), "The Reading Room", now=datetime.now(UTC))

    _transaction(conn, move)
    conn.close()
    return path, [query.text[:100] for query in asked if query.text.strip()]


async def with_texts(path: Path, texts: Shelf) -> None:
    """Add works that have text."""
    async with Library.open(path) as opened:
        await opened.add(home(), texts.works, by=None)


def tell(what: str, measured: object) -> None:
    """A line on standard error."""
    print(f"{what}: {json.dumps(measured, default=str)}", file=sys.stderr, flush=True)


async def unharmed(discord: Discord, bot: Bot, *tallies: Tally) -> list[str]:
    """What went wrong, in a few words each; empty where nothing did."""
    async with discord.user("moderator") as moderator:
        violations = await moderator.violations()
    wrong = [f"{n} × {error}" for tally in tallies for error, n in tally.errors.items()]
    kinds = {str(one["reason"])[:80] for one in violations}
    wrong += [f"{len(violations)} violations: {sorted(kinds)[:3]}"] if violations else []
    logged = bot.logged()
    return [*wrong, *([f"{len(logged)} lines logged: {logged[0][:200]}"] if logged else [])]


def answered(what: str, tally: Tally, lag: dict[str, Any], wrong: Sequence[str]) -> Outcome:
    """The row that says whether everybody was answered in time, and the loop stayed free."""
    latest, late = tally.percentile(1) / 1000, lag["lag_max_ms"]
    found = f"latest {latest:.1f} s, lag {lag['lag_p99_ms']:.0f} ms (p99), {late:.0f} at most"
    return Outcome(
        what,
        tally.done,
        "; ".join([found, *wrong]),
        f"all within {LATEST_S} s, lag under {LAG_MS} ms",
        not wrong and latest <= LATEST_S and late < LAG_MS,
    )


# 200 at once


async def crowds(runs: int) -> list[Outcome]:
    """Rounds of 200 searches, and of 200 mixed interactions."""
    texts = shelf(WORKS_WITH_TEXT)
    with tempfile.TemporaryDirectory(prefix="load-") as name:
        path, asked = big_library(Path(name), WORKS)
        await with_texts(path, texts)
        async with discord_alone() as discord, bot_alone(discord, Path(name), path) as (bot, _):
            member, moderator = discord.user("member"), discord.user("moderator", "mod-desk")
            async with member, moderator:
                warm = Crowd(Tally(), texts, asked, seed=2)
                await at_once(warm.half_slow(AT_ONCE), member, moderator)
                await bot.lag()
                searching, mixed = Tally(), Tally()
                crowd = Crowd(searching, texts, asked)
                for _ in range(runs):
                    await at_once([crowd.search] * AT_ONCE, member, moderator)
                lags = [await bot.lag()]
                crowd = Crowd(mixed, texts, asked)
                for _ in range(runs):
                    await at_once(crowd.half_slow(AT_ONCE), member, moderator)
                lags.append(await bot.lag())
            wrong = await unharmed(discord, bot, searching, mixed)
    for tally, lag in zip((searching, mixed), lags, strict=True):
        tell("at once", {"lag": lag, "ms": tally.spread()})
    p99 = searching.percentile(0.99)
    return [
        Outcome(
            f"`/fic search`, {AT_ONCE} at once, {WORKS:,} works",
            searching.done,
            f"p50 {searching.percentile(0.5):.0f} ms, p99 {p99:.0f} ms",
            f"p99 {SEARCH_MS} ms",
            p99 <= SEARCH_MS,
        ),
        answered(f"the same {AT_ONCE}", searching, lags[0], []),
        answered(f"{AT_ONCE} at once, half of them slow", mixed, lags[1], wrong),
    ]


# An hour of 500 servers


async def fill_servers(path: Path, servers: Sequence[tuple[int, str]], texts: Shelf) -> None:
    """A dozen works for each server, no two the same dozen."""
    chance = random.Random(5)
    async with Library.open(path) as opened:
        for guild_id, name in servers:
            await opened.welcome_guild(guild_id, name)
            await opened.add(guild_id, chance.sample(texts.works, WORKS_OF_A_SERVER), by=None)


async def set_up_daily(discord: Discord) -> None:
    """Every server's daily post for the same minute, a minute from now or a little more."""
    when = datetime.now(UTC) + timedelta(seconds=90)
    async with discord.user("owner 1") as line:
        for number in range(1, SERVERS + 1):
            owner = line.as_(f"owner {number}")
            given = {"channel": "daily-rec", "time": f"{when:%H:%M}", "timezone": "UTC"}
            answer = await owner.command("daily setup", **given)
            assert answer.error is None, answer.error


async def replay(discord: Discord, crowd: Crowd, count: int, seed: int) -> None:
    """That many interactions, a few at a time, anywhere."""
    chance = random.Random(seed)
    weights: dict[Callable[[User], Awaitable[None]], int] = {
        crowd.complete: 35, crowd.search: 25, crowd.show: 12, crowd.excerpt: 10, crowd.quote: 8,
        crowd.similar: 8, crowd.help: 2,
    }  # fmt: skip
    kinds = chance.choices(list(weights), weights=list(weights.values()), k=count)
    left = iter(kinds)

    async def somebody(line: User) -> None:
        for kind in left:
            await kind(line.as_(f"member {chance.randrange(1, SERVERS + 1)}"))

    async with discord.user("member 1") as line:
        await asyncio.gather(*(somebody(line) for _ in range(TOGETHER)))


async def daily_posts(discord: Discord) -> list[int]:
    """How many daily posts each server has got, once it has one."""
    async with discord.user("owner 1", "daily-rec") as line:
        for number in range(1, SERVERS + 1):
            owner = line.as_(f"owner {number}")
            try:
                await owner.wait_for_message(timeout=120)
            except TimeoutError:
                return [0]
        return [
            len(await line.as_(f"owner {number}").messages()) for number in range(1, SERVERS + 1)
        ]


async def hour(share: float) -> list[Outcome]:
    """An hour's traffic, or a part of it, and 500 daily posts in its middle."""
    texts = shelf(WORKS_WITH_TEXT)
    everywhere = Sandbox(port=0, more_servers=SERVERS).world.guilds.values()
    servers = [(guild.id, guild.name) for guild in everywhere]
    count = round(HOUR * share)
    with tempfile.TemporaryDirectory(prefix="load-") as name:
        path = Path(name) / "library.sqlite3"
        await fill_servers(path, servers, texts)
        async with (
            discord_alone(SERVERS) as discord,
            bot_alone(discord, Path(name), path, "[daily]\npoll_seconds = 5") as (bot, _),
        ):
            asked = [title[: 4 + n % 20] for n, title in enumerate(texts.titles)]
            tally = Tally()
            crowd = Crowd(tally, texts, asked)
            await replay(discord, Crowd(Tally(), texts, asked), round(count * WARM_UP), seed=1)
            before = await bot.memory()
            await set_up_daily(discord)
            await bot.lag()
            for quarter in range(4):
                await replay(discord, crowd, count // 4, seed=2 + quarter)
                tell(f"quarter {quarter + 1}", await bot.memory())
            counts = await daily_posts(discord)
            lag, after = await bot.lag(), await bot.memory()
            wrong = await unharmed(discord, bot, tally)
    tell("hour", {"lag": lag, "ms": tally.spread(), "before": before, "after": after})
    growth = after["private_mb"] / before["private_mb"] - 1
    held = (
        f"{before['private_mb']:.0f} MB after warming up, {after['private_mb']:.0f} MB at its end"
    )
    return [
        answered(f"an hour of {SERVERS} servers, replayed", tally, lag, wrong),
        Outcome("memory over that hour", tally.done, held, "within 10%", growth <= GROWTH),
        Outcome(
            f"daily posts of {SERVERS} servers in one minute",
            SERVERS,
            f"{sum(n == 1 for n in counts)} once, {sum(n > 1 for n in counts)} doubled",
            "each once",
            counts == [1] * SERVERS,
        ),
    ]


# Starting again


async def starts(runs: int) -> list[Outcome]:
    """Kill the bot while it writes, start it again, and have it answer."""
    texts = shelf(20)
    seconds: list[float] = []
    with tempfile.TemporaryDirectory(prefix="load-") as name:
        path, asked = big_library(Path(name), MANY_WORKS)
        await with_texts(path, texts)
        for run in range(runs + 1):
            async with (
                discord_alone() as discord,
                bot_alone(discord, Path(name), path) as (bot, ready),
                discord.user("member") as member,
                discord.user("moderator", "mod-desk") as moderator,
            ):
                seconds.append(ready)
                crowd = Crowd(Tally(), texts, asked, seed=run)
                busy = asyncio.gather(
                    *(crowd.search(member) for _ in range(60)),
                    *(crowd.add(moderator) for _ in range(10)),
                )
                await crowd.tally.reached(20 + run)  # it is in the middle of it
                bot.kill()
                busy.cancel()
                await asyncio.gather(busy, return_exceptions=True)
    again = sorted(seconds[1:])  # the first came after no kill
    tell("starts", {"first": seconds[0], "again": again})
    return [
        Outcome(
            f"started again after kill -9, {MANY_WORKS:,} works",
            len(again),
            f"first answer after {again[len(again) // 2]:.1f} s, {again[-1]:.1f} at most",
            f"{READY_S} s",
            again[-1] <= READY_S,
        )
    ]


def torture(runs: int, parts: Sequence[str] = ("crowds", "hour", "starts")) -> list[Outcome]:
    """`runs` rounds of each crowd, and of the rest the same share."""
    share = runs / FULL_RUNS
    todo = {
        "crowds": lambda: crowds(runs),
        "hour": lambda: hour(share),
        "starts": lambda: starts(max(1, round(STARTS * share))),
    }
    return [outcome for part in parts for outcome in asyncio.run(todo[part]())]


if __name__ == "__main__":
    for outcome in torture(max(1, round(FULL_RUNS * float(sys.argv[1]))), sys.argv[2:]):
        print(outcome)
