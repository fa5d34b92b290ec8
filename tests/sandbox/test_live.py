"""The page's WebSocket: who gets one, what it carries, and what ends what."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from sandbox import Sandbox, User, live
from tests.sandbox.conftest import Request
from tests.sandbox.example_bot import ExampleBot
from tests.sandbox.page_line import Line, PageLine, line_to


def calls(sandbox: Sandbox) -> dict[str, Any]:
    """What the control API answers, for a test to add to."""
    return sandbox._control._calls


async def test_calls_are_answered_in_whatever_order_they_end(
    sandbox: Sandbox, page: PageLine, member: User
) -> None:
    async with page() as line:
        waiting = await line.send("GET events", after=(await member.state())["last"], seconds=5)
        assert (await line.call("GET state"))["bot"]["connected"] is False
        assert "no such call" in (await line.call("POST dance"))["error"]
        await member.say("now")
        assert (await line.answer(waiting))["events"][0]["message"]["content"] == "now"


@pytest.mark.parametrize("first", ['{"token": "wrong"}', "{}", "[]", "x", '{"token": "é"}'])
async def test_a_page_without_the_token_is_sent_away(
    sandbox: Sandbox, http: aiohttp.ClientSession, first: str
) -> None:
    async with http.ws_connect(f"{sandbox.api}/sandbox/live") as socket:
        await socket.send_str(first)
        await socket.send_json({"n": 1, "call": "GET state"})
        assert (await socket.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE
        assert socket.close_code == 4401


async def test_one_that_never_says_a_word_is_sent_away(
    sandbox: Sandbox, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "TOKEN_SECONDS", 0.01)
    async with http.ws_connect(f"{sandbox.api}/sandbox/live") as socket:
        await socket.receive(timeout=5)
        assert socket.close_code == 4401


@pytest.mark.parametrize(
    "origin", ["https://example.org", "null", "http://127.0.0.1:1", "http://[", ""]
)
async def test_another_site_is_refused(
    sandbox: Sandbox, http: aiohttp.ClientSession, origin: str
) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with line_to(sandbox, http, Origin=origin):
            pass
    assert refused.value.status == 403
    headers = {"Authorization": f"Bearer {sandbox.token}", "Origin": origin}
    async with http.get(f"{sandbox.control}/state", headers=headers) as response:
        assert response.status == 403


async def test_the_page_itself_is_let_in(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    async with line_to(sandbox, http, Origin=sandbox.api) as line:
        assert "clock" in await line.call("GET state")


async def test_what_is_no_websocket_is_told_so(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    async with http.get(f"{sandbox.control}/live") as response:
        assert (response.status, "WebSocket" in await response.text()) == (400, True)


@pytest.mark.parametrize(
    ("sent", "number"),
    [
        ("x", None),
        ("[]", None),
        ("{}", None),
        ('{"n": 7}', 7),
        ('{"n": 7, "call": 3}', 7),
        ("[" * 100_000, None),
        (b"\x00", None),
    ],
)
async def test_what_is_no_call_is_answered_with_a_sentence(
    page: PageLine, sent: str | bytes, number: int | None
) -> None:
    async with page() as line:
        send = line.socket.send_bytes if isinstance(sent, bytes) else line.socket.send_str
        await send(sent)  # pyright: ignore[reportArgumentType]
        assert "{n, call, body}" in (await line.answer(number))["error"]
        assert "JSON object" in (await _raw(line, '{"n": 8, "call": "POST say", "body": 3}', 8))
        assert "“as”" in (await _raw(line, '{"n": 9, "call": "follow", "body": 3}', 9))
        assert "clock" in await line.call("GET state")


async def _raw(line: Line, text: str, number: int) -> str:
    await line.socket.send_str(text)
    return (await line.answer(number))["error"]


async def test_what_is_too_large_is_answered_with_a_sentence(
    page: PageLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LARGEST_MESSAGE", 1000)
    async with page() as line:
        assert "25 MB" in (await line.call("POST say", content="x" * 1000))["error"]
        await line.socket.send_str(json.dumps({"content": "x" * 1000, "n": 1}))
        assert "25 MB" in (await line.answer(None))["error"]
        assert "clock" in await line.call("GET state")


async def test_what_is_far_too_large_ends_that_line_alone(
    page: PageLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LARGEST_FRAME", 1000)
    async with page() as line, page() as other:
        await line.send("POST say", content="x" * 1000)
        await line.socket.receive(timeout=5)
        assert line.socket.close_code == aiohttp.WSCloseCode.MESSAGE_TOO_BIG
        assert "clock" in await other.call("GET state")


async def test_too_many_at_once_are_answered_with_a_sentence(
    page: PageLine, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST_CALLS", 2)
    free = asyncio.Event()

    async def wait(body: object) -> dict[str, Any]:
        await free.wait()
        return {}

    calls(sandbox)["GET wait"] = wait
    async with page() as line:
        first, second = await line.send("GET wait"), await line.send("GET wait")
        assert "calls wait for their answers" in (await line.call("GET state"))["error"]
        free.set()
        assert [await line.answer(first), await line.answer(second)] == [{}, {}]
        assert "clock" in await line.call("GET state")


async def test_an_accident_in_a_call_ends_no_other(
    page: PageLine, sandbox: Sandbox, member: User, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(body: object) -> dict[str, Any]:
        raise RuntimeError("by accident")

    calls(sandbox)["GET trouble"] = fail
    async with page() as line, page() as other:
        last = (await member.state())["last"]
        mine = await line.send("GET events", after=last)
        others = await other.send("GET events", after=last)
        assert "log" in (await line.call("GET trouble"))["error"]
        assert "by accident" in caplog.text
        await member.say("still there")
        for ended in (await line.answer(mine), await other.answer(others)):
            assert ended["events"][0]["message"]["content"] == "still there"


async def test_what_cannot_be_shown_does_not_end_the_news(
    page: PageLine, sandbox: Sandbox, member: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with page() as line:
        await line.call("follow", **{"as": "member"})
        shown, events = asyncio.Event(), sandbox._control._events

        def fail(*_: object) -> list[Any]:
            shown.set()
            raise RuntimeError("by accident")

        with monkeypatch.context() as broken:
            broken.setattr(events, "since", fail)
            await member.say("lost")
            await shown.wait()
        await member.say("heard")
        assert (await line.event("message"))["message"]["content"] == "heard"


async def test_calls_of_a_page_that_went_away_are_cancelled(
    page: PageLine, sandbox: Sandbox
) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def wait(body: object) -> dict[str, Any]:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return {}

    calls(sandbox)["GET wait"] = wait
    for abrupt in (False, True):
        begun.clear(), ended.clear()
        async with page() as line:
            await line.send("GET wait")
            await begun.wait()
            if abrupt and (transport := line.socket._response.connection) is not None:
                assert transport.transport is not None
                transport.transport.abort()
        async with asyncio.timeout(5):
            await ended.wait()


async def test_a_line_that_ends_follows_nothing_any_more(
    page: PageLine, sandbox: Sandbox, member: User
) -> None:
    control = sandbox._control
    async with page() as line:
        await line.call("follow", **{"as": "member"})
        await line.call("watch", on=True)
        assert len(control._events._followers) == len(control._trace._followers) == 1
    while len(control._events._followers) or len(control._trace._followers):
        await member.state()


async def test_events_are_pushed_to_those_who_may_know_of_them(
    page: PageLine, bot: ExampleBot, member: User, moderator: User
) -> None:
    async with page() as line, page() as other:
        await member.say("before")
        await line.call("follow", **{"as": "member"})
        await other.call("follow", **{"as": "moderator"})
        await moderator.at("mod-desk").say("secret")
        await member.command("private")
        await member.say("public")
        seen = [(await line.event("message"))["message"]["content"] for _ in range(2)]
        assert seen == ["a secret", "public"]
        seen = [(await other.event("message"))["message"]["content"] for _ in range(2)]
        assert seen == ["secret", "public"]
        await line.call("follow", **{"as": "stranger"})
        assert "no member" in (await line.call("follow", **{"as": "nobody"}))["error"]
        await member.say("not for the neighbours")
        await member.as_("stranger").at("lobby").say("hello")
        assert (await line.event("message"))["message"]["content"] == "hello"


async def test_the_line_pushes_what_get_events_tells(
    page: PageLine, member: User, rest: Request, general: str
) -> None:
    start = (await member.state())["last"]
    async with page() as line:
        await line.call("follow", **{"as": "member"})
        said = await member.say("hello")
        await member.react(said, "👍")
        await member.clock(by_seconds=1)
        await member.delete(said)
        pushed = [await line.event(kind) for kind in ("message", "react", "clock", "delete")]
    told = (await member.events(start, 0))["events"]
    assert [event["kind"] for event in told] == [event["kind"] for event in pushed]
    assert [event["n"] for event in told] == [event["n"] for event in pushed]
    assert pushed[1] == told[1]
