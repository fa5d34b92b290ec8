"""How the control API shows things: the names that requests use, and ids beside them."""

from sandbox.commands import Commands
from sandbox.interactions import Interaction
from sandbox.model import Account, Channel, Message
from sandbox.payloads import Payloads
from sandbox.payloads_directory import moment
from sandbox.permissions import names_of
from sandbox.wire import Json
from sandbox.world import World


class Views:
    """Makes the control API's objects."""

    def __init__(self, world: World, payloads: Payloads, commands: Commands) -> None:
        self._world = world
        self._payloads = payloads
        self._commands = commands

    def message(self, message: Message) -> Json:
        """A message; `loading` is true while it only says that the bot is thinking."""
        world = self._world
        channel = world.channels.get(message.channel_id)
        shown: Json = {
            "id": str(message.id),
            "channel": channel.name if channel else "",
            "channel_id": str(message.channel_id),
            "author": world.accounts[message.author_id].name,
            "author_id": str(message.author_id),
            "bot": world.accounts[message.author_id].bot,
            "ephemeral": message.ephemeral_to is not None,
            "content": message.content,
            "embeds": self._payloads.embeds(message),
            "components": self._payloads.components(message),
            "attachments": [self._payloads.attachment(file) for file in message.attachments],
            "flags": int(message.flags),
            "loading": bool(message.flags & message.flags.LOADING),
            "timestamp": moment(message.timestamp),
            "edited": None if message.edited is None else moment(message.edited),
            "mentions": [world.accounts[who].name for who in message.mentions],
            "mention_roles": [self._role_name(channel, role) for role in message.mention_roles],
            "mention_everyone": message.mention_everyone,
            "reactions": {
                emoji: [world.accounts[who].name for who in people]
                for emoji, people in message.reactions.items()
            },
        }
        if message.reference is not None:
            shown["reply_to"] = message.reference["message_id"]
            shown["reply"] = self._reply(channel, message.reference)
        if message.metadata is not None:
            shown["command"] = message.command_name
            shown["invoked_by"] = message.metadata["user"]["username"]
        return shown

    def _reply(self, channel: Channel | None, reference: Json) -> Json | None:
        """What a reply shows of the message it answers; None if that is gone, or one's own."""
        target = channel and channel.messages.get(int(reference["message_id"]))
        if not target or target.ephemeral_to is not None:
            return None
        author = self._world.accounts[target.author_id]
        return {
            "id": str(target.id),
            "author": author.name,
            "author_id": str(author.id),
            "bot": author.bot,
            "content": target.content,
            "attachments": len(target.attachments),
        }

    def _role_name(self, channel: Channel | None, role_id: int) -> str:
        guild = None if channel is None else self._world.guild_of(channel)
        return str(role_id) if guild is None else guild.roles[role_id].name

    def modal(self, interaction: Interaction) -> Json:
        """A form that the bot opened; its id is what POST submit wants."""
        assert interaction.modal is not None
        return {"interaction": str(interaction.id), **interaction.modal}

    def channel(self, channel: Channel) -> Json:
        """A channel; `server` is None for a direct message."""
        guild = self._world.guild_of(channel)
        people = (
            [self._world.accounts[channel.recipient_id or 0]]
            if guild is None
            else [self._world.accounts[who] for who in guild.members]
        )
        return {
            "id": str(channel.id),
            "name": channel.name,
            "type": int(channel.kind),
            "server": None if guild is None else guild.name,
            "server_id": None if guild is None else str(guild.id),
            "parent": None if channel.parent_id is None else self._world.parent_of(channel).name,
            "topic": channel.topic,
            "nsfw": self._world.is_nsfw(channel),
            "visible_to": [
                person.name
                for person in people
                if not person.bot and self._world.may(person.id, channel, "view_channel")
            ],
        }

    def member(self, account: Account) -> Json:
        """A person or the bot, with the roles in each server."""
        return {
            "id": str(account.id),
            "name": account.name,
            "display_name": account.display_name,
            "bot": account.bot,
            "servers": {
                guild.name: [guild.roles[role].name for role in guild.members[account.id].roles]
                for guild in self._world.guilds.values()
                if account.id in guild.members
            },
        }

    def state(self) -> Json:
        """Everything but the messages."""
        world = self._world
        return {
            "servers": [
                {
                    "id": str(guild.id),
                    "name": guild.name,
                    "owner": world.accounts[guild.owner_id].name,
                    "channels": [c.name for c in world.channels_of(guild)],
                    "members": [world.accounts[who].name for who in guild.members],
                }
                for guild in world.guilds.values()
            ],
            "channels": [self.channel(channel) for channel in world.channels.values()],
            "members": [self.member(account) for account in world.accounts.values()],
            "roles": [
                {
                    "id": str(role.id),
                    "name": role.name,
                    "server": guild.name,
                    "colour": role.colour,
                    "permissions": names_of(role.permissions),
                }
                for guild in world.guilds.values()
                for role in guild.roles.values()
            ],
            "commands": self._commands.every(),
            "clock": moment(world.clock.now()),
        }
