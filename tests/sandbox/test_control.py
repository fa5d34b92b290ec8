"""The control API: who may use it, what it shows, the clock, the events, and the page."""

import asyncio
import io
import mimetypes
import socket
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
import yarl

from sandbox import ControlError, Sandbox, SandboxClock, User
from sandbox.server import PAGE
from sandbox.snowflakes import Snowflakes
from tests.sandbox.conftest import Request
from tests.sandbox.example_bot import ExampleBot
from tests.sandbox.page_line import line_to


async def test_the_control_api_wants_its_token(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": sandbox.token}):
        async with http.get(f"{sandbox.control}/state", headers=headers) as response:
            assert response.status == 401
    with pytest.raises(ControlError, match="wants its token"):
        await User(sandbox.control, "wrong", "member").state()


async def test_a_token_of_ones_own(http: aiohttp.ClientSession) -> None:
    async with Sandbox(port=0, control_token="open sesame") as running:
        assert running.token == "open sesame"
        assert await User(running.control, "open sesame", "member").messages() == []


@pytest.mark.parametrize("host", ["example.org", "example.org:8420", "127.0.0.1.example.org", ""])
@pytest.mark.parametrize(
    "path", ["/", "/api/v10/gateway", "/sandbox/state", "/cdn/embed/avatars/0.png"]
)
async def test_other_names_than_loopback_ones_are_refused(
    sandbox: Sandbox, http: aiohttp.ClientSession, host: str, path: str
) -> None:
    async with http.get(sandbox.api + path, headers={"Host": host}) as response:
        assert response.status == 403


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "LOCALHOST"])
async def test_loopback_names_are_answered(
    sandbox: Sandbox, http: aiohttp.ClientSession, name: str
) -> None:
    headers = {"Host": f"{name}:{sandbox.port}"}
    async with http.get(f"{sandbox.api}/api/v10/gateway", headers=headers) as response:
        assert response.status == 200


async def test_it_listens_on_loopback_alone(sandbox: Sandbox) -> None:
    assert sandbox.api == f"http://127.0.0.1:{sandbox.port}"
    hosts = {address[4][0] for address in socket.getaddrinfo(socket.gethostname(), None)}
    for host in {str(host) for host in hosts if not str(host).startswith("127.")}:
        with pytest.raises(OSError):  # noqa: PT011  # which error, the platform decides
            await asyncio.open_connection(host, sandbox.port)


async def test_a_taken_port_means_a_free_one(sandbox: Sandbox) -> None:
    async with Sandbox(port=sandbox.port) as other:
        assert other.port != sandbox.port
        assert await User(other.control, other.token, "member").messages() == []


async def test_the_page_or_its_placeholder_is_served(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    assert sandbox.page == f"{sandbox.api}/#token={sandbox.token}"
    async with http.get(sandbox.page) as response:
        assert response.status == 200
        assert response.content_type == "text/html"
        assert sandbox.token not in await response.text()
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    nowhere = ("/../server.py", "/%2e%2e/server.py", "/nothing.js", "/.hidden", "/css/../app.js")
    for path in (*nowhere, "/a/b/c.js", "/css/nothing.css", "/css", "/css/", "//app.js"):
        # As it stands: a client would tidy the path up.
        async with http.get(yarl.URL(sandbox.api + path, encoded=True)) as response:
            assert response.status == 404


async def test_the_pages_files_come_with_their_types_whatever_the_machine_knows(
    sandbox: Sandbox, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mimetypes, "guess_type", lambda *_, **__: ("text/plain", None))
    files = [file for file in PAGE.rglob("*.*") if file.is_file()]
    types = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
    assert {file.suffix for file in files} == set(types)
    for file in files:
        url = f"{sandbox.api}/{file.relative_to(PAGE).as_posix()}"
        async with http.get(url) as response:
            assert response.content_type == types[file.suffix]
            assert await response.read() == file.read_bytes()
        async with http.head(url) as response:
            assert (response.status, await response.read()) == (200, b"")
            assert response.content_length == file.stat().st_size
            assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_sandbox_without_a_page(http: aiohttp.ClientSession) -> None:
    async with Sandbox(port=0, serve_page=False) as running, http.get(running.api) as response:
        assert response.status == 404


async def test_the_state_names_everything(member: User, bot: ExampleBot) -> None:
    state = await member.state()
    assert [server["name"] for server in state["servers"]] == ["The Reading Room", "Next Door"]
    assert [channel["name"] for channel in state["channels"]] == [
        "general",
        "daily-rec",
        "after-dark",
        "mod-desk",
        "lobby",
    ]
    names = [person["name"] for person in state["members"] if not person["bot"]]
    assert sorted(names) == ["member", "moderator", "owner", "stranger"]
    moderator = next(role for role in state["roles"] if role["name"] == "moderator")
    assert {"manage_guild", "manage_messages"} <= set(moderator["permissions"])
    commands = [command["name"] for command in state["commands"]]
    assert {"fic", "form", "Add to library"} <= set(commands)
    assert state["bot"] == {"name": "Ficshelf", "connected": True}
    assert datetime.fromisoformat(state["clock"]).tzinfo is not None
    desk = next(channel for channel in state["channels"] if channel["name"] == "mod-desk")
    assert sorted(desk["visible_to"]) == ["moderator", "owner"]


async def test_senseless_requests_are_answered_with_a_sentence(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    headers = {"Authorization": f"Bearer {sandbox.token}"}
    for path, body, status, words in (
        ("command", b"{", 400, "not JSON"),
        ("command", b"[]", 400, "JSON object"),
        ("command", b"{}", 400, "needs “as”"),
        ("command", b'{"as": "nobody"}', 404, "no member “nobody”"),
        ("command", b'{"as": "Ficshelf"}', 403, "acts by itself"),
        ("say", b'{"as": "member", "channel": "cellar"}', 404, "no channel “cellar”"),
        ("say", b'{"as": "member", "channel": "general"}', 403, "empty"),
        ("say", b'{"as": "member", "channel": "general", "files": ["x"]}', 400, "filename"),
        ("clock", b'{"to": "tomorrow"}', 400, "by_seconds"),
        ("clock", b'{"to": "2026-11-21T09:00:00"}', 400, "offset"),
        ("clock", b'{"by_seconds": -1}', 400, "zero or more"),
        ("submit", b'{"as": "member", "interaction": "1"}', 404, "no such form"),
        ("dance", b"{}", 404, "no such call"),
    ):
        url = f"{sandbox.control}/{path}"
        async with http.post(url, data=body, headers=headers) as response:
            answer = await response.json()
            assert (response.status, words in answer["error"]) == (status, True), answer


async def test_the_clock_is_set_and_jumps(member: User, sandbox: Sandbox) -> None:
    assert abs(sandbox.clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
    shown = await member.clock(to="2026-11-21T09:00:00-05:00")
    assert shown.startswith("2026-11-21T14:00:00")
    await member.clock(by_seconds=86400)
    assert sandbox.clock.now().date().isoformat() == "2026-11-22"
    assert (await member.state())["clock"].startswith("2026-11-22T14:00")


async def test_a_jump_wakes_those_whose_time_has_come() -> None:
    clock = SandboxClock(datetime(2026, 1, 1, tzinfo=UTC))
    day, week = (asyncio.create_task(clock.wait(days * 86400)) for days in (1, 7))
    await asyncio.sleep(0)
    clock.advance(86400)
    await day
    assert not week.done()
    clock.set(datetime(2025, 1, 1, tzinfo=UTC))
    assert clock.now().year == 2025
    assert clock.elapsed() >= 86400
    clock.advance(6 * 86400)
    await week


async def test_the_clock_runs_by_itself() -> None:
    clock = SandboxClock()
    async with asyncio.timeout(5):
        await clock.wait(0.01)
    with pytest.raises(ValueError, match="offset"):
        clock.set(datetime(2026, 1, 1))  # noqa: DTZ001  # the mistake is the point
    with pytest.raises(ValueError, match="zero seconds"):
        clock.advance(-1)


async def test_messages_carry_the_sandboxs_time(sandbox: Sandbox, member: User) -> None:
    await member.clock(to="2030-01-01T00:00:00+00:00")
    assert (await member.say("hello")).payload["timestamp"].startswith("2030-01-01T00:00:0")


def test_snowflakes_grow() -> None:
    new = Snowflakes()
    ids = [new() for _ in range(1000)]
    assert sorted(set(ids)) == ids
    created = datetime.fromtimestamp(((ids[0] >> 22) + 1_420_070_400_000) / 1000, UTC)
    assert abs(created - datetime.now(UTC)) < timedelta(seconds=5)


async def test_a_message_is_waited_for_without_sleeping(
    member: User, moderator: User, rest: Request, general: str
) -> None:
    waiting = asyncio.create_task(member.wait_for_message("general", lambda m: m.text == "b"))
    first = await moderator.say("a")
    _, second = await rest("POST", f"/channels/{general}/messages", {"content": "wrong"})
    await rest("PATCH", f"/channels/{general}/messages/{second['id']}", {"content": "b"})
    assert (await waiting).id == second["id"]
    assert (await member.wait_for_message(check=lambda m: m.text == "a")).id == first.id
    assert (await member.wait_for_message("general", after=first)).id == second["id"]
    with pytest.raises(TimeoutError, match=r"No such message in general.*'a', 'b'"):
        await member.wait_for_message("general", lambda m: m.text == "c", timeout=0.01)


async def test_events_are_those_a_member_may_know_of(
    member: User, moderator: User, bot: ExampleBot
) -> None:
    start = (await member.state())["last"]
    await member.command("private")
    await moderator.at("mod-desk").say("secret")
    await member.say("public")
    await member.clock(by_seconds=1)

    async def known(user: User) -> list[str]:
        events = (await user.events(start, 0))["events"]
        return [event["message"]["content"] for event in events if "message" in event]

    assert await known(member) == ["a secret", "public"]
    assert await known(moderator) == ["secret", "public"]
    assert [event["kind"] for event in (await member.events(start, 0))["events"]][-1] == "clock"
    assert (await member.events(10**9, 0))["events"] == []


async def test_messages_come_in_pages_backwards(
    sandbox: Sandbox, member: User, moderator: User, bot: ExampleBot, http: aiohttp.ClientSession
) -> None:
    for number in range(60):
        await member.say(str(number))
    await moderator.command("private")
    headers = {"Authorization": f"Bearer {sandbox.token}"}

    async def ask(**query: str) -> tuple[list[str], str, bool]:
        query = {"channel": "general", **query}
        url = f"{sandbox.control}/messages"
        async with http.get(url, headers=headers, params=query) as response:
            answer = await response.json()
            found = answer["messages"]
            texts = [message["content"] for message in found]
            return texts, found[0]["id"] if found else "0", answer["more"]

    mine = {"as": "member"}
    newest, first, more = await ask(**mine)
    assert (newest, more) == ([str(n) for n in range(10, 60)], True)
    assert await ask(**mine, before=first, limit="9") == (
        [str(n) for n in range(1, 10)],
        (await member.messages())[1].id,
        True,
    )
    older, oldest, more = await ask(**mine, before=first, limit="10")
    assert (older, more) == ([str(n) for n in range(10)], False)
    assert await ask(**mine, before=oldest) == ([], "0", False)
    everything, _, more = await ask()
    assert (len(everything), everything[-1], more) == (61, "a secret", False)
    assert (await ask(limit="1"))[::2] == (["a secret"], True)
    assert len(await member.messages()) == 60
    for wrong in ({"limit": "0"}, {"limit": "some"}, {"before": "yesterday"}, {"limit": "-1"}):
        url, query = f"{sandbox.control}/messages", {"channel": "general", **wrong}
        async with http.get(url, headers=headers, params=query) as response:
            answer = await response.json()
            assert (response.status, "1 or more" in answer["error"]) == (400, True)


async def test_samples_are_listed_and_handed_out(http: aiohttp.ClientSession) -> None:
    samples = {"a tea.md": b"# Tea", "b.txt": b""}
    async with Sandbox(port=0, samples=samples) as running, line_to(running, http) as line:
        assert (await line.call("GET samples"))["samples"] == [
            {"filename": "a tea.md", "size": 5},
            {"filename": "b.txt", "size": 0},
        ]
        sample = await line.call("GET sample", filename="a tea.md")
        assert sample == {"filename": "a tea.md", "base64": "IyBUZWE="}
        for name in ("c.txt", "../server.py"):
            error = (await line.call("GET sample", filename=name))["error"]
            assert error == f"There is no sample “{name}”. There are: a tea.md, b.txt."
        assert "needs “filename”" in (await line.call("GET sample"))["error"]
        said = await line.call("POST say", **{"as": "member", "channel": "general"}, files=[sample])
        assert said["message"]["attachments"][0]["filename"] == "a_tea.md"


class Bell:
    """A next post that a test sets."""

    def __init__(self) -> None:
        self.at: datetime | None = None
        self.asked = 0

    async def __call__(self) -> datetime | None:
        self.asked += 1
        if self.at == BROKEN:
            raise RuntimeError("the library is closed")
        return self.at


BROKEN, NINE = datetime(1, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, 9, tzinfo=UTC)


async def test_the_clock_jumps_just_past_the_next_post(caplog: pytest.LogCaptureFixture) -> None:
    bell = Bell()
    async with Sandbox(port=0, start=NINE - timedelta(days=1), next_post=bell) as running:
        member = User(running.control, running.token, "member")
        assert (await member.state())["next_post"] is None
        with pytest.raises(ControlError, match="no daily post to come"):
            await member.clock(to="next post")
        bell.at = NINE
        assert (await member.state())["next_post"] == "2030-01-01T09:00:00.000000+00:00"
        assert (await member.clock(to="next post")).startswith("2030-01-01T09:00:01.")
        assert timedelta() < running.clock.now() - NINE < timedelta(seconds=5)
        # One that is late is no way back.
        assert (await member.clock(to="next post")).startswith("2030-01-01T09:00:0")
        assert running.clock.now() > NINE + timedelta(seconds=2)
        bell.at = BROKEN
        assert (await member.state())["next_post"] is None
        assert "the library is closed" in caplog.text


async def test_a_sandbox_that_knows_of_no_posts(member: User) -> None:
    assert (await member.state())["next_post"] is None
    with pytest.raises(ControlError, match="no daily post to come"):
        await member.clock(to="next post")


async def test_pages_learn_of_another_next_post(http: aiohttp.ClientSession) -> None:
    bell = Bell()
    async with Sandbox(port=0, next_post=bell) as running:
        channel = running.world.channel_named("general", running.world.bot).id
        headers = {"Authorization": f"Bot {running.bot_token}"}
        url = f"{running.api}/api/v10/channels/{channel}/messages"

        async def post(text: str) -> None:
            await (await http.post(url, headers=headers, json={"content": text})).read()

        await post("nobody watches")
        assert bell.asked == 0
        async with line_to(running, http) as line:
            await line.call("GET state")
            await line.call("follow", **{"as": "member"})
            bell.at = NINE
            await post("set")
            assert (await line.event("next_post"))["next_post"].startswith("2030-01-01T09")
            await line.call("POST say", **{"as": "member", "channel": "general"}, content="x")
            asked, bell.at = bell.asked, None
            await line.call("POST clock", by_seconds=1)
            assert bell.asked == asked + 1
            assert (await line.event("next_post"))["next_post"] is None


async def test_too_large_a_request_is_answered_with_a_sentence(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    headers = {"Authorization": f"Bearer {sandbox.token}"}
    body = io.BytesIO(b"x" * (51 * 1024 * 1024))
    async with http.post(f"{sandbox.control}/say", data=body, headers=headers) as response:
        assert response.status == 413
        assert "too much" in (await response.json())["error"]


async def test_violations_are_kept_until_they_are_forgotten(
    rest: Request, member: User, general: str
) -> None:
    await rest("GET", "/channels/1")
    await rest("POST", f"/channels/{general}/messages", {"content": "x" * 2001})
    assert [v["kind"] for v in await member.violations()] == ["refused", "limit"]
    (limit,) = await member.violations("limit")
    assert limit["route"] == "POST /channels/{channel_id}/messages"
    assert limit["reason"].startswith("Invalid Form Body; content: Must be 2000 or fewer")
    assert len(await member.forget_violations()) == 2
    assert await member.violations() == []


async def test_a_bot_that_never_comes_is_not_waited_for_longer_than_asked(
    sandbox: Sandbox,
) -> None:
    with pytest.raises(TimeoutError):
        await sandbox.bot_ready(0.01)
