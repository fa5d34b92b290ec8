"""`inspect`: what ingest makes of files, storing nothing."""

import argparse
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path

from rich.text import Text

from db import ingest
from db.bulk import lines_of, shown_entry
from db.console.common import EX_OK, EX_PARTLY, Context, shown
from db.console.files import Skipped, find_files, tell_skipped
from db.errors import UnreadableFile
from db.ingest.archives import Packed, is_zip, why_unreadable
from db.ingest.gazetteer import Row
from db.ingest.reading import Reading


@dataclass(frozen=True, slots=True)
class Unread:
    """A file, or a line of one, that is no work."""

    file: str
    error: str


async def inspect_paths(context: Context, options: argparse.Namespace) -> int:
    """Show one reading for each work in the files."""
    refused = False
    found = list(find_files(options.paths))
    tell_skipped(context, found)
    rows = await _gazetteer(context)
    async with ingest.IngestWorker() as worker:
        with context.stops.heeded():
            for file in found:
                async with aclosing(_read(file, worker, rows)) as results:
                    async for result in results:
                        refused = _show(context, result) or refused
    return EX_PARTLY if refused else EX_OK


def _show(context: Context, result: Reading | Unread) -> bool:
    """Print a result; whether it was refused."""
    if isinstance(result, Reading):
        context.put(to_row(result), _to_text(result))
        return False
    row: dict[str, object] = {"file": result.file, "error": result.error}
    context.put(row, shown(f"{result.file}: {result.error}"))
    return True


async def _gazetteer(context: Context) -> list[Row]:
    if not context.library_path.exists():
        return ingest.load_shipped()[0]
    async with context.library() as (library, guild_id):
        return await library.gazetteer(guild_id)


async def _read(
    file: Path | Skipped, worker: ingest.IngestWorker, rows: list[Row]
) -> AsyncGenerator[Reading | Unread]:
    if isinstance(file, Skipped):
        if file.is_error:
            yield Unread(str(file.path), file.reason)
        return
    try:
        if file.suffix.casefold() == ".jsonl":
            for line_no, line in enumerate(lines_of(file), start=1):
                if line.strip():
                    yield await _read_line(f"{file}:{line_no}", line, worker, rows)
            return
        entries = await worker.stories(file) if is_zip(file) else None
    except OSError as error:
        yield Unread(str(file), why_unreadable(error))
        return
    except UnreadableFile as error:
        yield Unread(str(file), str(error))
        return
    sources = [(f"{file}: {shown_entry(entry)}", Packed(file, entry)) for entry in entries or ()]
    for name, source in sources or [(str(file), file)]:
        try:
            for reading in await worker.read(name, source, rows):
                yield reading
        except UnreadableFile as error:
            yield Unread(name, str(error))


async def _read_line(
    name: str, line: bytes, worker: ingest.IngestWorker, rows: list[Row]
) -> Reading | Unread:
    # One line at a time, so that a line that is no work costs only itself.
    try:
        (reading,) = await worker.read("line.jsonl", line, rows)
    except UnreadableFile as error:
        return Unread(name, str(error).removeprefix("Line 1: "))
    return replace(reading, file=name)


def to_row(reading: Reading) -> dict[str, object]:
    """A reading in the form that `--json` promises; offsets count characters as decoded."""
    info = reading.work.info
    return {
        "file": reading.file,
        "title": info.title,
        "title_source": reading.title_source,
        "title_candidates": list(reading.title_candidates),
        "authors": list(info.authors),
        "fandoms": [
            {"name": one.name, "score": one.score, "evidence": one.evidence}
            for one in reading.fandoms
        ],
        "characters": [{"name": one.name, "count": one.count} for one in reading.characters],
        "relationships": list(info.relationships),
        "rating": {"value": info.rating.value, "source": reading.rating_source},
        "warnings": [warning.value for warning in info.warnings],
        "language": info.language,
        "status": info.status.value,
        "body_words": info.words,
        "chapters": [
            {
                "title": one.title,
                "start": one.start,
                "end": one.end,
                "words": one.words,
                "scenes": list(one.scenes),
            }
            for one in reading.chapters
        ],
        "zones": [
            {"kind": zone.kind.value, "start": zone.start, "end": zone.end}
            for zone in reading.zones
        ],
        "excerpts": [
            {"start": one.start, "end": one.end, "text": one.text, "score": one.score}
            for one in reading.excerpts
        ],
        "problems": list(reading.problems),
    }


def _to_text(reading: Reading) -> Text:
    info = reading.work.info
    text = Text(shown(reading.file), style="bold")

    def add(name: str, value: str, *, style: str = "") -> None:
        text.append(f"\n  {name:11} ", style="not bold dim")
        text.append(shown(value), style=f"not bold {style}")

    source = f" (from the {reading.title_source})" if reading.title_source else ""
    add("title", f"{info.title or 'none'}{source}")
    if reading.title_candidates:
        add("", f"perhaps: {', '.join(reading.title_candidates)}")
    add("authors", ", ".join(info.authors) or "none")
    for one in reading.fandoms[:3]:
        evidence = ", ".join(f"{name} {count}" for name, count in one.evidence.items())
        sure = "" if one.confident else ", not sure"
        add("fandom", f"{one.name} ({one.score:g}{sure}): {evidence or 'declared'}")
    people = ", ".join(f"{one.name} {one.count}" for one in reading.characters[:8])
    add("characters", people or "none known")
    if info.relationships:
        add("pairings", ", ".join(info.relationships))
    add("rating", info.rating)
    if info.warnings:
        add("warnings", ", ".join(info.warnings))
    add("status", f"{info.status}, language {info.language or 'unknown'}")
    scenes = sum(len(one.scenes) for one in reading.chapters)
    add(
        "text",
        f"{info.words:,} words, {_count(len(reading.chapters), 'chapter')}, "
        f"{_count(scenes, 'scene')}, {_count(len(reading.excerpts), 'excerpt')}",
    )
    for problem in reading.problems:
        add("note", problem, style="yellow")
    return text


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
