"""Many at once (fault 11), in short; tests/torture/load.py has the figures."""

import asyncio
import gc
from datetime import time
from pathlib import Path

import pytest

from cogs._bot import settle_memory
from cogs._starting import point_at
from db.daily.models import DAILY, Terms
from sandbox import Sandbox, User, actions, interactions
from sandbox.world import Happening
from tests.cogs.conftest import START, Rig
from tests.cogs.shelf import BOAT, a_work
from tests.torture.load_traffic import Crowd, Shelf, Tally, at_once

pytestmark = pytest.mark.fault(11)

QUERIES = ["beacon", "becon 7", "spike", "kepeer 3", "beacon author:keeper", "words:<5k", "zzzz"]
TEXTS = Shelf(
    works=[],
    titles=["The Twelfth Boat", "Gravity Assist", "Crypt Sweet Crypt"],
    quotes=["the lantern went out at the third bell", "he had hung curtains in it"],
)


@pytest.fixture
def generous(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten times as long as Discord waits: members, Discord and bot share one process here, and
    the machine with other tests."""
    for module in (actions, interactions):
        monkeypatch.setattr(module, "FIRST_RESPONSE_SECONDS", 30.0)
    monkeypatch.setattr(actions, "DEFERRED_SECONDS", 45.0)


async def test_two_hundred_at_once_are_all_answered_half_of_them_slow(
    rig: Rig, member: User, moderator: User, generous: None
):
    await rig.add(*(a_work(f"Beacon {n}", author=f"keeper {n}") for n in range(60)))
    crowd = Crowd(Tally(), TEXTS, QUERIES)
    kinds = crowd.half_slow(200)
    await at_once(kinds, member, moderator)
    assert not crowd.tally.errors
    assert crowd.tally.done >= len(kinds)
    added = crowd.tally.milliseconds["add file"]
    assert len(await rig.library.drafts(rig.guild_id)) == len(added) == 20


async def test_others_have_their_turn_between_two_events(rig: Rig):
    turns = 0
    seen: list[int] = []

    async def count_turns() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    async def on_socket_event_type(name: str) -> None:
        if name == "CHANNEL_UPDATE":
            seen.append(turns)

    rig.bot.event(on_socket_event_type)
    channel = rig.sandbox.world.channel_named("general", rig.sandbox.world.bot)
    counting = asyncio.create_task(count_turns())
    updates = [asyncio.create_task(rig.bot.wait_for("guild_channel_update"))]
    for number in range(50):
        channel.topic = f"Topic {number}"
        rig.sandbox.world.tell(Happening("channel", channel))
    while len(seen) < 50:
        await asyncio.gather(*updates)
        updates = [asyncio.create_task(rig.bot.wait_for("socket_event_type"))]
        await asyncio.sleep(0)
    counting.cancel()
    assert len(set(seen)) == 50


async def test_what_the_bot_consists_of_is_left_out_of_collections(rig: Rig):
    try:
        await settle_memory(rig.bot)
        assert gc.get_freeze_count() > 50_000
    finally:
        gc.unfreeze()


async def test_posts_that_are_due_together_keep_to_what_discord_takes(
    tmp_path: Path, local_discord: None
):
    async with Sandbox(port=0, serve_page=False, start=START, more_servers=70) as sandbox:
        rig = Rig(sandbox, tmp_path / "library.sqlite3")
        point_at(sandbox.api)
        try:
            await rig.start()
            world = sandbox.world
            places = [c for c in world.channels.values() if c.name == "daily-rec"]
            for channel in places:
                guild_id = channel.guild_id or 0
                await rig.library.welcome_guild(guild_id, world.guilds[guild_id].name)
                await rig.add(BOAT, guild_id=guild_id)
                terms = Terms(channel_id=channel.id, local_time=time(18), time_zone="UTC")
                await rig.library.daily.set(guild_id, DAILY, terms, by=1)
            await rig.pass_time(to="2026-03-14T18:00:10+00:00")
            assert [len(channel.messages) for channel in places] == [1] * 71
            assert await rig.user("owner").violations() == []
        finally:
            await rig.stop()
