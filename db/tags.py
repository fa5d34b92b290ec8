"""A server's tags as its moderators keep them: synonyms, spellings, subtags and nicknames.

Works keep the tags that their authors gave them; what changes is what a tag is found by. Every
function brings the index of the works concerned up to date, in the caller's transaction.

Each raises NotFound where no tag of that kind has the name, and BadInput where a nickname stands
for several tags. Tags are found by their names, their synonyms' names and their nicknames.
"""

import json
import sqlite3
from datetime import datetime

from db import audit, gazetteer
from db.errors import BadInput, Conflict, LibraryError, NotFound
from db.keeping import NAME_LIMIT_CHARS
from db.models import TagChange, TagKind
from db.search.names import index_name, unindex_name
from db.search.normalise import name_key, normalise, tag_key
from db.tagged import KINDS, Tag, below, by_key, count, found, named, names_of, reindexed, said
from db.works import clean

NICKNAME_LIMIT_CHARS = 100
NICKNAMES_LIMIT = 25  # of one tag; each is indexed with every work of it


def merge(
    conn: sqlite3.Connection,
    guild_id: int,
    kind: TagKind,
    name: str,
    into: str,
    *,
    by: int | None,
    now: datetime,
) -> TagChange:
    """Make a tag a synonym of another one, with its synonyms, subtags, parents and nicknames.

    Works keep the tag as their author wrote it. A tag that is a synonym already leaves the one
    that it stood for. `works` are those found by either.

    Raises:
        Conflict: they are the same already, or one is above the other.
    """
    tag = named(conn, guild_id, kind, name)
    typed = named(conn, guild_id, kind, into)
    other = typed.canonical()
    if tag.tag_id == typed.canonical_id and typed.is_synonym:
        raise Conflict(_turned_round(tag, typed))
    if tag.canonical_id == other.tag_id:
        raise Conflict(f"{said(tag.name)} and {said(typed.name)} are the same tag already.")
    if other.tag_id in below(conn, tag.tag_id) or tag.tag_id in below(conn, other.tag_id):
        raise Conflict(
            f"One of {said(tag.name)} and {said(other.name)} is below the other. "
            "Use /library tag parent to change that first."
        )
    with reindexed(conn, guild_id, tag.tag_id, other.tag_id):
        conn.execute(
            "UPDATE tags SET canonical_id = ?1 WHERE tag_id = ?2 OR canonical_id = ?2",
            (other.tag_id, tag.tag_id),
        )
        # Neither is above the other, so what goes over makes no circle.
        for column in ("tag_id", "parent_id"):
            conn.execute(
                f"UPDATE OR IGNORE tag_parents SET {column} = ? WHERE {column} = ?",
                (other.tag_id, tag.tag_id),
            )
        conn.execute("DELETE FROM tag_parents WHERE ? IN (tag_id, parent_id)", (tag.tag_id,))
        _move_nicknames(conn, guild_id, kind, tag.name, other.name)
    audit.record(
        conn, guild_id, "merge tags", by=by, now=now, detail=f"{tag.name} into {other.name}"
    )
    return TagChange(tag.name, other.name, found(conn, guild_id, other))


def unmerge(
    conn: sqlite3.Connection,
    guild_id: int,
    kind: TagKind,
    name: str,
    *,
    by: int | None,
    now: datetime,
) -> TagChange:
    """Let a synonym stand for itself again; subtags and nicknames stay where they are.

    Raises Conflict where the tag is no synonym.
    """
    tag = named(conn, guild_id, kind, name)
    if not tag.is_synonym:
        raise Conflict(f"{said(tag.name)} is no synonym: it stands for itself.")
    with reindexed(conn, guild_id, tag.tag_id):
        conn.execute("UPDATE tags SET canonical_id = NULL WHERE tag_id = ?", (tag.tag_id,))
    audit.record(
        conn, guild_id, "split tags", by=by, now=now, detail=f"{tag.name} from {tag.canonical_name}"
    )
    return TagChange(tag.name, tag.canonical_name, count(conn, guild_id, [tag.tag_id]))


def rename(
    conn: sqlite3.Connection,
    guild_id: int,
    kind: TagKind,
    name: str,
    to: str,
    *,
    by: int | None,
    now: datetime,
) -> TagChange:
    """Spell a tag otherwise, on all works; its nicknames, those that are shipped too, go along.

    Raises Conflict where there is a tag of that name, and BadInput for what can be no name.
    """
    tag = named(conn, guild_id, kind, name)
    to = _checked(to, "name", NAME_LIMIT_CHARS)
    if ";" in to:  # it parts names where works are edited
        raise BadInput("A name cannot have a semicolon in it.")
    if to == tag.name:
        raise Conflict(f"{said(tag.name)} is spelt so already.")
    key = tag_key(kind, to)
    there = by_key(conn, guild_id, kind, key)
    if there and there.tag_id != tag.tag_id:
        raise Conflict(
            _turned_round(tag, there)
            if there.canonical_id == tag.tag_id
            else f"There is a {KINDS[kind]} {said(there.name)} already. "
            f"Use /library tag merge to make {said(tag.name)} one with it."
        )
    with reindexed(conn, guild_id, tag.tag_id):
        unindex_name(conn, guild_id, kind.value, tag.tag_id, tag.name)
        conn.execute(
            "UPDATE tags SET name = ?, name_key = ? WHERE tag_id = ?", (to, key, tag.tag_id)
        )
        index_name(conn, guild_id, kind.value, tag.tag_id, to)
        _copy_shipped_nicknames(conn, guild_id, kind, tag.name, to)
        _move_nicknames(conn, guild_id, kind, tag.name, to)
    gazetteer.rename(conn, guild_id, kind, tag.name, to)
    if kind is TagKind.FANDOM:
        _rename_daily_fandom(conn, guild_id, tag.name, to)
    audit.record(conn, guild_id, "rename tag", by=by, now=now, detail=f"{tag.name} to {to}")
    return TagChange(tag.name, to, count(conn, guild_id, [tag.tag_id]))


def set_parent(
    conn: sqlite3.Connection,
    guild_id: int,
    kind: TagKind,
    name: str,
    parent: str | None,
    *,
    by: int | None,
    now: datetime,
) -> TagChange:
    """Put a tag below another one, in place of those it was below; None: below none.

    Both are canonical tags: of a synonym, the tag that it stands for. Raises Conflict for a
    circle, and where nothing would change.
    """
    tag = named(conn, guild_id, kind, name).canonical()
    above = named(conn, guild_id, kind, parent).canonical() if parent is not None else None
    parents = dict(
        conn.execute(
            "SELECT parent_id, name FROM tag_parents JOIN tags ON tags.tag_id = parent_id "
            "WHERE tag_parents.tag_id = ? ORDER BY name",
            (tag.tag_id,),
        ).fetchall()
    )
    if above is None:
        if not parents:
            raise Conflict(f"{said(tag.name)} is below no other tag.")
    elif above.tag_id == tag.tag_id:
        raise Conflict(f"{said(tag.name)} cannot be below itself.")
    elif set(parents) == {above.tag_id}:
        raise Conflict(f"{said(tag.name)} is below {said(above.name)} already.")
    elif above.tag_id in below(conn, tag.tag_id):
        raise Conflict(
            f"{said(above.name)} is below {said(tag.name)}, so it cannot be above it too."
        )
    with reindexed(conn, guild_id, tag.tag_id):
        conn.execute("DELETE FROM tag_parents WHERE tag_id = ?", (tag.tag_id,))
        if above:
            conn.execute("INSERT INTO tag_parents VALUES (?, ?)", (tag.tag_id, above.tag_id))
    audit.record(
        conn,
        guild_id,
        "set parent",
        by=by,
        now=now,
        detail=f"{tag.name} below {above.name if above else 'none'}",
    )
    return TagChange(
        tag.name,
        above.name if above else None,
        found(conn, guild_id, tag),
        former=tuple(
            name for tag_id, name in parents.items() if not above or tag_id != above.tag_id
        ),
    )


def add_nickname(
    conn: sqlite3.Connection,
    guild_id: int,
    kind: TagKind,
    name: str,
    nickname: str,
    *,
    by: int | None,
    now: datetime,
) -> TagChange:
    """Let members find a tag by another name, which no work has.

    Raises Conflict where that finds the tag already, or it has `NICKNAMES_LIMIT`; BadInput for
    what can be no nickname.
    """
    tag = named(conn, guild_id, kind, name).canonical()
    nickname = _checked(nickname, "nickname", NICKNAME_LIMIT_CHARS)
    own, shipped = _nicknames(conn, guild_id, kind, tag)
    names = [*names_of(conn, tag), *own, *shipped]
    if tag_key(kind, nickname) in {tag_key(kind, one) for one in names}:
        raise Conflict(f"{said(nickname)} finds {said(tag.name)} already.")
    if len(own) >= NICKNAMES_LIMIT:
        raise Conflict(f"{said(tag.name)} has {len(own)} nicknames, which is all it can have.")
    with reindexed(conn, guild_id, tag.tag_id):
        conn.execute(
            "INSERT INTO nicknames (guild_id, kind, name, nickname) VALUES (?, ?, ?, ?)",
            (guild_id, kind.value, tag.name, nickname),
        )
    audit.record(
        conn, guild_id, "add nickname", by=by, now=now, detail=f"{nickname} for {tag.name}"
    )
    return TagChange(tag.name, nickname, found(conn, guild_id, tag))


def remove_nickname(
    conn: sqlite3.Connection,
    guild_id: int,
    kind: TagKind,
    name: str,
    nickname: str,
    *,
    by: int | None,
    now: datetime,
) -> TagChange:
    """Take away a nickname that the server gave a tag.

    Raises NotFound where the tag has no such nickname, and Conflict for one that is shipped.
    """
    tag = named(conn, guild_id, kind, name).canonical()
    own, shipped = _nicknames(conn, guild_id, kind, tag)
    key = tag_key(kind, clean(nickname))
    if any(tag_key(kind, one) == key for one in shipped):
        raise Conflict(f"{said(nickname)} came with the bot. It cannot be taken away.")
    going = [one for one in own if tag_key(kind, one) == key]
    if not going:
        raise NotFound(f"{said(nickname)} is no nickname of {said(tag.name)}.")
    named_so = json.dumps(names_of(conn, tag))
    with reindexed(conn, guild_id, tag.tag_id):
        conn.executemany(
            "DELETE FROM nicknames WHERE guild_id = ? AND kind = ? AND nickname = ? "
            "AND name IN (SELECT value FROM json_each(?))",
            [(guild_id, kind.value, one, named_so) for one in going],
        )
    audit.record(
        conn, guild_id, "remove nickname", by=by, now=now, detail=f"{going[0]} for {tag.name}"
    )
    return TagChange(tag.name, going[0], found(conn, guild_id, tag))


def nicknames(conn: sqlite3.Connection, guild_id: int, kind: TagKind, name: str) -> list[str]:
    """The nicknames that the server gave a tag; none where there is no such tag."""
    try:
        tag = named(conn, guild_id, kind, name).canonical()
    except LibraryError:
        return []
    return sorted(_nicknames(conn, guild_id, kind, tag)[0])


# What goes along


def _nicknames(
    conn: sqlite3.Connection, guild_id: int, kind: TagKind, tag: Tag
) -> tuple[list[str], list[str]]:
    """The server's own nicknames of a canonical tag, and the shipped ones."""
    own: list[str] = []
    shipped: list[str] = []
    for owner, nickname in conn.execute(
        "SELECT guild_id, nickname FROM nicknames WHERE (guild_id IS NULL OR guild_id = ?) "
        "AND kind = ? AND name IN (SELECT value FROM json_each(?))",
        (guild_id, kind.value, json.dumps(names_of(conn, tag))),
    ):
        (shipped if owner is None else own).append(nickname)
    return own, shipped


def _move_nicknames(
    conn: sqlite3.Connection, guild_id: int, kind: TagKind, name: str, to: str
) -> None:
    conn.execute(
        "UPDATE OR REPLACE nicknames SET name = ? WHERE guild_id = ? AND kind = ? AND name = ?",
        (to, guild_id, kind.value, name),
    )
    # What is shipped for that name need not be the server's own as well.
    conn.execute(
        "DELETE FROM nicknames WHERE guild_id = ?1 AND kind = ?2 AND name = ?3 AND nickname IN "
        "(SELECT nickname FROM nicknames WHERE guild_id IS NULL AND kind = ?2 AND name = ?3)",
        (guild_id, kind.value, to),
    )


def _copy_shipped_nicknames(
    conn: sqlite3.Connection, guild_id: int, kind: TagKind, name: str, to: str
) -> None:
    # They belong to the shipped name, which this server now spells otherwise.
    conn.execute(
        "INSERT OR IGNORE INTO nicknames (guild_id, kind, name, nickname) "
        "SELECT ?, kind, ?, nickname FROM nicknames AS n WHERE guild_id IS NULL AND kind = ? "
        "AND name = ?",
        (guild_id, to, kind.value, name),
    )


def _rename_daily_fandom(conn: sqlite3.Connection, guild_id: int, name: str, to: str) -> None:
    """Schedules keep their fandom by name."""
    for schedule_id, fandom in conn.execute(
        "SELECT schedule_id, fandom FROM schedules WHERE guild_id = ? AND fandom IS NOT NULL",
        (guild_id,),
    ).fetchall():
        if name_key(fandom) == name_key(name):
            conn.execute("UPDATE schedules SET fandom = ? WHERE schedule_id = ?", (to, schedule_id))


# What is typed and said


def _checked(typed: str, what: str, limit: int) -> str:
    """A name as it is kept."""
    name = " ".join(clean(typed).split())
    if not normalise(name):
        raise BadInput(f"A {what} needs a letter or a digit at least.")
    if len(name) > limit:
        raise BadInput(f"That {what} has {len(name)} characters; at most {limit} are kept.")
    return name


def _turned_round(tag: Tag, synonym: Tag) -> str:
    return (
        f"{said(synonym.name)} stands for {said(tag.name)} already. To turn them round, use "
        "/library tag split on it first, and /library tag merge then."
    )
