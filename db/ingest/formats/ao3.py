"""AO3's HTML and EPUB downloads and its work pages, as the archive's own templates make them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from lxml.html import HtmlElement

from db.errors import UnreadableFile
from db.ingest.books import Book
from db.ingest.formats.headings import chapter_name
from db.ingest.pages import Pages, classes, first_of, having_class, line_of, paragraphs_of
from db.ingest.source import Source
from db.models import (
    ArchiveWarning,
    Category,
    Chapter,
    NewWork,
    Rating,
    SeriesPart,
    Status,
    WorkInfo,
    ZoneKind,
)
from db.vocabulary import CATEGORIES, LANGUAGES, RATINGS, WARNINGS

DOWNLOAD = "AO3 download"
PAGE = "AO3 page"
ASK = "Open the work on AO3, press “Download”, choose EPUB or HTML, and add that file."

# Singular or plural, as the number of tags is; the Stats are text of their own.
_LABELS = {
    "rating": "rating", "ratings": "rating",
    "archive warning": "warnings", "archive warnings": "warnings",
    "category": "categories", "categories": "categories",
    "fandom": "fandoms", "fandoms": "fandoms",
    "relationship": "relationships", "relationships": "relationships",
    "character": "characters", "characters": "characters",
    "additional tag": "tags", "additional tags": "tags",
    "language": "language", "series": "series", "stats": "stats",
}  # fmt: skip
# What a page of the archive says that is no work; the sentence is what to tell. The first that
# fits is taken.
_NO_WORKS = (
    ("error 404", "AO3 has no page there: the work was deleted, or its link is mistyped."),
    ("retry later", "AO3 was asked too often and gave no work."),
    ("only available to registered users", "This is AO3's log-in page: the work is for members."),
    ("part of an ongoing challenge", "This work is not revealed yet, so AO3 does not show it."),
    ("part of a challenge", "This work is not revealed yet, so AO3 does not show it."),
    ("could have adult content", "This is AO3's question about adult content, not the work."),
    ("you don't have permission", "AO3 hides this work from whoever saved the page."),
    ("this work is hidden", "AO3 hides this work."),
    ("has been hidden", "AO3 hides this work."),
)  # fmt: skip
_NO_WORK = "This is a page of AO3, but no work."
_DATES = re.compile(r"\b(published|updated|completed)\s*:\s*(\d{4}-\d{2}-\d{2})", re.IGNORECASE)
_CHAPTERS = re.compile(r"\bchapters?\s*:\s*([\d,]+)\s*/\s*([\d,]+|\?)", re.IGNORECASE)
_PART = re.compile(r"\bpart\s+(\d{1,6})\s+of\s*$", re.IGNORECASE)
_WORK_LINK = re.compile(r"https?://(?:www\.)?archiveofourown\.(?:org|com|net)/works/\d+")
_ARCHIVED_BY = re.compile(r"\s*\[archived by\b[^\]]*\]", re.IGNORECASE)
_CHAPTER_NUMBER = re.compile(r"^(?:chapter\s+)?(\d{1,5})\s*[.:]\s*(?=\S)", re.IGNORECASE)


def read_page(page: HtmlElement) -> Source | None:
    """A download in HTML, or a work's page.

    Raises:
        UnreadableFile: it is a page of the archive, but no work.
    """
    preface = page.get_element_by_id("preface", None)
    if preface is not None and first_of(having_class(preface, "tags", "dl")) is not None:
        return _download([page])
    if page.get_element_by_id("workskin", None) is not None:
        return _work_page(page)
    if _is_of_archive(page):
        said = line_of(page).casefold()
        why = next((sentence for mark, sentence in _NO_WORKS if mark in said), _NO_WORK)
        raise UnreadableFile(f"{why} {ASK}")
    return None


def read_book(book: Book) -> Source | None:
    """A download in EPUB."""
    for page in book.pages:
        preface = page.root.get_element_by_id("preface", None)
        if preface is not None and first_of(having_class(preface, "tags", "dl")) is not None:
            return _download([page.root for page in book.pages])
    return None


def _is_of_archive(page: HtmlElement) -> bool:
    title = first_of(page.iter("title"))
    if title is not None and "archive of our own" in line_of(title).casefold():
        return True
    return line_of(page).casefold() == "retry later"


# -- downloads ---------------------------------------------------------------------------------
def _download(pages: Sequence[HtmlElement]) -> Source:
    """The work of a download; an EPUB's pages stand for what is one page of HTML.

    Ids are the same in both; calibre, which makes the EPUB, gives classes new names.
    """
    preface = next(
        found for page in pages if (found := page.get_element_by_id("preface", None)) is not None
    )
    tags = _definitions(next(having_class(preface, "tags", "dl")))
    title = first_of(preface.iter("h1"))
    byline = first_of(having_class(preface, "byline"))
    link = _WORK_LINK.search(_message(preface))
    sections = _labelled(preface)
    afterwords = [page.get_element_by_id("afterword", None) for page in pages]
    endings = [
        text
        for afterword in afterwords
        if afterword is not None
        for text in _labelled(afterword).get("end notes", ())
    ]
    info = _info(
        tags,
        title=line_of(title) if title is not None else None,
        authors=_authors(byline) if byline is not None else (),
        summary=sections.get("summary", []),
        notes=[*sections.get("notes", []), *endings],
        source_url=link[0] if link else None,
    )
    return Source(NewWork(info, _chapters(pages)), DOWNLOAD)


def _message(preface: HtmlElement) -> str:
    message = first_of(having_class(preface, "message", "p"))
    if message is None:
        return ""
    links = [link.get("href") or "" for link in message.iter("a")]
    return " ".join([*links, line_of(message)])


def _definitions(listing: HtmlElement) -> dict[str, HtmlElement]:
    """What a list of tags says under each label."""
    found: dict[str, HtmlElement] = {}
    label = ""
    for child in listing:
        if child.tag == "dt":
            label = line_of(child).rstrip(": ").casefold()
        elif child.tag == "dd" and label in _LABELS:
            found.setdefault(_LABELS[label], child)
    return found


def _labelled(element: HtmlElement) -> dict[str, list[str]]:
    """The paragraphs of each quoted block by the label above it ("Summary", "Notes")."""
    found: dict[str, list[str]] = {}
    for block in element.iter("blockquote"):
        above = block.getprevious()
        if above is not None and above.tag == "p":
            found.setdefault(line_of(above).rstrip(": ").casefold(), []).extend(
                paragraphs_of(block)
            )
    return found


def _chapters(pages: Iterable[HtmlElement]) -> tuple[Chapter, ...]:
    """The chapters, each opened by a block with its heading; a lone one has none."""
    chapters: list[tuple[str | None, Pages]] = []
    for page in pages:
        for block in _blocks(page):
            heading = first_of(block.iter("h2")) if block.tag == "div" else None
            if heading is not None and block[0] is heading:
                title = line_of(heading)
                text = Pages()
                text.say(title, ZoneKind.HEADING)
                _add_notes(block, text)
                chapters.append((chapter_name(title, len(chapters) + 1), text))
                continue
            if not chapters:
                chapters.append((None, Pages()))
            text = chapters[-1][1]
            if (block.get("id") or "").startswith("endnotes"):
                _add_notes(block, text)
            else:
                text.add(block)
    return tuple(text.chapter(title) for title, text in chapters)


def _blocks(page: HtmlElement) -> Iterator[HtmlElement]:
    """What stands directly in the part of a page that holds chapters."""
    holder = page.get_element_by_id("chapters", None)
    if holder is None:
        # In an EPUB some readers' tools drop the id where a long chapter goes on.
        if any(page.get_element_by_id(one, None) is not None for one in ("preface", "afterword")):
            return
        holder = first_of(page.iter("body"))
    if holder is None:
        return
    yield from _with_stray_text(holder)


def _with_stray_text(holder: HtmlElement) -> Iterator[HtmlElement]:
    """An element's children; the element itself if text stands between them."""
    between = [holder.text, *(child.tail for child in holder)]
    if any(text and text.strip() for text in between):
        yield holder
    else:
        yield from holder


def _add_notes(block: HtmlElement, text: Pages) -> None:
    """Add a chapter's summary and notes, with their labels, and without links to them."""
    for child in block:
        if child.tag == "h2" or "endnote-link" in classes(child):
            continue
        if child.tag == "div" and any(
            (link.get("href") or "").rpartition("#")[2].startswith("endnotes")
            for link in child.iter("a")
        ):
            continue
        text.add(child, ZoneKind.NOTE)


# -- work pages --------------------------------------------------------------------------------
def _work_page(page: HtmlElement) -> Source:
    skin = page.get_element_by_id("workskin")
    for landmark in list(having_class(skin, "landmark")):
        landmark.drop_tree()
    meta = next((dl for dl in having_class(page, "meta", "dl") if "work" in classes(dl)), None)
    preface = next(
        (one for one in having_class(skin, "preface") if "chapter" not in classes(one)), None
    )
    title = first_of(having_class(preface, "title")) if preface is not None else None
    byline = first_of(having_class(preface, "byline")) if preface is not None else None
    ends = page.get_element_by_id("work_endnotes", None)
    notes = [*_module(preface, "notes"), *(_quoted(ends) if ends is not None else [])]
    info = _info(
        _definitions(meta) if meta is not None else {},
        title=line_of(title) if title is not None else None,
        authors=_authors(byline) if byline is not None else (),
        summary=_module(preface, "summary"),
        notes=notes,
        source_url=_page_link(page),
    )
    chapters = tuple(_page_chapters(skin))
    if not any(chapter.text for chapter in chapters):
        raise UnreadableFile(f"This page of AO3 came without the work's text. {ASK}")
    return Source(NewWork(info, chapters), PAGE, problems=_missing(meta, len(chapters)))


def _module(preface: HtmlElement | None, name: str) -> list[str]:
    if preface is None:
        return []
    return [text for one in having_class(preface, name, "div") for text in _quoted(one)]


def _quoted(module: HtmlElement) -> list[str]:
    return [text for block in module.iter("blockquote") for text in paragraphs_of(block)]


def _page_chapters(skin: HtmlElement) -> Iterator[Chapter]:
    holder = skin.get_element_by_id("chapters", None)
    if holder is None:
        return
    chapters = [one for one in having_class(holder, "chapter", "div") if one.get("id")]
    if not chapters:
        text = Pages()
        for block in _with_stray_text(holder):
            text.add(block)
        yield text.chapter(None)
    for number, chapter in enumerate(chapters, start=1):
        text, name = Pages(), None
        for block in chapter:
            if "preface" not in classes(block):
                text.add(block)
                continue
            heading = first_of(having_class(block, "title"))
            if heading is not None:
                said = line_of(heading)
                text.say(said, ZoneKind.HEADING)
                name = chapter_name(said, _link_number(said) or number)
            for module in having_class(block, "module", "div"):
                label = first_of(having_class(module, "heading"))
                if label is not None:
                    text.say(line_of(label), ZoneKind.NOTE)
                for note in module.iter("blockquote"):
                    text.add(note, ZoneKind.NOTE)
        yield text.chapter(name)


def _link_number(heading: str) -> int | None:
    match = _CHAPTER_NUMBER.match(heading)
    return int(match[1]) if match else None


def _page_link(page: HtmlElement) -> str | None:
    canonical = [
        one.get("href") or "" for one in page.iter("link") if one.get("rel") == "canonical"
    ]
    within = [
        f"https://archiveofourown.org{link.get('href')}"
        for link in page.iter("a")
        if re.match(r"/works/\d+", link.get("href") or "")
    ]
    full = [link.get("href") or "" for link in page.iter("a")]
    for url in (*canonical, *within, *full):
        if match := _WORK_LINK.match(url):
            return match[0].replace("http://", "https://")
    return None


def _missing(meta: HtmlElement | None, here: int) -> tuple[str, ...]:
    match = _CHAPTERS.search(_spaced(meta)) if meta is not None else None
    there = int(match[1].replace(",", "")) if match else here
    if here >= there:
        return ()
    problem = f"This page holds {here} of {there} chapters; the work's download holds them all."
    return (problem,)


# -- both --------------------------------------------------------------------------------------
def _info(
    tags: dict[str, HtmlElement],
    *,
    title: str | None,
    authors: tuple[str, ...],
    summary: Sequence[str],
    notes: Sequence[str],
    source_url: str | None,
) -> WorkInfo:
    names = {field: _names(element) for field, element in tags.items() if field != "stats"}
    others: list[str] = []
    warnings: list[ArchiveWarning] = []
    for name in names.get("warnings", ()):
        # "Author Chose Not To Use Archive Warnings" is what it was called until 2019.
        plain = name.casefold().replace("author chose", "creator chose")
        if meant := WARNINGS.get(plain):
            warnings.append(meant)
        else:
            others.append(name)
    categories: list[Category] = []
    for name in names.get("categories", ()):
        if known := CATEGORIES.get(name.casefold()):
            categories.append(known)
        else:
            others.append(name)
    ratings = [RATINGS.get(name.casefold()) for name in names.get("rating", ())]
    stats = _spaced(tags["stats"]) if "stats" in tags else ""
    dates = {label.casefold(): _date(day) for label, day in _DATES.findall(stats)}
    counted = _CHAPTERS.search(stats)
    status = Status.UNKNOWN
    if counted:
        status = Status.COMPLETE if counted[1] == counted[2] else Status.IN_PROGRESS
    language = " ".join(names.get("language", ())).casefold()
    return WorkInfo(
        title=title or None,
        authors=authors,
        fandoms=names.get("fandoms", ()),
        relationships=names.get("relationships", ()),
        characters=names.get("characters", ()),
        tags=(*names.get("tags", ()), *others),
        rating=next(filter(None, ratings), Rating.NOT_RATED),
        warnings=tuple(dict.fromkeys(warnings)),
        categories=tuple(dict.fromkeys(categories)),
        language=LANGUAGES.get(language),
        status=status,
        summary="\n\n".join(summary) or None,
        notes="\n\n".join(notes) or None,
        series=_series(tags["series"]) if "series" in tags else (),
        published=dates.get("published"),
        updated=dates.get("completed") or dates.get("updated"),
        source_url=source_url,
    )


def _spaced(element: HtmlElement) -> str:
    """What a list says on one line, its parts not run together."""
    return " ".join(" ".join(element.itertext()).split())


def _names(element: HtmlElement) -> tuple[str, ...]:
    """A label's tags. Each is a link; where a tool took the links away, commas part them."""
    links = [line_of(link) for link in element.iter("a")]
    found = links or re.split(r",\s+", line_of(element))
    return tuple(dict.fromkeys(filter(None, found)))


def _authors(byline: HtmlElement) -> tuple[str, ...]:
    """The authors; `a[rel=author]` elsewhere lists translators and whoever a work is a gift to.

    A work that was imported says "Name [archived by somebody]": that somebody is none.
    """
    said = _ARCHIVED_BY.sub("", line_of(byline)).strip()
    said = re.sub(r"^by\s+", "", said, flags=re.IGNORECASE)
    names: list[str] = []
    for link in byline.iter("a"):
        name = line_of(link)
        if name and name in said:
            names.append(name)
            said = said.replace(name, "", 1)
    names += [part for part in re.split(r"[,\s]*,[,\s]*|^\s+|\s+$", said) if part.strip(" ,")]
    return tuple(dict.fromkeys(name.strip(" ,") for name in names))


def _series(element: HtmlElement) -> tuple[SeriesPart, ...]:
    found: list[SeriesPart] = []
    before = element.text or ""
    # Links stand beside each other; on a work's page each is in a <span> of its own, with
    # arrows to the neighbours, which lead to works.
    for link in element.iter("a"):
        if "/works/" in (link.get("href") or ""):
            continue
        above = link.getprevious()
        parent = link.getparent()
        said = above.tail if above is not None else parent.text if parent is not None else before
        part = _PART.search(" ".join((said or "").split()))
        if name := line_of(link):
            found.append(SeriesPart(name, int(part[1]) if part else None))
    return tuple(found)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
