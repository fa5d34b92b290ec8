"""Posting the daily recommendation, once a day whatever happens on the way.

The library writes each post down before it is sent, with a nonce: a repeat of the request within
some minutes gives Discord's first message again. So an attempt whose outcome is unknown (a
reset, a time-out, a crash) is simply made again with the same nonce while that is fresh; later
the channel's own history tells whether the post is there. Where the history cannot be read, the
post is given up for that date rather than risked twice.
"""

import asyncio
import logging
from datetime import timedelta
from zoneinfo import ZoneInfo

import aiohttp
import discord

from cogs import _text as text
from cogs._access import is_age_restricted
from cogs._cards import SHOW_CARD, daily_card
from cogs._client import LibraryClient
from cogs._controls import custom_id
from db.errors import LibraryError, NotFound, Refused
from db.models import DailyPost, DailySchedule, PostState, ScheduleState, Viewer

log = logging.getLogger(__name__)

# Discord keeps nonces for "a few minutes"; this is well within.
NONCE_FRESH = timedelta(minutes=2)
HISTORY_MESSAGES = 300
SERVERS_AT_ONCE = 8
REFUSALS = frozenset((400, 401, 403, 404))

Channel = discord.TextChannel | discord.Thread


class PostFailed(LibraryError):
    """The post did not go out this time; the sentence says why, for a moderator."""


class Poster:
    """Makes the daily posts that are due; one for each bot."""

    def __init__(self, client: LibraryClient) -> None:
        self._client = client
        self._library = client.library
        self._busy: dict[int, asyncio.Lock] = {}
        self._slots = asyncio.Semaphore(SERVERS_AT_ONCE)

    async def run(self) -> None:
        """Look for due posts for ever; only cancelling ends it."""
        await self._client.online.wait()
        while True:
            try:
                await self.post_due()
            except Exception:  # the scheduler outlives whatever goes wrong in one round
                log.exception("The daily posts could not be looked up")
            await self._client.clock.wait(self._client.settings.daily.poll_seconds)

    async def post_due(self) -> None:
        """Make every post that is due; no server waits for, or fails with, another."""
        due = await self._library.due_guilds()
        await asyncio.gather(*(self._post_safely(schedule) for schedule in due))
        for post in await self._library.unsettled_posts():
            await self._settle_safely(post)

    async def post_now(self, schedule: DailySchedule) -> DailyPost:
        """Make today's post at once, or return the one that stands.

        Raises:
            PostFailed: with the reason.
        """
        return await self._post(schedule, early=True)

    async def _post_safely(self, schedule: DailySchedule) -> None:
        if self._client.get_guild(schedule.guild_id) is None:
            return  # not there yet, or not any more
        try:
            async with self._slots:
                await self._post(schedule, early=False)
        except PostFailed as error:
            log.warning("Daily post of server %s: %s", schedule.guild_id, error)
        except Exception:
            log.exception("Daily post of server %s", schedule.guild_id)

    async def _settle_safely(self, post: DailyPost) -> None:
        """Find out what became of a post whose hour has passed."""
        try:
            async with self._lock(post.guild_id):
                if self._is_stale(post) and not await self._is_to_come(post):
                    await self._settle(post)
        except PostFailed as error:
            log.warning("Daily post of %s in server %s: %s", post.local_date, post.guild_id, error)
        except Exception:
            log.exception("Daily post of %s in server %s", post.local_date, post.guild_id)

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
        status = await self._library.daily(post.guild_id)
        if status is None or status.next_at is None:
            return False
        zone = ZoneInfo(status.schedule.time_zone)
        return status.next_at.astimezone(zone).date() <= post.local_date

    async def _post(self, schedule: DailySchedule, *, early: bool) -> DailyPost:
        async with self._lock(schedule.guild_id):
            try:
                channel = await self._channel(schedule.guild_id, schedule.channel_id)
            except PostFailed as error:
                post = await self._prepared(schedule, False, early=early)
                if post.state is PostState.PENDING:
                    await self._failed(schedule, post, error.sentence, permanent=True)
                raise
            post = await self._prepared(schedule, is_age_restricted(channel), early=early)
            if post.state in (PostState.SENT, PostState.SKIPPED) or post.work_id is None:
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

    def _lock(self, guild_id: int) -> asyncio.Lock:
        return self._busy.setdefault(guild_id, asyncio.Lock())

    async def _prepared(self, schedule: DailySchedule, adult_ok: bool, *, early: bool) -> DailyPost:
        viewer = Viewer(None, adult_ok)
        return await self._library.prepare_daily(schedule.guild_id, viewer, now=early)

    def _is_stale(self, post: DailyPost) -> bool:
        first = post.first_attempt_at
        return first is not None and self._client.clock.now() - first > NONCE_FRESH

    async def _give_up(self, post: DailyPost, reason: str) -> None:
        await self._library.settle_send(post.outbox_id, message_id=None, skipped=reason)

    async def _send(
        self, schedule: DailySchedule, post: DailyPost, channel: Channel, *, uncertain: bool
    ) -> None:
        """Send a post once. `uncertain`: an earlier attempt may have got through."""
        viewer = Viewer(None, is_age_restricted(channel))
        try:
            found = await self._library.post_passage(schedule.guild_id, post, viewer)
        except (NotFound, Refused) as error:
            await self._give_up(post, error.sentence)
            raise PostFailed(error.sentence) from None
        role_id = schedule.role_id
        sheet = daily_card(found, outbox_id=post.outbox_id, role_id=role_id)
        pings = [discord.Object(role_id)] if role_id else []
        post = await self._library.begin_send(post.outbox_id)
        try:
            async with asyncio.timeout(self._client.settings.daily.send_seconds):
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
        await self._library.settle_send(post.outbox_id, message_id=message.id)
        log.info("Daily post %s is out in server %s", post.outbox_id, schedule.guild_id)

    async def _failed(
        self, schedule: DailySchedule, post: DailyPost, reason: str, *, permanent: bool
    ) -> None:
        after = await self._library.fail_send(post.outbox_id, reason, permanent=permanent)
        paused = after.state is ScheduleState.PAUSED and schedule.state is ScheduleState.ACTIVE
        if paused:
            await self._tell_moderators(schedule.guild_id, reason)

    async def _tell_moderators(self, guild_id: int, reason: str) -> None:
        guild = self._client.get_guild(guild_id)
        settings = await self._library.guild_settings(guild_id)
        channel = guild and guild.get_channel(settings.log_channel_id or 0)
        channel = channel or (guild and guild.system_channel)
        why = text.escape(reason, 300)
        said = f"The daily recommendation is paused: {why} /daily resume starts it again."
        log.warning("Server %s: %s", guild_id, said)
        if isinstance(channel, discord.TextChannel):
            try:
                async with asyncio.timeout(self._client.settings.daily.send_seconds):
                    await channel.send(said)
            except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
                log.warning("The moderators of server %s were not told: %s", guild_id, error)

    async def _channel(self, guild_id: int, channel_id: int) -> Channel:
        """The channel to post in. Raises PostFailed if it is gone, or no place for posts."""
        channel: object = self._client.get_channel(channel_id)
        if channel is None:
            try:
                async with asyncio.timeout(self._client.settings.daily.send_seconds):
                    channel = await self._client.fetch_channel(channel_id)
            except (discord.NotFound, discord.Forbidden, discord.InvalidData):
                raise PostFailed("The channel is gone, or I cannot see it.") from None
        if not isinstance(channel, Channel) or channel.guild.id != guild_id:
            raise PostFailed("The channel is gone, or I cannot see it.")
        return channel

    async def _settled_by_history(self, channel: Channel, post: DailyPost) -> bool:
        """Whether the post is out already; then, or where nobody can tell, its row is settled.

        Raises:
            PostFailed: the history cannot be read, so the post is given up for its date.
        """
        try:
            message_id = await self._in_history(channel, post)
        except PostFailed as error:
            await self._library.settle_send(post.outbox_id, message_id=None, skipped=error.sentence)
            raise
        if message_id is not None:
            await self._library.settle_send(post.outbox_id, message_id=message_id)
        return message_id is not None

    async def _in_history(self, channel: Channel, post: DailyPost) -> int | None:
        """The message of a post that was perhaps sent; None if it surely was not.

        Raises:
            PostFailed: the history cannot be read, or not far enough.
        """
        mark = custom_id(SHOW_CARD, post.work_id or 0, post.outbox_id)
        unseen = PostFailed("The bot stopped while posting and cannot see whether it is out.")
        # Without the permission Discord gives an empty history, and no error.
        if not _may_read_history(channel):
            raise unseen
        seen = 0
        async with asyncio.timeout(3 * self._client.settings.daily.send_seconds):
            async for message in channel.history(limit=HISTORY_MESSAGES):
                seen += 1
                if mark in _own_custom_ids(message, channel.guild.me.id):
                    return message.id
                oldest = message.created_at
                first_attempt = post.first_attempt_at or oldest
                if seen == HISTORY_MESSAGES and oldest >= first_attempt:
                    raise unseen
        return None


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


def _may_read_history(channel: Channel) -> bool:
    if isinstance(channel, discord.Thread) and channel.parent is None:
        return False
    return channel.permissions_for(channel.guild.me).read_message_history


def _own_custom_ids(message: discord.Message, own_id: int) -> set[str]:
    if message.author.id != own_id:
        return set()
    view = discord.ui.LayoutView.from_message(message)
    return {
        item.custom_id
        for item in view.walk_children()
        if isinstance(item, discord.ui.Button) and item.custom_id
    }
