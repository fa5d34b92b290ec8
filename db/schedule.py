"""When a daily post is due: pure functions of the time, the server's hour and its time zone."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from rapidfuzz import fuzz, process

from db.errors import BadInput
from db.models import DailySchedule

# After downtime today's post is still made within this time of its hour; older ones are not.
GRACE = timedelta(hours=12)
NAME_LIMIT_CHARS = 64  # the longest zone name has 32
_NEAR_ENOUGH = 75.0  # under this a name is another place


@cache
def _zones() -> dict[str, str]:
    """Folded names, and cities where only one zone has them, to zone names."""
    names = sorted(available_timezones())
    known = {_fold(name): name for name in names}
    cities: dict[str, list[str]] = {}
    for name in names:
        if "/" in name and not name.startswith(("Etc/", "SystemV/", "posix/", "right/")):
            cities.setdefault(_fold(name.rsplit("/", 1)[1]), []).append(name)
    for city, zones in cities.items():
        if len(zones) == 1:
            known.setdefault(city, zones[0])
    return known


def _fold(name: str) -> str:
    return name.casefold().replace("_", " ").replace("-", " ").strip()


def time_zone(name: str) -> ZoneInfo:
    """The time zone of that IANA name, or of a city that only one zone is named after.

    Raises:
        BadInput: there is none; the sentence offers the nearest.
    """
    wanted = _fold(name[: NAME_LIMIT_CHARS + 1])
    found = _zones().get(wanted) if len(name) <= NAME_LIMIT_CHARS else None
    if found:
        return ZoneInfo(found)
    near = process.extractOne(wanted, list(_zones()), scorer=fuzz.ratio, score_cutoff=_NEAR_ENOUGH)
    hint = f"Did you mean {_zones()[near[0]]}?" if near and wanted else "Try Europe/Paris."
    raise BadInput(f"That is not a time zone I know. {hint}")


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
    for local_date in (today, today - timedelta(days=1)):
        at = slot(local_date, schedule.local_time, zone)
        is_set = schedule.set_at is None or at > schedule.set_at
        if at <= now < at + GRACE and is_set and _exists(at, local_date, zone):
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
        if at > now and local_date not in settled and _exists(at, local_date, zone):
            return at
        local_date += timedelta(days=1)


def _exists(at: datetime, local_date: date, zone: ZoneInfo) -> bool:
    """Whether the zone has that date at all: Samoa had no 30 December 2011."""
    return at.astimezone(zone).date() == local_date
