"""/daily: one recommendation a day, for moderators to set up."""

import asyncio
import re
from datetime import datetime, time
from zoneinfo import available_timezones

import discord
from discord import app_commands
from discord.ext import commands

from cogs import _text as text
from cogs._access import (
    guild_of,
    is_age_restricted,
    is_moderator,
    require_moderator,
    viewer_of,
)
from cogs._cards import daily_card
from cogs._client import Interaction, LibraryClient
from cogs._options import choices_of
from cogs._posting import Poster
from db.errors import BadInput, NotFound, Refused
from db.models import (
    DailyPost,
    DailyStatus,
    Passage,
    PostState,
    ScheduleState,
    Viewer,
)

_TIME = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm)?", re.IGNORECASE | re.ASCII)


@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
class Daily(commands.GroupCog, group_name="daily", group_description="One recommendation a day"):
    """What moderators may do about the daily post; and the task that makes it."""

    def __init__(self, client: LibraryClient) -> None:
        self._client = client
        self._library = client.library
        self._poster = Poster(client)
        self._task: asyncio.Task[None] | None = None

    async def cog_load(self) -> None:
        """Start the one task that posts; reconnecting does not start another."""
        self._task = asyncio.create_task(self._poster.run(), name="daily-posts")

    async def cog_unload(self) -> None:
        """End it. What it was sending is settled by the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def interaction_check(self, interaction: Interaction) -> bool:  # pyright: ignore[reportIncompatibleMethodOverride]  # the client is always ours
        """Moderators only, whatever the server's command permissions say."""
        await require_moderator(interaction)
        return True

    @app_commands.command()
    @app_commands.describe(
        channel="Where to post",
        time="When, as 9:00 or 21:30",
        timezone="Whose nine o'clock, as Europe/Paris",
        role="A role to ping with each post",
        fandom="Only fics of this fandom",
    )
    async def setup(
        self,
        interaction: Interaction,
        channel: discord.TextChannel | discord.Thread,
        time: app_commands.Range[str, 1, 20],
        timezone: app_commands.Range[str, 1, 100],
        role: discord.Role | None = None,
        fandom: app_commands.Range[str, 1, 100] | None = None,
    ) -> None:
        """Choose where and when a fic is recommended every day"""
        guild_id = await require_moderator(interaction)
        local_time = _time_of_day(time)
        _check_permissions(channel)
        if role is not None and role.is_default():
            raise BadInput("That role is everybody’s. Choose one that members take on themselves.")
        status = await self._library.set_daily(
            guild_id,
            channel_id=channel.id,
            local_time=local_time,
            time_zone=timezone.strip(),
            role_id=role.id if role else None,
            fandom=fandom,
            by=interaction.user.id,
        )
        lines = [f"Set. {_when(status)}"]
        if role is not None and not role.mentionable:
            lines.append(
                f"-# Members of {role.mention} are only notified if “Allow anyone to @mention "
                "this role” is on, or if I may mention all roles."
            )
        if not status.unseen:
            lines.append("-# Nothing in the library fits yet, so nothing would be posted.")
        await _say(interaction, "\n".join(lines))

    @app_commands.command()
    async def preview(self, interaction: Interaction) -> None:
        """See what would be recommended next"""
        guild_id = await require_moderator(interaction)
        status = await self._status(guild_id)
        channel = self._client.get_channel(status.schedule.channel_id)
        viewer = Viewer(None, is_age_restricted(channel))
        found = await self._library.preview_daily(guild_id, viewer)
        if found is None:
            raise NotFound("Nothing is left that fits. Add works, or choose another fandom.")
        work = found.work if isinstance(found, Passage) else found
        if work.info.rating.is_adult and not viewer_of(interaction).adult_ok:
            raise Refused(
                f"The next one is rated {work.info.rating}. Use this in an age-restricted channel."
            )
        sheet = daily_card(found, outbox_id=0, role_id=None)
        await interaction.response.send_message(view=sheet, ephemeral=True)

    @app_commands.command()
    async def now(self, interaction: Interaction) -> None:
        """Post today's recommendation at once, instead of at its hour"""
        guild_id = await require_moderator(interaction)
        status = await self._status(guild_id)
        await interaction.response.defer(ephemeral=True, thinking=True)
        post = await self._poster.post_now(status.schedule)
        await _say(interaction, _outcome(post))

    @app_commands.command()
    async def pause(self, interaction: Interaction) -> None:
        """Stop the daily posts until they are resumed"""
        guild_id = await require_moderator(interaction)
        await self._library.pause_daily(guild_id, by=interaction.user.id)
        await _say(interaction, "Paused. /daily resume starts it again.")

    @app_commands.command()
    async def resume(self, interaction: Interaction) -> None:
        """Go on with the daily posts"""
        guild_id = await require_moderator(interaction)
        status = await self._library.resume_daily(guild_id, by=interaction.user.id)
        await _say(interaction, f"Resumed. {_when(status)}")

    @app_commands.command()
    async def status(self, interaction: Interaction) -> None:
        """See when and where the next post is due, and the latest ones"""
        status = await self._status(await require_moderator(interaction))
        schedule = status.schedule
        lines = [_when(status)]
        if schedule.state is ScheduleState.PAUSED and schedule.pause_reason:
            lines.append(f"Reason: {text.escape(schedule.pause_reason, 300)}")
        if schedule.role_id:
            lines.append(f"Pings <@&{schedule.role_id}>.")
        if schedule.fandom:
            lines.append(f"Only {text.escape(schedule.fandom, 150)}.")
        unseen = text.count(status.unseen, "fic")
        lines.append(f"{unseen} not recommended yet.")
        lines += [_past(guild_of(interaction), post) for post in status.recent[:7]]
        await _say(interaction, "\n".join(lines))

    @setup.autocomplete("timezone")
    async def _complete_timezone(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        wanted = typed.strip().replace(" ", "_").casefold()
        zones = sorted(
            (zone for zone in available_timezones() if wanted in zone.casefold()),
            key=lambda zone: (not zone.casefold().rpartition("/")[2].startswith(wanted), zone),
        )
        return [app_commands.Choice(name=zone, value=zone) for zone in zones[:25]]

    @setup.autocomplete("fandom")
    async def _complete_fandom(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        if not await is_moderator(interaction):
            return []
        viewer = Viewer(None, adult_ok=True)
        guild_id = guild_of(interaction)
        return choices_of(await self._library.complete(guild_id, "fandom", typed[:100], viewer))

    async def _status(self, guild_id: int) -> DailyStatus:
        status = await self._library.daily(guild_id)
        if status is None:
            raise NotFound("There is no daily post yet. Use /daily setup first.")
        return status


def _time_of_day(typed: str) -> time:
    match = _TIME.fullmatch(typed.strip())
    hour, minute = (int(match[1]), int(match[2] or 0)) if match else (24, 0)
    half = (match[3] or "").lower() if match else ""
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0) if 1 <= hour <= 12 else 24
    if hour > 23 or minute > 59:
        raise BadInput(f"“{text.plain(typed, 20)}” is no time of day. Write it like 9:00 or 21:30.")
    return time(hour, minute)


def _check_permissions(channel: discord.TextChannel | discord.Thread) -> None:
    mine = channel.permissions_for(channel.guild.me)
    may_send = (
        mine.send_messages_in_threads if isinstance(channel, discord.Thread) else mine.send_messages
    )
    missing = [
        name
        for name, allowed in (
            ("View Channel", mine.view_channel),
            ("Send Messages", may_send),
            ("Read Message History", mine.read_message_history),
        )
        if not allowed
    ]
    if missing:
        raise Refused(f"I cannot post in #{channel.name}: I need {text.joined(missing)} there.")


def _when(status: DailyStatus) -> str:
    schedule = status.schedule
    at = f"{schedule.local_time:%H:%M} {text.escape(schedule.time_zone)}"
    where = f"<#{schedule.channel_id}> every day at {at}"
    if schedule.state is ScheduleState.PAUSED:
        return f"Paused. It would post in {where}."
    following = f", next {_stamp(status.next_at)}" if status.next_at else ""
    return f"A fic is recommended in {where}{following}."


def _stamp(moment: datetime) -> str:
    return f"<t:{int(moment.timestamp())}:R>"


def _outcome(post: DailyPost) -> str:
    if post.state is PostState.SENT:
        return f"Today’s recommendation is out: {_link(post.guild_id, post)}"
    if post.work_id is None:
        return "Nothing is left that fits. Add works, or choose another fandom."
    reason = text.escape(post.reason or "It was skipped for today.", 300)
    return f"Nothing was posted. {reason}"


def _past(guild_id: int, post: DailyPost) -> str:
    if post.state is PostState.SENT:
        return f"-# {post.local_date}: {_link(guild_id, post)}"
    reason = text.escape(post.reason or str(post.state), 150)
    return f"-# {post.local_date}: not posted. {reason}"


def _link(guild_id: int, post: DailyPost) -> str:
    return f"https://discord.com/channels/{guild_id}/{post.channel_id}/{post.message_id}"


async def _say(interaction: Interaction, said: str) -> None:
    if interaction.response.is_done():
        await interaction.followup.send(said, ephemeral=True)
    else:
        await interaction.response.send_message(said, ephemeral=True)
