"""Which works a schedule may recommend, and the choice among them."""

import json
import sqlite3
from datetime import date, datetime, timedelta
from typing import Any

from db.clock import to_text
from db.daily.models import DailySchedule
from db.daily.rotation import Candidate, Subjects, choose, places
from db.models import NameField, Rating, Status, WordRange
from db.search.consent import QUOTABLE, WELCOME
from db.search.names import meant

REMEMBERED_POSTS = 40  # whose authors and fandoms wait for their next turn
CANDIDATES = 60  # weighed against each other; more makes no better choice
PER_PLACE = 10  # of those, where the library has more: neighbours are alike
SKIPPED_FOR = timedelta(days=30)

_ORDER = (Rating.GENERAL, Rating.TEEN, Rating.MATURE, Rating.EXPLICIT)

_MAY_SHOW = (
    "w.guild_id = :guild AND w.state = 'published' "
    "AND (:adult OR w.rating IN ('General Audiences', 'Teen And Up Audiences')) "
    "AND (:ratings IS NULL OR w.rating IN (SELECT value FROM json_each(:ratings))) "
    "AND (:status IS NULL OR w.status = :status) "
    "AND (:low IS NULL OR w.words >= :low) AND (:high IS NULL OR w.words <= :high) "
    "AND NOT EXISTS (SELECT 1 FROM daily_vetoes AS v "
    "  WHERE v.guild_id = w.guild_id AND v.work_id = w.work_id) "
    f"AND {WELCOME} "
    "AND (:tags IS NULL OR EXISTS (SELECT 1 FROM work_tags AS wt "
    "  WHERE wt.work_id = w.work_id AND wt.tag_id IN (SELECT value FROM json_each(:tags))))"
)
# Another schedule has chosen it for its next post, or is sending it.
_NOT_CHOSEN_ELSEWHERE = (
    "NOT EXISTS (SELECT 1 FROM outbox AS o WHERE o.guild_id = w.guild_id "
    "AND o.work_id = w.work_id AND o.state IN ('pending', 'sending') AND o.outbox_id != :own)"
)
_UNSEEN = (
    "NOT EXISTS (SELECT 1 FROM outbox AS o WHERE o.guild_id = w.guild_id "
    "AND o.work_id = w.work_id AND o.state = 'sent')"
)
_NOT_SKIPPED = (
    "NOT EXISTS (SELECT 1 FROM daily_skips AS s WHERE s.guild_id = w.guild_id "
    "AND s.work_id = w.work_id AND s.at > :skips)"
)
_HAS_EXCERPT = (
    f"{QUOTABLE} AND EXISTS (SELECT 1 FROM excerpts AS e "
    "  WHERE e.work_id = w.work_id AND e.state != 'vetoed')"
)
_FREE = f"{_NOT_CHOSEN_ELSEWHERE} AND {_UNSEEN}"


def pick(
    conn: sqlite3.Connection,
    schedule: DailySchedule,
    adult_ok: bool,
    local_date: date,
    *,
    own: int,
    now: datetime,
) -> int | None:
    """The work for a date; None: nothing fits. `own` is the post's row, 0 if it has none.

    Queued works go first, then unseen ones: those that a member recommended, those with an
    excerpt, any, those passed over lately. When all were seen, the one posted longest ago.
    """
    parameters = _parameters(conn, schedule, adult_ok, own=own, now=now)
    # CROSS JOIN: from the short table to the long one, which the planner gets wrong.
    queued = conn.execute(
        "SELECT w.work_id FROM daily_queues AS q CROSS JOIN works AS w USING (work_id) "
        f"WHERE q.schedule_id = :schedule AND {_MAY_SHOW} AND {_NOT_CHOSEN_ELSEWHERE} "
        "ORDER BY q.position, q.work_id LIMIT 1",
        parameters,
    ).fetchone()
    if queued:
        return queued[0]
    recent = _recent(conn, schedule)
    found = _recommended(conn, parameters)
    work_id = choose(_candidates(conn, found), recent)
    for condition in (f"{_NOT_SKIPPED} AND {_HAS_EXCERPT}", _NOT_SKIPPED, "TRUE"):
        if work_id is None:
            free = f"{_FREE} AND {condition}"
            found = _look_around(conn, schedule, parameters, free, local_date)
            work_id = choose(_candidates(conn, found), recent)
    if work_id is None:
        row = conn.execute(
            "SELECT w.work_id FROM outbox AS o CROSS JOIN works AS w USING (work_id) "
            f"WHERE o.guild_id = :guild AND o.state = 'sent' AND {_MAY_SHOW} "
            f"AND {_NOT_CHOSEN_ELSEWHERE} GROUP BY w.work_id ORDER BY max(o.local_date) LIMIT 1",
            parameters,
        ).fetchone()
        work_id = row[0] if row else None
    return work_id


def fits(
    conn: sqlite3.Connection,
    schedule: DailySchedule,
    adult_ok: bool,
    work_id: int,
    *,
    own: int,
    now: datetime,
) -> bool:
    """Whether a work that was chosen earlier may still be recommended, and was not meanwhile."""
    queued = (
        "EXISTS (SELECT 1 FROM daily_queues AS q WHERE q.schedule_id = :schedule "
        "AND q.work_id = w.work_id)"
    )
    row = conn.execute(
        f"SELECT 1 FROM works AS w WHERE w.work_id = :work AND {_MAY_SHOW} "
        f"AND {_NOT_CHOSEN_ELSEWHERE} AND ({_UNSEEN} OR {queued})",
        {**_parameters(conn, schedule, adult_ok, own=own, now=now), "work": work_id},
    ).fetchone()
    return row is not None


def count_unseen(conn: sqlite3.Connection, schedule: DailySchedule, *, now: datetime) -> int:
    """How many fitting works the server has not been recommended yet."""
    parameters = _parameters(conn, schedule, adult_ok=True, own=0, now=now)
    (unseen,) = conn.execute(
        f"SELECT count(*) FROM works AS w WHERE {_MAY_SHOW} AND {_UNSEEN}", parameters
    ).fetchone()
    return unseen


def best_excerpt(conn: sqlite3.Connection, work_id: int | None) -> int | None:
    """The excerpt that moderators chose, else the best; None where none may be shown."""
    row = conn.execute(
        "SELECT e.excerpt_id FROM excerpts AS e JOIN works AS w USING (work_id) "
        f"WHERE e.work_id = ? AND e.state != 'vetoed' AND {QUOTABLE} "
        "ORDER BY e.state != 'chosen', e.score DESC, e.excerpt_id LIMIT 1",
        (work_id,),
    ).fetchone()
    return row[0] if row else None


def _recommended(conn: sqlite3.Connection, parameters: dict[str, Any]) -> dict[int, str]:
    """Unseen works that members recommended, the earliest first, with their statuses."""
    rows = conn.execute(
        "SELECT w.work_id, w.status FROM (SELECT work_id, min(created_at) AS since FROM recs "
        "  WHERE guild_id = :guild GROUP BY work_id) AS r CROSS JOIN works AS w USING (work_id) "
        f"WHERE {_MAY_SHOW} AND {_FREE} AND {_NOT_SKIPPED} "
        f"ORDER BY r.since, w.work_id LIMIT {CANDIDATES}",
        parameters,
    )
    return dict(rows.fetchall())


def _look_around(
    conn: sqlite3.Connection,
    schedule: DailySchedule,
    parameters: dict[str, Any],
    condition: str,
    local_date: date,
) -> dict[int, str]:
    """Candidates and their statuses, in order of preference: all there are, or a spread of them.

    Never reads the whole library where it holds enough: that is what the work ids bound.
    """
    low, high = conn.execute(
        "SELECT (SELECT min(work_id) FROM works WHERE guild_id = :guild AND state = 'published'), "
        "(SELECT max(work_id) FROM works WHERE guild_id = :guild AND state = 'published')",
        parameters,
    ).fetchone()
    if low is None:
        return {}
    first, *others = places(schedule.schedule_id, local_date, low, high)

    def from_to(start: int, end: int, limit: int) -> dict[int, str]:
        bounds = {**parameters, "start": start, "end": end, "limit": limit}
        return _between(conn, bounds, condition)

    found = from_to(first, high, CANDIDATES)
    if len(found) < CANDIDATES:
        found |= from_to(low, first - 1, CANDIDATES - len(found))
    if len(found) < CANDIDATES:
        return found
    spread = dict(list(found.items())[:PER_PLACE])
    for place in others:
        spread |= from_to(place, high, PER_PLACE)
    return spread


def _between(
    conn: sqlite3.Connection, parameters: dict[str, Any], condition: str
) -> dict[int, str]:
    """The first works that meet a condition from id `start` to `end`, with their statuses."""
    if parameters["tags"] is None:
        rows = conn.execute(
            "SELECT w.work_id, w.status FROM works AS w INDEXED BY works_by_state "
            f"WHERE w.work_id BETWEEN :start AND :end AND {_MAY_SHOW} AND {condition} "
            "ORDER BY w.work_id LIMIT :limit",
            parameters,
        )
        return dict(rows.fetchall())
    # Of a fandom: from its own works, however few of the library they are.
    rows = [
        row
        for tag_id in json.loads(parameters["tags"])
        for row in conn.execute(
            "SELECT w.work_id, w.status FROM work_tags AS of_fandom CROSS JOIN works AS w "
            "ON w.work_id = of_fandom.work_id WHERE of_fandom.tag_id = :tag "
            f"AND of_fandom.work_id BETWEEN :start AND :end AND {_MAY_SHOW} AND {condition} "
            "ORDER BY of_fandom.work_id LIMIT :limit",
            {**parameters, "tag": tag_id},
        ).fetchall()
    ]
    return dict(sorted(set(rows))[: parameters["limit"]])


def _candidates(conn: sqlite3.Connection, found: dict[int, str]) -> list[Candidate]:
    return [
        Candidate(work_id, Status(status), _subjects(conn, work_id))
        for work_id, status in found.items()
    ]


def _recent(conn: sqlite3.Connection, schedule: DailySchedule) -> list[Subjects]:
    """What the server's latest posts were of, by all its schedules, newest first."""
    rows = conn.execute(
        "SELECT work_id FROM outbox WHERE guild_id = ? AND state IN ('sent', 'sending') "
        "AND work_id IS NOT NULL ORDER BY local_date DESC, outbox_id DESC LIMIT ?",
        (schedule.guild_id, REMEMBERED_POSTS),
    ).fetchall()
    return [_subjects(conn, work_id) for (work_id,) in rows]


def _subjects(conn: sqlite3.Connection, work_id: int) -> Subjects:
    authors = conn.execute("SELECT author_id FROM work_authors WHERE work_id = ?", (work_id,))
    fandoms = conn.execute(
        "SELECT ifnull(canonical_id, tag_id) FROM work_tags JOIN tags USING (tag_id) "
        "WHERE work_id = ? AND kind = 'fandom'",
        (work_id,),
    )
    return Subjects(
        frozenset(row[0] for row in authors.fetchall()),
        frozenset(row[0] for row in fandoms.fetchall()),
    )


def _parameters(
    conn: sqlite3.Connection, schedule: DailySchedule, adult_ok: bool, *, own: int, now: datetime
) -> dict[str, Any]:
    tags = ratings = None
    if schedule.fandom:  # as a search reads it: with its synonyms, nicknames and subtags
        tags = meant(conn, schedule.guild_id, NameField.FANDOM, schedule.fandom, whole=True).tags
    if schedule.rating in _ORDER:
        ratings = [each.value for each in _ORDER[: _ORDER.index(schedule.rating) + 1]]
    words = schedule.words or WordRange()
    return {
        "guild": schedule.guild_id,
        "schedule": schedule.schedule_id,
        "own": own,
        "adult": adult_ok,
        "tags": None if tags is None else json.dumps(tags),
        "ratings": None if ratings is None else json.dumps(ratings),
        "status": schedule.status and schedule.status.value,
        "low": words.low,
        "high": words.high,
        "skips": to_text(now - SKIPPED_FOR),
    }
