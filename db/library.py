"""The library as its callers see it: one object, whole answers, no rows.

Every method that touches a server's things takes its `guild_id` first and sees nothing of any
other server: an id of another server is `NotFound`, like an id that never was.

Reads run on reader connections' threads and never wait for a write; each write is one
transaction on the writer's thread (see connection.py). What a method returned from is stored.
Permission to moderate is the caller's to check: the library does not know Discord.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import Literal, Protocol, Self

from db.ingest.reading import Reading
from db.models import (
    AddOutcome,
    AuditEntry,
    Completion,
    DailyPost,
    DailySchedule,
    DailyStatus,
    Excerpt,
    Filters,
    GuildSettings,
    Hidden,
    NewWork,
    Passage,
    SearchAnswer,
    SearchRequest,
    Viewer,
    Work,
    WorkChanges,
)

CompletionField = Literal["query", "work", "fandom"]


class Clock(Protocol):
    """The time, as the library and the bot see it; the sandbox passes one that can jump."""

    def now(self) -> datetime:
        """The time now, aware."""
        ...

    async def wait(self, seconds: float) -> None:
        """Return once that many seconds have passed by this clock."""
        ...


class SystemClock:
    """The machine's own clock."""


class Library:
    """One SQLite file of works and what servers and members have said about them."""

    @classmethod
    @asynccontextmanager
    async def open(cls, path: Path, *, clock: Clock | None = None) -> AsyncIterator[Self]:
        """Open the library at `path`, creating or upgrading it, and close it at the end.

        Raises:
            LibraryUnusable: the file is not a library, is newer than this program, or cannot
                be opened; it is left as it was.
        """

    # -- servers -----------------------------------------------------------------------------
    async def welcome_guild(self, guild_id: int, name: str) -> int:
        """Make a server known. The first real server takes over the works of guild 0.

        Returns the number of works taken over.
        """

    async def default_guild(self, home_guild: int | None) -> int:
        """The server that the command line means: home_guild, else the only one, else 0."""

    async def guild_settings(self, guild_id: int) -> GuildSettings: ...
    async def save_guild_settings(self, guild_id: int, settings: GuildSettings, by: int) -> None: ...

    # -- finding -----------------------------------------------------------------------------
    async def search(self, guild_id: int, request: SearchRequest, viewer: Viewer) -> SearchAnswer:
        """Find published works; see db/search. Never raises for what a query holds."""

    async def complete(
        self, guild_id: int, field: CompletionField, text: str, viewer: Viewer, limit: int = 25
    ) -> list[Completion]:
        """Suggestions while typing. For "query" and "work" a value is `#work_id`."""

    async def resolve(self, guild_id: int, text: str, viewer: Viewer) -> Work:
        """The work that a member means by `#work_id` or by words (the best match).

        Raises:
            NotFound: nothing matches that the viewer may see; the sentence says if it is adult.
        """

    async def work(self, guild_id: int, work_id: int, viewer: Viewer | None = None) -> Work:
        """One published or removed work or draft; with a viewer, only a published one that
        they may see here. Raises NotFound."""

    async def random_work(
        self, guild_id: int, viewer: Viewer, filters: Filters | None = None
    ) -> tuple[Work | None, Hidden]:
        """Any published work that fits and may be shown; None where there is none."""

    # -- text --------------------------------------------------------------------------------
    async def excerpts(self, guild_id: int, work_id: int) -> list[Excerpt]:
        """The excerpts of a work that may be shown, the moderators' choice first."""

    async def passage(
        self,
        guild_id: int,
        work_id: int,
        viewer: Viewer,
        *,
        about: str | None = None,
        after: int | None = None,
    ) -> Passage:
        """A passage worth reading; `about` picks the nearest to those words, `after` (an
        excerpt id) the next one round.

        Raises:
            NotFound: no such work for this viewer.
            Conflict: the work has no text that may be shown.
        """

    # -- adding and keeping ------------------------------------------------------------------
    async def inspect(self, guild_id: int, name: str, data: bytes) -> list[Reading]:
        """Read a file in the worker process, storing nothing. `name` gives the format.

        Raises:
            UnreadableFile: with one sentence on why.
        """

    async def add_draft(
        self, guild_id: int, new: NewWork, *, by: int, request_key: str
    ) -> AddOutcome:
        """Store a work for a moderator to review. The same `request_key` stores it once.

        A duplicate of a work of this server is not stored: the outcome names the work.
        """

    async def add(self, guild_id: int, new: Sequence[NewWork], *, by: int | None) -> list[AddOutcome]:
        """Store and publish works, all in one transaction; outcomes in the same order.

        A work with the same source link, title and authors as one that stands updates it.
        """

    async def drafts(self, guild_id: int) -> list[Work]: ...
    async def publish(self, guild_id: int, work_id: int, *, by: int) -> Work:
        """Make a draft findable. Raises NotFound; Conflict if it is no draft (any more)."""

    async def discard(self, guild_id: int, work_id: int, *, by: int) -> None:
        """Delete a draft. Raises NotFound; Conflict if it is no draft."""

    async def edit(self, guild_id: int, work_id: int, changes: WorkChanges, *, by: int) -> Work: ...
    async def choose_excerpt(self, guild_id: int, work_id: int, excerpt_id: int, *, by: int) -> None: ...
    async def veto_excerpt(self, guild_id: int, work_id: int, excerpt_id: int, *, by: int) -> None: ...
    async def remove(self, guild_id: int, work_id: int, *, by: int, why: str = "") -> Work:
        """Take a published work out of every answer; it can be restored."""

    async def restore(self, guild_id: int, work_id: int, *, by: int) -> Work: ...
    async def removed(self, guild_id: int) -> list[Work]:
        """Removed works, the latest first."""

    async def log(
        self, guild_id: int, *, limit: int = 20, before: int | None = None
    ) -> list[AuditEntry]:
        """The server's audit log, newest first; `before` is an entry's `audit_id`."""

    def export(self, guild_id: int) -> AsyncIterator[NewWork]:
        """Every published work with its text, in the order of adding."""

    # -- the daily post ----------------------------------------------------------------------
    async def set_daily(
        self,
        guild_id: int,
        *,
        channel_id: int,
        local_time: time,
        time_zone: str,
        role_id: int | None = None,
        fandom: str | None = None,
        by: int,
    ) -> DailyStatus:
        """Set or change the daily post. Raises BadInput for a time zone that is none."""

    async def daily(self, guild_id: int) -> DailyStatus | None: ...
    async def pause_daily(self, guild_id: int, *, by: int | None, reason: str = "") -> DailyStatus: ...
    async def resume_daily(self, guild_id: int, *, by: int) -> DailyStatus: ...
    async def preview_daily(self, guild_id: int, viewer: Viewer) -> Passage | Work | None:
        """What would be recommended next, without promising it; None: nothing fits."""

    async def due_guilds(self) -> list[DailySchedule]:
        """Active schedules whose post of today is due by the clock and not settled."""

    async def prepare_daily(self, guild_id: int, viewer: Viewer, *, now: bool = False) -> DailyPost:
        """Write down today's post, or return the row that stands. `now`: before its hour.

        `viewer.adult_ok` is whether the channel is age-restricted at this moment. A row whose
        work may no longer be shown there is given another work, unless it was being sent.
        """

    async def begin_send(self, outbox_id: int) -> DailyPost:
        """Mark the row as being sent, before the request leaves."""

    async def settle_send(
        self, outbox_id: int, *, message_id: int | None, skipped: str | None = None
    ) -> None:
        """Write down that the post was sent, or why it was given up for this date."""

    async def fail_send(self, outbox_id: int, reason: str, *, permanent: bool) -> DailySchedule:
        """Count a failed attempt; the schedule pauses itself after several permanent ones."""
