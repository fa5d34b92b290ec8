"""eFiction's story pages, whole or a chapter: what many small archives run on."""

import re

from lxml.html import HtmlElement

from db.errors import UnreadableFile
from db.ingest.formats.fields import Fields, work_info
from db.ingest.formats.headings import chapter_name, lone_untitled
from db.ingest.pages import Pages, block_of, classes, having_class, line_of, paragraphs_of
from db.ingest.source import Source
from db.models import Chapter, NewWork, ZoneKind

ORIGIN = "eFiction page"
ASK = "Open the story in a browser, choose the printer's icon, save that page, and add the file."
_NO_STORIES = (
    ("registered", "This archive shows the story to its members only."),
    ("login", "This archive shows the story to its members only."),
    ("age consent", "This is the archive's question about age, not the story."),
    ("not been validated", "The archive has not let this story through yet."),
    ("adult", "This is the archive's question about adult content, not the story."),
)
_NOTES = ("notes", "noteinfo", "storynotes", "chapternotes", "endnotes", "endnote")
_LABELS = {
    "rated": "rating", "rating": "rating", "categories": "category", "category": "category",
    "characters": "characters", "genres": "genre", "genre": "genre", "warnings": "warnings",
    "warning": "warnings", "pairing": "pairings", "pairings": "pairings", "series": "series",
    "completed": "status", "complete": "status", "summary": "summary", "language": "language",
}  # fmt: skip
_BY = re.compile(r"\s+by\s+\S.*$", re.IGNORECASE)


def read_page(page: HtmlElement) -> Source | None:
    """A story's page: the one for printing holds all chapters, others one.

    Raises:
        UnreadableFile: it is a page of such an archive, but no story.
    """
    heading = page.get_element_by_id("pagetitle", None)
    links = [one.get("href") or "" for one in page.iter("a")]
    if not any("viewstory.php" in link or "viewuser.php" in link for link in links):
        return None
    _refuse_errors(page)
    texts = list(having_class(page, "chapter", "div"))
    whole = page.get_element_by_id("story", None)
    if not texts and whole is not None:
        texts = [whole]
    if heading is None or not texts:
        return None
    title = _linked(heading, "viewstory.php") or _BY.sub("", line_of(heading))
    author = _linked(heading, "viewuser.php")
    fields, summary = _fields(page)
    info, problems = work_info(
        fields,
        title=title,
        authors=[author] if author else [],
        summary=summary,
    )
    chapters = [_chapter(text, number) for number, text in enumerate(texts, start=1)]
    return Source(NewWork(info, lone_untitled(chapters, info)), ORIGIN, problems=problems)


def _refuse_errors(page: HtmlElement) -> None:
    for name in ("errortext", "errormsg"):
        for error in having_class(page, name, "div"):
            said = line_of(error).casefold()
            why = next((sentence for mark, sentence in _NO_STORIES if mark in said), None)
            if why or said:
                raise UnreadableFile(f"{why or 'This page of an archive holds no story.'} {ASK}")


def _linked(heading: HtmlElement, address: str) -> str | None:
    link = next((one for one in heading.iter("a") if address in (one.get("href") or "")), None)
    return line_of(link) if link is not None else None


def _fields(page: HtmlElement) -> tuple[Fields, str | None]:
    fields = Fields()
    summary: list[str] = []
    for label in having_class(page, "label", "span"):
        value = block_of(label.tail)
        for after in label.itersiblings():
            if after.tag == "span" and "label" in classes(after):
                break
            if after.tag == "br" and line_of(value):
                break
            value.append(block_of(f"{line_of(after)}{after.tail or ' '}"))
        kind = _LABELS.get(line_of(label).strip().rstrip(": ").casefold())
        if kind == "summary":
            summary = paragraphs_of(value)
        elif kind == "status":
            done = line_of(value).casefold().startswith(("yes", "oui", "ja", "si", "complete"))
            fields.add("status", "complete" if done else "in-progress")
        elif kind and line_of(value).casefold() not in ("none", "-"):
            fields.add(kind, line_of(value))
    return fields, "\n\n".join(summary) or None


def _chapter(block: HtmlElement, number: int) -> Chapter:
    text = Pages()
    heading = _above(block, "chaptertitle")
    said = _BY.sub("", line_of(heading)) if heading is not None else ""
    text.say(said, ZoneKind.HEADING)
    for note in _notes_before(block):
        text.add(note, ZoneKind.NOTE)
    text.say(block.text or "")
    for child in block:
        is_note = any(name in _NOTES for name in classes(child))
        text.add(child, ZoneKind.NOTE if is_note else None)
        text.say(child.tail or "")
    return text.chapter(chapter_name(said, number))


def _above(block: HtmlElement, name: str) -> HtmlElement | None:
    for before in block.itersiblings(preceding=True):
        if name in classes(before):
            return before
        if "chapter" in classes(before):
            return None
    return None


def _notes_before(block: HtmlElement) -> list[HtmlElement]:
    found: list[HtmlElement] = []
    for before in block.itersiblings(preceding=True):
        if "chapter" in classes(before) or "chaptertitle" in classes(before):
            break
        if any(name in _NOTES for name in classes(before)):
            found.insert(0, before)
    return found
