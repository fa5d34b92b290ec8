"""/daily: one recommendation a day, and others beside it, for moderators to set up."""

import asyncio

import discord
from discord import app_commands
from discord.ext import commands

from cogs import _daily_words as words
from cogs._access import guild_of, is_moderator, require_moderator
from cogs._client import Interaction, LibraryClient
from cogs._daily_desk import MODERATOR, DailyDesk
from cogs._options import (
    DaysOption,
    HighestRating,
    LengthOption,
    StatusOption,
    choices_of,
    zone_choices,
)
from cogs._places import require_rights
from cogs._posting import Poster
from cogs._text import escape
from db.daily.models import DAILY, EVERY_DAY, DailySchedule, Terms
from db.daily.slots import local_time
from db.errors import BadInput, NotFound
from db.models import Completion, Work

Choices = list[app_commands.Choice[str]]
Name = app_commands.Range[str, 1, 40]
Title = app_commands.Range[str, 1, 100]
WHICH = "Which one, where the server has several"


@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
class Daily(commands.GroupCog, group_name="daily", group_description="One recommendation a day"):
    """What moderators may do about recommendations; and the task that makes them."""

    def __init__(self, client: LibraryClient) -> None:
        self._client = client
        self._library = client.library
        self._daily = client.library.daily
        self._desk = DailyDesk(client)
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
        days="On which days; every day if you leave it out",
        name="For another one beside the daily one, such as “weekly”",
        role="A role to ping with each post",
        thread="Open a thread under each post",
        fandom="Only fics of this fandom",
        rating="Nothing rated higher than this",
        status="Finished or not",
        length="In words, as <5k, 5k-20k or >100k",
        reset="Forget what was chosen here before",
    )
    async def setup(
        self,
        interaction: Interaction,
        channel: discord.TextChannel | discord.Thread,
        time: app_commands.Range[str, 1, 20],
        timezone: app_commands.Range[str, 1, 100],
        days: DaysOption | None = None,
        name: Name = DAILY,
        role: discord.Role | None = None,
        thread: bool | None = None,
        fandom: app_commands.Range[str, 1, 100] | None = None,
        rating: HighestRating | None = None,
        status: StatusOption | None = None,
        length: LengthOption | None = None,
        reset: bool = False,
    ) -> None:
        """Choose where and when a fic is recommended, or change it"""
        guild_id = await require_moderator(interaction)
        at = local_time(time)
        if role is not None and role.is_default():
            raise BadInput("That role is everybody’s. Choose one that members take on themselves.")
        before = None if reset else await self._standing(guild_id, name)
        terms = Terms(
            channel_id=channel.id,
            local_time=at,
            time_zone=timezone.strip(),
            weekdays=days.weekdays if days else before.weekdays if before else EVERY_DAY,
            role_id=role.id if role else before and before.role_id,
            thread=thread if thread is not None else bool(before and before.thread),
            fandom=fandom or (before and before.fandom),
            rating=rating or (before and before.rating),
            status=status or (before and before.status),
            words=length or (before and before.words),
        )
        require_rights(channel, thread=terms.thread)
        schedule = await self._daily.set(guild_id, name, terms, by=interaction.user.id)
        found = await self._daily.status(schedule, MODERATOR)
        lines = [f"Set. {words.when(schedule, found.next_at)}", *words.terms(schedule)]
        if role is not None and not role.mentionable:
            lines.append(
                f"-# Members of {role.mention} are only notified if “Allow anyone to @mention "
                "this role” is on, or if I may mention all roles."
            )
        if not found.unseen:
            lines.append("-# Nothing in the library fits yet, so nothing would be posted.")
        await _say(interaction, "\n".join(lines))

    @app_commands.command()
    @app_commands.describe(schedule="Which one")
    async def remove(self, interaction: Interaction, schedule: Name) -> None:
        """End a recommendation; what it posted stays in the history"""
        found = await self._named(interaction, schedule)
        await self._daily.remove(found.guild_id, found.schedule_id, by=interaction.user.id)
        await _say(interaction, f"“{escape(found.name)}” is removed. It posts no more.")

    @app_commands.command()
    @app_commands.describe(schedule=WHICH)
    async def preview(self, interaction: Interaction, schedule: Name | None = None) -> None:
        """See what is recommended next"""
        found = await self._named(interaction, schedule)
        sheet = await self._desk.preview(interaction, found)
        await interaction.response.send_message(view=sheet, ephemeral=True)

    @app_commands.command()
    @app_commands.describe(
        work="A fic to put at the end; without one, the queue is shown",
        first="Put it before all others instead",
        schedule=WHICH,
    )
    async def queue(
        self,
        interaction: Interaction,
        work: Title | None = None,
        first: bool = False,
        schedule: Name | None = None,
    ) -> None:
        """Put fics in order that are to be recommended next"""
        found = await self._named(interaction, schedule)
        said = ""
        if work is not None:
            chosen = await self._work(found.guild_id, work)
            await self._daily.enqueue(
                found.guild_id,
                found.schedule_id,
                chosen.work_id,
                by=interaction.user.id,
                first=first,
            )
            said = f"In the queue: *{escape(chosen.display_title, 100)}*."
        sheet = await self._desk.queue(found, said)
        await interaction.response.send_message(view=sheet, ephemeral=True)

    @app_commands.command()
    @app_commands.describe(schedule=WHICH)
    async def skip(self, interaction: Interaction, schedule: Name | None = None) -> None:
        """Pass over the fic that comes next; it may come again some weeks later"""
        found = await self._named(interaction, schedule)
        work = await self._desk.next_work(found)
        await self._daily.skip(found.guild_id, work.work_id, by=interaction.user.id)
        title = escape(work.display_title, 100)
        await _say(interaction, f"Passed over: *{title}*. /daily preview shows what comes instead.")

    @app_commands.command()
    @app_commands.describe(
        work="Which fic; without one, the one that comes next",
        undo="Lift a veto instead",
        schedule=WHICH,
    )
    async def veto(
        self,
        interaction: Interaction,
        work: Title | None = None,
        undo: bool = False,
        schedule: Name | None = None,
    ) -> None:
        """Never recommend a fic here"""
        guild_id = await require_moderator(interaction)
        if work is not None:
            chosen = await self._work(guild_id, work)
        elif undo:
            raise BadInput("Say with “work” which fic may be recommended again.")
        else:
            chosen = await self._desk.next_work(await self._named(interaction, schedule))
        title = f"*{escape(chosen.display_title, 100)}*"
        if undo:
            await self._daily.lift_veto(guild_id, chosen.work_id, by=interaction.user.id)
            await _say(interaction, f"{title} may be recommended again.")
        else:
            await self._daily.veto(guild_id, chosen.work_id, by=interaction.user.id)
            await _say(interaction, f"{title} is never recommended here. “undo” lifts that.")

    @app_commands.command()
    @app_commands.describe(schedule=WHICH)
    async def now(self, interaction: Interaction, schedule: Name | None = None) -> None:
        """Post the next recommendation at once, instead of at its hour"""
        found = await self._named(interaction, schedule)
        await interaction.response.defer(ephemeral=True, thinking=True)
        post = await self._poster.post_now(found)
        await _say(interaction, words.outcome(post))

    @app_commands.command()
    @app_commands.describe(schedule=WHICH)
    async def pause(self, interaction: Interaction, schedule: Name | None = None) -> None:
        """Stop posting until it is resumed"""
        found = await self._named(interaction, schedule)
        await self._daily.pause(found.guild_id, found.schedule_id, by=interaction.user.id)
        await _say(interaction, "Paused. /daily resume starts it again.")

    @app_commands.command()
    @app_commands.describe(schedule=WHICH)
    async def resume(self, interaction: Interaction, schedule: Name | None = None) -> None:
        """Go on posting"""
        found = await self._named(interaction, schedule)
        resumed = await self._daily.resume(
            found.guild_id, found.schedule_id, by=interaction.user.id
        )
        next_at = await self._daily.next_at(resumed)
        await _say(interaction, f"Resumed. {words.when(resumed, next_at)}")

    @app_commands.command()
    @app_commands.describe(schedule=WHICH)
    async def status(self, interaction: Interaction, schedule: Name | None = None) -> None:
        """See when and where the next post is due, and the latest ones"""
        guild_id = await require_moderator(interaction)
        every = await self._daily.schedules(guild_id)
        if schedule is None and len(every) > 1:
            statuses = [await self._daily.status(each, MODERATOR) for each in every]
            await _say(interaction, words.overview(statuses))
            return
        found = await self._daily.status(await self._daily.named(guild_id, schedule), MODERATOR)
        await _say(interaction, words.details(found, guild_id))

    @app_commands.command()
    async def history(self, interaction: Interaction) -> None:
        """See what was recommended here"""
        sheet = await self._desk.history(await require_moderator(interaction))
        await interaction.response.send_message(view=sheet, ephemeral=True)

    @setup.autocomplete("timezone")
    async def _complete_timezone(self, interaction: Interaction, typed: str) -> Choices:
        return zone_choices(typed, self._client.clock.now())

    @setup.autocomplete("fandom")
    async def _complete_fandom(self, interaction: Interaction, typed: str) -> Choices:
        if not await is_moderator(interaction):
            return []
        guild_id = guild_of(interaction)
        return choices_of(await self._library.complete(guild_id, "fandom", typed[:100], MODERATOR))

    @setup.autocomplete("name")
    @remove.autocomplete("schedule")
    @preview.autocomplete("schedule")
    @queue.autocomplete("schedule")
    @skip.autocomplete("schedule")
    @veto.autocomplete("schedule")
    @now.autocomplete("schedule")
    @pause.autocomplete("schedule")
    @resume.autocomplete("schedule")
    @status.autocomplete("schedule")
    async def _complete_schedule(self, interaction: Interaction, typed: str) -> Choices:
        if not await is_moderator(interaction):
            return []
        every = await self._daily.schedules(guild_of(interaction))
        wanted = typed.casefold()
        return choices_of(
            [Completion(each.name, each.name) for each in every if wanted in each.name.casefold()]
        )

    @queue.autocomplete("work")
    async def _complete_work(self, interaction: Interaction, typed: str) -> Choices:
        return await self._works(interaction, typed)

    async def _works(self, interaction: Interaction, typed: str) -> Choices:
        if not await is_moderator(interaction):
            return []
        guild_id = guild_of(interaction)
        return choices_of(await self._library.complete(guild_id, "work", typed[:100], MODERATOR))

    @veto.autocomplete("work")
    async def _complete_vetoed(self, interaction: Interaction, typed: str) -> Choices:
        if not getattr(interaction.namespace, "undo", False):
            return await self._works(interaction, typed)
        if not await is_moderator(interaction):
            return []
        wanted = typed.casefold()
        vetoed = await self._daily.vetoed(guild_of(interaction))
        return choices_of(
            [
                Completion(work.display_title, f"#{work.work_id}")
                for work in vetoed
                if wanted in work.display_title.casefold()
            ]
        )

    async def _named(self, interaction: Interaction, name: str | None) -> DailySchedule:
        return await self._daily.named(await require_moderator(interaction), name)

    async def _standing(self, guild_id: int, name: str) -> DailySchedule | None:
        try:
            return await self._daily.named(guild_id, name)
        except NotFound:
            return None

    async def _work(self, guild_id: int, typed: str) -> Work:
        return await self._library.resolve(guild_id, typed, MODERATOR)


async def _say(interaction: Interaction, said: str) -> None:
    if interaction.response.is_done():
        await interaction.followup.send(said, ephemeral=True)
    else:
        await interaction.response.send_message(said, ephemeral=True)
