"""Where a fetching process may go: a stand-in for AO3 behind a proxy, and a wall all round."""

import asyncio
import contextlib
import gzip
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import requests

from db.errors import UnreadableFile
from db.fetching import Fetcher
from db.fetching.child import Astray, Door, TooMuch, is_public, session, trouble_of
from db.fetching.fetcher import REST_S
from db.fetching.troubles import Trouble
from db.ingest.files import read
from db.ingest.gazetteer import Gazetteer

pytestmark = pytest.mark.fault(17)

ROOT = Path(__file__).parents[2]
HOST = "archiveofourown.org"
WORK = f"https://{HOST}/works/1"

CHAPTERS = """<html><body><h2 class="heading">Chapter Index for <a href="/works/1">The Kept Lamp</a>
by <a rel="author" href="/users/wren/pseuds/wren">wren</a></h2><ol class="chapter index group">
<li><a href="/works/1/chapters/10">1. Dusk</a> <span class="datetime">(2024-05-01)</span></li>
</ol></body></html>"""
STORY = """<html><body><div class="wrapper"><dl class="work meta group">
<dt class="rating tags">Rating:</dt><dd class="rating tags"><a class="tag">Teen And Up Audiences</a>
</dd><dt class="fandom tags">Fandom:</dt><dd class="fandom tags"><a class="tag">Lanterns</a></dd>
<dt class="language">Language:</dt><dd class="language">English</dd>
<dt class="stats">Stats:</dt><dd class="stats"><dl class="stats"><dt>Published:</dt>
<dd class="published">2024-05-01</dd><dt>Words:</dt><dd class="words">11</dd><dt>Chapters:</dt>
<dd class="chapters">1/1</dd></dl></dd></dl></div><div id="workskin"><div class="preface group">
<h2 class="title heading">The Kept Lamp</h2><h3 class="byline heading">
<a rel="author" href="/users/wren/pseuds/wren">wren</a></h3></div><div id="chapters">
<div class="userstuff module"><h3 class="landmark heading">Work Text:</h3>
<p>She kept the lamp, though nobody had asked her to.</p></div></div></div></body></html>"""


class Archive:
    """A proxy on this machine that answers as AO3 itself, with what it is told to."""

    def __init__(self, secrets: ssl.SSLContext) -> None:
        self.asked: list[str] = []
        self.connections: list[asyncio.Task[None]] = []
        self.answer = b""
        self.port = 0
        self._secrets = secrets

    def answers(self, status: int, body: str | bytes = b"", *headers: str) -> None:
        """Answer every request so from now on."""
        body = body.encode() if isinstance(body, str) else body
        head = [f"HTTP/1.1 {status} Told", f"Content-Length: {len(body)}", *headers]
        self.answer = "\r\n".join([*head, "Connection: close", "", ""]).encode() + body

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, of one request."""
        task = asyncio.current_task()
        assert task is not None
        self.connections.append(task)
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, OSError):
                await self._serve(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()[0]
        if line.startswith("CONNECT"):
            writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            await writer.start_tls(self._secrets)
            line = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()[0]
        self.asked.append(line.removesuffix(" HTTP/1.1"))
        answer = self.answer
        if not answer:
            page = CHAPTERS if "/navigate" in line else STORY
            answer = f"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{page}".encode()
        writer.write(answer)
        await writer.drain()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for AO3's name, which only these tests trust, and its key."""
    openssl = shutil.which("openssl")
    if not openssl:
        pytest.skip("needs openssl to make a certificate")
    folder = tmp_path_factory.mktemp("secrets")
    paths = folder / "certificate.pem", folder / "key.pem"
    command = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    command += ["-nodes", "-days", "2", "-subj", f"/CN={HOST}", "-addext"]
    command += [f"subjectAltName=DNS:{HOST}", "-out", str(paths[0]), "-keyout", str(paths[1])]
    subprocess.run(command, check=True, capture_output=True)
    return paths


@pytest.fixture
async def archive(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Archive]:
    """The stand-in, which the environment's settings lead to."""
    secrets = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secrets.load_cert_chain(*certificate)
    made = Archive(secrets)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    for name in ("http_proxy", "no_proxy", "all_proxy", "HTTP_PROXY", "NO_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{made.port}")
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{made.port}")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate[0]))
    async with server:
        yield made
        await asyncio.gather(*made.connections)


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    """Fetches without pauses, by a clock that stands still."""
    one = Fetcher(fetch_pause_s=0, page_pause_s=0, clock=lambda: 0.0)
    yield one
    await one.aclose()


async def why_not(fetcher: Fetcher) -> str:
    """The sentence with which the work is refused."""
    with pytest.raises(UnreadableFile) as refusal:
        await fetcher.fetch(WORK)
    return refusal.value.sentence


async def test_a_work_of_ao3_is_fetched_and_read(archive: Archive, fetcher: Fetcher) -> None:
    fetched = await fetcher.fetch(f"{WORK}/chapters/10#main")
    assert fetched.name == "archiveofourown.org-1.epub"
    (reading,) = read(fetched.name, fetched.data, Gazetteer([]))
    assert reading.work.info.title == "The Kept Lamp"
    assert reading.work.info.authors == ("wren",)
    assert reading.work.info.source_url == WORK
    assert archive.asked[0] == "GET /works/1/navigate?view_adult=true"


@pytest.mark.parametrize(
    ("status", "body", "header", "trouble"),
    [
        (403, "", "Server: cloudflare", Trouble.REFUSED),
        (429, "Retry later", "Retry-After: 3600", Trouble.REFUSED),
        (503, "<title>Just a moment...</title> Cloudflare", "Retry-After: 3600", Trouble.REFUSED),
        (503, "Down for maintenance", "X-Odd: 1", Trouble.OFFLINE),
        (401, "", "X-Odd: 1", Trouble.LOGIN),
        (404, "", "X-Odd: 1", Trouble.MISSING),
        (418, "", "X-Odd: 1", Trouble.BROKEN),
        (200, "<p>another page</p>", "X-Odd: 1", Trouble.BROKEN),
        (200, "\0" * 1000, "Content-Encoding: gzip", Trouble.BROKEN),
        (200, "This work is only available to registered users of the Archive.", "X-Odd: 1",
         Trouble.LOGIN),
        (302, "", "Location: https://example.com/", Trouble.ASTRAY),
        (302, "", "Location: https://169.254.169.254/latest/meta-data", Trouble.ASTRAY),
        (302, "", "Location: http://[::ffff:127.0.0.1]/", Trouble.ASTRAY),
        (302, "", "Location: https://archiveofourown.org:8443/", Trouble.ASTRAY),
        (302, "", "Location: https://x@example.com/", Trouble.ASTRAY),
        (302, "", "Location: file:///etc/passwd", Trouble.ASTRAY),
        (302, "", "Location: ftp://archiveofourown.org/", Trouble.ASTRAY),
    ],
)  # fmt: skip
async def test_what_a_site_answers_is_said_and_not_asked_twice(
    status: int, body: str, header: str, trouble: Trouble, archive: Archive, fetcher: Fetcher
) -> None:
    archive.answers(status, body, header)
    assert await why_not(fetcher) == trouble.sentence("AO3")
    assert len(set(archive.asked)) == len(archive.asked) <= 2
    assert not any(line.startswith("POST") for line in archive.asked)  # no log-in is tried


async def test_a_redirect_to_this_machine_is_not_followed(
    archive: Archive, fetcher: Fetcher
) -> None:
    called = asyncio.Event()
    decoy = await asyncio.start_server(lambda _, line: (called.set(), line.close()), "127.0.0.1", 0)
    async with decoy:
        port = decoy.sockets[0].getsockname()[1]
        archive.answers(302, "", f"Location: http://127.0.0.1:{port}/")
        assert await why_not(fetcher) == Trouble.ASTRAY.sentence("AO3")
    assert not called.is_set()


async def test_a_site_that_refused_is_left_alone_for_a_while(archive: Archive) -> None:
    now = 0.0
    fetcher = Fetcher(fetch_pause_s=0, page_pause_s=0, clock=lambda: now)
    archive.answers(429)
    refusal = await why_not(fetcher)
    asked = len(archive.asked)
    assert await why_not(fetcher) == refusal
    assert len(archive.asked) == asked
    now += REST_S
    await why_not(fetcher)
    assert len(archive.asked) > asked


async def test_a_site_that_is_away_is_offline(
    fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as shut:  # a port of our own, on which nothing listens
        shut.bind(("127.0.0.1", 0))
        for name in ("https_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{shut.getsockname()[1]}")
        assert await why_not(fetcher) == Trouble.OFFLINE.sentence("AO3")


async def test_pages_are_counted_as_they_unpack(archive: Archive) -> None:
    archive.answers(200, gzip.compress(bytes(10_000_000)), "Content-Encoding: gzip")

    def get(limit_bytes: int) -> int:
        with session(Door(frozenset({HOST}), limit_bytes)) as out:
            return len(out.get(WORK, timeout=30).content)

    assert await asyncio.to_thread(get, 10_000_000) == 10_000_000
    with pytest.raises(TooMuch):
        await asyncio.to_thread(get, 9_999_999)


WALLED_IN = """
import os, socket, subprocess, sys
from db.fetching.child import Astray, wall_in

port = int(sys.argv[1])
proxy = {"https": sys.argv[2]} if sys.argv[2] else {}
wall_in({"http": "http://[", "no": f"127.0.0.1:{port}", **proxy})
def rebound():
    # The site's own name, which a resolver has come to mean this machine by.
    mine = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
    real, socket.getaddrinfo = socket.getaddrinfo, lambda *_, **__: mine
    try:
        socket.create_connection(("archiveofourown.org", 443))
    finally:
        socket.getaddrinfo = real

datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
ways = {
    "connect": lambda: socket.create_connection(("127.0.0.1", port)),
    "name": lambda: socket.socket().connect(("localhost", port)),
    "mapped": lambda: socket.socket(socket.AF_INET6).connect(("::ffff:127.0.0.1", port)),
    "rebound": rebound,
    "connect_ex": lambda: socket.socket().connect_ex(("127.0.0.1", port)),
    "unix": lambda: socket.socket(socket.AF_UNIX).connect("/run/nobody"),
    "sendto": lambda: datagrams.sendto(b"x", ("127.0.0.1", port)),
    "sendmsg": lambda: datagrams.sendmsg([b"x"], [], 0, ("127.0.0.1", port)),
    "Popen": lambda: subprocess.run(["true"]),
    "system": lambda: os.system("true"),
    "fork": lambda: os.fork() or os._exit(0),
}
for name, way in ways.items():
    try:
        way()
    except Astray:
        continue
    except Exception as error:
        name += f" ({error})"
    print(name)
"""


def walled_in(port: int, proxy: str = "") -> list[str]:
    """The ways that are open to a process inside the wall."""
    command = [sys.executable, "-W", "ignore", "-c", WALLED_IN, str(port), proxy]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.split("\n")[:-1]


def test_there_is_no_way_to_this_machine_nor_to_another_process() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        assert walled_in(server.getsockname()[1]) == []
        with pytest.raises(BlockingIOError):
            server.accept()


def test_only_the_proxys_own_port_is_a_way_out() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as proxy,
        socket.create_server(("127.0.0.1", 0)) as other,
    ):
        other.settimeout(0)
        ports = [server.getsockname()[1] for server in (proxy, other)]
        way_out = f"http://user:word@localhost:{ports[0]}"
        assert walled_in(ports[1], way_out) == []
        with pytest.raises(BlockingIOError):
            other.accept()
        assert "connect" in walled_in(ports[0], way_out)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "104.16.0.1", "2606:4700::1111", "64:ff9b::1.1.1.1"]
)
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
     "100.64.0.1", "224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1%eth0", "fd00::1",
     "ff02::1", "::ffff:127.0.0.1", "::127.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1",
     "2001:0:102:304:0:0:80ff:fffe", "localhost", "", "0x7f.1", "①②⑦.⓪.⓪.①"],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (Astray(), Trouble.ASTRAY),
        (TooMuch(), Trouble.LARGE),
        (MemoryError(), Trouble.LARGE),
        (requests.ReadTimeout(), Trouble.OFFLINE),
        (requests.TooManyRedirects(), Trouble.ASTRAY),
        (requests.exceptions.InvalidSchema("No connection adapters were found"), Trouble.ASTRAY),
        (requests.exceptions.InvalidSchema("Missing dependencies for SOCKS"), Trouble.OFFLINE),
        (AttributeError("'NoneType' object has no attribute 'find'"), Trouble.BROKEN),
    ],
)
def test_every_error_is_a_trouble(error: Exception, trouble: Trouble) -> None:
    assert trouble_of(error) is trouble


def test_what_fanficfare_raises_is_a_trouble() -> None:
    exceptions = pytest.importorskip("fanficfare.exceptions")
    assert trouble_of(exceptions.AdultCheckRequired(WORK)) is Trouble.ADULT
    assert trouble_of(exceptions.AccessDenied("not validated")) is Trouble.LOGIN
    assert trouble_of(exceptions.UnknownSite(WORK, [])) is Trouble.BROKEN
    revealed = exceptions.FailedToDownload('Site says: "... will be revealed soon!"')
    assert trouble_of(revealed) is Trouble.MISSING
