"""When a post is due: clocks that jump, dates that are not there, and days without power."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import BadInput
from db.models import DailySchedule
from db.schedule import GRACE, due_date, next_slot, slot, time_zone

ZONES = (
    "UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe",
    "Pacific/Apia", "Pacific/Kiritimati", "America/St_Johns", "Africa/Casablanca",
)  # fmt: skip
MOMENTS = st.integers(0, 25 * 366 * 24 * 60).map(
    lambda minutes: datetime(2010, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))


def schedule(zone: str, at: time, set_at: datetime | None = None) -> DailySchedule:
    return DailySchedule(1, 2, at, zone, set_at=set_at or datetime(2000, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("zone", "day", "at", "local"),
    [
        ("Europe/Paris", date(2026, 6, 1), time(9), "2026-06-01T09:00:00+02:00"),
        # The hour that spring skips: the next minute that exists.
        ("Europe/Paris", date(2026, 3, 29), time(2, 30), "2026-03-29T03:00:00+02:00"),
        ("America/New_York", date(2026, 3, 8), time(2, 30), "2026-03-08T03:00:00-04:00"),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), "2026-10-04T02:30:00+11:00"),
        # The hour that autumn repeats: the first of the two.
        ("Europe/Paris", date(2026, 10, 25), time(2, 30), "2026-10-25T02:30:00+02:00"),
    ],
)
def test_a_dates_moment(zone: str, day: date, at: time, local: str) -> None:
    assert slot(day, at, ZoneInfo(zone)) == datetime.fromisoformat(local)


def test_samoa_had_no_thirtieth_of_december() -> None:
    daily = schedule("Pacific/Apia", time(9))
    due = {
        due_date(datetime(2011, 12, 29, tzinfo=UTC) + timedelta(hours=hour), daily)
        for hour in range(96)
    }
    assert date(2011, 12, 30) not in due
    assert {date(2011, 12, 29), date(2011, 12, 31)} <= due


@given(MOMENTS, TIMES, st.sampled_from(ZONES))
def test_what_is_due_is_recent_and_never_of_tomorrow(now: datetime, at: time, zone: str) -> None:
    due = due_date(now, schedule(zone, at))
    if due is not None:
        moment = slot(due, at, ZoneInfo(zone))
        assert moment <= now < moment + GRACE
        assert due <= now.astimezone(ZoneInfo(zone)).date()


@given(MOMENTS, TIMES, st.sampled_from(ZONES))
def test_the_next_one_comes_and_is_then_due(now: datetime, at: time, zone: str) -> None:
    daily = schedule(zone, at)
    coming = next_slot(now, daily, ())
    assert now <= coming < now + timedelta(days=3)
    assert due_date(coming, daily) is not None


@given(MOMENTS, TIMES, TIMES, st.sampled_from(ZONES), st.sampled_from(ZONES))
def test_a_change_of_zone_posts_no_date_twice(
    start: datetime, before: time, after: time, old: str, new: str
) -> None:
    posted: list[date] = []
    changed_at = start + timedelta(hours=37)
    for half_hours in range(2 * 24 * 4):
        now = start + timedelta(minutes=30 * half_hours)
        daily = schedule(old, before) if now < changed_at else schedule(new, after, changed_at)
        due = due_date(now, daily)
        if due is not None and due not in posted:  # the outbox's UNIQUE(guild_id, local_date)
            posted.append(due)
    assert len(posted) == len(set(posted))
    assert len(posted) <= 6


def test_three_days_down_makes_one_post() -> None:
    daily = schedule("Europe/Paris", time(9))
    back = datetime(2026, 6, 4, 12, tzinfo=UTC)
    assert due_date(back, daily) == date(2026, 6, 4)
    assert due_date(back + timedelta(hours=8), daily) is None  # too late for today's


def test_setting_up_at_ten_does_not_make_nines_post() -> None:
    at_ten = datetime(2026, 6, 1, 8, tzinfo=UTC)
    daily = schedule("Europe/Paris", time(9), set_at=at_ten)
    assert due_date(at_ten + timedelta(minutes=1), daily) is None
    assert next_slot(at_ten, daily, ()) == datetime(2026, 6, 2, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("Europe/Paris", "Europe/Paris"),
        ("europe/paris", "Europe/Paris"),
        ("America/New York", "America/New_York"),
        ("new york", "America/New_York"),
        ("UTC", "UTC"),
    ],
)
def test_zones_by_name_and_by_city(name: str, zone: str) -> None:
    assert time_zone(name).key == zone


@pytest.mark.parametrize(
    "name", ["", " ", "../../etc/passwd", "x" * 5000, "Mars", "Europe/", "\x00", "Europe/Paris\x00"]
)
def test_what_is_no_zone_is_said_politely(name: str) -> None:
    with pytest.raises(BadInput, match="not a time zone") as caught:
        time_zone(name)
    assert len(str(caught.value)) < 120


def test_a_near_name_is_offered() -> None:
    with pytest.raises(BadInput, match="Did you mean Europe/Paris"):
        time_zone("Europe/Pariss")
