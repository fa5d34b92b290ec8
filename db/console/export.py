"""`export`: the library as the interchange format."""

import argparse
import sys
from pathlib import Path

from db.console.common import EX_OK, EX_USAGE, Context
from db.ingest import write_line


async def export_works(context: Context, options: argparse.Namespace) -> int:
    """Write every published work; to standard output for `-`, else beside DEST and then renamed,
    so that DEST is whole or not there."""
    dest: Path = options.dest
    async with context.library() as (library, guild_id):
        if str(dest) == "-":
            async for work in library.export(guild_id):
                sys.stdout.write(write_line(work) + "\n")
            return EX_OK
        if _exists(dest) and not options.force:
            context.warn(f"{dest} is there already. Choose another name, or add --force.")
            return EX_USAGE
        partial = dest.with_name(dest.name + ".partial")
        count = 0
        try:
            with partial.open("w", encoding="utf-8") as file:
                async for work in library.export(guild_id):
                    file.write(write_line(work) + "\n")
                    count += 1
            partial.replace(dest)
        except OSError as error:
            context.warn(f"{dest} cannot be written: {error.strerror}.")
            return EX_USAGE
        finally:
            partial.unlink(missing_ok=True)
    context.put({"dest": str(dest), "works": count}, f"{count} works written to {dest}.")
    return EX_OK


def _exists(path: Path) -> bool:
    return path.exists()
