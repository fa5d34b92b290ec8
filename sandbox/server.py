"""The sandbox as a whole: one loopback port for REST, gateway, CDN, control API and page."""

import asyncio
import base64
import contextlib
import re
import secrets
import socket
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web

from sandbox.actions import Actions
from sandbox.cdn import Cdn
from sandbox.client import close_users_of
from sandbox.clock import SandboxClock
from sandbox.commands import Commands
from sandbox.control import Control
from sandbox.events import Events
from sandbox.faults import Faults
from sandbox.gateway import Gateway
from sandbox.interactions import Interactions
from sandbox.offers import Offers
from sandbox.payloads import Payloads
from sandbox.posting import Posting
from sandbox.rest import REQUEST_LIMIT_BYTES, Rest, json_response
from sandbox.routes_directory import DirectoryRoutes
from sandbox.routes_interactions import InteractionRoutes
from sandbox.routes_messages import MessageRoutes
from sandbox.routing import Router
from sandbox.schema import schema_at
from sandbox.steering import Steering
from sandbox.trace import Trace
from sandbox.upcoming import NextPost, Upcoming
from sandbox.views import Views
from sandbox.violations import Violations
from sandbox.world import World

HOST = "127.0.0.1"
DEFAULT_PORT = 8420
PAGE = Path(__file__).parent / "page"
_LOOPBACK_NAMES = frozenset(("127.0.0.1", "localhost", "[::1]"))
_PAGE_FILE = re.compile(r"(?:[a-z]+/)?[a-z][a-z0-9_-]*\.[a-z0-9]+")
_TYPES = {
    # By hand: what a machine's own table says of .js, browsers may refuse to run.
    "html": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "json": "application/json",
    "svg": "image/svg+xml",
    "png": "image/png",
    "ico": "image/x-icon",
}
_PLACEHOLDER = """<!doctype html><meta charset="utf-8"><title>Ficshelf sandbox</title>
<p>The sandbox runs, but its page is not there. The control API is under <code>/sandbox</code>.
"""
_PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' data: blob: https:; form-action 'none'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Sandbox:
    """A Discord on 127.0.0.1, running inside `async with`.

    `port=0`, and a port that is taken, mean any free one. `control_token` is made up unless
    given. `schema` is Discord's OpenAPI description: with it, each body the bot sends is compared
    and differences are recorded as violations. `start` sets the sandbox's clock, which else shows
    the real time. `privileged_intents` switches on what a developer portal switches on: without
    it a bot that asks for members, presences or message content is sent away with 4014.
    `more_servers` is how many servers there are besides the usual two (see `World.add_server`),
    `shards` how many connections the bot is recommended to open (otherwise one per 1,000 servers).
    `next_post` tells when the bot next posts by itself (None: it will not), so that the clock can
    jump there; `samples` are files for the page's visitors to try things out with.
    """

    def __init__(
        self,
        port: int = DEFAULT_PORT,
        control_token: str | None = None,
        schema: Path | None = None,
        serve_page: bool = True,
        *,
        start: datetime | None = None,
        privileged_intents: bool = False,
        more_servers: int = 0,
        shards: int | None = None,
        next_post: NextPost | None = None,
        samples: Mapping[str, bytes] | None = None,
    ) -> None:
        self.clock = SandboxClock(start)
        self.token = control_token or secrets.token_urlsafe(24)
        self.world = World(self.clock, more_servers)
        identity = base64.urlsafe_b64encode(str(self.world.bot.id).encode()).decode().rstrip("=")
        self.bot_token = f"{identity}.{secrets.token_urlsafe(4)}.{secrets.token_urlsafe(28)}"
        self._wanted_port = port
        self._schema = schema
        self._serve_page = serve_page
        self._privileged_intents = privileged_intents
        self._shards = shards
        self._next_post = next_post
        self._samples = samples or {}
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=2 * REQUEST_LIMIT_BYTES)
        app.router.add_route("*", "/{tail:.*}", self._handle)
        # Handlers of requests whose client went away are of no more use.
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=1.0
        )
        await self._runner.setup()
        listener = _listener(self._wanted_port)
        self.port = int(listener.getsockname()[1])
        self._assemble()
        await web.SockSite(self._runner, listener).start()
        return self

    def _assemble(self) -> None:
        world = self.world
        self._cdn = Cdn(world, f"{self.api}/cdn")
        payloads = Payloads(world, self._cdn)
        posting = Posting(world)
        interactions = Interactions(world, payloads)
        gateway_url = f"ws://{HOST}:{self.port}/gateway"
        self._commands = Commands(world)
        trace = Trace(self.clock, self.bot_token)
        self.violations = Violations(self.clock, trace)
        self.faults = Faults()
        self._gateway = Gateway(
            world,
            payloads,
            self.violations,
            trace,
            self.bot_token,
            gateway_url,
            privileged_intents=self._privileged_intents,
        )
        router = Router()
        MessageRoutes(world, payloads, posting).register(router)
        InteractionRoutes(world, payloads, posting, interactions, trace).register(router)
        DirectoryRoutes(world, payloads, self._commands, self._gateway, self._shards).register(
            router
        )
        schema = None if self._schema is None else schema_at(self._schema)
        self.rest = Rest(router, self.bot_token, self.faults, self.violations, trace, schema)
        views = Views(world, payloads, self._commands)
        events = Events(world, views)
        self._gateway.on_presence = lambda online: events.note("bot", connected=online)
        self.faults.on_change = lambda: events.note("fault", faults=self.faults.list())
        self._upcoming = Upcoming(self._next_post, world, events)
        offers = Offers(world, self._commands)
        actions = Actions(
            world, payloads, posting, interactions, offers, self._gateway, views, trace
        )
        steering = Steering(
            world, self.clock, self._gateway, self.faults, views, events, self._upcoming
        )
        self._control = Control(
            self.token,
            world,
            actions,
            offers,
            self._gateway,
            self.faults,
            self.violations,
            views,
            events,
            steering,
            trace,
            self._upcoming,
            self._samples,
        )

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.rest.closing.set()
        self._upcoming.close()
        await close_users_of(self.control)
        await self._gateway.close()
        await self._control.close()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def api(self) -> str:
        """What the bot's `[discord] api` setting wants."""
        return f"http://{HOST}:{self.port}"

    @property
    def control(self) -> str:
        """The root of the control API."""
        return f"{self.api}/sandbox"

    @property
    def page(self) -> str:
        """The page's address; its fragment, which never goes over the wire, holds the token."""
        return f"{self.api}/#token={self.token}"

    async def bot_ready(self, timeout: float = 15) -> None:  # noqa: ASYNC109  # settled interface
        """Return once a bot is on the line and commands are synced; else a TimeoutError.

        Commands stay from one login to the next, as on Discord.
        """
        async with asyncio.timeout(timeout):
            await self._commands.synced.wait()
            await self._gateway.online.wait()

    # One door for everything

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if not _is_loopback(request.headers.get("Host", "")):
            # A web page that points its own name at this machine comes with that name.
            return json_response({"error": "The sandbox only answers to loopback names."}, 403)
        path = request.rel_url.raw_path
        if path.startswith("/api/v"):
            version, _, rest = path.removeprefix("/api/v").partition("/")
            if version in ("9", "10"):
                return await self.rest.handle(request, f"/{rest}")
        if path.rstrip("/") == "/gateway":
            return await self._gateway.handle(request)
        if path.startswith("/sandbox/"):
            return await self._control.handle(request, path.removeprefix("/sandbox/"))
        if request.method not in ("GET", "HEAD"):
            return json_response({"message": "404: Not Found", "code": 0}, 404)
        if path.startswith("/cdn/"):
            return self._cdn.serve(request, path.removeprefix("/cdn/"))
        return self._page(path)

    def _page(self, path: str) -> web.Response:
        name = path.removeprefix("/") or "index.html"
        if self._serve_page and _PAGE_FILE.fullmatch(name):
            with contextlib.suppress(OSError):
                kind = _TYPES.get(name.rpartition(".")[2], "application/octet-stream")
                body = (PAGE / name).read_bytes()
                page = web.Response(body=body, content_type=kind, headers=_PAGE_HEADERS)
                page.enable_compression()  # for browsers that say they can read it
                return page
        if self._serve_page and name == "index.html":
            return web.Response(text=_PLACEHOLDER, content_type="text/html", headers=_PAGE_HEADERS)
        return web.Response(status=404, text="Not Found")


def _listener(port: int) -> socket.socket:
    """A listening socket's beginnings: on this port, or where it is taken on a free one."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError:
        listener.bind((HOST, 0))
    return listener


def _is_loopback(host: str) -> bool:
    name, _, port = host.rpartition(":")
    return (name if port.isdigit() else host).lower() in _LOOPBACK_NAMES
