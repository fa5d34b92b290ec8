"""Lines above a text that say what it is: "Rating: PG-13", "Pairing: …", bold labels too."""

import re
from dataclasses import dataclass, field

from db.models import ArchiveWarning, Rating, Status

_LABELS = {
    "title": "title", "story title": "title", "story": "title",
    "author": "authors", "authors": "authors", "by": "authors", "written by": "authors",
    "penname": "authors", "pen name": "authors", "author(s)": "authors", "creator": "authors",
    "fandom": "fandoms", "fandoms": "fandoms", "category": "categories",
    "categories": "categories",
    "rating": "rating", "rated": "rating",
    "warning": "warnings", "warnings": "warnings", "archive warning": "warnings",
    "archive warnings": "warnings",
    "pairing": "relationships", "pairings": "relationships", "relationship": "relationships",
    "relationships": "relationships", "ship": "relationships", "ships": "relationships",
    "character": "characters", "characters": "characters",
    "tags": "tags", "additional tags": "tags", "genre": "tags", "genres": "tags",
    "status": "status", "summary": "summary", "language": "language",
    "word count": "ignored", "words": "ignored", "chapters": "ignored", "published": "ignored",
    "updated": "ignored", "spoilers": "ignored", "feedback": "ignored", "archive": "ignored",
    "distribution": "ignored", "series": "ignored", "date": "ignored", "completed": "ignored",
    "beta": "ignored", "email": "ignored", "url": "source", "source": "source", "link": "source",
    "timeline": "ignored", "setting": "ignored", "characters/pairing": "relationships",
}  # fmt: skip
_LINE = re.compile(
    r"^[*_#>\s]*(?P<label>[A-Za-z()/ ]{2,20}?)[*_\s]*[:：][*_]*\s*(?P<value>.*?)[*_\s]*$"
)

# Other archives' ratings: MPAA's as used on LiveJournal, and FanFiction.net's.
RATINGS = {
    "general audiences": Rating.GENERAL, "general": Rating.GENERAL, "g": Rating.GENERAL,
    "k": Rating.GENERAL, "all ages": Rating.GENERAL,
    "teen and up audiences": Rating.TEEN, "teen and up": Rating.TEEN, "teen": Rating.TEEN,
    "pg": Rating.TEEN, "pg-13": Rating.TEEN, "pg13": Rating.TEEN, "k+": Rating.TEEN,
    "t": Rating.TEEN,
    "mature": Rating.MATURE, "m": Rating.MATURE, "r": Rating.MATURE,
    "explicit": Rating.EXPLICIT, "e": Rating.EXPLICIT, "nc-17": Rating.EXPLICIT,
    "nc17": Rating.EXPLICIT, "ma": Rating.EXPLICIT, "adult": Rating.EXPLICIT,
    "not rated": Rating.NOT_RATED,
}  # fmt: skip
_WARNINGS = {warning.value.casefold(): warning for warning in ArchiveWarning} | {
    "none": ArchiveWarning.NONE_APPLY,
    "character death": ArchiveWarning.MAJOR_DEATH,
    "graphic violence": ArchiveWarning.VIOLENCE,
    "violence": ArchiveWarning.VIOLENCE,
    "rape": ArchiveWarning.NON_CON,
    "non-con": ArchiveWarning.NON_CON,
    "underage": ArchiveWarning.UNDERAGE,
    "rape/non-con": ArchiveWarning.NON_CON,
    "author chose not to warn": ArchiveWarning.CHOSE_NOT_TO_WARN,
}
_STATUSES = {
    "complete": Status.COMPLETE, "completed": Status.COMPLETE, "finished": Status.COMPLETE,
    "in progress": Status.IN_PROGRESS, "in-progress": Status.IN_PROGRESS,
    "wip": Status.IN_PROGRESS, "incomplete": Status.IN_PROGRESS, "ongoing": Status.IN_PROGRESS,
}  # fmt: skip


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
    rating: Rating | None = None
    status: Status | None = None
    summary: str | None = None
    source_url: str | None = None
    problems: list[str] = field(default_factory=list[str])


def parse_line(line: str, into: Declared) -> bool:
    """Take one header line in; False if it is none."""
    match = _LINE.match(line.strip())
    if match is None:
        return False
    kind = _LABELS.get(match["label"].strip().casefold())
    value = match["value"].strip()
    if kind is None:
        return False
    if value:
        _take(kind, value, into)
    return True


def _take(kind: str, value: str, into: Declared) -> None:
    if kind == "title":
        into.title = into.title or value
    elif kind == "rating":
        into.rating = rating_of(value)
        if into.rating is None:
            into.problems.append(f"The rating “{value[:40]}” is none of AO3's; set it by hand.")
    elif kind == "status":
        into.status = _STATUSES.get(value.casefold().rstrip(".!"))
    elif kind == "summary":
        into.summary = value
    elif kind == "source":
        into.source_url = value if value.startswith(("http://", "https://")) else None
    elif kind == "warnings":
        for part in re.split(r"[,;]", value):
            warning = _WARNINGS.get(part.strip().casefold().rstrip("."))
            if warning and warning not in into.warnings:
                into.warnings.append(warning)
            elif not warning and part.strip():
                into.tags.append(part.strip())
    elif kind == "authors":
        into.authors += [part for part in re.split(r"\s*(?:,|;|\band\b|&)\s*", value) if part]
    elif kind == "relationships":
        into.relationships += _parts(value)
    elif kind in ("fandoms", "characters", "tags"):
        getattr(into, kind).extend(_parts(value))


def rating_of(text: str) -> Rating | None:
    """AO3's rating for a declared one, the mappings of other archives' included.

    G and K are General; PG, PG-13, K+ and T Teen; R and M Mature; NC-17 and MA Explicit.
    """
    plain = text.casefold().strip().rstrip(".!")
    if plain in RATINGS:
        return RATINGS[plain]
    first = re.match(r"(?:fiction\s+)?(?:rated:?\s+)?(nc-?17|pg-?13|pg|k\+|[gkrtme])\b", plain)
    return RATINGS.get(first[1]) if first else None


def _parts(value: str) -> list[str]:
    return [part.strip() for part in re.split(r"[,;]", value) if part.strip()]
