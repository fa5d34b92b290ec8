"""The messages of a channel: their menu, replies, deletions, and very many of them."""

import re
from datetime import timedelta

from playwright.async_api import expect

from sandbox import Sandbox
from sandbox.model import Message
from tests.page.conftest import Visiting
from tests.page.puppet import PING, Puppet, said
from tests.page.stage import Stage
from tests.page.visitor import Visitor

MENU = {"name": "Take note", "type": 3}


async def test_a_messages_menu(guest: Visitor, puppet: Puppet) -> None:
    await puppet.commands(PING, MENU)
    await guest.page.reload()
    puppet.answer = lambda interaction: said("Noted.", only_to_them=True)
    await guest.say("Once upon a time")
    menu = await guest.message_menu(guest.last)
    items = menu.get_by_role("menuitem")
    await expect(items.first).to_have_text("Take note")
    for name in ("Reply", "Copy text", "Delete message"):
        await expect(items.filter(has_text=name)).to_be_visible()
    await items.filter(has_text="Take note").click()
    await expect(guest.last).to_contain_text("Noted.")
    (target,) = puppet.heard[-1]["data"]["resolved"]["messages"].values()
    assert target["content"] == "Once upon a time"


async def test_the_menu_by_right_click_and_by_keyboard(guest: Visitor) -> None:
    await guest.say("Once upon a time")
    await expect(guest.messages).to_have_count(1)
    await guest.last.click(button="right")
    items = guest.menu.get_by_role("menuitem")
    await expect(items.first).to_be_focused()
    await guest.keys.press("ArrowDown")
    await expect(items.nth(1)).to_be_focused()
    await guest.keys.press("Escape")
    await expect(guest.menu).to_have_count(0)
    more = guest.last.get_by_role("button", name="More", exact=True)
    await more.focus()
    await guest.keys.press("Enter")
    await expect(items.first).to_be_focused()
    await guest.keys.press("End")
    await guest.keys.press("Enter")
    await expect(guest.messages).to_have_count(0)


async def test_a_reply_is_begun_and_dropped_and_sent(guest: Visitor, puppet: Puppet) -> None:
    await puppet.say("Who reads this?")
    await (await guest.message_menu(guest.last)).get_by_role("menuitem", name="Reply").click()
    await expect(guest.box).to_be_focused()
    replying = guest.page.get_by_text(re.compile("Replying to Ficshelf"))
    await expect(replying).to_be_visible()
    await guest.keys.press("Escape")
    await expect(replying).to_have_count(0)
    await (await guest.message_menu(guest.last)).get_by_role("menuitem", name="Reply").click()
    await guest.keys.type("I do.")
    await guest.keys.press("Enter")
    await expect(guest.last).to_contain_text("I do.")
    await expect(guest.last).to_contain_text("Who reads this?")


async def test_text_is_copied(guest: Visitor) -> None:
    await guest.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await guest.say("Copy **me**")
    await (await guest.message_menu(guest.last)).get_by_role("menuitem", name="Copy text").click()
    await expect(guest.menu).to_have_count(0)
    assert await guest.page.evaluate("navigator.clipboard.readText()") == "Copy **me**"


async def test_only_ones_own_and_what_one_moderates_is_deleted(
    guest: Visitor, puppet: Puppet
) -> None:
    await puppet.say("Not yours")
    delete = guest.menu.get_by_role("menuitem", name="Delete message")
    await guest.message_menu(guest.last)
    await expect(delete).to_have_count(0)
    await guest.keys.press("Escape")
    await guest.be("Moderator")
    await guest.message_menu(guest.last)
    await delete.click()
    await expect(guest.messages).to_have_count(0)


async def test_what_only_you_see_is_dismissed(guest: Visitor, puppet: Puppet) -> None:
    puppet.answer = lambda interaction: said("For you.", only_to_them=True)
    await guest.command("ping")
    await expect(guest.last).to_contain_text("For you.")
    await expect(guest.last).to_contain_text("Only you can see this")
    menu = await guest.message_menu(guest.last)
    await menu.get_by_role("menuitem", name="Dismiss message").click()
    await expect(guest.messages).to_have_count(0)


async def test_a_message_goes_into_the_library_by_its_menu(visitor: Visitor, stage: Stage) -> None:
    story = "“We had better go back,” Anne said, and the gate swung to behind them. " * 12
    await visitor.be("Moderator")
    await visitor.say(story)
    await expect(visitor.last).to_contain_text("the gate swung to")
    menu = await visitor.message_menu(visitor.last)
    await menu.get_by_role("menuitem", name="Add to library").click()
    await expect(visitor.last).to_contain_text("Only you can see this")
    await expect(visitor.last.get_by_role("button").first).to_be_visible()


def crowd(sandbox: Sandbox, count: int, channel: str = "general") -> None:
    """Messages that were all there before, of three people."""
    world = sandbox.world
    place = next(one for one in world.channels.values() if one.name == channel)
    people = [world.account_named(name).id for name in ("member", "moderator", "owner")]
    for n in range(count):
        when = world.clock.now() - timedelta(seconds=30 * (count - n))
        text = f"Message number {n}"
        one = Message(world.new_id(), place.id, people[n // 3 % 3], when, text)
        place.messages[one.id] = one


async def test_a_thousand_messages(visit: Visiting, sandbox: Sandbox) -> None:
    crowd(sandbox, 1000)
    visitor = await visit(sandbox)
    await expect(visitor.last).to_contain_text("Message number 999")
    await expect(visitor.last).to_be_in_viewport()
    # Older ones come as they are scrolled to, without a gap.
    await visitor.messages.nth(-6).hover()
    while (shown := await visitor.messages.count()) < 250:
        await visitor.page.mouse.wheel(0, -100_000)
        await expect(visitor.messages.nth(shown)).to_be_attached()
    numbers = await visitor.messages.evaluate_all(
        "(all) => all.map((one) => Number(/number ([0-9]+)/.exec(one.textContent)[1]))"
    )
    assert numbers == list(range(1000 - len(numbers), 1000))


async def test_new_messages_are_followed_at_the_end_only(
    visit: Visiting, sandbox: Sandbox, puppet: Puppet
) -> None:
    crowd(sandbox, 45)
    visitor = await visit(sandbox)
    await expect(visitor.last).to_be_in_viewport()
    await puppet.say("The newest")
    await expect(visitor.last).to_contain_text("The newest")
    await expect(visitor.last).to_be_in_viewport()
    await visitor.messages.nth(-3).hover()
    await visitor.page.mouse.wheel(0, -100_000)
    early = visitor.messages.first
    await expect(early).to_be_in_viewport()
    await puppet.say("The very newest")
    await expect(visitor.last).to_contain_text("The very newest")
    await expect(early).to_be_in_viewport()
    await expect(visitor.last).not_to_be_in_viewport()
    await visitor.page.get_by_role("button", name="New messages").click()
    await expect(visitor.last).to_be_in_viewport()


async def test_messages_in_a_row_by_one_person_share_a_head(
    visit: Visiting, sandbox: Sandbox, puppet: Puppet
) -> None:
    crowd(sandbox, 6)
    visitor = await visit(sandbox)
    await expect(visitor.messages).to_have_count(6)
    names = visitor.log.get_by_text("Member", exact=True)
    await expect(names).to_have_count(1)


async def test_an_answer_is_scrolled_to(visitor: Visitor) -> None:
    await visitor.page.set_viewport_size({"width": 1280, "height": 700})
    for query in ("spike", "winkie", "spike"):
        await visitor.command("fic search", query=query)
        await expect(visitor.last).to_contain_text(f"“{query}”")
        await expect(visitor.last.get_by_role("combobox")).to_be_in_viewport(ratio=1)
