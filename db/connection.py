"""One writer, readers beside it, and migrations.

On a shared connection two tasks' statements interleave: one's rollback undoes what the other
was told is stored, and a task cancelled after BEGIN leaves the transaction open for ever. So a
transaction here is one plain function that runs whole on its connection's own thread; a caller
who is cancelled while waiting leaves it complete or not begun.

`synchronous=FULL` because with NORMAL an acknowledged write can be lost with the power.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from pathlib import Path
from typing import Concatenate, ParamSpec, Self, TypeVar, cast

import aiosqlite

from db.durable import settle
from db.errors import LibraryDamaged, LibraryUnusable, StorageFull
from db.search.rebuild import is_stale, rebuild_stale
from db.wal import read_log

APPLICATION_ID = 0x46494353  # "FICS", in the file's header
MIGRATIONS = Path(__file__).parent / "migrations"
# Of the index's pages; it fills only as far as the library is large. With a million works the
# median search takes 1.07 ms with this, 0.99 with three times as much.
READER_CACHE_KB = 16 * 1024
SMALL_TOGETHER = 50  # small writes of one transaction
READERS_MS = 200  # that writes wait for readers of the log which is to be emptied
BUSY_MS = 10_000  # the owner's `add` may hold the write lock for a batch beside the bot

P = ParamSpec("P")
T = TypeVar("T")

_FULL = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_HEADER = b"SQLite format 3\x00"


class Connection(aiosqlite.Connection):
    """An aiosqlite connection that runs whole functions on its thread."""

    async def __aenter__(self) -> Self:
        opening = asyncio.ensure_future(self._connect_fully())
        try:
            await asyncio.shield(opening)
        except asyncio.CancelledError:
            # Left alone it would be opened all the same, with nobody to close it.
            await asyncio.wait({opening})
            if not opening.exception():
                await self.close()
            raise
        return self

    async def _connect_fully(self) -> None:
        await self

    async def run(
        self,
        function: Callable[Concatenate[sqlite3.Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run `function(conn, …)` on the connection's thread and return what it returns.

        Raises:
            LibraryUnusable: the library was closed meanwhile.
        """
        if self._connection is None:
            raise LibraryUnusable("The bot is shutting down. Please try again in a minute.")
        return cast("T", await self._execute(function, self._conn, *args, **kwargs))  # pyright: ignore[reportUnknownMemberType]


class _Job:
    """A function that waits for the writer, and what became of it."""

    def __init__(self, work: Callable[[sqlite3.Connection], object]) -> None:
        self.work = work
        self.is_done = False
        self.result: object = None
        self.error: BaseException | None = None

    def outcome(self) -> object:
        """What it returned; raises what it raised."""
        if self.error is not None:
            raise self.error
        return self.result


class Store:
    """The connections of one library file."""

    def __init__(
        self, path: Path, writer: Connection, reader: Connection, background: Connection
    ) -> None:
        self._path = path
        self._writer = writer
        self._reader = reader
        self._background = background
        self._small: deque[_Job] = deque()
        self._rewriting: sqlite3.Connection | None = None
        self._may_rewrite = True
        self.writes = 0  # that were begun

    async def write(
        self,
        function: Callable[Concatenate[sqlite3.Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run `function(conn, …)` as one transaction: stored when this returns, else undone.

        Raises:
            StorageFull: the disk is full or read-only; nothing of it was stored.
            LibraryDamaged: the file is damaged where that is kept; nothing of it was stored.
        """
        self.writes += 1
        return await self._writer.run(_transaction, lambda conn: function(conn, *args, **kwargs))

    async def write_small(
        self,
        function: Callable[Concatenate[sqlite3.Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Like `write`, in one transaction with the other small ones that wait at that moment.

        Each is undone alone if it fails. For what a crowd writes at once, where the disk's
        acknowledgement of each would take longer than all the rest.

        Raises:
            StorageFull, LibraryDamaged: as `write`.
        """
        job = _Job(lambda conn: function(conn, *args, **kwargs))
        self._small.append(job)
        self.writes += 1
        await self._writer.run(_do_small, self._small, job)
        return cast("T", job.outcome())

    async def read(
        self,
        function: Callable[Concatenate[sqlite3.Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run `function(conn, …)` on one unchanging view of the library.

        Raises:
            StorageFull: it needs room on the disk, to sort in, and there is none.
            LibraryDamaged: the file is damaged where that is kept.
        """
        return await self._reader.run(_snapshot, lambda conn: function(conn, *args, **kwargs))

    async def read_long(
        self,
        function: Callable[Concatenate[sqlite3.Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Like `read`, beside the members' reads: for exports and checks."""
        return await self._background.run(_snapshot, lambda conn: function(conn, *args, **kwargs))

    def size_bytes(self) -> int:
        """The size of the file, without its log."""
        return self._path.stat().st_size

    async def rewrite(self) -> None:
        """Write the file anew without free space, in which copies of deleted rows may stand.

        Writes wait meanwhile, reads do not. It takes its room twice, and 7 s a GB or more.
        """
        # On the writer's thread, so that nobody else's write runs into a locked file; on a
        # connection of its own, since no statement may be under way on it.
        await self._writer.run(lambda _: self._rewrite())

    def _rewrite(self) -> None:
        with closing(_connect(self._path, query_only=False)) as conn:
            self._rewriting = conn
            try:
                if not self._may_rewrite:
                    return
                # With samples of index entries, where SQLite was built to take them.
                if conn.execute(
                    "SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat4'"
                ).fetchall():
                    conn.execute("DELETE FROM sqlite_stat4")
                conn.execute("VACUUM")
            finally:
                self._rewriting = None

    def stop_rewriting(self) -> None:
        """Have `rewrite` fail at once, if it is under way or about to be; the file stays as it
        is. For the end: there is no going on with this store."""
        self._may_rewrite = False
        if (conn := self._rewriting) is not None:
            conn.interrupt()

    async def empty_log(self) -> bool:
        """Fold the write-ahead log into the file and cut it to nothing.

        False where somebody goes on reading from it; then it is to be tried again.
        """
        return await self._writer.run(lambda _: self._empty_log())

    def _empty_log(self) -> bool:
        with closing(_connect(self._path, query_only=False)) as conn:
            conn.execute(f"PRAGMA busy_timeout = {READERS_MS}")
            (busy, _, _) = conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy


@asynccontextmanager
async def open_store(path: Path) -> AsyncGenerator[Store]:
    """Open the library file at `path`, creating or upgrading it first.

    Raises:
        LibraryUnusable: the file is no library of ours, damaged, of a newer version, or cannot
            be opened. It is left as it was.
    """
    prepare_file(path)
    async with AsyncExitStack() as stack:
        try:
            # Only the members' reader has a large cache: the other one runs through the file once.
            connections = [
                await stack.enter_async_context(
                    Connection(lambda query_only=q, cache=c: _connect(path, query_only, cache), 64)
                )
                for q, c in ((False, 0), (True, READER_CACHE_KB), (True, 0))
            ]
        except sqlite3.Error as error:
            raise _unusable(path, error) from error
        yield Store(path, *connections)
        # Whoever waits for a long answer has gone: an export, say, when the bot stops.
        for reader in connections[1:]:
            await reader.interrupt()
        # Keeps the query planner's statistics fresh; cheap when there is nothing to do. Another
        # time will do as well, if another program writes just now, the disk is full or damaged.
        with suppress(sqlite3.Error):
            await connections[0].run(lambda conn: conn.execute("PRAGMA optimize").close())


def prepare_file(path: Path) -> None:
    """Create the library at `path`, or check the file there and bring its schema up to date.

    Raises:
        LibraryUnusable: see `open_store`.
    """
    try:
        if not path.exists():
            _create(path)
            return
        check_header(path)
        _bring_up_to_date(path)
    except (StorageFull, LibraryDamaged) as error:
        raise _unusable(path, error.__cause__ or error) from error
    except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
        raise _unusable(path, error) from error


def check_header(path: Path) -> None:
    """See that the file is a whole library of ours, by its bytes: nothing is opened or changed.

    Raises:
        LibraryUnusable: with one line that says what the file is instead.
        OSError: the file cannot be read.
    """
    # What a power cut has torn in the log is no fault, nor what a running bot moves meanwhile from
    # there to the file: so once more, with the log's checksums.
    if _fault(path, thorough=False) and (fault := _fault(path, thorough=True)):
        raise LibraryUnusable(fault)


def _fault(path: Path, *, thorough: bool) -> str | None:
    """What is wrong with the file, as far as its header and its log tell; a sentence."""
    with path.open("rb") as file:
        header = file.read(100)
    if not header:
        return f"{path} is empty, not a library. Remove it to start a new one, or restore a backup."
    if len(header) < 100 or not header.startswith(_HEADER):
        return f"{path} is not a Ficshelf library. Choose another file as library."
    written = read_log(path.with_name(path.name + "-wal"), thorough=thorough)
    newest = written.first_page if written.first_page.startswith(_HEADER) else header
    version, application = (int.from_bytes(newest[at : at + 4], "big") for at in (60, 68))
    if application != APPLICATION_ID:
        return f"{path} belongs to another program. Choose another file as library."
    if version > latest_version():
        return (
            f"{path} was made by a newer Ficshelf (schema {version}; this one knows "
            f"{latest_version()}). Update Ficshelf."
        )
    page_size = int.from_bytes(newest[16:18], "big")
    page_size = 65536 if page_size == 1 else page_size
    if page_size < 512 or page_size & (page_size - 1):
        return f"{path} is damaged (its pages have no size). Restore a backup of it."
    page_count = written.page_count or int.from_bytes(newest[28:32], "big")
    present = path.stat().st_size // page_size
    if not written.pages.issuperset(range(present + 1, page_count + 1)):
        return f"{path} is cut short. Restore a backup of it."
    return None


def _bring_up_to_date(path: Path) -> None:
    """Migrate and fill what a migration emptied; a file that cannot be used stays as it is.

    The last connection to leave folds the log into the file, unless it may not write: so one
    that may not is there until all went well.
    """
    companions = [path.with_name(f"{path.name}{ending}") for ending in ("-wal", "-shm")]
    strays = [companion for companion in companions if not companion.exists()]
    looker = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        looker.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        with closing(_connect(path, query_only=False)) as conn:
            migrate(conn)
            if is_stale(conn):
                _transaction(conn, rebuild_stale)
            looker.close()
    except BaseException:
        looker.close()
        for stray in strays:
            stray.unlink(missing_ok=True)
        raise


def latest_version() -> int:
    """The schema version that this program writes."""
    return len(_migrations())


def migrate(conn: sqlite3.Connection, *, up_to: int | None = None) -> None:
    """Bring the schema up to date, one transaction a migration.

    Each migration and its number are stored together, so that a kill at any point leaves the
    old schema or the new one. `executescript` would commit first: statements run one by one.
    """
    for number, script in enumerate(_migrations()[:up_to], start=1):
        if _version(conn) >= number:
            continue
        conn.execute("BEGIN IMMEDIATE")
        try:
            # Another process may have been at it while we waited for the lock.
            if _version(conn) < number:
                for statement in _statements(script):
                    conn.execute(statement)
                conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                conn.execute(f"PRAGMA user_version = {number}")
            conn.execute("COMMIT")
        except BaseException:
            conn.rollback()
            raise


def _version(conn: sqlite3.Connection) -> int:
    return int(conn.execute("PRAGMA user_version").fetchone()[0])


def _migrations() -> list[str]:
    files = sorted(MIGRATIONS.glob("[0-9][0-9][0-9][0-9]_*.sql"))
    return [file.read_text(encoding="utf-8") for file in files]


def _statements(script: str) -> list[str]:
    statements: list[str] = []
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            statements.append(pending)
            pending = ""
    if pending.strip():
        raise ValueError(f"a migration ends amid a statement: {pending.strip()[:80]!r}")
    return statements


def _create(path: Path) -> None:
    # Made beside its place and moved there whole, so that a kill amid creation leaves no
    # half-made file under the library's name.
    if not path.parent.is_dir():
        raise LibraryUnusable(
            f"There is no folder {path.parent} to keep the library in. Create it."
        )
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    conn = sqlite3.connect(fresh, isolation_level=None)
    try:
        migrate(conn)
        conn.execute("DELETE FROM meta WHERE key GLOB 'stale:*'")  # nothing to index yet
        conn.execute("PRAGMA journal_mode = WAL")
    finally:
        conn.close()
    settle(fresh, path)


def _connect(path: Path, query_only: bool, cache_kb: int = 0) -> sqlite3.Connection:
    # mode=rw: sqlite3.connect alone would quietly make an empty database of a missing file.
    conn = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        isolation_level=None,
        cached_statements=512,
        check_same_thread=False,  # opened on one thread by aiosqlite, finalised on another
    )
    try:
        conn.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        conn.execute("PRAGMA foreign_keys = ON")
        conn.execute("PRAGMA journal_mode = WAL")
        conn.execute("PRAGMA synchronous = FULL")
        conn.execute("PRAGMA secure_delete = ON")  # see traces.py
        if cache_kb:  # else SQLite's own 2 MB
            conn.execute(f"PRAGMA cache_size = -{cache_kb}")
        if query_only:
            conn.execute("PRAGMA query_only = ON")
            conn.execute("PRAGMA wal_autocheckpoint = 0")  # the writer checkpoints
    except BaseException:
        conn.close()
        raise
    return conn


def _transaction(conn: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    try:
        conn.execute("BEGIN IMMEDIATE")
        result = work(conn)
        conn.execute("COMMIT")
    except BaseException as error:
        if conn.in_transaction:
            conn.rollback()
        if isinstance(error, sqlite3.Error):
            if _primary_code(error) in _FULL:
                raise StorageFull(
                    "The library's disk is full or read-only, so nothing was saved. "
                    "Reading goes on; ask the bot's owner to make room."
                ) from error
            _see_to_damage(error)
        raise
    return result


def _do_small(conn: sqlite3.Connection, waiting: deque[_Job], mine: _Job) -> None:
    """Do a job, and those that wait with it, unless somebody else has done it by now."""
    if mine.is_done:
        return
    # Only this thread takes jobs, and each is in the queue before its own call of this.
    jobs = [waiting.popleft() for _ in range(min(len(waiting), SMALL_TOGETHER))]
    try:
        _transaction(conn, lambda conn: [_do_apart(conn, job) for job in jobs])
    except BaseException as error:  # noqa: BLE001  # each caller gets it: none of it is stored
        for job in jobs:
            job.error = error
    for job in jobs:
        job.is_done = True


def _do_apart(conn: sqlite3.Connection, job: _Job) -> None:
    conn.execute("SAVEPOINT job")
    try:
        job.result = job.work(conn)
    except Exception as error:
        lasting = isinstance(error, sqlite3.Error) and (
            _primary_code(error) in _FULL or _is_damage(error)
        )
        if lasting or not conn.in_transaction:  # the others fare no better; all of it is undone
            raise
        conn.execute("ROLLBACK TO job")
        job.error = error
    conn.execute("RELEASE job")


def _snapshot(conn: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    try:
        conn.execute("BEGIN")
        try:
            return work(conn)
        finally:
            if conn.in_transaction:
                conn.execute("COMMIT")
    except sqlite3.Error as error:
        if _primary_code(error) in _FULL and _primary_code(error) != sqlite3.SQLITE_READONLY:
            raise StorageFull(
                "The library's disk is full or cannot be read, so this could not be looked up. "
                "Ask the bot's owner to see to it."
            ) from error
        _see_to_damage(error)
        raise


def _see_to_damage(error: sqlite3.Error) -> None:
    if _is_damage(error):
        raise LibraryDamaged from error


def _is_damage(error: sqlite3.Error) -> bool:
    # The second is the sqlite3 module's own word on a text that is none; it has no code.
    return _primary_code(error) in _DAMAGED or str(error).startswith("Could not decode to UTF-8")


def _primary_code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _unusable(path: Path, error: BaseException) -> LibraryUnusable:
    if isinstance(error, OSError):
        return LibraryUnusable(f"{path} cannot be opened: {error.strerror or error}.")
    code = _primary_code(error) if isinstance(error, sqlite3.Error) else 0
    said = " ".join(str(error).split())  # a damaged schema is quoted with its newlines
    # A schema that is quoted and is no text at all cannot even be told.
    if code in _DAMAGED or isinstance(error, UnicodeDecodeError):
        return LibraryUnusable(f"{path} is damaged ({said}). Restore a backup of it.")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return LibraryUnusable(f"{path} is locked by another program. Stop that one first.")
    if code in _FULL:
        return LibraryUnusable(
            f"{path} cannot be written ({said}). See to the disk and its rights."
        )
    return LibraryUnusable(f"{path} cannot be opened as a library ({said}).")
