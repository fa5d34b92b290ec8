"""The gateway and REST as any client finds them: no library, only what Discord documents."""

import asyncio
import json
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import aiohttp
import pytest
import zstandard

from sandbox import Sandbox, User
from tests.sandbox.conftest import Request

GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES, MESSAGE_CONTENT = 1, 1 << 9, 1 << 12, 1 << 15


class Client:
    """A bare websocket with the few moves that the protocol has."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, token: str) -> None:
        self.socket = socket
        self.token = token
        self.sequence: int | None = None
        self.session_id = ""

    async def send(self, op: int, data: object) -> None:
        await self.socket.send_json({"op": op, "d": data})

    async def receive(self) -> dict[str, Any]:
        payload = await self.socket.receive_json(timeout=5)
        self.sequence = payload["s"] or self.sequence
        return payload

    async def event(self, name: str) -> dict[str, Any]:
        """The next event of this name, past others."""
        while (payload := await self.receive())["t"] != name:
            pass
        return payload["d"]

    async def identify(self, intents: int = GUILDS | GUILD_MESSAGES, **more: Any) -> dict[str, Any]:
        assert (await self.receive())["op"] == 10
        properties = {"os": "linux", "browser": "test", "device": "test"}
        data = {"token": self.token, "intents": intents, "properties": properties, **more}
        await self.send(2, data)
        ready = await self.event("READY")
        self.session_id = ready["session_id"]
        return ready

    async def close_code(self) -> int | None:
        """What the server hangs up with."""
        while not self.socket.closed:
            await self.socket.receive(timeout=5)
        return self.socket.close_code


Connect = Callable[..., AbstractAsyncContextManager[Client]]


@pytest.fixture
def connect(sandbox: Sandbox, http: aiohttp.ClientSession) -> Connect:
    @asynccontextmanager
    async def connected(query: str = "v=10&encoding=json") -> AsyncIterator[Client]:
        url = f"{sandbox.api.replace('http', 'ws')}/gateway?{query}"
        async with http.ws_connect(url) as socket:
            yield Client(socket, sandbox.bot_token)

    return connected


@pytest.fixture
async def commands(rest: Request, sandbox: Sandbox) -> None:
    """One command with a word in it."""
    option = {"type": 3, "name": "word", "description": "x", "autocomplete": True}
    command = {"name": "echo", "description": "x", "options": [option]}
    await rest("PUT", f"/applications/{sandbox.world.bot.id}/commands", [command])


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
        data = {"token": client.token, "intents": GUILDS, "properties": {}}
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
            await client.identify(GUILDS | GUILD_MESSAGES | MESSAGE_CONTENT | 1 << 1)
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


async def answer(
    rest: Request, interaction: dict[str, Any], body: dict[str, Any], query: str = ""
) -> tuple[int, Any]:
    path = f"/interactions/{interaction['id']}/{interaction['token']}/callback{query}"
    return await rest("POST", path, body)


async def test_an_interaction_from_end_to_end(
    connect: Connect, rest: Request, member: User, sandbox: Sandbox, commands: None, general: str
) -> None:
    async with connect() as client:
        await client.identify()
        asked = asyncio.create_task(member.command("echo", word="hi"))
        interaction = await client.event("INTERACTION_CREATE")
        assert interaction["type"] == 2
        assert interaction["data"]["options"] == [{"name": "word", "type": 3, "value": "hi"}]
        assert interaction["channel"]["id"] == interaction["channel_id"] == general
        assert interaction["member"]["user"]["username"] == "member"
        assert int(interaction["member"]["permissions"]) & 1 << 11
        assert int(interaction["app_permissions"]) & 1 << 11
        assert interaction["context"] == 0
        assert interaction["attachment_size_limit"] == 10 * 1024 * 1024
        body = {"type": 4, "data": {"content": "hi", "flags": 64}}
        status, made = await answer(rest, interaction, body, "?with_response=true")
        assert status == 200
        assert made["resource"]["type"] == 4
        assert made["resource"]["message"]["content"] == "hi"
        assert made["interaction"]["response_message_ephemeral"] is True
        assert (await asked).message.ephemeral
        webhook = f"/webhooks/{sandbox.world.bot.id}/{interaction['token']}"
        original = made["resource"]["message"]["id"]
        for target in ("@original", "%40original", original):
            assert (await rest("GET", f"{webhook}/messages/{target}"))[1]["id"] == original
        status, more = await rest("POST", webhook, {"content": "more"})
        assert (status, more["interaction_metadata"]["user"]["username"]) == (200, "member")
        status, edited = await rest("PATCH", f"{webhook}/messages/{more['id']}", {"content": "!"})
        assert (status, edited["content"]) == (200, "!")
        assert (await rest("DELETE", f"{webhook}/messages/@original"))[0] == 204
        status, gone = await rest("GET", f"{webhook}/messages/@original")
        assert (status, gone["code"]) == (404, 10008)
        assert [message.text for message in await member.messages()] == ["!"]


async def test_refusals_of_interactions(
    connect: Connect, rest: Request, member: User, sandbox: Sandbox, commands: None
) -> None:
    async with connect() as client:
        await client.identify()
        asked = asyncio.create_task(member.command("echo"))
        interaction = await client.event("INTERACTION_CREATE")
        webhook = f"/webhooks/{sandbox.world.bot.id}/{interaction['token']}"
        status, refused = await rest("POST", webhook, {"content": "too early"})
        assert (status, refused["code"]) == (404, 10015)
        for wrong in ({"id": "1"}, {"token": "x"}):
            status, refused = await answer(rest, {**interaction, **wrong}, {"type": 4})
            assert (status, refused["code"]) == (404, 10062)
        status, refused = await answer(rest, interaction, {"type": 7, "data": {"content": "x"}})
        assert (status, "type" in refused["errors"]) == (400, True)
        body = {"type": 4, "data": {"content": "x" * 2001}}
        status, refused = await answer(rest, interaction, body)
        assert "content" in refused["errors"]["data"]
        assert (await answer(rest, interaction, {"type": 5})) == (204, "")
        status, refused = await answer(rest, interaction, {"type": 4, "data": {"content": "x"}})
        assert (status, refused["code"]) == (400, 40060)
        await rest("DELETE", f"{webhook}/messages/@original")
        assert (await asked).messages == []


async def test_a_form_and_choices_beyond_the_limits_are_refused(
    connect: Connect, rest: Request, member: User, commands: None
) -> None:
    field = {"type": 4, "custom_id": "t", "style": 1}
    label = {"type": 18, "label": "Title", "component": field}
    modal = {"custom_id": "m", "title": "T", "components": [label]}
    async with connect() as client:
        await client.identify()
        asked = asyncio.create_task(member.command("echo"))
        interaction = await client.event("INTERACTION_CREATE")
        for change, path in (
            ({"title": "x" * 46}, "title"),
            ({"custom_id": ""}, "custom_id"),
            ({"components": [label] * 6}, "components"),
            ({"components": [{**label, "label": "x" * 46}]}, "components.0.label"),
            ({"components": [{**label, "component": {**field, "type": 2}}]}, "components.0.component.type"),
            ({"components": [label, label]}, "components.1.component.custom_id"),
            ({"components": [{**label, "component": {"type": 19, "custom_id": "f", "max_values": 11}}]}, "components.0.component.max_values"),
        ):  # fmt: skip
            body = {"type": 9, "data": {**modal, **change}}
            status, refused = await answer(rest, interaction, body)
            node = refused["errors"]["data"]
            for step in path.split("."):
                node = node[step]
            assert (status, "_errors" in node) == (400, True)
        assert (await answer(rest, interaction, {"type": 9, "data": modal}))[0] == 204
        assert (await asked).form.fields[0].label == "Title"
        typed = asyncio.create_task(member.autocomplete("echo", focused="word", word="x"))
        interaction = await client.event("INTERACTION_CREATE")
        assert interaction["data"]["options"][0] == {
            "name": "word",
            "type": 3,
            "value": "x",
            "focused": True,
        }
        for choices, path in (
            ([{"name": "x", "value": "x"}] * 26, "choices"),
            ([{"name": "x" * 101, "value": "x"}], "choices.0.name"),
            ([{"name": "x", "value": "x" * 101}], "choices.0.value"),
            ([{"name": "x", "value": 1}], "choices.0.value"),
        ):
            body = {"type": 8, "data": {"choices": choices}}
            status, refused = await answer(rest, interaction, body)
            node = refused["errors"]["data"]
            for step in path.split("."):
                node = node[step]
            assert (status, "_errors" in node) == (400, True)
        body = {"type": 8, "data": {"choices": [{"name": "x", "value": "y"}]}}
        assert (await answer(rest, interaction, body))[0] == 204
        assert await typed == [("x", "y")]


async def test_a_wrong_token_is_refused_everywhere(
    rest: Request, sandbox: Sandbox, general: str
) -> None:
    wrong = {"Authorization": "Bot wrong"}
    for method, path in (
        ("GET", "/users/@me"),
        ("GET", "/gateway/bot"),
        ("POST", f"/channels/{general}/messages"),
    ):
        status, refused = await rest(method, path, headers=wrong)
        assert (status, refused["code"]) == (401, 0)
    assert (await rest("GET", "/gateway", headers=wrong))[0] == 200


async def test_unknown_things_have_discords_codes(
    rest: Request, member: User, sandbox: Sandbox, general: str
) -> None:
    guild = next(iter(sandbox.world.guilds))
    said = await member.say("mine")
    for method, path, status, code in (
        ("GET", "/channels/1", 404, 10003),
        ("GET", f"/channels/{general}/messages/1", 404, 10008),
        ("PATCH", f"/channels/{general}/messages/{said.id}", 403, 50005),
        ("DELETE", f"/channels/{general}/messages/{said.id}", 403, 50013),
        ("GET", "/guilds/1", 404, 10004),
        ("GET", f"/guilds/{guild}/members/1", 404, 10013),
        ("GET", "/users/1", 404, 10013),
        ("GET", "/applications/1/commands", 404, 10002),
        ("POST", "/users/@me/channels", 400, 50035),
        ("GET", "/nowhere", 404, 0),
        ("PUT", "/users/@me", 405, 0),
    ):
        got, refused = await rest(method, path, None if method == "GET" else {})
        assert (got, refused["code"]) == (status, code), path
    assert {v["route"] for v in await member.violations("route")} == {
        "GET /nowhere",
        "PUT /users/@me",
    }


async def test_a_body_that_is_no_json_is_refused(rest: Request, general: str) -> None:
    headers = {"Content-Type": "application/json"}
    path = f"/channels/{general}/messages"
    status, refused = await rest("POST", path, data=b"{", headers=headers)
    assert (status, refused["code"]) == (400, 50109)


async def test_history_is_paged_from_every_side(rest: Request, member: User, general: str) -> None:
    ids = [(await member.say(str(number))).id for number in range(5)]
    path = f"/channels/{general}/messages"

    async def page(query: str) -> list[str]:
        return [message["content"] for message in (await rest("GET", f"{path}?{query}"))[1]]

    assert await page("limit=2") == ["4", "3"]
    assert await page(f"limit=2&before={ids[3]}") == ["2", "1"]
    assert await page(f"limit=2&after={ids[0]}") == ["2", "1"]
    assert await page(f"limit=3&around={ids[2]}") == ["3", "2", "1"]
    assert (await rest("GET", f"{path}?limit=101"))[0] == 400


async def test_a_message_of_parts_carries_files(
    rest: Request, member: User, sandbox: Sandbox, http: aiohttp.ClientSession, general: str
) -> None:
    form = aiohttp.FormData(quote_fields=False)
    body = {
        "flags": 1 << 15,
        "components": [
            {"type": 12, "items": [{"media": {"url": "attachment://p.png"}}]},
            {"type": 13, "file": {"url": "attachment://t.txt"}},
        ],
        "attachments": [{"id": 0, "filename": "p.png", "description": "a picture"}, {"id": 1}],
    }
    png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x07\0\0\0\x05"
    form.add_field("payload_json", json.dumps(body), content_type="application/json")
    form.add_field("files[0]", png, filename="x.png", content_type="application/octet-stream")
    form.add_field("files[1]", b"words", filename="t.txt")
    path = f"/channels/{general}/messages"
    status, message = await rest("POST", path, data=form)
    assert status == 200
    picture, words = message["attachments"]
    assert (picture["filename"], picture["width"], picture["height"]) == ("p.png", 7, 5)
    assert picture["description"] == "a picture"
    gallery, file = message["components"]
    assert gallery["items"][0]["media"]["attachment_id"] == picture["id"]
    assert (file["name"], file["size"]) == ("t.txt", 5)
    async with http.get(file["file"]["url"]) as response:
        assert await response.read() == b"words"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
    keep = {"attachments": [{"id": words["id"]}], "components": [body["components"][1]]}
    status, message = await rest("PATCH", f"{path}/{message['id']}", keep)
    assert [attachment["id"] for attachment in message["attachments"]] == [words["id"]]
    async with http.get(picture["url"]) as response:
        assert response.status == 404
    wrong = file["file"]["url"].replace("hm=", "hm=0")
    async with http.get(wrong) as response:
        assert response.status == 404
    await member.clock(by_seconds=86401)
    async with http.get(file["file"]["url"]) as response:
        assert response.status == 404
    (shown,) = await member.messages()
    async with http.get(shown.attachments[0]["url"]) as response:
        assert response.status == 200


async def test_reactions_typing_and_bulk_delete(rest: Request, member: User, general: str) -> None:
    path = f"/channels/{general}/messages"
    _, first = await rest("POST", path, {"content": "one"})
    _, second = await rest("POST", path, {"content": "two"})
    here = f"{path}/{first['id']}/reactions/%F0%9F%91%8D/@me"
    assert (await rest("PUT", here))[0] == 204
    assert (await member.messages())[0].payload["reactions"] == {"👍": ["Ficshelf"]}
    _, shown = await rest("GET", f"{path}/{first['id']}")
    assert (shown["reactions"][0]["count"], shown["reactions"][0]["me"]) == (1, True)
    assert (await rest("DELETE", here))[0] == 204
    assert (await rest("POST", f"/channels/{general}/typing"))[0] == 204
    both = {"messages": [first["id"], second["id"]]}
    status, refused = await rest("POST", f"{path}/bulk-delete", both)
    assert (status, refused["code"]) == (403, 50013)
    assert (await rest("DELETE", f"{path}/{first['id']}"))[0] == 204
    kinds = [event["kind"] for event in (await member.events(0, 0))["events"]]
    assert kinds == ["message", "message", "react", "unreact", "typing", "delete"]


async def test_a_direct_message_can_be_opened(
    rest: Request, member: User, sandbox: Sandbox
) -> None:
    recipient = {"recipient_id": str(sandbox.world.account_named("member").id)}
    status, channel = await rest("POST", "/users/@me/channels", recipient)
    assert (status, channel["type"]) == (200, 1)
    assert (await rest("POST", "/users/@me/channels", recipient))[1]["id"] == channel["id"]
    await rest("POST", f"/channels/{channel['id']}/messages", {"content": "psst"})
    assert [message.text for message in await member.messages("dm")] == ["psst"]
