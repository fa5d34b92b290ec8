"""The bot on two connections: each server is served by one of them, and nothing is done twice."""

import asyncio
import signal
from pathlib import Path

import pytest

from cogs._bot import ShardedBot
from cogs._client import LibraryClient
from cogs._starting import point_at
from sandbox import Sandbox, User
from tests.cogs.conftest import START, Rig, refusal
from tests.cogs.programs import program

DUE = "2026-03-14T18:00:10+00:00"
DAILY = {"time": "18:00", "timezone": "UTC"}


@pytest.fixture
def shards(monkeypatch: pytest.MonkeyPatch) -> int:
    """Two, which need not wait for each other: this Discord lets them identify at once."""

    async def at_once(self: LibraryClient, shard_id: int | None, *, initial: bool = False) -> None:
        return

    monkeypatch.setattr(LibraryClient, "before_identify_hook", at_once)
    return 2


async def post_count(user: User, channel: str) -> int:
    return sum("Today’s recommendation" in m.text for m in await user.messages(channel))


def the_shards(rig: Rig) -> ShardedBot:
    assert isinstance(rig.bot, ShardedBot)
    return rig.bot


async def test_both_servers_are_served_each_by_its_shard(rig: Rig, member: User, stranger: User):
    served = {guild.id: guild.shard_id for guild in rig.bot.guilds}
    assert served == {rig.guild_id: 0, rig.next_door_id: 1}
    assert len(the_shards(rig).latencies) == 2
    answer = await member.command("fic search", query="gravity assist")
    assert "Gravity Assist" in answer.message.text
    answer = await stranger.command("fic search", query="twelfth boat")
    assert "Twelfth Boat" in answer.message.text
    assert "server only" in refusal(
        await member.at("dm").forced.command("fic search", query="spike")
    )


async def test_each_server_gets_its_daily_post_once(
    rig: Rig, moderator: User, stranger: User, member: User
):
    assert (await moderator.command("daily setup", channel="daily-rec", **DAILY)).message
    assert (await stranger.command("daily setup", channel="lobby", **DAILY)).message
    names = [task.get_name() for task in asyncio.all_tasks()]
    assert names.count("daily-posts") == 1
    await rig.pass_time(to=DUE)
    await rig.pass_time(3600)
    assert await post_count(member, "daily-rec") == 1
    assert await post_count(stranger, "lobby") == 1


@pytest.mark.fault(7)
@pytest.mark.parametrize(
    ("trouble", "comes_back_as"),
    [
        ("drop_socket", "shard_resumed"),
        ("reconnect", "shard_resumed"),
        ("invalid_session", "shard_connect"),
    ],
)
async def test_trouble_on_one_shard_leaves_the_other_alone(
    rig: Rig, moderator: User, stranger: User, trouble: str, comes_back_as: str
):
    assert (await moderator.command("daily setup", channel="daily-rec", **DAILY)).message
    assert (await stranger.command("daily setup", channel="lobby", **DAILY)).message
    gone: list[int] = []

    async def on_shard_disconnect(shard_id: int) -> None:
        gone.append(shard_id)

    rig.bot.event(on_shard_disconnect)
    for _ in range(3 if trouble == "invalid_session" else 1):
        back = asyncio.create_task(rig.bot.wait_for(comes_back_as))
        await moderator.fault(trouble, shard=1)
        assert (await moderator.command("fic search", query="spike")).message
        async with asyncio.timeout(20):
            assert await back == 1
    assert set(gone) == {1}
    names = [task.get_name() for task in asyncio.all_tasks()]
    assert names.count("daily-posts") == 1
    await rig.pass_time(to=DUE)
    assert (await stranger.command("fic search", query="twelfth boat")).message
    assert await post_count(moderator, "daily-rec") == 1
    assert await post_count(stranger, "lobby") == 1


async def test_discord_is_asked_how_many_there_should_be(
    tmp_path: Path, local_discord: None, shards: int
):
    async with Sandbox(port=0, serve_page=False, start=START, shards=3) as sandbox:
        rig = Rig(sandbox, tmp_path / "library.sqlite3", shards=0)
        point_at(sandbox.api)
        try:
            await rig.start()
            assert len(the_shards(rig).shards) == 3
        finally:
            await rig.stop()


@pytest.mark.fault(6)
async def test_it_ends_in_time_while_its_shards_are_still_connecting(tmp_path: Path):
    """The second identifies five seconds after the first, as Discord wants it."""
    async with Sandbox(port=0, serve_page=False) as sandbox:
        config = tmp_path / "config.toml"
        config.write_text(f"[discord]\napi = '{sandbox.api}'\nshards = 2", encoding="utf-8")
        async with program(["run"], tmp_path, DISCORD_TOKEN=sandbox.bot_token) as process:
            await sandbox._commands.synced.wait()
            member = User(sandbox.control, sandbox.token, "member")
            events = await member.events()
            assert [event["connected"] for event in events["events"]] == [False]  # one of two
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(5):
                _, err = await process.communicate()
        assert process.returncode == 0
        assert b"Traceback" not in err
