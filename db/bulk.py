"""Many files read by several processes at once, and told in order."""

import asyncio
import codecs
import hashlib
import sqlite3
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path

from db.errors import BadInput, UnreadableFile
from db.ingest import IngestPool, IngestWorker
from db.ingest.archives import Packed, is_zip, why_unreadable
from db.ingest.gazetteer import Row
from db.ingest.interchange import LINE_LIMIT_CHARS
from db.ingest.reading import Reading
from db.models import AddOutcome, AddStatus, NewWork

# One transaction each: large enough to be fast, small enough for the bot beside to get its turn
# and for the reader to be done with it in time.
BATCH_WORKS = 500
BATCH_BYTES = 500_000
# Jobs that are begun before the first of them is told, for each process.
AHEAD = 3
# What a value that the tables cannot hold comes to.
_UNSTORABLE = (OverflowError, ValueError, sqlite3.DataError, sqlite3.IntegrityError, BadInput)


@dataclass(frozen=True, slots=True)
class Given:
    """A file to add, and what it is called."""

    path: Path
    label: str


@dataclass(frozen=True, slots=True)
class Item:
    """One work to add, or why there is none.

    `file_hash` is given where the file holds this work alone, so that it need not be read
    again; `known` is the work that it was found to be without reading it.
    """

    label: str
    work: NewWork | None = None
    reason: str | None = None
    file_hash: bytes | None = None
    known: AddOutcome | None = None
    reading: Reading | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Items that are stored together, and how many bytes of the given files they came from."""

    items: list[Item]
    size: int


@dataclass(frozen=True, slots=True)
class _Job:
    size: int
    read: Callable[[IngestWorker], Awaitable[list[Item]]]


class Reader:
    """Reads files for one server.

    `known` gives the outcome for the hash of a file that was added before. `whole`: the items
    have a `Reading` as well.
    """

    def __init__(
        self,
        pool: IngestPool,
        rows: Sequence[Row],
        known: Callable[[bytes], Awaitable[AddOutcome | None]],
        *,
        whole: bool = False,
    ) -> None:
        self._pool = pool
        self._rows = rows
        self._known = known
        self._whole = whole

    async def batches(self, given: Iterable[Given | Item]) -> AsyncGenerator[Batch]:
        """Everything in the files, in their order; an item given passes through."""
        items: list[Item] = []
        size = 0
        async with aclosing(self._read(given)) as parts:
            async for part in parts:
                items += part.items
                size += part.size
                if len(items) >= BATCH_WORKS or size >= BATCH_BYTES:
                    yield Batch(items, size)
                    items, size = [], 0
        if items or size:
            yield Batch(items, size)

    async def _read(self, given: Iterable[Given | Item]) -> AsyncGenerator[Batch]:
        window: deque[asyncio.Task[Batch]] = deque()
        try:
            async with aclosing(self._jobs(given)) as jobs:
                async for job in jobs:
                    window.append(asyncio.create_task(self._run(job)))
                    if len(window) >= AHEAD * self._pool.size:
                        yield await window.popleft()
            while window:
                yield await window.popleft()
        finally:
            for task in window:
                task.cancel()
            await asyncio.gather(*window, return_exceptions=True)

    async def _run(self, job: _Job) -> Batch:
        async with self._pool.worker() as worker:
            return Batch(await job.read(worker), job.size)

    async def _jobs(self, given: Iterable[Given | Item]) -> AsyncGenerator[_Job]:
        for one in given:
            if isinstance(one, Item):
                yield _passing(one)
                continue
            try:
                if one.path.suffix.casefold() == ".jsonl":
                    async for job in self._jobs_of_lines(one):
                        yield job
                elif await asyncio.to_thread(is_zip, one.path):
                    async for job in self._jobs_of_zip(one):
                        yield job
                else:
                    yield self._job(one.label, one.path, one.path.stat().st_size)
            except OSError as error:
                yield _passing(Item(one.label, None, why_unreadable(error)))
            except UnreadableFile as error:
                yield _passing(Item(one.label, None, str(error)))

    def _job(
        self, label: str, source: Path | Packed, size: int, archive: bytes | None = None
    ) -> _Job:
        async def read(worker: IngestWorker) -> list[Item]:
            try:
                digest = archive or await asyncio.to_thread(hash_of, source)
                if isinstance(source, Packed):
                    digest = hashlib.blake2b(
                        digest + source.entry.encode("utf-8", "surrogatepass"), digest_size=16
                    ).digest()
                if known := await self._known(digest):
                    return [Item(label, known=known)]
                if self._whole:
                    readings = await worker.read(label, source, self._rows)
                    items = [Item(label, one.work, reading=one) for one in readings]
                else:
                    works = await worker.read_works(label, source, self._rows)
                    items = [Item(label, work) for work in works]
            except UnreadableFile as error:
                return [Item(label, None, str(error))]
            return [replace(items[0], file_hash=digest)] if len(items) == 1 else items

        return _Job(size, read)

    async def _jobs_of_zip(self, given: Given) -> AsyncGenerator[_Job]:
        size = given.path.stat().st_size
        async with self._pool.worker() as worker:
            entries = await worker.stories(given.path)
        if entries is None:
            yield self._job(given.label, given.path, size)
            return
        digest = await asyncio.to_thread(hash_of, given.path)
        for number, entry in enumerate(entries):
            share = size * (number + 1) // len(entries) - size * number // len(entries)
            label = f"{given.label}: {shown_entry(entry)}"
            yield self._job(label, Packed(given.path, entry), share, digest)

    async def _jobs_of_lines(self, given: Given) -> AsyncGenerator[_Job]:
        first, lines, size = 1, list[bytes](), 0
        for line in lines_of(given.path):
            lines.append(line)
            size += len(line)
            if len(lines) >= BATCH_WORKS or size >= BATCH_BYTES:
                yield self._job_of_lines(given.label, first, lines, size)
                first, lines, size = first + len(lines), [], 0
        if lines:
            yield self._job_of_lines(given.label, first, lines, size)

    def _job_of_lines(self, label: str, first: int, lines: list[bytes], size: int) -> _Job:
        return _Job(size, lambda worker: self._read_lines(label, first, lines, worker))

    async def _read_lines(
        self, label: str, first: int, lines: list[bytes], worker: IngestWorker
    ) -> list[Item]:
        try:
            outcomes = await worker.read_lines(b"".join(lines), first, self._rows)
        except UnreadableFile as error:
            if len(lines) == 1:
                return [Item(f"{label}:{first}", None, str(error))]
            # Too slow together, or one of them breaks the reader: only that one is to suffer.
            half = len(lines) // 2
            return [
                *await self._read_lines(label, first, lines[:half], worker),
                *await self._read_lines(label, first + half, lines[half:], worker),
            ]
        return [Item(f"{label}:{one.line_no}", one.work, one.reason) for one in outcomes]


async def store_all(
    items: Sequence[Item], add: Callable[[Sequence[Item]], Awaitable[list[AddOutcome]]]
) -> list[tuple[Item, AddOutcome]]:
    """What became of each item; `add` stores those with works, all or none.

    A work that cannot be stored costs only itself.
    """
    outcomes = iter(await _added([item for item in items if item.work], add))
    return [
        (
            item,
            next(outcomes)
            if item.work
            else item.known or AddOutcome(AddStatus.REFUSED, None, "", item.reason),
        )
        for item in items
    ]


async def _added(
    items: Sequence[Item], add: Callable[[Sequence[Item]], Awaitable[list[AddOutcome]]]
) -> list[AddOutcome]:
    if not items:
        return []
    try:
        return await add(items)
    except _UNSTORABLE as error:
        if len(items) == 1:
            title = items[0].work.info.title if items[0].work else None
            reason = f"This cannot be stored: {error}."
            return [AddOutcome(AddStatus.REFUSED, None, title or "", reason)]
    # The transaction is undone for one work's sake: only that one is to suffer.
    half = len(items) // 2
    return [*await _added(items[:half], add), *await _added(items[half:], add)]


def hash_of(source: Path | Packed) -> bytes:
    """What tells a file from any other.

    Raises:
        UnreadableFile: it cannot be read.
    """
    path = source if isinstance(source, Path) else source.archive
    try:
        with path.open("rb") as data:
            return hashlib.file_digest(data, lambda: hashlib.blake2b(digest_size=16)).digest()
    except OSError as error:
        raise UnreadableFile(why_unreadable(error)) from None


def shown_entry(name: str) -> str:
    """An entry's name as it was meant: many programs write UTF-8 without saying so."""
    try:
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return name


def lines_of(file: Path) -> Iterator[bytes]:
    """The lines of a `.jsonl` file, each with its newline; one beyond the limit is cut there.

    Raises:
        UnreadableFile: it cannot be read (any further).
    """
    try:
        with file.open("rb") as source:
            mark = source.read(len(codecs.BOM_UTF8))
            if mark != codecs.BOM_UTF8:
                source.seek(0)
            while line := source.readline(LINE_LIMIT_CHARS + 1):
                rest = line
                while rest and not rest.endswith(b"\n"):
                    rest = source.readline(LINE_LIMIT_CHARS + 1)
                yield line.rstrip(b"\n") + b"\n"
    except OSError as error:
        raise UnreadableFile(why_unreadable(error)) from None


def _passing(item: Item) -> _Job:
    async def read(_: IngestWorker) -> list[Item]:
        return [item]

    return _Job(0, read)
