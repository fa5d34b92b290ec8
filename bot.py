"""Ficshelf: the bot, its command tree, and the command line that starts it."""

import argparse
import asyncio
import contextlib
import hashlib
import json
import logging
import signal
import sys
import tempfile
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import discord
from discord import app_commands
from discord.asset import Asset
from discord.gateway import DiscordWebSocket
from discord.http import Route
from pydantic import SecretStr

from cogs._backups import keep_copies
from cogs._client import Interaction, LibraryClient
from cogs._errors import answer_error
from cogs._logs import set_up_logging
from cogs._settings import (
    TOKEN_VARIABLE,
    BadSettings,
    DiscordSettings,
    Settings,
    load_settings,
)
from cogs.daily import Daily
from cogs.fic import Fic
from cogs.help import Help
from cogs.library import Library as LibraryCog
from cogs.privacy import Privacy
from db.clock import Clock, SystemClock
from db.errors import LibraryUnusable
from db.library import Library

log = logging.getLogger("ficshelf")

EX_CONFIG = 78  # sysexits.h: the configuration, or the library's file, is not usable
CLOSE_SECONDS = 4
CONFIG = Path("config.toml")
DEFAULT_PORT = 8420
SAMPLES = Path(__file__).parent / "sandbox" / "fics"
SAMPLE_SERVER = "The Reading Room"
OWNER_COMMANDS = {
    "add": "add works from files, folders or .jsonl",
    "inspect": "show what would be made of them, storing nothing",
    "search": "search the library",
    "export": "write the library's works as .jsonl",
    "backup": "copy the library, also while the bot runs",
    "restore": "put a backup in the library's place",
    "check": "check the library and all that the bot needs",
}


class LibraryTree(app_commands.CommandTree["LibraryBot"]):
    """The commands; what goes wrong in them is answered by one chain."""

    async def interaction_check(self, interaction: Interaction, /) -> bool:  # pyright: ignore[reportIncompatibleMethodOverride]  # the client is always ours
        """Nobody is turned away here, but a server is made known before its first command."""
        await interaction.client.make_known(interaction.guild)
        return True

    async def on_error(  # pyright: ignore[reportIncompatibleMethodOverride]  # the client is always ours
        self, interaction: Interaction, error: app_commands.AppCommandError, /
    ) -> None:
        """Answer with the chain of cogs/_errors.py."""
        await answer_error(interaction, error)


class LibraryBot(LibraryClient):
    """The bot: its cogs, its commands, and what reaches it from Discord."""

    def __init__(self, library: Library, settings: Settings, clock: Clock) -> None:
        super().__init__(library, settings, clock, LibraryTree)

    async def setup_hook(self) -> None:
        """Add the cogs and sync the commands, once, before the gateway connects."""
        for cog in (Fic(self), LibraryCog(self), Daily(self), Privacy(self), Help()):
            await self.add_cog(cog)
        await self._sync()
        self.library.start_scrubbing()

    async def _sync(self) -> None:
        wanted = sorted(
            (command.to_dict(self.tree) for command in self.tree.get_commands()),
            key=lambda command: (str(command["type"]), str(command["name"])),
        )
        digest = hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()
        key = f"commands of {self.application_id}"
        when = self.settings.discord.sync
        if when == "never" or (when == "changed" and await self.library.meta(key) == digest):
            return
        try:
            await self.tree.sync()
        except discord.DiscordServerError as error:
            log.warning("The commands could not be synced (%s); the next start tries again.", error)
            return
        await self.library.set_meta(key, digest)
        log.info("Commands synced")

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Make the server known; the daily posts may start."""
        await self.make_known(guild)
        self.online.set()

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """The same for a server that the bot was just added to."""
        await self.on_guild_available(guild)

    async def on_message(self, message: discord.Message, /) -> None:
        """Messages are none of the bot's business."""

    async def on_interaction(self, interaction: Interaction) -> None:
        """Hand presses and forms to their handlers; commands go to the tree by themselves."""
        try:
            await self.make_known(interaction.guild)
            await self.router.route(interaction)
        except Exception as error:  # noqa: BLE001  # the chain logs what it does not know
            await answer_error(interaction, error)


def point_at(api: str) -> None:
    """Have discord.py speak to a Discord on this machine; the settings allow no other."""
    parts = urlsplit(api)
    Route.BASE = f"{api}/api/v10"
    Asset.BASE = f"{api}/cdn"  # pyright: ignore[reportAttributeAccessIssue]  # typed as a literal
    DiscordWebSocket.DEFAULT_GATEWAY = DiscordWebSocket.DEFAULT_GATEWAY.build(
        scheme="ws", host=parts.hostname or "", port=parts.port or 80, path="/gateway"
    )


async def serve(bot: LibraryBot, stop: asyncio.Event, *beside: Coroutine[None, None, None]) -> None:
    """Log in and serve until `stop`; what runs `beside` it ends everything if it fails."""
    serving = asyncio.create_task(bot.start(bot.settings.token), name="bot")
    stopping = asyncio.create_task(stop.wait())
    others = [asyncio.create_task(each) for each in beside]
    tasks: set[asyncio.Task[Any]] = {serving, stopping, *others}
    waiting = tasks
    try:
        while not (serving.done() or stopping.done()):
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
    finally:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await bot.close()
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl+C interrupts instead
            asyncio.get_running_loop().add_signal_handler(each, stop.set)
    return stop


async def run(settings: Settings, library_path: Path) -> None:
    """Serve Discord until told to stop."""
    stop = stop_on_signals()
    if settings.discord.api:
        point_at(settings.discord.api)
    clock = SystemClock()
    async with Library.open(library_path, clock=clock) as library:
        copies = keep_copies(library, library_path, settings.backup, clock)
        await serve(LibraryBot(library, settings, clock), stop, library.warm_ingest(), copies)


async def try_out(options: argparse.Namespace, library_path: Path | None) -> None:
    """Serve a Discord on this machine, with the sample fics."""
    from sandbox import Sandbox  # only here: the bot itself never needs it

    stop = stop_on_signals()
    with tempfile.TemporaryDirectory(prefix="ficshelf-") as folder:
        path = library_path or Path(folder) / "library.sqlite3"
        is_new = not path.exists()
        async with Sandbox(options.port, options.control_token) as sandbox:
            # Always: this Discord is new, however old the library is.
            here = DiscordSettings(
                api=sandbox.api, token=SecretStr(sandbox.bot_token), sync="always"
            )
            point_at(sandbox.api)
            servers = sandbox.world.guilds.values()
            server = next(guild for guild in servers if guild.name == SAMPLE_SERVER)

            async def announce() -> None:
                if is_new:
                    await add_samples(library, server.id)
                await sandbox.bot_ready()
                line = {"page": sandbox.page, "control": sandbox.control, "token": sandbox.token}
                say(
                    json.dumps({**line, "ready": True})
                    if options.json
                    else f"The bot is in a Discord on this machine: {sandbox.page}\nCtrl+C ends it."
                )

            async with Library.open(path, clock=sandbox.clock) as library:
                settings = Settings(discord=here)
                await serve(LibraryBot(library, settings, sandbox.clock), stop, announce())


async def add_samples(library: Library, guild_id: int) -> None:
    """Put the sample fics into the library, the ordinary way."""
    await library.welcome_guild(guild_id, SAMPLE_SERVER)
    for file in sorted(SAMPLES.iterdir()):
        if file.is_dir() or file.name == "README.md":
            continue
        readings = await library.inspect(guild_id, file.name, file.read_bytes())
        await library.add(guild_id, [reading.work for reading in readings], by=None)


def say(line: str) -> None:
    """Print on standard output, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(argv: Sequence[str]) -> int:
    """The command line; returns the exit code."""
    common = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    common.add_argument("--config", type=Path, metavar="PATH", help="default: config.toml")
    common.add_argument("--library", type=Path, metavar="PATH", help="the library's file")
    given, rest = common.parse_known_args(argv)
    command = rest.pop(0) if rest and not rest[0].startswith("-") else None
    try:
        if command == "check":
            return _check_up(rest, given)
        if command in OWNER_COMMANDS:
            return _hand_over(command, rest, given)
        options = _parser(common).parse_args([command, *rest] if command else rest)
        if command == "try":
            set_up_logging("WARNING")
            asyncio.run(try_out(options, given.library))
        else:
            settings = _settings(given)
            set_up_logging(settings.log.level)
            if not settings.token:
                where = f"{TOKEN_VARIABLE}, or “discord.token” in {given.config or CONFIG}"
                return _fail(f"There is no token: set {where}.", EX_CONFIG)
            asyncio.run(run(settings, given.library or Path(settings.library.path)))
    except (BadSettings, LibraryUnusable) as error:
        return _fail(str(error), EX_CONFIG)
    except discord.LoginFailure:
        where = f"{TOKEN_VARIABLE} or “discord.token”"
        return _fail(f"Discord refused the token; check {where}.", EX_CONFIG)
    except (discord.HTTPException, aiohttp.ClientError) as error:
        return _fail(f"Discord cannot be reached: {error}. Try again later.", 1)
    return 0


def _hand_over(command: str, arguments: Sequence[str], given: argparse.Namespace) -> int:
    from db import console  # only here: the bot itself never needs it

    settings = _settings(given)
    return console.main(
        command,
        arguments,
        library_path=given.library or Path(settings.library.path),
        home_guild=settings.discord.home_guild or None,
    )


def _check_up(arguments: Sequence[str], given: argparse.Namespace) -> int:
    from cogs._doctor import check_up  # only here: the bot itself never needs it

    return check_up(
        arguments,
        config=given.config or CONFIG,
        must_exist=given.config is not None,
        library=given.library,
        point_at=point_at,
    )


def _settings(given: argparse.Namespace) -> Settings:
    return load_settings(given.config or CONFIG, must_exist=given.config is not None)


def _fail(sentence: str, code: int) -> int:
    sys.stderr.write(f"{sentence}\n")
    return code


def _parser(common: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bot.py",
        description="Ficshelf, a fan-fiction librarian for Discord.",
        parents=[common],
        allow_abbrev=False,
    )
    subparsers = parser.add_subparsers(metavar="COMMAND", dest="command")
    running = "serve Discord (the default)"
    subparsers.add_parser("run", help=running, description="Serve Discord.", parents=[common])
    trying = subparsers.add_parser(
        "try",
        help="serve a Discord on this machine: no token, no account",
        parents=[common],
        description="Start a Discord on this machine with the bot and sample fics in it.",
    )
    trying.add_argument("--port", type=_port, default=DEFAULT_PORT, help="default: %(default)s")
    trying.add_argument("--control-token", metavar="TOKEN", help="default: a random one")
    trying.add_argument("--json", action="store_true", help="print one line of JSON when ready")
    for name, about in OWNER_COMMANDS.items():
        subparsers.add_parser(name, help=about, add_help=False)
    return parser


def _port(typed: str) -> int:
    if not (typed.isascii() and typed.isdigit() and int(typed) < 65_536):
        raise argparse.ArgumentTypeError("a number from 0 to 65535; 0 is any free one")
    return int(typed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
