"""Reading files in a process of its own, under limits, so that no upload can harm the bot.

The child is a fresh interpreter that holds none of the bot's files or secrets. Parent and child
speak in frames: four bytes of length, then JSON, and for a request a second frame of raw bytes.
JSON rather than pickle: the child has just handled hostile input, and must not be able to make
the parent run anything.
"""

import asyncio
import contextlib
import json
import os
import struct
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import TypeAdapter

from db.errors import UnreadableFile
from db.ingest.archives import SIZE_LIMIT_BYTES, TOO_LARGE, Packed
from db.ingest.gazetteer import Row
from db.ingest.outcomes import LineOutcome
from db.ingest.reading import Reading
from db.models import NewWork

TIME_LIMIT_S = 20.0
MEMORY_LIMIT_BYTES = 2 * 1024**3  # of address space; the language model alone maps a third
# The child holds 160 MB once it has told a language; a bot on a small machine gives them back.
IDLE_S = 60.0
STOPPING = "The bot is stopping, so this file was not read. Send it again in a minute."

File = bytes | Path | Packed

READINGS = TypeAdapter(list[Reading])
WORKS = TypeAdapter(list[NewWork])
STORIES = TypeAdapter(list[str] | None)
OUTCOMES = TypeAdapter(list[LineOutcome])
_ROOT = Path(__file__).parents[2]


class IngestWorker:
    """Runs the readers in a child process that is started when first needed.

    A child that crashes, takes too long or is killed costs its one file an `UnreadableFile`;
    the next file gets a new child.
    """

    def __init__(self, time_limit_s: float = TIME_LIMIT_S) -> None:
        self._time_limit_s = time_limit_s
        self._turn = asyncio.Lock()
        self._child: asyncio.subprocess.Process | None = None
        self._told: int | None = None  # which gazetteer the child has
        self._retirement: asyncio.TimerHandle | None = None
        self._retired = False  # killed for idleness, though its death may not be known yet
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closed = True
        await self._end_child()  # whoever waits for its answer is told at once
        async with self._turn:
            await self._end_child()  # one that was just being started

    async def warm(self) -> None:
        """Start the child and load what it needs, ahead of the first file."""
        with contextlib.suppress(UnreadableFile):
            await self._ask({"op": "warm"}, b"")

    async def read(self, name: str, source: File, rows: Sequence[Row]) -> list[Reading]:
        """The works in a file, given as its bytes, or where it is.

        Raises:
            UnreadableFile: with one sentence on why; nothing else.
        """
        request, data = _asking("read", name, source, rows)
        return READINGS.validate_json(await self._ask(request, data))

    async def read_works(self, name: str, source: File, rows: Sequence[Row]) -> list[NewWork]:
        """The works in a file, without what else a `Reading` says. Raises UnreadableFile."""
        request, data = _asking("works", name, source, rows)
        return WORKS.validate_json(await self._ask(request, data))

    async def stories(self, path: Path) -> list[str] | None:
        """The entries of a zip that are read; None if the zip is a book or a document.

        Raises:
            UnreadableFile: it is damaged or hostile, or there is no story in it.
        """
        return STORIES.validate_json(await self._ask({"op": "stories", "path": _place(path)}, b""))

    async def read_lines(self, lines: bytes, first: int, rows: Sequence[Row]) -> list[LineOutcome]:
        """One outcome for each line of the interchange format that is not blank.

        Raises:
            UnreadableFile: the lines could not be read at all.
        """
        answer = await self._ask({"op": "lines", "first": first, "rows": rows}, lines)
        return OUTCOMES.validate_json(answer)

    async def _ask(self, request: dict[str, object], data: bytes) -> bytes:
        async with self._turn:
            if self._retirement:
                self._retirement.cancel()
            try:
                self._refuse_if_closed()
                child = await self._living_child()
                self._refuse_if_closed()
                self._tell_rows(request)
                async with asyncio.timeout(self._time_limit_s):
                    answer = await _exchange(child, json.dumps(request).encode(), data)
            except TimeoutError:
                await self._end_child()
                raise UnreadableFile(
                    "This file takes too long to read. Save it again as plain text."
                ) from None
            except (OSError, asyncio.IncompleteReadError):
                await self._end_child()
                self._refuse_if_closed()
                raise UnreadableFile(
                    "This file could not be read: it needs more memory than it may have, or "
                    "breaks the reader. Save it again as plain text."
                ) from None
            except BaseException:
                # Cancelled amid an exchange: the child's next answer would be to this question.
                await asyncio.shield(self._end_child())
                raise
            self._retirement = asyncio.get_running_loop().call_later(IDLE_S, self._retire)
        if answer[:1] == b"-":
            raise UnreadableFile(answer[1:].decode())
        return answer[1:]

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise UnreadableFile(STOPPING) from None

    def _tell_rows(self, request: dict[str, object]) -> None:
        rows = request.get("rows")
        if rows is None:
            return
        version = hash(tuple(map(tuple, rows)))  # type: ignore[arg-type]
        if version == self._told:
            request["rows"] = None
        self._told = version

    async def _living_child(self) -> asyncio.subprocess.Process:
        if self._child and (self._retired or self._child.returncode is not None):
            await self._end_child()
        if self._child is None:
            self._told = None
            self._retired = False
            self._child = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "db.ingest.child",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                cwd=_ROOT,
                env={key: value for key, value in os.environ.items() if key in _KEPT_VARIABLES},
                start_new_session=True,  # Ctrl-C is the bot's to handle
            )
        return self._child

    def _retire(self) -> None:
        if self._child and self._child.returncode is None and not self._turn.locked():
            self._retired = True
            self._child.kill()

    async def _end_child(self) -> None:
        child, self._child = self._child, None
        if self._retirement:
            self._retirement.cancel()
        if child is None:
            return
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        # An answer that nobody waits for any more stands in the pipe, which is then not read to
        # its end, without which there is no end of waiting.
        await asyncio.gather(child.wait(), _drained(child))
        # Otherwise the pipe's transport is closed by the garbage collector, with a warning.
        if child.stdin:
            child.stdin.close()
        transport = getattr(child, "_transport", None)
        if transport:
            transport.close()


# The token is in the environment: the child gets only what Python itself may need.
_KEPT_VARIABLES = frozenset({"PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "TZ"})


def _asking(
    op: str, name: str, source: File, rows: Sequence[Row]
) -> tuple[dict[str, object], bytes]:
    request: dict[str, object] = {"op": op, "name": name, "rows": rows}
    if isinstance(source, bytes):
        if len(source) > SIZE_LIMIT_BYTES:
            raise UnreadableFile(TOO_LARGE)
        return request, source
    if isinstance(source, Packed):
        return {**request, "path": _place(source.archive), "entry": source.entry}, b""
    return {**request, "path": _place(source)}, b""


def _place(path: Path) -> str:
    # The child runs in the program's folder, the command wherever its user is.
    return str(path.absolute())


async def _drained(child: asyncio.subprocess.Process) -> None:
    assert child.stdout is not None
    with contextlib.suppress(RuntimeError):  # a question still under way reads it itself
        await child.stdout.read()


async def _exchange(child: asyncio.subprocess.Process, request: bytes, data: bytes) -> bytes:
    assert child.stdin is not None
    assert child.stdout is not None
    for frame in (request, data):
        child.stdin.write(struct.pack(">I", len(frame)) + frame)
    await child.stdin.drain()
    (length,) = struct.unpack(">I", await child.stdout.readexactly(4))
    return await child.stdout.readexactly(length)
