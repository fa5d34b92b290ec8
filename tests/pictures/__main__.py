"""The pictures of README and docs, taken of the real thing: `make pictures`.

make pictures ONLY="search daily"   only these
"""

import argparse
import asyncio
import tempfile
import zipfile
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from io import BytesIO
from pathlib import Path

from playwright.async_api import Browser, FloatRect, Locator, Page, expect

from bot import SAMPLES, TO_ADD
from tests.page.browsers import browsing
from tests.page.conftest import Theme, open_page
from tests.page.stage import Stage, sample_library, staged
from tests.page.visitor import Visitor, file_of
from tests.pictures.palette import with_few_colours

DOCS = Path(__file__).parents[2] / "docs"
MOST_BYTES = 150_000
Scene = Callable[[Visitor, Stage], Awaitable[tuple[Locator, ...]]]
MARGIN = 12


async def page(visitor: Visitor, stage: Stage) -> tuple[Locator, ...]:
    """All of the page, with an answer in it."""
    await visitor.command("fic search", query="spike")
    await expect(visitor.last).to_contain_text("“spike”")
    await visitor.tools_away()
    await expect(visitor.last.get_by_role("combobox")).to_be_in_viewport(ratio=1)
    return ()


async def tools(visitor: Visitor, stage: Stage) -> tuple[Locator, ...]:
    """The same with the tools; their clock and the wire's times never stand still, faults do."""
    await page(visitor, stage)
    await visitor.open_tools("Faults")
    return ()


async def palette(visitor: Visitor, stage: Stage) -> tuple[Locator, ...]:
    """The message box with a command, and choices while its option is typed."""
    await visitor.start("fic search")
    await visitor.field("query").press_sequentially("spike")
    await expect(visitor.choices.get_by_role("option")).to_have_count(4)
    return visitor.page.get_by_role("region", name="Write a message"), visitor.choices.locator("..")


async def commands(visitor: Visitor, stage: Stage) -> tuple[Locator, ...]:
    """What there is after a slash."""
    await visitor.box.press_sequentially("/")
    await expect(visitor.palette.get_by_role("option").first).to_be_visible()
    return visitor.page.get_by_role("region", name="Write a message"), visitor.palette


async def search(visitor: Visitor, stage: Stage) -> tuple[Locator, ...]:
    """A mistyped name, found."""
    await visitor.command("fic search", query="spkie")
    await expect(visitor.last).to_contain_text("“spkie”")
    return (visitor.last,)


async def quote(visitor: Visitor, stage: Stage) -> tuple[Locator, ...]:
    """Which fic says this."""
    await visitor.command("fic quote", words="eleven thousand woolongs")
    await expect(visitor.last).to_contain_text("eleven thousand woolongs down")
    return (visitor.last,)


async def excerpt(visitor: Visitor, stage: Stage) -> tuple[Locator, ...]:
    """A passage of a story."""
    await visitor.command("fic excerpt", work="Night School")
    await expect(visitor.last.get_by_role("blockquote").first).to_be_visible()
    return (visitor.last,)


async def review(visitor: Visitor, stage: Stage) -> tuple[Locator, ...]:
    """What was made of a file that says little of itself."""
    await visitor.be("Moderator")
    await visitor.go("mod-desk")
    await visitor.command("library add")
    await visitor.attach("Files", file_of(TO_ADD / "from-a-friend.txt"))
    await visitor.button("Submit").click()
    await expect(visitor.last.get_by_role("button", name="Publish")).to_be_visible()
    return (visitor.last,)


async def batch(visitor: Visitor, stage: Stage) -> tuple[Locator, ...]:
    """The report of a zip, in which not everything is a story."""
    await visitor.be("Moderator")
    await visitor.go("mod-desk")
    await visitor.command("library add")
    await visitor.attach(
        "Files",
        {"name": "from-the-old-archive.zip", "mimeType": "application/zip", "buffer": zipped()},
    )
    await visitor.button("Submit").click()
    await expect(visitor.last.get_by_role("button", name="Discard all")).to_be_visible()
    return (visitor.last,)


async def daily(visitor: Visitor, stage: Stage) -> tuple[Locator, ...]:
    """The daily post, on the day after it was set up."""
    async with stage.user("moderator", "daily-rec") as moderator:
        await moderator.command("daily setup", channel="daily-rec", time="09:00", timezone="UTC")
        await moderator.command("daily queue", work="Low Tide at Carfax")
        await visitor.go("daily-rec")
        await moderator.clock(to="2026-03-15T09:00:01+00:00")
    await expect(visitor.messages).to_have_count(1)
    return (visitor.last,)


def zipped() -> bytes:
    """A zip of the files to add and two that are no stories; the same bytes every time."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in (*sorted(TO_ADD.iterdir()), *sorted(SAMPLES.glob("*.txt"))):
            archive.writestr(zipfile.ZipInfo(path.name), path.read_bytes())
        archive.writestr(zipfile.ZipInfo("scan.pdf"), b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" * 20)
        archive.writestr(zipfile.ZipInfo("more.zip"), b"PK\3\4" + bytes(400))
    return packed.getvalue()


async def around(page: Page, parts: tuple[Locator, ...]) -> FloatRect:
    """The rectangle that holds them all, with a margin where `main` has room for it."""
    boxes = [box for part in parts if (box := await part.bounding_box()) is not None]
    most = await page.get_by_role("main").bounding_box()
    assert most is not None
    left = max(most["x"], min(box["x"] for box in boxes) - MARGIN)
    top = max(most["y"], min(box["y"] for box in boxes) - MARGIN)
    right = max(box["x"] + box["width"] for box in boxes) + MARGIN
    bottom = max(box["y"] + box["height"] for box in boxes) + MARGIN
    right, bottom = (
        min(most["x"] + most["width"], right),
        min(most["y"] + most["height"], bottom),
    )
    return {"x": left, "y": top, "width": right - left, "height": bottom - top}


# Each picture: its scene, theme, and the window's width and height.
PICTURES: dict[str, tuple[Scene, Theme, int, int]] = {
    "page-dark": (page, "dark", 1280, 800),
    "page-light": (tools, "light", 1280, 800),
    "commands": (commands, "dark", 1000, 700),
    "palette": (palette, "dark", 1000, 700),
    "search": (search, "dark", 1000, 1300),
    "quote": (quote, "dark", 1000, 1300),
    "excerpt": (excerpt, "dark", 1000, 1300),
    "review": (review, "dark", 1000, 1500),
    "batch": (batch, "dark", 1000, 1300),
    "daily": (daily, "dark", 1000, 1500),
}


async def take(browser: Browser, name: str, samples: Path) -> bytes:
    """One picture, of a sandbox of its own."""
    scene, theme, width, height = PICTURES[name]
    with tempfile.TemporaryDirectory() as folder:
        async with staged(samples, Path(folder)) as stage, AsyncExitStack() as tabs:
            visitor, watch = await open_page(
                browser, tabs, stage.sandbox, theme=theme, width=width, height=height, sharpness=2
            )
            if scene not in (page, tools):
                await visitor.button("Close first steps").click()
            shown = await scene(visitor, stage)
            await visitor.page.mouse.move(0, 0)
            if shown:
                clip = await around(visitor.page, shown)
                taken = await visitor.page.screenshot(animations="disabled", clip=clip)
            else:
                taken = await visitor.page.screenshot(animations="disabled")
            if watch.complaints:
                raise RuntimeError("\n".join(watch.complaints))
            await tabs.aclose()
        return await with_few_colours(browser, taken)


async def run(names: list[str]) -> None:
    """Take them and write them."""
    with tempfile.TemporaryDirectory() as folder:
        samples = Path(folder) / "samples.sqlite3"
        await sample_library(samples)
        async with browsing() as browser:
            for name in names:
                picture = await take(browser, name, samples)
                file = DOCS / f"{name}.png"
                file.write_bytes(picture)
                print(f"{file.relative_to(DOCS.parent)}  {len(picture) / 1000:.0f} KB")
                if len(picture) > MOST_BYTES:
                    raise SystemExit(f"{file.name} is larger than {MOST_BYTES // 1000} KB.")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="The pictures of README and docs.")
    parser.add_argument("--only", nargs="+", choices=sorted(PICTURES), default=list(PICTURES))
    asyncio.run(run(parser.parse_args().only))


if __name__ == "__main__":
    main()
