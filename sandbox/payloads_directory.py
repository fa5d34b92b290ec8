"""The shapes of users, members, roles, channels, servers and the application."""

from datetime import datetime

from sandbox.model import Account, Channel, ChannelKind, Guild, Member, Role
from sandbox.wire import Json
from sandbox.world import World


def moment(when: datetime) -> str:
    """ISO 8601 with microseconds and offset, as Discord writes it."""
    return when.isoformat(timespec="microseconds")


class DirectoryPayloads:
    """Makes payloads of who and what there is."""

    def __init__(self, world: World) -> None:
        self._world = world

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


def _text(snowflake: int | None) -> str | None:
    return None if snowflake is None else str(snowflake)
