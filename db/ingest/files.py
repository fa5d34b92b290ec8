"""A file into readings, by its format."""

from collections.abc import Callable
from dataclasses import replace

from lxml.html import HtmlElement

from db.errors import UnreadableFile
from db.ingest.archives import NESTED
from db.ingest.books import Book, open_book
from db.ingest.chapters import Part, read_chapter
from db.ingest.decoding import decode, mend
from db.ingest.formats import (
    ao3,
    docx,
    efiction,
    epub,
    fanficfare,
    fanfiction_net,
    fichub,
    odt,
    page,
    rtf,
    wattpad,
)
from db.ingest.gazetteer import Gazetteer
from db.ingest.interchange import LineError, parse_lines, within_limits
from db.ingest.kinds import Kind, kind_of
from db.ingest.pages import parse_page
from db.ingest.plain import body_of, compose, fill_in, read_text
from db.ingest.reading import Reading
from db.ingest.source import Manuscript, Source
from db.models import Rating

Found = Source | Manuscript
# Each recognises its own files, and gives None for the others'. The last takes any.
PAGES: tuple[Callable[[HtmlElement], Found | None], ...] = (
    ao3.read_page,
    fanficfare.read_page,
    fichub.read_page,
    fanfiction_net.read_page,
    efiction.read_page,
    wattpad.read_page,
    page.read_page,
)
BOOKS: tuple[Callable[[Book], Found | None], ...] = (
    ao3.read_book,
    fanficfare.read_book,
    fichub.read_book,
    epub.read_book,
)
DOCUMENTS: dict[Kind, Callable[[bytes], Manuscript]] = {
    Kind.DOCX: docx.read,
    Kind.ODT: odt.read,
    Kind.RTF: rtf.read,
}


def read(name: str, data: bytes, gazetteer: Gazetteer) -> list[Reading]:
    """The works in a file, by what it holds; `name` tells where that cannot.

    Raises:
        UnreadableFile: with one sentence on why. Of a `.jsonl` file with a bad line nothing is
            read, so that what is mended can be added whole.
    """
    kind = kind_of(name, data)
    if kind is Kind.LINES:
        return _read_lines(name, decode(data), gazetteer)
    if kind is Kind.ZIP:  # of its entries each is read by itself; see archives.py
        raise UnreadableFile(NESTED)
    found = open_file(kind, data)
    if isinstance(found, Source) and not any(
        char.isalpha() for chapter in found.work.chapters for char in chapter.text
    ):
        raise UnreadableFile(
            f"There is no story in this {found.origin}: it was cut short, or is only its cover."
        )
    return [understand(found, gazetteer, name=name)]


def open_file(kind: Kind, data: bytes) -> Found:
    """What a file of one work holds, before its text is looked at."""
    if kind is Kind.PAGE:
        tree = parse_page(data)
        return next(found for reader in PAGES if (found := reader(tree)))
    if kind is Kind.EPUB:
        book = open_book(data)
        return next(found for reader in BOOKS if (found := reader(book)))
    if kind in DOCUMENTS:
        return DOCUMENTS[kind](data)
    text = mend(decode(data))
    return fanficfare.read_text(text) or Manuscript(text)


def understand(found: Found, gazetteer: Gazetteer, *, name: str = "") -> Reading:
    """Everything that a careful reader would find in a work.

    Raises:
        UnreadableFile: there are no words in it.
    """
    if isinstance(found, Source):
        reading = _enriched(found, gazetteer, name)
    elif any(map(str.isalpha, found.text)):
        reading = read_text(found, gazetteer, name=name)
    else:
        raise UnreadableFile("There are no words in this file.")
    work = replace(reading.work, info=within_limits(reading.work.info))
    return replace(reading, work=work)


def _read_lines(name: str, text: str, gazetteer: Gazetteer) -> list[Reading]:
    readings: list[Reading] = []
    for parsed in parse_lines(text.split("\n")):
        if isinstance(parsed, LineError):
            raise UnreadableFile(parsed.reason)
        source = Source(parsed.work, "file", marks_scenes=False)
        readings.append(understand(source, gazetteer, name=f"{name}:{parsed.line_no}"))
    if not readings:
        raise UnreadableFile("This file is empty.")
    return readings


def _enriched(source: Source, gazetteer: Gazetteer, name: str) -> Reading:
    """A work whose declared values stand; only its texts are looked at."""
    work = source.work
    parts: list[Part] = []
    start = 0
    for number, chapter in enumerate(work.chapters):
        parts.append(
            read_chapter(
                chapter.text,
                chapter.title,
                start=start,
                # Titles and headers are looked for where the format does not declare them.
                is_first=number == 0 and not (source.marks_scenes and work.info.title),
                known=chapter.zones,
                known_scenes=chapter.scenes,
                marks_scenes=source.marks_scenes,
            )
        )
        start += len(chapter.text)
    findings = gazetteer.judge(body_of(parts), work.info.fandoms)
    info = fill_in(work.info, parts, findings)
    reading = compose(parts, info, findings, name=name, is_reviewed=not source.marks_scenes)
    layout = parts[0].layout if parts else None
    return replace(
        reading,
        title_source=source.origin if work.info.title else layout and layout.title_source,
        title_candidates=tuple(layout.title_candidates) if layout and not info.title else (),
        rating_source=None if work.info.rating is Rating.NOT_RATED else source.origin,
        problems=(*source.problems, *reading.problems),
    )
