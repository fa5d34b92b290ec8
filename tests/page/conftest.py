"""Chromium, one for each worker; in it pages that must not complain of anything."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

from sandbox import Sandbox
from tests.cogs.conftest import local_discord as local_discord
from tests.page.browsers import MISSING, browsing, chromium
from tests.page.puppet import Puppet, puppet_in
from tests.page.stage import START, Stage, sample_library, staged
from tests.page.visitor import Visitor

Theme = Literal["dark", "light"]
HERE = Path(__file__).parent
SECONDS = 10  # what is awaited is mostly there in a tenth; machines that build are slower


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here runs on the one loop that Chromium is driven from."""
    for item in items:
        if HERE in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The browser."""
    if chromium() is None:
        pytest.skip(MISSING)
    async with browsing() as browser:
        yield browser


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample library, to be copied."""
    path = tmp_path_factory.mktemp("samples") / "library.sqlite3"
    await sample_library(path)
    return path


@pytest_asyncio.fixture(loop_scope="session")
async def tabs() -> AsyncIterator[AsyncExitStack]:
    """Closes what the test has opened in the browser; sandboxes do so before they end."""
    async with AsyncExitStack() as tabs:
        yield tabs


@pytest_asyncio.fixture(loop_scope="session")
async def stage(
    samples: Path, tmp_path: Path, local_discord: None, tabs: AsyncExitStack
) -> AsyncIterator[Stage]:
    """Ficshelf in a sandbox; what Discord would have refused fails the test."""
    async with staged(samples, tmp_path) as stage:
        yield stage
        await tabs.aclose()
        assert stage.sandbox.violations.entries == []


@pytest_asyncio.fixture(loop_scope="session")
async def sandbox(tabs: AsyncExitStack) -> AsyncIterator[Sandbox]:
    """A sandbox without a bot."""
    async with Sandbox(port=0, start=START) as sandbox:
        yield sandbox
        await tabs.aclose()


@pytest_asyncio.fixture(loop_scope="session")
async def puppet(sandbox: Sandbox) -> AsyncIterator[Puppet]:
    """A bot on a string, in that sandbox."""
    async with puppet_in(sandbox) as puppet:
        yield puppet


class Watch:
    """Everything that a browser has to complain of."""

    def __init__(self, sandbox: Sandbox, excused: tuple[str, ...]) -> None:
        self._here = urlsplit(sandbox.api).netloc
        self._excused = excused
        self.complaints: list[str] = []

    def on(self, context: BrowserContext) -> None:
        """Listen to all of its pages."""
        context.on("console", self._said)
        context.on("weberror", lambda error: self._complain(f"error: {error.error}"))
        context.on("request", self._asked)
        context.on("requestfailed", self._failed)
        context.on("page", self._opened)

    def _opened(self, page: Page) -> None:
        page.on("websocket", lambda socket: self._address(socket.url))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning", "assert"):
            self._complain(f"{message.type}: {message.text} ({message.location['url']})")

    def _asked(self, request: Request) -> None:
        self._address(request.url)

    def _failed(self, request: Request) -> None:
        self._complain(f"failed: {request.method} {request.url}: {request.failure}")

    def _address(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.netloc != self._here:
            self._complain(f"elsewhere: {url}")

    def _complain(self, complaint: str) -> None:
        if not any(excuse in complaint for excuse in self._excused):
            self.complaints.append(complaint)


async def open_page(
    browser: Browser,
    tabs: AsyncExitStack,
    sandbox: Sandbox,
    *,
    theme: Theme = "dark",
    width: int = 1280,
    height: int = 844,
    sharpness: float = 1,
    excused: tuple[str, ...] = (),
) -> tuple[Visitor, Watch]:
    """A visitor with a browser of its own, and whoever watches it."""
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=sharpness,
        color_scheme=theme,
        locale="en-GB",
        timezone_id="UTC",
        reduced_motion="reduce",
        has_touch=width < 600,
    )
    tabs.push_async_callback(context.close)
    context.set_default_timeout(SECONDS * 1000)
    expect.set_options(timeout=SECONDS * 1000)
    watch = Watch(sandbox, excused)
    watch.on(context)
    return await Visitor(await context.new_page(), sandbox).arrive(), watch


class Visiting(Protocol):
    """Visits a sandbox."""

    def __call__(
        self,
        sandbox: Sandbox,
        *,
        theme: Theme = "dark",
        width: int = 1280,
        excused: tuple[str, ...] = (),
    ) -> Awaitable[Visitor]: ...


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser, tabs: AsyncExitStack) -> AsyncIterator[Visiting]:
    """Visit a sandbox. What the page then complains of, or asks of anybody else than the sandbox,
    fails the test, unless it holds an excused text."""
    watches: list[Watch] = []

    async def visit(
        sandbox: Sandbox,
        *,
        theme: Theme = "dark",
        width: int = 1280,
        excused: tuple[str, ...] = (),
    ) -> Visitor:
        visitor, watch = await open_page(
            browser, tabs, sandbox, theme=theme, width=width, excused=excused
        )
        watches.append(watch)
        return visitor

    yield visit
    assert [complaint for watch in watches for complaint in watch.complaints] == []


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(visit: Visiting, stage: Stage) -> Visitor:
    """A member who opens Ficshelf's sandbox."""
    return await visit(stage.sandbox)


@pytest_asyncio.fixture(loop_scope="session")
async def guest(visit: Visiting, puppet: Puppet, sandbox: Sandbox) -> Visitor:
    """A member who opens the puppet's sandbox."""
    return await visit(sandbox)
