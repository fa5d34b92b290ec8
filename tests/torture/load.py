"""Under load (fault 11): 200 interactions at once, an hour of 500 servers, a start after kill -9.

Members, Discord and bot are three processes, so that the bot's figures are its own.
"""

import asyncio
import sqlite3
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from db import guilds
from db.connection import _connect, _transaction
from db.library import Library
from sandbox import Sandbox
from tests.bench.libraries import library, names_of, sample
from tests.bench.queries import queries
from tests.torture.load_processes import bot_alone, discord_alone
from tests.torture.load_traffic import Crowd, Shelf, Tally, at_once, shelf
from tests.torture.outcome import Outcome

FULL_RUNS = 20  # rounds of 200 at once
AT_ONCE = 200
WORKS = 10_000
WORKS_WITH_TEXT = 400
SAMPLED = 2000  # works that the queries are made of
QUERIES_OF_A_KIND = 10


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


async def crowds(runs: int) -> list[Outcome]:
    """Rounds of 200 mixed interactions, and of 200 searches."""
    texts = shelf(WORKS_WITH_TEXT)
    with tempfile.TemporaryDirectory(prefix="load-") as name:
        folder = Path(name)
        path, asked = big_library(folder, WORKS)
        await with_texts(path, texts)
        async with discord_alone() as discord, bot_alone(discord, folder, path) as (bot, _):
            member, moderator = discord.user("member"), discord.user("moderator", "mod-desk")
            warm = Crowd(Tally(), texts, asked, seed=2)
            await at_once(warm.half_slow(40), member, moderator)
            await bot.lag()
            searching, mixed = Tally(), Tally()
            crowd = Crowd(searching, texts, asked)
            for _ in range(runs):
                await at_once([crowd.search] * AT_ONCE, member, moderator)
            searches = await bot.lag()
            crowd = Crowd(mixed, texts, asked)
            for _ in range(runs):
                await at_once(crowd.half_slow(AT_ONCE), member, moderator)
            mixture = await bot.lag()
            print(searches, mixture, sep="\n", file=sys.stderr)
            for tally in (searching, mixed):
                for kind in tally.milliseconds:
                    figures = [round(tally.percentile(share, kind)) for share in (0.5, 0.99, 1)]
                    print(kind, len(tally.milliseconds[kind]), figures, file=sys.stderr)
                print(tally.errors, file=sys.stderr)
            violations = await moderator.violations()
            print(violations[:5], bot.logged()[:40], file=sys.stderr)
            await member.close()
            await moderator.close()
    return []


def torture(runs: int) -> Sequence[Outcome]:
    """`runs` rounds of each crowd."""
    return asyncio.run(crowds(runs))


if __name__ == "__main__":
    torture(int(sys.argv[1]))
