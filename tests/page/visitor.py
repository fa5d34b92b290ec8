"""Somebody in front of the sandbox's page: finds things by role and name, as people do."""

import re
from pathlib import Path

from playwright.async_api import FilePayload, Locator, Page, expect

from sandbox import Sandbox


class Visitor:
    """A tab with the page in it."""

    def __init__(self, page: Page, sandbox: Sandbox) -> None:
        self.page = page
        self.sandbox = sandbox
        self.by_role = page.get_by_role
        self.keys = page.keyboard
        self.servers = page.get_by_role("navigation", name="Servers", exact=True)
        self.channels = page.get_by_role("navigation", name="Channels", exact=True)
        self.box = self.field(re.compile("^Message "))
        self.send_button = page.get_by_role("button", name="Send", exact=True)
        self.palette = page.get_by_role("listbox", name="Commands")
        self.choices = page.get_by_role("listbox", name="Choices")
        self.log = page.get_by_role("log")
        self.messages = self.log.get_by_role("article")
        self.last = self.messages.last
        self.form = page.get_by_role("dialog")
        self.menu = page.get_by_role("menu")
        self.tools = page.get_by_role("complementary", name="Sandbox tools")
        self.guide = page.get_by_role("region", name="First steps")
        self.alerts = page.get_by_role("alert")

    async def arrive(self) -> "Visitor":
        """Open the page with its token."""
        await self.page.goto(self.sandbox.page)
        await expect(self.box).to_be_visible()
        return self

    def field(self, name: str | re.Pattern[str]) -> Locator:
        """A field of that name, whether it proposes something or not."""
        exact = isinstance(name, str)
        return self.page.get_by_role("combobox", name=name, exact=exact).or_(
            self.page.get_by_role("textbox", name=name, exact=exact)
        )

    def button(self, name: str) -> Locator:
        """A button by its whole name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def option(self, text: str) -> Locator:
        """An option of whatever list is open, by the words it begins with."""
        pattern = re.escape(text).replace("/", r"\/")
        return self.page.get_by_role("option", name=re.compile(rf"^{pattern}(?!\w)"))

    @property
    def is_narrow(self) -> bool:
        """Whether the channels are behind a button."""
        size = self.page.viewport_size
        return size is not None and size["width"] < 600

    async def reveal_side(self) -> None:
        """Bring the channels onto a narrow screen."""
        if self.is_narrow and not await self.channels.is_visible():
            await self.page.get_by_role("button", name="Channels").click()

    async def be(self, member: str) -> None:
        """Become another member."""
        await self.reveal_side()
        await self.page.get_by_role("button", name=re.compile("^You are ")).click()
        await self.page.get_by_role("menuitemradio", name=re.compile(f"^{member}")).click()
        await expect(
            self.page.get_by_role("button", name=re.compile(f"^You are {member}"))
        ).to_be_attached()

    async def go(self, channel: str) -> None:
        """Go to a channel of this server."""
        await self.reveal_side()
        await self.channels.get_by_role("button", name=channel, exact=True).click()
        await expect(self.page.get_by_role("log", name=f"Messages in {channel}")).to_be_attached()

    async def say(self, text: str) -> None:
        """Write a message."""
        await self.box.fill(text)
        await self.box.press("Enter")

    async def start(self, command: str) -> None:
        """Choose a slash command from the list."""
        await self.box.fill(f"/{command}")
        await self.option(f"/{command}").click()

    async def command(self, command: str, **options: str) -> None:
        """Use a slash command with these options, typed as text."""
        await self.start(command)
        for name, value in options.items():
            await self.fill(name, value)
        await self.send_button.click()

    async def fill(self, name: str, value: str) -> None:
        """Type an option; what is proposed is left alone."""
        await self.field(name).fill(value)

    async def attach(self, button: str, *files: FilePayload) -> None:
        """Choose files with the picker that a button opens."""
        async with self.page.expect_file_chooser() as choosing:
            await self.button(button).click()
        await (await choosing.value).set_files(list(files))

    async def drop(self, target: Locator, *files: FilePayload) -> None:
        """Drop files on something."""
        transfer = await self.page.evaluate_handle(
            """(files) => {
              const transfer = new DataTransfer();
              for (const [name, type, text] of files) {
                transfer.items.add(new File([text], name, {type}));
              }
              return transfer;
            }""",
            [[one["name"], one["mimeType"], one["buffer"].decode()] for one in files],
        )
        for kind in ("dragenter", "dragover", "drop"):
            await target.dispatch_event(kind, {"dataTransfer": transfer})

    async def open_tools(self, tab: str) -> None:
        """Open the sandbox's tools at a tab."""
        if not await self.tools.is_visible():
            await self.page.get_by_role("button", name="Tools", exact=True).click()
        await self.tools.get_by_role("tab", name=tab, exact=True).click()

    async def tools_away(self) -> None:
        """Close the sandbox's tools."""
        if await self.tools.is_visible():
            await self.page.get_by_role("button", name="Tools", exact=True).click()
            await expect(self.tools).to_be_hidden()

    async def message_menu(self, message: Locator) -> Locator:
        """Open a message's menu by its button."""
        await message.hover()
        await message.get_by_role("button", name="More", exact=True).click()
        await expect(self.menu).to_be_visible()
        return self.menu


def text_file(name: str, text: str) -> FilePayload:
    """A file to choose or to drop."""
    return {"name": name, "mimeType": "text/plain", "buffer": text.encode()}


def file_of(path: Path) -> FilePayload:
    """The same from the disk."""
    return text_file(path.name, path.read_text(encoding="utf-8"))
