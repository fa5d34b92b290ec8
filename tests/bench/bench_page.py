"""The sandbox's page in Chromium: how soon it is ready, answers a key, and how it scrolls.

`python bot.py try` runs as its own process, as a visitor runs it. Times are the page's own.
"""

import asyncio
import json
import tempfile
from pathlib import Path

from playwright.async_api import Browser, Page

from sandbox import User
from sandbox.server import PAGE
from tests.bench.bench_bot import QUERIES, import_works, spread, trying
from tests.page.browsers import MISSING, browsing, chromium

LOADS = 12
TYPED = (*QUERIES, "gravity", "night market", "letters from")
MESSAGES = 1000
_TEXT = "Message number {}: once **upon** a time, and twice as well."
# Notes when there is something to read and to write in; when choices have come and are painted;
# and how long each frame took.
_WATCH = """
(() => {
  const look = () => {
    if (document.querySelector("[role=log] [role=article]")
        && document.querySelector("main :is(textarea, input, [contenteditable])")) {
      window.readyAt = performance.now();
    } else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  window.frameTimes = [];
  let last;
  const frame = (now) => {
    if (last) window.frameTimes.push(now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  let typed = 0;
  addEventListener("keydown", () => { typed = performance.now(); }, true);
  window.answers = [];
  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...all) {
      super(...all);
      this.addEventListener("message", ({ data }) => {
        if (!data.includes('"choices"')) return;
        const since = typed;
        const painted = () => window.answers.push(performance.now() - since);
        requestAnimationFrame(() => setTimeout(painted));
      });
    }
  };
})();
"""


async def _opened(browser: Browser, ready: dict[str, str]) -> Page:
    """A fresh tab with the page, which has drawn its messages."""
    # The page's policy forbids the evaluation that waiting for a condition takes.
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, bypass_csp=True)
    page = await context.new_page()
    await page.add_init_script(_WATCH)
    await page.goto(ready["page"])
    await page.wait_for_function("window.readyAt")
    return page


async def loads(browser: Browser, ready: dict[str, str]) -> dict[str, float]:
    """From the beginning of the load until the newest 50 messages are drawn."""
    times: list[float] = []
    for _ in range(LOADS + 1):
        page = await _opened(browser, ready)
        times.append(await page.evaluate("window.readyAt"))
        await page.context.close()
    return spread(times[1:])  # the first one warms the browser up


async def keystrokes(browser: Browser, ready: dict[str, str]) -> dict[str, float]:
    """From each key until the choices for what then stands in the box are painted."""
    page = await _opened(browser, ready)
    box = page.get_by_role("combobox", name="Message general")
    await box.fill("/fic search")
    await page.keyboard.press("Tab")
    query = page.get_by_role("combobox", name="query", exact=True)
    await query.wait_for()
    times: list[float] = []
    for text in TYPED:
        await query.fill("")
        await page.wait_for_timeout(300)  # what is proposed for an empty box does not count
        for letter in text:
            await page.evaluate("window.answers.length = 0")
            await page.keyboard.type(letter)
            await page.wait_for_function("window.answers.length")
            times.append(await page.evaluate("window.answers[0]"))
    await page.context.close()
    return spread(times)


async def scrolling(browser: Browser, ready: dict[str, str]) -> dict[str, float]:
    """Wheel up through 1,000 messages, which are fetched meanwhile, and down again."""
    page = await _opened(browser, ready)
    log = page.get_by_role("log")
    box = await page.get_by_role("main").bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    first = log.get_by_text("Message number 0:")
    await page.evaluate("window.frameTimes.length = 0")
    for step, end in ((-400, first), (400, log.get_by_text(f"Message number {MESSAGES - 1}:"))):
        for _ in range(1000):
            for _ in range(5):
                await page.mouse.wheel(0, step)
                await page.evaluate("new Promise(requestAnimationFrame)")
            seen = """(node) => { const box = node.getBoundingClientRect();
                return box.bottom > 0 && box.top < innerHeight; }"""
            if await end.count() and await end.evaluate(seen):
                break
    frames: list[float] = await page.evaluate("window.frameTimes")
    count = await log.get_by_role("article").count()
    await page.context.close()
    return {
        "messages": count,
        "frames": len(frames),
        "longest_ms": round(max(frames), 1),
        "dropped": sum(max(0, round(frame / (1000 / 60)) - 1) for frame in frames),
    }


async def run(works: int = 10_000) -> dict[str, object]:
    """All of it, as one JSON object."""
    files = [file for file in PAGE.rglob("*") if file.is_file()]
    weight: dict[str, object] = {
        "files": len(files),
        "page_kb": round(sum(file.stat().st_size for file in files) / 1000, 1),
    }
    if chromium() is None:
        return {**weight, "skipped": MISSING}
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "library.sqlite3"
        await import_works(library, works)
        async with (
            trying(library) as (ready, _, _),
            browsing() as browser,
            User(ready["control"], ready["token"], "member", "general") as member,
        ):
            for n in range(50):
                await member.say(_TEXT.format(n))
            found: dict[str, object] = {
                "ready": await loads(browser, ready),
                "keystroke_to_choices": await keystrokes(browser, ready),
            }
            for n in range(50, MESSAGES):
                await member.say(_TEXT.format(n))
            found["scrolling"] = await scrolling(browser, ready)
    return {"works": works, **weight, **found}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run()), indent=2))
