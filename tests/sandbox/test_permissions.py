"""Who may do what: members in channels, and the bot."""

import discord
import pytest

from sandbox import ControlError, Sandbox, User, permissions
from sandbox.wire import Json
from tests.sandbox.conftest import Request
from tests.sandbox.example_bot import ExampleBot


async def test_a_command_is_offered_to_those_who_have_its_permissions(
    member: User, moderator: User, bot: ExampleBot
) -> None:
    assert (await member.command("mods")).error == "/mods is not offered to member in general."
    assert (await moderator.command("mods")).message.text == "manage_guild True"
    assert (await member.as_("owner").command("mods")).error is None
    assert "mods" not in [command["name"] for command in await member.commands()]
    assert "mods" in [command["name"] for command in await moderator.commands()]


async def test_force_sends_a_command_that_is_not_offered(member: User, bot: ExampleBot) -> None:
    assert (await member.forced.command("mods")).message.text == "manage_guild False"


async def test_roles_change_what_is_offered(member: User, bot: ExampleBot) -> None:
    await member.permissions(roles=["moderator"], **{"as": "member"})
    assert (await member.command("mods")).message.text == "manage_guild True"
    await member.permissions(roles=[], **{"as": "member"})
    assert (await member.command("mods")).error is not None
    with pytest.raises(ControlError, match="no role “king”"):
        await member.permissions(roles=["king"], **{"as": "member"})


async def test_an_age_restricted_command_needs_such_a_channel(
    member: User, bot: ExampleBot
) -> None:
    refused = await member.command("adults")
    assert refused.error is not None
    assert "age-restricted" in refused.error
    assert (await member.at("after-dark").command("adults")).message.text == "nsfw True"
    await member.permissions(channel="after-dark", nsfw=False)
    assert (await member.at("after-dark").command("adults")).error is not None
    forced = await member.at("after-dark").forced.command("adults")
    assert forced.message.text == "nsfw False"


async def test_a_thread_is_as_restricted_as_its_parent(
    member: User, bot: ExampleBot, sandbox: Sandbox
) -> None:
    await member.permissions(channel="after-dark", thread="a thread")
    answer = await member.at("a thread").command("count")
    assert answer.message.channel == "a thread"
    shown = {c["name"]: c["nsfw"] for c in (await member.state())["channels"]}
    assert shown["a thread"]
    thread = sandbox.world.channel_named("a thread", sandbox.world.bot)
    assert isinstance(bot.get_channel(thread.id), discord.Thread)


async def test_nobody_acts_where_they_cannot_see(
    member: User, stranger: User, bot: ExampleBot
) -> None:
    assert (await member.at("mod-desk").command("count")).error == "member cannot see mod-desk."
    with pytest.raises(ControlError, match="member cannot see mod-desk"):
        await member.messages("mod-desk")
    for act in (stranger.at("general").command("count"), member.at("lobby").command("count")):
        answer = await act
        assert answer.error is not None
        assert "is not a member of" in answer.error


async def test_the_two_servers_do_not_mix(
    member: User, stranger: User, bot: ExampleBot, sandbox: Sandbox
) -> None:
    ours = (await member.command("here")).message
    theirs = (await stranger.command("here")).message
    assert ours.text != theirs.text
    assert [guild.name for guild in bot.guilds] == ["The Reading Room", "Next Door"]
    for pressed in (stranger.forced.press(ours, "hidden"), member.forced.press(theirs, "hidden")):
        error = (await pressed).error
        assert error is not None
        assert error.endswith("cannot see this message.")
    for pressed in (stranger.forced.press(ours, "hidden"), member.forced.press(theirs, "hidden")):
        error = (await pressed).error
        assert error is not None
        assert error.endswith("cannot see this message.")
    events = (await stranger.events(0, 0))["events"]
    assert {event["channel"] for event in events if "channel" in event} == {"lobby"}


async def test_the_bot_is_refused_where_it_may_not_write(
    rest: Request, member: User, sandbox: Sandbox, general: str
) -> None:
    await member.permissions(channel="general", deny=["send_messages"])
    status, answer = await rest("POST", f"/channels/{general}/messages", {"content": "x"})
    assert (status, answer["code"]) == (403, 50013)
    await member.permissions(channel="general", deny=["view_channel"])
    status, answer = await rest("POST", f"/channels/{general}/messages", {"content": "x"})
    assert (status, answer["code"]) == (403, 50001)
    await member.permissions(channel="general", deny=[])
    status, _ = await rest("POST", f"/channels/{general}/messages", {"content": "x"})
    assert status == 200
    await member.permissions(delete_channel="general")
    status, answer = await rest("POST", f"/channels/{general}/messages", {"content": "x"})
    assert (status, answer["code"]) == (404, 10003)
    codes = [v["code"] for v in await member.violations("refused")]
    assert codes == [50013, 50001, 10003]


async def test_the_bot_hears_of_changes(
    member: User, bot: ExampleBot, sandbox: Sandbox, general: str
) -> None:
    channel = bot.get_channel(int(general))
    assert isinstance(channel, discord.TextChannel)
    await member.permissions(channel="general", deny=["send_messages"], nsfw=True)
    await member.command("count")
    assert channel.nsfw
    assert not channel.permissions_for(channel.guild.me).send_messages
    await member.permissions(delete_channel="general")
    await member.at("daily-rec").command("count")
    assert bot.get_channel(int(general)) is None


async def test_embeds_vanish_where_the_bot_may_not_embed(
    rest: Request, member: User, general: str
) -> None:
    await member.permissions(channel="general", deny=["embed_links"])
    body = {"content": "x", "embeds": [{"title": "gone"}]}
    _, answer = await rest("POST", f"/channels/{general}/messages", body)
    assert answer["embeds"] == []
    await member.permissions(channel="general", deny=["attach_files"])
    _, answer = await rest("POST", f"/channels/{general}/messages", body)
    assert answer["embeds"][0]["title"] == "gone"


async def test_a_person_may_be_denied_to_write(member: User, sandbox: Sandbox) -> None:
    await member.permissions(channel="general", deny=["send_messages"], **{"as": "member"})
    with pytest.raises(ControlError, match="may not post"):
        await member.say("hello")
    assert (await member.as_("moderator").say("hello")).text == "hello"


async def test_unknown_permissions_are_named(member: User, sandbox: Sandbox) -> None:
    with pytest.raises(ControlError, match="no permission “fly”"):
        await member.permissions(channel="general", deny=["fly"])
    with pytest.raises(ControlError, match="Say what to change"):
        await member.permissions(channel="general")


async def test_pings_are_what_allowed_mentions_lets_through(
    rest: Request, member: User, sandbox: Sandbox, general: str
) -> None:
    guild = next(iter(sandbox.world.guilds.values()))
    role = next(role for role in guild.roles.values() if role.name == "moderator")
    person = sandbox.world.account_named("member")
    content = f"<@&{role.id}> <@{person.id}> @everyone"
    cases: list[tuple[Json, tuple[list[str], list[str]]]] = [
        ({"parse": []}, ([], [])),
        ({"parse": [], "roles": [str(role.id)]}, (["moderator"], [])),
        ({"parse": ["users"]}, ([], ["member"])),
    ]
    for allowed, expected in cases:
        body: Json = {"content": content, "allowed_mentions": allowed}
        _, answer = await rest("POST", f"/channels/{general}/messages", body)
        shown = (await member.messages())[-1].payload
        assert (shown["mention_roles"], shown["mentions"]) == expected
        assert not shown["mention_everyone"]
        assert bool(answer["mention_roles"]) is bool(expected[0])


def test_overwrites_add_up_in_discords_order(sandbox: Sandbox) -> None:
    world = sandbox.world
    desk = world.channel_named("mod-desk", world.bot)
    for name, sees in (("member", False), ("moderator", True), ("owner", True)):
        assert world.may(world.account_named(name).id, desk, "view_channel") is sees
    assert world.may(world.bot.id, desk, "send_messages")
    assert world.permissions(world.account_named("stranger").id, desk) == 0
    assert permissions.names_of(permissions.mask(["manage_guild"])) == ["manage_guild"]
