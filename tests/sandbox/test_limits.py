"""Bodies that Discord refuses: the status, the code, and the path of the field."""

import io
from typing import Any

import aiohttp
import pytest

from sandbox import Sandbox, User
from tests.sandbox.conftest import Request

V2 = 1 << 15
ROW = 1
BUTTON, SELECT, SECTION, TEXT, THUMBNAIL, GALLERY, FILE, CONTAINER = 2, 3, 9, 10, 11, 12, 13, 17


def button(**more: Any) -> dict[str, Any]:
    return {"type": BUTTON, "style": 1, "label": "x", "custom_id": "x", **more}


def row(*components: dict[str, Any]) -> dict[str, Any]:
    return {"type": ROW, "components": list(components)}


def select(**more: Any) -> dict[str, Any]:
    options = [{"label": "a", "value": "a"}]
    return {"type": SELECT, "custom_id": "s", "options": options, **more}


def v2(*components: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"flags": V2, "components": list(components), **more}


def text(content: str = "x") -> dict[str, Any]:
    return {"type": TEXT, "content": content}


def found(errors: dict[str, Any], path: str) -> str:
    """The code of the first error at this path."""
    node = errors
    for step in path.split("."):
        node = node[step]
    return node["_errors"][0]["code"]


LONG = "BASE_TYPE_MAX_LENGTH"
BAD = "BASE_TYPE_BAD_LENGTH"
WANTED = "BASE_TYPE_REQUIRED"
CHOICES = "BASE_TYPE_CHOICES"
LEGACY = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
MESSAGES: list[tuple[dict[str, Any], str, str]] = [
    ({"content": "x" * 2001}, "content", LONG),
    ({"content": 7}, "content", "BASE_TYPE_STRING"),
    ({"embeds": [{"title": "x" * 257}]}, "embeds.0.title", LONG),
    ({"embeds": [{"description": "x" * 3001}] * 2}, "embeds", "MAX_EMBED_SIZE_EXCEEDED"),
    ({"embeds": [{"title": "x"}] * 11}, "embeds", LONG),
    ({"embeds": [{"fields": [{"name": "x"}]}]}, "embeds.0.fields.0.value", WANTED),
    ({"embeds": [{"image": {"url": "ftp://x/y"}}]}, "embeds.0.image.url", "URL_TYPE_INVALID_SCHEME"),
    ({"content": "x", "components": [row(button())] * 6}, "components", LONG),
    ({"components": [row(*[button(custom_id=str(n)) for n in range(6)])]}, "components.0.components", BAD),
    ({"components": [row(button(), button())]}, "components.0.components.1.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED"),
    ({"components": [row(button(custom_id="x" * 101))]}, "components.0.components.0.custom_id", BAD),
    ({"components": [row(button(label="x" * 81))]}, "components.0.components.0.label", LONG),
    ({"components": [row(button(label=None))]}, "components.0.components.0", "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED"),
    ({"components": [row(button(custom_id=None))]}, "components.0.components.0.custom_id", WANTED),
    ({"components": [row(button(style=5, custom_id=None))]}, "components.0.components.0.url", "BUTTON_COMPONENT_URL_REQUIRED"),
    ({"components": [row(button(style=5, url="javascript:x", custom_id=None))]}, "components.0.components.0.url", "URL_TYPE_INVALID_SCHEME"),
    ({"components": [row(button(style=5, url="https://x.y/" + "x" * 512, custom_id=None))]}, "components.0.components.0.url", LONG),
    ({"components": [row(button(url="https://x.y/"))]}, "components.0.components.0.custom_id", "BUTTON_COMPONENT_CUSTOM_ID_URL_EXCLUSIVE"),
    ({"components": [row(button(style=9))]}, "components.0.components.0.style", CHOICES),
    ({"components": [row(select(), button())]}, "components.0.components.1", "COMPONENT_LAYOUT_WIDTH_EXCEEDED"),
    ({"components": [row(select(options=[{"label": str(n), "value": str(n)} for n in range(26)]))]}, "components.0.components.0.options", BAD),
    ({"components": [row(select(options=[{"label": "x" * 101, "value": "a"}]))]}, "components.0.components.0.options.0.label", BAD),
    ({"components": [row(select(options=[{"label": "a", "value": "a"}] * 2))]}, "components.0.components.0.options.1.value", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED"),
    ({"components": [row(select(placeholder="x" * 151))]}, "components.0.components.0.placeholder", LONG),
    ({"components": [row(select(min_values=3, max_values=2))]}, "components.0.components.0.max_values", "NUMBER_TYPE_MIN"),
    ({"components": [text()]}, "components.0.type", CHOICES),
    (v2(text(), content="x"), "content", LEGACY),
    (v2(text(), embeds=[{"title": "x"}]), "embeds", LEGACY),
    (v2(*[text("x" * 2000)] * 3), "components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED"),
    (v2({"type": CONTAINER, "components": [text() for _ in range(40)]}), "components", "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED"),
    (v2({"type": CONTAINER, "components": []}), "components.0.components", BAD),
    (v2({"type": CONTAINER, "components": [{"type": CONTAINER, "components": [text()]}]}), "components.0.components.0.type", CHOICES),
    (v2({"type": CONTAINER, "accent_color": 1 << 24, "components": [text()]}), "components.0.accent_color", "NUMBER_TYPE_MAX"),
    (v2({"type": SECTION, "components": [text()]}), "components.0.accessory", WANTED),
    (v2({"type": SECTION, "components": [text()] * 4, "accessory": button()}), "components.0.components", BAD),
    (v2({"type": SECTION, "components": [text()], "accessory": text()}), "components.0.accessory.type", CHOICES),
    (v2({"type": THUMBNAIL, "media": {"url": "https://x.y/z.png"}}), "components.0.type", CHOICES),
    (v2({"type": GALLERY, "items": [{"media": {"url": "attachment://no.png"}}]}), "components.0.items.0.media.url", "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND"),
    (v2({"type": GALLERY, "items": []}), "components.0.items", BAD),
    (v2({"type": FILE, "file": {"url": "https://x.y/z"}}), "components.0.file.url", "URL_TYPE_INVALID_SCHEME"),
    (v2(text("")), "components.0.content", BAD),
    (v2("text"), "components.0", "MODEL_TYPE_CONVERT"),  # type: ignore[arg-type]
    (v2({"type": TEXT, "id": 5, "content": "a"}, {"type": TEXT, "id": 5, "content": "b"}), "components.1.id", "COMPONENT_ID_DUPLICATED"),
    ({"content": "x", "nonce": "x" * 26}, "nonce", LONG),
    ({"content": "x", "allowed_mentions": {"parse": ["all"]}}, "allowed_mentions.parse.0", CHOICES),
    ({"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}}, "allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE"),
    ({"content": "x", "attachments": [{"id": "3"}]}, "attachments.0.id", "ATTACHMENT_NOT_FOUND"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "path", "code"), MESSAGES)
async def test_a_message_beyond_the_limits_is_refused_with_the_fields_path(
    rest: Request, member: User, general: str, body: dict[str, Any], path: str, code: str
) -> None:
    status, answer = await rest("POST", f"/channels/{general}/messages", body)
    assert (status, answer["code"], answer["message"]) == (400, 50035, "Invalid Form Body")
    assert found(answer["errors"], path) == code
    (violation,) = await member.violations("limit")
    assert code in violation["reason"]
    assert violation["errors"] == answer["errors"]
    assert await member.messages() == []


async def test_the_limits_themselves_are_allowed(rest: Request, general: str) -> None:
    options = [
        {"label": "x" * 100, "value": f"{n:0100}", "description": "x" * 100} for n in range(25)
    ]
    for body in (
        {"content": "x" * 2000},
        {"embeds": [{"description": "x" * 3000}] * 2},
        {"components": [row(select(options=options, placeholder="x" * 150))]},
        v2({"type": CONTAINER, "components": [text("x" * 102) for _ in range(39)]}),
    ):
        status, answer = await rest("POST", f"/channels/{general}/messages", body)
        assert (status, answer.get("errors")) == (200, None)


async def test_an_empty_message_is_refused(rest: Request, general: str) -> None:
    for body in ({}, {"content": "  "}, {"components": []}):
        status, answer = await rest("POST", f"/channels/{general}/messages", body)
        assert (status, answer["code"]) == (400, 50006)


async def test_texts_that_weigh_too_much_break_discord(
    rest: Request, member: User, general: str
) -> None:
    heavy = v2(text("本" * 3390))
    status, _ = await rest("POST", f"/channels/{general}/messages", heavy)
    assert status == 500
    assert "bytes" in (await member.violations("limit"))[0]["reason"]
    assert (await rest("POST", f"/channels/{general}/messages", v2(text("本" * 3386))))[0] == 200


async def test_the_v2_flag_stays_for_good(rest: Request, general: str) -> None:
    path = f"/channels/{general}/messages"
    _, message = await rest("POST", path, v2(text("first")))
    here = f"{path}/{message['id']}"
    status, answer = await rest("PATCH", here, {"flags": 0})
    assert (status, found(answer["errors"], "flags")) == (400, "MESSAGE_FLAG_IRREVOCABLE")
    status, answer = await rest("PATCH", here, {"content": "old style"})
    assert found(answer["errors"], "content") == LEGACY
    status, answer = await rest("PATCH", here, {"components": [text("second")]})
    assert (status, answer["flags"] & V2) == (200, V2)
    _, plain = await rest("POST", path, {"content": "plain"})
    status, answer = await rest("PATCH", f"{path}/{plain['id']}", v2(text("now")))
    assert found(answer["errors"], "content") == LEGACY
    body = v2(text("now"), content=None)
    status, answer = await rest("PATCH", f"{path}/{plain['id']}", body)
    assert (status, answer["content"]) == (200, "")


async def test_a_refused_edit_changes_nothing(rest: Request, member: User, general: str) -> None:
    path = f"/channels/{general}/messages"
    _, message = await rest("POST", path, {"content": "good"})
    status, _ = await rest("PATCH", f"{path}/{message['id']}", {"content": "x" * 2001})
    assert status == 400
    (kept,) = await member.messages()
    assert (kept.content, kept.edited) == ("good", None)


async def test_a_file_too_large_is_refused(rest: Request, sandbox: Sandbox, general: str) -> None:
    for size in (10 * 1024 * 1024 + 1, 25 * 1024 * 1024 + 1):
        form = aiohttp.FormData()
        form.add_field("files[0]", io.BytesIO(bytes(size)), filename="x.bin")
        status, answer = await rest("POST", f"/channels/{general}/messages", data=form)
        assert (status, answer["code"]) == (413, 40005)


OPTION = {"type": 3, "name": "query", "description": "Words"}
COMMANDS: list[tuple[dict[str, Any], str, str]] = [
    ({"name": "Fic"}, "0.name", "APPLICATION_COMMAND_INVALID_NAME"),
    ({"name": "a b"}, "0.name", "APPLICATION_COMMAND_INVALID_NAME"),
    ({"name": "x" * 33}, "0.name", BAD),
    ({"description": ""}, "0.description", BAD),
    ({"description": "x" * 101}, "0.description", BAD),
    ({"options": [OPTION, {**OPTION, "name": "b", "required": True}]}, "0.options.1", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"),
    ({"options": [OPTION, OPTION]}, "0.options.1.name", "APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATED"),
    ({"options": [{**OPTION, "name": f"o{n}"} for n in range(26)]}, "0.options", LONG),
    ({"options": [{**OPTION, "type": 1}, {**OPTION, "name": "b"}]}, "0.options", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"),
    ({"options": [{**OPTION, "type": 1, "options": [{**OPTION, "type": 1}]}]}, "0.options.0.options.0.type", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"),
    ({"options": [{**OPTION, "choices": [{"name": "x" * 101, "value": "x"}]}]}, "0.options.0.choices.0.name", BAD),
    ({"options": [{**OPTION, "choices": [{"name": "x", "value": 1}]}]}, "0.options.0.choices.0.value", "BASE_TYPE_STRING"),
    ({"options": [{**OPTION, "autocomplete": True, "choices": [{"name": "x", "value": "x"}]}]}, "0.options.0.autocomplete", "APPLICATION_COMMAND_OPTIONS_CHOICES_AUTOCOMPLETE"),
    ({"options": [{**OPTION, "type": 4, "name": f"o{n}", "choices": [{"name": f"{m:0100}", "value": m} for m in range(25)]} for n in range(4)]}, "0", "APPLICATION_COMMAND_TOO_LARGE"),
    ({"type": 3, "description": "no"}, "0.description", "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "path", "code"), COMMANDS)
async def test_a_command_beyond_the_limits_is_refused(
    rest: Request, sandbox: Sandbox, change: dict[str, Any], path: str, code: str
) -> None:
    url = f"/applications/{sandbox.world.bot.id}/commands"
    command = {"name": "fic", "description": "Find fics", "type": 1, **change}
    status, answer = await rest("PUT", url, [command])
    assert (status, answer["code"]) == (400, 50035)
    assert found(answer["errors"], path) == code
    assert (await rest("GET", url)) == (200, [])


async def test_a_hundred_commands_are_the_most(rest: Request, sandbox: Sandbox) -> None:
    url = f"/applications/{sandbox.world.bot.id}/commands"
    commands = [{"name": f"c{n}", "description": "x"} for n in range(101)]
    status, answer = await rest("PUT", url, commands)
    assert (status, answer["code"]) == (400, 30032)
    assert (await rest("PUT", url, commands[:100]))[0] == 200
    status, answer = await rest("POST", url, commands[100])
    assert (status, answer["code"]) == (400, 30032)
    status, answer = await rest("PUT", url, [commands[0], commands[0]])
    assert found(answer["errors"], "1.name") == "APPLICATION_COMMANDS_DUPLICATE_NAME"


async def test_two_hundred_creates_a_day_are_the_most(
    rest: Request, member: User, sandbox: Sandbox
) -> None:
    url = f"/applications/{sandbox.world.bot.id}/commands"
    for batch in "ab":
        commands = [{"name": f"{batch}{n}", "description": "x"} for n in range(100)]
        assert (await rest("PUT", url, commands))[0] == 200
    status, answer = await rest("PUT", url, [{"name": "c", "description": "x"}])
    assert (status, answer["code"]) == (400, 30034)
    await member.clock(by_seconds=86400)
    assert (await rest("PUT", url, [{"name": "c", "description": "x"}]))[0] == 200


async def test_commands_keep_their_ids_and_can_be_changed(rest: Request, sandbox: Sandbox) -> None:
    guild = next(iter(sandbox.world.guilds))
    url = f"/applications/{sandbox.world.bot.id}/guilds/{guild}/commands"
    status, made = await rest("POST", url, {"name": "fic", "description": "x"})
    assert (status, made["guild_id"]) == (201, str(guild))
    status, again = await rest("POST", url, {"name": "fic", "description": "y"})
    assert (status, again["id"], again["description"]) == (200, made["id"], "y")
    assert (await rest("PATCH", f"{url}/{made['id']}", {"description": "z"}))[0] == 200
    assert (await rest("GET", f"{url}/{made['id']}"))[1]["description"] == "z"
    assert (await rest("DELETE", f"{url}/{made['id']}"))[0] == 204
    status, answer = await rest("GET", f"{url}/{made['id']}")
    assert (status, answer["code"]) == (404, 10063)
