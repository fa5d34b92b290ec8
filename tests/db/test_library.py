"""The library from outside: adding, finding again, editing, removing, isolation of servers."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from db.errors import BadInput, Conflict, NotFound, Refused
from db.library import Library
from db.models import (
    AddStatus,
    Excerpt,
    GuildSettings,
    NewWork,
    Rating,
    SearchRequest,
    TextAccess,
    Viewer,
    WorkChanges,
    WorkState,
)
from tests.db.builders import LANTERN, a_work

HERE, THERE, MOD = 100, 200, 7
ANYONE = Viewer(user_id=1)


@pytest_asyncio.fixture
async def library(tmp_path: Path) -> AsyncIterator[Library]:
    async with Library.open(tmp_path / "library.sqlite3") as opened:
        await opened.welcome_guild(HERE, "Here")
        await opened.welcome_guild(THERE, "There")
        yield opened


async def found(library: Library, query: str, guild_id: int = HERE) -> list[str]:
    answer = await library.search(guild_id, SearchRequest(query), ANYONE)
    return [hit.work.display_title for hit in answer.hits]


async def add(library: Library, *works: NewWork, guild_id: int = HERE) -> list[int]:
    outcomes = await library.add(guild_id, works, by=MOD)
    return [outcome.work_id or 0 for outcome in outcomes]


async def test_what_was_added_is_found_and_comes_back_whole(library: Library) -> None:
    new = a_work(characters=("Marit Voss", "Jon Voss"), tags=("Fog", "Slow Burn"))
    (work_id,) = await add(library, new)
    work = await library.work(HERE, work_id, ANYONE)
    assert work.info == replace(new.info, words=new.chapters[0].words)
    assert work.state is WorkState.PUBLISHED
    assert await found(library, "marit") == ["The Twelfth Boat"]
    assert [one.chapters async for one in library.export(HERE)] == [new.chapters]


PASSAGES = ("The lantern went out at the third bell.", "Eleven boats, and then none at all.")


def with_passages(*more: str, blank: str = "\n\n") -> NewWork:
    """A work whose excerpt candidates are its paragraphs."""
    text = blank.join((*PASSAGES, *more))
    excerpts = tuple(
        Excerpt(0, text.index(one), text.index(one) + len(one), one) for one in (*PASSAGES, *more)
    )
    return replace(a_work(texts=(text,)), excerpts=excerpts)


async def test_chosen_and_vetoed_passages_stay_so_in_a_longer_text(library: Library) -> None:
    (work_id,) = await add(library, with_passages())
    first, second = await library.excerpts(HERE, work_id)
    await library.veto_excerpt(HERE, work_id, first.excerpt_id, by=MOD)
    await library.choose_excerpt(HERE, work_id, second.excerpt_id, by=MOD)
    await add(library, with_passages("Nobody counted them twice.", blank="\n \n"))
    now = await library.excerpts(HERE, work_id)
    assert [(one.text, one.chosen) for one in now] == [
        (PASSAGES[1], True),
        ("Nobody counted them twice.", False),
    ]


async def test_the_same_work_again_is_a_duplicate_and_a_longer_one_an_update(
    library: Library,
) -> None:
    await add(library, a_work())
    (again,) = await library.add(HERE, [a_work()], by=MOD)
    assert again.status is AddStatus.DUPLICATE
    longer = a_work(texts=(LANTERN, LANTERN + "\n\nShe waited for it."), summary="Longer now.")
    (outcome,) = await library.add(HERE, [longer], by=MOD)
    assert (outcome.status, outcome.work_id) == (AddStatus.UPDATED, again.work_id)
    work = await library.work(HERE, again.work_id or 0)
    assert (work.chapter_count, work.info.summary) == (2, "Longer now.")
    (shorter,) = await library.add(HERE, [a_work(summary=None)], by=MOD)
    assert shorter.status is AddStatus.DUPLICATE
    assert len(await found(library, "boat")) == 1


async def test_an_import_leaves_what_a_moderator_set(library: Library) -> None:
    (work_id,) = await add(library, a_work(rating=Rating.GENERAL))
    await library.edit(HERE, work_id, WorkChanges(rating=Rating.TEEN), by=MOD)
    await library.add(HERE, [a_work(rating=Rating.GENERAL, summary="New words.")], by=None)
    work = await library.work(HERE, work_id)
    assert (work.info.rating, work.info.summary) == (Rating.TEEN, "New words.")


async def test_a_link_to_another_chapter_is_the_same_work(library: Library) -> None:
    (work_id,) = await add(
        library, a_work(source_url="https://archiveofourown.org/works/123/chapters/456")
    )
    (outcome,) = await library.add(
        HERE,
        [a_work("Another Name", source_url="http://www.archiveofourown.org/works/123?view=1")],
        by=MOD,
    )
    assert (outcome.status, outcome.work_id) == (AddStatus.UPDATED, work_id)
    assert await found(library, "another name") == ["Another Name"]


async def test_two_works_of_one_title_without_authors_are_two(library: Library) -> None:
    first = a_work("Home", authors=())
    second = a_work("Home", authors=(), texts=("The other house had no door at all.",))
    assert len(set(await add(library, first, second))) == 2


async def test_a_list_without_authors_or_texts_imports_once(library: Library) -> None:
    listed = [a_work(title, authors=(), texts=()) for title in ("Home", "Away")]
    await library.add(HERE, listed, by=None)
    again = await library.add(HERE, listed, by=None)
    assert [outcome.status for outcome in again] == [AddStatus.DUPLICATE] * 2
    elsewhere = a_work("Home", authors=(), texts=(), fandoms=("Another Place",))
    assert (await library.add(HERE, [elsewhere], by=None))[0].status is AddStatus.ADDED


async def test_drafts_are_unseen_until_published_and_stored_once(library: Library) -> None:
    first = await library.add_draft(HERE, a_work(), by=MOD, request_key="interaction-1")
    again = await library.add_draft(HERE, a_work(), by=MOD, request_key="interaction-1")
    assert first == again
    assert await found(library, "boat") == []
    work_id = first.work_id or 0
    with pytest.raises(NotFound):
        await library.work(HERE, work_id, ANYONE)
    await library.edit(HERE, work_id, WorkChanges(title="The Thirteenth Boat"), by=MOD)
    await library.publish(HERE, work_id, by=MOD)
    assert await found(library, "thirteenth") == ["The Thirteenth Boat"]
    with pytest.raises(Conflict):
        await library.publish(HERE, work_id, by=MOD)
    with pytest.raises(Conflict):
        await library.discard(HERE, work_id, by=MOD)


async def test_publishing_a_newer_copy_updates_the_work_it_copies(library: Library) -> None:
    (work_id,) = await add(library, a_work())
    newer = a_work(texts=(LANTERN, LANTERN))
    outcome = await library.add_draft(HERE, newer, by=MOD, request_key="2")
    assert outcome.status is AddStatus.UPDATED
    work = await library.publish(HERE, outcome.work_id or 0, by=MOD)
    assert (work.work_id, work.chapter_count) == (work_id, 2)
    assert await library.drafts(HERE) == []
    assert len(await found(library, "boat")) == 1


async def test_a_discarded_draft_is_gone(library: Library) -> None:
    outcome = await library.add_draft(HERE, a_work(), by=MOD, request_key="3")
    await library.discard(HERE, outcome.work_id or 0, by=MOD)
    with pytest.raises(NotFound):
        await library.work(HERE, outcome.work_id or 0)


async def test_edits_are_found_at_once_and_checked(library: Library) -> None:
    (work_id,) = await add(library, a_work())
    await library.edit(
        HERE, work_id, WorkChanges(title="Harbour Lights", characters=("Ottilie",)), by=MOD
    )
    assert await found(library, "ottilie") == ["Harbour Lights"]
    assert await found(library, "marit") == []
    for changes in (
        WorkChanges(title="x" * 256),
        WorkChanges(source_url="javascript:alert(1)"),
        WorkChanges(source_url="https://exa mple.org"),
        WorkChanges(characters=("y" * 151,)),
        WorkChanges(tags=tuple(f"tag {n}" for n in range(76))),
    ):
        with pytest.raises(BadInput):
            await library.edit(HERE, work_id, changes, by=MOD)
    await library.edit(HERE, work_id, WorkChanges(title=""), by=MOD)
    assert (await library.work(HERE, work_id)).info.title is None


async def test_removed_works_are_nowhere_until_restored(library: Library) -> None:
    (work_id,) = await add(library, a_work())
    await library.remove(HERE, work_id, by=MOD, why="asked to")
    assert await found(library, "boat") == []
    with pytest.raises(NotFound):
        await library.work(HERE, work_id, ANYONE)
    (outcome,) = await library.add(HERE, [a_work()], by=None)
    assert outcome.status is AddStatus.REFUSED
    assert [work.work_id for work in await library.removed(HERE)] == [work_id]
    await library.restore(HERE, work_id, by=MOD)
    assert await found(library, "boat") == ["The Twelfth Boat"]
    assert [entry.action for entry in await library.log(HERE)] == ["restore", "remove", "add"]


async def test_adult_works_are_refused_outside_their_place(library: Library) -> None:
    (work_id,) = await add(library, a_work(rating=Rating.NOT_RATED))
    with pytest.raises(Refused, match="age-restricted"):
        await library.work(HERE, work_id, ANYONE)
    with pytest.raises(Refused):
        await library.passage(HERE, work_id, ANYONE)
    with pytest.raises(Refused):
        await library.resolve(HERE, "twelfth boat", ANYONE)
    adults = Viewer(user_id=1, adult_ok=True)
    assert (await library.resolve(HERE, "twelfth boat", adults)).work_id == work_id
    work, hidden = await library.random_work(HERE, ANYONE)
    assert (work, hidden.adult) == (None, 1)


async def test_passages_go_round_and_obey_consent(library: Library) -> None:
    (work_id,) = await add(library, a_work(texts=(LANTERN, "A second chapter. " * 30)))
    first = await library.passage(HERE, work_id, ANYONE)
    second = await library.passage(HERE, work_id, ANYONE, after=first.excerpt.excerpt_id)
    third = await library.passage(HERE, work_id, ANYONE, after=second.excerpt.excerpt_id)
    assert first.excerpt != second.excerpt
    assert first == third
    about = await library.passage(HERE, work_id, ANYONE, about="brother pulled knot teeth")
    assert "with his teeth" in about.excerpt.text
    with pytest.raises(NotFound):
        await library.passage(HERE, work_id, ANYONE, about="zyzzyva quux")
    await library.choose_excerpt(HERE, work_id, second.excerpt.excerpt_id, by=MOD)
    assert (await library.passage(HERE, work_id, ANYONE)).excerpt.chosen
    await library.veto_excerpt(HERE, work_id, second.excerpt.excerpt_id, by=MOD)
    assert [e.excerpt_id for e in await library.excerpts(HERE, work_id)] == [
        first.excerpt.excerpt_id
    ]
    await library.edit(HERE, work_id, WorkChanges(text_access=TextAccess.METADATA), by=MOD)
    with pytest.raises(Conflict):
        await library.passage(HERE, work_id, ANYONE)


async def test_another_servers_ids_are_as_if_they_never_were(library: Library) -> None:
    (work_id,) = await add(library, a_work())
    (excerpt,) = await library.excerpts(HERE, work_id)
    adults = Viewer(adult_ok=True)
    never = 10**9
    for number in (work_id, never):
        for attempt in (
            library.work(THERE, number),
            library.work(THERE, number, adults),
            library.resolve(THERE, f"#{number}", adults),
            library.excerpts(THERE, number),
            library.passage(THERE, number, adults),
            library.publish(THERE, number, by=MOD),
            library.discard(THERE, number, by=MOD),
            library.edit(THERE, number, WorkChanges(title="Mine"), by=MOD),
            library.remove(THERE, number, by=MOD),
            library.restore(THERE, number, by=MOD),
            library.choose_excerpt(THERE, number, excerpt.excerpt_id, by=MOD),
            library.veto_excerpt(THERE, number, excerpt.excerpt_id, by=MOD),
        ):
            with pytest.raises(NotFound) as caught:
                await attempt
            assert str(caught.value) == "There is no such work in this server's library."
    assert await found(library, "boat", THERE) == []
    assert await library.log(THERE) == []
    token = await library.remember(HERE, 1, "payload")
    assert await library.recall(HERE, token) == (1, "payload")
    with pytest.raises(NotFound):
        await library.recall(THERE, token)


async def test_the_first_server_takes_over_the_unclaimed_shelf(tmp_path: Path) -> None:
    async with Library.open(tmp_path / "library.sqlite3") as library:
        assert await library.default_guild(None) == 0
        await library.add(0, [a_work()], by=None)
        assert await found(library, "boat", 0) == ["The Twelfth Boat"]
        assert await library.welcome_guild(HERE, "Here") == 1
        assert await library.default_guild(None) == HERE
        assert await found(library, "boat", HERE) == ["The Twelfth Boat"]
        assert await found(library, "boat", 0) == []
        assert await library.welcome_guild(THERE, "There") == 0
        assert await library.welcome_guild(HERE, "Here") == 0


async def test_settings_are_kept_by_server(library: Library) -> None:
    chosen = GuildSettings(moderator_role_id=5)
    await library.save_guild_settings(HERE, chosen, MOD)
    assert await library.guild_settings(HERE) == chosen
    assert await library.guild_settings(THERE) == GuildSettings()


async def test_a_newer_copy_keeps_the_moderators_word_and_never_undoes_a_removal(
    library: Library,
) -> None:
    (work_id,) = await add(library, a_work(source_url="https://example.org/works/1"))
    await library.edit(
        HERE,
        work_id,
        WorkChanges(rating=Rating.TEEN, text_access=TextAccess.METADATA, summary="Ours."),
        by=MOD,
    )
    bare = a_work(texts=(LANTERN, LANTERN), rating=Rating.NOT_RATED, fandoms=(), summary=None)
    draft = await library.add_draft(HERE, bare, by=MOD, request_key="bare")
    work = await library.publish(HERE, draft.work_id or 0, by=MOD)
    assert (work.work_id, work.chapter_count) == (work_id, 2)
    assert work.info.text_access is TextAccess.METADATA
    assert (work.info.rating, work.info.summary) == (Rating.TEEN, "Ours.")
    assert work.info.fandoms == ("Original Work",)
    assert work.info.source_url == "https://example.org/works/1"

    longer = a_work(texts=(LANTERN, LANTERN, LANTERN))
    draft = await library.add_draft(HERE, longer, by=MOD, request_key="longer")
    await library.remove(HERE, work_id, by=MOD)
    with pytest.raises(Conflict, match="/library restore"):
        await library.publish(HERE, draft.work_id or 0, by=MOD)
    assert await found(library, "boat") == []


async def test_a_waiting_draft_takes_the_text_of_a_better_file(library: Library) -> None:
    first = await library.add_draft(HERE, a_work(), by=MOD, request_key="a")
    better = a_work(texts=(LANTERN, LANTERN))
    second = await library.add_draft(HERE, better, by=MOD, request_key="b")
    assert (second.work_id, second.status) == (first.work_id, AddStatus.UPDATED)
    assert (await library.work(HERE, first.work_id or 0)).chapter_count == 2
    third = await library.add_draft(HERE, better, by=MOD, request_key="c")
    assert third.status is AddStatus.DUPLICATE


async def test_what_an_import_brought_over_the_caps_can_still_be_edited(library: Library) -> None:
    (work_id,) = await add(library, a_work(summary="long " * 400))
    work = await library.work(HERE, work_id)
    changed = await library.edit(
        HERE, work_id, WorkChanges(summary=work.info.summary, title="Renamed"), by=MOD
    )
    assert (changed.info.title, changed.info.summary) == ("Renamed", work.info.summary)


async def test_a_blank_request_for_a_work_is_answered_as_such(library: Library) -> None:
    await add(library, a_work(rating=Rating.EXPLICIT))
    with pytest.raises(NotFound, match="Say which work"):
        await library.resolve(HERE, "  ", ANYONE)
    for nothing in ("#'", "?!", "\u200b"):
        with pytest.raises(NotFound, match="Say which work"):
            await library.resolve(HERE, nothing, ANYONE)
