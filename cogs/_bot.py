"""The bot itself: its command tree, its cogs, and what reaches it from Discord."""

import asyncio
import gc
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from cogs._client import Interaction, LibraryClient
from cogs._controls import mended
from cogs._errors import answer_error
from cogs._settings import Settings
from cogs._syncing import sync_commands, sync_later
from cogs.daily import Daily
from cogs.fic import Fic
from cogs.help import Help
from cogs.library import Library as LibraryCog
from cogs.privacy import Privacy
from db.clock import Clock
from db.library import Library


class LibraryTree(app_commands.CommandTree["LibraryBot"]):
    """The commands; what goes wrong in them is answered by one chain."""

    async def interaction_check(self, interaction: Interaction, /) -> bool:  # pyright: ignore[reportIncompatibleMethodOverride]  # the client is always ours
        """Nobody is turned away here, but a server is made known before its first command."""
        interaction.data = mended(interaction.data)
        await interaction.client.admit(interaction)
        return True

    async def on_error(  # pyright: ignore[reportIncompatibleMethodOverride]  # the client is always ours
        self, interaction: Interaction, error: app_commands.AppCommandError, /
    ) -> None:
        """Answer with the chain of cogs/_errors.py."""
        await answer_error(interaction, error)


class LibraryBot(LibraryClient):
    """The bot: its cogs, its commands, and what reaches it from Discord."""

    def __init__(self, library: Library, settings: Settings, clock: Clock) -> None:
        super().__init__(library, settings, clock, LibraryTree)
        self._syncing: asyncio.Task[None] | None = None

    async def setup_hook(self) -> None:
        """Add the cogs and sync the commands before the gateway connects.

        A login that broke off later on comes here again.
        """
        for cog in (Fic(self), LibraryCog(self), Daily(self), Privacy(self), Help()):
            if cog.qualified_name not in self.cogs:
                await self.add_cog(cog)
        if not await sync_commands(self):
            self._syncing = asyncio.create_task(sync_later(self), name="sync-commands")
        self.library.start_scrubbing()

    async def close(self) -> None:
        """Log out."""
        if self._syncing:
            self._syncing.cancel()
        await super().close()

    def dispatch(self, event_name: str, /, *args: Any, **kwargs: Any) -> None:
        """Pass an event on, and note when an interaction comes in."""
        if self.is_closed():  # discord.py tells of servers up to two seconds later, and fails
            return
        if event_name == "interaction":
            self.meter.received(args[0])
        super().dispatch(event_name, *args, **kwargs)

    async def on_app_command_completion(self, interaction: Interaction, _: object) -> None:
        """Count a command that went well."""
        self.meter.ended(interaction, "ok")

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Make the server known; the daily posts may start."""
        await self.make_known(guild)
        self.online.set()

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """The same for a server that the bot was just added to."""
        await self.on_guild_available(guild)

    async def on_message(self, message: discord.Message, /) -> None:
        """Messages are none of the bot's business."""

    async def on_interaction(self, interaction: Interaction) -> None:
        """Hand presses and forms to their handlers; commands go to the tree by themselves."""
        try:
            interaction.data = mended(interaction.data)
            await self.admit(interaction)
            await self.router.route(interaction)
            if interaction.type in (
                discord.InteractionType.component,
                discord.InteractionType.modal_submit,
            ):
                self.meter.ended(interaction, "ok")
        except Exception as error:  # noqa: BLE001  # the chain logs what it does not know
            await answer_error(interaction, error)


class ShardedBot(LibraryBot, commands.AutoShardedBot):
    """The same on several connections, which discord.py shares the servers among."""


def bot_for(library: Library, settings: Settings, clock: Clock) -> LibraryBot:
    """The bot with one connection, or with as many as the settings say."""
    kind = LibraryBot if settings.discord.shards == 1 else ShardedBot
    return kind(library, settings, clock)


async def settle_memory(bot: LibraryBot) -> None:
    """Once the bot is there, leave what it consists of out of Python's collections of garbage.

    They look at everything that lives and hold everybody up meanwhile: 60 ms, of which nearly all
    went into modules and commands that never become garbage.
    """
    await bot.online.wait()
    gc.collect()
    gc.freeze()
