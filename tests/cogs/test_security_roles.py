"""What is the moderators' is refused to everybody else, whatever Discord has let through."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from sandbox import Answer, Message, Modal, User
from sandbox.permissions import EVERYONE
from tests.cogs.conftest import Rig, refusal
from tests.cogs.stock import rows_of, stock
from tests.cogs.surface import COMMANDS, CONTROLS, FORMS, MENUS, Ids, Who, put

pytestmark = pytest.mark.fault(13)

NOT_YOURS = "That is for this server's moderators."
SERVERS_ONLY = "This works in a server only, not in direct messages."
THEIR_COMMANDS = [command for command in COMMANDS if command.who is Who.MODERATORS]
THEIR_CONTROLS = [control for control in CONTROLS if control.who is Who.MODERATORS]
THEIR_FORMS = [form for form in FORMS if form.who is Who.MODERATORS]
# Suggestions that tell nothing of any server.
THE_SAME_FOR_ALL = {("daily setup", "timezone"), ("daily setup", "length")}
_OF_A_SERVER = {"channel", "role", "moderator_role", "log_channel"}
NONSENSE: dict[str, Any] = {"kind": "x", "time": "noon", "length": "?", "forget": "x", "work": "#0"}


def everything_in(rig: Rig) -> list[Any]:
    """Every row of both servers, but what the lists that were asked for remember."""
    every = [rows_of(rig.path, guild_id) for guild_id in (rig.guild_id, rig.next_door_id)]
    for rows in every:
        del rows["remembered"]
    return every


@pytest.fixture
async def ids(rig: Rig) -> AsyncIterator[Ids]:
    """One of each thing, kept for a moderator; whatever a test does, nothing is changed."""
    asker = next(a.id for a in rig.sandbox.world.accounts.values() if a.name == "moderator")
    found = await stock(rig, rig.guild_id, "harbour", asker)
    before = everything_in(rig)
    yield found
    assert everything_in(rig) == before


async def tries_everything(
    user: User, message: Message, ids: Ids, *, also_roles: bool
) -> list[Answer]:
    """Every moderators' command, menu and control, with good inputs and with nonsense."""
    answers: list[Answer] = []
    for command in THEIR_COMMANDS:
        filled = command.filled(ids)
        if not also_roles:  # there are none, nor channels, in a direct message
            filled = {k: v for k, v in filled.items() if k not in _OF_A_SERVER}
        nonsense = {k: NONSENSE.get(k, v) for k, v in filled.items()}
        answers += [
            await user.forced.command(command.name, **filled),
            await user.forced.command(command.name, **nonsense),
        ]
    for name, who in MENUS.items():
        if who is Who.MODERATORS:
            answers.append(await user.forced.menu(message, name))
    for control in THEIR_CONTROLS:
        custom_id = put(control.custom_id, ids)
        values = control.values and [put(value, ids) for value in control.values]
        for given in (values, ["x", "y"]):
            answers.append(await user.forced.press(message, custom_id, given))
        answers.append(await user.forced.press(message, control.action, values))
    return answers


async def sends_every_form(user: User, form: Modal, ids: Ids) -> list[Answer]:
    """Every moderators' form, with good inputs and with nonsense."""
    return [
        await user.forced.submit(form, values, custom_id=custom_id)
        for one in THEIR_FORMS
        for custom_id in (put(one.custom_id, ids), one.action)
        for values in (dict(one.values), {}, {"status": ["x"], "title": "x" * 4000})
    ]


async def test_a_member_whom_discord_lets_through(
    member: User, moderator: User, rig: Rig, ids: Ids
) -> None:
    message = (await member.command("fic show", work="Gravity Assist")).message
    form = (await moderator.command("library add")).form
    answers = await tries_everything(member, message, ids, also_roles=True)
    answers += await sends_every_form(member, form, ids)
    assert {refusal(answer) for answer in answers} == {NOT_YOURS}
    # A moderator of another server is nobody's moderator here.
    stranger = rig.user("stranger", "lobby")
    theirs = (await stranger.command("fic show", work="The Twelfth Boat")).message
    for control in THEIR_CONTROLS:
        answer = await stranger.forced.press(theirs, put(control.custom_id, ids), ["Mature"])
        assert "harbour" not in str(answer.messages).casefold()


async def test_a_direct_message(moderator: User, ids: Ids) -> None:
    direct = moderator.at("dm")
    message = (await direct.command("help")).message
    form = (await moderator.command("library add")).form
    answers = await tries_everything(direct, message, ids, also_roles=False)
    answers += await sends_every_form(direct, form, ids)
    assert {refusal(answer) for answer in answers} == {SERVERS_ONLY}


async def test_what_is_everybodys_is_for_servers_too(moderator: User, ids: Ids) -> None:
    direct = moderator.at("dm").forced
    message = (await moderator.at("dm").command("help")).message
    answers = [
        await direct.command(one.name, **one.filled(ids))
        for one in COMMANDS
        if one.who is Who.EVERYONE and not one.in_direct_messages
    ]
    for control in CONTROLS:
        values = control.values and [put(value, ids) for value in control.values]
        answers.append(await direct.press(message, put(control.custom_id, ids), values))
    assert {refusal(answer) for answer in answers} == {SERVERS_ONLY}


async def test_a_moderator_who_is_one_no_longer(moderator: User, owner: User, ids: Ids) -> None:
    message = (await moderator.command("fic show", work="Gravity Assist")).message
    form = (await moderator.command("library add")).form
    card = (await moderator.command("library edit", work="Gravity Assist")).message
    details = (await moderator.press(card, "Edit details")).form
    await owner.permissions(**{"as": "moderator"}, roles=[])
    answers = await tries_everything(moderator, message, ids, also_roles=True)
    answers += await sends_every_form(moderator, form, ids)
    answers.append(await moderator.press(card, "Edit details"))
    answers.append(await moderator.submit(details, {"title": "Changed"}))
    assert {refusal(answer) for answer in answers} == {NOT_YOURS}


async def test_a_role_that_moderates_no_longer(moderator: User, owner: User, rig: Rig) -> None:
    """Who moderates by the server's setting alone, without Manage Server."""
    room = rig.sandbox.world.guilds[rig.guild_id]
    role = next(role for role in room.roles.values() if role.name == "moderator")
    role.permissions = EVERYONE
    user = moderator.forced
    assert refusal(await user.command("library log")) == NOT_YOURS
    await owner.command("library settings", moderator_role="moderator")
    card = (await user.command("library edit", work="Gravity Assist")).message
    form = (await moderator.press(card, "Edit details")).form
    await owner.command("library settings", forget="The moderator role")
    answers = [await moderator.press(card, "Edit details"), await user.submit(form, {"title": "X"})]
    assert {refusal(answer) for answer in answers} == {NOT_YOURS}


async def test_nothing_is_suggested_to_those_who_may_not(
    member: User, moderator: User, ids: Ids
) -> None:
    offered = 0
    for command in THEIR_COMMANDS:
        for focused in command.completes:
            if (command.name, focused) in THE_SAME_FOR_ALL:
                continue
            options = {
                name: value
                for name, value in command.filled(ids).items()
                if name not in (focused, *_OF_A_SERVER)
            }
            if "remove" in options:
                options["remove"] = True
            where = {"focused": focused, **options}
            for user in (member.forced, moderator.at("dm").forced):
                choices = await user.autocomplete(command.name, **where)
                assert (choices, choices.error) == ([], None), (command.name, focused)
            offered += len(await moderator.autocomplete(command.name, **where))
    assert offered
