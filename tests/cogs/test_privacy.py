"""/privacy: what is held of a member, given to them and deleted."""

import json

import aiohttp

from db.models import Viewer
from sandbox import Message, User
from tests.cogs.conftest import Rig, labels, refusal


async def exported(message: Message) -> dict[str, object]:
    """The file that a message holds."""
    [attachment] = message.attachments
    async with aiohttp.ClientSession() as session, session.get(attachment["url"]) as response:
        return json.loads(await response.read())


async def test_a_member_gets_what_is_held_of_them(member: User, moderator: User, rig: Rig):
    await member.command("fic rec", work="twelfth boat", why="It counts boats.")
    await moderator.command("fic rec", work="twelfth boat", why="Not the member's.")
    message = (await member.command("privacy export")).message
    assert message.ephemeral
    assert message.content == "What I hold about you in this server: recommendations 1."
    held = await exported(message)
    assert held["member"] == str(rig.user_id("member"))
    [rec] = held["recommendations"]
    assert (rec["why"], rec["title"]) == ("It counts boats.", "The Twelfth Boat")
    assert "Not the member's." not in json.dumps(held)


async def test_a_member_of_whom_nothing_is_held_is_told_so(member: User):
    said = refusal(await member.command("privacy export"))
    assert said == "I hold nothing about you in this server."


async def test_nothing_is_deleted_before_it_is_confirmed(member: User):
    await member.command("fic rec", work="twelfth boat", why="It counts boats.")
    asked = (await member.command("privacy delete")).message
    assert asked.ephemeral
    assert "in this server?" in asked.text
    assert labels(asked) == ["Delete it", "Keep it"]
    kept = (await member.press(asked, "Keep it")).message
    assert kept.text == "Nothing was deleted."
    assert "counts boats" in (await member.command("fic show", work="twelfth boat")).message.text


async def test_a_member_is_forgotten_in_one_server(member: User, moderator: User, rig: Rig):
    await member.command("fic rec", work="twelfth boat", why="It counts boats.")
    await moderator.command("fic rec", work="twelfth boat", why="Somebody else's.")
    theirs = await rig.library.resolve(rig.next_door_id, "twelfth boat", Viewer())
    user_id = rig.user_id("member")
    elsewhere = (rig.next_door_id, theirs.work_id)
    await rig.library.members.recommend(*elsewhere, Viewer(user_id), "Elsewhere.")
    asked = (await member.command("privacy delete")).message
    done = (await member.press(asked, "Delete it")).message
    assert done.id == asked.id
    assert done.text == "Deleted: recommendations 1."
    card = (await member.command("fic show", work="twelfth boat")).message.text
    assert "counts boats" not in card
    assert "Somebody else's." in card
    assert await rig.library.members.recs(*elsewhere) != []
    again = (await member.command("privacy delete")).message
    assert (await member.press(again, "Delete it")).message.text == "There was nothing to delete."


async def test_a_member_is_forgotten_everywhere(member: User, rig: Rig):
    await member.command("fic rec", work="twelfth boat", why="It counts boats.")
    theirs = await rig.library.resolve(rig.next_door_id, "twelfth boat", Viewer())
    elsewhere = (rig.next_door_id, theirs.work_id)
    await rig.library.members.recommend(*elsewhere, Viewer(rig.user_id("member")), "Elsewhere.")
    asked = (await member.command("privacy delete", everywhere=True)).message
    assert "in every server that I serve?" in asked.text
    done = (await member.press(asked, "Delete it")).message
    assert done.text == "Deleted: recommendations 2."
    assert await rig.library.members.recs(*elsewhere) == []


async def test_what_a_moderator_did_stays_without_them(moderator: User, rig: Rig):
    work = f"#{rig.ids['The Twelfth Boat']}"
    asked = (await moderator.command("library remove", work=work, why="My own words")).message
    await moderator.press(asked, "Remove")
    asked = (await moderator.command("privacy delete")).message
    said = (await moderator.press(asked, "Delete it")).message.text
    assert said == "Deleted: lists asked for 1, log entries 1."
    log = (await moderator.command("library log")).message.text
    assert "somebody who was forgotten · remove **The Twelfth Boat**" in log
    assert "My own words" not in log


async def test_a_made_up_button_is_refused(member: User):
    asked = (await member.command("privacy delete")).message
    for made_up in ("privacy-delete", "privacy-delete:2", "privacy-delete:0:1"):
        assert "older version" in refusal(await member.forced.press(asked, made_up))


async def test_it_works_in_servers_only(member: User):
    for command in ("privacy export", "privacy delete"):
        said = refusal(await member.at("dm").forced.command(command))
        assert said == "This works in a server only, not in direct messages."
