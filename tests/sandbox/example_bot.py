"""A small discord.py bot with one of everything that the sandbox has to carry."""

import asyncio
import io
import re
from typing import Any, Self

import discord
from discord import app_commands, ui

Interaction = discord.Interaction["ExampleBot"]


class Counter(ui.DynamicItem[ui.Button[Any]], template=r"count:(?P<number>\d+)"):
    """A button that survives a restart: its state is in its custom_id."""

    def __init__(self, number: int) -> None:
        super().__init__(ui.Button(label=f"Pressed {number}", custom_id=f"count:{number}"))
        self.number = number

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item[Any], match: re.Match[str]
    ) -> Self:
        return cls(int(match["number"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        view = ui.View(timeout=None)
        view.add_item(Counter(self.number + 1))
        await interaction.response.edit_message(content=f"count {self.number + 1}", view=view)


class Hidden(ui.View):
    """A persistent button that is on no message."""

    @ui.button(label="Hidden", custom_id="hidden")
    async def hidden(self, interaction: discord.Interaction, _: ui.Button[Any]) -> None:
        await interaction.response.send_message("found it")


class Card(ui.LayoutView):
    """A V2 card: a container of text, a section, a separator, buttons and a menu."""

    def __init__(self, title: str) -> None:
        super().__init__(timeout=None)
        more: ui.Button[Any] = ui.Button(label="More", custom_id="more")
        more.callback = self._more
        link: ui.Button[Any] = ui.Button(label="Source", url="https://example.org/works/1")
        off: ui.Button[Any] = ui.Button(label="Off", custom_id="off", disabled=True)
        later: ui.Button[Any] = ui.Button(label="Later", custom_id="later")
        later.callback = self._later
        menu: ui.Select[Any] = ui.Select(
            custom_id="pick",
            placeholder="Pick a fandom",
            max_values=2,
            options=[
                discord.SelectOption(label="Cowboy Bebop", value="1"),
                discord.SelectOption(label="Buffy", value="2", description="The Vampire Slayer"),
                discord.SelectOption(label="Firefly", value="3"),
            ],
        )
        menu.callback = self._picked
        self.menu = menu
        people: ui.UserSelect[Any] = ui.UserSelect(custom_id="people", placeholder="Who")
        people.callback = self._people
        self.people = people
        self.add_item(
            ui.Container(
                ui.TextDisplay(f"## {title}"),
                ui.Section("A summary", accessory=more),
                ui.Separator(),
                ui.ActionRow(link, off, later),
                ui.ActionRow(menu),
                ui.ActionRow(people),
            )
        )

    async def _more(self, interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(view=Card("More of it"))

    async def _later(self, interaction: discord.Interaction) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(view=Card("Later than that"))

    async def _picked(self, interaction: discord.Interaction) -> None:
        chosen = ", ".join(self.menu.values)
        await interaction.response.send_message(f"picked {chosen}", ephemeral=True)

    async def _people(self, interaction: discord.Interaction) -> None:
        who = ", ".join(f"{person.name} {type(person).__name__}" for person in self.people.values)
        await interaction.response.send_message(who)


class Form(ui.Modal, title="Add a story"):
    """Text, a menu and files."""

    intro: ui.TextDisplay[Any] = ui.TextDisplay("Paste it, or attach it.")
    name: ui.Label[Any] = ui.Label(
        text="Title", component=ui.TextInput(custom_id="name", max_length=50)
    )
    note: ui.Label[Any] = ui.Label(
        text="Note",
        description="Anything else",
        component=ui.TextInput(
            custom_id="note", style=discord.TextStyle.paragraph, required=False, default="none"
        ),
    )
    rating: ui.Label[Any] = ui.Label(
        text="Rating",
        component=ui.Select(
            custom_id="rating",
            options=[discord.SelectOption(label="Teen"), discord.SelectOption(label="Mature")],
        ),
    )
    files: ui.Label[Any] = ui.Label(
        text="Files",
        component=ui.FileUpload(custom_id="files", required=False, min_values=0, max_values=2),
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        name, note, rating, files = (
            label.component for label in (self.name, self.note, self.rating, self.files)
        )
        assert isinstance(name, ui.TextInput)
        assert isinstance(note, ui.TextInput)
        assert isinstance(rating, ui.Select)
        assert isinstance(files, ui.FileUpload)
        contents = [f"{file.filename}={(await file.read()).decode()}" for file in files.values]
        text = " | ".join([name.value, note.value, *rating.values, *contents])
        await interaction.response.send_message(text)


class ExampleBot(discord.Client):
    """Logs in, syncs its commands, and keeps what it was told for the tests to look at."""

    def __init__(self, intents: discord.Intents | None = None) -> None:
        super().__init__(intents=intents or discord.Intents.default(), guild_ready_timeout=0)
        self.tree = app_commands.CommandTree(self)
        self.heard: list[discord.Message] = []
        self.errors: list[Exception] = []
        self.released = asyncio.Event()
        self.resumed = asyncio.Event()
        self.times_ready = 0
        add_commands(self.tree)
        self.tree.error(self._failed)

    async def setup_hook(self) -> None:
        self.add_dynamic_items(Counter)
        self.add_view(Hidden(timeout=None))
        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Identify anew at once; discord.py would wait five seconds."""

    async def _failed(self, _: Interaction, error: app_commands.AppCommandError) -> None:
        self.errors.append(error)

    async def on_message(self, message: discord.Message) -> None:
        self.heard.append(message)

    async def on_ready(self) -> None:
        self.times_ready += 1

    async def on_resumed(self) -> None:
        self.resumed.set()


def add_commands(tree: app_commands.CommandTree[Any]) -> None:
    """Register the commands with a tree."""
    fic = app_commands.Group(name="fic", description="Find fics")
    tree.add_command(fic)

    @fic.command(description="Find one")
    @app_commands.describe(query="Words", length="Pages", exact="Nothing similar")
    @app_commands.choices(
        sort=[app_commands.Choice(name="Best match", value="best")],
    )
    async def search(
        interaction: Interaction,
        query: str,
        length: app_commands.Range[int, 1, 10] | None = None,
        exact: bool = False,
        sort: app_commands.Choice[str] | None = None,
    ) -> None:
        chosen = sort.value if sort else None
        await interaction.response.send_message(f"{query} {length} {exact} {chosen}")

    @search.autocomplete("query")
    async def complete(_: Interaction, current: str) -> list[app_commands.Choice[str]]:
        titles = ["Spike", "Spin", "Other"]
        return [
            app_commands.Choice(name=title, value=title.lower())
            for title in titles
            if title.lower().startswith(current.lower())
        ]

    @fic.command(description="A card")
    async def show(interaction: Interaction) -> None:
        await interaction.response.send_message(view=Card("A title"))

    @tree.command(description="Thinks first")
    async def slow(
        interaction: Interaction, ephemeral: bool = False, follow_up: bool = False
    ) -> None:
        await interaction.response.defer(ephemeral=ephemeral, thinking=True)
        if follow_up:
            await interaction.followup.send("by followup")
            await interaction.followup.send("and another")
        else:
            await interaction.edit_original_response(content="thought")

    @tree.command(description="For your eyes only")
    async def private(interaction: Interaction) -> None:
        view = ui.View()
        button: ui.Button[Any] = ui.Button(label="Mine", custom_id="mine")

        async def pressed(interaction: discord.Interaction) -> None:
            await interaction.response.edit_message(content="pressed", view=None)

        button.callback = pressed
        view.add_item(button)
        await interaction.response.send_message("a secret", ephemeral=True, view=view)

    @tree.command(description="Counts")
    async def count(interaction: Interaction) -> None:
        view = ui.View(timeout=None)
        view.add_item(Counter(0))
        await interaction.response.send_message("count 0", view=view)

    @tree.command(description="Opens a form")
    async def form(interaction: Interaction) -> None:
        await interaction.response.send_modal(Form())

    @tree.command(description="Takes and gives a file")
    async def file(interaction: Interaction, attachment: discord.Attachment) -> None:
        data = await attachment.read()
        copy = discord.File(io.BytesIO(data[::-1]), attachment.filename, description="reversed")
        await interaction.response.send_message("here", file=copy)

    @tree.command(description="Moderators only")
    @app_commands.default_permissions(manage_guild=True)
    async def mods(interaction: Interaction) -> None:
        allowed = interaction.permissions.manage_guild
        await interaction.response.send_message(f"manage_guild {allowed}")

    @tree.command(description="Adults only", nsfw=True)
    async def adults(interaction: Interaction) -> None:
        assert isinstance(interaction.channel, discord.TextChannel)
        await interaction.response.send_message(f"nsfw {interaction.channel.nsfw}")

    @tree.command(description="Servers only")
    @app_commands.guild_only()
    async def here(interaction: Interaction) -> None:
        await interaction.response.send_message(f"guild {interaction.guild_id}")

    @tree.command(description="Never answers until told")
    async def silent(interaction: Interaction) -> None:
        client = interaction.client
        assert isinstance(client, ExampleBot)
        await client.released.wait()
        await interaction.response.send_message("too late")

    @tree.command(description="Answers twice")
    async def twice(interaction: Interaction) -> None:
        await interaction.response.send_message("once")
        # Make discord.py forget that it has answered.
        setattr(interaction.response, "_response_type", None)  # noqa: B010  # not a public name
        await interaction.response.send_message("twice")

    @tree.context_menu(name="Add to library")
    async def add(interaction: Interaction, message: discord.Message) -> None:
        names = [attachment.filename for attachment in message.attachments]
        text = f"{message.author.name}: {message.content} {names}"
        await interaction.response.send_message(text, ephemeral=True)
