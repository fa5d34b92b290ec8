"""FanFiction.net's pages: today's, the mobile site's, those of 2009, and FictionPress's."""

from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import UnreadableFile
from db.ingest.files import read
from db.ingest.formats.fanfiction_net import read_page, take_profile
from db.ingest.formats.fields import Fields
from db.ingest.gazetteer import Gazetteer
from db.ingest.pages import parse_page
from db.ingest.reading import Reading
from db.models import Rating, Status, ZoneKind

NO_NAMES = Gazetteer([])
STORY = (
    "<p>The lamp had been out for three nights when the ferry came back empty.</p>"
    "<p>“Somebody rowed it,” Faye said.</p><hr size=1 noshade><p>Later it was lit again.</p>"
)
LINES = [
    "The lamp had been out for three nights when the ferry came back empty.",
    "“Somebody rowed it,” Faye said.",
    "Later it was lit again.",
]
SELECT = (
    '<SELECT id=chap_select title="Chapter Navigation" Name=chapter onChange="self.location=1;">'
    "<option  value=1 >1. Prologue<option  value=2 selected>2. The Rope<option  value=3 >"
    "3. Chapter 3</select>"
)
CROSSED = (
    "<img src='/x.png'><a class=xcontrast_txt href='/Rosario-Vampire-and-Cowboy-Bebop-Crossovers"
    "/3428/45/'>Rosario + Vampire + Cowboy Bebop Crossover</a>"
)


@dataclass(frozen=True)
class Desktop:
    """A page as www.fanfiction.net makes it."""

    story: str = STORY
    grey: str = (
        "Rated: <a class='xcontrast_txt' href='https://www.fictionratings.com/' target='rating'>"
        "Fiction  T</a> - English - Romance/Hurt/Comfort -  [Spike S., Faye V.] Jet B., OC - "
        "Chapters: 3   - Words: 12,345 - Reviews: <a href='/r/123/'>9</a> - Favs: 12 - Follows: 3 "
        "- Updated: <span data-xutime='1588723200'>May 6, 2020</span> - Published: "
        "<span data-xutime='1551398400'>Mar 1, 2019</span> - Status: Complete - id: 123 "
    )
    links: str = (
        "<a class=xcontrast_txt href='/anime/'>Anime/Manga</a><span class='xcontrast_txt "
        "icon-chevron-right xicon-section-arrow'></span><a class=xcontrast_txt "
        'href="/anime/Cowboy-Bebop/">Cowboy Bebop</a>'
    )
    select: str = SELECT
    host: str = "www.fanfiction.net"
    title: str = "The Lamp Chapter 2: The Rope, a cowboy bebop fanfic | FanFiction"

    def __str__(self) -> str:
        return f"""<!DOCTYPE html><html><head><title>{self.title}</title>
<meta http-equiv='Content-Type' content='text/html; charset=utf-8'>
<link rel="canonical" href="//{self.host}/s/123/2/The-Lamp"></head><body>
<div id=zmenu><a href='/'>Browse</a><b>Menu</b><select name=sort><option>Any</select></div>
<div id='content_wrapper'><div id='content_wrapper_inner'>
<div id=pre_story_links><span class=lc-left>{self.links}</span></div>
<div id=profile_top style='min-height:112px;'><span onclick='s();'><img class='cimage'
src='data:x'></span><button type=button class='btn'>Follow/Fav</button><b
class='xcontrast_txt'>The Lamp</b><span class='xcontrast_txt'>By:</span>
<a class='xcontrast_txt' href='/u/77/quay'>quay</a> <span class='icon-mail-1'></span>
<a class='xcontrast_txt' title="Send Private Message" href='/pm2/post.php?uid=77'></a>
<div style='margin-top:2px' class='xcontrast_txt'>A lamp goes out. Rated: soggy.</div>
<span class='xgray xcontrast_txt'>{self.grey}</span></div>
<span style='float:right'>{self.select}<button>Next &gt;</button></span>
<div role='main' aria-label='story content' class='storytextp' id='storytextp'>
<div class='storytext xcontrast_txt nocopy' id='storytext'>{self.story}</div></div>
<div style='clear:both;text-align:right;'>{self.select}</div>
<div id=review_success>Your review has been posted.</div>
<textarea id=review_review>Type your review here</textarea></div></div></body></html>"""


def reading(data: object) -> Reading:
    [found] = read("a.html", str(data).encode(), NO_NAMES)
    return found


def body(found: Reading) -> list[str]:
    return [
        line
        for chapter in found.work.chapters
        for zone in chapter.zones
        if zone.kind is ZoneKind.BODY
        for line in chapter.text[zone.start : zone.end].split("\n\n")
    ]


def test_a_page_of_today() -> None:
    found = reading(Desktop())
    info = found.work.info
    assert (info.title, info.authors) == ("The Lamp", ("quay",))
    assert info.summary == "A lamp goes out. Rated: soggy."
    assert info.fandoms == ("Cowboy Bebop",)
    assert info.characters == ("Spike S.", "Faye V.", "Jet B.", "OC")
    assert info.relationships == ("Spike S./Faye V.",)
    assert info.tags == ("Romance", "Hurt/Comfort")
    assert (info.rating, info.language, info.status) == (Rating.TEEN, "en", Status.COMPLETE)
    assert (info.published, info.updated) == (date(2019, 3, 1), date(2020, 5, 6))
    assert info.source_url == "https://www.fanfiction.net/s/123"
    assert found.title_source == "FanFiction.net page"
    assert [chapter.title for chapter in found.work.chapters] == ["The Rope"]
    assert found.problems == ("This page holds chapter 2 of 3; add the others after it.",)
    assert body(found) == LINES
    assert len(found.work.chapters[0].scenes) == 2


def test_what_is_not_complete_is_in_progress() -> None:
    grey = Desktop().grey.replace(" - Status: Complete", "")
    assert reading(Desktop(grey=grey)).work.info.status is Status.IN_PROGRESS


def test_a_story_of_one_chapter_that_was_never_updated() -> None:
    grey = (
        "Rated: Fiction K - Filipino - Jet B. - Words: 99 - Published: "
        "<span data-xutime='1551398400'>Mar 1, 2019</span> - Status: Complete - id: 123"
    )
    found = reading(Desktop(grey=grey, select=""))
    info = found.work.info
    assert (info.rating, info.language, info.tags) == (Rating.GENERAL, "fil", ())
    assert info.characters == ("Jet B.",)
    assert (info.published, info.updated) == (date(2019, 3, 1), None)
    assert [chapter.title for chapter in found.work.chapters] == [None]
    assert found.problems == ()


def test_a_chapter_without_a_name() -> None:
    select = SELECT.replace(" selected", "").replace("value=3 ", "value=3 selected")
    found = reading(Desktop(select=select))
    assert [chapter.title for chapter in found.work.chapters] == [None]
    assert found.problems == ("This page holds chapter 3 of 3; add the others after it.",)


def test_a_crossovers_fandoms_are_told_apart_by_its_link() -> None:
    info = reading(Desktop(links=CROSSED)).work.info
    assert info.fandoms == ("Rosario + Vampire", "Cowboy Bebop")
    other = "<a href='/crossovers/'>Cowboy Bebop + Trigun Crossover</a>"
    assert reading(Desktop(links=other)).work.info.fandoms == ("Cowboy Bebop", "Trigun")


def test_chapters_that_an_add_on_put_on_one_page() -> None:
    blocks = f"{STORY}</div><h3>next</h3><div class='storytext' id='storytext3'><p>And again.</p>"
    found = reading(Desktop(story=blocks))
    assert [chapter.title for chapter in found.work.chapters] == ["The Rope", None]
    assert body(found) == [*LINES, "And again."]
    assert found.problems == ("This page holds 2 of 3 chapters; add the others after it.",)


def test_fictionpress_holds_original_work() -> None:
    links = "<a href='/fiction/'>Fiction</a> <a href='/fiction/Fantasy/'>Fantasy</a>"
    title = "The Lamp Chapter 2: The Rope, a fantasy fiction | FictionPress"
    found = reading(Desktop(links=links, host="www.fictionpress.com", title=title))
    info = found.work.info
    assert info.fandoms == ("Original Work",)
    assert info.tags == ("Romance", "Hurt/Comfort", "Fantasy")
    assert info.source_url == "https://www.fictionpress.com/s/123"
    assert found.title_source == "FictionPress page"


MOBILE = f"""<!DOCTYPE html><html><head>
<title>The Lamp Ch 2: The Rope, a cowboy bebop fanfic | FanFiction</title>
<link rel="canonical" href="//www.fanfiction.net/s/123/2/The-Lamp"></head><body>
<div id=d_menu><b>Browse</b> <a href="/anime/">Anime</a></div><script>var id: 5;</script>
<div id=content style='padding:10px;'><div align=center><b>The Lamp</b> by
<a href='/u/77/quay'>quay</a></div><br><a href='/anime/'>Anime</a> &#187;
<a href='/anime/Cowboy-Bebop/'>Cowboy Bebop</a><br>
Rated: T, English, Romance &amp; Hurt/Comfort,  [Spike S., Faye V.] Jet B., OC, Words: 12k+,
Favs: 1k+, Follows: 99, Published: <span data-xutime='1551398400'>Mar 1, 2019</span> Updated:
<span data-xutime='1588723200'>May 6, 2020</span><hr size=1 noshade>
Chapter 2: The Rope<br></div><div role='main' aria-label='story content'
style='font-size:1.1em;'><div style='padding:5px 10px 5px 10px;' class='storycontent nocopy'
id='storycontent' >{STORY}</div></div><div align=center><a href='/s/123/1/'>&#171; Prev</a>
Ch 2 of <a href='/s/123/3/'>3</a> <a href='/s/123/3/'>Next &#187;</a></div>
<a href='/r/123/'>Review</a></body></html>"""


def test_the_mobile_site_gives_the_same_story() -> None:
    mobile, desktop = reading(MOBILE), reading(Desktop())
    for name in ("title", "authors", "fandoms", "characters", "relationships", "tags", "rating",
                 "language", "published", "updated", "source_url", "words"):  # fmt: skip
        assert getattr(mobile.work.info, name) == getattr(desktop.work.info, name), name
    assert mobile.work.info.status is Status.UNKNOWN  # it does not say
    assert [chapter.title for chapter in mobile.work.chapters] == ["The Rope"]
    assert mobile.problems == desktop.problems
    assert body(mobile) == LINES


def test_a_mobile_page_of_one_chapter() -> None:
    page = MOBILE.replace("Chapter 2: The Rope<br>", "").partition("<div align=center><a href")[0]
    found = reading(page.replace("/s/123/2/", "/s/123/1/"))
    assert [chapter.title for chapter in found.work.chapters] == [None]
    assert found.problems == ()


OLD = f"""<HTML><HEAD><TITLE>The Lamp, a Cowboy Bebop fanfic - FanFiction.Net</TITLE></HEAD><body>
<table id=gui_table1i><tr><td><b>The Lamp</b> <br>Author: <a href='/u/77/quay'>quay</a> <br>
Rated: <a href='http://www.fictionratings.com/' target='rating'>Fiction T</a> - English -
Romance - Spike S. &amp; Faye V. - Chapters: 3 - Words: 2,999 - Reviews:
<a href='/r/123/'>9</a> - Updated: 05-06-09 - Published: 03-01-09 - id:123
<SELECT Name=chapter><option value=1>1. Prologue<option value=2 selected>2. The Rope</select>
</td></tr></table><div class='storytext' id='storytext'>{STORY}</div></body></HTML>"""


def test_a_page_that_was_saved_in_2009() -> None:
    found = reading(OLD)
    info = found.work.info
    assert (info.title, info.authors) == ("The Lamp", ("quay",))
    assert (info.rating, info.language, info.status) == (Rating.TEEN, "en", Status.IN_PROGRESS)
    assert (info.tags, info.characters) == (("Romance",), ("Spike S.", "Faye V."))
    assert info.source_url == "https://www.fanfiction.net/s/123"
    assert [chapter.title for chapter in found.work.chapters] == ["The Rope"]
    assert body(found) == LINES


def test_without_its_bold_title_the_pages_own_is_taken() -> None:
    bare = MOBILE.replace("<b>The Lamp</b>", "").replace("<p>The lamp", "<p><b>The</b> lamp")
    assert reading(bare).work.info.title == "The Lamp"


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_other_encodings_and_line_ends(encoding: str) -> None:
    page = str(Desktop()).replace("utf-8", encoding).replace("\n", "\r\n")
    [found] = read("a.html", page.replace(" Faye said", "\xa0Faye said").encode(encoding), NO_NAMES)
    assert body(found) == LINES


def test_names_with_a_dash_and_an_unknown_language() -> None:
    fields = Fields()
    line = "Rated: Fiction M - Klingon - R2 - D2, C. - Words: 5 - Published: Mar 1 - id: 5"
    assert take_profile(line, fields)
    assert fields.names("characters") == ("R2 - D2", "C.")
    assert not take_profile("Rating: M", Fields())


SITE = "<html><head><title>{}</title>{}</head><body>{}</body></html>"
CANONICAL = "<link rel=canonical href='//www.fanfiction.net/s/1/9/'>"


@pytest.mark.parametrize(
    ("page", "sentence"),
    [
        (SITE.format("FanFiction", CANONICAL, "<div class='panel'><span class='gui_warning'>Story "
         "Not Found<hr size=1 noshade>Unable to locate story. Code 1.</span></div>"),
         "has no story there"),
        (SITE.format("FanFiction", CANONICAL, "<span class='gui_warning'>Chapter not found. Please "
         "check to see you are not using an outdated url.</span>"), "has no chapter there"),
        (SITE.format("x | FanFiction", "", "<span class='gui_warning'>Category for this story has "
         "been disabled.</span>"), "stories of this fandom"),
        (SITE.format("Just a moment...", CANONICAL, "www.fanfiction.net needs to review the "
         "security of your connection before proceeding."), "whether you are a person"),
        (SITE.format("quay | FanFiction", "", "<a href='/s/1/1/'>The Lamp</a> and more"),
         "FanFiction.net, but no story"),
        (SITE.format("Lamp | FictionPress", "", "nothing"), "FictionPress, but no story"),
        (str(Desktop()).replace("storytext", "gone"), "came without the story's text"),
    ],
)  # fmt: skip
def test_a_page_that_is_no_story_is_named(page: str, sentence: str) -> None:
    with pytest.raises(UnreadableFile, match=sentence) as refusal:
        reading(page)
    assert refusal.value.sentence.endswith("save that page, and add the file.")


@pytest.mark.parametrize(
    "page",
    [
        "<html><head><title>The Lamp</title></head><body><p>It was late.</p></body></html>",
        f"<a href='https://www.fanfiction.net/s/1/1/'>mine</a><div id=storytext>{STORY}</div>",
        f"<title>My fanfiction</title><div class=storytext>{STORY}</div>",
    ],
)
def test_pages_of_others_are_left_to_others(page: str) -> None:
    assert read_page(parse_page(page.encode())) is None


HOSTILE = {
    "options": str(Desktop(select=SELECT.replace("<option", "<option>x" * 50_000 + "<option", 1))),
    "numbers": MOBILE.replace("Chapter 2:", "Chapter 99999:").replace("Ch 2", "Ch 0"),
    "brackets": str(Desktop(grey="Rated: T, " + "[a, " * 50_000)),
    "dashes": str(Desktop(grey="Rated: T" + " - x" * 100_000)),
    "blocks": str(Desktop(story="</div><div class=storytext>x" * 5_000)),
    "dates": str(Desktop(grey=f"Rated: T - <span data-xutime='{'9' * 4_000}'>x</span>")),
    "addresses": str(Desktop()).replace("/s/123/2/", "/s/" + "1" * 100_000 + "/0/"),
    "missing": "<div id=profile_top></div><div id=storytext><p>It was late.</p></div>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_takes_others_for_ever(name: str) -> None:
    found = read("a.html", HOSTILE[name].encode(), NO_NAMES)
    assert found[0].work.chapters


PAGES = [str(Desktop()).encode(), MOBILE.encode(), OLD.encode()]


@given(st.sampled_from(PAGES), st.integers(0, 4000), st.integers(0, 400), st.binary(max_size=40))
def test_damaged_pages_are_read_or_refused(page: bytes, at: int, gone: int, new: bytes) -> None:
    try:
        said = read("a.html", page[:at] + new + page[at + gone :], NO_NAMES)[0].text
    except UnreadableFile as refusal:
        said = refusal.sentence
    assert said.strip()
