"""An EPUB's parts: what its package file declares, its pages in reading order, its contents."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote, urldefrag

from lxml import etree
from lxml.html import HtmlElement

from db.errors import UnreadableFile
from db.ingest.packages import BROKEN_XML, Element, Package, parse_xml
from db.ingest.pages import parse_page

MOST_PAGES = 5_000
DRM = (
    "This e-book is locked by its shop (DRM), so it cannot be read. A fic's own site gives it "
    "without a lock."
)
_PAGE_TYPES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
_OPF = "{http://www.idpf.org/2007/opf}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_NCX = "{http://www.daisy.org/z3986/2005/ncx/}"
_CONTAINER = "{urn:oasis:names:tc:opendocument:xmlns:container}"
_FONT_LOCKS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")


@dataclass(frozen=True, slots=True)
class BookPage:
    """A page of an e-book, by its path in the package."""

    path: str
    root: HtmlElement


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a table of contents: a title, and the page and anchor that it points at."""

    title: str
    path: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Book:
    """An EPUB. `declared` are its Dublin Core fields, by name ("title", "creator"), in order."""

    declared: dict[str, list[str]]
    pages: tuple[BookPage, ...]
    contents: tuple[Entry, ...]
    generator: str = ""
    series: dict[str, str] = field(default_factory=dict[str, str])  # calibre's own two fields

    def first(self, name: str) -> str | None:
        """The first value of a declared field."""
        return next(iter(self.declared.get(name, ())), None)


def open_book(data: bytes) -> Book:
    """The parts of an EPUB.

    Raises:
        UnreadableFile: it is damaged, locked, or has more pages than are read.
    """
    with Package(data) as package:
        _refuse_locked(package)
        opf_path = _opf_path(package)
        opf = parse_xml(package.read(opf_path))
        folder = posixpath.dirname(opf_path)
        manifest = {
            item.get("id"): item
            for item in opf.iter(f"{_OPF}item")
            if item.get("href") and item.get("id")
        }
        pages = tuple(_pages(package, opf, manifest, folder))
        if not pages:
            raise UnreadableFile("There is no text in this e-book.")
        metas = {
            meta.get("name") or "": meta.get("content") or "" for meta in opf.iter(f"{_OPF}meta")
        }
        return Book(
            declared=_declared(opf),
            pages=pages,
            contents=tuple(_contents(package, opf, manifest, folder)),
            generator=metas.get("generator", ""),
            series={
                key: metas[f"calibre:{key}"]
                for key in ("series", "series_index")
                if f"calibre:{key}" in metas
            },
        )


def _refuse_locked(package: Package) -> None:
    name = "META-INF/encryption.xml"
    if name not in package:
        return
    # Fonts are often scrambled so that they cannot be taken out; a page never is, but by a lock.
    for method in parse_xml(package.read(name)).iter("{*}EncryptionMethod"):
        if method.get("Algorithm") not in _FONT_LOCKS:
            raise UnreadableFile(DRM)


def _opf_path(package: Package) -> str:
    if "META-INF/container.xml" in package:
        container = parse_xml(package.read("META-INF/container.xml"))
        for rootfile in container.iter(f"{_CONTAINER}rootfile"):
            path = unquote(rootfile.get("full-path") or "")
            if path in package:
                return path
    found = next((name for name in package.names if name.endswith(".opf")), None)
    if found is None:
        raise UnreadableFile(BROKEN_XML)
    return found


def _declared(opf: Element) -> dict[str, list[str]]:
    declared: dict[str, list[str]] = {}
    for element in opf.iter(f"{_DC}*"):
        name = etree.QName(element).localname
        value = " ".join("".join(element.itertext()).split())
        role = element.get(f"{_OPF}role", "aut")
        if value and not (name == "creator" and role != "aut"):
            declared.setdefault(name, []).append(value)
    return declared


def _pages(
    package: Package, opf: Element, manifest: dict[str | None, Element], folder: str
) -> Iterator[BookPage]:
    spine = [manifest.get(ref.get("idref")) for ref in opf.iter(f"{_OPF}itemref")]
    items = [item for item in spine if item is not None and item.get("media-type") in _PAGE_TYPES]
    if len(items) > MOST_PAGES:
        raise UnreadableFile(
            f"This e-book has {len(items):,} pages; up to {MOST_PAGES:,} are read."
        )
    for item in items:
        path = _joined(folder, item.get("href") or "")[0]
        if path not in package:
            raise UnreadableFile(BROKEN_XML)
        data = package.read(path)
        if data.strip():
            yield BookPage(path, parse_page(data))


def _contents(
    package: Package, opf: Element, manifest: dict[str | None, Element], folder: str
) -> Iterator[Entry]:
    for item in manifest.values():
        path = _joined(folder, item.get("href") or "")[0]
        if "nav" in (item.get("properties") or "").split() and path in package:
            yield from _of_nav(parse_page(package.read(path)), posixpath.dirname(path))
            return
    for item in manifest.values():
        path = _joined(folder, item.get("href") or "")[0]
        if item.get("media-type") == "application/x-dtbncx+xml" and path in package:
            inside = posixpath.dirname(path)
            for point in parse_xml(package.read(path)).iter(f"{_NCX}navPoint"):
                label = point.find(f"{_NCX}navLabel/{_NCX}text")
                content = point.find(f"{_NCX}content")
                if label is not None and content is not None:
                    target, anchor = _joined(inside, content.get("src") or "")
                    yield Entry(" ".join((label.text or "").split()), target, anchor)
            return


def _of_nav(root: HtmlElement, folder: str) -> Iterator[Entry]:
    navs = list(root.iter("nav"))
    toc = next((nav for nav in navs if "toc" in (nav.get("epub:type") or "")), None)
    for link in (toc if toc is not None else root).iter("a"):
        if href := link.get("href"):
            target, anchor = _joined(folder, href)
            yield Entry(" ".join("".join(link.itertext()).split()), target, anchor)


def _joined(folder: str, href: str) -> tuple[str, str]:
    path, anchor = urldefrag(href)
    return posixpath.normpath(posixpath.join(folder, unquote(path))), anchor
