"""FicHub's e-books and its pages, which come zipped."""

import re
from collections.abc import Iterable
from itertools import groupby

from lxml.html import HtmlElement

from db.ingest.books import Book
from db.ingest.formats.fanfiction_net import take_profile
from db.ingest.formats.fields import Fields, is_label, link, work_info
from db.ingest.formats.headings import chapter_name, lone_untitled
from db.ingest.pages import Pages, block_of, classes, first_of, having_class, line_of, paragraphs_of
from db.ingest.source import Source
from db.models import Chapter, NewWork, ZoneKind

ORIGIN = "FicHub file"
_MARK = "fichub.net"
_LABEL = re.compile(r"^(?P<label>[A-Z][A-Za-z ]{2,20}):\s*(?P<value>.*)$", re.DOTALL)
_BY = re.compile(r"^by:?\s+", re.IGNORECASE)
_CHAPTER = re.compile(r"chap_\d{1,6}$")
# calibre, through which people send their books, cuts long pages.
_CHAPTER_FILE = re.compile(r"(?P<name>chap_\d{1,6})(?:_split_\d+)?\.x?html?$")


def read_book(book: Book) -> Source | None:
    """An e-book that FicHub made."""
    intro = next((page for page in book.pages if page.path.endswith("introduction.xhtml")), None)
    if intro is None or not _is_of_fichub(intro.root):
        return None
    pieces = [
        (match["name"], body)
        for page in book.pages
        if (match := _CHAPTER_FILE.search(page.path))
        and (body := first_of(page.root.iter("body"))) is not None
    ]
    chapters: list[Chapter] = []
    for _, bodies in groupby(pieces, key=lambda piece: piece[0]):
        chapters.append(_chapter((body for _, body in bodies), len(chapters) + 1))
    if not chapters:
        return None  # another program has made another book of it
    author = book.first("creator")
    return _source(intro.root, chapters, title=book.first("title"), author=author)


def read_page(page: HtmlElement) -> Source | None:
    """A page that FicHub made."""
    listing = page.get_element_by_id("contents-list", None)
    blocks = [one for one in page.iter("div") if _CHAPTER.match(one.get("id") or "")]
    if listing is None or not blocks or not _is_of_fichub(page):
        return None
    # A chapter that leaves a block open swallows those after it: from the last on, each is
    # taken out before the one around it is read.
    chapters: list[Chapter] = []
    for number in range(len(blocks), 0, -1):
        block = blocks[number - 1]
        for nav in [child for child in block if "chapter_nav" in classes(child)]:
            if first_of(nav.iter("p", "h2")) is None:  # else it was left open
                nav.drop_tree()
        chapters.append(_chapter([block], number))
        block.drop_tree()
    title, author = (first_of(having_class(page, name, "span")) for name in ("title", "author"))
    return _source(
        page,
        chapters[::-1],
        title=line_of(title) if title is not None else None,
        author=line_of(author) if author is not None else None,
    )


def _is_of_fichub(page: HtmlElement) -> bool:
    return any(_MARK in (one.get("href") or "") for one in page.iter("a"))


def _source(
    page: HtmlElement, chapters: list[Chapter], *, title: str | None, author: str | None
) -> Source:
    fields = Fields()
    summary: list[str] = []
    source = None
    body = first_of(page.iter("body"))
    for block in body if body is not None else ():
        if block.tag == "nav":
            break
        said = line_of(block)
        if block.tag in ("h1", "h2") or not said:
            title = title or (said if block.tag == "h1" else None)
        elif _BY.match(said) and first_of(block.iter("b")) is not None:
            author = author or _BY.sub("", said)
        elif said.startswith("Original source"):
            source = link(" ".join(one.get("href") or "" for one in block.iter("a"))) or link(said)
        elif said.startswith("Exported with"):
            continue
        elif (match := _LABEL.match(said)) and is_label(match["label"]) and " - " not in said:
            fields.add(match["label"], match["value"])
        elif not take_profile(said, fields):
            summary += paragraphs_of(block)
        # A summary that brings its own paragraphs ends outside the one that was meant for it.
        summary += paragraphs_of(block_of(block.tail))
    info, problems = work_info(
        fields,
        title=title,
        authors=[author] if author else [],
        summary="\n\n".join(summary) or None,
        source_url=source,
    )
    return Source(NewWork(info, lone_untitled(chapters, info)), ORIGIN, problems=problems)


def _chapter(blocks: Iterable[HtmlElement], number: int) -> Chapter:
    """A chapter, opened by its title; some of them run on without paragraphs."""
    text, name = Pages(), None
    for block in blocks:
        heading = first_of(block.iterchildren())
        opens = heading is not None and heading.tag == "h2" and not (block.text or "").strip()
        if heading is not None and opens and not text:
            said = line_of(heading)
            text.say(said, ZoneKind.HEADING)
            name = chapter_name(said, number)
            heading.drop_tree()
        text.add(block)
    return text.chapter(name)
