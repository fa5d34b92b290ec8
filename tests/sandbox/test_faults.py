"""Trouble on demand, and how an ordinary client gets over it."""

import asyncio

import aiohttp
import discord
import pytest

from sandbox import ControlError, Sandbox, User
from tests.sandbox.conftest import Request
from tests.sandbox.example_bot import ExampleBot


async def test_a_dropped_socket_is_resumed_and_what_was_missed_is_replayed(
    member: User, bot: ExampleBot
) -> None:
    await member.fault("drop_socket")
    # The interaction waits for the client that has not even noticed yet.
    assert (await member.command("count")).message.text == "count 0"
    async with asyncio.timeout(5):
        await bot.resumed.wait()
    assert bot.times_ready == 1


async def test_a_client_asked_to_reconnect_resumes(member: User, bot: ExampleBot) -> None:
    await member.fault("reconnect")
    async with asyncio.timeout(5):
        await bot.resumed.wait()
    assert (await member.command("count")).error is None
    assert bot.times_ready == 1


async def test_an_invalid_session_means_identifying_anew(member: User, bot: ExampleBot) -> None:
    ready = asyncio.Event()

    @bot.event
    async def on_ready() -> None:
        ready.set()

    await member.fault("invalid_session")
    async with asyncio.timeout(5):
        await ready.wait()
    assert not bot.resumed.is_set()
    assert (await member.command("count")).error is None


async def test_a_session_called_invalid_but_resumable_is_resumed(
    member: User, bot: ExampleBot
) -> None:
    await member.fault("invalid_session", resumable=True)
    async with asyncio.timeout(5):
        await bot.resumed.wait()


async def test_a_rate_limited_client_waits_and_tries_again(member: User, bot: ExampleBot) -> None:
    await member.fault("rate_limit", route="PATCH /webhooks/*", retry_after=0.01)
    assert (await member.command("slow")).message.text == "thought"
    assert (await member.state())["faults"] == []
    assert await member.violations() == []


async def test_a_status_is_answered_as_often_as_asked(
    rest: Request, member: User, general: str
) -> None:
    path = f"/channels/{general}/messages"
    await member.fault("status", status=403, code=50007, route="POST /channels/*/messages", times=2)
    for _ in range(2):
        status, answer = await rest("POST", path, {"content": "x"})
        assert (status, answer["code"]) == (403, 50007)
    assert (await rest("GET", path))[0] == 200
    assert (await rest("POST", path, {"content": "x"}))[0] == 200
    assert len(await member.messages()) == 1


async def test_a_front_door_error_is_not_json(rest: Request, member: User) -> None:
    await member.fault("status", status=503)
    assert (await rest("GET", "/users/@me")) == (503, "<html><h1>503</h1></html>")


async def test_a_post_answered_with_502_is_stored_and_its_repeat_gives_the_same_message(
    rest: Request, member: User, general: str
) -> None:
    await member.fault("stored_then_502", route="POST /channels/*/messages")
    path = f"/channels/{general}/messages"
    body = {"content": "once", "nonce": "7", "enforce_nonce": True}
    status, _ = await rest("POST", path, body)
    assert status == 502
    (stored,) = await member.messages()
    status, again = await rest("POST", path, body)
    assert (status, again["id"], again["nonce"]) == (200, stored.id, "7")
    await member.clock(by_seconds=600)
    _, later = await rest("POST", path, body)
    assert later["id"] != stored.id
    _, loose = await rest("POST", path, {**body, "enforce_nonce": False})
    assert loose["id"] not in (stored.id, later["id"])


async def test_a_reset_connection_is_no_answer_and_has_no_effect(
    rest: Request, member: User, general: str
) -> None:
    await member.fault("reset", route="POST *")
    with pytest.raises((aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)):
        await rest("POST", f"/channels/{general}/messages", {"content": "x"})
    assert await member.messages() == []


async def test_a_hanging_request_ends_when_the_client_gives_up(
    rest: Request, member: User, general: str
) -> None:
    await member.fault("hang")
    impatience = aiohttp.ClientTimeout(total=0.05)
    with pytest.raises(TimeoutError):
        await rest("POST", f"/channels/{general}/messages", {"content": "x"}, timeout=impatience)
    assert await member.messages() == []


async def test_a_sandbox_ends_although_a_request_hangs(http: aiohttp.ClientSession) -> None:
    async with Sandbox(port=0) as running:
        owner = User(running.control, running.token, "owner")
        await owner.fault("hang")
        request = asyncio.create_task(http.get(f"{running.api}/api/v10/gateway"))
        while (await owner.state())["faults"]:
            pass
    with pytest.raises(aiohttp.ClientError):
        await request


async def test_faults_are_checked_and_can_be_disarmed(member: User, sandbox: Sandbox) -> None:
    for details, complaint in (
        ({"kind": "fire"}, "no fault “fire”"),
        ({"kind": "status", "status": 200}, "HTTP error"),
        ({"kind": "status", "times": 0}, "“times” is a number"),
        ({"kind": "hang", "retry_after": "soon"}, "number of seconds"),
        ({"kind": "hang", "where": "x"}, "no “where”"),
    ):
        kind, more = str(details["kind"]), {k: v for k, v in details.items() if k != "kind"}
        with pytest.raises(ControlError, match=complaint):
            await member.fault(kind, **more)
    assert len(await member.fault("status")) == 1
    await member.disarm()
    assert (await member.state())["faults"] == []


async def test_the_rate_limit_of_a_channel_is_announced_and_kept(
    rest: Request, member: User, sandbox: Sandbox, http: aiohttp.ClientSession, general: str
) -> None:
    headers = {"Authorization": f"Bot {sandbox.bot_token}"}
    url = f"{sandbox.api}/api/v10/channels/{general}/messages"
    left: list[str] = []
    for _ in range(5):
        async with http.post(url, json={"content": "x"}, headers=headers) as response:
            left.append(response.headers["X-RateLimit-Remaining"])
    assert left == ["4", "3", "2", "1", "0"]
    async with http.post(url, json={"content": "x"}, headers=headers) as response:
        answer = await response.json()
        assert response.status == 429
        assert "Via" in response.headers
        assert 0 < answer["retry_after"] <= 5
        assert answer["global"] is False
    (violation,) = await member.violations("rate")
    assert violation["route"] == "POST /channels/{channel_id}/messages"
    desk = sandbox.world.channel_named("daily-rec", sandbox.world.bot).id
    assert (await rest("POST", f"/channels/{desk}/messages", {"content": "x"}))[0] == 200


async def test_fifty_requests_a_second_are_the_most(rest: Request, member: User) -> None:
    statuses = [(await rest("GET", "/users/@me"))[0] for _ in range(51)]
    assert statuses[:50] == [200] * 50
    # The machine may be slow enough for a second to have passed.
    assert statuses[50] in (200, 429)


async def test_discord_py_gets_over_a_502_on_a_channel_post(
    member: User, bot: ExampleBot, general: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []

    async def no_wait(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("discord.http.asyncio.sleep", no_wait)
    await member.fault("stored_then_502", route="POST /channels/*/messages")
    channel = bot.get_channel(int(general))
    assert isinstance(channel, discord.TextChannel)
    sent = await channel.send("the daily rec")
    assert [message.id for message in await member.messages()] == [str(sent.id)]
    assert waits == [1]


async def test_a_bot_that_starts_again_goes_on_with_old_buttons(
    sandbox: Sandbox, member: User, bot: ExampleBot
) -> None:
    message = (await member.command("count")).message
    await bot.close()
    async with ExampleBot() as second:
        task = asyncio.create_task(second.start(sandbox.bot_token))
        await sandbox.bot_ready(5)
        assert (await member.press(message, "count:0")).message.text == "count 1"
        await second.close()
        await task
