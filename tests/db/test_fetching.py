"""Fetching works by their links: FanFicFare's own made-up works, and processes that misbehave."""

import asyncio
import json
import logging
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from db.errors import UnreadableFile
from db.fetching import SITES, Fetched, Fetcher, is_installed, normalised
from db.fetching.fetcher import FETCH_PAUSE_S
from db.fetching.sites import site_of
from db.fetching.troubles import Trouble
from db.ingest.files import read
from db.ingest.gazetteer import Gazetteer

MakeFetcher = Callable[..., Fetcher]
AO3 = "https://archiveofourown.org/works/1"


@pytest.fixture
async def fetcher() -> AsyncIterator[MakeFetcher]:
    """Makes fetchers that keep no pauses, and closes them."""
    made: list[Fetcher] = []

    def make(**options: object) -> Fetcher:
        options = {"test_site": True, "fetch_pause_s": 0, "page_pause_s": 0, **options}
        made.append(Fetcher(**options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        await one.aclose()


def made_up(sid: int) -> str:
    """A link to one of FanFicFare's made-up works."""
    return f"http://test1.com?sid={sid}"


async def why_not(fetcher: Fetcher, url: str) -> str:
    """The sentence with which a fetch is refused."""
    with pytest.raises(UnreadableFile) as refusal:
        await fetcher.fetch(url)
    return refusal.value.sentence


def is_empty(folder: Path) -> bool:
    """Whether nothing is in a folder."""
    return not list(folder.iterdir())


def python(code: str, *arguments: object) -> list[str]:
    """A child in place of the real one."""
    return [sys.executable, "-c", code, *map(str, arguments)]


# Links


@pytest.mark.parametrize(
    ("link", "address"),
    [
        (
            "http://www.archiveofourown.org/works/0123/chapters/456?view_adult=true#main",
            "works/123",
        ),
        ("https://archiveofourown.org/collections/Yule_2024/works/123", "works/123"),
        ("https://archiveofourown.org/downloads/123/A%20Title.epub?updated_at=1", "works/123"),
        (" <https://AO3.org/works/123/> ", "works/123"),
    ],
)
def test_links_to_one_work_are_one(link: str, address: str) -> None:
    assert normalised(link) == f"https://archiveofourown.org/{address}"


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("https://m.fanfiction.net/s/12/3/A-Title", "https://www.fanfiction.net/s/12"),
        ("https://www.royalroad.com/fiction/12/a-title/chapter/3/b",
         "https://www.royalroad.com/fiction/12"),
        ("https://www.wattpad.com/story/12-a-title", "https://www.wattpad.com/story/12"),
        ("https://forums.spacebattles.com/threads/a-title.12/page-3#post-4",
         "https://forums.spacebattles.com/threads/12/"),
        ("https://sufficientvelocity.com/threads/12/reader/",
         "https://forums.sufficientvelocity.com/threads/12/"),
        ("http://www.siye.co.uk/viewstory.php?sid=12&chapter=3",
         "https://www.siye.co.uk/siye/viewstory.php?sid=12"),
        ("https://www.tthfanfic.org/T-9/Story-12-3/Author+Title.htm",
         "https://www.tthfanfic.org/Story-12"),
        ("https://www.tthfanfic.org/story.php?no=12", "https://www.tthfanfic.org/Story-12"),
    ],
)  # fmt: skip
def test_every_kind_of_archive_has_its_own_address(link: str, address: str) -> None:
    assert normalised(link) == address
    assert normalised(address) == address


@pytest.mark.fault(17)
@pytest.mark.parametrize(
    "link",
    [
        "",
        "archiveofourown.org",
        "https://example.com/works/1",
        "https://archiveofourown.org.example.com/works/1",
        "https://archiveofourown.org./works/1",
        "https://example.com/https://archiveofourown.org/works/1",
        "https://user:password@archiveofourown.org/works/1",
        "https://archiveofourown.org@127.0.0.1/works/1",
        "https://archiveofourown.org:443/works/1",
        "https://archiveofourown.org:99999/works/1",
        "https://archiveofourown.org\\@127.0.0.1/works/1",
        "https://archiveofourown.org%2eexample.com/works/1",
        "https://аrchiveofourown.org/works/1",  # a Cyrillic a
        "https://ａo3.org/works/1",  # a full-width a
        "https://\u212asarchive.com/viewstory.php?sid=1",  # the sign of the kelvin
        "https://xn--rchiveofourown-7yi.org/works/1",
        "https://127.0.0.1/works/1",
        "https://①②⑦.0.0.1/works/1",
        "https://[::1]/works/1",
        "https://[::1/works/1",
        "https://2130706433/works/1",
        "ftp://archiveofourown.org/works/1",
        "file:///works/1",
        "javascript:archiveofourown.org/works/1",
        "//archiveofourown.org/works/1",
        "https:///works/1",
        "https://archiveofourown.org/wor\nks/1",
        "https://archiveofourown.org/works/1 https://example.com",
        "https://archiveofourown.org/works/1\x00",
        "https://archiveofourown.org/works/1\u202e",
        "https://archiveofourown.org/works/1/" + "a" * 500,
        "https://archiveofourown.org/works/①",
        "https://archiveofourown.org/works/1a",
        "https://archiveofourown.org/works/0",
        "https://archiveofourown.org/works/search?work_search[query]=1",
        "https://archiveofourown.org/users/somebody",
        "https://www.siye.co.uk/siye/viewstory.php?sid=1%20OR%201",
        "http://test1.com?sid=1",
    ],
)
async def test_other_links_are_not_followed(link: str, fetcher: MakeFetcher) -> None:
    assert normalised(link) is None
    one = fetcher(test_site=False, command=python("print('-offline', end='')"))
    not_run = {Trouble.UNKNOWN_SITE.sentence(), *map(Trouble.NOT_A_WORK.sentence, ("AO3", "SIYE"))}
    assert await why_not(one, link) in not_run


def test_only_the_number_of_a_link_is_used() -> None:
    assert normalised("https://archiveofourown.org/works/1/../../users/log_in") == AO3


async def test_a_link_of_a_site_that_is_no_work_is_told_apart(fetcher: MakeFetcher) -> None:
    sentence = await why_not(fetcher(), "https://archiveofourown.org/users/somebody")
    assert sentence == Trouble.NOT_A_WORK.sentence("AO3")


def test_fanficfare_knows_every_address_that_links_are_made_into() -> None:
    adapters = pytest.importorskip("fanficfare.adapters")
    for host in sorted(SITES):
        site = site_of(f"https://{host}/")
        assert site is not None
        address = site.address.format("46ccbef30000616306614050" if "fanfiktion" in host else 1234)
        assert normalised(address) == address
        known, _domain = adapters.getNormalStoryURLSite(address)
        assert known.startswith(f"https://{site.host}/"), known
        assert normalised(known) == address


# FanFicFare's made-up works, by the real child


async def test_a_work_is_fetched_and_read(fetcher: MakeFetcher) -> None:
    fetched = await fetcher().fetch(made_up(1))
    assert fetched.name == "test1.com-1.epub"
    (reading,) = read(fetched.name, fetched.data, Gazetteer([]))
    assert reading.work.info.title == "Test Story Title 1"
    assert len(reading.work.chapters) == 9


async def test_a_work_for_adults_is_fetched(fetcher: MakeFetcher) -> None:
    assert (await fetcher().fetch(made_up(665))).data.startswith(b"PK")


@pytest.mark.parametrize(
    ("sid", "trouble"),
    [
        (666, Trouble.MISSING),
        (667, Trouble.BROKEN),  # some of its chapters cannot be had
        (668, Trouble.LOGIN),
        (675, Trouble.LOGIN),  # a second factor
    ],
)
async def test_a_works_trouble_is_said(
    sid: int, trouble: Trouble, fetcher: MakeFetcher, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "db"):
        assert await why_not(fetcher(), made_up(sid)) == trouble.sentence("test1.com")
    assert trouble.value in caplog.text
    assert "sid=" not in caplog.text


async def test_settings_and_passwords_of_the_machine_are_not_used(
    fetcher: MakeFetcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".fanficfare").mkdir()
    for folder in (tmp_path, tmp_path / ".fanficfare"):
        (folder / "personal.ini").write_text("[test1.com]\nusername:Me\n")  # lets 668 in
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert await why_not(fetcher(), made_up(668)) == Trouble.LOGIN.sentence("test1.com")


async def test_a_work_larger_than_a_file_may_be_is_refused(fetcher: MakeFetcher) -> None:
    sentence = await why_not(fetcher(size_limit_bytes=1000), made_up(1))
    assert sentence == Trouble.LARGE.sentence("test1.com")


async def test_without_the_extra_it_is_said_how_to_get_it(
    fetcher: MakeFetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert is_installed()
    monkeypatch.setitem(sys.modules, "fanficfare", None)
    assert not is_installed()
    assert "requirements-web.txt" in await why_not(fetcher(), AO3)


# Children that misbehave


@pytest.mark.parametrize(
    ("code", "trouble"),
    [
        ("", Trouble.BROKEN),
        ("import os; os.kill(os.getpid(), 9)", Trouble.BROKEN),
        ("print('-offline', end='')", Trouble.OFFLINE),
        ("print('-no such trouble', end='')", Trouble.BROKEN),
        ("print('{\"name\": 1}')", Trouble.BROKEN),
        ("import sys; sys.stdout.buffer.write(b'-\\xff')", Trouble.BROKEN),
        ("import sys; sys.stderr.write('x' * 9_000_000)", Trouble.BROKEN),
        ("while True: print('+' * 100_000)", Trouble.LARGE),
    ],
)
async def test_whatever_a_child_says_is_one_sentence(
    code: str, trouble: Trouble, fetcher: MakeFetcher
) -> None:
    one = fetcher(command=python(code), size_limit_bytes=1_000_000)
    assert await why_not(one, AO3) == trouble.sentence("AO3")


async def test_a_child_that_takes_too_long_is_ended(fetcher: MakeFetcher) -> None:
    one = fetcher(command=python("import time; time.sleep(600)"), time_limit_s=0.05)
    assert await why_not(one, AO3) == Trouble.SLOW.sentence("AO3")
    assert not one._running


async def test_a_child_that_cannot_be_started_is_said(fetcher: MakeFetcher) -> None:
    one = fetcher(command=["/nowhere/python"])
    assert await why_not(one, AO3) == Trouble.OFFLINE.sentence("AO3")


async def test_a_child_has_an_empty_home_and_none_of_the_secrets(
    fetcher: MakeFetcher, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("DISCORD_TOKEN", "a secret")
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    look = "import json, os; print('+', json.dumps([os.getcwd(), os.listdir(), dict(os.environ)]))"
    fetched = await fetcher(command=python(look)).fetch(AO3)
    home, files, environment = json.loads(fetched.data)
    assert files == []
    assert {environment[key] for key in ("HOME", "XDG_CONFIG_HOME", "TMPDIR")} == {home}
    assert environment["https_proxy"] == "http://proxy.example:3128"
    assert "a secret" not in environment.values()
    assert home.startswith(str(tmp_path))
    assert is_empty(tmp_path)


# Starts a child of its own, which holds the line too; tells the test; answers when it is told to.
CALLER = """
import socket, subprocess, sys
line = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
own = subprocess.Popen(sleep, pass_fds=[line.fileno()])
line.sendall(b"up")
print(end="+" + line.recv(10).decode())
own.kill()
"""
Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def calls() -> AsyncIterator[tuple[list[str], asyncio.Queue[Line]]]:
    """A child that calls, and the lines of those that called."""
    lines: asyncio.Queue[Line] = asyncio.Queue()
    opened: list[asyncio.StreamWriter] = []

    def called(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened.append(writer)
        lines.put_nowait((reader, writer))

    server = await asyncio.start_server(called, "127.0.0.1", 0)
    async with server:
        try:
            yield python(CALLER, server.sockets[0].getsockname()[1]), lines
        finally:
            for writer in opened:
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()


async def test_a_cancelled_fetch_ends_its_child_and_the_childs_children(
    fetcher: MakeFetcher,
) -> None:
    async with calls() as (command, lines):
        task = asyncio.create_task(fetcher(command=command).fetch(AO3))
        line = await lines.get()
        assert await line[0].readexactly(2) == b"up"
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await line[0].read() == b""  # not before all that held the other end are gone


async def test_closing_ends_what_runs_and_what_waits(fetcher: MakeFetcher) -> None:
    async with calls() as (command, lines):
        one = fetcher(command=command)
        tasks = [asyncio.create_task(one.fetch(AO3)) for _ in range(3)]
        line = await lines.get()
        assert await line[0].readexactly(2) == b"up"
        await one.aclose()
        assert await line[0].read() == b""
        assert lines.empty()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            assert isinstance(outcome, UnreadableFile)
            assert outcome.sentence == Trouble.STOPPING.sentence()
    assert await why_not(one, AO3) == Trouble.STOPPING.sentence()


async def test_each_site_is_asked_for_one_work_at_a_time(fetcher: MakeFetcher) -> None:
    async with calls() as (command, lines):
        one = fetcher(command=command)
        mirror = "https://archiveofourown.gay/works/2"
        tasks = [asyncio.create_task(one.fetch(url)) for url in (AO3, mirror)]
        first = await lines.get()
        assert len(one._running) == 1
        elsewhere = asyncio.create_task(one.fetch("https://www.royalroad.com/fiction/3"))
        other = await lines.get()  # another site need not wait
        other[1].write(b"c")
        assert await elsewhere == Fetched("www.royalroad.com-3.epub", b"c")
        assert lines.empty()
        first[1].write(b"a")
        second = await lines.get()
        second[1].write(b"b")
        assert [fetched.data for fetched in await asyncio.gather(*tasks)] == [b"a", b"b"]


async def test_there_is_a_pause_between_two_works_of_a_site(fetcher: MakeFetcher) -> None:
    now = 0.0
    one = fetcher(command=python("print('+')"), fetch_pause_s=FETCH_PAUSE_S, clock=lambda: now)
    await one.fetch(AO3)
    now += FETCH_PAUSE_S
    await one.fetch(AO3)
    waiting = asyncio.create_task(one.fetch(AO3))
    await one.fetch("https://www.royalroad.com/fiction/3")
    assert not waiting.done()
    assert not one._running
    await one.aclose()
    with pytest.raises(UnreadableFile, match="stopping"):
        await waiting
