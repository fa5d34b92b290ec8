"""Any e-book, by what its package file declares and its table of contents lists."""

import html
import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlElement, fromstring

from db.ingest.books import Book, BookPage, Entry
from db.ingest.chapters import count_words
from db.ingest.formats.fields import day, link
from db.ingest.formats.headings import chapter_name, lone_untitled
from db.ingest.pages import Pages, first_of, line_of, paragraphs_of
from db.ingest.source import Manuscript, Source
from db.models import Chapter, NewWork, SeriesPart, Status, WorkInfo, ZoneKind
from db.vocabulary import LANGUAGES

ORIGIN = "e-book"
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
# Pages that are no chapters, by their name or their title, if they are as short as such are.
_FRONT = re.compile(
    r"^(?:cover|title[\s_-]?page|titel|toc|nav|table[\s_-]?of[\s_-]?contents|contents|copyright|"
    r"colophon|imprint|about the author|also by|dedication[s]?|synopsis|information|"
    r"start|welcome|legal|inline_toc)(?:[\s_-]*\d{1,3})?$",
    re.IGNORECASE,
)
FRONT_WORDS, LONG_CHARS = 400, 8000
# Subjects that programs and shops write, which say nothing of a story.
_BOOKKEEPING = re.compile(
    r"^(?:fan[\s-]?fiction|fan[\s-]?works?|last update\b.*|in-progress|complete[d]?|general|"
    r"unknown|e-?books?|webnovels?|web ?serials?|fic|epub)$",
    re.IGNORECASE,
)
# What stands where a title should: a placeholder, or the name of a file.
_UNTITLED = re.compile(
    r"^(?:untitled(?: document)?|unknown|unbekannt|no title|title|\d+[_-][0-9a-f]{6,}|"
    r"\S+\.(?:txt|docx?|odt|rtf|x?html?|epub|md))$",
    re.IGNORECASE,
)
_NOBODY = re.compile(r"^(?:unknown|unbekannt|anonymous author|author|various)$", re.IGNORECASE)
_SPLIT = re.compile(r"_split_\d{3,}(?=\.x?html?$)")


@dataclass(frozen=True, slots=True)
class _Mark:
    """Where a chapter starts in a page, by its line in the table of contents."""

    title: str
    anchor: str


def read_book(book: Book) -> Source | Manuscript:
    """Whatever an e-book holds. Of one that is a single page the text itself tells its parts."""
    info = _info(book)
    pages = [page for page in book.pages if not _is_empty(page)]
    if len(pages) == 1 and not any(entry.anchor for entry in book.contents):
        return Manuscript(
            "\n\n".join(paragraphs_of(pages[0].root, mark_headings=True)), ORIGIN, info
        )
    chapters: list[Chapter] = []
    text: Pages | None = None
    name = ""
    listed = _listed(book.contents)

    def close() -> None:
        if text is not None and text:
            chapters.append(text.chapter(chapter_name(name, len(chapters) + 1)))

    for page in _chapter_pages(book, listed):
        marks = listed.get(page.path, [])
        goes_on = text is not None and not marks and (bool(listed) or _is_continued(page, book))
        for title, blocks in _parts(page, marks):
            if not (goes_on and title is None):
                close()
                text, name = Pages(), title or ""
            assert text is not None
            name = _add(text, blocks, name, new=not text)
            goes_on = False
    close()
    return Source(NewWork(info, lone_untitled(chapters, info)), ORIGIN)


def _is_empty(page: BookPage) -> bool:
    return not line_of(page.root) or any(nav.get("epub:type") for nav in page.root.iter("nav"))


# -- what the package declares -----------------------------------------------------------------
def _info(book: Book) -> WorkInfo:
    title = book.first("title")
    subjects = [one for each in book.declared.get("subject", ()) for one in _subjects(each)]
    language = (book.first("language") or "").strip()
    sources = [*book.declared.get("source", ()), *book.declared.get("identifier", ())]
    series = book.series.get("series", "").strip()
    dates = sorted(filter(None, map(day, book.declared.get("date", ()))))
    return WorkInfo(
        title=None if title is None or _UNTITLED.match(title) else title,
        authors=tuple(
            dict.fromkeys(one for one in book.declared.get("creator", ()) if not _NOBODY.match(one))
        ),
        tags=tuple(dict.fromkeys(subjects)),
        language=_language(language),
        status=_status(book.declared.get("subject", ())),
        summary=_summary(book.first("description") or ""),
        series=(SeriesPart(series, _part(book.series.get("series_index", ""))),) if series else (),
        published=dates[0] if dates and dates[0].year > 1970 else None,
        source_url=next(filter(None, map(link, sources)), None),
    )


def _subjects(subject: str) -> Iterator[str]:
    # Some programs write all of them into one, parted by commas.
    parts = subject.split(",") if subject.count(",") > 1 else [subject]
    for part in parts:
        if (name := part.strip()) and not _BOOKKEEPING.match(name):
            yield name


def _status(subjects: Sequence[str]) -> Status:
    said = {subject.strip().casefold() for subject in subjects}
    if said & {"complete", "completed"}:
        return Status.COMPLETE
    return Status.IN_PROGRESS if "in-progress" in said else Status.UNKNOWN


def _language(said: str) -> str | None:
    if re.fullmatch(r"[A-Za-z]{2}(?:[-_][A-Za-z]{2})?", said):
        code = said.replace("_", "-")
        return code if code.casefold() in ("pt-br", "pt-pt") else code[:2].lower()
    return LANGUAGES.get(said.casefold())


def _summary(said: str) -> str | None:
    said = html.unescape(said).strip()
    if not said:
        return None
    if "<" not in said:
        return said
    try:
        return "\n\n".join(paragraphs_of(fromstring(f"<div>{said}</div>"))) or None
    except (etree.LxmlError, ValueError):
        return None


def _part(said: str) -> int | None:
    try:
        part = float(said)
    except ValueError:
        return None
    return int(part) if 0 <= part < 1e6 and part == int(part) else None


# -- which pages are chapters ------------------------------------------------------------------
def _listed(contents: Sequence[Entry]) -> dict[str, list[_Mark]]:
    listed: dict[str, list[_Mark]] = {}
    for entry in contents:
        listed.setdefault(entry.path, []).append(_Mark(entry.title, entry.anchor))
    return listed


def _chapter_pages(book: Book, listed: dict[str, list[_Mark]]) -> list[BookPage]:
    found = [
        page
        for page in book.pages
        if not _is_front(page, [mark.title for mark in listed.get(page.path, ())], book)
    ]
    return found or list(book.pages)


def _is_front(page: BookPage, titles: Sequence[str], book: Book) -> bool:
    body = first_of(page.root.iter("body"))
    said = line_of(body) if body is not None else ""
    if len(said) > LONG_CHARS:
        return False
    if _is_empty(page):
        return True
    if count_words(said) > FRONT_WORDS:
        return False
    stem = posixpath.basename(page.path).rpartition(".")[0]
    heading = first_of(page.root.iter(*HEADINGS))
    named = [stem, *titles, line_of(heading) if heading is not None else ""]
    if any(_FRONT.match(name.strip(" .:")) for name in named):
        return True
    links = sum(len(line_of(one)) for one in page.root.iter("a"))
    if links > len(said) / 2:
        return True  # a table of contents
    # A page of title and author alone.
    title, authors = book.first("title") or "", book.declared.get("creator", [])
    rest = said.casefold()
    for word in (title, *authors, "by", "·", "—", "-"):
        rest = rest.replace(word.casefold(), " ", 2)
    return not rest.strip() and bool(title)


def _is_continued(page: BookPage, book: Book) -> bool:
    """Whether a page is a further piece of the one before, which some program cut."""
    match = _SPLIT.search(page.path)
    return bool(match and not match[0].endswith("_000")) and any(
        _SPLIT.sub("", one.path) == _SPLIT.sub("", page.path) for one in book.pages if one != page
    )


# -- chapters within pages ---------------------------------------------------------------------
def _parts(
    page: BookPage, marks: Sequence[_Mark]
) -> Iterator[tuple[str | None, list[HtmlElement | str]]]:
    """The page's parts, each with its title if one starts there."""
    body = first_of(page.root.iter("body"))
    if body is None:
        return
    anchors = {mark.anchor: mark.title for mark in marks if mark.anchor}
    title = next((mark.title for mark in marks if not mark.anchor), None)
    if marks and title is None and len(marks) == 1:
        title, anchors = marks[0].title, {}
    blocks: list[HtmlElement | str] = []
    for block in _leaves(body, anchors):
        starts = isinstance(block, HtmlElement) and _anchor_in(block, anchors)
        if starts:
            if any(one.strip() if isinstance(one, str) else line_of(one) for one in blocks):
                yield title, blocks
            title, blocks = anchors.pop(starts), []
        blocks.append(block)
    yield title, blocks


def _leaves(body: HtmlElement, anchors: dict[str, str]) -> Iterator[HtmlElement | str]:
    """What stands in a body, its wrapping blocks opened where several anchors lie in one."""
    if body.text and body.text.strip():
        yield body.text
    for child in body:
        inner = sum(1 for one in child.iter() if one.get("id") in anchors) if anchors else 0
        wraps = child.tag in ("div", "section", "article", "main")
        if wraps and (inner > 1 or (len(body) == 1 and len(child) > 1)):
            yield from _leaves(child, anchors)
        else:
            yield child
        if child.tail and child.tail.strip():
            yield child.tail


def _anchor_in(block: HtmlElement, anchors: dict[str, str]) -> str | None:
    if not anchors:
        return None
    return next(
        (found for one in block.iter() if (found := one.get("id") or one.get("name")) in anchors),
        None,
    )


def _add(text: Pages, blocks: Sequence[HtmlElement | str], name: str, *, new: bool) -> str:
    """Add a part; a heading above its story is told apart. Returns the chapter's name."""
    above = new
    for block in blocks:
        if isinstance(block, str):
            text.say(block)
            above = False
            continue
        said = line_of(block)
        heading = block.tag in HEADINGS or (
            above and first_of(block.iter(*HEADINGS)) is not None and len(said) < 200
        )
        if above and heading and said:
            text.say(said, ZoneKind.HEADING)
            name = name or said
            continue
        if said and above:
            above = False
            if block.tag == "p" and name and said.casefold() == name.casefold():
                text.say(said, ZoneKind.HEADING)
                continue
        text.add(block)
    return name
