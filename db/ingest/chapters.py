"""A text into its chapters: slices that together are the whole text, each with its heading."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import filterfalse

from db.ingest import signs
from db.ingest.paragraphs import Paragraph, lines, split
from db.ingest.zones import Layout, is_chapter_heading, lay_out
from db.models import Chapter, Zone, ZoneKind

# Less story than this above the first heading is no prologue: an epigraph, a stray line.
PROLOGUE_WORDS = 15
# Numbered lines nearer to each other than this are a list.
NUMBERED_CHARS = 400
# More headings in a row than a chapter has are a table of contents.
HEADINGS_OF_ONE = 4
_ASCII_MARKS = bytes(byte for byte in range(33, 128) if not chr(byte).isalnum())
_WIDE = re.compile("[\u3040-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True, slots=True)
class Part:
    """A chapter with its place in the text, its paragraphs and what each of them is."""

    start: int  # of its slice
    chapter: Chapter
    paragraphs: list[Paragraph]  # offsets into the chapter's text, like everything of it
    layout: Layout

    def texts(self, *kinds: ZoneKind) -> list[str]:
        """Its paragraphs of those kinds."""
        return [
            paragraph.text
            for paragraph, kind in zip(self.paragraphs, self.layout.kinds, strict=True)
            if kind in kinds
        ]


def read_chapter(
    text: str,
    title: str | None = None,
    *,
    start: int = 0,
    is_first: bool = True,
    known: Sequence[Zone] = (),
    known_scenes: Sequence[int] = (),
    marks_scenes: bool = False,
) -> Part:
    """A chapter's text with its zones, scenes and words. `title` is what it is known by.

    What `known` zones say of paragraphs stands, and so do known scenes. `marks_scenes`: see
    `Source`; its paragraphs are never wrapped by a program either.
    """
    paragraphs = lines(text) if marks_scenes else split(text)
    kinds = _known_kinds(paragraphs, known)
    layout = lay_out(paragraphs, title, kinds, is_first=is_first, marks_scenes=marks_scenes)
    words = sum(
        count_words(paragraph.text)
        for paragraph, kind in zip(paragraphs, layout.kinds, strict=True)
        if kind is ZoneKind.BODY
    )
    found = tuple(paragraphs[at].start for at in layout.scenes)
    scenes = tuple(known_scenes) or found
    chapter = Chapter(title, text, words, _zones(paragraphs, layout.kinds), scenes)
    return Part(start, chapter, paragraphs, layout)


def read_chapters(text: str) -> list[Part]:
    """The chapters of a text; their slices joined are the text, so none is left out.

    A heading without a story under it belongs to the chapter before it, and what stands above
    the first heading is a chapter of its own only if it holds story (a prologue).
    """
    cuts = _cuts(lines(text))
    if not cuts or cuts[0][0] > 0:
        cuts.insert(0, (0, None))
    groups: list[list[Part]] = []
    for number, (start, heading) in enumerate(cuts):
        end = cuts[number + 1][0] if number + 1 < len(cuts) else len(text)
        part = read_chapter(text[start:end], heading, start=start, is_first=number == 0)
        if groups and not (part.chapter.words and _is_chapter(groups[-1])):
            groups[-1].append(part)
        else:
            groups.append([part])
    return [_joined(text, group, position) for position, group in enumerate(groups)]


def count_words(text: str) -> int:
    """Words as readers count them: what stands between blanks and holds a letter or digit.

    Chinese and Japanese have no blanks: each character counts, as AO3 does it.
    """
    if text.isascii():  # as most paragraphs are, and ten times as fast
        return len(text.encode().translate(None, _ASCII_MARKS).split())
    wide = 0
    if wide := len(_WIDE.findall(text)):
        text = _WIDE.sub(" ", text)
    tokens = text.split()
    marks = sum(
        not (token[0].isalnum() or any(map(str.isalnum, token)))
        for token in filterfalse(str.isalnum, tokens)
    )
    return wide + len(tokens) - marks


def _known_kinds(paragraphs: Sequence[Paragraph], known: Sequence[Zone]) -> list[ZoneKind | None]:
    kinds: list[ZoneKind | None] = []
    zones = iter(known)
    zone = next(zones, None)
    for paragraph in paragraphs:
        while zone is not None and zone.end <= paragraph.start:
            zone = next(zones, None)
        inside = zone is not None and zone.start <= paragraph.start
        kinds.append(zone.kind if zone is not None and inside else None)
    return kinds


def _is_chapter(group: Sequence[Part]) -> bool:
    words = sum(part.chapter.words for part in group)
    headed = any(part.chapter.title for part in group)
    return words >= (1 if headed else PROLOGUE_WORDS)


def _joined(text: str, group: Sequence[Part], position: int) -> Part:
    part = group[0]
    if len(group) > 1:
        end = group[-1].start + len(group[-1].chapter.text)
        told = next((one for one in group if one.chapter.title and one.chapter.words), group[-1])
        part = read_chapter(
            text[part.start : end], told.chapter.title, start=part.start, is_first=position == 0
        )
    return replace(part, chapter=replace(part.chapter, title=_title(part, position)))


def _title(part: Part, position: int) -> str | None:
    """What the headings above a chapter's story call it: the name of "Chapter 2: The Road", or
    all that they say; None if that is its number, which its position tells as well."""
    said: list[str] = []
    names: list[str] = []
    for paragraph, kind in zip(part.paragraphs, part.layout.kinds, strict=True):
        text = paragraph.text
        if kind is ZoneKind.BODY:
            break
        if kind is not ZoneKind.HEADING or signs.starts_story(text):
            continue
        if signs.is_point_of_view(text):
            continue
        marked = signs.marked_heading(text)
        plain = marked[1] if marked else text.strip("*_=~<>[]() \t").rstrip(".:–—-").strip("# ")
        name = signs.heading_title(plain)
        if name == "" or signs.bare_number(plain) is not None:
            said.append(plain)
        elif plain:
            names.append(name or plain)
    if names:
        return names[-1]
    said = said[-1:] if len(said) > HEADINGS_OF_ONE else list(dict.fromkeys(said))
    if all(signs.heading_number(one) == position + 1 for one in said):
        return None
    return ": ".join(said)


def _cuts(found: Sequence[Paragraph]) -> list[tuple[int, str | None]]:
    """Where chapters start, each with the text of its heading."""
    headings = _marked(found)
    if not headings:
        headings = {at: line.text for at, line in enumerate(found) if is_chapter_heading(found, at)}
    if len(headings) < 2:
        numbers = _counting_up(found, signs.bare_number, 0)
        headings |= numbers or _counting_up(
            found, lambda text: (signs.numbered_title(text) or (None,))[0], NUMBERED_CHARS
        )
    # Headings that follow each other are one: "Chapter 1", "Part One".
    return [
        (found[at].start, text) for at, text in sorted(headings.items()) if at - 1 not in headings
    ]


def _marked(found: Sequence[Paragraph]) -> dict[int, str]:
    """Markdown headings of the level that chapters have here, without the work's title."""
    marked = {
        at: heading
        for at, line in enumerate(found)
        if (heading := signs.marked_heading(line.text)) and is_chapter_heading(found, at)
    }
    tops = [at for at, (level, text) in marked.items() if level == 1 and not _is_numbered(text)]
    if len(tops) == 1 and tops[0] == min(marked):
        del marked[tops[0]]
    top = min((level for level, _ in marked.values()), default=0)
    return {at: text for at, (level, text) in marked.items() if level == top}


def _is_numbered(text: str) -> bool:
    return signs.heading_title(text) is not None or signs.bare_number(text) is not None


def _counting_up(
    found: Sequence[Paragraph], number_of: Callable[[str], int | None], apart_chars: int
) -> dict[int, str]:
    """Lines that stand alone with numbers that count up from one; none if only one does."""
    counted: dict[int, str] = {}
    last = -apart_chars
    for at, line in enumerate(found):
        if len(line.text) > signs.SHORT_LINE_CHARS or (at and line.gap == 1):
            continue
        if at + 1 < len(found) and found[at + 1].gap == 1:
            continue
        if number_of(line.text) == len(counted) + 1 and line.start - last >= apart_chars:
            counted[at] = line.text
            last = line.start
    return counted if len(counted) > 1 else {}


def _zones(paragraphs: Sequence[Paragraph], kinds: Sequence[ZoneKind]) -> tuple[Zone, ...]:
    """One zone for each run of paragraphs of a kind."""
    zones: list[Zone] = []
    start = 0
    for at, kind in enumerate(kinds):
        if at + 1 == len(kinds) or kinds[at + 1] is not kind:
            zones.append(Zone(kind, paragraphs[start].start, paragraphs[at].end))
            start = at + 1
    return tuple(zones)
