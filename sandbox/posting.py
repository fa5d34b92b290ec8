"""Making and editing messages out of request bodies, the same way for channels, interactions
and webhooks."""

import mimetypes
import re
from dataclasses import dataclass

from sandbox import components
from sandbox.cdn import image_size
from sandbox.checks import Findings
from sandbox.errors import ApiError, FieldError, Refusal, invalid_form
from sandbox.limits import check_message, overweight
from sandbox.model import Account, Attachment, Channel, Flags, Message
from sandbox.payloads import FILE_LIMIT_BYTES
from sandbox.wire import Json, as_id, as_int, as_list, as_object, objects
from sandbox.world import World

MOST_FILES = 10
NONCE_SECONDS = 300.0
_SETTABLE = Flags.SUPPRESS_EMBEDS | Flags.SUPPRESS_NOTIFICATIONS | Flags.COMPONENTS_V2
_USER, _ROLE = re.compile(r"<@!?(\d{1,20})>"), re.compile(r"<@&(\d{1,20})>")
_UNSAFE_NAME = re.compile(r"[^\w.\-]+")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in a request."""

    filename: str
    data: bytes
    content_type: str | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """What an answer to an interaction says of where it came from."""

    metadata: Json
    command_name: str | None = None


class Posting:
    """Turns checked bodies into messages of the bot."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._nonces: dict[tuple[int, str], tuple[float, Message]] = {}

    def store(self, channel: Channel, upload: Upload, *, ephemeral: bool = False) -> Attachment:
        """Keep an uploaded file; it joins the CDN with the message, or at once via `attach`."""
        # Discord replaces what it does not want in a name.
        name = _UNSAFE_NAME.sub("_", upload.filename).strip("_")[:200] or "unknown"
        size = image_size(upload.data)
        kind = upload.content_type
        if kind in (None, "application/octet-stream"):
            kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        if kind.startswith("text/") and "charset" not in kind:
            kind += "; charset=utf-8"
        attachment = Attachment(
            self._world.new_id(), channel.id, name, kind, upload.data, ephemeral=ephemeral
        )
        if size is not None:
            attachment.width, attachment.height = size
        return attachment

    def repeated(self, channel: Channel, body: Json) -> Message | None:
        """The message already made with this nonce, where the body asks that it be enforced."""
        nonce = body.get("nonce")
        if not body.get("enforce_nonce") or nonce is None:
            return None
        made = self._nonces.get((channel.id, str(nonce)))
        if made is None or self._world.clock.elapsed() - made[0] > NONCE_SECONDS:
            return None
        return made[1]

    def create(
        self,
        channel: Channel,
        body: Json,
        uploads: dict[int, Upload],
        *,
        origin: Origin | None = None,
        ephemeral_to: int | None = None,
    ) -> Message:
        """Make a message of the bot and show it; raises ApiError."""
        flags = Flags(as_int(body.get("flags")) or 0) & _SETTABLE
        if ephemeral_to is not None:
            flags |= Flags.EPHEMERAL
        world = self._world
        message = Message(world.new_id(), channel.id, world.bot.id, world.clock.now(), flags=flags)
        message.ephemeral_to = ephemeral_to
        message.tts = body.get("tts") is True
        if origin is not None:
            message.metadata, message.command_name = origin.metadata, origin.command_name
        self._fill(message, channel, body, uploads)
        if body.get("nonce") is not None and origin is None:
            message.nonce = body["nonce"]
            if body.get("enforce_nonce"):
                now = world.clock.elapsed()
                self._nonces = {k: v for k, v in self._nonces.items() if now - v[0] < NONCE_SECONDS}
                self._nonces[channel.id, str(message.nonce)] = (now, message)
        reference = as_object(body.get("message_reference"))
        if reference is not None and origin is None:
            message.reference = self._reference(channel, reference)
        world.add_message(message)
        return message

    def say(
        self, account: Account, channel: Channel, content: str, uploads: list[Upload], reply: Json
    ) -> Message:
        """Make a message of a person and show it; `reply` names the message_id answered to."""
        world = self._world
        message = Message(world.new_id(), channel.id, account.id, world.clock.now(), content)
        message.attachments = [self.store(channel, upload) for upload in uploads]
        if reply:
            message.reference = self._reference(channel, reply)
        self._mention(message, channel, None)
        world.add_message(message)
        return message

    def edit(self, message: Message, body: Json, uploads: dict[int, Upload]) -> None:
        """Change a message of the bot and tell of it; raises ApiError and changes nothing then."""
        channel = self._world.channels.get(message.channel_id)
        if channel is None:
            raise ApiError(Refusal.UNKNOWN_CHANNEL)
        if message.deleted:
            raise ApiError(Refusal.UNKNOWN_MESSAGE)
        loading = bool(message.flags & Flags.LOADING)
        asked = Flags(as_int(body.get("flags")) or 0)
        had_v2 = message.flags & Flags.COMPONENTS_V2
        if body.get("flags") is not None and had_v2 and not asked & Flags.COMPONENTS_V2:
            reason = "The IS_COMPONENTS_V2 flag cannot be removed from a message"
            raise invalid_form([FieldError(("flags",), "MESSAGE_FLAG_IRREVOCABLE", reason)])
        flags = message.flags & ~Flags.LOADING | asked & Flags.COMPONENTS_V2
        if body.get("flags") is not None:
            flags = flags & ~Flags.SUPPRESS_EMBEDS | asked & Flags.SUPPRESS_EMBEDS
        before, message.flags = message.flags, flags
        try:
            self._fill(message, channel, body, uploads)
        except ApiError:
            message.flags = before
            raise
        # Filling in a deferred answer is not an edit that people see as one.
        message.edited = None if loading else self._world.clock.now()
        self._world.message_edited(message)

    def _fill(
        self, message: Message, channel: Channel, body: Json, uploads: dict[int, Upload]
    ) -> None:
        """Put the body's fields into the message, or raise ApiError and leave it as it was."""
        kept, added = self._attachments(message, channel, body, uploads)
        attachments = kept + added
        v2 = bool(message.flags & Flags.COMPONENTS_V2)
        resulting = dict(body)
        if v2:
            # What stays from before counts as well.
            resulting.setdefault("content", message.content)
            resulting.setdefault("embeds", message.embeds)
        names = {attachment.filename for attachment in attachments}
        errors = check_message(resulting, v2=v2, files=names)
        if errors:
            raise invalid_form(errors)
        rows = objects(body.get("components"))
        if v2 and overweight(rows):
            detail = "a V2 message's texts hold more bytes than Discord can process"
            raise ApiError(Refusal.INTERNAL, kind="limit", detail=detail)
        content = str(body.get("content") or "") if "content" in body else message.content
        embeds = objects(body.get("embeds")) if "embeds" in body else message.embeds
        shown = components.as_answered(rows) if "components" in body else message.components
        if not (content.strip() or embeds or shown or attachments):
            raise ApiError(Refusal.EMPTY_MESSAGE, kind="limit")
        message.content, message.components = content, shown
        message.embeds = [_shown(embed) for embed in embeds]
        for gone in {a.id for a in message.attachments} - {a.id for a in attachments}:
            self._world.attachments.pop(gone, None)
        message.attachments = attachments
        self._mention(message, channel, as_object(body.get("allowed_mentions")))

    def _attachments(
        self, message: Message, channel: Channel, body: Json, uploads: dict[int, Upload]
    ) -> tuple[list[Attachment], list[Attachment]]:
        """The attachments that stay and the new ones, in the order the body lists them."""
        found = Findings()
        described = {as_id(item.get("id")): item for item in objects(body.get("attachments"))}
        given = as_list(body.get("attachments")) is not None
        old = {attachment.id: attachment for attachment in message.attachments}
        kept = [a for a in message.attachments if not given or a.id in described]
        if len(kept) + len(uploads) > MOST_FILES:
            message_text = f"Must be {MOST_FILES} or fewer in length."
            found.add(("attachments",), "BASE_TYPE_MAX_LENGTH", message_text)
        for index, number in enumerate(described):
            if number not in old and number not in uploads:
                found.add(
                    ("attachments", index, "id"),
                    "ATTACHMENT_NOT_FOUND",
                    "This attachment is neither a file of this request nor one of the message",
                )
        if found.errors:
            raise invalid_form(found.errors)
        added: list[Attachment] = []
        for number, upload in uploads.items():
            if len(upload.data) > FILE_LIMIT_BYTES:
                detail = f"{upload.filename} is larger than {FILE_LIMIT_BYTES} bytes"
                raise ApiError(Refusal.TOO_LARGE, kind="limit", detail=detail)
            about = described.get(number, {})
            named = Upload(
                str(about.get("filename") or upload.filename), upload.data, upload.content_type
            )
            ephemeral = message.ephemeral_to is not None
            attachment = self.store(channel, named, ephemeral=ephemeral)
            attachment.description = about.get("description")
            attachment.title = about.get("title")
            added.append(attachment)
        return kept, added

    def _mention(self, message: Message, channel: Channel, allowed: Json | None) -> None:
        """Work out whom the message pings: those it names, as far as allowed_mentions goes."""
        text = "\n".join((message.content, *components.texts(message.components)))
        parse = ["users", "roles", "everyone"]
        users: set[int | None] = set()
        roles: set[int | None] = set()
        if allowed is not None:
            parse = [str(kind) for kind in as_list(allowed.get("parse")) or []]
            users = {as_id(user) for user in as_list(allowed.get("users")) or []}
            roles = {as_id(role) for role in as_list(allowed.get("roles")) or []}
        world, guild = self._world, self._world.guild_of(channel)
        message.mentions = [
            user
            for user in dict.fromkeys(int(found) for found in _USER.findall(text))
            if user in world.accounts and ("users" in parse or user in users)
        ]
        message.mention_roles = [
            role
            for role in dict.fromkeys(int(found) for found in _ROLE.findall(text))
            if guild is not None
            and role in guild.roles
            and role != guild.id
            and ("roles" in parse or role in roles)
        ]
        everyone = "@everyone" in text or "@here" in text
        message.mention_everyone = (
            everyone
            and "everyone" in parse
            and world.may(message.author_id, channel, "mention_everyone")
        )

    def _reference(self, channel: Channel, reference: Json) -> Json | None:
        target = as_id(reference.get("message_id"))
        if target is None or target not in channel.messages:
            if reference.get("fail_if_not_exists") is False:
                return None
            reason = "Unknown message"
            path = ("message_reference",)
            raise invalid_form([FieldError(path, "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", reason)])
        answer: Json = {"type": 0, "message_id": str(target), "channel_id": str(channel.id)}
        if channel.guild_id is not None:
            answer["guild_id"] = str(channel.guild_id)
        return answer


def _shown(embed: Json) -> Json:
    """An embed as Discord gives it back: of a type, its fields saying whether they are inline."""
    shown: Json = {"type": "rich", **{key: part for key, part in embed.items() if part is not None}}
    if "fields" in shown:
        shown["fields"] = [{"inline": False, **field} for field in objects(shown["fields"])]
    return shown
