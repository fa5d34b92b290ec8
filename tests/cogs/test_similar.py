"""/fic similar and "More like this" as members use them."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cogs._similar import PAGE_SIMILAR, nothing_similar, similar_sheet
from db.models import (
    Hidden,
    NameField,
    NewWork,
    Rating,
    SimilarAnswer,
    SimilarHit,
    Viewer,
    Work,
)
from sandbox import User
from sandbox.limits import check_message, overweight
from tests.cogs.conftest import Rig, labels, option_value, refusal
from tests.cogs.shelf import a_work
from tests.cogs.works import works

LONG = 2**63 - 1


def skiffs(count: int) -> list[NewWork]:
    """Works of one fandom that the shelf has none of."""
    return [
        a_work(f"Skiff {n:02}", author=f"keeper {n}", fandom="Tidewater", characters=("Ada Hull",))
        for n in range(count)
    ]


async def test_works_like_one_are_listed_with_what_they_share(member: User, rig: Rig):
    await rig.add(
        a_work("Crypt Notes", author="gravedigger", fandom="Buffy the Vampire Slayer",
               characters=("Spike",)),
        a_work("Stakes", author="slayer", fandom="Buffy the Vampire Slayer"),
    )  # fmt: skip
    message = (await member.command("fic similar", work="crypt sweet crypt")).message
    assert not message.ephemeral
    lines = message.text.split("\n")
    assert lines[:2] == ["### More like *Crypt Sweet Crypt*", "-# by mausoleum · 2 works"]
    first = lines.index("**1.** **Crypt Notes** by gravedigger")
    assert lines[first + 1].startswith("-# General Audiences · Buffy the Vampire Slayer")
    assert lines[first + 2] == "-# Shares Spike, Buffy the Vampire Slayer"
    assert "**2.** **Stakes** by slayer" in lines
    assert "Gravity Assist" not in message.text
    work_id = option_value(message, "Open a work", "Crypt Notes")
    card = (await member.press(message, "Open a work", [work_id])).message
    assert card.ephemeral
    assert "### Crypt Notes" in card.text


async def test_what_autocomplete_offers_is_taken(member: User, rig: Rig):
    await rig.add(*skiffs(2))
    choices = await member.autocomplete("fic similar", focused="work", work="skiff 00")
    name, value = choices[0]
    assert name == "Skiff 00 — keeper 0"
    message = (await member.command("fic similar", work=value)).message
    assert "### More like *Skiff 00*" in message.text
    assert "Skiff 01" in message.text


async def test_a_card_offers_more_like_it_to_whoever_presses(member: User, rig: Rig):
    await rig.add(*skiffs(2))
    card = (await member.command("fic show", work="skiff 00")).message
    assert labels(card) == ["Excerpt", "More like this"]
    answer = await member.as_("moderator").press(card, "More like this")
    assert answer.message.ephemeral
    assert "### More like *Skiff 00*" in answer.message.text


async def test_pages_are_turned_by_who_asked_and_after_a_restart(member: User, rig: Rig):
    await rig.add(*skiffs(2 * PAGE_SIMILAR + 2))
    message = (await member.command("fic similar", work="skiff 00")).message
    assert "page 1 of 3" in message.text
    assert message.find("Previous").disabled
    await rig.restart()
    second = (await member.press(message, "Next")).message
    assert second.id == message.id
    assert f"**{PAGE_SIMILAR + 1}.** **Skiff" in second.text
    third = (await member.press(second, "Next")).message
    assert third.find("Next").disabled
    said = refusal(await member.as_("moderator").press(third, "Previous"))
    assert said == "This list belongs to someone else. Use /fic similar for your own."
    assert "page 2 of 3" in (await member.press(third, "Previous")).message.text


async def test_nothing_like_it_is_said_kindly(member: User):
    said = refusal(await member.command("fic similar", work="gravity assist"))
    assert said.startswith("Nothing in the library is like *Gravity Assist* yet")
    assert "/fic random" in said


async def test_adult_works_are_listed_in_age_restricted_channels_only(member: User, rig: Rig):
    asked, adult = skiffs(2)
    await rig.add(asked, replace(adult, info=replace(adult.info, rating=Rating.EXPLICIT)))
    said = refusal(await member.command("fic similar", work="skiff 00"))
    assert said == (
        "Nothing else here is like *Skiff 00*. "
        "1 hidden: adult works show in age-restricted channels."
    )
    dark = member.at("after-dark")
    message = (await dark.command("fic similar", work="skiff 00")).message
    assert "**1.** **Skiff 01**" in message.text
    assert "-# Explicit" in message.text
    card = (await dark.command("fic show", work="skiff 01")).message
    await dark.permissions(channel="after-dark", nsfw=False)
    assert "age-restricted" in refusal(await dark.press(card, "More like this"))


async def test_a_list_follows_the_channel_it_is_in(member: User, rig: Rig):
    fleet = skiffs(PAGE_SIMILAR + 3)
    explicit = [replace(one, info=replace(one.info, rating=Rating.EXPLICIT)) for one in fleet[1:]]
    await rig.add(fleet[0], *explicit)
    dark = member.at("after-dark")
    message = (await dark.command("fic similar", work="skiff 00")).message
    await dark.permissions(channel="after-dark", nsfw=False)
    turned = (await dark.press(message, "Next")).message
    assert "Skiff 01" not in turned.text
    assert f"{PAGE_SIMILAR + 2} hidden" in turned.text


async def test_a_work_of_another_server_is_like_one_that_never_was(
    member: User, stranger: User, rig: Rig
):
    """Fault 12."""
    theirs = (await rig.library.resolve(rig.next_door_id, "twelfth boat", Viewer())).work_id
    mine = (await member.command("fic show", work="twelfth boat")).message
    owner = next(one.id for one in rig.sandbox.world.accounts.values() if one.name == "member")
    said: list[list[str]] = []
    for number in (theirs, 999_999):
        asked = await member.command("fic similar", work=f"#{number}")
        pressed = await member.forced.press(mine, f"similar:{number}")
        turned = await member.forced.press(mine, f"similar-page:{number}:0:{owner}")
        said.append([refusal(answer) for answer in (asked, pressed, turned)])
    assert said[0] == said[1]
    assert all("no such work" in sentence for sentence in said[0])


@pytest.mark.parametrize("custom_id", ["similar", "similar-page:1", "similar-page:1:8"])
async def test_made_up_controls_are_refused(member: User, custom_id: str):
    mine = (await member.command("fic show", work="twelfth boat")).message
    assert "older version" in refusal(await member.forced.press(mine, custom_id))


async def test_an_offset_beyond_the_list_is_an_empty_page(member: User, rig: Rig):
    await rig.add(*skiffs(2 * PAGE_SIMILAR))
    message = (await member.command("fic similar", work="skiff 00")).message
    _, work_id, _, owner = (message.find("Next").custom_id or "").split(":")
    page = await member.forced.press(message, f"similar-page:{work_id}:{LONG}:{owner}")
    assert "### More like *Skiff 00*" in page.message.text


_named = st.tuples(st.sampled_from(NameField), st.sampled_from(["a", "[x](", "日" * 150, "@" * 99]))
_hits = st.builds(
    SimilarHit,
    works,
    st.floats(0, 20),
    st.lists(_named, max_size=30).map(tuple),
    st.lists(st.sampled_from(["boat", "日", "wort" * 25]), min_size=1, max_size=40).map(tuple),
)


@settings(max_examples=40, deadline=None)  # extreme works take a while to make up
@given(works, st.lists(_hits, min_size=PAGE_SIMILAR, max_size=PAGE_SIMILAR), st.integers(0, 96))
def test_any_list_fits(work: Work, hits: list[SimilarHit], offset: int):
    hidden = Hidden(adult=100_000, muted=100_000)
    hits = [replace(hit, work=replace(hit.work, work_id=LONG - n)) for n, hit in enumerate(hits)]
    answer = SimilarAnswer(work, 96, tuple(hits), hidden)
    sheet: Any = similar_sheet(answer, offset, LONG)
    rows = json.loads(json.dumps(sheet.to_components()))
    assert check_message({"components": rows}, v2=True) == []
    assert not overweight(rows)
    assert len(nothing_similar(replace(answer, hits=()))) < 2000
