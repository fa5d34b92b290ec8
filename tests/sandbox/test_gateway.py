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
from tests.sandbox.conftest import Request


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


WRONG_SHARDS = [[2, 2], [-1, 2], [0, 0], [0], [0, 1, 2], ["0", "2"], [None, 2], "0", 1, {}]


@pytest.mark.parametrize(
    ("move", "code"),
    [
        (sends(99, None), 4003),
        (garbage, 4002),
        (sends(8, {}), 4003),
        (identifies(token="wrong"), 4004),
        (identifies_twice, 4005),
        (resumes_from_the_future, 4007),
        *((identifies(shard=pair), 4010) for pair in WRONG_SHARDS),
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
        assert seen == [str(guild) for guild in sandbox.world.guilds]


async def test_each_shard_hears_of_its_own_servers_and_the_first_of_direct_messages(
    connect: Connect, member: User, stranger: User
) -> None:
    async with connect() as first, connect() as second:
        for index, client in enumerate((first, second)):
            await client.identify(GUILD_MESSAGES | DIRECT_MESSAGES, shard=[index, 2])
        said = [await member.say("here"), await member.at("dm").say("in private")]
        theirs = [await stranger.say("there"), await stranger.say("and there")]
        for client, expected in ((first, said), (second, theirs)):
            heard = [(await client.event("MESSAGE_CREATE"))["id"] for _ in expected]
            assert heard == [message.id for message in expected]


@pytest.mark.parametrize("trouble", ["drop_socket", "reconnect", "invalid_session"])
async def test_trouble_can_befall_one_shard_alone(
    connect: Connect, sandbox: Sandbox, member: User, stranger: User, trouble: str
) -> None:
    async with connect() as first, connect() as second:
        for index, client in enumerate((first, second)):
            await client.identify(shard=[index, 2])
        await member.fault(trouble, shard=1)
        await member.say("heard by the first")
        while (heard := await first.receive())["op"] == 0 and heard["t"] != "MESSAGE_CREATE":
            pass
        assert heard["t"] == "MESSAGE_CREATE"
        sessions = [session.shard for session in sandbox._gateway.sessions.values()]
        assert sessions == ([0] if trouble == "invalid_session" else [0, 1])
        if trouble == "drop_socket":
            await second.close_code()
            # The missing shard comes back to what it missed; the other is none the wiser.
            await stranger.say("missed")
            async with connect() as again:
                await again.receive()
                resume = {"token": again.token, "session_id": second.session_id, "seq": 1}
                await again.send(6, resume)
                assert (await again.event("MESSAGE_CREATE"))["channel_id"]
                await again.event("RESUMED")


async def test_how_many_shards_and_sessions_there_may_be_is_told(
    connect: Connect, rest: Request
) -> None:
    status, told = await rest("GET", "/gateway/bot")
    assert (status, told["shards"]) == (200, 1)
    assert told["session_start_limit"]["remaining"] == 1000
    async with connect() as client:
        await client.identify()
        _, told = await rest("GET", "/gateway/bot")
        assert told["session_start_limit"]["remaining"] == 999


async def test_members_can_be_asked_for(connect: Connect, sandbox: Sandbox) -> None:
    guild_id = str(next(iter(sandbox.world.guilds)))
    async with connect() as client:
        await client.identify()
        ask = {"guild_id": guild_id, "query": "mod", "limit": 5, "nonce": "n"}
        await client.send(8, ask)
        chunk = await client.event("GUILD_MEMBERS_CHUNK")
        names = [found["user"]["username"] for found in chunk["members"]]
        assert (names, chunk["nonce"]) == (["moderator"], "n")
