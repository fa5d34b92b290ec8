"""What a moderator hands in, made into drafts: files, a text, a link."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

import aiohttp
import discord

from cogs import _text as text
from cogs._client import Interaction
from cogs._controls import SentFile
from cogs._review import Review, ReviewItem, noticed
from db.errors import BadInput, LibraryError, UnreadableFile
from db.ingest.reading import Reading
from db.models import AddOutcome, AddStatus, WorkState

READABLE = (".txt", ".md", ".markdown", ".jsonl")
DOWNLOAD_SECONDS = 60
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Offer:
    """What was handed in; `text`, `title` and `link` may be empty."""

    files: Sequence[SentFile]
    text: str = ""
    title: str = ""
    link: str = ""

    def checked(self) -> "Offer":
        """The same with its link sound. Raises BadInput, naming what is missing."""
        body, link = self.text.strip(), self.link.strip()
        if not link and text.safe_url(body) and len(body.split()) == 1:
            body, link = "", body
        if link and not text.safe_url(link):
            raise BadInput("That link is not a web address. It should begin with https://.")
        if link and not self.files and not body:
            raise BadInput(
                "I cannot fetch links yet. Please save the fic from its site as a file "
                f"({text.joined(READABLE, 'or')}), or copy its text, and add that together "
                "with the link."
            )
        if not self.files and not body:
            raise BadInput("There is nothing to add: give me a file or a text.")
        return replace(self, text=body, link=link)


async def take_in(interaction: Interaction, guild_id: int, offer: Offer) -> Review:
    """Read what was handed in and store it as drafts; what could not be is told in `others`.

    Raises:
        BadInput: nothing to add, or more works than are reviewed at once; nothing is stored.
    """
    offer = offer.checked()
    client = interaction.client
    limit_bytes = client.settings.limits.upload_mib * MIB
    if sum(file.size_bytes for file in offer.files) > limit_bytes:
        raise BadInput(f"That is more than {limit_bytes // MIB} MiB. Please add fewer files.")
    others: list[str] = []
    readings: list[Reading] = []
    for name, source in [*((f.filename, f) for f in offer.files), ("text.txt", offer.text)]:
        if not source:
            continue
        try:
            data = (
                source.encode("utf-8", "replace")
                if isinstance(source, str)
                else await _download(interaction, source, limit_bytes)
            )
            readings += await client.library.inspect(guild_id, name, data)
        except UnreadableFile as error:
            others.append(f"**{text.escape(name, 60)}**: {text.escape(error.sentence, 250)}")
    most = client.settings.limits.reviews_at_once
    if len(readings) > most:
        raise BadInput(
            f"These are {len(readings):,} works, and up to {most} are reviewed here at a time. "
            "The bot's owner can add them all at once with “python bot.py add”."
        )
    if len(readings) > 1 and (offer.link or offer.title):
        others.append("The link and the title were left out: they can belong to one work only.")
        offer = replace(offer, link="", title="")
    items: list[ReviewItem] = []
    for number, reading in enumerate(readings):
        item, other = await _store(interaction, guild_id, offer, reading, number)
        items += [item] if item else []
        others += [other] if other else []
    return Review(tuple(items), tuple(others))


async def _store(
    interaction: Interaction, guild_id: int, offer: Offer, reading: Reading, number: int
) -> tuple[ReviewItem | None, str | None]:
    library = interaction.client.library
    info = replace(
        reading.work.info,
        title=text.clean(offer.title)[:255] or reading.work.info.title,
        source_url=offer.link or reading.work.info.source_url,
    )
    outcome = await library.add_draft(
        guild_id,
        replace(reading.work, info=info),
        by=interaction.user.id,
        request_key=f"{interaction.id}:{number}",
    )
    lines = noticed(reading, title_given=bool(offer.title.strip()))
    if outcome.status in (AddStatus.ADDED, AddStatus.UPDATED) and outcome.work_id is not None:
        reason = (text.escape(outcome.reason, 200),) if outcome.reason else ()
        return ReviewItem(outcome.work_id, (*reason, *lines)), None
    if await _waits(interaction, guild_id, outcome):
        assert outcome.work_id is not None
        return ReviewItem(outcome.work_id, ("This was waiting for review already.",)), None
    reason = text.escape(outcome.reason or "This was not added.", 250)
    return None, f"**{text.escape(outcome.title, 80)}**: {reason}"


async def _waits(interaction: Interaction, guild_id: int, outcome: AddOutcome) -> bool:
    if outcome.status is not AddStatus.DUPLICATE or outcome.work_id is None:
        return False
    try:
        work = await interaction.client.library.work(guild_id, outcome.work_id)
    except LibraryError:
        return False
    return work.state is WorkState.DRAFT


async def _download(interaction: Interaction, file: SentFile, limit_bytes: int) -> bytes:
    if PurePath(file.filename).suffix.lower() not in READABLE:
        raise UnreadableFile(f"I read {text.joined(READABLE)} files.")
    if file.size_bytes > limit_bytes:
        raise UnreadableFile(f"It is larger than {limit_bytes // MIB} MiB.")
    try:
        async with asyncio.timeout(DOWNLOAD_SECONDS):
            data = await interaction.client.http.get_from_cdn(file.url)
    except (discord.HTTPException, aiohttp.ClientError, TimeoutError):
        raise UnreadableFile("Discord did not hand out this file. Please add it again.") from None
    if len(data) > limit_bytes:
        raise UnreadableFile(f"It is larger than {limit_bytes // MIB} MiB.")
    return data
