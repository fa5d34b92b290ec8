"""What each paragraph of a text is, and where its chapters and scenes start.

Losing story text is worse than keeping a note: in doubt a paragraph is body.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from db.ingest import headers, signs
from db.ingest.headers import Declared
from db.ingest.paragraphs import Paragraph, is_blank_parted
from db.models import ZoneKind

# How far a front or back matter is looked for, in paragraphs.
FRONT_PARAGRAPHS = 40
BACK_PARAGRAPHS = 30
LYRIC_LINE_CHARS = 70
LYRIC_LINES = 3


@dataclass(slots=True)
class Part:
    """A chapter: the paragraphs `[first, last)` under its heading, and the heading's title."""

    first: int
    last: int
    title: str | None = None


@dataclass(slots=True)
class Layout:
    """The kinds of all paragraphs, with what the front and back matter said."""

    kinds: list[ZoneKind]
    parts: list[Part]
    scenes: set[int]  # paragraphs that start a scene
    declared: Declared
    title: str | None = None
    title_source: str | None = None
    title_candidates: list[str] = field(default_factory=list[str])
    unfinished: bool = False
    ended: bool = False


def lay_out(paragraphs: Sequence[Paragraph], *, markdown: bool = False) -> Layout:
    """Tell apart story and everything around it."""
    kinds = [ZoneKind.BODY] * len(paragraphs)
    layout = Layout(kinds, [], set(), Declared())
    headings = _headings(paragraphs, markdown=markdown)
    for at in headings:
        kinds[at] = ZoneKind.HEADING
    for at, paragraph in enumerate(paragraphs):
        if at not in headings and signs.is_break(paragraph.text):
            kinds[at] = ZoneKind.SCENE_BREAK
    layout.parts = _parts(headings, len(paragraphs))
    for number, part in enumerate(layout.parts):
        _front(paragraphs, layout, part, is_first=number == 0, markdown=markdown)
        _back(paragraphs, layout, part)
        _within(paragraphs, layout, part)
    # What stands above the first heading is a chapter only if it holds story (a prologue).
    layout.parts = _with_story(layout)
    _scenes(paragraphs, layout)
    return layout


def _headings(paragraphs: Sequence[Paragraph], *, markdown: bool) -> dict[int, str]:
    found: dict[int, str] = {}
    numbers: list[tuple[int, int]] = []
    marked: list[int] = []
    for at, paragraph in enumerate(paragraphs):
        text = paragraph.text
        if markdown and text.startswith("#") and text.lstrip("#").startswith(" "):
            marked.append(at)
            continue
        title = signs.heading_title(text)
        if title is not None and (paragraph.gap != 1 or at == 0 or at - 1 in found):
            found[at] = title
        elif (number := signs.bare_number(text)) is not None and paragraph.gap != 1:
            numbers.append((at, number))
    # Bare numbers are headings where they count up from one.
    if [number for _, number in numbers[:2]] == [1, 2]:
        found |= {at: "" for at, _ in numbers}
    levels = {at: len(paragraphs[at].text) - len(paragraphs[at].text.lstrip("#")) for at in marked}
    tops = [at for at in marked if levels[at] == 1]
    for at in marked:
        if len(tops) == 1 and at == tops[0] and at <= FRONT_PARAGRAPHS:
            continue  # the work's title: the front matter takes it
        text = paragraphs[at].text.strip("# ")
        found[at] = signs.heading_title(text) or text
    return dict(sorted(found.items()))


def _parts(headings: dict[int, str], count: int) -> list[Part]:
    parts = [Part(0, count)]
    for at, title in headings.items():
        current = parts[-1]
        if current.first == at and current.title is not None:
            current.first = at + 1  # "Chapter 1", "Part One": one heading
            current.title = current.title or title
            continue
        current.last = at
        parts.append(Part(at + 1, count, title))
    return parts


def _front(
    paragraphs: Sequence[Paragraph],
    layout: Layout,
    part: Part,
    *,
    is_first: bool,
    markdown: bool,
) -> None:
    kinds = layout.kinds
    at = part.first
    limit = min(part.last, part.first + FRONT_PARAGRAPHS)
    noted = False
    while at < limit:
        text = paragraphs[at].text
        if kinds[at] is ZoneKind.SCENE_BREAK:
            at += 1
            continue
        if is_first and _title_line(paragraphs, layout, part, at, markdown=markdown):
            at += 1
            continue
        if is_first and headers.parse_line(text, layout.declared):
            kinds[at] = ZoneKind.HEADER
        elif is_first and (name := signs.byline(text)):
            kinds[at] = ZoneKind.BYLINE
            if name not in layout.declared.authors:
                layout.declared.authors.append(name)
        elif signs.is_note(text) or (markdown and text.startswith(">")):
            kinds[at] = ZoneKind.NOTE
            noted = True
        elif signs.is_disclaimer(text):
            kinds[at] = ZoneKind.DISCLAIMER
            noted = True
        elif signs.is_quotation(text):
            kinds[at] = ZoneKind.LYRIC
        elif end := _lyric(paragraphs, at, limit):
            for line in range(at, end):
                kinds[line] = ZoneKind.LYRIC
            at = end
            continue
        elif noted and (end := _rest_of_note(paragraphs, kinds, at, limit)):
            for line in range(at, end):
                if kinds[line] is not ZoneKind.SCENE_BREAK:
                    kinds[line] = ZoneKind.NOTE
            at = end
            continue
        elif is_first and signs.is_chrome(text):
            kinds[at] = ZoneKind.CHROME
        else:
            return
        at += 1


def _title_line(
    paragraphs: Sequence[Paragraph], layout: Layout, part: Part, at: int, *, markdown: bool
) -> bool:
    """Take a line for the work's title, or for a candidate of it."""
    text = paragraphs[at].text
    plain = text.strip('*_#"“” \t')
    if layout.kinds[at] is not ZoneKind.BODY or layout.title or not plain:
        return False
    marked = markdown and text.startswith("# ")
    if not marked and (not signs.is_title_like(text) or signs.is_disclaimer(text)):
        return False
    if not marked and headers.parse_line(text, Declared()):
        return False
    following = paragraphs[at + 1] if at + 1 < part.last else None
    if not marked and (following is None or signs.byline(text)):
        return False
    if not marked and following is not None and following.gap == 1:
        # A line attached to its text is its first sentence, unless more front matter follows.
        text_after = following.text
        if not signs.byline(text_after) and not headers.parse_line(text_after, Declared()):
            return False
    layout.kinds[at] = ZoneKind.TITLE
    if signs.is_placeholder(plain):
        layout.title_candidates.append(plain)
        return True
    layout.title = plain if not plain.isupper() else _titled(plain)
    layout.title_source = "heading" if marked else "first line"
    return True


def _titled(shouted: str) -> str:
    """A title in capitals as one writes it: "ONE LAST GOODBYE" is "One Last Goodbye"."""
    words = shouted.split()
    small = {"a", "an", "and", "at", "but", "by", "for", "from", "in", "of", "on", "or", "the",
             "to", "with"}  # fmt: skip
    return " ".join(
        word.lower() if at and word.lower() in small else word[:1] + word[1:].lower()
        for at, word in enumerate(words)
    )


def _lyric(paragraphs: Sequence[Paragraph], at: int, limit: int) -> int:
    """The end of a run of verse that starts here, or 0."""
    end = at
    lines = 0
    while end < limit:
        paragraph = paragraphs[end]
        if signs.is_credit(paragraph.text):
            return end + 1 if lines >= LYRIC_LINES - 1 else 0
        is_line = len(paragraph.text) <= LYRIC_LINE_CHARS and (
            paragraph.gap == 1 or (end + 1 < limit and paragraphs[end + 1].gap == 1)
        )
        if not is_line or paragraph.text[0] in '"“«':
            break
        lines += 1
        end += 1
    # Without a credit, verse must be plain to see: several lines, more prose after.
    long_after = end < limit and len(paragraphs[end].text) > 2 * LYRIC_LINE_CHARS
    return end if lines >= LYRIC_LINES and long_after else 0


def _rest_of_note(
    paragraphs: Sequence[Paragraph], kinds: Sequence[ZoneKind], at: int, limit: int
) -> int:
    """The end of a note that goes on without a label, or 0.

    It goes on up to a title, a heading or a break if what stands between speaks to readers
    at all; else for as long as each paragraph plainly does.
    """
    end = at
    telling = 0
    while end < min(limit, at + 8):
        text = paragraphs[end].text
        if end > at and (kinds[end] is ZoneKind.SCENE_BREAK or signs.is_title_like(text)):
            return end if telling >= end - at else 0
        if signs.is_note(text) or signs.is_disclaimer(text):
            return end if telling >= end - at else 0
        telling += signs.to_readers(text)
        end += 1
    end = at
    while end < limit and signs.speaks_to_readers(paragraphs[end].text):
        end += 1
    return end if end > at else 0


def _back(paragraphs: Sequence[Paragraph], layout: Layout, part: Part) -> None:
    """Endings, notes and site chrome after a chapter's story."""
    kinds = layout.kinds
    first = max(part.first, part.last - BACK_PARAGRAPHS)
    while first < part.last and kinds[first] is not ZoneKind.BODY:
        first += 1
    # A labelled note runs to the end, if what follows it can be one.
    for at in range(first, part.last):
        text = paragraphs[at].text
        labelled = kinds[at] is ZoneKind.BODY and signs.is_note(text) and at > part.first
        if labelled and _runs_to_end(paragraphs, at, part.last):
            for line in range(at, part.last):
                if kinds[line] is ZoneKind.BODY:
                    kinds[line] = _back_kind(paragraphs[line].text) or ZoneKind.NOTE
            break
    # From the end: chrome, endings, and paragraphs that speak to readers.
    at = part.last - 1
    while at >= first:
        text = paragraphs[at].text
        if kinds[at] is ZoneKind.BODY:
            kind = _back_kind(text)
            if kind is None and signs.speaks_to_readers(text) and text[0] not in '"“«':
                kind = ZoneKind.NOTE
            if kind is None and _leads_into_note(paragraphs, kinds, at, first):
                kind = ZoneKind.NOTE
            if kind is None:
                break
            kinds[at] = kind
        at -= 1
    # Only the last chapter's ending speaks for the work.
    layout.unfinished = layout.ended = False
    for line in range(max(at, part.first), part.last):
        text = paragraphs[line].text
        if kinds[line] is ZoneKind.ENDING and not signs.is_end_of_part(text):
            layout.unfinished = signs.is_unfinished(text)
            layout.ended = not layout.unfinished


def _runs_to_end(paragraphs: Sequence[Paragraph], at: int, last: int) -> bool:
    """Whether all that follows a labelled note can be more of it.

    Not if the note closes its own bracket, if people speak, or if few paragraphs speak to
    readers: then the story goes on after it.
    """
    after = [p.text for p in paragraphs[at + 1 : last] if not _is_back_matter(p.text)]
    if not after:
        return True
    note = paragraphs[at].text
    if any(note[0] == opening and note[-1] == closing for opening, closing in ("()", "[]", "{}")):
        return False
    spoken = sum(len(text) for text in after if text[0] in '"“«‘')
    telling = sum(len(text) for text in after if signs.to_readers(text))
    total = sum(map(len, after))
    return spoken <= 0.2 * total and telling >= 0.5 * total


def _is_back_matter(text: str) -> bool:
    return signs.is_break(text) or _back_kind(text) is not None or signs.is_note(text)


def _leads_into_note(
    paragraphs: Sequence[Paragraph], kinds: Sequence[ZoneKind], at: int, first: int
) -> bool:
    """A last line of some sign whose neighbour before it plainly speaks to readers."""
    text = paragraphs[at].text
    return (
        at - 1 >= first
        and signs.to_readers(text) >= 1
        and kinds[at - 1] is ZoneKind.BODY
        and signs.to_readers(paragraphs[at - 1].text) >= signs.TELLING + 1
    )


def _back_kind(text: str) -> ZoneKind | None:
    if signs.is_chrome(text):
        return ZoneKind.CHROME
    return ZoneKind.ENDING if signs.is_ending(text) else None


def _within(paragraphs: Sequence[Paragraph], layout: Layout, part: Part) -> None:
    """Labelled notes amid the story: that one paragraph only, and in brackets for preference."""
    for at in range(part.first, part.last):
        text = paragraphs[at].text
        if layout.kinds[at] is ZoneKind.BODY and (
            (signs.is_note(text) and signs.to_readers(text)) or signs.is_chrome(text)
        ):
            layout.kinds[at] = ZoneKind.NOTE if signs.is_note(text) else ZoneKind.CHROME


def _with_story(layout: Layout) -> list[Part]:
    return [part for part in layout.parts if ZoneKind.BODY in layout.kinds[part.first : part.last]]


def _scenes(paragraphs: Sequence[Paragraph], layout: Layout) -> None:
    """A scene starts with a chapter, after a break, and where a blank line is missing in a text
    that has one everywhere else, unless speech goes on there."""
    hinted = is_blank_parted(list(paragraphs))
    for part in layout.parts:
        fresh = True
        for at in range(part.first, part.last):
            kind = layout.kinds[at]
            if kind is not ZoneKind.BODY:
                fresh = fresh or kind is ZoneKind.SCENE_BREAK
                continue
            paragraph = paragraphs[at]
            lost = (
                hinted
                and at > part.first
                and paragraph.gap == 1
                and paragraph.text[0] not in "\"“«‘'"
                and len(paragraph.text) > LYRIC_LINE_CHARS
            )
            if fresh or lost:
                layout.scenes.add(at)
            fresh = False
