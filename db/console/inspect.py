"""`inspect`: what ingest makes of files, storing nothing."""

import argparse
import asyncio

from db import ingest
from db.console.common import EX_OK, EX_PARTLY, Context
from db.console.files import Skipped, find_files
from db.errors import UnreadableFile
from db.ingest.reading import Reading


async def inspect_paths(context: Context, options: argparse.Namespace) -> int:
    """Show one reading for each work in the files."""
    refused = False
    rows, _ = ingest.load_shipped()
    if context.library_path.exists():
        async with context.library() as (library, guild_id):
            rows = await library.gazetteer(guild_id)
    async with ingest.IngestWorker() as worker:
        for found in find_files(options.paths):
            if isinstance(found, Skipped):
                context.warn(f"{found.path}: {found.reason}")
                refused = refused or found.is_error
                continue
            try:
                data = await asyncio.to_thread(found.read_bytes)
                readings = await worker.read(str(found), data, rows)
            except (UnreadableFile, OSError) as error:
                refused = True
                context.put({"file": str(found), "error": str(error)}, f"{found}: {error}")
                continue
            for reading in readings:
                context.put(to_row(reading), _to_text(reading))
    return EX_PARTLY if refused else EX_OK


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


def _to_text(reading: Reading) -> str:
    info = reading.work.info
    lines = [reading.file, f"  title     {info.title or '(none)'}"]
    if reading.title_source:
        lines[-1] += f"   from the {reading.title_source}"
    if reading.title_candidates:
        lines.append(f"            candidates: {', '.join(reading.title_candidates)}")
    lines.append(f"  author    {', '.join(info.authors) or '(none)'}")
    for one in reading.fandoms[:3]:
        evidence = ", ".join(f"{name} {count}" for name, count in one.evidence.items())
        lines.append(f"  fandom    {one.name}   {one.score:g}: {evidence}")
    people = ", ".join(f"{one.name} {one.count}" for one in reading.characters[:8])
    lines.append(f"  characters {people or '(none known)'}")
    lines.append(f"  rating    {info.rating}   status {info.status}   language {info.language}")
    scenes = sum(len(one.scenes) for one in reading.chapters)
    lines.append(
        f"  text      {info.words:,} words, {len(reading.chapters)} chapters, {scenes} scenes, "
        f"{len(reading.excerpts)} excerpts"
    )
    lines += [f"  note      {problem}" for problem in reading.problems]
    return "\n".join(lines)
