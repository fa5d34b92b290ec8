"""/library tag: what a server's tags are called, and which of them belong together."""

from typing import Any

from discord import app_commands

from cogs import _text as text
from cogs._access import is_moderator, require_moderator, viewer_of
from cogs._client import Interaction, LibraryClient
from cogs._options import MOST_CHOICES, choices_of
from db.errors import BadInput
from db.models import Completion, TagChange, TagKind

Choices = list[app_commands.Choice[str]]
Name = app_commands.Range[str, 1, 150]
Nickname = app_commands.Range[str, 1, 100]

SHOWN_CHARS = 150  # of a name in an answer
_KINDS = {
    "Fandom": TagKind.FANDOM,
    "Character": TagKind.CHARACTER,
    "Relationship": TagKind.RELATIONSHIP,
    "Freeform tag": TagKind.FREEFORM,
}


class Kind(app_commands.Transformer[LibraryClient]):
    """The kind of a tag, by the name that AO3 gives it."""

    @property
    def choices(self) -> list[app_commands.Choice[str | int | float]]:
        """The kinds, as Discord offers them."""
        return [app_commands.Choice(name=name, value=kind.value) for name, kind in _KINDS.items()]

    async def transform(self, interaction: Interaction, value: Any, /) -> TagKind:
        """The kind that was chosen."""
        if (kind := _kind(value)) is None:
            raise BadInput("A tag is a fandom, a character, a relationship or a freeform tag.")
        return kind


KindOption = app_commands.Transform[TagKind, Kind]


class Tags(app_commands.Group):
    """The commands. Every handler checks that a moderator asks.

    A change is answered late: a fandom's works are all indexed anew, which may take a while.
    """

    def __init__(self, client: LibraryClient) -> None:
        super().__init__(name="tag", description="Keep this server's tags")
        self._library = client.library

    async def interaction_check(self, interaction: Interaction) -> bool:  # pyright: ignore[reportIncompatibleMethodOverride]  # the client is always ours
        """Moderators only, whatever the server's command permissions say."""
        await require_moderator(interaction)
        return True

    @app_commands.command()
    @app_commands.describe(
        kind="Of both tags", name="Which becomes a synonym", into="Which it stands for from now on"
    )
    async def merge(
        self, interaction: Interaction, kind: KindOption, name: Name, into: Name
    ) -> None:
        """Make two tags one: whoever looks for either finds the works of both"""
        guild_id = await _begin(interaction)
        done = await self._library.merge_tags(guild_id, kind, name, into, by=interaction.user.id)
        one, other = _said(done.name), _said(done.other)
        said = f"{one} stands for {other} now: {_works(done)} with either."
        await _answer(interaction, f"{said}\n-# /library tag split undoes it.")

    @app_commands.command()
    @app_commands.describe(kind="Of the tag", name="Which synonym")
    async def split(self, interaction: Interaction, kind: KindOption, name: Name) -> None:
        """Let a tag that was merged stand for itself again"""
        guild_id = await _begin(interaction)
        done = await self._library.split_tag(guild_id, kind, name, by=interaction.user.id)
        one, other = _said(done.name), _said(done.other)
        said = f"{one} stands for itself again: {_works(done)}."
        kept = f"Nicknames, and tags above and below, stay with {other}."
        await _answer(interaction, f"{said}\n-# {kept}")

    @app_commands.command()
    @app_commands.describe(kind="Of the tag", name="Which one", to="How it is spelt from now on")
    async def rename(
        self, interaction: Interaction, kind: KindOption, name: Name, to: Name
    ) -> None:
        """Spell a tag otherwise, on every work that has it"""
        guild_id = await _begin(interaction)
        done = await self._library.rename_tag(guild_id, kind, name, to, by=interaction.user.id)
        said = f"{_said(done.name)} is now {_said(done.other)}: {_works(done)}."
        await _answer(interaction, said)

    @app_commands.command(name="parent")  # a Group has a `parent` of its own
    @app_commands.describe(
        kind="Of both tags",
        name="Which one is a part of the other",
        parent="What it belongs to; leave it out to take the tag out again",
    )
    async def put_below(
        self, interaction: Interaction, kind: KindOption, name: Name, parent: Name | None = None
    ) -> None:
        """Put a tag below another: whoever looks for that one finds its works too"""
        guild_id = await _begin(interaction)
        by = interaction.user.id
        done = await self._library.set_tag_parent(guild_id, kind, name, parent, by=by)
        former = text.joined([_said(one) for one in done.former])
        if done.other is None:
            said = f"{_said(done.name)} is no longer below {former}: {_works(done)}."
        else:
            instead = f", and no longer below {former}" if former else ""
            said = f"{_said(done.name)} is below {_said(done.other)} now{instead}: {_works(done)}."
        await _answer(interaction, said)

    @app_commands.command()
    @app_commands.describe(
        kind="Of the tag",
        name="Which one",
        nickname="What members call it",
        remove="Take that nickname away",
    )
    async def nickname(
        self,
        interaction: Interaction,
        kind: KindOption,
        name: Name,
        nickname: Nickname,
        remove: bool = False,
    ) -> None:
        """Let members find a tag by what they call it"""
        guild_id = await _begin(interaction)
        change = self._library.remove_nickname if remove else self._library.add_nickname
        done = await change(guild_id, kind, name, nickname, by=interaction.user.id)
        finds = "no longer finds" if remove else "now finds"
        said = f"{_said(done.other)} {finds} {_said(done.name)}: {_works(done)}."
        await _answer(interaction, said)

    # Suggestions while typing

    @merge.autocomplete("name")
    @merge.autocomplete("into")
    @rename.autocomplete("name")
    @put_below.autocomplete("name")
    @put_below.autocomplete("parent")
    @nickname.autocomplete("name")
    async def _complete_name(self, interaction: Interaction, typed: str) -> Choices:
        kind = _kind(interaction.namespace.kind)
        if kind is None or interaction.guild_id is None or not await is_moderator(interaction):
            return []
        # What is adult is offered where it may be seen, to moderators too.
        viewer = viewer_of(interaction)
        return choices_of(
            await self._library.complete(interaction.guild_id, kind.value, typed[:100], viewer)
        )

    @split.autocomplete("name")
    async def _complete_synonym(self, interaction: Interaction, typed: str) -> Choices:
        kind = _kind(interaction.namespace.kind)
        if kind is None or interaction.guild_id is None or not await is_moderator(interaction):
            return []
        viewer = viewer_of(interaction)
        return choices_of(
            await self._library.complete_synonyms(interaction.guild_id, kind, typed[:100], viewer)
        )

    @nickname.autocomplete("nickname")
    async def _complete_nickname(self, interaction: Interaction, typed: str) -> Choices:
        """Those that can be taken away; a new one is the moderator's own."""
        chosen = interaction.namespace
        kind = _kind(chosen.kind)
        if kind is None or interaction.guild_id is None or not await is_moderator(interaction):
            return []
        if not chosen.remove or not isinstance(chosen.name, str):
            return []
        nicknames = await self._library.nicknames(interaction.guild_id, kind, chosen.name)
        wanted = typed.casefold()
        offered = [Completion(one, one) for one in nicknames if wanted in one.casefold()]
        return choices_of(offered[:MOST_CHOICES])


async def _begin(interaction: Interaction) -> int:
    guild_id = await require_moderator(interaction)
    await interaction.response.defer(ephemeral=True, thinking=True)
    return guild_id


async def _answer(interaction: Interaction, said: str) -> None:
    await interaction.followup.send(said, ephemeral=True)


def _kind(value: object) -> TagKind | None:
    return next((kind for kind in TagKind if kind.value == value), None)


def _said(name: str | None) -> str:
    return f"“{text.escape(name or '', SHOWN_CHARS)}”"


def _works(done: TagChange) -> str:
    return text.count(done.works, "work")
