"""One websocket connection to the gateway: opcodes, compression, heartbeat, in-order sending."""

import asyncio
import importlib
import json
import time
import zlib
from collections import deque
from collections.abc import Awaitable, Callable
from enum import IntEnum
from typing import Any, Protocol

from aiohttp import WSMsgType, web

from sandbox.rest import drop
from sandbox.session import Session
from sandbox.wire import Json, as_int, as_object

HEARTBEAT_MS = 41250
LARGEST_PAYLOAD_BYTES = 4096
EVENTS_A_MINUTE = 120
GOODBYE_SECONDS = 1.0


class Op(IntEnum):
    """Gateway opcodes."""

    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE = 3
    VOICE_STATE = 4
    RESUME = 6
    RECONNECT = 7
    REQUEST_MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


class Close(IntEnum):
    """Gateway close codes."""

    GOING_AWAY = 1001
    UNKNOWN_OPCODE = 4001
    DECODE_ERROR = 4002
    NOT_AUTHENTICATED = 4003
    AUTHENTICATION_FAILED = 4004
    ALREADY_AUTHENTICATED = 4005
    INVALID_SEQUENCE = 4007
    RATE_LIMITED = 4008
    SESSION_TIMED_OUT = 4009
    INVALID_SHARD = 4010
    INVALID_VERSION = 4012
    INVALID_INTENTS = 4013
    DISALLOWED_INTENTS = 4014


class _Compressor(Protocol):
    def squeeze(self, data: bytes) -> bytes: ...


class _Zlib:
    def __init__(self) -> None:
        self._stream = zlib.compressobj()

    def squeeze(self, data: bytes) -> bytes:
        return self._stream.compress(data) + self._stream.flush(zlib.Z_SYNC_FLUSH)


class _Zstd:
    def __init__(self) -> None:
        zstandard: Any = importlib.import_module("zstandard")
        self._stream = zstandard.ZstdCompressor().compressobj()
        self._flush = zstandard.COMPRESSOBJ_FLUSH_BLOCK

    def squeeze(self, data: bytes) -> bytes:
        return self._stream.compress(data) + self._stream.flush(self._flush)


_COMPRESSORS: dict[str, Callable[[], _Compressor]] = {"zlib-stream": _Zlib, "zstd-stream": _Zstd}

Receiver = Callable[["Connection", int, object], Awaitable[None]]


class Connection:
    """A client on the line. Compression is one stream for the whole connection, as asked for."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self._compressor: _Compressor | None = None
        self._outbox: asyncio.Queue[str | None] = asyncio.Queue()
        self._recent: deque[float] = deque(maxlen=EVENTS_A_MINUTE)
        self.socket = web.WebSocketResponse(
            timeout=GOODBYE_SECONDS, autoclose=False, max_msg_size=64 * 1024, compress=False
        )
        self.session: Session | None = None
        self.closed_by_client: int | None = None

    async def serve(self, receive: Receiver) -> None:
        """Say hello, then hand over every payload until the line is closed."""
        await self.socket.prepare(self._request)
        query = self._request.query
        wanted = query.get("compress")
        if query.get("v", "10") not in ("9", "10"):
            await self.close(Close.INVALID_VERSION)
            return
        if query.get("encoding", "json") != "json" or (wanted and wanted not in _COMPRESSORS):
            await self.close(Close.DECODE_ERROR)
            return
        if wanted:
            self._compressor = _COMPRESSORS[wanted]()
        writer = asyncio.create_task(self._write())
        try:
            await self.send({"op": Op.HELLO, "d": {"heartbeat_interval": HEARTBEAT_MS}})
            await self._listen(receive)
        finally:
            self._outbox.put_nowait(None)
            await writer

    async def _listen(self, receive: Receiver) -> None:
        while True:
            try:
                message = await self.socket.receive(timeout=HEARTBEAT_MS / 1000 * 1.5)
            except TimeoutError:
                await self.close(Close.SESSION_TIMED_OUT)
                return
            if message.type is WSMsgType.CLOSE:
                self.closed_by_client = message.data
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                return
            raw: str | bytes = message.data
            if not await self._allowed(raw):
                return
            try:
                payload = as_object(json.loads(raw))
            except ValueError:
                payload = None
            op = None if payload is None else as_int(payload.get("op"))
            if payload is None or op is None:
                await self.close(Close.DECODE_ERROR)
                return
            await receive(self, op, payload.get("d"))

    async def _allowed(self, raw: str | bytes) -> bool:
        now = time.monotonic()
        if len(raw) > LARGEST_PAYLOAD_BYTES:
            await self.close(Close.DECODE_ERROR)
            return False
        if len(self._recent) == EVENTS_A_MINUTE and now - self._recent[0] < 60:
            await self.close(Close.RATE_LIMITED)
            return False
        self._recent.append(now)
        return True

    def post(self, text: str) -> None:
        """Send soon, in order."""
        self._outbox.put_nowait(text)

    async def send(self, payload: Json) -> None:
        """Send something that is no event."""
        self.post(json.dumps({"s": None, "t": None, **payload}))

    async def _write(self) -> None:
        while (text := await self._outbox.get()) is not None:
            if self.socket.closed:
                continue
            try:
                if self._compressor is None:
                    await self.socket.send_str(text)
                else:
                    await self.socket.send_bytes(self._compressor.squeeze(text.encode()))
            except (ConnectionError, RuntimeError):
                # The line went away meanwhile; the session keeps what was not received.
                continue

    async def farewell(self) -> None:
        """Return the client's goodbye; only then does it know that the line is closed."""
        await self.socket.close()

    async def close(self, code: Close) -> None:
        """Hang up, saying why."""
        await self.socket.close(code=code, message=code.name.lower().encode())

    def abort(self) -> None:
        """Cut the line without a word."""
        drop(self._request)
