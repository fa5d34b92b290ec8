"""The page's WebSocket: calls of the control API and their answers, and what happens meanwhile.

The page first sends {"token"}; a wrong one, or none in 5 s, closes with 4401. Then each
{"n", "call": "POST command", "body"} is answered by {"n", "answer"}, in whatever order they end;
what is no such call, or one too many, is answered by {"n", "answer": {"error": sentence}} as well.

Two calls are the line's own. "follow" with {"as"} has the events that this member may know of
pushed as {"event"} from now on. "watch" with {"on": true} has what goes over the wire pushed as
{"trace"}, and is answered by what is known of it so far; {"on": false} ends that.
"""

import asyncio
import contextlib
import json
import logging
import re
import secrets
from collections.abc import Awaitable, Callable

from aiohttp import WSCloseCode, WSMsgType, web

from sandbox.actions import Actions
from sandbox.events import Events
from sandbox.offers import Impossible, Malformed
from sandbox.rest import REQUEST_LIMIT_BYTES
from sandbox.trace import Trace
from sandbox.upcoming import Upcoming
from sandbox.wire import Json, as_object, dumps
from sandbox.world import Unknown

log = logging.getLogger(__name__)

TOKEN_SECONDS = 5.0
REFUSED = 4401
LARGEST_MESSAGE = 2 * REQUEST_LIMIT_BYTES  # files come in base64
LARGEST_FRAME = 2 * LARGEST_MESSAGE  # what is even larger ends the line
MOST_CALLS = 64  # at once
_NUMBER = re.compile(r'\s*\{\s*"n"\s*:\s*(\d{1,15})\b')
_MALFORMED = "A message is JSON: {n, call, body}."
_TOO_LARGE = f"That is more than {REQUEST_LIMIT_BYTES // 1024 // 1024} MB at once."
_TOO_MANY = f"More than {MOST_CALLS} calls wait for their answers; wait for some of them."
_FAILED = "The sandbox failed at this; its log says how."
Answering = Callable[[str, object], Awaitable[tuple[int, Json]]]


class Live:
    """Serves any number of pages."""

    def __init__(
        self,
        token: str,
        answer: Answering,
        events: Events,
        actions: Actions,
        trace: Trace,
        upcoming: Upcoming,
    ) -> None:
        self._token = token
        self._answer = answer
        self._events = events
        self._actions = actions
        self._trace = trace
        self._upcoming = upcoming
        self._open: set[web.WebSocketResponse] = set()

    async def close(self) -> None:
        """End all lines; the pages try to come back."""
        await asyncio.gather(*(socket.close(code=WSCloseCode.GOING_AWAY) for socket in self._open))

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One page's line, from its token to its end."""
        # Nothing is gained by compressing what never leaves the machine.
        socket = web.WebSocketResponse(max_msg_size=LARGEST_FRAME, heartbeat=30, compress=False)
        if not socket.can_prepare(request):
            return web.json_response({"error": "This is for a WebSocket."}, status=400)
        await socket.prepare(request)
        self._open.add(socket)
        try:
            if not await self._admitted(socket):
                await socket.close(code=REFUSED, message=b"The control API wants its token.")
                return socket
            line = _Line(socket, self._answer, self._events, self._actions, self._trace)
            with self._upcoming.watched():
                await line.serve()
        finally:
            self._open.discard(socket)
        return socket

    async def _admitted(self, socket: web.WebSocketResponse) -> bool:
        try:
            first = as_object(await socket.receive_json(timeout=TOKEN_SECONDS)) or {}
        except (TypeError, ValueError, TimeoutError):
            return False
        return secrets.compare_digest(str(first.get("token")).encode(), self._token.encode())


class _Line:
    """One page. What goes wrong on it, or in one of its calls, ends nothing else."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        answer: Answering,
        events: Events,
        actions: Actions,
        trace: Trace,
    ) -> None:
        self._socket = socket
        self._answer = answer
        self._events = events
        self._actions = actions
        self._trace = trace
        self._account_id: int | None = None
        self._seen = events.last
        self._traced: int | None = None  # the last entry that was pushed; None: nobody watches
        self._unwatch: Callable[[], None] = lambda: None
        self._news = asyncio.Event()
        self._calls: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        """Until the page goes away; calls that still run then are cancelled."""
        unfollow = self._events.follow(self._news.set)
        pushing = asyncio.create_task(self._push())
        try:
            async for message in self._socket:
                if message.type is WSMsgType.TEXT:
                    await self._heard(message.data)
                elif message.type is WSMsgType.BINARY:
                    await self._reply(None, {"error": _MALFORMED})
        finally:
            unfollow()
            self._unwatch()
            tasks = [pushing, *self._calls]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _heard(self, text: str) -> None:
        if len(text) > LARGEST_MESSAGE:
            number = _NUMBER.match(text)
            await self._reply(int(number[1]) if number else None, {"error": _TOO_LARGE})
            return
        try:
            message = as_object(json.loads(text))
        except (ValueError, RecursionError):
            message = None
        if message is None or not isinstance(message.get("call"), str):
            await self._reply(None if message is None else message.get("n"), {"error": _MALFORMED})
        elif len(self._calls) >= MOST_CALLS:
            await self._reply(message.get("n"), {"error": _TOO_MANY})
        else:
            call = asyncio.create_task(self._call(message))
            self._calls.add(call)
            call.add_done_callback(self._calls.discard)

    async def _call(self, message: Json) -> None:
        name, body = message["call"], message.get("body", {})
        try:
            if name == "follow":
                answer = self._follow(as_object(body) or {})
            elif name == "watch":
                answer = self._watch(as_object(body) or {})
            else:
                _, answer = await self._answer(name, body)
        except Exception:  # an accident in one call is no end of the line
            log.exception("%s", name)
            answer = {"error": _FAILED}
        await self._reply(message.get("n"), answer)

    def _follow(self, body: Json) -> Json:
        try:
            self._account_id = self._actions.person(body).id
        except (Unknown, Impossible, Malformed) as error:
            return {"error": str(error.args[0])}
        self._seen = self._events.last
        return {"last": self._seen}

    def _watch(self, body: Json) -> Json:
        self._unwatch()
        if body.get("on") is not True:
            self._traced, self._unwatch = None, lambda: None
            return {"trace": []}
        self._traced, self._unwatch = self._trace.last, self._trace.follow(self._news.set)
        return {"trace": self._trace.since(0)}

    async def _push(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                await self._tell()
            except Exception:  # the next news may be fit to be told
                log.exception("News for a page")

    async def _tell(self) -> None:
        if self._account_id is not None:
            seen, self._seen = self._seen, self._events.last
            for event in self._events.since(seen, self._account_id):
                await self._send({"event": event})
        if self._traced is not None:
            traced, self._traced = self._traced, self._trace.last
            for entry in self._trace.since(traced):
                await self._send({"trace": entry})

    async def _reply(self, number: object, answer: Json) -> None:
        await self._send({"n": number, "answer": answer})

    async def _send(self, message: Json) -> None:
        with contextlib.suppress(ConnectionError):
            await self._socket.send_str(dumps(message))
