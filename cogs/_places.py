"""Channels that are posted in: what the bot may do there, and what it posted there before."""

import asyncio
from datetime import datetime

import discord

from cogs import _text as text
from cogs._client import LibraryClient
from db.errors import LibraryError, Refused

HISTORY_MESSAGES = 300

Channel = discord.TextChannel | discord.Thread


class PostFailed(LibraryError):
    """A post did not go out this time; the sentence says why, for a moderator."""


def require_rights(channel: Channel, *, thread: bool) -> None:
    """See that the bot may post in a channel, and open threads where they are wanted.

    Raises:
        Refused: it may not; the sentence names what is missing.
    """
    mine = channel.permissions_for(channel.guild.me)
    is_thread = isinstance(channel, discord.Thread)
    if thread and is_thread:
        raise Refused("A thread cannot have threads of its own. Choose its channel instead.")
    wanted = {
        "View Channel": mine.view_channel,
        "Send Messages in Threads" if is_thread else "Send Messages": (
            mine.send_messages_in_threads if is_thread else mine.send_messages
        ),
        "Read Message History": mine.read_message_history,
        **({"Create Public Threads": mine.create_public_threads} if thread else {}),
    }
    missing = [name for name, allowed in wanted.items() if not allowed]
    if missing:
        raise Refused(f"I cannot post in #{channel.name}: I need {text.joined(missing)} there.")


async def channel(
    client: LibraryClient, guild_id: int, channel_id: int, *, seconds: float
) -> Channel:
    """The channel to post in. Raises PostFailed if it is gone, or no place for posts."""
    found: object = client.get_channel(channel_id)
    if found is None:
        try:
            async with asyncio.timeout(seconds):
                found = await client.fetch_channel(channel_id)
        except (discord.NotFound, discord.Forbidden, discord.InvalidData):
            raise PostFailed("The channel is gone, or I cannot see it.") from None
    if not isinstance(found, Channel) or found.guild.id != guild_id:
        raise PostFailed("The channel is gone, or I cannot see it.")
    return found


async def message_with(
    channel: Channel, mark: str, *, since: datetime | None, seconds: float
) -> int | None:
    """The bot's own message with a button of that custom_id; None if it surely is not there.

    Raises:
        PostFailed: the history cannot be read, or not as far back as `since`.
    """
    unseen = PostFailed("The bot stopped while posting and cannot see whether it is out.")
    # Without the permission Discord gives an empty history, and no error.
    if not _may_read_history(channel):
        raise unseen
    seen = 0
    async with asyncio.timeout(seconds):
        async for message in channel.history(limit=HISTORY_MESSAGES):
            seen += 1
            if mark in _own_custom_ids(message, channel.guild.me.id):
                return message.id
            oldest = message.created_at
            if seen == HISTORY_MESSAGES and oldest >= (since or oldest):
                raise unseen
    return None


def _may_read_history(channel: Channel) -> bool:
    if isinstance(channel, discord.Thread) and channel.parent is None:
        return False
    return channel.permissions_for(channel.guild.me).read_message_history


def _own_custom_ids(message: discord.Message, own_id: int) -> set[str]:
    if message.author.id != own_id:
        return set()
    view = discord.ui.LayoutView.from_message(message)
    return {
        item.custom_id
        for item in view.walk_children()
        if isinstance(item, discord.ui.Button) and item.custom_id
    }
