"""Getting onto Discord, and what to do when Discord will not have us."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import aiohttp
import discord
from discord.asset import Asset
from discord.gateway import DiscordWebSocket
from discord.http import Route
from discord.utils import MISSING

from cogs._client import LibraryClient
from cogs._settings import TOKEN_VARIABLE

log = logging.getLogger("ficshelf")

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 1.0, 60.0
LOGIN_SECONDS = 60.0

UNREACHABLE = (
    OSError,
    TimeoutError,
    aiohttp.ClientError,
    discord.HTTPException,
    discord.GatewayNotFound,
)
_NEW_TOKEN = (
    f"Copy it again from the developer portal (Bot → Reset Token) to {TOKEN_VARIABLE} or "
    "“discord.token”."
)
_REFUSALS = {
    4004: f"Discord does not take the token any more. {_NEW_TOKEN}",
    4010: "Discord refused the share of servers asked for. Set “discord.shards” to 0.",
    4011: "The bot is in too many servers for one connection. Set “discord.shards” to 0.",
    4012: "Discord does not speak this version of its gateway any more. Update Ficshelf.",
    4013: "Discord does not know the intents asked for. Update Ficshelf.",
    4014: "Discord refused the intents asked for. Ficshelf needs none that are privileged: "
    "update it, or undo what was changed in it.",
}


class DiscordRefuses(Exception):
    """Discord will not have this bot, however often it asks; the sentence says what to do."""


def point_at(api: str) -> None:
    """Have discord.py speak to a Discord on this machine; the settings allow no other."""
    parts = urlsplit(api)
    Route.BASE = f"{api}/api/v10"
    Asset.BASE = f"{api}/cdn"  # pyright: ignore[reportAttributeAccessIssue]  # typed as a literal
    DiscordWebSocket.DEFAULT_GATEWAY = DiscordWebSocket.DEFAULT_GATEWAY.build(
        scheme="ws", host=parts.hostname or "", port=parts.port or 80, path="/gateway"
    )


async def stay_connected(client: LibraryClient) -> None:
    """Log in and serve. A Discord that cannot be reached is waited for: the machine may have
    started faster than its network.

    Raises:
        DiscordRefuses: with one line for the owner.
    """
    try:
        await _patiently(lambda: _log_in(client))
        await _patiently(client.connect)
    except discord.LoginFailure:
        raise DiscordRefuses(f"Discord refused the token. {_NEW_TOKEN}") from None
    except discord.PrivilegedIntentsRequired:
        raise DiscordRefuses(_REFUSALS[4014]) from None
    except discord.ConnectionClosed as error:
        if error.code not in _REFUSALS:
            raise
        raise DiscordRefuses(_REFUSALS[error.code]) from None


async def _log_in(client: LibraryClient) -> None:
    try:
        async with asyncio.timeout(LOGIN_SECONDS):
            await client.login(client.settings.token)
    except UNREACHABLE:
        # The next attempt makes a session of its own; this one would be left open.
        await client.http.close()
        client.http.connector = MISSING
        raise


async def _patiently(attempt: Callable[[], Awaitable[None]]) -> None:
    wait = FIRST_WAIT_SECONDS
    while True:
        try:
            return await attempt()
        except UNREACHABLE as error:
            why = str(error) or error.__class__.__name__
            log.warning("Discord cannot be reached (%s); trying again in %.0f s", why, wait)
        await asyncio.sleep(wait)
        wait = min(2 * wait, LONGEST_WAIT_SECONDS)
