"""A file into readings, by its format."""

from dataclasses import replace
from pathlib import PurePath

from db.errors import UnreadableFile
from db.ingest.chapters import Part, read_chapter
from db.ingest.decoding import READ_NOW, decode, mend
from db.ingest.gazetteer import Gazetteer
from db.ingest.interchange import LineError, parse_lines
from db.ingest.plain import body_of, compose, read_text
from db.ingest.reading import Reading
from db.models import NewWork, Rating

TEXT_SUFFIXES = {".txt", ".text"}
MARKDOWN_SUFFIXES = {".md", ".markdown"}
SUFFIXES = TEXT_SUFFIXES | MARKDOWN_SUFFIXES | {".jsonl"}


def read(name: str, data: bytes, gazetteer: Gazetteer) -> list[Reading]:
    """The works in a file; `name` gives its format.

    Raises:
        UnreadableFile: with one sentence on why. Of a `.jsonl` file with a bad line nothing is
            read, so that what is mended can be added whole.
    """
    suffix = PurePath(name).suffix.casefold()
    if suffix not in SUFFIXES:
        kind = f"{suffix} files cannot" if suffix else "A file without an ending cannot"
        raise UnreadableFile(f"{kind} be read yet. {READ_NOW}")
    if not data.strip():
        raise UnreadableFile("This file is empty.")
    text = decode(data)
    if suffix == ".jsonl":
        return _read_lines(name, text, gazetteer)
    if text.lstrip()[:500].casefold().startswith(("<!doctype html", "<html", "<?xml")):
        raise UnreadableFile(f"This is a web page inside. {READ_NOW}")
    mended = mend(text)
    if not any(map(str.isalpha, mended)):
        raise UnreadableFile("There are no words in this file.")
    return [read_text(mended, gazetteer, name=name)]


def _read_lines(name: str, text: str, gazetteer: Gazetteer) -> list[Reading]:
    readings: list[Reading] = []
    for parsed in parse_lines(text.split("\n")):
        if isinstance(parsed, LineError):
            raise UnreadableFile(parsed.reason)
        readings.append(enrich(parsed.work, gazetteer, name=f"{name}:{parsed.line_no}"))
    if not readings:
        raise UnreadableFile("This file is empty.")
    return readings


def enrich(work: NewWork, gazetteer: Gazetteer, *, name: str = "") -> Reading:
    """A work of the interchange format with zones, scenes, word counts and excerpts.

    Its declared values stand; only its texts are looked at.
    """
    parts: list[Part] = []
    start = 0
    for number, chapter in enumerate(work.chapters):
        parts.append(read_chapter(chapter.text, chapter.title, start=start, is_first=number == 0))
        start += len(chapter.text)
    findings = gazetteer.judge(body_of(parts), work.info.fandoms)
    reading = compose(parts, work.info, findings, name=name)
    return replace(
        reading,
        title_source="file" if work.info.title else None,
        rating_source=None if work.info.rating is Rating.NOT_RATED else "file",
    )
