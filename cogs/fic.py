"""/fic: finding fics, their cards, and passages of them."""

from dataclasses import replace

import discord
from discord import app_commands
from discord.ext import commands

from cogs._access import guild_of, viewer_of
from cogs._cards import SHOW_CARD, SHOW_EXCERPT, SHOW_SIMILAR, passage_card
from cogs._client import Interaction, LibraryClient
from cogs._controls import Press, UnknownControl
from cogs._memory import try_keep
from cogs._options import (
    LengthOption,
    RatingOption,
    SortOption,
    StatusOption,
    choices_of,
    work_number,
)
from cogs._quotes import TURN_QUOTES, quotes_turned, show_quotes
from cogs._recs import card_with_recs, recommend, show_card, take_back
from cogs._results import (
    AS_TYPED,
    CHOOSE_FANDOM,
    KIND,
    PAGE_WORKS,
    PICK_WORK,
    TURN_PAGE,
    Remembered,
    hidden_line,
    nothing_found,
    page_of,
    recalled,
    results_sheet,
    seen_here,
)
from cogs._similar import TURN_SIMILAR, show_similar, similar_pressed, similar_turned
from db.errors import NotFound
from db.finding import CompletionField
from db.models import Filters

Choices = list[app_commands.Choice[str]]


@app_commands.guild_only()
class Fic(commands.GroupCog, group_name="fic", group_description="Find fics and taste them"):
    """What every member may do."""

    def __init__(self, client: LibraryClient) -> None:
        self._library = client.library
        router = client.router
        router.on_press(SHOW_CARD, self._card_pressed)
        router.on_press(SHOW_EXCERPT, self._excerpt_pressed)
        router.on_press(PICK_WORK, self._picked)
        router.on_press(TURN_PAGE, self._page_turned)
        router.on_press(CHOOSE_FANDOM, self._fandom_chosen)
        router.on_press(AS_TYPED, self._as_typed)
        router.on_press(SHOW_SIMILAR, similar_pressed)
        router.on_press(TURN_SIMILAR, similar_turned)
        router.on_press(TURN_QUOTES, quotes_turned)

    @app_commands.command()
    @app_commands.describe(
        query="A title, an author, a character, a pairing: whatever you remember of it",
        fandom="Only this fandom",
        rating="Only this rating",
        status="Finished or not",
        length="In words, as <5k, 5k-20k or >100k",
        sort="What comes first",
    )
    async def search(
        self,
        interaction: Interaction,
        query: app_commands.Range[str, 1, 100],
        fandom: app_commands.Range[str, 1, 100] | None = None,
        rating: RatingOption | None = None,
        status: StatusOption | None = None,
        length: LengthOption | None = None,
        sort: SortOption | None = None,
    ) -> None:
        """Find fics in this server's library"""
        guild_id = guild_of(interaction)
        viewer = viewer_of(interaction)
        if work_number(query) is not None:
            work = await self._library.resolve(guild_id, query, viewer)
            await interaction.response.send_message(view=await card_with_recs(interaction, work))
            return
        filters = Filters.of(fandom, rating, status, length)
        search = Remembered(query, filters, sort, adult_ok=viewer.adult_ok)
        answer = await self._library.search(guild_id, search.request(0), viewer)
        if not answer.hits:
            await interaction.response.send_message(nothing_found(answer), ephemeral=True)
            return
        search = replace(search, fandoms=answer.fandoms[:24])
        goes_on = answer.total > PAGE_WORKS or len(search.fandoms) > 1 or answer.did_you_mean
        token = await try_keep(interaction, KIND, search.to_state()) if goes_on else 0
        sheet = results_sheet(answer, search, token, 0)
        await interaction.response.send_message(view=sheet)

    @app_commands.command()
    @app_commands.describe(work="A title; choose one while typing, or the best match is shown")
    async def show(self, interaction: Interaction, work: app_commands.Range[str, 1, 100]) -> None:
        """Show a fic's card: rating, warnings, tags, length, summary"""
        found = await self._library.resolve(guild_of(interaction), work, viewer_of(interaction))
        await interaction.response.send_message(view=await card_with_recs(interaction, found))

    @app_commands.command()
    @app_commands.describe(
        work="A title; choose one while typing, or the best match is taken",
        about="Words that the passage should be about",
    )
    async def excerpt(
        self,
        interaction: Interaction,
        work: app_commands.Range[str, 1, 100],
        about: app_commands.Range[str, 1, 200] | None = None,
    ) -> None:
        """Post a passage of a fic, with credit"""
        guild_id, viewer = guild_of(interaction), viewer_of(interaction)
        found = await self._library.resolve(guild_id, work, viewer)
        passage = await self._library.passage(guild_id, found.work_id, viewer, about=about)
        await interaction.response.send_message(view=passage_card(passage))

    @app_commands.command()
    @app_commands.describe(
        words="What it says, as you remember it",
        work="Only in this fic; choose one while typing, or the best match is taken",
    )
    async def quote(
        self,
        interaction: Interaction,
        words: app_commands.Range[str, 1, 200],
        work: app_commands.Range[str, 1, 100] | None = None,
    ) -> None:
        """Find which fic says this, and where in it"""
        guild_id, viewer = guild_of(interaction), viewer_of(interaction)
        found = await self._library.resolve(guild_id, work, viewer) if work else None
        await show_quotes(interaction, words, found)

    @app_commands.command()
    @app_commands.describe(
        fandom="Only this fandom",
        rating="Only this rating",
        length="In words, as <5k, 5k-20k or >100k",
    )
    async def random(
        self,
        interaction: Interaction,
        fandom: app_commands.Range[str, 1, 100] | None = None,
        rating: RatingOption | None = None,
        length: LengthOption | None = None,
    ) -> None:
        """Show a fic picked by chance"""
        filters = Filters.of(fandom, rating, None, length)
        viewer = viewer_of(interaction)
        work, hidden = await self._library.random_work(guild_of(interaction), viewer, filters)
        if work is None:
            left_out = hidden_line(hidden)
            why = f" {left_out}." if left_out else ""
            raise NotFound(f"Nothing in the library fits that.{why}")
        await interaction.response.send_message(view=await card_with_recs(interaction, work))

    @app_commands.command()
    @app_commands.describe(
        work="A title; choose one while typing, or the best match is taken",
        why="In your own words; everybody reads them on the fic's card",
    )
    async def rec(
        self,
        interaction: Interaction,
        work: app_commands.Range[str, 1, 100],
        why: app_commands.Range[str, 1, 500],
    ) -> None:
        """Recommend a fic to the server; again, to change your words"""
        await recommend(interaction, work, why)

    @app_commands.command()
    @app_commands.describe(
        work="A title; choose one while typing, or the best match is taken",
        member="For moderators: whose, if not your own",
    )
    async def unrec(
        self,
        interaction: Interaction,
        work: app_commands.Range[str, 1, 100],
        member: discord.User | None = None,
    ) -> None:
        """Take your recommendation of a fic back"""
        await take_back(interaction, work, member)

    @app_commands.command()
    @app_commands.describe(work="A title; choose one while typing, or the best match is taken")
    async def similar(
        self, interaction: Interaction, work: app_commands.Range[str, 1, 100]
    ) -> None:
        """List fics like one that you know, and what they share"""
        found = await self._library.resolve(guild_of(interaction), work, viewer_of(interaction))
        await show_similar(interaction, found.work_id, ephemeral=False)

    @search.autocomplete("query")
    async def _complete_query(self, interaction: Interaction, typed: str) -> Choices:
        return await self._completions(interaction, "query", typed)

    @show.autocomplete("work")
    @excerpt.autocomplete("work")
    @similar.autocomplete("work")
    @quote.autocomplete("work")
    @rec.autocomplete("work")
    @unrec.autocomplete("work")
    async def _complete_work(self, interaction: Interaction, typed: str) -> Choices:
        return await self._completions(interaction, "work", typed)

    @search.autocomplete("fandom")
    @random.autocomplete("fandom")
    async def _complete_fandom(self, interaction: Interaction, typed: str) -> Choices:
        return await self._completions(interaction, "fandom", typed)

    async def _completions(
        self, interaction: Interaction, field: CompletionField, typed: str
    ) -> Choices:
        if interaction.guild_id is None:
            return []
        viewer = viewer_of(interaction)
        return choices_of(
            await self._library.complete(interaction.guild_id, field, typed[:100], viewer)
        )

    # Controls

    async def _card_pressed(self, interaction: Interaction, press: Press) -> None:
        await show_card(interaction, press.numbers[0] if press.numbers else 0)

    async def _picked(self, interaction: Interaction, press: Press) -> None:
        work_id = work_number(f"#{press.values[0]}") if press.values else None
        if work_id is None:
            raise UnknownControl(PICK_WORK)
        await show_card(interaction, work_id)

    async def _excerpt_pressed(self, interaction: Interaction, press: Press) -> None:
        if not press.numbers:
            raise UnknownControl(SHOW_EXCERPT)
        work_id, *after = press.numbers
        passage = await self._library.passage(
            guild_of(interaction),
            work_id,
            viewer_of(interaction),
            after=after[0] if after else None,
        )
        sheet = passage_card(passage)
        # The next passage takes the place of one that only this member sees.
        if after and _is_private(interaction):
            await interaction.response.edit_message(view=sheet)
        else:
            await interaction.response.send_message(view=sheet, ephemeral=True)

    async def _page_turned(self, interaction: Interaction, press: Press) -> None:
        if len(press.numbers) != 2:
            raise UnknownControl(TURN_PAGE)
        token, offset = press.numbers
        search = await recalled(interaction, token)
        if (fitting := await seen_here(interaction, search)) != search:
            search, offset = fitting, 0
            token = await try_keep(interaction, KIND, search.to_state())
        await interaction.response.edit_message(
            view=await page_of(interaction, search, token, offset)
        )

    async def _fandom_chosen(self, interaction: Interaction, press: Press) -> None:
        token, *button = press.numbers or (0,)
        chosen = press.values[0] if press.values else "".join(map(str, button[:1]))
        if not token or not chosen:
            raise UnknownControl(CHOOSE_FANDOM)
        search = await recalled(interaction, token)
        search = await seen_here(interaction, search.in_fandom(chosen))
        token = await try_keep(interaction, KIND, search.to_state())
        sheet = await page_of(interaction, search, token, 0)
        await interaction.response.edit_message(view=sheet)

    async def _as_typed(self, interaction: Interaction, press: Press) -> None:
        if len(press.numbers) != 1:
            raise UnknownControl(AS_TYPED)
        viewer = viewer_of(interaction)
        search = replace(
            await recalled(interaction, press.numbers[0]),
            as_typed=True,
            adult_ok=viewer.adult_ok,
        )
        answer = await self._library.search(guild_of(interaction), search.request(0), viewer)
        if not answer.hits:
            await interaction.response.send_message(nothing_found(answer), ephemeral=True)
            return
        search = replace(search, fandoms=answer.fandoms[:24])
        token = await try_keep(interaction, KIND, search.to_state())
        await interaction.response.edit_message(view=results_sheet(answer, search, token, 0))


def _is_private(interaction: Interaction) -> bool:
    return interaction.message is not None and interaction.message.flags.ephemeral
