"""Posting recommendations, each once whatever happens on the way.

The library writes each post down before it is sent, with a nonce: a repeat of the request within
some minutes gives Discord's first message again. So an attempt whose outcome is unknown (a
reset, a time-out, a crash) is simply made again with the same nonce while that is fresh; later
the channel's own history tells whether the post is there. Where the history cannot be read, the
post is given up for that date rather than risked twice.
"""

import asyncio
import logging
from zoneinfo import ZoneInfo

import aiohttp
import discord

from cogs import _places as places
from cogs._access import is_age_restricted
from cogs._cards import SHOW_CARD, daily_card
from cogs._client import LibraryClient
from cogs._controls import custom_id
from cogs._places import Channel, PostFailed
from cogs._text import plain
from cogs._told import tell_moderators
from db.daily.models import DailyPost, DailySchedule, PostState, ScheduleState
from db.daily.outbox import NONCE_WINDOW
from db.errors import LibraryError, NotFound, Refused
from db.models import Viewer

log = logging.getLogger(__name__)

POSTS_AT_ONCE = 8
POSTS_A_SECOND = 40  # of the 50 requests that Discord takes from a bot, beside its answers
REFUSALS = frozenset((400, 401, 403, 404))
THREAD_EXISTS = 160004
THREAD_NAME_LIMIT = 100


class Poster:
    """Makes the posts that are due; one for each bot."""

    def __init__(self, client: LibraryClient) -> None:
        self._client = client
        self._daily = client.library.daily
        self._busy: dict[int, asyncio.Lock] = {}
        self._slots = asyncio.Semaphore(POSTS_AT_ONCE)
        self._next_turn = 0.0

    @property
    def _seconds(self) -> float:
        """How long Discord may take to answer."""
        return self._client.settings.daily.send_seconds

    async def run(self) -> None:
        """Look for due posts for ever; only cancelling ends it."""
        await self._client.online.wait()
        while True:
            try:
                await self.post_due()
                self._client.posted_at = self._client.clock.now()
            except Exception:  # the scheduler outlives whatever goes wrong in one round
                log.exception("The recommendations could not be looked up")
            await self._client.clock.wait(self._client.settings.daily.poll_seconds)

    async def post_due(self) -> None:
        """Make every post that is due; no schedule waits for, or fails with, another."""
        due = await self._daily.due()
        await asyncio.gather(*(self._post_safely(schedule) for schedule in due))
        left = await self._daily.unsettled()
        await asyncio.gather(*(self._settle_safely(post) for post in left))
        for post, reason in await self._daily.missed():
            await self._give_up(post, reason)
        wanting = await self._daily.threads_wanted()
        await asyncio.gather(*(self._open_thread(post) for post in wanting))
        for schedule in await self._daily.unchosen():
            await self._choose_safely(schedule)

    async def post_now(self, schedule: DailySchedule) -> DailyPost:
        """Make the next post at once, or return today's that stands.

        Raises:
            PostFailed: with the reason.
        """
        post = await self._post(schedule, early=True)
        if post.state is PostState.SENT:
            for wanting in await self._daily.threads_wanted():
                if wanting.outbox_id == post.outbox_id:
                    await self._open_thread(wanting)
        return post

    async def _post_safely(self, schedule: DailySchedule) -> None:
        if self._client.get_guild(schedule.guild_id) is None:
            return  # not there yet, or not any more
        try:
            async with self._slots:
                await self._turn()
                await self._post(schedule, early=False)
        except LibraryError as error:
            log.warning("Post of %s: %s", _whose(schedule), error)
        except Exception:
            log.exception("Post of %s", _whose(schedule))

    async def _turn(self) -> None:
        """Return when the next post may be made, in real time, as Discord counts it."""
        now = asyncio.get_running_loop().time()
        turn = max(now, self._next_turn)
        self._next_turn = turn + 1 / POSTS_A_SECOND
        if turn > now:
            await asyncio.sleep(turn - now)

    async def _choose_safely(self, schedule: DailySchedule) -> None:
        """Choose the next post ahead, so that moderators can see it."""
        if self._client.get_guild(schedule.guild_id) is None:
            return  # then nobody can tell whether its channel is age-restricted
        channel = self._client.get_channel(schedule.channel_id)
        viewer = Viewer(None, is_age_restricted(channel))
        try:
            await self._daily.choose_ahead(schedule.schedule_id, viewer)
        except Exception:
            log.exception("The next post of %s could not be chosen", _whose(schedule))

    async def _settle_safely(self, post: DailyPost) -> None:
        """Find out what became of a post whose hour has passed."""
        try:
            async with self._slots, self._lock(post.schedule_id):
                if self._is_stale(post) and not await self._is_to_come(post):
                    await self._settle(post)
        except PostFailed as error:
            log.warning("Post of %s in server %s: %s", post.local_date, post.guild_id, error)
        except Exception:
            log.exception("Post of %s in server %s", post.local_date, post.guild_id)

    async def _settle(self, post: DailyPost) -> None:
        try:
            channel = await self._channel(post.guild_id, post.channel_id)
        except PostFailed as error:
            await self._give_up(post, error.sentence)
            raise
        if not await self._settled_by_history(channel, post):
            await self._give_up(post, "The bot stopped while posting, and its hour has passed.")

    async def _is_to_come(self, post: DailyPost) -> bool:
        """Whether the post was made before its hour, and that is still to come."""
        mine = await self._daily.schedules(post.guild_id)
        schedule = next((each for each in mine if each.schedule_id == post.schedule_id), None)
        if schedule is None or schedule.state is not ScheduleState.ACTIVE:
            return False
        next_at = await self._daily.next_at(schedule)
        return next_at.astimezone(ZoneInfo(schedule.time_zone)).date() <= post.local_date

    async def _post(self, schedule: DailySchedule, *, early: bool) -> DailyPost:
        async with self._lock(schedule.schedule_id):
            try:
                channel = await self._channel(schedule.guild_id, schedule.channel_id)
            except PostFailed as error:
                post = await self._prepared(schedule, False, early=early)
                if post.state is PostState.PENDING:
                    await self._failed(schedule, post, error.sentence, permanent=True)
                raise
            post = await self._prepared(schedule, is_age_restricted(channel), early=early)
            if post.is_settled or post.work_id is None:
                return post
            if post.channel_id != channel.id:  # it was being sent before the schedule changed
                channel = await self._channel(schedule.guild_id, post.channel_id)
            uncertain = post.state is PostState.SENDING
            settled = False
            if uncertain and self._is_stale(post):
                settled = await self._settled_by_history(channel, post)
                uncertain = False
            if not settled:
                await self._send(schedule, post, channel, uncertain=uncertain)
            return await self._prepared(schedule, is_age_restricted(channel), early=early)

    def _lock(self, schedule_id: int) -> asyncio.Lock:
        return self._busy.setdefault(schedule_id, asyncio.Lock())

    async def _prepared(self, schedule: DailySchedule, adult_ok: bool, *, early: bool) -> DailyPost:
        viewer = Viewer(None, adult_ok)
        return await self._daily.prepare(schedule.schedule_id, viewer, early=early)

    def _is_stale(self, post: DailyPost) -> bool:
        """Whether its nonce may be forgotten by the time that a repeat reaches Discord."""
        first = post.first_attempt_at
        return first is not None and self._client.clock.now() - first > NONCE_WINDOW

    async def _give_up(self, post: DailyPost, reason: str) -> None:
        await self._daily.settle_send(post.outbox_id, message_id=None, skipped=reason)
        self._client.meter.posted("skipped")

    async def _send(
        self, schedule: DailySchedule, post: DailyPost, channel: Channel, *, uncertain: bool
    ) -> None:
        """Send a post once. `uncertain`: an earlier attempt may have got through."""
        viewer = Viewer(None, is_age_restricted(channel))
        try:
            recommended = await self._daily.shown(post, viewer)
        except (NotFound, Refused) as error:
            await self._give_up(post, error.sentence)
            raise PostFailed(error.sentence) from None
        role_id = schedule.role_id
        sheet = daily_card(
            recommended, outbox_id=post.outbox_id, name=schedule.name, role_id=role_id
        )
        pings = [discord.Object(role_id)] if role_id else []
        post = await self._daily.begin_send(post.outbox_id)
        try:
            async with asyncio.timeout(self._seconds):
                message = await channel.send(
                    view=sheet,
                    nonce=post.nonce,
                    allowed_mentions=discord.AllowedMentions(
                        everyone=False, users=False, roles=pings, replied_user=False
                    ),
                )
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
            # After a refusal it is surely not out. Else nobody knows: the next round asks again
            # with the same nonce.
            refused = isinstance(error, discord.HTTPException) and error.status in REFUSALS
            reason = _reason(channel, error)
            await self._failed(schedule, post, reason, permanent=refused and not uncertain)
            raise PostFailed(reason) from None
        await self._daily.settle_send(post.outbox_id, message_id=message.id)
        self._client.meter.posted("sent")
        log.info("Post %s of %s is out", post.outbox_id, _whose(schedule))

    async def _failed(
        self, schedule: DailySchedule, post: DailyPost, reason: str, *, permanent: bool
    ) -> None:
        self._client.meter.posted("failed")
        after = await self._daily.fail_send(post.outbox_id, reason, permanent=permanent)
        if after is None or after.state is schedule.state:
            return
        if after.state is ScheduleState.PAUSED:
            await tell_moderators(
                self._client,
                schedule.guild_id,
                f"The recommendation “{schedule.name}” is paused: {reason}",
                "/daily resume starts it again.",
            )

    async def _open_thread(self, post: DailyPost) -> None:
        """Open the thread under a post, or leave that to the next round."""
        try:
            async with self._slots, asyncio.timeout(self._seconds):
                made = await self._thread_stands(post)
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("No thread yet under post %s: %r", post.outbox_id, error)
        except Exception:
            log.exception("Thread under post %s", post.outbox_id)
        else:
            await self._daily.settle_thread(post.outbox_id, made=made)

    async def _thread_stands(self, post: DailyPost) -> bool:
        """Open it; False: it can never be. Discord allows one a message: a repeat does no harm."""
        try:
            channel = await self._channel(post.guild_id, post.channel_id)
            if not isinstance(channel, discord.TextChannel):
                raise PostFailed("A thread cannot have a thread.")
            recommended = await self._daily.shown(post, Viewer(None, is_age_restricted(channel)))
            name = plain(recommended.work.display_title, THREAD_NAME_LIMIT) or "Untitled"
            await channel.get_partial_message(post.message_id or 0).create_thread(name=name)
        except discord.HTTPException as error:
            if error.status not in REFUSALS:
                raise
            if error.code == THREAD_EXISTS:
                return True
            log.warning("No thread under post %s: %s", post.outbox_id, error)
            return False
        except LibraryError as error:
            log.warning("No thread under post %s: %s", post.outbox_id, error)
            return False
        return True

    async def _channel(self, guild_id: int, channel_id: int) -> Channel:
        return await places.channel(self._client, guild_id, channel_id, seconds=self._seconds)

    async def _settled_by_history(self, channel: Channel, post: DailyPost) -> bool:
        """Whether the post is out already; then, or where nobody can tell, its row is settled.

        Raises:
            PostFailed: the history cannot be read, so the post is given up for its date.
        """
        mark = custom_id(SHOW_CARD, post.work_id or 0, post.outbox_id)
        try:
            message_id = await places.message_with(
                channel, mark, since=post.first_attempt_at, seconds=3 * self._seconds
            )
        except PostFailed as error:
            await self._give_up(post, error.sentence)
            raise
        if message_id is not None:
            await self._daily.settle_send(post.outbox_id, message_id=message_id)
        return message_id is not None


def _whose(schedule: DailySchedule) -> str:
    return f"“{schedule.name}” in server {schedule.guild_id}"


def _reason(channel: Channel, error: Exception) -> str:
    match error:
        case discord.HTTPException(code=50001):
            return f"I cannot see #{channel.name} (any more)."
        case discord.HTTPException(code=50013):
            return f"I may not post in #{channel.name}: I need Send Messages there."
        case discord.HTTPException(code=10003):
            return "The channel is gone."
        case discord.HTTPException(status=status, code=code) if status in REFUSALS:
            return f"Discord does not let me post in #{channel.name} (code {code})."
        case _:
            return f"Discord did not take the post ({error.__class__.__name__})."
