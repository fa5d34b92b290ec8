"""Fetching works, one at a time from each site, each in a process of its own under limits.

The child holds none of the bot's secrets, and an empty folder as its home, so that no settings,
cookies or passwords of the machine are used. It gets a request as JSON, and answers with `+` and
the EPUB, or `-` and a `Trouble`; it has handled pages of strangers, so nothing else is believed.
"""

import asyncio
import contextlib
import importlib.util
import json
import logging
import os
import re
import signal
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from db.errors import UnreadableFile
from db.fetching.sites import WorkLink, site_of, work_link
from db.fetching.troubles import Trouble
from db.ingest.archives import SIZE_LIMIT_BYTES

TIME_LIMIT_S = 600.0  # a member's command can be answered for 15 minutes
FETCH_PAUSE_S = 10.0  # between two works of one site
REST_S = 600.0  # how long a site that refused is left alone
AT_ONCE = 2  # children, each of a site of its own
_LOG_TAIL_BYTES = 2000

COMMAND = (sys.executable, "-m", "db.fetching.child")

_ROOT = Path(__file__).parents[2]
# The token is in the environment: the child gets only what Python and a way out may need.
_KEPT_VARIABLES = frozenset(
    {"PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TZ"}
    | {"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"}
    | {"http_proxy", "https_proxy", "all_proxy", "no_proxy"}
    | {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"}
)
_QUERY_OR_LOGIN = re.compile(r"\?[^\s'\"<>)]+|(?<=://)[^\s/@]*@")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A work's file, to be read like any other."""

    name: str
    data: bytes


def is_installed() -> bool:
    """Whether the extra `[web]` is there, without which nothing is fetched."""
    return importlib.util.find_spec("fanficfare") is not None


class Fetcher:
    """Fetches works by their links; one for the whole bot, as it keeps the sites' turns.

    Without a `page_pause_s` each site's own pause between pages is kept. `test_site` lets
    FanFicFare's made-up works through; `command` is what is run as the child.
    """

    def __init__(
        self,
        *,
        time_limit_s: float = TIME_LIMIT_S,
        fetch_pause_s: float = FETCH_PAUSE_S,
        page_pause_s: float | None = None,
        size_limit_bytes: int = SIZE_LIMIT_BYTES,
        test_site: bool = False,
        command: Sequence[str] = COMMAND,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._time_limit_s = time_limit_s
        self._fetch_pause_s = fetch_pause_s
        self._page_pause_s = page_pause_s
        self._size_limit_bytes = size_limit_bytes
        self._test_site = test_site
        self._command = command
        self._clock = clock
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._free = asyncio.Semaphore(AT_ONCE)
        self._next: dict[str, float] = {}  # when a site may be asked for its next work
        self._rests: dict[str, float] = {}  # until when a site that refused is left alone
        self._running: set[asyncio.subprocess.Process] = set()
        self._stopping = asyncio.Event()

    async def fetch(self, url: str) -> Fetched:
        """The EPUB of the work that a link leads to.

        Raises:
            UnreadableFile: with the sentence on why and what to do; nothing else.
        """
        link = self._understood(url)
        host = link.site.host
        if not is_installed():
            raise _sorry(Trouble.NOT_INSTALLED, link)
        async with self._turns[host]:
            if self._clock() < self._rests.get(host, 0.0):
                raise _sorry(Trouble.REFUSED, link)
            await self._pause(self._next.get(host, 0.0) - self._clock())
            async with self._free:
                if self._stopping.is_set():
                    raise _sorry(Trouble.STOPPING, link)
                try:
                    outcome = await self._run(link)
                except OSError:  # no room for its folder, or for one more process
                    log.exception("No fetching process could be started")
                    outcome = Trouble.OFFLINE
                finally:
                    self._next[host] = self._clock() + self._fetch_pause_s
        if isinstance(outcome, Trouble):
            if outcome is Trouble.REFUSED:
                self._rests[host] = self._clock() + REST_S
            raise _sorry(outcome, link)
        return Fetched(link.file_name, outcome)

    async def aclose(self) -> None:
        """End every fetch, each of which then says that the bot is stopping."""
        self._stopping.set()
        for child in self._running:
            _kill(child)
        for turn in list(self._turns.values()):
            async with turn:  # had last, when all who waited for it are gone
                pass

    def _understood(self, url: str) -> WorkLink:
        site = site_of(url, test_site=self._test_site)
        if not site:
            raise UnreadableFile(Trouble.UNKNOWN_SITE.sentence())
        link = work_link(site, url)
        if not link:
            raise UnreadableFile(Trouble.NOT_A_WORK.sentence(site.name))
        return link

    async def _pause(self, seconds: float) -> None:
        if seconds > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _run(self, link: WorkLink) -> bytes | Trouble:
        request = {
            "url": link.url,
            "hosts": sorted(link.site.hosts | {link.site.host}),
            "page_pause_s": self._page_pause_s,
            "time_limit_s": self._time_limit_s,
        }
        with tempfile.TemporaryDirectory(prefix="ficshelf-", ignore_cleanup_errors=True) as home:
            child = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd=home,
                env=_environment(home),
                start_new_session=True,  # a group of its own, which is ended as one
            )
            self._running.add(child)
            if self._stopping.is_set():
                _kill(child)
            try:
                async with asyncio.timeout(self._time_limit_s):
                    answer, said = await self._exchange(child, json.dumps(request).encode())
            except TimeoutError:
                log.warning("Fetching %s took too long", _redacted(link.url))
                return Trouble.STOPPING if self._stopping.is_set() else Trouble.SLOW
            finally:
                await asyncio.shield(_ended(child))
                self._running.discard(child)
        outcome = self._outcome(answer)
        if isinstance(outcome, Trouble):
            log.warning("Fetching %s: %s: %r", _redacted(link.url), outcome.value, _redacted(said))
        return outcome

    async def _exchange(
        self, child: asyncio.subprocess.Process, request: bytes
    ) -> tuple[bytes, str]:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        with contextlib.suppress(OSError):  # a child that died at once is seen by its silence
            child.stdin.write(request)
            await child.stdin.drain()
            child.stdin.close()
        async with asyncio.TaskGroup() as both:
            said = both.create_task(_tail(child.stderr))
            answer = bytearray()
            while len(answer) <= self._size_limit_bytes + 1 and (
                chunk := await child.stdout.read(1 << 16)
            ):
                answer += chunk
            _kill(child)
        return bytes(answer), said.result().decode(errors="replace")

    def _outcome(self, answer: bytes) -> bytes | Trouble:
        if self._stopping.is_set():
            return Trouble.STOPPING
        if len(answer) > self._size_limit_bytes + 1:
            return Trouble.LARGE
        if answer[:1] == b"+":
            return answer[1:]
        with contextlib.suppress(ValueError):
            return Trouble(answer[1:].decode())
        return Trouble.BROKEN  # it crashed, or was killed for want of memory


def _sorry(trouble: Trouble, link: WorkLink) -> UnreadableFile:
    return UnreadableFile(trouble.sentence(link.site.name))


def _environment(home: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key in _KEPT_VARIABLES}
    folders = dict.fromkeys(("HOME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), home)
    # Packages may lie in the owner's real home, so the child is told where they are.
    path = os.pathsep.join([str(_ROOT), *filter(None, sys.path)])
    return {**kept, **folders, "PYTHONPATH": path}


def _redacted(text: str) -> str:
    return _QUERY_OR_LOGIN.sub("…", text)


async def _tail(stream: asyncio.StreamReader) -> bytes:
    tail = b""
    while chunk := await stream.read(1 << 16):
        tail = (tail + chunk)[-_LOG_TAIL_BYTES:]
    return tail


def _kill(child: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


async def _ended(child: asyncio.subprocess.Process) -> None:
    """Kill a child and all that it started, and wait until it is gone."""
    _kill(child)
    # What it said stands in the pipes, and there is no end of waiting before they are empty.
    await asyncio.gather(child.wait(), _drained(child.stdout), _drained(child.stderr))
    if child.stdin:
        child.stdin.close()
    # Otherwise the transport is closed by the garbage collector, with a warning.
    transport = getattr(child, "_transport", None)
    if transport:
        transport.close()


async def _drained(stream: asyncio.StreamReader | None) -> None:
    if stream:
        with contextlib.suppress(RuntimeError):  # whoever reads it still reads to its end
            await stream.read()
