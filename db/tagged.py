"""Tags by their names, and the works that they are found by."""

import json
import sqlite3
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass

from db.errors import BadInput, NotFound
from db.models import Completion, Filters, TagKind, Viewer
from db.search import condition, index_works
from db.search.consent import WELCOME
from db.search.names import family
from db.search.normalise import normalise, tag_key
from db.works import clean

SHOWN_CHARS = 80  # of a name in a sentence
CHOICE_CHARS = 100  # Discord's limit on a choice's name, and on its value

KINDS = {
    TagKind.FANDOM: "fandom",
    TagKind.CHARACTER: "character",
    TagKind.RELATIONSHIP: "relationship",
    TagKind.FREEFORM: "freeform tag",
}


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag, and the one that it stands for: itself, unless it is a synonym."""

    tag_id: int
    name: str
    canonical_id: int
    canonical_name: str

    @property
    def is_synonym(self) -> bool:
        """Whether it stands for another one."""
        return self.tag_id != self.canonical_id

    def canonical(self) -> "Tag":
        """The tag that it stands for."""
        return Tag(self.canonical_id, self.canonical_name, self.canonical_id, self.canonical_name)


def named(conn: sqlite3.Connection, guild_id: int, kind: TagKind, name: str) -> Tag:
    """The tag of that name, a synonym itself; else the canonical one of that nickname.

    Raises:
        NotFound: there is none in that server.
        BadInput: no name, or a nickname of several tags.
    """
    name = " ".join(clean(name).split())
    if not name:
        raise BadInput("Which tag? Type its name.")
    if found := by_key(conn, guild_id, kind, tag_key(kind, name)):
        return found
    meant = {
        tag.canonical_id: tag.canonical()
        for (called,) in conn.execute(
            "SELECT name FROM nicknames WHERE kind = ? AND (guild_id IS NULL OR guild_id = ?) "
            "AND nickname = ? COLLATE NOCASE",
            (kind.value, guild_id, name),
        )
        if (tag := by_key(conn, guild_id, kind, tag_key(kind, called)))
    }
    if len(meant) > 1:
        several = ", ".join(said(tag.name) for tag in meant.values())
        raise BadInput(f"{said(name)} is a nickname of several: {several}. Which one?")
    if not meant:
        raise NotFound(_unknown(conn, guild_id, kind, name))
    (tag,) = meant.values()
    return tag


def by_key(conn: sqlite3.Connection, guild_id: int, kind: TagKind, key: str) -> Tag | None:
    """The server's tag of that folded name (see `tag_key`)."""
    row = conn.execute(
        "SELECT t.tag_id, t.name, c.tag_id, c.name FROM tags AS t "
        "JOIN tags AS c ON c.tag_id = ifnull(t.canonical_id, t.tag_id) "
        "WHERE t.guild_id = ? AND t.kind = ? AND t.name_key = ?",
        (guild_id, kind.value, key),
    ).fetchone()
    return Tag(*row) if row else None


def _unknown(conn: sqlite3.Connection, guild_id: int, kind: TagKind, name: str) -> str:
    for other in TagKind:
        if other is not kind and (tag := by_key(conn, guild_id, other, tag_key(other, name))):
            return f"{said(tag.name)} is a {KINDS[other]} here, and no {KINDS[kind]}."
    return (
        f"There is no {KINDS[kind]} {said(name)} in this server's library. "
        "Choose one of those that are offered while typing."
    )


def names_of(conn: sqlite3.Connection, tag: Tag) -> list[str]:
    """The names of a canonical tag and of its synonyms."""
    return [
        row[0]
        for row in conn.execute(
            "SELECT name FROM tags WHERE tag_id = ?1 OR canonical_id = ?1", (tag.tag_id,)
        )
    ]


def below(conn: sqlite3.Connection, tag_id: int) -> set[int]:
    """All tags below a tag."""
    return {
        row[0]
        for row in conn.execute(
            "WITH RECURSIVE below (tag_id) AS ("
            " SELECT tag_id FROM tag_parents WHERE parent_id = ?"
            " UNION SELECT p.tag_id FROM below JOIN tag_parents AS p"
            "  ON p.parent_id = below.tag_id) SELECT tag_id FROM below",
            (tag_id,),
        )
    }


def complete_synonyms(
    conn: sqlite3.Connection, guild_id: int, kind: TagKind, text: str, viewer: Viewer, limit: int
) -> list[Completion]:
    """Synonyms with the tags they stand for, those of works that the viewer may see here."""
    rules = condition(conn, guild_id, Filters(), viewer)
    return [
        Completion(f"{name} → {canonical}", name)
        for name, canonical in conn.execute(
            "SELECT t.name, c.name FROM tags AS t JOIN tags AS c ON c.tag_id = t.canonical_id "
            "WHERE t.guild_id = :guild AND t.kind = :tag_kind AND length(t.name) <= :longest "
            "AND (instr(t.name_key, :typed) OR instr(c.name_key, :typed)) "
            "AND EXISTS (SELECT 1 FROM work_tags AS x CROSS JOIN works AS w "
            f"ON w.work_id = x.work_id WHERE x.tag_id = t.tag_id AND {rules.shown}) "
            "ORDER BY t.name_key LIMIT :most",
            {
                **rules.parameters,
                "guild": guild_id,
                "tag_kind": kind.value,
                "longest": CHOICE_CHARS,
                "typed": normalise(text),
                "most": limit,
            },
        )
    ]


@contextmanager
def reindexed(conn: sqlite3.Connection, guild_id: int, *tag_ids: int) -> Generator[None]:
    """Index anew the works that those tags' families have, once what is done within is done.

    A work is indexed with its tags' names, those of their synonyms and nicknames, and those of
    all tags above them: so a change of a tag concerns the tags below it, and nothing else. No
    change here gives a family a tag that none of those had before.
    """
    works = _works(conn, guild_id, family(conn, tag_ids))
    yield
    # It takes them out as they stand in the index, whatever has changed meanwhile.
    index_works(conn, guild_id, works)


def _works(
    conn: sqlite3.Connection, guild_id: int, tag_ids: Iterable[int], rule: str = "1"
) -> list[int]:
    """The published works that have any of those tags."""
    return [
        row[0]
        for row in conn.execute(
            "SELECT w.work_id FROM works AS w WHERE guild_id = ? AND state = 'published' "
            "AND work_id IN (SELECT work_id FROM work_tags WHERE tag_id IN "
            f"(SELECT value FROM json_each(?))) AND {rule}",
            (guild_id, json.dumps(list(tag_ids))),
        )
    ]


def count(conn: sqlite3.Connection, guild_id: int, tag_ids: Iterable[int]) -> int:
    """How many works with any of those tags members can find."""
    return len(_works(conn, guild_id, tag_ids, WELCOME))


def found(conn: sqlite3.Connection, guild_id: int, tag: Tag) -> int:
    """How many works members find by a tag."""
    return count(conn, guild_id, family(conn, [tag.tag_id]))


def said(name: str) -> str:
    """A name as it stands in a sentence."""
    short = name if len(name) <= SHOWN_CHARS else name[: SHOWN_CHARS - 1].rstrip() + "…"
    return f"“{short}”"
