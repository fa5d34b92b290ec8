"""Forms with every field that Discord has, filled in with the mouse, the keys and dropped files."""

import re

from playwright.async_api import expect

from tests.page.puppet import Json, Puppet, form, said, values
from tests.page.visitor import Visitor, text_file


def labelled(label: str, component: Json, description: str | None = None) -> Json:
    return {"type": 18, "label": label, "description": description, "component": component}


def options(*names: str) -> list[Json]:
    return [{"label": name, "value": name.lower(), "description": f"of {name}"} for name in names]


SHORT = {"type": 4, "style": 1, "custom_id": "short", "max_length": 20}
LONG = {"type": 4, "style": 2, "custom_id": "long", "required": False, "value": "as it was"}
SELECT = {"type": 3, "custom_id": "one", "placeholder": "One", "options": options("Ann", "Bob")}
MANY = {
    "type": 3,
    "custom_id": "many",
    "placeholder": "Some",
    "min_values": 1,
    "max_values": 2,
    "options": options("Cat", "Dog", "Eel"),
}
PEOPLE = {"type": 5, "custom_id": "who", "placeholder": "Who", "required": False}
ROLES = {"type": 6, "custom_id": "role", "placeholder": "Which role", "required": False}
CHANNELS = {"type": 8, "custom_id": "where", "placeholder": "Where", "required": False}
FILES = {"type": 19, "custom_id": "files", "min_values": 0, "max_values": 2, "required": False}
RADIO = {"type": 21, "custom_id": "radio", "options": options("Tea", "Rum")}
BOXES = {
    "type": 22,
    "custom_id": "boxes",
    "min_values": 0,
    "max_values": 2,
    "required": False,
    "options": options("Milk", "Salt"),
}
BOX = {"type": 23, "custom_id": "box"}


async def opened(guest: Visitor, puppet: Puppet, *components: Json, title: str = "A form") -> None:
    """Have the puppet answer /ping with a form, which it takes once."""

    def answer(interaction: Json) -> Json:
        return form(title, *components) if interaction["type"] == 2 else said("Taken.")

    puppet.answer = answer
    await guest.command("ping")
    await expect(guest.form).to_have_accessible_name(title)


async def sent(guest: Visitor, puppet: Puppet) -> Json:
    """Submit the form; what the bot was told."""
    await guest.button("Submit").click()
    await expect(guest.last).to_contain_text("Taken.")
    await expect(guest.form).to_have_count(0)
    return values(puppet.heard[-1])


async def test_texts_and_selects(guest: Visitor, puppet: Puppet) -> None:
    await opened(
        guest,
        puppet,
        labelled("Name", SHORT, "As on the cover"),
        labelled("Words", LONG),
        labelled("Friend", SELECT),
        labelled("Animals", MANY),
    )
    name = guest.form.get_by_label("Name")
    await expect(name).to_be_focused()
    await expect(name).to_have_accessible_description(re.compile("As on the cover"))
    await name.fill("Wren")
    await expect(guest.form.get_by_label("Words")).to_have_value("as it was")
    await choose(guest, "Friend", "Bob")
    await choose(guest, "Animals", "Cat", "Eel")
    told = await sent(guest, puppet)
    assert told == {"short": "Wren", "long": "as it was", "one": ["bob"], "many": ["cat", "eel"]}


async def test_people_roles_and_channels(guest: Visitor, puppet: Puppet) -> None:
    await opened(
        guest,
        puppet,
        labelled("Person", PEOPLE),
        labelled("Role", ROLES),
        labelled("Channel", CHANNELS),
    )
    await choose(guest, "Person", "Owner")
    await choose(guest, "Role", "moderator")
    await choose(guest, "Channel", "daily-rec")
    told = await sent(guest, puppet)
    world = guest.sandbox.world
    assert told["who"] == [str(world.account_named("owner").id)]
    assert told["where"] == [str(puppet.channel("daily-rec"))]
    assert len(told["role"]) == 1


async def test_radios_and_boxes(guest: Visitor, puppet: Puppet) -> None:
    await opened(
        guest,
        puppet,
        {"type": 10, "content": "Choose **well**."},
        labelled("Drink", RADIO),
        labelled("Extras", BOXES),
        labelled("In haste", BOX),
    )
    await expect(guest.form).to_contain_text("Choose well.")
    await guest.form.get_by_role("radio", name="Rum").check()
    await guest.form.get_by_role("checkbox", name="Salt").check()
    await guest.form.get_by_role("checkbox", name="In haste").check()
    told = await sent(guest, puppet)
    assert told == {"radio": "rum", "boxes": ["salt"], "box": True}


async def test_files_are_chosen_dropped_and_taken_away(guest: Visitor, puppet: Puppet) -> None:
    await opened(guest, puppet, labelled("Stories", FILES))
    picker = guest.form.locator("input[type=file]")
    await picker.set_input_files([text_file("one.txt", "Once.")])
    await expect(guest.form.get_by_role("listitem").filter(has_text="one.txt")).to_be_visible()
    await guest.drop(guest.form, text_file("two.txt", "Twice."))
    await guest.form.get_by_role("button", name="Remove one.txt").click()
    await expect(guest.form.get_by_role("listitem")).to_have_count(1)
    told = await sent(guest, puppet)
    (file_id,) = told["files"]
    kept = puppet.heard[-1]["data"]["resolved"]["attachments"][file_id]
    assert (kept["filename"], kept["size"]) == ("two.txt", 6)


async def test_a_form_keeps_what_was_typed_when_it_is_refused(
    guest: Visitor, puppet: Puppet
) -> None:
    await opened(guest, puppet, labelled("Name", {**SHORT, "min_length": 5}))
    name = guest.form.get_by_label("Name")
    await name.fill("Wren")
    await guest.button("Submit").click()
    await expect(guest.form.get_by_role("alert")).to_be_visible()
    await expect(name).to_have_value("Wren")
    await name.fill("Wrenna")
    assert await sent(guest, puppet) == {"short": "Wrenna"}


async def test_a_form_by_keyboard_alone(guest: Visitor, puppet: Puppet) -> None:
    await opened(guest, puppet, labelled("Name", SHORT), labelled("Friend", SELECT))
    await guest.keys.type("Wren")
    await guest.keys.press("Tab")
    await guest.keys.press("Enter")
    await guest.keys.press("ArrowDown")
    await guest.keys.press("Enter")
    await expect(guest.form.get_by_role("combobox")).to_contain_text("Bob")
    # Round and round, but never out of the form.
    for _ in range(8):
        await guest.keys.press("Tab")
        inside = "() => document.activeElement.closest('dialog') !== null"
        assert await guest.page.evaluate(inside)
    await guest.form.get_by_label("Name").focus()
    await guest.keys.press("Enter")
    await expect(guest.last).to_contain_text("Taken.")
    assert values(puppet.heard[-1]) == {"short": "Wren", "one": ["bob"]}


async def test_a_cancelled_form_gives_the_focus_back(guest: Visitor, puppet: Puppet) -> None:
    puppet.answer = lambda interaction: form("A form", labelled("Name", SHORT))
    button = {"type": 2, "style": 1, "label": "Open", "custom_id": "open"}
    await puppet.say([{"type": 1, "components": [button]}])
    opener = guest.last.get_by_role("button", name="Open")
    await opener.focus()
    for way in ("Escape", "Cancel"):
        await guest.keys.press("Enter")
        await expect(guest.form).to_be_visible()
        if way == "Escape":
            await guest.keys.press("Escape")
        else:
            await guest.button("Cancel").click()
        await expect(guest.form).to_have_count(0)
        await expect(opener).to_be_focused()
    assert [one["type"] for one in puppet.heard] == [3, 3]


async def choose(guest: Visitor, label: str, *names: str) -> None:
    """Choose in a select of the form."""
    combo = guest.form.get_by_role("combobox", name=re.compile(label))
    await combo.click()
    for name in names:
        await guest.page.get_by_role("option", name=re.compile(name)).click()
    if len(names) > 1:
        await guest.keys.press("Escape")
    await expect(guest.page.get_by_role("listbox")).to_have_count(0)
