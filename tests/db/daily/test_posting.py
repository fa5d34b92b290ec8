"""Every order of crashes, refusals, changes and days: no post twice, none of a work too soon."""

import sqlite3
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from db import adding
from db.connection import migrate
from db.daily import outbox, schedules, wishes
from db.daily.models import DAILY, EVERY_DAY, DailyPost, PostState
from db.daily.slots import due_date
from db.guilds import ensure_guild
from tests.db.daily.server import (
    HERE,
    MODERATOR,
    MORNING,
    fics,
    prepare,
    preview,
    set_up,
    status,
    the_schedule,
)

pytestmark = pytest.mark.fault(8, 10)

Outcome = st.sampled_from(("sent", "lost", "stored, then a crash", "refused"))
WEEKLY = "weekly"
Names = st.sampled_from((DAILY, WEEKLY))
Minutes = st.integers(0, 4)  # within the nonce's time, and just past it


class Posting(RuleBasedStateMachine):
    """A bot that crashes at any step, beside a channel that keeps what was stored.

    Its server has two schedules, and moderators who change their minds.

    The channel knows a nonce again for three minutes, as Discord does, and no longer.
    """

    works = 6
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
        self.change(DAILY, "UTC", 9)
        self.change(WEEKLY, "Europe/Paris", 21)

    @rule(
        name=Names,
        zone=st.sampled_from(
            ("UTC", "Pacific/Apia", "America/New_York", "Pacific/Honolulu", "Pacific/Kiritimati")
        ),
        hour=st.integers(0, 23),
    )
    def change(self, name: str, zone: str, hour: int) -> None:
        days = frozenset((1, 4, 5)) if name == WEEKLY else EVERY_DAY
        terms = {"local_time": time(hour, 30), "weekdays": days}
        set_up(self.conn, HERE, zone, name=name, now=self.now, **terms)

    @rule(minutes=st.sampled_from((45, 300, 11 * 60, 25 * 60, 80 * 60)))
    def pass_time(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(name=Names)
    def wait_for_the_hour(self, name: str) -> None:
        found = status(self.conn, HERE, now=self.now, name=name)
        self.now = found.next_at or self.now

    @rule(name=Names)
    def go_on(self, name: str) -> None:
        mine = the_schedule(self.conn, HERE, name).schedule_id
        schedules.resume(self.conn, HERE, mine, by=MODERATOR, now=self.now)

    @rule(work_id=st.integers(1, works))
    def skip(self, work_id: int) -> None:
        wishes.skip(self.conn, HERE, work_id, by=MODERATOR, now=self.now)

    @rule()
    def choose_ahead(self) -> None:
        for schedule in outbox.unchosen(self.conn):
            row = outbox.choose_ahead(self.conn, schedule.schedule_id, False, now=self.now)
            assert row is not None
            assert preview(self.conn, HERE, False, now=self.now, name=schedule.name) == row

    @rule(outcome=Outcome, minutes=Minutes)
    def poll(self, outcome: str, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        for schedule in outbox.due(self.conn, now=self.now):
            row = outbox.prepare(self.conn, schedule.schedule_id, False, now=self.now, early=False)
            assert row.local_date == due_date(self.now, schedule)
            self.attempt(row, outcome)
        for row in outbox.unsettled(self.conn, now=self.now):
            if not self.settled_by_history(row):
                self.settle(row, None)
        for row, _ in outbox.missed(self.conn, now=self.now):
            self.settle(row, None)

    @rule(outcome=Outcome, minutes=Minutes, name=Names)
    def post_now(self, outcome: str, minutes: int, name: str) -> None:
        self.now += timedelta(minutes=minutes)
        row = prepare(self.conn, HERE, False, now=self.now, early=True, name=name)
        if row.state in (PostState.PENDING, PostState.SENDING):
            self.attempt(row, outcome)

    def attempt(self, row: DailyPost, outcome: str) -> None:
        if row.work_id is None:  # nothing is left that fits, so nothing is sent
            return
        uncertain = row.state is PostState.SENDING
        if uncertain and self.now - (row.first_attempt_at or self.now) > outbox.NONCE_WINDOW:
            if self.settled_by_history(row):
                return
            uncertain = False
        if row.state is PostState.PENDING:  # what was tried once may be out, so it stays
            self.check_news(row)
        row = outbox.begin_send(self.conn, row.outbox_id, now=self.now)
        if outcome in ("sent", "stored, then a crash"):
            known = [
                at
                for at, one in self.channel
                if one.nonce == row.nonce and self.now - at <= self.memory
            ]
            if not known:
                self.channel.append((self.now, row))
        if outcome == "sent":
            self.settle(row, 5)
        elif outcome == "refused":
            outbox.fail_send(
                self.conn, row.outbox_id, "no rights", permanent=not uncertain, now=self.now
            )

    def check_news(self, row: DailyPost) -> None:
        """A repeat only where no work is left that was neither posted nor chosen."""
        out = {one.work_id for _, one in self.channel}
        if row.work_id in out:
            waiting = "SELECT work_id FROM outbox WHERE state IN ('pending', 'sending')"
            assert len(out.union(each for (each,) in self.conn.execute(waiting))) == self.works

    def settled_by_history(self, row: DailyPost) -> bool:
        found = any(one.nonce == row.nonce for _, one in self.channel)
        if found:
            self.settle(row, 5)
        return found

    def settle(self, row: DailyPost, message_id: int | None) -> None:
        skipped = None if message_id else "It is not there."
        outbox.settle_send(
            self.conn, row.outbox_id, message_id=message_id, skipped=skipped, now=self.now
        )

    @invariant()
    def no_date_is_posted_twice(self) -> None:
        if not hasattr(self, "conn"):
            return
        dates = [(one.schedule_id, one.local_date) for _, one in self.channel]
        assert len(dates) == len(set(dates))

    @invariant()
    def no_two_have_chosen_the_same(self) -> None:
        if not hasattr(self, "conn"):
            return
        chosen = "SELECT work_id FROM outbox WHERE state IN ('pending', 'sending') AND work_id > 0"
        works = [row[0] for row in self.conn.execute(chosen)]
        assert len(works) == len(set(works))

    @invariant()
    def what_is_written_down_as_sent_is_there(self) -> None:
        if not hasattr(self, "conn"):
            return
        rows = "SELECT schedule_id, local_date FROM outbox WHERE state = 'sent'"
        out = {(one.schedule_id, one.local_date.isoformat()) for _, one in self.channel}
        assert set(self.conn.execute(rows)) <= out

    def teardown(self) -> None:
        if hasattr(self, "conn"):
            self.conn.close()


TestPosting = Posting.TestCase
TestPosting.settings = settings(max_examples=25, stateful_step_count=40, deadline=None)
