"""The reading process: really a process, really killed."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from db.errors import UnreadableFile
from db.ingest.gazetteer import Row, load_shipped
from db.ingest.worker import SIZE_LIMIT_BYTES, IngestWorker

pytestmark = pytest.mark.fault(16)

ROWS: list[Row] = [
    ("Lantern Coast", "Marisol Vane", "Marisol", 1.0),
    ("Lantern Coast", "Tomas Reyl", "Tomas", 1.0),
    ("Lantern Coast", None, "harbour guild", 1.2),
]
STORY = b"The Harbour Lamps\n\nBy Quillfeather\n\n" + (
    b"Marisol waited for Tomas at the door of the harbour guild until the lamps were out.\n\n" * 40
)
# Tells no language and loads no model, so that it is read at once.
SHORT = b"Marisol waited for Tomas."
NEVER_S = 0.000001
# Long enough to still be read when its child is killed or its reader has gone.
LONG = b"She waited at the window until the last lamp was out.\n\n" * 200_000


@pytest.fixture
async def worker() -> AsyncIterator[IngestWorker]:
    """A worker whose child starts with its first file."""
    async with IngestWorker() as worker:
        yield worker


def children() -> set[int]:
    """The reading processes that this one has started and that still run."""
    listing = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    found: set[int] = set()
    for pid in listing.read_text(encoding="ascii").split():
        with contextlib.suppress(OSError):
            if b"db.ingest.child" in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.add(int(pid))
    return found


def environment_of(pid: int) -> bytes:
    """The environment that a process was started with."""
    return Path(f"/proc/{pid}/environ").read_bytes()


needs_proc = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="finds the child in /proc"
)


async def test_a_file_is_read(worker: IngestWorker) -> None:
    [reading] = await worker.read("lamps.txt", STORY, ROWS)
    assert reading.text == STORY.decode()
    info = reading.work.info
    assert (info.title, info.authors, info.language) == (
        "The Harbour Lamps",
        ("Quillfeather",),
        "en",
    )
    assert info.fandoms == ("Lantern Coast",)
    assert info.characters == ("Marisol Vane", "Tomas Reyl")


async def test_the_child_takes_the_whole_gazetteer_once_and_a_new_one_when_it_changes(
    worker: IngestWorker,
) -> None:
    [first] = await worker.read("a.txt", SHORT, ROWS)
    [again] = await worker.read("a.txt", SHORT, list(ROWS))
    [other] = await worker.read("a.txt", SHORT, [("Elsewhere", "Marisol", "Marisol", 1.0)])
    [shipped] = await worker.read("a.txt", b"Buffy waited for Faye.", load_shipped()[0])
    assert [one.name for one in first.fandoms] == ["Lantern Coast"]
    assert again.fandoms == first.fandoms
    assert [one.name for one in other.fandoms] == ["Elsewhere"]
    assert "Buffy the Vampire Slayer" in [one.name for one in shipped.fandoms]


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.txt", b"%PDF-1.7", "This is a PDF inside"),
        ("a.txt", b"", "This file is empty"),
        ("a.jsonl", b'{"titel": 1}', "Line 1: “title” is missing"),
    ],
)
async def test_a_refusal_comes_with_its_sentence(
    worker: IngestWorker, name: str, data: bytes, said: str
) -> None:
    with pytest.raises(UnreadableFile, match=said):
        await worker.read(name, data, ROWS)
    assert len(await worker.read("a.txt", SHORT, ROWS)) == 1


async def test_a_file_over_the_limit_never_reaches_the_child(worker: IngestWorker) -> None:
    before = children() if sys.platform.startswith("linux") else set[int]()
    with pytest.raises(UnreadableFile, match="larger than 25 MiB"):
        await worker.read("a.txt", bytes(SIZE_LIMIT_BYTES + 1), ROWS)
    if sys.platform.startswith("linux"):
        assert children() == before


@needs_proc
async def test_a_killed_child_costs_its_one_file(worker: IngestWorker) -> None:
    before = children()
    await worker.read("a.txt", SHORT, ROWS)
    [child] = children() - before
    asked = asyncio.create_task(worker.read("long.txt", LONG, ROWS))
    # Stopped, the child cannot answer before it is killed.
    os.kill(child, signal.SIGSTOP)
    await asyncio.sleep(0)
    os.kill(child, signal.SIGKILL)
    with pytest.raises(UnreadableFile, match="could not be read"):
        await asked
    [reading] = await worker.read("a.txt", SHORT, ROWS)
    assert reading.text == SHORT.decode()
    assert [one.name for one in reading.fandoms] == ["Lantern Coast"]


@needs_proc
async def test_a_child_that_died_between_files_is_replaced(worker: IngestWorker) -> None:
    before = children()
    await worker.read("a.txt", SHORT, ROWS)
    [child] = children() - before
    os.kill(child, signal.SIGKILL)
    with contextlib.suppress(UnreadableFile):  # it may be asked before its death is known
        await worker.read("a.txt", SHORT, ROWS)
    [reading] = await worker.read("a.txt", SHORT, ROWS)
    assert reading.text == SHORT.decode()


@needs_proc
async def test_a_file_that_takes_too_long_ends_its_child() -> None:
    before = children()
    async with IngestWorker(time_limit_s=NEVER_S) as worker:
        with pytest.raises(UnreadableFile, match="takes too long"):
            await worker.read("long.txt", LONG, ROWS)
        assert children() == before


async def test_the_answer_to_a_cancelled_question_is_not_taken_for_the_next(
    worker: IngestWorker,
) -> None:
    await worker.read("a.txt", SHORT, ROWS)
    asked = asyncio.create_task(worker.read("long.txt", LONG, ROWS))
    await asyncio.sleep(0)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    [reading] = await worker.read("b.txt", b"Tomas was late.", ROWS)
    assert reading.text == "Tomas was late."
    assert reading.file == "b.txt"


async def test_a_question_cancelled_amid_its_answer_does_not_hang(worker: IngestWorker) -> None:
    """A long answer fills the pipe; nobody reads the rest of it once the question is cancelled."""
    await worker.read("a.txt", SHORT, ROWS)
    text = b"The tide came in slowly over the flats. " * 60_000
    asked = asyncio.create_task(worker.read("long.txt", text, ROWS))
    child = worker._child
    assert child is not None
    assert child.stdout is not None
    async with asyncio.timeout(20):
        # Nothing tells of an answer that has begun, but the buffer that it fills.
        while not child.stdout._buffer and not asked.done():  # type: ignore[attr-defined]  # noqa: ASYNC110
            await asyncio.sleep(0)
        asked.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asked
        [reading] = await worker.read("b.txt", b"Tomas was late.", ROWS)
    assert reading.file == "b.txt"


async def test_a_cancelled_wait_for_a_turn_disturbs_nobody(worker: IngestWorker) -> None:
    first = asyncio.create_task(worker.read("a.txt", STORY, ROWS))
    await asyncio.sleep(0)
    second = asyncio.create_task(worker.read("b.txt", SHORT, ROWS))
    await asyncio.sleep(0)
    second.cancel()
    [reading] = await first
    assert reading.file == "a.txt"
    with pytest.raises(asyncio.CancelledError):
        await second


async def test_files_asked_for_together_are_each_answered(worker: IngestWorker) -> None:
    names = [f"{number}.txt" for number in range(8)]
    readings = await asyncio.gather(
        *(worker.read(name, f"{name} was late.".encode(), ROWS) for name in names)
    )
    assert [(one.file, one.text) for [one] in readings] == [
        (name, f"{name} was late.") for name in names
    ]


@needs_proc
async def test_the_child_holds_no_secret(
    worker: IngestWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "not-for-the-child")
    before = children()
    await worker.read("a.txt", SHORT, ROWS)
    [child] = children() - before
    environment = environment_of(child)
    assert b"DISCORD_TOKEN" not in environment
    assert b"not-for-the-child" not in environment
    assert b"PATH=" in environment


async def test_lines(worker: IngestWorker) -> None:
    good = {
        "title": "The Harbour Lamps",
        "rating": "Mature",
        "words": 99,
        "chapters": [{"title": "The Parcel", "text": "Marisol waited.\n\n***\n\nTomas came."}],
    }
    lines = "\n".join(
        [json.dumps(good), "", '{"titel": 1}', "not JSON", '{"title": null, "words": 7}']
    )
    outcomes = await worker.read_lines(lines.encode(), 11, ROWS)
    assert [one.line_no for one in outcomes] == [11, 13, 14, 15]
    first, wrong, broken, last = outcomes
    assert first.work is not None
    assert first.work.info.words == 4
    assert len(first.work.chapters[0].scenes) == 2
    assert (wrong.work, wrong.reason) == (None, "Line 13: “title” is missing.")
    assert (broken.work, broken.reason) == (None, "Line 14: this is not JSON.")
    assert last.work is not None
    assert (last.work.info.title, last.work.info.words) == (None, 7)


async def test_a_reading_comes_back_whole_even_with_lone_surrogates(worker: IngestWorker) -> None:
    line = b'{"title": "x", "chapters": [{"text": "late \\ud83d\\ude00 lamps"}]}'
    [outcome] = await worker.read_lines(line, 1, ROWS)
    assert outcome.work is not None
    assert outcome.work.chapters[0].text == "late \N{GRINNING FACE} lamps"
    [lone] = await worker.read_lines(b'{"title": "x \\ud83d"}', 1, ROWS)
    assert lone.work is None
    assert lone.reason == "Line 1: this is not JSON."


@needs_proc
async def test_closing_ends_the_child_and_nothing_stays_open() -> None:
    before = children()
    async with IngestWorker() as worker:
        await worker.warm()
        assert children() - before
    assert children() == before
    async with IngestWorker():  # never asked: nothing to end
        pass
    assert children() == before


@needs_proc
async def test_closing_while_a_file_is_read_ends_both() -> None:
    before = children()
    async with IngestWorker() as worker:
        await worker.read("a.txt", SHORT, ROWS)
        asked = [asyncio.create_task(worker.read("long.txt", LONG, ROWS)) for _ in range(3)]
        await asyncio.sleep(0)
    for task in asked:
        with pytest.raises(UnreadableFile, match="is stopping"):
            await task
    assert children() == before


@needs_proc
async def test_closing_while_the_child_is_being_started_ends_it() -> None:
    before = children()
    async with IngestWorker() as worker:
        asked = asyncio.create_task(worker.read("long.txt", LONG, ROWS))
        await asyncio.sleep(0)
    with pytest.raises(UnreadableFile, match="is stopping"):
        await asked
    assert children() == before


@needs_proc
async def test_an_idle_child_is_ended_and_the_next_file_gets_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("db.ingest.worker.IDLE_S", 0.0)
    before = children()
    async with IngestWorker() as worker:
        await worker.read("a.txt", SHORT, ROWS)
        [first] = children() - before
        await asyncio.sleep(0)  # the timer fires
        await asyncio.sleep(0)
        [reading] = await worker.read("b.txt", SHORT, ROWS)
        assert first not in children()
    assert reading.file == "b.txt"
