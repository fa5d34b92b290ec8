"""Many works at once: read with a progress message, told in a report, published together."""

import io
from collections.abc import Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

import discord
from discord import ui

from cogs import _text as text
from cogs._access import require_moderator
from cogs._client import Interaction, LibraryClient
from cogs._controls import Json, Press, Sheet, UnknownControl, button
from cogs._memory import keep, kept_own
from cogs._review import Review, ReviewItem, noticed
from cogs._reviewing import Reviews
from db.bulk import Given, Item
from db.models import AddOutcome, AddStatus, Rating, Work

PUBLISH_ALL, REVIEW_ALL, DISCARD_ALL = "batch-publish", "batch-review", "batch-discard"
KIND = "batch"  # of what is kept for the report's buttons
MOST_WORKS = 1000  # what one batch in chat may bring
PROGRESS_SECONDS = 2.0  # between edits: Discord takes five in five seconds
REFUSED_SHOWN = 8
REPORT = "report.txt"

_AS_DRAFTS = {
    AddStatus.ADDED: "ready for review",
    AddStatus.UPDATED: "newer copies of works in the library",
    AddStatus.DUPLICATE: "in the library already",
    AddStatus.REFUSED: "refused",
}
_AS_WORKS = {
    AddStatus.ADDED: "added",
    AddStatus.UPDATED: "updated",
    AddStatus.DUPLICATE: "in the library already",
    AddStatus.REFUSED: "refused",
}


@dataclass(slots=True)
class Tally:
    """What became of a batch's works so far."""

    told: list[tuple[str, AddOutcome]] = field(default_factory=list[tuple[str, AddOutcome]])
    drafts: list[ReviewItem] = field(default_factory=list[ReviewItem])
    unrated: int = 0
    untitled: int = 0
    cut: bool = False

    def add(self, item: Item, outcome: AddOutcome) -> None:
        """Count one more."""
        self.told.append((item.label, outcome))
        new = outcome.status in (AddStatus.ADDED, AddStatus.UPDATED)
        if not new or outcome.work_id is None or item.work is None:
            return
        lines = noticed(item.reading, title_given=False) if item.reading else ()
        reason = (text.escape(outcome.reason, 200),) if outcome.reason else ()
        self.drafts.append(ReviewItem(outcome.work_id, (*reason, *lines)))
        self.unrated += item.work.info.rating is Rating.NOT_RATED
        self.untitled += item.work.info.title is None

    def counts(self, words: dict[AddStatus, str]) -> str:
        """`36 ready for review, 1 refused`."""
        numbers = {
            status: sum(outcome.status is status for _, outcome in self.told)
            for status in AddStatus
        }
        said = [f"{number:,} {words[status]}" for status, number in numbers.items() if number]
        return ", ".join(said) or "nothing yet"

    def refusals(self) -> list[str]:
        """A line, in Markdown, for each work that was refused."""
        return [
            f"**{text.escape(outcome.title or label, 80)}**: {text.escape(outcome.reason, 200)}"
            for label, outcome in self.told
            if outcome.status is AddStatus.REFUSED and outcome.reason
        ]

    def report(self) -> bytes:
        """Every work with its file and what became of it, a line for each."""
        lines = [
            "  ".join(
                (
                    f"{outcome.status.value:9}",
                    text.plain(label, 200),
                    *([f"“{text.plain(outcome.title, 200)}”"] if outcome.title else []),
                    *([text.plain(outcome.reason, 300)] if outcome.reason else []),
                )
            )
            for label, outcome in self.told
        ]
        return ("\n".join(lines) + "\n").encode("utf-8", "replace")


class Batches:
    """Reads batches and answers their report's buttons."""

    def __init__(self, client: LibraryClient, reviews: Reviews) -> None:
        self._library = client.library
        self._clock = client.clock
        self._reviews = reviews
        client.router.on_press(PUBLISH_ALL, self._publish_all)
        client.router.on_press(REVIEW_ALL, self._review_all)
        client.router.on_press(DISCARD_ALL, self._discard_all)

    async def run(
        self,
        interaction: Interaction,
        guild_id: int,
        given: Sequence[Given],
        others: Iterable[str] = (),
        *,
        publish: bool = False,
    ) -> None:
        """Read files into drafts, or with `publish` into the library, and report.

        The interaction is deferred; its answer is the progress, and then the report.
        """
        words = _AS_WORKS if publish else _AS_DRAFTS
        total = max(1, sum(one.path.stat().st_size for one in given))
        tally, done, shown = Tally(), 0, self._clock.now()
        by = interaction.user.id
        async with aclosing(
            self._library.read_files(guild_id, given, whole=not publish)
        ) as batches:
            async for batch in batches:
                items = batch.items[: MOST_WORKS - len(tally.told)]
                add = self._library.add_items if publish else self._library.add_item_drafts
                for item, outcome in await add(guild_id, items, by=by):
                    tally.add(item, outcome)
                done += batch.size
                if len(items) < len(batch.items):
                    tally.cut = True
                    break
                if (self._clock.now() - shown).total_seconds() >= PROGRESS_SECONDS:
                    shown = self._clock.now()
                    said = f"Reading: {min(99, 100 * done // total)} %. {tally.counts(words)}."
                    await interaction.edit_original_response(view=Sheet(ui.TextDisplay(said)))
        await self._report(interaction, tally, list(others), words, publish=publish)

    async def _report(
        self,
        interaction: Interaction,
        tally: Tally,
        others: list[str],
        words: dict[AddStatus, str],
        *,
        publish: bool,
    ) -> None:
        lines = [f"**{text.count(len(tally.told), 'work')} read:** {tally.counts(words)}."]
        if tally.cut:
            lines.append(f"The rest was left out: up to {MOST_WORKS:,} are read here at a time.")
        if tally.untitled:
            lines.append(f"{text.count(tally.untitled, 'work')} without a title.")
        if tally.unrated:
            lines.append(
                f"{text.count(tally.unrated, 'work')} without a rating, which will show in "
                "age-restricted channels only."
            )
        refused = [*others, *tally.refusals()]
        lines += refused[:REFUSED_SHOWN]
        if len(refused) > REFUSED_SHOWN:
            lines.append(f"… and {len(refused) - REFUSED_SHOWN} more in the report.")
        parts: list[ui.Item[ui.LayoutView]] = [
            ui.TextDisplay(text.lines_within(lines, 3000)),
            ui.File(f"attachment://{REPORT}"),
        ]
        if tally.drafts and not publish:
            works = [{"id": item.work_id, "noticed": item.noticed} for item in tally.drafts]
            token = await keep(interaction, KIND, {"works": works})
            style = discord.ButtonStyle
            parts.append(
                ui.ActionRow(
                    button(f"Publish all {len(works):,}", PUBLISH_ALL, token, style=style.success),
                    button("Review one by one", REVIEW_ALL, token),
                    button("Discard all", DISCARD_ALL, token, style=style.danger),
                )
            )
        file = discord.File(io.BytesIO(tally.report()), REPORT)
        await interaction.edit_original_response(view=Sheet(*parts), attachments=[file])

    async def _publish_all(self, interaction: Interaction, press: Press) -> None:
        guild_id, items = await self._kept(interaction, press)
        await interaction.response.defer()
        ids = [item.work_id for item in items]
        works = await self._library.publish_all(guild_id, ids, by=interaction.user.id)
        await _end(interaction, _published(works))

    async def _discard_all(self, interaction: Interaction, press: Press) -> None:
        guild_id, items = await self._kept(interaction, press)
        await interaction.response.defer()
        ids = [item.work_id for item in items]
        number = await self._library.discard_all(guild_id, ids, by=interaction.user.id)
        await _end(interaction, f"Discarded {text.count(number, 'work')}; nothing was added.")

    async def _review_all(self, interaction: Interaction, press: Press) -> None:
        guild_id, items = await self._kept(interaction, press)
        waiting = {work.work_id for work in await self._library.drafts(guild_id, limit=MOST_WORKS)}
        left = tuple(item for item in items if item.work_id in waiting)
        if not left:
            await interaction.response.edit_message(
                view=Sheet(ui.TextDisplay("All of these were reviewed already.")), attachments=[]
            )
            return
        sheet = await self._reviews.begin(interaction, guild_id, Review(left))
        await interaction.response.edit_message(view=sheet, attachments=[])

    async def _kept(self, interaction: Interaction, press: Press) -> tuple[int, list[ReviewItem]]:
        guild_id = await require_moderator(interaction)
        if len(press.numbers) != 1:
            raise UnknownControl(KIND)
        state: Json = await kept_own(interaction, KIND, press.numbers[0])
        return guild_id, [
            ReviewItem(int(one["id"]), tuple(one["noticed"])) for one in state["works"]
        ]


def _published(works: Sequence[Work]) -> str:
    if not works:
        return "All of these were reviewed already."
    said = f"Published {text.count(len(works), 'work')}. Members find them with /fic search now."
    unrated = sum(work.info.rating is Rating.NOT_RATED for work in works)
    if unrated:
        said += (
            f" {text.count(unrated, 'of them has', 'of them have')} no rating, so they show in "
            "age-restricted channels only. /library edit gives them one."
        )
    return said


async def _end(interaction: Interaction, said: str) -> None:
    sheet = Sheet(ui.TextDisplay(said))
    await interaction.edit_original_response(view=sheet, attachments=[])
