"""What stands above a chapter's story: titles, bylines, headers, notes, disclaimers, epigraphs."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from db.ingest import headers, signs
from db.ingest.headers import Declared
from db.ingest.paragraphs import Paragraph
from db.models import ZoneKind

# How far front matter is looked for, in paragraphs.
FRONT_PARAGRAPHS = 80
# How far a note without a label may go on to the title, heading or text that ends it.
NOTE_PARAGRAPHS = 6
BRACKET_PARAGRAPHS = 12
CONTINUED_LINES = 8
LYRIC_LINE_CHARS = 70
LYRIC_LINES = 3
SECTION_CHARS = 1500
_SMALL = frozenset(
    ("a", "an", "and", "at", "but", "by", "for", "from", "in", "of", "on", "or", "the", "to",
     "with")
)  # fmt: skip


@dataclass(slots=True)
class Front:
    """What the front matter says; `end` is the first paragraph that is not part of it."""

    end: int = 0
    declared: Declared = field(default_factory=Declared)
    title: str | None = None
    title_source: str | None = None
    title_candidates: list[str] = field(default_factory=list[str])


class _Reader:
    """Reads on from the first paragraph for as long as each is front matter."""

    def __init__(
        self,
        paragraphs: Sequence[Paragraph],
        kinds: list[ZoneKind],
        chapter_title: str | None,
        *,
        is_first: bool,
    ) -> None:
        self.paragraphs = paragraphs
        self.kinds = kinds
        self.chapter_title = (chapter_title or "").casefold()
        self.is_first = is_first
        self.limit = min(len(paragraphs), FRONT_PARAGRAPHS)
        # A work may bear its chapter's name; where a heading says so itself, the first is its.
        self.has_heading = any(
            signs.heading_title(p.text) is not None or signs.bare_number(p.text) is not None
            for p in paragraphs[: self.limit]
        )
        self.front = Front()
        self.noted = False  # a note, disclaimer or header was seen
        self.story_mark = next(
            (at for at in range(self.limit) if signs.starts_story(paragraphs[at].text)), None
        )
        # Weak labels count in the company of strong ones.
        self.has_header = any(headers.is_strong(p.text) for p in paragraphs[: self.limit])

    def read(self) -> Front:
        if self.story_mark is not None:
            self.limit = self.story_mark + 1
        at = 0
        while at < self.limit:
            end = self._step(at)
            if end == at:
                break
            at = end
        if self.story_mark is not None:
            # AO3's page says where the story starts: nothing above it is story.
            at = self._mark(at, self.story_mark, ZoneKind.NOTE) + 1
        self.front.end = at
        return self.front

    def _step(self, at: int) -> int:
        """Where the front matter that starts at `at` ends; `at` itself if the story starts."""
        kind = self.kinds[at]
        if kind is ZoneKind.HEADING:
            return self._heading(at)
        if kind is not ZoneKind.BODY:
            return at + 1
        text = self.paragraphs[at].text
        if self._stands_alone(at) and (
            signs.bare_number(text) is not None
            or (text.casefold() == self.chapter_title and not self.has_heading)
        ):
            self._mark(at, at + 1, ZoneKind.HEADING)
            return self._heading(at)
        return (
            self._section(at)
            or self._header(at)
            or self._title(at)
            or self._note(at)
            or self._epigraph(at)
            or self._rest_of_note(at)
            or at
        )

    def _mark(self, start: int, end: int, kind: ZoneKind) -> int:
        for at in range(start, end):
            if self.kinds[at] is ZoneKind.BODY:
                self.kinds[at] = kind
        return end

    def _stands_alone(self, at: int) -> bool:
        return at + 1 == len(self.paragraphs) or self.paragraphs[at + 1].gap > 1

    # -- one kind of front matter each: where it ends, or 0 ----------------------------------
    def _heading(self, at: int) -> int:
        """A chapter's heading, or, marked with "#" and first of a work, its title."""
        text = self.paragraphs[at].text
        marked = signs.marked_heading(text)
        if marked and self._is_work_title(at, *marked):
            self._take_title(marked[1], "heading")
            self.kinds[at] = ZoneKind.TITLE
            return at + 1
        after = at + 1
        if (
            marked is None
            and (signs.heading_title(text) == "" or signs.bare_number(text) is not None)
            and after < self.limit
            and self.kinds[after] is ZoneKind.BODY
            and self._stands_alone(after)
            and signs.is_title_like(self.paragraphs[after].text)
            and headers.label_of(self.paragraphs[after].text) is None
            and not signs.is_note(self.paragraphs[after].text)
        ):
            # "CHAPTER TWO", and its title on the next line.
            self.kinds[after] = ZoneKind.HEADING
            return after + 1
        return after

    def _is_work_title(self, at: int, level: int, text: str) -> bool:
        if not self.is_first or self.front.title or signs.is_placeholder(text):
            return False
        if text.casefold() == self.chapter_title:
            return False
        return level == 1 and all(kind is not ZoneKind.HEADING for kind in self.kinds[:at])

    def _section(self, at: int) -> int:
        """ "Notes:" or "Summary" alone on its line, and what it stands above."""
        text = self.paragraphs[at].text
        if not signs.is_section(text):
            return 0
        is_summary = "summary" in text.casefold()
        kind = ZoneKind.HEADER if is_summary else ZoneKind.NOTE
        if signs.is_labelled_disclaimer(text):
            kind = ZoneKind.DISCLAIMER
        self.noted = True
        end = at + 1
        marker = self._marker(end)
        while end < self.limit and end < (marker or end + 1) and self.kinds[end] is ZoneKind.BODY:
            inner = self.paragraphs[end].text
            if self._opens_other(end):
                break
            first = end == at + 1
            brief = first and len(inner) <= SECTION_CHARS
            if not (marker or brief or signs.is_address(inner)):
                break
            if first and is_summary and self.is_first:
                headers.parse_line(f"Summary: {inner}", self.front.declared)
            end += 1
        return self._mark(at, end, kind)

    def _opens_other(self, at: int) -> bool:
        text = self.paragraphs[at].text
        return signs.is_section(text) or headers.label_of(text) is not None or signs.is_note(text)

    def _marker(self, at: int) -> int:
        """The next "Chapter Text" or heading that surely ends the notes, or 0."""
        for one in range(at, min(self.limit, at + 40)):
            if self.kinds[one] is ZoneKind.HEADING:
                return one
        return 0

    def _header(self, at: int) -> int:
        text = self.paragraphs[at].text
        if headers.label_of(text) is None:
            return 0
        if not headers.is_strong(text) and not self.has_header:
            return 0
        end = self._continued(at)
        value = "\n".join(p.text for p in self.paragraphs[at:end])
        headers.parse_line(value, self.front.declared if self.is_first else Declared())
        self.noted = True
        return self._mark(at, end, ZoneKind.HEADER)

    def _continued(self, at: int) -> int:
        """The end of a header line that goes on over the next lines.

        They belong to it if more of the header or a blank line follows soon; else they are
        the story of a text without blank lines.
        """
        end = at + 1
        while end < min(self.limit, at + CONTINUED_LINES):
            paragraph = self.paragraphs[end]
            if paragraph.gap > 1:
                return end
            if self.kinds[end] is not ZoneKind.BODY or headers.label_of(paragraph.text):
                return end
            if signs.is_note(paragraph.text) or signs.is_disclaimer(paragraph.text):
                return end
            if signs.byline(paragraph.text):
                return end
            end += 1
        return at + 1

    def _title(self, at: int) -> int:
        if not self.is_first:
            return 0
        text = self.paragraphs[at].text
        plain = text.strip('*_#"“” \t')
        if both := signs.title_and_author(text):
            self._take_title(both[0], "first line")
            self.front.declared.authors.append(both[1])
            return self._mark(at, at + 1, ZoneKind.TITLE)
        if (name := signs.byline(text)) and (at or ":" in text):
            if name not in self.front.declared.authors:
                self.front.declared.authors.append(name)
            return self._mark(at, at + 1, ZoneKind.BYLINE)
        if self.front.title or self.front.title_candidates or not plain:
            return 0
        if at + 1 >= len(self.paragraphs) or signs.is_disclaimer(text):
            return 0
        source = self._title_source(at, plain)
        if source is None and at == 0 and (before_by := _before_by(plain)):
            # "The Lamp by Quay": or is the title "Stand by Me"? Asking is better.
            source, plain = "candidate", before_by
        if source is None or (source == "candidate" and not self._stands_above_prose(at)):
            return 0
        if source == "candidate" or signs.is_placeholder(plain):
            if not signs.is_empty_title(plain):
                self.front.title_candidates.append(titled(plain))
        else:
            self._take_title(plain, source)
        return self._mark(at, at + 1, ZoneKind.TITLE)

    def _title_source(self, at: int, plain: str) -> str | None:
        """Why a line is the work's title: "first line", "heading", a mere "candidate", or None."""
        after = self.paragraphs[at + 1]
        followed = (
            signs.byline(after.text) is not None
            or headers.is_strong(after.text)
            or _is_underline(after.text)
        )
        likely = signs.is_title_like(self.paragraphs[at].text)
        if (
            followed
            and (likely or _may_be_title(plain))
            and self.kinds[at + 1] is not ZoneKind.HEADING
        ):
            return "first line"
        if likely and at == 0 and self.story_mark is not None:
            return "first line"
        if not likely or after.gap == 1:
            return None
        if signs.is_disclaimer(after.text) or signs.is_note(after.text):
            return "first line"
        if self.kinds[at + 1] is ZoneKind.HEADING and not signs.is_point_of_view(after.text):
            return "first line"
        if self.noted and self.paragraphs[at].gap > 1:
            return "heading"
        return "candidate" if at == 0 else None

    def _stands_above_prose(self, at: int) -> bool:
        """Else a short line may be the first of a poem."""
        return self._stands_alone(at) and any(
            len(p.text) > LYRIC_LINE_CHARS for p in self.paragraphs[at + 1 : at + 9]
        )

    def _take_title(self, title: str, source: str) -> None:
        self.front.title = titled(title)
        self.front.title_source = source

    def _note(self, at: int) -> int:
        text = self.paragraphs[at].text
        if signs.is_note(text):
            kind, end = ZoneKind.NOTE, bracket_end(self.paragraphs, at, self.limit)
        elif signs.is_disclaimer(text):
            kind, end = ZoneKind.DISCLAIMER, at + 1
        elif signs.is_address(text):
            kind, end = ZoneKind.NOTE, at + 1
        else:
            return 0
        self.noted = True
        return self._mark(at, end, kind)

    def _epigraph(self, at: int) -> int:
        text = self.paragraphs[at].text
        if text[0] == ">" or signs.is_quotation(text):
            return self._mark(at, at + 1, ZoneKind.LYRIC)
        if end := self._verse(at):
            return self._mark(at, end, ZoneKind.LYRIC)
        return 0

    def _verse(self, at: int) -> int:
        """The end of a run of verse that starts here, up to its credit, or 0.

        Without a credit it must stand under other front matter, in lines that are no sentences,
        with prose after it: else it may be how this story is written.
        """
        end, lines, sentences = at, 0, 0
        while end < self.limit and self.kinds[end] is ZoneKind.BODY:
            paragraph = self.paragraphs[end]
            if end > at and signs.is_credit(paragraph.text):
                return end + 1
            glued = paragraph.gap == 1 or (
                end + 1 < self.limit and self.paragraphs[end + 1].gap == 1
            )
            if len(paragraph.text) > LYRIC_LINE_CHARS or not glued:
                break
            lines += 1
            sentences += paragraph.text[-1] in '.!?"”'
            end += 1
        prose = end < len(self.paragraphs) and len(self.paragraphs[end].text) > 2 * LYRIC_LINE_CHARS
        plain = lines >= LYRIC_LINES and sentences <= lines / 2
        return end if plain and prose and (self.noted or self.front.title) else 0

    def _rest_of_note(self, at: int) -> int:
        """The end of a note that goes on without a label, or 0.

        It goes on up to a title, a heading or a break if each paragraph until there has some
        word to readers and is no scene.
        """
        if not self.noted:
            return 0
        end = at
        while end < min(self.limit, at + NOTE_PARAGRAPHS):
            text = self.paragraphs[end].text
            ends = self.kinds[end] is not ZoneKind.BODY or (
                end > at and self._stands_alone(end) and signs.is_title_like(text)
            )
            if end > at and (ends or self._opens_other(end) or signs.is_disclaimer(text)):
                return self._mark(at, end, ZoneKind.NOTE)
            if text[0] in '"“«' or not signs.to_readers(text):
                return 0
            end += 1
        return 0


def read_front(
    paragraphs: Sequence[Paragraph],
    kinds: list[ZoneKind],
    chapter_title: str | None,
    *,
    is_first: bool,
) -> Front:
    """Find a chapter's front matter, setting its `kinds`.

    `is_first` is whether it is the work's first chapter, which titles and headers stand in.
    """
    return _Reader(paragraphs, kinds, chapter_title, is_first=is_first).read()


def titled(text: str) -> str:
    """A title in capitals as one writes it: "ONE LAST CALL" is "One Last Call"; others as is."""
    words = text.split()
    if not text.isupper() or (len(words) == 1 and len(text) < 6):
        return text
    return " ".join(
        word.lower() if at and word.lower() in _SMALL else word[:1] + word[1:].lower()
        for at, word in enumerate(words)
    )


def _before_by(text: str) -> str | None:
    title, _, name = text.rpartition(" by ")
    fits = signs.is_title_like(title) and 1 <= len(name.split()) <= 3 if title else False
    return title if fits and text[-1].isalnum() else None


def _is_underline(text: str) -> bool:
    return len(text) >= 3 and not text.strip("=-~_*")


def _may_be_title(text: str) -> bool:
    """Short and no speech; under it stands a byline, which says the rest."""
    return len(text) <= 80 and len(text.split()) <= 12 and text[-1] not in '.,;:"”'


def bracket_end(paragraphs: Sequence[Paragraph], at: int, limit: int) -> int:
    """Where a note that opens a bracket ends: after the paragraph that closes it, if that is
    near; else after its own."""
    opened = paragraphs[at].text.lstrip("*_ ")[:1]
    closing = {"(": ")", "[": "]", "{": "}"}.get(opened)
    if closing is None or closing in paragraphs[at].text:
        return at + 1
    for end in range(at + 1, min(limit, at + BRACKET_PARAGRAPHS)):
        if paragraphs[end].text.rstrip("*_ .").endswith(closing):
            return end + 1
    return at + 1
