"""Reviewing and editing works: what the controls of a review card do."""

import contextlib
from collections.abc import Callable
from typing import TypeVar

from discord import ui

from cogs import _review as review
from cogs import _text as text
from cogs._access import is_age_restricted, require_moderator
from cogs._client import Interaction, LibraryClient
from cogs._controls import Press, Sheet, Submission, UnknownControl
from cogs._memory import keep, kept_own
from cogs._options import work_number
from cogs._review import Place, Review, ReviewItem
from db.errors import NotFound
from db.models import Rating, WorkChanges, WorkState

Given = TypeVar("Given", Press, Submission)


class Reviews:
    """Answers the controls; each checks that a moderator presses, and that it is theirs."""

    def __init__(self, client: LibraryClient) -> None:
        self._library = client.library
        router = client.router
        router.on_press(review.SET_RATING, self._rating_set)
        router.on_press(review.SET_WARNINGS, self._warnings_set)
        router.on_press(review.CHOOSE_PASSAGE, self._passage_chosen)
        router.on_press(review.EDIT_DETAILS, self._details_opened)
        router.on_press(review.EDIT_MORE, self._more_opened)
        router.on_form(review.SAVE_DETAILS, self._details_saved)
        router.on_form(review.SAVE_MORE, self._details_saved)
        router.on_press(review.PUBLISH, self._published)
        router.on_press(review.DISCARD, self._discarded)
        router.on_press(review.APPEND, self._appended)

    async def begin(self, interaction: Interaction, guild_id: int, found: Review) -> Sheet:
        """The card of the first of some works; its controls go on from there."""
        token = await keep(interaction, review.KIND, found.to_state())
        return await self._sheet(interaction, guild_id, found, Place(token, 0))

    async def _rating_set(self, interaction: Interaction, press: Press) -> None:
        await self._change(interaction, press, review.rating_change)

    async def _warnings_set(self, interaction: Interaction, press: Press) -> None:
        await self._change(interaction, press, review.warnings_change)

    async def _details_saved(self, interaction: Interaction, form: Submission) -> None:
        await self._change(interaction, form, review.details_change)

    async def _change(
        self, interaction: Interaction, given: Given, changes_in: Callable[[Given], WorkChanges]
    ) -> None:
        guild_id, found, place, work_id = await self._reviewed(interaction, given)
        await self._library.edit(guild_id, work_id, changes_in(given), by=interaction.user.id)
        sheet = await self._sheet(interaction, guild_id, found, place)
        if interaction.message is not None:
            await interaction.response.edit_message(view=sheet)
        else:  # the card was dismissed while its form was being filled in
            await interaction.response.send_message(view=sheet, ephemeral=True)

    async def _passage_chosen(self, interaction: Interaction, press: Press) -> None:
        guild_id, found, place, work_id = await self._reviewed(interaction, press)
        value = press.values[0] if press.values else ""
        excerpt_id = work_number(f"#{value.removeprefix(review.NEVER)}")
        if excerpt_id is None:
            raise UnknownControl(review.CHOOSE_PASSAGE)
        mark = (
            self._library.veto_excerpt
            if value.startswith(review.NEVER)
            else self._library.choose_excerpt
        )
        await mark(guild_id, work_id, excerpt_id, by=interaction.user.id)
        sheet = await self._sheet(interaction, guild_id, found, place)
        await interaction.response.edit_message(view=sheet)

    async def _details_opened(self, interaction: Interaction, press: Press) -> None:
        guild_id, _, place, work_id = await self._reviewed(interaction, press)
        work = await self._library.work(guild_id, work_id)
        await interaction.response.send_modal(review.details_form(work, place))

    async def _more_opened(self, interaction: Interaction, press: Press) -> None:
        guild_id, _, place, work_id = await self._reviewed(interaction, press)
        work = await self._library.work(guild_id, work_id)
        await interaction.response.send_modal(review.more_form(work, place))

    async def _published(self, interaction: Interaction, press: Press) -> None:
        guild_id, found, place, work_id = await self._reviewed(interaction, press)
        work = await self._library.publish(guild_id, work_id, by=interaction.user.id)
        title = text.title(work.display_title, 200)
        done = f"Published: **{title}**. Members find it with /fic search now."
        if work.info.rating is Rating.NOT_RATED:
            done += " It has no rating, so it shows in age-restricted channels only."
        await self._go_on(interaction, guild_id, found, place, done)

    async def _discarded(self, interaction: Interaction, press: Press) -> None:
        guild_id, found, place, work_id = await self._reviewed(interaction, press)
        await self._library.discard(guild_id, work_id, by=interaction.user.id)
        await self._go_on(interaction, guild_id, found, place, "Discarded; nothing was added.")

    async def _appended(self, interaction: Interaction, press: Press) -> None:
        guild_id, found, place, work_id = await self._reviewed(interaction, press)
        target_id = found.items[place.position].chapter_of
        if target_id is None:
            raise UnknownControl(review.APPEND)
        work = await self._library.append_chapters(
            guild_id, work_id, target_id, by=interaction.user.id
        )
        title = text.title(work.display_title, 200)
        done = f"Added as chapter {work.chapter_count} of **{title}**."
        if work.state is WorkState.DRAFT:
            sheet = await self.begin(
                interaction, guild_id, Review((ReviewItem(target_id),), (done,))
            )
            await interaction.response.edit_message(view=sheet)
            return
        await self._go_on(interaction, guild_id, found, place, done)

    async def _go_on(
        self, interaction: Interaction, guild_id: int, found: Review, place: Place, done: str
    ) -> None:
        """Show the next of the works that still wait, or end the review."""
        for position in range(place.position + 1, len(found.items)):
            try:
                work = await self._library.work(guild_id, found.items[position].work_id)
            except NotFound:
                continue
            if work.state is WorkState.DRAFT:
                following = Place(place.token, position)
                sheet = await self._sheet(interaction, guild_id, found, following, done)
                break
        else:
            sheet = Sheet(ui.TextDisplay(done))
        await interaction.response.edit_message(view=sheet)

    async def _reviewed(
        self, interaction: Interaction, given: Press | Submission
    ) -> tuple[int, Review, Place, int]:
        """The server, the review, the place in it and the work that a control is about."""
        guild_id = await require_moderator(interaction)
        place = Place.of(given)
        found = Review.from_state(await kept_own(interaction, review.KIND, place.token))
        if place.position >= len(found.items):
            raise UnknownControl(review.KIND)
        return guild_id, found, place, found.items[place.position].work_id

    async def _sheet(
        self,
        interaction: Interaction,
        guild_id: int,
        found: Review,
        place: Place,
        done: str | None = None,
    ) -> Sheet:
        work = await self._library.work(guild_id, found.items[place.position].work_id)
        excerpts = await self._library.excerpts(guild_id, work.work_id)
        # An unrated text must be seen to be rated; one that is known to be adult need not be.
        adult = work.info.rating in (Rating.MATURE, Rating.EXPLICIT)
        may_quote = not adult or is_age_restricted(interaction.channel)
        above = (done,) if done else found.others if place.position == 0 else ()
        chapter_of = None
        if target_id := found.items[place.position].chapter_of:
            with contextlib.suppress(NotFound):
                chapter_of = await self._library.work(guild_id, target_id)
        return review.review_sheet(
            found, place, work, excerpts, above=above, may_quote=may_quote, chapter_of=chapter_of
        )
