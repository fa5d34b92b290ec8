"""Word's .docx, as Word, LibreOffice, Google Docs and Pages write it."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from db.errors import UnreadableFile
from db.ingest.decoding import mend
from db.ingest.formats.documents import Lines, title_candidates
from db.ingest.packages import Element, Package, parse_xml
from db.ingest.source import Manuscript

ORIGIN = "Word document"
NO_DOCUMENT = "There is no text document in this file. Save it again, or as plain text."

# The two name spaces of the format, transitional and strict, differ in their beginning alone:
# elements are told by their local names.
_HEADING = re.compile(r"(?:heading|überschrift|titre|título|kop|rubrik)\s*([1-9])$", re.IGNORECASE)
_TITLE = re.compile(r"(?:title|titel|titre|título)$", re.IGNORECASE)
_CONTENTS = re.compile(r"(?:toc|contents)\b", re.IGNORECASE)
_UNREAD = frozenset(
    ("del", "moveFrom", "instrText", "delText", "delInstrText", "footnoteReference",
     "endnoteReference", "commentReference", "Fallback", "pict", "object", "fldData", "rPr",
     "sectPr", "annotationRef", "txbxContent")
)  # fmt: skip
MOST_STYLES_UP = 20  # a style is based on another, and that on another


@dataclass(frozen=True, slots=True)
class _Style:
    name: str
    based_on: str | None
    outline: int | None
    hidden: bool


@dataclass(slots=True)
class _Paragraph:
    """A paragraph as it is put together; `runs` are its lines."""

    lines: list[str] = field(default_factory=lambda: [""])

    def say(self, text: str) -> None:
        self.lines[-1] += text


def read(data: bytes) -> Manuscript:
    """The text of a document: what was deleted, hidden or noted at a page's foot is none of it.

    Raises:
        UnreadableFile: it is damaged, or holds no document.
    """
    with Package(data) as package:
        path = _document_path(package)
        root = parse_xml(package.read(path))
        folder = posixpath.dirname(path)
        name = f"{folder}/styles.xml" if folder else "styles.xml"
        styles = _styles(parse_xml(package.read(name))) if name in package else {}
        candidates = title_candidates(package, "docProps/core.xml")
    body = next((one for one in root.iter("{*}body")), None)
    if body is None:
        raise UnreadableFile(NO_DOCUMENT)
    lines = Lines()
    for paragraph in _paragraphs(body):
        _take(paragraph, styles, lines)
    return Manuscript(mend(lines.text()), ORIGIN, title_candidates=candidates)


def _document_path(package: Package) -> str:
    if "_rels/.rels" in package:
        for link in parse_xml(package.read("_rels/.rels")).iter("{*}Relationship"):
            if (link.get("Type") or "").endswith("/officeDocument"):
                path = posixpath.normpath((link.get("Target") or "").lstrip("/"))
                if path in package:
                    return path
    if "word/document.xml" in package:
        return "word/document.xml"
    raise UnreadableFile(NO_DOCUMENT)


def _local(element: Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _attribute(element: Element | None, name: str) -> str | None:
    if element is None:
        return None
    return next((str(value) for key, value in element.items() if key.endswith(f"}}{name}")), None)


def _child(element: Element | None, *names: str) -> Element | None:
    for name in names:
        if element is None:
            return None
        element = element.find(f"{{*}}{name}")
    return element


def _is_on(element: Element | None) -> bool:
    return element is not None and _attribute(element, "val") not in ("0", "false", "off", "none")


def _styles(root: Element) -> dict[str, _Style]:
    styles: dict[str, _Style] = {}
    for style in root.iter("{*}style"):
        key = _attribute(style, "styleId")
        level = _attribute(_child(style, "pPr", "outlineLvl"), "val")
        if key is not None:
            styles[key] = _Style(
                name=_attribute(_child(style, "name"), "val") or "",
                based_on=_attribute(_child(style, "basedOn"), "val"),
                outline=int(level) if level and level.isdecimal() else None,
                hidden=_is_on(_child(style, "rPr", "vanish")),
            )
    return styles


def _paragraphs(body: Element) -> Iterator[Element]:
    """The paragraphs, in order, those of tables, lists and controls too; text boxes once."""
    walker = etree.iterwalk(body, events=("start",))
    for _, element in walker:
        name = _local(element)
        if name in ("Fallback", "txbxContent", "del", "moveFrom", "sectPr"):
            walker.skip_subtree()
        elif name == "p":
            walker.skip_subtree()
            yield element
            for box in element.iter("{*}txbxContent"):
                if not any(_local(above) == "Fallback" for above in box.iterancestors()):
                    yield from box.iter("{*}p")


def _take(paragraph: Element, styles: dict[str, _Style], lines: Lines) -> None:
    properties = _child(paragraph, "pPr")
    chain = list(_chain(_attribute(_child(properties, "pStyle"), "val"), styles))
    if any(_CONTENTS.match(style.name) for style in chain):
        return  # a line of the table of contents
    said = _said(paragraph, styles)
    if not said.strip() and _child(properties, "pBdr", "bottom") is not None:
        lines.rule()  # how Word draws three dashes
        return
    own = _attribute(_child(properties, "outlineLvl"), "val")
    level = int(own) + 1 if own and own.isdecimal() else _level(chain)
    lines.add(said, level)


def _chain(key: str | None, styles: dict[str, _Style]) -> Iterator[_Style]:
    for _ in range(MOST_STYLES_UP):
        style = styles.get(key) if key else None
        if style is None:
            if key:
                yield _Style(key, None, None, hidden=False)  # its id is all that is known
            return
        yield style
        key = style.based_on


def _level(chain: list[_Style]) -> int | None:
    for style in chain:
        if match := _HEADING.match(style.name):
            return int(match[1])
        if _TITLE.match(style.name):
            return 1
        if style.outline is not None:
            return style.outline + 1
    return None


def _said(paragraph: Element, styles: dict[str, _Style]) -> str:
    said = _Paragraph()
    walker = etree.iterwalk(paragraph, events=("start",))
    for _, element in walker:
        name = _local(element)
        if name in _UNREAD:
            walker.skip_subtree()
        elif name == "r":
            run = _child(element, "rPr")
            style = styles.get(_attribute(_child(run, "rStyle"), "val") or "")
            if _is_on(_child(run, "vanish")) or (style is not None and style.hidden):
                walker.skip_subtree()
        elif name == "t":
            said.say(element.text or "")
        elif name in ("tab", "ptab"):
            said.say("\t")
        elif name == "noBreakHyphen":
            said.say("-")
        elif name in ("br", "cr"):
            said.lines.append("")
    return "\n".join(said.lines)
