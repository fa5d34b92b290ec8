"""REST as any client finds it: no library, only what Discord documents."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from sandbox import Sandbox, User
from sandbox.wire import Json
from tests.sandbox.bare_client import Connect
from tests.sandbox.conftest import Request, error_code


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
            (
                {"components": [{**label, "component": {**field, "type": 2}}]},
                "components.0.component.type",
            ),
            ({"components": [label, label]}, "components.1.component.custom_id"),
            (
                {
                    "components": [
                        {**label, "component": {"type": 19, "custom_id": "f", "max_values": 11}}
                    ]
                },
                "components.0.component.max_values",
            ),
        ):
            body = {"type": 9, "data": {**modal, **change}}
            status, refused = await answer(rest, interaction, body)
            assert status == 400
            assert error_code(refused["errors"]["data"], path)
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
            assert status == 400
            assert error_code(refused["errors"]["data"], path)
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
    body: Json = {
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
    keep: Json = {"attachments": [{"id": words["id"]}], "components": [body["components"][1]]}
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


async def test_a_deferred_answer_that_never_comes_is_not_waited_for_for_ever(
    connect: Connect,
    rest: Request,
    member: User,
    commands: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sandbox.actions.DEFERRED_SECONDS", 0.05)
    async with connect() as client:
        await client.identify()
        asked = asyncio.create_task(member.command("echo"))
        interaction = await client.event("INTERACTION_CREATE")
        assert (await answer(rest, interaction, {"type": 5}))[0] == 204
        given = await asked
        assert given.error == "the deferred answer did not come in 0.05 s"
        assert [message.payload["loading"] for message in given.messages] == [True]


async def test_a_message_has_one_thread_at_most(rest: Request, member: User, general: str) -> None:
    said = await member.say("Something to talk about")
    path = f"/channels/{general}/messages/{said.id}/threads"
    for name in ("", "x" * 101, None):
        status, refused = await rest("POST", path, {"name": name})
        assert status == 400
        assert error_code(refused["errors"], "name") == "BASE_TYPE_BAD_LENGTH"
    status, thread = await rest("POST", path, {"name": "Talk"})
    assert (status, thread["id"], thread["name"], thread["type"]) == (201, said.id, "Talk", 11)
    assert thread["parent_id"] == general
    status, again = await rest("POST", path, {"name": "Talk"})
    assert (status, again["code"]) == (400, 160004)
    inside = f"/channels/{thread['id']}/messages"
    _, message = await rest("POST", inside, {"content": "First"})
    status, refused = await rest("POST", f"{inside}/{message['id']}/threads", {"name": "Deeper"})
    assert (status, refused["code"]) == (403, 50024)
