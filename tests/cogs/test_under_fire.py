"""The bot while its disk is full or its library damaged, and whatever is typed as a query."""

import contextlib
import logging
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cogs._syncing import sync_commands
from db.errors import StorageFull
from sandbox import User
from tests.cogs.conftest import Rig, labels, refusal
from tests.cogs.shelf import a_work
from tests.disks import MIB, Disk, small_disk

FULL = "The library's disk is full or read-only, so nothing was saved."


@pytest.fixture
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disk]:
    with small_disk(tmp_path_factory.mktemp("bot") / "disk", 6 * MIB) as disk:
        yield disk


class TestFullDisk:
    """Row 3 where members see it."""

    pytestmark = pytest.mark.fault(3)

    @pytest.fixture
    def tmp_path(self, disk: Disk) -> Path:
        """Where `rig` has its library."""
        return disk.folder

    async def test_reading_goes_on_and_writing_is_refused_until_there_is_room(
        self, rig: Rig, disk: Disk, member: User, moderator: User, caplog: pytest.LogCaptureFixture
    ) -> None:
        for number in range(9):
            passage = f"Tide {number} came in at {number * 7919}."
            await rig.add(a_work(f"Tide Table {number}", passages=(passage,), author=f"w{number}"))
        draft = await rig.library.add_draft(
            rig.guild_id, a_work("Salt Road", author="tidemark"), by=1, request_key="r"
        )
        card = (await moderator.command("library edit", work=f"#{draft.work_id}")).message
        disk.fill()
        await use_up(rig)

        # Two fandoms, then two pages: their controls would have to be kept.
        found = (await member.command("fic search", query="spike")).message
        assert "Gravity Assist" in found.text
        assert "Crypt Sweet Crypt" in found.text
        paged = (await member.command("fic search", query="tide table")).message
        assert "page 1 of 2" in paged.text
        assert "disk is full" in paged.text
        assert "Next" not in labels(paged)
        assert await member.autocomplete("fic search", focused="query", query="twelf")
        assert "Boat" in (await member.command("fic show", work="twelfth boat")).message.text
        quoted = (await member.command("fic quote", words="counted the boats")).message
        assert "**counted the boats**" in quoted.text

        caplog.set_level(logging.ERROR)
        said = refusal(await moderator.press(card, "Publish"))
        assert said.startswith(FULL)
        form = (await moderator.command("library add")).form
        text = "The Ferry\n\nby quaylight\n\n" + "It left. " * 90
        refused = await moderator.submit(form, {"text": text})
        assert FULL in refused.message.text
        assert any("database or disk is full" in record.getMessage() for record in caplog.records)

        disk.free()
        done = (await moderator.press(card, "Publish")).message
        assert "Published" in done.text
        again = (await member.command("fic search", query="salt road")).message
        assert "Salt Road" in again.text
        turned = (await member.command("fic search", query="tide table")).message
        assert "Next" in labels(turned)

    async def test_a_server_that_cannot_be_made_known_can_read(
        self, rig: Rig, disk: Disk, member: User
    ) -> None:
        rig.bot._known.clear()
        with contextlib.closing(sqlite3.connect(rig.path)) as conn:
            conn.execute("UPDATE guilds SET name = 'Another name'")
            conn.commit()
        disk.fill()
        await use_up(rig)
        found = (await member.command("fic search", query="gravity")).message
        assert "Gravity Assist" in found.text
        assert rig.guild_id not in rig.bot._known
        disk.free()
        await member.command("fic search", query="gravity")
        assert rig.guild_id in rig.bot._known

    async def test_commands_are_synced_all_the_same(self, rig: Rig, disk: Disk) -> None:
        await rig.library.set_meta(f"commands of {rig.bot.application_id}", "older ones")
        disk.fill()
        await use_up(rig)
        assert await sync_commands(rig.bot)


async def use_up(rig: Rig) -> None:
    """What room there is within the library's own files."""
    for size in (65536, 4096, 1024, 1):
        with contextlib.suppress(StorageFull):
            for number in range(1000):
                await rig.library.set_meta(f"{size} {number}", "x" * size)


@pytest.mark.fault(4)
async def test_damage_met_in_use_is_told_logged_and_leaves_the_rest(
    rig: Rig, member: User, caplog: pytest.LogCaptureFixture
) -> None:
    await rig.stop()
    with contextlib.closing(sqlite3.connect(rig.path)) as conn:
        (root,) = conn.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'chapters'"
        ).fetchone()
    with rig.path.open("r+b") as file:  # before the bot runs again
        file.seek((root - 1) * 4096)
        file.write(b"\xa5" * 4096)
    await rig.start()
    caplog.set_level(logging.ERROR)
    said = refusal(await member.command("fic excerpt", work="twelfth boat"))
    assert said.startswith("The library's file is damaged where that is kept.")
    assert any("malformed" in record.getMessage() for record in caplog.records)
    found = (await member.command("fic search", query="boat")).message
    assert "The Twelfth Boat" in found.text


# What Discord lets through: no lone surrogates, at least one character, at most the option's limit.
HOSTILE = (
    '" OR 1=1 --', "NEAR(a b, 3)", "title: winter", "a* AND (b", "NOT", "OR", "AND", "^boat", "-",
    "+", "(", ")", '"', '""', "a\x00b", "\x00", "{a b}: c", "col : (x)", "'; DROP TABLE works;--",
    "🦊" * 50, "﷽" * 90, "\u202e\u2066boat", "%", "_", "*", "**", "\\", "#",
    "#999999999999999999999", "e\u0301" * 50, "日本語" * 30, "author:", "words:<",
    "rating:teen rating:mature -", "updated:<9999999y", "x" * 100, "a " * 50, "\ufeff", "\n\t",
    "NOT NOT NOT", "a NEAR/0 b", "[0-9]", "?1", ":guild",
)  # fmt: skip


@pytest.mark.fault(15)
async def test_whatever_is_typed_is_answered_soon(
    rig: Rig, member: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    for typed in HOSTILE:
        for command, options in (
            ("fic search", {"query": typed}),
            ("fic show", {"work": typed}),
            ("fic quote", {"words": typed}),
            ("fic excerpt", {"work": "twelfth boat", "about": typed}),
        ):
            began = time.monotonic()
            answer = await member.command(command, **options)
            assert answer.messages, (command, typed)
            assert "went wrong" not in answer.message.text, (command, typed)
            assert time.monotonic() - began < 3
        choices = await member.autocomplete("fic search", focused="query", query=typed)
        assert choices.error is None
    assert [record.getMessage() for record in caplog.records] == []
