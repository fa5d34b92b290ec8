"""`add`: files, folders and `.jsonl` into the library, with progress on a terminal."""

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from db import ingest
from db.console.common import EX_OK, EX_PARTLY, Context
from db.console.files import Skipped, find_files
from db.errors import UnreadableFile
from db.ingest.gazetteer import Row
from db.library import Library
from db.models import AddOutcome, AddStatus, NewWork

# One transaction each: large enough to be fast, small enough for the bot beside to get its turn.
BATCH_WORKS = 500
BATCH_BYTES = 4_000_000  # and for works with their whole text


@dataclass(frozen=True, slots=True)
class Item:
    """One work to add, or why there is none."""

    path: str
    work: NewWork | None
    reason: str | None = None


async def add_paths(context: Context, options: argparse.Namespace) -> int:
    """Add everything in the paths; one line of output for each item, then a summary."""
    counts: Counter[str] = Counter()
    files = list(find_files(options.paths))
    async with context.library(create=True) as (library, guild_id), ingest.IngestWorker() as worker:
        rows = await library.gazetteer(guild_id)
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=Console(file=sys.stderr),
            disable=context.as_json or not sys.stderr.isatty(),
        ) as progress:
            task = progress.add_task("Adding", total=_lines_in(files))
            pending: asyncio.Task[None] | None = None
            try:
                async for batch in _batches(files, worker, rows):
                    # The next batch is read while this one is stored.
                    if pending:
                        await pending
                    pending = asyncio.create_task(_store(context, library, guild_id, batch, counts))
                    progress.advance(task, len(batch))
            finally:
                if pending:
                    await pending
    summary = {status.value: counts[status.value] for status in AddStatus}
    said = ", ".join(f"{count} {name}" for name, count in summary.items())
    context.put({"summary": summary}, said + ".")
    return EX_PARTLY if counts[AddStatus.REFUSED] else EX_OK


async def _store(
    context: Context, library: Library, guild_id: int, batch: list[Item], counts: Counter[str]
) -> None:
    works = [item.work for item in batch if item.work is not None]
    outcomes = iter(await library.add(guild_id, works, by=None) if works else [])
    for item in batch:
        outcome = (
            next(outcomes)
            if item.work is not None
            else AddOutcome(AddStatus.REFUSED, None, "", item.reason)
        )
        counts[outcome.status.value] += 1
        row: dict[str, object] = {
            "path": item.path,
            "status": outcome.status.value,
            "work_id": outcome.work_id,
            "title": outcome.title,
            "reason": outcome.reason,
        }
        why = f" ({outcome.reason})" if outcome.reason else ""
        context.put(row, f"{outcome.status.value:9} {outcome.title or item.path}{why}")


async def _batches(
    files: list[Path | Skipped], worker: ingest.IngestWorker, rows: list[Row]
) -> AsyncIterator[list[Item]]:
    batch: list[Item] = []
    for file in files:
        if isinstance(file, Skipped):
            if file.is_error:
                batch.append(Item(str(file.path), None, f"{file.path}: {file.reason}"))
            continue
        try:
            if file.suffix.casefold() == ".jsonl":
                for first, lines in _chunks(file):
                    found = await worker.read_lines(lines, first, rows)
                    yield [*batch, *(Item(f"{file}:{o.line_no}", o.work, o.reason) for o in found)]
                    batch = []
                continue
            data = await asyncio.to_thread(file.read_bytes)
            readings = await worker.read(str(file), data, rows)
            batch += [Item(reading.file, reading.work) for reading in readings]
        except UnreadableFile as error:
            batch.append(Item(str(file), None, str(error)))
        except OSError as error:
            batch.append(Item(str(file), None, f"It cannot be read: {error.strerror}."))
        if len(batch) >= 20:
            yield batch
            batch = []
    if batch:
        yield batch


def _chunks(file: Path) -> Iterator[tuple[int, bytes]]:
    """Runs of whole lines with the number of their first, bounded in lines and bytes."""
    first, lines, size = 1, list[bytes](), 0
    with file.open("rb") as source:
        for line in source:
            lines.append(line)
            size += len(line)
            if len(lines) >= BATCH_WORKS or size >= BATCH_BYTES:
                yield first, b"".join(lines)
                first, lines, size = first + len(lines), [], 0
    if lines:
        yield first, b"".join(lines)


def _lines_in(files: list[Path | Skipped]) -> int:
    total = 0
    for file in files:
        if isinstance(file, Path) and file.suffix.casefold() == ".jsonl":
            with file.open("rb") as source:
                total += sum(1 for line in source if line.strip())
        else:
            total += 1
    return total
