"""Telling Discord what commands there are, when they changed."""

import asyncio
import hashlib
import json
import logging
from contextlib import suppress

import discord

from cogs._client import LibraryClient
from cogs._starting import UNREACHABLE
from db.errors import StorageFull

log = logging.getLogger("ficshelf")

SYNC_SECONDS = 30.0  # then the bot goes on without: the old commands are better than none
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 60.0, 3600.0


async def sync_commands(client: LibraryClient) -> bool:
    """Tell Discord the commands if they changed since it was told; whether it knows them now."""
    tree, library = client.tree, client.library
    wanted = sorted(
        (command.to_dict(tree) for command in tree.get_commands()),
        key=lambda command: (str(command["type"]), str(command["name"])),
    )
    digest = hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()
    key = f"commands of {client.application_id}"
    when = client.settings.discord.sync
    if when == "never" or (when == "changed" and await library.meta(key) == digest):
        return True
    # A request that breaks off may have got through: until it is answered nobody knows.
    # Nor is it known where the disk is full: the next start syncs them once more.
    with suppress(StorageFull):
        await library.set_meta(key, "")
    try:
        async with asyncio.timeout(SYNC_SECONDS):
            await tree.sync()
    except (*UNREACHABLE, discord.DiscordException) as error:
        why = str(error) or error.__class__.__name__
        log.warning("The commands could not be synced: %s", why)
        return False
    with suppress(StorageFull):
        await library.set_meta(key, digest)
    log.info("Commands synced")
    return True


async def sync_later(client: LibraryClient) -> None:
    """Go on trying, beside everything else."""
    wait = FIRST_WAIT_SECONDS
    while True:
        log.info("The commands are synced again in %.0f s", wait)
        await asyncio.sleep(wait)
        if await sync_commands(client):
            return
        wait = min(2 * wait, LONGEST_WAIT_SECONDS)
