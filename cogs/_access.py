"""Who asks, where the answer will be seen, and who may moderate."""

import discord
from discord import app_commands

from cogs._client import Interaction
from db.models import Viewer


class ServerOnly(app_commands.CheckFailure):
    """Asked in a direct message."""


class ModeratorsOnly(app_commands.CheckFailure):
    """Asked by someone who may not moderate (any more)."""


def guild_of(interaction: Interaction) -> int:
    """The server that was asked in. Raises ServerOnly."""
    if interaction.guild_id is None:
        raise ServerOnly
    return interaction.guild_id


def is_age_restricted(channel: object) -> bool:
    """Whether a channel, or the parent of a thread, is age-restricted; no is the safe answer."""
    kinds = (
        discord.TextChannel,
        discord.VoiceChannel,
        discord.StageChannel,
        discord.ForumChannel,
        discord.Thread,
    )
    return isinstance(channel, kinds) and channel.is_nsfw()


def viewer_of(interaction: Interaction) -> Viewer:
    """The member who asks, and whether adult works may show where they ask."""
    return Viewer(interaction.user.id, is_age_restricted(interaction.channel))


async def is_moderator(interaction: Interaction) -> bool:
    """Whether the member has Manage Server, or the role that this server's moderators have.

    Both are as of this very interaction, so someone demoted meanwhile is not one.
    """
    if interaction.guild_id is None:
        return False
    if interaction.permissions.manage_guild or interaction.permissions.administrator:
        return True
    settings = await interaction.client.library.guild_settings(interaction.guild_id)
    user = interaction.user
    role_id = settings.moderator_role_id
    return (
        role_id is not None
        and isinstance(user, discord.Member)
        and any(role.id == role_id for role in user.roles)
    )


async def require_moderator(interaction: Interaction) -> int:
    """The server's id, for a moderator of it. Raises ServerOnly, ModeratorsOnly."""
    guild_id = guild_of(interaction)
    if not await is_moderator(interaction):
        raise ModeratorsOnly
    return guild_id
