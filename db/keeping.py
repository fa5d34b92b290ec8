"""Keeping the library: editing works, their excerpts, removing and restoring."""

import contextlib
import sqlite3
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime
from urllib.parse import urlsplit

from db import audit, gazetteer
from db.clock import to_text
from db.daily.wishes import unchoose
from db.errors import BadInput, Conflict, NotFound
from db.models import Duplicate, Work, WorkChanges, WorkInfo, WorkState
from db.names import NameBook
from db.search import index_works, unindex_works
from db.search.bodies import index_bodies, unindex_bodies
from db.sharing import mark_different, pairs
from db.texts import set_excerpt_state
from db.works import load_work, load_works, save_info

# Caps on what a moderator may type; AO3's own where it has one.
TITLE_LIMIT_CHARS = 255
SUMMARY_LIMIT_CHARS = 1250
NAME_LIMIT_CHARS = 150
NAMES_LIMIT = 75
URL_LIMIT_CHARS = 512  # what Discord takes in a link button


def edit(
    conn: sqlite3.Connection,
    guild_id: int,
    work_id: int,
    changes: WorkChanges,
    *,
    by: int,
    now: datetime,
) -> Work:
    """Change what is known of a work, in any state but removed.

    Raises:
        NotFound, Conflict: no such work, or a removed one.
        BadInput: a field is too long or not what it should be.
    """
    work = load_work(conn, guild_id, work_id)
    if work.state is WorkState.REMOVED:
        raise Conflict("This work was removed. Restore it first.")
    changed = _checked(changes, work.info)
    if not changed:
        return work
    info: WorkInfo = replace(work.info, **changed)
    if work.state is WorkState.PUBLISHED:
        unindex_works(conn, guild_id, [work_id])
    save_info(conn, NameBook(conn, guild_id), work_id, info, changed, now=now)
    (edited,) = conn.execute("SELECT edited FROM works WHERE work_id = ?", (work_id,)).fetchone()
    conn.execute(
        "UPDATE works SET edited = ? WHERE work_id = ?",
        (",".join(sorted({*filter(None, str(edited).split(",")), *changed})), work_id),
    )
    edited_work = load_work(conn, guild_id, work_id)
    if work.state is WorkState.PUBLISHED:
        index_works(conn, guild_id, [work_id])
        gazetteer.learn(conn, guild_id, edited_work.info.fandoms, edited_work.info.characters)
        audit.record(
            conn, guild_id, "edit", by=by, now=now, work_id=work_id,
            title=edited_work.display_title, detail=", ".join(changed).replace("_", " "),
        )  # fmt: skip
    return edited_work


def discard(
    conn: sqlite3.Connection, guild_id: int, work_id: int, *, by: int, now: datetime
) -> None:
    """Delete a draft with all that belongs to it; the log keeps that it was there."""
    draft = load_work(conn, guild_id, work_id)
    if draft.state is not WorkState.DRAFT:
        raise Conflict("This work is published. Use /library remove to take it out.")
    conn.execute("DELETE FROM works WHERE work_id = ?", (work_id,))
    audit.record(conn, guild_id, "discard", by=by, now=now, title=draft.display_title)


def discard_each(
    conn: sqlite3.Connection, guild_id: int, work_ids: Sequence[int], *, by: int, now: datetime
) -> int:
    """Delete those that are drafts (still); returns how many."""
    discarded = 0
    for work_id in work_ids:
        with contextlib.suppress(NotFound, Conflict):
            discard(conn, guild_id, work_id, by=by, now=now)
            discarded += 1
    return discarded


def remove(
    conn: sqlite3.Connection, guild_id: int, work_id: int, *, by: int, why: str, now: datetime
) -> Work:
    """Take a published work out of every answer, keeping it for a restore."""
    work = load_work(conn, guild_id, work_id)
    if work.state is not WorkState.PUBLISHED:
        raise Conflict("This work is not in the library at the moment.")
    unindex_works(conn, guild_id, [work_id])
    unindex_bodies(conn, [work_id])
    _set_state(conn, work_id, WorkState.REMOVED, now)
    unchoose(conn, guild_id, work_id)
    audit.record(
        conn, guild_id, "remove", by=by, now=now,
        work_id=work_id, title=work.display_title, detail=why,
    )  # fmt: skip
    return load_work(conn, guild_id, work_id)


def duplicates(conn: sqlite3.Connection, guild_id: int, limit: int) -> list[Duplicate]:
    """Published works of which one lies nearly whole in another, the most alike first."""
    return [
        Duplicate(
            load_work(conn, guild_id, pair.longer_id),
            load_work(conn, guild_id, pair.shorter_id),
            pair.contained,
            pair.containing,
        )
        for pair in pairs(conn, guild_id, limit)
    ]


def tell_apart(conn: sqlite3.Connection, guild_id: int, one: int, other: int) -> None:
    """Note that two works of this server are no duplicates."""
    for work_id in (one, other):
        load_work(conn, guild_id, work_id)
    mark_different(conn, one, other)


def restore(
    conn: sqlite3.Connection, guild_id: int, work_id: int, *, by: int, now: datetime
) -> Work:
    """Bring a removed work back into every answer."""
    work = load_work(conn, guild_id, work_id)
    if work.state is not WorkState.REMOVED:
        raise Conflict("This work was not removed.")
    _set_state(conn, work_id, WorkState.PUBLISHED, now)
    index_works(conn, guild_id, [work_id])
    index_bodies(conn, [work_id])
    audit.record(
        conn, guild_id, "restore", by=by, now=now, work_id=work_id, title=work.display_title
    )
    return load_work(conn, guild_id, work_id)


def in_state(conn: sqlite3.Connection, guild_id: int, state: WorkState, limit: int) -> list[Work]:
    """The works of that server in that state, the latest change first."""
    ids = [
        row[0]
        for row in conn.execute(
            "SELECT work_id FROM works WHERE guild_id = ? AND state = ? "
            "ORDER BY changed_at DESC, work_id DESC LIMIT ?",
            (guild_id, state.value, limit),
        )
    ]
    return load_works(conn, guild_id, ids)


def mark_excerpt(
    conn: sqlite3.Connection,
    guild_id: int,
    work_id: int,
    excerpt_id: int,
    state: str,
    *,
    by: int,
    now: datetime,
) -> None:
    """Choose ("chosen") or veto ("vetoed") an excerpt of a work of that server."""
    work = load_work(conn, guild_id, work_id)
    if not set_excerpt_state(conn, work_id, excerpt_id, state):
        raise NotFound("There is no such excerpt (any more).")
    if work.state is WorkState.PUBLISHED:
        audit.record(
            conn, guild_id, "edit", by=by, now=now,
            work_id=work_id, title=work.display_title, detail=f"excerpt {state}",
        )  # fmt: skip


def _set_state(conn: sqlite3.Connection, work_id: int, state: WorkState, now: datetime) -> None:
    removed_at = to_text(now) if state is WorkState.REMOVED else None
    conn.execute(
        "UPDATE works SET state = ?, changed_at = ?, removed_at = ? WHERE work_id = ?",
        (state.value, to_text(now), removed_at, work_id),
    )


def _checked(changes: WorkChanges, info: WorkInfo) -> dict[str, object]:
    """What really changes. What was there already may be over the caps: imports are not typed."""
    wanted: dict[str, object] = {}
    for f in fields(changes):
        value = getattr(changes, f.name)
        if value is None or value == (getattr(info, f.name) or type(value)()):
            continue
        if f.name in ("authors", "fandoms", "relationships", "characters", "tags"):
            value = _checked_names(f.name, value)
        elif isinstance(value, str) and f.name in ("title", "summary", "source_url", "language"):
            value = _checked_text(f.name, value)
        if value != getattr(info, f.name):
            wanted[f.name] = value
    return wanted


def _checked_names(field: str, names: tuple[str, ...]) -> tuple[str, ...]:
    kept = tuple(dict.fromkeys(" ".join(name.split()) for name in names if name.strip()))
    if len(kept) > NAMES_LIMIT:
        raise BadInput(f"These are {len(kept)} {field}; at most {NAMES_LIMIT} are kept.")
    if too_long := next((name for name in kept if len(name) > NAME_LIMIT_CHARS), None):
        raise BadInput(
            f"“{too_long[:40]}…” is too long for one of the {field}: "
            f"at most {NAME_LIMIT_CHARS} characters, parted by commas."
        )
    return kept


def _checked_text(field: str, text: str) -> str | None:
    text = text.strip()
    limit = {"title": TITLE_LIMIT_CHARS, "summary": SUMMARY_LIMIT_CHARS}.get(field, URL_LIMIT_CHARS)
    if len(text) > limit:
        raise BadInput(
            f"The {field.replace('_', ' ')} has {len(text)} characters; at most {limit} are kept."
        )
    if field == "source_url" and text:
        try:
            parts = urlsplit(text)
            sound = parts.scheme in ("http", "https") and bool(parts.hostname)
        except ValueError:
            sound = False
        if not sound or any(char.isspace() for char in text):
            raise BadInput("That link is not a web address. It should begin with https://.")
    return text or None
