"""One work as AO3 would give it: a download in HTML and in EPUB, and its page."""

import io
import zipfile
from dataclasses import dataclass, field
from html import escape


@dataclass(frozen=True)
class AChapter:
    """A chapter as its author filled in the form; texts are HTML."""

    content: str
    title: str = ""
    summary: str = ""
    notes: str = ""
    endnotes: str = ""


@dataclass(frozen=True)
class AWork:
    """A work as its author filled in the form."""

    chapters: tuple[AChapter, ...]
    title: str = "The Lamp & the Ferry"
    byline: str = '<a rel="author" href="/users/quay/pseuds/quay">quay</a>'
    tags: dict[str, list[str]] = field(
        default_factory=lambda: {
            "Rating": ["Teen And Up Audiences"],
            "Archive Warnings": ["No Archive Warnings Apply", "Graphic Depictions Of Violence"],
            "Category": ["Gen"],
            "Fandoms": ["Cowboy Bebop", "Original Work"],
            "Relationship": ["Spike Spiegel & Faye Valentine"],
            "Characters": ["Spike Spiegel", "Faye Valentine"],
            "Additional Tags": ["Post-Canon", "Found Family & Friends", "It's <3"],
        }
    )
    language: str = "English"
    series: str = 'Part 2 of <a href="http://archiveofourown.org/series/5">Harbour Lights</a>'
    stats: str = "Published: 2019-03-01 Updated: 2020-05-06 Words: 1,234 Chapters: 2/?"
    summary: str = "<p>A lamp goes out.</p><p>Somebody rows.</p>"
    notes: str = "<p>For everyone who waited.</p>"
    endnotes: str = "<p>Thank you for reading!</p>"
    url: str = "http://archiveofourown.org/works/12345"


def _block(label: str, html: str) -> str:
    return f'<p>{label}</p>\n<blockquote class="userstuff">{html}</blockquote>' if html else ""


def _preface(work: AWork) -> str:
    tags = "".join(
        f"<dt>{label}:</dt>\n<dd>"
        + ", ".join(f'<a href="http://archiveofourown.org/tags/x">{escape(t)}</a>' for t in names)
        + "</dd>\n"
        for label, names in work.tags.items()
    )
    series = f"<dt>Series:</dt><dd>{work.series}</dd>" if work.series else ""
    return f"""<div id="preface">
<h2 class="toc-heading">Preface</h2>
<p class="message"><b>{escape(work.title)}</b><br/>
Posted originally on the <a href="http://archiveofourown.org/">Archive of Our Own</a> at
<a href="{work.url}">{work.url}</a>.</p>
<div class="meta">
<dl class="tags">{tags}<dt>Language:</dt><dd>{work.language}</dd>{series}
<dt>Stats:</dt><dd>{work.stats.replace(" W", chr(10) + " W")}</dd></dl>
<h1>{escape(work.title)}</h1>
<div class="byline">by {work.byline}</div>
{_block("Summary", work.summary)}
{_block("Notes", work.notes)}
<div class="endnote-link">See the end of the work for more <a href="#endnotes">notes</a></div>
<ul><li>A translation of <a href="/works/9">The First Lamp</a> by
<a rel="author" href="/users/other">other</a>.</li></ul>
</div></div>"""


def _chapter(number: int, chapter: AChapter) -> tuple[str, str]:
    """What comes before and after the story's own block."""
    link = (
        '<div class="endnote-link">See the end of the chapter for '
        f'<a href="#endnotes{number}">notes</a></div>'
    )
    title = escape(chapter.title) or f"Chapter {number}"
    head = f"""<div class="meta group"><h2 class="heading">{title}</h2>
{_block("Chapter Summary", chapter.summary)}
{_block("Chapter Notes", chapter.notes)}{link if chapter.endnotes else ""}</div>
<!--chapter content-->
"""
    end = _block("Chapter End Notes", chapter.endnotes)
    foot = f'<div class="meta" id="endnotes{number}">{end}</div>' if end else ""
    return head, "<!--/chapter content-->\n" + foot


def _story(chapter: AChapter) -> str:
    return f'<div class="userstuff">\n{chapter.content}\n</div>'


def _afterword(work: AWork) -> str:
    notes = f'<div class="meta"><div id="endnotes">{_block("End Notes", work.endnotes)}</div></div>'
    return f"""<div id="afterword"><h2 class="toc-heading">Afterword</h2>
{notes if work.endnotes else ""}
<p class="message">Please <a href="#">drop by the Archive and comment</a> to let the creator know
if you enjoyed their work!</p></div>"""


def download(work: AWork) -> bytes:
    """Its HTML download."""
    if len(work.chapters) == 1:
        chapters = _story(work.chapters[0])
    else:
        parts = [(_chapter(n, one), _story(one)) for n, one in enumerate(work.chapters, 1)]
        chapters = "".join(head + story + foot for (head, foot), story in parts)
    return f"""<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">
<html xmlns="http://www.w3.org/1999/xhtml"><head>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8" />
<title>{escape(work.title)} - quay - Cowboy Bebop</title>
<style type="text/css">p.message {{ text-align: center; }}</style></head>
<body>{_preface(work)}
<div id="chapters" class="userstuff">{chapters}</div>
{_afterword(work)}</body></html>""".encode()


def _calibre(html: str) -> str:
    """With the classes that calibre leaves, which has most of them renamed."""
    for old, new in (
        ('class="meta group"', 'class="calibre1"'),
        ('class="meta"', 'class="calibre1"'),
        ('<h2 class="heading">', '<h2 class="heading1" id="calibre_pb_3">'),
        ("<dt>", '<dt class="calibre4">'),
        ("<dd>", '<dd class="calibre5">'),
        ('<div class="userstuff">', '<div class="userstuff2">'),
        ('<div class="endnote-link">', '<div class="calibre1">'),
    ):
        html = html.replace(old, new)
    return html


def epub(work: AWork, split_after: int | None = None) -> bytes:
    """Its EPUB download; `split_after` paragraphs of a chapter calibre starts another file."""
    pages = [_preface(work)]
    for number, chapter in enumerate(work.chapters, 1):
        head, foot = _chapter(number, chapter) if len(work.chapters) > 1 else ("", "")
        paragraphs = chapter.content.split("\n")
        cut = split_after or len(paragraphs)
        for at in range(0, len(paragraphs), cut):
            inner = "\n".join(paragraphs[at : at + cut])
            pages.append(
                '<div id="chapters" class="userstuff1">'
                + (head if at == 0 else "")
                + f'<div class="userstuff">{inner}</div>'
                + (foot if at + cut >= len(paragraphs) else "")
                + "</div>"
            )
    pages.append(_afterword(work))
    names = [f"work_split_{number:03}.xhtml" for number in range(len(pages))]
    manifest = "".join(
        f'<item id="p{n}" href="{name}" media-type="application/xhtml+xml"/>'
        for n, name in enumerate(names)
    )
    spine = "".join(f'<itemref idref="p{n}"/>' for n in range(len(names)))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        book.writestr(
            "META-INF/container.xml",
            '<?xml version="1.0"?><container version="1.0" '
            'xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="content.opf" media-type="application/oebps-package+xml"/>'
            "</rootfiles></container>",
        )
        book.writestr(
            "content.opf",
            '<?xml version="1.0" encoding="utf-8"?><package version="2.0" '
            'xmlns="http://www.idpf.org/2007/opf"><metadata '
            'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf">'
            f"<dc:title>{escape(work.title)}</dc:title>"
            '<dc:creator opf:role="aut">quay</dc:creator><dc:language>en</dc:language>'
            "<dc:subject>Fanworks</dc:subject><dc:subject>Cowboy Bebop</dc:subject></metadata>"
            f"<manifest>{manifest}</manifest><spine>{spine}</spine></package>",
        )
        for name, page in zip(names, pages, strict=True):
            book.writestr(
                name,
                '<?xml version="1.0" encoding="utf-8"?>\n'
                '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head>'
                f'<body class="calibre">{_calibre(page)}</body></html>',
            )
    return buffer.getvalue()


def page(work: AWork, only: int | None = None) -> bytes:
    """Its page: the whole work, or `only` one chapter of it (from 1)."""
    labels = "".join(
        f'<dt class="x tags">{label}:</dt><dd class="x tags"><ul class="commas">'
        + "".join(f'<li><a class="tag" href="/tags/x">{escape(t)}</a></li>' for t in names)
        + "</ul></dd>"
        for label, names in work.tags.items()
    )
    stats = "".join(
        f'<dt class="{label.lower()}">{label}:</dt><dd class="{label.lower()}">{value}</dd>'
        for label, value in (
            one.split(": ")
            for one in work.stats.replace(" W", "|W")
            .replace(" C", "|C")
            .replace(" U", "|U")
            .split("|")
        )
    )
    shown = [(n, one) for n, one in enumerate(work.chapters, 1) if only in (None, n)]
    if len(work.chapters) == 1:
        inner = f'<h3 class="landmark heading" id="work">Work Text:</h3>{_story(work.chapters[0])}'
    else:
        inner = "".join(_page_chapter(number, one) for number, one in shown)
    head = (
        ""
        if only not in (None, 1)
        else _module("summary", "Summary:", work.summary) + _module("notes", "Notes:", work.notes)
    )
    return f"""<!DOCTYPE html><html lang="en"><head>
<title>{escape(work.title)} - quay - Cowboy Bebop [Archive of Our Own]</title></head>
<body class="logged-out"><div id="outer" class="wrapper">
<div id="header"><h1 class="heading"><a href="/">Archive of Our Own</a></h1></div>
<div id="main" class="works-show region"><ul class="work navigation actions">
<li class="chapter entire"><a href="/works/12345?view_full_work=true">Entire Work</a></li></ul>
<div class="wrapper"><dl class="work meta group">{labels}
<dt class="language">Language:</dt><dd class="language" lang="en">\n{work.language}\n</dd>
<dt class="series">Series:</dt><dd class="series"><span class="series"><span class="position">
{work.series}</span> <a class="next" href="/works/77">Next Work →</a></span></dd>
<dt class="stats">Stats:</dt><dd class="stats"><dl class="stats">{stats}</dl></dd></dl></div>
<div id="workskin"><div class="preface group">
<h2 class="title heading">\n{escape(work.title)}\n</h2>
<h3 class="byline heading">{work.byline}</h3>{head}</div>
<div id="chapters" role="article">{inner}</div>
<div class="afterword preface group"><div id="work_endnotes" class="end notes module">
<h3 class="heading">Notes:</h3>
<blockquote class="userstuff">{work.endnotes}</blockquote></div></div>
</div><div id="feedback"><p>Kudos: Comments and more</p></div></div></div></body></html>""".encode()


def _module(name: str, label: str, html: str) -> str:
    if not html:
        return ""
    return (
        f'<div id="{name}" class="{name} module"><h3 class="heading">{label}</h3>'
        f'<blockquote class="userstuff">{html}</blockquote></div>'
    )


def _page_chapter(number: int, chapter: AChapter) -> str:
    name = f": {escape(chapter.title)}" if chapter.title else ""
    end = (
        f'<div class="chapter preface group"><div id="chapter_{number}_endnotes" '
        f'class="end notes module"><h3 class="heading">Notes:</h3><blockquote class="userstuff">'
        f"{chapter.endnotes}</blockquote></div></div>"
    )
    return f"""<div class="chapter" id="chapter-{number}"><div class="chapter preface group">
<h3 class="title"><a href="/works/12345/chapters/{number}">Chapter {number}</a>{name}</h3>
{_module("summary", "Summary:", chapter.summary)}{_module("notes", "Notes:", chapter.notes)}</div>
<div class="userstuff module" role="article"><h3 class="landmark heading">Chapter Text</h3>
{chapter.content}</div>{end if chapter.endnotes else ""}</div>"""
