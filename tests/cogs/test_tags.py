"""/library tag as moderators use it, and as nobody else may."""

from dataclasses import replace
from typing import Any

import pytest

from db.models import NewWork, Rating
from sandbox import Answer, User
from tests.cogs.conftest import Rig, refusal
from tests.cogs.shelf import a_work

MERGE = {"kind": "freeform", "name": "Slowburn", "into": "Slow Burn"}


def tagged(title: str, *tags: str, rating: Rating = Rating.GENERAL) -> NewWork:
    work = a_work(title, author=f"writer of {title}", rating=rating)
    return replace(work, info=replace(work.info, tags=tags))


@pytest.fixture(autouse=True)
async def shelf(rig: Rig) -> None:
    await rig.add(
        tagged("Waltz", "Slow Burn"),
        tagged("Patrol", "Slowburn"),
        tagged("Ferry", "Pining"),
        tagged("Cellar", "Oubliette", rating=Rating.EXPLICIT),
    )


async def titles(user: User, query: str) -> set[str]:
    text = (await user.command("fic search", query=query)).message.text
    return {title for title in ("Waltz", "Patrol", "Ferry") if title in text}


def said(answer: Answer) -> str:
    """What a private answer says."""
    message = answer.message
    assert message.ephemeral
    return message.content


async def test_tags_are_merged_and_split(moderator: User, member: User):
    done = said(await moderator.command("library tag merge", **MERGE))
    assert done.startswith("“Slowburn” stands for “Slow Burn” now: 2 works with either.")
    assert await titles(member, 'tag:"slow burn"') == {"Waltz", "Patrol"}
    assert await titles(member, 'tag:"slowburn"') == {"Waltz", "Patrol"}
    again = refusal(await moderator.command("library tag merge", **MERGE))
    assert "“Slowburn” and “Slow Burn” are the same tag already." in again
    offered = await moderator.autocomplete(
        "library tag split", focused="name", kind="freeform", name="slow"
    )
    assert list(offered) == [("Slowburn → Slow Burn", "Slowburn")]
    split = {"kind": "freeform", "name": "Slowburn"}
    done = said(await moderator.command("library tag split", **split))
    assert done.startswith("“Slowburn” stands for itself again: 1 work.")
    assert await titles(member, 'tag:"slow burn"') == {"Waltz"}
    assert "is no synonym" in refusal(await moderator.command("library tag split", **split))
    log = (await moderator.command("library log")).message.text
    assert "merge tags: Slowburn into Slow Burn" in log
    assert "split tags: Slowburn from Slow Burn" in log


async def test_a_tag_is_renamed(moderator: User, member: User):
    renamed = {"kind": "freeform", "name": "pining", "to": "Yearning"}
    done = said(await moderator.command("library tag rename", **renamed))
    assert done == "“Pining” is now “Yearning”: 1 work."
    assert await titles(member, "tag:yearning") == {"Ferry"}
    assert "Yearning" in (await member.command("fic show", work="ferry")).message.text
    taken = {"kind": "freeform", "name": "Yearning", "to": "slow burn"}
    why = refusal(await moderator.command("library tag rename", **taken))
    assert "Use /library tag merge" in why


async def test_a_tag_is_put_below_another_and_taken_out(moderator: User, member: User):
    below = {"kind": "freeform", "name": "Slow Burn", "parent": "Pining"}
    done = said(await moderator.command("library tag parent", **below))
    assert done == "“Slow Burn” is below “Pining” now: 1 work."
    assert await titles(member, "tag:pining") == {"Ferry", "Waltz"}
    circle = {"kind": "freeform", "name": "Pining", "parent": "Slow Burn"}
    why = refusal(await moderator.command("library tag parent", **circle))
    assert why == "“Slow Burn” is below “Pining”, so it cannot be above it too."
    instead = {"kind": "freeform", "name": "Slow Burn", "parent": "Slowburn"}
    done = said(await moderator.command("library tag parent", **instead))
    assert done == "“Slow Burn” is below “Slowburn” now, and no longer below “Pining”: 1 work."
    out = {"kind": "freeform", "name": "Slow Burn"}
    done = said(await moderator.command("library tag parent", **out))
    assert done == "“Slow Burn” is no longer below “Slowburn”: 1 work."
    assert await titles(member, "tag:pining") == {"Ferry"}


async def test_a_nickname_is_given_and_taken_away(moderator: User, member: User):
    given = {"kind": "freeform", "name": "Pining", "nickname": "heart*eyes*"}
    done = said(await moderator.command("library tag nickname", **given))
    assert done == "“heart\\*eyes\\*” now finds “Pining”: 1 work."
    assert await titles(member, 'tag:"heart*eyes*"') == {"Ferry"}
    typing = {"kind": "freeform", "name": "Pining", "nickname": "heart"}
    command = "library tag nickname"
    assert list(await moderator.autocomplete(command, focused="nickname", **typing)) == []
    going = await moderator.autocomplete(command, focused="nickname", remove=True, **typing)
    assert list(going) == [("heart*eyes*", "heart*eyes*")]
    done = said(await moderator.command(command, remove=True, **given))
    assert done == "“heart\\*eyes\\*” no longer finds “Pining”: 1 work."
    why = refusal(await moderator.command(command, remove=True, **given))
    assert why == "“heart\\*eyes\\*” is no nickname of “Pining”."


async def test_names_are_offered_by_kind_and_place(moderator: User, rig: Rig):
    command = "library tag merge"
    offered = await moderator.autocomplete(command, focused="into", kind="freeform", into="slow")
    assert {value for _, value in offered} == {"Slow Burn", "Slowburn"}
    offered = await moderator.autocomplete(command, focused="name", kind="character", name="spi")
    assert {value for _, value in offered} == {"Spike", "Spike Spiegel"}
    hidden = {"focused": "name", "kind": "freeform", "name": "oubl"}
    assert list(await moderator.autocomplete(command, **hidden)) == []
    adults = rig.user("moderator", "after-dark")
    assert [value for _, value in await adults.autocomplete(command, **hidden)] == ["Oubliette"]
    assert list(await moderator.autocomplete(command, focused="name", name="slow")) == []


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"name": "Slowbrun"}, "There is no freeform tag “Slowbrun” in this server's library."),
        ({"into": "Spike Spiegel"}, "“Spike Spiegel” is a character here, and no freeform tag."),
        ({"name": "[x](<https://example.org>)"}, "“\\[x\\]\\(\\<https\\://example.org\\>)”"),
        ({"name": "   "}, "Which tag? Type its name."),
        ({"into": "slowburn"}, "are the same tag already"),
    ],
)
async def test_what_cannot_be_merged_is_explained(
    moderator: User, options: dict[str, str], says: str
):
    why = refusal(await moderator.command("library tag merge", **(MERGE | options)))
    assert says in why


async def test_another_servers_tags_are_like_none(stranger: User, member: User, rig: Rig):
    """Fault 12: the stranger owns Next Door, so moderates there."""
    why = refusal(await stranger.command("library tag merge", **MERGE))
    assert "There is no freeform tag “Slowburn”" in why
    for command, focused in (("merge", "name"), ("split", "name"), ("parent", "parent")):
        typed = {"kind": "freeform", focused: "slow"}
        offered = await stranger.autocomplete(f"library tag {command}", focused=focused, **typed)
        assert list(offered) == []
    assert await titles(member, 'tag:"slow burn"') == {"Waltz"}


COMMANDS: list[tuple[str, dict[str, Any]]] = [
    ("merge", MERGE),
    ("split", {"kind": "freeform", "name": "Slowburn"}),
    ("rename", {"kind": "freeform", "name": "Slowburn", "to": "Mine"}),
    ("parent", {"kind": "freeform", "name": "Slowburn", "parent": "Slow Burn"}),
    ("nickname", {"kind": "freeform", "name": "Slowburn", "nickname": "mine"}),
]


@pytest.mark.parametrize(("command", "options"), COMMANDS)
async def test_a_member_who_was_given_the_command_is_refused(
    member: User, rig: Rig, command: str, options: dict[str, str]
):
    """Fault 13: a server can enable the command for anybody."""
    name = f"library tag {command}"
    before = await rig.library.log(rig.guild_id)
    for answer in (
        await member.forced.command(name, **options),
        await rig.user("moderator").at("dm").forced.command(name, **options),
    ):
        assert refusal(answer) in (
            "That is for this server's moderators.",
            "This works in a server only, not in direct messages.",
        )
    assert await rig.library.log(rig.guild_id) == before
    for focused in {"name", "into", "parent", "nickname"} & set(options):
        typed = {**options, focused: "slow"}
        assert list(await member.forced.autocomplete(name, focused=focused, **typed)) == []


async def test_a_kind_that_nobody_offered_is_refused(moderator: User):
    forged = MERGE | {"kind": "warning"}
    answer = await moderator.forced.command("library tag merge", **forged)
    assert refusal(answer) == "A tag is a fandom, a character, a relationship or a freeform tag."
