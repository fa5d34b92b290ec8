"""The outbox: one post a schedule and date whatever happens (faults 8 and 10)."""

import sqlite3
from datetime import UTC, date, datetime, time, timedelta

import pytest

from db.daily import outbox, schedules
from db.daily.models import DailySchedule, PostState, ScheduleState
from db.errors import BadInput, Conflict, NotFound
from tests.db.daily.server import (
    DAY,
    HERE,
    MORNING,
    NINE,
    THERE,
    add,
    fics,
    pause,
    post,
    prepare,
    preview,
    resume,
    set_up,
    status,
    the_schedule,
)

pytestmark = pytest.mark.fault(8, 10)


def due(conn: sqlite3.Connection, now: datetime) -> set[int]:
    return {schedule.guild_id for schedule in outbox.due(conn, now=now)}


def test_every_server_is_due_at_its_hour_until_it_has_its_post(conn: sqlite3.Connection) -> None:
    add(conn, fics(3))
    add(conn, fics(3), THERE)
    assert due(conn, MORNING) == set()
    assert due(conn, NINE) == {HERE, THERE}
    sent = post(conn, NINE)
    assert (sent.state, sent.message_id) == (PostState.SENT, 5)
    assert due(conn, NINE + timedelta(minutes=5)) == {THERE}
    assert due(conn, NINE + DAY) == {HERE, THERE}


def test_the_next_hour_of_all_servers_is_the_earliest_still_to_come(
    conn: sqlite3.Connection,
) -> None:
    add(conn, fics(3))
    set_up(conn, HERE, "Europe/London", name="evening", local_time=time(20))
    evening = datetime(2026, 6, 1, 19, tzinfo=UTC)
    assert outbox.next_of_all(conn, now=MORNING) == NINE.replace(second=0)
    # Those of nine are due, and one of them is made: neither comes again today.
    post(conn, NINE)
    assert due(conn, NINE) == {THERE}
    assert outbox.next_of_all(conn, now=NINE) == evening
    assert outbox.next_of_all(conn, now=evening) == NINE.replace(second=0) + DAY
    # What was made before its hour does not come at its hour.
    early = prepare(conn, HERE, False, now=evening - DAY / 24, early=True, name="evening")
    outbox.begin_send(conn, early.outbox_id, now=NINE)
    outbox.settle_send(conn, early.outbox_id, message_id=6, skipped=None, now=NINE)
    assert outbox.next_of_all(conn, now=NINE) == NINE.replace(second=0) + DAY
    # A zone that this machine does not know holds nobody else up, and paused ones do not count.
    conn.execute("UPDATE schedules SET time_zone = 'Mars/Olympus' WHERE name = 'daily'")
    assert outbox.next_of_all(conn, now=NINE) == evening + DAY
    conn.execute("UPDATE schedules SET state = 'paused'")
    assert outbox.next_of_all(conn, now=NINE) is None


def test_a_date_has_one_row_and_one_nonce_whatever_happens(conn: sqlite3.Connection) -> None:
    add(conn, fics(3))
    first = prepare(conn, HERE, False, now=NINE, early=False)
    outbox.begin_send(conn, first.outbox_id, now=NINE)
    # A restart: the row that was being sent is taken up again as it was.
    again = prepare(conn, HERE, False, now=NINE + timedelta(minutes=1), early=False)
    assert again.state is PostState.SENDING
    assert (again.outbox_id, again.nonce, again.work_id) == (
        first.outbox_id, first.nonce, first.work_id,
    )  # fmt: skip
    assert again.first_attempt_at == NINE
    assert len(first.nonce) <= 25
    assert conn.execute("SELECT count(*) FROM outbox").fetchone() == (1,)
    tomorrow = prepare(conn, HERE, False, now=NINE + DAY, early=False)
    assert tomorrow.nonce != first.nonce
    elsewhere = prepare(conn, THERE, False, now=NINE, early=False)
    assert elsewhere.nonce != first.nonce


def test_a_settled_row_stays_settled(conn: sqlite3.Connection) -> None:
    add(conn, fics(2))
    sent = post(conn, NINE)
    outbox.settle_send(conn, sent.outbox_id, message_id=None, skipped="late word", now=NINE)
    assert outbox.begin_send(conn, sent.outbox_id, now=NINE).state is PostState.SENT
    assert prepare(conn, HERE, False, now=NINE, early=True).message_id == 5


def test_a_work_that_may_not_be_shown_any_more_is_replaced_unless_it_is_out(
    conn: sqlite3.Connection,
) -> None:
    add(conn, fics(2))
    first = prepare(conn, HERE, False, now=NINE, early=False)
    conn.execute("UPDATE works SET rating = 'Explicit' WHERE work_id = ?", (first.work_id,))
    second = prepare(conn, HERE, False, now=NINE, early=False)
    assert second.outbox_id == first.outbox_id
    assert second.work_id not in (None, first.work_id)
    outbox.begin_send(conn, second.outbox_id, now=NINE)
    conn.execute("UPDATE works SET state = 'removed' WHERE work_id = ?", (second.work_id,))
    assert prepare(conn, HERE, False, now=NINE, early=False).work_id == second.work_id


def test_now_posts_todays_early_and_the_hour_adds_none(conn: sqlite3.Connection) -> None:
    add(conn, fics(3))
    row = prepare(conn, HERE, False, now=MORNING, early=True)
    outbox.begin_send(conn, row.outbox_id, now=MORNING)
    outbox.settle_send(conn, row.outbox_id, message_id=5, skipped=None, now=MORNING)
    assert row.local_date == date(2026, 6, 1)
    assert due(conn, NINE) == {THERE}
    found = status(conn, HERE, now=NINE)
    assert found.next_at == datetime(2026, 6, 2, 9, tzinfo=UTC)
    assert (found.unseen, len(found.recent)) == (2, 1)


def test_lasting_refusals_pause_that_server_alone(conn: sqlite3.Connection) -> None:
    add(conn, fics(3))
    row = prepare(conn, HERE, False, now=NINE, early=False)
    schedules: list[DailySchedule] = []
    for _ in range(3):
        outbox.begin_send(conn, row.outbox_id, now=NINE)
        schedules.append(
            outbox.fail_send(conn, row.outbox_id, "no rights", permanent=True, now=NINE)
        )
    assert [schedule.failures for schedule in schedules] == [1, 2, 3]
    schedule = schedules[-1]
    assert schedule.state is ScheduleState.PAUSED
    assert schedule.pause_reason == "no rights"
    assert due(conn, NINE) == {THERE}
    resume(conn, HERE, by=7, now=NINE)
    assert HERE not in due(conn, NINE)  # what the pause missed stays missed
    assert HERE in due(conn, NINE + DAY)


def test_passing_faults_count_for_nothing(conn: sqlite3.Connection) -> None:
    add(conn, fics(3))
    row = prepare(conn, HERE, False, now=NINE, early=False)
    for _ in range(5):
        outbox.begin_send(conn, row.outbox_id, now=NINE)
        schedule = outbox.fail_send(conn, row.outbox_id, "503", permanent=False, now=NINE)
        assert (schedule.failures, schedule.state) == (0, ScheduleState.ACTIVE)
    assert prepare(conn, HERE, False, now=NINE, early=False).state is PostState.SENDING
    assert outbox.unsettled(conn, now=NINE) == []
    assert [post.outbox_id for post in outbox.unsettled(conn, now=NINE + DAY)] == [row.outbox_id]


def test_a_server_that_never_set_it_up_is_told_how(conn: sqlite3.Connection) -> None:
    for attempt in (
        lambda: pause(conn, 300, by=7, reason="", now=NINE),
        lambda: resume(conn, 300, by=7, now=NINE),
        lambda: prepare(conn, 300, False, now=NINE, early=True),
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
        prepare(conn, HERE, False, now=now, early=False)
    assert rows(conn) == []


def test_a_change_between_asking_what_is_due_and_writing_it_down_counts(
    conn: sqlite3.Connection,
) -> None:
    add(conn, fics(2))
    pause(conn, HERE, by=7, reason="", now=NINE)
    with pytest.raises(Conflict):
        prepare(conn, HERE, False, now=NINE, early=False)
    assert prepare(conn, HERE, False, now=NINE, early=True).state is PostState.PENDING
    set_up(conn, THERE, now=NINE, channel_id=10)  # from the next hour on
    with pytest.raises(Conflict):
        prepare(conn, THERE, False, now=NINE, early=False)


def test_a_pause_right_after_the_post_hides_it_from_nobody(conn: sqlite3.Connection) -> None:
    add(conn, fics(2))
    sent = post(conn, NINE)
    pause(conn, HERE, by=7, reason="", now=NINE)
    assert prepare(conn, HERE, False, now=NINE, early=False) == sent


def test_an_excerpt_that_went_is_replaced_until_it_is_sent(conn: sqlite3.Connection) -> None:
    add(conn, fics(1))
    first = prepare(conn, HERE, False, now=NINE, early=False)
    conn.execute("UPDATE excerpts SET state = 'vetoed'")
    without = prepare(conn, HERE, False, now=NINE, early=False)
    assert (without.work_id, without.excerpt_id) == (first.work_id, None)
    added = conn.execute(
        "INSERT INTO excerpts (work_id, chapter, start, end, score) VALUES (?, 0, 2, 40, 1)",
        (first.work_id,),
    ).lastrowid
    second = prepare(conn, HERE, False, now=NINE, early=False)
    assert (second.work_id, second.excerpt_id) == (first.work_id, added)
    outbox.begin_send(conn, second.outbox_id, now=NINE)
    conn.execute("UPDATE excerpts SET state = 'vetoed'")
    assert prepare(conn, HERE, False, now=NINE, early=False).excerpt_id == added


def test_dates_that_passed_unposted_are_settled_with_the_reason(conn: sqlite3.Connection) -> None:
    nothing = prepare(conn, HERE, False, now=NINE, early=False)
    assert nothing.work_id is None
    add(conn, fics(3))
    prepare(conn, HERE, False, now=NINE + DAY, early=False)  # and then the power went
    refused = prepare(conn, HERE, False, now=NINE + 2 * DAY, early=False)
    outbox.begin_send(conn, refused.outbox_id, now=NINE + 2 * DAY)
    outbox.fail_send(conn, refused.outbox_id, "no rights", permanent=True, now=NINE + 2 * DAY)
    prepare(conn, HERE, False, now=NINE + 5 * DAY, early=False)
    assert rows(conn) == [
        ("2026-06-01", "skipped", "Nothing in the library was left that fits."),
        ("2026-06-02", "skipped", "Its hour passed before it could be posted."),
        ("2026-06-03", "skipped", "no rights"),
        ("2026-06-06", "pending", None),
    ]


def test_a_zone_that_this_machine_does_not_know_stops_no_other_server(
    conn: sqlite3.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    conn.execute("UPDATE schedules SET time_zone = 'Nowhere/At_All' WHERE guild_id = 100")
    assert due(conn, NINE) == {THERE}
    assert "Server 100: time zone 'Nowhere/At_All'" in caplog.text


def test_a_work_that_is_perhaps_out_is_not_recommended_again(conn: sqlite3.Connection) -> None:
    add(conn, fics(6))
    row = prepare(conn, HERE, False, now=NINE, early=False)
    outbox.begin_send(conn, row.outbox_id, now=NINE)
    shown = [preview(conn, HERE, False, now=NINE + n * DAY) for n in range(1, 40)]
    assert row.work_id not in {one.work_id for one in shown if one is not None}
    conn.execute("DELETE FROM works WHERE work_id != ?", (row.work_id,))
    assert preview(conn, HERE, False, now=NINE + DAY) is None


def test_a_work_that_went_out_under_another_date_is_not_posted_again(
    conn: sqlite3.Connection,
) -> None:
    """A row is written down, then a change of zone lets an earlier date come first."""
    add(conn, fics(6))
    monday = prepare(conn, HERE, False, now=NINE, early=False)
    set_up(conn, HERE, "Pacific/Honolulu", now=NINE)
    conn.execute("INSERT INTO daily_queues VALUES (1, ?, 1, 7, 'x')", (monday.work_id,))
    sunday = prepare(conn, HERE, False, now=NINE, early=True)
    assert (sunday.local_date, sunday.work_id) == (date(2026, 5, 31), monday.work_id)
    outbox.begin_send(conn, sunday.outbox_id, now=NINE)
    outbox.settle_send(conn, sunday.outbox_id, message_id=5, skipped=None, now=NINE)
    again = prepare(conn, HERE, False, now=NINE + timedelta(hours=11), early=False)
    assert again.local_date == monday.local_date
    assert again.work_id not in (None, monday.work_id)


def test_a_nonce_is_the_servers_and_the_dates_own_and_fits() -> None:
    largest = outbox.nonce(2**63 - 1, 2**63 - 1, date(9999, 12, 31))
    assert len(largest) <= 25

    def nonces() -> list[str]:
        days = range(1, 31)
        return [outbox.nonce(g, 1, date(2026, 6, d)) for g in (HERE, THERE) for d in days]

    made = nonces()
    assert len(set(made)) == 60
    assert made == nonces()


def test_a_repeat_keeps_the_time_of_the_first_attempt(conn: sqlite3.Connection) -> None:
    add(conn, fics(1))
    row = prepare(conn, HERE, False, now=NINE, early=False)
    outbox.begin_send(conn, row.outbox_id, now=NINE)
    again = outbox.begin_send(conn, row.outbox_id, now=NINE + timedelta(minutes=2))
    assert (again.first_attempt_at, again.attempts) == (NINE, 2)


def test_late_word_of_a_post_that_is_out_counts_for_nothing(conn: sqlite3.Connection) -> None:
    add(conn, fics(2))
    sent = post(conn, NINE)
    schedule = outbox.fail_send(conn, sent.outbox_id, "late word", permanent=True, now=NINE)
    assert schedule.failures == 0
    assert prepare(conn, HERE, False, now=NINE, early=False) == sent


def test_after_a_refusal_the_next_attempt_is_the_first_again(conn: sqlite3.Connection) -> None:
    add(conn, fics(2))
    row = prepare(conn, HERE, False, now=NINE, early=False)
    outbox.begin_send(conn, row.outbox_id, now=NINE)
    outbox.fail_send(conn, row.outbox_id, "no rights", permanent=True, now=NINE)
    later = NINE + timedelta(hours=1)
    again = outbox.begin_send(conn, row.outbox_id, now=later)
    assert (again.first_attempt_at, again.attempts, again.nonce) == (later, 2, row.nonce)
    outbox.settle_send(conn, row.outbox_id, message_id=5, skipped=None, now=later)
    found = status(conn, HERE, now=later)
    assert found.schedule.failures == 0


def test_what_may_be_on_its_way_is_not_yet_looked_for(conn: sqlite3.Connection) -> None:
    add(conn, fics(2))
    row = prepare(conn, HERE, False, now=MORNING, early=True)  # not due: its hour is to come
    outbox.begin_send(conn, row.outbox_id, now=MORNING)
    assert outbox.unsettled(conn, now=MORNING + outbox.NONCE_WINDOW - timedelta(seconds=1)) == []
    (left,) = outbox.unsettled(conn, now=MORNING + outbox.NONCE_WINDOW)
    assert (left.outbox_id, left.first_attempt_at) == (row.outbox_id, MORNING)


def test_the_next_one_is_chosen_ahead_and_stays(conn: sqlite3.Connection) -> None:
    add(conn, fics(20))
    assert [each.guild_id for each in outbox.unchosen(conn)] == [HERE, THERE]
    chosen = outbox.choose_ahead(conn, 1, False, now=MORNING)
    assert chosen is not None
    assert (chosen.state, chosen.local_date) == (PostState.PENDING, date(2026, 6, 1))
    assert [each.guild_id for each in outbox.unchosen(conn)] == [THERE]
    add(conn, fics(40)[20:])  # another library would give another choice
    seen = preview(conn, HERE, False, now=NINE)
    assert seen == chosen
    sent = post(conn, NINE)
    assert (sent.outbox_id, sent.work_id) == (chosen.outbox_id, chosen.work_id)
    tomorrow = outbox.choose_ahead(conn, 1, False, now=NINE)
    assert tomorrow is not None
    assert tomorrow.local_date == date(2026, 6, 2)
    assert HERE not in due(conn, NINE)


def test_what_was_missed_is_told_and_the_next_one_chosen(conn: sqlite3.Connection) -> None:
    add(conn, fics(5))
    chosen = outbox.choose_ahead(conn, 1, False, now=MORNING)
    assert chosen is not None
    in_time = NINE + timedelta(hours=11)
    assert outbox.missed(conn, now=in_time) == []  # it would still be posted
    too_late = NINE + timedelta(hours=12)
    ((post, reason),) = outbox.missed(conn, now=too_late)
    assert (post.outbox_id, reason) == (
        chosen.outbox_id,
        "Its hour passed before it could be posted.",
    )
    pause(conn, HERE, by=7, reason="", now=too_late)
    assert outbox.missed(conn, now=too_late) == []
    resume(conn, HERE, by=7, now=too_late)
    assert rows(conn) == []  # and chooses anew


def test_now_takes_what_was_chosen_for_a_day_to_come(conn: sqlite3.Connection) -> None:
    """A weekly schedule on Saturdays, asked on Monday."""
    add(conn, fics(9))
    weekly = set_up(conn, HERE, name="weekly", weekdays=frozenset((5,)))
    chosen = outbox.choose_ahead(conn, weekly.schedule_id, False, now=NINE)
    assert chosen is not None
    assert chosen.local_date == date(2026, 6, 6)
    row = outbox.prepare(conn, weekly.schedule_id, False, now=NINE, early=True)
    assert (row.outbox_id, row.work_id) == (chosen.outbox_id, chosen.work_id)
    assert row.local_date == date(2026, 6, 1)
    assert row.nonce != chosen.nonce
    outbox.begin_send(conn, row.outbox_id, now=NINE)
    outbox.settle_send(conn, row.outbox_id, message_id=5, skipped=None, now=NINE)
    saturday = NINE + 5 * DAY
    assert weekly.schedule_id in {each.schedule_id for each in outbox.due(conn, now=saturday)}
    assert post(conn, saturday, name="weekly").work_id != chosen.work_id


def test_a_choice_that_may_not_be_shown_any_more_is_made_anew(conn: sqlite3.Connection) -> None:
    add(conn, fics(3))
    chosen = outbox.choose_ahead(conn, 1, False, now=MORNING)
    assert chosen is not None
    conn.execute("UPDATE authors SET consent = 'excluded' WHERE author_id = ?", (chosen.work_id,))
    seen = preview(conn, HERE, False, now=MORNING)
    assert seen is not None
    assert seen.work_id not in (None, chosen.work_id)
    assert post(conn, NINE).work_id == seen.work_id


def test_schedules_of_a_server_go_their_own_ways(conn: sqlite3.Connection) -> None:
    add(conn, fics(9))
    weekly = set_up(
        conn, HERE, name="Weekly", weekdays=frozenset((0,)), local_time=time(20), channel_id=11
    )
    assert weekly.schedule_id not in {each.schedule_id for each in outbox.due(conn, now=NINE)}
    evening = NINE + timedelta(hours=11)
    post(conn, NINE)
    row = prepare(conn, HERE, False, now=evening, early=False, name="weekly")
    for _ in range(3):
        outbox.begin_send(conn, row.outbox_id, now=evening)
        outbox.fail_send(conn, row.outbox_id, "no rights", permanent=True, now=evening)
    states = [(each.name, each.state) for each in schedules.of_guild(conn, HERE)]
    assert states == [("daily", ScheduleState.ACTIVE), ("Weekly", ScheduleState.PAUSED)]
    assert due(conn, NINE + DAY) == {HERE, THERE}
    schedules.remove(conn, HERE, weekly.schedule_id, by=7, now=evening)
    assert [each.name for each in schedules.of_guild(conn, HERE)] == ["daily"]
    assert ("2026-06-01", "skipped", "no rights") in rows(conn)
    assert set_up(conn, HERE, name="weekly").schedule_id > weekly.schedule_id


def test_a_schedule_is_named_where_there_are_several(conn: sqlite3.Connection) -> None:
    assert schedules.named(conn, HERE, None).name == "daily"
    set_up(conn, HERE, name=" Finished   shorts ")
    assert schedules.named(conn, HERE, "FINISHED shorts").name == "Finished shorts"
    with pytest.raises(BadInput, match="daily, Finished shorts"):
        schedules.named(conn, HERE, None)
    with pytest.raises(NotFound, match="There are: daily, Finished shorts"):
        schedules.named(conn, HERE, "monthly")
    for name in ("", "  ", "x" * 41):
        with pytest.raises(BadInput, match="name"):
            set_up(conn, HERE, name=name)
    for n in range(schedules.MOST_SCHEDULES - 2):
        set_up(conn, HERE, name=f"no {n}")
    with pytest.raises(Conflict, match="/daily remove"):
        set_up(conn, HERE, name="one too many")


def test_only_its_own_server_reaches_a_schedule(conn: sqlite3.Connection) -> None:
    theirs = the_schedule(conn, THERE).schedule_id
    for attempt in (
        lambda: schedules.pause(conn, HERE, theirs, by=7, reason="", now=NINE),
        lambda: schedules.resume(conn, HERE, theirs, by=7, now=NINE),
        lambda: schedules.remove(conn, HERE, theirs, by=7, now=NINE),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert the_schedule(conn, THERE).state is ScheduleState.ACTIVE


def test_a_thread_is_wanted_under_each_post_until_it_stands(conn: sqlite3.Connection) -> None:
    add(conn, fics(4))
    post(conn, NINE)
    assert outbox.threads_wanted(conn, now=NINE) == []
    set_up(conn, HERE, thread=True)
    sent = post(conn, NINE + DAY)
    assert [one.outbox_id for one in outbox.threads_wanted(conn, now=NINE + DAY)] == [
        sent.outbox_id
    ]
    too_late = NINE + DAY + outbox.THREAD_IN_TIME + timedelta(seconds=1)
    assert outbox.threads_wanted(conn, now=too_late) == []
    outbox.settle_thread(conn, sent.outbox_id, made=True)
    assert outbox.threads_wanted(conn, now=NINE + DAY) == []
