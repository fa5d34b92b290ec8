"""A server's library as a file that can be imported again."""

import asyncio
import tempfile
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import discord

from cogs import _text as text
from cogs._client import Interaction
from db.errors import Conflict
from db.ingest import write_line
from db.models import NewWork

LIMIT_BYTES = 10 * 1024 * 1024  # of a file in a message, on any server
TOO_LARGE = (
    "This library is larger than Discord takes as a file. The bot's owner can write it out with "
    "“python bot.py export”."
)


async def send_export(interaction: Interaction, guild_id: int) -> None:
    """Answer a deferred interaction with all published works, a line of JSON for each.

    Raises:
        Conflict: there is nothing, or too much for a file on Discord.
    """
    number = 0
    with tempfile.TemporaryDirectory(prefix="ficshelf-") as folder:
        path = Path(folder, "library.jsonl")
        async for work in interaction.client.library.export(guild_id):
            await asyncio.to_thread(_append, path, work)
            number += 1
        if not number:
            raise Conflict("There is nothing in this library yet.")
        file = await asyncio.to_thread(_fitting, path)
        if file is None:
            raise Conflict(TOO_LARGE)
        said = f"{text.count(number, 'work')}. /library import takes this file."
        await interaction.followup.send(said, file=discord.File(file), ephemeral=True)


def _append(path: Path, work: NewWork) -> None:
    with path.open("ab") as lines:
        lines.write(f"{write_line(work)}\n".encode("utf-8", "replace"))


def _fitting(path: Path) -> Path | None:
    """The file, or a zip of it, whichever Discord takes; None if neither."""
    if path.stat().st_size <= LIMIT_BYTES:
        return path
    packed = path.with_suffix(".zip")
    with ZipFile(packed, "w", ZIP_DEFLATED) as package:
        package.write(path, path.name)
    return packed if packed.stat().st_size <= LIMIT_BYTES else None
