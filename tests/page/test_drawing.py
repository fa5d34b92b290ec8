"""Messages of every kind that Discord knows, as any bot may send them: what is seen of each."""

import re
import struct
import zlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, expect

from sandbox import Sandbox
from tests.page.conftest import open_page
from tests.page.puppet import EPHEMERAL, V2, Json, Puppet, puppet_in, said
from tests.page.stage import START
from tests.page.visitor import Visitor

NOON = int(START.timestamp())


@dataclass
class Gallery:
    """One page that all these messages are hung in, one by one."""

    puppet: Puppet
    visitor: Visitor

    async def hang(self, body: str | Json | list[Json]) -> Locator:
        """Post a message; returns it as it is on the page."""
        return self.find((await self.puppet.say(body))["id"])

    def find(self, message_id: str) -> Locator:
        return self.visitor.log.locator(f'[data-id="{message_id}"]')


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def gallery(browser: Browser) -> AsyncIterator[Gallery]:
    async with (
        Sandbox(port=0, start=START) as sandbox,
        puppet_in(sandbox) as puppet,
        AsyncExitStack() as tabs,
    ):
        visitor, watch = await open_page(browser, tabs, sandbox)
        yield Gallery(puppet, visitor)
        await tabs.aclose()
        assert watch.complaints == []


def png(colour: bytes = b"\x40\x80\xc0", side: int = 8) -> bytes:
    """A small square picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = zlib.compress((b"\0" + colour * side) * side)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


PICTURE = ("lamp.png", png(), "image/png")


async def style(node: Locator, name: str) -> str:
    return await node.evaluate("(node, name) => getComputedStyle(node)[name]", name)


async def shows_colour(message: Locator, colour: str) -> bool:
    """Whether something of the message has this colour on its left edge or all over."""
    return await message.evaluate(
        """(message, colour) => [message, ...message.querySelectorAll("*")].some((node) =>
          [null, "::before"].some((part) => {
            const style = getComputedStyle(node, part);
            return [style.borderLeftColor, style.backgroundColor].includes(colour);
          }))""",
        colour,
    )


# Markdown


@pytest.mark.parametrize(
    ("source", "role", "name"),
    [
        ("# A title", "heading", "A title"),
        ("## A smaller one", "heading", "A smaller one"),
        ("### The smallest", "heading", "The smallest"),
        ("so **bold** it is", "strong", "bold"),
        ("so *slanted* it is", "emphasis", "slanted"),
        ("so _slanted_ it is", "emphasis", "slanted"),
        ("in `code`", "code", "code"),
        ("> quoted", "blockquote", "quoted"),
        (">>> quoted\nto its end", "blockquote", "to its end"),
        ("***both***", "strong", "both"),
        ("***both***", "emphasis", "both"),
        ("**an *inner* one**", "emphasis", "inner"),
        ("[a label](https://example.org/a)", "link", "a label"),
        ("see https://example.org/b.", "link", "https://example.org/b"),
        ("see <https://example.org/c>", "link", "https://example.org/c"),
    ],
)
async def test_markdown_has_its_meaning(
    gallery: Gallery, source: str, role: str, name: str
) -> None:
    message = await gallery.hang(source)
    part = message.get_by_role(role).filter(has_text=name)  # type: ignore[arg-type]
    await expect(part.first).to_be_visible()


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"\*not slanted\*", "*not slanted*"),
        (r"\# no title", "# no title"),
        ("snake_case_names", "snake_case_names"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("#nothing", "#nothing"),
        ("-#nothing", "-#nothing"),
        ("`**raw**`", "**raw**"),
        ("```py\nprint(1)\n# no title\n```", "print(1)\n# no title"),
        ("```\n<b>raw</b>\n```", "<b>raw</b>"),
        ("one\ntwo", "one\ntwo"),
        ("**unfinished", "**unfinished"),
        ("a < b && c > d", "a < b && c > d"),
        ("&amp; &lt;b&gt;", "&amp; &lt;b&gt;"),
        ("(https://example.org/x)", "(https://example.org/x)"),
        (f"<t:{NOON}:t>", "12:00"),
        (f"<t:{NOON}:d>", "14/03/2026"),
        (f"<t:{NOON}:D>", "14 March 2026"),
        (f"<t:{NOON}:F>", "Saturday"),
        ("<@1>", "@unknown-user"),
        ("<#1>", "unknown"),
        ("@everyone", "@everyone"),
    ],
)
async def test_markdown_reads(gallery: Gallery, source: str, text: str) -> None:
    message = await gallery.hang([{"type": 10, "content": source}])
    lines = re.compile(r"\n+".join(re.escape(line) for line in text.split("\n")))
    await expect(message).to_contain_text(lines, use_inner_text=True)


async def test_times_are_told_by_the_sandboxs_clock(gallery: Gallery) -> None:
    hours = await gallery.hang(f"<t:{NOON + 3 * 3600 + 60}:R>, <t:{NOON - 2 * 86400 - 60}:R>")
    await expect(hours).to_contain_text("in 3 hours, 2 days ago")


async def test_names_and_commands_are_named(gallery: Gallery) -> None:
    world = gallery.visitor.sandbox.world
    member = next(one for one in world.accounts.values() if one.name == "member")
    room = next(iter(world.guilds.values()))
    role = next(one for one in room.roles.values() if one.name == "moderator")
    commands = f"/applications/{world.bot.id}/commands"
    (ping,) = await gallery.puppet.request("GET", commands, None)
    people, channel = f"<@{member.id}> <@&{role.id}>", gallery.puppet.channel("daily-rec")
    message = await gallery.hang(f"{people} <#{channel}> </ping:{ping['id']}>")
    for name in ("@Member", "@moderator", "daily-rec", "/ping"):
        await expect(message).to_contain_text(name)
    await message.get_by_role("button", name="/ping").click()
    await expect(gallery.visitor.send_button).to_be_focused()
    await gallery.visitor.keys.press("Escape")
    await message.get_by_text("daily-rec").click()
    await expect(
        gallery.visitor.page.get_by_role("log", name="Messages in daily-rec")
    ).to_be_attached()
    await gallery.visitor.go("general")


async def test_lists_hold_lists(gallery: Gallery) -> None:
    message = await gallery.hang("- one\n- two\n  - inner\n- three\n\n1. first\n2. second")
    await expect(message.get_by_role("list").first).to_be_visible()
    outer = message.get_by_role("list").first
    await expect(outer.get_by_role("list").get_by_role("listitem")).to_have_text(["inner"])
    await expect(message.locator("ol").get_by_role("listitem")).to_have_text(["first", "second"])


async def test_what_has_no_role_is_seen(gallery: Gallery) -> None:
    message = await gallery.hang("as ever\n-# in small\n__below__ ~~gone~~")
    small, usual = message.get_by_text("in small"), message.get_by_text("as ever")
    assert float((await style(small, "fontSize"))[:-2]) < float(
        (await style(usual, "fontSize"))[:-2]
    )
    for text, line in (("below", "underline"), ("gone", "line-through")):
        assert await style(message.get_by_text(text), "textDecorationLine") == line


async def test_a_spoiler_is_told_once_pressed(gallery: Gallery) -> None:
    message = await gallery.hang("who: ||the butler||")
    spoiler = message.get_by_role("button", name=re.compile("spoiler", re.IGNORECASE))
    await expect(spoiler).to_be_visible()
    assert "the butler" not in await message.aria_snapshot()
    await spoiler.focus()
    await gallery.visitor.keys.press("Enter")
    assert "the butler" in await message.aria_snapshot()


# Components


async def test_a_container_has_its_accent(gallery: Gallery) -> None:
    message = await gallery.hang(
        [
            {
                "type": 17,
                "accent_color": 0x123456,
                "components": [
                    {"type": 10, "content": "## Inside"},
                    {"type": 14, "divider": True, "spacing": 2},
                    {"type": 10, "content": "Below the line"},
                    {"type": 14, "divider": False},
                ],
            }
        ]
    )
    await expect(message.get_by_role("heading", name="Inside")).to_be_visible()
    await expect(message.get_by_role("separator")).to_have_count(1)
    assert await shows_colour(message, "rgb(18, 52, 86)")


async def test_a_covered_container_is_uncovered(gallery: Gallery) -> None:
    inside = [{"type": 10, "content": "Who did it"}]
    message = await gallery.hang([{"type": 17, "spoiler": True, "components": inside}])
    await expect(message).to_be_visible()
    assert "Who did it" not in await message.aria_snapshot()
    cover = message.get_by_role("button", name=re.compile("spoiler", re.IGNORECASE))
    await cover.focus()
    await gallery.visitor.keys.press("Enter")
    assert "Who did it" in await message.aria_snapshot()


async def test_a_section_has_a_picture_or_a_button_beside_it(gallery: Gallery) -> None:
    media = {"url": "attachment://lamp.png"}
    text = {"type": 10, "content": "Beside it"}
    posted = await gallery.puppet.send_files(
        {
            "flags": V2,
            "components": [
                {
                    "type": 9,
                    "components": [text],
                    "accessory": {"type": 11, "media": media, "description": "A lamp"},
                },
                {
                    "type": 9,
                    "components": [text],
                    "accessory": {"type": 2, "style": 1, "label": "Press", "custom_id": "p"},
                },
            ],
            "attachments": [{"id": 0, "filename": "lamp.png"}],
        },
        PICTURE,
    )
    message = gallery.find(posted["id"])
    picture = message.get_by_role("img", name="A lamp")
    await expect(picture).to_be_visible()
    await expect(message.locator("img")).to_have_js_property("naturalWidth", 8)
    await expect(message.get_by_role("button", name="Press")).to_be_visible()


async def test_galleries_and_files(gallery: Gallery) -> None:
    posted = await gallery.puppet.send_files(
        {
            "flags": V2,
            "components": [
                {
                    "type": 12,
                    "items": [
                        {"media": {"url": "attachment://lamp.png"}, "description": "One lamp"},
                        {
                            "media": {"url": "attachment://lamp.png"},
                            "description": "Its secret",
                            "spoiler": True,
                        },
                    ],
                },
                {"type": 13, "file": {"url": "attachment://story.txt"}},
            ],
            "attachments": [
                {"id": 0, "filename": "lamp.png"},
                {"id": 1, "filename": "story.txt"},
            ],
        },
        PICTURE,
        ("story.txt", b"Once." * 500, "text/plain"),
    )
    message = gallery.find(posted["id"])
    await expect(message.get_by_role("img", name="One lamp")).to_be_visible()
    await expect(message.get_by_role("link", name="story.txt", exact=True)).to_be_visible()
    await expect(message).to_contain_text(re.compile(r"2\.4\d? K?i?B|2\.5 KB|2,500 bytes"))
    cover = message.get_by_role("button", name=re.compile("spoiler", re.IGNORECASE))
    await cover.click()
    await expect(message.get_by_role("img", name="Its secret")).to_be_visible()


async def test_buttons_have_their_styles(gallery: Gallery) -> None:
    labels = ("Primary", "Secondary", "Success", "Danger")
    buttons: list[Json] = [
        {"type": 2, "style": style, "label": label, "custom_id": label}
        for style, label in enumerate(labels, 1)
    ]
    link = {"type": 2, "style": 5, "label": "Elsewhere", "url": "https://example.org/"}
    off = {"type": 2, "style": 1, "label": "Off", "custom_id": "off", "disabled": True}
    star = {"type": 2, "style": 2, "emoji": {"name": "⭐"}, "custom_id": "star"}
    message = await gallery.hang(
        [
            {"type": 1, "components": [*buttons, link]},
            {"type": 1, "components": [off, star]},
        ]
    )
    colours = [
        await style(message.get_by_role("button", name=label), "backgroundColor")
        for label in labels
    ]
    assert len(set(colours)) == 4
    there = message.get_by_role("link", name="Elsewhere")
    await expect(there).to_have_attribute("href", "https://example.org/")
    await expect(there).to_have_attribute("rel", re.compile("noopener"))
    await expect(message.get_by_role("button", name="Off")).to_be_disabled()
    await expect(message.get_by_role("button", name="⭐")).to_be_visible()


async def test_a_failed_press_says_so_under_its_message(
    gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.actions.FIRST_RESPONSE_SECONDS", 0.3)
    gallery.puppet.answer = lambda interaction: {}
    button = {"type": 2, "style": 1, "label": "Silence", "custom_id": "silence"}
    message = await gallery.hang([{"type": 1, "components": [button]}])
    other = await gallery.hang("another")
    await message.get_by_role("button", name="Silence").click()
    failed = message.get_by_text(
        re.compile("interaction failed|no response|did not", re.IGNORECASE)
    )
    await expect(failed).to_be_visible()
    await expect(other).not_to_contain_text("failed")


# Embeds, attachments, marks


async def test_an_embed_shows_all_its_parts(gallery: Gallery) -> None:
    embed = {
        "title": "A title",
        "url": "https://example.org/work",
        "description": "Some **bold** words",
        "color": 0xABCDEF,
        "author": {"name": "An author", "url": "https://example.org/author"},
        "fields": [
            {"name": "Left", "value": "one *word*", "inline": True},
            {"name": "Right", "value": "two", "inline": True},
            {"name": "Below", "value": "three", "inline": False},
        ],
        "footer": {"text": "At the foot"},
        "timestamp": START.isoformat(),
    }
    message = await gallery.hang({"content": "Look:", "embeds": [embed]})
    for name in ("A title", "An author"):
        await expect(message.get_by_role("link", name=name)).to_be_visible()
    await expect(message.get_by_role("strong").filter(has_text="bold")).to_be_visible()
    for text in ("Look:", "Left", "Right", "Below", "three", "At the foot"):
        await expect(message).to_contain_text(text)
    left, right, below = [
        await message.get_by_text(name, exact=True).bounding_box()
        for name in ("Left", "Right", "Below")
    ]
    assert left
    assert right
    assert below
    assert abs(left["y"] - right["y"]) < 4 < below["y"] - left["y"]
    assert await shows_colour(message, "rgb(171, 205, 239)")


async def test_an_embeds_pictures(gallery: Gallery) -> None:
    embed = {
        "title": "Lit",
        "image": {"url": "attachment://lamp.png"},
        "thumbnail": {"url": "attachment://lamp.png"},
    }
    posted = await gallery.puppet.send_files(
        {"embeds": [embed], "attachments": [{"id": 0, "filename": "lamp.png"}]}, PICTURE
    )
    message = gallery.find(posted["id"])
    await expect(message.locator("img")).to_have_count(2)
    for picture in await message.locator("img").all():
        await expect(picture).to_have_js_property("naturalWidth", 8)


async def test_attachments_of_a_plain_message(gallery: Gallery) -> None:
    posted = await gallery.puppet.send_files(
        {
            "content": "Here:",
            "attachments": [
                {"id": 0, "filename": "lamp.png", "description": "A lamp"},
                {"id": 1, "filename": "story.txt"},
                {"id": 2, "filename": "SPOILER_end.png", "description": "The end"},
            ],
        },
        PICTURE,
        ("story.txt", b"Once.", "text/plain"),
        ("SPOILER_end.png", png(), "image/png"),
    )
    message = gallery.find(posted["id"])
    await expect(message.get_by_role("img", name="A lamp")).to_be_visible()
    await expect(message.get_by_role("link", name="story.txt", exact=True)).to_be_visible()
    cover = message.get_by_role("button", name=re.compile("spoiler", re.IGNORECASE))
    await expect(cover).to_be_visible()


async def test_an_edit_shows_in_its_place(gallery: Gallery) -> None:
    posted = await gallery.puppet.say("before")
    message = gallery.find(posted["id"])
    await expect(message).to_contain_text("before")
    await gallery.puppet.edit(posted, "after")
    await expect(message).to_contain_text("after")
    await expect(message).to_contain_text("(edited)")
    await expect(message).not_to_contain_text("before")


async def test_a_reply_shows_what_it_answers(gallery: Gallery) -> None:
    first = await gallery.puppet.say("What is the first line?")
    message = await gallery.hang(
        {"content": "This one.", "message_reference": {"message_id": first["id"]}}
    )
    await expect(message).to_contain_text("What is the first line?")
    await expect(message).to_contain_text("This one.")


async def test_a_deferred_answer_thinks_aloud_and_then_answers(gallery: Gallery) -> None:
    gallery.puppet.answer = lambda interaction: {"type": 5, "data": {"flags": EPHEMERAL}}
    await gallery.visitor.command("ping")
    message = gallery.visitor.last
    await expect(message).to_contain_text("is thinking…")
    await expect(message).to_contain_text("/ping")
    await expect(message).to_contain_text("Only you can see this")
    await gallery.puppet.follow_up(gallery.puppet.heard[-1], "Thought.")
    await expect(message).to_contain_text("Thought.")
    await expect(message).not_to_contain_text("is thinking…")
    await expect(message).not_to_contain_text("(edited)")


async def test_who_and_when_and_by_what(gallery: Gallery) -> None:
    gallery.puppet.answer = lambda interaction: said("Pong.")
    await gallery.visitor.command("ping")
    message = gallery.visitor.messages.filter(has_text="Pong.")
    await expect(message).to_have_accessible_name(re.compile(r"^Ficshelf, \d\d:\d\d$"))
    await expect(message).to_contain_text("APP")
    await expect(message).to_contain_text(re.compile(r"Member\s+used\s+/ping"), use_inner_text=True)


async def test_reactions_are_counted(gallery: Gallery) -> None:
    posted = await gallery.puppet.say("Vote")
    world = gallery.visitor.sandbox.world
    voted = world.message(int(posted["id"]))
    assert voted is not None
    for name in ("member", "moderator"):
        world.react(voted, world.account_named(name).id, "⭐", remove=False)
    message = gallery.find(posted["id"])
    await expect(message).to_contain_text("⭐")
    await expect(message).to_contain_text("2")
