"""/privacy: what the bot holds of a member, for that member alone."""

import io
import json

import discord
from discord import app_commands, ui
from discord.ext import commands

from cogs import _text as text
from cogs._access import guild_of
from cogs._client import Interaction, LibraryClient
from cogs._controls import Press, Sheet, UnknownControl, button

DELETE, KEEP = "privacy-delete", "privacy-keep"
HERE, EVERYWHERE = 0, 1
LIMIT_BYTES = 10 * 1024 * 1024  # of a file in a message, on any server

EXPLAINED = """\
**Delete what I hold about you {where}?**
**Gone for good:** your recommendations, shelf, notes, mutes, follows, suggestions and reports, \
and what I remember of lists you asked for.
**Stays, without your name:** fics you added, and that somebody did what you did as a moderator, \
without the words you gave for it.
This cannot be undone. `/privacy export` gives you a copy first.\
"""


@app_commands.guild_only()
class Privacy(commands.GroupCog, group_name="privacy", group_description="What I hold about you"):
    """Each handler acts on the one who asks, and nobody else."""

    def __init__(self, client: LibraryClient) -> None:
        self._library = client.library
        client.router.on_press(DELETE, self._deletion_confirmed)
        client.router.on_press(KEEP, self._kept)

    @app_commands.command()
    async def export(self, interaction: Interaction) -> None:
        """Get all that I hold about you in this server, as a file"""
        guild_id = guild_of(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        held = await self._library.members.member_data(guild_id, interaction.user.id)
        if not held:
            said = "I hold nothing about you in this server."
            await interaction.followup.send(said, ephemeral=True)
            return
        whole = {"server": str(guild_id), "member": str(interaction.user.id), **held}
        content = json.dumps(whole, ensure_ascii=False, indent=1).encode("utf-8", "replace")
        if len(content) > LIMIT_BYTES:
            said = "That is more than fits in a message. Ask the bot's owner for it."
            await interaction.followup.send(said, ephemeral=True)
            return
        file = discord.File(io.BytesIO(content), "about-you.json")
        kinds = ", ".join(_counted({called: len(rows) for called, rows in held.items()}))
        said = f"What I hold about you in this server: {kinds}."
        await interaction.followup.send(said, file=file, ephemeral=True)

    @app_commands.command()
    @app_commands.describe(everywhere="In all servers that I serve, not only in this one")
    async def delete(self, interaction: Interaction, everywhere: bool = False) -> None:
        """Have me forget you"""
        guild_of(interaction)
        where = "in every server that I serve" if everywhere else "in this server"
        sure = button(
            "Delete it", DELETE, EVERYWHERE if everywhere else HERE,
            style=discord.ButtonStyle.danger,
        )  # fmt: skip
        sheet = Sheet(
            ui.TextDisplay(EXPLAINED.format(where=where)),
            ui.ActionRow(sure, button("Keep it", KEEP)),
        )
        await interaction.response.send_message(view=sheet, ephemeral=True)

    async def _deletion_confirmed(self, interaction: Interaction, press: Press) -> None:
        guild_id = guild_of(interaction)
        if press.numbers not in ((HERE,), (EVERYWHERE,)):
            raise UnknownControl(DELETE)
        where = None if press.numbers == (EVERYWHERE,) else guild_id
        erased = await self._library.members.erase_member(interaction.user.id, where)
        kinds = ", ".join(_counted(erased))
        done = f"Deleted: {kinds}." if kinds else "There was nothing to delete."
        await interaction.response.edit_message(view=Sheet(ui.TextDisplay(done)))

    async def _kept(self, interaction: Interaction, press: Press) -> None:
        guild_of(interaction)
        await interaction.response.edit_message(view=Sheet(ui.TextDisplay("Nothing was deleted.")))


def _counted(numbers: dict[str, int]) -> list[str]:
    return [f"{text.escape(called)} {number:,}" for called, number in numbers.items()]
