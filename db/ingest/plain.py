"""A text, plain or Markdown, into one reading; and what texts of every format have in common."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from db.errors import UnreadableFile
from db.excerpts import choose
from db.ingest.caution import caution_of, raised
from db.ingest.chapters import Part, read_chapters
from db.ingest.gazetteer import Findings, Gazetteer
from db.ingest.headers import Declared
from db.ingest.language import language_of
from db.ingest.reading import ChapterSpan, Reading
from db.ingest.source import Manuscript
from db.models import Excerpt, NewWork, Rating, Status, WorkInfo, Zone, ZoneKind
from db.sketches import plain_words, sketch
from db.texts import digest_of

MOST_CHAPTERS = 10_000
T = TypeVar("T")

OPENING_WORDS = 6
OPENING_CHARS = 60
CHARACTER_MENTIONS = 2  # a single one is a passing remark
NO_TITLE = "The text gives no title."
NO_RATING = "The text gives no rating, so it counts as adult until a moderator rates it."
NO_STORY = "No story was found in this text."
DAMAGED = "Some characters of this file could not be read; they show as \ufffd."
_PAIRING = re.compile(
    r"\bpairing\s*(?:is|:)?\s+([A-Z][\w.' ]{1,40}?)\s*(?:/|\band\b|&|\bx\b)\s*([A-Z][\w.']{1,40})"
)
_OTHER_CHAPTERS = re.compile(r"\b(?:previous|last|next) chapter\b", re.IGNORECASE)
_INCOMPLETE = re.compile(
    r"(?:complete|rest of (?:the|this)|full) (?:story|fic|chapter|version)\b.{0,60}"
    r"\b(?:not here|site|website|profile|elsewhere)",
    re.IGNORECASE | re.DOTALL,
)
_QUOTES = re.compile('["“”„«»「」『』]')
_SIDES = re.compile(r"(\s*[/&]\s*)")


def read_text(found: Manuscript, gazetteer: Gazetteer, *, name: str = "") -> Reading:
    """Find everything that a careful reader would find in a text of one work."""
    parts = read_chapters(found.text)
    layout = parts[0].layout
    declared, beside = layout.declared, found.info
    known = tuple(declared.fandoms) or beside.fandoms
    findings = gazetteer.judge(body_of(parts), known)
    fandoms = known or tuple(one.name for one in findings.fandoms if one.confident)
    notes = "\n".join(
        line for part in parts for line in part.texts(ZoneKind.NOTE, ZoneKind.DISCLAIMER)
    )
    title = declared.title or layout.title
    status, remarks = _status(parts, declared, notes)
    info = WorkInfo(
        title=title or beside.title,
        authors=_once(declared.authors) or beside.authors,
        fandoms=fandoms,
        relationships=_relationships(declared, notes, findings, gazetteer, fandoms)
        or beside.relationships,
        characters=_characters(declared, findings, gazetteer, fandoms),
        tags=_once(declared.tags) or beside.tags,
        rating=declared.rating or beside.rating,
        warnings=_once(declared.warnings) or beside.warnings,
        categories=_once(declared.categories) or beside.categories,
        language=declared.language or beside.language,
        status=beside.status if status is Status.UNKNOWN else status,
        summary=declared.summary or beside.summary,
        notes=beside.notes,
        series=_once(declared.series) or beside.series,
        published=declared.published or beside.published,
        updated=declared.updated or beside.updated,
        source_url=declared.source_url or beside.source_url,
    )
    reading = compose(parts, info, findings, name=name)
    return replace(
        reading,
        text=found.text,
        title_source="header"
        if declared.title
        else layout.title_source
        if title
        else found.origin
        if info.title
        else None,
        title_candidates=_once([*layout.title_candidates, *found.title_candidates]),
        rating_source="header"
        if declared.rating
        else None
        if info.rating is Rating.NOT_RATED
        else found.origin,
        problems=(*found.problems, *declared.problems, *reading.problems, *remarks),
    )


def fill_in(info: WorkInfo, parts: Sequence[Part], findings: Findings) -> WorkInfo:
    """What a file declares, and beside it what its text says where the file is silent."""
    if not parts:
        return info
    declared, title = parts[0].layout.declared, parts[0].layout.title
    sure = tuple(one.name for one in findings.fandoms if one.confident)
    people = tuple(one.name for one in findings.characters if one.count >= CHARACTER_MENTIONS)
    silent = not (info.fandoms or declared.fandoms)
    return replace(
        info,
        title=info.title or declared.title or title,
        authors=info.authors or _once(declared.authors),
        fandoms=info.fandoms or _once(declared.fandoms) or sure,
        characters=info.characters or (people if silent and sure else ()),
        rating=declared.rating or info.rating if info.rating is Rating.NOT_RATED else info.rating,
        summary=info.summary or declared.summary,
    )


def compose(
    parts: Sequence[Part],
    info: WorkInfo,
    findings: Findings,
    *,
    name: str = "",
    is_reviewed: bool = False,
) -> Reading:
    """A reading of chapters, with their excerpts, words and language.

    Of what `is_reviewed` a moderator has set rating and warnings already.

    Raises:
        UnreadableFile: there are more chapters than any story has.
    """
    if len(parts) > MOST_CHAPTERS:
        raise UnreadableFile(
            f"This holds {len(parts):,} chapters; up to {MOST_CHAPTERS:,} are read."
        )
    parts = [part for part in parts if part.paragraphs or len(parts) > 1]
    chapters = tuple(part.chapter for part in parts)
    spans = tuple(_span(part) for part in parts if ZoneKind.BODY in part.layout.kinds)
    body = body_of(parts)
    if chapters:
        info = replace(
            info,
            words=sum(chapter.words for chapter in chapters),
            language=info.language or language_of(body),
        )
    words = plain_words(body)
    info, cautions = (info, ()) if is_reviewed else raised(info, caution_of(body, words))
    excerpts = choose(
        chapters, [one.name for one in findings.characters], [part.paragraphs for part in parts]
    )
    text = "".join(chapter.text for chapter in chapters)
    problems = [
        problem
        for problem, stands in (
            (NO_TITLE, info.title is None),
            (NO_RATING, info.rating is Rating.NOT_RATED),
            (NO_STORY, bool(chapters) and not body),
            (DAMAGED, "\ufffd" in text),
        )
        if stands
    ]
    problems[:0] = cautions
    return Reading(
        file=name,
        work=NewWork(
            info,
            chapters,
            excerpts,
            opening_words(body),
            digest_of(chapters),
            sketch(words),
        ),
        text=text,
        fandoms=findings.fandoms,
        characters=findings.characters,
        chapters=spans,
        zones=tuple(
            Zone(zone.kind, zone.start + part.start, zone.end + part.start)
            for part in parts
            for zone in part.chapter.zones
        ),
        excerpts=tuple(_moved(one, parts[one.chapter].start) for one in excerpts),
        problems=tuple(problems),
    )


def body_of(parts: Sequence[Part]) -> str:
    """The story alone, a paragraph after the other."""
    return "\n\n".join(line for part in parts for line in part.texts(ZoneKind.BODY))


def opening_words(body: str) -> str:
    """The first words of a story, by which an untitled work is known; without its quotes, since
    they are shown within some."""
    opening = ""
    for word in _QUOTES.sub("", body[:1000]).split()[:OPENING_WORDS]:
        if opening and len(opening) + len(word) >= OPENING_CHARS:
            break
        opening = f"{opening} {word}".strip()
    return opening[:OPENING_CHARS].strip("*_#>,;:–—- ").removesuffix("…").removesuffix("...")


def _span(part: Part) -> ChapterSpan:
    body = [zone for zone in part.chapter.zones if zone.kind is ZoneKind.BODY]
    return ChapterSpan(
        title=part.chapter.title,
        start=body[0].start + part.start,
        end=body[-1].end + part.start,
        words=part.chapter.words,
        scenes=tuple(scene + part.start for scene in part.chapter.scenes),
    )


def _moved(one: Excerpt, by: int) -> Excerpt:
    return replace(one, start=one.start + by, end=one.end + by)


def _once(given: Sequence[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(given))


def _status(parts: Sequence[Part], declared: Declared, notes: str) -> tuple[Status, list[str]]:
    """The status, and what a moderator should know of it."""
    remarks: list[str] = []
    if _INCOMPLETE.search(notes):
        remarks.append("The notes say that the rest of this is elsewhere.")
    layout = parts[-1].layout
    speaks_of_others = len(parts) == 1 and _OTHER_CHAPTERS.search(notes)
    if declared.status:
        return declared.status, remarks
    if layout.unfinished:
        return Status.IN_PROGRESS, remarks
    if layout.ended:
        return Status.COMPLETE, remarks
    if speaks_of_others:
        # One chapter whose notes speak of others is part of something that goes on.
        remarks.append("The notes speak of other chapters: this may be one of a longer work.")
        return Status.IN_PROGRESS, remarks
    return Status.UNKNOWN, remarks


def _relationships(
    declared: Declared,
    notes: str,
    findings: Findings,
    gazetteer: Gazetteer,
    fandoms: Sequence[str],
) -> tuple[str, ...]:
    """Those declared, with full names where the fandom is known: "Spike/Buffy" is
    "Spike/Buffy Summers"."""
    if declared.relationships:
        return _once(
            [
                "".join(gazetteer.full_name(side, fandoms) or side for side in _SIDES.split(one))
                for one in declared.relationships
            ]
        )
    match = _PAIRING.search(notes)
    if match is None:
        return ()
    pair = [gazetteer.full_name(name.strip(), fandoms) for name in match.groups()]
    found = {one.name for one in findings.characters}
    return ("/".join(filter(None, pair)),) if all(name in found for name in pair) else ()


def _characters(
    declared: Declared, findings: Findings, gazetteer: Gazetteer, fandoms: Sequence[str]
) -> tuple[str, ...]:
    if declared.characters:
        return _once([gazetteer.full_name(one, fandoms) or one for one in declared.characters])
    if not fandoms:
        return ()
    return tuple(one.name for one in findings.characters if one.count >= CHARACTER_MENTIONS)
