"""The library's models: frozen, without behaviour of their own beyond small facts.

Ids are integers that SQLite gave; `guild_id` and `user_id` are Discord's snowflakes. Times
are aware datetimes in UTC. Offsets are into the `str` that the model itself names. The words
for ratings, warnings, categories and statuses are AO3's.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Self

from db.sketches import Sketch


class Rating(StrEnum):
    """AO3's ratings, in order; see `is_adult`."""

    GENERAL = "General Audiences"
    TEEN = "Teen And Up Audiences"
    MATURE = "Mature"
    EXPLICIT = "Explicit"
    NOT_RATED = "Not Rated"

    @property
    def is_adult(self) -> bool:
        """Whether AO3 puts its adult-content notice before it; an unrated work counts."""
        return self not in (Rating.GENERAL, Rating.TEEN)


class ArchiveWarning(StrEnum):
    """AO3's archive warnings."""

    CHOSE_NOT_TO_WARN = "Creator Chose Not To Use Archive Warnings"
    NONE_APPLY = "No Archive Warnings Apply"
    VIOLENCE = "Graphic Depictions Of Violence"
    MAJOR_DEATH = "Major Character Death"
    NON_CON = "Rape/Non-Con"
    UNDERAGE = "Underage Sex"


class Category(StrEnum):
    """AO3's relationship categories."""

    GEN = "Gen"
    FM = "F/M"
    MM = "M/M"
    FF = "F/F"
    MULTI = "Multi"
    OTHER = "Other"


class Status(StrEnum):
    """Whether a work is finished."""

    COMPLETE = "complete"
    IN_PROGRESS = "in progress"
    UNKNOWN = "unknown"


class TagKind(StrEnum):
    """The kinds of tags; synonyms stay within one kind."""

    FANDOM = "fandom"
    CHARACTER = "character"
    RELATIONSHIP = "relationship"
    FREEFORM = "freeform"


class TextAccess(StrEnum):
    """What a work's text may be used for here."""

    FULL = "full"  # the author allows reading here
    EXCERPT = "excerpt"  # searched, and quoted in passages of at most 900 characters
    METADATA = "metadata"  # the card only: no text is shown


class Consent(StrEnum):
    """What an author has said about their works here."""

    UNKNOWN = "unknown"
    OPEN = "open"
    METADATA_ONLY = "metadata only"
    EXCLUDED = "excluded"


class WorkState(StrEnum):
    """Where a work stands: a draft awaits a moderator, a removed one can be restored."""

    DRAFT = "draft"
    PUBLISHED = "published"
    REMOVED = "removed"


class ZoneKind(StrEnum):
    """What a stretch of a text is; only body is story."""

    TITLE = "title"
    BYLINE = "byline"
    HEADING = "heading"
    DISCLAIMER = "disclaimer"
    NOTE = "note"
    LYRIC = "lyric"
    ENDING = "ending"
    CHROME = "chrome"
    SCENE_BREAK = "scene break"
    HEADER = "header"  # "Rating: …", "Pairing: …" above a text
    BODY = "body"


@dataclass(frozen=True, slots=True)
class Zone:
    """A stretch `[start, end)` of one kind; zones are in order and never overlap."""

    kind: ZoneKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A passage that may be shown: `[start, end)` of the text of one chapter.

    `chapter` is the chapter's position, from 0. `score` compares excerpts of one work only.
    `excerpt_id` is 0 until it is stored; `chosen` marks a moderator's pick.
    """

    chapter: int
    start: int
    end: int
    text: str
    score: float = 0.0
    excerpt_id: int = 0
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Chapter:
    """One chapter with its text as decoded; nothing of the source is dropped.

    `scenes` are the offsets at which scenes start. `words` counts body words only.
    """

    title: str | None
    text: str
    words: int
    zones: tuple[Zone, ...] = ()
    scenes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SeriesPart:
    """A work's place in a series."""

    name: str
    part: int | None = None


@dataclass(frozen=True, slots=True)
class WorkInfo:
    """What is known of a work besides its text: the fields of the interchange format.

    `title` is None where the source gives none (never invented). `words` is the count of
    body words where there is text, else what the source says.
    """

    title: str | None
    authors: tuple[str, ...] = ()
    fandoms: tuple[str, ...] = ()
    relationships: tuple[str, ...] = ()
    characters: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    rating: Rating = Rating.NOT_RATED
    warnings: tuple[ArchiveWarning, ...] = ()
    categories: tuple[Category, ...] = ()
    language: str | None = None  # BCP 47, as "en"
    status: Status = Status.UNKNOWN
    summary: str | None = None
    notes: str | None = None
    series: tuple[SeriesPart, ...] = ()
    published: date | None = None
    updated: date | None = None
    source_url: str | None = None
    words: int = 0
    text_access: TextAccess = TextAccess.EXCERPT


@dataclass(frozen=True, slots=True)
class NewWork:
    """A work as ingest makes it, not yet stored. `opening` is its first words of story.

    `digest` is what `texts.digest_of` gives for the chapters, and `sketch` what their story is
    recognised by, where ingest has told them already.
    """

    info: WorkInfo
    chapters: tuple[Chapter, ...] = ()
    excerpts: tuple[Excerpt, ...] = ()
    opening: str = ""
    digest: str = field(default="", compare=False)
    sketch: Sketch | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Work:
    """A stored work as a card shows it: everything but its text."""

    work_id: int
    guild_id: int
    info: WorkInfo
    state: WorkState
    opening: str
    chapter_count: int
    has_text: bool
    excerpt_count: int
    added_by: int | None
    added_at: datetime
    changed_at: datetime

    @property
    def display_title(self) -> str:
        """The title, or *Untitled* with the opening words; not escaped."""
        if self.info.title:
            return self.info.title
        return f"Untitled (“{self.opening}…”)" if self.opening else "Untitled"


@dataclass(frozen=True, slots=True)
class WorkChanges:
    """What an edit changes; None leaves a field as it is. Empty tuples and "" clear."""

    title: str | None = None
    authors: tuple[str, ...] | None = None
    fandoms: tuple[str, ...] | None = None
    relationships: tuple[str, ...] | None = None
    characters: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    rating: Rating | None = None
    warnings: tuple[ArchiveWarning, ...] | None = None
    categories: tuple[Category, ...] | None = None
    language: str | None = None
    status: Status | None = None
    summary: str | None = None
    source_url: str | None = None
    text_access: TextAccess | None = None


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks, and where the answer will be seen.

    `adult_ok` is whether the target channel is age-restricted. `user_id` None stands for the
    server itself (the daily post, the command line): no mutes apply.
    """

    user_id: int | None = None
    adult_ok: bool = False


@dataclass(frozen=True, slots=True)
class Hidden:
    """How many matches were left out, by reason."""

    adult: int = 0
    muted: int = 0


class Sort(StrEnum):
    """How results are ordered."""

    BEST = "best match"
    TITLE = "title"
    AUTHOR = "author"
    ADDED = "date added"
    UPDATED = "date updated"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class WordRange:
    """Inclusive bounds on body words; None is open."""

    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class DateRange:
    """Inclusive bounds on a date; None is open."""

    first: date | None = None
    last: date | None = None


class NameField(StrEnum):
    """What a name may be the name of. A tag is of any kind, or an archive warning or category."""

    AUTHOR = "author"
    FANDOM = "fandom"
    CHARACTER = "character"
    RELATIONSHIP = "relationship"
    TAG = "tag"
    WARNING = "warning"
    CATEGORY = "category"
    SERIES = "series"


@dataclass(frozen=True, slots=True)
class NameFilter:
    """A name, a synonym or a nickname that works must have; or must not, if `excluded`."""

    field: NameField
    name: str
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Filters:
    """What results must satisfy, from a command's options and from its query alike.

    Include is AND, exclude is any (AO3's rule); of `ratings`, `statuses` and `languages` a work
    has one, so any of those named will do, and none named means all. Languages are BCP 47.
    """

    names: tuple[NameFilter, ...] = ()
    ratings: tuple[Rating, ...] = ()
    statuses: tuple[Status, ...] = ()
    words: WordRange | None = None
    languages: tuple[str, ...] = ()
    other_languages: tuple[str, ...] = ()  # that a work must not be in
    crossover: bool | None = None  # of several fandoms, or of one
    published: DateRange | None = None
    updated: DateRange | None = None
    added: DateRange | None = None

    @classmethod
    def of(
        cls,
        fandom: str | None = None,
        rating: Rating | None = None,
        status: Status | None = None,
        words: WordRange | None = None,
    ) -> Self:
        """The filters of a command's options."""
        return cls(
            names=(NameFilter(NameField.FANDOM, fandom),) if fandom else (),
            ratings=(rating,) if rating else (),
            statuses=(status,) if status else (),
            words=words,
        )

    @property
    def fandom(self) -> str | None:
        """The first fandom asked for."""
        wanted = (
            one.name for one in self.names if one.field is NameField.FANDOM and not one.excluded
        )
        return next(wanted, None)


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search as a member makes it: the box, the options, and the page wanted.

    What the query itself says (`rating:teen`, `sort:words`) is added to the filters, and is
    the order where `sort` is None. `today` is what `updated:<30d` counts back from.
    """

    query: str
    filters: Filters = field(default_factory=Filters)
    sort: Sort | None = None
    offset: int = 0
    limit: int = 10
    today: date | None = None
    as_typed: bool = False  # look for the words as they are: no corrections


@dataclass(frozen=True, slots=True)
class Hit:
    """A work that matches. `matched_in` names fields: title, author, fandom, character, …"""

    work: Work
    score: float
    matched_in: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """What a search found.

    `interpreted` is the query as understood (each word as matched, corrections applied);
    `did_you_mean` is the corrected query when words were corrected, else None. `total` counts
    every match that the viewer may see, `fandoms` are facets over all of those, most frequent
    first; `total_is_floor` is set when the engine stopped counting. `namesakes` are the fandoms
    that each have a character of the name typed, with works of theirs among the best; `notes`
    are sentences on what of the query was not understood (not escaped).
    """

    query: str
    interpreted: dict[str, object]
    did_you_mean: str | None
    total: int
    fandoms: tuple[tuple[str, int], ...]
    hits: tuple[Hit, ...]
    hidden: Hidden
    total_is_floor: bool = False
    namesakes: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SimilarHit:
    """A work like another one. `score` compares the hits of one answer only.

    `shared` are the canonical names that both have, what tells most first; `words` are folded
    words of both titles or summaries.
    """

    work: Work
    score: float
    shared: tuple[tuple[NameField, str], ...]
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SimilarAnswer:
    """A page of the works like `work`.

    `total` counts those that are listed on all pages, which is not every work that shares
    something; `hidden` those that would stand among them.
    """

    work: Work
    total: int
    hits: tuple[SimilarHit, ...]
    hidden: Hidden


class QuoteMatch(StrEnum):
    """How a passage answers a quote."""

    EXACT = "exact words"
    NEAR = "near each other"
    MISTYPED = "comes near"


@dataclass(frozen=True, slots=True)
class QuoteHit:
    """A passage that says what was asked for, in one chapter of a work.

    `text` is what may be shown: sentences of one scene, at most 900 characters, paragraphs a
    blank line apart. `marks` are `[start, end)` offsets into it of the words that were found.
    `chapter` is a position, from 0; `times` how often the chapter says it, for exact words.
    """

    work: Work
    chapter: int
    chapter_title: str | None
    text: str
    marks: tuple[tuple[int, int], ...]
    times: int = 1


@dataclass(frozen=True, slots=True)
class QuoteAnswer:
    """Where a quote stands, as far as the viewer may see it.

    `total` counts chapters; `total_is_floor` is set when counting stopped. `hidden` counts
    works. `match` is None where nothing was found.
    """

    words: str
    match: QuoteMatch | None
    total: int
    hits: tuple[QuoteHit, ...]
    hidden: Hidden
    total_is_floor: bool = False


@dataclass(frozen=True, slots=True)
class Completion:
    """One autocomplete suggestion: what is shown (unescaped) and the value sent back."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class TagChange:
    """What a moderator made of a tag.

    `other` is the name that it has to do with now: of the tag that it stands for, stood for, or
    is below, its new spelling, or its nickname. `works` is how many works members find by the
    tag; `former` names the tags that it is no longer below.
    """

    name: str
    other: str | None
    works: int
    former: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of a server's log: who did what to which work, and when.

    `actor_id` is None for the owner at the command line and for the bot itself, and 0 for
    somebody who had themselves forgotten.
    """

    audit_id: int
    at: datetime
    actor_id: int | None
    action: str
    work_id: int | None
    title: str | None
    detail: str


@dataclass(frozen=True, slots=True)
class GuildSettings:
    """What a server has chosen; None means not set. Stored as rows, so that more can come."""

    moderator_role_id: int | None = None
    log_channel_id: int | None = None


class AddStatus(StrEnum):
    """What became of one item that was to be added."""

    ADDED = "added"
    UPDATED = "updated"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two published works that share text; `contained` is what share of the shorter one's lies
    in the longer one, `containing` the other way round."""

    longer: Work
    shorter: Work
    contained: float
    containing: float


@dataclass(frozen=True, slots=True)
class AddOutcome:
    """What became of one work: `reason` is a sentence where it was not simply added."""

    status: AddStatus
    work_id: int | None
    title: str
    reason: str | None = None
    standing_id: int | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """An excerpt together with what credits it. `chapter_title` is None for a lone chapter."""

    work: Work
    excerpt: Excerpt
    chapter_title: str | None
