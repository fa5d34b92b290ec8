"""The log of changes that the page and the tests follow, by waiting for what comes next."""

import asyncio
from collections.abc import Callable

from sandbox.followers import Followers
from sandbox.views import Views
from sandbox.wire import Json
from sandbox.world import Happening, World

KEPT_EVENTS = 5000


class Events:
    """Numbers every change from 1 and keeps the last 5,000."""

    def __init__(self, world: World, views: Views) -> None:
        self._world = world
        self._views = views
        self._log: list[tuple[int, Happening, Json]] = []
        self._arrived = asyncio.Event()
        self._followers = Followers()
        self.last = 0
        world.subscribe(self._happened)

    def note(self, kind: str, **details: object) -> None:
        """Log something that is no change of the world: the clock, the bot's coming and going."""
        self._append(Happening(kind), {"kind": kind, **details})

    def _happened(self, happening: Happening) -> None:
        event: Json = {"kind": happening.kind}
        if happening.channel is not None:
            event["channel"] = happening.channel.name
            event["channel_id"] = str(happening.channel.id)
        if happening.message is not None:
            event["message_id"] = str(happening.message.id)
        if happening.account_id is not None:
            event["member"] = self._world.accounts[happening.account_id].name
        if happening.emoji is not None:
            event["emoji"] = happening.emoji
        self._append(happening, event)

    def follow(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have the listener told, at once, that there is something new; returns what ends that."""
        return self._followers.add(listener)

    def _append(self, happening: Happening, event: Json) -> None:
        self.last += 1
        self._log.append((self.last, happening, event))
        if len(self._log) > 2 * KEPT_EVENTS:
            del self._log[:KEPT_EVENTS]
        self._arrived.set()
        self._arrived = asyncio.Event()
        self._followers.tell()

    async def after(self, number: int, account_id: int | None, seconds: float) -> Json:
        """The events after this number that the account may know of (None: all of them); waits up
        to `seconds` of real time for the first. Messages are as they are now."""
        until = asyncio.get_running_loop().time() + seconds
        number = min(number, self.last)
        while True:
            arrived = self._arrived
            found = self.since(number, account_id)
            left = until - asyncio.get_running_loop().time()
            if found or left <= 0:
                return {"events": found, "last": self.last}
            number = self.last
            try:
                async with asyncio.timeout(left):
                    await arrived.wait()
            except TimeoutError:
                pass

    def since(self, number: int, account_id: int | None) -> list[Json]:
        """The events after this number that the account may know of (None: all of them)."""
        found: list[Json] = []
        # The newest are wanted, so look from the end.
        for n, happening, event in reversed(self._log):
            if n <= number:
                break
            if self._may_know(happening, account_id):
                shown = {"n": n, **event}
                message = happening.message
                if message is not None and happening.kind in ("message", "edit"):
                    shown["message"] = self._views.message(message)
                found.append(shown)
        found.reverse()
        return found

    def _may_know(self, happening: Happening, account_id: int | None) -> bool:
        if account_id is None:
            return True
        message, channel = happening.message, happening.channel
        if message is not None and message.ephemeral_to is not None:
            return message.ephemeral_to == account_id
        return channel is None or self._world.may(account_id, channel, "view_channel")
