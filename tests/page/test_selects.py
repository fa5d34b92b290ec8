"""Selects in messages: of options, people, roles, both, and channels."""

import re

import pytest
from playwright.async_api import Locator, expect

from tests.page.puppet import Json, Puppet, said
from tests.page.visitor import Visitor

OPTIONS = [
    {"label": "First", "value": "1", "description": "The one before the others"},
    {"label": "Second", "value": "2", "emoji": {"name": "⭐"}},
    {"label": "Third", "value": "3"},
]


async def hung(guest: Visitor, puppet: Puppet, **select: object) -> Locator:
    """A message with a select."""
    given: Json = {"type": 3, "custom_id": "s", "placeholder": "Choose one", **select}
    if given["type"] == 3:
        given.setdefault("options", OPTIONS)
    puppet.answer = lambda interaction: said(f"Chosen: {interaction['data']['values']}")
    await puppet.say([{"type": 1, "components": [given]}])
    combo = guest.log.get_by_role("combobox", name="Choose one")
    await expect(combo).to_be_visible()
    return combo


async def chosen(guest: Visitor, *values: object) -> None:
    await expect(guest.last).to_contain_text(f"Chosen: {[str(value) for value in values]}")


async def test_one_of_a_list(guest: Visitor, puppet: Puppet) -> None:
    combo = await hung(guest, puppet)
    await expect(combo).to_have_attribute("aria-expanded", "false")
    await combo.click()
    await expect(combo).to_have_attribute("aria-expanded", "true")
    await expect(guest.option("First")).to_contain_text("The one before the others")
    await guest.page.get_by_role("option", name=re.compile("Second")).click()
    await chosen(guest, 2)


async def test_several_of_a_list(guest: Visitor, puppet: Puppet) -> None:
    combo = await hung(guest, puppet, min_values=1, max_values=2)
    await combo.click()
    await expect(guest.page.get_by_role("listbox")).to_have_attribute(
        "aria-multiselectable", "true"
    )
    await guest.option("First").click()
    await guest.option("Third").click()
    await expect(guest.option("Third")).to_have_attribute("aria-selected", "true")
    await guest.keys.press("Escape")
    await chosen(guest, 1, 3)


async def test_by_keyboard(guest: Visitor, puppet: Puppet) -> None:
    combo = await hung(guest, puppet)
    await combo.focus()
    await guest.keys.press("ArrowDown")
    await expect(guest.page.get_by_role("listbox")).to_be_visible()
    await guest.keys.press("Escape")
    await expect(guest.page.get_by_role("listbox")).to_have_count(0)
    await expect(combo).to_be_focused()
    await guest.keys.press("Enter")
    await guest.keys.press("End")
    await guest.keys.press("Enter")
    await chosen(guest, 3)


@pytest.mark.parametrize(
    ("kind", "label"), [(5, "Owner"), (6, "moderator"), (7, "Owner"), (8, "daily-rec")]
)
async def test_people_roles_and_channels(
    guest: Visitor, puppet: Puppet, kind: int, label: str
) -> None:
    world = guest.sandbox.world
    (room, *_) = world.guilds.values()
    ids = {account.display_name: account.id for account in world.accounts.values()}
    ids |= {role.name: role.id for role in room.roles.values()}
    ids |= {channel.name: channel.id for channel in world.channels.values()}
    combo = await hung(guest, puppet, type=kind)
    await combo.click()
    await guest.page.get_by_role("option", name=re.compile(label)).click()
    await chosen(guest, ids[label])


async def test_defaults_and_disabled(guest: Visitor, puppet: Puppet) -> None:
    preset = [{**OPTIONS[0], "default": True}, *OPTIONS[1:]]
    combo = await hung(guest, puppet, options=preset)
    await expect(combo).to_contain_text("First")
    off = {"type": 3, "custom_id": "off", "placeholder": "Off", "options": OPTIONS}
    await puppet.say([{"type": 1, "components": [{**off, "disabled": True}]}])
    await expect(guest.log.get_by_role("combobox", name="Off")).to_be_disabled()


async def test_a_long_list_stays_on_the_screen(guest: Visitor, puppet: Puppet) -> None:
    many = [{"label": f"Number {n}", "value": str(n)} for n in range(25)]
    combo = await hung(guest, puppet, options=many)
    await combo.click()
    box = await guest.page.get_by_role("listbox").bounding_box()
    assert box
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= 844
    await guest.keys.press("End")
    await expect(guest.option("Number 24")).to_be_in_viewport()
