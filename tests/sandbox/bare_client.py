"""A gateway client with nothing but what Discord documents."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import aiohttp

GUILDS, GUILD_MEMBERS, GUILD_MESSAGES = 1, 1 << 1, 1 << 9
DIRECT_MESSAGES, MESSAGE_CONTENT = 1 << 12, 1 << 15


class Client:
    """A bare websocket with the few moves that the protocol has."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, token: str) -> None:
        self.socket = socket
        self.token = token
        self.sequence: int | None = None
        self.session_id = ""

    async def send(self, op: int, data: object) -> None:
        await self.socket.send_json({"op": op, "d": data})

    async def receive(self) -> dict[str, Any]:
        payload = await self.socket.receive_json(timeout=5)
        self.sequence = payload["s"] or self.sequence
        return payload

    async def event(self, name: str) -> dict[str, Any]:
        """The next event of this name, past others."""
        while (payload := await self.receive())["t"] != name:
            pass
        return payload["d"]

    async def identify(self, intents: int = GUILDS | GUILD_MESSAGES, **more: Any) -> dict[str, Any]:
        assert (await self.receive())["op"] == 10
        properties = {"os": "linux", "browser": "test", "device": "test"}
        data = {"token": self.token, "intents": intents, "properties": properties, **more}
        await self.send(2, data)
        ready = await self.event("READY")
        self.session_id = ready["session_id"]
        return ready

    async def close_code(self) -> int | None:
        """What the server hangs up with."""
        while not self.socket.closed:
            await self.socket.receive(timeout=5)
        return self.socket.close_code


Connect = Callable[..., AbstractAsyncContextManager[Client]]
