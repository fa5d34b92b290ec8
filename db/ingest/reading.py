"""What ingest makes of a file: one `Reading` for each work in it.

Offsets in a reading count characters of `text`, the file as decoded. In the `NewWork` that
`Reading.work` holds, they count characters of each chapter's own text.
"""

from dataclasses import dataclass, field

from db.models import Excerpt, NewWork, Zone


@dataclass(frozen=True, slots=True)
class FandomSuggestion:
    """A fandom that the text seems to belong to, with the names that speak for it.

    `confident` is whether score and margin are high enough to suggest it without asking.
    """

    name: str
    score: float
    evidence: dict[str, int] = field(default_factory=dict[str, int])
    confident: bool = False


@dataclass(frozen=True, slots=True)
class CharacterCount:
    """A character and how often the body names them, over all forms of the name."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class ChapterSpan:
    """A chapter in the decoded text. `start` is where its story starts, after its heading.

    `end` is where its story ends; `scenes` are offsets at which scenes start, the first at or
    just after `start`.
    """

    title: str | None
    start: int
    end: int
    words: int
    scenes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """One work as read from a file, with the reasons for what was concluded.

    `work.info` holds what may be stored as it is: declared values, and suggestions only where
    they are confident. `title_source` and `rating_source` say where a value comes from
    ("header", "first line", "heading", "file"), None where there is none. `problems` are
    sentences for the moderator.
    """

    file: str
    work: NewWork
    text: str
    title_source: str | None = None
    title_candidates: tuple[str, ...] = ()
    fandoms: tuple[FandomSuggestion, ...] = ()
    characters: tuple[CharacterCount, ...] = ()
    rating_source: str | None = None
    chapters: tuple[ChapterSpan, ...] = ()
    zones: tuple[Zone, ...] = ()
    excerpts: tuple[Excerpt, ...] = ()  # offsets into `text`
    problems: tuple[str, ...] = ()
