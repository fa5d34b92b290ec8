"""Works that share text: recognised in part, in another format, and after they were erased."""

import random
import sqlite3
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.library import Library
from db.models import AddStatus, NewWork
from db.sketches import RUN, Sketch, containment, plain_words, sketch
from tests.db.builders import a_work

HERE, THERE, MOD = 100, 200, 7
WORDS = [f"{a}{b}{c}" for a in "blmnrt" for b in ("ar", "en", "il", "ow") for c in "dkst"]


def story(seed: int, words: int = 3000) -> str:
    """A text that shares nothing with that of another seed."""
    chance = random.Random(seed)
    said = [f"{chance.choice(WORDS)}{chance.choice(WORDS)}" for _ in range(words)]
    return "\n\n".join(" ".join(said[at : at + 50]) + "." for at in range(0, words, 50))


def chapters(seed: int, count: int) -> tuple[str, ...]:
    return tuple(story(seed * 100 + number, 1000) for number in range(count))


def sketch_all(texts: Sequence[str]) -> Sketch:
    return sketch("\n\n".join(texts))


def changed(text: str, share: float) -> str:
    chance = random.Random(share)
    return " ".join("otherwise" if chance.random() < share else word for word in text.split(" "))


# -- sketches ----------------------------------------------------------------------------------
def test_a_part_lies_whole_in_its_longer_copy() -> None:
    whole = chapters(1, 8)
    assert containment(sketch_all(whole[:3]), sketch_all(whole)) == 1.0
    assert 0.25 < containment(sketch_all(whole), sketch_all(whole[:3])) < 0.5
    # Of a text so short that more of it is kept, too.
    assert containment(sketch(whole[0]), sketch_all(whole)) == 1.0


def test_some_words_changed_and_none_shared() -> None:
    text = story(2, 20_000)
    assert 0.6 < containment(sketch(text), sketch(changed(text, 0.05))) < 0.9
    assert containment(sketch(text), sketch(story(3, 20_000))) == 0.0
    assert containment(sketch(""), sketch(text)) == 0.0


def test_quotes_case_and_punctuation_do_not_count() -> None:
    straight = '"No," he said - "it\'s late; don\'t row home."'
    curly = "“NO”, he said — “it’s late. Don’t row home!”"
    assert sketch(straight) == sketch(curly)
    assert sketch(straight).hashes


@given(st.lists(st.sampled_from(["so", "it", "was", "late"]), max_size=60))
def test_of_a_short_text_every_phrase_is_kept(words: list[str]) -> None:
    phrases = {tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1)}
    assert len(sketch(" ".join(words)).hashes) == len(phrases)
    assert plain_words(" ".join(words)) == [word.encode() for word in words]


# -- works -------------------------------------------------------------------------------------
@pytest.fixture
async def library(tmp_path: Path) -> AsyncIterator[Library]:
    async with Library.open(tmp_path / "library.sqlite3") as opened:
        await opened.welcome_guild(HERE, "Here")
        await opened.welcome_guild(THERE, "There")
        yield opened


async def add(library: Library, new: NewWork, guild_id: int = HERE) -> tuple[AddStatus, str]:
    [outcome] = await library.add(guild_id, [new], by=MOD)
    return outcome.status, outcome.reason or ""


async def test_a_longer_copy_under_another_name_of_none_updates(library: Library) -> None:
    whole = chapters(1, 5)
    await add(library, a_work(texts=whole[:3]))
    draft = await library.add_draft(
        HERE, a_work(title=None, authors=(), texts=whole), by=MOD, request_key="1"
    )
    assert draft.status is AddStatus.UPDATED
    assert draft.reason == (
        "The library has an older copy: 3 chapters, 3,000 words. Publishing updates it."
    )
    assert draft.work_id is not None
    work = await library.publish(HERE, draft.work_id, by=MOD)
    assert (work.info.title, work.chapter_count, work.info.words) == ("The Twelfth Boat", 5, 5000)


async def test_the_same_text_in_other_clothes_and_an_older_copy_are_here(library: Library) -> None:
    whole = chapters(1, 5)
    await add(library, a_work(texts=whole))
    spaced = tuple(text.replace("\n\n", "\n\n \n\n") + "\n" for text in whole)
    assert await add(library, a_work(title=None, authors=(), texts=spaced)) == (
        AddStatus.DUPLICATE, "This is in the library already.",
    )  # fmt: skip
    assert await add(library, a_work(title=None, authors=(), texts=whole[:2])) == (
        AddStatus.DUPLICATE,
        "The library has a longer copy of this: 5 chapters, 5,000 words.",
    )


async def test_a_collection_is_no_longer_copy_of_what_it_holds(library: Library) -> None:
    await add(library, a_work("Drabble One", texts=chapters(1, 1)))
    together = a_work("Drabbles", texts=(*chapters(1, 1), *chapters(2, 3)))
    assert (await add(library, together))[0] is AddStatus.ADDED


async def test_two_stories_of_one_name_by_one_author_are_two(library: Library) -> None:
    await add(library, a_work("Untold", texts=chapters(1, 2)))
    assert (await add(library, a_work("Untold", texts=chapters(2, 3))))[0] is AddStatus.ADDED


async def test_another_text_under_one_link_is_not_put_silently(library: Library) -> None:
    link = "https://archiveofourown.org/works/5"
    await add(library, a_work("Tide", texts=chapters(1, 2), source_url=link))
    other = a_work("Tide", texts=chapters(2, 3), source_url=link + "/chapters/9")
    status, reason = await add(library, other)
    assert status is AddStatus.REFUSED
    assert reason.startswith("“Tide” has the same link and another text.")
    draft = await library.add_draft(HERE, other, by=MOD, request_key="1")
    assert draft.status is AddStatus.UPDATED
    assert "Add this as its next chapter, or publish it in its place." in (draft.reason or "")


async def test_another_server_shares_nothing(library: Library) -> None:
    await add(library, a_work(texts=chapters(1, 3)))
    new = a_work(title=None, authors=(), texts=chapters(1, 3))
    assert (await add(library, new, THERE))[0] is AddStatus.ADDED


async def test_what_was_taken_down_is_refused_by_link_by_name_and_by_text(
    library: Library,
) -> None:
    link = "https://archiveofourown.org/works/5"
    whole = chapters(1, 4)
    [outcome] = await library.add(HERE, [a_work("Tide", texts=whole, source_url=link)], by=MOD)
    assert outcome.work_id is not None
    await library.take_down(HERE, outcome.work_id, by=MOD, why="its author asked")
    for new in (
        a_work("Other", authors=("x",), texts=chapters(9, 2), source_url=f"{link}#main"),
        a_work("TIDE!", texts=chapters(9, 2)),
        a_work("Renamed", authors=("thief",), texts=tuple(changed(t, 0.03) for t in whole)),
        a_work(None, authors=(), texts=whole[:2]),
    ):
        status, reason = await add(library, new)
        assert (status, reason) == (
            AddStatus.REFUSED, "This work was taken out of the library for good.",
        )  # fmt: skip
    assert (await add(library, a_work("Tide", texts=whole), THERE))[0] is AddStatus.ADDED
    assert [entry.action for entry in await library.log(HERE)] == ["take-down", "add"]


async def test_nothing_of_what_was_taken_down_is_left(library: Library, tmp_path: Path) -> None:
    text = "The unmistakable lighthouse keeper. " * 20
    [outcome] = await library.add(HERE, [a_work("Tide", texts=(text,))], by=MOD)
    assert outcome.work_id is not None
    await library.take_down(HERE, outcome.work_id, by=MOD, why="")
    conn = sqlite3.connect(tmp_path / "library.sqlite3")
    for table in ("works", "chapters", "excerpts", "sketches", "sketch_hashes"):
        assert conn.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    conn.close()


async def test_probable_duplicates_are_listed_until_told_apart(library: Library) -> None:
    whole = chapters(1, 4)
    await add(library, a_work("Tide", texts=whole))
    await add(library, a_work("Ebb", authors=("somebody",), texts=whole[:3]))
    await add(library, a_work("Flow", authors=("nobody",), texts=chapters(5, 2)))
    [pair] = await library.duplicates(HERE)
    assert (pair.longer.info.title, pair.shorter.info.title) == ("Tide", "Ebb")
    assert pair.contained == 1.0
    assert await library.duplicates(THERE) == []
    await library.mark_different(HERE, pair.longer.work_id, pair.shorter.work_id, by=MOD)
    assert await library.duplicates(HERE) == []
