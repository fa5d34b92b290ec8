"""Which commands Discord offers to a member in a channel, and why it does not."""

from collections.abc import Iterator

from sandbox.command_rules import GROUP, MESSAGE_MENU, SLASH, SUBCOMMAND
from sandbox.commands import Commands
from sandbox.model import Account, Channel
from sandbox.permissions import ALL, BITS
from sandbox.wire import Json, objects
from sandbox.world import Unknown, World

IN_GUILD, IN_BOT_DIRECT = 0, 1


class Impossible(Exception):
    """Something that a person could not do on Discord; carries the sentence."""


class Malformed(ValueError):
    """A control request that makes no sense; carries the sentence."""


class Offers:
    """Answers for a member and a channel."""

    def __init__(self, world: World, commands: Commands) -> None:
        self._world = world
        self._commands = commands

    def why_not(self, account: Account, channel: Channel, command: Json) -> str | None:
        """Why the command is not offered; None when it is."""
        world = self._world
        name = _shown(command)
        permissions = world.permissions(account.id, channel)
        if not permissions & BITS["use_application_commands"]:
            return f"{account.name} may not use commands in {channel.name}."
        contexts = command.get("contexts")
        if contexts is None:
            contexts = [IN_GUILD] + [IN_BOT_DIRECT] * (command.get("dm_permission") is not False)
        context = IN_BOT_DIRECT if channel.guild_id is None else IN_GUILD
        if context not in contexts:
            where = "direct messages" if context == IN_BOT_DIRECT else "servers"
            return f"{name} is not offered in {where}."
        if command.get("nsfw") and not world.is_nsfw(channel):
            return f"{name} is only offered in age-restricted channels; {channel.name} is none."
        wanted = command.get("default_member_permissions")
        if wanted is not None and context == IN_GUILD:
            bits = int(wanted)
            enough = permissions & bits == bits if bits else permissions == ALL
            if not enough:
                return f"{name} is not offered to {account.name} in {channel.name}."
        return None

    def to(self, account: Account, channel: Channel) -> list[Json]:
        """The commands that are offered."""
        return [
            command
            for command in self._commands.in_guild(channel.guild_id)
            if self.why_not(account, channel, command) is None
        ]

    def slash(self, channel: Channel, words: str) -> tuple[Json, list[str], list[Json]]:
        """The command that "fic search" means there, its subcommands, and their options."""
        path = words.strip().removeprefix("/").split()
        for command in self._commands.in_guild(channel.guild_id):
            if command["type"] != SLASH:
                continue
            for found, options in _leaves(command):
                if [command["name"], *found] == path:
                    return command, found, options
        known = ", ".join(self.names(channel)) or "none"
        raise Unknown(f"There is no command “/{' '.join(path)}” here. There are: {known}.")

    def menu(self, channel: Channel, name: str) -> Json:
        """The message menu of this name."""
        menus = [
            command
            for command in self._commands.in_guild(channel.guild_id)
            if command["type"] == MESSAGE_MENU
        ]
        for command in menus:
            if command["name"] == name:
                return command
        known = ", ".join(command["name"] for command in menus) or "none"
        raise Unknown(f"There is no “{name}” in the menu of a message. There are: {known}.")

    def names(self, channel: Channel) -> list[str]:
        """Every slash command there is, as a person types it."""
        return [
            " ".join([command["name"], *path])
            for command in self._commands.in_guild(channel.guild_id)
            if command["type"] == SLASH
            for path, _ in _leaves(command)
        ]


def _leaves(command: Json) -> Iterator[tuple[list[str], list[Json]]]:
    """Each subcommand's path within the command, and its options."""
    options = objects(command.get("options"))
    nested = [option for option in options if option.get("type") in (SUBCOMMAND, GROUP)]
    if not nested:
        yield [], options
        return
    for option in nested:
        if option["type"] == SUBCOMMAND:
            yield [option["name"]], objects(option.get("options"))
        else:
            for child in objects(option.get("options")):
                yield [option["name"], child["name"]], objects(child.get("options"))


def _shown(command: Json) -> str:
    return f"/{command['name']}" if command["type"] == SLASH else f"“{command['name']}”"
