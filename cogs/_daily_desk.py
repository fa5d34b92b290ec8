"""What moderators press about recommendations: the preview, the queue, the history."""

from typing import Any

from discord import ButtonStyle, ui

from cogs import _text as text
from cogs._access import is_age_restricted, require_moderator, viewer_of
from cogs._cards import daily_card
from cogs._client import Interaction, LibraryClient
from cogs._controls import Press, Sheet, UnknownControl, button, menu, option
from cogs._daily_words import past_line
from cogs._options import work_number
from db.daily.models import DailySchedule, PastPost, Recommended
from db.errors import NotFound, Refused
from db.models import Viewer, Work

# The actions of the buttons and menus.
SKIP, VETO, DEQUEUE, TO_FRONT, EARLIER = (
    "daily-skip", "daily-veto", "daily-dequeue", "daily-first", "daily-earlier",
)  # fmt: skip
PAST_POSTS = 15
NOTHING_FITS = "Nothing is left that fits. Add works, or choose other filters with /daily setup."
# Moderators know what is adult too; of a text nothing is shown outside age-restricted channels.
MODERATOR = Viewer(user_id=None, adult_ok=True)


class DailyDesk:
    """Answers the presses, and makes the sheets that are pressed on."""

    def __init__(self, client: LibraryClient) -> None:
        self._client = client
        self._daily = client.library.daily
        router = client.router
        router.on_press(SKIP, self._skip_pressed)
        router.on_press(VETO, self._veto_pressed)
        router.on_press(DEQUEUE, self._dequeue_chosen)
        router.on_press(TO_FRONT, self._first_chosen)
        router.on_press(EARLIER, self._earlier_pressed)

    async def preview(self, interaction: Interaction, schedule: DailySchedule) -> Sheet:
        """The next post as it will look, with what a moderator may want of it.

        Raises:
            NotFound: nothing fits.
            Refused: it is adult, and this is no place for it.
        """
        recommended = await self._next(schedule)
        info = recommended.work.info
        if info.rating.is_adult and not viewer_of(interaction).adult_ok:
            raise Refused(
                f"The next one is rated {info.rating}. Use this in an age-restricted channel."
            )
        at = int((await self._daily.next_at(schedule)).timestamp())
        sheet = daily_card(recommended, outbox_id=0, name=schedule.name, role_id=None)
        numbers = (schedule.schedule_id, recommended.work.work_id)
        sheet.add_item(ui.TextDisplay(f"-# <#{schedule.channel_id}>, <t:{at}:F>"))
        sheet.add_item(
            ui.ActionRow(
                button("Choose another", SKIP, *numbers),
                button("Never this fic", VETO, *numbers, style=ButtonStyle.danger),
            )
        )
        return sheet

    async def next_work(self, schedule: DailySchedule) -> Work:
        """The work that comes next. Raises NotFound: nothing fits."""
        return (await self._next(schedule)).work

    async def _next(self, schedule: DailySchedule) -> Recommended:
        channel = self._client.get_channel(schedule.channel_id)
        viewer = Viewer(None, is_age_restricted(channel))
        found = await self._daily.preview(schedule.guild_id, schedule.schedule_id, viewer)
        if found is None:
            raise NotFound(NOTHING_FITS)
        return found

    async def queue(self, schedule: DailySchedule, said: str = "") -> Sheet:
        """A schedule's queue, with menus to change it. Raises NotFound."""
        works = await self._daily.queue(schedule.guild_id, schedule.schedule_id)
        return queue_sheet(schedule, works, said)

    async def history(self, guild_id: int, before: int | None = None) -> Sheet:
        """What was posted, the latest first."""
        past = await self._daily.history(guild_id, MODERATOR, before=before, limit=PAST_POSTS)
        return history_sheet(guild_id, past)

    async def _skip_pressed(self, interaction: Interaction, press: Press) -> None:
        schedule, work_id = await self._pressed_on(interaction, press)
        await self._daily.skip(schedule.guild_id, work_id, by=interaction.user.id)
        await self._preview_again(interaction, schedule)

    async def _veto_pressed(self, interaction: Interaction, press: Press) -> None:
        schedule, work_id = await self._pressed_on(interaction, press)
        await self._daily.veto(schedule.guild_id, work_id, by=interaction.user.id)
        await self._preview_again(interaction, schedule)

    async def _preview_again(self, interaction: Interaction, schedule: DailySchedule) -> None:
        try:
            sheet = await self.preview(interaction, schedule)
        except (NotFound, Refused) as none:
            sheet = Sheet(ui.TextDisplay(text.escape(none.sentence, 500)))
        await interaction.response.edit_message(view=sheet)

    async def _pressed_on(
        self, interaction: Interaction, press: Press
    ) -> tuple[DailySchedule, int]:
        guild_id = await require_moderator(interaction)
        if len(press.numbers) != 2:
            raise UnknownControl(SKIP)
        schedule_id, work_id = press.numbers
        return await self._daily.one(guild_id, schedule_id), work_id

    async def _dequeue_chosen(self, interaction: Interaction, press: Press) -> None:
        schedule, work_id = await self._chosen(interaction, press)
        work = await self._daily.dequeue(
            schedule.guild_id, schedule.schedule_id, work_id, by=interaction.user.id
        )
        said = f"Taken out: {_named(work)}."
        await interaction.response.edit_message(view=await self.queue(schedule, said))

    async def _first_chosen(self, interaction: Interaction, press: Press) -> None:
        schedule, work_id = await self._chosen(interaction, press)
        work = await self._daily.enqueue(
            schedule.guild_id, schedule.schedule_id, work_id, by=interaction.user.id, first=True
        )
        said = f"Next is {_named(work)}."
        await interaction.response.edit_message(view=await self.queue(schedule, said))

    async def _chosen(self, interaction: Interaction, press: Press) -> tuple[DailySchedule, int]:
        guild_id = await require_moderator(interaction)
        work_id = work_number(f"#{press.values[0]}") if press.values else None
        if len(press.numbers) != 1 or work_id is None:
            raise UnknownControl(DEQUEUE)
        return await self._daily.one(guild_id, press.numbers[0]), work_id

    async def _earlier_pressed(self, interaction: Interaction, press: Press) -> None:
        guild_id = await require_moderator(interaction)
        if len(press.numbers) != 1:
            raise UnknownControl(EARLIER)
        sheet = await self.history(guild_id, press.numbers[0])
        await interaction.response.edit_message(view=sheet)


def queue_sheet(schedule: DailySchedule, works: list[Work], said: str = "") -> Sheet:
    """The works in their order, and what to do with one of them."""
    name = text.escape(schedule.name, 90)
    if not works:
        empty = f"The queue of “{name}” is empty. Put a fic in it with /daily queue and “work”."
        return Sheet(ui.TextDisplay(f"{said}\n{empty}" if said else empty))
    lines = [f"**Queue of “{name}”**"]
    lines += [f"{n}\\. {_named(work)}" for n, work in enumerate(works, 1)]
    options = [
        option(
            work.display_title,
            str(work.work_id),
            f"by {text.joined(work.info.authors) or 'nobody'}",
        )
        for work in works
    ]
    parts: list[ui.Item[Any]] = [ui.TextDisplay(said)] if said else []
    parts.append(ui.TextDisplay(text.lines_within(lines, 3500)))
    if len(works) > 1:
        parts.append(menu("Put one first", options[1:], TO_FRONT, schedule.schedule_id))
    parts.append(menu("Take one out", options, DEQUEUE, schedule.schedule_id))
    return Sheet(*parts)


def history_sheet(guild_id: int, past: list[PastPost]) -> Sheet:
    """A page of the history."""
    if not past:
        return Sheet(ui.TextDisplay("Nothing has been posted (before that)."))
    lines = [past_line(guild_id, each) for each in past]
    parts: list[ui.Item[Any]] = [ui.TextDisplay(text.lines_within(lines, 3800))]
    if len(past) == PAST_POSTS:
        parts.append(ui.ActionRow(button("Earlier", EARLIER, past[-1].post.outbox_id)))
    return Sheet(*parts)


def _named(work: Work) -> str:
    return f"*{text.escape(work.display_title, 100)}*"
