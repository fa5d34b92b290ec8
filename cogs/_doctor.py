"""`check`, as far as it needs the configuration or Discord; the rest is db/doctor.py.

Discord is asked over REST alone, so that a bot that runs keeps its session.
"""

import asyncio
import os
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import aiohttp
import discord

from cogs._backups import plan_of
from cogs._settings import TOKEN_VARIABLE, BadSettings, load_settings, token_in
from cogs._text import joined
from db import console
from db.daily.models import DailySchedule
from db.doctor import Checkup, Finding
from db.duties import Duties

LOGIN_SECONDS = 20
SERVER_SECONDS = 20
_NEEDED = ("view_channel", "send_messages", "embed_links", "attach_files", "read_message_history")
_NEEDED_OF_LOG = ("view_channel", "send_messages")
_IN_THREADS = {  # where there are no threads within threads
    "send_messages": "send_messages_in_threads",
    "create_public_threads": "send_messages_in_threads",
}
_WHERE_TOKEN = f"{TOKEN_VARIABLE}, or “discord.token” in the configuration"


def check_up(
    arguments: Sequence[str],
    *,
    config: Path,
    must_exist: bool,
    library: Path | None,
    point_at: Callable[[str], None],
) -> int:
    """Run `check` with what the configuration says; one that cannot be used is a finding too."""
    try:
        settings = load_settings(config, must_exist=must_exist)
    except BadSettings as error:
        mend = "Correct it; config.example.toml shows every key."
        findings = [Finding("configuration", False, str(error), mend, grave=True)]
        checkup = Checkup(findings, library_is_known=library is not None)
        path = library or Path()
        return console.main("check", arguments, library_path=path, home_guild=None, checkup=checkup)
    if settings.discord.api:
        point_at(settings.discord.api)

    async def ask(duties: Duties | None) -> list[Finding]:
        return await examine_discord(settings.token, duties)

    checkup = Checkup(list(_configuration(config)), plan_of(settings.backup), discord=ask)
    return console.main(
        "check",
        arguments,
        library_path=library or Path(settings.library.path),
        home_guild=settings.discord.home_guild or None,
        checkup=checkup,
    )


def _configuration(config: Path) -> Iterable[Finding]:
    about = "configuration"
    if not config.exists():
        said = f"There is no {config}; everything is as it is by default."
        yield Finding(about, None, said)
        return
    yield Finding(about, True, f"{config} can be used.")
    if token_in(config) and config.stat().st_mode & stat.S_IROTH and os.name == "posix":
        said = f"{config} holds the token, and every user of this machine can read it."
        yield Finding(about, False, said, f"Run: chmod 600 {config}")


async def examine_discord(token: str, duties: Duties | None) -> list[Finding]:
    """Whether Discord takes the token, and the bot may do its duties in each server."""
    about = "discord"
    if not token:
        mend = f"To have it asked, set {_WHERE_TOKEN}."
        return [Finding(about, None, "There is no token, so Discord was not asked.", mend)]
    # The permissions are worked out from what REST tells; nothing arrives by itself.
    client = discord.Client(intents=discord.Intents(guilds=True), max_messages=None)
    try:
        async with asyncio.timeout(LOGIN_SECONDS):
            await client.login(token)
        findings = [_application(client)]
        for guild_id in _servers(duties):
            findings += await _server(client, guild_id, duties)
    except discord.LoginFailure:
        mend = f"Set the bot’s token, from the developer portal: {_WHERE_TOKEN}."
        return [Finding(about, False, "Discord refuses the token.", mend, grave=True)]
    except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
        return [_unreachable(error)]
    finally:
        await client.close()
    return findings


def _unreachable(error: Exception) -> Finding:
    why = f"{type(error).__name__}: {error}".rstrip(": ")
    return Finding(
        "discord", False, f"Discord cannot be reached ({why}).", "See to the network; try later."
    )


def _application(client: discord.Client) -> Finding:
    assert client.user is not None
    said = f"Discord takes the token, as {client.user} (application {client.application_id})."
    return Finding("discord", True, f"{said} No privileged intents are needed.")


def _servers(duties: Duties | None) -> list[int]:
    if duties is None:
        return []
    return list(dict.fromkeys([*(one.guild_id for one in duties.schedules), *duties.logs]))


async def _server(client: discord.Client, guild_id: int, duties: Duties | None) -> list[Finding]:
    assert duties is not None
    assert client.user is not None
    name = f"{duties.names.get(guild_id, 'A server')} ({guild_id})"
    try:
        async with asyncio.timeout(SERVER_SECONDS):
            guild = await client.fetch_guild(guild_id, with_counts=False)
            me = await guild.fetch_member(client.user.id)
            channels = {channel.id: channel for channel in await guild.fetch_channels()}
            place = _Place(client, name, me, channels)
            findings = [
                await place.examine(_what(one), one.channel_id, _needed(one))
                for one in duties.schedules
                if one.guild_id == guild_id
            ]
            if guild_id in duties.logs:
                what = "the log channel"
                findings.append(await place.examine(what, duties.logs[guild_id], _NEEDED_OF_LOG))
            return findings
    except (discord.NotFound, discord.Forbidden):
        said = f"{name}: the bot is not in this server (any more)."
        mend = "Invite it again; if it is not wanted there, nothing needs to be done."
        return [Finding("discord", False, said, mend)]
    except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
        return [_unreachable(error)]


def _what(schedule: DailySchedule) -> str:
    return f"the recommendations called “{schedule.name}”"


def _needed(schedule: DailySchedule) -> tuple[str, ...]:
    return (*_NEEDED, "create_public_threads") if schedule.thread else _NEEDED


class _Place:
    """A server, and what the bot may do in its channels."""

    def __init__(
        self,
        client: discord.Client,
        name: str,
        me: discord.Member,
        channels: Mapping[int, discord.abc.GuildChannel],
    ) -> None:
        self._client = client
        self._name = name
        self._me = me
        self._channels = channels

    async def examine(self, what: str, channel_id: int, needed: Sequence[str]) -> Finding:
        """Whether a channel is there and the bot may do in it what it has to."""
        about = "discord"
        try:
            channel = self._channels.get(channel_id) or await self._thread(channel_id)
        except (discord.NotFound, discord.Forbidden, discord.InvalidData):
            channel = None
        if channel is None:
            said = f"{self._name}: the channel of {what} is gone, or the bot cannot see it."
            return Finding(about, False, said, "Let the bot see it, or choose another channel.")
        is_thread = isinstance(channel, discord.Thread)
        parent = self._channels.get(channel.parent_id) if is_thread else channel
        where = f"{self._name}, #{channel.name}"
        if parent is None:
            said = f"{where}: the channel that this thread is in cannot be seen."
            return Finding(about, False, said, "Let the bot see that channel.")
        if is_thread:
            needed = [_IN_THREADS.get(name, name) for name in needed]
        # As the settings have it: the channel's own method also denies what follows from a
        # denial, such as Embed Links without Send Messages, and does not know threads.
        mine = discord.abc.GuildChannel.permissions_for(parent, self._me)
        missing = [_shown(name) for name in dict.fromkeys(needed) if not getattr(mine, name)]
        if missing:
            said = f"{where}: for {what} the bot lacks {joined(missing)}."
            mend = "Allow that to the bot’s role, in the channel’s settings under Permissions."
            return Finding(about, False, said, mend)
        return Finding(about, True, f"{where}: the bot may do all that {what} needs.")

    async def _thread(self, channel_id: int) -> discord.Thread | None:
        # Threads are not among a server's channels.
        channel = await self._client.fetch_channel(channel_id)
        if isinstance(channel, discord.Thread) and channel.guild.id == self._me.guild.id:
            return channel
        return None


def _shown(permission: str) -> str:
    """A permission as Discord's own settings call it."""
    return permission.replace("_", " ").title().replace(" In ", " in ")
