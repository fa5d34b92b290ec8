"""Files made to harm: every one is read or refused with a sentence, and soon."""

import random
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from db.errors import UnreadableFile
from db.ingest.files import read
from db.ingest.gazetteer import Gazetteer
from tests.ingest.formats import test_archives_pages as pages
from tests.ingest.formats.ao3_files import AChapter, AWork, download
from tests.ingest.formats.ao3_files import epub as ao3_epub
from tests.ingest.formats.documents import docx, docx_of, epub, odt_of, rtf_of, word_paragraph

pytestmark = pytest.mark.fault(16)

NO_NAMES = Gazetteer([])
LINES = ["Chapter 1", "It was late.", "A/N: sorry!", "“No,” she said.", "***", "It was early."]
WORK = AWork((AChapter("<p>It was late.</p>", notes="<p>Sorry!</p>"), AChapter("<p>No.</p>")))
TEXT = (
    "The Lamp\n\nby quay\n\nPackaged: 2020-01-01\nStory URL: https://example.org/1\n"
    "Publisher: example.org\n\n\nTABLE OF CONTENTS\n\n\nOne\n\n\n\n\tOne\n\nIt was _late_.\n"
)
SAMPLES: dict[str, bytes] = {
    "AO3 page": download(WORK),
    "AO3 e-book": ao3_epub(WORK),
    "FicHub page": pages.PAGE.encode(),
    "FicHub e-book": pages.BOOK,
    "FanFiction.net": pages.FFN.encode(),
    "eFiction": pages.EFICTION.encode(),
    "Wattpad": pages.WATTPAD.encode(),
    "page": pages.BLOG.encode(),
    "FanFicFare text": TEXT.encode(),
    "Word": docx_of(LINES),
    "OpenDocument": odt_of(LINES),
    "RTF": rtf_of(LINES),
    "e-book": epub({"a.xhtml": "<h1>One</h1><p>It was late.</p>", "b.xhtml": "<p>No.</p>"}),
}
PIECES = [
    b"<div>", b"</div>", b"<p>", b"<!--", b"-->", b"<![CDATA[", b"&#0;", b"&amp;amp;", b"\x00",
    b"\xff\xfe", b"{\\rtf1 ", b"\\u-1?", b"\\'zz", b"}", b"PK\x03\x04", b"<table><tr><td>",
    b"\r\r\n",
    b"<h2>Chapter 9", b"\xf0\x9f", b'<a name="section0001">', b"<dl class=tags>", b" " * 50,
]  # fmt: skip


def read_or_refused(data: bytes) -> None:
    """Nothing but a reading, or a refusal of one sentence."""
    try:
        found = [one.text for one in read("a.bin", data, NO_NAMES)]
    except UnreadableFile as error:
        found = [error.sentence]
    assert found[0].strip()


def damaged(name: str, seed: int) -> bytes:
    """A sample with some of its bytes changed, gone, or said again."""
    chance = random.Random(seed)
    data = bytearray(SAMPLES[name])
    for _ in range(chance.randrange(1, 12)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(4):
            case 0:
                data[at:at] = chance.choice(PIECES)
            case 1:
                del data[at : at + chance.randrange(1, 200)]
            case 2:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case _:
                data[at:at] = data[at : at + 300] * chance.randrange(1, 20)
    return bytes(data)


@pytest.mark.parametrize("name", SAMPLES)
@settings(deadline=None)  # how long one takes is the machine's affair
@given(seed=st.integers(0, 2**32))
@example(seed=5187)  # an entry of a zip without a name
def test_damaged_files(name: str, seed: int) -> None:
    read_or_refused(damaged(name, seed))


@pytest.mark.parametrize("name", SAMPLES)
def test_files_that_break_off(name: str) -> None:
    data = SAMPLES[name]
    for end in range(0, len(data), max(1, len(data) // 40)):
        read_or_refused(data[:end])


HOSTILE: dict[str, Callable[[], bytes]] = {
    "100,000 nested blocks": lambda: b"<html><body>" + b"<div>" * 100_000 + b"It was late.",
    "line breaks": lambda: b"<html><body><p>It was late.</p>" + b"<br/>" * 100_000,
    "one-word lines": lambda: b"word\n" * 50_000,
    "one-word paragraphs": lambda: b"<html><body>" + b"<p>word</p>" * 50_000,
    "dashes": lambda: b"- " * 500_000,
    "tags that never close": lambda: b"<html><body>" + b"<p" * 300_000,
    "a value without end": lambda: b'<p class="' + b"a " * 500_000 + b'">It was late.</p>',
    "headings": lambda: b"<html><body>" + b"<h1>Chapter 1</h1><p>x y</p>" * 5_000,
    "entities": lambda: b"<html><body><p>" + b"&amp;" * 200_000 + b"</p>",
    "braces": lambda: rb"{\rtf1 " + b"{a}" * 200_000 + b"}",
    "open braces": lambda: rb"{\rtf1 " + b"{" * 200_000,
    "nested controls": lambda: docx(
        "<w:sdt>" * 50_000 + word_paragraph("It was") + "</w:sdt>" * 50_000
    ),
    "pages": lambda: epub({f"p{n}.xhtml": "<p>It was late.</p>" for n in range(5_001)}),
    "emphasis": lambda: TEXT.encode() + b"_a" * 200_000,
    "data": lambda: pages.WATTPAD.replace("= {", "= " + "[" * 100_000).encode(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_takes_others_for_ever(name: str) -> None:
    """The time limit of tests is the measure; each takes a second or so."""
    read_or_refused(HOSTILE[name]())


def test_more_chapters_than_any_story_has() -> None:
    data = b"<html><body>" + b"<h1>Chapter 1</h1><p>x y</p>" * 10_001
    with pytest.raises(UnreadableFile, match="10,001 chapters"):
        read("a.html", data, NO_NAMES)
