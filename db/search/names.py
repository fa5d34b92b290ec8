"""Names in queries: which tags, authors and series a typed name means.

A name is found by its key, a nickname, its words, or its words corrected, in that order; what
it stands for is widened from a tag to its synonyms and subtags, as AO3 does.
"""

import json
import re
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from db.models import ArchiveWarning, Category, NameField, TagKind
from db.search.documents import shard_of
from db.search.normalise import normalise, tag_key
from db.search.spelling import corrections, known
from db.vocabulary import CATEGORIES, WARNINGS

MOST_MEANT = 500  # names that one typed name may mean
MOST_WORDS = 12  # of a typed name that are looked at
CORRECTIONS = 3  # known words that a mistyped one is taken for

_TAGS = tuple(kind.value for kind in TagKind)
# What a field's names are kept as.
_KINDS: dict[NameField, tuple[str, ...]] = {
    NameField.AUTHOR: ("author",),
    NameField.SERIES: ("series",),
    NameField.FANDOM: ("fandom",),
    NameField.CHARACTER: ("character",),
    NameField.RELATIONSHIP: ("relationship",),
    NameField.TAG: _TAGS,
    NameField.WARNING: (),
    NameField.CATEGORY: (),
}
_TABLES = {
    "author": "SELECT author_id, name FROM authors WHERE guild_id = :guild AND name_key = :key",
    "series": "SELECT series_id, name FROM series WHERE guild_id = :guild AND name_key = :key",
}
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # no name in the file holds these
_SIDES = re.compile(r"\s*[/&]\s*|\s+[x×]\s+")


@dataclass(frozen=True, slots=True)
class Meant:
    """What a name means; a work has it by any of these. `tags` are widened to their families.

    `is_sure` is whether a whole name or nickname was typed; `corrected` is what it was taken
    for where it was mistyped.
    """

    tags: tuple[int, ...] = ()
    authors: tuple[int, ...] = ()
    series: tuple[int, ...] = ()
    warnings: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    is_sure: bool = False
    corrected: str | None = None

    def __bool__(self) -> bool:
        return bool(self.tags or self.authors or self.series or self.warnings or self.categories)


def index_name(conn: sqlite3.Connection, guild_id: int, kind: str, name_id: int, name: str) -> None:
    """Make a new name findable by its words."""
    conn.executemany(
        "INSERT OR IGNORE INTO search_names (guild_id, kind, word, name_id) VALUES (?, ?, ?, ?)",
        [(guild_id, kind, word, name_id) for word in dict.fromkeys(normalise(name).split())],
    )


def unindex_name(
    conn: sqlite3.Connection, guild_id: int, kind: str, name_id: int, name: str
) -> None:
    """Make a name no longer findable by the words that it had."""
    conn.executemany(
        "DELETE FROM search_names WHERE guild_id = ? AND kind = ? AND word = ? AND name_id = ?",
        [(guild_id, kind, word, name_id) for word in dict.fromkeys(normalise(name).split())],
    )


def index_all_names(conn: sqlite3.Connection) -> None:
    """Make every name of the library findable, in place of what was indexed."""
    conn.execute("DELETE FROM search_names")
    for guild_id, kind, name_id, name in conn.execute(
        "SELECT guild_id, kind, tag_id, name FROM tags "
        "UNION ALL SELECT guild_id, 'author', author_id, name FROM authors "
        "UNION ALL SELECT guild_id, 'series', series_id, name FROM series"
    ).fetchall():
        index_name(conn, guild_id, kind, name_id, name)


def meant(
    conn: sqlite3.Connection, guild_id: int, field: NameField, text: str, *, whole: bool = False
) -> Meant:
    """What a name means in that server; nothing of what it means is a false `Meant`.

    `whole` prefers the name as it is ("Spike" alone) to all names with its words in them.
    """
    text = _UNSTORABLE.sub(" ", text)
    exact = exactly(conn, guild_id, field, text)
    if exact and whole:
        return exact
    is_pairing = field is NameField.RELATIONSHIP
    words = normalise(_SIDES.sub(" ", text) if is_pairing else text).split()[:MOST_WORDS]
    if not words:
        return exact
    found = _by_words(conn, guild_id, field, text, [[word] for word in words])
    if exact or found:
        return _joined(exact, found)
    choices = _corrected(conn, guild_id, words)
    found = _by_words(conn, guild_id, field, text, choices)
    return replace(found, corrected=" ".join(each[0] for each in choices)) if found else found


def family(conn: sqlite3.Connection, tag_ids: Iterable[int]) -> list[int]:
    """The tags that those tags stand for: their canonical tags, all below, and all synonyms."""
    return [
        row[0]
        for row in conn.execute(
            "WITH RECURSIVE member (tag_id) AS ("
            " SELECT ifnull(canonical_id, tag_id) FROM tags"
            "  WHERE tag_id IN (SELECT value FROM json_each(?))"
            " UNION SELECT p.tag_id FROM member JOIN tag_parents AS p"
            "  ON p.parent_id = member.tag_id) "
            "SELECT tag_id FROM member "
            "UNION SELECT t.tag_id FROM member JOIN tags AS t ON t.canonical_id = member.tag_id",
            (json.dumps(list(tag_ids)),),
        )
    ]


def exactly(conn: sqlite3.Connection, guild_id: int, field: NameField, text: str) -> Meant:
    """What has just that name, or that nickname."""
    text = _UNSTORABLE.sub(" ", text)
    plain = text.strip().casefold()
    key = normalise(text)
    named: dict[str, list[int]] = {}
    for kind in _KINDS[field]:
        if kind in _TABLES:
            rows = conn.execute(_TABLES[kind], {"guild": guild_id, "key": key or plain})
            named[kind] = [row[0] for row in rows]
        else:
            named.setdefault("tag", []).extend(_tags_named(conn, guild_id, kind, text))
    warnings: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    if field in (NameField.WARNING, NameField.TAG):
        by_key = {normalise(one): one.value for one in ArchiveWarning}
        warning = by_key.get(key) or (WARNINGS.get(plain) if field is NameField.WARNING else None)
        warnings = (warning,) if warning else ()
    if field in (NameField.CATEGORY, NameField.TAG):
        category = CATEGORIES.get(plain)
        categories = (category.value,) if category and _may_be_category(field, plain) else ()
    return Meant(
        tags=tuple(family(conn, named.get("tag", ()))),
        authors=tuple(named.get("author", ())),
        series=tuple(named.get("series", ())),
        warnings=warnings,
        categories=categories,
        is_sure=True,
    )


def _may_be_category(field: NameField, plain: str) -> bool:
    # As a tag, "general" or "other" means anything; "F/F" is the category.
    return field is NameField.CATEGORY or plain in {one.value.casefold() for one in Category} - {
        "other", "multi"
    }  # fmt: skip


def _tags_named(conn: sqlite3.Connection, guild_id: int, kind: str, text: str) -> list[int]:
    names = [text] + [
        row[0]
        for row in conn.execute(
            "SELECT name FROM nicknames WHERE kind = :kind "
            "AND (guild_id IS NULL OR guild_id = :guild) AND nickname = :nickname COLLATE NOCASE",
            {"guild": guild_id, "kind": kind, "nickname": text.strip()},
        )
    ]
    keys = [tag_key(TagKind(kind), name) for name in names]
    return [
        row[0]
        for row in conn.execute(
            "SELECT tag_id FROM tags WHERE guild_id = ? AND kind = ? "
            "AND name_key IN (SELECT value FROM json_each(?))",
            (guild_id, kind, json.dumps(keys)),
        )
    ]


def _by_words(
    conn: sqlite3.Connection,
    guild_id: int,
    field: NameField,
    text: str,
    choices: Sequence[Sequence[str]],
) -> Meant:
    """What has one of each word's choices in its name."""
    found: dict[str, list[int]] = {}
    for kind in _KINDS[field]:
        ids = _with_words(conn, guild_id, kind, choices)
        if kind == "relationship" and len(sides := _SIDES.split(text)) > 1:
            ids = _between(conn, ids, text, sides, choices)
        found.setdefault(kind if kind in _TABLES else "tag", []).extend(ids)
    warnings: tuple[str, ...] = ()
    if field is NameField.WARNING:
        wanted = [set(each) for each in choices]
        warnings = tuple(
            one.value
            for one in ArchiveWarning
            if all(each & set(normalise(one).split()) for each in wanted)
        )
    return Meant(
        tags=tuple(family(conn, found.get("tag", ()))),
        authors=tuple(found.get("author", ())),
        series=tuple(found.get("series", ())),
        warnings=warnings,
    )


def _with_words(
    conn: sqlite3.Connection, guild_id: int, kind: str, choices: Sequence[Sequence[str]]
) -> list[int]:
    # The longest word is likely the rarest: the others are looked up for what has that one.
    first, *others = sorted(choices, key=lambda each: -max(map(len, each)))
    parameters: dict[str, object] = {"guild": guild_id, "kind": kind, "w0": json.dumps(first)}
    conditions = ""
    for number, words in enumerate(others, start=1):
        parameters[f"w{number}"] = json.dumps(words)
        conditions += (
            " AND EXISTS (SELECT 1 FROM search_names AS o WHERE o.guild_id = :guild "
            "AND o.kind = :kind AND o.name_id = n.name_id "
            f"AND o.word IN (SELECT value FROM json_each(:w{number})))"
        )
    return [
        row[0]
        for row in conn.execute(
            "SELECT DISTINCT n.name_id FROM search_names AS n WHERE n.guild_id = :guild "
            f"AND n.kind = :kind AND n.word IN (SELECT value FROM json_each(:w0)){conditions} "
            f"LIMIT {MOST_MEANT}",
            parameters,
        )
    ]


def _between(
    conn: sqlite3.Connection,
    ids: Sequence[int],
    text: str,
    sides: Sequence[str],
    choices: Sequence[Sequence[str]],
) -> list[int]:
    """Of those relationships, the ones whose every side answers another one of the sides typed.

    `/` is romantic and `&` is not, as on AO3.
    """
    words = normalise(_SIDES.sub(" ", text)).split()
    options = {word: set(each) for word, each in zip(words, choices, strict=False)}
    wanted = [[options.get(w, {w}) for w in normalise(side).split()] for side in sides]
    wanted = [side for side in wanted if side]
    mark = "&" if "&" in text else "/"
    found: list[int] = []
    for tag_id, name in conn.execute(
        "SELECT tag_id, name FROM tags WHERE tag_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    ):
        left = [set(normalise(side).split()) for side in _SIDES.split(name)]
        for side in wanted:
            answers = [people for people in left if all(each & people for each in side)]
            if not answers:
                break
            left.remove(min(answers, key=len))
        else:
            if mark in name:
                found.append(tag_id)
    return found


def _corrected(conn: sqlite3.Connection, guild_id: int, words: Sequence[str]) -> list[list[str]]:
    """For each word itself if it is known here, else the likeliest of the known ones."""
    shard_no = shard_of(conn, guild_id)
    standing = known(conn, shard_no, words)
    return [
        [word]
        if word in standing
        else [one.word for one in corrections(conn, shard_no, word, CORRECTIONS)] or [word]
        for word in words
    ]


def _joined(one: Meant, other: Meant) -> Meant:
    return Meant(
        tags=tuple(dict.fromkeys((*one.tags, *other.tags))),
        authors=tuple(dict.fromkeys((*one.authors, *other.authors))),
        series=tuple(dict.fromkeys((*one.series, *other.series))),
        warnings=tuple(dict.fromkeys((*one.warnings, *other.warnings))),
        categories=tuple(dict.fromkeys((*one.categories, *other.categories))),
        is_sure=one.is_sure,
    )
