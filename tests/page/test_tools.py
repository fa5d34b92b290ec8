"""The sandbox's own tools: its clock, the faults it plays, and the wire."""

import re
from datetime import timedelta

from playwright.async_api import expect

from tests.page.conftest import Visiting
from tests.page.stage import Stage
from tests.page.visitor import Visitor


async def test_the_clock_jumps(visitor: Visitor) -> None:
    await visitor.open_tools("Clock")
    for name, step in (("An hour on", timedelta(hours=1)), ("A day on", timedelta(days=1))):
        before = visitor.sandbox.clock.now()
        await visitor.tools.get_by_role("button", name=name).click()
        await expect(visitor.tools).to_contain_text((before + step).strftime("%H:%M"))
        assert visitor.sandbox.clock.now() - before >= step
    await visitor.page.keyboard.press("Escape")
    await visitor.say("Later.")
    await expect(visitor.last).to_have_accessible_name(re.compile("13:0"))


async def test_without_a_daily_post_there_is_nowhere_to_jump(visitor: Visitor) -> None:
    await visitor.open_tools("Clock")
    jump = visitor.tools.get_by_role("button", name="To the next daily post")
    await expect(jump).to_be_visible()
    if await jump.is_enabled():
        before = visitor.sandbox.clock.now()
        await jump.click()
        await expect(
            visitor.page.get_by_text(re.compile("daily setup|no daily post"))
        ).to_be_visible()
        assert visitor.sandbox.clock.now() - before < timedelta(minutes=1)


async def test_the_tools_open_and_close_by_keyboard(visitor: Visitor) -> None:
    opener = visitor.page.get_by_role("button", name="Tools", exact=True)
    await opener.focus()
    await visitor.keys.press("Enter")
    await expect(visitor.tools).to_be_visible()
    await expect(opener).to_have_attribute("aria-expanded", "true")
    tabs = visitor.tools.get_by_role("tab")
    await expect(tabs).to_have_text(["Clock", "Faults", "Wire"])
    await tabs.first.focus()
    await visitor.keys.press("ArrowRight")
    await expect(tabs.nth(1)).to_be_focused()
    await expect(tabs.nth(1)).to_have_attribute("aria-selected", "true")
    await expect(visitor.tools.get_by_role("tabpanel", name="Faults")).to_be_visible()
    await opener.click()
    await expect(visitor.tools).to_be_hidden()


async def test_the_connection_drops_and_the_bot_comes_back(visitor: Visitor, stage: Stage) -> None:
    before = stage.bot.ws
    await visitor.open_tools("Faults")
    await visitor.tools.get_by_role("button", name="Drop the connection").click()
    await visitor.open_tools("Wire")
    await expect(
        visitor.tools.get_by_role("listitem").filter(has_text="resume").first
    ).to_be_visible()
    assert stage.bot.ws is not before
    await visitor.command("fic search", query="spike")
    await expect(visitor.last).to_contain_text("“spike”")


async def test_the_bot_copes_with_a_rate_limit_and_a_502(visitor: Visitor, stage: Stage) -> None:
    """Both strike the bot's next request; it tries again, and the visitor is answered."""
    for fault, trace in (("Rate limit", "429"), ("502", "502")):
        await visitor.open_tools("Faults")
        await visitor.tools.get_by_role("button", name=re.compile(f"^{fault}")).click()
        await expect(visitor.tools.get_by_role("tabpanel")).to_contain_text("Waiting for the bot’s")
        assert len(stage.sandbox.faults.armed) == 1
        await visitor.command("fic search", query="spike")
        await expect(visitor.last).to_contain_text("“spike”")
        assert stage.sandbox.faults.armed == []
        await visitor.open_tools("Wire")
        await expect(
            visitor.tools.get_by_role("listitem").filter(has_text=trace).first
        ).to_be_visible()


async def test_the_wire_shows_what_goes_over_it(visitor: Visitor) -> None:
    await visitor.open_tools("Wire")
    await visitor.start("fic search")
    await visitor.field("query").press_sequentially("sp")
    await expect(visitor.choices.get_by_role("option").first).to_be_visible()
    await visitor.field("query").fill("spike")
    await visitor.send_button.click()
    await expect(visitor.last).to_contain_text("“spike”")
    wire = visitor.tools.get_by_role("listitem")
    await expect(wire.filter(has_text="/fic search").first).to_be_visible()
    await expect(wire.filter(has_text="autocomplete /fic search").first).to_be_visible()
    await expect(wire.filter(has_text=re.compile(r"\d ms")).first).to_be_visible()


async def test_what_discord_would_have_refused_is_shown(visit: Visiting, stage: Stage) -> None:
    visitor = await visit(stage.sandbox)
    await visitor.open_tools("Wire")
    stage.sandbox.violations.add("limit", "POST /channels/1/messages", "A message too long")
    await expect(
        visitor.tools.get_by_role("listitem").filter(has_text="A message too long")
    ).to_be_visible()
    stage.sandbox.violations.entries.clear()
