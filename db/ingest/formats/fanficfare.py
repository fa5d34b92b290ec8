"""FanFicFare's EPUB, HTML and text files, and its predecessors', from whatever site."""

import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from posixpath import basename

from lxml.html import HtmlElement

from db.ingest.books import Book
from db.ingest.formats.fields import Fields, is_label, link, work_info
from db.ingest.formats.headings import chapter_name, lone_untitled
from db.ingest.pages import Pages, block_of, classes, first_of, having_class, line_of, paragraphs_of
from db.ingest.source import Source
from db.models import Chapter, NewWork, WorkInfo, ZoneKind

ORIGIN = "FanFicFare file"
NOTES = "fff_chapter_notes"
MOST_DEPTH = 12  # of what stands around a chapter's notes

_PROGRAMS = ("fanficfare", "fanficdownloader", "fanfictiondownloader")
_TITLE_PAGE, _CHAPTER = "fff_titlepage", "fff_chapter"
_OTHER_PAGES = ("fff_tocpage", "fff_logpage", "fff_coverpage")
_PAGE_NAMES = re.compile(r"(?:title|toc|log)_page\.x?html?$|cover\.x?html?$")
_TITLE_NAME = re.compile(r"(?:^|/)title_page\.x?html?$")
_SECTION = re.compile(r"section\d{3,6}$")


def read_book(book: Book) -> Source | None:
    """An e-book that FanFicFare made."""
    titled = next((page.root for page in book.pages if _body_class(page.root, _TITLE_PAGE)), None)
    made_by = " ".join((*book.declared.get("contributor", ()), book.generator)).casefold()
    if titled is None and not any(name in made_by for name in _PROGRAMS):
        return None
    if titled is None:  # some tools take the classes away
        titled = next((p.root for p in book.pages if _TITLE_NAME.search(p.path)), None)
    info, problems = _declared(book, titled)
    chapters: list[Chapter] = []
    for page in book.pages:
        if page.root is titled or _is_no_chapter(page.root, page.path):
            continue
        heading = first_of(having_class(page.root, "fff_chapter_title"))
        if heading is None:
            heading = first_of(page.root.iter("h3", "h2", "h1"))
        body = first_of(page.root.iter("body"))
        if body is not None:
            chapters.append(_chapter(heading, body, len(chapters) + 1))
    return Source(NewWork(info, lone_untitled(chapters, info)), ORIGIN, problems=problems)


def read_page(page: HtmlElement) -> Source | None:
    """A page that FanFicFare made."""
    sections = [one for one in page.iter("a") if _SECTION.match(one.get("name") or "")]
    title = first_of(page.iter("h1"))
    if not sections or title is None or first_of(having_class(title, "authorlink")) is None:
        return None
    fields = Fields()
    summary: list[str] = []
    for table in page.iter("table"):
        _take_rows(table, fields, summary)
        break
    info, problems = _info(fields, title, summary)
    chapters: list[Chapter] = []
    for section in sections:
        text = Pages()
        heading = first_of(section.iter("h2", "h3", "h1"))
        said = line_of(heading if heading is not None else section)
        text.say(said, ZoneKind.HEADING)
        if section.tail:
            text.say(section.tail)
        for block in section.itersiblings():
            if block.tag == "a" and _SECTION.match(block.get("name") or ""):
                break
            _add(block, text)
            if block.tail:
                text.say(block.tail)
        chapters.append(text.chapter(chapter_name(said, len(chapters) + 1)))
    return Source(NewWork(info, lone_untitled(chapters, info)), ORIGIN, problems=problems)


# -- title pages -------------------------------------------------------------------------------
def _declared(book: Book, titled: HtmlElement | None) -> tuple[WorkInfo, tuple[str, ...]]:
    fields = Fields()
    summary: list[str] = []
    heading = None
    if titled is not None:
        heading = first_of(titled.iter("h3", "h2", "h1"))
        for table in titled.iter("table"):
            _take_rows(table, fields, summary)
        for block in titled.iter("div"):
            if first_of(block.iterchildren("b")) is not None:
                _take_labels(block, fields, summary)
    source = next(filter(None, map(link, book.declared.get("source", ()))), None)
    subjects = book.declared.get("subject", [])
    return _info(
        fields,
        heading,
        summary,
        title=book.first("title"),
        authors=book.declared.get("creator", []),
        source_url=source,
        language=book.first("language"),
        known=subjects,
    )


def _info(
    fields: Fields,
    heading: HtmlElement | None,
    summary: list[str],
    *,
    title: str | None = None,
    authors: Iterable[str] = (),
    source_url: str | None = None,
    language: str | None = None,
    known: Iterable[str] = (),
) -> tuple[WorkInfo, tuple[str, ...]]:
    names = list(authors)
    if heading is not None:
        links = [line_of(one) for one in having_class(heading, "authorlink")]
        names = links or names
        first = first_of(heading.iter("a"))
        if first is not None and "authorlink" not in classes(first):
            title = line_of(first)
            source_url = source_url or link(first.get("href") or "")
    return work_info(
        fields,
        title=title,
        authors=names,
        summary="\n\n".join(summary) or None,
        source_url=source_url,
        language=language,
        known=known,
    )


def _take_rows(table: HtmlElement, fields: Fields, summary: list[str]) -> None:
    for row in table.iter("tr"):
        cells = list(row.iterchildren("td", "th"))
        if len(cells) == 1:
            _take_labels(cells[0], fields, summary)
        elif cells:
            _take(line_of(cells[0]), cells[1], fields, summary)


def _take_labels(block: HtmlElement, fields: Fields, summary: list[str]) -> None:
    """The values of a block in which labels in bold stand before them."""
    label, value = "", block_of()
    for child in block:
        if child.tag == "b" and is_label(line_of(child)):
            _take(label, value, fields, summary)
            label, value = line_of(child), block_of(child.tail)
        elif label:
            value.append(deepcopy(child))
    _take(label, value, fields, summary)


def _take(label: str, value: HtmlElement, fields: Fields, summary: list[str]) -> None:
    if label.strip().rstrip(":").casefold() in ("summary", "description"):
        summary += paragraphs_of(value)
    elif label:
        fields.add(label, line_of(value))


# -- chapters ----------------------------------------------------------------------------------
def _body_class(root: HtmlElement, name: str) -> bool:
    body = first_of(root.iter("body"))
    return body is not None and name in classes(body)


def _is_no_chapter(root: HtmlElement, path: str) -> bool:
    if _body_class(root, _CHAPTER):
        return False
    named = any(_body_class(root, name) for name in (*_OTHER_PAGES, _TITLE_PAGE))
    return named or bool(_PAGE_NAMES.search(basename(path)))


def _chapter(heading: HtmlElement | None, body: HtmlElement, number: int) -> Chapter:
    text = Pages()
    said = line_of(heading) if heading is not None else ""
    text.say(said, ZoneKind.HEADING)
    for block in body:
        if block is not heading:
            _add(block, text)
        if block.tail:
            text.say(block.tail)
    return text.chapter(chapter_name(said, number))


def _add(block: HtmlElement, text: Pages, depth: int = 0) -> None:
    """Add a part of a chapter; what the program has marked as notes is told apart."""
    if NOTES in classes(block):
        text.add(block, ZoneKind.NOTE)
    elif depth > MOST_DEPTH or first_of(having_class(block, NOTES)) is None:
        text.add(block)
    else:
        text.say(block.text or "")
        for child in block:
            _add(child, text, depth + 1)
            text.say(child.tail or "")


# -- text --------------------------------------------------------------------------------------
_HEAD_CHARS = 20_000
SURE = 2  # lines of bookkeeping that only the program writes
_BOOKKEEPING = re.compile(
    r"^(?:Packaged: \d{4}-\d{2}-\d{2}|Story URL: \S+|Publisher: \S+)", re.MULTILINE
)
_BY = re.compile(r"^by (?=\S)")
_FIELD = re.compile(r"^(?P<label>[A-Z][\w/ ]{1,40}): (?P<value>.*)$")
_CONTENTS = re.compile(r"^\s*TABLE OF CONTENTS\s*$")
_INDENTED = re.compile(r"^(?:\t| {8})(?=\S)")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+.!>~|-])")
_EMPHASIS = re.compile(r"(?<![\w*_])(\*\*|__|\*|_)(?=\S)([^*_\n]{1,2000}?)(?<=\S)\1(?![\w*_])")
_STRUCK = re.compile(r"~~([^~\n]{1,2000})~~")
_MARKS = re.compile(r"^(?:> ?)+|^#{1,6} ")  # of a quoted block, of a heading within a chapter
_END = "End file."


def read_text(text: str) -> Source | None:
    """A text file that FanFicFare made: its lines are wrapped, its chapters indented headings."""
    head = text[:_HEAD_CHARS]
    if len(set(_BOOKKEEPING.findall(head))) < SURE:
        return None
    lines = text.split("\n")
    starts = [
        at
        for at, line in enumerate(lines)
        if _INDENTED.match(line)
        and at > 1
        and not lines[at - 1].strip()
        and not lines[at - 2].strip()
    ]
    if not starts:
        return None
    title, authors, fields, summary, contents = _head(lines[: starts[0]])
    if not title:
        return None
    info, problems = work_info(
        fields, title=title, authors=authors, summary="\n\n".join(summary) or None
    )
    chapters = [
        _text_chapter(lines[start:end], number)
        for number, (start, end) in enumerate(_cuts(lines, starts, contents), start=1)
    ]
    return Source(NewWork(info, lone_untitled(chapters, info)), ORIGIN, problems=problems)


def _head(
    lines: list[str],
) -> tuple[str, list[str], Fields, list[str], list[str]]:
    """Title, authors, fields, summary and the table of contents above the first chapter."""
    blocks = _blocks(lines)
    title = next(blocks, "")
    by = next(blocks, "")
    authors = re.split(r",\s+", _BY.sub("", by)) if _BY.match(by) else []
    fields = Fields()
    summary: list[str] = []
    contents: list[str] | None = None
    at = next((n for n, line in enumerate(lines) if _FIELD.match(line)), len(lines))
    label, value = "", list[str]()

    def close() -> None:
        said = "\n".join(value)
        if label.casefold() in ("summary", "description"):
            summary.extend(
                " ".join(one.split()) for one in re.split(r"\n\s*\n", said) if one.strip()
            )
        elif label:
            fields.add(label, " ".join(said.split()))

    for line in lines[at:]:
        if contents is not None:
            contents.append(line)
        elif _CONTENTS.match(line):
            contents = []
        elif (match := _FIELD.match(line)) and is_label(match["label"]):
            close()
            label, value = match["label"], [match["value"]]
        else:
            value.append(line)
    close()
    return title, authors, fields, summary, list(_blocks(contents or []))


def _blocks(lines: Iterable[str]) -> Iterator[str]:
    """Lines that follow each other, joined."""
    block: list[str] = []
    for line in (*lines, ""):
        if line.strip():
            block.append(line.strip())
        elif block:
            yield " ".join(block)
            block = []


def _cuts(lines: list[str], starts: list[int], contents: list[str]) -> Iterator[tuple[int, int]]:
    """Where the chapters stand: at the indented lines that the table of contents names in turn."""
    wanted = [" ".join(one.split()) for one in contents]
    found: list[int] = []
    for at in starts:
        said = " ".join(next(_blocks(lines[at : at + 8]), "").split())
        if not wanted:
            found = starts[:1]  # without a table there is one chapter
            break
        if len(found) < len(wanted) and said == wanted[len(found)]:
            found.append(at)
    if len(found) < len(wanted):
        found = starts
    yield from zip(found, [*found[1:], len(lines)], strict=True)


def _text_chapter(lines: list[str], number: int) -> Chapter:
    text = Pages()
    while lines and (not lines[-1].strip() or lines[-1].strip() == _END):
        lines = lines[:-1]
    end = next((at for at, line in enumerate(lines) if at and not line.strip()), len(lines))
    heading = " ".join(" ".join(lines[:end]).split())
    text.say(heading, ZoneKind.HEADING)
    paragraph: list[str] = []
    for line in (*lines[end:], ""):
        if line.strip():
            # Two blanks at a line's end are a line break; without them the program wrapped it.
            bare = _MARKS.sub("", line.strip())
            paragraph.append(bare + ("\n" if line.endswith("  ") else " "))
        elif paragraph:
            text.say(_plain("".join(paragraph)))
            paragraph = []
    return text.chapter(chapter_name(heading, number))


def _plain(text: str) -> str:
    """A paragraph without Markdown's marks for emphasis."""
    for _ in range(2):
        text = _EMPHASIS.sub(r"\2", text)
    return _ESCAPED.sub(r"\1", _STRUCK.sub(r"\1", text))
