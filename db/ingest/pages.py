"""HTML into a tree and its parts into text; hostile pages are refused."""

import html
import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring, fragment_fromstring

from db.errors import UnreadableFile
from db.ingest.decoding import decode, mend
from db.ingest.packages import Element
from db.models import Chapter, Zone, ZoneKind

BREAK = "* * *"  # how a ruled line is written
BROKEN = "This page is nested too deeply, or broken. Save it again as plain text."
# Of what stands between a page's tags, how much must be in its tree: libxml2 drops what is
# nested too deeply without a word.
KEPT_SHARE = 0.8

_BLOCKS = frozenset(
    ("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details",
     "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2",
     "h3", "h4", "h5", "h6", "header", "li", "main", "menu", "nav", "ol", "p", "pre", "section",
     "summary", "table", "tbody", "td", "tfoot", "th", "thead", "title", "tr", "ul")
)  # fmt: skip
_UNSEEN = frozenset(
    ("audio", "button", "canvas", "head", "iframe", "input", "math", "noscript", "object", "script",
     "select", "style", "svg", "template", "textarea", "video")
)  # fmt: skip
_MARKED = {"h1": "# ", "h2": "## ", "h3": "### "}
_TAG = re.compile(r"<[^<>]*>")
_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?([A-Za-z0-9_.:-]{2,40})""")
_DECLARATION = re.compile(r"\s*<\?xml[^<>]{0,200}\?>")
HEAD_BYTES = 2048
# Bytes that are no part of what follows, but for references.
_FIT = bytes(
    byte for byte in range(256) if (byte > 31 or byte in b"\t\n\r") and byte not in (237, 239)
)
# What no tree may hold, as characters and as references to them.
_UNFIT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]|&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01]|"
    "6553[45])|x0*(?:[0-8bcef]|1[0-9a-f]|fff[ef]))(?![0-9a-f]);?",
    re.IGNORECASE,
)


def parse_page(data: bytes) -> HtmlElement:
    """The tree of an HTML or XHTML file; no entity of its own is expanded, no address opened.

    Raises:
        UnreadableFile: its text is damaged, or libxml2 lost part of it.
    """
    text = _DECLARATION.sub("", _decoded(data), count=1)
    if "&#" in text or text.encode("utf-8", "surrogatepass").translate(None, _FIT):
        text = _UNFIT.sub("", text)
    # Bytes rather than text: libxml2 would believe the page's own word on its encoding.
    parser = HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True
    )
    try:
        root = document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        raise UnreadableFile(BROKEN) from None
    _refuse_losses(text, root)
    return root


def _decoded(data: bytes) -> str:
    declared = _CHARSET.search(data[:HEAD_BYTES])
    if declared and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode(declared[1].decode("ascii"))
        except (UnicodeError, LookupError):
            pass  # a wrong word on it is common; the bytes tell better
    return decode(data)


def _refuse_losses(text: str, root: HtmlElement) -> None:
    came_out = len(_solid(etree.tostring(root, encoding="utf-8", method="text", with_tail=False)))
    outside = "".join(
        piece if number == 0 else piece.partition("-->")[2]
        for number, piece in enumerate(text.split("<!--"))
    )
    said = _TAG.sub("", outside)
    if came_out < KEPT_SHARE * len(_solid(said.encode("utf-8", "replace"))):
        # An entity is longer than what it stands for.
        said = html.unescape(said)
        if came_out < KEPT_SHARE * len(_solid(said.encode("utf-8", "replace"))):
            raise UnreadableFile(BROKEN)


def _solid(text: bytes) -> bytes:
    return text.translate(None, b" \t\r\n\f\v")


def paragraphs_of(element: Element, *, mark_headings: bool = False) -> list[str]:
    """What an element says, a string for each paragraph; lines within one end in "\\n".

    Two line breaks in a row part paragraphs, as do blocks; a ruled line is `BREAK`. With
    `mark_headings`, headings of the first three levels begin with "#".
    """
    found: list[str] = []
    lines: list[list[str]] = [[]]
    pre = 0
    mark = ""

    def close() -> None:
        nonlocal mark
        if len(lines) == 1:
            if lines[0]:
                if text := " ".join("".join(lines[0]).split()):
                    found.append(mend(mark + text))
                    mark = ""
                lines[0] = []
            return
        plain = [" ".join("".join(line).split()) for line in lines]
        for has_text, run in groupby(plain, key=bool):
            if has_text:
                found.append(mend(mark + "\n".join(run)))
                mark = ""
        lines[:] = [[]]

    def take(text: str | None) -> None:
        if not text:
            return
        if pre:
            first, *others = text.split("\n")
            lines[-1].append(first)
            lines.extend([other] for other in others)
        else:
            lines[-1].append(text)

    walker = etree.iterwalk(element, events=("start", "end"))
    for event, node in walker:
        tag = node.tag
        if event == "start":
            if tag in _UNSEEN and node is not element:
                walker.skip_subtree()
                continue
            if tag == "br":
                lines.append([])
            elif tag == "hr":
                close()
                found.append(BREAK)
            elif tag in _BLOCKS:
                close()
                mark = _MARKED.get(str(tag), "") if mark_headings else ""
                pre += tag == "pre"
            take(node.text)
        else:
            if tag in _BLOCKS:
                close()
                mark = ""
                pre -= tag == "pre"
            if node is not element:
                take(node.tail)
    close()
    return found


def line_of(element: Element) -> str:
    """What an element says, on one line."""
    return mend(" ".join("".join(element.itertext()).split()))


def block_of(text: str | None = None) -> HtmlElement:
    """A block by itself that says that."""
    block = fragment_fromstring("<div></div>")
    block.text = text
    return block


def classes(element: Element) -> list[str]:
    """The names of an element's classes."""
    return (element.get("class") or "").split()


def first_of(found: Iterable[HtmlElement]) -> HtmlElement | None:
    """The first of the elements found, None if there is none."""
    return next(iter(found), None)


def having_class(element: HtmlElement, name: str, tag: str = "*") -> Iterator[HtmlElement]:
    """The elements inside that have the class, in the page's order."""
    return (one for one in element.iter(tag) if name in (one.get("class") or "").split())


class Pages:
    """A chapter's text as it is put together from parts of pages, and what its parts are."""

    def __init__(self) -> None:
        self._paragraphs: list[tuple[str, ZoneKind | None]] = []

    def add(self, element: Element, kind: ZoneKind | None = None) -> None:
        """Add what an element says; `kind` None leaves it to the words what it is."""
        self._paragraphs += [(text, kind) for text in paragraphs_of(element)]

    def say(self, text: str, kind: ZoneKind | None = None) -> None:
        """Add a paragraph."""
        if plain := "\n".join(filter(None, (" ".join(line.split()) for line in text.split("\n")))):
            self._paragraphs.append((plain, kind))

    def __bool__(self) -> bool:
        return bool(self._paragraphs)

    def chapter(self, title: str | None) -> Chapter:
        """The chapter, with a zone for each run of paragraphs whose kind is known."""
        zones: list[Zone] = []
        at = 0
        for kind, run in groupby(self._paragraphs, key=lambda paragraph: paragraph[1]):
            length = sum(len(text) + 2 for text, _ in run)
            if kind is not None:
                zones.append(Zone(kind, at, at + length - 2))
            at += length
        text = "\n\n".join(text for text, _ in self._paragraphs)
        return Chapter(title, text, 0, tuple(zones))
