"""Ficshelf: the command line that starts the bot, and what runs beside it."""

import sys

from cogs import _heartbeat, _stopping

if __name__ == "__main__":  # before what takes long to import
    if _heartbeat.FLAG in sys.argv:
        sys.exit(_heartbeat.health_check(sys.argv[1:]))
    _stopping.end_quietly()

import argparse
import asyncio
import functools
import json
import logging
import tempfile
from collections.abc import Coroutine, Sequence
from datetime import datetime
from pathlib import Path

from pydantic import SecretStr

from cogs._backups import keep_copies
from cogs._bot import LibraryBot, bot_for, settle_memory
from cogs._health import Heart
from cogs._logs import set_up_logging
from cogs._metrics import Metrics
from cogs._serving import serve
from cogs._settings import (
    TOKEN_VARIABLE,
    BadSettings,
    DiscordSettings,
    LogSettings,
    Settings,
    load_settings,
)
from cogs._starting import DiscordRefuses, point_at
from db.clock import Clock, SystemClock
from db.errors import LibraryUnusable
from db.library import Library

log = logging.getLogger("ficshelf")

# sysexits.h: Discord will not have this bot; the configuration or the library is not usable.
EX_FAILED, EX_UNAVAILABLE, EX_CONFIG = 1, 69, 78
CONFIG = Path("config.toml")
DEFAULT_PORT = 8420
SAMPLES = Path(__file__).parent / "sandbox" / "fics"
TO_ADD = SAMPLES / "to-add"
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


async def run(settings: Settings, library_path: Path, clock: Clock | None = None) -> None:
    """Serve Discord until told to stop.

    Raises:
        LibraryUnusable, BadSettings, DiscordRefuses: each with one line for the owner.
    """
    clock = clock or SystemClock()
    with _stopping.Stopping() as stopping:
        if settings.discord.api:
            point_at(settings.discord.api)
        async with Library.open(library_path, clock=clock) as library:
            bot = bot_for(library, settings, clock)
            heart = Heart(bot, library_path)
            copies = keep_copies(library, library_path, settings.backup, clock)
            beside = [heart.run(), library.warm_ingest(), copies, settle_memory(bot)]
            if port := settings.metrics.port:
                beside.append(Metrics(bot, heart, library_path).run(port))
            ending = functools.partial(stopping.leave, EX_FAILED)
            await serve(bot, stopping.asked, *beside, ending=ending)


async def try_out(options: argparse.Namespace, library_path: Path | None) -> None:
    """Serve a Discord on this machine, with the sample fics."""
    from sandbox import Sandbox  # only here: the bot itself never needs it

    with (
        _stopping.Stopping() as stopping,
        tempfile.TemporaryDirectory(prefix="ficshelf-") as folder,
    ):
        path = library_path or Path(folder) / "library.sqlite3"
        is_new = not path.exists()
        shelf: Library | None = None

        async def next_post() -> datetime | None:
            return await shelf.daily.next_of_all() if shelf else None

        async with Sandbox(
            options.port,
            options.control_token,
            next_post=next_post,
            samples={file.name: file.read_bytes() for file in sorted(TO_ADD.iterdir())},
        ) as sandbox:
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
                shelf = library
                bot = LibraryBot(library, Settings(discord=here), sandbox.clock)
                ending = functools.partial(stopping.leave, EX_FAILED)
                try:
                    await serve(bot, stopping.asked, announce(), ending=ending)
                finally:
                    shelf = None  # the page may still ask


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
    if _heartbeat.FLAG in argv:
        return _heartbeat.health_check(argv)
    common = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    common.add_argument("--config", type=Path, metavar="PATH", help="default: config.toml")
    common.add_argument("--library", type=Path, metavar="PATH", help="the library's file")
    given, rest = common.parse_known_args(argv)
    command = rest.pop(0) if rest and not rest[0].startswith("-") else None
    try:
        if command in OWNER_COMMANDS:
            _stopping.end_by_default()  # they have ways of their own
            hand_over = _check_up if command == "check" else _hand_over
            return hand_over(command, rest, given)
        options = _parser(common).parse_args([command, *rest] if command else rest)
        if command == "try":
            set_up_logging(LogSettings(level="WARNING"))
            return asyncio.run(_to_its_end(try_out(options, given.library)))
        settings = _settings(given)
        set_up_logging(settings.log, [settings.token])
        if not settings.token:
            where = f"{TOKEN_VARIABLE}, or “discord.token” in {given.config or CONFIG}"
            return _fail(f"There is no token: set {where}.", EX_CONFIG)
        serving = run(settings, given.library or Path(settings.library.path))
        return asyncio.run(_to_its_end(serving, logs_to_file=bool(settings.log.file)))
    except (BadSettings, LibraryUnusable) as error:
        return _fail(str(error), EX_CONFIG)


async def _to_its_end(serving: Coroutine[None, None, None], *, logs_to_file: bool = False) -> int:
    code = EX_FAILED
    try:
        await serving
        code = 0
    except (BadSettings, LibraryUnusable, DiscordRefuses) as error:
        code = EX_UNAVAILABLE if isinstance(error, DiscordRefuses) else EX_CONFIG
        _fail(str(error), code)
        if logs_to_file:
            log.critical("%s", error)
    except Exception:
        log.critical("The bot ends by an error that nobody foresaw", exc_info=True)
    finally:
        _stopping.leave_soon(code)
    return code


def _hand_over(command: str, arguments: Sequence[str], given: argparse.Namespace) -> int:
    from db import console  # only here: the bot itself never needs it

    settings = _settings(given)
    return console.main(
        command,
        arguments,
        library_path=given.library or Path(settings.library.path),
        home_guild=settings.discord.home_guild or None,
    )


def _check_up(_: str, arguments: Sequence[str], given: argparse.Namespace) -> int:
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
        epilog="Exit codes: 0 done, or told to stop; 1 it failed, see the log; 2 wrong usage; "
        "3 done in part; 69 Discord refuses the token or what the bot asks for; 78 the "
        "configuration or the library's file is not usable; 130 an owner's command was stopped.",
        parents=[common],
        allow_abbrev=False,
    )
    subparsers = parser.add_subparsers(metavar="COMMAND", dest="command")
    running = "serve Discord (the default)"
    serving = subparsers.add_parser(
        "run", help=running, description="Serve Discord.", parents=[common]
    )
    for each in (parser, serving):
        each.add_argument(
            _heartbeat.FLAG, action="store_true", help="say how the running bot is: exit 0 or 1"
        )
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
