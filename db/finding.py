"""Answers for members: search results, single works and passages, as the viewer may see them."""

import sqlite3

from db import quotes, search
from db.errors import Conflict, NotFound, Refused
from db.models import (
    Completion,
    Filters,
    Hidden,
    Hit,
    NewWork,
    Passage,
    QuoteAnswer,
    SearchAnswer,
    SearchRequest,
    Sort,
    Viewer,
    Work,
    WorkState,
)
from db.search.complete import CompletionField
from db.search.consent import QUOTABLE
from db.search.filters import WELCOME
from db.search.normalise import normalise
from db.texts import chapter_title, load_chapters, load_excerpts
from db.works import load_work, load_works

Db = sqlite3.Connection

_CARD_ONLY = "Only this work's card is shown here; its text stays with its author."
RANDOM_TRIES = 200  # in a library whose works are too many to count
EXPORT_BATCH = 50  # works with their texts held in memory at once


def search_works(conn: Db, guild_id: int, request: SearchRequest, viewer: Viewer) -> SearchAnswer:
    """What a search finds, with the works of the page."""
    ranked = search.search(conn, guild_id, request, viewer)
    works = {
        work.work_id: work
        for work in load_works(conn, guild_id, [work_id for work_id, _, _ in ranked.hits])
    }
    return SearchAnswer(
        query=request.query,
        interpreted=ranked.interpreted,
        did_you_mean=ranked.did_you_mean,
        total=ranked.total,
        fandoms=ranked.fandoms,
        hits=tuple(
            Hit(works[work_id], score, matched_in)
            for work_id, score, matched_in in ranked.hits
            if work_id in works
        ),
        hidden=ranked.hidden,
        total_is_floor=ranked.total_is_floor,
        namesakes=ranked.namesakes,
        notes=ranked.notes,
    )


def complete(
    conn: Db, guild_id: int, field: CompletionField, text: str, viewer: Viewer, limit: int
) -> list[Completion]:
    """Suggestions while typing."""
    return search.complete(conn, guild_id, field, text, viewer, limit)


def resolve(conn: Db, guild_id: int, text: str, viewer: Viewer) -> Work:
    """The work meant by `#work_id`, or the best match of some words."""
    if not normalise(text):  # no words: a search for nothing finds everything
        raise NotFound("Say which work: pick one from the list, or type some of its title.")
    number = text.strip().removeprefix("#")
    if text.strip().startswith("#") and number.isascii() and number.isdigit() and len(number) < 19:
        return visible_work(conn, guild_id, int(number), viewer)
    answer = search_works(conn, guild_id, SearchRequest(text, limit=1), viewer)
    if answer.hits:
        return answer.hits[0].work
    if answer.hidden.adult:
        raise Refused("What matches is for adults only. Ask for it in an age-restricted channel.")
    raise NotFound("No work matches that. Pick one from the list, or try /fic search.")


def visible_work(conn: Db, guild_id: int, work_id: int, viewer: Viewer) -> Work:
    """A published work that may be shown to the viewer where they are."""
    work = load_work(conn, guild_id, work_id)
    is_welcome = conn.execute(
        f"SELECT 1 FROM works AS w WHERE w.work_id = ? AND {WELCOME}", (work_id,)
    ).fetchone()
    if work.state is not WorkState.PUBLISHED or not is_welcome:
        raise NotFound("There is no such work in this server's library.")
    if work.info.rating.is_adult and not viewer.adult_ok:
        raise Refused(
            f"That work is rated {work.info.rating}. Ask for it in an age-restricted channel."
        )
    return work


def random_work(
    conn: Db, guild_id: int, viewer: Viewer, filters: Filters
) -> tuple[Work | None, Hidden]:
    """Any published work that fits; every one is as likely."""
    first = search_works(conn, guild_id, SearchRequest("", filters, Sort.ADDED, limit=1), viewer)
    if not first.total:
        return None, first.hidden
    rules = search.condition(conn, guild_id, filters, viewer)
    if first.total_is_floor:
        # So many that counting them takes long: any id, until it is one of those.
        (low, high) = conn.execute(
            "SELECT min(work_id), max(work_id) FROM works WHERE guild_id = ?", (guild_id,)
        ).fetchone()
        for _ in range(RANDOM_TRIES):
            row = conn.execute(
                f"SELECT w.work_id FROM works AS w WHERE w.work_id = :low + abs(random() % :span) "
                f"AND {rules.shown}",
                {**rules.parameters, "low": low, "span": high - low + 1},
            ).fetchone()
            if row:
                return load_work(conn, guild_id, row[0]), first.hidden
    row = conn.execute(
        f"SELECT w.work_id FROM {rules.source} WHERE {rules.shown} "
        "LIMIT 1 OFFSET abs(random() % :total)",
        {**rules.parameters, "total": first.total},
    ).fetchone()
    return load_work(conn, guild_id, row[0]), first.hidden


def passage(
    conn: Db, guild_id: int, work_id: int, viewer: Viewer, *, about: str | None, after: int | None
) -> Passage:
    """A passage of a work: the nearest to some words, the next one round, or the first choice."""
    work = visible_work(conn, guild_id, work_id, viewer)
    if not may_quote(conn, work):
        raise Conflict(_CARD_ONLY)
    if about and about.strip():
        excerpt = quotes.nearest(conn, guild_id, work_id, about)
        if excerpt is None:
            raise NotFound("No passage of this work is near those words. Try others, or none.")
    else:
        candidates = load_excerpts(conn, work_id)
        if not candidates:
            raise Conflict("There is no excerpt of this work.")
        ids = [candidate.excerpt_id for candidate in candidates]
        at = (ids.index(after) + 1) % len(ids) if after in ids else 0
        excerpt = candidates[at]
    return Passage(work, excerpt, chapter_title(conn, work_id, excerpt.chapter))


def quote(
    conn: Db,
    guild_id: int,
    words: str,
    viewer: Viewer,
    *,
    work_id: int | None,
    offset: int,
    limit: int,
) -> QuoteAnswer:
    """Where something is said, in the library or in one work."""
    if work_id is not None and not may_quote(conn, visible_work(conn, guild_id, work_id, viewer)):
        raise Conflict(_CARD_ONLY)
    return quotes.find(conn, guild_id, words, viewer, work_id=work_id, offset=offset, limit=limit)


def may_quote(conn: Db, work: Work) -> bool:
    """Whether passages of a work may be shown: by its own setting and its authors' consent."""
    row = conn.execute(
        f"SELECT 1 FROM works AS w WHERE w.work_id = ? AND {QUOTABLE}", (work.work_id,)
    ).fetchone()
    return row is not None


def export_batch(conn: Db, guild_id: int, after: int) -> list[tuple[int, NewWork]]:
    """The next published works after an id, with their texts."""
    ids = [
        row[0]
        for row in conn.execute(
            "SELECT work_id FROM works WHERE guild_id = ? AND state = 'published' "
            "AND work_id > ? ORDER BY work_id LIMIT ?",
            (guild_id, after, EXPORT_BATCH),
        )
    ]
    return [
        (
            work.work_id,
            NewWork(
                work.info,
                load_chapters(conn, work.work_id),
                tuple(load_excerpts(conn, work.work_id)),
                work.opening,
            ),
        )
        for work in load_works(conn, guild_id, ids)
    ]
