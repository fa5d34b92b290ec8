"""The application's commands, global and of single servers, as the bot synced them."""

import asyncio
from collections import Counter

from sandbox.command_rules import (
    CREATES_A_DAY,
    SLASH,
    check_command,
    check_commands,
    too_many,
)
from sandbox.errors import ApiError, Refusal, invalid_form
from sandbox.wire import Json, as_list, as_object
from sandbox.world import World

_KEPT = [
    "name",
    "name_localizations",
    "description",
    "description_localizations",
    "options",
    "default_member_permissions",
    "dm_permission",
    "contexts",
    "integration_types",
    "nsfw",
]


class Commands:
    """Holds them by scope: None for everywhere, else the server's id."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._scopes: dict[int | None, dict[int, Json]] = {}
        self._creates: Counter[tuple[int | None, str]] = Counter()
        self.synced = asyncio.Event()

    def scope(self, guild_id: int | None) -> list[Json]:
        """The commands of one scope."""
        return list(self._scopes.get(guild_id, {}).values())

    def every(self) -> list[Json]:
        """All commands; those of a server name it in `guild_id`."""
        return [command for scope in self._scopes.values() for command in scope.values()]

    def in_guild(self, guild_id: int | None) -> list[Json]:
        """What a server (None: a direct message) has: the global ones, and its own on top."""
        found = {(c["type"], c["name"]): c for c in self.scope(None)}
        if guild_id is not None:
            found |= {(c["type"], c["name"]): c for c in self.scope(guild_id)}
        return list(found.values())

    def find(self, guild_id: int | None, command_id: int | None) -> Json:
        """One command of a scope."""
        found = self._scopes.get(guild_id, {}).get(command_id or 0)
        if found is None:
            raise ApiError(Refusal.UNKNOWN_COMMAND)
        return found

    def replace(self, guild_id: int | None, body: object) -> list[Json]:
        """PUT: these are the scope's commands from now on; known names keep their ids."""
        wanted = as_list(body)
        if wanted is None:
            raise ApiError(Refusal.INVALID_FORM_BODY, kind="limit", detail="a list is wanted")
        if errors := check_commands(wanted):
            raise invalid_form(errors)
        commands = [command for command in map(as_object, wanted) if command is not None]
        if too_many(commands):
            raise ApiError(Refusal.TOO_MANY_COMMANDS, kind="limit")
        old = self._by_name(guild_id)
        self._count(guild_id, sum(_key(command) not in old for command in commands))
        made = [self._made(guild_id, command, old.get(_key(command))) for command in commands]
        self._scopes[guild_id] = {int(command["id"]): command for command in made}
        self.synced.set()
        return made

    def upsert(self, guild_id: int | None, body: Json) -> tuple[Json, bool]:
        """POST: add one, or replace the one of that name; the second value says it is new."""
        if errors := check_command(body):
            raise invalid_form(errors)
        old = self._by_name(guild_id).get(_key(body))
        if old is None:
            if too_many([*self.scope(guild_id), body]):
                raise ApiError(Refusal.TOO_MANY_COMMANDS, kind="limit")
            self._count(guild_id, 1)
        command = self._made(guild_id, body, old)
        self._scopes.setdefault(guild_id, {})[int(command["id"])] = command
        self.synced.set()
        return command, old is None

    def change(self, guild_id: int | None, command_id: int | None, body: Json) -> Json:
        """PATCH: change some fields of one."""
        old = self.find(guild_id, command_id)
        merged = {**old, **body, "type": old["type"]}
        if errors := check_command(merged):
            raise invalid_form(errors)
        command = self._made(guild_id, merged, old)
        self._scopes[guild_id][int(command["id"])] = command
        return command

    def remove(self, guild_id: int | None, command_id: int | None) -> None:
        """DELETE one."""
        found = self.find(guild_id, command_id)
        del self._scopes[guild_id][int(found["id"])]

    def _by_name(self, guild_id: int | None) -> dict[tuple[int, str], Json]:
        return {_key(command): command for command in self.scope(guild_id)}

    def _count(self, guild_id: int | None, new: int) -> None:
        key = (guild_id, self._world.clock.now().date().isoformat())
        if self._creates[key] + new > CREATES_A_DAY:
            raise ApiError(Refusal.TOO_MANY_CREATES, kind="limit")
        self._creates[key] += new

    def _made(self, guild_id: int | None, body: Json, old: Json | None) -> Json:
        kind = body.get("type") or SLASH
        permissions = body.get("default_member_permissions")
        command: Json = {
            "id": old["id"] if old else str(self._world.new_id()),
            "application_id": str(self._world.bot.id),
            "version": str(self._world.new_id()),
            "type": kind,
            **{key: body.get(key) for key in _KEPT},
        }
        command["description"] = body.get("description") or ""
        command["nsfw"] = body.get("nsfw") is True
        command["dm_permission"] = body.get("dm_permission") is not False
        command["integration_types"] = body.get("integration_types") or [0]
        command["default_member_permissions"] = None if permissions is None else str(permissions)
        if kind == SLASH:
            command["options"] = body.get("options") or []
        else:
            del command["options"]
        if guild_id is not None:
            command["guild_id"] = str(guild_id)
            del command["dm_permission"]
        return command


def _key(command: Json) -> tuple[int, str]:
    return command.get("type") or SLASH, str(command.get("name"))
