"""Lines above a text that say what it is: "Rating: PG-13", "Pairing: …", bold labels too."""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeVar

from db.ingest import signs
from db.models import ArchiveWarning, Category, Rating, SeriesPart, Status
from db.vocabulary import CATEGORIES, LANGUAGES, RATINGS, STATUSES, WARNINGS

# What a label's value is. "other" is known for a header but said nowhere else in a work.
_LABELS: Final = {
    "title": "title", "story title": "title", "story": "title", "chapter title": "other",
    "author": "authors", "authors": "authors", "by": "authors", "written by": "authors",
    "penname": "authors", "pen name": "authors", "author(s)": "authors", "creator": "authors",
    "fandom": "fandoms", "fandoms": "fandoms",
    "category": "categories", "categories": "categories",
    "rating": "rating", "rated": "rating",
    "warning": "warnings", "warnings": "warnings", "archive warning": "warnings",
    "archive warnings": "warnings", "content warning": "warnings", "content warnings": "warnings",
    "pairing": "relationships", "pairings": "relationships", "relationship": "relationships",
    "relationships": "relationships", "ship": "relationships", "ships": "relationships",
    "pairing(s)": "relationships", "characters/pairing": "relationships",
    "character": "characters", "characters": "characters",
    "tags": "tags", "additional tags": "tags", "genre": "tags", "genres": "tags",
    "status": "status", "summary": "summary", "language": "language", "series": "series",
    "published": "published", "updated": "updated", "completed": "updated",
    "url": "source", "source": "source", "link": "source", "story url": "source",
    "word count": "other", "words": "other", "chapters": "other", "spoilers": "other",
    "feedback": "other", "archive": "other", "archiving": "other", "distribution": "other",
    "date": "other", "beta": "other", "betas": "other", "email": "other", "e-mail": "other",
    "timeline": "other", "setting": "other", "challenge": "other", "prompt": "other",
    "dedication": "other", "website": "other", "author url": "other", "publisher": "other",
    "packaged": "other", "content": "other", "word-count": "other", "length": "other",
}  # fmt: skip
# Labels that stories also use: a log's date, a play's setting. They count in the company of
# a line that only a header has.
_WEAK: Final = frozenset(
    ("by", "category", "chapters", "content", "date", "length", "link", "setting", "source",
     "status", "story", "words", "character", "characters", "email", "series", "completed")
)  # fmt: skip
_LINE = re.compile(
    r"^[*_#>~\s-]*(?P<label>[A-Za-z()/\- ]{2,20}?)[*_\s]*(?:[:：]|(?<=\S)\s+[-–—]\s)[*_]*\s*"
    r"(?P<value>.*?)[*_\s]*$",
    re.DOTALL,
)
T = TypeVar("T")
_LIST = re.compile(r"\s*[,;]\s*")
_NAMES = re.compile(r"\s*(?:[,;]|\band\b|&)\s*")
_PART = re.compile(
    r"^(?P<name>.*?)[\s,(]*(?:#|part|book|no\.?)\s*(?P<part>\d{1,4})\W*$", re.IGNORECASE
)
_URL = re.compile(r"https?://\S+")


@dataclass(slots=True)
class Declared:
    """What a text says of itself above its story."""

    title: str | None = None
    authors: list[str] = field(default_factory=list[str])
    fandoms: list[str] = field(default_factory=list[str])
    relationships: list[str] = field(default_factory=list[str])
    characters: list[str] = field(default_factory=list[str])
    tags: list[str] = field(default_factory=list[str])
    warnings: list[ArchiveWarning] = field(default_factory=list[ArchiveWarning])
    categories: list[Category] = field(default_factory=list[Category])
    series: list[SeriesPart] = field(default_factory=list[SeriesPart])
    rating: Rating | None = None
    status: Status | None = None
    summary: str | None = None
    language: str | None = None
    source_url: str | None = None
    published: date | None = None
    updated: date | None = None
    problems: list[str] = field(default_factory=list[str])


def label_of(line: str) -> str | None:
    """The known label that a line begins with, in lower case; None if it is no header line."""
    found = _parted(line)
    return found[0] if found else None


def is_strong(line: str) -> bool:
    """A line that only a header has."""
    label = label_of(line)
    return label is not None and label not in _WEAK


def parse_line(line: str, into: Declared) -> bool:
    """Take one header line in, with the lines that go on with it; False if it is none."""
    found = _parted(line)
    if found is None:
        return False
    label, value = found
    if value:
        _take(_LABELS[label], " ".join(value.split()), into)
    return True


def _parted(line: str) -> tuple[str, str] | None:
    match = _LINE.match(line.strip()) if len(line) < 20_000 else None
    label = match["label"].strip().casefold() if match else ""
    return (label, match["value"].strip()) if match and label in _LABELS else None


def _take(kind: str, value: str, into: Declared) -> None:
    if kind == "title":
        if not signs.is_empty_title(value):
            into.title = into.title or value
    elif kind == "rating":
        into.rating = into.rating or rating_of(value)
        if into.rating is None:
            into.problems.append(f"The rating “{value[:40]}” is none of AO3's; set it by hand.")
    elif kind == "status":
        into.status = into.status or _status_of(value)
    elif kind == "summary":
        into.summary = into.summary or value
    elif kind == "language":
        into.language = into.language or LANGUAGES.get(value.casefold())
    elif kind == "source":
        match = _URL.search(value)
        into.source_url = into.source_url or (match[0].rstrip(").,>]") if match else None)
    elif kind in ("published", "updated"):
        setattr(into, kind, getattr(into, kind) or _date_of(value))
    elif kind == "series":
        match = _PART.match(value)
        into.series.append(
            SeriesPart(match["name"].strip(), int(match["part"]))
            if match and match["name"].strip()
            else SeriesPart(value)
        )
    elif kind == "warnings":
        _take_known(value, WARNINGS, into.warnings, into.tags)
    elif kind == "categories":
        _take_known(value, CATEGORIES, into.categories, into.tags)
    elif kind == "authors":
        into.authors += [part for part in _NAMES.split(value) if part]
    elif kind in ("fandoms", "relationships", "characters", "tags"):
        getattr(into, kind).extend(part for part in _LIST.split(value) if part)


def _take_known(value: str, known: dict[str, T], into: list[T], tags: list[str]) -> None:
    """The values that AO3 has, and the others as tags, so that none is lost."""
    for part in _LIST.split(value):
        meant = known.get(part.casefold().rstrip(".! "))
        if meant is not None:
            into += [meant] if meant not in into else []
        elif part:
            tags.append(part)


def rating_of(text: str) -> Rating | None:
    """AO3's rating for a declared one, the mappings of other archives' included.

    G and K are General; PG, PG-13, K+ and T Teen; R and M Mature; NC-17 and MA Explicit. What
    follows the rating ("R for language") is left out.
    """
    plain = text.casefold().strip().rstrip(".!")
    if plain in RATINGS:
        return RATINGS[plain]
    first = re.match(
        r"(?:fiction\s+)?(?:rated:?\s+)?(nc-?17|pg-?13|pg|k\+|ma|not rated|unrated|general|teen|"
        r"mature|explicit|adult|[gkrtme])(?![\w+])",
        plain,
    )
    return RATINGS.get(first[1]) if first else None


def _status_of(value: str) -> Status | None:
    plain = value.casefold().rstrip(".! ")
    found = re.match(r"(\d+)\s*/\s*(\d+|\?)$", plain)  # AO3's "Chapters: 3/5" under another name
    if found:
        return Status.COMPLETE if found[1] == found[2] else Status.IN_PROGRESS
    return STATUSES.get(plain)


def _date_of(value: str) -> date | None:
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None
