"""A sandbox, a discord.py bot logged in to it, and the people of its servers."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord
import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from sandbox import Sandbox, User
from tests.sandbox.bare_client import Client, Connect
from tests.sandbox.example_bot import ExampleBot
from tests.sandbox.page_line import PageLine, line_to

Request = Callable[..., Awaitable[tuple[int, Any]]]


def error_code(errors: dict[str, Any], path: str) -> str:
    """The code of the first of a refusal's errors at this path, written with dots."""
    node: Any = errors
    for step in path.split("."):
        node = node[step]
    return node["_errors"][0]["code"]


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(port=0) as running:
        yield running


def point_at(running: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make discord.py take the sandbox for Discord."""
    gateway = yarl.URL(running.api.replace("http", "ws")) / "gateway"
    monkeypatch.setattr(Route, "BASE", f"{running.api}/api/v10")
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", gateway)
    monkeypatch.setattr(discord.Asset, "BASE", f"{running.api}/cdn")


@pytest.fixture
async def bot(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ExampleBot]:
    point_at(sandbox, monkeypatch)
    async with ExampleBot() as client:
        task = asyncio.create_task(client.start(sandbox.bot_token))
        await sandbox.bot_ready(5)
        await client.wait_until_ready()
        yield client
        await client.close()
        await task


@pytest.fixture
def member(sandbox: Sandbox) -> User:
    return User(sandbox.control, sandbox.token, "member")


@pytest.fixture
def moderator(member: User) -> User:
    return member.as_("moderator")


@pytest.fixture
def stranger(member: User) -> User:
    return member.as_("stranger").at("lobby")


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def rest(sandbox: Sandbox, http: aiohttp.ClientSession) -> Request:
    """The bot's REST requests, without any library: (status, answer) of a method and a path."""

    async def request(method: str, path: str, body: object = None, **more: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Bot {sandbox.bot_token}", **more.pop("headers", {})}
        url = f"{sandbox.api}/api/v10{path}"
        if body is not None:
            more["json"] = body
        async with http.request(method, url, headers=headers, **more) as response:
            text = await response.text()
            is_json = response.content_type == "application/json"
            return response.status, await response.json() if is_json else text

    return request


@pytest.fixture
def general(sandbox: Sandbox) -> str:
    """The id of the channel general."""
    return str(sandbox.world.channel_named("general", sandbox.world.bot).id)


@pytest.fixture
def connect(sandbox: Sandbox, http: aiohttp.ClientSession) -> Connect:
    @asynccontextmanager
    async def connected(query: str = "v=10&encoding=json") -> AsyncGenerator[Client]:
        url = f"{sandbox.api.replace('http', 'ws')}/gateway?{query}"
        async with http.ws_connect(url) as socket:
            yield Client(socket, sandbox.bot_token)

    return connected


@pytest.fixture
async def commands(rest: Request, sandbox: Sandbox) -> None:
    """One command with a word in it."""
    option = {"type": 3, "name": "word", "description": "x", "autocomplete": True}
    command = {"name": "echo", "description": "x", "options": [option]}
    await rest("PUT", f"/applications/{sandbox.world.bot.id}/commands", [command])


@pytest.fixture
def page(sandbox: Sandbox, http: aiohttp.ClientSession) -> PageLine:
    """Opens a page's line."""
    return lambda: line_to(sandbox, http)
