"""What a message holds is shown, and never done."""

from typing import Any

import pytest
from playwright.async_api import expect

from tests.page.puppet import Json, Puppet
from tests.page.visitor import Visitor

SCRIPTS = (
    "<script>window.hit = 1</script>",
    "<img src=x onerror='window.hit = 1'>",
    "<svg/onload=window.hit=1>",
    "<iframe srcdoc='<script>parent.hit = 1</script>'></iframe>",
    "</p></li></ol><script>window.hit = 1</script>",
    "'\"><style>*{display:none}</style>",
    "${window.hit = 1} {{window.hit = 1}}",
    "&lt;script&gt;",
)
ADDRESSES = (
    "[press](javascript:window.hit=1)",
    "[press](JaVaScRiPt:window.hit=1)",
    "[press](data:text/html,<script>parent.hit=1</script>)",
    "[press](vbscript:x)",
    '[press](https://example.org/" onmouseover="window.hit=1)',
    "<javascript:window.hit=1>",
)
# As a control character or a direction may be smuggled into a name.
TRICKS = ("\u202egnp.exe", "a\u0000b", "\u200b" * 20, "🏳️‍🌈" * 30, "A" * 2000)


async def unhurt(visitor: Visitor) -> None:
    """Nothing that a message held was done."""
    assert await visitor.page.evaluate("window.hit") is None
    assert await visitor.log.locator("script, iframe, style, svg[onload]").count() == 0
    links = await visitor.log.locator("a").evaluate_all("(all) => all.map((one) => one.protocol)")
    assert set(links) <= {"http:", "https:"}
    wild = """(all) => all.flatMap((one) => [...one.attributes]).map((one) => one.name)
      .filter((name) => name.startsWith("on"))"""
    assert await visitor.log.locator("*").evaluate_all(wild) == []


async def test_markup_is_text(guest: Visitor, puppet: Puppet) -> None:
    for script in SCRIPTS:
        posted = await puppet.say(f"{script}\n**{script}**\n> {script}\n`{script}`")
        message = guest.log.locator(f'[data-id="{posted["id"]}"]')
        await expect(message).to_contain_text(script)
    await unhurt(guest)


async def test_markup_is_text_in_every_part(guest: Visitor, puppet: Puppet) -> None:
    for script in SCRIPTS:
        short = script[:80]
        option = {"label": short, "value": "v", "description": short}
        button = {"type": 2, "style": 1, "label": short, "custom_id": script[:90]}
        select = {"type": 3, "custom_id": "s" + script[:90], "options": [option]}
        await puppet.say(
            [
                {"type": 17, "components": [{"type": 10, "content": script}]},
                {"type": 1, "components": [button]},
                {"type": 1, "components": [{**select, "placeholder": short}]},
            ]
        )
        await expect(guest.last.get_by_role("button", name=short, exact=True)).to_be_visible()
        combo = guest.last.get_by_role("combobox")
        await combo.click()
        await expect(guest.option(short)).to_be_visible()
        await guest.keys.press("Escape")
        embed = {"title": script, "description": script, "footer": {"text": script}}
        fields = [{"name": script, "value": script}]
        author = {"name": script}
        await puppet.say({"embeds": [{**embed, "fields": fields, "author": author}]})
        await expect(guest.last).to_contain_text(script)
    await unhurt(guest)


async def test_only_the_webs_addresses_become_links(guest: Visitor, puppet: Puppet) -> None:
    for address in ADDRESSES:
        posted = await puppet.say(address)
        await expect(guest.log.locator(f'[data-id="{posted["id"]}"]')).to_be_visible()
    await unhurt(guest)


@pytest.mark.parametrize("kind", ["button", "embed", "media"])
async def test_addresses_in_components_are_the_webs(guest: Visitor, kind: str) -> None:
    """Not even where a Discord of another make would let them through."""
    bad = "javascript:window.hit=1"
    made: dict[str, Json] = {
        "button": {
            "components": [
                {"type": 1, "components": [{"type": 2, "style": 5, "label": "go", "url": bad}]}
            ]
        },
        "embed": {
            "embeds": [
                {
                    "title": "go",
                    "url": bad,
                    "author": {"name": "go", "url": bad},
                    "image": {"url": bad},
                }
            ]
        },
        "media": {
            "components": [
                {"type": 12, "items": [{"media": {"url": bad}, "description": "go"}]},
                {"type": 13, "file": {"url": bad}, "name": "go"},
            ],
            "attachments": [{"url": bad, "filename": "go", "size": 1, "content_type": "a/b"}],
        },
    }
    await draw(guest, made[kind])
    for one in await guest.page.locator("#drawn a, #drawn button").all():
        await one.dispatch_event("click")
    assert await guest.page.evaluate("window.hit") is None
    drawn = """(all) => all.flatMap((one) => [one.getAttribute("href"), one.getAttribute("src")])
      .filter((address) => /script:/.test(address ?? ""))"""
    assert await guest.page.locator("#drawn *").evaluate_all(drawn) == []


async def test_names_of_any_kind_stay_inside(guest: Visitor, puppet: Puppet) -> None:
    for trick in TRICKS:
        await puppet.say({"content": trick, "embeds": [{"title": trick[:250] + "."}]})
    await expect(guest.last).to_be_visible()
    inside = "() => document.documentElement.scrollWidth <= innerWidth"
    assert await guest.page.evaluate(inside)


async def draw(visitor: Visitor, parts: dict[str, Any]) -> None:
    """Draw a message that no sandbox has, as the last thing on the page."""
    message: Json = {
        "id": "1",
        "channel": "general",
        "channel_id": "1",
        "author": "Ficshelf",
        "author_id": "1",
        "bot": True,
        "ephemeral": False,
        "content": "",
        "embeds": [],
        "components": [],
        "attachments": [],
        "flags": 0,
        "loading": False,
        "timestamp": "2026-03-14T12:00:00+00:00",
        "edited": None,
        "mentions": [],
        "mention_roles": [],
        "mention_everyone": False,
        "reactions": {},
        **parts,
    }
    await visitor.page.evaluate(
        """async (message) => {
          const { drawMessage } = await import("/draw/message.js");
          const { World } = await import("/world.js");
          const acts = { press: async () => null, menu() {}, reply() {}, jump() {}, message() {} };
          const world = new World();
          await new Promise((resolve) => world.on("state", resolve));
          const list = document.createElement("ol");
          list.id = "drawn";
          list.append(drawMessage(message, world, acts));
          document.body.append(list);
        }""",
        message,
    )
