"""What is recommended: fitting, unseen, in turn; queued works first, vetoed ones never."""

import sqlite3

import pytest

from db.daily import wishes
from db.daily.choosing import CANDIDATES, SKIPPED_FOR
from db.errors import Conflict, NotFound
from db.models import Rating, Status, TextAccess, WordRange
from tests.db.builders import a_work
from tests.db.daily.server import (
    DAY,
    HERE,
    MODERATOR,
    MORNING,
    NINE,
    THERE,
    add,
    fics,
    post,
    prepare,
    preview,
    set_up,
    status,
    the_schedule,
)


def test_nothing_repeats_while_unseen_works_remain(conn: sqlite3.Connection) -> None:
    add(conn, fics(6))
    seen = [post(conn, NINE + n * DAY).work_id for n in range(8)]
    assert len(set(seen[:6])) == 6
    assert seen[6:] == seen[:2]  # then the one posted longest ago


def test_choice_prefers_finished_works_and_avoids_the_last_authors(
    conn: sqlite3.Connection,
) -> None:
    add(conn, fics(1, status=Status.IN_PROGRESS))
    same = [
        a_work(f"Same {n}", authors=("prolific",), texts=(f"Their {n}th. " * 60,)) for n in range(2)
    ]
    add(conn, same)
    order = [post(conn, NINE + n * DAY).work_id for n in range(3)]
    titles = [
        conn.execute("SELECT title FROM works WHERE work_id = ?", (work_id,)).fetchone()[0]
        for work_id in order
    ]
    assert titles[0].startswith("Same")
    assert titles[1] == "Fic 0"


def test_the_queue_goes_first_and_a_veto_keeps_out(conn: sqlite3.Connection) -> None:
    add(conn, fics(5))
    conn.execute("INSERT INTO daily_queues VALUES (1, 4, 1, 7, '2026-01-01')")
    conn.execute("INSERT INTO daily_vetoes VALUES (?, 2, 7, '2026-01-01')", (HERE,))
    posted = [post(conn, NINE + n * DAY).work_id for n in range(4)]
    assert posted[0] == 4
    assert 2 not in posted
    assert conn.execute("SELECT count(*) FROM daily_queues").fetchone() == (0,)


def test_rating_fandom_and_consent_are_obeyed(conn: sqlite3.Connection) -> None:
    add(conn, fics(1, rating=Rating.MATURE))
    assert prepare(conn, HERE, False, now=NINE, early=False).work_id is None
    assert prepare(conn, HERE, True, now=NINE, early=False).work_id == 1
    for title, fandom, author in (("Drift", "Cowboy Bebop", "a"), ("Patrol", "Buffy", "b")):
        text = f"{title} begins here. " * 40
        add(conn, [a_work(title, fandoms=(fandom,), authors=(author,), texts=(text,))])
    set_up(conn, HERE, fandom="cowboy bebop")
    assert prepare(conn, HERE, False, now=NINE + DAY, early=False).work_id == 2
    set_up(conn, HERE)
    conn.execute("UPDATE authors SET consent = 'excluded' WHERE name = 'a'")
    assert prepare(conn, HERE, False, now=NINE + 2 * DAY, early=False).work_id == 3


def test_a_preview_is_what_is_then_posted(conn: sqlite3.Connection) -> None:
    add(conn, fics(30))
    shown = preview(conn, HERE, False, now=MORNING)
    assert shown is not None
    assert conn.execute("SELECT count(*) FROM outbox").fetchone() == (0,)
    assert post(conn, NINE).work_id == shown.work_id


@pytest.mark.parametrize(
    "change",
    ["UPDATE works SET text_access = 'metadata'", "UPDATE authors SET consent = 'metadata only'"],
)
def test_a_text_that_may_not_be_quoted_is_recommended_by_its_card(
    conn: sqlite3.Connection, change: str
) -> None:
    add(conn, fics(1))
    conn.execute(change)
    row = prepare(conn, HERE, False, now=NINE, early=False)
    assert (row.work_id, row.excerpt_id) == (1, None)


def test_works_without_an_excerpt_come_last_but_before_any_repeats(
    conn: sqlite3.Connection,
) -> None:
    add(conn, [a_work("Card Only", texts=(), text_access=TextAccess.METADATA)])
    add(conn, fics(3))
    posted = [post(conn, NINE + n * DAY).work_id for n in range(5)]
    assert set(posted[:3]) == {2, 3, 4}
    assert posted[3] == 1
    assert posted[4] == posted[0]


def test_a_preview_shows_what_would_be_posted_instead(conn: sqlite3.Connection) -> None:
    add(conn, fics(5))
    written = prepare(conn, HERE, False, now=NINE, early=False)
    conn.execute("INSERT INTO daily_vetoes VALUES (?, ?, 7, '2026-01-01')", (HERE, written.work_id))
    shown = preview(conn, HERE, False, now=NINE)
    assert shown is not None
    assert shown.work_id != written.work_id
    assert prepare(conn, HERE, False, now=NINE, early=False).work_id == shown.work_id


def test_a_fandom_is_its_synonyms_nicknames_and_subtags(conn: sqlite3.Connection) -> None:
    names = ("Buffy the Vampire Slayer", "Buffyverse", "Slayer Comics", "Comics (Slayer)", "Other")
    for name in names:
        add(conn, [a_work(name, authors=(name,), fandoms=(name,), texts=(f"{name} opens. " * 30,))])
    ids = dict(conn.execute("SELECT name, tag_id FROM tags WHERE kind = 'fandom'").fetchall())
    buffy, verse, comics, variant, _ = (ids[name] for name in names)
    conn.execute("UPDATE tags SET canonical_id = ? WHERE tag_id = ?", (buffy, verse))
    conn.execute("UPDATE tags SET canonical_id = ? WHERE tag_id = ?", (comics, variant))
    conn.execute("INSERT INTO tag_parents VALUES (?, ?)", (comics, buffy))
    conn.execute("INSERT INTO nicknames VALUES (?, 'fandom', ?, 'btvs')", (HERE, names[0]))
    add(conn, fics(1, fandoms=(names[0],)), THERE)
    for asked in (names[0], "buffyverse", "BTVS"):
        conn.execute("DELETE FROM outbox")
        set_up(conn, HERE, fandom=asked)
        assert status(conn, HERE, now=NINE).unseen == 4
        assert {post(conn, NINE + n * DAY).work_id for n in range(5)} == {1, 2, 3, 4}
    set_up(conn, THERE, fandom="btvs")  # a nickname of another server
    assert prepare(conn, THERE, False, now=NINE, early=False).work_id is None


def test_the_queue_keeps_its_order_and_what_does_not_fit_waits(conn: sqlite3.Connection) -> None:
    add(conn, fics(6))
    conn.execute("UPDATE works SET rating = 'Explicit' WHERE work_id = 5")
    for position, work_id in enumerate((5, 6, 3)):
        conn.execute(
            "INSERT INTO daily_queues VALUES (1, ?, ?, 7, '2026-01-01')", (work_id, position)
        )
    assert [post(conn, NINE + n * DAY).work_id for n in range(2)] == [6, 3]
    assert conn.execute("SELECT work_id FROM daily_queues").fetchall() == [(5,)]
    assert prepare(conn, HERE, True, now=NINE + 2 * DAY, early=False).work_id == 5


def test_works_added_together_do_not_hide_the_others(conn: sqlite3.Connection) -> None:
    """One writer's archive of more works than are weighed, and another's works after it."""
    archive = [
        a_work(f"Part {n}", authors=("prolific",), texts=(f"Part {n} begins so. " * 9,))
        for n in range(CANDIDATES + 40)
    ]
    add(conn, [*archive, *fics(30)])
    posted = [post(conn, NINE + n * DAY).work_id or 0 for n in range(12)]
    assert sum(work_id <= len(archive) for work_id in posted) <= 3


def test_a_small_server_beside_a_large_one_has_its_own_luck(conn: sqlite3.Connection) -> None:
    add(conn, fics(80), THERE)
    add(conn, fics(8))
    shown = {preview(conn, HERE, False, now=MORNING + n * DAY) for n in range(20)}
    works = {one.work_id for one in shown if one is not None}
    assert len(works) >= 5
    assert all(work_id is not None and work_id > 80 for work_id in works)


def recommend(conn: sqlite3.Connection, work_id: int, at: str, why: str = "Read it.") -> None:
    conn.execute("INSERT INTO recs VALUES (?, 5, ?, ?, ?)", (HERE, work_id, why, at))


def test_works_that_members_recommended_come_first_the_earliest_before(
    conn: sqlite3.Connection,
) -> None:
    add(conn, fics(12))
    recommend(conn, 9, "2026-05-02")
    recommend(conn, 4, "2026-05-01")
    conn.execute("UPDATE works SET rating = 'Explicit' WHERE work_id = 9")
    recommend(conn, 7, "2026-05-03")
    posted = [post(conn, NINE + n * DAY).work_id for n in range(3)]
    assert posted[:2] == [4, 7]
    assert posted[2] not in {4, 7, 9}


@pytest.mark.parametrize(
    ("terms", "fitting"),
    [
        ({"rating": Rating.GENERAL}, {1}),
        ({"rating": Rating.TEEN}, {1, 2}),
        ({"rating": Rating.MATURE}, {1, 2, 3}),
        ({"status": Status.COMPLETE}, {2, 4}),
        ({"words": WordRange(None, 10_000)}, {1, 2}),
        ({"words": WordRange(20_000, None)}, {4}),
        ({"status": Status.COMPLETE, "words": WordRange(None, 10_000)}, {2}),
        ({}, {1, 2, 3, 4}),
    ],
)
def test_only_what_the_schedule_asks_for(
    conn: sqlite3.Connection, terms: dict[str, object], fitting: set[int]
) -> None:
    unfinished, complete = Status.IN_PROGRESS, Status.COMPLETE
    for rating, words, state in (
        (Rating.GENERAL, 3_000, unfinished), (Rating.TEEN, 9_000, complete),
        (Rating.MATURE, 15_000, unfinished), (Rating.NOT_RATED, 90_000, complete),
    ):  # fmt: skip
        add(conn, [a_work(f"Of {words}", rating=rating, words=words, status=state, texts=())])
    set_up(conn, HERE, **terms)
    assert status(conn, HERE, now=NINE).unseen == len(fitting)
    shown = {preview(conn, HERE, True, now=MORNING + n * DAY) for n in range(30)}
    assert {one.work_id for one in shown if one} <= fitting
    posted: set[int | None] = set()
    for n in range(len(fitting)):
        row = prepare(conn, HERE, True, now=NINE + n * DAY, early=False)
        conn.execute("UPDATE outbox SET state = 'sent' WHERE outbox_id = ?", (row.outbox_id,))
        posted.add(row.work_id)
    assert posted == fitting


def test_two_schedules_never_choose_the_same(conn: sqlite3.Connection) -> None:
    add(conn, fics(6))
    set_up(conn, HERE, name="weekly")
    for n in range(3):
        one = post(conn, NINE + n * DAY)
        other = post(conn, NINE + n * DAY, name="weekly")
        assert one.work_id != other.work_id
        assert (one.local_date, one.nonce) != (other.local_date, other.nonce)
    rows = conn.execute("SELECT count(*), count(DISTINCT work_id) FROM outbox").fetchone()
    assert rows == (6, 6)


def test_what_one_has_chosen_ahead_is_not_the_others_to_choose(conn: sqlite3.Connection) -> None:
    add(conn, fics(2))
    set_up(conn, HERE, name="weekly")
    first = prepare(conn, HERE, False, now=NINE, early=False)
    second = preview(conn, HERE, False, now=NINE, name="weekly")
    assert second is not None
    assert {first.work_id, second.work_id} == {1, 2}


def test_a_skipped_work_waits_for_some_weeks(conn: sqlite3.Connection) -> None:
    add(conn, fics(4))
    chosen = preview(conn, HERE, False, now=MORNING)
    assert chosen is not None
    assert chosen.work_id is not None
    wishes.skip(conn, HERE, chosen.work_id, by=MODERATOR, now=MORNING)
    posted = [post(conn, NINE + n * DAY).work_id for n in range(4)]
    assert posted[3] == chosen.work_id  # last, but before any repeats
    assert len(set(posted)) == 4
    wishes.skip(conn, HERE, posted[0] or 0, by=MODERATOR, now=NINE)
    late = NINE + 4 * DAY + SKIPPED_FOR
    assert post(conn, late).work_id == posted[0]


def test_a_veto_lasts_until_it_is_lifted(conn: sqlite3.Connection) -> None:
    add(conn, fics(2))
    wishes.veto(conn, HERE, 1, by=MODERATOR, now=MORNING)
    with pytest.raises(Conflict, match="vetoed already"):
        wishes.veto(conn, HERE, 1, by=MODERATOR, now=MORNING)
    with pytest.raises(Conflict, match="vetoed"):
        wishes.enqueue(conn, HERE, 1, 1, first=False, by=MODERATOR, now=MORNING)
    assert [work.work_id for work in wishes.vetoed(conn, HERE)] == [1]
    assert [post(conn, NINE + n * DAY).work_id for n in range(2)] == [2, 2]
    wishes.lift_veto(conn, HERE, 1, by=MODERATOR, now=NINE)
    assert post(conn, NINE + 2 * DAY).work_id == 1
    with pytest.raises(Conflict, match="not vetoed"):
        wishes.lift_veto(conn, HERE, 1, by=MODERATOR, now=NINE)


def test_a_queue_is_put_in_order(conn: sqlite3.Connection) -> None:
    add(conn, fics(5))

    def enqueue(work_id: int, *, first: bool = False) -> None:
        wishes.enqueue(conn, HERE, 1, work_id, first=first, by=MODERATOR, now=MORNING)

    def queued() -> list[int]:
        return [work.work_id for work in wishes.queue(conn, HERE, 1)]

    for work_id in (3, 1, 5):
        enqueue(work_id)
    assert queued() == [3, 1, 5]
    enqueue(5, first=True)
    enqueue(3)
    assert queued() == [5, 1, 3]
    wishes.dequeue(conn, HERE, 1, 1, by=MODERATOR, now=MORNING)
    with pytest.raises(NotFound, match="not in the queue"):
        wishes.dequeue(conn, HERE, 1, 1, by=MODERATOR, now=MORNING)
    assert [post(conn, NINE + n * DAY).work_id for n in range(2)] == [5, 3]
    assert queued() == []


def test_a_queued_work_goes_out_again_though_it_was_posted(conn: sqlite3.Connection) -> None:
    add(conn, fics(3))
    first = post(conn, NINE)
    wishes.enqueue(conn, HERE, 1, first.work_id or 0, first=False, by=MODERATOR, now=NINE)
    assert post(conn, NINE + DAY).work_id == first.work_id
    assert post(conn, NINE + 2 * DAY).work_id != first.work_id


def test_what_another_server_has_can_neither_be_queued_nor_vetoed(conn: sqlite3.Connection) -> None:
    (theirs,) = add(conn, fics(1), THERE)
    foreign = the_schedule(conn, THERE).schedule_id
    (mine,) = add(conn, fics(1))
    for attempt in (
        lambda: wishes.enqueue(conn, HERE, 1, theirs, first=True, by=MODERATOR, now=MORNING),
        lambda: wishes.enqueue(conn, HERE, foreign, mine, first=True, by=MODERATOR, now=MORNING),
        lambda: wishes.dequeue(conn, HERE, foreign, theirs, by=MODERATOR, now=MORNING),
        lambda: wishes.queue(conn, HERE, foreign),
        lambda: wishes.veto(conn, HERE, theirs, by=MODERATOR, now=MORNING),
        lambda: wishes.skip(conn, HERE, theirs, by=MODERATOR, now=MORNING),
    ):
        with pytest.raises(NotFound):
            attempt()
