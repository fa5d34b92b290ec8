"""The library as its callers see it: one object, whole answers, no rows.

Every method that touches a server's things takes its `guild_id` first and sees nothing of any
other server: an id of another server is `NotFound`, like an id that never was.

Reads run on reader connections' threads and never wait for a write; each write is one
transaction on the writer's thread (see connection.py). What a method returned from is stored.
Permission to moderate is the caller's to check: the library does not know Discord.
"""

import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Self

from db import (
    adding,
    appending,
    audit,
    erasing,
    finding,
    gazetteer,
    guilds,
    keeping,
    known_files,
    similar,
    tagged,
    tags,
)
from db.asked import Searches
from db.bulk import Batch, Given, Item, Reader, store_all
from db.clock import Clock, SystemClock
from db.connection import Store, open_store
from db.daily.desk import Daily
from db.errors import LibraryUnusable, StorageFull
from db.finding import CompletionField
from db.ingest import IngestPool
from db.ingest.gazetteer import Row
from db.ingest.reading import Reading
from db.ingest.worker import File
from db.members import Members
from db.models import (
    AddOutcome,
    AuditEntry,
    Completion,
    Duplicate,
    Excerpt,
    Filters,
    GuildSettings,
    Hidden,
    NewWork,
    Passage,
    QuoteAnswer,
    SearchAnswer,
    SearchRequest,
    SimilarAnswer,
    TagChange,
    TagKind,
    Viewer,
    Work,
    WorkChanges,
    WorkState,
)
from db.scrubbing import Scrubber
from db.texts import load_excerpts
from db.works import load_work

LISTED_WORKS = 100  # drafts or removed works shown at once
PUBLISHED_AT_ONCE = 20  # in one transaction, so that others get their turn


class Library:
    """One SQLite file of works and what servers and members have said about them.

    `daily` holds the methods about recommendations.
    """

    def __init__(self, store: Store, pool: IngestPool, clock: Clock) -> None:
        self._store = store
        self._pool = pool
        self._clock = clock
        self._searches = Searches(store)
        self._scrubber = Scrubber(store, clock)
        self.members = Members(store, clock, self._scrubber)
        self.daily = Daily(store, clock)

    @classmethod
    @asynccontextmanager
    async def open(
        cls, path: Path, *, clock: Clock | None = None, readers: int = 1
    ) -> AsyncGenerator[Self]:
        """Open the library at `path`, creating or upgrading it, and close it at the end.

        `readers` is how many processes read files, started when first needed.

        Raises:
            LibraryUnusable: the file is not a library, is newer than this program, or cannot
                be opened; it is left as it was.
        """
        async with open_store(path) as store, IngestPool(readers) as pool:
            try:
                if not await store.read(gazetteer.is_shipped):
                    with suppress(StorageFull):  # reading goes on with the older one
                        await store.write(gazetteer.refresh_shipped)
            except sqlite3.Error as error:
                raise LibraryUnusable(f"{path} cannot be used ({error}).") from error
            library = cls(store, pool, clock or SystemClock())
            try:
                yield library
            finally:
                await library._scrubber.aclose()

    # -- servers -----------------------------------------------------------------------------
    async def welcome_guild(self, guild_id: int, name: str) -> int:
        """Make a server known. The first real server takes over the works of guild 0.

        Returns the number of works taken over.
        """
        return await self._store.write(guilds.welcome, guild_id, name, now=self._clock.now())

    async def default_guild(self, home_guild: int | None) -> int:
        """The server that the command line means: home_guild, else the only one, else 0."""
        return await self._store.read(guilds.default_guild, home_guild)

    async def guild_settings(self, guild_id: int) -> GuildSettings:
        """What a server has chosen."""
        return await self._store.read(guilds.settings, guild_id)

    async def save_guild_settings(self, guild_id: int, settings: GuildSettings, by: int) -> None:
        """Store what a server has chosen."""
        await self._store.write(
            guilds.change_settings, guild_id, settings, by=by, now=self._clock.now()
        )

    async def meta(self, key: str) -> str | None:
        """A value that the program keeps for itself, such as the hash of its commands."""
        return await self._store.read(guilds.meta, key)

    async def set_meta(self, key: str, value: str) -> None:
        """Keep a value for the program itself."""
        await self._store.write(guilds.set_meta, key, value)

    async def probe(self) -> None:
        """Take the writer's turn and the file's write lock, and write nothing.

        Raises:
            StorageFull, sqlite3.Error: the library could not be written now.
        """
        await self._store.write(lambda _: None)

    async def published_works(self) -> int:
        """How many works are published, in all servers together: for the owner's figures."""
        return await self._store.read(guilds.published_works)

    async def remember(self, guild_id: int, user_id: int, payload: str) -> int:
        """Keep what a list's buttons stand for, and return the number that finds it again."""
        return await self._store.write_small(
            guilds.remember, guild_id, user_id, payload, now=self._clock.now()
        )

    async def recall(self, guild_id: int, token: int) -> tuple[int, str]:
        """The user and the payload of `remember`, for 30 days.

        Raises:
            NotFound: too long ago, or never in that server.
        """
        return await self._store.read(guilds.recall, guild_id, token)

    # -- finding -----------------------------------------------------------------------------
    async def search(self, guild_id: int, request: SearchRequest, viewer: Viewer) -> SearchAnswer:
        """Find published works; see db/search. Never raises for what a query holds."""
        request = replace(request, today=request.today or self._clock.now().date())
        return await self._searches.ask(guild_id, request, viewer)

    async def complete(
        self, guild_id: int, field: CompletionField, text: str, viewer: Viewer, limit: int = 25
    ) -> list[Completion]:
        """Suggestions while typing. A work's value is `#work_id`, a name's the name.

        For a "query" that ends in a filter, such as `spike author:vi`, they are whole queries.
        """
        return await self._store.read(finding.complete, guild_id, field, text, viewer, limit)

    async def resolve(self, guild_id: int, text: str, viewer: Viewer) -> Work:
        """The work that a member means by `#work_id` or by words (the best match).

        Raises:
            NotFound: nothing matches that the viewer may see.
            Refused: the work is adult and this is no place for it.
        """
        return await self._store.read(finding.resolve, guild_id, text, viewer)

    async def work(self, guild_id: int, work_id: int, viewer: Viewer | None = None) -> Work:
        """One work in any state; with a viewer, only a published one that may be shown here.

        Raises:
            NotFound: no such work for this viewer.
            Refused: the work is adult and this is no place for it.
        """
        if viewer is None:
            return await self._store.read(load_work, guild_id, work_id)
        return await self._store.read(finding.visible_work, guild_id, work_id, viewer)

    async def random_work(
        self, guild_id: int, viewer: Viewer, filters: Filters | None = None
    ) -> tuple[Work | None, Hidden]:
        """Any published work that fits and may be shown; None where there is none."""
        return await self._store.read(finding.random_work, guild_id, viewer, filters or Filters())

    async def similar(
        self, guild_id: int, work_id: int, viewer: Viewer, *, offset: int = 0, limit: int = 8
    ) -> SimilarAnswer:
        """Works like one, the most alike first, and what they share.

        Raises:
            NotFound: no such work for this viewer.
            Refused: the work is adult and this is no place for it.
        """
        return await self._store.read(
            similar.similar, guild_id, work_id, viewer, offset=offset, limit=limit
        )

    # -- text --------------------------------------------------------------------------------
    async def excerpts(self, guild_id: int, work_id: int) -> list[Excerpt]:
        """The excerpt candidates of a work, the moderators' choice first; vetoed ones are out."""

        def load(conn: finding.Db) -> list[Excerpt]:
            return load_excerpts(conn, load_work(conn, guild_id, work_id).work_id)

        return await self._store.read(load)

    async def passage(
        self,
        guild_id: int,
        work_id: int,
        viewer: Viewer,
        *,
        about: str | None = None,
        after: int | None = None,
    ) -> Passage:
        """A passage worth reading; `about` picks the nearest to those words, `after` (an
        excerpt id) the next one round, and an id that is no longer there the first.

        Raises:
            NotFound: no such work for this viewer.
            Refused: the work is adult and this is no place for it.
            Conflict: the work has no text that may be shown.
        """
        return await self._store.read(
            finding.passage, guild_id, work_id, viewer, about=about, after=after
        )

    async def quote(
        self,
        guild_id: int,
        words: str,
        viewer: Viewer,
        *,
        work_id: int | None = None,
        offset: int = 0,
        limit: int = 3,
    ) -> QuoteAnswer:
        """Where something is said: exactly so, else near each other, else nearly so.

        Raises:
            BadInput: there are no words in it.
            NotFound, Refused, Conflict: that work is not there, not for here, or not to quote.
        """
        return await self._store.read(
            finding.quote,
            guild_id,
            words,
            viewer,
            work_id=work_id,
            offset=offset,
            limit=limit,
        )

    # -- adding and keeping ------------------------------------------------------------------
    async def inspect(self, guild_id: int, name: str, source: File) -> list[Reading]:
        """Read a file in the worker process, storing nothing.

        Raises:
            UnreadableFile: with one sentence on why.
        """
        rows = await self._store.read(gazetteer.rows, guild_id)
        async with self._pool.worker() as worker:
            return await worker.read(name, source, rows)

    async def stories(self, path: Path) -> list[str] | None:
        """The entries of a zip that are read; None if it is itself one work, as an EPUB is.

        Raises:
            UnreadableFile: it is damaged or hostile, or there is no story in it.
        """
        async with self._pool.worker() as worker:
            return await worker.stories(path)

    async def gazetteer(self, guild_id: int) -> list[Row]:
        """The names by which ingest knows fandoms and characters for that server."""
        return await self._store.read(gazetteer.rows, guild_id)

    async def warm_ingest(self) -> None:
        """Start the worker process ahead of the first file, which it makes a second faster."""
        async with self._pool.worker() as worker:
            await worker.warm()

    async def add_draft(
        self, guild_id: int, new: NewWork, *, by: int, request_key: str
    ) -> AddOutcome:
        """Store a work for a moderator to review. The same `request_key` stores it once.

        A duplicate of a work of this server is not stored: the outcome names the work. A newer
        copy is stored as a draft with status "updated"; publishing it updates the work.
        """
        return await self._store.write(
            adding.add_draft,
            guild_id,
            new,
            by=by,
            request_key=request_key,
            now=self._clock.now(),
        )

    async def add(
        self,
        guild_id: int,
        new: Sequence[NewWork],
        *,
        by: int | None,
        file_hashes: Sequence[bytes | None] = (),
    ) -> list[AddOutcome]:
        """Store and publish works, all in one transaction; outcomes in the same order.

        A work with the same source link, title and authors, or text as one that stands updates
        it: where the newcomer says something, unless a moderator set that by hand.
        `file_hashes` are the files that the works came from, for `known_file`.
        """
        return await self._store.write(
            adding.add_works, guild_id, new, by=by, now=self._clock.now(), file_hashes=file_hashes
        )

    async def read_files(
        self, guild_id: int, given: Iterable[Given | Item], *, whole: bool = False
    ) -> AsyncGenerator[Batch]:
        """Everything in some files, zips and `.jsonl` files, in their order; stores nothing.

        A file that was added before and still stands is not read again. `whole`: with readings.
        """

        async def known(file_hash: bytes) -> AddOutcome | None:
            return await self._store.read(known_files.known_file, guild_id, file_hash)

        rows = await self._store.read(gazetteer.rows, guild_id)
        async with aclosing(Reader(self._pool, rows, known, whole=whole).batches(given)) as batches:
            async for batch in batches:
                yield batch

    async def add_items(
        self, guild_id: int, items: Sequence[Item], *, by: int | None
    ) -> list[tuple[Item, AddOutcome]]:
        """Add and publish what was read, with what became of each."""

        async def add(some: Sequence[Item]) -> list[AddOutcome]:
            works = [item.work for item in some if item.work]
            hashes = [item.file_hash for item in some]
            return await self.add(guild_id, works, by=by, file_hashes=hashes)

        return await store_all(items, add)

    async def add_item_drafts(
        self, guild_id: int, items: Sequence[Item], *, by: int
    ) -> list[tuple[Item, AddOutcome]]:
        """Store what was read for review, with what became of each; see `add_draft`."""

        async def add(some: Sequence[Item]) -> list[AddOutcome]:
            works = [item.work for item in some if item.work]
            return await self._store.write(
                adding.add_drafts, guild_id, works, by=by, now=self._clock.now()
            )

        return await store_all(items, add)

    async def drafts(self, guild_id: int, *, limit: int = LISTED_WORKS) -> list[Work]:
        """Works that wait for review, the latest first."""
        return await self._store.read(keeping.in_state, guild_id, WorkState.DRAFT, limit)

    async def publish(self, guild_id: int, work_id: int, *, by: int) -> Work:
        """Make a draft findable. Raises NotFound; Conflict if it is no draft (any more)."""
        return await self._store.write(
            adding.publish, guild_id, work_id, by=by, now=self._clock.now()
        )

    async def latest_added(self, guild_id: int, work_id: int, *, by: int) -> Work | None:
        """What that moderator added within the hour before a draft; None: nothing with text."""
        return await self._store.read(
            appending.latest_added, guild_id, work_id, by=by, now=self._clock.now()
        )

    async def append_chapters(self, guild_id: int, draft_id: int, to: int, *, by: int) -> Work:
        """Make a draft's chapters the last ones of another work; the draft is gone then.

        Raises:
            NotFound: one of them is not there (any more).
            Conflict: the one is no draft, or the other was removed or has no text.
        """
        return await self._store.write(
            appending.append_chapters, guild_id, draft_id, to, by=by, now=self._clock.now()
        )

    async def publish_all(self, guild_id: int, work_ids: Sequence[int], *, by: int) -> list[Work]:
        """Publish those that are drafts (still), and return them."""
        published: list[Work] = []
        for start in range(0, len(work_ids), PUBLISHED_AT_ONCE):
            some = work_ids[start : start + PUBLISHED_AT_ONCE]
            published += await self._store.write(
                adding.publish_each, guild_id, some, by=by, now=self._clock.now()
            )
        return published

    async def discard_all(self, guild_id: int, work_ids: Sequence[int], *, by: int) -> int:
        """Delete those that are drafts (still), and return how many."""
        return await self._store.write(
            keeping.discard_each, guild_id, work_ids, by=by, now=self._clock.now()
        )

    async def discard(self, guild_id: int, work_id: int, *, by: int) -> None:
        """Delete a draft. Raises NotFound; Conflict if it is no draft."""
        await self._store.write(keeping.discard, guild_id, work_id, by=by, now=self._clock.now())

    async def edit(self, guild_id: int, work_id: int, changes: WorkChanges, *, by: int) -> Work:
        """Change what is known of a work. Raises NotFound, Conflict (removed), BadInput."""
        return await self._store.write(
            keeping.edit, guild_id, work_id, changes, by=by, now=self._clock.now()
        )

    async def choose_excerpt(
        self, guild_id: int, work_id: int, excerpt_id: int, *, by: int
    ) -> None:
        """Make an excerpt the one that is shown first. Raises NotFound."""
        await self._store.write(
            keeping.mark_excerpt,
            guild_id,
            work_id,
            excerpt_id,
            "chosen",
            by=by,
            now=self._clock.now(),
        )

    async def veto_excerpt(self, guild_id: int, work_id: int, excerpt_id: int, *, by: int) -> None:
        """Never show that excerpt. Raises NotFound."""
        await self._store.write(
            keeping.mark_excerpt,
            guild_id,
            work_id,
            excerpt_id,
            "vetoed",
            by=by,
            now=self._clock.now(),
        )

    async def remove(self, guild_id: int, work_id: int, *, by: int, why: str = "") -> Work:
        """Take a published work out of every answer; it can be restored."""
        return await self._store.write(
            keeping.remove, guild_id, work_id, by=by, why=why, now=self._clock.now()
        )

    async def take_down(self, guild_id: int, work_id: int, *, by: int | None, why: str) -> str:
        """Erase a work for good; it is refused from then on by its link, its name and its text.

        Returns what it was called. What is left of it in the file goes in the background (see
        traces.py). Raises NotFound.
        """
        called = await self._store.write(
            erasing.take_down, guild_id, work_id, by=by, why=why, now=self._clock.now()
        )
        self._scrubber.start()
        return called

    def start_scrubbing(self) -> None:
        """Go on making what was erased leave the file, where the last run ended amid it."""
        self._scrubber.start()

    async def finish_scrubbing(self) -> None:
        """Return once nothing of what was erased is left in the file."""
        await self._scrubber.finish()

    async def duplicates(self, guild_id: int, limit: int = 50) -> list[Duplicate]:
        """Published works of which one lies nearly whole in another, the most alike first."""
        return await self._store.read_long(keeping.duplicates, guild_id, limit)

    async def mark_different(self, guild_id: int, one: int, other: int, *, by: int) -> None:
        """Note that two works are no duplicates. Raises NotFound."""
        await self._store.write(keeping.tell_apart, guild_id, one, other)

    async def restore(self, guild_id: int, work_id: int, *, by: int) -> Work:
        """Bring a removed work back. Raises NotFound; Conflict if it was not removed."""
        return await self._store.write(
            keeping.restore, guild_id, work_id, by=by, now=self._clock.now()
        )

    async def removed(self, guild_id: int) -> list[Work]:
        """Removed works, the latest first."""
        return await self._store.read(keeping.in_state, guild_id, WorkState.REMOVED, LISTED_WORKS)

    async def log(
        self, guild_id: int, *, limit: int = 20, before: int | None = None
    ) -> list[AuditEntry]:
        """The server's audit log, newest first; `before` is an entry's `audit_id`."""
        return await self._store.read(audit.entries, guild_id, limit=limit, before=before)

    async def export(self, guild_id: int) -> AsyncIterator[NewWork]:
        """Every published work with its text, in the order of adding."""
        after = 0
        while batch := await self._store.read_long(finding.export_batch, guild_id, after):
            for _, new in batch:
                yield new
            after = batch[-1][0]

    # -- tags --------------------------------------------------------------------------------
    async def merge_tags(
        self, guild_id: int, kind: TagKind, name: str, into: str, *, by: int | None
    ) -> TagChange:
        """Make a tag a synonym of another; `works` is how many are found by either now.

        Raises:
            NotFound, BadInput: one of them is no tag of that kind here, or not clearly one.
            Conflict: they are the same already, or one is above the other.
        """
        return await self._store.write(
            tags.merge, guild_id, kind, name, into, by=by, now=self._clock.now()
        )

    async def split_tag(
        self, guild_id: int, kind: TagKind, name: str, *, by: int | None
    ) -> TagChange:
        """Let a synonym stand for itself again. Raises NotFound, BadInput; Conflict: it does."""
        return await self._store.write(
            tags.unmerge, guild_id, kind, name, by=by, now=self._clock.now()
        )

    async def rename_tag(
        self, guild_id: int, kind: TagKind, name: str, to: str, *, by: int | None
    ) -> TagChange:
        """Spell a tag otherwise on all works. Raises NotFound, BadInput; Conflict: it is taken."""
        return await self._store.write(
            tags.rename, guild_id, kind, name, to, by=by, now=self._clock.now()
        )

    async def set_tag_parent(
        self, guild_id: int, kind: TagKind, name: str, parent: str | None, *, by: int | None
    ) -> TagChange:
        """Put a tag below another, or None. Raises NotFound, BadInput; Conflict: a circle."""
        return await self._store.write(
            tags.set_parent, guild_id, kind, name, parent, by=by, now=self._clock.now()
        )

    async def add_nickname(
        self, guild_id: int, kind: TagKind, name: str, nickname: str, *, by: int | None
    ) -> TagChange:
        """Let a tag be found by another name. Raises NotFound, BadInput; Conflict: it is."""
        return await self._store.write(
            tags.add_nickname, guild_id, kind, name, nickname, by=by, now=self._clock.now()
        )

    async def remove_nickname(
        self, guild_id: int, kind: TagKind, name: str, nickname: str, *, by: int | None
    ) -> TagChange:
        """Take a nickname away. Raises NotFound, BadInput; Conflict: it came with the bot."""
        return await self._store.write(
            tags.remove_nickname, guild_id, kind, name, nickname, by=by, now=self._clock.now()
        )

    async def complete_synonyms(
        self, guild_id: int, kind: TagKind, text: str, viewer: Viewer, limit: int = 25
    ) -> list[Completion]:
        """Synonyms that may be split off, with what they stand for; the value is the name."""
        return await self._store.read(
            tagged.complete_synonyms, guild_id, kind, text, viewer, limit=limit
        )

    async def nicknames(self, guild_id: int, kind: TagKind, name: str) -> list[str]:
        """The nicknames that a server gave a tag."""
        return await self._store.read(tags.nicknames, guild_id, kind, name)
