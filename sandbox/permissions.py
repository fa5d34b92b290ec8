"""Discord's permission bits and how they add up in a channel."""

from collections.abc import Iterable

from sandbox.model import Channel, Guild

BITS = {
    "create_instant_invite": 1 << 0,
    "kick_members": 1 << 1,
    "ban_members": 1 << 2,
    "administrator": 1 << 3,
    "manage_channels": 1 << 4,
    "manage_guild": 1 << 5,
    "add_reactions": 1 << 6,
    "view_audit_log": 1 << 7,
    "view_channel": 1 << 10,
    "send_messages": 1 << 11,
    "manage_messages": 1 << 13,
    "embed_links": 1 << 14,
    "attach_files": 1 << 15,
    "read_message_history": 1 << 16,
    "mention_everyone": 1 << 17,
    "use_external_emojis": 1 << 18,
    "change_nickname": 1 << 26,
    "manage_nicknames": 1 << 27,
    "manage_roles": 1 << 28,
    "manage_webhooks": 1 << 29,
    "use_application_commands": 1 << 31,
    "manage_threads": 1 << 34,
    "create_public_threads": 1 << 35,
    "create_private_threads": 1 << 36,
    "use_external_stickers": 1 << 37,
    "send_messages_in_threads": 1 << 38,
    "moderate_members": 1 << 40,
    "send_voice_messages": 1 << 46,
    "send_polls": 1 << 49,
    "use_external_apps": 1 << 50,
    "pin_messages": 1 << 51,
}
ALL = (1 << 53) - 1


def mask(names: Iterable[str]) -> int:
    """The bits of these permissions; an unknown name is a ValueError that lists the known ones."""
    total = 0
    for name in names:
        if name not in BITS:
            raise ValueError(f"There is no permission “{name}”. The known ones: {', '.join(BITS)}.")
        total |= BITS[name]
    return total


def names_of(permissions: int) -> list[str]:
    """The names of the bits that are set."""
    return [name for name, bit in BITS.items() if permissions & bit]


EVERYONE = mask(
    [
        "create_instant_invite",
        "add_reactions",
        "view_channel",
        "send_messages",
        "embed_links",
        "attach_files",
        "read_message_history",
        "use_external_emojis",
        "change_nickname",
        "use_application_commands",
        "create_public_threads",
        "use_external_stickers",
        "send_messages_in_threads",
        "send_voice_messages",
        "send_polls",
        "use_external_apps",
    ]
)
"""What @everyone may do in a new server."""

IN_DIRECT_MESSAGES = mask(
    [
        "add_reactions",
        "view_channel",
        "send_messages",
        "embed_links",
        "attach_files",
        "read_message_history",
        "mention_everyone",
        "use_external_emojis",
        "use_application_commands",
        "send_polls",
    ]
)


def in_guild(guild: Guild, account_id: int) -> int:
    """What the member may do before any channel has its say."""
    if account_id == guild.owner_id:
        return ALL
    member = guild.members.get(account_id)
    if member is None:
        return 0
    total = guild.roles[guild.id].permissions
    for role_id in member.roles:
        total |= guild.roles[role_id].permissions
    return ALL if total & BITS["administrator"] else total


def in_channel(guild: Guild, channel: Channel, account_id: int) -> int:
    """What the member may do in the channel: overwrites for everyone, then roles, then the member.

    A thread has its parent's overwrites: pass the parent.
    """
    total = in_guild(guild, account_id)
    member = guild.members.get(account_id)
    if total == ALL or member is None:
        return total
    overwrites = channel.overwrites
    if (everyone := overwrites.get(guild.id)) is not None:
        total = (total & ~everyone.deny) | everyone.allow
    ofroles = [overwrites[role_id] for role_id in member.roles if role_id in overwrites]
    for overwrite in ofroles:
        total &= ~overwrite.deny
    for overwrite in ofroles:
        total |= overwrite.allow
    if (own := overwrites.get(account_id)) is not None:
        total = (total & ~own.deny) | own.allow
    # Without sight of a channel nothing else counts; without the right to write, nor does this.
    if not total & BITS["view_channel"]:
        return 0
    if not total & BITS["send_messages"]:
        total &= ~mask(("embed_links", "attach_files", "mention_everyone"))
    return total
