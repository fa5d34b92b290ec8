"""/library as moderators use it, and as nobody else may."""

import json
from typing import Any

import pytest

from cogs._intake import MIB
from db.fetching import Fetcher
from db.models import Rating, Viewer, WorkState
from sandbox import Answer, Message, User
from tests.cogs.conftest import Rig, labels, refusal
from tests.cogs.shelf import a_work

EVERYTHING = Viewer(adult_ok=True)

STORY = (
    "The Salt Ledger\n\nby Ondine Marsh\n\n"
    + "\n\n".join(
        f"On the {day} morning the ledger had a new line in it, and nobody in the house had "
        "written it. Tamsin read it twice, once for the words and once for the hand, which was "
        "her own. “It says we owe the sea a chair,” she told the kitchen, and the kitchen, which "
        "had heard worse, went on with the bread. By evening one chair was gone from the table, "
        "and the tide had left a wet ring on the boards where it used to stand."
        for day in ("first", "second", "third", "fourth", "fifth", "sixth")
    )
    + "\n"
).encode()


LEDGER = a_work(
    "The Salt Ledger",
    author="Ondine Marsh",
    rating=Rating.NOT_RATED,
    warnings=(),
    passages=(
        "On the first morning the ledger had a new line in it.",
        "“It says we owe the sea a chair,” she told the kitchen.",
        "By evening one chair was gone from the table.",
    ),
)


async def add_text(moderator: User, **fields: Any) -> Message:
    """Fill in the form of /library add, and get the answer."""
    form = (await moderator.command("library add")).form
    answer = await moderator.submit(form, fields)
    return answer.message


async def review(moderator: User, **fields: Any) -> Message:
    """The review card of a new draft."""
    message = await add_text(moderator, **(fields or {"files": [("ledger.txt", STORY)]}))
    assert message.ephemeral
    assert "Publish" in labels(message), message.text
    return message


async def draft_card(rig: Rig, moderator: User, guild_id: int | None = None) -> Message:
    """The review card of a draft that is stored already; without the time that reading takes."""
    outcome = await rig.library.add_draft(
        guild_id or rig.guild_id, LEDGER, by=1, request_key=f"{len(rig.ids)}:{moderator.name}"
    )
    card = (await moderator.command("library edit", work=f"#{outcome.work_id}")).message
    assert "Publish" in labels(card)
    return card


async def test_a_file_becomes_a_published_work(moderator: User, member: User):
    card = await review(moderator)
    assert "-# Review" in card.text
    assert "Salt Ledger" in card.text
    assert "Ondine Marsh" in card.text
    assert "**1.**" in card.text  # a passage to choose from
    rated = (await moderator.press(card, "Rating", ["Teen And Up Audiences"])).message
    assert rated.id == card.id
    assert "**Teen And Up Audiences**" in rated.text
    warned = (
        await moderator.press(rated, "Archive warnings", ["No Archive Warnings Apply"])
    ).message
    assert "No Archive Warnings Apply" in warned.text
    done = (await moderator.press(warned, "Publish")).message
    assert done.text == ("Published: **The Salt Ledger**. Members find it with /fic search now.")
    found = (await member.command("fic search", query="salt leger")).message
    assert "The Salt Ledger" in found.text
    passage = (await member.command("fic excerpt", work="salt ledger")).message
    assert "the ledger had a new line" in passage.text


async def test_the_card_says_why(moderator: User):
    card = await review(moderator)
    assert "-# Title: from the " in card.text


async def test_an_untitled_text_is_not_given_a_title(moderator: User):
    body = STORY.split(b"\n\n", 2)[2]
    card = await review(moderator, text=body.decode())
    assert "-# The text gives no title." in card.text
    assert "### Untitled (“" in card.text
    titled = await submit_details(moderator, card, title="Chairs for the Sea")
    assert "### Chairs for the Sea" in titled.text


async def submit_details(
    moderator: User, card: Message, button: str = "Edit details", **fields: Any
) -> Message:
    form = (await moderator.press(card, button)).form
    return (await moderator.submit(form, fields)).message


async def test_title_and_link_of_the_form_are_taken(moderator: User):
    card = await review(
        moderator,
        text=STORY.decode(),
        title="Chairs for the Sea",
        link="https://example.org/works/9",
    )
    assert "### Chairs for the Sea" in card.text
    assert "-# Title: as you gave it." in card.text
    assert card.find("Source").url == "https://example.org/works/9"


async def test_an_unrated_work_is_published_as_adult(moderator: User, member: User, rig: Rig):
    card = await draft_card(rig, moderator)
    assert "Without a rating it shows in age-restricted channels only." in card.text
    done = (await moderator.press(card, "Publish")).message
    assert "It has no rating, so it shows in age-restricted channels only." in done.text
    assert "1 hidden" in refusal(await member.command("fic search", query="salt ledger"))


async def test_details_are_edited(moderator: User, rig: Rig):
    card = await draft_card(rig, moderator)
    edited = await submit_details(
        moderator,
        card,
        title="The Ledger",
        authors="Ondine Marsh, Tam O'Reed",
        fandoms="Original Work",
        relationships="Tamsin/The Sea",
        characters="Tamsin\nThe Kitchen",
    )
    assert "### The Ledger\nby Ondine Marsh, Tam O'Reed" in edited.text
    assert "**Characters:** Tamsin, The Kitchen" in edited.text
    more = await submit_details(
        moderator,
        edited,
        "More details",
        summary="The sea sends a bill.",
        tags="Slow Burn, Debt",
        source_url="https://example.org/works/8",
        status=["complete"],
        text_access=["metadata"],
    )
    assert "**Summary:** The sea sends a bill." in more.text
    assert "complete" in more.text
    form = (await moderator.press(more, "More details")).form
    values = {field.custom_id: field.value for field in form.fields}
    assert values["tags"] == "Slow Burn, Debt"


async def test_a_list_too_long_for_its_field_is_left_alone(moderator: User, rig: Rig):
    names = tuple(f"{'Longname' * 15} {n}" for n in range(40))
    (work_id,) = await rig.add(a_work("Cast of Thousands", characters=names))
    card = (await moderator.command("library edit", work=f"#{work_id}")).message
    form = (await moderator.press(card, "Edit details")).form
    assert "characters" not in [field.custom_id for field in form.fields]
    await moderator.submit(form, {"title": "Cast of Forty"})
    work = await rig.library.work(rig.guild_id, work_id)
    assert (work.info.title, work.info.characters) == ("Cast of Forty", names)


async def test_bad_details_are_explained_and_change_nothing(moderator: User, rig: Rig):
    card = await draft_card(rig, moderator)
    form = (await moderator.press(card, "More details")).form
    said = refusal(await moderator.submit(form, {"source_url": "not a link"}))
    assert "not a web address" in said
    both = ["No Archive Warnings Apply", "Underage Sex"]
    said = refusal(await moderator.press(card, "Archive warnings", both))
    assert "does not go together" in said
    (draft,) = await rig.library.drafts(rig.guild_id)
    assert draft.info.warnings == ()


async def test_a_passage_is_chosen(moderator: User, member: User, rig: Rig):
    card = await draft_card(rig, moderator)
    options = card.find("The passage that is shown first").options
    assert [value.startswith("never") for _, value, _ in options] == [False] * 3 + [True] * 3
    last = options[2][1]
    chosen = (await moderator.press(card, "The passage that is shown first", [last])).message
    assert "(chosen)" in chosen.text
    rated = (await moderator.press(chosen, "Rating", ["General Audiences"])).message
    await moderator.press(rated, "Publish")
    passage = (await member.command("fic excerpt", work="salt ledger")).message
    assert "By evening one chair was gone from the table." in passage.text


async def test_passages_of_an_explicit_work_stay_out_of_open_channels(moderator: User, rig: Rig):
    card = await draft_card(rig, moderator)
    rated = (await moderator.press(card, "Rating", ["Explicit"])).message
    assert "the ledger had a new line" not in rated.text
    assert "its passages show in age-restricted channels" in rated.text


async def test_a_draft_is_discarded(moderator: User, rig: Rig):
    card = await draft_card(rig, moderator)
    done = (await moderator.press(card, "Discard")).message
    assert done.text == "Discarded; nothing was added."
    assert await rig.library.drafts(rig.guild_id) == []
    said = refusal(await moderator.forced.press(card, publish_id(card)))
    assert "no such work" in said


def publish_id(card: Message) -> str:
    return card.find("Publish").custom_id or ""


async def test_a_review_goes_on_after_a_restart(moderator: User, rig: Rig):
    card = await review(moderator)
    form = (await moderator.press(card, "Edit details")).form
    await rig.restart()
    edited = (await moderator.submit(form, {"title": "The Ledger"})).message
    assert "### The Ledger" in edited.text
    assert "-# Title: from the " in edited.text  # what ingest noticed was kept
    rated = (await moderator.press(edited, "Rating", ["General Audiences"])).message
    assert "Published" in (await moderator.press(rated, "Publish")).message.text


async def test_a_form_opened_before_a_restart_is_taken(moderator: User, rig: Rig):
    form = (await moderator.command("library add")).form
    await rig.restart()
    message = (await moderator.submit(form, {"text": STORY.decode()})).message
    assert "Publish" in labels(message)


async def test_a_lost_review_is_found_again(moderator: User, rig: Rig):
    card = await draft_card(rig, moderator)
    await moderator.delete(card)
    ((name, value),) = await moderator.autocomplete("library edit", focused="work", work="salt")
    assert name == "(to review) The Salt Ledger by Ondine Marsh"
    again = (await moderator.command("library edit", work=value)).message
    assert "Publish" in labels(again)


async def test_the_same_text_is_reviewed_once(moderator: User, rig: Rig):
    await review(moderator)
    again = await review(moderator)
    assert "-# This was waiting for review already." in again.text
    assert len(await rig.library.drafts(rig.guild_id)) == 1
    await moderator.press(again, "Publish")
    message = await add_text(moderator, files=[("ledger.txt", STORY)])
    assert message.text.startswith("**The Salt Ledger**: This is in the library already.\n### The")


async def test_several_works_are_reviewed_one_after_another(moderator: User, rig: Rig):
    lines = [
        {
            "title": f"Ledger {n}",
            "authors": [f"clerk {n}"],
            "rating": "General Audiences",
            "chapters": [{"title": None, "text": f"Ledger number {n} was blue. " * 30}],
        }
        for n in (1, 2, 3)
    ]
    data = "\n".join(json.dumps(line) for line in lines).encode()
    card = await review(moderator, files=[("ledgers.jsonl", data)], link="https://example.org/x")
    assert "1 of 3" in card.text
    assert "they can belong to one work only" in card.text
    card = (await moderator.press(card, "Publish")).message
    assert "2 of 3" in card.text
    assert "Published: **Ledger 1**" in card.text
    card = (await moderator.press(card, "Discard")).message
    assert "3 of 3" in card.text
    card = (await moderator.press(card, "Publish")).message
    assert "Published: **Ledger 3**" in card.text
    found = await rig.library.resolve(rig.guild_id, "Ledger 1", EVERYTHING)
    assert found.info.title == "Ledger 1"


async def test_a_message_is_added_from_its_menu(moderator: User, member: User):
    said = await member.say(STORY.decode()[:1900])
    card = (await moderator.menu(said, "Add to library")).message
    assert card.ephemeral
    assert "Salt Ledger" in card.text
    assert "Publish" in labels(card)


async def test_a_file_in_a_message_is_added_with_the_link_beside_it(moderator: User, member: User):
    said = await member.say("mine: https://example.org/works/3", files=[("ledger.md", STORY)])
    card = (await moderator.menu(said, "Add to library")).message
    assert card.find("Source").url == "https://example.org/works/3"


async def test_a_message_without_text_is_nothing_to_add(moderator: User, member: User):
    message = (await member.command("fic show", work="twelfth boat")).message
    said = (await moderator.menu(message, "Add to library")).message
    assert "There is nothing to add" in said.text


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "There is nothing to add"),
        ({"text": "   \n "}, "There is nothing to add"),
        ({"link": "https://example.org/works/1"}, "no plain link to a site"),
        ({"text": "https://example.org/works/1"}, "no plain link to a site"),
        ({"link": "ao3, my favourites"}, "not a web address"),
        ({"text": STORY.decode()[:3000], "link": "javascript:alert(1)"}, "not a web address"),
        (
            {"files": [("fic.exe", b"MZ\x00\x01\x02\x00" * 99)]},
            "**fic.exe**: This does not look like text",
        ),
        ({"files": [("empty.txt", b"")]}, "**empty.txt**: "),
        ({"files": [("bad.jsonl", b"{]")]}, "**bad.jsonl**: "),
    ],
)
async def test_what_cannot_be_added_is_explained(
    moderator: User, rig: Rig, fields: dict[str, Any], says: str
):
    message = await add_text(moderator, **fields)
    assert message.ephemeral
    assert says in message.text
    assert await rig.library.drafts(rig.guild_id) == []


async def test_a_link_is_fetched_and_reviewed(moderator: User, rig: Rig):
    rig.bot.fetcher = Fetcher(test_site=True, fetch_pause_s=0, page_pause_s=0)
    card = await review(moderator, link="http://test1.com?sid=1")
    assert "Test Story Title 1" in card.text
    assert "Title: from the FanFicFare file." in card.text
    assert card.find("Source").url == "http://test1.com?sid=1"


async def test_what_is_too_large_is_not_even_fetched(moderator: User, rig: Rig):
    files = [(f"part{n}.txt", b"a" * (9 * MIB)) for n in range(3)]
    said = await add_text(moderator, files=files)
    assert said.text == "That is more than 25 MiB. Please add fewer files."


async def test_one_bad_file_does_not_keep_the_other_out(moderator: User):
    card = await review(moderator, files=[("ledger.txt", STORY), ("fic.pdf", b"%PDF-1.7")])
    assert "**fic.pdf**: This is a PDF" in card.text
    assert "Salt Ledger" in card.text


async def test_a_published_work_is_edited(moderator: User, member: User, rig: Rig):
    ((_, value),) = await moderator.autocomplete("library edit", focused="work", work="gravity")
    card = (await moderator.command("library edit", work=value)).message
    assert "-# Edit" in card.text
    assert "Publish" not in labels(card)
    await submit_details(moderator, card, title="Gravity Assisted")
    found = (await member.command("fic show", work="gravity assisted")).message
    assert "### Gravity Assisted" in found.text


async def test_adult_works_can_be_kept_from_any_channel(moderator: User, rig: Rig):
    card = (await moderator.command("library edit", work="night market")).message
    assert "Night Market" in card.text
    assert "Nobody at the night market" not in card.text


async def test_a_work_is_removed_and_restored(moderator: User, member: User, rig: Rig):
    asked = (
        await moderator.command("library remove", work="gravity assist", why="asked for *it*")
    ).message
    assert "Remove **Gravity Assist** by jetblack?" in asked.text
    assert (await member.command("fic show", work="gravity assist")).message  # not yet
    await rig.restart()
    done = (await moderator.press(asked, "Remove")).message
    assert done.text == "Removed **Gravity Assist**. /library restore brings it back."
    assert "no such work" in refusal(
        await member.command("fic show", work=f"#{rig.ids['Gravity Assist']}")
    )
    ((name, value),) = await moderator.autocomplete("library restore", focused="work", work="")
    assert name == "Gravity Assist by jetblack"
    said = refusal(await moderator.command("library edit", work=value))
    assert "was removed" in said
    back = (await moderator.command("library restore", work=value)).message
    assert back.text == "Restored **Gravity Assist**. Members find it again."
    assert (await member.command("fic show", work="gravity assist")).message
    log = (await moderator.command("library log")).message.text
    assert "remove **Gravity Assist**: asked for \\*it\\*" in log
    assert "restore **Gravity Assist**" in log


async def test_wrong_uses_of_remove_and_restore(moderator: User, rig: Rig):
    assert "no such work" in refusal(await moderator.command("library remove", work="#99999"))
    said = refusal(await moderator.command("library restore", work="gravity"))
    assert "choose one of the removed works" in said
    not_removed = f"#{rig.ids['Gravity Assist']}"
    said = refusal(await moderator.command("library restore", work=not_removed))
    assert "not removed" in said


async def test_the_log_goes_back_in_time(moderator: User, rig: Rig):
    for n in range(25):
        await rig.add(a_work(f"Entry {n:02}", author=f"clerk {n}"))
    newest = (await moderator.command("library log")).message
    assert "Entry 24" in newest.text
    assert "Entry 04" not in newest.text
    older = (await moderator.press(newest, "Older")).message
    assert "Entry 04" in older.text


# Who may


async def test_members_are_not_even_offered_it(member: User):
    offered = {command["name"] for command in await member.commands()}
    assert "fic" in offered
    assert "library" not in offered
    assert "Add to library" not in offered


MODERATED = [
    ("library add", {}),
    ("library edit", {"work": "gravity"}),
    ("library remove", {"work": "gravity"}),
    ("library restore", {"work": "gravity"}),
    ("library log", {}),
    ("library settings", {}),
]


@pytest.mark.parametrize(("command", "options"), MODERATED)
async def test_a_member_who_was_given_the_command_is_refused(
    member: User, command: str, options: dict[str, str]
):
    """Fault 13: a server can enable the command for anybody."""
    said = refusal(await member.forced.command(command, **options))
    assert said == "That is for this server's moderators."


@pytest.mark.parametrize(("command", "options"), MODERATED)
async def test_direct_messages_are_refused(moderator: User, command: str, options: dict[str, str]):
    said = refusal(await moderator.at("dm").forced.command(command, **options))
    assert said == "This works in a server only, not in direct messages."


async def test_a_member_is_not_offered_names_either(member: User, rig: Rig):
    await rig.library.remove(rig.guild_id, rig.ids["Night Market"], by=1)
    for command in ("library edit", "library remove", "library restore"):
        offered = await member.forced.autocomplete(command, focused="work", work="")
        assert list(offered) == []


async def test_a_member_cannot_use_the_menu(member: User):
    said = await member.say("A story.")
    assert refusal(await member.forced.menu(said, "Add to library")) == (
        "That is for this server's moderators."
    )


async def test_a_demoted_moderator_is_refused_at_old_controls(moderator: User, rig: Rig):
    """Fault 13, at every control that a moderator can have left from before."""
    card = await draft_card(rig, moderator)
    removal = (await moderator.command("library remove", work="gravity")).message
    log = (await moderator.command("library log")).message
    form = (await moderator.command("library add")).form
    details = (await moderator.press(card, "Edit details")).form
    await moderator.permissions(**{"as": "moderator", "roles": []})
    answers: list[Answer] = [
        await moderator.press(card, "Publish"),
        await moderator.press(card, "Discard"),
        await moderator.press(card, "Rating", ["Explicit"]),
        await moderator.press(card, "Archive warnings", ["Underage Sex"]),
        await moderator.press(card, "Edit details"),
        await moderator.press(card, "More details"),
        await moderator.press(removal, "Remove"),
        await moderator.forced.press(log, "log-older:5"),
        await moderator.submit(form, {"text": STORY.decode()}),
        await moderator.submit(details, {"title": "Mine"}),
    ]
    for answer in answers:
        assert refusal(answer) == "That is for this server's moderators."
    (draft,) = await rig.library.drafts(rig.guild_id)
    assert (draft.info.title, draft.info.rating) == ("The Salt Ledger", Rating.NOT_RATED)


async def test_a_role_can_moderate_but_not_appoint(member: User, moderator: User, rig: Rig):
    state = await moderator.state()
    role = next(r["id"] for r in state["roles"] if r["name"] == "moderator")
    said = (
        await moderator.command("library settings", moderator_role=role, log_channel="mod-desk")
    ).message
    assert f"Moderator role: <@&{role}>" in said.text
    # The role loses Manage Server; who has it still moderates, by the setting alone.
    rig.sandbox.world.guilds[rig.guild_id].roles[int(role)].permissions &= ~(1 << 5)
    assert (await moderator.forced.command("library log")).message.components
    said = refusal(await moderator.forced.command("library settings", forget="log_channel"))
    assert said == "That is for this server's moderators."
    shown = (await moderator.forced.command("library settings")).message.text
    assert "Log channel: <#" in shown
    owner = rig.user("owner")
    gone = (await owner.command("library settings", forget="moderator_role")).message
    assert "Moderator role: not set" in gone.text
    assert refusal(await moderator.forced.command("library log"))


async def test_everybody_cannot_be_made_moderator(moderator: User, rig: Rig):
    said = refusal(await moderator.command("library settings", moderator_role=str(rig.guild_id)))
    assert "That role is everybody's" in said


async def test_works_and_reviews_of_another_server_are_like_none(
    moderator: User, stranger: User, rig: Rig
):
    """Fault 12: the stranger owns Next Door, so moderates there."""
    theirs = await draft_card(rig, stranger, rig.next_door_id)
    token = publish_id(theirs).split(":")[1]
    (their_draft,) = await rig.library.drafts(rig.next_door_id)
    mine = await draft_card(rig, moderator)
    for action in ("publish", "discard", "details", "more"):
        for made_up in (token, "999999"):
            said = refusal(await moderator.forced.press(mine, f"review-{action}:{made_up}:0"))
            assert "too old" in said
    for action, value in (
        ("rating", "Explicit"),
        ("warnings", "Underage Sex"),
        ("passage", "1"),
    ):
        for made_up in (token, "999999"):
            custom_id = f"review-{action}:{made_up}:0"
            said = refusal(await moderator.forced.press(mine, custom_id, [value]))
            assert "too old" in said
    for command in ("edit", "remove", "restore"):
        said = [
            refusal(await moderator.command(f"library {command}", work=f"#{number}"))
            for number in (their_draft.work_id, 999_999)
        ]
        assert said[0] == said[1]
    their_excerpts = await rig.library.excerpts(rig.next_door_id, their_draft.work_id)
    own = mine.find("The passage that is shown first").custom_id or ""
    forged = [str(their_excerpts[0].excerpt_id)]
    assert "no such excerpt" in refusal(await moderator.forced.press(mine, own, forged))
    draft = await rig.library.work(rig.next_door_id, their_draft.work_id)
    assert (draft.state, draft.info.rating) == (WorkState.DRAFT, Rating.NOT_RATED)


async def test_a_review_belongs_to_its_moderator(moderator: User, rig: Rig):
    card = await draft_card(rig, moderator)
    owner = rig.user("owner")
    log = (await owner.command("library log")).message
    assert "too old" in refusal(await owner.forced.press(log, publish_id(card)))


async def test_a_search_is_no_review(moderator: User):
    listed = (await moderator.command("fic search", query="spike")).message
    token = (listed.find("Cowboy Bebop · 1").custom_id or "").split(":")[1]
    assert "too old" in refusal(await moderator.forced.press(listed, f"review-publish:{token}:0"))
    assert "too old" in refusal(await moderator.forced.press(listed, f"remove-confirm:{token}"))


async def test_a_removal_is_done_once(moderator: User):
    asked = (await moderator.command("library remove", work="gravity assist")).message
    done = (await moderator.press(asked, "Remove")).message
    with pytest.raises(LookupError):
        done.find("Remove")
    again = asked.find("Remove").custom_id or ""
    assert "not in the library" in refusal(await moderator.forced.press(done, again))
