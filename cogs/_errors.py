"""What a member reads when something goes wrong: an ordered chain, the first match answers.

Commands, controls and forms all end here, so that no error is lost and no traceback is shown.
"""

import logging
import secrets
from collections.abc import Callable

import aiohttp
import discord
from discord import app_commands

from cogs._access import ModeratorsOnly, ServerOnly
from cogs._client import Interaction
from cogs._controls import UnknownControl
from cogs._text import escape
from db.errors import LibraryError, LibraryUnusable, StorageFull

log = logging.getLogger(__name__)

UNKNOWN_INTERACTION, MISSING_ACCESS, MISSING_PERMISSIONS = 10062, 50001, 50013

Explain = Callable[[Exception], str | None]


def _from_library(error: Exception) -> str | None:
    return escape(error.sentence, 1800) if isinstance(error, LibraryError) else None


def _from_checks(error: Exception) -> str | None:
    match error:
        case ServerOnly() | app_commands.NoPrivateMessage():
            return "This works in a server only, not in direct messages."
        case ModeratorsOnly():
            return "That is for this server's moderators."
        case app_commands.CheckFailure():
            return "You may not use that here."
        case _:
            return None


def _from_outdated(error: Exception) -> str | None:
    match error:
        case UnknownControl():
            return "This is from an older version of the bot. Please ask again for a new one."
        case app_commands.CommandNotFound() | app_commands.CommandSignatureMismatch():
            return "This command has just changed. Please try it again in a minute."
        case app_commands.TransformerError():
            return "One of those options is not what it should be. Please choose it again."
        case _:
            return None


def _from_discord(error: Exception) -> str | None:
    match error:
        case discord.Forbidden(code=code) if code in (MISSING_ACCESS, MISSING_PERMISSIONS):
            return "I am not allowed to do that here. A server admin can change my permissions."
        case discord.DiscordServerError() | aiohttp.ClientError() | TimeoutError():
            return "Discord did not take that just now. Please try again in a minute."
        case _:
            return None


CHAIN: tuple[Explain, ...] = (_from_library, _from_checks, _from_outdated, _from_discord)


async def answer_error(interaction: Interaction, error: Exception) -> None:
    """Say what went wrong, to the one who asked; what nobody foresaw gets a code in the log."""
    wrappers = app_commands.CommandInvokeError | app_commands.TransformerError
    while isinstance(error, wrappers) and isinstance(error.__cause__, Exception):
        error = error.__cause__
    if isinstance(error, discord.NotFound) and error.code == UNKNOWN_INTERACTION:
        log.warning("An answer came too late for Discord: %s", _place(interaction))
        interaction.client.meter.ended(interaction, "late")
        return
    sentence = next((said for explain in CHAIN if (said := explain(error))), None)
    interaction.client.meter.ended(interaction, "refused" if sentence else "error")
    if sentence is None:
        code = secrets.token_hex(3).upper()
        log.error("Error %s in %s", code, _place(interaction), exc_info=error)
        sentence = f"Sorry, something went wrong. The bot's owner can find it in the log as {code}."
    elif isinstance(error, StorageFull | LibraryUnusable):  # for the owner to see to
        log.error("In %s: %s", _place(interaction), error.__cause__ or error)
    else:
        log.info("Refused in %s: %s", _place(interaction), error.__class__.__name__)
    await _say(interaction, sentence)


async def _say(interaction: Interaction, sentence: str) -> None:
    if interaction.type is discord.InteractionType.autocomplete:
        return
    try:
        if interaction.response.is_done():
            await interaction.followup.send(sentence, ephemeral=True)
        else:
            await interaction.response.send_message(sentence, ephemeral=True)
    except (discord.HTTPException, aiohttp.ClientError, TimeoutError) as error:
        log.warning("The answer to %s did not get through: %s", _place(interaction), error)


def _place(interaction: Interaction) -> str:
    command = interaction.command
    what = command.qualified_name if command else (interaction.data or {}).get("custom_id", "?")
    return f"{what!r} (server {interaction.guild_id}, user {interaction.user.id})"
