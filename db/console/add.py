"""`add`: files, folders and `.jsonl` into the library, with progress on a terminal."""

import argparse
import asyncio
import contextlib
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from pathlib import Path
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from db.bulk import Batch, Given, Item
from db.console.common import EX_OK, EX_PARTLY, EX_STOPPED, Context, shown
from db.console.files import Skipped, find_files, tell_skipped
from db.library import Library
from db.models import AddStatus

# Each reading process may take a few hundred megabytes once it has met a hard file.
MOST_READERS = 4


async def add_paths(context: Context, options: argparse.Namespace) -> int:
    """Add everything in the paths; one line of output for each item, then a summary.

    What is told as added is stored. Cancelled, it stores what it has read, tells that, and goes.
    """
    counts: Counter[AddStatus] = Counter()
    readers = min(os.cpu_count() or 1, MOST_READERS)
    found = list(find_files(options.paths))
    tell_skipped(context, found)
    async with context.library(create=True, readers=readers) as (library, guild_id):
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
        bar = progress.add_task("Adding", total=sum(map(_size, found)), rate="")
        began, done = monotonic(), 0
        async with aclosing(library.read_files(guild_id, _given(found))) as batches:
            try:
                async for batch in batches:
                    # The next batch is read while this one is stored. Waiting must not pass a
                    # cancel on: what was stored is to be told.
                    if storing:
                        await asyncio.wait({storing})
                        storing.result()
                    storing = asyncio.create_task(_store(context, library, guild_id, batch, counts))
                    done += len(batch.items)
                    rate = f"{done / max(monotonic() - began, 0.001):.0f}/s"
                    progress.update(bar, advance=batch.size, rate=rate)
            finally:
                if storing:
                    await asyncio.wait({storing})
                    storing.result()


async def _store(
    context: Context, library: Library, guild_id: int, batch: Batch, counts: Counter[AddStatus]
) -> None:
    results: list[tuple[dict[str, object], str]] = []
    for item, outcome in await library.add_items(guild_id, batch.items, by=None):
        counts[outcome.status] += 1
        row: dict[str, object] = {
            "path": item.label,
            "status": outcome.status.value,
            "work_id": outcome.work_id,
            "title": outcome.title or None,
            "reason": outcome.reason,
        }
        why = f": {outcome.reason}" if outcome.reason else ""
        text = f"{outcome.status.value:9} {shown(f'{outcome.title or item.label}{why}')}"
        results.append((row, text))
    # Nobody reading any more is no reason to leave the rest out.
    with contextlib.suppress(BrokenPipeError):
        context.put_all(results)


def _given(found: Sequence[Path | Skipped]) -> Iterator[Given | Item]:
    for file in found:
        if isinstance(file, Path):
            yield Given(file, str(file))
        elif file.is_error:
            yield Item(str(file.path), None, file.reason)


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
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=Console(file=sys.stderr),
        transient=True,
        # The lines go above the bar where both are on the terminal, else where they were sent.
        redirect_stdout=on_terminal,
        disable=not sys.stderr.isatty() or (context.as_json and on_terminal),
    )
