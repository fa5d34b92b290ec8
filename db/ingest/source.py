"""What a format's reader gives: a work as its file declares it, its text not yet looked at."""

from dataclasses import dataclass, field

from db.models import NewWork, WorkInfo


@dataclass(frozen=True, slots=True)
class Source:
    """A work whose file tells its chapters apart: an archive's download, an e-book, a page.

    The zones of a chapter are what the format itself says; its other paragraphs are told by
    their words. `origin` completes "Title: from the …". `marks_scenes` is whether the format
    has a sign for a scene break, so that the blanks between paragraphs mean nothing. `problems`
    are sentences for the moderator.
    """

    work: NewWork
    origin: str
    marks_scenes: bool = True
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manuscript:
    """A text of one work that has to tell everything itself, as somebody typed or pasted it.

    `info` is what the file says beside the text; it fills in what the text does not say.
    Headings are marked with "#" where the format has some.
    """

    text: str
    origin: str = "file"
    info: WorkInfo = field(default_factory=lambda: WorkInfo(title=None))
    title_candidates: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
