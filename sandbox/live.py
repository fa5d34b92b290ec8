"""The page's WebSocket: calls of the control API and their answers, and what happens meanwhile.

The page first sends {"token"}; a wrong one, or none in 5 s, closes with 4401. Then each
{"n", "call": "POST command", "body"} is answered by {"n", "answer"}, in whatever order they end.
One call is the line's own: "follow" with {"as"} has the events that this member may know of pushed
as {"event"} from now on.
"""

import asyncio
import contextlib
import json
import secrets
from collections.abc import Awaitable, Callable

from aiohttp import WSMsgType, web

from sandbox.actions import Actions
from sandbox.events import Events
from sandbox.offers import Impossible, Malformed
from sandbox.rest import REQUEST_LIMIT_BYTES
from sandbox.wire import Json, as_object
from sandbox.world import Unknown

TOKEN_SECONDS = 5.0
REFUSED = 4401
LARGEST_MESSAGE = 2 * REQUEST_LIMIT_BYTES  # files come in base64
Answering = Callable[[str, object], Awaitable[tuple[int, Json]]]


class Live:
    """Serves any number of pages."""

    def __init__(self, token: str, answer: Answering, events: Events, actions: Actions) -> None:
        self._token = token
        self._answer = answer
        self._events = events
        self._actions = actions

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One page's line, from its token to its end."""
        socket = web.WebSocketResponse(max_msg_size=LARGEST_MESSAGE, heartbeat=30)
        await socket.prepare(request)
        if not await self._admitted(socket):
            await socket.close(code=REFUSED, message=b"The control API wants its token.")
            return socket
        line = _Line(socket, self._answer, self._events, self._actions)
        await line.serve()
        return socket

    async def _admitted(self, socket: web.WebSocketResponse) -> bool:
        try:
            first = as_object(await socket.receive_json(timeout=TOKEN_SECONDS)) or {}
        except (TypeError, ValueError, TimeoutError):
            return False
        return secrets.compare_digest(str(first.get("token")).encode(), self._token.encode())


class _Line:
    """One page."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        answer: Answering,
        events: Events,
        actions: Actions,
    ) -> None:
        self._socket = socket
        self._answer = answer
        self._events = events
        self._actions = actions
        self._account_id: int | None = None
        self._seen = events.last
        self._news = asyncio.Event()

    async def serve(self) -> None:
        unfollow = self._events.follow(self._news.set)
        try:
            async with asyncio.TaskGroup() as tasks:
                pushing = tasks.create_task(self._push())
                async for message in self._socket:
                    if message.type is WSMsgType.TEXT:
                        tasks.create_task(self._call(message.data))
                pushing.cancel()
        except* ConnectionError:
            pass  # the page went away in the middle of a sentence
        finally:
            unfollow()

    async def _call(self, text: str) -> None:
        try:
            message = as_object(json.loads(text)) or {}
        except ValueError:
            message = {}
        name, body = str(message.get("call")), message.get("body", {})
        if name == "follow":
            answer = self._follow(as_object(body) or {})
        else:
            _, answer = await self._answer(name, body)
        await self._send({"n": message.get("n"), "answer": answer})

    def _follow(self, body: Json) -> Json:
        try:
            self._account_id = self._actions.person(body).id
        except (Unknown, Impossible, Malformed) as error:
            return {"error": str(error.args[0])}
        self._seen = self._events.last
        return {"last": self._seen}

    async def _push(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            if self._account_id is None:
                continue
            found, self._seen = (
                self._events.since(self._seen, self._account_id),
                self._events.last,
            )
            for event in found:
                await self._send({"event": event})

    async def _send(self, message: Json) -> None:
        with contextlib.suppress(ConnectionError):
            await self._socket.send_str(json.dumps(message, separators=(",", ":")))
