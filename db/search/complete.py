"""Suggestions while a member types."""

import sqlite3
from typing import Literal

from db.models import (
    ArchiveWarning,
    Category,
    Completion,
    Filters,
    NameField,
    Status,
    TagKind,
    Viewer,
)
from db.search.consent import QUOTABLE
from db.search.engine import suggest
from db.search.filters import condition
from db.search.language import Completing, completing
from db.search.normalise import normalise
from db.search.offers import Offer, offers
from db.vocabulary import LANGUAGES

LABEL_CHARS = 100  # Discord's limit on a choice's name, and on its value

CompletionField = Literal[
    "query", "work", "fandom", "character", "relationship", "freeform", "tag", "author"
]

_TAG_KINDS = ("freeform", "relationship", "character", "fandom")
_KINDS: dict[str, tuple[str, ...]] = {
    NameField.AUTHOR: ("author",),
    NameField.SERIES: ("series",),
    NameField.FANDOM: ("fandom",),
    NameField.CHARACTER: ("character",),
    NameField.RELATIONSHIP: ("relationship",),
    NameField.TAG: _TAG_KINDS,
    TagKind.FREEFORM: ("freeform",),
}
# The filters of a query that take one of a few words, as they are offered.
_DATES = ("<7d", "<30d", "<1y", ">1y")
_WORDS: dict[str, tuple[str, ...]] = {
    "rating": ("general", "teen", "<=teen", "mature", ">=mature", "explicit", "not rated"),
    "status": tuple(status.value for status in Status),
    "complete": ("yes", "no"),
    "crossover": ("yes", "no"),
    "warning": tuple(warning.value for warning in ArchiveWarning),
    "category": tuple(category.value for category in Category),
    "words": ("<1k", "<5k", "5k-20k", "20k-50k", "50k-100k", ">100k"),
    "updated": _DATES,
    "published": _DATES,
    "added": _DATES,
    "sort": ("best", "title", "author", "added", "updated", "words"),
    "lang": tuple(LANGUAGES),
}
# What would end a quoted value, as the query language reads it.
_NO_QUOTES = str.maketrans(dict.fromkeys('"“”„‟«»＂'))
_QUOTED_IF = frozenset("()|")


def complete(
    conn: sqlite3.Connection,
    guild_id: int,
    field: CompletionField,
    text: str,
    viewer: Viewer,
    limit: int = 25,
) -> list[Completion]:
    """Works ("query", "work") as "Title — Author" with value `#work_id`, or names with counts.

    A query that ends in a filter is offered with values of that filter, as whole queries.
    """
    text = text.encode(errors="replace").decode()  # half a character is in no name
    if field in ("query", "work"):
        typed = completing(text) if field == "query" else None
        queries = _queries(conn, guild_id, typed, viewer, limit) if typed else []
        return queries or _works(conn, guild_id, text, viewer, limit)
    return [
        Completion(_counted(offer), offer.name)
        for offer in _names(conn, guild_id, field, text, viewer, limit)
    ]


def _works(
    conn: sqlite3.Connection, guild_id: int, text: str, viewer: Viewer, limit: int
) -> list[Completion]:
    suggestions: list[Completion] = []
    for work_id in suggest(conn, guild_id, text, viewer, limit):
        title, opening, authors = conn.execute(
            f"SELECT title, iif({QUOTABLE}, opening, ''), "
            "(SELECT group_concat(name, ', ') FROM "
            "(SELECT name FROM work_authors JOIN authors USING (author_id) "
            "WHERE work_authors.work_id = w.work_id ORDER BY position)) "
            "FROM works AS w WHERE work_id = ?",
            (work_id,),
        ).fetchone()
        name = title or (f"Untitled (“{opening}…”)" if opening else "Untitled")
        label = f"{name} — {authors}" if authors else name
        suggestions.append(Completion(_clip(label, LABEL_CHARS), f"#{work_id}"))
    return suggestions


def _names(
    conn: sqlite3.Connection, guild_id: int, field: str, text: str, viewer: Viewer, limit: int
) -> list[Offer]:
    rules = condition(conn, guild_id, Filters(), viewer)
    found = offers(conn, guild_id, _KINDS[field], text, rules, limit)
    # A name is also the value sent back, and must come back whole.
    return [offer for offer in found if len(offer.name) <= LABEL_CHARS]


def _queries(
    conn: sqlite3.Connection, guild_id: int, typed: Completing, viewer: Viewer, limit: int
) -> list[Completion]:
    """Whole queries that end in a value of the filter that is being typed."""
    # An archive warning is a tag too, once it is being typed.
    field = "warning" if typed.field == NameField.TAG and typed.value.strip() else typed.field
    words = [value for value in _WORDS.get(field, ()) if _begins(value, typed.value)]
    names: list[str] = []
    if typed.field in _KINDS:
        most = max(limit - len(words), 0)
        found = _names(conn, guild_id, typed.field, typed.value, viewer, most)
        names = [offer.name for offer in found]
    # A name in quotation marks is that name alone: "Spike" is not every Spike.
    values = dict.fromkeys([*map(_quoted, names), *map(_as_value, words)])
    queries = [typed.head + value for value in values]
    return [Completion(one, one) for one in queries if len(one) <= LABEL_CHARS][:limit]


def _begins(value: str, typed: str) -> bool:
    """Whether a value begins as typed, or one of its words does."""
    typed = typed.strip().casefold()
    if value.casefold().startswith(typed):
        return True
    words = normalise(typed) if typed[:1].isalnum() else ""  # "<5" is no word
    return bool(words) and f" {words}" in f" {normalise(value)}"


def _as_value(value: str) -> str:
    """A value as it is typed into a query."""
    is_bare = not any(char.isspace() or char in _QUOTED_IF for char in value)
    return value if is_bare else _quoted(value)


def _quoted(value: str) -> str:
    return f'"{value.translate(_NO_QUOTES)}"'


def _counted(offer: Offer) -> str:
    more = f" ({offer.works:,}{'+' if offer.is_floor else ''})"
    return _clip(offer.name, LABEL_CHARS - len(more)) + more


def _clip(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
