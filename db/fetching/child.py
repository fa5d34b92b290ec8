"""The fetching process: a request in, an EPUB or a trouble out; see fetcher.py."""

import configparser
import contextlib
import importlib
import io
import ipaddress
import json
import logging
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from db.fetching.troubles import Trouble
from db.ingest.worker import MEMORY_LIMIT_BYTES

PAGE_PAUSE_S = 2.0  # between two pages of a site for which FanFicFare has no pause of its own
PAGES_LIMIT_BYTES = 256 * 1024**2  # of all pages of a work, unpacked
LIMITS = {
    resource.RLIMIT_AS: MEMORY_LIMIT_BYTES,
    resource.RLIMIT_FSIZE: 64 * 1024**2,
    resource.RLIMIT_CORE: 0,
}

# In FanFicFare's highest section, so that no setting of a site goes before them.
SETTINGS = {
    "is_adult": "true",  # a moderator asks; the library has ratings, and heeds them
    "include_images": "false",
    "never_make_cover": "true",
    "continue_on_chapter_error": "false",  # a work with holes is not the work
    "use_cloudscraper": "false",  # where a site keeps programs out, they stay out
    "use_browser_cache": "false",
    "use_flaresolverr_proxy": "false",
    "use_nsapa_proxy": "false",
    "use_ssl_unverified_context": "false",
    "always_login": "false",
    "connect_timeout": "30.0",
}
# A site that is tired (429) or refuses (403) is not asked again; one that stumbles is, twice.
RETRIES = Retry(
    total=2,
    connect=1,
    other=0,
    backoff_factor=2,
    status_forcelist={500, 502, 504, 520, 522, 525},
    respect_retry_after_header=False,
    raise_on_status=False,
)
# IPv6 networks whose last 32 bits are an IPv4 address: by NAT64, and "compatible".
_CARRIERS = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("::/96"))


class Astray(Exception):
    """A page, or a redirect, led to another place than the site's own hosts, in the open."""


class TooMuch(Exception):
    """The work's pages are too large together."""


class Door(HTTPAdapter):
    """The only way out: to a site's own hosts, for as many bytes as are allowed."""

    def __init__(self, hosts: frozenset[str], limit_bytes: int = PAGES_LIMIT_BYTES) -> None:
        super().__init__(max_retries=RETRIES)
        self._hosts = hosts
        self._left_bytes = limit_bytes

    def send(
        self, request: requests.PreparedRequest, *args: Any, **options: Any
    ) -> requests.Response:
        """Send one request, each of a chain of redirects in its turn."""
        parts = urlsplit(request.url or "")
        if parts.hostname not in self._hosts or parts.port not in (None, 80, 443):
            raise Astray(f"not followed to {parts.hostname}")
        response = super().send(request, *args, **options)
        # `content` is read through this, unpacked as it comes.
        response.iter_content = self._counted(response.iter_content)
        return response

    def _counted(self, read: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
        def counted(*args: Any, **options: Any) -> Iterator[Any]:
            for chunk in read(*args, **options):
                self._left_bytes -= len(chunk)
                if self._left_bytes < 0:
                    raise TooMuch
                yield chunk

        return counted


def session(door: Door) -> requests.Session:
    """A session that goes through the door and knows no other scheme, such as `file:`."""
    made = requests.Session()
    made.mount("https://", door)
    made.mount("http://", door)
    made.max_redirects = 10
    return made


def is_public(address: str) -> bool:
    """Whether an IP address, as a socket is given it, is one of the open Internet."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if any(ip in carrier for carrier in _CARRIERS):
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


def wall_in(proxies: Mapping[str, str]) -> None:
    """From now on, connect to public addresses and to these proxies alone, and run nothing.

    `proxies` are as `urllib.request.getproxies` has them, by scheme.
    It is told of each connection with the number that is connected to, so that a name that
    means something else the second time gains nothing. It cannot be undone.
    """
    # "no" is among them too: the names that go round the proxies, which is no way out.
    ways_out = {
        address
        for scheme in ("http", "https", "all")
        if scheme in proxies
        for address in _addresses(proxies[scheme])
    }

    def heed(event: str, args: tuple[Any, ...]) -> None:
        if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
            address: Any = args[1]  # of a Unix socket it is a path
            if address and (tuple(address[:2]) in ways_out or is_public(str(address[0]))):
                return
            raise Astray("no connection to an address that is not public")
        if event in ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork"):
            raise Astray(f"no {event}")

    sys.addaudithook(heed)


def _addresses(proxy: str) -> Iterator[tuple[str, int]]:
    with contextlib.suppress(OSError, ValueError):  # told by the first request
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        default = 443 if parts.scheme == "https" else 1080 if "socks" in parts.scheme else 80
        port = parts.port or default
        for found in socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM):
            yield str(found[4][0]), port


def epub_of(url: str, door: Door, page_pause_s: float | None) -> bytes:
    """The EPUB that FanFicFare makes of a work; raises whatever FanFicFare does.

    Without a pause given it keeps the pause between pages that FanFicFare has for the site.
    """
    adapters: Any = importlib.import_module("fanficfare.adapters")
    writers: Any = importlib.import_module("fanficfare.writers")
    fetchers: Any = importlib.import_module("fanficfare.fetchers")
    exceptions: Any = importlib.import_module("fanficfare.exceptions")
    configurable: Any = importlib.import_module("fanficfare.configurable")
    logging.getLogger("fanficfare").setLevel(logging.ERROR)

    class Fetcher(fetchers.RequestsFetcher):
        def get_requests_session(self) -> requests.Session:
            if not self.requests_session:
                self.requests_session = session(door)
                if self.cookiejar is not None:
                    self.requests_session.cookies = self.cookiejar
            return self.requests_session

    fetchers.RequestsFetcher = Fetcher

    settings: Any = configurable.Configuration(adapters.getConfigSectionsFor(url), "epub")
    settings.read([str(Path(adapters.__file__).parents[1] / "defaults.ini")])
    settings.set("defaults", "slow_down_sleep_time", str(PAGE_PAUSE_S))
    with contextlib.suppress(configparser.DuplicateSectionError):
        settings.add_section("overrides")
    for key, value in SETTINGS.items():
        settings.set("overrides", key, value)
    if page_pause_s is not None:
        settings.set("overrides", "slow_down_sleep_time", str(page_pause_s))

    adapter: Any = adapters.getAdapter(settings, url)

    def log_in(*_: Any, **_options: Any) -> None:
        raise exceptions.FailedToLogin(url, "")

    adapter.performLogin = log_in  # some send an empty name otherwise
    adapter.getStoryMetadataOnly()
    file = io.BytesIO()
    writers.getWriter("epub", settings, adapter).writeStory(outstream=file)
    return file.getvalue()


_FANFICFARE = {
    "AdultCheckRequired": Trouble.ADULT,
    "FailedToLogin": Trouble.LOGIN,
    "NeedTimedOneTimePassword": Trouble.LOGIN,
    "AccessDenied": Trouble.LOGIN,
    "StoryDoesNotExist": Trouble.MISSING,
}
_STATUSES = {
    401: Trouble.LOGIN,
    403: Trouble.REFUSED,
    404: Trouble.MISSING,
    410: Trouble.MISSING,
    429: Trouble.REFUSED,
    451: Trouble.REFUSED,
}
# What FanFicFare's FailedToDownload says, which it raises for many things.
_SAID = {
    "revealed soon": Trouble.MISSING,
    "registered users": Trouble.LOGIN,
    "have permission": Trouble.LOGIN,
    "currently unavailable": Trouble.OFFLINE,
    "Site Error": Trouble.OFFLINE,
}


def trouble_of(error: BaseException) -> Trouble:
    """The trouble that an error of FanFicFare, of the network or of the door means."""
    if isinstance(error, Astray):
        return Trouble.ASTRAY
    if isinstance(error, (TooMuch, MemoryError)):
        return Trouble.LARGE
    if isinstance(error, requests.Timeout | requests.ConnectionError):
        return Trouble.OFFLINE
    if isinstance(error, requests.exceptions.InvalidProxyURL):
        return Trouble.OFFLINE
    if isinstance(error, requests.exceptions.InvalidSchema | requests.TooManyRedirects):
        return Trouble.OFFLINE if "SOCKS" in str(error) else Trouble.ASTRAY
    name = type(error).__name__
    if name == "HTTPErrorFFF":
        return _trouble_of_status(getattr(error, "status_code", 0), getattr(error, "data", b""))
    if name == "FailedToDownload":
        return next((it for words, it in _SAID.items() if words in str(error)), Trouble.BROKEN)
    return _FANFICFARE.get(name, Trouble.BROKEN)


def _trouble_of_status(status: int, page: bytes | None) -> Trouble:
    if status == 503 and page and b"cloudflare" in page.lower():
        return Trouble.REFUSED  # "Checking your browser"
    if status >= 500:
        return Trouble.OFFLINE
    return _STATUSES.get(status, Trouble.BROKEN)


def main() -> None:
    """Answer one request."""
    for what, limit in LIMITS.items():
        with contextlib.suppress(ValueError, OSError):  # some systems refuse; the parent times
            resource.setrlimit(what, (limit, limit))
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a stray print must not become an answer
    asked = json.loads(sys.stdin.buffer.read())
    signal.alarm(int(asked["time_limit_s"]) + 5)  # the parent's part, should it be gone
    wall_in(getproxies())
    try:
        door = Door(frozenset(asked["hosts"]))
        answer = b"+" + epub_of(asked["url"], door, asked["page_pause_s"])
    except Exception as error:  # noqa: BLE001 - what FanFicFare raises on odd pages is anything
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        answer = b"-" + trouble_of(error).encode()
    sink.write(answer)
    sink.flush()
    os._exit(0)  # nothing of the network's is waited for


if __name__ == "__main__":
    main()
