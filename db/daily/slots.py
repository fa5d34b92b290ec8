"""When a post is due: pure functions of the time, the schedule's days and hour, and its zone."""

import re
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from rapidfuzz import fuzz, process

from db.daily.models import DailySchedule
from db.errors import BadInput

# After downtime today's post is still made within this time of its hour; older ones are not.
GRACE = timedelta(hours=12)
NAME_LIMIT_CHARS = 64  # the longest zone name has 32
_NEAR_ENOUGH = 75.0  # under this a name is another place
# Listed on some machines: whatever the machine itself is set to, and none at all.
_NO_PLACES = frozenset(("localtime", "Factory"))
_TIME = re.compile(r"(\d{1,2})(?:[:.h](\d{2})|h)?\s*(?:([ap])\.?m\.?)?", re.IGNORECASE | re.ASCII)


@cache
def _zones() -> dict[str, tuple[str, ...]]:
    """Folded names, and cities, to the names of their zones: a few cities have several."""
    names = sorted(available_timezones() - _NO_PLACES)
    cities: dict[str, tuple[str, ...]] = {}
    for name in names:
        if "/" in name and not name.startswith(("Etc/", "SystemV/", "posix/", "right/")):
            city = _fold(name.rsplit("/", 1)[1])
            cities[city] = (*cities.get(city, ()), name)
    return cities | {_fold(name): (name,) for name in names}


def _fold(name: str) -> str:
    return name.casefold().replace("_", " ").replace("-", " ").strip()


def time_zone(name: str) -> ZoneInfo:
    """The time zone of that IANA name, or of a city that only one zone is named after.

    Raises:
        BadInput: there is none; the sentence offers the nearest.
    """
    wanted = _fold(name[: NAME_LIMIT_CHARS + 1])
    found = _zones().get(wanted, ()) if len(name) <= NAME_LIMIT_CHARS else ()
    if len(found) == 1:
        return ZoneInfo(found[0])
    if found:
        raise BadInput(f"Several time zones are called that: {', '.join(found)}. Choose one.")
    near = process.extractOne(wanted, list(_zones()), scorer=fuzz.ratio, score_cutoff=_NEAR_ENOUGH)
    hint = f"Did you mean {_zones()[near[0]][0]}?" if near and wanted else "Try Europe/Paris."
    raise BadInput(f"That is not a time zone I know. {hint}")


def local_time(text: str) -> time:
    """A time of day as people write it: 9, 9:00, 21h, 9:30 pm, 9 a.m.

    Raises:
        BadInput: it is none; the sentence does not repeat what was typed.
    """
    match = _TIME.fullmatch(text.strip())
    hour, minute = (int(match[1]), int(match[2] or 0)) if match else (24, 0)
    if match and match[3]:
        afternoon = 12 if match[3] in "pP" else 0
        hour = hour % 12 + afternoon if 1 <= hour <= 12 else 24
    if hour > 23 or minute > 59:
        raise BadInput("That is no time of day. Write it like 9:00 or 21:30.")
    return time(hour, minute)


def slot(local_date: date, local_time: time, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, of a local date's post.

    A local time that the clocks skip becomes the next minute that exists; one that comes twice
    is the first of the two.
    """
    wanted = datetime.combine(local_date, local_time).replace(tzinfo=zone, fold=0)
    moment = wanted.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wanted.replace(tzinfo=None):
        return moment
    # Skipped: find the first existing minute after it, from the last one before the gap.
    before = wanted.replace(fold=1).astimezone(UTC)
    moment = min(moment, before) - timedelta(days=1)
    low, high = moment, max(wanted.astimezone(UTC), before) + timedelta(days=1)
    naive = wanted.replace(tzinfo=None)
    while high - low > timedelta(minutes=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).replace(tzinfo=None) < naive:
            low = middle
        else:
            high = middle
    return high.replace(second=0, microsecond=0)


def due_date(now: datetime, schedule: DailySchedule) -> date | None:
    """The local date whose post is due now; None if none is.

    Its hour has passed, less than twelve hours ago, and lies after the schedule was set.
    """
    zone = ZoneInfo(schedule.time_zone)
    today = now.astimezone(zone).date()
    # The day before yesterday: where a date is skipped, it is the last one that there was.
    for days_ago in range(3):
        local_date = today - timedelta(days=days_ago)
        at = slot(local_date, schedule.local_time, zone)
        if at <= now < at + GRACE and _has_post(local_date, at, schedule, zone):
            return local_date
    return None


def next_slot(now: datetime, schedule: DailySchedule, settled: Collection[date]) -> datetime:
    """When the next post is made, given the local dates that have theirs."""
    zone = ZoneInfo(schedule.time_zone)
    local_date = due_date(now, schedule)
    if local_date is not None and local_date not in settled:
        return now
    local_date = now.astimezone(zone).date() - timedelta(days=1)
    while True:
        at = slot(local_date, schedule.local_time, zone)
        if at > now and local_date not in settled and _has_post(local_date, at, schedule, zone):
            return at
        local_date += timedelta(days=1)


def _has_post(local_date: date, at: datetime, schedule: DailySchedule, zone: ZoneInfo) -> bool:
    """Whether the date, whose hour is `at`, gets a post: it is one of the schedule's weekdays, it
    exists in the zone (Samoa had no 30 December 2011), and its hour lies after the schedule was
    set."""
    is_set = schedule.set_at is None or at > schedule.set_at
    is_day = local_date.weekday() in schedule.weekdays
    return is_set and is_day and at.astimezone(zone).date() == local_date
