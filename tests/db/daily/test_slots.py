"""When a post is due: clocks that jump, dates that are not there, and days without power."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.daily.models import DailySchedule
from db.daily.slots import GRACE, due_date, local_time, next_slot, slot, time_zone
from db.errors import BadInput

pytestmark = pytest.mark.fault(10)

ZONES = (
    "UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe",
    "Pacific/Apia", "Pacific/Kiritimati", "America/St_Johns", "Africa/Casablanca",
)  # fmt: skip
MOMENTS = st.integers(0, 25 * 366 * 24 * 60).map(
    lambda minutes: datetime(2010, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
# Where clocks jump: moments that are drawn at random hardly ever come near.
JUMPS = st.sampled_from(
    (
        ("Europe/Paris", date(2026, 3, 29)), ("Europe/Paris", date(2026, 10, 25)),
        ("America/New_York", date(2026, 3, 8)), ("America/New_York", date(2026, 11, 1)),
        ("Australia/Lord_Howe", date(2026, 4, 5)),  # by half an hour
        ("America/St_Johns", date(2010, 3, 14)),  # a minute after midnight
        ("Africa/Casablanca", date(2026, 3, 22)), ("Asia/Pyongyang", date(2018, 5, 5)),
        ("Pacific/Apia", date(2011, 12, 30)), ("Pacific/Kwajalein", date(1993, 8, 21)),  # skipped
        ("Pacific/Kwajalein", date(1969, 9, 30)),  # almost the whole date comes twice
    )
)  # fmt: skip
MINUTES = st.integers(-3 * 24 * 60, 3 * 24 * 60).map(lambda n: timedelta(minutes=n))


def schedule(zone: str, at: time, set_at: datetime | None = None) -> DailySchedule:
    return DailySchedule(
        schedule_id=1, guild_id=1, channel_id=2, local_time=at, time_zone=zone,
        set_at=set_at or datetime(2000, 1, 1, tzinfo=UTC),
    )  # fmt: skip


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


def test_the_eve_of_a_skipped_date_is_due_across_it() -> None:
    daily = schedule("Pacific/Apia", time(23, 30))
    eve = slot(date(2011, 12, 29), time(23, 30), ZoneInfo("Pacific/Apia"))
    an_hour_on = eve + timedelta(hours=1)
    assert an_hour_on.astimezone(ZoneInfo("Pacific/Apia")).date() == date(2011, 12, 31)
    assert due_date(an_hour_on, daily) == date(2011, 12, 29)


@given(JUMPS, st.integers(-1, 1), TIMES)
def test_a_dates_moment_is_the_first_minute_that_is_not_before_it(
    jump: tuple[str, date], days: int, at: time
) -> None:
    zone, day = ZoneInfo(jump[0]), jump[1] + timedelta(days=days)
    wanted = datetime.combine(day, at)
    start = wanted.replace(tzinfo=UTC) - timedelta(hours=40)  # before it in every zone
    minutes = (start + timedelta(minutes=n) for n in range(80 * 60))
    first = next(m for m in minutes if m.astimezone(zone).replace(tzinfo=None) >= wanted)
    assert slot(day, at, zone) == first


@given(JUMPS, MINUTES, TIMES, MINUTES)
def test_what_is_due_where_clocks_jump(
    jump: tuple[str, date], later: timedelta, at: time, set_later: timedelta
) -> None:
    zone, day = ZoneInfo(jump[0]), jump[1]
    now = datetime.combine(day, time(), UTC) + later
    daily = schedule(jump[0], at, set_at=now - timedelta(days=3) + set_later / 2)
    slots = {d: slot(d, at, zone) for d in (day + timedelta(days=n) for n in range(-7, 8))}
    due = [
        d
        for d, moment in slots.items()
        if moment.astimezone(zone).date() == d  # the zone has that date
        and moment <= now < moment + GRACE
        and daily.set_at is not None
        and moment > daily.set_at
    ]
    assert len(due) <= 1
    assert due_date(now, daily) == (due[0] if due else None)


@given(JUMPS, MINUTES, TIMES, st.sets(st.integers(-2, 2)))
def test_the_next_one_is_of_no_date_that_has_its_post(
    jump: tuple[str, date], later: timedelta, at: time, has_post: set[int]
) -> None:
    now = datetime.combine(jump[1], time(), UTC) + later
    daily = schedule(jump[0], at, set_at=now - timedelta(days=30))
    today = now.astimezone(ZoneInfo(jump[0])).date()
    settled = {today + timedelta(days=n) for n in has_post}
    coming = next_slot(now, daily, settled)
    assert coming >= now
    assert due_date(coming, daily) not in {None, *settled}
    quarters = int((coming - now) / timedelta(minutes=15))
    between = {due_date(now + n * timedelta(minutes=15), daily) for n in range(quarters)}
    assert between <= {None, *settled}  # none was passed over


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
        if due is not None and due not in posted:  # the outbox's UNIQUE(schedule_id, local_date)
            posted.append(due)
    assert len(posted) == len(set(posted))
    assert len(posted) <= 6


@given(MOMENTS, TIMES, st.sampled_from(ZONES), st.frozensets(st.integers(0, 6), min_size=1))
def test_it_is_due_on_its_weekdays_alone(
    now: datetime, at: time, zone: str, weekdays: frozenset[int]
) -> None:
    some_days = replace(schedule(zone, at), weekdays=weekdays)
    due = due_date(now, some_days)
    every_day = due_date(now, schedule(zone, at))
    expected = every_day if every_day and every_day.weekday() in weekdays else None
    assert due == expected
    coming = next_slot(now, some_days, ())
    on = due_date(coming, some_days)
    assert on is not None
    assert on.weekday() in weekdays
    assert coming < now + timedelta(days=9)


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


@pytest.mark.parametrize("name", ["Louisville", "buenos aires"])
def test_a_city_of_several_zones_is_left_to_the_person(name: str) -> None:
    with pytest.raises(BadInput, match=r"Several time zones .*: America/\w+/\w+, America/\w+\."):
        time_zone(name)


@pytest.mark.parametrize("name", ["localtime", "Factory"])
def test_what_depends_on_the_machine_is_no_zone(name: str) -> None:
    with pytest.raises(BadInput, match="not a time zone"):
        time_zone(name)


def test_every_zone_is_known_by_its_own_name() -> None:
    for name in available_timezones() - {"localtime", "Factory"}:
        assert time_zone(name).key == name


@given(st.text(max_size=80) | st.text("/._-+\x00\ud800EuropTC", max_size=20))
def test_any_text_is_a_zone_or_is_refused_in_a_sentence(name: str) -> None:
    try:
        said = time_zone(name).key
        assert said in available_timezones()
    except BadInput as refused:
        said = refused.sentence
    assert said.isprintable()
    assert len(said) < 150


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ("09:00", time(9)), ("9:00", time(9)), ("9", time(9)), (" 9am ", time(9)),
        ("9 a.m.", time(9)), ("9:30 pm", time(21, 30)), ("9:30PM", time(21, 30)),
        ("21h", time(21)), ("21h30", time(21, 30)), ("9.05", time(9, 5)),
        ("12am", time(0)), ("12:15 pm", time(12, 15)), ("0:00", time(0)), ("23:59", time(23, 59)),
    ],
)  # fmt: skip
def test_times_are_read_as_people_write_them(typed: str, at: time) -> None:
    assert local_time(typed) == at


@pytest.mark.parametrize(
    "typed",
    ["", "24:00", "25:00", "9:60", "9:5", "13pm", "0am", "-1:00", "noon", "²", "٩", "9:00:00",
     "9" * 5000, "9" + " " * 5000 + "x", "9\x00", "\ud800"],
)  # fmt: skip
def test_what_is_no_time_is_said_politely(typed: str) -> None:
    with pytest.raises(BadInput, match="no time of day") as caught:
        local_time(typed)
    assert len(caught.value.sentence) < 80


@given(TIMES)
def test_times_survive_being_written(at: time) -> None:
    assert local_time(f"{at:%H:%M}") == at
    assert local_time(f"{at:%I:%M %p}") == at
    assert local_time(f"{at:%H}h{at:%M}") == at
