"""The interchange format: one work per line, JSON, for `add` and `export`."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from db.models import (
    ArchiveWarning,
    Category,
    Chapter,
    NewWork,
    Rating,
    SeriesPart,
    Status,
    TextAccess,
    WorkInfo,
    Zone,
    ZoneKind,
)

TITLE_CHARS, NAME_CHARS, LINK_CHARS = 1000, 500, 2000
NAMES = 500  # of one kind
PARTS = 1 << 31  # of a series
LINK = r"^https?://\S+$"
Name = Annotated[str, Field(min_length=1, max_length=NAME_CHARS)]
Offset = Annotated[int, Field(ge=0)]
Names = Annotated[tuple[Name, ...], Field(max_length=NAMES)]
LINE_LIMIT_CHARS = 20_000_000  # a work of three million words
SHOWN_KEY_CHARS = 100


class _Series(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Name
    part: Annotated[int, Field(ge=0, lt=PARTS)] | None = None


class _Chapter(BaseModel):
    """A chapter. `zones` say what its stretches are, as (kind, start, end) in characters of the
    text; without them they are told by their words."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str | None = None
    text: str
    zones: tuple[tuple[ZoneKind, Offset, Offset], ...] = ()
    scenes: tuple[Offset, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        places = [place for _, *ends in self.zones for place in ends]
        for offsets in (places, list(self.scenes)):
            if offsets != sorted(offsets) or (offsets and offsets[-1] > len(self.text)):
                raise ValueError("zones and scenes stand in order, within the text")
        return self


class _Line(BaseModel):
    """A line's keys; the names and values are part of the format and never change meaning."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: Annotated[str, Field(max_length=TITLE_CHARS)] | None
    authors: Names = ()
    fandoms: Names = ()
    relationships: Names = ()
    characters: Names = ()
    tags: Names = ()
    rating: Rating = Rating.NOT_RATED
    warnings: tuple[ArchiveWarning, ...] = ()
    categories: tuple[Category, ...] = ()
    language: str | None = None
    status: Status = Status.UNKNOWN
    summary: str | None = None
    notes: str | None = None
    series: tuple[_Series, ...] = ()
    published: date | None = None
    updated: date | None = None
    source_url: Annotated[str, Field(max_length=LINK_CHARS, pattern=LINK)] | None = None
    words: Annotated[int, Field(ge=0, lt=1 << 53)] = 0
    text_access: TextAccess = TextAccess.EXCERPT
    chapters: tuple[_Chapter, ...] = ()


@dataclass(frozen=True, slots=True)
class LineError:
    """A line that is no work, with the sentence that says why."""

    line_no: int  # from 1
    reason: str


@dataclass(frozen=True, slots=True)
class ParsedLine:
    """A line that is a work; its chapters are as given, their zones not yet told apart."""

    line_no: int
    work: NewWork


def parse_lines(lines: Iterable[str | bytes], first: int = 1) -> Iterator[ParsedLine | LineError]:
    """One outcome for each line that is not blank, in order. `first` numbers the first line."""
    for line_no, line in enumerate(lines, start=first):
        if not line.strip():
            continue
        try:
            yield ParsedLine(line_no, parse_line(line))
        except ValueError as error:
            yield LineError(line_no, f"Line {line_no}: {error}")


def parse_line(line: str | bytes) -> NewWork:
    """One work.

    Raises:
        ValueError: with a sentence that names the key.
    """
    if len(line) > LINE_LIMIT_CHARS:
        raise ValueError("this line is too long for one work.")
    try:
        given = _Line.model_validate_json(line)
    except ValidationError as error:
        raise ValueError(_sentence(error)) from None
    return NewWork(
        WorkInfo(
            title=given.title.strip() or None if given.title else None,
            authors=given.authors,
            fandoms=given.fandoms,
            relationships=given.relationships,
            characters=given.characters,
            tags=given.tags,
            rating=given.rating,
            warnings=given.warnings,
            categories=given.categories,
            language=given.language,
            status=given.status,
            summary=given.summary,
            notes=given.notes,
            series=tuple(SeriesPart(one.name, one.part) for one in given.series),
            published=given.published,
            updated=given.updated,
            source_url=given.source_url,
            words=given.words,
            text_access=given.text_access,
        ),
        chapters=tuple(
            Chapter(one.title, one.text, 0, tuple(Zone(*zone) for zone in one.zones), one.scenes)
            for one in given.chapters
        ),
    )


def within_limits(info: WorkInfo) -> WorkInfo:
    """The same as a line can hold it: whatever file a work came from, its export can be added."""
    url = info.source_url
    fits = url and len(url) <= LINK_CHARS and re.fullmatch(r"https?://\S+", url)
    return replace(
        info,
        title=_clipped(info.title, TITLE_CHARS) if info.title else None,
        authors=_names(info.authors),
        fandoms=_names(info.fandoms),
        relationships=_names(info.relationships),
        characters=_names(info.characters),
        tags=_names(info.tags),
        series=tuple(
            SeriesPart(name, one.part if 0 <= (one.part or 0) < PARTS else None)
            for one in info.series
            for name in _names((one.name,))
        ),
        source_url=url if fits else None,
    )


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(_clipped(name, NAME_CHARS) for name in names if name.strip())[:NAMES]


def _clipped(text: str, limit_chars: int) -> str:
    return text if len(text) <= limit_chars else f"{text[: limit_chars - 1].rstrip()}…"


def write_line(work: NewWork) -> str:
    """The line that `parse_line` reads the same work from, without its newline."""
    info = work.info
    given: dict[str, object] = {
        "title": info.title,
        "authors": info.authors,
        "fandoms": info.fandoms,
        "relationships": info.relationships,
        "characters": info.characters,
        "tags": info.tags,
        "rating": info.rating,
        "warnings": info.warnings,
        "categories": info.categories,
        "language": info.language,
        "status": info.status,
        "summary": info.summary,
        "notes": info.notes,
        "series": [{"name": one.name, "part": one.part} for one in info.series],
        "published": info.published.isoformat() if info.published else None,
        "updated": info.updated.isoformat() if info.updated else None,
        "source_url": info.source_url,
        "words": info.words,
        "text_access": info.text_access,
        "chapters": [_chapter_row(one) for one in work.chapters],
    }
    # Only the title is required; what says nothing is left out.
    return json.dumps(
        {key: value for key, value in given.items() if value or key == "title"},
        ensure_ascii=False,
    )


def _chapter_row(chapter: Chapter) -> dict[str, object]:
    row: dict[str, object] = {"title": chapter.title, "text": chapter.text}
    if chapter.zones:
        row["zones"] = [(zone.kind.value, zone.start, zone.end) for zone in chapter.zones]
    if chapter.scenes:
        row["scenes"] = chapter.scenes
    return row


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    if len(where) > SHOWN_KEY_CHARS:
        where = f"{where[:SHOWN_KEY_CHARS]}…"
    kind = first["type"]
    if kind == "json_invalid":
        return "this is not JSON."
    if not where:
        return "this is not a JSON object with the keys of one work."
    if kind == "string_pattern_mismatch":  # a link is all that has a pattern
        return f"“{where}”: not a link that begins with http:// or https://."
    if kind == "extra_forbidden":
        return f"“{where}” is not a key of the format."
    if kind == "missing":
        return f"“{where}” is missing."
    return f"“{where}”: {first['msg'][:1].lower()}{first['msg'][1:]}."
