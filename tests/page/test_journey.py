"""Somebody who has used Discord, and never seen this, from the first look to the daily post."""

import re

import pytest
from playwright.async_api import expect

from sandbox.server import PAGE
from tests.page.conftest import Theme, Visiting
from tests.page.stage import Stage
from tests.page.visitor import Visitor, file_of

TO_ADD = PAGE.parent / "fics" / "to-add"


async def theme_of(visitor: Visitor) -> str | None:
    return await visitor.page.locator("html").get_attribute("data-theme")


@pytest.mark.parametrize(("theme", "width"), [("dark", 1600), ("light", 390)])
async def test_a_newcomers_first_minutes(
    stage: Stage, visit: Visiting, theme: Theme, width: int
) -> None:
    newcomer = await visit(stage.sandbox, theme=theme, width=width)
    # The guide offers three things; one press of the first one finds something.
    await expect(newcomer.guide.get_by_role("listitem")).to_have_count(3)
    await newcomer.guide.get_by_role("button", name="Find a fic").click()
    await expect(newcomer.last).to_contain_text("“spike”")
    # Open a work, and read a passage of it.
    await newcomer.last.get_by_role("combobox").click()
    await newcomer.option("1. Night School").click()
    excerpt = newcomer.last.get_by_role("button", name="Excerpt")
    await excerpt.click()
    passage = newcomer.messages.filter(has=newcomer.by_role("blockquote"))
    await expect(passage.last).to_contain_text("Night School")

    await newcomer.be("Moderator")
    await newcomer.go("mod-desk")
    await newcomer.command("library add")
    await newcomer.attach("Files", file_of(TO_ADD / "untitled-tea.md"))
    await newcomer.button("Submit").click()
    publish = newcomer.page.get_by_role("button", name=re.compile("^Publish"))
    await expect(publish).to_be_visible()
    await publish.click()
    await expect(newcomer.last).to_contain_text(re.compile("[Pp]ublished|in the library"))

    await newcomer.start("daily setup")
    await newcomer.field("channel").click()
    await newcomer.choices.get_by_role("option", name=re.compile("daily-rec")).click()
    await newcomer.fill("time", "9:00")
    await newcomer.fill("timezone", "UTC")
    await newcomer.send_button.click()
    await expect(newcomer.last).to_contain_text("daily-rec")

    await newcomer.go("daily-rec")
    await expect(newcomer.messages).to_have_count(0)
    await newcomer.open_tools("Clock")
    await newcomer.tools.get_by_role("button", name="To the next daily post").click()
    await expect(newcomer.messages).to_have_count(1)
    if newcomer.is_narrow:
        await newcomer.page.keyboard.press("Escape")
    await expect(newcomer.last).to_contain_text(re.compile(r"by \w+"))
    assert await newcomer.page.evaluate(
        "() => document.documentElement.scrollWidth <= window.innerWidth"
    )


async def test_the_main_things_by_keyboard_alone(visitor: Visitor) -> None:
    keys = visitor.keys
    await visitor.box.focus()
    await keys.type("/fic search")
    await keys.press("Enter")
    await expect(visitor.field("query")).to_be_focused()
    await keys.type("spike")
    await keys.press("Escape")
    await keys.press("Enter")
    await expect(visitor.last).to_contain_text("“spike”")
    await expect(visitor.box).to_be_focused()
    # Back from the box into the answer: its select, then its newest button.
    combo = visitor.last.get_by_role("combobox").first
    for _ in range(40):
        if await combo.evaluate("(node) => node === document.activeElement"):
            break
        await keys.press("Shift+Tab")
    await expect(combo).to_be_focused()
    await keys.press("Enter")
    await expect(visitor.page.get_by_role("listbox")).to_be_visible()
    await keys.press("Enter")
    await expect(
        visitor.page.get_by_role("button", name=re.compile("[Ee]xcerpt")).last
    ).to_be_visible()
    # Every place that the focus comes to can be seen.
    seen: set[str] = set()
    for _ in range(60):
        await keys.press("Tab")
        place = await visitor.page.evaluate(
            """() => {
              const node = document.activeElement;
              const box = node.getBoundingClientRect();
              const style = getComputedStyle(node);
              const ring = style.outlineStyle !== "none" || style.boxShadow !== "none"
                || node.matches("input, textarea") || node.closest("form") !== null
                || node === document.body;
              const name = node.ariaLabel ?? node.textContent.trim().slice(0, 40);
              const there = box.width > 0 || node === document.body;
              return { name: `${node.tagName} ${name}`, ring, there };
            }"""
        )
        assert place["there"], place["name"]
        assert place["ring"], f"{place['name']} does not show the focus"
        if place["name"] in seen and len(seen) > 15:
            break
        seen.add(place["name"])


async def test_the_guide_is_there_until_it_is_not_needed(visitor: Visitor) -> None:
    for name in ("Find a fic", "Add a story", "See the daily post"):
        await expect(visitor.guide.get_by_role("button", name=name)).to_be_visible()
    await visitor.command("fic search", query="spike")
    await expect(visitor.last).to_contain_text("“spike”")


async def test_the_guide_adds_a_story(visitor: Visitor) -> None:
    await visitor.guide.get_by_role("button", name="Add a story").click()
    await expect(visitor.form).to_be_visible()
    await expect(visitor.form.get_by_role("button", name=re.compile("^Remove "))).to_be_visible()
    await visitor.button("Submit").click()
    await expect(visitor.last.get_by_role("button", name="Publish")).to_be_visible()
    await expect(
        visitor.page.get_by_role("button", name=re.compile("^You are Moderator"))
    ).to_be_attached()
    await expect(visitor.guide).to_contain_text("(done)")


async def test_the_guide_shows_the_daily_post(visitor: Visitor) -> None:
    await visitor.guide.get_by_role("button", name="See the daily post").click()
    await expect(visitor.page.get_by_role("log", name="Messages in daily-rec")).to_be_attached()
    await expect(visitor.messages.filter(has_text=re.compile(r"by \w+")).first).to_be_visible()
    await expect(visitor.guide).to_contain_text("(done)")


async def test_the_guide_can_be_closed_for_good(visitor: Visitor) -> None:
    await visitor.button("Close first steps").click()
    await expect(visitor.guide).to_have_count(0)
    await visitor.page.reload()
    await expect(visitor.box).to_be_visible()
    await expect(visitor.guide).to_have_count(0)


@pytest.mark.parametrize("theme", ["dark", "light"])
async def test_the_theme_follows_the_system_and_then_the_visitor(
    stage: Stage, visit: Visiting, theme: Theme
) -> None:
    visitor = await visit(stage.sandbox, theme=theme)
    assert (await theme_of(visitor) or "dark") == theme
    other = "light" if theme == "dark" else "dark"
    await visitor.page.get_by_role("button", name=f"{other.capitalize()} theme").click()
    assert await theme_of(visitor) == other
    ground = "() => getComputedStyle(document.body).backgroundColor"
    colour = await visitor.page.evaluate(ground)
    await visitor.page.reload()
    await expect(visitor.box).to_be_visible()
    assert await theme_of(visitor) == other
    assert await visitor.page.evaluate(ground) == colour
