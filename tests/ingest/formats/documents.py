"""Documents and e-books made of paragraphs, as word processors and programs write them."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
_TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


def packed(entries: Mapping[str, str | bytes]) -> bytes:
    """A zip of these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in entries.items():
            package.writestr(name, data)
    return buffer.getvalue()


def word_paragraph(text: str, style: str = "") -> str:
    """A paragraph of WordprocessingML; its line ends are line breaks."""
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    runs = "<w:r><w:br/></w:r>".join(
        f'<w:r><w:t xml:space="preserve">{escape(line)}</w:t></w:r>' for line in text.split("\n")
    )
    return f"<w:p>{properties}{runs}</w:p>"


def docx(body: str, *, styles: str = "", title: str = "") -> bytes:
    """A Word document with this body."""
    entries: dict[str, str | bytes] = {
        "[Content_Types].xml": f"{_HEAD}<Types/>",
        "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_RELS}"><Relationship Id="r1" '
        f'Type="{_OFFICE}" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'{_HEAD}<w:document xmlns:w="{_W}" xmlns:mc="http://schemas.openxml'
        f'formats.org/markup-compatibility/2006"><w:body>{body}<w:sectPr/></w:body></w:document>',
    }
    if styles:
        entries["word/styles.xml"] = f'{_HEAD}<w:styles xmlns:w="{_W}">{styles}</w:styles>'
    if title:
        entries["docProps/core.xml"] = (
            f'{_HEAD}<p xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{escape(title)}'
            "</dc:title></p>"
        )
    return packed(entries)


def docx_of(paragraphs: Sequence[str]) -> bytes:
    """A Word document of plain paragraphs."""
    return docx("".join(map(word_paragraph, paragraphs)))


def odt(body: str, styles: str = "") -> bytes:
    """An OpenDocument text with this body."""
    return packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": f'{_HEAD}<o:document-content xmlns:o="urn:oasis:names:tc:opendocument:'
            f'xmlns:office:1.0" xmlns:t="{_TEXT}" xmlns:s="urn:oasis:names:tc:opendocument:xmlns:'
            f'style:1.0"><o:automatic-styles>{styles}</o:automatic-styles><o:body><o:text>{body}'
            "</o:text></o:body></o:document-content>",
        }
    )


def odt_of(paragraphs: Sequence[str]) -> bytes:
    """An OpenDocument text of plain paragraphs."""
    return odt(
        "".join(
            f"<t:p>{escape(text)}</t:p>".replace("\n", "<t:line-break/>") for text in paragraphs
        )
    )


def rtf_of(paragraphs: Sequence[str]) -> bytes:
    """An RTF file of plain paragraphs."""
    body = "".join(f"\\pard {_rtf(text)}\\par\n".replace("\v", "\\line ") for text in paragraphs)
    return rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Times;}}" + body.encode() + b"}"


def _rtf(text: str) -> str:
    written: list[str] = []
    for char in text.replace("\n", "\v"):
        code = ord(char)
        if char in "\\{}":
            written.append(f"\\{char}")
        elif code < 128:
            written.append(char)
        else:
            written.append(f"\\u{code if code < 32768 else code - 65536}?")
    return "".join(written)


def page_of(paragraphs: Sequence[str]) -> str:
    """The body of a page."""
    return "".join(f"<p>{escape(text)}</p>\n".replace("\n", "<br/>\n", text.count("\n"))
                   for text in paragraphs)  # fmt: skip


def epub(
    pages: Mapping[str, str],
    *,
    metadata: str = "",
    contents: Sequence[tuple[str, str]] = (),
) -> bytes:
    """An e-book of these pages' bodies; `contents` are its titles with their addresses."""
    items = "".join(
        f'<item id="i{at}" href="{name}" media-type="application/xhtml+xml"/>'
        for at, name in enumerate(pages)
    )
    refs = "".join(f'<itemref idref="i{at}"/>' for at in range(len(pages)))
    points = "".join(
        f"<navPoint><navLabel><text>{escape(title)}</text></navLabel>"
        f'<content src="{address}"/></navPoint>'
        for title, address in contents
    )
    entries: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": f'{_HEAD}<container xmlns="urn:oasis:names:tc:opendocument:'
        'xmlns:container"><rootfiles><rootfile full-path="OEBPS/content.opf"/></rootfiles>'
        "</container>",
        "OEBPS/content.opf": f'{_HEAD}<package xmlns="http://www.idpf.org/2007/opf" version="2.0">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f'xmlns:opf="http://www.idpf.org/2007/opf">{metadata}</metadata><manifest>{items}'
        '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/></manifest>'
        f'<spine toc="ncx">{refs}</spine></package>',
        "OEBPS/toc.ncx": f'{_HEAD}<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>'
        f"{points}</navMap></ncx>",
    }
    for name, body in pages.items():
        entries[f"OEBPS/{name}"] = (
            f'{_HEAD}<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head>'
            f"<body>{body}</body></html>"
        )
    return packed(entries)


def epub_of(paragraphs: Sequence[str]) -> bytes:
    """An e-book of one page of plain paragraphs."""
    return epub({"text.xhtml": page_of(paragraphs)})
