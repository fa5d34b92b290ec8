"""What a person enters (options, selections, files), turned into interaction data."""

import base64
import binascii
from typing import Any

from sandbox.components import Kind
from sandbox.model import Account, Attachment, Channel, Message, Role
from sandbox.offers import Impossible, Malformed
from sandbox.payloads import FILE_LIMIT_BYTES, Payloads
from sandbox.posting import Posting, Upload
from sandbox.wire import Json, as_list, as_object, objects
from sandbox.world import Unknown, World

STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(3, 12)
_KINDS = {
    Kind.USER_SELECT: USER,
    Kind.ROLE_SELECT: ROLE,
    Kind.MENTIONABLE_SELECT: MENTIONABLE,
    Kind.CHANNEL_SELECT: CHANNEL,
}


def uploads(value: object) -> list[Upload]:
    """The files of a control request: a list of {filename, base64}, or just one."""
    given = [value] if as_object(value) is not None else as_list(value)
    if given is None:
        raise Malformed("Files come as a list of {filename, base64}.")
    found: list[Upload] = []
    for item in given:
        file = as_object(item) or {}
        try:
            data = base64.b64decode(str(file["base64"]), validate=True)
            upload = Upload(str(file["filename"]), data)
        except (KeyError, binascii.Error):
            raise Malformed("A file is {filename, base64}.") from None
        if len(data) > FILE_LIMIT_BYTES:
            most = FILE_LIMIT_BYTES // 1024 // 1024
            raise Impossible(f"{upload.filename} is larger than the {most} MiB that Discord takes.")
        found.append(upload)
    return found


class Values:
    """Collects one interaction's values and what they resolve to."""

    def __init__(
        self, world: World, payloads: Payloads, posting: Posting, account: Account, channel: Channel
    ) -> None:
        self._world = world
        self._payloads = payloads
        self._posting = posting
        self._account = account
        self._channel = channel
        self.resolved: Json = {}

    def _resolve(self, kind: str, key: int, payload: Json) -> str:
        self.resolved.setdefault(kind, {})[str(key)] = payload
        return str(key)

    # Things with ids

    def user(self, name: str) -> str:
        """A member by name or id."""
        found = self._world.account_named(name)
        guild = self._world.guild_of(self._channel)
        if guild is not None and found.id in guild.members:
            shown = self._payloads.member(guild.members[found.id], with_user=False)
            shown["permissions"] = str(self._world.permissions(found.id, self._channel))
            self._resolve("members", found.id, shown)
        return self._resolve("users", found.id, self._payloads.user(found))

    def role(self, name: str) -> str:
        """A role of the server by name or id."""
        guild = self._world.guild_of(self._channel)
        roles: list[Role] = [] if guild is None else list(guild.roles.values())
        for role in roles:
            if name in (role.name, str(role.id)):
                return self._resolve("roles", role.id, self._payloads.role(role))
        known = ", ".join(role.name for role in roles)
        raise Unknown(f"There is no role “{name}” here. There are: {known}.")

    def channel(self, name: str, kinds: list[Any]) -> str:
        """A channel of the server by name or id."""
        found = self._world.channel_named(name, self._account)
        if found.guild_id != self._channel.guild_id:
            raise Unknown(f"There is no channel “{name}” here.")
        if kinds and int(found.kind) not in kinds:
            raise Impossible(f"A channel of another type than {name} is wanted.")
        permissions = str(self._world.permissions(self._account.id, found))
        shown = {**self._payloads.channel(found), "permissions": permissions}
        return self._resolve("channels", found.id, shown)

    def file(self, upload: Upload) -> str:
        """An uploaded file, kept as Discord keeps those that are not yet in a message."""
        kept: Attachment = self._posting.store(self._channel, upload, ephemeral=True)
        self._world.attachments[kept.id] = kept
        return self._resolve("attachments", kept.id, self._payloads.attachment(kept))

    def message(self, message: Message) -> str:
        """The message that a menu is used on; its content comes along whatever the intents."""
        return self._resolve("messages", message.id, self._payloads.message(message))

    def _thing(self, kind: int, value: object, channel_types: list[Any]) -> str:
        name = str(value)
        if kind == USER:
            return self.user(name)
        if kind == ROLE:
            return self.role(name)
        if kind == CHANNEL:
            return self.channel(name, channel_types)
        try:
            return self.user(name)
        except Unknown:
            return self.role(name)

    # Options of commands

    def option(self, option: Json, value: object, *, forced: bool, typing: bool = False) -> Json:
        """One option of a command. While it is being typed, only its type counts."""
        kind: int = option["type"]
        shown: Json = {"name": option["name"], "type": kind}
        if kind == ATTACHMENT:
            files = uploads(value)
            if len(files) != 1:
                raise Malformed(f"The option {option['name']} is one file: {{filename, base64}}.")
            shown["value"] = self.file(files[0])
        elif kind in (USER, ROLE, CHANNEL, MENTIONABLE):
            shown["value"] = self._thing(kind, value, option.get("channel_types") or [])
        elif typing:
            shown["value"] = str(value)
        else:
            shown["value"] = self._plain(option, kind, value, forced=forced)
        return shown

    def _plain(self, option: Json, kind: int, value: Any, *, forced: bool) -> object:
        choices = objects(option.get("choices"))
        for choice in choices:
            if value in (choice["name"], choice["value"]):
                return choice["value"]
        name = option["name"]
        if choices and not forced:
            known = ", ".join(str(choice["name"]) for choice in choices)
            raise Impossible(f"{name} is one of: {known}.")
        if kind == BOOLEAN:
            if value in (True, False, "true", "false", "True", "False"):
                return value in (True, "true", "True")
            raise Impossible(f"{name} is true or false.")
        if kind in (INTEGER, NUMBER):
            try:
                number = int(str(value)) if kind == INTEGER else float(str(value))
            except ValueError:
                what = "a whole number" if kind == INTEGER else "a number"
                raise Impossible(f"{name} is {what}.") from None
            least, most = option.get("min_value"), option.get("max_value")
            outside = (least is not None and number < least) or (most is not None and number > most)
            if outside and not forced:
                raise Impossible(f"{name} is a number from {least} to {most}.")
            return number
        text = str(value)
        least, most = option.get("min_length") or 0, option.get("max_length") or 6000
        if not least <= len(text) <= most and not forced:
            raise Impossible(f"{name} is {least} to {most} characters long; this has {len(text)}.")
        return text

    # Selections

    def selected(self, select: Json, chosen: list[Any], *, forced: bool) -> list[str]:
        """The values of a select menu, checked as Discord checks them."""
        kind = select.get("type")
        name = select.get("placeholder") or select["custom_id"]
        required = select.get("required") is not False
        least = select.get("min_values")
        if least is None:
            least = 1
        if not chosen and not required:
            least = 0
        most = select.get("max_values") or 1
        if not least <= len(chosen) <= most and not forced:
            raise Impossible(f"“{name}” takes {least} to {most} choices, not {len(chosen)}.")
        if kind in _KINDS:
            types = as_list(select.get("channel_types")) or []
            return [self._thing(_KINDS[Kind(kind)], value, types) for value in chosen]
        values = [str(value) for value in chosen]
        known = [str(option["value"]) for option in objects(select.get("options"))]
        strange = [value for value in values if value not in known]
        if (strange or len(set(values)) < len(values)) and not forced:
            raise Impossible(f"“{name}” offers: {', '.join(known)}; not {', '.join(values)}.")
        return values
