"""The owner's command line: add, inspect, search, export, backup, restore, check.

`bot.py` reads the configuration and hands over at once. With `--json` a command prints one JSON
object per line on standard output and nothing else. Exit codes: 0 done; 2 wrong usage; 3 done in
part, some items refused; 78 the library file is not usable, with one line that says why.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path

from db import backup
from db.console.add import add_paths
from db.console.common import EX_CONFIG, EX_OK, Context
from db.console.export import export_works
from db.console.inspect import inspect_paths
from db.console.search import search_works
from db.errors import LibraryError, LibraryUnusable

Command = Callable[[Context, argparse.Namespace], Coroutine[None, None, int]]

_ASYNC: dict[str, Command] = {
    "add": add_paths,
    "inspect": inspect_paths,
    "search": search_works,
    "export": export_works,
}


def main(
    command: str, arguments: Sequence[str], *, library_path: Path, home_guild: int | None
) -> int:
    """Run one command and return its exit code."""
    try:
        options = parser(command).parse_args(arguments)
    except SystemExit as end:  # argparse has said what is wrong, or printed the help
        return int(end.code or 0)
    context = Context(library_path, options.guild, home_guild, options.json)
    try:
        return _run(command, context, options)
    except LibraryUnusable as error:
        context.warn(str(error))
        return EX_CONFIG
    except LibraryError as error:
        context.warn(str(error))
        return 2
    except BrokenPipeError:
        # Whoever read our output has left, as `head` does. Nothing more can be said to them.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EX_OK
    except KeyboardInterrupt:
        context.warn("Stopped. What was reported as stored is stored; run it again to go on.")
        return 130


def _run(command: str, context: Context, options: argparse.Namespace) -> int:
    if command in _ASYNC:
        return asyncio.run(_ASYNC[command](context, options))
    if command == "backup":
        return _said(context, backup.back_up(context.library_path, options.dest))
    if command == "restore":
        return _said(context, backup.restore(options.source, context.library_path))
    report = backup.check(context.library_path)
    context.put(
        {
            "library": str(context.library_path),
            "sound": report.is_sound,
            "findings": report.findings,
        },
        "\n".join(report.findings),
    )
    return EX_OK if report.is_sound else EX_CONFIG


def parser(command: str) -> argparse.ArgumentParser:
    """The options of one command."""
    described = {
        "add": "Add works from files, folders or .jsonl to the library.",
        "inspect": "Show what would be made of files, storing nothing.",
        "search": "Search the library as members do.",
        "export": "Write the library's published works as .jsonl.",
        "backup": "Copy the library to a new file; the bot may go on meanwhile.",
        "restore": "Put a backup in the library's place; stop the bot first.",
        "check": "Check that the library's file is sound.",
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
        type=int,
        metavar="ID",
        help="the server (default: home_guild, else the only one)",
    )
    made.add_argument("--json", action="store_true", help="print one JSON object per line")
    if command in ("add", "inspect"):
        made.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    elif command == "search":
        made.add_argument("query", nargs="?", metavar="QUERY")
        made.add_argument("--batch", type=Path, metavar="FILE", help="a query in each line")
        made.add_argument("--limit", type=_positive, default=10, metavar="N")
    elif command in ("export", "backup"):
        made.add_argument("dest", type=Path, metavar="DEST")
    elif command == "restore":
        made.add_argument("source", type=Path, metavar="SRC")
    if command == "export":
        made.add_argument("--force", action="store_true", help="replace DEST if it exists")
    return made


def _positive(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 1000:
        raise argparse.ArgumentTypeError("a number from 1 to 1000")
    return number


def _said(context: Context, sentence: str) -> int:
    context.put({"done": sentence}, sentence)
    return EX_OK
