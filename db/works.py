"""Works in the tables: storing, changing and loading them."""

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from db.clock import from_text, to_text
from db.errors import LibraryDamaged, NotFound
from db.gathering import gather
from db.models import (
    ArchiveWarning,
    Category,
    NewWork,
    Rating,
    SeriesPart,
    Status,
    TagKind,
    TextAccess,
    Work,
    WorkInfo,
    WorkState,
)
from db.names import NameBook
from db.search.bodies import unindex_bodies
from db.search.consent import QUOTABLE
from db.search.normalise import name_key
from db.sharing import save_sketch, sketch_of
from db.texts import content_hash, marked_passages, save_chapters, save_excerpts

# WorkInfo's tag fields and their kinds, in AO3's order.
TAG_FIELDS = {
    "fandoms": TagKind.FANDOM,
    "relationships": TagKind.RELATIONSHIP,
    "characters": TagKind.CHARACTER,
    "tags": TagKind.FREEFORM,
}
_LIST_FIELDS = ("authors", "warnings", "categories", "series", *TAG_FIELDS)
_PLAIN_FIELDS = (
    "title", "summary", "notes", "language", "rating", "status", "text_access",
    "source_url", "published", "updated",
)  # fmt: skip
INFO_FIELDS = (*_PLAIN_FIELDS, *_LIST_FIELDS)

_SURROGATES_AND_NUL = re.compile("[\ud800-\udfff\x00]")
# The opening words are text: of a work whose text stays with its author nobody reads them.
_OPENING = f"iif(w.state != 'published' OR ({QUOTABLE}), w.opening, '')"
_NO_SUCH_WORK = "There is no such work in this server's library."


def source_key(url: str | None) -> str | None:
    """A link normalised, so that two links to the same work are equal.

    Scheme, `www.`, the query, the fragment and a closing slash do not count; nor does the
    chapter that an AO3 or FanFiction.net link points at.
    """
    if not url:
        return None
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url.strip().casefold()
    host = (parts.netloc or "").casefold().removeprefix("www.").removeprefix("m.")
    path = parts.path.rstrip("/")
    if ao3 := re.match(r"(?:/collections/[^/]+)?(/works/\d+)", path):
        path = ao3[1]
    elif ffn := re.match(r"(/s/\d+)", path):
        path = ffn[1]
    elif parts.query:
        path += "?" + parts.query  # elsewhere the query often is the story's number
    return (host + path) or None


def title_mark(info: WorkInfo) -> str | None:
    """What a tombstone keeps of a work's title and authors; None for an untitled one."""
    if not info.title:
        return None
    return f"{name_key(info.title)}|{','.join(sorted(map(name_key, info.authors)))}"


def insert_work(
    conn: sqlite3.Connection,
    names: NameBook,
    new: NewWork,
    *,
    state: WorkState,
    by: int | None,
    now: datetime,
    request_key: str | None = None,
    replaces_id: int | None = None,
) -> int:
    """Store a work with its text and return its id."""
    at = to_text(now)
    columns: dict[str, str | int | None] = {
        "guild_id": names.guild_id,
        "state": state.value,
        "request_key": request_key,
        "replaces_id": replaces_id,
        "added_by": by,
        "added_at": at,
        "changed_at": at,
        "words": new.info.words,
        "opening": clean(new.opening),
        **_plain_columns(new.info, _PLAIN_FIELDS),
    }
    work_id = conn.execute(
        f"INSERT INTO works ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
        tuple(columns.values()),
    ).lastrowid
    assert work_id is not None
    for field in _LIST_FIELDS:
        if getattr(new.info, field):
            _insert_list(conn, names, work_id, new.info, field)
    if new.chapters:
        save_text(conn, work_id, new)
    return work_id


def save_text(conn: sqlite3.Connection, work_id: int, new: NewWork) -> None:
    """Store a work's chapters and excerpts, in place of those it had.

    Those are out of the index of bodies then; `index_bodies` puts the new ones in. Passages that
    moderators chose or vetoed stay so where the new text still has them.
    """
    unindex_bodies(conn, [work_id])
    marked = marked_passages(conn, work_id)
    save_chapters(conn, work_id, new.chapters)
    save_excerpts(conn, work_id, new.excerpts, new.chapters, marked)
    save_sketch(conn, work_id, sketch_of(new))
    words = sum(chapter.words for chapter in new.chapters)
    conn.execute(
        "UPDATE works SET words = ?, chapter_count = ?, has_text = ?, content_hash = ?, "
        "opening = ? WHERE work_id = ?",
        (
            words or new.info.words, len(new.chapters), int(words > 0), content_hash(new),
            clean(new.opening), work_id,
        ),
    )  # fmt: skip


def save_info(
    conn: sqlite3.Connection,
    names: NameBook,
    work_id: int,
    info: WorkInfo,
    fields: Iterable[str],
    *,
    now: datetime,
) -> None:
    """Set the named fields of a work to what `info` says."""
    fields = tuple(fields)
    for field in fields:
        if field in _LIST_FIELDS:
            _clear_list(conn, names, work_id, field)
            _insert_list(conn, names, work_id, info, field)
    columns = {"changed_at": to_text(now), **_plain_columns(info, fields)}
    conn.execute(
        f"UPDATE works SET {', '.join(f'{column} = ?' for column in columns)} WHERE work_id = ?",
        (*columns.values(), work_id),
    )


def _plain_columns(info: WorkInfo, fields: Iterable[str]) -> dict[str, str | None]:
    columns: dict[str, str | None] = {}
    for field in fields:
        if field not in _PLAIN_FIELDS:
            continue
        value: object = getattr(info, field)
        text = value.isoformat() if isinstance(value, date) else value
        columns[field] = clean(str(text)) if text is not None else None
        if field == "title":
            columns["title_key"] = name_key(columns["title"] or "")
        elif field == "source_url":
            columns["source_key"] = source_key(columns["source_url"])
    return columns


def _clear_list(conn: sqlite3.Connection, names: NameBook, work_id: int, field: str) -> None:
    if field in TAG_FIELDS:
        conn.execute(
            "DELETE FROM work_tags WHERE work_id = ? AND tag_id IN "
            "(SELECT tag_id FROM tags WHERE guild_id = ? AND kind = ?)",
            (work_id, names.guild_id, TAG_FIELDS[field].value),
        )
    else:
        conn.execute(f"DELETE FROM work_{field} WHERE work_id = ?", (work_id,))


def _insert_list(
    conn: sqlite3.Connection, names: NameBook, work_id: int, info: WorkInfo, field: str
) -> None:
    if field == "authors":
        ids = dict.fromkeys(names.author(clean(name)) for name in info.authors if name.strip())
        conn.executemany(
            "INSERT INTO work_authors (work_id, position, author_id) VALUES (?, ?, ?)",
            [(work_id, position, author_id) for position, author_id in enumerate(ids)],
        )
    elif field == "warnings":
        conn.executemany(
            "INSERT OR IGNORE INTO work_warnings (work_id, warning) VALUES (?, ?)",
            [(work_id, warning.value) for warning in info.warnings],
        )
    elif field == "categories":
        conn.executemany(
            "INSERT OR IGNORE INTO work_categories (work_id, category) VALUES (?, ?)",
            [(work_id, category.value) for category in info.categories],
        )
    elif field == "series":
        conn.executemany(
            "INSERT INTO work_series (work_id, position, series_id, part) VALUES (?, ?, ?, ?)",
            [
                (work_id, position, names.series(clean(part.name)), part.part)
                for position, part in enumerate(info.series)
            ],
        )
    else:
        kind = TAG_FIELDS[field]
        given: tuple[str, ...] = getattr(info, field)
        tag_ids = dict.fromkeys(names.tag(kind, clean(name)) for name in given if name.strip())
        conn.executemany(
            "INSERT INTO work_tags (work_id, tag_id, position) VALUES (?, ?, ?)",
            [(work_id, tag_id, position) for position, tag_id in enumerate(tag_ids)],
        )


def load_work(conn: sqlite3.Connection, guild_id: int, work_id: int) -> Work:
    """One work of that server, in any state.

    Raises:
        NotFound: there is none of that id here.
    """
    works = load_works(conn, guild_id, [work_id])
    if not works:
        raise NotFound(_NO_SUCH_WORK)
    return works[0]


def load_works(conn: sqlite3.Connection, guild_id: int, work_ids: Sequence[int]) -> list[Work]:
    """Works of that server, in the order of the ids; ids that are not there are left out."""
    if not work_ids:
        return []
    ids = json.dumps(list(work_ids))
    among = "IN (SELECT value FROM json_each(:ids))"
    lists: dict[tuple[int, str], list[str]] = defaultdict(list)
    rows = gather(
        conn,
        4,
        "SELECT wa.work_id, 'authors', wa.position, a.name FROM work_authors AS wa "
        f" JOIN authors AS a USING (author_id) WHERE wa.work_id {among} "
        "UNION ALL SELECT wt.work_id, t.kind, wt.position, t.name FROM work_tags AS wt "
        f" JOIN tags AS t USING (tag_id) WHERE wt.work_id {among} "
        f"UNION ALL SELECT work_id, 'warnings', 0, warning FROM work_warnings "
        f" WHERE work_id {among} "
        "UNION ALL SELECT work_id, 'categories', 0, category FROM work_categories "
        f" WHERE work_id {among}",
        {"ids": ids},
    )
    for work_id, kind, _, name in sorted(rows):
        lists[work_id, kind].append(name)
    series: dict[int, list[SeriesPart]] = defaultdict(list)
    for work_id, name, part in conn.execute(
        "SELECT ws.work_id, s.name, ws.part FROM work_series AS ws JOIN series AS s "
        "USING (series_id) WHERE ws.work_id IN (SELECT value FROM json_each(?)) "
        "ORDER BY ws.work_id, ws.position",
        (ids,),
    ):
        series[work_id].append(SeriesPart(name, part))
    try:
        found = {
            row[0]: _to_work(row, lists, tuple(series.get(row[0], ())))
            for row in conn.execute(
                f"SELECT work_id, guild_id, state, title, {_OPENING}, summary, notes, language, "
                "rating, status, text_access, source_url, published, updated, words, "
                "chapter_count, has_text, "
                "(SELECT count(*) FROM excerpts AS e "
                " WHERE e.work_id = w.work_id AND e.state != 'vetoed'), "
                "added_by, added_at, changed_at FROM works AS w "
                "WHERE guild_id = ? AND work_id IN (SELECT value FROM json_each(?))",
                (guild_id, ids),
            )
        }
    except ValueError as error:  # a rating or a date that is none
        raise LibraryDamaged from error
    return [found[work_id] for work_id in work_ids if work_id in found]


def _to_work(
    row: tuple[Any, ...], lists: dict[tuple[int, str], list[str]], series: tuple[SeriesPart, ...]
) -> Work:
    (
        work_id, guild_id, state, title, opening, summary, notes, language, rating, status,
        text_access, source_url, published, updated, words, chapter_count, has_text,
        excerpt_count, added_by, added_at, changed_at,
    ) = row  # fmt: skip
    number = int(work_id)

    def names(field: str) -> tuple[str, ...]:
        return tuple(lists.get((number, field), ()))

    info = WorkInfo(
        title=title,
        authors=names("authors"),
        **{field: names(kind.value) for field, kind in TAG_FIELDS.items()},
        rating=Rating(rating),
        warnings=tuple(
            sorted(map(ArchiveWarning, names("warnings")), key=list(ArchiveWarning).index)
        ),
        categories=tuple(sorted(map(Category, names("categories")), key=list(Category).index)),
        language=language,
        status=Status(status),
        summary=summary,
        notes=notes,
        series=series,
        published=date.fromisoformat(published) if published else None,
        updated=date.fromisoformat(updated) if updated else None,
        source_url=source_url,
        words=int(words),
        text_access=TextAccess(text_access),
    )
    return Work(
        work_id=number,
        guild_id=int(guild_id),
        info=info,
        state=WorkState(state),
        opening=opening,
        chapter_count=int(chapter_count),
        has_text=bool(has_text),
        excerpt_count=int(excerpt_count),
        added_by=int(added_by) if added_by is not None else None,
        added_at=from_text(added_at),
        changed_at=from_text(changed_at),
    )


def cleaned(new: NewWork) -> NewWork:
    """A work whose titles, authors and link can be looked up as they are stored."""
    info = new.info
    chapters = (replace(each, title=each.title and clean(each.title)) for each in new.chapters)
    return replace(
        new,
        info=replace(
            info,
            title=info.title and clean(info.title),
            authors=tuple(map(clean, info.authors)),
            source_url=info.source_url and clean(info.source_url),
        ),
        chapters=tuple(chapters),
    )


def clean(text: str) -> str:
    """A text as SQLite can hold it: lone surrogates and NULs, which say nothing, are replaced."""
    return _SURROGATES_AND_NUL.sub("\ufffd", text)
