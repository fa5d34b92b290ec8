"""The machine's own Chromium, driven by Playwright; none is ever downloaded."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "there is no Chromium here; install one (Debian: apt install chromium), or name it in CHROMIUM"
)
# It speaks to nobody but the sandbox.
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str | None:
    """The path of a Chromium, or None."""
    wanted = [named] if (named := os.environ.get("CHROMIUM")) else NAMES
    return next((path for name in wanted if (path := shutil.which(name))), None)


@asynccontextmanager
async def browsing() -> AsyncIterator[Browser]:
    """A headless Chromium.

    Raises:
        FileNotFoundError: with what to install.
    """
    if (path := chromium()) is None:
        raise FileNotFoundError(MISSING)
    async with async_playwright() as playwright:
        # Chromium does not sandbox itself as root, and says so by not starting.
        is_root = hasattr(os, "geteuid") and os.geteuid() == 0
        browser = await playwright.chromium.launch(
            executable_path=path, args=list(QUIET), chromium_sandbox=not is_root
        )
        try:
            yield browser
        finally:
            await browser.close()
