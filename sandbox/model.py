"""What the sandbox's Discord consists of; the state that World holds and changes."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, IntFlag

from sandbox.wire import Json


class ChannelKind(IntEnum):
    """Discord's channel types that occur here."""

    TEXT = 0
    DIRECT = 1
    PUBLIC_THREAD = 11


class Flags(IntFlag):
    """Discord's message flags that occur here."""

    SUPPRESS_EMBEDS = 1 << 2
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    COMPONENTS_V2 = 1 << 15


@dataclass(slots=True)
class Account:
    """A person or the bot."""

    id: int
    name: str
    display_name: str
    bot: bool = False


@dataclass(slots=True)
class Role:
    """A role of a guild; the one whose id is the guild's is @everyone."""

    id: int
    name: str
    permissions: int
    position: int
    colour: int = 0
    bot_id: int | None = None


@dataclass(slots=True)
class Overwrite:
    """What a channel allows and denies a role (kind 0) or a member (kind 1)."""

    id: int
    kind: int
    allow: int = 0
    deny: int = 0


@dataclass(slots=True)
class Channel:
    """A text channel, a thread of one (`parent_id`), or a direct message (`recipient_id`)."""

    id: int
    name: str
    kind: ChannelKind
    guild_id: int | None = None
    position: int = 0
    topic: str | None = None
    nsfw: bool = False
    parent_id: int | None = None
    recipient_id: int | None = None
    last_message_id: int | None = None
    overwrites: dict[int, Overwrite] = field(default_factory=dict[int, Overwrite])
    messages: dict[int, "Message"] = field(default_factory=dict[int, "Message"])


@dataclass(slots=True)
class Member:
    """An account in a guild."""

    account_id: int
    roles: list[int]
    joined_at: datetime


@dataclass(slots=True)
class Guild:
    """A server."""

    id: int
    name: str
    owner_id: int
    created_at: datetime
    roles: dict[int, Role] = field(default_factory=dict[int, Role])
    members: dict[int, Member] = field(default_factory=dict[int, Member])


@dataclass(slots=True)
class Attachment:
    """A file, kept in memory and served by the CDN."""

    id: int
    channel_id: int
    filename: str
    content_type: str
    data: bytes
    description: str | None = None
    title: str | None = None
    width: int | None = None
    height: int | None = None
    ephemeral: bool = False


@dataclass(slots=True)
class Message:
    """A message; `ephemeral_to` names the one account that sees it.

    `components` are in the shape of Discord's responses (numbered, defaults filled in), except
    that the media of attachments are resolved when the message is shown.
    """

    id: int
    channel_id: int
    author_id: int
    timestamp: datetime
    content: str = ""
    embeds: list[Json] = field(default_factory=list[Json])
    components: list[Json] = field(default_factory=list[Json])
    attachments: list[Attachment] = field(default_factory=list[Attachment])
    flags: Flags = field(default_factory=lambda: Flags(0))
    edited: datetime | None = None
    ephemeral_to: int | None = None
    mentions: list[int] = field(default_factory=list[int])
    mention_roles: list[int] = field(default_factory=list[int])
    mention_everyone: bool = False
    nonce: str | int | None = None
    reference: Json | None = None
    reactions: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    metadata: Json | None = None
    command_name: str | None = None
    tts: bool = False
    deleted: bool = False
