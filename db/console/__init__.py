"""The owner's command line: add, inspect, search, export, backup, restore, check.

`bot.py` reads the configuration and hands over at once: it takes `--config` and `--library`
itself, the other options are read here. With `--json` a command prints one JSON object per line
on standard output and nothing else; what is no result goes to standard error.

Exit codes: 0 done; 1 `check` found something to mend; 2 wrong usage; 3 done in part, some items
refused; 78 the library file is not usable, with one line that says why; 130 stopped by Ctrl-C or
SIGTERM.
"""

import argparse
import asyncio
import signal
import sqlite3
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path

from db.console.add import add_paths
from db.console.common import (
    EX_CONFIG,
    EX_OK,
    EX_STOPPED,
    EX_USAGE,
    Context,
    prepare_output,
)
from db.console.export import export_works
from db.console.inspect import inspect_paths
from db.console.search import search_works
from db.console.stopping import Stops
from db.console.upkeep import back_up, check, restore
from db.doctor import Checkup
from db.errors import LibraryDamaged, LibraryError, LibraryUnusable, StorageFull
from db.soundness import is_damaged

MOST_RESULTS = 1000
_MOST_ID = 2**63 - 1  # a snowflake, as SQLite keeps it

_COMMANDS: dict[str, Callable[[Context, argparse.Namespace], Coroutine[None, None, int] | int]] = {
    "add": add_paths,
    "inspect": inspect_paths,
    "search": search_works,
    "export": export_works,
    "backup": back_up,
    "restore": restore,
    "check": check,
}


def main(
    command: str,
    arguments: Sequence[str],
    *,
    library_path: Path,
    home_guild: int | None,
    checkup: Checkup | None = None,
) -> int:
    """Run one command and return its exit code."""
    try:
        options = parser(command).parse_args(arguments)
    except SystemExit as end:  # argparse has said what is wrong, or printed the help
        return int(end.code or 0)
    prepare_output(utf8=options.json or command == "export")
    context = Context(
        library_path, options.guild, home_guild, options.json, Stops(), checkup or Checkup()
    )
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return _run(command, context, options)
    except (LibraryUnusable, StorageFull) as error:
        context.warn(str(error))
        return EX_CONFIG
    except sqlite3.Error as error:
        context.warn(f"{library_path} cannot be used ({error}). The command check may tell why.")
        return EX_CONFIG
    except LibraryError as error:
        context.warn(str(error))
        return EX_USAGE
    except BrokenPipeError:
        return EX_OK
    except (KeyboardInterrupt, asyncio.CancelledError):
        context.warn("Stopped.")
        return EX_STOPPED
    except Exception:
        # A value that no library has may come to anything.
        if not is_damaged(library_path):
            raise
        context.warn(str(LibraryDamaged()))
        return EX_CONFIG
    finally:
        signal.signal(signal.SIGTERM, before)


def _run(command: str, context: Context, options: argparse.Namespace) -> int:
    outcome = _COMMANDS[command](context, options)
    if isinstance(outcome, int):
        return outcome

    async def listening() -> int:
        context.stops.listen()
        return await outcome

    return asyncio.run(listening())


def _path(text: str) -> Path:
    if not text:  # an unset shell variable: Path("") would be the current folder
        raise argparse.ArgumentTypeError("a path may not be empty")
    return Path(text)


def parser(command: str) -> argparse.ArgumentParser:
    """The options of one command."""
    described = {
        "add": "Add works from files, folders or .jsonl to the library.",
        "inspect": "Show what would be made of files, storing nothing.",
        "search": "Search the library as members do.",
        "export": "Write the library's published works as .jsonl.",
        "backup": "Copy the library to a new file; the bot may go on meanwhile.",
        "restore": "Put a backup in the library's place; stop the bot first.",
        "check": "Check the configuration, the library, its backups, and what Discord allows.",
    }
    made = argparse.ArgumentParser(
        prog=f"bot.py {command}",
        description=described[command],
        allow_abbrev=False,
        epilog="Also: --config PATH, the configuration (default: config.toml); "
        "--library PATH, the library's file.",
    )
    made.add_argument(
        "--guild",
        type=_server,
        metavar="ID",
        help="the server (default: home_guild, else the only one, else 0)",
    )
    made.add_argument("--json", action="store_true", help="print one JSON object per line")
    if command in ("add", "inspect"):
        made.add_argument("paths", nargs="+", type=_path, metavar="PATH", help="a file or folder")
    elif command == "search":
        made.add_argument("query", nargs="*", metavar="QUERY", help="the words to look for")
        made.add_argument("--batch", type=_path, metavar="FILE", help="a query in each line")
        made.add_argument(
            "--limit",
            type=_limit,
            default=10,
            metavar="N",
            help="show at most so many works (default: %(default)s)",
        )
    elif command == "export":
        made.add_argument("dest", type=_path, metavar="DEST", help="a .jsonl file, or - for here")
        made.add_argument("--force", action="store_true", help="replace DEST if it exists")
    elif command == "backup":
        made.add_argument("dest", type=_path, metavar="DEST", help="a file that is not there yet")
    elif command == "restore":
        made.add_argument("source", type=_path, metavar="SRC", help="a backup, or a folder")
    elif command == "check":
        made.add_argument("--offline", action="store_true", help="do not ask Discord")
    return made


def _server(text: str) -> int:
    return _number(text, 0, _MOST_ID)


def _limit(text: str) -> int:
    return _number(text, 1, MOST_RESULTS)


def _number(text: str, low: int, high: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20 and low <= int(text) <= high):
        raise argparse.ArgumentTypeError(f"“{text}” is not a number from {low} to {high}")
    return int(text)
