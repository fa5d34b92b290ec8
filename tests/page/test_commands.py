"""Slash commands in the message box: the list, options of every type, choices while typing."""

import asyncio
import re

from playwright.async_api import expect

from sandbox import Sandbox
from tests.page.puppet import CHOICES, PING, Json, Puppet, options, said
from tests.page.stage import Stage
from tests.page.visitor import Visitor, text_file

KINDS = {
    "text": 3,
    "count": 4,
    "sure": 5,
    "who": 6,
    "where": 7,
    "role": 8,
    "anyone": 9,
    "size": 10,
    "file": 11,
}
EVERY = {
    "name": "every",
    "type": 1,
    "description": "Every type of option",
    "options": [
        {"type": kind, "name": name, "description": f"A {name}", "required": True}
        for name, kind in KINDS.items()
    ],
}
FIND = {
    "name": "find",
    "type": 1,
    "description": "Finds things",
    "options": [
        {
            "type": 3,
            "name": "query",
            "description": "What to find",
            "required": True,
            "autocomplete": True,
        },
        {
            "type": 4,
            "name": "among",
            "description": "Among how many",
            "min_value": 1,
            "max_value": 9,
        },
        {
            "type": 3,
            "name": "order",
            "description": "In which order",
            "choices": [{"name": "Newest", "value": "new"}, {"name": "Oldest", "value": "old"}],
        },
    ],
}


async def ready(guest: Visitor, puppet: Puppet, *commands: Json) -> None:
    """Have the puppet offer these."""
    await puppet.commands(PING, *commands)
    await guest.page.reload()
    await expect(guest.box).to_be_visible()
    puppet.answer = lambda interaction: said("Heard.")


async def test_the_list_says_what_there_is(visitor: Visitor) -> None:
    await visitor.box.press_sequentially("/")
    await expect(visitor.palette.get_by_role("option")).not_to_have_count(0)
    search = visitor.option("/fic search")
    await expect(search).to_contain_text(re.compile("[Ff]ind|[Ss]earch"))
    await visitor.box.press_sequentially("fic ex")
    await expect(visitor.palette.get_by_role("option")).to_have_count(1)
    await visitor.keys.press("Escape")
    await expect(visitor.palette).to_be_hidden()


async def test_members_are_not_offered_what_moderators_are(visitor: Visitor) -> None:
    await visitor.box.fill("/library")
    await expect(visitor.palette.get_by_role("option")).to_have_count(0)
    await visitor.box.fill("")
    await visitor.be("Moderator")
    await visitor.box.fill("/library")
    await expect(visitor.option("/library add")).to_be_visible()


async def test_what_is_not_there_is_said(visitor: Visitor) -> None:
    await visitor.say("/nothing at all")
    await expect(visitor.alerts.filter(has_text="/nothing")).to_be_visible()
    await expect(visitor.messages).to_have_count(0)


async def test_options_of_every_type(guest: Visitor, puppet: Puppet, sandbox: Sandbox) -> None:
    await ready(guest, puppet, EVERY)
    await guest.start("every")
    await guest.field("text").fill("words, words")
    await guest.field("count").fill("7")
    for name, label in (
        ("sure", "True"),
        ("who", "Owner"),
        ("where", "daily-rec"),
        ("role", "moderator"),
        ("anyone", "Moderator"),
    ):
        await guest.field(name).click()
        await guest.choices.get_by_role("option", name=re.compile(label)).first.click()
    await guest.field("size").fill("2.5")
    await guest.page.locator("input[type=file]").first.set_input_files(
        [text_file("one.txt", "Once.")]
    )
    await guest.send_button.click()
    await expect(guest.last).to_contain_text("Heard.")
    told = options(puppet.heard[-1])
    assert (told["text"], told["count"], told["sure"], told["size"]) == (
        "words, words",
        7,
        True,
        2.5,
    )
    assert told["who"] == str(sandbox.world.account_named("owner").id)
    assert told["where"] == str(puppet.channel("daily-rec"))
    resolved = puppet.heard[-1]["data"]["resolved"]
    assert resolved["attachments"][told["file"]]["filename"] == "one.txt"
    assert told["role"] in resolved["roles"]


async def test_a_missing_or_wrong_option_is_said_and_nothing_lost(
    guest: Visitor, puppet: Puppet
) -> None:
    await ready(guest, puppet, EVERY)
    await guest.start("every")
    await guest.field("text").fill("kept")
    await guest.field("count").fill("many")
    await guest.send_button.click()
    await expect(guest.alerts.filter(has_text=re.compile("sure|count|number"))).to_be_visible()
    await expect(guest.field("text")).to_have_value("kept")
    assert puppet.heard == []


async def test_choices_come_while_typing(visitor: Visitor) -> None:
    await visitor.start("fic search")
    await visitor.field("query").press_sequentially("spi")
    await expect(visitor.choices.get_by_role("option").first).to_be_visible()
    night_school = visitor.choices.get_by_role("option", name=re.compile("Night School"))
    await night_school.click()
    await expect(visitor.field("query")).to_have_value(re.compile("Night School"))
    await visitor.send_button.click()
    await expect(visitor.last).to_contain_text("crypt_keeping")


async def test_the_newest_answer_wins(guest: Visitor, puppet: Puppet) -> None:
    """Answers may overtake each other; what is shown belongs to what stands in the box."""
    await ready(guest, puppet, FIND)
    asked: dict[str, asyncio.Event] = {text: asyncio.Event() for text in ("", "a", "ab", "abc")}
    free: dict[str, asyncio.Event] = {text: asyncio.Event() for text in asked}

    async def answer(interaction: Json) -> Json:
        if interaction["type"] != 4:
            return said("Heard.")
        typed = interaction["data"]["options"][0]["value"]
        asked[typed].set()
        await free[typed].wait()
        return {"type": CHOICES, "data": {"choices": [{"name": f"for {typed}", "value": typed}]}}

    puppet.answer = answer
    free[""].set()
    await guest.start("find")
    for letter in "abc":
        await guest.field("query").press_sequentially(letter)
        await asyncio.wait_for(asked["abc"[: "abc".index(letter) + 1]].wait(), 5)
    free["abc"].set()
    await expect(guest.choices.get_by_role("option")).to_have_text([re.compile("for abc")])
    free["ab"].set()
    free["a"].set()
    await expect(guest.choices.get_by_role("option")).to_have_text([re.compile("for abc")])
    await guest.keys.press("Enter")
    await guest.send_button.click()
    await expect(guest.last).to_contain_text("Heard.")
    assert options(puppet.heard[-1]) == {"query": "abc"}


async def test_a_file_is_dropped_on_the_box(guest: Visitor, puppet: Puppet) -> None:
    await guest.drop(guest.box, text_file("story.txt", "Once."), text_file("two.txt", "Twice."))
    attached = guest.page.get_by_role("listitem").filter(
        has=guest.page.get_by_role("button", name=re.compile(r"^Remove "))
    )
    await expect(attached).to_have_count(2)
    await guest.page.get_by_role("button", name="Remove two.txt").click()
    await expect(attached).to_have_count(1)
    await guest.say("Here it is.")
    await expect(guest.last).to_contain_text("Here it is.")
    await expect(guest.last.get_by_role("link", name="story.txt", exact=True)).to_be_visible()
    await expect(attached).to_have_count(0)


async def test_a_file_is_dropped_on_an_option(guest: Visitor, puppet: Puppet) -> None:
    give = {
        "name": "give",
        "type": 1,
        "description": "Gives a file",
        "options": [{"type": 11, "name": "file", "description": "A file", "required": True}],
    }
    await ready(guest, puppet, give)
    await guest.start("give")
    await guest.drop(
        guest.page.get_by_role("main").locator("form"), text_file("story.txt", "Once.")
    )
    await expect(guest.page.get_by_role("button", name="Remove story.txt")).to_be_visible()
    await guest.send_button.click()
    await expect(guest.last).to_contain_text("Heard.")
    (file,) = puppet.heard[-1]["data"]["resolved"]["attachments"].values()
    assert (file["filename"], file["size"]) == ("story.txt", 5)


async def test_lines_are_kept_and_messages_not_sent_empty(guest: Visitor) -> None:
    await guest.box.press("Enter")
    await guest.box.press_sequentially("one")
    await guest.box.press("Shift+Enter")
    await guest.box.press_sequentially("two")
    await guest.box.press("Enter")
    await expect(guest.messages).to_have_count(1)
    await expect(guest.last).to_contain_text(re.compile(r"one\s*two"))
    await expect(guest.box).to_have_value("")


async def test_the_whole_of_a_command_by_typing(visitor: Visitor, stage: Stage) -> None:
    """As fast fingers do: command, space, words, Enter; what is proposed is not taken."""
    await visitor.box.focus()
    await visitor.keys.type("/fic search")
    await visitor.keys.press("Tab")
    await expect(visitor.field("query")).to_be_focused()
    await visitor.keys.type("spike")
    await expect(visitor.choices.get_by_role("option").first).to_be_visible()
    await visitor.keys.press("Escape")
    await visitor.keys.press("Enter")
    await expect(visitor.last).to_contain_text("“spike”")
    await expect(visitor.box).to_be_focused()
