"""/fic rec and /fic unrec, and recs on cards."""

import pytest

from db.models import SearchRequest, Viewer
from sandbox import User
from tests.cogs.conftest import Rig, refusal
from tests.cogs.shelf import a_work

NASTY = "@everyone <@&1> [x](http://evil.example) ||s|| \u202e# -# ```\n# Big\n> mine"


async def test_a_rec_is_said_to_the_channel_and_stands_on_the_card(
    member: User, moderator: User, rig: Rig
):
    said = (await member.command("fic rec", work="twelfth boat", why="  It counts boats. ")).message
    assert not said.ephemeral
    who = rig.user_id("member")
    rec = f"> It counts boats.\n-# recommended by <@{who}>"
    assert said.text.startswith("A recommendation\n### [The Twelfth Boat]")
    assert rec in said.text
    assert not said.payload["mentions"]
    for card in (
        (await moderator.command("fic show", work="twelfth boat")).message,
        (await moderator.command("fic search", query=f"#{rig.ids['The Twelfth Boat']}")).message,
        said,
    ):
        assert rec in card.text
        # Between the summary and the facts.
        assert "A boat is missing from the quay." in card.text.partition(rec)[0]
        assert "words · about" in card.text.partition(rec)[2]


async def test_another_rec_of_the_same_fic_changes_the_words(member: User):
    await member.command("fic rec", work="twelfth boat", why="It counts boats.")
    said = (await member.command("fic rec", work="twelfth boat", why="Better: fog.")).message
    assert said.text.startswith("Recommendation changed\n")
    card = (await member.command("fic show", work="twelfth boat")).message
    assert "> Better: fog." in card.text
    assert "counts boats" not in card.text


async def test_the_newest_three_stand_on_the_card(member: User, rig: Rig):
    work_id = rig.ids["The Twelfth Boat"]
    for number in range(5):
        await member.clock(by_seconds=60)
        viewer = Viewer(10**17 + number)
        await rig.library.members.recommend(rig.guild_id, work_id, viewer, f"Reason {number}.")
    card = (await member.command("fic show", work="twelfth boat")).message
    shown = [line for line in card.text.split("\n") if line.startswith("> Reason")]
    assert shown == ["> Reason 4.", "> Reason 3.", "> Reason 2."]


async def test_a_rec_is_taken_back(member: User, moderator: User):
    await member.command("fic rec", work="twelfth boat", why="It counts boats.")
    assert "You have not" in refusal(await moderator.command("fic unrec", work="twelfth boat"))
    said = refusal(await member.command("fic unrec", work="twelfth boat"))
    assert said == "Your recommendation is taken back."
    assert "You have not" in refusal(await member.command("fic unrec", work="twelfth boat"))
    card = (await member.command("fic show", work="twelfth boat")).message
    assert "recommended by" not in card.text


async def test_moderators_take_any_rec_down_and_others_do_not(
    member: User, moderator: User, rig: Rig
):
    await member.command("fic rec", work="twelfth boat", why="Something unkind.")
    await moderator.command("fic rec", work="twelfth boat", why="Something kind.")
    refused = await member.command("fic unrec", work="twelfth boat", member="moderator")
    assert refusal(refused) == "That is for this server's moderators."
    done = await moderator.command("fic unrec", work="twelfth boat", member="member")
    assert refusal(done) == "That recommendation is taken down."
    card = (await member.command("fic show", work="twelfth boat")).message
    assert "Something kind." in card.text
    assert "unkind" not in card.text
    log = (await moderator.command("library log")).message.text
    assert "remove rec **The Twelfth Boat**" in log
    assert str(rig.user_id("member")) not in log
    gone = await moderator.command("fic unrec", work="twelfth boat", member="member")
    assert refusal(gone) == "That member has not recommended that fic."


@pytest.mark.fault(18)
async def test_adult_works_are_recommended_in_age_restricted_channels_only(member: User, rig: Rig):
    work = f"#{rig.ids['Night Market']}"
    assert "age-restricted" in refusal(await member.command("fic rec", work=work, why="Oh my."))
    dark = member.at("after-dark")
    assert "Oh my." in (await dark.command("fic rec", work=work, why="Oh my.")).message.text
    # Where it was said does not matter for taking it back; the answer names nothing.
    said = refusal(await member.command("fic unrec", work=work))
    assert said == "Your recommendation is taken back."


@pytest.mark.fault(12)
async def test_works_and_recs_of_another_server_are_like_none(
    member: User, stranger: User, rig: Rig
):
    await stranger.command("fic rec", work="twelfth boat", why="From next door.")
    theirs = await rig.library.resolve(rig.next_door_id, "twelfth boat", Viewer())
    for command, options in (("fic rec", {"why": "Mine."}), ("fic unrec", {})):
        said = [
            refusal(await member.command(command, work=f"#{number}", **options))
            for number in (theirs.work_id, 999_999)
        ]
        assert said[0] == said[1]
        assert "no such work" in said[0]
    card = (await member.command("fic show", work="twelfth boat")).message
    assert "next door" not in card.text


@pytest.mark.fault(14)
async def test_markup_in_a_rec_is_inert(member: User):
    await member.command("fic rec", work="twelfth boat", why=NASTY)
    message = (await member.command("fic show", work="twelfth boat")).message
    assert "@everyone" not in message.text
    assert "<@&1>" not in message.text
    assert "[x](" not in message.text
    assert "\u202e" not in message.text
    assert "\n# Big" not in message.text
    assert not message.payload["mention_everyone"]
    assert not message.payload["mention_roles"]


@pytest.mark.parametrize("why", [" ", "\u200b\u200b", "\n\n"])
async def test_a_rec_without_words_is_none(member: User, why: str):
    said = refusal(await member.command("fic rec", work="twelfth boat", why=why))
    assert "no words" in said


async def test_what_is_recommended_comes_first_among_equals(rig: Rig):
    first, second = await rig.add(
        a_work("Oar", author="one"), a_work("Oar", author="two", passages=("Another oar.",))
    )

    async def order() -> list[int]:
        answer = await rig.library.search(rig.guild_id, SearchRequest("oar"), Viewer())
        return [hit.work.work_id for hit in answer.hits if hit.work.info.title == "Oar"]

    [ahead, behind] = await order()
    assert {ahead, behind} == {first, second}
    for number in range(4):
        viewer = Viewer(10**17 + number)
        await rig.library.members.recommend(rig.guild_id, behind, viewer, "Row.")
    assert await order() == [behind, ahead]
    for number in range(4):
        await rig.library.members.take_back_rec(rig.guild_id, behind, 10**17 + number)
    assert await order() == [ahead, behind]
