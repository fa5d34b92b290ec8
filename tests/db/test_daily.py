"""The outbox: one post a date whatever happens, and the choice of what to recommend."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from db import adding, daily
from db.connection import prepare_file
from db.errors import NotFound
from db.guilds import ensure_guild
from db.models import DailyPost, NewWork, PostState, Rating, ScheduleState, Status
from tests.db.builders import a_work

HERE, THERE = 100, 200
MORNING = datetime(2026, 6, 1, 6, tzinfo=UTC)
NINE = datetime(2026, 6, 1, 9, 0, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def fics(count: int, **changes: object) -> list[NewWork]:
    return [
        a_work(
            f"Fic {n}",
            authors=(f"writer {n}",),
            texts=(f"The {n}th story begins. " * 30,),
            **changes,
        )  # type: ignore[arg-type]
        for n in range(count)
    ]


@pytest.fixture
def conn(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    path = tmp_path / "library.sqlite3"
    prepare_file(path)
    connection = sqlite3.connect(path, isolation_level=None)
    for guild_id in (HERE, THERE):
        ensure_guild(connection, guild_id, now=MORNING)
        set_up(connection, guild_id)
    yield connection
    connection.close()


def set_up(conn: sqlite3.Connection, guild_id: int, zone: str = "UTC", **changes: object) -> None:
    settings = {"channel_id": 9, "role_id": None, "fandom": None, "by": 7, "now": MORNING}
    daily.set_schedule(
        conn, guild_id, local_time=time(9), time_zone=zone, **{**settings, **changes}
    )  # type: ignore[arg-type]


def add(conn: sqlite3.Connection, works: list[NewWork], guild_id: int = HERE) -> None:
    adding.add_works(conn, guild_id, works, by=None, now=MORNING)


def post(conn: sqlite3.Connection, now: datetime, guild_id: int = HERE) -> DailyPost:
    """A post as it goes when nothing goes wrong."""
    row = daily.prepare(conn, guild_id, False, now=now, early=False)
    daily.begin_send(conn, row.outbox_id, now=now)
    daily.settle_send(conn, row.outbox_id, message_id=5, skipped=None, now=now)
    return daily.prepare(conn, guild_id, False, now=now, early=False)


def due(conn: sqlite3.Connection, now: datetime) -> set[int]:
    return {schedule.guild_id for schedule in daily.due_guilds(conn, now=now)}


def test_every_server_is_due_at_its_hour_until_it_has_its_post(conn: sqlite3.Connection) -> None:
    add(conn, fics(3))
    add(conn, fics(3), THERE)
    assert due(conn, MORNING) == set()
    assert due(conn, NINE) == {HERE, THERE}
    sent = post(conn, NINE)
    assert (sent.state, sent.message_id) == (PostState.SENT, 5)
    assert due(conn, NINE + timedelta(minutes=5)) == {THERE}
    assert due(conn, NINE + DAY) == {HERE, THERE}


def test_a_date_has_one_row_and_one_nonce_whatever_happens(conn: sqlite3.Connection) -> None:
    add(conn, fics(3))
    first = daily.prepare(conn, HERE, False, now=NINE, early=False)
    daily.begin_send(conn, first.outbox_id, now=NINE)
    # A restart: the row that was being sent is taken up again as it was.
    again = daily.prepare(conn, HERE, False, now=NINE + timedelta(minutes=1), early=False)
    assert again.state is PostState.SENDING
    assert (again.outbox_id, again.nonce, again.work_id) == (
        first.outbox_id, first.nonce, first.work_id,
    )  # fmt: skip
    assert again.first_attempt_at == NINE
    assert len(first.nonce) <= 25
    assert conn.execute("SELECT count(*) FROM outbox").fetchone() == (1,)
    tomorrow = daily.prepare(conn, HERE, False, now=NINE + DAY, early=False)
    assert tomorrow.nonce != first.nonce
    elsewhere = daily.prepare(conn, THERE, False, now=NINE, early=False)
    assert elsewhere.nonce != first.nonce


def test_a_settled_row_stays_settled(conn: sqlite3.Connection) -> None:
    add(conn, fics(2))
    sent = post(conn, NINE)
    daily.settle_send(conn, sent.outbox_id, message_id=None, skipped="late word", now=NINE)
    assert daily.begin_send(conn, sent.outbox_id, now=NINE).state is PostState.SENT
    assert daily.prepare(conn, HERE, False, now=NINE, early=True).message_id == 5


def test_a_work_that_may_not_be_shown_any_more_is_replaced_unless_it_is_out(
    conn: sqlite3.Connection,
) -> None:
    add(conn, fics(2))
    first = daily.prepare(conn, HERE, False, now=NINE, early=False)
    conn.execute("UPDATE works SET rating = 'Explicit' WHERE work_id = ?", (first.work_id,))
    second = daily.prepare(conn, HERE, False, now=NINE, early=False)
    assert second.outbox_id == first.outbox_id
    assert second.work_id not in (None, first.work_id)
    daily.begin_send(conn, second.outbox_id, now=NINE)
    conn.execute("UPDATE works SET state = 'removed' WHERE work_id = ?", (second.work_id,))
    assert daily.prepare(conn, HERE, False, now=NINE, early=False).work_id == second.work_id


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
    conn.execute("INSERT INTO daily_queue VALUES (?, 4, 1, 7, '2026-01-01')", (HERE,))
    conn.execute("INSERT INTO daily_vetoes VALUES (?, 2, 7, '2026-01-01')", (HERE,))
    posted = [post(conn, NINE + n * DAY).work_id for n in range(4)]
    assert posted[0] == 4
    assert 2 not in posted
    assert conn.execute("SELECT count(*) FROM daily_queue").fetchone() == (0,)


def test_rating_fandom_and_consent_are_obeyed(conn: sqlite3.Connection) -> None:
    add(conn, fics(1, rating=Rating.MATURE))
    assert daily.prepare(conn, HERE, False, now=NINE, early=False).work_id is None
    assert daily.prepare(conn, HERE, True, now=NINE, early=False).work_id == 1
    for title, fandom, author in (("Drift", "Cowboy Bebop", "a"), ("Patrol", "Buffy", "b")):
        text = f"{title} begins here. " * 40
        add(conn, [a_work(title, fandoms=(fandom,), authors=(author,), texts=(text,))])
    set_up(conn, HERE, fandom="cowboy bebop")
    assert daily.prepare(conn, HERE, False, now=NINE + DAY, early=False).work_id == 2
    set_up(conn, HERE)
    conn.execute("UPDATE authors SET consent = 'excluded' WHERE name = 'a'")
    assert daily.prepare(conn, HERE, False, now=NINE + 2 * DAY, early=False).work_id == 3


def test_a_preview_is_what_is_then_posted(conn: sqlite3.Connection) -> None:
    add(conn, fics(30))
    shown = daily.preview(conn, HERE, False, now=MORNING)
    assert shown is not None
    assert conn.execute("SELECT count(*) FROM outbox").fetchone() == (0,)
    assert post(conn, NINE).work_id == shown.work_id


def test_now_posts_todays_early_and_the_hour_adds_none(conn: sqlite3.Connection) -> None:
    add(conn, fics(3))
    row = daily.prepare(conn, HERE, False, now=MORNING, early=True)
    daily.begin_send(conn, row.outbox_id, now=MORNING)
    daily.settle_send(conn, row.outbox_id, message_id=5, skipped=None, now=MORNING)
    assert row.local_date == date(2026, 6, 1)
    assert due(conn, NINE) == {THERE}
    status = daily.status(conn, HERE, now=NINE)
    assert status is not None
    assert status.next_at == datetime(2026, 6, 2, 9, tzinfo=UTC)
    assert (status.unseen, len(status.recent)) == (2, 1)


def test_lasting_refusals_pause_that_server_alone(conn: sqlite3.Connection) -> None:
    add(conn, fics(3))
    row = daily.prepare(conn, HERE, False, now=NINE, early=False)
    for attempt in range(1, 4):
        daily.begin_send(conn, row.outbox_id, now=NINE)
        schedule = daily.fail_send(conn, row.outbox_id, "no rights", permanent=True, now=NINE)
        assert schedule.failures == attempt
    assert schedule.state is ScheduleState.PAUSED
    assert schedule.pause_reason == "no rights"
    assert due(conn, NINE) == {THERE}
    daily.resume(conn, HERE, by=7, now=NINE)
    assert HERE not in due(conn, NINE)  # what the pause missed stays missed
    assert HERE in due(conn, NINE + DAY)


def test_passing_faults_count_for_nothing(conn: sqlite3.Connection) -> None:
    add(conn, fics(3))
    row = daily.prepare(conn, HERE, False, now=NINE, early=False)
    for _ in range(5):
        daily.begin_send(conn, row.outbox_id, now=NINE)
        schedule = daily.fail_send(conn, row.outbox_id, "503", permanent=False, now=NINE)
    assert (schedule.failures, schedule.state) == (0, ScheduleState.ACTIVE)
    assert daily.prepare(conn, HERE, False, now=NINE, early=False).state is PostState.SENDING
    assert daily.unsettled(conn, now=NINE) == []
    assert [post.outbox_id for post in daily.unsettled(conn, now=NINE + DAY)] == [row.outbox_id]


def test_a_server_that_never_set_it_up_is_told_how(conn: sqlite3.Connection) -> None:
    assert daily.status(conn, 300, now=NINE) is None
    for attempt in (
        lambda: daily.pause(conn, 300, by=7, reason="", now=NINE),
        lambda: daily.resume(conn, 300, by=7, now=NINE),
        lambda: daily.prepare(conn, 300, False, now=NINE, early=True),
    ):
        with pytest.raises(NotFound, match="/daily setup"):
            attempt()
