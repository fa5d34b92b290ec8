"""/fic as members use it."""

import pytest

from db.models import Rating, Viewer
from sandbox import User
from tests.cogs.conftest import Rig, labels, option_value, refusal
from tests.cogs.shelf import LANTERN, a_work


async def test_a_search_lists_what_matches(member: User):
    message = (await member.command("fic search", query="spike")).message
    assert not message.ephemeral
    assert "Gravity Assist" in message.text
    assert "Crypt Sweet Crypt" in message.text
    assert "Teen And Up Audiences · Graphic Depictions Of Violence · Cowboy Bebop" in message.text
    assert "2 works" in message.text


async def test_the_two_spikes_are_told_apart_by_their_fandoms(member: User):
    message = (await member.command("fic search", query="spike")).message
    assert "Which one do you mean?" in message.text
    only = (await member.press(message, "Cowboy Bebop · 1")).message
    assert only.id == message.id
    assert "Gravity Assist" in only.text
    assert "Crypt Sweet Crypt" not in only.text
    assert "Which one" not in only.text
    both = (await member.press(only, "Only one fandom", ["all"])).message
    assert "Crypt Sweet Crypt" in both.text
    said = refusal(await member.as_("moderator").press(both, "Cowboy Bebop · 1"))
    assert "belongs to someone else" in said


async def test_a_mistyped_search_says_what_it_took_it_for(member: User):
    message = (await member.command("fic search", query="gravty asist")).message
    assert "Gravity Assist" in message.text
    assert "Showing results for **gravity assist**." in message.text
    only = await member.press(message, "Search for “gravty asist” only")
    assert "Nothing in the library matches “gravty asist”" in refusal(only)


async def test_a_word_that_was_corrected_can_be_searched_as_typed(member: User, rig: Rig):
    await rig.add(a_work("Grvity"), a_work("Gravity Wells"))
    message = (await member.command("fic search", query="gravitt")).message
    assert "Showing results for" in message.text
    assert labels(message)[0] == "Search for “gravitt” only"


async def test_the_query_may_hold_filters(member: User, rig: Rig):
    await rig.add(a_work("Long Haul", words=40_000, passages=()), a_work("Short Haul"))
    message = (await member.command("fic search", query="haul words:>5k")).message
    assert "Long Haul" in message.text
    assert "Short Haul" not in message.text
    message = (await member.command("fic search", query='fandom:"cowboy bebop" -gravity')).message
    assert "Gravity Assist" not in message.text


async def test_names_are_offered_while_a_filter_is_typed(member: User):
    offered = await member.autocomplete("fic search", focused="query", query="gravity fandom:cow")
    assert offered == [('gravity fandom:"Cowboy Bebop"',) * 2]
    message = (await member.command("fic search", query=offered[0][1])).message
    assert "Gravity Assist" in message.text
    offered = await member.autocomplete("fic search", focused="query", query="rating:<=t")
    assert offered == [("rating:<=teen",) * 2]


async def test_what_was_wrong_is_said_of_a_query_that_finds_nothing_too(member: User):
    said = refusal(await member.command("fic search", query="status:abandoned zzqq"))
    assert "was searched as words" in said


async def test_what_a_query_has_wrong_is_said_and_searched_as_words(member: User):
    message = (await member.command("fic search", query="rating:boat twelfth")).message
    assert "The Twelfth Boat" in message.text
    assert "was searched as words: it takes general, teen" in message.text


async def test_a_work_is_picked_from_the_list(member: User):
    message = (await member.command("fic search", query="spike")).message
    work_id = option_value(message, "Open a work", "Gravity Assist")
    card = (await member.press(message, "Open a work", [work_id])).message
    assert card.ephemeral
    assert "### Gravity Assist\nby jetblack" in card.text
    assert labels(card) == ["Excerpt", "More like this"]


async def test_what_autocomplete_offers_opens_the_card(member: User):
    choices = await member.autocomplete("fic search", focused="query", query="twelf")
    name, value = choices[0]
    assert "The Twelfth Boat" in name
    assert "quaylight" in name
    card = (await member.command("fic search", query=value)).message
    assert not card.ephemeral
    assert "[The Twelfth Boat](<https://example.org/works/12>)" in card.text


async def test_filters_narrow_a_search(member: User, rig: Rig):
    await rig.add(a_work("Long Haul", words=40_000, passages=()), a_work("Short Haul"))
    message = (await member.command("fic search", query="haul", length="<5k")).message
    assert "Short Haul" in message.text
    assert "Long Haul" not in message.text
    rated = await member.command("fic search", query="haul", rating="Mature")
    assert "Nothing in the library matches “haul”" in refusal(rated)


async def test_lengths_are_offered_and_read_while_typing(member: User):
    offered = await member.autocomplete("fic search", focused="length", query="x", length="")
    assert ("Under 5,000 words", "<5k") in offered
    typed = await member.autocomplete("fic search", focused="length", query="x", length="5k-20k")
    assert typed == [("5,000 to 20,000 words", "5k-20k")]


async def test_fandoms_are_offered(member: User):
    offered = await member.autocomplete("fic search", focused="fandom", query="x", fandom="cowb")
    assert [value for _, value in offered] == ["Cowboy Bebop"]


@pytest.mark.parametrize("length", ["long", "5k-", "<", "-5", "1e9", "5k or so"])
async def test_a_length_that_is_none_is_explained(member: User, length: str):
    said = refusal(await member.command("fic search", query="spike", length=length))
    assert "is not a length" in said


async def test_a_made_up_rating_is_refused(member: User):
    said = refusal(await member.forced.command("fic search", query="x", rating="Sweet"))
    assert "is no rating" in said


@pytest.mark.parametrize(
    "query",
    ['"', "AND", "NEAR(a b)", "title:*", "a\x00b", "🦇", "^", "%", "𝔖", "((((", "'; --", "  "],
)
async def test_odd_queries_are_only_queries(member: User, query: str):
    answer = await member.forced.command("fic search", query=query)
    assert answer.error is None
    assert "code" not in answer.messages[0].text


async def test_an_overlong_query_is_only_a_query(member: User):
    assert (await member.forced.command("fic search", query="spike " * 1000)).error is None


async def test_pages_are_turned_by_who_asked(member: User, rig: Rig):
    await rig.add(*(a_work(f"Lighthouse {n:02}", author=f"keeper {n}") for n in range(19)))
    message = (await member.command("fic search", query="lighthouse", sort="title")).message
    assert "page 1 of 3" in message.text
    assert message.find("Previous").disabled
    second = (await member.press(message, "Next")).message
    assert "**9.** **Lighthouse 08**" in second.text
    third = (await member.press(second, "Next")).message
    assert "page 3 of 3" in third.text
    assert third.find("Next").disabled
    said = refusal(await member.as_("moderator").press(third, "Previous"))
    assert said == "This list belongs to someone else. Use /fic search for your own."


async def test_a_list_goes_on_after_a_restart(member: User, rig: Rig):
    await rig.add(*(a_work(f"Lighthouse {n:02}", author=f"keeper {n}") for n in range(12)))
    message = (await member.command("fic search", query="lighthouse", sort="title")).message
    await rig.restart()
    second = (await member.press(message, "Next")).message
    assert "Lighthouse 08" in second.text
    first = (await member.press(second, "Previous")).message
    work_id = option_value(first, "Open a work", "Lighthouse 00")
    card = (await member.press(first, "Open a work", [work_id])).message
    assert "### Lighthouse 00" in card.text


async def test_an_old_list_says_so(member: User, rig: Rig):
    await rig.add(*(a_work(f"Lighthouse {n:02}", author=f"keeper {n}") for n in range(12)))
    message = (await member.command("fic search", query="lighthouse")).message
    await member.clock(by_seconds=31 * 86_400)
    await member.command("fic search", query="spike")
    assert "too old" in refusal(await member.press(message, "Next"))


async def test_adult_works_show_in_age_restricted_channels_only(member: User):
    said = refusal(await member.command("fic search", query="night market"))
    assert "1 hidden: adult works show in age-restricted channels" in said
    shown = (await member.at("after-dark").command("fic search", query="night market")).message
    assert "Night Market" in shown.text


async def test_a_card_names_rating_and_warnings_first(member: User):
    parts = (await member.command("fic show", work="twelfth boat")).message.text.split("\n")
    assert parts[0] == "### [The Twelfth Boat](<https://example.org/works/12>)"
    assert parts[2] == "**General Audiences** · No Archive Warnings Apply"
    assert parts.index("A boat is missing from the quay.") > 2


async def test_an_adult_card_is_refused_with_the_way_to_see_it(member: User, rig: Rig):
    work = f"#{rig.ids['Night Market']}"
    said = refusal(await member.command("fic show", work=work))
    assert "Explicit" in said
    assert "age-restricted" in said
    assert (await member.at("after-dark").command("fic show", work=work)).message


async def test_a_channel_that_loses_its_age_gate_stops_showing_adult_works(member: User, rig: Rig):
    dark = member.at("after-dark")
    card = (await dark.command("fic show", work=f"#{rig.ids['Night Market']}")).message
    await dark.permissions(channel="after-dark", nsfw=False)
    assert "age-restricted" in refusal(await dark.press(card, "Excerpt"))


@pytest.mark.parametrize(("parent", "shown"), [("after-dark", True), ("general", False)])
async def test_a_thread_is_as_age_restricted_as_its_channel(
    member: User, rig: Rig, parent: str, shown: bool
):
    world = rig.sandbox.world
    channel = next(c for c in world.channels.values() if c.name == parent)
    thread = world.open_thread(channel, "corner")
    answer = await member.at(str(thread.id)).command("fic show", work=f"#{rig.ids['Night Market']}")
    assert ("### Night Market" in answer.message.text) is shown


async def test_an_unrated_work_counts_as_adult(member: User, rig: Rig):
    await rig.add(a_work("Driftwood", rating=Rating.NOT_RATED))
    assert "age-restricted" in refusal(await member.command("fic show", work="driftwood"))
    card = (await member.at("after-dark").command("fic show", work="driftwood")).message
    assert "Not Rated (counts as adult)" in card.text


async def test_a_passage_is_posted_with_credit(member: User):
    message = (await member.command("fic excerpt", work="twelfth boat")).message
    assert not message.ephemeral
    assert message.text.startswith("**General Audiences** · No Archive Warnings Apply\n> ")
    assert "> The lantern went out at the third bell" in message.text
    assert "[*The Twelfth Boat*](<https://example.org/works/12>) by quaylight" in message.text
    assert labels(message) == ["Another passage", "About this fic", "Source"]


async def test_other_passages_come_round(member: User):
    card = (await member.command("fic show", work="twelfth boat")).message
    first = (await member.press(card, "Excerpt")).message
    assert first.ephemeral
    assert "The lantern" in first.text
    second = (await member.press(first, "Another passage")).message
    assert second.id == first.id
    assert "“Eleven,” she said" in second.text
    third = (await member.press(second, "Another passage")).message
    again = (await member.press(third, "Another passage")).message
    assert "The lantern" in again.text
    about = (await member.press(again, "About this fic")).message
    assert "### [The Twelfth Boat]" in about.text


async def test_a_passage_about_something(member: User):
    message = (
        await member.command("fic excerpt", work="twelfth boat", about="believed the tide table")
    ).message
    assert "Marit believed the tide table" in message.text


async def test_a_work_whose_text_stays_with_its_author(member: User, rig: Rig):
    card = (await member.command("fic show", work="keepsake")).message
    assert labels(card) == ["More like this"]
    said = refusal(await member.command("fic excerpt", work=f"#{rig.ids['Keepsake']}"))
    assert "stays with its author" in said


async def test_a_random_fic_fits_what_was_asked(member: User):
    for _ in range(3):
        card = (await member.command("fic random", fandom="Cowboy Bebop")).message
        assert "Gravity Assist" in card.text
    said = refusal(await member.command("fic random", rating="Explicit"))
    assert said == (
        "Nothing in the library fits that. 1 hidden: adult works show in age-restricted channels."
    )


async def test_what_is_not_there_is_not_found(member: User):
    assert "No work matches" in refusal(await member.command("fic show", work="zzyzx qwv"))
    assert "no such work" in refusal(await member.command("fic show", work="#999999"))


async def test_a_work_of_another_server_is_like_one_that_never_was(
    member: User, stranger: User, rig: Rig
):
    """Fault 12, through every way in."""
    card = (await stranger.command("fic show", work="twelfth boat")).message
    theirs = await rig.library.resolve(rig.next_door_id, "twelfth boat", Viewer())
    forged, never = theirs.work_id, 999_999
    listed = (await member.command("fic search", query="spike")).message
    mine = (await member.command("fic show", work="twelfth boat")).message
    for made_up in (
        lambda number: member.command("fic show", work=f"#{number}"),
        lambda number: member.command("fic search", query=f"#{number}"),
        lambda number: member.command("fic excerpt", work=f"#{number}"),
        lambda number: member.forced.press(mine, f"card:{number}"),
        lambda number: member.forced.press(mine, f"excerpt:{number}"),
        lambda number: member.forced.press(mine, f"excerpt:{number}:1"),
        lambda number: member.forced.press(listed, "results-pick", [str(number)]),
    ):
        said = [refusal(await made_up(number)) for number in (forged, never)]
        assert said[0] == said[1]
        assert "no such work" in said[0]
    assert card.text  # while it is there for its own server


async def test_lists_of_another_server_are_like_none(member: User, stranger: User, rig: Rig):
    await rig.add(
        *(a_work(f"Buoy {n}", author=f"keeper {n}") for n in range(12)),
        guild_id=rig.next_door_id,
    )
    theirs = (await stranger.command("fic search", query="buoy")).message
    token = (theirs.find("Next").custom_id or "").split(":")[1]
    mine = (await member.command("fic search", query="spike")).message
    for made_up in (f"results-page:{token}:8", "results-page:999999:8"):
        assert "too old" in refusal(await member.forced.press(mine, made_up))
    for made_up in (f"results-fandom:{token}", "results-fandom:999999"):
        assert "too old" in refusal(await member.forced.press(mine, made_up, ["0"]))


@pytest.mark.parametrize(
    "custom_id",
    ["nonsense", "card", "results-page:1", "results-pick", "card:99999999999999999999", "x:y", "é"],
)
async def test_made_up_controls_are_refused(member: User, custom_id: str):
    mine = (await member.command("fic show", work="twelfth boat")).message
    said = refusal(await member.forced.press(mine, custom_id))
    assert "older version" in said or "no such work" in said


async def test_commands_need_a_server(member: User):
    said = refusal(await member.at("dm").forced.command("fic show", work="boat"))
    assert said == "This works in a server only, not in direct messages."


async def test_markup_in_every_field_is_inert(member: User, rig: Rig):
    """Fault 14."""
    nasty = "@everyone <@&1> [x](http://evil.example) ||s|| \u202e# -# ```"
    await rig.add(
        a_work(
            f"Nasty {nasty}",
            author=nasty,
            fandom=nasty,
            characters=(nasty,),
            summary=nasty,
            passages=(f"{nasty}\n{LANTERN}",),
        )
    )
    for answer in (
        await member.command("fic show", work="nasty"),
        await member.command("fic excerpt", work="nasty"),
        await member.command("fic search", query="nasty"),
    ):
        message = answer.message
        assert "@everyone" not in message.text
        assert "<@&1>" not in message.text
        assert "[x](" not in message.text
        assert "\u202e" not in message.text
        assert not message.payload["mention_everyone"]
        assert not message.payload["mention_roles"]


async def test_a_query_is_shown_inert(member: User):
    said = refusal(await member.command("fic search", query="@everyone [x](http://e.example)"))
    assert "@everyone" not in said
    assert "\\[x\\]" in said
