"""Commands, components and messages, between a person and a discord.py bot."""

import pytest

from sandbox import ControlError, Sandbox, User
from tests.sandbox.example_bot import ExampleBot

pytestmark = pytest.mark.usefixtures("bot")


async def test_a_command_is_answered(member: User) -> None:
    answer = await member.command("fic search", query="spike", length=3, exact=True, sort="best")
    assert answer.message.text == "spike 3 True best"
    assert answer.message.author == "Ficshelf"
    assert answer.message.channel == "general"
    assert not answer.message.ephemeral
    assert 0 < answer.ms < 3000
    assert [m.id for m in await member.messages()] == [answer.message.id]
    assert await member.violations() == []


async def test_a_command_can_be_typed_with_its_slash_and_a_choice_by_its_name(member: User) -> None:
    answer = await member.command("/fic search", query="x", sort="Best match")
    assert answer.message.text == "x None False best"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "/fic search needs the option query."),
        ({"query": "x", "length": 11}, "length is a number from 1 to 10."),
        ({"query": "x", "length": "many"}, "length is a whole number."),
        ({"query": "x", "sort": "worst"}, "sort is one of: Best match."),
        ({"query": "x" * 6001}, "query is 0 to 6000 characters long; this has 6001."),
    ],
)
async def test_options_are_checked_before_the_bot_hears_of_them(
    member: User, options: dict[str, object], sentence: str
) -> None:
    answer = await member.command("fic search", **options)
    assert answer.error == sentence


async def test_unknown_commands_and_options_are_named(member: User) -> None:
    answer = await member.command("fic find")
    assert answer.error is not None
    assert "no command “/fic find”" in answer.error
    assert "fic search" in answer.error
    with pytest.raises(ControlError, match="no option “quarry”"):
        await member.command("fic search", quarry="x")


async def test_autocomplete_answers_while_typing(member: User) -> None:
    choices = await member.autocomplete("fic search", focused="query", query="sp")
    assert choices == [("Spike", "spike"), ("Spin", "spin")]
    assert choices.ms > 0


async def test_a_deferred_answer_waits_for_its_edit(member: User) -> None:
    answer = await member.command("slow")
    assert answer.message.text == "thought"
    assert answer.message.edited is None
    assert not answer.message.payload["loading"]


async def test_the_first_followup_fills_in_a_deferred_answer_and_keeps_it_ephemeral(
    member: User, moderator: User
) -> None:
    answer = await member.command("slow", ephemeral=True, follow_up=True)
    first = answer.messages[0]
    assert (first.text, first.ephemeral) == ("by followup", True)
    await member.wait_for_message("general", lambda m: m.text == "and another")
    assert [m.text for m in await moderator.messages()] == ["and another"]


async def test_an_ephemeral_answer_is_seen_and_pressed_by_its_owner_alone(
    member: User, moderator: User
) -> None:
    secret = (await member.command("private")).message
    assert secret.ephemeral
    assert secret.flags & 1 << 6
    assert await moderator.messages() == []
    refused = await moderator.press(secret, "Mine")
    assert refused.error == "moderator cannot see this message."
    assert (await member.press(secret, "Mine")).message.text == "pressed"
    await member.delete(secret)
    assert await member.messages() == []


async def test_a_card_shows_its_parts(member: User) -> None:
    card = (await member.command("fic show")).message
    assert card.flags & 1 << 15
    assert card.text == "## A title\nA summary"
    assert [(b.label, b.custom_id, b.disabled) for b in card.buttons] == [
        ("More", "more", False),
        ("Source", None, False),
        ("Off", "off", True),
        ("Later", "later", False),
    ]
    assert card.find("Source").url == "https://example.org/works/1"
    assert card.selects[0].options[1] == ("Buffy", "2", "The Vampire Slayer")
    with pytest.raises(LookupError, match="Pick a fandom"):
        card.find("Less")


async def test_a_button_updates_its_message(member: User) -> None:
    card = (await member.command("fic show")).message
    more = (await member.press(card, "More")).message
    assert more.id == card.id
    assert more.text.startswith("## More of it")
    assert more.edited is not None


async def test_a_deferred_update_waits_for_its_edit(member: User) -> None:
    card = (await member.command("fic show")).message
    assert (await member.press(card, "later")).message.text.startswith("## Later than that")


async def test_what_is_not_there_cannot_be_pressed(member: User) -> None:
    card = (await member.command("fic show")).message
    assert (await member.press(card, "off")).error == "“Off” is disabled."
    error = (await member.press(card, "Source")).error
    assert error == "A link opens in the browser; the bot does not hear of it."
    with pytest.raises(LookupError):
        await member.press(card, "forged")
    assert (await member.forced.press(card, "hidden")).message.text == "found it"
    await member.as_("owner").delete(card)
    error = (await member.press(card, "more")).error
    assert error == "There is no such message; it may have been deleted."


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ([], "takes 1 to 2 choices, not 0"),
        (["1", "2", "3"], "takes 1 to 2 choices, not 3"),
        (["4"], "offers: 1, 2, 3; not 4"),
        (["1", "1"], "offers: 1, 2, 3; not 1, 1"),
    ],
)
async def test_a_menus_values_are_checked(member: User, values: list[str], complaint: str) -> None:
    card = (await member.command("fic show")).message
    error = (await member.press(card, "pick", values)).error
    assert error is not None
    assert complaint in error


async def test_a_menu_passes_on_what_was_chosen(member: User) -> None:
    card = (await member.command("fic show")).message
    picked = await member.press(card, "Pick a fandom", ["Cowboy Bebop", "3"])
    assert picked.message.text == "picked 1, 3"
    forged = await member.forced.press(card, "pick", ["anything at all"])
    assert forged.message.text == "picked anything at all"
    people = await member.press(card, "Who", ["moderator"])
    assert people.message.text == "moderator Member"


async def test_a_dynamic_button_carries_its_state(member: User) -> None:
    message = (await member.command("count")).message
    for number in (1, 2):
        message = (await member.press(message, f"count:{number - 1}")).message
        assert message.text == f"count {number}"


async def test_a_menu_command_gets_content_that_the_bot_may_not_read_otherwise(
    member: User, moderator: User, bot: ExampleBot
) -> None:
    said = await member.say("a whole story", files=[("story.txt", b"Once")])
    answer = await moderator.menu(said, "Add to library")
    assert answer.message.text == "member: a whole story ['story.txt']"
    assert [(m.content, m.attachments) for m in bot.heard if m.author != bot.user] == [("", [])]
    unknown = await moderator.menu(said, "Burn")
    assert unknown.error == (
        "There is no “Burn” in the menu of a message. There are: Add to library."
    )


async def test_what_addresses_the_bot_is_read_without_the_intent(
    member: User, sandbox: Sandbox, bot: ExampleBot
) -> None:
    await member.say(f"<@{sandbox.world.bot.id}> hello")
    await member.at("dm").say("just us")
    await member.command("count")
    heard = [m.content for m in bot.heard if m.author != bot.user]
    assert heard == [f"<@{sandbox.world.bot.id}> hello", "just us"]


async def test_a_file_goes_in_and_out(member: User) -> None:
    answer = await member.command("file", attachment=("a tale.txt", b"abc"))
    (attachment,) = answer.message.attachments
    assert attachment["filename"] == "a_tale.txt"
    assert attachment["size"] == 3
    assert attachment["description"] == "reversed"
    assert attachment["content_type"].startswith("text/plain")


async def test_a_file_too_large_is_refused_before_it_is_sent(member: User) -> None:
    answer = await member.command("file", attachment=("x.txt", bytes(10 * 1024 * 1024 + 1)))
    assert answer.error == "x.txt is larger than the 10 MiB that Discord takes."


async def test_no_answer_in_time_is_an_error_and_a_late_one_is_refused(
    member: User, bot: ExampleBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.actions.FIRST_RESPONSE_SECONDS", 0.05)
    monkeypatch.setattr("sandbox.interactions.FIRST_RESPONSE_SECONDS", 0.05)
    answer = await member.command("silent")
    assert answer.error == "no response in 0.05 s"
    bot.released.set()
    monkeypatch.setattr("sandbox.actions.FIRST_RESPONSE_SECONDS", 3)
    await member.autocomplete("fic search", focused="query", query="sp")
    (violation,) = await member.violations()
    assert (violation["status"], violation["code"]) == (404, 10062)
    assert await member.messages() == []


async def test_a_second_first_response_is_refused(member: User, bot: ExampleBot) -> None:
    assert (await member.command("twice")).message.text == "once"
    await member.command("count")
    (violation,) = await member.violations()
    assert (violation["status"], violation["code"]) == (400, 40060)
    assert "already been acknowledged" in str(bot.errors[0])


async def test_a_token_ends_after_fifteen_minutes(member: User, bot: ExampleBot) -> None:
    kept: list[object] = []

    @bot.event
    async def on_interaction(interaction: object) -> None:
        kept.append(interaction)

    await member.command("count")
    await member.clock(by_seconds=16 * 60)
    (interaction,) = kept
    with pytest.raises(Exception, match="Invalid Webhook Token"):
        await interaction.edit_original_response(content="late")  # type: ignore[attr-defined]
    (violation,) = await member.violations()
    assert violation["code"] == 50027


async def test_direct_messages_reach_the_bot(member: User, moderator: User) -> None:
    answer = await member.at("dm").command("count")
    assert answer.message.channel == "dm"
    refused = await member.at("dm").command("here")
    assert refused.error == "/here is not offered in direct messages."
    assert await moderator.messages("dm") == []
    assert [m.text for m in await member.messages("dm")] == ["count 0"]


async def test_reactions_and_replies(member: User, moderator: User, bot: ExampleBot) -> None:
    said = await member.say("hello")
    assert (await moderator.react(said, "👍")).payload["reactions"] == {"👍": ["moderator"]}
    assert (await moderator.react(said, "👍", remove=True)).payload["reactions"] == {}
    reply = await moderator.say("hello yourself", reply_to=said)
    assert reply.payload["reply_to"] == said.id
    shown = reply.payload["reply"]
    assert (shown["id"], shown["author"], shown["content"]) == (said.id, "member", "hello")
    await member.delete(said)
    assert (await member.messages())[-1].payload["reply"] is None
    secret = (await member.command("private")).message
    assert (await member.say("what is that", reply_to=secret)).payload["reply"] is None


async def test_people_delete_their_own_and_moderators_everyones(
    member: User, moderator: User
) -> None:
    mine, theirs = await member.say("mine"), await moderator.say("theirs")
    with pytest.raises(ControlError, match="may not delete"):
        await member.delete(theirs)
    await moderator.delete(mine)
    await moderator.delete(theirs)
    assert await member.messages() == []
