"""E-books of every program: what they declare, and what of them are chapters."""

import random
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.errors import UnreadableFile
from db.ingest.files import read
from db.ingest.gazetteer import Gazetteer
from db.ingest.reading import Reading
from db.models import ArchiveWarning, Category, Rating, SeriesPart, Status, ZoneKind
from tests.ingest.formats.epub_files import METADATA, EBook, epub

NO_NAMES = Gazetteer([])
RAIN = ["The rain came in from the sea a little after four.", "Nobody had shut the windows."]
FOG = ["By morning there was nothing left to see.", "“It will lift,” the keeper said."]
SUN = ["On the third day the ferry came, and nobody was on it."]


def story(lines: list[str]) -> str:
    return "".join(f"<p>{line}</p>\n" for line in lines)


def reading(book: EBook | bytes) -> Reading:
    [found] = read("a.epub", epub(book) if isinstance(book, EBook) else book, NO_NAMES)
    return found


def chapters(book: EBook) -> list[tuple[str | None, list[str]]]:
    """Each chapter's title and the paragraphs of its story."""
    return [
        (
            chapter.title,
            [
                line
                for zone in chapter.zones
                if zone.kind is ZoneKind.BODY
                for line in chapter.text[zone.start : zone.end].split("\n\n")
            ],
        )
        for chapter in reading(book).work.chapters
    ]


# -- the programs ------------------------------------------------------------------------------
def test_calibre_cuts_pages_and_the_contents_join_them() -> None:
    book = EBook(
        {
            "titlepage.xhtml": "<div><svg><title>Cover</title><image href='c.jpg'/></svg></div>",
            "index_split_000.html": f'<h2 id="calibre_toc_1">Chapter 1</h2>{story(RAIN)}',
            "index_split_001.html": story(["It rained on."]),
            "index_split_002.html": f'{story(["And on."])}<h2 id="calibre_toc_2">Chapter 2: Fog'
            f"</h2>{story(FOG)}",
        },
        points=[
            ("Chapter 1", "index_split_000.html#calibre_toc_1"),
            ("Chapter 2: Fog", "index_split_002.html#calibre_toc_2"),
        ],
        folder="",
    )
    assert chapters(book) == [(None, [*RAIN, "It rained on.", "And on."]), ("Fog", FOG)]


def test_calibre_found_no_contents() -> None:
    """What it writes for a text without headings: one line, "Start", at its first page."""
    pages = {
        f"index_split_{at:03}.html": f"<p><b>Chapter {at + 1}</b></p>{story(lines)}"
        for at, lines in enumerate((RAIN, FOG, SUN))
    }
    book = EBook(pages, points=[("Start", "index_split_000.html")], folder="")
    assert chapters(book) == [(None, RAIN), (None, FOG), (None, SUN)]
    assert reading(book).work.info.title == "The Lamp"


def test_sigil_with_parts_and_a_page_on_the_author() -> None:
    book = EBook(
        {
            "Text/cover.xhtml": "<div><img src='../Images/cover.jpg' alt='Cover'/></div>",
            "Text/Part1.xhtml": "<h1>Part One</h1>",
            "Text/Section0001.xhtml": f"<h2>Chapter 1</h2><h3>Rain</h3>{story(RAIN)}",
            "Text/Section0002.xhtml": f"<div><div><h2>Chapter 2</h2>{story(FOG)}</div></div>",
            "Text/Section0003.xhtml": story(["The fog stayed."]),
            "Text/Section0004.xhtml": "<h2>About the Author</h2><p>quay lives by the sea.</p>",
        },
        points=[
            ("Part One", "Text/Part1.xhtml"),
            ("Chapter 1", "Text/Section0001.xhtml"),
            ("Chapter 2", "Text/Section0002.xhtml"),
            ("About the Author", "Text/Section0004.xhtml"),
        ],
    )
    assert chapters(book) == [("Rain", RAIN), (None, [*FOG, "The fog stayed."])]
    first = reading(book).work.chapters[0].text
    assert first.startswith("Part One\n\nChapter 1\n\nRain\n\n")


def test_pandoc() -> None:
    book = EBook(
        {
            "text/title_page.xhtml": '<body><section epub:type="titlepage"><h1 class="title">The '
            'Lamp</h1><p class="author">quay</p><p class="date">May 2020</p><div class="rights">'
            "Do as you like.</div></section></body>",
            "text/ch001.xhtml": '<body epub:type="bodymatter"><section id="one" class="level1">'
            f'<h1>One</h1><section id="rain" class="level2"><h2>Rain</h2>{story(RAIN)}</section>'
            f'<section id="fog" class="level2"><h2>Fog</h2>{story(FOG)}</section></section></body>',
            "text/ch002.xhtml": f'<section id="sun" class="level1"><h1>Sun</h1>{story(SUN)}'
            "</section>",
        },
        nav=[
            ("One", "text/ch001.xhtml"),
            ("Rain", "text/ch001.xhtml#rain"),
            ("Fog", "text/ch001.xhtml#fog"),
            ("Sun", "text/ch002.xhtml"),
        ],
        nav_in_spine=True,
        folder="EPUB/",
    )
    assert chapters(book) == [("Rain", RAIN), ("Fog", FOG), ("Sun", SUN)]


ROYAL_ROAD = "https://www.royalroad.com/fiction/1/the-lamp"


def test_webtoepub() -> None:
    book = EBook(
        {
            "Text/Cover.xhtml": "<div class='svg_outer'><svg><image/></svg></div>",
            "Text/0000_Information.xhtml": "<h1>Information</h1><p><b>Table of Contents URL:</b> "
            f"{ROYAL_ROAD}</p><div>A lamp goes out, and stays out.</div>",
            "Text/0001_Rain.xhtml": f"<h1>1. Rain</h1><div class='chapter-inner'>{story(RAIN)}"
            "</div>",
            "Text/0002_Fog.xhtml": f"<h1>2. Fog</h1><div class='chapter-inner'>{story(FOG)}</div>",
        },
        metadata="<dc:title>The Lamp</dc:title><dc:language>en</dc:language>"
        "<dc:date>2024-05-06T07:08:09.123Z</dc:date><dc:creator>&lt;unknown&gt;</dc:creator>"
        f'<dc:identifier id="BookId" opf:scheme="URI">{ROYAL_ROAD}</dc:identifier>'
        "<dc:contributor>[https://github.com/dteviot/WebToEpub] (ver. 0.0.0.1)</dc:contributor>"
        '<meta content="Harbour" name="calibre:series"/>'
        '<meta content="3" name="calibre:series_index"/>'
        "<dc:subject>Fantasy, Slow Burn, Sea</dc:subject>"
        '<dc:source id="id.cover-image">https://img.example/cover.jpg</dc:source>'
        f'<dc:source id="id.xhtml0000">{ROYAL_ROAD}/chapter/2</dc:source>',
        points=[
            ("Information", "Text/0000_Information.xhtml"),
            ("Volume 1", "Text/0001_Rain.xhtml"),
            ("1. Rain", "Text/0001_Rain.xhtml"),
            ("2. Fog", "Text/0002_Fog.xhtml"),
        ],
    )
    assert chapters(book) == [("Rain", RAIN), ("Fog", FOG)]
    info = reading(book).work.info
    assert (info.authors, info.source_url, info.published) == ((), ROYAL_ROAD, None)
    assert info.tags == ("Fantasy", "Slow Burn", "Sea")
    assert info.series == (SeriesPart("Harbour", 3),)


def test_a_wattpad_downloader() -> None:
    book = EBook(
        {"0_11.xhtml": story(RAIN), "1_12.xhtml": story(FOG)},
        metadata=f"{METADATA}<dc:date>2019-03-01T10:11:12Z</dc:date><dc:language>English"
        "</dc:language><dc:modified>2020-05-06T10:11:12Z</dc:modified>"
        "<dc:description>A lamp goes out.</dc:description>",
        nav=[("Rain", "0_11.xhtml"), ("Chapter 2", "1_12.xhtml")],
        nav_in_spine=True,
        folder="EPUB/",
    )
    assert chapters(book) == [("Rain", RAIN), (None, FOG)]
    info = reading(book).work.info
    assert (info.published, info.updated) == (date(2019, 3, 1), date(2020, 5, 6))
    assert (info.language, info.summary) == ("en", "A lamp goes out.")


# -- what are chapters -------------------------------------------------------------------------
def test_contents_that_leave_most_pages_out_part_nothing() -> None:
    pages = {
        f"c{at}.xhtml": f"<h2>Chapter {at}: Day {at}</h2>{story(lines)}"
        for at, lines in enumerate((RAIN, FOG, SUN), start=1)
    }
    book = EBook(pages, points=[("Begin Reading", "c1.xhtml")])
    assert chapters(book) == [("Day 1", RAIN), ("Day 2", FOG), ("Day 3", SUN)]


def test_without_contents_every_page_is_a_chapter() -> None:
    book = EBook({"a.xhtml": story(RAIN), "b.xhtml": f"<h3>Fog</h3>{story(FOG)}"})
    assert chapters(book) == [(None, RAIN), ("Fog", FOG)]


def test_a_page_headed_like_a_chapter_is_one_though_unlisted() -> None:
    book = EBook(
        {"a.xhtml": story(RAIN), "b.xhtml": story(FOG), "c.xhtml": f"<p>Epilogue</p>{story(SUN)}"},
        points=[("Rain", "a.xhtml"), ("Fog", "b.xhtml")],
    )
    assert chapters(book) == [("Rain", RAIN), ("Fog", FOG), ("Epilogue", SUN)]


@pytest.mark.parametrize("name", ["Cover", "Contents", "Start", "Synopsis", "Copyright"])
def test_a_chapter_by_the_name_of_what_is_none_is_kept(name: str) -> None:
    lines = [f"{line} {line} {line} {line}" for line in (*RAIN, *FOG)]
    book = EBook(
        {"a.xhtml": f"<h2>{name}</h2>{story(lines)}", "b.xhtml": f"<h2>Fog</h2>{story(FOG)}"},
        points=[(name, "a.xhtml"), ("Fog", "b.xhtml")],
    )
    assert [lines for _, lines in chapters(book)] == [lines, FOG]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("cover.xhtml", "<img src='cover.jpg' alt=''/>"),
        ("a.xhtml", "<h1>The Lamp</h1><p>by quay</p>"),
        ("a.xhtml", '<body epub:type="copyright-page"><p>No part of this may be sold.</p></body>'),
        ("a.xhtml", "<h2>Copyright</h2><p>© 2020 by quay. All rights reserved.</p>"),
        ("a.xhtml", "<h2>Contents</h2><p>Rain</p><p>Fog</p>"),
        ("a.xhtml", '<p><a href="r.xhtml">Rain</a></p><p><a href="f.xhtml">Fog</a></p>'),
        ("a.xhtml", "<h2>Dedication</h2><p>For whoever lit it.</p>"),
        ("a.xhtml", "<h2>Also by quay</h2><p>The Rope</p><p>The Bell</p>"),
        ("copyright.xhtml", "<p>First published in 2020.</p>"),
    ],
)
@pytest.mark.parametrize("at_end", [False, True])
def test_what_is_no_chapter(path: str, body: str, at_end: bool) -> None:
    rest = {"r.xhtml": f"<h2>Rain</h2>{story(RAIN)}", "f.xhtml": f"<h2>Fog</h2>{story(FOG)}"}
    pages = {**rest, path: body} if at_end else {path: body, **rest}
    book = EBook(pages, points=[("Rain", "r.xhtml"), ("Fog", "f.xhtml")])
    assert chapters(book) == [("Rain", RAIN), ("Fog", FOG)]


def test_a_book_of_nothing_but_such_pages_keeps_them() -> None:
    book = EBook({"cover.xhtml": story(RAIN), "toc.xhtml": story(FOG)})
    assert [line for _, lines in chapters(book) for line in lines] == RAIN + FOG


@pytest.mark.parametrize(
    ("above", "listed", "name"),
    [
        ("<h1>Chapter 1: Rain</h1>", "Chapter 1: Rain", "Rain"),
        ("<h1>Rain</h1>", "1. Rain", "Rain"),
        ("<h1>Chapter 1</h1><p><b>Rain</b></p>", "Chapter 1: Rain", "Rain"),
        ("<h1>The Lamp</h1><h2>Rain</h2>", "Chapter 1", "Rain"),
        ("<p>Rain</p>", "Rain", "Rain"),
        ("<h1>Chapter One</h1>", "Chapter One", None),
        ("<div><div><div><h4>Rain</h4></div></div></div>", "c1.xhtml", "Rain"),
        ("<h1>The Lamp</h1><p>by quay</p>", "Rain", "Rain"),
    ],
)
def test_headings_are_no_story_and_said_once(above: str, listed: str, name: str | None) -> None:
    book = EBook(
        {"a.xhtml": f"{above}<hr/>{story(RAIN)}", "b.xhtml": f"<h1>Fog</h1>{story(FOG)}"},
        points=[(listed, "a.xhtml"), ("Fog", "b.xhtml")],
    )
    assert chapters(book) == [(name, RAIN), ("Fog", FOG)]
    # Each line that the page says, and no other, in its order.
    text = reading(book).work.chapters[0].text
    assert text.endswith("\n\n" + "\n\n".join(RAIN))
    assert text.count("Chapter 1") <= 1


@pytest.mark.parametrize(
    "page",
    [
        '<h2 id="r">Rain</h2>{rain}<h2 id="f">Fog</h2>{fog}',
        '<div><h2><a id="r"></a>Rain</h2>{rain}</div><div><h2><a id="f"></a>Fog</h2>{fog}</div>',
        '<a name="r"></a><h2>Rain</h2>{rain}<a name="f"></a><h2>Fog</h2>{fog}',
        '<h2>Rain</h2><div id="r">{rain}</div><h2>Fog</h2><div id="f">{fog}</div>',
        '<div><div id="r"><h2>Rain</h2>{rain}</div><div><p id="f">Fog</p>{fog}</div></div>',
        '<p id="r">Rain</p>{rain}<p><span id="f">Fog</span></p>{fog}',
    ],
)
def test_the_contents_part_a_page_wherever_its_anchors_are(page: str) -> None:
    book = EBook(
        {"a.xhtml": page.format(rain=story(RAIN), fog=story(FOG))},
        points=[("Rain", "a.xhtml#r"), ("Fog", "a.xhtml#f")],
    )
    assert chapters(book) == [("Rain", RAIN), ("Fog", FOG)]


def test_contents_whose_anchors_are_not_there() -> None:
    book = EBook(
        {"a.xhtml": f"<h2>Rain</h2>{story(RAIN)}", "b.xhtml": f"<h2>Fog</h2>{story(FOG)}"},
        points=[("Rain", "a.xhtml#gone"), ("Fog", "b.xhtml#gone")],
    )
    assert chapters(book) == [("Rain", RAIN), ("Fog", FOG)]


def test_of_a_book_that_is_one_page_the_text_tells_its_chapters() -> None:
    page = f"<h1>The Lamp</h1><h2>Chapter 1</h2>{story(RAIN)}<h2>Chapter 2</h2>{story(FOG)}"
    book = EBook({"a.xhtml": page}, points=[("Start", "a.xhtml")])
    assert chapters(book) == [(None, RAIN), (None, FOG)]


def test_a_lone_chapters_heading_is_not_the_works_title() -> None:
    book = EBook({"a.xhtml": f"<h1>Rain</h1>{story(RAIN)}"}, points=[("Rain", "a.xhtml")])
    assert reading(book).work.info.title == "The Lamp"
    assert chapters(book) == [("Rain", RAIN)]


def test_headers_typed_above_a_lone_text_are_read() -> None:
    page = f"<p>Title: The Lamp</p><p>Rating: PG-13</p><p>Pairing: Spike/Faye</p>{story(RAIN)}"
    info = reading(EBook({"a.xhtml": page})).work.info
    assert (info.rating, info.relationships) == (Rating.TEEN, ("Spike/Faye",))


def test_text_that_runs_on_stays_whole_and_scripts_are_no_text() -> None:
    book = EBook(
        {
            "a.xhtml": "<script>let a = 1;</script><style>p {}</style><h2>Rain</h2>It was <i>very"
            "</i> late.<br/><br/>He <b>rowed</b> on.<p>Home.</p>Then <u>slept</u>.",
            "b.xhtml": f"<h2>Fog</h2>{story(FOG)}",
        },
        points=[("Rain", "a.xhtml"), ("Fog", "b.xhtml")],
    )
    said = ["It was very late.", "He rowed on.", "Home.", "Then slept."]
    assert chapters(book) == [("Rain", said), ("Fog", FOG)]


def test_a_story_set_in_headings_is_not_lost() -> None:
    lines = [f"It was {hour} o'clock and nobody came." for hour in range(1, 11)]
    page = "".join(f"<h3>{line}</h3>" for line in lines)
    book = EBook({"a.xhtml": f"<h1>Rain</h1>{page}", "b.xhtml": story(FOG)})
    text = "\n\n".join(line for _, found in chapters(book) for line in found)
    assert all(line in text for line in lines[3:])
    assert all(line in reading(book).work.chapters[0].text for line in lines)


# -- what is declared --------------------------------------------------------------------------
def declared(metadata: str) -> EBook:
    return EBook({"a.xhtml": story(RAIN), "b.xhtml": story(FOG)}, metadata=metadata)


def test_aos_own_terms_among_the_subjects() -> None:
    terms = ("Fanworks", "Explicit", "F/M", "Multi", "Major Character Death", "Sea", "Other")
    info = reading(
        declared(METADATA + "".join(f"<dc:subject>{one}</dc:subject>" for one in terms))
    ).work.info
    assert info.rating is Rating.EXPLICIT
    assert info.categories == (Category.FM, Category.MULTI)
    assert info.warnings == (ArchiveWarning.MAJOR_DEATH,)
    assert info.tags == ("Sea", "Other")


@pytest.mark.parametrize(
    ("said", "code"),
    [("en-GB", "en"), ("eng", "en"), ("pt_BR", "pt-BR"), ("zh-Hans", "zh"), ("Deutsch", "de"),
     ("fr", "fr")],
)  # fmt: skip
def test_languages(said: str, code: str) -> None:
    book = declared(f"{METADATA}<dc:language>{said}</dc:language>")
    assert reading(book).work.info.language == code


@pytest.mark.parametrize(
    ("days", "published"),
    [
        (["0101-01-01T00:00:00+00:00"], None),
        (["0101-01-01T00:00:00+00:00", "2019-03-01"], date(2019, 3, 1)),
        (["2020-02-31", "soon"], None),
    ],
)
def test_dates(days: list[str], published: date | None) -> None:
    book = declared(METADATA + "".join(f"<dc:date>{one}</dc:date>" for one in days))
    assert reading(book).work.info.published == published


@pytest.mark.parametrize(
    ("said", "summary"),
    [
        ("A lamp &amp;amp; a rope.", "A lamp & a rope."),
        ("&lt;p&gt;A lamp.&lt;/p&gt;&lt;p&gt;A rope.&lt;/p&gt;", "A lamp.\n\nA rope."),
        ("I &lt;3 lamps", "I <3 lamps"),
        ("&lt;script&gt;x&lt;/script&gt;", None),
        ("&lt;!-- ", None),
    ],
)
def test_summaries(said: str, summary: str | None) -> None:
    book = declared(f"{METADATA}<dc:description>{said}</dc:description>")
    assert reading(book).work.info.summary == summary


def test_a_name_that_stands_for_none_and_status() -> None:
    book = declared(
        "<dc:title>1700_3fa9c1e2</dc:title><dc:creator>Unknown</dc:creator>"
        "<dc:creator>Anonymous</dc:creator><dc:subject>Completed</dc:subject>"
        '<dc:identifier>urn:uuid:1</dc:identifier><meta name="calibre:series" content="A"/>'
        '<meta name="calibre:series_index" content="1.5"/>'
    )
    info = reading(book).work.info
    assert (info.title, info.authors) == (None, ("Anonymous",))
    assert (info.status, info.source_url) == (Status.COMPLETE, None)
    assert info.series == (SeriesPart("A", None),)


# -- hostile -----------------------------------------------------------------------------------
DEEP = 1900
HOSTILE = {
    "deep": EBook(
        {"a.xhtml": "<div>" * DEEP + '<p id="a">one</p><p id="b">two</p>' + "</div>" * DEEP},
        points=[("A", "a.xhtml#a"), ("B", "a.xhtml#b")],
    ),
    "headings in the deep": EBook({"a.xhtml": ("<div>" * 1000 + "<h1>x</h1>y") * 2}),
    "anchors": EBook(
        {"a.xhtml": "".join(f'<b id="i{n}">word</b> ' for n in range(10_000))},
        points=[(f"Part {n}", f"a.xhtml#i{n}") for n in range(5_000)],
    ),
    "anchors on one paragraph": EBook(
        {"a.xhtml": "<p>" + "".join(f'<b id="i{n}">w</b>' for n in range(9_000)) + "</p>"},
        points=[(f"Part {n}", f"a.xhtml#i{n}") for n in range(9_000)],
    ),
    "running text between blocks": EBook({"a.xhtml": "<h1>A</h1>" + "<b>x</b>y<p>z</p>" * 15_000}),
    "breaks": EBook({"a.xhtml": "<h1>A</h1>" + "<br/>" * 80_000 + "x"}),
    "hidden headings": EBook({"a.xhtml": "<svg>" + "<g>" * 500 + "<h1>x</h1>" * 20_000}),
    "headings": EBook({"a.xhtml": "<h1>Part 1</h1>" * 30_000 + "<p>x</p>"}),
    "one-word lines": EBook({"a.xhtml": "<h1>A</h1><pre>" + "word\n" * 50_000 + "</pre>"}),
    "huge values": EBook({"a.xhtml": f'<p id="{"a " * 500_000}">It was late.</p>'}),
    "creators": EBook(
        {"a.xhtml": "<p>The Lamp</p>", "b.xhtml": story(RAIN)},
        metadata=METADATA + "<dc:creator>x</dc:creator>" * 20_000,
    ),
    "subjects": declared(METADATA + "<dc:subject>" + "a, " * 200_000 + "</dc:subject>"),
    "description": declared(
        f"{METADATA}<dc:description>{'&lt;div&gt;' * 100_000}</dc:description>"
    ),
    "splits": EBook({f"a_split_{n:03}.html": "<p>x y z</p>" for n in range(3_000)}),
}


def read_or_refused(data: bytes) -> None:
    """Nothing but a reading, or a refusal of one sentence."""
    try:
        said = reading(data).text
    except UnreadableFile as error:
        said = error.sentence
    assert said.strip()


@pytest.mark.parametrize("name", HOSTILE)
def test_what_takes_others_for_ever(name: str) -> None:
    """The time limit of tests is the measure."""
    read_or_refused(epub(HOSTILE[name]))


PIECES = (
    '<h1 id="r">', "</div>", "<div>", "<!--", '<a name="f">', "<svg>", "<nav epub:type='toc'>",
    "</body>", "<p/>", "&#0;", "Chapter 2", "<script>", "<pre>", "<table><td>",
)  # fmt: skip


@settings(deadline=None)
@given(seed=st.integers(0, 2**32))
def test_damaged_pages_and_contents(seed: int) -> None:
    """Damage to what is in the zip, which damage to the zip itself hardly ever reaches."""
    chance = random.Random(seed)

    def damaged(text: str) -> str:
        for _ in range(chance.randrange(6)):
            at = chance.randrange(len(text) + 1)
            gone = chance.choice((0, 0, 1, 30))
            text = text[:at] + chance.choice((*PIECES, "")) + text[at + gone :]
        return text

    pages = {
        "cover.xhtml": damaged("<h1>The Lamp</h1><p>by quay</p>"),
        "a_split_000.html": damaged(f'<div><h2 id="r">Rain</h2>{story(RAIN)}</div>'),
        "a_split_001.html": damaged(f'{story(SUN)}<h2 id="f">Fog</h2>{story(FOG)}'),
        "b.html": damaged(f"<h1>Part Two</h1><section><h2>Sun</h2>{story(SUN)}</section>"),
    }
    lines = [("Rain", "a_split_000.html#r"), ("Fog", "a_split_001.html#f"), ("Sun", "b.html")]
    points = [line for line in lines if chance.random() < 0.7]
    nav = points if chance.random() < 0.5 else []
    read_or_refused(epub(EBook(pages, points=points, nav=nav, nav_in_spine=True)))


WORDS = st.lists(
    st.sampled_from(("rain", "fog", "sun", "lamp", "rope", "bell", "tide")), min_size=8
)


@settings(deadline=None)
@given(
    paragraphs=st.lists(WORDS, min_size=1, max_size=12),
    wraps=st.integers(0, 6),
    tag=st.sampled_from(("p", "div", "blockquote", "li", "span", "h2")),
)
def test_no_word_of_a_page_is_lost(paragraphs: list[list[str]], wraps: int, tag: str) -> None:
    said = [" ".join(words) for words in paragraphs]
    inner = "".join(f"<{tag}>{text}</{tag}> " for text in said)
    page = "<div>" * wraps + f"<h1>One</h1>{inner}" + "</div>" * wraps
    book = EBook({"a.xhtml": page, "b.xhtml": f"<h1>Two</h1>{story(RAIN)}"})
    text = " ".join(chapter.text for chapter in reading(book).work.chapters)
    assert text.split() == ["One", *" ".join(said).split(), "Two", *" ".join(RAIN).split()]
