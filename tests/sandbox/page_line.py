"""The page's end of its WebSocket."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import aiohttp

from sandbox import Sandbox

PageLine = Callable[[], AbstractAsyncContextManager["Line"]]


class Line:
    """Makes calls and keeps what is pushed meanwhile."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.events: list[dict[str, Any]] = []
        self.traced: list[dict[str, Any]] = []
        self._last = 0

    async def send(self, call: str, /, **body: Any) -> int:
        """Begin a call; gives its number."""
        self._last += 1
        await self.socket.send_json({"n": self._last, "call": call, "body": body})
        return self._last

    async def answer(self, number: int | None) -> Any:
        """The answer to the call of this number."""
        while (message := await self._next()).get("n", 0) != number:
            pass
        return message["answer"]

    async def call(self, call: str, /, **body: Any) -> Any:
        """A call and its answer."""
        return await self.answer(await self.send(call, **body))

    async def event(self, kind: str) -> dict[str, Any]:
        """The next event of this kind."""
        while not (found := [event for event in self.events if event["kind"] == kind]):
            await self._next()
        del self.events[: self.events.index(found[0]) + 1]
        return found[0]

    async def trace(self, kind: str) -> dict[str, Any]:
        """The next entry of this kind."""
        while not (found := [entry for entry in self.traced if entry["kind"] == kind]):
            await self._next()
        del self.traced[: self.traced.index(found[0]) + 1]
        return found[0]

    async def _next(self) -> dict[str, Any]:
        message = await self.socket.receive_json(timeout=5)
        self.events += [message["event"]] if "event" in message else []
        self.traced += [message["trace"]] if "trace" in message else []
        return message


@asynccontextmanager
async def line_to(
    sandbox: Sandbox, http: aiohttp.ClientSession, **headers: str
) -> AsyncGenerator[Line]:
    """A page that has shown its token."""
    url = f"{sandbox.control.replace('http', 'ws')}/live"
    async with http.ws_connect(url, headers=headers, max_msg_size=0) as socket:
        await socket.send_json({"token": sandbox.token})
        yield Line(socket)
