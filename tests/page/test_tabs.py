"""Several people at once, and lines that break."""

import re

from playwright.async_api import expect

from sandbox import Sandbox
from tests.page.conftest import Visiting
from tests.page.puppet import Puppet, puppet_in, said
from tests.page.stage import START, Stage
from tests.page.visitor import Visitor

BROKEN_LINE = "WebSocket connection to"  # a browser tells its console of each


async def test_two_members_in_two_tabs(stage: Stage, visit: Visiting) -> None:
    member = await visit(stage.sandbox)
    moderator = await visit(stage.sandbox)
    await moderator.be("Moderator")
    await moderator.say("Who has read the one with the lift?")
    await expect(member.last).to_contain_text("the one with the lift")
    await expect(member.last).to_have_accessible_name(re.compile("^Moderator, "))
    await member.say("I have.")
    await expect(moderator.last).to_contain_text("I have.")
    # What only one of them sees.
    await member.command("privacy delete")
    await expect(member.last).to_contain_text("Only you can see this")
    await member.say("Done.")
    await expect(moderator.last).to_contain_text("Done.")
    await expect(moderator.log).not_to_contain_text("Only you can see this")


async def test_a_member_is_not_told_of_what_they_cannot_see(stage: Stage, visit: Visiting) -> None:
    member = await visit(stage.sandbox)
    moderator = await visit(stage.sandbox)
    await moderator.be("Moderator")
    await moderator.go("mod-desk")
    await moderator.say("Between us.")
    await expect(moderator.last).to_contain_text("Between us.")
    await expect(member.channels.get_by_role("button", name="mod-desk")).to_have_count(0)
    await expect(member.page.get_by_text("Between us.")).to_have_count(0)


async def test_who_changes_server_sees_that_one(visitor: Visitor) -> None:
    await visitor.be("Stranger")
    await expect(visitor.page.get_by_role("log", name="Messages in lobby")).to_be_attached()
    await expect(visitor.channels.get_by_role("button", name="general")).to_have_count(0)
    await expect(visitor.servers.get_by_role("button", name="Next Door")).to_have_attribute(
        "aria-current", "true"
    )
    await visitor.command("fic search", query="spike")
    await expect(visitor.last).not_to_contain_text("Night School")


async def test_where_one_was_is_kept_by_the_tab(visitor: Visitor) -> None:
    await visitor.be("Moderator")
    await visitor.go("mod-desk")
    await visitor.say("Still here.")
    await visitor.page.reload()
    await expect(visitor.page.get_by_role("log", name="Messages in mod-desk")).to_be_attached()
    await expect(visitor.last).to_contain_text("Still here.")
    assert "token" not in visitor.page.url


async def test_a_channel_elsewhere_shows_that_it_has_news(stage: Stage, visit: Visiting) -> None:
    member = await visit(stage.sandbox)
    async with stage.user("moderator", "daily-rec") as moderator:
        await moderator.say("News.")
    await member.go("daily-rec")
    await expect(member.last).to_contain_text("News.")


async def test_the_line_is_lost_and_found(visit: Visiting, sandbox: Sandbox) -> None:
    """The sandbox goes away and comes back at the same address, as with Ctrl+C and `make try`."""
    async with Sandbox(0, "the same", start=START) as first:
        port = first.port
        visitor = await visit(first, excused=(BROKEN_LINE,))
        await visitor.say("Before.")
        await expect(visitor.last).to_contain_text("Before.")
    lost = visitor.alerts.filter(has_text="sandbox is gone")
    await expect(lost.first).to_be_visible()
    async with Sandbox(port, "the same", start=START) as second:
        assert second.port == port
        await expect(lost).to_have_count(0)
        await expect(visitor.messages).to_have_count(0)
        await visitor.say("After.")
        await expect(visitor.last).to_contain_text("After.")
        await visitor.page.context.close()


async def test_what_is_asked_while_the_line_is_lost_is_said(
    visit: Visiting, sandbox: Sandbox
) -> None:
    async with Sandbox(0, "the same", start=START) as first:
        visitor = await visit(first, excused=(BROKEN_LINE,))
    await visitor.box.fill("Into the void")
    lost = visitor.alerts.filter(has_text="sandbox is gone")
    await expect(lost.first).to_be_visible()
    await expect(visitor.box).to_have_value("Into the void")
    await visitor.page.context.close()


async def test_a_wrong_token_is_said(visit: Visiting, sandbox: Sandbox) -> None:
    visitor = await visit(sandbox, excused=(BROKEN_LINE,))
    await visitor.page.evaluate("sessionStorage.clear()")
    await visitor.page.goto(f"{sandbox.api}/#token=wrong")
    await visitor.page.reload()
    refused = visitor.page.get_by_text(re.compile("token|address", re.IGNORECASE))
    await expect(refused.first).to_be_visible()


async def test_a_bot_that_is_not_there_is_said(visit: Visiting, sandbox: Sandbox) -> None:
    visitor = await visit(sandbox)
    await expect(
        visitor.page.get_by_text(re.compile("offline|not connected")).first
    ).to_be_visible()
    async with puppet_in(sandbox) as puppet:
        puppet.answer = lambda interaction: said("Here.")
        await visitor.command("ping")
        await expect(visitor.last).to_contain_text("Here.")
        await visitor.page.context.close()


async def test_a_button_that_is_pressed_shows_that_it_waits(guest: Visitor, puppet: Puppet) -> None:
    import asyncio

    free = asyncio.Event()

    async def answer(interaction: dict[str, object]) -> dict[str, object]:
        await free.wait()
        return said("Now.")

    puppet.answer = answer
    button = {"type": 2, "style": 1, "label": "Wait", "custom_id": "wait"}
    await puppet.say([{"type": 1, "components": [button]}])
    pressed = guest.last.get_by_role("button", name="Wait")
    message = guest.last
    await pressed.click()
    await expect(
        guest.log.locator("[aria-busy=true], :disabled, [aria-disabled=true]").first
    ).to_be_visible()
    free.set()
    await expect(guest.last).to_contain_text("Now.")
    await expect(message).to_be_visible()
