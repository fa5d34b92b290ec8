"""The shapes in which Discord shows its objects, complete for clients that want every key."""

from copy import deepcopy

from sandbox import components
from sandbox.cdn import Cdn
from sandbox.model import Attachment, Message
from sandbox.payloads_directory import DirectoryPayloads, moment
from sandbox.wire import Json, as_object
from sandbox.world import World

FILE_LIMIT_BYTES = 10 * 1024 * 1024
"""What a server without boosts lets one file weigh."""


def emoji(name: str) -> Json:
    """A reaction's emoji: a Unicode one, or `name:id` of a custom one."""
    label, _, emoji_id = name.partition(":")
    return {"id": emoji_id or None, "name": label, "animated": False}


class Payloads(DirectoryPayloads):
    """Makes payloads out of the world as it is now; messages and files here, the rest above."""

    def __init__(self, world: World, cdn: Cdn) -> None:
        super().__init__(world)
        self._cdn = cdn

    def attachment(self, attachment: Attachment) -> Json:
        """A file of a message, an option or a form."""
        address = self._cdn.address(attachment)
        payload: Json = {
            "id": str(attachment.id),
            "filename": attachment.filename,
            "size": len(attachment.data),
            "url": address,
            "proxy_url": address,
            "content_type": attachment.content_type,
        }
        if attachment.width is not None:
            payload |= {"width": attachment.width, "height": attachment.height}
        if attachment.description is not None:
            payload["description"] = attachment.description
        if attachment.title is not None:
            payload["title"] = attachment.title
        if attachment.ephemeral:
            payload["ephemeral"] = True
        return payload

    def embeds(self, message: Message) -> list[Json]:
        """A message's embeds, with pictures that are attachments resolved."""
        if not (message.embeds and message.attachments):
            return message.embeds
        shown = deepcopy(message.embeds)
        files = {f"attachment://{a.filename}": a for a in message.attachments}
        for embed in shown:
            for key in ("image", "thumbnail"):
                picture = as_object(embed.get(key))
                if picture is not None and (file := files.get(str(picture.get("url")))):
                    address = self._cdn.address(file)
                    picture |= {"url": address, "proxy_url": address}
        return shown

    def components(self, message: Message) -> list[Json]:
        """A message's components, with media resolved to today's addresses."""
        if next(components.media(message.components), None) is None:
            return message.components
        shown = deepcopy(message.components)
        files = {attachment.filename: attachment for attachment in message.attachments}
        for holder, key in components.media(shown):
            source = as_object(holder.get(key)) or {}
            url = str(source.get("url", ""))
            item: Json = {"id": str(message.id), "url": url, "proxy_url": url}
            if (file := files.get(url.removeprefix("attachment://"))) is not None:
                known = self.attachment(file)
                item |= {
                    "id": known["id"],
                    "attachment_id": known["id"],
                    "url": known["url"],
                    "proxy_url": known["url"],
                    "content_type": known["content_type"],
                    "width": file.width,
                    "height": file.height,
                }
                if key == "file":
                    holder |= {"name": file.filename, "size": len(file.data)}
            holder[key] = item
        return shown

    def message(self, message: Message) -> Json:
        """A message as REST shows it, to the bot."""
        world = self._world
        payload: Json = {
            "id": str(message.id),
            "type": _message_type(message),
            "channel_id": str(message.channel_id),
            "author": self.user(world.accounts[message.author_id]),
            "content": message.content,
            "timestamp": moment(message.timestamp),
            "edited_timestamp": None if message.edited is None else moment(message.edited),
            "tts": message.tts,
            "mention_everyone": message.mention_everyone,
            "mentions": [self.user(world.accounts[who]) for who in message.mentions],
            "mention_roles": [str(role_id) for role_id in message.mention_roles],
            "attachments": [self.attachment(attachment) for attachment in message.attachments],
            "embeds": self.embeds(message),
            "components": self.components(message),
            "pinned": False,
            "flags": int(message.flags),
        }
        if message.reactions:
            payload["reactions"] = [self._reaction(*item) for item in message.reactions.items()]
        if message.nonce is not None:
            payload["nonce"] = message.nonce
        if message.metadata is not None:
            payload |= {
                "application_id": str(world.bot.id),
                "webhook_id": str(world.bot.id),
                "interaction_metadata": message.metadata,
            }
            if message.command_name is not None:
                payload["interaction"] = {
                    "id": message.metadata["id"],
                    "type": 2,
                    "name": message.command_name,
                    "user": message.metadata["user"],
                }
        if message.reference is not None:
            payload["message_reference"] = message.reference
            channel = world.channels.get(message.channel_id)
            target = channel and channel.messages.get(int(message.reference["message_id"]))
            payload["referenced_message"] = None if target is None else self.message(target)
        return payload

    def message_event(self, message: Message, *, content: bool) -> Json:
        """A message as the gateway tells of it; blank where the bot may not read along.

        The bot always reads its own messages, direct messages, and those that mention it.
        """
        world = self._world
        payload = self.message(message)
        channel = world.channels[message.channel_id]
        guild = world.guild_of(channel)
        if guild is not None:
            payload["guild_id"] = str(guild.id)
            author = guild.members.get(message.author_id)
            if author is not None and message.metadata is None:
                payload["member"] = self.member(author, with_user=False)
            for user in payload["mentions"]:
                if (mentioned := guild.members.get(int(user["id"]))) is not None:
                    user["member"] = self.member(mentioned, with_user=False)
        payload["channel_type"] = int(channel.kind)
        own = message.author_id == world.bot.id
        if not (content or own or guild is None or world.bot.id in message.mentions):
            payload |= {"content": "", "embeds": [], "attachments": [], "components": []}
        return payload

    def _reaction(self, name: str, people: list[int]) -> Json:
        return {
            "emoji": emoji(name),
            "count": len(people),
            "count_details": {"burst": 0, "normal": len(people)},
            "burst_colors": [],
            "burst_count": 0,
            "me_burst": False,
            "me": self._world.bot.id in people,
        }


def _message_type(message: Message) -> int:
    if message.command_name is not None:
        return 23 if message.metadata and "target_message_id" in message.metadata else 20
    return 19 if message.reference is not None else 0
