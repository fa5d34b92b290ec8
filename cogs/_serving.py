"""The bot at work, from its login to its end."""

import asyncio
from collections.abc import Callable, Collection, Coroutine
from typing import Any

from cogs._client import LibraryClient
from cogs._starting import stay_connected

# How long each step of the end may take; together less than _stopping.LEAVE_SECONDS.
FINISH_SECONDS, CLOSE_SECONDS, CANCEL_SECONDS = 1.2, 1.2, 0.3


async def serve(
    client: LibraryClient,
    stop: asyncio.Event,
    *beside: Coroutine[None, None, None],
    ending: Callable[[], None] = lambda: None,
) -> None:
    """Log in and serve until `stop`; what runs `beside` it ends everything if it fails.

    `ending` is called once the end has begun.
    """
    serving = asyncio.create_task(stay_connected(client), name="bot")
    stopping = asyncio.create_task(stop.wait())
    others = [asyncio.create_task(each) for each in beside]
    tasks: set[asyncio.Task[Any]] = {serving, stopping, *others}
    waiting = tasks
    try:
        while not (serving.done() or stopping.done()):
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        if not stopping.done():
            raise RuntimeError("The connection to Discord has ended.")
    finally:
        ending()
        await _finish(client)
        await _cancel(tasks)
        for task in tasks:
            if task.done() and not task.cancelled():
                task.exception()  # of a connection that breaks while it is ended: no news


async def _finish(client: LibraryClient) -> None:
    """Let members' commands come to their end, but not for long, and log out."""
    client.leaving = True
    if under_way := _under_way():
        await asyncio.wait(under_way, timeout=FINISH_SECONDS)
    await _cancel(_under_way())
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await client.close()
    except TimeoutError:  # Discord does not return the goodbye
        await client.http.close()
    await _cancel(_under_way())


def _under_way() -> list[asyncio.Task[Any]]:
    """discord.py's tasks for commands and events, which it tells nobody of."""
    names = ("discord.py: ", "CommandTree-invoker")
    return [task for task in asyncio.all_tasks() if task.get_name().startswith(names)]


async def _cancel(tasks: Collection[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=CANCEL_SECONDS)
