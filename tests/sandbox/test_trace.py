"""The trace of the wire: what it holds, what it hides, and that nobody pays for it unwatched."""

import json
from typing import Any

import aiohttp
import pytest

from sandbox import Sandbox, User
from sandbox.trace import KEPT_ENTRIES, LONGEST_BODY, Trace
from tests.sandbox.bare_client import Connect
from tests.sandbox.conftest import Request
from tests.sandbox.example_bot import ExampleBot
from tests.sandbox.page_line import PageLine


def of(sandbox: Sandbox) -> Trace:
    return sandbox._control._trace


def names(entries: list[dict[str, Any]], *kinds: str) -> list[str]:
    return [entry["name"] for entry in entries if entry["kind"] in kinds]


async def test_each_interaction_is_followed_by_its_first_response(
    sandbox: Sandbox, bot: ExampleBot, member: User
) -> None:
    start = of(sandbox).last
    await member.command("fic search", query="spike")
    await member.autocomplete("fic search", focused="query", query="sp")
    card = (await member.command("fic show")).message
    await member.press(card, "More")
    await member.press(card, "Later")
    await member.press(card, "pick", ["1"])
    form = (await member.command("form")).form
    await member.submit(form, {"name": "x", "rating": ["Teen"]})
    await member.menu(await member.say("hello"), "Add to library")
    await member.command("slow")
    entries = of(sandbox).since(start)
    told = [entry for entry in entries if entry["kind"] in ("interaction", "response")]
    pairs = list(zip(told[::2], told[1::2], strict=True))
    assert [(sent["name"], answer["name"]) for sent, answer in pairs] == [
        ("/fic search", "message"),
        ("autocomplete /fic search", "choices"),
        ("/fic show", "message"),
        ("button more", "update"),
        ("button later", "deferred update"),
        ("select pick", "message"),
        ("/form", "form"),
        (f"form {form.custom_id}", "message"),
        ("menu Add to library", "message"),
        ("/slow", "deferred message"),
    ]
    for sent, answer in pairs:
        assert sent["interaction"] == answer["interaction"] == sent["body"]["id"]
        assert answer["ms"] >= 0
        assert answer["body"]["type"] in (4, 5, 6, 7, 8, 9)
    requests = [entry for entry in entries if entry["kind"] == "request"]
    assert [(entry["name"].split("/")[-1], entry["status"]) for entry in requests] == [
        ("@original", 200),
        ("@original", 200),
    ]
    assert requests[-1]["body"]["content"] == "thought"


async def test_tokens_are_hidden_wherever_they_stand(
    sandbox: Sandbox, bot: ExampleBot, member: User, rest: Request, general: str
) -> None:
    await member.command("slow", follow_up=True)
    await member.command("twice")
    await rest("POST", f"/channels/{general}/messages", {"content": sandbox.bot_token})
    await rest("GET", f"/channels/{sandbox.bot_token}")
    entries = of(sandbox).since(0)
    text = json.dumps(entries, ensure_ascii=False)
    interactions = sandbox._control._actions._interactions
    tokens = [sandbox.bot_token, *interactions._by_token]
    assert len(tokens) == 3
    assert [token for token in tokens if token in text] == []
    identify = next(entry for entry in entries if entry["name"] == "identify")
    assert identify["body"]["token"] == "…"
    assert any("/webhooks/" in name and name.endswith("…") for name in names(entries, "request"))


async def test_requests_tell_their_status_their_files_and_why_they_were_refused(
    sandbox: Sandbox, rest: Request, general: str
) -> None:
    start, path = of(sandbox).last, f"/channels/{general}/messages"
    await rest("POST", path, {"content": "hello"})
    await rest("POST", path, {"content": ""})
    form = aiohttp.FormData()
    form.add_field("files[0]", b"abc", filename="a.txt")
    await rest("POST", path, data=form)
    await rest("PUT", f"{path}/1/reactions/%F0%9F%91%8D/@me")
    entries = of(sandbox).since(start)
    made, violation, refused, filed, _, reacted = entries
    assert (made["name"], made["status"]) == (f"POST {path}", 200)
    assert made["ms"] >= 0
    assert made["body"] == {"content": "hello"}
    assert "answer" not in made
    assert (refused["status"], refused["answer"]["code"]) == (400, 50006)
    assert (violation["kind"], violation["name"]) == ("violation", "Cannot send an empty message")
    assert violation["body"]["route"] == "POST /channels/{channel_id}/messages"
    assert filed["files"] == ["a.txt, 3 bytes"]
    assert reacted["name"].endswith("/reactions/👍/@me")


@pytest.mark.parametrize(
    ("kind", "status"), [("rate_limit", 429), ("status", 500), ("stored_then_502", 502)]
)
async def test_a_fault_shows_when_it_strikes(
    sandbox: Sandbox, member: User, rest: Request, general: str, kind: str, status: int
) -> None:
    start = (await member.state())["last"]
    await member.fault(kind, route="POST *")
    (armed,) = (await member.state())["faults"]
    assert (armed["kind"], armed["route"], armed["times"]) == (kind, "POST *", 1)
    await rest("GET", f"/channels/{general}")
    await rest("POST", f"/channels/{general}/messages", {"content": "x"})
    assert (await member.state())["faults"] == []
    spared, struck = of(sandbox).since(0)
    assert "fault" not in spared
    assert (struck["fault"], struck["status"]) == (kind, status)
    events = (await member.events(start, 0))["events"]
    told = [[fault["kind"] for fault in e["faults"]] for e in events if e["kind"] == "fault"]
    assert told == [[kind], []]


async def test_the_gateways_happenings_are_traced(
    sandbox: Sandbox, connect: Connect, member: User, bot: ExampleBot
) -> None:
    await member.fault("drop_socket")
    await bot.resumed.wait()
    async with connect() as client:
        await client.send(2, {"token": "wrong"})
        await client.close_code()
    assert names(of(sandbox).since(0), "gateway", "violation") == [
        "identify",
        "dropped",
        "resume",
        "authentication_failed: a wrong token",
    ]


def test_the_last_500_are_kept(sandbox_trace: Trace) -> None:
    for number in range(KEPT_ENTRIES + 10):
        sandbox_trace.note("request", f"GET /{number}")
    kept = sandbox_trace.since(0)
    assert [kept[0]["n"], kept[-1]["n"], len(kept)] == [11, KEPT_ENTRIES + 10, KEPT_ENTRIES]
    assert [entry["n"] for entry in sandbox_trace.since(KEPT_ENTRIES + 8)] == [509, 510]
    assert sandbox_trace.since(10_000) == []


def test_large_bodies_are_cut_with_a_note(sandbox_trace: Trace) -> None:
    body = {"token": "secret", "content": "é" * LONGEST_BODY, "path": "/webhooks/1/secret/messages"}
    sandbox_trace.note("request", "POST /x", body, answer={"message": "y" * LONGEST_BODY})
    (entry,) = sandbox_trace.since(0)
    for cut in (entry["body"], entry["answer"]):
        assert len(cut) < LONGEST_BODY + 100
        assert cut.startswith('{\n  "')
        assert "cut here; the whole has 20,0" in cut
    assert "secret" not in entry["body"]
    sandbox_trace.note("request", "POST /x", {"content": "é" * 1000})
    assert sandbox_trace.since(1)[0]["body"] == {"content": "é" * 1000}


def test_nothing_is_written_out_while_nobody_watches(
    sandbox_trace: Trace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Trace, "show", None)
    sandbox_trace.note("request", "GET /x", {"content": "x"})
    assert sandbox_trace.last == 1


@pytest.fixture
def sandbox_trace() -> Trace:
    running = Sandbox()
    return Trace(running.clock, running.bot_token)


async def test_a_page_watches_until_it_does_not(
    page: PageLine, sandbox: Sandbox, rest: Request, general: str
) -> None:
    await rest("GET", f"/channels/{general}")
    async with page() as line:
        (before,) = (await line.call("watch", on=True))["trace"]
        assert before["name"] == f"GET /channels/{general}"
        await rest("GET", "/channels/1")
        assert (await line.trace("violation"))["body"]["reason"] == "Unknown Channel"
        assert (await line.trace("request"))["status"] == 404
        assert len((await line.call("watch", on=True))["trace"]) == 3
        assert await line.call("watch", on=False) == {"trace": []}
        await rest("GET", "/channels/2")
        await line.call("GET state")
        assert line.traced == []
