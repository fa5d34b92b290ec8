"""Files and links made to harm, as a moderator hands them in: one sentence, and nothing stored."""

import asyncio
import io
import struct
import zipfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from cogs._intake import _is_discords
from sandbox import User
from sandbox.model import Attachment
from tests.cogs.conftest import Rig, refusal
from tests.cogs.stock import rows_of
from tests.cogs.test_library import add_text
from tests.ingest.formats.documents import docx, epub
from tests.ingest.test_archives import damaged, encrypted, lying, make_zip, overlapping

MIB = 1024 * 1024
DTD = (
    '<!DOCTYPE w:document [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
)
OUTSIDE = '<!DOCTYPE w:document [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


def with_doctype(at: Path, doctype: str) -> Path:
    """A Word document whose XML declares entities."""
    body = "<w:p><w:r><w:t>It was late, &c;&a; said.</w:t></w:r></w:p>"
    with zipfile.ZipFile(io.BytesIO(docx(body))) as book:
        entries = {name: book.read(name) for name in book.namelist()}
    name = "word/document.xml"
    head, root, rest = entries[name].partition(b"<w:document")
    entries[name] = head + doctype.encode() + root + rest
    return make_zip(at, entries)


def many_entries(path: Path) -> Path:
    """A zip with 60,000 files in it, as far as its directory says."""
    data = make_zip(path, {"a.txt": b"x"}).read_bytes()
    start, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entries = data[start:end] * 60_000
    tail = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 60_000, 60_000, len(entries), start, 0)
    path.write_bytes(data[:start] + entries + tail)
    return path


HOSTILE: dict[str, Callable[[Path], Path | bytes]] = {
    "bomb.zip": lambda at: make_zip(at, {"a.txt": bytes(30 * MIB)}),
    "overlap.zip": overlapping,
    "lie.zip": lambda at: lying(make_zip(at, {"a.txt": b"It was late. " * 9000}), "a.txt", 2**31),
    "short-lie.zip": lambda at: lying(make_zip(at, {"a.txt": b"It was late. " * 9000}), "a.txt", 5),
    "many.zip": many_entries,
    "bad-zlib.zip": damaged,
    "locked.zip": encrypted,
    "cut.zip": lambda at: make_zip(at, {"a.txt": b"It was late."}).read_bytes()[:40],
    "zip-in-zip.zip": lambda at: make_zip(
        at, {"b.zip": make_zip(at.with_suffix(".inner"), {"a.txt": b"x"}).read_bytes()}
    ),
    "entities.docx": lambda at: with_doctype(at, DTD),
    "outside.docx": lambda at: with_doctype(at, OUTSIDE),
    "nested.html": lambda _: b"<html><body>" + b"<div>" * 100_000,
    "picture.txt": lambda _: b"\x89PNG\r\n\x1a\n" + bytes(2000),
    "paper.epub": lambda _: b"%PDF-1.7\n" + bytes(100),
    "program.txt": lambda _: b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 20,
    "book.epub": lambda _: epub({f"p{n}.xhtml": "<p>Late.</p>" for n in range(5_001)}),
    "nothing.txt": lambda _: b" \n\n ",
    "list.jsonl": lambda _: b'{"title": "\\ud800"}\n{"title": 1}\n[[[[[[',
}


@pytest.mark.fault(16)
@pytest.mark.timeout(120)
async def test_hostile_files_leave_a_sentence_and_nothing_else(
    moderator: User, rig: Rig, tmp_path: Path
) -> None:
    before = rows_of(rig.path, rig.guild_id)
    for name, make in HOSTILE.items():
        made = make(tmp_path / name)
        data = made if isinstance(made, bytes) else made.read_bytes()
        message = await add_text(moderator, files=[(name, data)])
        assert message.ephemeral, name
        assert not message.components, (name, message.text)
        assert message.content.startswith("**"), message.text
        assert message.content.endswith("."), message.text
        assert "\n" not in message.content, name
        assert "went wrong" not in message.content, name
    assert rows_of(rig.path, rig.guild_id) == before


@pytest.mark.fault(16)
async def test_a_hostile_list_is_imported_not_at_all(moderator: User, rig: Rig) -> None:
    before = rows_of(rig.path, rig.guild_id)
    for name, data in (("list.jsonl", b"{" * 100_000), ("list.zip", b"PK\x03\x04" + bytes(500))):
        answer = await moderator.command("library import", file=(name, data))
        assert answer.message.ephemeral
        assert "went wrong" not in answer.message.text
    after = rows_of(rig.path, rig.guild_id)
    assert after["works"] == before["works"]


LINKS = (
    "http://127.0.0.1:{port}/works/1", "http://localhost:{port}/works/1", "http://[::1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/", "http://0.0.0.0:{port}/", "http://127.1:{port}/",
    "http://2130706433:{port}/", "http://0x7f000001:{port}/", "http://①②⑦.⓪.⓪.①:{port}/",
    "http://169.254.169.254/latest/meta-data", "http://10.0.0.1/", "http://192.168.1.1/works/1",
    "https://archiveofourown.org@127.0.0.1:{port}/works/1",
    "https://archiveofourown.org:{port}/works/1", "http://127.0.0.1:{port}#archiveofourown.org",
    "file:///etc/passwd", "ftp://127.0.0.1:{port}/", "gopher://127.0.0.1:{port}/",
    "https://archiveofourown.org.127.0.0.1.nip.io/works/1",
)  # fmt: skip


class Decoy:
    """Counts who comes."""

    port = 0
    calls = 0

    def serve(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One who came."""
        self.calls += 1
        writer.close()


@pytest.fixture
async def decoy() -> AsyncIterator[Decoy]:
    """A server of this machine that nobody should ask."""
    found = Decoy()
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    async with server:
        yield found
    assert found.calls == 0


@pytest.mark.fault(17)
async def test_links_to_other_places_are_not_followed(
    moderator: User, member: User, rig: Rig, decoy: Decoy
) -> None:
    before = rows_of(rig.path, rig.guild_id)
    for link in (link.format(port=decoy.port) for link in LINKS):
        form = (await moderator.command("library add")).form
        said = refusal(await moderator.submit(form, {"link": link}))
        assert "went wrong" not in said, link
        assert said.endswith("."), link
        # As the only word of a message it is a link too, if it is one of the web.
        if link.startswith("http") and link.isascii():
            message = await member.say(link)
            answer = await moderator.menu(message, "Add to library")
            if "@" not in link:
                assert refusal(answer).endswith("."), link
    after = rows_of(rig.path, rig.guild_id)
    assert len(after["works"]) - len(before["works"]) <= 1


@pytest.mark.fault(17)
async def test_a_files_address_is_discords_or_is_not_asked(
    moderator: User, rig: Rig, decoy: Decoy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forged(attachment: Attachment) -> str:
        return f"http://127.0.0.1:{decoy.port}/attachments/1/{attachment.id}/a.txt"

    before = rows_of(rig.path, rig.guild_id)
    monkeypatch.setattr(rig.sandbox._cdn, "address", forged)
    message = await add_text(moderator, files=[("a.txt", b"It was late.")])
    assert message.content == "**a.txt**: Discord did not hand out this file. Please add it again."
    spoken = await rig.user("member").say("", [("b.txt", b"It was late.")])
    answer = await moderator.menu(spoken, "Add to library")
    assert "Discord did not hand out this file" in answer.message.content
    answer = await moderator.command("library import", file=("c.jsonl", b"{}"))
    assert "Discord did not hand out this file" in answer.message.text
    assert rows_of(rig.path, rig.guild_id)["works"] == before["works"]


@pytest.mark.fault(17)
@pytest.mark.parametrize(
    ("url", "is_asked"),
    [
        ("https://cdn.discordapp.com/attachments/1/2/a.txt?ex=1&hm=2", True),
        ("https://media.discordapp.net/attachments/1/2/a.txt", True),
        ("http://cdn.discordapp.com/attachments/1/2/a.txt", False),
        ("https://cdn.discordapp.com:8443/attachments/1/2/a.txt", False),
        ("https://cdn.discordapp.com@127.0.0.1/a.txt", False),
        ("https://x:y@cdn.discordapp.com/a.txt", False),
        ("https://cdn.discordapp.com.evil.example/a.txt", False),
        ("https://evil.example/cdn.discordapp.com", False),
        ("https://127.0.0.1/a.txt", False),
        ("https://[::1/a.txt", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_where_discord_keeps_files(url: str, is_asked: bool) -> None:
    assert _is_discords(url, "") is is_asked
    assert not _is_discords(url, "http://127.0.0.1:8420")


@pytest.mark.fault(17)
def test_where_a_discord_of_this_machine_keeps_files() -> None:
    api = "http://localhost:8420"
    assert _is_discords("http://127.0.0.1:8420/cdn/attachments/1/2/a.txt", api)
    for url in (
        "http://127.0.0.1:8421/a",
        "http://10.0.0.1:8420/a",
        "http://localhost@1.2.3.4:8420/",
    ):
        assert not _is_discords(url, api)
