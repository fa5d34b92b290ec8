"""Bodies that Discord refuses: the status, the code, and the path of the field."""

import io
from typing import Any

import aiohttp
import pytest

from sandbox import Sandbox, User
from tests.sandbox.conftest import Request, error_code

V2 = 1 << 15
ROW = 1
BUTTON, SELECT, SECTION, TEXT, THUMBNAIL, GALLERY, FILE, CONTAINER = 2, 3, 9, 10, 11, 12, 13, 17


def button(**more: Any) -> dict[str, Any]:
    return {"type": BUTTON, "style": 1, "label": "x", "custom_id": "x", **more}


def row(*components: dict[str, Any]) -> dict[str, Any]:
    return {"type": ROW, "components": list(components)}


def rows(*components: dict[str, Any]) -> dict[str, Any]:
    """The body of a message with one row."""
    return {"components": [row(*components)]}


def select(**more: Any) -> dict[str, Any]:
    options = [{"label": "a", "value": "a"}]
    return {"type": SELECT, "custom_id": "s", "options": options, **more}


def v2(*components: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"flags": V2, "components": list(components), **more}


def text(content: str = "x") -> dict[str, Any]:
    return {"type": TEXT, "content": content}


IN_ROW = "components.0.components.0"
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
    (
        {"embeds": [{"image": {"url": "ftp://x/y"}}]},
        "embeds.0.image.url",
        "URL_TYPE_INVALID_SCHEME",
    ),
    ({"content": "x", "components": [row(button())] * 6}, "components", LONG),
    (rows(*[button(custom_id=str(n)) for n in range(6)]), "components.0.components", BAD),
    (
        rows(button(), button()),
        "components.0.components.1.custom_id",
        "COMPONENT_CUSTOM_ID_DUPLICATED",
    ),
    (rows(button(custom_id="x" * 101)), f"{IN_ROW}.custom_id", BAD),
    (rows(button(label="x" * 81)), f"{IN_ROW}.label", LONG),
    (rows(button(label=None)), IN_ROW, "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED"),
    (rows(button(custom_id=None)), f"{IN_ROW}.custom_id", WANTED),
    (rows(button(style=5, custom_id=None)), f"{IN_ROW}.url", "BUTTON_COMPONENT_URL_REQUIRED"),
    (
        rows(button(style=5, url="javascript:x", custom_id=None)),
        f"{IN_ROW}.url",
        "URL_TYPE_INVALID_SCHEME",
    ),
    (rows(button(style=5, url="https://x.y/" + "x" * 512, custom_id=None)), f"{IN_ROW}.url", LONG),
    (
        rows(button(url="https://x.y/")),
        f"{IN_ROW}.custom_id",
        "BUTTON_COMPONENT_CUSTOM_ID_URL_EXCLUSIVE",
    ),
    (rows(button(style=9)), f"{IN_ROW}.style", CHOICES),
    (rows(select(), button()), "components.0.components.1", "COMPONENT_LAYOUT_WIDTH_EXCEEDED"),
    (
        rows(select(options=[{"label": str(n), "value": str(n)} for n in range(26)])),
        f"{IN_ROW}.options",
        BAD,
    ),
    (rows(select(options=[{"label": "x" * 101, "value": "a"}])), f"{IN_ROW}.options.0.label", BAD),
    (
        rows(select(options=[{"label": "a", "value": "a"}] * 2)),
        f"{IN_ROW}.options.1.value",
        "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
    ),
    (rows(select(placeholder="x" * 151)), f"{IN_ROW}.placeholder", LONG),
    (rows(select(min_values=3, max_values=2)), f"{IN_ROW}.max_values", "NUMBER_TYPE_MIN"),
    ({"components": [text()]}, "components.0.type", CHOICES),
    (v2(text(), content="x"), "content", LEGACY),
    (v2(text(), embeds=[{"title": "x"}]), "embeds", LEGACY),
    (v2(*[text("x" * 2000)] * 3), "components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED"),
    (
        v2({"type": CONTAINER, "components": [text() for _ in range(40)]}),
        "components",
        "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
    ),
    (v2({"type": CONTAINER, "components": []}), "components.0.components", BAD),
    (
        v2({"type": CONTAINER, "components": [{"type": CONTAINER, "components": [text()]}]}),
        f"{IN_ROW}.type",
        CHOICES,
    ),
    (
        v2({"type": CONTAINER, "accent_color": 1 << 24, "components": [text()]}),
        "components.0.accent_color",
        "NUMBER_TYPE_MAX",
    ),
    (v2({"type": SECTION, "components": [text()]}), "components.0.accessory", WANTED),
    (
        v2({"type": SECTION, "components": [text()] * 4, "accessory": button()}),
        "components.0.components",
        BAD,
    ),
    (
        v2({"type": SECTION, "components": [text()], "accessory": text()}),
        "components.0.accessory.type",
        CHOICES,
    ),
    (v2({"type": THUMBNAIL, "media": {"url": "https://x.y/z.png"}}), "components.0.type", CHOICES),
    (
        v2({"type": GALLERY, "items": [{"media": {"url": "attachment://no.png"}}]}),
        "components.0.items.0.media.url",
        "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
    ),
    (v2({"type": GALLERY, "items": []}), "components.0.items", BAD),
    (
        v2({"type": FILE, "file": {"url": "https://x.y/z"}}),
        "components.0.file.url",
        "URL_TYPE_INVALID_SCHEME",
    ),
    (v2(text("")), "components.0.content", BAD),
    (v2("text"), "components.0", "MODEL_TYPE_CONVERT"),  # type: ignore[arg-type]
    (
        v2({"type": TEXT, "id": 5, "content": "a"}, {"type": TEXT, "id": 5, "content": "b"}),
        "components.1.id",
        "COMPONENT_ID_DUPLICATED",
    ),
    ({"content": "x", "nonce": "x" * 26}, "nonce", LONG),
    ({"content": "x", "allowed_mentions": {"parse": ["all"]}}, "allowed_mentions.parse.0", CHOICES),
    (
        {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
        "allowed_mentions",
        "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
    ),
    ({"content": "x", "attachments": [{"id": "3"}]}, "attachments.0.id", "ATTACHMENT_NOT_FOUND"),
]


@pytest.mark.parametrize(("body", "path", "code"), MESSAGES)
async def test_a_message_beyond_the_limits_is_refused_with_the_fields_path(
    rest: Request, member: User, general: str, body: dict[str, Any], path: str, code: str
) -> None:
    status, answer = await rest("POST", f"/channels/{general}/messages", body)
    assert (status, answer["code"], answer["message"]) == (400, 50035, "Invalid Form Body")
    assert error_code(answer["errors"], path) == code
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
    bodies: list[dict[str, Any]] = [{}, {"content": "  "}, {"components": []}]
    for body in bodies:
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
    assert (status, error_code(answer["errors"], "flags")) == (400, "MESSAGE_FLAG_IRREVOCABLE")
    status, answer = await rest("PATCH", here, {"content": "old style"})
    assert error_code(answer["errors"], "content") == LEGACY
    status, answer = await rest("PATCH", here, {"components": [text("second")]})
    assert (status, answer["flags"] & V2) == (200, V2)
    _, plain = await rest("POST", path, {"content": "plain"})
    status, answer = await rest("PATCH", f"{path}/{plain['id']}", v2(text("now")))
    assert error_code(answer["errors"], "content") == LEGACY
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
