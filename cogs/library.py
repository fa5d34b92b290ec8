"""/library: adding, editing and removing works, for moderators."""

from dataclasses import replace

import discord
from discord import app_commands, ui
from discord.ext import commands

from cogs import _text as text
from cogs._access import (
    ModeratorsOnly,
    guild_of,
    is_moderator,
    require_moderator,
)
from cogs._batch import Batches
from cogs._cards import card_below
from cogs._client import Interaction, LibraryClient
from cogs._controls import Form, Press, SentFile, Sheet, Submission, UnknownControl, button
from cogs._duplicates import Duplicates
from cogs._export import send_export
from cogs._intake import Offer, few, handed_in
from cogs._log import OLDER, log_sheet
from cogs._memory import keep, kept_own
from cogs._options import work_number
from cogs._review import Review, ReviewItem
from cogs._reviewing import Reviews
from cogs._tags import Tags
from db.errors import BadInput, Conflict
from db.models import GuildSettings, Viewer, Work, WorkState

ADD_FORM, CONFIRM_REMOVAL = "add-form", "remove-confirm"
REMOVAL = "removal"  # the kind of what is kept for a confirmation
LINK_IN_MESSAGE_LIMIT = 512
SHOWN_FORMATS = "EPUB, HTML, .docx, .odt, .rtf, .txt, .md, .jsonl, .zip"
# Moderators keep what is adult or muted too.
MODERATOR = Viewer(user_id=None, adult_ok=True)


@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
class Library(
    commands.GroupCog, group_name="library", group_description="Keep this server's library"
):
    """What moderators may do. Every handler checks that it is one who asks."""

    def __init__(self, client: LibraryClient) -> None:
        self._client = client
        self._library = client.library
        self._reviews = Reviews(client)
        self._batches = Batches(client, self._reviews)
        self._duplicates = Duplicates(client)
        self._menu = app_commands.ContextMenu(
            name="Add to library", callback=self._add_from_message
        )
        self._menu.default_permissions = discord.Permissions(manage_guild=True)
        self._menu.guild_only = True
        assert self.app_command is not None  # of a GroupCog
        self.app_command.add_command(Tags(client))
        router = client.router
        router.on_form(ADD_FORM, self._add_submitted)
        router.on_press(CONFIRM_REMOVAL, self._removal_confirmed)
        router.on_press(OLDER, self._older_log)

    async def cog_load(self) -> None:
        """Add the message menu's command, which a group cannot hold."""
        self._client.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Take it out again."""
        self._client.tree.remove_command(self._menu.name, type=self._menu.type)

    async def interaction_check(self, interaction: Interaction) -> bool:  # pyright: ignore[reportIncompatibleMethodOverride]  # the client is always ours
        """Moderators only, whatever the server's command permissions say."""
        await require_moderator(interaction)
        return True

    # Adding

    @app_commands.command()
    async def add(self, interaction: Interaction) -> None:
        """Add fics from files, a text or a link"""
        form = Form("Add to the library", ADD_FORM)
        form.field(
            "Files",
            ui.FileUpload(custom_id="files", required=False, max_values=10),
            f"{SHOWN_FORMATS}; {self._client.settings.limits.upload_mib} MiB at most",
        )
        form.field(
            "Or its text",
            ui.TextInput(custom_id="text", style=discord.TextStyle.paragraph, required=False),
        )
        form.field(
            "Link to the source",
            ui.TextInput(custom_id="link", required=False, max_length=512),
            "Credited on the card; alone, the fic is fetched from there",
        )
        form.field(
            "Title",
            ui.TextInput(custom_id="title", required=False, max_length=255),
            "Only if the text does not give it",
        )
        await interaction.response.send_modal(form)

    async def _add_submitted(self, interaction: Interaction, form: Submission) -> None:
        guild_id = await require_moderator(interaction)
        fields = form.texts
        offer = Offer(
            form.files, fields.get("text", ""), fields.get("title", ""), fields.get("link", "")
        )
        await self._take_in(interaction, guild_id, offer)

    async def _add_from_message(self, interaction: Interaction, message: discord.Message) -> None:
        guild_id = await require_moderator(interaction)
        files = [SentFile(a.filename, a.size, a.url) for a in message.attachments]
        if not files:
            offer = Offer((), message.content)
        else:
            links = [word for word in message.content.split() if text.safe_url(word)]
            link = links[0] if len(links) == 1 and len(links[0]) <= LINK_IN_MESSAGE_LIMIT else ""
            offer = Offer(files, link=link)
        await self._take_in(interaction, guild_id, offer, may_be_chapter=True)

    async def _take_in(
        self, interaction: Interaction, guild_id: int, offer: Offer, *, may_be_chapter: bool = False
    ) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        async with handed_in(interaction, offer) as given:
            found = await few(interaction, guild_id, given)
            if found is None:
                await self._batches.run(interaction, guild_id, given.given, given.others)
                return
        if not found.items:
            said = text.lines_within(found.others, 1800) or "There is no story in that."
            if len(found.here) == 1:
                work = await self._library.work(guild_id, found.here[0])
                await interaction.followup.send(view=card_below(said, work), ephemeral=True)
            else:
                await interaction.followup.send(said, ephemeral=True)
            return
        if may_be_chapter and len(found.items) == 1:
            found = await self._as_chapter(interaction, guild_id, found)
        sheet = await self._reviews.begin(interaction, guild_id, found)
        await interaction.followup.send(view=sheet, ephemeral=True)

    async def _as_chapter(self, interaction: Interaction, guild_id: int, found: Review) -> Review:
        """The same, offered as the next chapter of what its moderator added just before."""
        [item] = found.items
        before = await self._library.latest_added(guild_id, item.work_id, by=interaction.user.id)
        if before is None:
            return found
        return replace(found, items=(replace(item, chapter_of=before.work_id),))

    # Whole lists

    @app_commands.command(name="import")
    @app_commands.describe(file="A .jsonl file, as /library export gives it")
    async def import_list(self, interaction: Interaction, file: discord.Attachment) -> None:
        """Add a list of works at once, without reviewing each"""
        guild_id = await require_moderator(interaction)
        if not file.filename.casefold().endswith((".jsonl", ".zip")):
            raise BadInput(
                "Please give a .jsonl file, or a zip of one. /library add takes other formats."
            )
        await interaction.response.defer(ephemeral=True, thinking=True)
        offer = Offer([SentFile(file.filename, file.size, file.url)])
        async with handed_in(interaction, offer) as given:
            await self._batches.run(interaction, guild_id, given.given, given.others, publish=True)

    @app_commands.command()
    async def export(self, interaction: Interaction) -> None:
        """Get every work of this library, with its text, as a .jsonl file"""
        guild_id = await require_moderator(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await send_export(interaction, guild_id)

    # Reviewing and editing

    @app_commands.command()
    @app_commands.describe(work="A published work, or one that waits for review")
    async def edit(self, interaction: Interaction, work: app_commands.Range[str, 1, 100]) -> None:
        """Change what the library says of a fic, or go on reviewing one"""
        guild_id = await require_moderator(interaction)
        found = await self._named(guild_id, work)
        if found.state is WorkState.REMOVED:
            raise Conflict("This work was removed. Use /library restore first.")
        alone = Review((ReviewItem(found.work_id),))
        sheet = await self._reviews.begin(interaction, guild_id, alone)
        await interaction.response.send_message(view=sheet, ephemeral=True)

    @app_commands.command()
    async def duplicates(self, interaction: Interaction) -> None:
        """List works that share their text"""
        guild_id = await require_moderator(interaction)
        await self._duplicates.show(interaction, guild_id)

    # Removing and restoring

    @app_commands.command()
    @app_commands.describe(
        work="Which one",
        why="For the log",
        for_good="Erase it, and refuse it from now on: what an author asks for",
    )
    async def remove(
        self,
        interaction: Interaction,
        work: app_commands.Range[str, 1, 100],
        why: app_commands.Range[str, 1, 300] | None = None,
        for_good: bool = False,
    ) -> None:
        """Take a fic out of the library"""
        guild_id = await require_moderator(interaction)
        found = await self._named(guild_id, work)
        if found.state is not WorkState.PUBLISHED and not for_good:
            raise Conflict("This work is not in the library at the moment.")
        state = {"work": found.work_id, "why": why or "", "for_good": for_good}
        token = await keep(interaction, REMOVAL, state)
        title = text.title(found.display_title, 250)
        by = text.names(found.info.authors, 200)
        named = f"**{title}**{f' by {by}' if by else ''}"
        asked = (
            f"Erase {named} for good? Its text is deleted, and it will be refused by its link, its "
            "name and its text if somebody adds it again. This cannot be undone."
            if for_good
            else f"Remove {named}? Members will not find it any more."
        )
        label = "Erase for good" if for_good else "Remove"
        sure = button(label, CONFIRM_REMOVAL, token, style=discord.ButtonStyle.danger)
        sheet = Sheet(ui.TextDisplay(asked), ui.ActionRow(sure))
        await interaction.response.send_message(view=sheet, ephemeral=True)

    async def _removal_confirmed(self, interaction: Interaction, press: Press) -> None:
        guild_id = await require_moderator(interaction)
        if len(press.numbers) != 1:
            raise UnknownControl(CONFIRM_REMOVAL)
        state = await kept_own(interaction, REMOVAL, press.numbers[0])
        by, why = interaction.user.id, state["why"]
        if state.get("for_good"):
            name = await self._library.take_down(guild_id, state["work"], by=by, why=why)
            done = f"Erased **{text.title(name, 250)}**. It will be refused from now on."
            await interaction.response.edit_message(view=Sheet(ui.TextDisplay(done)))
            return
        work = await self._library.remove(guild_id, state["work"], by=by, why=why)
        title = text.title(work.display_title, 250)
        done = f"Removed **{title}**. /library restore brings it back."
        await interaction.response.edit_message(view=Sheet(ui.TextDisplay(done)))

    @app_commands.command()
    @app_commands.describe(work="Which one")
    async def restore(
        self, interaction: Interaction, work: app_commands.Range[str, 1, 100]
    ) -> None:
        """Bring a removed fic back"""
        guild_id = await require_moderator(interaction)
        work_id = work_number(work)
        if work_id is None:
            wanted = text.clean(work).casefold()
            removed = await self._library.removed(guild_id)
            ids = [w.work_id for w in removed if wanted in w.display_title.casefold()]
            if len(ids) != 1:
                raise BadInput("Please choose one of the removed works that are offered.")
            work_id = ids[0]
        await interaction.response.defer(ephemeral=True, thinking=True)  # a long text is indexed
        found = await self._library.restore(guild_id, work_id, by=interaction.user.id)
        title = text.title(found.display_title, 250)
        said = f"Restored **{title}**. Members find it again."
        await interaction.followup.send(said, ephemeral=True)

    # The log and the settings

    @app_commands.command()
    async def log(self, interaction: Interaction) -> None:
        """Show who changed what in the library"""
        guild_id = await require_moderator(interaction)
        sheet = log_sheet(await self._library.log(guild_id))
        await interaction.response.send_message(view=sheet, ephemeral=True)

    async def _older_log(self, interaction: Interaction, press: Press) -> None:
        guild_id = await require_moderator(interaction)
        before = press.numbers[0] if press.numbers else None
        sheet = log_sheet(await self._library.log(guild_id, before=before))
        await interaction.response.edit_message(view=sheet)

    @app_commands.command()
    @app_commands.describe(
        moderator_role="Members with this role may moderate the library",
        log_channel="Where the bot tells moderators what needs them",
        forget="What to unset",
    )
    @app_commands.choices(
        forget=[
            app_commands.Choice(name="The moderator role", value="moderator_role"),
            app_commands.Choice(name="The log channel", value="log_channel"),
        ]
    )
    async def settings(
        self,
        interaction: Interaction,
        moderator_role: discord.Role | None = None,
        log_channel: discord.TextChannel | None = None,
        forget: app_commands.Choice[str] | None = None,
    ) -> None:
        """Choose who moderates the library and where they are told things"""
        guild_id = await require_moderator(interaction)
        now = await self._library.guild_settings(guild_id)
        if moderator_role or log_channel or forget:
            # Else those who moderate could appoint others.
            if not interaction.permissions.manage_guild:
                raise ModeratorsOnly
            if moderator_role and moderator_role.is_default():
                raise BadInput("That role is everybody's. Choose one that only moderators have.")
            role_id = moderator_role.id if moderator_role else now.moderator_role_id
            channel_id = log_channel.id if log_channel else now.log_channel_id
            unset = forget.value if forget else ""
            now = GuildSettings(
                None if unset == "moderator_role" else role_id,
                None if unset == "log_channel" else channel_id,
            )
            await self._library.save_guild_settings(guild_id, now, interaction.user.id)
        role = f"<@&{now.moderator_role_id}>" if now.moderator_role_id else "not set"
        channel = f"<#{now.log_channel_id}>" if now.log_channel_id else "not set"
        await interaction.response.send_message(
            f"Moderator role: {role}, beside everybody with Manage Server.\n"
            f"Log channel: {channel}.",
            ephemeral=True,
        )

    # Suggestions while typing

    @edit.autocomplete("work")
    @remove.autocomplete("work")
    async def _complete_work(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        if not await is_moderator(interaction):
            return []
        guild_id = guild_of(interaction)
        completions = await self._library.complete(guild_id, "work", typed[:100], MODERATOR)
        offered = [(c.label, c.value) for c in completions]
        if interaction.command and interaction.command.name == "edit":
            waiting = _offers(await self._library.drafts(guild_id), typed)
            offered = [(f"(to review) {label}", value) for label, value in waiting] + offered
        return _choices(offered)

    @restore.autocomplete("work")
    async def _complete_removed(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        if not await is_moderator(interaction):
            return []
        guild_id = guild_of(interaction)
        return _choices(_offers(await self._library.removed(guild_id), typed))

    async def _named(self, guild_id: int, named: str) -> Work:
        work_id = work_number(named)
        if work_id is None:
            return await self._library.resolve(guild_id, named, MODERATOR)
        return await self._library.work(guild_id, work_id)


def _offers(works: list[Work], typed: str) -> list[tuple[str, str]]:
    wanted = typed.strip().casefold()
    return [
        (f"{work.display_title} by {', '.join(work.info.authors) or 'not named'}", value)
        for work in works
        if (value := f"#{work.work_id}") and wanted in work.display_title.casefold()
    ]


def _choices(offered: list[tuple[str, str]]) -> list[app_commands.Choice[str]]:
    return [
        app_commands.Choice(name=text.plain(label, 100) or value, value=value)
        for label, value in offered[:25]
    ]
