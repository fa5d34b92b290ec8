"""The shapes in which Discord shows its objects, complete for clients that want every key."""

from copy import deepcopy
from datetime import datetime

from sandbox import components
from sandbox.cdn import Cdn
from sandbox.model import (
    Account,
    Attachment,
    Channel,
    ChannelKind,
    Flags,
    Guild,
    Member,
    Message,
    Role,
)
from sandbox.wire import Json, as_object
from sandbox.world import World

FILE_LIMIT_BYTES = 10 * 1024 * 1024
"""What a server without boosts lets one file weigh."""


def moment(when: datetime) -> str:
    """ISO 8601 with microseconds and offset, as Discord writes it."""
    return when.isoformat(timespec="microseconds")


def emoji(name: str) -> Json:
    """A reaction's emoji: a Unicode one, or `name:id` of a custom one."""
    label, _, emoji_id = name.partition(":")
    return {"id": emoji_id or None, "name": label, "animated": False}


class Payloads:
    """Makes payloads out of the world as it is now."""

    def __init__(self, world: World, cdn: Cdn) -> None:
        self._world = world
        self._cdn = cdn

    def user(self, account: Account) -> Json:
        """A user."""
        return {
            "id": str(account.id),
            "username": account.name,
            "discriminator": "0000" if account.bot else "0",
            "global_name": None if account.bot else account.display_name,
            "avatar": None,
            "avatar_decoration_data": None,
            "banner": None,
            "accent_color": None,
            "collectibles": None,
            "primary_guild": None,
            "bot": account.bot,
            "public_flags": 0,
            "flags": 0,
        }

    def me(self) -> Json:
        """The bot's own user."""
        return {
            **self.user(self._world.bot),
            "verified": True,
            "mfa_enabled": True,
            "locale": "en-US",
            "email": None,
        }

    def member(self, member: Member, *, with_user: bool = True) -> Json:
        """A member of a server."""
        payload: Json = {
            "nick": None,
            "avatar": None,
            "banner": None,
            "avatar_decoration_data": None,
            "collectibles": None,
            "roles": [str(role_id) for role_id in member.roles],
            "joined_at": moment(member.joined_at),
            "premium_since": None,
            "communication_disabled_until": None,
            "deaf": False,
            "mute": False,
            "pending": False,
            "flags": 0,
        }
        if with_user:
            payload["user"] = self.user(self._world.accounts[member.account_id])
        return payload

    def role(self, role: Role) -> Json:
        """A role."""
        payload: Json = {
            "id": str(role.id),
            "name": role.name,
            "description": None,
            "permissions": str(role.permissions),
            "position": role.position,
            "color": role.colour,
            "colors": {
                "primary_color": role.colour,
                "secondary_color": None,
                "tertiary_color": None,
            },
            "hoist": False,
            "managed": role.bot_id is not None,
            "mentionable": False,
            "icon": None,
            "unicode_emoji": None,
            "flags": 0,
        }
        if role.bot_id is not None:
            payload["tags"] = {"bot_id": str(role.bot_id)}
        return payload

    def channel(self, channel: Channel) -> Json:
        """A channel, a thread or a direct message."""
        payload: Json = {
            "id": str(channel.id),
            "type": int(channel.kind),
            "flags": 0,
            "last_message_id": _text(channel.last_message_id),
        }
        if channel.kind is ChannelKind.DIRECT:
            assert channel.recipient_id is not None
            payload["recipients"] = [self.user(self._world.accounts[channel.recipient_id])]
            return payload
        payload |= {
            "guild_id": _text(channel.guild_id),
            "name": channel.name,
            "parent_id": _text(channel.parent_id),
            "rate_limit_per_user": 0,
            "last_pin_timestamp": None,
        }
        if channel.kind is ChannelKind.PUBLIC_THREAD:
            started = moment(self._world.clock.now())
            return payload | {
                "owner_id": str(self._world.bot.id),
                "message_count": len(channel.messages),
                "total_message_sent": len(channel.messages),
                "member_count": 1,
                "thread_metadata": {
                    "archived": False,
                    "archive_timestamp": started,
                    "auto_archive_duration": 1440,
                    "locked": False,
                    "create_timestamp": started,
                },
            }
        return payload | {
            "position": channel.position,
            "topic": channel.topic,
            "nsfw": channel.nsfw,
            "permission_overwrites": [
                {
                    "id": str(overwrite.id),
                    "type": overwrite.kind,
                    "allow": str(overwrite.allow),
                    "deny": str(overwrite.deny),
                }
                for overwrite in channel.overwrites.values()
            ],
        }

    def guild(self, guild: Guild) -> Json:
        """A server as REST shows it."""
        payload: Json = dict.fromkeys(
            [
                "icon",
                "icon_hash",
                "description",
                "home_header",
                "splash",
                "discovery_splash",
                "banner",
                "application_id",
                "afk_channel_id",
                "system_channel_id",
                "widget_channel_id",
                "max_presences",
                "vanity_url_code",
                "rules_channel_id",
                "safety_alerts_channel_id",
                "public_updates_channel_id",
                "incidents_data",
                "latest_onboarding_question_id",
                "hub_type",
            ]
        )
        return payload | {
            "id": str(guild.id),
            "name": guild.name,
            "owner_id": str(guild.owner_id),
            "features": [],
            "region": "deprecated",
            "afk_timeout": 300,
            "system_channel_flags": 0,
            "widget_enabled": False,
            "verification_level": 0,
            "default_message_notifications": 1,
            "mfa_level": 0,
            "explicit_content_filter": 0,
            "max_members": 500000,
            "max_stage_video_channel_users": 50,
            "max_video_channel_users": 25,
            "premium_tier": 0,
            "premium_subscription_count": 0,
            "preferred_locale": "en-US",
            "premium_progress_bar_enabled": False,
            "nsfw": False,
            "nsfw_level": 0,
            "emojis": [],
            "stickers": [],
            "roles": [self.role(role) for role in guild.roles.values()],
        }

    def guild_create(self, guild: Guild, *, all_members: bool) -> Json:
        """A server as the gateway announces it; without the intent, its only member is the bot."""
        world = self._world
        channels = list(world.channels_of(guild))
        return self.guild(guild) | {
            "joined_at": moment(guild.members[world.bot.id].joined_at),
            "large": False,
            "unavailable": False,
            "member_count": len(guild.members),
            "members": [
                self.member(member)
                for member in guild.members.values()
                if all_members or member.account_id == world.bot.id
            ],
            # Bots are told of every channel, also of those they cannot see into.
            "channels": [self.channel(c) for c in channels if c.parent_id is None],
            "threads": [
                self.channel(c)
                for c in channels
                if c.parent_id is not None and world.may(world.bot.id, c, "view_channel")
            ],
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
            "activity_instances": [],
            "embedded_activities": [],
        }

    def application(self) -> Json:
        """The bot's application."""
        world = self._world
        owner = world.account_named("owner")
        bot_id = str(world.bot.id)
        return {
            "id": bot_id,
            "name": world.bot.name,
            "icon": None,
            "description": "",
            "summary": "",
            "type": None,
            "bot": self.user(world.bot),
            "bot_public": False,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "flags": 0,
            "flags_new": "0",
            "hook": True,
            "tags": [],
            "redirect_uris": [],
            "interactions_endpoint_url": None,
            "role_connections_verification_url": None,
            "owner": self.user(owner),
            "team": None,
            "approximate_guild_count": len(world.guilds),
            "approximate_user_install_count": 0,
            "approximate_user_authorization_count": 0,
            "explicit_content_filter": 0,
            "eligible_oauth2_scopes": [],
            "integration_types_config": {"0": {}},
        }

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
        if not message.flags & Flags.COMPONENTS_V2:
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


def _text(snowflake: int | None) -> str | None:
    return None if snowflake is None else str(snowflake)
