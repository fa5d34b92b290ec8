"""`export`: the library as the interchange format."""

import argparse
import os
from pathlib import Path

from db.console.common import EX_OK, Context
from db.errors import BadInput
from db.ingest import write_line
from db.library import Library


async def export_works(context: Context, options: argparse.Namespace) -> int:
    """Write every published work: to standard output for `-`, else to a file that is whole or
    not there."""
    dest: Path = options.dest
    if str(dest) == "-":
        async with context.library() as (library, guild_id):
            async for work in library.export(guild_id):
                context.put_line(write_line(work))
        return EX_OK
    _check_dest(dest, may_exist=options.force)
    async with context.library() as (library, guild_id):
        count = await _write(library, guild_id, dest)
    works = f"{count} work{'' if count == 1 else 's'}"
    context.put({"dest": str(dest), "works": count}, f"{works} written to {dest}.")
    return EX_OK


def _check_dest(dest: Path, *, may_exist: bool) -> None:
    # `add` goes by the ending; and /dev/null is not to be replaced by a file.
    if dest.suffix.casefold() != ".jsonl":
        raise BadInput(f"{dest} does not end in .jsonl, so add could not read it back. Rename it.")
    if dest.is_dir():
        raise BadInput(f"{dest} is a folder. Name a file in it.")
    if dest.exists() and not may_exist:
        raise BadInput(f"{dest} is there already. Choose another name, or add --force.")


async def _write(library: Library, guild_id: int, dest: Path) -> int:
    partial = dest.with_name(f"{dest.name}.partial")
    count = 0
    try:
        try:
            with partial.open("w", encoding="utf-8", newline="\n") as file:
                async for work in library.export(guild_id):
                    file.write(f"{write_line(work)}\n")
                    count += 1
                file.flush()
                os.fsync(file.fileno())
            partial.replace(dest)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise BadInput(f"{dest} cannot be written: {error.strerror}.") from None
    return count
