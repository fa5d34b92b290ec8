"""From matching works to an answer: orders, turns between fandoms, facets, and browsing."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from db.gathering import gather
from db.models import Hidden, SearchRequest, Sort
from db.search.filters import MOST_DRIVEN, Condition
from db.search.ranking import Scored
from db.search.readings import Stage

MOST_COUNTED = 20_000  # works that a list by filters alone counts
EQUALS = 0.15  # score differences under this are no reason to prefer a fandom
# A title so like the query is the work that was meant: it stays where it is.
TITLE_MEANT = 0.9

_ORDERS = {
    Sort.BEST: "w.added_at DESC, w.work_id DESC",
    Sort.TITLE: "w.title_key = '', w.title_key, w.work_id",
    Sort.AUTHOR: "(SELECT a.name_key FROM work_authors JOIN authors AS a USING (author_id) "
    "WHERE work_authors.work_id = w.work_id ORDER BY position LIMIT 1) NULLS LAST, "
    "w.title_key, w.work_id",
    Sort.ADDED: "w.added_at DESC, w.work_id DESC",
    Sort.UPDATED: "ifnull(w.updated, w.changed_at) DESC, w.work_id DESC",
    Sort.WORDS: "w.words DESC, w.work_id",
}


@dataclass(frozen=True, slots=True)
class Ranked:
    """What a search found: hits of the page as (work_id, score, matched_in), and the counts.

    `interpreted` holds "words" as understood, "corrected" from what was typed, "dropped", and
    the "stage" that found the best work. `namesakes` are fandoms that each have a character of
    the name that was typed, with the number of their works among the best; `notes` are
    sentences on what was not understood.
    """

    hits: tuple[tuple[int, float, tuple[str, ...]], ...] = ()
    total: int = 0
    total_is_floor: bool = False
    fandoms: tuple[tuple[str, int], ...] = ()
    hidden: Hidden = field(default_factory=Hidden)
    interpreted: dict[str, object] = field(default_factory=dict[str, object])
    did_you_mean: str | None = None
    namesakes: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()


def understood(
    words: Sequence[str] = (),
    corrected: Mapping[str, str] | None = None,
    dropped: Sequence[str] = (),
    stage: Stage = Stage.NONE,
) -> dict[str, object]:
    """`Ranked.interpreted`."""
    return {
        "words": list(words),
        "corrected": dict(corrected or {}),
        "dropped": list(dropped),
        "stage": stage.value,
    }


def browse(conn: sqlite3.Connection, rules: Condition, request: SearchRequest) -> Ranked:
    """All works that the filters allow, of very many the latest; in the order asked for, or by
    date.
    """
    found = listed(conn, rules, MOST_COUNTED)
    shown = [work_id for work_id, adult, muted in found if not adult and not muted]
    adult = sum(1 for _, for_adults, _ in found if for_adults)
    order = shown
    if request.sort not in (None, Sort.BEST, Sort.ADDED):
        order = sorted_by(conn, shown, request.sort)
    counts = conn.execute(
        "SELECT tag_id, count(*) FROM search_fandoms "
        "WHERE work_id IN (SELECT value FROM json_each(?)) GROUP BY tag_id",
        (json.dumps(shown),),
    )
    return Ranked(
        hits=tuple((one, 0.0, ()) for one in order[request.offset :][: request.limit]),
        total=len(shown),
        total_is_floor=len(found) == MOST_COUNTED or rules.few_works > MOST_DRIVEN,
        fandoms=facets(conn, dict(counts.fetchall())),
        hidden=Hidden(adult=adult, muted=len(found) - len(shown) - adult),
        interpreted=understood(stage=Stage.BROWSE),
    )


def newest(conn: sqlite3.Connection, rules: Condition, limit: int) -> list[int]:
    """The works added last that may be shown."""
    return [
        row[0]
        for row in conn.execute(
            f"SELECT w.work_id FROM {rules.source} WHERE {rules.shown} "
            f"ORDER BY {_ORDERS[Sort.ADDED]} LIMIT :limit",
            {**rules.parameters, "limit": limit},
        )
    ]


def listed(conn: sqlite3.Connection, rules: Condition, limit: int) -> list[tuple[int, bool, bool]]:
    """Works that the filters ask for, the latest first: whether each is adult and may not be
    shown for that, and whether it is muted.
    """
    return conn.execute(
        f"SELECT w.work_id, {rules.adult}, {rules.muted} FROM {rules.source} "
        f"WHERE {rules.asked} ORDER BY {_ORDERS[Sort.ADDED]} LIMIT :limit",
        {**rules.parameters, "limit": limit},
    ).fetchall()


def fandoms_of(conn: sqlite3.Connection, work_ids: Iterable[int]) -> dict[int, list[int]]:
    """The canonical fandoms of works, each work's first one first."""
    found: dict[int, list[int]] = {}
    for work_id, tag_id in gather(
        conn,
        2,
        "SELECT work_id, tag_id FROM search_fandoms "
        "WHERE work_id IN (SELECT value FROM json_each(?)) ORDER BY work_id, position",
        (json.dumps(list(work_ids)),),
    ):
        found.setdefault(work_id, []).append(tag_id)
    return found


def facets(conn: sqlite3.Connection, counts: Mapping[int, int]) -> tuple[tuple[str, int], ...]:
    """Fandoms by name with their numbers of works, the most frequent first."""
    named = [
        (name, counts[tag_id])
        for tag_id, name in conn.execute(
            "SELECT tag_id, name FROM tags WHERE tag_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(counts)),),
        )
    ]
    return tuple(sorted(named, key=lambda facet: (-facet[1], facet[0])))


def sorted_by(conn: sqlite3.Connection, work_ids: Sequence[int], sort: Sort) -> list[int]:
    """Those works in the order asked for."""
    return [
        row[0]
        for row in conn.execute(
            "SELECT w.work_id FROM works AS w WHERE w.work_id IN "
            f"(SELECT value FROM json_each(?)) ORDER BY {_ORDERS[sort]}",
            (json.dumps(list(work_ids)),),
        )
    ]


def take_turns(
    order: Sequence[int], scores: Mapping[int, Scored], fandoms: Mapping[int, Sequence[int]]
) -> list[int]:
    """The same order, but with equals of several fandoms by turns.

    So that one fandom does not push the other's Spike off the page. `scores` are by work;
    a work without one is a match like the last that has one. Works whose title is the query
    stay where they are.
    """
    if not any(scores[one].names_only for one in order if one in scores):
        return list(order)
    head = [one for one in order if one in scores and scores[one].title >= TITLE_MEANT]
    others = [one for one in order if one not in scores or scores[one].title < TITLE_MEANT]
    best = max((scores[one].score for one in others if one in scores), default=0.0)
    queues: dict[int, list[int]] = {}
    tail: list[int] = []
    for one in others:
        if one in scores and scores[one].score < best - EQUALS:
            tail.append(one)
        else:
            queues.setdefault(fandoms.get(one, [0])[0], []).append(one)
    turns: list[int] = []
    waiting = [iter(queue) for queue in queues.values()]
    while waiting:
        still: list[Iterator[int]] = []
        for queue in waiting:
            if (one := next(queue, None)) is not None:
                turns.append(one)
                still.append(queue)
        waiting = still
    return [*head, *turns, *tail]
