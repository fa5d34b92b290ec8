"""FicHub's e-books and pages, as its open templates make them."""

import random
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.errors import UnreadableFile
from db.ingest.files import read
from db.ingest.gazetteer import Gazetteer
from db.ingest.reading import Reading
from db.models import Rating, Status, ZoneKind
from tests.ingest.formats.epub_files import EBook, epub

NO_NAMES = Gazetteer([])
SOURCE = "https://www.fanfiction.net/s/123/1/The-Lamp"
GREY = (
    "Rated: Fiction T - Language: English - Genre: Romance/Hurt/Comfort - Characters: "
    "[Spike S., Faye V.] Jet B. - Reviews: 9 - id: 123"
)
CHAPTERS = {
    "Prologue": "<p>The lamp had been out for three nights when the ferry came back empty.</p>",
    "2. The Rope": "<p>“Somebody rowed it,” Faye said.</p><hr/><p>Later it was lit again.</p>",
    "Chapter 3": "<p>In the end nobody asked who had lit it.</p>",
}
METADATA = (
    '<dc:identifier id="id">abc123</dc:identifier><dc:title>The Lamp</dc:title>'
    '<dc:language>en</dc:language><dc:creator id="creator">quay</dc:creator>'
    "<dc:description>&lt;p&gt;A lamp goes out.&lt;/p&gt;</dc:description>"
)


def intro(description: str = "<p>A lamp goes out.</p>", extra: str = f"<p>{GREY}</p>") -> str:
    return f"""<h1>The Lamp</h1><p><b>By: quay</b></p><p>{description}</p>
    <p>Status: ongoing</p><p>Published: 2019-03-01</p><p>Updated: 2020-05-06</p><p>Words: 33</p>
    <p>Chapters: 3</p>{extra}<p>Original source:
    <a rel="noopener noreferrer" href="{SOURCE}">{SOURCE}</a></p>
    <p>Exported with the assistance of <a href="https://fichub.net">FicHub.net</a></p>"""


def book(page: str = "", chapters: dict[str, str] | None = None) -> bytes:
    chapters = CHAPTERS if chapters is None else chapters
    pages = {"introduction.xhtml": page or intro(), "nav.xhtml": "<nav epub:type='toc'><ol/></nav>"}
    pages |= {
        f"chap_{number}.xhtml": f"<h2>{title}</h2>{text}"
        for number, (title, text) in enumerate(chapters.items(), start=1)
    }
    lines = [(title, f"chap_{number}.xhtml") for number, title in enumerate(chapters, start=1)]
    return epub(
        EBook(
            pages,
            metadata=METADATA,
            points=[("Introduction", "introduction.xhtml"), *lines],
            folder="EPUB/",
        )
    )


def page(chapters: dict[str, str] | None = None, description: str = "A lamp goes out.") -> bytes:
    chapters = CHAPTERS if chapters is None else chapters
    listing = "".join(
        f'<li><a href="#chap_{number}">{title}</a></li>'
        for number, title in enumerate(chapters, start=1)
    )
    blocks = "".join(
        f'<div id="chap_{number}"><div class="chapter_nav"><a href="#chap_{number - 1}" '
        'class="left">previous chapter</a><span class="cfix"></span><a href="#contents-list">'
        f"chapter list</a></div><h2>{title}</h2>{text}</div>"
        for number, (title, text) in enumerate(chapters.items(), start=1)
    )
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8">
    <title>The Lamp by quay</title></head><body><h1><span class="title">The Lamp</span></h1>
    <h2>by <span class="author">quay</span></h2><div>{description}</div><p>Original source:
    <a rel="noopener noreferrer" href="{SOURCE}">{SOURCE}</a></p><p>Chapters: 3</p><p>Words: 33</p>
    <p>{GREY}</p><p>Exported with the assistance of <a href='https://fichub.net'>FicHub.net</a></p>
    <nav id="contents-list"> <ol>{listing}</ol> </nav>{blocks}
    <a href="#contents-list">(back to chapter list)</a></body></html>""".encode()


def reading(data: bytes) -> Reading:
    [found] = read("a.bin", data, NO_NAMES)
    return found


def body(found: Reading) -> list[str]:
    return [
        line
        for chapter in found.work.chapters
        for zone in chapter.zones
        if zone.kind is ZoneKind.BODY
        for line in chapter.text[zone.start : zone.end].split("\n\n")
    ]


@pytest.mark.parametrize("data", [book(), page()], ids=["epub", "html"])
def test_both_formats_give_the_same_work(data: bytes) -> None:
    found = reading(data)
    info = found.work.info
    assert found.title_source == "FicHub file"
    assert (info.title, info.authors, info.summary) == ("The Lamp", ("quay",), "A lamp goes out.")
    assert (info.rating, info.language, info.source_url) == (Rating.TEEN, "en", SOURCE)
    assert info.tags == ("Romance", "Hurt/Comfort")
    assert info.characters == ("Spike S.", "Faye V.", "Jet B.")
    assert info.relationships == ("Spike S./Faye V.",)
    assert [one.title for one in found.work.chapters] == ["Prologue", "The Rope", None]
    assert body(found) == [
        "The lamp had been out for three nights when the ferry came back empty.",
        "“Somebody rowed it,” Faye said.",
        "Later it was lit again.",
        "In the end nobody asked who had lit it.",
    ]
    assert [len(one.scenes) for one in found.work.chapters] == [1, 2, 1]
    assert info.words == 33


def test_only_the_e_book_tells_dates_and_status() -> None:
    info = reading(book()).work.info
    assert (info.published, info.updated) == (date(2019, 3, 1), date(2020, 5, 6))
    assert info.status is Status.IN_PROGRESS


@pytest.mark.parametrize(
    ("said", "status"),
    [("complete", Status.COMPLETE), ("abandoned", Status.IN_PROGRESS), ("?", Status.UNKNOWN)],
)
def test_states(said: str, status: Status) -> None:
    changed = intro().replace("Status: ongoing", f"Status: {said}")
    assert reading(book(changed)).work.info.status is status


@pytest.mark.parametrize(
    ("description", "summary"),
    [
        ("A lamp goes out.", "A lamp goes out."),
        ("<p>A lamp goes out.</p><p>Somebody rows.</p>", "A lamp goes out.\n\nSomebody rows."),
        ("<div>A lamp goes out.</div>Somebody rows.", "A lamp goes out.\n\nSomebody rows."),
        ("", None),
    ],
)
def test_a_description_however_it_is_marked(description: str, summary: str | None) -> None:
    assert reading(book(intro(description))).work.info.summary == summary


def test_a_work_without_its_sites_grey_line() -> None:
    info = reading(book(intro(extra=""))).work.info
    assert (info.rating, info.tags, info.source_url) == (Rating.NOT_RATED, (), SOURCE)


FORUM = {"Rain": "It was <i>very</i> late.<br/><br/>He <b>rowed</b> on."}


@pytest.mark.parametrize("data", [book(chapters=FORUM), page(FORUM)], ids=["epub", "html"])
def test_a_forums_posts_run_on_without_paragraphs(data: bytes) -> None:
    assert body(reading(data)) == ["It was very late.", "He rowed on."]


def test_a_chapter_that_leaves_a_block_open_swallows_no_other() -> None:
    chapters = CHAPTERS | {"Prologue": "<div><p>The lamp was out.</p>"}
    found = reading(page(chapters))
    assert [one.title for one in found.work.chapters] == ["Prologue", "The Rope", None]
    said = body(found)
    assert said[0] == "The lamp was out."
    assert said.count("In the end nobody asked who had lit it.") == 1


def test_a_book_that_calibre_cut() -> None:
    found = reading(
        epub(
            EBook(
                {
                    "introduction.xhtml": intro(),
                    "chap_1_split_000.xhtml": "<h2>Rain</h2><p>It was late.</p>",
                    "chap_1_split_001.xhtml": "<p>And later still.</p>",
                    "chap_2.xhtml": "<h2>Fog</h2><p>It was early.</p>",
                },
                metadata=METADATA,
            )
        )
    )
    assert [one.title for one in found.work.chapters] == ["Rain", "Fog"]
    assert body(found) == ["It was late.", "And later still.", "It was early."]


def test_a_book_whose_chapters_another_program_renamed_loses_none() -> None:
    pages = {
        "introduction.xhtml": intro(),
        "text/part0001.html": "<h2>Rain</h2><p>It was late.</p>",
    }
    found = reading(epub(EBook(pages, metadata=METADATA)))
    assert found.work.info.title == "The Lamp"
    assert "It was late." in body(found)


def test_others_introductions_are_not_fichubs() -> None:
    pages = {"introduction.xhtml": "<p>Hello there.</p>", "a.xhtml": "<p>It was late.</p>"}
    assert reading(epub(EBook(pages))).title_source == "e-book"


@pytest.mark.parametrize(
    "data",
    [
        page({"One": "<div>" * 3000 + "It was late."}),
        page({"One": "<div id='chap_7'>" * 1500 + "It was late." * 50}),
        page({"One": "word<br>" * 50_000}),
        book("<h1>" * 2000 + intro()),
        book(chapters={"x" * 100_000: "<p>It was late.</p>"}),
    ],
    ids=["deep", "chapters in chapters", "breaks", "headings", "long title"],
)
def test_hostile_files(data: bytes) -> None:
    """Read or refused, and within the time limit of tests."""
    read_or_refused(data)


SAMPLES = (book(), page())


@settings(deadline=None)
@given(seed=st.integers(0, 2**32), which=st.sampled_from((0, 1)))
def test_damaged_files(seed: int, which: int) -> None:
    chance = random.Random(seed)
    data = bytearray(SAMPLES[which])
    for _ in range(chance.randrange(1, 10)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(3):
            case 0:
                del data[at : at + chance.randrange(1, 200)]
            case 1:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case _:
                data[at:at] = chance.choice((b'<div id="chap_1">', b"</div>", b"<!--", b"\x00"))
    read_or_refused(bytes(data))


def read_or_refused(data: bytes) -> None:
    """Nothing but a reading, or a refusal of one sentence."""
    try:
        said = reading(data).text
    except UnreadableFile as error:
        said = error.sentence
    assert said.strip()
