"""What each paragraph of a chapter is, and where its scenes start.

A chapter is looked at by itself, so that one that was exported and comes back as a part of a
`.jsonl` line is understood as it was in its file. Losing story text is worse than keeping a
note: in doubt a paragraph is body.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from db.ingest import signs
from db.ingest.front import bracket_end, read_front
from db.ingest.headers import Declared
from db.ingest.paragraphs import Paragraph, is_blank_parted, is_line_parted
from db.models import ZoneKind

# How far back matter is looked for, and among how many paragraphs that may be story.
BACK_PARAGRAPHS = 400
UNCLEAR_PARAGRAPHS = 12
# A blank of this many line ends parts more than two paragraphs.
WIDE_GAP = 4
# What stands on a line of its own in verse is shorter.
PROSE_LINE_CHARS = 70


@dataclass(slots=True)
class Layout:
    """The kinds of a chapter's paragraphs, and what its front and back matter said."""

    kinds: list[ZoneKind]
    scenes: list[int] = field(default_factory=list[int])  # paragraphs that start a scene
    declared: Declared = field(default_factory=Declared)
    title: str | None = None
    title_source: str | None = None
    title_candidates: list[str] = field(default_factory=list[str])
    unfinished: bool = False
    ended: bool = False


def lay_out(
    paragraphs: Sequence[Paragraph],
    chapter_title: str | None = None,
    known: Sequence[ZoneKind | None] = (),
    *,
    is_first: bool = True,
    marks_scenes: bool = False,
) -> Layout:
    """Tell apart story and everything around it in one chapter.

    `chapter_title` is the title that is known already, `is_first` whether the chapter is the
    work's first, which titles and headers stand in. `known` are the kinds that the format gave
    its paragraphs; None leaves it to the words. `marks_scenes`: see `Source`.
    """
    if any(known):
        return _around_known(
            paragraphs, chapter_title, known, is_first=is_first, marks_scenes=marks_scenes
        )
    layout = Layout(_by_themselves(paragraphs))
    front = read_front(paragraphs, layout.kinds, chapter_title, is_first=is_first)
    layout.declared = front.declared
    layout.title, layout.title_source = front.title, front.title_source
    layout.title_candidates = front.title_candidates
    back = _back(paragraphs, layout, front.end)
    _within(paragraphs, layout.kinds, front.end, back)
    _scenes(paragraphs, layout, by_gaps=not marks_scenes)
    return layout


def _around_known(
    paragraphs: Sequence[Paragraph],
    chapter_title: str | None,
    known: Sequence[ZoneKind | None],
    *,
    is_first: bool,
    marks_scenes: bool,
) -> Layout:
    """The layout of the paragraphs that nothing is known of, put among the others."""
    places = [at for at, kind in enumerate(known) if kind is None]
    told = lay_out(
        [paragraphs[at] for at in places],
        chapter_title,
        is_first=is_first,
        marks_scenes=marks_scenes,
    )
    kinds = [kind or ZoneKind.BODY for kind in known]
    for at, kind in zip(places, told.kinds, strict=True):
        kinds[at] = kind
    layout = replace(told, kinds=kinds, scenes=[places[at] for at in told.scenes])
    if ZoneKind.BODY in known:  # then it came with all its zones, and so do its scenes
        layout.scenes = []
        _scenes(paragraphs, layout, by_gaps=not marks_scenes)
    return layout


def is_chapter_heading(paragraphs: Sequence[Paragraph], at: int) -> bool:
    """Whether a line is a chapter's heading by its words and its place."""
    paragraph = paragraphs[at]
    text = paragraph.text
    if len(text) > signs.SHORT_LINE_CHARS:
        return False
    if signs.marked_heading(text):
        return not signs.is_section(text)
    title = signs.heading_title(text)
    if title is None:
        return False
    if at == 0 or paragraph.gap != 1 or is_chapter_heading(paragraphs[at - 1 : at], 0):
        return True
    # Right under a line it could be the end of a wrapped sentence: "… as we saw in / chapter two."
    return not title and not text[0].islower() and text[-1] not in ".,!?"


def _by_themselves(paragraphs: Sequence[Paragraph]) -> list[ZoneKind]:
    """What is told by a line alone, wherever it stands."""
    return [_by_itself(paragraphs, at) for at in range(len(paragraphs))]


def _by_itself(paragraphs: Sequence[Paragraph], at: int) -> ZoneKind:
    text = paragraphs[at].text
    if len(text) <= signs.LONGEST_SIGN_CHARS:
        if (
            is_chapter_heading(paragraphs, at)
            or signs.is_point_of_view(text)
            or signs.starts_story(text)
        ):
            return ZoneKind.HEADING
        if signs.is_chrome(text) and not signs.is_break(text):
            return ZoneKind.CHROME
    return ZoneKind.SCENE_BREAK if signs.is_break(text) else ZoneKind.BODY


def _back(paragraphs: Sequence[Paragraph], layout: Layout, front: int) -> int:
    """Endings, notes and site chrome after a chapter's story; returns where they start.

    Read from the end: a paragraph that may be a note counts as one only if one further up
    surely opens the notes.
    """
    kinds = layout.kinds
    start = len(paragraphs)
    unclear: list[int] = []
    for at in range(len(paragraphs) - 1, max(front, len(paragraphs) - BACK_PARAGRAPHS) - 1, -1):
        text = paragraphs[at].text
        kind = kinds[at]
        if kind in (ZoneKind.CHROME, ZoneKind.SCENE_BREAK):
            if not unclear:
                start = at
            continue
        if kind is not ZoneKind.BODY:
            break
        if signs.is_ending(text):
            kinds[at] = ZoneKind.ENDING
        elif signs.is_note(text) or signs.is_labelled_disclaimer(text):
            if not _opens_notes(paragraphs, kinds, at, unclear):
                break
            kinds[at] = ZoneKind.NOTE
        elif signs.is_address(text):
            if any(not signs.to_readers(paragraphs[one].text) for one in unclear):
                break
            kinds[at] = ZoneKind.NOTE
        else:
            unclear.append(at)
            if len(unclear) > UNCLEAR_PARAGRAPHS or signs.is_narrated(text):
                break
            continue
        start = at
        unclear.clear()
    return _settle(paragraphs, layout, start)


def _opens_notes(
    paragraphs: Sequence[Paragraph], kinds: Sequence[ZoneKind], at: int, unclear: Sequence[int]
) -> bool:
    """Whether a labelled note runs on over the paragraphs after it that may be story."""
    text = paragraphs[at].text
    if not unclear:
        return True
    if _is_bracketed(text):
        return False
    above = kinds[at - 1] if at else ZoneKind.SCENE_BREAK
    parted = (
        paragraphs[at].gap >= WIDE_GAP
        or above in (ZoneKind.SCENE_BREAK, ZoneKind.CHROME)
        or (at > 0 and signs.is_ending(paragraphs[at - 1].text))
        or signs.is_section(text)
    )
    return parted or all(signs.to_readers(paragraphs[one].text) for one in unclear)


def _settle(paragraphs: Sequence[Paragraph], layout: Layout, start: int) -> int:
    kinds = layout.kinds
    for at in range(len(paragraphs)):
        if kinds[at] is ZoneKind.ENDING and at < start:
            kinds[at] = ZoneKind.BODY
        if at < start:
            continue
        text = paragraphs[at].text
        if kinds[at] is ZoneKind.ENDING and not signs.is_end_of_part(text):
            layout.unfinished = layout.unfinished or signs.is_unfinished(text)
            layout.ended = not layout.unfinished
        elif kinds[at] is ZoneKind.BODY:
            kinds[at] = ZoneKind.NOTE
        if kinds[at] is ZoneKind.NOTE and signs.is_labelled_disclaimer(text):
            kinds[at] = ZoneKind.DISCLAIMER
    return start


def _within(paragraphs: Sequence[Paragraph], kinds: list[ZoneKind], front: int, back: int) -> None:
    """Labelled notes amid the story: to the closing bracket, or that paragraph and those after
    it that plainly speak to readers."""
    at = front
    while at < back:
        text = paragraphs[at].text
        if kinds[at] is ZoneKind.BODY and signs.is_note_amid(text):
            end = bracket_end(paragraphs, at, back)
            for line in range(at, end):
                if kinds[line] is ZoneKind.BODY:
                    kinds[line] = ZoneKind.NOTE
            while (
                end < back
                and kinds[end] is ZoneKind.BODY
                and signs.is_address(paragraphs[end].text)
            ):
                kinds[end] = ZoneKind.NOTE
                end += 1
            at = end
            continue
        at += 1


def _is_bracketed(text: str) -> bool:
    bare = text.strip("*_ ")
    return bare[:1] in "([{" and bare[-1:] in ")]}"


def _scenes(paragraphs: Sequence[Paragraph], layout: Layout, *, by_gaps: bool) -> None:
    """A scene starts with the chapter, after a break or a change of view, and where the blank
    that parts paragraphs is missing or far wider than elsewhere.

    The last is a hint only, so it does not count before speech, which goes on, nor without
    `by_gaps`.
    """
    kinds = layout.kinds
    by_blanks = is_blank_parted(paragraphs)
    by_lines = is_line_parted(paragraphs)
    fresh = True
    for at, kind in enumerate(kinds):
        if kind is not ZoneKind.BODY:
            fresh = fresh or kind in (ZoneKind.SCENE_BREAK, ZoneKind.HEADING)
            continue
        lost = (
            by_gaps
            and at > 0
            and (by_blanks or by_lines)
            and _parts_scenes(paragraphs, at, by_blanks)
        )
        if fresh or lost:
            layout.scenes.append(at)
        fresh = False


def _parts_scenes(paragraphs: Sequence[Paragraph], at: int, by_blanks: bool) -> bool:
    here, above = paragraphs[at], paragraphs[at - 1]
    if here.text[0] in "\"“«‘'–—" or len(here.text) <= PROSE_LINE_CHARS:
        return False
    if not by_blanks:
        return here.gap > 1
    if here.gap == 1:  # alone: two in a row are a list or verse
        after = paragraphs[at + 1].gap if at + 1 < len(paragraphs) else 2
        return after > 1 and above.gap > 1 and len(above.text) > 30
    return here.gap > WIDE_GAP
