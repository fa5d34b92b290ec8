"""/fic quote as members use it, and its pages whatever they hold."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs import _text as text
from cogs._quotes import marked, quotes_sheet
from db.models import Hidden, QuoteAnswer, QuoteHit, QuoteMatch, Rating, WorkChanges
from sandbox import User
from tests.cogs import works
from tests.cogs.conftest import Rig, labels, option_value, refusal
from tests.cogs.shelf import ELEVEN, LANTERN, a_work

DISCORD_TEXT_LIMIT = 4000
DISCORD_BYTES = 10_000


async def test_exact_words_are_marked_in_their_sentences(member: User):
    message = (await member.command("fic quote", words="counted the boats again")).message
    assert not message.ephemeral
    lines = message.text.split("\n")
    assert lines[:3] == [
        "### “counted the boats again”",
        "-# Exact words · 1 passage",
        "**General Audiences** · No Archive Warnings Apply",
    ]
    assert "twice around her throat and **counted the boats again**." in message.text
    assert "— [*The Twelfth Boat*](<https://example.org/works/12>) by quaylight" in message.text
    assert labels(message) == []


async def test_rating_and_warnings_stand_before_every_passage(member: User):
    message = (await member.command("fic quote", words="curtains in it")).message
    rating = message.text.index("**Teen And Up Audiences**")
    assert rating < message.text.index("he had hung **curtains in it**")


async def test_words_near_each_other_are_said_to_be_so(member: User):
    message = (await member.command("fic quote", words="quay lantern bell")).message
    assert "-# These words, near each other · 1 passage" in message.text
    assert "The **lantern** went out at the third **bell**" in message.text
    assert "on the **quay** said" in message.text


async def test_a_mistyped_quote_comes_near(member: User):
    message = (await member.command("fic quote", words="lantren went out")).message
    assert "Nothing says exactly that; this comes near" in message.text
    assert "The **lantern went out** at" in message.text


async def test_a_passage_opens_its_card(member: User):
    message = (await member.command("fic quote", words="hung curtains")).message
    work_id = option_value(message, "Open a work", "Crypt Sweet Crypt")
    card = (await member.press(message, "Open a work", [work_id])).message
    assert card.ephemeral
    assert "### Crypt Sweet Crypt" in card.text


async def test_only_one_work(member: User, rig: Rig):
    await rig.add(a_work("Another Boat", passages=(f"Once more. {LANTERN}",)))
    everywhere = (await member.command("fic quote", words="the third bell")).message
    assert "2 passages" in everywhere.text
    offered = await member.autocomplete("fic quote", focused="work", words="x", work="another b")
    assert "Another Boat" in offered[0][0]
    answer = await member.command("fic quote", words="the third bell", work=offered[0][1])
    assert "1 passage" in answer.message.text
    assert "*Another Boat*" in answer.message.text
    said = refusal(await member.command("fic quote", words="hung curtains", work=offered[0][1]))
    assert said.startswith("Another Boat does not say “hung curtains”, or nearly so.")


async def test_what_nobody_says(member: User):
    said = refusal(await member.command("fic quote", words="zyzzyva quagmires"))
    assert said == (
        "Nothing in the library says “zyzzyva quagmires”, or nearly so. Try fewer words, or only "
        "those that you are sure of."
    )


@pytest.mark.parametrize("words", ["…!?", "  ", "🦇", "——"])
async def test_no_words_are_no_quote(member: User, words: str):
    said = refusal(await member.forced.command("fic quote", words=words))
    assert said == "There are no words in that. Type what a fic says, as you remember it."


@pytest.mark.parametrize(
    "words",
    ['"', "NEAR(a b)", "words:*", "a\x00b", "^a", "'; DROP TABLE works --", "a " * 90, "-a"],
)
async def test_odd_words_are_only_words(member: User, words: str):
    answer = await member.forced.command("fic quote", words=words)
    assert answer.error is None
    assert "code" not in answer.message.text


async def test_adult_passages_show_in_age_restricted_channels_only(member: User, rig: Rig):
    said = refusal(await member.command("fic quote", words="carry home in daylight"))
    assert said == (
        "Nothing else says that. 1 hidden: adult works show in age-restricted channels."
    )
    dark = member.at("after-dark")
    shown = (await dark.command("fic quote", words="carry home in daylight")).message
    assert "**carry home in daylight**" in shown.text
    work = f"#{rig.ids['Night Market']}"
    assert "age-restricted" in refusal(await member.command("fic quote", words="home", work=work))


async def test_texts_that_stay_with_their_authors_are_never_quoted(member: User, rig: Rig):
    words = "Keepsake was what they called it"
    said = refusal(await member.command("fic quote", words=words))
    assert said.startswith("Nothing in the library says")
    work = f"#{rig.ids['Keepsake']}"
    assert "stays with its author" in refusal(
        await member.command("fic quote", words=words, work=work)
    )


async def test_pages_are_turned_by_who_asked_and_after_a_restart(member: User, rig: Rig):
    await rig.add(
        *(a_work(f"Buoy {n}", author=f"k{n}", passages=(f"Buoy {n}. {ELEVEN}",)) for n in range(6))
    )
    message = (await member.command("fic quote", words="twelve this morning")).message
    assert "7 passages · page 1 of 3" in message.text
    assert message.find("Previous").disabled
    await rig.restart()
    second = (await member.press(message, "Next")).message
    assert second.id == message.id
    assert "page 2 of 3" in second.text
    last = (await member.press(second, "Next")).message
    assert "Buoy 5" in last.text
    assert last.find("Next").disabled
    said = refusal(await member.as_("moderator").press(last, "Previous"))
    assert said == "This list belongs to someone else. Use /fic quote for your own."
    gone = refusal(await member.forced.press(last, f"{_token(last)}:900"))
    assert gone == "There are no more passages. Use /fic quote to look again."


def _token(message) -> str:
    return message.find("Previous").custom_id.rpartition(":")[0]


async def test_a_page_shows_only_what_may_be_shown_by_then(member: User, rig: Rig):
    ids = await rig.add(
        *(a_work(f"Buoy {n}", author=f"k{n}", passages=(f"Buoy {n}. {ELEVEN}",)) for n in range(4))
    )
    message = (await member.command("fic quote", words="twelve this morning")).message
    for work_id in ids[2:]:
        await rig.library.edit(rig.guild_id, work_id, WorkChanges(rating=Rating.EXPLICIT), by=1)
    assert "no more passages" in refusal(await member.press(message, "Next"))


async def test_lists_of_others_are_like_none(member: User, stranger: User, rig: Rig):
    for guild_id in (rig.guild_id, rig.next_door_id):
        await rig.add(
            *(
                a_work(f"Buoy {n}", author=f"k{n}", passages=(f"Buoy {n}. {ELEVEN}",))
                for n in range(4)
            ),
            guild_id=guild_id,
        )
    theirs = (await stranger.command("fic quote", words="twelve this morning")).message
    mine = (await member.command("fic quote", words="twelve this morning")).message
    searched = (await member.command("fic search", query="spike")).message
    for made_up in (f"{_token(theirs)}:3", "quotes-page:999999:3"):
        assert "too old" in refusal(await member.forced.press(mine, made_up))
    assert "older version" in refusal(await member.forced.press(mine, "quotes-page:1"))
    token = searched.find("Cowboy Bebop · 1").custom_id.split(":")[1]
    assert "too old" in refusal(await member.forced.press(mine, f"quotes-page:{token}:3"))


async def test_another_servers_passages_are_not_found(member: User, rig: Rig):
    await rig.add(
        a_work("Elsewhere", passages=("Only next door do they say marzipan sundial.",)),
        guild_id=rig.next_door_id,
    )
    for words in ("marzipan sundial", "marzipan", "marzipna sundial", "sundial marzipan say"):
        said = refusal(await member.command("fic quote", words=words))
        assert "Elsewhere" not in said


async def test_markup_in_a_passage_is_inert(member: User, rig: Rig):
    nasty = (
        "@everyone <@&1> [x](http://evil.example) ||s|| ** __ `c` \u202e # pomegranate ~~ > -# x"
    )
    await rig.add(a_work(f"N {nasty}", author=nasty, passages=(f"{nasty}\n{LANTERN}",)))
    message = (await member.command("fic quote", words="pomegranate everyone")).message
    assert "**pomegranate**" in message.text
    assert "@everyone" not in message.text
    assert "<@&1>" not in message.text
    assert "[x](" not in message.text
    assert "\u202e" not in message.text
    assert not message.payload["mention_everyone"]
    assert not message.payload["mention_roles"]


@st.composite
def hits(draw: st.DrawFn) -> QuoteHit:
    passage = draw(works.passages).text
    edges = sorted(draw(st.lists(st.integers(0, len(passage)), max_size=12, unique=True)))
    edges = edges[: len(edges) // 2 * 2]
    marks = tuple(zip(edges[::2], edges[1::2], strict=True)) or ((0, min(5, len(passage))),)
    return QuoteHit(
        work=draw(works.works),
        chapter=draw(st.sampled_from([0, 399])),
        chapter_title=draw(st.sampled_from([None, "The Quay", "[" * 200, "Chapter 4: Rain"])),
        text=passage,
        marks=marks,
        times=draw(st.sampled_from([1, 2000])),
    )


@given(
    found=st.lists(hits(), min_size=1, max_size=3),
    words=st.sampled_from(["boats", "日" * 200, "*" * 200]),
    match=st.sampled_from(QuoteMatch),
    hidden=st.sampled_from([Hidden(), Hidden(999, 999)]),
)
def test_any_page_fits_in_a_message(
    found: list[QuoteHit], words: str, match: QuoteMatch, hidden: Hidden
) -> None:
    sheet = quotes_sheet(QuoteAnswer(words, match, 999, tuple(found), hidden), 2**53, 3)
    shown = [item.content for item in sheet.walk_children() if hasattr(item, "content")]
    assert sum(map(text.length, shown)) <= DISCORD_TEXT_LIMIT
    assert all(shown)
    assert len(str(sheet.to_components()).encode("utf-8", "replace")) <= 4 * DISCORD_BYTES
    assert len(list(sheet.walk_children())) <= 40


@given(hit=hits(), limit=st.integers(60, 900))
def test_a_passage_is_cut_to_its_room_around_its_marks(hit: QuoteHit, limit: int) -> None:
    block = marked(hit.text, hit.marks, limit)
    assert text.length(block) <= limit
    assert all(line.startswith(">") for line in block.split("\n"))


@given(hit=hits())
def test_nothing_of_a_passage_is_active_but_the_marks(hit: QuoteHit) -> None:
    block = marked(hit.text, hit.marks, 10_000)
    bare = re.sub(r"\\.", "x", block.replace("> ", ""))
    assert "*" not in re.sub(r"\*\*[^*]+\*\*", "", bare)
    assert not set("_~`|[]<#@") & set(bare.replace("@\u200b", ""))


def test_a_long_passage_keeps_the_words_that_were_found() -> None:
    passage = "Rain fell. " * 40 + "The lantern went out. " + "Rain fell. " * 40
    at = passage.index("lantern")
    block = marked(passage, [(at, at + 7)], 120)
    assert block.startswith("> …")
    assert "The **lantern** went out." in block
    assert block.endswith("…")
    assert text.length(block) <= 120
