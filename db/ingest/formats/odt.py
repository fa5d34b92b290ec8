"""OpenDocument texts (.odt), as LibreOffice writes them."""

import re

from lxml import etree

from db.errors import UnreadableFile
from db.ingest.decoding import mend
from db.ingest.formats.documents import Lines, title_candidates
from db.ingest.packages import Element, Package, parse_xml
from db.ingest.source import Manuscript

ORIGIN = "OpenDocument text"
LOCKED = "This document is locked with a password. Save it again without one."
NO_DOCUMENT = "There is no text document in this file. Save it again, or as plain text."
MOST_SPACES = 200  # that one mark may stand for

_UNREAD = frozenset(
    ("tracked-changes", "note", "annotation", "annotation-end", "table-of-content", "bibliography",
     "alphabetical-index", "illustration-index", "sequence-decls", "forms", "hidden-text",
     "hidden-paragraph", "object", "object-ole", "image", "variable-decls", "user-field-decls")
)  # fmt: skip
_TITLE = re.compile(r"^(?:Title|Titel|Titre)$")
_HEADING = re.compile(r"^Heading(?:_20_(\d))?$")
_LINE = re.compile(r"^Horizontal_20_Line$")


def read(data: bytes) -> Manuscript:
    """The text of a document, without its notes, comments and deleted parts.

    Raises:
        UnreadableFile: it is damaged, locked, or holds no document.
    """
    with Package(data) as package:
        manifest = "META-INF/manifest.xml"
        if manifest in package and b"encryption-data" in package.read(manifest):
            raise UnreadableFile(LOCKED)
        if "content.xml" not in package:
            raise UnreadableFile(NO_DOCUMENT)
        root = parse_xml(package.read("content.xml"))
        candidates = title_candidates(package, "meta.xml")
    body = next((one for one in root.iter("{*}text") if _local(one.getparent()) == "body"), None)
    if body is None:
        raise UnreadableFile(NO_DOCUMENT)
    parents, hidden = _styles(root)
    lines = Lines()
    walker = etree.iterwalk(body, events=("start",))
    for _, element in walker:
        name = _local(element)
        if name in _UNREAD or (name == "section" and _attribute(element, "display") == "none"):
            walker.skip_subtree()
        elif name in ("p", "h"):
            walker.skip_subtree()
            _take(element, parents, hidden, lines)
    return Manuscript(mend(lines.text()), ORIGIN, title_candidates=candidates)


def _local(element: Element | None) -> str:
    if element is None or not isinstance(element.tag, str):
        return ""
    return etree.QName(element).localname


def _attribute(element: Element, name: str) -> str | None:
    return next((str(value) for key, value in element.items() if key.endswith(f"}}{name}")), None)


def _styles(root: Element) -> tuple[dict[str, str], set[str]]:
    """What each of the document's own styles is based on, and those that hide their text."""
    parents: dict[str, str] = {}
    hidden: set[str] = set()
    for style in root.iter("{*}style"):
        name = _attribute(style, "name") or ""
        if parent := _attribute(style, "parent-style-name"):
            parents[name] = parent
        for properties in style.iter("{*}text-properties"):
            if _attribute(properties, "display") == "none":
                hidden.add(name)
    return parents, hidden


def _take(element: Element, parents: dict[str, str], hidden: set[str], lines: Lines) -> None:
    style = _attribute(element, "style-name") or ""
    said = _said(element, hidden)
    base = parents.get(style, style)
    if style in hidden:
        return
    if _LINE.match(base):
        lines.rule()
        return
    level: int | None = None
    if _local(element) == "h":
        outline = _attribute(element, "outline-level") or "1"
        level = int(outline) if outline.isdecimal() else 1
    elif match := _HEADING.match(base):
        level = int(match[1] or 1)
    elif _TITLE.match(base):
        level = 1
    lines.add(said, level)


def _said(element: Element, hidden: set[str]) -> str:
    said: list[str] = []
    walker = etree.iterwalk(element, events=("start", "end"))
    for event, node in walker:
        name = _local(node)
        if event == "start":
            if name in _UNREAD or (name == "span" and _attribute(node, "style-name") in hidden):
                walker.skip_subtree()
                continue
            if name == "s":
                count = _attribute(node, "c") or "1"
                said.append(" " * min(int(count) if count.isdecimal() else 1, MOST_SPACES))
            elif name == "tab":
                said.append("\t")
            elif name == "line-break":
                said.append("\n")
            said.append(node.text or "")
        elif node is not element:
            said.append(node.tail or "")
    return "".join(said)
