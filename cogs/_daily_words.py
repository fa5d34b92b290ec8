"""What /daily says: when and what is recommended, what comes next, and what was posted."""

from collections.abc import Iterable
from datetime import datetime

from cogs import _text as text
from cogs._options import Days, days_of, describe_range
from db.daily.models import (
    DAILY,
    DailyPost,
    DailySchedule,
    DailyStatus,
    PastPost,
    PostState,
    ScheduleState,
)


def when(schedule: DailySchedule, next_at: datetime | None) -> str:
    """Where and when it posts, in a sentence."""
    at = f"{schedule.local_time:%H:%M} {text.escape(schedule.time_zone)}"
    where = f"<#{schedule.channel_id}> {_days(schedule)} at {at}"
    name = "" if schedule.name == DAILY else f"**{text.escape(schedule.name, 90)}**: "
    if schedule.state is ScheduleState.PAUSED:
        return f"{name}{'paused' if name else 'Paused'}. It would post in {where}."
    following = f", next {stamp(next_at)}" if next_at else ""
    return f"{name}{'a' if name else 'A'} fic is recommended in {where}{following}."


def terms(schedule: DailySchedule) -> list[str]:
    """What was chosen besides, a sentence each; nothing of what was not."""
    lines: list[str] = []
    if schedule.role_id:
        lines.append(f"Pings <@&{schedule.role_id}>.")
    if schedule.thread:
        lines.append("Opens a thread under each post.")
    only = [text.escape(schedule.fandom, 150)] if schedule.fandom else []
    if schedule.status:
        only.append(f"status {schedule.status}")
    if schedule.words:
        only.append(describe_range(schedule.words))
    if schedule.rating:
        only.append(f"rated {schedule.rating} at most")
    if only:
        lines.append(f"Only {', '.join(only)}.")
    return lines


def details(status: DailyStatus, guild_id: int) -> str:
    """Everything about one schedule."""
    schedule = status.schedule
    lines = [when(schedule, status.next_at)]
    if schedule.state is ScheduleState.PAUSED and schedule.pause_reason:
        lines.append(f"Reason: {text.escape(schedule.pause_reason, 300)}")
    lines += terms(schedule)
    queued = f" {text.count(status.queued, 'fic')} in the queue." if status.queued else ""
    lines.append(f"{text.count(status.unseen, 'fic')} not recommended yet.{queued}")
    lines += [past_line(guild_id, past, with_name=False) for past in status.recent]
    return text.lines_within(lines, 1900)


def overview(statuses: Iterable[DailyStatus]) -> str:
    """All schedules of a server, in short."""
    lines = [
        "\n".join([when(status.schedule, status.next_at), *terms(status.schedule)])
        for status in statuses
    ]
    said = text.lines_within(lines, 1800)
    return f"{said}\n-# /daily status with “schedule” tells more of one."


def outcome(post: DailyPost) -> str:
    """What came of posting at once."""
    if post.state is PostState.SENT:
        return f"Today’s recommendation is out: {link(post)}"
    if post.work_id is None:
        return "Nothing is left that fits. Add works, or choose other filters with /daily setup."
    reason = text.escape(post.reason or "It was skipped for today.", 300)
    return f"Nothing was posted. {reason}"


def past_line(guild_id: int, past: PastPost, *, with_name: bool = True) -> str:
    """A post of the history."""
    post = past.post
    name = ""
    if with_name and past.schedule != DAILY:
        name = f" ({text.escape(past.schedule or 'removed schedule', 60)})"
    title = f" **{text.escape(past.title, 100)}**" if past.title else ""
    if post.state is PostState.SENT:
        return f"-# {post.local_date}{name}:{title} {link(post)}"
    reason = text.escape(post.reason or str(post.state), 150)
    return f"-# {post.local_date}{name}: not posted. {reason}"


def link(post: DailyPost) -> str:
    """The address of its message."""
    return f"https://discord.com/channels/{post.guild_id}/{post.channel_id}/{post.message_id}"


def stamp(moment: datetime) -> str:
    """A moment as Discord shows it in each reader's own time."""
    return f"<t:{int(moment.timestamp())}:R>"


def _days(schedule: DailySchedule) -> str:
    days = days_of(schedule.weekdays)
    return str(days) if days is Days.EVERY_DAY else f"on {days}"
