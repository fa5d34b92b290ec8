"""The gateway as any client finds it: no library, only what Discord documents."""

import json
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
import zstandard

from sandbox import Sandbox, User
from sandbox.wire import Json
from tests.sandbox.bare_client import (
    DIRECT_MESSAGES,
    GUILD_MEMBERS,
    GUILD_MESSAGES,
    GUILDS,
    MESSAGE_CONTENT,
    Client,
    Connect,
)


async def test_hello_identify_ready_guilds_heartbeat(connect: Connect, sandbox: Sandbox) -> None:
    async with connect() as client:
        hello = await client.receive()
        assert (hello["op"], hello["t"], hello["s"]) == (10, None, None)
        assert hello["d"]["heartbeat_interval"] > 1000
        await client.send(1, None)
        assert (await client.receive())["op"] == 11
        await client.send(2, {"token": sandbox.bot_token, "intents": GUILDS, "properties": {}})
        ready = await client.receive()
        assert (ready["t"], ready["s"]) == ("READY", 1)
        assert ready["d"]["user"]["bot"] is True
        assert ready["d"]["resume_gateway_url"].startswith("ws://127.0.0.1:")
        announced = [guild["id"] for guild in ready["d"]["guilds"]]
        assert all(guild["unavailable"] for guild in ready["d"]["guilds"])
        guilds = [await client.receive() for _ in announced]
        assert [guild["t"] for guild in guilds] == ["GUILD_CREATE"] * 2
        assert [guild["d"]["id"] for guild in guilds] == announced
        room = guilds[0]["d"]
        assert [channel["name"] for channel in room["channels"]] == [
            "general",
            "daily-rec",
            "after-dark",
            "mod-desk",
        ]
        assert [member["user"]["id"] for member in room["members"]] == [ready["d"]["user"]["id"]]
        assert room["member_count"] == 4


async def test_a_resumed_session_gets_what_it_missed_in_order(
    connect: Connect, member: User
) -> None:
    async with connect() as client:
        await client.identify()
        await client.event("GUILD_CREATE")
        await client.event("GUILD_CREATE")
        await member.say("heard")
        await client.event("MESSAGE_CREATE")
        session, seen = client.session_id, client.sequence
        await member.fault("drop_socket")
        await client.close_code()
    said = [await member.say(f"missed {number}") for number in range(3)]
    async with connect() as client:
        await client.receive()
        data = {"token": client.token, "session_id": session, "seq": seen}
        await client.send(6, data)
        assert seen is not None
        for number, message in enumerate(said, start=1):
            payload = await client.receive()
            assert (payload["t"], payload["s"]) == ("MESSAGE_CREATE", seen + number)
            assert payload["d"]["id"] == message.id
        resumed = await client.receive()
        assert (resumed["t"], resumed["s"]) == ("RESUMED", seen + 4)
        await member.say("heard again")
        assert (await client.receive())["s"] == seen + 5


async def test_a_session_taken_over_leaves_the_old_line(connect: Connect, member: User) -> None:
    async with connect() as old, connect() as new:
        await old.identify()
        await new.receive()
        resume = {"token": new.token, "session_id": old.session_id, "seq": 1}
        await new.send(6, resume)
        await new.event("RESUMED")
        await member.say("hello")
        await new.event("MESSAGE_CREATE")
        await old.close_code()
        assert old.socket.closed


@pytest.mark.parametrize("code", [1000, 1001])
async def test_a_session_ended_properly_cannot_be_resumed(
    connect: Connect, member: User, code: int, commands: None
) -> None:
    async with connect() as client:
        await client.identify()
        session = client.session_id
        await client.socket.close(code=code)
    assert (await member.command("echo")).error == "the bot is not connected"
    async with connect() as client:
        await client.receive()
        await client.send(6, {"token": client.token, "session_id": session, "seq": 1})
        invalid = await client.receive()
        assert (invalid["op"], invalid["d"]) == (9, False)


Move = Callable[[Client], Awaitable[None]]


async def garbage(client: Client) -> None:
    await client.socket.send_str("not json")


def sends(op: int, data: object) -> Move:
    async def move(client: Client) -> None:
        await client.send(op, data)

    return move


def identifies(**more: Any) -> Move:
    async def move(client: Client) -> None:
        token = more.get("token", client.token)
        await client.send(2, {"intents": GUILDS, "properties": {}, **more, "token": token})

    return move


async def resumes_from_the_future(client: Client) -> None:
    await identifies()(client)
    session_id = (await client.event("READY"))["session_id"]
    resume = {"token": client.token, "session_id": session_id, "seq": 999}
    await client.send(6, resume)


async def identifies_twice(client: Client) -> None:
    await identifies()(client)
    await identifies()(client)


@pytest.mark.parametrize(
    ("move", "code"),
    [
        (sends(99, None), 4003),
        (garbage, 4002),
        (sends(8, {}), 4003),
        (identifies(token="wrong"), 4004),
        (identifies_twice, 4005),
        (resumes_from_the_future, 4007),
        (identifies(shard=[2, 2]), 4010),
        (identifies(intents=1 << 40), 4013),
        (identifies(intents=GUILDS | MESSAGE_CONTENT), 4014),
    ],
)
async def test_wrong_moves_end_the_call_with_discords_code(
    connect: Connect, move: Move, code: int
) -> None:
    async with connect() as client:
        await client.receive()
        await move(client)
        assert await client.close_code() == code


@pytest.mark.parametrize(
    ("query", "code"), [("v=6&encoding=json", 4012), ("v=10&encoding=etf", 4002)]
)
async def test_other_versions_and_encodings_are_refused(
    connect: Connect, query: str, code: int
) -> None:
    async with connect(query) as client:
        assert await client.close_code() == code


async def test_a_hundred_and_twenty_payloads_a_minute_are_the_most(connect: Connect) -> None:
    async with connect() as client:
        for _ in range(121):
            await client.send(1, None)
        assert await client.close_code() == 4008


def inflate() -> Callable[[bytes], bytes]:
    stream = zlib.decompressobj()

    def step(data: bytes) -> bytes:
        assert data.endswith(b"\x00\x00\xff\xff")
        return stream.decompress(data)

    return step


@pytest.mark.parametrize(
    ("name", "opened"),
    [
        ("zlib-stream", inflate),
        ("zstd-stream", lambda: zstandard.ZstdDecompressor().decompressobj().decompress),
    ],
)
async def test_a_connection_is_one_compressed_stream(
    connect: Connect, name: str, opened: Callable[[], Callable[[bytes], bytes]]
) -> None:
    async with connect(f"v=10&encoding=json&compress={name}") as client:
        step = opened()
        names: list[str | None] = []
        data: Json = {"token": client.token, "intents": GUILDS, "properties": {}}
        for move in (2, None, None, None):
            message = await client.socket.receive(timeout=5)
            assert message.type is aiohttp.WSMsgType.BINARY
            names.append(json.loads(step(message.data))["t"])
            if move is not None:
                await client.send(move, data)
        assert names == [None, "READY", "GUILD_CREATE", "GUILD_CREATE"]


async def test_events_follow_the_intents(connect: Connect, member: User) -> None:
    async with connect() as all_messages, connect() as direct_only:
        await all_messages.identify(GUILD_MESSAGES)
        await direct_only.identify(DIRECT_MESSAGES)
        await member.say("in a server")
        await member.at("dm").say("in private")
        heard = await all_messages.event("MESSAGE_CREATE")
        assert (heard["content"], heard["guild_id"] is not None) == ("", True)
        private = await direct_only.event("MESSAGE_CREATE")
        assert private["content"] == "in private"
        assert "guild_id" not in private


async def test_message_content_comes_with_the_intent(http: aiohttp.ClientSession) -> None:
    async with Sandbox(port=0, privileged_intents=True) as running:
        url = f"{running.api.replace('http', 'ws')}/gateway?v=10"
        async with http.ws_connect(url) as socket:
            client = Client(socket, running.bot_token)
            await client.identify(GUILDS | GUILD_MESSAGES | MESSAGE_CONTENT | GUILD_MEMBERS)
            guild = await client.event("GUILD_CREATE")
            assert len(guild["members"]) == guild["member_count"] == 4
            await User(running.control, running.token, "member").say("read me")
            assert (await client.event("MESSAGE_CREATE"))["content"] == "read me"


async def test_shards_share_the_servers(connect: Connect, sandbox: Sandbox, member: User) -> None:
    async with connect() as first, connect() as second:
        seen: list[str] = []
        for index, client in enumerate((first, second)):
            ready = await client.identify(shard=[index, 2])
            assert ready["shard"] == [index, 2]
            seen += [guild["id"] for guild in ready["guilds"]]
        assert sorted(seen) == sorted(str(guild) for guild in sandbox.world.guilds)


async def test_members_can_be_asked_for(connect: Connect, sandbox: Sandbox) -> None:
    guild_id = str(next(iter(sandbox.world.guilds)))
    async with connect() as client:
        await client.identify()
        ask = {"guild_id": guild_id, "query": "mod", "limit": 5, "nonce": "n"}
        await client.send(8, ask)
        chunk = await client.event("GUILD_MEMBERS_CHUNK")
        names = [found["user"]["username"] for found in chunk["members"]]
        assert (names, chunk["nonce"]) == (["moderator"], "n")
