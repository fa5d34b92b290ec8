"""What the cogs may ask of the bot that they are part of."""

import asyncio
import logging
from datetime import datetime
from typing import Any

import aiohttp
import discord
from discord import app_commands
from discord import http as discord_http
from discord.ext import commands
from discord.gateway import DiscordClientWebSocketResponse, DiscordWebSocket

from cogs._controls import Router
from cogs._meter import Meter
from cogs._patience import be_patient
from cogs._settings import Settings
from db.clock import Clock
from db.errors import StorageFull
from db.fetching import Fetcher
from db.library import Library

log = logging.getLogger(__name__)


class FairSocket(DiscordClientWebSocketResponse):
    """A gateway's socket that lets everybody else have a turn between two events.

    Where many have come, discord.py takes one after the other without ever waiting: 200 of them
    held everything else up for 70 ms. And it remembers what Discord hung up with: aiohttp forgets
    that where the line is gone by the time the goodbye is returned.
    """

    _hung_up_with: int | None = None

    async def receive(self, timeout: float | None = None) -> aiohttp.WSMessage:  # noqa: ASYNC109  # aiohttp's own
        """The next message."""
        await asyncio.sleep(0)
        message = await super().receive(timeout)
        if message.type is aiohttp.WSMsgType.CLOSE:
            self._hung_up_with = message.data
        return message

    @property
    def close_code(self) -> int | None:
        """Why the line was closed, in Discord's numbers."""
        return self._hung_up_with or super().close_code


class LibraryClient(commands.Bot):
    """A bot with a library: no privileged intents, no pings, nothing cached that is not needed.

    `online` is set once the first server is there. `posted_at` is when the daily posts' scheduler
    last completed a round, by `clock`. While it is `leaving`, nothing new is begun. A subclass that
    is an AutoShardedBot as well opens as many connections as the settings say; this one has one,
    whatever they say.
    """

    def __init__(
        self,
        library: Library,
        settings: Settings,
        clock: Clock,
        tree: type[app_commands.CommandTree[Any]],
    ) -> None:
        # The class that discord.py opens its sockets with; it can be given no other way.
        discord_http.DiscordClientWebSocketResponse = FairSocket  # pyright: ignore[reportPrivateImportUsage]
        self.router = Router()
        self.meter = Meter(self.router.knows)
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=tree,
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            http_trace=self.meter.trace,
            shard_count=settings.discord.shards or None,  # None: as Discord recommends
        )
        self.library = library
        self.settings = settings
        self.clock = clock
        self.fetcher = Fetcher()
        self.online = asyncio.Event()
        self.posted_at: datetime | None = None
        self.leaving = False
        self._never = asyncio.Event()
        self._known: dict[int, str] = {}

    async def admit(self, interaction: discord.Interaction[Any]) -> None:
        """Before anything is done for a member: make the server known, and look at the clock.

        Once the bot is leaving this does not return: what was begun would be torn off.
        """
        if self.leaving:
            await self._never.wait()
        be_patient(interaction)
        await self.make_known(interaction.guild)

    async def make_known(self, guild: discord.Guild | None) -> None:
        """Have the library know a server; the first one takes over the works of none."""
        if guild is None or self._known.get(guild.id) == guild.name:
            return
        try:
            taken_over = await self.library.welcome_guild(guild.id, guild.name)
        except StorageFull as error:  # reading goes on without it; the next time makes it known
            log.warning("%s (%s) is not made known: %s", guild.name, guild.id, error.__cause__)
            return
        self._known[guild.id] = guild.name
        if taken_over:
            log.info("%s (%s) takes over %s works", guild.name, guild.id, taken_over)

    async def close(self) -> None:
        """Log out. discord.py leaves its heartbeat's thread running if the socket went first."""
        await self.fetcher.aclose()
        socket = self.ws
        await super().close()
        # Before the first connection there is none, whatever the type says; nor with shards,
        # which close theirs in any case.
        if isinstance(socket, DiscordWebSocket):  # pyright: ignore[reportUnnecessaryIsInstance]
            await socket.close()


Interaction = discord.Interaction[LibraryClient]
