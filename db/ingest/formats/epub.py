"""Any e-book, by what its package file declares and its table of contents lists."""

import html
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import dropwhile, islice
from urllib.parse import unquote

from lxml import etree
from lxml.html import HtmlElement, fromstring

from db.ingest import headers, signs
from db.ingest.books import Book, BookPage, Entry
from db.ingest.chapters import HEADINGS_OF_ONE, count_words
from db.ingest.formats.fields import day, link
from db.ingest.formats.headings import chapter_name, lone_untitled
from db.ingest.pages import BREAK, Pages, block_of, first_of, line_of, paragraphs_of
from db.ingest.source import Manuscript, Source
from db.models import (
    ArchiveWarning,
    Category,
    NewWork,
    Rating,
    SeriesPart,
    Status,
    WorkInfo,
    ZoneKind,
)
from db.vocabulary import LANGUAGES

ORIGIN = "e-book"
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
LONG_CHARS = 8000  # of a page that is story, whatever it is called
_LISTING_WORDS, _LABEL_WORDS = 400, 40
_LINE_WORDS = 12  # of a table of contents
_LINK_CHARS = 120
_INLINE_DEPTH = 40  # how far an anchor is looked out of
_EARLIEST_YEAR = 1970  # earlier ones stand for "unknown": calibre writes the year 101
# Subjects that programs and shops write, which say nothing of a story.
_BOOKKEEPING = re.compile(
    r"^(?:fan[\s-]?fiction|fan[\s-]?works?|last update\b.*|in-progress|complete[d]?|general|"
    r"(?:general )?fiction|unknown|e-?books?|webnovels?|web ?serials?|fic|epub)$",
    re.IGNORECASE,
)
# AO3's own terms, which a book from there has among its subjects. "Other" may be anyone's.
_RATINGS = {rating.value.casefold(): rating for rating in Rating}
_WARNINGS = {warning.value.casefold(): warning for warning in ArchiveWarning}
_CATEGORIES = {one.value.casefold(): one for one in Category if one is not Category.OTHER}
# What stands where a title should: a placeholder, or the name of a file.
_UNTITLED = re.compile(
    r"^(?:untitled(?: document)?|unknown|unbekannt|no title|title|\d+[_-][0-9a-f]{6,}|"
    r"\S+\.(?:txt|docx?|odt|rtf|x?html?|epub|md))$",
    re.IGNORECASE,
)
_NOBODY = re.compile(r"^(?:<?unknown>?|unbekannt|anonymous author|author|various)$", re.IGNORECASE)
# What calibre and others list where a book has no contents of its own.
_UNNAMED = re.compile(
    r"^(?:start|begin(?: reading)?|untitled|unknown|\S+\.x?html?|\w+_split_\d+)$", re.IGNORECASE
)
# The languages of most fan fiction by the codes of three letters that older programs write.
_LONG_CODES = {
    "eng": "en", "fre": "fr", "fra": "fr", "ger": "de", "deu": "de", "spa": "es", "ita": "it",
    "por": "pt", "rus": "ru", "pol": "pl", "dut": "nl", "nld": "nl", "swe": "sv", "fin": "fi",
    "hun": "hu", "cze": "cs", "ces": "cs", "jpn": "ja", "chi": "zh", "zho": "zh", "kor": "ko",
}  # fmt: skip
# EPUB's own words for pages that are no story (the structural semantics of `epub:type`).
_APPARATUS_TYPES = frozenset(
    ("cover", "titlepage", "halftitlepage", "toc", "landmarks", "page-list", "loi", "lot",
     "copyright-page", "colophon", "imprint", "imprimatur", "dedication", "other-credits")
)  # fmt: skip
_APPARATUS_FILE = re.compile(
    r"^(?:cover(?:[\s_-]?(?:page|image))?|title[\s_-]?page|titel|toc|nav|inline[\s_-]?toc|"
    r"(?:table[\s_-]?of[\s_-]?)?contents|copyright|colophon|imprint)(?:[\s_-]*\d{1,3})?$",
    re.IGNORECASE,
)
# Told by a heading or a line of the contents, which a chapter may have as well: they count only
# before the first chapter and after the last, and labels on a page that says hardly more.
_LABEL = re.compile(r"^(?:front |back )?(?:cover|title ?page|dedications?)$", re.IGNORECASE)
_CONTENTS = re.compile(r"^(?:table of )?contents$", re.IGNORECASE)
_COPYRIGHT = re.compile(r"^(?:copyright(?: page)?|colophon|imprint|legal notice)$", re.IGNORECASE)
_RIGHTS = re.compile(r"©|copyright|rights reserved|isbn|licen[cs]e|published", re.IGNORECASE)
_AUTHOR = re.compile(
    r"^(?:about the authors?|also by\b.{0,60}|other (?:books|works) by\b.{0,60})$", re.IGNORECASE
)
_BLURB = re.compile(r"^(?:synopsis|summary|description|blurb)$", re.IGNORECASE)
_SPLIT = re.compile(r"_split_(?P<number>\d{3,})(?=\.x?html?$)")
_BLOCKS = frozenset(
    ("address", "article", "aside", "blockquote", "body", "center", "details", "dir", "div", "dl",
     "fieldset", "figure", "footer", "form", "header", "hr", "main", "menu", "nav", "ol", "p",
     "pre", "section", "table", "ul", *HEADINGS)
)  # fmt: skip
# A part that an anchor inside one of these starts, starts where that does.
_PARAGRAPHS = frozenset(("p", "pre", "table", "ul", "ol", "dl", *HEADINGS))
_UNSEEN = frozenset(
    ("audio", "head", "iframe", "math", "noscript", "object", "script", "style", "svg", "template",
     "video")
)  # fmt: skip


def read_book(book: Book) -> Source | Manuscript:
    """Whatever an e-book holds. Where it lists no chapters, the text itself tells its parts."""
    info = _info(book)
    listed: dict[str, list[Entry]] = {}
    for entry in book.contents:
        listed.setdefault(entry.path, []).append(entry)
    pages = _story_pages(book, listed)
    entries = sum(len(listed.get(page.path, ())) for page in pages)
    pieces = _pieces([page.path for page in pages])
    whole = len(pages) - len(pieces)
    text = _undivided(pages, info) if entries < 2 and whole < 2 else None
    if text is not None:
        return Manuscript(text, ORIGIN, info)
    # A table of contents that leaves most pages out says nothing of where chapters start.
    is_told = entries > 1 and entries * 3 >= whole
    drafts: list[_Draft] = []
    for page in pages:
        for section in _sections(page, listed.get(page.path, ())):
            cut = page.path in pieces
            if not drafts or _starts_chapter(section, info, is_told=is_told, cut=cut):
                drafts.append(_Draft(info, _left_of(drafts)))
            drafts[-1].take(section)
    left = _left_of(drafts)
    if left and not drafts:
        drafts.append(_Draft(info, left))
    elif left:
        drafts[-1].close(left)
    chapters = [
        draft.text.chapter(draft.name(position)) for position, draft in enumerate(drafts, start=1)
    ]
    return Source(NewWork(info, lone_untitled(chapters, info)), ORIGIN)


# -- what the package declares -----------------------------------------------------------------
def _info(book: Book) -> WorkInfo:
    title = book.first("title")
    subjects = [one for each in book.declared.get("subject", ()) for one in _subjects(each)]
    plain = [subject.casefold() for subject in subjects]
    # There is one identifier for the whole; a source may be a page's, or the cover's.
    addresses = [*book.declared.get("identifier", ()), *book.declared.get("source", ())]
    series = book.series.get("series", "").strip()
    return WorkInfo(
        title=None if title is None or _UNTITLED.match(title) else title,
        authors=_once(one for one in book.declared.get("creator", ()) if not _NOBODY.match(one)),
        tags=_once(
            one
            for one in subjects
            if not _BOOKKEEPING.match(one)
            and one.casefold() not in _RATINGS | _WARNINGS | _CATEGORIES
        ),
        rating=next((_RATINGS[one] for one in plain if one in _RATINGS), Rating.NOT_RATED),
        warnings=tuple(dict.fromkeys(_WARNINGS[one] for one in plain if one in _WARNINGS)),
        categories=tuple(dict.fromkeys(_CATEGORIES[one] for one in plain if one in _CATEGORIES)),
        language=_language((book.first("language") or "").strip()),
        status=_status(plain),
        summary=_summary(book.first("description") or ""),
        series=(SeriesPart(series, _part(book.series.get("series_index", ""))),) if series else (),
        published=_published(book),
        updated=day(book.first("modified") or ""),
        source_url=next(filter(None, map(link, addresses)), None),
    )


def _subjects(subject: str) -> Iterator[str]:
    # Some programs write all of them into one, parted by commas.
    parts = subject.split(",") if subject.count(",") > 1 else [subject]
    yield from filter(None, map(str.strip, parts))


def _status(subjects: Sequence[str]) -> Status:
    if "complete" in subjects or "completed" in subjects:
        return Status.COMPLETE
    return Status.IN_PROGRESS if "in-progress" in subjects else Status.UNKNOWN


def _language(said: str) -> str | None:
    code = said.replace("_", "-").casefold()
    if code in ("pt-br", "pt-pt"):
        return f"pt-{code[-2:].upper()}"
    first = code.partition("-")[0]
    if re.fullmatch(r"[a-z]{2}", first):
        return first
    return _LONG_CODES.get(first) or LANGUAGES.get(said.casefold())


def _published(book: Book) -> date | None:
    if any("WebToEpub" in one for one in book.declared.get("contributor", ())):
        return None  # it dates its own work
    days = filter(None, map(day, book.declared.get("date", ())))
    return min((one for one in days if one.year > _EARLIEST_YEAR), default=None)


def _summary(said: str) -> str | None:
    said = html.unescape(said).strip()
    if "<" not in said:
        return said or None
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


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


# -- which pages hold story --------------------------------------------------------------------
def _story_pages(book: Book, listed: Mapping[str, Sequence[Entry]]) -> list[BookPage]:
    """The pages without cover, title page, contents and the like; all, if none would be left."""
    kept = [page for page in book.pages if not _is_apparatus(page)]

    def is_matter(page: BookPage) -> bool:
        return _is_matter(page, [entry.title for entry in listed.get(page.path, ())], book)

    inner = list(dropwhile(is_matter, kept))
    inner = list(dropwhile(is_matter, reversed(inner)))[::-1]
    return inner or kept or list(book.pages)


def _is_apparatus(page: BookPage) -> bool:
    """Whether a page is no chapter by what it holds, or what EPUB itself says of it."""
    body = first_of(page.root.iter("body"))
    said = _short_text(body) if body is not None else ""
    if body is None or said is None:
        return body is None
    if not said:
        return True
    types = {kind for one in (body, *body[:1]) for kind in (one.get("epub:type") or "").split()}
    if types & _APPARATUS_TYPES:
        return True
    stem = posixpath.basename(page.path).rpartition(".")[0]
    if _APPARATUS_FILE.match(stem) and count_words(said) <= _LISTING_WORDS:
        return True
    links = [len(line_of(one)) for one in body.iter("a") if one.get("href")]
    return sum(links) > len(said) / 2 and max(links) <= _LINK_CHARS


def _is_matter(page: BookPage, titles: Sequence[str], book: Book) -> bool:
    """Whether a page before or after all chapters is none itself."""
    body = first_of(page.root.iter("body"))
    said = _short_text(body) if body is not None else ""
    if body is None or not said:
        return False
    heading = first_of(body.iter(*HEADINGS))
    names = [*titles, line_of(heading) if heading is not None else ""]
    names = [name.strip(" .:") for name in names]
    words = count_words(said)
    if words > _LISTING_WORDS:
        return False
    lines = paragraphs_of(body)
    if any(map(_CONTENTS.match, names)) and max(map(count_words, lines)) <= _LINE_WORDS:
        return True
    if any(map(_COPYRIGHT.match, names)) and len(_RIGHTS.findall(said)) > 1:
        return True
    if any(map(_AUTHOR.match, names)):
        return True
    if words <= _LABEL_WORDS and any(map(_LABEL.match, names)):
        return not any(map(_is_chapter_line, lines))
    if any(map(_BLURB.match, names)) and book.first("description"):
        return True
    # How WebToEpub heads the page that says where a book is from.
    if "Information" in names and "http" in said:
        return True
    return _says_only_title(said, book)


def _says_only_title(said: str, book: Book) -> bool:
    title = (book.first("title") or "").casefold()
    rest = said.casefold()
    if not title or title not in rest:
        return False
    for name in (title, *book.declared.get("creator", ())[:20]):
        rest = rest.replace(name.casefold(), " ")
    return {word.strip(".,:·–—-*") for word in rest.split()} <= {"", "a", "by", "written"}


def _short_text(body: HtmlElement) -> str | None:
    """What a page says; None if that is too much for anything but story."""
    chars = 0
    for piece in body.itertext():
        chars += len(piece)
        if chars > LONG_CHARS:
            return None
    return " ".join(paragraphs_of(body))


def _pieces(paths: Sequence[str]) -> set[str]:
    """The pages that are further pieces of others, which calibre cut."""
    stems = {path.rpartition(".")[0] for path in paths}
    found: set[str] = set()
    for path in paths:
        match = _SPLIT.search(path)
        if match and int(match["number"]):
            first = f"{path[: match.start()]}_split_{'0' * len(match['number'])}"
            found |= {path} if first in stems else set()
    return found


def _undivided(pages: Sequence[BookPage], info: WorkInfo) -> str | None:
    """The text of pages that a whole book was typed into; None if they are one plain chapter."""
    said = [text for page in pages for text in paragraphs_of(page.root, mark_headings=True)]
    parts = sum(_is_chapter_line(text.lstrip("# ")) for text in said)
    heads = any(headers.is_strong(text) for text in said[:20])
    return "\n\n".join(said) if info.title is None or parts > 1 or heads else None


# -- parts of a page ---------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Section:
    """A part of a page; `titles` are what the contents call it, none where they do not list it."""

    titles: tuple[str, ...]
    blocks: list[HtmlElement]


def _sections(page: BookPage, entries: Sequence[Entry]) -> Iterator[_Section]:
    """A page's parts, parted where the contents point; takes the page's tree apart.

    What stands above the first of these places is a part by itself if it is more than headings.
    """
    body = first_of(page.root.iter("body"))
    if body is None:
        return
    starts = _starts(body, entries)
    titles = tuple(entry.title for entry in entries if starts and not entry.anchor)
    titles = titles if starts else tuple(entry.title for entry in entries)
    blocks: list[HtmlElement] = []
    for begun, block in _blocks(body, starts):
        if begun:
            if titles or not all(map(_is_heading, blocks)):
                above = _headings_above(blocks, block)
                yield _Section(titles, blocks[: len(blocks) - len(above)])
                blocks = above
            titles = begun
        blocks.append(block)
    if titles or blocks:
        yield _Section(titles, blocks)


def _starts(body: HtmlElement, entries: Sequence[Entry]) -> dict[HtmlElement, tuple[str, ...]]:
    """The elements at which listed parts start, with their titles."""
    titles: dict[str, list[str]] = {}
    for entry in entries:
        if entry.anchor:
            titles.setdefault(unquote(entry.anchor), []).append(entry.title)
    starts: dict[HtmlElement, tuple[str, ...]] = {}
    for one in body.iter() if titles else ():
        named = titles.pop(one.get("id") or "", None) or titles.pop(one.get("name") or "", None)
        if named:
            around = islice(one.iterancestors(), _INLINE_DEPTH)
            block = next((up for up in around if up.tag in _BLOCKS), one)
            whole = block if block.tag in _PARAGRAPHS else one
            starts[whole] = (*starts.get(whole, ()), *named)
    return starts


def _headings_above(blocks: Sequence[HtmlElement], block: HtmlElement) -> list[HtmlElement]:
    """The headings right above a place, which some programs put above the anchor."""
    if block.tag in HEADINGS or first_of(block.iter(*HEADINGS)) is not None:
        return []
    above, most = 0, min(len(blocks) - 1, HEADINGS_OF_ONE)
    while above < most and _is_heading(blocks[-1 - above]):
        above += 1
    return list(blocks[len(blocks) - above :])


def _is_heading(block: HtmlElement) -> bool:
    said = line_of(block)
    return not said or block.tag in HEADINGS or _is_chapter_line(said)


def _is_chapter_line(said: str) -> bool:
    return signs.heading_title(said) is not None or signs.bare_number(said) is not None


def _blocks(
    body: HtmlElement, starts: Mapping[HtmlElement, tuple[str, ...]]
) -> Iterator[tuple[tuple[str, ...], HtmlElement]]:
    """What a page consists of, each block with the titles of the part that starts there.

    Blocks that wrap a heading or a start are opened; text that runs on between blocks comes as
    a block of its own. No recursion: pages nest as deep as they like.
    """
    opened = _opened(body, [*starts, *body.iter(*HEADINGS)])
    run, last = block_of(), None  # `last` is its last child: to count them takes time
    begun: tuple[str, ...] = ()
    todo: list[HtmlElement | str | None] = [body]  # None ends a line
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            if last is None:
                run.text = (run.text or "") + item
            else:
                last.tail = (last.tail or "") + item
            continue
        is_block = item is None or item in opened or item.tag in _BLOCKS
        if (is_block or item in starts) and (last is not None or (run.text or "").strip()):
            yield begun, run
            run, last, begun = block_of(), None, ()
        if item is None:
            continue
        begun += starts.get(item, ())
        if item in opened:
            inside: list[HtmlElement | str | None] = [item.text or ""]
            for child in item:
                inside += (child, child.tail or "")
            todo += (None, *reversed(inside))
        elif is_block:
            yield begun, item
            begun = ()
        else:
            item.tail = None  # it waits its turn
            run.append(item)
            last = item
    if begun:
        yield begun, run


def _opened(body: HtmlElement, wanted: Iterable[HtmlElement]) -> set[HtmlElement]:
    """The elements around those wanted, but for what is not shown."""
    opened, shut = {body}, set[HtmlElement]()
    for one in wanted:
        around: list[HtmlElement] = []
        up = one.getparent()
        while up is not None and up not in opened and up not in shut:
            around.append(up)
            if up.tag in _UNSEEN:
                break
            up = up.getparent()
        is_shown = up is not None and up in opened
        (opened if is_shown else shut).update(around)
    return opened


# -- chapters ----------------------------------------------------------------------------------
def _starts_chapter(section: _Section, info: WorkInfo, *, is_told: bool, cut: bool) -> bool:
    """Whether a part of a page starts a chapter. `cut`: its page is a further piece of another.

    Where the contents tell the chapters, a page that they do not list goes on with one; but
    for one that is headed like a chapter.
    """
    if section.titles:
        return True
    tag, said = next(
        ((block.tag, lines[0]) for block in section.blocks if (lines := paragraphs_of(block))),
        ("", ""),
    )
    if _is_chapter_line(said):
        return True
    is_headed = tag in HEADINGS and said != info.title
    if cut:
        return is_headed and not is_told
    return not is_told or (is_headed and tag in HEADINGS[:2])


@dataclass(slots=True)
class _Draft:
    """A chapter as it is put together; `above` are headings that came without a story."""

    info: WorkInfo
    above: list[str] = field(default_factory=list[str])
    text: Pages = field(default_factory=Pages)
    listed: list[str] = field(default_factory=list[str])
    headings: list[str] = field(default_factory=list[str])
    has_story: bool = False

    def __post_init__(self) -> None:
        self.close(self.above)

    def close(self, headings: Iterable[str]) -> None:
        """Add headings that belong to no story of their own."""
        for line in headings:
            self.text.say(line, ZoneKind.HEADING)

    def take(self, section: _Section) -> None:
        """Add a part of a page; headings above the story are told apart."""
        self.listed[:0] = reversed(section.titles)  # the last is the chapter's, others its arc's
        for block in section.blocks:
            for said in paragraphs_of(block):
                self._say(said, block.tag in HEADINGS)

    def _say(self, said: str, in_heading: bool) -> None:
        if self.has_story:
            self.text.say(said)
        elif said == BREAK:
            return  # a line between a heading and its story
        elif self._is_heading(said, in_heading):
            self.text.say(said, ZoneKind.HEADING)
            self.headings.append(" ".join(said.split()))
        elif said == self.info.title:
            self.text.say(said, ZoneKind.TITLE)
        elif signs.byline(said) in self.info.authors:
            self.text.say(said, ZoneKind.BYLINE)
        else:
            self.has_story = True
            self.text.say(said)

    def _is_heading(self, said: str, in_heading: bool) -> bool:
        # Some write all they have to say in headings.
        if len(said) > signs.SHORT_LINE_CHARS or len(self.headings) >= HEADINGS_OF_ONE:
            return False
        return (
            in_heading
            or _is_chapter_line(said)
            or any(_says_part_of(title, said) for title in self.listed)
        )

    def name(self, position: int) -> str | None:
        """What the contents and the headings call it; None if that is its position."""
        listed = [title for title in self.listed if not _UNNAMED.match(title)]
        said = {_folded(heading) for heading in self.headings}
        both = [title for title in listed if _folded(title) in said]
        number = ""
        # A work's title or author over a chapter is no name of it, unless it is listed as one.
        others = [one for one in self.headings if one != self.info.title]
        others = [one for one in others if signs.byline(one) not in self.info.authors]
        for name in (*both, *listed, *others):
            if signs.heading_title(name) == "" or signs.bare_number(name) is not None:
                number = number or name
            elif found := chapter_name(name, position):
                return found
        return chapter_name(number, position)


def _left_of(drafts: list[_Draft]) -> list[str]:
    """The headings of a last chapter that has no story, which is taken away: a part's page."""
    if not drafts or drafts[-1].has_story:
        return []
    last = drafts.pop()
    return [*last.above, *last.headings]


def _says_part_of(title: str, line: str) -> bool:
    """Whether a line is a title, or one of the lines that it is set in; no sentence is."""
    whole, part = _folded(title), _folded(line)
    if not part or line[-1] in '.,!?”"':
        return part == whole != ""
    return whole.startswith(part) or whole.endswith(part)


def _folded(title: str) -> str:
    return "".join(char for char in title.casefold() if char.isalnum())
