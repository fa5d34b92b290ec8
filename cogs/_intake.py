"""What a moderator hands in: files, a text, a link; made into drafts that are reviewed."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from cogs import _text as text
from cogs._client import Interaction
from cogs._controls import SentFile
from cogs._review import Review, ReviewItem, noticed
from db.bulk import Given, shown_entry
from db.errors import BadInput, LibraryError, UnreadableFile
from db.ingest.archives import Packed, is_zip
from db.ingest.reading import Reading
from db.ingest.worker import File
from db.models import AddOutcome, AddStatus, WorkState

DOWNLOAD_SECONDS = 60
FILE_HOSTS = ("cdn.discordapp.com", "media.discordapp.net")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
GONE = "Discord did not hand out this file. Please add it again."
CHUNK_BYTES = 65_536
MIB = 1024 * 1024
# A list of works of this size is read line by line: it may hold thousands.
LONG_LIST_BYTES = MIB


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
        if not self.files and not body and not link:
            raise BadInput("There is nothing to add: give me a file, a text or a link.")
        return replace(self, text=body, link=link)


@dataclass(frozen=True, slots=True)
class HandedIn:
    """The files of an offer, on disk for as long as they are needed.

    `others` are lines, in Markdown, on what could not be fetched.
    """

    offer: Offer
    given: list[Given]
    others: list[str] = field(default_factory=list[str])


@asynccontextmanager
async def handed_in(interaction: Interaction, offer: Offer) -> AsyncGenerator[HandedIn]:
    """Fetch what an offer holds.

    Raises:
        BadInput: there is nothing in it, or too much; nothing was fetched.
    """
    offer = offer.checked()
    limit_bytes = interaction.client.settings.limits.upload_mib * MIB
    if sum(file.size_bytes for file in offer.files) > limit_bytes:
        raise BadInput(f"That is more than {limit_bytes // MIB} MiB. Please add fewer files.")
    with tempfile.TemporaryDirectory(prefix="ficshelf-") as folder:
        found = HandedIn(offer, [])
        for number, file in enumerate(offer.files):
            # Its name is told, and never used as one; a list of works is known by its ending.
            ending = ".jsonl" if file.filename.casefold().endswith(".jsonl") else ""
            path = Path(folder, f"{number}{ending}")
            try:
                await _download(file, path, limit_bytes, interaction.client.settings.discord.api)
            except UnreadableFile as error:
                found.others.append(_line(file.filename, error.sentence))
            else:
                found.given.append(Given(path, file.filename))
        if offer.text:
            path = Path(folder, "text")
            path.write_bytes(offer.text.encode("utf-8", "replace"))
            found.given.append(Given(path, "text"))
        if offer.link and not offer.files and not offer.text:
            path = Path(folder, "link")
            try:
                fetched = await interaction.client.fetcher.fetch(offer.link)
            except UnreadableFile as error:
                raise BadInput(error.sentence) from None
            path.write_bytes(fetched.data)
            found.given.append(Given(path, fetched.name))
        yield found


async def few(interaction: Interaction, guild_id: int, found: HandedIn) -> Review | None:
    """What was handed in as drafts to review one after another; None if it is a batch of works.

    What could not be made into a draft is told in the review's `others`.
    """
    library = interaction.client.library
    most = interaction.client.settings.limits.reviews_at_once
    others = list(found.others)
    sources: list[tuple[str, File]] = []
    readings: list[Reading] = []
    for one in found.given:
        try:
            sources += await _sources(interaction, one, most)
        except UnreadableFile as error:
            others.append(_line(one.label, error.sentence))
        if len(sources) > most:
            return None
    for label, source in sources:
        try:
            readings += await library.inspect(guild_id, label, source)
        except UnreadableFile as error:
            others.append(_line(label, error.sentence))
        if len(readings) > most:
            return None
    offer = found.offer
    if len(readings) > 1 and (offer.link or offer.title):
        others.append("The link and the title were left out: they can belong to one work only.")
        offer = replace(offer, link="", title="")
    items: list[ReviewItem] = []
    here: list[int] = []
    for number, reading in enumerate(readings):
        item, outcome = await _store(interaction, guild_id, offer, reading, number)
        if item:
            items.append(item)
            continue
        others.append(_line(outcome.title, outcome.reason or "This was not added."))
        if outcome.status is AddStatus.DUPLICATE and outcome.work_id is not None:
            here.append(outcome.work_id)
    return Review(tuple(items), tuple(others), tuple(here))


async def _sources(interaction: Interaction, given: Given, most: int) -> list[tuple[str, File]]:
    """What a file holds to be read; more than `most` where that is all that counts."""
    if given.path.suffix == ".jsonl" and given.path.stat().st_size > LONG_LIST_BYTES:
        return [(given.label, given.path)] * (most + 1)
    if not is_zip(given.path):
        return [(given.label, given.path)]
    entries = await interaction.client.library.stories(given.path)
    if entries is None:
        return [(given.label, given.path)]
    return [(shown_entry(entry), Packed(given.path, entry)) for entry in entries]


async def _store(
    interaction: Interaction, guild_id: int, offer: Offer, reading: Reading, number: int
) -> tuple[ReviewItem | None, AddOutcome]:
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
        return ReviewItem(outcome.work_id, (*reason, *lines), outcome.standing_id), outcome
    if await _waits(interaction, guild_id, outcome):
        assert outcome.work_id is not None
        return ReviewItem(outcome.work_id, ("This was waiting for review already.",)), outcome
    return None, outcome


async def _waits(interaction: Interaction, guild_id: int, outcome: AddOutcome) -> bool:
    if outcome.status is not AddStatus.DUPLICATE or outcome.work_id is None:
        return False
    try:
        work = await interaction.client.library.work(guild_id, outcome.work_id)
    except LibraryError:
        return False
    return work.state is WorkState.DRAFT


def _is_discords(url: str, api: str) -> bool:
    """Whether a file is where Discord keeps files (`api`: the one that is set in its place).

    The address came from outside; no other is ever asked.
    """
    try:
        parts = urlsplit(url)
        here = (parts.scheme, parts.hostname in LOOPBACK, parts.port, "@" in parts.netloc)
    except ValueError:
        return False
    if api:
        return here == ("http", True, urlsplit(api).port, False)
    return parts.scheme == "https" and parts.netloc in FILE_HOSTS


async def _download(file: SentFile, path: Path, limit_bytes: int, api: str) -> None:
    """Have Discord's copy of a file on disk; it is never whole in memory."""
    gone = UnreadableFile(GONE)
    if not _is_discords(file.url, api):
        raise gone
    size = 0
    try:
        async with (
            asyncio.timeout(DOWNLOAD_SECONDS),
            aiohttp.ClientSession(trust_env=True) as session,
            session.get(file.url, allow_redirects=False) as response,
        ):
            if response.status != 200:
                raise gone
            with path.open("wb") as copy:
                async for chunk in response.content.iter_chunked(CHUNK_BYTES):
                    size += len(chunk)
                    if size > limit_bytes:
                        raise UnreadableFile(f"It is larger than {limit_bytes // MIB} MiB.")
                    copy.write(chunk)
    except (aiohttp.ClientError, TimeoutError):
        raise gone from None


def _line(name: str, sentence: str) -> str:
    return f"**{text.escape(name, 80)}**: {text.escape(sentence, 250)}"
