"""A bot on a string: its messages, commands and answers are whatever a test says."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import aiohttp

from sandbox import Sandbox
from sandbox.ratelimits import RateLimits

Json = dict[str, Any]
Answering = Callable[[Json], Json | Awaitable[Json]]
MESSAGE, UPDATE, CHOICES, MODAL = 4, 7, 8, 9
EPHEMERAL, V2 = 1 << 6, 1 << 15
PING = {"name": "ping", "type": 1, "description": "Says something"}


class Puppet:
    """Sends raw JSON as any bot might, so that the page meets shapes that Ficshelf never sends.

    `answer` is asked for the callback to each interaction. `heard` holds them all.
    """

    def __init__(self, sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
        self.sandbox = sandbox
        self._http = http
        self._api = f"{sandbox.api}/api/v10"
        self._answers: set[asyncio.Task[None]] = set()
        self.answer: Answering = lambda interaction: said("Heard.")
        self.heard: list[Json] = []

    def channel(self, name: str = "general") -> int:
        """A channel's id."""
        return next(c.id for c in self.sandbox.world.channels.values() if c.name == name)

    async def request(self, method: str, path: str, body: object, **more: Any) -> Any:
        """One REST request; what Discord would refuse fails the test, its rates aside."""
        self.sandbox.rest.limits = RateLimits()
        async with self._http.request(method, self._api + path, json=body, **more) as response:
            answer = await response.json(content_type=None) if response.status != 204 else None
            assert response.status < 300, answer
            return answer

    async def say(self, body: str | Json | Sequence[Json], channel: str = "general") -> Json:
        """Post a message: its text, its components (V2), or all of its body."""
        return await self.request(
            "POST", f"/channels/{self.channel(channel)}/messages", message(body)
        )

    async def edit(self, posted: Json, body: str | Json | Sequence[Json]) -> Json:
        """Edit one of its messages."""
        path = f"/channels/{posted['channel_id']}/messages/{posted['id']}"
        return await self.request("PATCH", path, message(body))

    async def send_files(self, body: Json, *files: tuple[str, bytes, str]) -> Json:
        """Post a message with files (name, bytes, type)."""
        form = aiohttp.FormData()
        form.add_field("payload_json", aiohttp.JsonPayload(body), content_type="application/json")
        for n, (name, data, kind) in enumerate(files):
            form.add_field(f"files[{n}]", data, filename=name, content_type=kind)
        url = f"{self._api}/channels/{self.channel()}/messages"
        async with self._http.post(url, data=form) as response:
            answer = await response.json()
            assert response.status < 300, answer
            return answer

    async def commands(self, *commands: Json) -> None:
        """Make these its commands."""
        await self.request("PUT", f"/applications/{self.sandbox.world.bot.id}/commands", commands)

    async def follow_up(self, interaction: Json, body: str | Json, **more: Any) -> Json:
        """Fill a deferred answer in, or say more."""
        path = f"/webhooks/{interaction['application_id']}/{interaction['token']}"
        return await self.request("POST", path, message(body), **more)

    async def live(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Hear interactions until the line ends."""
        async for frame in socket:
            event = frame.json()
            if event.get("t") == "INTERACTION_CREATE":
                self.heard.append(event["d"])
                task = asyncio.create_task(self._respond(event["d"]))
                self._answers.add(task)
                task.add_done_callback(self._answers.discard)

    async def _respond(self, interaction: Json) -> None:
        answer = self.answer(interaction)
        if not isinstance(answer, dict):
            answer = await answer
        if answer:
            path = f"/interactions/{interaction['id']}/{interaction['token']}/callback"
            await self.request("POST", path, answer)


def message(body: str | Json | Sequence[Json]) -> Json:
    """A message's body from its text or its components."""
    if isinstance(body, str):
        return {"content": body}
    return body if isinstance(body, dict) else {"flags": V2, "components": list(body)}


def said(body: str | Json | Sequence[Json], *, only_to_them: bool = False) -> Json:
    """The callback that answers with a message."""
    data = message(body)
    if only_to_them:
        data = {**data, "flags": data.get("flags", 0) | EPHEMERAL}
    return {"type": MESSAGE, "data": data}


def form(title: str, *components: Json) -> Json:
    """The callback that opens a form."""
    return {"type": MODAL, "data": {"custom_id": "form", "title": title, "components": components}}


def values(interaction: Json) -> Json:
    """What a submitted form holds, by custom_id."""
    found: Json = {}
    for part in interaction["data"]["components"]:
        for field in [part["component"]] if "component" in part else part.get("components", []):
            found[field["custom_id"]] = field.get("values", field.get("value"))
    return found


def options(interaction: Json) -> Json:
    """The options of a command, by name."""
    return {one["name"]: one["value"] for one in interaction["data"].get("options", [])}


@contextlib.asynccontextmanager
async def puppet_in(sandbox: Sandbox) -> AsyncIterator[Puppet]:
    """A puppet that is logged in, with one command."""
    headers = {"Authorization": f"Bot {sandbox.bot_token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.ws_connect(f"{sandbox.api}/gateway?v=10&encoding=json") as socket,
    ):
        puppet = Puppet(sandbox, http)
        await puppet.commands(PING)
        await socket.receive()
        identify = {"token": sandbox.bot_token, "intents": 1, "properties": {}}
        await socket.send_json({"op": 2, "d": identify})
        living = asyncio.create_task(puppet.live(socket))
        await sandbox.bot_ready()
        try:
            yield puppet
        finally:
            living.cancel()
            await asyncio.gather(living, return_exceptions=True)
