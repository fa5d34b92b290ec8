"""Works coming in: what is new, what is a newer copy, what is here already, what is refused."""

import contextlib
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import cast

from db import audit, gazetteer
from db.clock import to_text
from db.errors import Conflict, NotFound
from db.guilds import ensure_guild
from db.known_files import remember_file
from db.models import (
    AddOutcome,
    AddStatus,
    NewWork,
    Rating,
    Status,
    Work,
    WorkInfo,
    WorkState,
)
from db.names import NameBook
from db.sameness import COPY_SHARE, Basis, Match, find_same
from db.search import index_works, unindex_works
from db.search.bodies import index_bodies
from db.search.normalise import name_key
from db.sharing import is_buried_text, sketch_of
from db.texts import choose_excerpt, content_hash, load_chapters, load_excerpts
from db.tombstones import is_buried
from db.works import (
    INFO_FIELDS,
    cleaned,
    insert_work,
    load_work,
    save_info,
    save_text,
    source_key,
    title_mark,
)

# How a plain file is told from a later one: where the newcomer says nothing, what stands stays.
_SAYS_NOTHING = (None, "", (), Rating.NOT_RATED, Status.UNKNOWN)
OTHER_TEXT = (
    "{title} has the same link and another text. Add this as its next chapter, or publish it in "
    "its place."
)
TAKEN_DOWN = "This work was taken out of the library for good."
LONGER = 1.02  # times; less is a note more or less, or another way of counting
# Never changed by an import: who may read the text is the moderators' word.
_NOT_IMPORTED = ("text_access",)


def add_works(
    conn: sqlite3.Connection,
    guild_id: int,
    new_works: Sequence[NewWork],
    *,
    by: int | None,
    now: datetime,
    file_hashes: Sequence[bytes | None] = (),
) -> list[AddOutcome]:
    """Store and publish works; outcomes in the same order."""
    ensure_guild(conn, guild_id, now=now)
    names = NameBook(conn, guild_id)
    outcomes: list[AddOutcome] = []
    fresh: list[int] = []
    for new in map(cleaned, new_works):
        outcome = _refusal(conn, guild_id, new)
        if outcome is None:
            match = find_same(conn, guild_id, new)
            if match is None:
                work_id = insert_work(conn, names, new, state=WorkState.PUBLISHED, by=by, now=now)
                fresh.append(work_id)
                outcome = AddOutcome(AddStatus.ADDED, work_id, display_title(new))
            else:
                outcome = _bring_up_to_date(conn, names, match, new, fresh, now=now)
        outcomes.append(outcome)
    for file_hash, outcome in zip(file_hashes, outcomes, strict=False):
        if file_hash and outcome.work_id and outcome.status is not AddStatus.REFUSED:
            remember_file(conn, guild_id, file_hash, outcome.work_id)
    index_works(conn, guild_id, fresh)
    index_bodies(conn, fresh)
    added = sum(outcome.status is AddStatus.ADDED for outcome in outcomes)
    updated = sum(outcome.status is AddStatus.UPDATED for outcome in outcomes)
    if added or updated:
        single = outcomes[0] if len(outcomes) == 1 else None
        audit.record(
            conn, guild_id, "add", by=by, now=now,
            work_id=single.work_id if single else None,
            title=single.title if single else None,
            detail="" if single else f"{added} works added, {updated} updated",
        )  # fmt: skip
    return outcomes


def add_draft(
    conn: sqlite3.Connection,
    guild_id: int,
    new: NewWork,
    *,
    by: int,
    request_key: str | None,
    now: datetime,
) -> AddOutcome:
    """Store a work for review; the same request stores it once."""
    ensure_guild(conn, guild_id, now=now)
    row = (
        request_key
        and conn.execute(
            "SELECT work_id FROM works WHERE guild_id = ? AND request_key = ?",
            (guild_id, request_key),
        ).fetchone()
    )
    new = cleaned(new)
    if row:
        return AddOutcome(AddStatus.ADDED, row[0], display_title(new))
    if refusal := _refusal(conn, guild_id, new):
        return refusal
    match = find_same(conn, guild_id, new, states=tuple(WorkState))
    status, reason, replaces = AddStatus.ADDED, None, None
    if match is not None:
        standing = match.work
        if standing.state is WorkState.REMOVED:
            return _removed(standing)
        if standing.state is WorkState.DRAFT:
            return _renew_draft(conn, NameBook(conn, guild_id), match, new, now=now)
        if match.is_of_other_text:
            reason = OTHER_TEXT.format(title=_quoted(standing))
        elif not _has_newer_text(conn, match, new):
            return AddOutcome(
                AddStatus.DUPLICATE, standing.work_id, standing.display_title, _here(standing, new)
            )
        else:
            reason = f"The library has an older copy: {_size(standing)}. Publishing updates it."
        status, replaces = AddStatus.UPDATED, standing.work_id
        # The moderators' word on the older copy stands, and so does what a bare file leaves out.
        said = _changed_fields(conn, standing, new.info)
        kept = {field: getattr(new.info, field) for field in said}
        new = replace(new, info=replace(standing.info, **kept))
    work_id = insert_work(
        conn, NameBook(conn, guild_id), new,
        state=WorkState.DRAFT, by=by, now=now, request_key=request_key, replaces_id=replaces,
    )  # fmt: skip
    conn.execute(
        "UPDATE works SET edited = ifnull((SELECT edited FROM works WHERE work_id = ?), '') "
        "WHERE work_id = ?",
        (replaces, work_id),
    )
    standing_id = replaces if match is not None and match.is_of_other_text else None
    return AddOutcome(status, work_id, display_title(new), reason, standing_id)


def add_drafts(
    conn: sqlite3.Connection, guild_id: int, new_works: Sequence[NewWork], *, by: int, now: datetime
) -> list[AddOutcome]:
    """Store works for review; outcomes in the same order."""
    return [add_draft(conn, guild_id, new, by=by, request_key=None, now=now) for new in new_works]


def publish_each(
    conn: sqlite3.Connection, guild_id: int, work_ids: Sequence[int], *, by: int, now: datetime
) -> list[Work]:
    """Publish those that are drafts (still)."""
    published: list[Work] = []
    for work_id in work_ids:
        with contextlib.suppress(NotFound, Conflict):
            published.append(publish(conn, guild_id, work_id, by=by, now=now))
    return published


def publish(
    conn: sqlite3.Connection, guild_id: int, work_id: int, *, by: int, now: datetime
) -> Work:
    """Make a draft findable; a draft that is a newer copy updates the work it copies."""
    draft = load_work(conn, guild_id, work_id)
    if draft.state is not WorkState.DRAFT:
        raise Conflict(f"{_quoted(draft)} is not waiting for review (any more).")
    (replaces_id,) = conn.execute(
        "SELECT replaces_id FROM works WHERE work_id = ?", (work_id,)
    ).fetchone()
    if replaces_id is not None:
        return _publish_over(conn, guild_id, draft, int(replaces_id), by=by, now=now)
    conn.execute(
        "UPDATE works SET state = 'published', changed_at = ? WHERE work_id = ?",
        (to_text(now), work_id),
    )
    index_works(conn, guild_id, [work_id])
    index_bodies(conn, [work_id])
    gazetteer.learn(conn, guild_id, draft.info.fandoms, draft.info.characters)
    audit.record(conn, guild_id, "add", by=by, now=now, work_id=work_id, title=draft.display_title)
    return load_work(conn, guild_id, work_id)


def _publish_over(
    conn: sqlite3.Connection, guild_id: int, draft: Work, target_id: int, *, by: int, now: datetime
) -> Work:
    # The moderator has just reviewed the draft, so its details are the ones to keep.
    target = load_work(conn, guild_id, target_id)
    if target.state is WorkState.REMOVED:
        raise Conflict(
            "A moderator removed the older copy of this meanwhile. /library restore brings it "
            "back; then publish this."
        )
    excerpts = tuple(load_excerpts(conn, draft.work_id))
    new = NewWork(draft.info, load_chapters(conn, draft.work_id), excerpts, opening=draft.opening)
    unindex_works(conn, guild_id, [target_id])
    save_info(conn, NameBook(conn, guild_id), target_id, draft.info, INFO_FIELDS, now=now)
    save_text(conn, target_id, new)
    for excerpt in excerpts:
        if excerpt.chosen:
            choose_excerpt(conn, target_id, excerpt)
    # The draft began with the older copy's marks, and has those of its review besides.
    conn.execute(
        "UPDATE works SET edited = (SELECT edited FROM works WHERE work_id = ?) WHERE work_id = ?",
        (draft.work_id, target_id),
    )
    conn.execute("DELETE FROM works WHERE work_id = ?", (draft.work_id,))
    index_works(conn, guild_id, [target_id])
    index_bodies(conn, [target_id])
    audit.record(
        conn, guild_id, "update", by=by, now=now, work_id=target_id, title=draft.display_title
    )
    return load_work(conn, guild_id, target_id)


def display_title(new: NewWork) -> str:
    """What to call a work that is not stored yet."""
    return new.info.title or (f"Untitled (“{new.opening}…”)" if new.opening else "Untitled")


def _renew_draft(
    conn: sqlite3.Connection, names: NameBook, match: Match, new: NewWork, *, now: datetime
) -> AddOutcome:
    """A draft uploaded again: it takes the text of the new file if that is another."""
    draft = match.work
    title = draft.display_title
    if not _has_newer_text(conn, match, new):
        return AddOutcome(
            AddStatus.DUPLICATE, draft.work_id, title, "This is waiting for review already."
        )
    save_info(conn, names, draft.work_id, new.info, _changed_fields(conn, draft, new.info), now=now)
    save_text(conn, draft.work_id, new)
    return AddOutcome(
        AddStatus.UPDATED, draft.work_id, title, "This was waiting for review; its text is new now."
    )


def _bring_up_to_date(
    conn: sqlite3.Connection,
    names: NameBook,
    match: Match,
    new: NewWork,
    fresh: list[int],
    *,
    now: datetime,
) -> AddOutcome:
    standing = match.work
    if standing.state is WorkState.REMOVED:
        return _removed(standing)
    if match.is_of_other_text:
        # Nobody looks at it before it is stored: a text is not lost to another one that way.
        return AddOutcome(
            AddStatus.REFUSED,
            standing.work_id,
            display_title(new),
            f"{_quoted(standing)} has the same link and another text. /library add in Discord "
            "shows it first, and then replaces it.",
        )
    newer_text = _has_newer_text(conn, match, new)
    fields = _changed_fields(conn, standing, new.info)
    if not newer_text and not fields:
        return AddOutcome(
            AddStatus.DUPLICATE,
            standing.work_id,
            standing.display_title,
            _here(standing, new),
        )
    if standing.work_id not in fresh:  # else it is not indexed yet
        unindex_works(conn, names.guild_id, [standing.work_id])
        fresh.append(standing.work_id)
    save_info(conn, names, standing.work_id, new.info, fields, now=now)
    if newer_text:
        save_text(conn, standing.work_id, new)
    what = ", ".join([*fields, *(["text"] if newer_text else [])]).replace("_", " ")
    return AddOutcome(AddStatus.UPDATED, standing.work_id, display_title(new), f"Changed: {what}.")


def _changed_fields(conn: sqlite3.Connection, standing: Work, info: WorkInfo) -> list[str]:
    (edited,) = conn.execute(
        "SELECT edited FROM works WHERE work_id = ?", (standing.work_id,)
    ).fetchone()
    kept = {*str(edited).split(","), *_NOT_IMPORTED}
    return [
        field
        for field in INFO_FIELDS
        if field not in kept
        and getattr(info, field) not in _SAYS_NOTHING
        and _comparable(getattr(info, field)) != _comparable(getattr(standing.info, field))
    ]


def _comparable(value: object) -> object:
    # The order of names is the author's, but their spelling is the first one stored.
    if isinstance(value, tuple):
        parts = cast("tuple[object, ...]", value)
        if all(isinstance(part, StrEnum) for part in parts):
            return set(parts)
        return [name_key(part) if isinstance(part, str) else part for part in parts]
    return value


def _has_newer_text(conn: sqlite3.Connection, match: Match, new: NewWork) -> bool:
    digest = content_hash(new)
    if digest is None:
        return False
    standing = match.work
    (have,) = conn.execute(
        "SELECT content_hash FROM works WHERE work_id = ?", (standing.work_id,)
    ).fetchone()
    words = _words(new)
    if have == digest or (standing.has_text and words < standing.info.words):
        # A shorter text under the same name is an older or a partial copy: nothing is lost to it.
        return False
    shared = match.shared
    if match.basis is Basis.TEXT and shared is not None:
        # Found by its text alone: the same story in another format differs by a word or two.
        return shared.containing < COPY_SHARE or words > LONGER * standing.info.words
    return True


def _here(standing: Work, new: NewWork) -> str:
    if _words(new) * LONGER < standing.info.words:
        return f"The library has a longer copy of this: {_size(standing)}."
    return "This is in the library already."


def _size(work: Work) -> str:
    chapters = f"{work.chapter_count:,} chapter{'' if work.chapter_count == 1 else 's'}"
    return f"{chapters}, {work.info.words:,} words"


def _words(new: NewWork) -> int:
    return sum(chapter.words for chapter in new.chapters)


def _refusal(conn: sqlite3.Connection, guild_id: int, new: NewWork) -> AddOutcome | None:
    title = display_title(new)
    for author in new.info.authors:
        row = conn.execute(
            "SELECT 1 FROM authors WHERE guild_id = ? AND name_key = ? AND consent = 'excluded'",
            (guild_id, name_key(author)),
        ).fetchone()
        if row or is_buried(conn, guild_id, "author", name_key(author)):
            return AddOutcome(
                AddStatus.REFUSED, None, title, f"{author} does not want their works listed here."
            )
    digest = content_hash(new)
    for kind, value in (
        ("source", source_key(new.info.source_url)),
        ("title", title_mark(new.info)),
        ("content", digest.hex() if digest else None),
    ):
        if value and is_buried(conn, guild_id, kind, value):
            return AddOutcome(AddStatus.REFUSED, None, title, TAKEN_DOWN)
    if new.chapters and is_buried_text(conn, guild_id, sketch_of(new)):
        return AddOutcome(AddStatus.REFUSED, None, title, TAKEN_DOWN)
    return None


def _removed(standing: Work) -> AddOutcome:
    return AddOutcome(
        AddStatus.REFUSED,
        standing.work_id,
        standing.display_title,
        "A moderator removed this work. /library restore brings it back.",
    )


def _quoted(work: Work) -> str:
    return f"“{work.info.title}”" if work.info.title else "This work"
