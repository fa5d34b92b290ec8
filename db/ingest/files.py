"""A file into readings, by its format."""

from dataclasses import replace
from pathlib import PurePath

from db.errors import UnreadableFile
from db.excerpts import WANTED
from db.ingest.decoding import READ_NOW, decode, mend
from db.ingest.gazetteer import Gazetteer
from db.ingest.interchange import LineError, parse_lines
from db.ingest.plain import NO_RATING, NO_TITLE, opening_words, read_text
from db.ingest.reading import ChapterSpan, Reading
from db.models import Chapter, Excerpt, NewWork, Rating, Zone

TEXT_SUFFIXES = {".txt", ".text"}
MARKDOWN_SUFFIXES = {".md", ".markdown"}
CHAPTER_GAP = "\n\n"  # between the chapters of a work that came in parts
SUFFIXES = TEXT_SUFFIXES | MARKDOWN_SUFFIXES | {".jsonl"}


def read(name: str, data: bytes, gazetteer: Gazetteer) -> list[Reading]:
    """The works in a file; `name` gives its format.

    Raises:
        UnreadableFile: with one sentence on why.
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
    start = text.lstrip()[:500].casefold()
    if start.startswith(("<!doctype html", "<html", "<?xml")):
        raise UnreadableFile(f"This is a web page inside. {READ_NOW}")
    mended = mend(text)
    if not any(char.isalpha() for char in mended):
        raise UnreadableFile("There are no words in this file.")
    return [read_text(mended, gazetteer, name=name, markdown=suffix in MARKDOWN_SUFFIXES)]


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
    text = CHAPTER_GAP.join(chapter.text for chapter in work.chapters)
    chapters: list[Chapter] = []
    spans: list[ChapterSpan] = []
    zones: list[Zone] = []
    excerpts: list[tuple[Excerpt, int]] = []  # with the start of its chapter in `text`
    at = 0
    for number, chapter in enumerate(work.chapters):
        inner = read_text(chapter.text, gazetteer)
        words = sum(span.words for span in inner.chapters)
        scenes = tuple(scene for span in inner.chapters for scene in span.scenes)
        chapters.append(Chapter(chapter.title, chapter.text, words, inner.zones, scenes))
        zones += [Zone(zone.kind, zone.start + at, zone.end + at) for zone in inner.zones]
        if inner.chapters:
            start, end = inner.chapters[0].start + at, inner.chapters[-1].end + at
            shifted = tuple(scene + at for scene in scenes)
            spans.append(ChapterSpan(chapter.title, start, end, words, shifted))
        excerpts += [(replace(one, chapter=number), at) for one in inner.excerpts]
        at += len(chapter.text) + len(CHAPTER_GAP)
    excerpts.sort(key=lambda one: -one[0].score)
    del excerpts[WANTED:]
    findings = gazetteer.judge(text, work.info.fandoms)
    info = work.info
    if chapters:
        info = replace(info, words=sum(chapter.words for chapter in chapters))
    rated = info.rating is not Rating.NOT_RATED
    problems: list[str] = []
    if info.title is None:
        problems.append(NO_TITLE)
    if not rated:
        problems.append(NO_RATING)
    return Reading(
        file=name,
        work=NewWork(
            info,
            tuple(chapters),
            tuple(one for one, _ in excerpts),
            opening_words(text[spans[0].start : spans[0].end]) if spans else "",
        ),
        text=text,
        title_source="file" if info.title else None,
        fandoms=findings.fandoms,
        characters=findings.characters,
        rating_source="file" if rated else None,
        chapters=tuple(spans),
        zones=tuple(zones),
        excerpts=tuple(
            replace(one, start=one.start + start, end=one.end + start) for one, start in excerpts
        ),
        problems=tuple(problems),
    )
