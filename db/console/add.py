"""`add`: files, folders and `.jsonl` into the library, with progress on a terminal."""

import argparse
import asyncio
import contextlib
import sqlite3
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from db.console.common import EX_OK, EX_PARTLY, EX_STOPPED, Context, shown
from db.console.files import Skipped, answered, find_files, lines_of, read_whole, tell_skipped
from db.errors import BadInput, UnreadableFile
from db.ingest import IngestWorker
from db.ingest.gazetteer import Row
from db.library import Library
from db.models import AddOutcome, AddStatus, NewWork

# One transaction each: large enough to be fast, small enough for the bot beside to get its turn
# and for the reader to be done with it in time.
BATCH_WORKS = 500
BATCH_BYTES = 500_000
# What a value that the tables cannot hold comes to.
_UNSTORABLE = (OverflowError, ValueError, sqlite3.DataError, sqlite3.IntegrityError, BadInput)


@dataclass(frozen=True, slots=True)
class Item:
    """One work to add, or why there is none."""

    path: str
    work: NewWork | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Items that are stored together, and how many bytes they were read from."""

    items: list[Item]
    size: int


async def add_paths(context: Context, options: argparse.Namespace) -> int:
    """Add everything in the paths; one line of output for each item, then a summary.

    What is told as added is stored. Cancelled, it stores what it has read, tells that, and goes.
    """
    counts: Counter[AddStatus] = Counter()
    found = list(find_files(options.paths))
    tell_skipped(context, found)
    async with context.library(create=True) as (library, guild_id):
        try:
            await _add_all(context, library, guild_id, found, counts)
        except asyncio.CancelledError:
            context.warn("Stopped. What is told here is stored; the same command goes on.")
            return EX_STOPPED
        finally:
            summary: dict[str, object] = {status.value: counts[status] for status in AddStatus}
            said = ", ".join(f"{count} {name}" for name, count in summary.items())
            with contextlib.suppress(BrokenPipeError):
                context.put({"summary": summary}, f"{said}.")
    return EX_PARTLY if counts[AddStatus.REFUSED] else EX_OK


async def _add_all(
    context: Context,
    library: Library,
    guild_id: int,
    found: Sequence[Path | Skipped],
    counts: Counter[AddStatus],
) -> None:
    storing: asyncio.Task[None] | None = None
    with _progress(context) as progress:
        bar = progress.add_task("Adding", total=sum(map(_size, found)))
        async with (
            IngestWorker() as worker,
            aclosing(_batches(found, worker, await library.gazetteer(guild_id))) as batches,
        ):
            try:
                async for batch in batches:
                    # The next batch is read while this one is stored. Waiting must not pass a
                    # cancel on: what was stored is to be told.
                    if storing:
                        await asyncio.wait({storing})
                        storing.result()
                    storing = asyncio.create_task(_store(context, library, guild_id, batch, counts))
                    progress.advance(bar, batch.size)
            finally:
                if storing:
                    await asyncio.wait({storing})
                    storing.result()


async def _store(
    context: Context, library: Library, guild_id: int, batch: Batch, counts: Counter[AddStatus]
) -> None:
    works = [item.work for item in batch.items if item.work is not None]
    outcomes = iter(await _add_works(library, guild_id, works) if works else [])
    results: list[tuple[dict[str, object], str]] = []
    for item in batch.items:
        if item.work is None:
            outcome = AddOutcome(AddStatus.REFUSED, None, "", item.reason)
        else:
            outcome = next(outcomes)
        counts[outcome.status] += 1
        row: dict[str, object] = {
            "path": item.path,
            "status": outcome.status.value,
            "work_id": outcome.work_id,
            "title": outcome.title or None,
            "reason": outcome.reason,
        }
        why = f": {outcome.reason}" if outcome.reason else ""
        text = f"{outcome.status.value:9} {shown(f'{outcome.title or item.path}{why}')}"
        results.append((row, text))
    # Nobody reading any more is no reason to leave the rest out.
    with contextlib.suppress(BrokenPipeError):
        context.put_all(results)


async def _add_works(library: Library, guild_id: int, works: list[NewWork]) -> list[AddOutcome]:
    try:
        return await library.add(guild_id, works, by=None)
    except _UNSTORABLE as error:
        if len(works) == 1:
            reason = f"This cannot be stored: {error}."
            return [AddOutcome(AddStatus.REFUSED, None, works[0].info.title or "", reason)]
    # The transaction is undone for one work's sake: only that one is to suffer.
    half = len(works) // 2
    return [
        *await _add_works(library, guild_id, works[:half]),
        *await _add_works(library, guild_id, works[half:]),
    ]


async def _batches(
    found: Sequence[Path | Skipped], worker: IngestWorker, rows: list[Row]
) -> AsyncGenerator[Batch]:
    items: list[Item] = []
    size = 0
    for file in found:
        if isinstance(file, Skipped):
            if file.is_error:
                items.append(Item(str(file.path), None, file.reason))
        elif file.suffix.casefold() == ".jsonl":
            if items:
                yield Batch(items, size)
                items, size = [], 0
            async for batch in _batches_of_lines(file, worker, rows):
                yield batch
        else:
            items += await _read_file(file, worker, rows)
            size += _size(file)
        if len(items) >= BATCH_WORKS or size >= BATCH_BYTES:
            yield Batch(items, size)
            items, size = [], 0
    if items:
        yield Batch(items, size)


async def _batches_of_lines(
    file: Path, worker: IngestWorker, rows: list[Row]
) -> AsyncGenerator[Batch]:
    first, lines, size = 1, list[bytes](), 0
    try:
        for line in lines_of(file):
            lines.append(line)
            size += len(line)
            if len(lines) >= BATCH_WORKS or size >= BATCH_BYTES:
                yield Batch(await _read_lines(file, first, lines, worker, rows), size)
                first, lines, size = first + len(lines), [], 0
    except UnreadableFile as error:
        yield Batch([Item(str(file), None, str(error))], 0)
    if lines:
        yield Batch(await _read_lines(file, first, lines, worker, rows), size)


async def _read_file(file: Path, worker: IngestWorker, rows: list[Row]) -> list[Item]:
    try:
        data = await asyncio.to_thread(read_whole, file)
        readings = await answered(worker.read(str(file), data, rows))
    except UnreadableFile as error:
        return [Item(str(file), None, str(error))]
    return [Item(reading.file, reading.work) for reading in readings]


async def _read_lines(
    file: Path, first: int, lines: list[bytes], worker: IngestWorker, rows: list[Row]
) -> list[Item]:
    try:
        outcomes = await answered(worker.read_lines(b"".join(lines), first, rows))
    except UnreadableFile as error:
        if len(lines) == 1:
            return [Item(f"{file}:{first}", None, str(error))]
        # Too slow together, or one of them breaks the reader: only that one is to suffer.
        half = len(lines) // 2
        return [
            *await _read_lines(file, first, lines[:half], worker, rows),
            *await _read_lines(file, first + half, lines[half:], worker, rows),
        ]
    return [Item(f"{file}:{one.line_no}", one.work, one.reason) for one in outcomes]


def _size(file: Path | Skipped) -> int:
    try:
        return 0 if isinstance(file, Skipped) else file.stat().st_size
    except OSError:
        return 0


def _progress(context: Context) -> Progress:
    on_terminal = sys.stdout.isatty()
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=Console(file=sys.stderr),
        transient=True,
        # The lines go above the bar where both are on the terminal, else where they were sent.
        redirect_stdout=on_terminal,
        disable=not sys.stderr.isatty() or (context.as_json and on_terminal),
    )
