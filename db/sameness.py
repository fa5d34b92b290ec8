"""Whether a work that comes in is one that stands: by its link, its name, or its text."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from db.models import NewWork, Work, WorkInfo, WorkState
from db.search.normalise import name_key
from db.sharing import LEAST_SHARE, Shared, compared, sharing, sketch_of
from db.sketches import Sketch
from db.texts import content_hash
from db.works import load_work, source_key

COPY_SHARE = 0.8  # of the shorter text in the longer one: 5% of words changed leave .7 to .8


class Basis(Enum):
    """What tells that two works are one."""

    LINK = auto()
    NAME = auto()  # title and authors
    TEXT = auto()


@dataclass(frozen=True, slots=True)
class Match:
    """The standing work that a new one is a copy of; `shared` is None where one has no text, or
    too short a one."""

    work: Work
    basis: Basis
    shared: Shared | None

    @property
    def is_of_other_text(self) -> bool:
        """Both have texts, and they share nothing to speak of."""
        shared = self.shared
        return shared is not None and max(shared.contained, shared.containing) < LEAST_SHARE


def find_same(
    conn: sqlite3.Connection,
    guild_id: int,
    new: NewWork,
    states: Sequence[WorkState] = (WorkState.PUBLISHED, WorkState.REMOVED),
) -> Match | None:
    """The work of this server that the new one is a copy of."""
    told = sketch_of(new)
    for basis, found in (
        (Basis.LINK, _by_link(conn, guild_id, new.info, states)),
        (Basis.NAME, _by_name(conn, guild_id, new, states)),
    ):
        if found is not None:
            match = Match(found, basis, compared(conn, found.work_id, told))
            # Two stories of one name by one author: "Drabble", "Untitled", "Chapter 2".
            if basis is Basis.LINK or not match.is_of_other_text:
                return match
    return _by_text(conn, guild_id, new, states, told)


def _by_link(
    conn: sqlite3.Connection, guild_id: int, info: WorkInfo, states: Sequence[WorkState]
) -> Work | None:
    key = source_key(info.source_url)
    if not key:
        return None
    # The + keeps the planner from the index by state, which nearly every work matches.
    row = conn.execute(
        "SELECT work_id FROM works WHERE guild_id = ? AND source_key = ? "
        f"AND +state IN ({_marks(states)})",
        (guild_id, key, *states),
    ).fetchone()
    return load_work(conn, guild_id, row[0]) if row else None


def _by_name(
    conn: sqlite3.Connection, guild_id: int, new: NewWork, states: Sequence[WorkState]
) -> Work | None:
    title = name_key(new.info.title) if new.info.title else ""
    if not title:
        return None
    authors = sorted({name_key(name) for name in new.info.authors})
    row = conn.execute(
        "SELECT work_id FROM works AS w "
        f"WHERE guild_id = ? AND title_key = ? AND title_key != '' "
        f"AND +state IN ({_marks(states)}) AND ifnull((SELECT group_concat(name_key, char(10)) "
        "FROM (SELECT name_key FROM work_authors JOIN authors USING (author_id) "
        " WHERE work_id = w.work_id ORDER BY name_key)), '') = ?",
        (guild_id, title, *states, "\n".join(authors)),
    ).fetchone()
    if row is None:
        return None
    standing = load_work(conn, guild_id, row[0])
    # Two works of one title by nobody in particular are not the same work, unless there is no
    # text to tell them apart by and all else is the same: a list imported again.
    bare = not standing.has_text and not new.chapters
    return standing if authors or (bare and _says_the_same(standing.info, new.info)) else None


def _says_the_same(standing: WorkInfo, new: WorkInfo) -> bool:
    return all(
        not (value := getattr(new, field)) or value == getattr(standing, field)
        for field in ("fandoms", "relationships", "characters", "tags", "summary", "language")
    )


def _by_text(
    conn: sqlite3.Connection,
    guild_id: int,
    new: NewWork,
    states: Sequence[WorkState],
    told: Sketch,
) -> Match | None:
    if digest := content_hash(new):
        row = conn.execute(
            "SELECT work_id FROM works WHERE guild_id = ? AND content_hash = ? "
            f"AND +state IN ({_marks(states)})",
            (guild_id, digest, *states),
        ).fetchone()
        if row:
            return Match(load_work(conn, guild_id, row[0]), Basis.TEXT, Shared(row[0], 1.0, 1.0))
    for one in sharing(conn, guild_id, told) if new.chapters else ():
        if max(one.contained, one.containing) < COPY_SHARE:
            return None
        standing = load_work(conn, guild_id, one.work_id)
        if standing.state in states and _may_be_one(standing.info, new.info):
            return Match(standing, Basis.TEXT, one)
    return None


def _may_be_one(standing: WorkInfo, new: WorkInfo) -> bool:
    """Whether the titles do not speak against it: one, or none given.

    A collection holds a story whole and is not its longer copy. What shares its text under
    another title is listed by /library duplicates.
    """
    return len({name_key(title) for title in (standing.title, new.title) if title}) <= 1


def _marks(states: Sequence[WorkState]) -> str:
    return ", ".join("?" * len(states))
