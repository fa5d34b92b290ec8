"""The models of recommendations: their schedules, and the posts that come of them."""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from db.members import Rec
from db.models import Passage, Rating, Status, WordRange, Work

EVERY_DAY = frozenset(range(7))
DAILY = "daily"  # the name of a schedule that was given none


class ScheduleState(StrEnum):
    """Whether a schedule runs."""

    ACTIVE = "active"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What moderators choose of a schedule: where, when, for whom, and of which works.

    `time_zone` is an IANA name. Monday is weekday 0. Nothing rated higher than `rating` is
    recommended; None leaves that to the channel. `thread`: one is opened under each post.
    """

    channel_id: int
    local_time: time
    time_zone: str
    weekdays: frozenset[int] = EVERY_DAY
    role_id: int | None = None
    thread: bool = False
    fandom: str | None = None
    rating: Rating | None = None
    status: Status | None = None
    words: WordRange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DailySchedule(Terms):
    """A server's schedule. `failures` counts refused posts in a row."""

    schedule_id: int
    guild_id: int
    name: str = DAILY
    state: ScheduleState = ScheduleState.ACTIVE
    pause_reason: str | None = None
    failures: int = 0
    set_at: datetime | None = None


class PostState(StrEnum):
    """How far a post has come. A pending one of a date to come is the choice made ahead."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class DailyPost:
    """One schedule's recommendation of one local date, written down before it is sent.

    `nonce` (at most 25 characters) makes Discord return the first message for a repeat within
    its window of some minutes. `work_id` is None where no work was left to recommend.
    """

    outbox_id: int
    guild_id: int
    schedule_id: int
    local_date: date
    channel_id: int
    work_id: int | None
    excerpt_id: int | None
    nonce: str
    state: PostState
    attempts: int = 0
    reason: str | None = None
    first_attempt_at: datetime | None = None
    settled_at: datetime | None = None
    message_id: int | None = None

    @property
    def is_settled(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in (PostState.SENT, PostState.SKIPPED)


@dataclass(frozen=True, slots=True)
class PastPost:
    """A settled post with what `/daily history` says of it; not escaped.

    `title` is None where the work is gone or hidden, `schedule` where the schedule is.
    """

    post: DailyPost
    title: str | None
    schedule: str | None


@dataclass(frozen=True, slots=True)
class Recommended:
    """What a post shows: a passage, or the work's card where it has none, and a member's rec."""

    found: Passage | Work
    rec: Rec | None = None

    @property
    def work(self) -> Work:
        """The work itself."""
        return self.found.work if isinstance(self.found, Passage) else self.found


@dataclass(frozen=True, slots=True)
class DailyStatus:
    """What `/daily status` tells of a schedule: the next post, and what went out last."""

    schedule: DailySchedule
    next_at: datetime | None  # None while paused
    unseen: int  # published, fitting works that were not recommended yet
    queued: int
    recent: tuple[PastPost, ...]  # newest first
