"""The sandbox's requests and responses against Discord's own description of its API."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sandbox import Sandbox, User
from sandbox.routing import Call
from sandbox.schema import Schema, schema_at
from tests.sandbox.conftest import Request
from tests.sandbox.example_bot import ExampleBot


@pytest.fixture(scope="module")
def schema(discord_schema: Path) -> Schema:
    return schema_at(discord_schema)


@pytest.fixture
async def sandbox(discord_schema: Path) -> AsyncIterator[Sandbox]:
    async with Sandbox(port=0, schema=discord_schema) as running:
        yield running


@pytest.fixture
def complaints(
    sandbox: Sandbox, schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> list[tuple[str, list[str]]]:
    """What Discord's description has against any answer that the sandbox gives."""
    found: list[tuple[str, list[str]]] = []
    find = sandbox.rest.router.find

    def watched(path: str) -> Any:
        route = find(path)
        if route is None:
            return None
        template, handlers, args = route

        def checked(handler: Any) -> Any:
            def call(request: Call) -> Any:
                status, body = handler(request)
                method = request.route.partition(" ")[0]
                if body is not None and (wrong := schema.response(method, template, status, body)):
                    found.append((request.route, wrong))
                return status, body

            return call

        return template, {method: checked(each) for method, each in handlers.items()}, args

    monkeypatch.setattr(sandbox.rest.router, "find", watched)
    return found


async def test_all_that_a_bot_is_answered_is_as_described(
    complaints: list[tuple[str, list[str]]], bot: ExampleBot, member: User, moderator: User
) -> None:
    card = (await member.command("fic show")).message
    await member.press(card, "More")
    await member.press(card, "Later")
    await member.press(card, "Pick a fandom", ["1"])
    await member.press(card, "Who", ["moderator"])
    await member.command("slow", follow_up=True)
    await member.command("file", attachment=("x.txt", b"x"))
    count = (await member.command("count")).message
    await member.press(count, "count:0")
    form = (await member.command("form")).form
    await member.submit(form, {"name": "x", "rating": "Teen", "files": [("a.txt", b"a")]})
    said = await member.say("hello", files=[("b.txt", b"b")])
    await moderator.menu(said, "Add to library")
    assert complaints == []
    assert await member.violations() == []


async def test_all_that_there_is_is_as_described(
    complaints: list[tuple[str, list[str]]],
    rest: Request,
    member: User,
    sandbox: Sandbox,
    general: str,
) -> None:
    world = sandbox.world
    guild, person, application = (
        next(iter(world.guilds)),
        world.account_named("member").id,
        world.bot.id,
    )
    await member.react(await member.say("hello"), "👍")
    await member.permissions(channel="general", thread="a thread")
    thread = world.channel_named("a thread", world.bot).id
    commands = f"/applications/{application}/commands"
    embed = {"title": "x", "fields": [{"name": "a", "value": "b"}], "footer": {"text": "c"}}
    requests: list[tuple[str, str, object]] = [
        *(
            ("GET", path, None)
            for path in (
                "/gateway",
                "/gateway/bot",
                "/users/@me",
                "/users/@me/guilds",
                f"/users/{person}",
                "/applications/@me",
                "/oauth2/applications/@me",
                f"/channels/{general}",
                f"/channels/{thread}",
                f"/channels/{general}/messages",
                f"/guilds/{guild}",
                f"/guilds/{guild}/channels",
                f"/guilds/{guild}/roles",
                f"/guilds/{guild}/members?limit=10",
                f"/guilds/{guild}/members/search?query=m",
                f"/guilds/{guild}/members/{person}",
                f"/applications/{application}/emojis",
                f"/applications/{application}/entitlements",
            )
        ),
        ("POST", "/users/@me/channels", {"recipient_id": str(person)}),
        ("POST", f"/channels/{general}/messages", {"embeds": [embed], "nonce": "1"}),
        ("POST", commands, {"name": "a", "description": "b", "default_member_permissions": "32"}),
        ("POST", commands, {"name": "Menu", "type": 3}),
        ("PUT", commands, [{"name": "a", "description": "b", "contexts": [0]}]),
        ("GET", commands, None),
    ]
    for method, path, body in requests:
        status, _ = await rest(method, path, body)
        assert status in (200, 201), path
    assert complaints == []
    assert await member.violations() == []


async def test_a_body_that_discord_does_not_describe_is_recorded(
    rest: Request, member: User, general: str
) -> None:
    body = {"content": "x", "tts": "yes", "components": [{"type": 1, "components": [
        {"type": 2, "style": 1, "label": "x", "custom_id": "x", "disabled": "no"}]}]}  # fmt: skip
    status, _ = await rest("POST", f"/channels/{general}/messages", body)
    assert status == 200
    reasons = [violation["reason"] for violation in await member.violations("schema")]
    assert any(reason.startswith("tts: 'yes' is not of type") for reason in reasons)
    assert any("components.0.components.0.disabled" in reason for reason in reasons)


async def test_refusals_have_discords_shape(rest: Request, general: str) -> None:
    status, refused = await rest("POST", f"/channels/{general}/messages", {"content": "x" * 2001})
    assert status == 400
    assert set(refused) == {"message", "code", "errors"}
    error = {"code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 2000 or fewer in length."}
    assert refused["errors"] == {"content": {"_errors": [error]}}
