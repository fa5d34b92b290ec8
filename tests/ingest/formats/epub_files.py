"""E-books as programs lay them out, from what a test gives of their pages and contents."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
_XHTML = (
    _HEAD + '<html xmlns="http://www.w3.org/1999/xhtml" '
    'xmlns:epub="http://www.idpf.org/2007/ops"><head><title>{title}</title></head>{body}</html>'
)
METADATA = "<dc:title>The Lamp</dc:title><dc:creator>quay</dc:creator>"


@dataclass(frozen=True)
class EBook:
    """An e-book. `pages` are bodies by their path below the package file, in reading order.

    `points` are the lines of the NCX and `nav` those of the EPUB 3 navigation page: titles with
    their addresses. `metadata` is what stands in the package file's metadata, `entries` what
    else the file holds, or holds in place of what would be made.
    """

    pages: Mapping[str, str]
    metadata: str = METADATA
    points: Sequence[tuple[str, str]] = ()
    nav: Sequence[tuple[str, str]] = ()
    nav_in_spine: bool = False
    folder: str = "OEBPS/"
    entries: Mapping[str, str | bytes] = field(default_factory=dict[str, str | bytes])


def epub(book: EBook) -> bytes:
    """The file of an e-book."""
    inside = book.folder
    items = [
        f'<item id="page{at}" href="{path}" media-type="application/xhtml+xml"/>'
        for at, path in enumerate(book.pages)
    ]
    refs = [f'<itemref idref="page{at}"/>' for at in range(len(book.pages))]
    entries: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": f'{_HEAD}<container version="1.0" '
        'xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        f'<rootfile full-path="{inside}content.opf" media-type="application/oebps-package+xml"/>'
        "</rootfiles></container>",
    }
    if book.points:
        items.append('<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>')
        entries[f"{inside}toc.ncx"] = _ncx(book.points)
    if book.nav:
        items.append(
            '<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
        )
        refs[:0] = ['<itemref idref="nav"/>'] if book.nav_in_spine else []
        entries[f"{inside}nav.xhtml"] = _nav(book.nav)
    entries[f"{inside}content.opf"] = (
        f'{_HEAD}<package xmlns="http://www.idpf.org/2007/opf" version="3.0">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f'xmlns:opf="http://www.idpf.org/2007/opf">{book.metadata}</metadata>'
        f"<manifest>{''.join(items)}</manifest><spine>{''.join(refs)}</spine></package>"
    )
    for path, body in book.pages.items():
        whole = body if body.startswith("<body") else f"<body>{body}</body>"
        entries[f"{inside}{path}"] = _XHTML.format(title=escape(path), body=whole)
    return packed(entries | dict(book.entries))


def packed(entries: Mapping[str, str | bytes]) -> bytes:
    """A zip file of these entries."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in entries.items():
            file.writestr(name, data)
    return out.getvalue()


def _ncx(points: Sequence[tuple[str, str]]) -> str:
    inner = "".join(
        f'<navPoint id="n{at}" playOrder="{at}"><navLabel><text>{escape(title)}</text></navLabel>'
        f'<content src="{address}"/></navPoint>'
        for at, (title, address) in enumerate(points, start=1)
    )
    return (
        f'{_HEAD}<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1">'
        f"<navMap>{inner}</navMap></ncx>"
    )


def _nav(lines: Sequence[tuple[str, str]]) -> str:
    inner = "".join(f'<li><a href="{address}">{escape(title)}</a></li>' for title, address in lines)
    body = (
        f'<body><nav epub:type="toc" id="toc"><h1>The Lamp</h1><ol>{inner}</ol></nav>'
        '<nav epub:type="landmarks" hidden="hidden"><ol><li><a epub:type="toc" href="#toc">Table '
        "of Contents</a></li></ol></nav></body>"
    )
    return _XHTML.format(title="Contents", body=body)
