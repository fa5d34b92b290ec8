"""Many works at once in chat: a zip, many files, a list; and the way out again."""

import asyncio
import io
import json
import re
import zipfile

import aiohttp
import pytest

from cogs import _batch
from cogs._settings import LimitSettings
from db.models import Viewer
from sandbox import Message, User
from tests.cogs.conftest import Rig, labels, refusal
from tests.cogs.shelf import a_work
from tests.cogs.test_library import STORY, add_text, draft_card

EVERYTHING = Viewer(adult_ok=True)
FORTY = 40


def story(number: int) -> bytes:
    """A short text that is like no other."""
    return (
        f"Harbour Log {number}\n\nby keeper {number}\n\n"
        f"On the {number}. evening the lamp was lit by hand number {number * 7919}.\n\n"
        f"Nobody asked the {number * 104729} gulls what they had seen from mast {number}.\n"
    ).encode()


def zipped(entries: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return buffer.getvalue()


SHELF = zipped(
    {f"log/{n:02}.txt": story(n) for n in range(FORTY)} | {"log/scan.pdf": b"%PDF-1.7 scan"}
)


async def attached(message: Message) -> bytes:
    """The one file of a message."""
    [file] = message.attachments
    async with aiohttp.ClientSession() as session, session.get(file["url"]) as response:
        return await response.read()


async def test_a_zip_becomes_a_batch_that_is_published_at_once(
    moderator: User, member: User, rig: Rig
):
    message = await add_text(moderator, files=[("shelf.zip", SHELF), ("ledger.txt", STORY)])
    assert message.ephemeral
    assert "42 works read:** 41 ready for review, 1 refused." in message.text
    assert "**shelf.zip: log/scan.pdf**: This is a PDF inside" in message.text
    assert "41 works without a rating" in message.text
    assert labels(message) == ["Publish all 41", "Review one by one", "Discard all"]
    said = (await attached(message)).decode()
    assert said.count("\n") == 42
    assert said.splitlines()[3] == "added      shelf.zip: log/03.txt  “Harbour Log 3”"
    assert await rig.library.drafts(rig.guild_id)
    done = (await moderator.press(message, "Publish all 41")).message
    assert "Published 41 works." in done.text
    assert "41 of them have no rating" in done.text
    found = await rig.library.resolve(rig.guild_id, "Harbour Log 17", EVERYTHING)
    assert found.info.authors == ("keeper 17",)
    assert await rig.library.drafts(rig.guild_id) == []


async def test_the_same_zip_again_is_told_to_be_there(moderator: User, rig: Rig):
    message = await add_text(moderator, files=[("shelf.zip", SHELF)])
    await moderator.press(message, f"Publish all {FORTY}")
    message = await add_text(moderator, files=[("again.zip", SHELF)])
    assert "41 works read:** 40 in the library already, 1 refused." in message.text
    assert labels(message) == []


async def test_a_batch_is_reviewed_one_by_one(moderator: User, rig: Rig):
    message = await add_text(moderator, files=[("shelf.zip", SHELF)])
    card = (await moderator.press(message, "Review one by one")).message
    assert "1 of 40" in card.text
    assert "Harbour Log 0" in card.text
    card = (await moderator.press(card, "Publish")).message
    assert "2 of 40" in card.text


async def test_a_batch_is_discarded(moderator: User, rig: Rig):
    message = await add_text(moderator, files=[("shelf.zip", SHELF)])
    done = (await moderator.press(message, "Discard all")).message
    assert done.text == "Discarded 40 works; nothing was added."
    assert await rig.library.drafts(rig.guild_id) == []


async def test_a_few_files_of_a_zip_are_reviewed_as_any(moderator: User):
    few = zipped({"a.txt": story(1), "b.txt": story(2)})
    card = await add_text(moderator, files=[("few.zip", few)])
    assert "1 of 2" in card.text


async def test_progress_is_told_while_it_goes(
    moderator: User, rig: Rig, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(_batch, "PROGRESS_SECONDS", 0)
    monkeypatch.setattr("db.bulk.BATCH_WORKS", 1)
    # A batch so small that Discord's five edits in five seconds hold nothing up.
    limits = LimitSettings(reviews_at_once=1)
    rig.bot.settings = rig.settings.model_copy(update={"limits": limits})
    few = zipped({f"log/{n:02}.txt": story(n) for n in range(4)})
    adding = asyncio.create_task(add_text(moderator, files=[("shelf.zip", few)]))
    progress = await moderator.wait_for_message(check=lambda one: "Reading: " in one.text)
    assert re.search(r"Reading: \d+ %\. \d+ ready for review", progress.text)
    await adding
    done = await moderator.wait_for_message(check=lambda one: "works read:" in one.text, timeout=30)
    assert done.id == progress.id


async def test_more_than_a_batch_may_bring_is_left_out(
    moderator: User, rig: Rig, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(_batch, "MOST_WORKS", 12)
    message = await add_text(moderator, files=[("shelf.zip", SHELF)])
    assert "12 works read:** 12 ready for review." in message.text
    assert "The rest was left out: up to 12 are read here at a time." in message.text


async def test_a_library_goes_out_and_comes_in_again(moderator: User, rig: Rig):
    out = (await moderator.command("library export")).message
    assert out.ephemeral
    assert out.attachments[0]["filename"] == "library.jsonl"
    data = await attached(out)
    works = [json.loads(line) for line in data.decode().splitlines()]
    assert f"{len(works)} works." in out.text
    again = (await moderator.command("library import", file=("list.jsonl", data))).message
    assert f"{len(works)} works read:** {len(works)} in the library already." in again.text
    new = json.dumps({"title": "The Fourth Buoy", "authors": ["quaylight"]}).encode()
    done = (
        await moderator.command("library import", file=("list.jsonl", new + b'\n{"titel": 1}'))
    ).message
    assert "2 works read:** 1 added, 1 refused." in done.text
    assert "“title” is missing" in done.text
    assert (await rig.library.resolve(rig.guild_id, "Fourth Buoy", EVERYTHING)).info.authors


async def test_only_lists_are_imported(moderator: User):
    said = await moderator.command("library import", file=("story.txt", STORY))
    assert "Please give a .jsonl file" in refusal(said)


async def test_members_import_and_export_nothing(member: User):
    for command, options in (
        ("library export", {}),
        ("library import", {"file": ("a.jsonl", b"{}")}),
    ):
        said = refusal(await member.forced.command(command, **options))
        assert "moderators" in said


async def test_a_batch_belongs_to_its_moderator(moderator: User, rig: Rig):
    message = await add_text(moderator, files=[("shelf.zip", SHELF)])
    owner = rig.user("owner")
    log = (await owner.command("library log")).message
    discard = message.find("Discard all").custom_id or ""
    assert "too old" in refusal(await owner.forced.press(log, discard))


async def test_the_next_message_is_the_next_chapter(moderator: User, member: User, rig: Rig):
    parts = [
        "The Long Tide\n\nby Ondine Marsh\n\n" + "The tide went out at noon and did not turn. " * 9,
        "Chapter 2: The Turn\n\n" + "On the ninth day the water stood up and walked. " * 9,
        "Chapter 3: The Bell\n\n" + "Nobody rang it, and everybody heard it ring. " * 9,
    ]
    said = [await member.say(part) for part in parts]
    first = (await moderator.menu(said[0], "Add to library")).message
    assert not any("next chapter" in label for label in labels(first))
    second = (await moderator.menu(said[1], "Add to library")).message
    label = "Add as next chapter of The Long Tide"
    assert label in labels(second)
    card = (await moderator.press(second, label)).message
    assert "Added as chapter 2 of **The Long Tide**." in card.text
    await moderator.press(card, "Publish")
    third = (await moderator.menu(said[2], "Add to library")).message
    done = (await moderator.press(third, label)).message
    assert done.text == "Added as chapter 3 of **The Long Tide**."
    work = await rig.library.resolve(rig.guild_id, "The Long Tide", EVERYTHING)
    assert (work.chapter_count, work.info.words) == (3, 9 * (10 + 10 + 8))
    quoted = await rig.library.quote(rig.guild_id, "everybody heard it ring", EVERYTHING)
    assert quoted.total == 1
    assert await rig.library.drafts(rig.guild_id) == []


async def test_a_passage_is_never_shown_again(moderator: User, rig: Rig):
    card = await draft_card(rig, moderator)
    menu = card.find("The passage that is shown first")
    before = [value for _, value, _ in menu.options if not value.startswith("never")]
    veto = next(value for name, value, _ in menu.options if name == "Never show passage 1")
    card = (await moderator.press(card, "The passage that is shown first", [veto])).message
    after = [
        value
        for _, value, _ in card.find("The passage that is shown first").options
        if not value.startswith("never")
    ]
    assert after == before[1:]


# -- duplicates and take-downs -----------------------------------------------------------------
async def test_duplicates_are_listed_kept_or_removed(moderator: User, rig: Rig):
    said = (await moderator.command("library duplicates")).message
    assert said.text == "No two works here share their text."
    text = " ".join(f"wave{n} shore{n * 7}" for n in range(400))
    await rig.add(
        a_work("Tide", author="ann", passages=(text, "And that was all of it, they said.")),
        a_work("Ebb", author="bo", passages=(text,)),
    )
    listed = (await moderator.command("library duplicates")).message
    assert "1 pair shares its text." in listed.text
    assert "100 % of the second lies in the first." in listed.text
    kept = (await moderator.press(listed, "Keep both")).message
    assert "Both stay" in kept.text
    assert "No two works here share their text." in kept.text
    gone = next(label for label in labels(listed) if label.startswith("Remove Ebb"))
    done = (await moderator.forced.press(kept, listed.find(gone).custom_id or "")).message
    assert "Removed **Ebb**" in done.text


async def test_an_erased_work_is_refused_from_then_on(moderator: User, rig: Rig):
    card = await add_text(moderator, files=[("ledger.txt", STORY)])
    await moderator.press(card, "Publish")
    asked = await moderator.command("library remove", work="salt ledger", for_good=True)
    assert "Erase **The Salt Ledger** by Ondine Marsh for good?" in asked.message.text
    done = (await moderator.press(asked.message, "Erase for good")).message
    assert done.text == "Erased **The Salt Ledger**. It will be refused from now on."
    renamed = STORY.replace(b"The Salt Ledger", b"My Own Story").replace(b"Ondine Marsh", b"me")
    again = await add_text(moderator, files=[("mine.txt", renamed)])
    assert "taken out of the library for good" in again.text
    assert await rig.library.drafts(rig.guild_id) == []


async def test_another_text_under_a_link_may_be_the_next_chapter(moderator: User, rig: Rig):
    link = "https://example.org/works/3"
    first = await add_text(moderator, files=[("one.txt", story(1) * 3)], link=link)
    await moderator.press(first, "Publish")
    other = await add_text(moderator, files=[("two.txt", story(2) * 3)], link=link)
    assert "“Harbour Log 1” has the same link and another text." in other.text
    done = (await moderator.press(other, "Add as next chapter of Harbour Log 1")).message
    assert done.text == "Added as chapter 2 of **Harbour Log 1**."
