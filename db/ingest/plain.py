"""A text, plain or Markdown, into one reading."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise

from db.excerpts import choose
from db.ingest.gazetteer import Findings, Gazetteer
from db.ingest.language import language_of
from db.ingest.paragraphs import Paragraph, split
from db.ingest.reading import ChapterSpan, Reading
from db.ingest.zones import Layout, Part, lay_out
from db.models import Chapter, Excerpt, NewWork, Rating, Status, WorkInfo, Zone, ZoneKind

_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
OPENING_WORDS = 6
CHARACTER_MENTIONS = 2  # a single one is a passing remark
NO_TITLE = "The text gives no title."
NO_RATING = "The text gives no rating, so it counts as adult until a moderator rates it."
_PAIRING = re.compile(
    r"\bpairing\s*:?\s+([A-Z][\w.' ]{1,40}?)\s*(?:/|\band\b|&|\bx\b)\s*([A-Z][\w.']{1,40})"
)
_OTHER_CHAPTERS = re.compile(r"\b(?:previous|last|next) chapter\b", re.IGNORECASE)
_INCOMPLETE = re.compile(
    r"(?:complete|rest of (?:the|this)|full) (?:story|fic|chapter|version)\b.{0,60}"
    r"\b(?:not here|site|website|profile|elsewhere)",
    re.IGNORECASE | re.DOTALL,
)


def count_words(text: str) -> int:
    """Words as readers count them: "don't" and "tell-tale" are one."""
    return len(_WORD.findall(text))


def read_text(
    text: str, gazetteer: Gazetteer, *, name: str = "", markdown: bool = False
) -> Reading:
    """Find everything that a careful reader would find in a text of one work."""
    paragraphs = split(text)
    layout = lay_out(paragraphs, markdown=markdown)
    zones = _zones(paragraphs, layout.kinds)
    chapters = tuple(_span(paragraphs, layout, part) for part in layout.parts)
    body = "\n\n".join(
        p.text for p, kind in zip(paragraphs, layout.kinds, strict=True) if kind is ZoneKind.BODY
    )
    declared = layout.declared
    findings = gazetteer.judge(body, declared.fandoms)
    confident = tuple(one.name for one in findings.fandoms if one.confident)
    stored = _chapters(text, zones, chapters)
    excerpts = choose(text, zones, chapters, [one.name for one in findings.characters])
    problems = list(declared.problems)
    title = declared.title or layout.title
    if title is None:
        problems.append(NO_TITLE)
    if declared.rating is None:
        problems.append(NO_RATING)
    if not body:
        problems.append("No story was found in this text.")
    notes = " ".join(
        p.text
        for p, kind in zip(paragraphs, layout.kinds, strict=True)
        if kind in (ZoneKind.NOTE, ZoneKind.DISCLAIMER)
    )
    if _INCOMPLETE.search(notes):
        problems.append("The notes say that the rest of this is elsewhere.")
    status = declared.status or _status(layout, notes)
    relationships = tuple(declared.relationships) or _pairing(notes, findings)
    characters = tuple(declared.characters)
    if not characters and (declared.fandoms or confident):
        characters = tuple(
            one.name for one in findings.characters if one.count >= CHARACTER_MENTIONS
        )
    info = WorkInfo(
        title=title,
        authors=tuple(dict.fromkeys(declared.authors)),
        fandoms=tuple(declared.fandoms) or confident[:1],
        relationships=relationships,
        characters=characters,
        tags=tuple(dict.fromkeys(declared.tags)),
        rating=declared.rating or Rating.NOT_RATED,
        warnings=tuple(declared.warnings),
        language=language_of(body),
        status=status,
        summary=declared.summary,
        source_url=declared.source_url,
        words=sum(chapter.words for chapter in chapters),
    )
    return Reading(
        file=name,
        work=NewWork(info, stored, _relative(excerpts, stored), opening_words(body)),
        text=text,
        title_source="header" if declared.title else layout.title_source,
        title_candidates=tuple(layout.title_candidates),
        fandoms=findings.fandoms,
        characters=findings.characters,
        rating_source="header" if declared.rating else None,
        chapters=chapters,
        zones=zones,
        excerpts=excerpts,
        problems=tuple(problems),
    )


def _zones(paragraphs: Sequence[Paragraph], kinds: Sequence[ZoneKind]) -> tuple[Zone, ...]:
    zones: list[Zone] = []
    for paragraph, kind in zip(paragraphs, kinds, strict=True):
        if zones and zones[-1].kind is kind and kind is not ZoneKind.SCENE_BREAK:
            zones[-1] = Zone(kind, zones[-1].start, paragraph.end)
        else:
            zones.append(Zone(kind, paragraph.start, paragraph.end))
    return tuple(zones)


def _span(paragraphs: Sequence[Paragraph], layout: Layout, part: Part) -> ChapterSpan:
    body = [at for at in range(part.first, part.last) if layout.kinds[at] is ZoneKind.BODY]
    return ChapterSpan(
        title=part.title or None,
        start=paragraphs[body[0]].start,
        end=paragraphs[body[-1]].end,
        words=sum(count_words(paragraphs[at].text) for at in body),
        scenes=tuple(paragraphs[at].start for at in body if at in layout.scenes),
    )


def _chapters(
    text: str, zones: Sequence[Zone], spans: Sequence[ChapterSpan]
) -> tuple[Chapter, ...]:
    """The chapters to store: slices that together are the whole text, headings included."""
    if not spans:
        return (Chapter(None, text, 0, tuple(zones)),) if text.strip() else ()
    headings = [zone.start for zone in zones if zone.kind is ZoneKind.HEADING]
    cuts = [0]
    for before, after in pairwise(spans):
        at = bisect_left(headings, before.end)
        has_heading = at < len(headings) and headings[at] < after.start
        cuts.append(headings[at] if has_heading else after.start)
    cuts.append(len(text))
    starts = [zone.start for zone in zones]
    ends = [zone.end for zone in zones]
    return tuple(
        Chapter(
            title=span.title,
            text=text[start:end],
            words=span.words,
            zones=tuple(
                Zone(zone.kind, max(zone.start, start) - start, min(zone.end, end) - start)
                for zone in zones[bisect_right(ends, start) : bisect_left(starts, end)]
            ),
            scenes=tuple(scene - start for scene in span.scenes),
        )
        for span, start, end in zip(spans, cuts[:-1], cuts[1:], strict=True)
    )


def _relative(excerpts: Sequence[Excerpt], chapters: Sequence[Chapter]) -> tuple[Excerpt, ...]:
    starts = [0]
    for chapter in chapters:
        starts.append(starts[-1] + len(chapter.text))
    return tuple(
        Excerpt(
            one.chapter,
            one.start - starts[one.chapter],
            one.end - starts[one.chapter],
            one.text,
            one.score,
        )
        for one in excerpts
    )


def _status(layout: Layout, notes: str) -> Status:
    if layout.unfinished:
        return Status.IN_PROGRESS
    if layout.ended:
        return Status.COMPLETE
    # One chapter whose notes speak of others is part of something that goes on.
    if len(layout.parts) == 1 and _OTHER_CHAPTERS.search(notes):
        return Status.IN_PROGRESS
    return Status.UNKNOWN


def _pairing(notes: str, findings: Findings) -> tuple[str, ...]:
    match = _PAIRING.search(notes)
    if match is None:
        return ()
    pair: list[str] = []
    for short in match.groups():
        full = next(
            (
                one.name
                for one in findings.characters
                if short in one.name.split() or short == one.name
            ),
            None,
        )
        if full is None:
            return ()
        pair.append(full)
    return ("/".join(pair),)


def opening_words(body: str) -> str:
    """The first words of a story, by which an untitled work is known."""
    return " ".join(body[:500].split()[:OPENING_WORDS]).strip('*_#>"“”«» ')
