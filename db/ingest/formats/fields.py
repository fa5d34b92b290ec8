"""What programs that export works write as "Label: value", in AO3's terms."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from db.ingest.headers import rating_of
from db.models import (
    ArchiveWarning,
    Category,
    Rating,
    SeriesPart,
    Status,
    WorkInfo,
)
from db.vocabulary import CATEGORIES, LANGUAGES, STATUSES, WARNINGS

# What a label's value is. Of the others nothing is kept: they count visitors, or are
# bookkeeping of the program.
LABELS: Final = {
    "category": "fandoms", "fandom": "fandoms", "fandoms": "fandoms", "crossover": "fandoms",
    "genre": "tags", "genres": "tags", "tags": "tags", "freeform tags": "tags",
    "additional tags": "tags", "extra tags": "tags", "erotica tags": "tags",
    "tags from forum": "tags", "content tags from forum": "tags",
    "ao3 categories": "tags", "warnings": "warnings", "characters": "characters",
    "relationships": "relationships", "pairings": "relationships", "status": "status",
    "rating": "rating", "rated": "rating", "language": "language", "published": "published",
    "updated": "updated", "series": "series", "additional series": "series",
    "summary": "summary", "description": "summary", "story url": "source", "story notes": "notes",
    "packaged": "", "chapters": "", "words": "", "publisher": "", "author url": "",
    "series url": "", "comments": "", "kudos": "", "hits": "", "bookmarks": "", "favorites": "",
    "reviews": "", "follows": "", "collections": "", "chapters/total chapters": "",
    "total chapters": "", "story id": "", "author id": "", "estimated word count": "",
    "downloader version": "", "file format": "", "restricted to registered users": "",
}  # fmt: skip
# What archives say of a work's state beside the words that AO3 has.
_STATES: Final = {
    "hiatus": Status.IN_PROGRESS, "on hiatus": Status.IN_PROGRESS,
    "abandoned": Status.IN_PROGRESS, "dropped": Status.IN_PROGRESS,
    "discontinued": Status.IN_PROGRESS, "updating": Status.IN_PROGRESS,
}  # fmt: skip
_PART = re.compile(r"^(?P<name>.+?)\s*\[(?P<part>\d{1,5})(?:\.\d+)?\]$")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_URL = re.compile(r"https?://[^\s<>\"]+")


@dataclass(slots=True)
class Fields:
    """The values of one work by label, each as often as it occurs."""

    values: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def add(self, label: str, value: str) -> None:
        """Take one in; whether its label is known does not matter."""
        kind = LABELS.get(label.strip().rstrip(":").casefold(), "")
        if kind and value.strip():
            self.values.setdefault(kind, []).append(value.strip())

    def first(self, kind: str) -> str:
        """The first value of a kind; empty if there is none."""
        return next(iter(self.values.get(kind, ())), "")

    def names(self, kind: str, known: Iterable[str] = ()) -> tuple[str, ...]:
        """The names of a kind; `known` are names that hold a comma themselves."""
        found = [name for value in self.values.get(kind, ()) for name in listed(value, known)]
        return tuple(dict.fromkeys(found))


def is_label(text: str) -> bool:
    """Whether "Label:" is one that such programs write."""
    return text.strip().rstrip(":").casefold() in LABELS


def listed(value: str, known: Iterable[str] = ()) -> list[str]:
    """The names of a list parted by commas, those that are known kept whole."""
    whole = {name for name in known if "," in name}
    parts = [part.strip() for part in re.split(r",\s+", value)]
    found: list[str] = []
    at = 0
    while at < len(parts):
        for end in range(min(len(parts), at + 6) if whole else at, at, -1):
            if (name := ", ".join(parts[at:end])) in whole:
                found.append(name)
                at = end
                break
        else:
            found.append(parts[at])
            at += 1
    return [name for name in found if name]


def work_info(
    fields: Fields,
    *,
    title: str | None,
    authors: Sequence[str],
    summary: str | None = None,
    source_url: str | None = None,
    language: str | None = None,
    known: Iterable[str] = (),
) -> tuple[WorkInfo, tuple[str, ...]]:
    """The work that the fields declare, and sentences on what could not be taken over."""
    problems: list[str] = []
    tags: dict[str, None] = {}
    categories: dict[Category, None] = {}
    warnings: dict[ArchiveWarning, None] = {}
    known = tuple(known)
    for name in fields.names("tags", known):
        if category := CATEGORIES.get(name.casefold()) if _is_category(name) else None:
            categories[category] = None
        else:
            tags[name] = None
    for name in fields.names("warnings", known):
        if warning := WARNINGS.get(name.casefold().replace("author chose", "creator chose")):
            warnings[warning] = None
        else:
            tags[name] = None
    rating = Rating.NOT_RATED
    if said := fields.first("rating"):
        meant = rating_of(said)
        if meant is None:
            problems.append(f"The rating “{said[:40]}” is none of AO3's; set it by hand.")
        rating = meant or rating
    state = fields.first("status").casefold()
    info = WorkInfo(
        title=title or None,
        authors=tuple(dict.fromkeys(filter(None, authors))),
        fandoms=fields.names("fandoms", known),
        relationships=fields.names("relationships", known),
        characters=fields.names("characters", known),
        tags=tuple(tags),
        rating=rating,
        warnings=tuple(warnings),
        categories=tuple(categories),
        language=LANGUAGES.get(fields.first("language").casefold()) or language,
        status=STATUSES.get(state) or _STATES.get(state) or Status.UNKNOWN,
        summary=summary or fields.first("summary") or None,
        notes=fields.first("notes") or None,
        series=tuple(_series(value) for value in dict.fromkeys(fields.values.get("series", ()))),
        published=day(fields.first("published")),
        updated=day(fields.first("updated")),
        source_url=source_url or link(fields.first("source")),
    )
    return info, tuple(problems)


def link(text: str) -> str | None:
    """The first web address in a text."""
    match = _URL.search(text)
    return match[0].rstrip(").,>]") if match else None


def day(text: str) -> date | None:
    """The first date in a text, as ISO 8601 writes it."""
    match = _DAY.search(text)
    try:
        return date.fromisoformat(match[0]) if match else None
    except ValueError:
        return None


def merged(fields: Mapping[str, str]) -> Fields:
    """Fields out of plain labels and values."""
    found = Fields()
    for label, value in fields.items():
        found.add(label, value)
    return found


def _is_category(name: str) -> bool:
    # "General" is a genre at FanFiction.net.
    return name in {category.value for category in Category} and name != "Other"


def _series(value: str) -> SeriesPart:
    match = _PART.match(value)
    return SeriesPart(match["name"], int(match["part"])) if match else SeriesPart(value)
