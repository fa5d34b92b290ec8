"""Recommendations as the library's callers see them: `Library.daily`."""

from dataclasses import replace
from datetime import datetime

from db.clock import Clock
from db.connection import Store
from db.daily import outbox, schedules, showing, slots, wishes
from db.daily.models import (
    DailyPost,
    DailySchedule,
    DailyStatus,
    PastPost,
    Recommended,
    Terms,
)
from db.models import Viewer, Work


class Daily:
    """A server's schedules, what moderators wish of them, and the posts that come of them.

    The first part takes a `guild_id` first and sees nothing of another server. The second is the
    poster's: it goes through the schedules of all servers.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    # -- for moderators ----------------------------------------------------------------------
    async def set(self, guild_id: int, name: str, terms: Terms, *, by: int) -> DailySchedule:
        """Make the schedule of that name, or change it, and let it run.

        Raises:
            BadInput: the time zone or the name is none.
            Conflict: the server has as many schedules as it may have.
        """
        terms = replace(terms, time_zone=slots.time_zone(terms.time_zone).key)
        return await self._store.write(
            schedules.set_schedule, guild_id, name, terms, by=by, now=self._clock.now()
        )

    async def remove(self, guild_id: int, schedule_id: int, *, by: int) -> None:
        """End a schedule; what it posted stays in the history. Raises NotFound."""
        await self._store.write(
            schedules.remove, guild_id, schedule_id, by=by, now=self._clock.now()
        )

    async def schedules(self, guild_id: int) -> list[DailySchedule]:
        """A server's schedules, the oldest first."""
        return await self._store.read(schedules.of_guild, guild_id)

    async def named(self, guild_id: int, name: str | None) -> DailySchedule:
        """The schedule of that name; without one, the server's only schedule.

        Raises:
            NotFound: there is none, or none of that name.
            BadInput: there are several, and no name says which.
        """
        return await self._store.read(schedules.named, guild_id, name)

    async def one(self, guild_id: int, schedule_id: int) -> DailySchedule:
        """A server's schedule. Raises NotFound."""
        return await self._store.read(schedules.one, guild_id, schedule_id)

    async def pause(
        self, guild_id: int, schedule_id: int, *, by: int | None, reason: str = ""
    ) -> DailySchedule:
        """Stop posting until resumed. Raises NotFound."""
        return await self._store.write(
            schedules.pause, guild_id, schedule_id, by=by, reason=reason, now=self._clock.now()
        )

    async def resume(self, guild_id: int, schedule_id: int, *, by: int) -> DailySchedule:
        """Go on posting, from the next hour on. Raises NotFound."""
        return await self._store.write(
            schedules.resume, guild_id, schedule_id, by=by, now=self._clock.now()
        )

    async def status(self, schedule: DailySchedule, viewer: Viewer) -> DailyStatus:
        """What comes of a schedule and what came last; the viewer decides which titles show."""
        return await self._store.read(showing.status, schedule, viewer, now=self._clock.now())

    async def history(
        self, guild_id: int, viewer: Viewer, *, before: int | None = None, limit: int = 15
    ) -> list[PastPost]:
        """What was posted or given up, the latest first; `before` is an `outbox_id`."""
        return await self._store.read(showing.history, guild_id, viewer, before=before, limit=limit)

    async def preview(self, guild_id: int, schedule_id: int, viewer: Viewer) -> Recommended | None:
        """What the next post shows, as it was chosen ahead or would be now; None: nothing fits.

        `viewer.adult_ok` is whether the schedule's channel is age-restricted. Raises NotFound.
        """
        return await self._store.read(
            showing.preview, guild_id, schedule_id, viewer, now=self._clock.now()
        )

    async def queue(self, guild_id: int, schedule_id: int) -> list[Work]:
        """The works that moderators put in order, first to last. Raises NotFound."""
        return await self._store.read(wishes.queue, guild_id, schedule_id)

    async def enqueue(
        self, guild_id: int, schedule_id: int, work_id: int, *, by: int, first: bool = False
    ) -> Work:
        """Put a work at the end of a queue, or first; one that is in it moves.

        Raises:
            NotFound: no such work or schedule here.
            Conflict: the work is not published, or vetoed, or the queue is full.
        """
        return await self._store.write(
            wishes.enqueue,
            guild_id,
            schedule_id,
            work_id,
            first=first,
            by=by,
            now=self._clock.now(),
        )

    async def dequeue(self, guild_id: int, schedule_id: int, work_id: int, *, by: int) -> Work:
        """Take a work out of a queue. Raises NotFound."""
        return await self._store.write(
            wishes.dequeue, guild_id, schedule_id, work_id, by=by, now=self._clock.now()
        )

    async def skip(self, guild_id: int, work_id: int, *, by: int) -> Work:
        """Pass a work over for some weeks, in every schedule. Raises NotFound."""
        return await self._store.write(wishes.skip, guild_id, work_id, by=by, now=self._clock.now())

    async def veto(self, guild_id: int, work_id: int, *, by: int) -> Work:
        """Never recommend a work here. Raises NotFound; Conflict if that is so already."""
        return await self._store.write(wishes.veto, guild_id, work_id, by=by, now=self._clock.now())

    async def lift_veto(self, guild_id: int, work_id: int, *, by: int) -> Work:
        """Let a work be recommended again. Raises NotFound; Conflict if it is not vetoed."""
        return await self._store.write(
            wishes.lift_veto, guild_id, work_id, by=by, now=self._clock.now()
        )

    async def vetoed(self, guild_id: int) -> list[Work]:
        """The latest vetoed works."""
        return await self._store.read(wishes.vetoed, guild_id)

    async def next_at(self, schedule: DailySchedule) -> datetime:
        """When the schedule's next post is made, whether it runs or not."""
        return await self._store.read(outbox.next_at, schedule, now=self._clock.now())

    # -- for the poster ----------------------------------------------------------------------
    async def due(self) -> list[DailySchedule]:
        """Running schedules whose post is due by the clock and not settled."""
        return await self._store.read(outbox.due, now=self._clock.now())

    async def next_of_all(self) -> datetime | None:
        """The next hour at which a running schedule of any server posts; None if none does."""
        return await self._store.read(outbox.next_of_all, now=self._clock.now())

    async def unchosen(self) -> list[DailySchedule]:
        """Running schedules whose next post has not been chosen yet."""
        return await self._store.read(outbox.unchosen)

    async def choose_ahead(self, schedule_id: int, viewer: Viewer) -> DailyPost | None:
        """Choose the next post and write it down; None if the schedule does not run."""
        return await self._store.write(
            outbox.choose_ahead, schedule_id, viewer.adult_ok, now=self._clock.now()
        )

    async def prepare(self, schedule_id: int, viewer: Viewer, *, early: bool = False) -> DailyPost:
        """Write down the post that is due, or return the row that stands. `early`: before its hour.

        `viewer.adult_ok` is whether the channel is age-restricted at this moment. A row whose
        work may no longer be shown there is given another work, unless it was being sent.

        Raises:
            NotFound: there is no such schedule (any more).
            Conflict: nothing is due (any more), or it is paused, and it is not `early`.
        """
        return await self._store.write(
            outbox.prepare, schedule_id, viewer.adult_ok, now=self._clock.now(), early=early
        )

    async def shown(self, post: DailyPost, viewer: Viewer) -> Recommended:
        """What a post shows. Raises NotFound, Refused: the work may not be shown there any more."""
        return await self._store.read(showing.shown, post.guild_id, post, viewer)

    async def begin_send(self, outbox_id: int) -> DailyPost:
        """Mark the row as being sent, before the request leaves. Raises NotFound."""
        return await self._store.write(outbox.begin_send, outbox_id, now=self._clock.now())

    async def settle_send(
        self, outbox_id: int, *, message_id: int | None, skipped: str | None = None
    ) -> None:
        """Write down that the post was sent, or why it was given up for this date."""
        await self._store.write(
            outbox.settle_send,
            outbox_id,
            message_id=message_id,
            skipped=skipped,
            now=self._clock.now(),
        )

    async def fail_send(
        self, outbox_id: int, reason: str, *, permanent: bool
    ) -> DailySchedule | None:
        """Count a failed attempt; the schedule pauses itself after several permanent ones."""
        return await self._store.write(
            outbox.fail_send, outbox_id, reason, permanent=permanent, now=self._clock.now()
        )

    async def unsettled(self) -> list[DailyPost]:
        """Posts that were being sent when the program stopped, and may or may not be out."""
        return await self._store.read(outbox.unsettled, now=self._clock.now())

    async def missed(self) -> list[tuple[DailyPost, str]]:
        """Posts that never left and whose hour has passed for good, with the reason of each."""
        return await self._store.read(outbox.missed, now=self._clock.now())

    async def threads_wanted(self) -> list[DailyPost]:
        """Posts of the last hour that still lack the thread that belongs under them."""
        return await self._store.read(outbox.threads_wanted, now=self._clock.now())

    async def settle_thread(self, outbox_id: int, *, made: bool) -> None:
        """Write down that a post has its thread, or never will."""
        await self._store.write(outbox.settle_thread, outbox_id, made=made)
