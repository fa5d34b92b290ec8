"""A library under all kinds of writes, each told when it is acknowledged.

python -m tests.torture.writer LIBRARY SEED WRITES SYNCHRONOUS

Each line on standard output is what the library held after one more write: a hash of everything
that can be read of it. So any state of the file is one of those, or is none.
"""

import asyncio
import hashlib
import random
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path

from db import connection
from db.errors import LibraryError
from db.library import Library
from db.models import (
    GuildSettings,
    NewWork,
    Rating,
    SearchRequest,
    Sort,
    TagKind,
    Viewer,
    WorkChanges,
)
from tests.db.builders import a_work

HERE, MOD = 100, 7
WORDS = (
    "lantern quay rope harbour tide salt bell gull net ferry anchor mist oar lamp storm pier "
    "captain letter window stair garden winter kettle bridge market paper thread silver"
).split()
ACROSS = 12  # writes between closing the library and opening it again


async def fingerprint(library: Library) -> str:
    """A hash of what a server's library holds."""
    held: list[object] = [await library.guild_settings(HERE)]
    held += [work async for work in library.export(HERE)]
    held += await library.drafts(HERE)
    held += await library.removed(HERE)
    held += await library.log(HERE, limit=10_000)
    held += await library.nicknames(HERE, TagKind.CHARACTER, "Marit")
    return hashlib.blake2b(repr(held).encode(), digest_size=12).hexdigest()


def story(chance: random.Random, words: int) -> str:
    """So many words, no two alike."""
    return " ".join(f"{chance.choice(WORDS)}{chance.randrange(999)}" for _ in range(words))


async def write(library: Library, chance: random.Random, number: int) -> None:
    """One write, of any kind."""
    everything = SearchRequest("", sort=Sort.ADDED, limit=100)
    found = await library.search(HERE, everything, Viewer(adult_ok=True))
    published = [hit.work.work_id for hit in found.hits]
    drafts = [work.work_id for work in await library.drafts(HERE)]
    removed = [work.work_id for work in await library.removed(HERE)]

    def new(name: str, words: int) -> NewWork:
        return a_work(
            f"{name} {number}", authors=(f"writer {chance.randrange(20)}",),
            characters=("Marit", f"Somebody {chance.randrange(9)}"), texts=(story(chance, words),),
        )  # fmt: skip

    what = chance.choice(
        ["add", "add", "add", "draft", "publish", "edit", "remove", "restore", "erase", "settings",
         "nickname"]
    )  # fmt: skip
    match what:
        case "draft":
            await library.add_draft(HERE, new("Draft", 200), by=MOD, request_key=str(number))
        case "publish" if drafts:
            await library.publish(HERE, chance.choice(drafts), by=MOD)
        case "edit" if published:
            changes = WorkChanges(summary=story(chance, 20), rating=chance.choice(list(Rating)))
            await library.edit(HERE, chance.choice(published), changes, by=MOD)
        case "remove" if published:
            await library.remove(HERE, chance.choice(published), by=MOD)
        case "restore" if removed:
            await library.restore(HERE, chance.choice(removed), by=MOD)
        case "erase" if published:
            await library.take_down(HERE, chance.choice(published), by=MOD, why="")
        case "settings":
            await library.save_guild_settings(HERE, GuildSettings(number, number + 1), MOD)
        case "nickname" if published:
            await library.add_nickname(HERE, TagKind.CHARACTER, "Marit", f"m{number}", by=MOD)
        case _:
            works = [new(f"Work {each} of", 1500) for each in range(chance.randint(1, 9))]
            await library.add(HERE, works, by=MOD)


async def main(path: Path, seed: int, writes: int) -> None:
    """Write so often, closing the library now and then."""
    chance = random.Random(seed)
    for start in range(0, writes, ACROSS):
        async with Library.open(path) as library:
            for number in range(start, min(start + ACROSS, writes)):
                try:
                    await write(library, chance, number)
                except LibraryError as error:
                    print(f"# {error}", file=sys.stderr)
                print(await fingerprint(library), flush=True)


def sync_less(how: str) -> None:
    """Have every connection sync as `how` says: to see that the torture can tell."""
    connect = connection._connect

    def connected(*arguments: object, **named: object) -> sqlite3.Connection:
        conn = connect(*arguments, **named)  # type: ignore[arg-type]
        conn.execute(f"PRAGMA synchronous = {how}")
        return conn

    connection._connect = connected


def run(arguments: Sequence[str]) -> None:
    """The command line."""
    path, seed, writes, how = arguments
    if how != "as it is":
        sync_less(how)
    asyncio.run(main(Path(path), int(seed), int(writes)))


if __name__ == "__main__":
    run(sys.argv[1:])
