"""The outbox: one post a date whatever happens, and the choice of what to recommend."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from db import adding, daily
from db.connection import migrate, prepare_file
from db.errors import Conflict, NotFound
from db.guilds import ensure_guild
from db.models import (
    DailyPost,
    DailySchedule,
    NewWork,
    PostState,
    Rating,
    ScheduleState,
    Status,
    TextAccess,
)
from db.schedule import due_date
from tests.db.builders import a_work

HERE, THERE = 100, 200
MORNING = datetime(2026, 6, 1, 6, tzinfo=UTC)
NINE = datetime(2026, 6, 1, 9, 0, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def fics(count: int, **changes: Any) -> list[NewWork]:
    return [
        a_work(
            f"Fic {n}",
            authors=(f"writer {n}",),
            texts=(f"The {n}th story begins. " * 30,),
            **changes,
        )
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


def set_up(conn: sqlite3.Connection, guild_id: int, zone: str = "UTC", **changes: Any) -> None:
    settings: dict[str, Any] = {
        "channel_id": 9, "role_id": None, "fandom": None, "by": 7, "now": MORNING,
    }  # fmt: skip
    daily.set_schedule(
        conn, guild_id, local_time=time(9), time_zone=zone, **{**settings, **changes}
    )


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
    schedules: list[DailySchedule] = []
    for _ in range(3):
        daily.begin_send(conn, row.outbox_id, now=NINE)
        schedules.append(
            daily.fail_send(conn, row.outbox_id, "no rights", permanent=True, now=NINE)
        )
    assert [schedule.failures for schedule in schedules] == [1, 2, 3]
    schedule = schedules[-1]
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


def rows(conn: sqlite3.Connection, guild_id: int = HERE) -> list[tuple[str, str, str | None]]:
    return conn.execute(
        "SELECT local_date, state, reason FROM outbox WHERE guild_id = ? ORDER BY local_date",
        (guild_id,),
    ).fetchall()


@pytest.mark.parametrize("now", [MORNING, NINE + timedelta(hours=12)], ids=["before", "too late"])
def test_nothing_is_written_down_that_is_not_due(conn: sqlite3.Connection, now: datetime) -> None:
    add(conn, fics(2))
    with pytest.raises(Conflict, match="No daily recommendation is due"):
        daily.prepare(conn, HERE, False, now=now, early=False)
    assert rows(conn) == []


def test_a_change_between_asking_what_is_due_and_writing_it_down_counts(
    conn: sqlite3.Connection,
) -> None:
    add(conn, fics(2))
    daily.pause(conn, HERE, by=7, reason="", now=NINE)
    with pytest.raises(Conflict):
        daily.prepare(conn, HERE, False, now=NINE, early=False)
    assert daily.prepare(conn, HERE, False, now=NINE, early=True).state is PostState.PENDING
    set_up(conn, THERE, now=NINE, channel_id=10)  # from the next hour on
    with pytest.raises(Conflict):
        daily.prepare(conn, THERE, False, now=NINE, early=False)


def test_a_pause_right_after_the_post_hides_it_from_nobody(conn: sqlite3.Connection) -> None:
    add(conn, fics(2))
    sent = post(conn, NINE)
    daily.pause(conn, HERE, by=7, reason="", now=NINE)
    assert daily.prepare(conn, HERE, False, now=NINE, early=False) == sent


def test_an_excerpt_that_went_is_replaced_until_it_is_sent(conn: sqlite3.Connection) -> None:
    add(conn, fics(1))
    first = daily.prepare(conn, HERE, False, now=NINE, early=False)
    conn.execute("UPDATE excerpts SET state = 'vetoed'")
    without = daily.prepare(conn, HERE, False, now=NINE, early=False)
    assert (without.work_id, without.excerpt_id) == (first.work_id, None)
    added = conn.execute(
        "INSERT INTO excerpts (work_id, chapter, start, end, score) VALUES (?, 0, 2, 40, 1)",
        (first.work_id,),
    ).lastrowid
    second = daily.prepare(conn, HERE, False, now=NINE, early=False)
    assert (second.work_id, second.excerpt_id) == (first.work_id, added)
    daily.begin_send(conn, second.outbox_id, now=NINE)
    conn.execute("UPDATE excerpts SET state = 'vetoed'")
    assert daily.prepare(conn, HERE, False, now=NINE, early=False).excerpt_id == added


@pytest.mark.parametrize(
    "change",
    ["UPDATE works SET text_access = 'metadata'", "UPDATE authors SET consent = 'metadata only'"],
)
def test_a_text_that_may_not_be_quoted_is_recommended_by_its_card(
    conn: sqlite3.Connection, change: str
) -> None:
    add(conn, fics(1))
    conn.execute(change)
    row = daily.prepare(conn, HERE, False, now=NINE, early=False)
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
    written = daily.prepare(conn, HERE, False, now=NINE, early=False)
    conn.execute("INSERT INTO daily_vetoes VALUES (?, ?, 7, '2026-01-01')", (HERE, written.work_id))
    shown = daily.preview(conn, HERE, False, now=NINE)
    assert shown is not None
    assert shown.work_id != written.work_id
    assert daily.prepare(conn, HERE, False, now=NINE, early=False).work_id == shown.work_id


def test_dates_that_passed_unposted_are_settled_with_the_reason(conn: sqlite3.Connection) -> None:
    nothing = daily.prepare(conn, HERE, False, now=NINE, early=False)
    assert nothing.work_id is None
    add(conn, fics(3))
    daily.prepare(conn, HERE, False, now=NINE + DAY, early=False)  # and then the power went
    refused = daily.prepare(conn, HERE, False, now=NINE + 2 * DAY, early=False)
    daily.begin_send(conn, refused.outbox_id, now=NINE + 2 * DAY)
    daily.fail_send(conn, refused.outbox_id, "no rights", permanent=True, now=NINE + 2 * DAY)
    daily.prepare(conn, HERE, False, now=NINE + 5 * DAY, early=False)
    assert rows(conn) == [
        ("2026-06-01", "skipped", "Nothing in the library was left that fits."),
        ("2026-06-02", "skipped", "Its hour passed before it could be posted."),
        ("2026-06-03", "skipped", "no rights"),
        ("2026-06-06", "pending", None),
    ]


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
        status = daily.status(conn, HERE, now=NINE)
        assert status is not None
        assert status.unseen == 4
        assert {post(conn, NINE + n * DAY).work_id for n in range(5)} == {1, 2, 3, 4}
    set_up(conn, THERE, fandom="btvs")  # a nickname of another server
    assert daily.prepare(conn, THERE, False, now=NINE, early=False).work_id is None


def test_the_queue_keeps_its_order_and_what_does_not_fit_waits(conn: sqlite3.Connection) -> None:
    add(conn, fics(6))
    conn.execute("UPDATE works SET rating = 'Explicit' WHERE work_id = 5")
    for position, work_id in enumerate((5, 6, 3)):
        conn.execute(
            "INSERT INTO daily_queue VALUES (?, ?, ?, 7, '2026-01-01')", (HERE, work_id, position)
        )
    assert [post(conn, NINE + n * DAY).work_id for n in range(2)] == [6, 3]
    assert conn.execute("SELECT work_id FROM daily_queue").fetchall() == [(5,)]
    assert daily.prepare(conn, HERE, True, now=NINE + 2 * DAY, early=False).work_id == 5


def test_works_added_together_do_not_hide_the_others(conn: sqlite3.Connection) -> None:
    """One writer's archive of more works than are weighed, and another's works after it."""
    archive = [
        a_work(f"Part {n}", authors=("prolific",), texts=(f"Part {n} begins so. " * 9,))
        for n in range(daily.CANDIDATES + 40)
    ]
    add(conn, [*archive, *fics(30)])
    posted = [post(conn, NINE + n * DAY).work_id or 0 for n in range(12)]
    assert sum(work_id <= len(archive) for work_id in posted) <= 3


def test_a_small_server_beside_a_large_one_has_its_own_luck(conn: sqlite3.Connection) -> None:
    add(conn, fics(80), THERE)
    add(conn, fics(8))
    shown = {daily.preview(conn, HERE, False, now=MORNING + n * DAY) for n in range(20)}
    works = {one.work_id for one in shown if one is not None}
    assert len(works) >= 5
    assert all(work_id is not None and work_id > 80 for work_id in works)


def test_a_zone_that_this_machine_does_not_know_stops_no_other_server(
    conn: sqlite3.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    conn.execute("UPDATE daily_schedules SET time_zone = 'Nowhere/At_All' WHERE guild_id = 100")
    assert due(conn, NINE) == {THERE}
    assert "Server 100: time zone 'Nowhere/At_All'" in caplog.text


def test_a_work_that_is_perhaps_out_is_not_recommended_again(conn: sqlite3.Connection) -> None:
    add(conn, fics(6))
    row = daily.prepare(conn, HERE, False, now=NINE, early=False)
    daily.begin_send(conn, row.outbox_id, now=NINE)
    shown = [daily.preview(conn, HERE, False, now=NINE + n * DAY) for n in range(1, 40)]
    assert row.work_id not in {one.work_id for one in shown if one is not None}
    conn.execute("DELETE FROM works WHERE work_id != ?", (row.work_id,))
    assert daily.preview(conn, HERE, False, now=NINE + DAY) is None


def test_a_work_that_went_out_under_another_date_is_not_posted_again(
    conn: sqlite3.Connection,
) -> None:
    """A row is written down, then a change of zone lets an earlier date come first."""
    add(conn, fics(6))
    monday = daily.prepare(conn, HERE, False, now=NINE, early=False)
    set_up(conn, HERE, "Pacific/Honolulu", now=NINE)
    conn.execute("INSERT INTO daily_queue VALUES (?, ?, 1, 7, 'x')", (HERE, monday.work_id))
    sunday = daily.prepare(conn, HERE, False, now=NINE, early=True)
    assert (sunday.local_date, sunday.work_id) == (date(2026, 5, 31), monday.work_id)
    daily.begin_send(conn, sunday.outbox_id, now=NINE)
    daily.settle_send(conn, sunday.outbox_id, message_id=5, skipped=None, now=NINE)
    again = daily.prepare(conn, HERE, False, now=NINE + timedelta(hours=11), early=False)
    assert again.outbox_id == monday.outbox_id
    assert again.work_id not in (None, monday.work_id)


def test_a_nonce_is_the_servers_and_the_dates_own_and_fits() -> None:
    largest = daily.nonce(2**63 - 1, date(9999, 12, 31))
    assert len(largest) <= 25
    made = [daily.nonce(g, date(2026, 6, d)) for g in (HERE, THERE) for d in range(1, 31)]
    assert len(set(made)) == 60
    assert made == [daily.nonce(g, date(2026, 6, d)) for g in (HERE, THERE) for d in range(1, 31)]


def test_a_repeat_keeps_the_time_of_the_first_attempt(conn: sqlite3.Connection) -> None:
    add(conn, fics(1))
    row = daily.prepare(conn, HERE, False, now=NINE, early=False)
    daily.begin_send(conn, row.outbox_id, now=NINE)
    again = daily.begin_send(conn, row.outbox_id, now=NINE + timedelta(minutes=2))
    assert (again.first_attempt_at, again.attempts) == (NINE, 2)


def test_late_word_of_a_post_that_is_out_counts_for_nothing(conn: sqlite3.Connection) -> None:
    add(conn, fics(2))
    sent = post(conn, NINE)
    schedule = daily.fail_send(conn, sent.outbox_id, "late word", permanent=True, now=NINE)
    assert schedule.failures == 0
    assert daily.prepare(conn, HERE, False, now=NINE, early=False) == sent


def test_after_a_refusal_the_next_attempt_is_the_first_again(conn: sqlite3.Connection) -> None:
    add(conn, fics(2))
    row = daily.prepare(conn, HERE, False, now=NINE, early=False)
    daily.begin_send(conn, row.outbox_id, now=NINE)
    daily.fail_send(conn, row.outbox_id, "no rights", permanent=True, now=NINE)
    later = NINE + timedelta(hours=1)
    again = daily.begin_send(conn, row.outbox_id, now=later)
    assert (again.first_attempt_at, again.attempts, again.nonce) == (later, 2, row.nonce)
    daily.settle_send(conn, row.outbox_id, message_id=5, skipped=None, now=later)
    status = daily.status(conn, HERE, now=later)
    assert status is not None
    assert status.schedule.failures == 0


def test_what_may_be_on_its_way_is_not_yet_looked_for(conn: sqlite3.Connection) -> None:
    add(conn, fics(2))
    row = daily.prepare(conn, HERE, False, now=MORNING, early=True)  # not due: its hour is to come
    daily.begin_send(conn, row.outbox_id, now=MORNING)
    assert daily.unsettled(conn, now=MORNING + timedelta(seconds=179)) == []
    (left,) = daily.unsettled(conn, now=MORNING + timedelta(minutes=3))
    assert (left.outbox_id, left.first_attempt_at) == (row.outbox_id, MORNING)


Outcome = st.sampled_from(("sent", "lost", "stored, then a crash", "refused"))
Minutes = st.integers(0, 4)  # within the nonce's time, and just past it


class Posting(RuleBasedStateMachine):
    """A bot that crashes at any step, beside a channel that keeps what was stored (faults 8, 10).

    The channel knows a nonce again for three minutes, as Discord does, and no longer.
    """

    works = 5
    memory = timedelta(minutes=3)

    @initialize(
        start=st.sampled_from(
            (datetime(2011, 12, 28, tzinfo=UTC), datetime(2026, 3, 7, tzinfo=UTC), MORNING)
        )
    )
    def begin(self, start: datetime) -> None:
        self.conn = sqlite3.connect(":memory:", isolation_level=None)
        migrate(self.conn)
        self.now = start
        self.channel: list[tuple[datetime, DailyPost]] = []
        ensure_guild(self.conn, HERE, now=start)
        adding.add_works(self.conn, HERE, fics(self.works), by=None, now=start)
        self.change("UTC", 9)

    @rule(
        zone=st.sampled_from(
            ("UTC", "Pacific/Apia", "America/New_York", "Pacific/Honolulu", "Pacific/Kiritimati")
        ),
        hour=st.integers(0, 23),
    )
    def change(self, zone: str, hour: int) -> None:
        daily.set_schedule(
            self.conn, HERE, channel_id=9, local_time=time(hour, 30), time_zone=zone,
            role_id=None, fandom=None, by=7, now=self.now,
        )  # fmt: skip

    @rule(minutes=st.sampled_from((45, 300, 11 * 60, 25 * 60, 80 * 60)))
    def pass_time(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def wait_for_the_hour(self) -> None:
        status = daily.status(self.conn, HERE, now=self.now)
        assert status is not None
        self.now = status.next_at or self.now

    @rule()
    def resume(self) -> None:
        daily.resume(self.conn, HERE, by=7, now=self.now)

    @rule(outcome=Outcome, minutes=Minutes)
    def poll(self, outcome: str, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        for schedule in daily.due_guilds(self.conn, now=self.now):
            row = daily.prepare(self.conn, HERE, False, now=self.now, early=False)
            assert row.local_date == due_date(self.now, schedule)
            self.attempt(row, outcome)
        for row in daily.unsettled(self.conn, now=self.now):
            if not self.settled_by_history(row):
                self.settle(row, None)

    @rule(outcome=Outcome, minutes=Minutes)
    def post_now(self, outcome: str, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        row = daily.prepare(self.conn, HERE, False, now=self.now, early=True)
        if row.state in (PostState.PENDING, PostState.SENDING):
            self.attempt(row, outcome)

    def attempt(self, row: DailyPost, outcome: str) -> None:
        uncertain = row.state is PostState.SENDING
        if uncertain and self.now - (row.first_attempt_at or self.now) > daily.NONCE_WINDOW:
            if self.settled_by_history(row):
                return
            uncertain = False
        row = daily.begin_send(self.conn, row.outbox_id, now=self.now)
        if outcome in ("sent", "stored, then a crash"):
            known = [
                at
                for at, one in self.channel
                if one.nonce == row.nonce and self.now - at <= self.memory
            ]
            if not known:
                self.check_news(row)
                self.channel.append((self.now, row))
        if outcome == "sent":
            self.settle(row, 5)
        elif outcome == "refused":
            daily.fail_send(
                self.conn, row.outbox_id, "no rights", permanent=not uncertain, now=self.now
            )

    def check_news(self, row: DailyPost) -> None:
        out = {one.work_id for _, one in self.channel}
        perhaps_out = self.conn.execute("SELECT work_id FROM outbox WHERE state = 'sending'")
        if row.work_id in out:
            assert len(out.union(work_id for (work_id,) in perhaps_out)) == self.works

    def settled_by_history(self, row: DailyPost) -> bool:
        found = any(one.nonce == row.nonce for _, one in self.channel)
        if found:
            self.settle(row, 5)
        return found

    def settle(self, row: DailyPost, message_id: int | None) -> None:
        skipped = None if message_id else "It is not there."
        daily.settle_send(
            self.conn, row.outbox_id, message_id=message_id, skipped=skipped, now=self.now
        )

    @invariant()
    def no_date_is_posted_twice(self) -> None:
        if not hasattr(self, "conn"):
            return
        dates = [one.local_date for _, one in self.channel]
        assert len(dates) == len(set(dates))

    @invariant()
    def what_is_written_down_as_sent_is_there(self) -> None:
        if not hasattr(self, "conn"):
            return
        sent = {row[0] for row in rows(self.conn) if row[1] == "sent"}
        assert sent <= {one.local_date.isoformat() for _, one in self.channel}

    def teardown(self) -> None:
        if hasattr(self, "conn"):
            self.conn.close()


TestPosting = Posting.TestCase
TestPosting.settings = settings(max_examples=25, stateful_step_count=40, deadline=None)
