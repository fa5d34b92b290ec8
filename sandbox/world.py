"""The servers, their people and messages: the state, and every change to it.

Each change is told to the subscribers (the gateway, the page's event log) as a `Happening`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

from sandbox import permissions
from sandbox.clock import SandboxClock
from sandbox.errors import ApiError, Refusal
from sandbox.model import (
    Account,
    Attachment,
    Channel,
    ChannelKind,
    Flags,
    Guild,
    Member,
    Message,
    Overwrite,
    Role,
)
from sandbox.snowflakes import FIRST_ID, MILLISECOND, Snowflakes
from sandbox.wire import as_id


@dataclass(frozen=True, slots=True)
class Happening:
    """A change. Kinds: message, edit, delete, react, unreact, typing, channel, new_channel,
    no_channel, member."""

    kind: str
    channel: Channel | None = None
    message: Message | None = None
    guild: Guild | None = None
    account_id: int | None = None
    emoji: str | None = None


class Unknown(LookupError):
    """A name that nothing here has; carries the sentence."""


class World:
    """Everything that exists on this Discord: two servers, and as many more as are asked for."""

    def __init__(self, clock: SandboxClock, more_servers: int = 0) -> None:
        self.clock = clock
        # What is there from the start keeps its ids from run to run: a library that was tried out
        # yesterday belongs to the same server today.
        self.new_id: Callable[[], int] = count(FIRST_ID).__next__
        self.accounts: dict[int, Account] = {}
        self._named: dict[str, Account] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.attachments: dict[int, Attachment] = {}
        self._subscribers: list[Callable[[Happening], None]] = []
        self._direct: dict[int, Channel] = {}
        self.bot = self._account("Ficshelf", bot=True)
        self._furnish()
        for number in range(1, more_servers + 1):
            self.add_server(number)
        self.new_id = Snowflakes()

    # Making

    def _account(self, name: str, *, bot: bool = False) -> Account:
        account = Account(self.new_id(), name, name.capitalize(), bot)
        self.accounts[account.id] = account
        self._named.setdefault(name, account)
        return account

    def _guild(self, name: str, owner: Account, people: list[Account]) -> Guild:
        now = self.clock.now()
        guild = Guild(self.new_id(), name, owner.id, now)
        guild.roles[guild.id] = Role(guild.id, "@everyone", permissions.EVERYONE, 0)
        bot_role = Role(self.new_id(), self.bot.name, permissions.EVERYONE, 1, bot_id=self.bot.id)
        guild.roles[bot_role.id] = bot_role
        guild.members[self.bot.id] = Member(self.bot.id, [bot_role.id], now)
        for person in (owner, *people):
            guild.members[person.id] = Member(person.id, [], now)
        self.guilds[guild.id] = guild
        return guild

    def _channel(self, guild: Guild, name: str, topic: str, *, nsfw: bool = False) -> Channel:
        position = sum(channel.guild_id == guild.id for channel in self.channels.values())
        channel = Channel(
            self.new_id(), name, ChannelKind.TEXT, guild.id, position, topic=topic, nsfw=nsfw
        )
        self.channels[channel.id] = channel
        return channel

    def _furnish(self) -> None:
        owner, moderator = self._account("owner"), self._account("moderator")
        member, stranger = self._account("member"), self._account("stranger")
        room = self._guild("The Reading Room", owner, [moderator, member])
        role = Role(
            self.new_id(),
            "moderator",
            permissions.EVERYONE | permissions.mask(("manage_guild", "manage_messages")),
            2,
            colour=0x3BA55D,
        )
        room.roles[role.id] = role
        room.members[moderator.id].roles.append(role.id)
        self._channel(room, "general", "Everything about fics")
        self._channel(room, "daily-rec", "One recommendation a day")
        self._channel(room, "after-dark", "Adults only", nsfw=True)
        desk = self._channel(room, "mod-desk", "For moderators")
        sight = permissions.BITS["view_channel"]
        desk.overwrites[room.id] = Overwrite(room.id, 0, deny=sight)
        for allowed in [role, *(found for found in room.roles.values() if found.bot_id)]:
            desk.overwrites[allowed.id] = Overwrite(allowed.id, 0, allow=sight)
        # A server's shard is told by the millisecond of its id: the next one's is another.
        self.new_id = count(FIRST_ID + MILLISECOND).__next__
        next_door = self._guild("Next Door", stranger, [])
        self._channel(next_door, "lobby", "The neighbours")

    def add_server(self, number: int) -> Guild:
        """One more server, with its own people: "owner 7" and "member 7" of "Server 7".

        Its ids follow from its number, which is 1 or more.
        """
        self.new_id = count(FIRST_ID + (1 + number) * MILLISECOND).__next__
        owner, member = self._account(f"owner {number}"), self._account(f"member {number}")
        guild = self._guild(f"Server {number}", owner, [member])
        self._channel(guild, "general", "Everything about fics")
        self._channel(guild, "daily-rec", "One recommendation a day")
        return guild

    # Telling

    def subscribe(self, listener: Callable[[Happening], None]) -> None:
        """Have every change told to the listener, at once and in order."""
        self._subscribers.append(listener)

    def tell(self, happening: Happening) -> None:
        """Tell the subscribers."""
        for listener in self._subscribers:
            listener(happening)

    # Finding

    def account_named(self, name: str) -> Account:
        """By name or id."""
        account = self.accounts.get(as_id(name) or 0) or self._named.get(name)
        if account is not None:
            return account
        known = ", ".join(account.name for account in self.accounts.values() if not account.bot)
        raise Unknown(f"There is no member “{name}” here. There are: {known}.")

    def channel_named(self, name: str, account: Account) -> Channel:
        """By name or id; "dm" is the account's direct message with the bot.

        A name that both servers have means the channel of the account's own server.
        """
        if name == "dm":
            if account.bot:
                raise Unknown("“dm” is the direct message of the member that “as” names.")
            return self.direct_channel(account)
        if (by_id := self.channels.get(as_id(name) or 0)) is not None:
            return by_id
        found = [
            channel
            for channel in self.channels.values()
            if channel.name == name and channel.guild_id is not None
        ]
        if not found:
            known = ", ".join(channel.name for channel in self.channels.values())
            raise Unknown(f"There is no channel “{name}” here. There are: {known}.")
        mine = [c for c in found if (guild := self.guild_of(c)) and account.id in guild.members]
        return (mine or found)[0]

    def direct_channel(self, account: Account) -> Channel:
        """The direct message between the account and the bot; made at first use."""
        if account.id not in self._direct:
            channel = Channel(self.new_id(), "dm", ChannelKind.DIRECT, recipient_id=account.id)
            self._direct[account.id] = self.channels[channel.id] = channel
        return self._direct[account.id]

    def guild_of(self, channel: Channel) -> Guild | None:
        """The channel's server; None for a direct message."""
        return None if channel.guild_id is None else self.guilds[channel.guild_id]

    def parent_of(self, channel: Channel) -> Channel:
        """The channel that a thread hangs on; any other channel itself."""
        if channel.parent_id is None:
            return channel
        return self.channels.get(channel.parent_id, channel)

    def is_nsfw(self, channel: Channel) -> bool:
        """Whether the channel (a thread: its parent) is age-restricted."""
        return self.parent_of(channel).nsfw

    def channels_of(self, guild: Guild) -> Iterator[Channel]:
        """The server's channels and threads."""
        return (channel for channel in self.channels.values() if channel.guild_id == guild.id)

    def permissions(self, account_id: int, channel: Channel) -> int:
        """What the account may do in the channel, as bits; 0 for one who is not there."""
        guild = self.guild_of(channel)
        if guild is None:
            here = account_id in (channel.recipient_id, self.bot.id)
            return permissions.IN_DIRECT_MESSAGES if here else 0
        return permissions.in_channel(guild, self.parent_of(channel), account_id)

    def may(self, account_id: int, channel: Channel, permission: str) -> bool:
        """Whether the account has the permission in the channel."""
        return bool(self.permissions(account_id, channel) & permissions.BITS[permission])

    def sees(self, account_id: int, message: Message) -> bool:
        """Whether the account can see the message."""
        channel = self.channels.get(message.channel_id)
        if channel is None or message.deleted:
            return False
        if message.ephemeral_to is not None:
            return account_id == message.ephemeral_to
        return self.may(account_id, channel, "view_channel")

    def message(self, message_id: int) -> Message | None:
        """A message that still exists, in any channel."""
        for channel in self.channels.values():
            if (message := channel.messages.get(message_id)) is not None:
                return message
        return None

    # Changing

    def add_message(self, message: Message) -> None:
        """Put a finished message into its channel."""
        channel = self.channels[message.channel_id]
        channel.messages[message.id] = message
        if message.ephemeral_to is None:
            channel.last_message_id = message.id
        for attachment in message.attachments:
            self.attachments[attachment.id] = attachment
        self.tell(Happening("message", channel, message))

    def message_edited(self, message: Message) -> None:
        """Tell of an edit already made."""
        for attachment in message.attachments:
            self.attachments[attachment.id] = attachment
        self.tell(Happening("edit", self.channels[message.channel_id], message))

    def delete_message(self, message: Message) -> None:
        """Take a message away."""
        channel = self.channels[message.channel_id]
        if channel.messages.pop(message.id, None) is None:
            return
        message.deleted = True
        for attachment in message.attachments:
            self.attachments.pop(attachment.id, None)
        self.tell(Happening("delete", channel, message))

    def delete_channel(self, channel: Channel) -> None:
        """Take a server's channel away, with its threads."""
        for thread in [c for c in self.channels.values() if c.parent_id == channel.id]:
            self.delete_channel(thread)
        for message in list(channel.messages.values()):
            message.deleted = True
        del self.channels[channel.id]
        self.tell(Happening("no_channel", channel))

    def open_thread(self, parent: Channel, name: str, message: Message | None = None) -> Channel:
        """Start a public thread in a channel; one that hangs on a message has its id."""
        if message is not None:
            message.flags |= Flags.HAS_THREAD
        thread_id = message.id if message is not None else self.new_id()
        thread = Channel(
            thread_id, name, ChannelKind.PUBLIC_THREAD, parent.guild_id, parent_id=parent.id
        )
        self.channels[thread.id] = thread
        self.tell(Happening("new_channel", thread))
        return thread

    def react(self, message: Message, account_id: int, emoji: str, *, remove: bool = False) -> None:
        """Add or take back a reaction; doing it twice is doing it once."""
        people = message.reactions.setdefault(emoji, [])
        if (account_id in people) is not remove:
            return
        if remove:
            people.remove(account_id)
            if not people:
                del message.reactions[emoji]
        else:
            people.append(account_id)
        self.tell(
            Happening(
                "unreact" if remove else "react",
                self.channels[message.channel_id],
                message,
                account_id=account_id,
                emoji=emoji,
            )
        )

    # What the bot may reach

    def bot_channel(self, channel_id: int | None, *needs: str) -> Channel:
        """A channel for a request of the bot; Discord's refusal when it may not."""
        channel = self.channels.get(channel_id) if channel_id is not None else None
        if channel is None:
            raise ApiError(Refusal.UNKNOWN_CHANNEL)
        if not self.may(self.bot.id, channel, "view_channel"):
            raise ApiError(Refusal.MISSING_ACCESS)
        for need in needs:
            in_thread = need == "send_messages" and channel.parent_id is not None
            right = "send_messages_in_threads" if in_thread else need
            if not self.may(self.bot.id, channel, right):
                raise ApiError(Refusal.MISSING_PERMISSIONS, detail=f"needs {right}")
        return channel

    def bot_message(self, channel: Channel, message_id: int | None) -> Message:
        """A message for a request of the bot; an ephemeral one is not to be had this way."""
        message = channel.messages.get(message_id) if message_id is not None else None
        if message is None or message.ephemeral_to is not None:
            raise ApiError(Refusal.UNKNOWN_MESSAGE)
        return message

    def bot_guild(self, guild_id: int | None) -> Guild:
        """A server that the bot is in."""
        guild = self.guilds.get(guild_id) if guild_id is not None else None
        if guild is None:
            raise ApiError(Refusal.UNKNOWN_GUILD)
        return guild
