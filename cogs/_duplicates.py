"""/library duplicates: works that share their text, and what to do about them."""

from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from cogs import _text as text
from cogs._access import require_moderator
from cogs._client import Interaction, LibraryClient
from cogs._controls import Press, Sheet, UnknownControl, button
from db.errors import Conflict, NotFound
from db.models import Duplicate, Work

KEEP_BOTH, REMOVE_ONE = "duplicates-keep", "duplicates-remove"
SHOWN = 5
NONE = "No two works here share their text."


class Duplicates:
    """Lists pairs, and answers their buttons; each checks that a moderator presses."""

    def __init__(self, client: LibraryClient) -> None:
        self._library = client.library
        client.router.on_press(KEEP_BOTH, self._keep_both)
        client.router.on_press(REMOVE_ONE, self._remove_one)

    async def show(self, interaction: Interaction, guild_id: int) -> None:
        """Answer a command with the list."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        found = await self._library.duplicates(guild_id)
        await interaction.followup.send(view=_sheet(found), ephemeral=True)

    async def _keep_both(self, interaction: Interaction, press: Press) -> None:
        guild_id = await require_moderator(interaction)
        if len(press.numbers) != 2:
            raise UnknownControl(KEEP_BOTH)
        await interaction.response.defer()
        try:
            await self._library.mark_different(guild_id, *press.numbers, by=interaction.user.id)
            done = "Both stay, and are not listed here any more."
        except NotFound:
            done = "One of them is gone already."
        await self._again(interaction, guild_id, done)

    async def _remove_one(self, interaction: Interaction, press: Press) -> None:
        guild_id = await require_moderator(interaction)
        if len(press.numbers) != 1:
            raise UnknownControl(REMOVE_ONE)
        await interaction.response.defer()
        try:
            work = await self._library.remove(
                guild_id, press.numbers[0], by=interaction.user.id, why="a duplicate"
            )
            title = text.title(work.display_title, 150)
            done = f"Removed **{title}**. /library restore brings it back."
        except (NotFound, Conflict):
            done = "It is gone already."
        await self._again(interaction, guild_id, done)

    async def _again(self, interaction: Interaction, guild_id: int, done: str) -> None:
        found = await self._library.duplicates(guild_id)
        await interaction.edit_original_response(view=_sheet(found, done))


def _sheet(found: Sequence[Duplicate], done: str = "") -> Sheet:
    parts: list[ui.Item[Any]] = [ui.TextDisplay(done)] if done else []
    if not found:
        return Sheet(*parts, ui.TextDisplay(NONE))
    more = f"; the first {SHOWN}" if len(found) > SHOWN else ""
    count = text.count(len(found), "pair shares its text", "pairs share their text")
    parts.append(ui.TextDisplay(f"**{count}{more}.**"))
    for one in found[:SHOWN]:
        longer, shorter = one.longer, one.shorter
        share = f"{round(100 * one.contained)} % of the second lies in the first"
        parts += [
            ui.Separator(),
            ui.TextDisplay(f"{_line(longer)}\n{_line(shorter)}\n-# {share}."),
            ui.ActionRow(
                button("Keep both", KEEP_BOTH, longer.work_id, shorter.work_id),
                button(_remove_label(longer), REMOVE_ONE, longer.work_id, style=_DANGER),
                button(_remove_label(shorter), REMOVE_ONE, shorter.work_id, style=_DANGER),
            ),
        ]
    return Sheet(*parts)


_DANGER = discord.ButtonStyle.danger


def _line(work: Work) -> str:
    by = text.names(work.info.authors, 80) or "nobody named"
    size = f"{text.count(work.chapter_count, 'chapter')}, {work.info.words:,} words"
    return f"**{text.title(work.display_title, 100)}** by {by} · {size}"


def _remove_label(work: Work) -> str:
    return f"Remove {work.display_title} ({work.info.words:,} words)"
