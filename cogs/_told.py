"""Telling a server's moderators what they should know, where they can be told."""

import asyncio
import logging

import aiohttp
import discord

from cogs import _text as text
from cogs._client import LibraryClient

log = logging.getLogger(__name__)


async def tell_moderators(client: LibraryClient, guild_id: int, what: str, mend: str) -> None:
    """Say it in the log channel, else in Discord's system channel; never raises for Discord.

    `what` is escaped here; `mend` is Markdown.
    """
    guild = client.get_guild(guild_id)
    settings = await client.library.guild_settings(guild_id)
    channel = guild and guild.get_channel(settings.log_channel_id or 0)
    channel = channel or (guild and guild.system_channel)
    log.warning("Server %s: %s", guild_id, what)
    if not isinstance(channel, discord.TextChannel):
        return
    try:
        async with asyncio.timeout(client.settings.daily.send_seconds):
            await channel.send(f"{text.escape(what, 500)} {mend}")
    except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
        log.warning("The moderators of server %s were not told: %s", guild_id, error)
