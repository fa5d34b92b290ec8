"""FicHub's files, and the pages of FanFiction.net, eFiction, Wattpad and any other site."""

import json
from dataclasses import dataclass
from datetime import date

import pytest

from db.errors import UnreadableFile
from db.ingest.files import read
from db.ingest.gazetteer import Gazetteer
from db.ingest.reading import Reading
from db.models import Rating, Status, ZoneKind
from tests.ingest.formats.documents import epub

NO_NAMES = Gazetteer([])
FIRST = "<p>The lamp had been out for three nights when the ferry came back empty.</p>"
SECOND = "<p>“Somebody rowed it,” Faye said.</p><hr/><p>Later it was lit again.</p>"


def reading(data: str | bytes) -> Reading:
    [found] = read("a.bin", data.encode() if isinstance(data, str) else data, NO_NAMES)
    return found


def body(found: Reading) -> list[str]:
    return [
        line
        for chapter in found.work.chapters
        for zone in chapter.zones
        if zone.kind is ZoneKind.BODY
        for line in chapter.text[zone.start : zone.end].split("\n\n")
    ]


STORY = [
    "The lamp had been out for three nights when the ferry came back empty.",
    "“Somebody rowed it,” Faye said.",
    "Later it was lit again.",
]

# -- FicHub ------------------------------------------------------------------------------------
SOURCE = "https://www.fanfiction.net/s/123"
EXTRA = (
    "Rated: Fiction T - Language: English, Genre: Romance/Hurt/Comfort - Characters: "
    "[Spike S., Faye V.] Jet B. - Chapters: 2 - Words: 30 - id: 123"
)
INTRO = f"""<h1>The Lamp</h1><p><b>By: quay</b></p><p>A lamp goes out.</p><p>Status: complete</p>
<p>Published: 2019-03-01</p><p>Updated: 2020-05-06</p><p>Words: 30</p><p>Chapters: 2</p>
<p>{EXTRA.replace(", Genre", " - Genre")}</p><p>Original source:
<a rel="noopener noreferrer" href="{SOURCE}">{SOURCE}</a></p>
<p>Exported with the assistance of <a href='https://fichub.net'>FicHub.net</a></p>"""
BOOK = epub(
    {
        "introduction.xhtml": INTRO,
        "nav.xhtml": "<h2>The Lamp</h2><ol><li><a href='chap_1.xhtml'>Prologue</a></li></ol>",
        "chap_1.xhtml": f"<h2>Prologue</h2>{FIRST}",
        "chap_2.xhtml": f"<h2>2. The Rope</h2>{SECOND}",
    },
    metadata="<dc:title>The Lamp</dc:title><dc:creator>quay</dc:creator>"
    "<dc:language>en</dc:language><dc:description>A lamp goes out.</dc:description>",
    contents=[("Introduction", "introduction.xhtml"), ("Prologue", "chap_1.xhtml")],
)
PAGE = f"""<!doctype html><html lang="en"><head><title>The Lamp by quay</title></head><body>
<h1><span class="title">The Lamp</span></h1><h2>by <span class="author">quay</span></h2>
<div>A lamp goes out.</div><p>Original source:
<a rel="noopener noreferrer" href="{SOURCE}">{SOURCE}</a></p>
<p>Chapters: 2</p><p>Words: 30</p><p>{EXTRA.replace(", Genre", " - Genre")}</p>
<p>Exported with the assistance of <a href='https://fichub.net'>FicHub.net</a></p>
<nav id="contents-list"><ol><li><a href="#chap_1">Prologue</a></li></ol></nav>
<div id="chap_1"><div class="chapter_nav"><a href="#contents-list">chapter list</a></div>
<h2>Prologue</h2>{FIRST}</div>
<div id="chap_2"><div class="chapter_nav"><a href="#chap_1" class="left">previous chapter</a>
</div><h2>2. The Rope</h2>{SECOND}</div><a href="#contents-list">(back to chapter list)</a></body>
</html>"""


@pytest.mark.parametrize("data", [BOOK, PAGE], ids=["epub", "html"])
def test_fichub(data: str | bytes) -> None:
    found = reading(data)
    info = found.work.info
    assert found.title_source == "FicHub file"
    assert (info.title, info.authors, info.summary) == ("The Lamp", ("quay",), "A lamp goes out.")
    assert info.rating is Rating.TEEN
    assert info.tags == ("Romance", "Hurt/Comfort")
    assert info.characters == ("Spike S.", "Faye V.", "Jet B.")
    assert info.relationships == ("Spike S./Faye V.",)
    assert info.language == "en"
    assert info.source_url == "https://www.fanfiction.net/s/123"
    assert [one.title for one in found.work.chapters] == ["Prologue", "The Rope"]
    assert body(found) == STORY
    assert [len(one.scenes) for one in found.work.chapters] == [1, 2]


def test_fichubs_e_book_tells_its_dates_and_status() -> None:
    info = reading(BOOK).work.info
    assert (info.published, info.updated) == (date(2019, 3, 1), date(2020, 5, 6))
    assert info.status is Status.COMPLETE


# -- FanFiction.net ----------------------------------------------------------------------------
FFN = f"""<!DOCTYPE html><html><head><title>The Lamp Chapter 2: The Rope | FanFiction</title>
<link rel="canonical" href="//www.fanfiction.net/s/123/2/The-Lamp"></head><body>
<div id=pre_story_links><span class=lc-left><a class=xcontrast_txt href='/anime/'>Anime/Manga</a>
<span>&#187;</span><a class=xcontrast_txt href="/anime/Cowboy-Bebop/">Cowboy Bebop</a></span></div>
<div id=profile_top style='min-height:112px;'><button>Follow/Fav</button>
<b class='xcontrast_txt'>The Lamp</b> <span class='xcontrast_txt'>By:</span>
<a class='xcontrast_txt' href='/u/77/quay'>quay</a>
<div style='margin-top:2px' class='xcontrast_txt'>A lamp goes out.</div>
<span class='xgray xcontrast_txt'>Rated: <a href='https://www.fictionratings.com/'>Fiction  K+</a>
- English - Romance/Hurt/Comfort -  [Spike S., Faye V.] Jet B. - Chapters: 2   - Words: 1,234
- Reviews: <a href='/r/1/'>9</a> - Updated: <span data-xutime='1588723200'>5/6/2020</span> -
Published: <span data-xutime='1551398400'>3/1/2019</span> - id: 123 </span></div>
<SELECT id=chap_select title="Chapter Navigation" Name=chapter>
<option  value=1 >1. Prologue<option  value=2 selected>2. The Rope</select>
<div class='storytextp' id='storytextp'><div class='storytext' id='storytext'>
<p>A/N: sorry this took so long!</p>{FIRST}{SECOND}</div></div></body></html>"""


def test_a_page_of_fanfiction_net() -> None:
    found = reading(FFN)
    info = found.work.info
    assert (info.title, info.authors, info.summary) == ("The Lamp", ("quay",), "A lamp goes out.")
    assert info.fandoms == ("Cowboy Bebop",)
    assert (info.rating, info.language, info.status) == (Rating.TEEN, "en", Status.IN_PROGRESS)
    assert info.relationships == ("Spike S./Faye V.",)
    assert (info.published, info.updated) == (date(2019, 3, 1), date(2020, 5, 6))
    assert info.source_url == "https://www.fanfiction.net/s/123"
    assert [one.title for one in found.work.chapters] == ["The Rope"]
    assert found.problems[0] == "This page holds chapter 2 of 2; add the others after it."
    assert body(found) == STORY


def test_a_crossover_of_fanfiction_net_has_both_fandoms() -> None:
    crossover = FFN.replace("Cowboy Bebop</a>", "Cowboy Bebop + Trigun Crossover</a>")
    assert reading(crossover).work.info.fandoms == ("Cowboy Bebop", "Trigun")


# -- eFiction ----------------------------------------------------------------------------------
EFICTION = f"""<html><head><title>The Lamp by quay</title></head><body>
<div id="pagetitle"><a href="viewstory.php?sid=3">The Lamp</a> by
<a href="viewuser.php?uid=7">quay</a></div>
<div class="infobox"><div class="content">
<span class="label">Summary:</span> <p>A lamp goes out.</p>
<span class="label">Rated:</span> PG-13 <br /><span class="label">Categories:</span>
<a href="browse.php?catid=1">Cowboy Bebop</a><br /><span class="label">Characters:</span> Spike,
Faye<br /><span class="label">Warnings:</span> None<br /><span class="label">Completed:</span> Yes
<br /></div></div>
<a name="1"></a><div class="chaptertitle">Prologue by quay</div>
<div class="notes"><div class="title">Author's Notes:</div><div class="noteinfo">For my sister.
</div></div><div class="chapter">{FIRST}</div>
<a name="2"></a><div class="chaptertitle">2. The Rope by quay</div>
<div class="chapter">{SECOND}</div>
</body></html>"""


def test_a_page_of_efiction() -> None:
    found = reading(EFICTION)
    info = found.work.info
    assert (info.title, info.authors, info.summary) == ("The Lamp", ("quay",), "A lamp goes out.")
    assert info.fandoms == ("Cowboy Bebop",)
    assert info.characters == ("Spike", "Faye")
    assert (info.rating, info.status) == (Rating.TEEN, Status.COMPLETE)
    assert [one.title for one in found.work.chapters] == ["Prologue", "The Rope"]
    assert body(found) == STORY


# -- Wattpad -----------------------------------------------------------------------------------
DATA = {
    "part.11.metadata": {
        "data": {
            "id": 11,
            "title": "The Rope",
            "group": {
                "title": "The Lamp",
                "user": {"name": "quay"},
                "tags": ["bebop", "fluff"],
                "description": "A lamp goes out.",
                "completed": False,
                "mature": False,
                "url": "https://www.wattpad.com/story/9-the-lamp",
                "language": {"name": "English"},
                "parts": [{"id": 10}, {"id": 11}],
            },
        }
    }
}
WATTPAD = f"""<html><head><title>The Lamp - The Rope - Wattpad</title>
<link rel="canonical" href="https://www.wattpad.com/11-the-lamp-the-rope">
<meta property="og:title" content="The Lamp - The Rope"></head><body><h1>The Rope</h1>
<a href="/user/quay">quay</a><pre><p data-p-id="a">{STORY[0]}</p><p data-p-id="b">{STORY[1]}</p>
<p data-p-id="c">{STORY[2]}</p></pre><div class="comments">So good!</div>
<script>window.prefetched = {json.dumps(DATA)};</script></body></html>"""


def test_a_part_of_wattpad() -> None:
    found = reading(WATTPAD)
    info = found.work.info
    assert (info.title, info.authors, info.summary) == ("The Lamp", ("quay",), "A lamp goes out.")
    assert (info.tags, info.language) == (("bebop", "fluff"), "en")
    assert info.status is Status.IN_PROGRESS
    assert info.source_url == "https://www.wattpad.com/story/9"
    assert found.work.chapters[0].title == "The Rope"
    assert found.problems[0] == "This page holds part 2 of 2; add the others after it."
    assert body(found) == STORY


def test_a_part_of_wattpad_without_its_data() -> None:
    info = reading(WATTPAD.partition("<script>")[0]).work.info
    assert (info.title, info.authors) == ("The Lamp", ("quay",))


# -- any page ----------------------------------------------------------------------------------
BLOG = f"""<!DOCTYPE html><html lang="en"><head><title>The Lamp | quay's corner</title>
<meta name="author" content="quay"><link rel="canonical" href="https://quay.example/lamp"></head>
<body><header><a href="/">quay's corner</a></header><nav><a href="/about">About me</a></nav>
<article><h2>Chapter 1</h2>{FIRST * 3}<h2>Chapter 2: The Rope</h2>{SECOND * 3}</article>
<div id="comments"><p>Lovely, thank you!</p></div><footer>Powered by lamps</footer></body></html>"""


def test_any_page() -> None:
    found = reading(BLOG)
    info = found.work.info
    assert (info.title, found.title_candidates) == (None, ("The Lamp",))
    assert (info.authors, info.source_url) == (("quay",), "https://quay.example/lamp")
    assert [one.title for one in found.work.chapters] == [None, "The Rope"]
    said = "\n".join(chapter.text for chapter in found.work.chapters)
    for around in ("corner", "About me", "Lovely", "Powered"):
        assert around not in said
    assert body(found) == STORY[:1] * 3 + STORY[1:] * 3


def test_a_bare_piece_of_a_page_and_a_word_processors() -> None:
    assert body(reading(FIRST + SECOND)) == STORY
    word = (
        "<html><head><meta name=Generator content='Microsoft Word 15'><meta name=author "
        f"content='PC of Anna'></head><body lang=EN-GB><div class=WordSection1>{FIRST}"
        "<p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>It was <i>late</i>.</p></div>"
    )
    found = reading(word)
    assert found.work.info.authors == ()
    assert body(found) == [STORY[0], "It was late."]


@dataclass(frozen=True)
class NoStory:
    """A page that is none, and what is said of it."""

    page: str
    said: str


NO_STORIES = {
    "ffn, not found": NoStory(
        "<link rel=canonical href='https://www.fanfiction.net/s/1'><span class='gui_warning'>Story "
        "Not Found</span>Unable to locate story. Code 1.",
        "FanFiction.net has no story there",
    ),
    "ffn, no text": NoStory(FFN.replace("storytext", "gone"), "came without the story's text"),
    "cloudflare": NoStory(
        "<html><head><title>Just a moment...</title></head><body>Checking</body></html>",
        "whether you are a person",
    ),
    "efiction, members": NoStory(
        "<a href='viewstory.php?sid=1'>x</a><div class='errortext'>Registered Users Only</div>",
        "to its members only",
    ),
    "efiction, age": NoStory(
        "<a href='viewstory.php?sid=1'>x</a><div class='errortext'>Age Consent Required</div>",
        "question about age",
    ),
    "wattpad, no text": NoStory(
        "<link rel=canonical href='https://www.wattpad.com/11-x'><h1>The Rope</h1>",
        "Wattpad came without",
    ),
}


@pytest.mark.parametrize("name", NO_STORIES)
def test_a_page_that_is_no_story_is_named(name: str) -> None:
    case = NO_STORIES[name]
    with pytest.raises(UnreadableFile, match=case.said) as refusal:
        reading(case.page)
    assert refusal.value.sentence.endswith(".")
