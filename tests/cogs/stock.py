"""One of each thing that a server has, to be named, pressed and forged; and all of its rows."""

import json
import sqlite3
from datetime import time
from pathlib import Path

from cogs import _batch, _quotes, _results, _review
from cogs import library as library_cog
from cogs._quotes import Asked
from cogs._results import Remembered
from cogs._review import Review, ReviewItem
from db.daily.models import Terms
from db.models import Filters, NewWork, Rating, Viewer
from db.search.documents import docid_range
from tests.cogs.conftest import Rig
from tests.cogs.shelf import a_work

NEVER = 8_765_432_109_876  # an id that nothing ever had

# Whose a row is: by the first of these columns that its table has.
_OWNER = {
    "guild_id": "= :guild",
    "shard_no": "= (SELECT shard_no FROM guilds WHERE guild_id = :guild)",
    "docid": "BETWEEN :low AND :high",
    "work_id": "IN (SELECT work_id FROM works WHERE guild_id = :guild)",
    "schedule_id": "IN (SELECT schedule_id FROM schedules WHERE guild_id = :guild)",
    "tag_id": "IN (SELECT tag_id FROM tags WHERE guild_id = :guild)",
    "chapter_id": "IN (SELECT chapter_id FROM chapters JOIN works USING (work_id) "
    "WHERE guild_id = :guild)",
}
# Nobody's: the program's own, and the insides of the indexes of what stands in other tables.
_NOBODYS = ("meta", "sqlite_", "search_bodies", "search_fields", "search_titles", "search_trigrams")


def their_work(title: str, word: str, rating: Rating = Rating.GENERAL) -> NewWork:
    """A work in three passages, every name and passage of which has `word` in it."""
    return a_work(
        f"{word} {title}",
        author=f"{word} the writer of {title}",
        fandom=f"{word} Saga",
        characters=(f"{word} Voss",),
        rating=rating,
        summary=f"A summary with {word} in it.",
        source_url=f"https://example.org/{word}/{title}".replace(" ", "-"),
        passages=tuple(
            f"The {number} lantern of {title} was lit by {word}, and nobody on the quay saw it."
            for number in ("first", "second", "third")
        ),
    )


async def stock(rig: Rig, guild_id: int, word: str, asker_id: int) -> dict[str, int]:
    """Fill a server with one of each, all with `word` in them and the tokens `asker_id`'s own."""
    library = rig.library
    wanted = ("boat", "twin", "third", "removed")
    ids = dict(
        zip(
            wanted,
            await rig.add(*(their_work(title, word) for title in wanted), guild_id=guild_id),
            strict=True,
        )
    )
    ids["work"] = ids["boat"]
    [ids["adult"]] = await rig.add(their_work("adult", word, Rating.EXPLICIT), guild_id=guild_id)
    await library.remove(guild_id, ids["removed"], by=asker_id, why=f"for {word}")
    draft = await library.add_draft(
        guild_id, their_work("draft", word), by=asker_id, request_key=f"{guild_id} {word}"
    )
    assert draft.work_id is not None
    ids["draft"] = draft.work_id
    ids["excerpt"] = (await library.excerpts(guild_id, ids["work"]))[0].excerpt_id
    ids["draft_excerpt"] = (await library.excerpts(guild_id, ids["draft"]))[-1].excerpt_id
    channels = rig.sandbox.world.channels.values()
    channel_id = next(channel.id for channel in channels if channel.guild_id == guild_id)
    terms = Terms(channel_id=channel_id, local_time=time(9), time_zone="Etc/GMT+12")
    schedule = await library.daily.set(guild_id, "daily", terms, by=asker_id)
    ids["schedule"] = schedule.schedule_id
    for queued in await library.daily.queue(guild_id, schedule.schedule_id):
        await library.daily.dequeue(guild_id, schedule.schedule_id, queued.work_id, by=asker_id)
    for work in ("work", "third"):
        await library.daily.enqueue(guild_id, schedule.schedule_id, ids[work], by=asker_id)
    post = await library.daily.prepare(schedule.schedule_id, Viewer(None), early=True)
    ids["outbox"] = post.outbox_id
    ids["audit"] = (await library.log(guild_id))[0].audit_id
    search = Remembered(word, Filters(), None, ((f"{word} Saga", 3), ("Original Work", 1)))
    review = Review((ReviewItem(ids["draft"], (f"noticed {word}",), ids["twin"]),))
    for name, kind, state in (
        ("search", _results.KIND, search.to_state()),
        ("quote", _quotes._KIND, Asked(f"lit by {word}", None).to_state()),
        ("review", _review.KIND, review.to_state()),
        ("batch", _batch.KIND, {"works": [{"id": ids["draft"], "noticed": []}]}),
        (
            "removal",
            library_cog.REMOVAL,
            {"work": ids["work"], "why": word, "for_good": False},
        ),
    ):
        payload = json.dumps({"kind": kind, **state})
        ids[name] = await library.remember(guild_id, asker_id, payload)
    return ids | {"asker": asker_id}


def never(ids: dict[str, int]) -> dict[str, int]:
    """The same kinds of ids, none of which ever was."""
    return {kind: NEVER + number for number, kind in enumerate(ids)} | {"asker": ids["asker"]}


def rows_of(path: Path, guild_id: int) -> dict[str, list[tuple[object, ...]]]:
    """Every row of a server, by its table.

    Raises:
        LookupError: a table that nobody knows whose it is.
    """
    low, high = 0, 0
    with sqlite3.connect(path) as conn:
        found = conn.execute("SELECT shard_no FROM guilds WHERE guild_id = ?", (guild_id,))
        if row := found.fetchone():
            low, high = docid_range(row[0])
        tables = [
            name
            for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if not name.startswith(_NOBODYS)
        ]
        rows: dict[str, list[tuple[object, ...]]] = {}
        for table in sorted(tables):
            columns = {column[1] for column in conn.execute(f"PRAGMA table_info({table})")}
            key = next((key for key in _OWNER if key in columns), None)
            if key is None:
                raise LookupError(f"Whose are the rows of {table}? Say so in {__name__}.")
            rows[table] = conn.execute(
                f"SELECT * FROM {table} WHERE {key} {_OWNER[key]}",
                {"guild": guild_id, "low": low, "high": high},
            ).fetchall()
    conn.close()
    return rows
