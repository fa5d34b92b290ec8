"""axe-core on every screen, in both themes: nothing serious."""

import json
from collections.abc import Awaitable, Callable
from importlib.resources import files

import pytest
from playwright.async_api import expect

from tests.page.conftest import Theme, Visiting
from tests.page.puppet import Puppet, form
from tests.page.stage import Stage
from tests.page.test_forms import BOX, BOXES, CHANNELS, FILES, LONG, RADIO, SELECT, SHORT, labelled
from tests.page.visitor import Visitor

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
Screen = Callable[[Visitor], Awaitable[None]]


async def findings(visitor: Visitor, theme: Theme) -> list[str]:
    """What is serious or critical, each with where it is. Of a theme only its colours are its own,
    so that the other rules are asked of the dark one alone."""
    if not await visitor.page.evaluate("'axe' in window"):
        await visitor.page.evaluate(AXE)
    options: dict[str, object] = {"resultTypes": ["violations"]}
    if theme == "light":
        options["runOnly"] = ["color-contrast"]
    found = await visitor.page.evaluate(
        "async (options) => (await axe.run(document, options)).violations", options
    )
    return [
        f"{rule['impact']}: {rule['help']}: {node['html'][:200]} {node['failureSummary']}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


async def empty(visitor: Visitor) -> None:
    await expect(visitor.guide).to_be_visible()


async def palette(visitor: Visitor) -> None:
    await visitor.box.fill("/")
    await expect(visitor.palette.get_by_role("option").first).to_be_visible()


async def choices(visitor: Visitor) -> None:
    await visitor.start("fic search")
    await visitor.field("query").press_sequentially("spike")
    await expect(visitor.choices.get_by_role("option").first).to_be_visible()


async def results(visitor: Visitor) -> None:
    await visitor.send_button.click()
    await expect(visitor.last).to_contain_text("“spike”")


async def select(visitor: Visitor) -> None:
    await visitor.last.get_by_role("combobox").first.click()
    await expect(visitor.page.get_by_role("option").first).to_be_visible()


async def excerpt(visitor: Visitor) -> None:
    await visitor.keys.press("Escape")
    await visitor.command("fic excerpt", work="Night School")
    await expect(visitor.last.get_by_role("blockquote").first).to_be_visible()


async def menu(visitor: Visitor) -> None:
    await visitor.message_menu(visitor.last)


async def people(visitor: Visitor) -> None:
    await visitor.keys.press("Escape")
    await visitor.page.get_by_role("button", name="You are").click()
    await expect(visitor.page.get_by_role("menuitemradio").first).to_be_visible()


def tools(tab: str) -> Screen:
    async def screen(visitor: Visitor) -> None:
        await visitor.keys.press("Escape")
        await visitor.open_tools(tab)

    screen.__name__ = tab
    return screen


# Each goes on from the one before it.
SCREENS: tuple[Screen, ...] = (
    empty,
    palette,
    choices,
    results,
    select,
    excerpt,
    menu,
    people,
    tools("Clock"),
    tools("Faults"),
    tools("Wire"),
)


@pytest.mark.parametrize("theme", ["dark", "light"])
async def test_nothing_serious_on_any_screen(stage: Stage, visit: Visiting, theme: Theme) -> None:
    visitor = await visit(stage.sandbox, theme=theme)
    found: dict[str, list[str]] = {}
    for screen in SCREENS:
        await screen(visitor)
        if serious := await findings(visitor, theme):
            found[screen.__name__] = serious
    assert found == {}, json.dumps(found, indent=1, ensure_ascii=False)


@pytest.mark.parametrize("theme", ["dark", "light"])
async def test_nothing_serious_in_a_form(visit: Visiting, puppet: Puppet, theme: Theme) -> None:
    visitor = await visit(puppet.sandbox, theme=theme)
    fields = [
        ("Name", SHORT),
        ("Words", LONG),
        ("Friend", SELECT),
        ("Where", CHANNELS),
        ("Files", FILES),
    ]
    more = [("Drink", RADIO), ("Extras", BOXES), ("In haste", BOX)]
    for some in (fields, more):
        parts = [labelled(label, field, "As on the cover") for label, field in some]
        puppet.answer = lambda interaction, parts=parts: form("A form", *parts)
        await visitor.command("ping")
        await expect(visitor.form).to_be_visible()
        assert await findings(visitor, theme) == []
        await visitor.keys.press("Escape")
        await expect(visitor.form).to_have_count(0)


@pytest.mark.parametrize("theme", ["dark", "light"])
async def test_nothing_serious_on_a_narrow_screen(
    stage: Stage, visit: Visiting, theme: Theme
) -> None:
    visitor = await visit(stage.sandbox, theme=theme, width=390)
    assert await findings(visitor, theme) == []
    await visitor.reveal_side()
    assert await findings(visitor, theme) == []
