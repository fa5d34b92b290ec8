"""AO3's downloads and pages: every format gives the same work, its notes apart from its story."""

from dataclasses import replace
from datetime import date

import pytest

from db.errors import UnreadableFile
from db.ingest.files import read
from db.ingest.gazetteer import Gazetteer
from db.ingest.reading import Reading
from db.models import ArchiveWarning, Category, Rating, SeriesPart, Status, ZoneKind
from tests.ingest.formats.ao3_files import AChapter, AWork, download, epub, page

NO_NAMES = Gazetteer([])
LINES = [
    "The lamp had been out for three nights when the ferry came back empty.",
    "“Somebody rowed it,” Faye said. “Ferries don’t row themselves.”",
    "Spike looked at the <em>oars</em>, which were dry, and then at the rope, which was wet.",
    "They waited until the fog lifted; it took the better part of the morning.",
]
STORY = "\n".join(f"<p>{line}</p>" for line in LINES * 6)
FIRST = AChapter(
    STORY + "\n<hr/>\n<p>Later, the harbour slept.</p>",
    notes="<p>Warning for fog.</p><p>Beta: nobody.</p>",
    endnotes="<p>Next one on Sunday.</p>",
)
SECOND = AChapter(
    f"<p>A/N: sorry this took so long!</p>\n{STORY}\n<p>The lamp was lit.</p>",
    title="The Wet Rope",
    summary="<p>In which a rope is found.</p>",
)
LONG = AWork((FIRST, SECOND))
SHORT = AWork((AChapter(STORY),), stats="Published: 2019-03-01 Words: 99 Chapters: 1/1")


def reading(data: bytes, name: str = "a.bin") -> Reading:
    [found] = read(name, data, NO_NAMES)
    return found


def body(found: Reading) -> str:
    return "\n".join(
        chapter.text[zone.start : zone.end]
        for chapter in found.work.chapters
        for zone in chapter.zones
        if zone.kind is ZoneKind.BODY
    )


def everything_declared(found: Reading) -> None:
    info = found.work.info
    assert info.title == "The Lamp & the Ferry"
    assert info.authors == ("quay",)
    assert info.fandoms == ("Cowboy Bebop", "Original Work")
    assert info.relationships == ("Spike Spiegel & Faye Valentine",)
    assert info.characters == ("Spike Spiegel", "Faye Valentine")
    assert info.tags == ("Post-Canon", "Found Family & Friends", "It's <3")
    assert info.rating is Rating.TEEN
    assert info.warnings == (ArchiveWarning.NONE_APPLY, ArchiveWarning.VIOLENCE)
    assert info.categories == (Category.GEN,)
    assert info.language == "en"
    assert info.status is Status.IN_PROGRESS
    assert info.series == (SeriesPart("Harbour Lights", 2),)
    assert info.published == date(2019, 3, 1)
    assert info.updated == date(2020, 5, 6)
    assert info.source_url is not None
    assert info.source_url.endswith("archiveofourown.org/works/12345")
    assert info.summary == "A lamp goes out.\n\nSomebody rows."
    assert info.notes == "For everyone who waited.\n\nThank you for reading!"


@pytest.mark.parametrize(
    "data",
    [download(LONG), epub(LONG), epub(LONG, split_after=5), page(LONG)],
    ids=["HTML", "EPUB", "EPUB cut", "page"],
)
def test_every_format_gives_the_same_work(data: bytes) -> None:
    found = reading(data)
    everything_declared(found)
    assert [chapter.title for chapter in found.work.chapters] == [None, "The Wet Rope"]
    words = [chapter.words for chapter in reading(download(LONG)).work.chapters]
    assert [chapter.words for chapter in found.work.chapters] == words
    story = body(found)
    assert story.count("Ferries don’t row themselves") == 12
    assert "looked at the oars, which were dry" in story
    assert "The lamp was lit." in story
    for note in ("Warning for fog", "Beta: nobody", "Next one on Sunday", "In which a rope",
                 "sorry this took so long", "Thank you for reading", "drop by the Archive",
                 "See the end", "Chapter Text"):  # fmt: skip
        assert note not in story, note
    assert found.problems == ()


@pytest.mark.parametrize("data", [download(SHORT), epub(SHORT), epub(SHORT, 3), page(SHORT)])
def test_a_work_of_one_chapter(data: bytes) -> None:
    found = reading(data)
    assert found.work.info.status is Status.COMPLETE
    assert [chapter.title for chapter in found.work.chapters] == [None]
    assert found.work.info.words == reading(download(SHORT)).work.info.words
    assert body(found).startswith("The lamp had been out")


def test_a_scene_starts_after_a_ruled_line() -> None:
    chapter = reading(download(LONG)).work.chapters[0]
    assert chapter.text[chapter.scenes[-1] :].startswith("Later, the harbour slept.")


def test_where_things_come_from_is_told() -> None:
    found = reading(download(LONG))
    assert (found.title_source, found.rating_source) == ("AO3 download", "AO3 download")
    assert reading(page(LONG)).title_source == "AO3 page"


@pytest.mark.parametrize(
    ("byline", "authors"),
    [
        ('<a rel="author" href="/u">quay</a>, <a rel="author" href="/u">lamp (quay)</a>',
         ("quay", "lamp (quay)")),
        ("Anonymous", ("Anonymous",)),
        ('Old Author [archived by <a rel="author" href="/u">keeper</a>]', ("Old Author",)),
        ('<a rel="author" href="/u">orphan_account</a>', ("orphan_account",)),
        ('<a rel="author" href="/u">by</a>', ("by",)),
    ],
)  # fmt: skip
def test_authors_are_those_of_the_byline(byline: str, authors: tuple[str, ...]) -> None:
    for make in (download, epub, page):
        assert reading(make(replace(LONG, byline=byline))).work.info.authors == authors


def test_a_work_in_two_series() -> None:
    two = LONG.series + ', Part 1 of <a href="http://archiveofourown.org/series/6">Ferries</a>'
    expected = (SeriesPart("Harbour Lights", 2), SeriesPart("Ferries", 1))
    assert reading(download(replace(LONG, series=two))).work.info.series == expected


def test_a_page_of_one_chapter_says_what_is_missing() -> None:
    found = reading(page(LONG, only=2))
    assert found.problems == (
        "This page holds 1 of 2 chapters; the work's download holds them all.",
    )
    assert [chapter.title for chapter in found.work.chapters] == ["The Wet Rope"]


SITE = "<html><head><title>{title}</title></head><body><div id='main'>{said}</div></body></html>"


@pytest.mark.parametrize(
    ("title", "said", "sentence"),
    [
        ("New Session | Archive of Our Own", ("This work is only available to registered users of "
         "the Archive. If you already have an Archive of Our Own account, log in now."), "log-in"),
        ("A | Archive of Our Own", ("This work could have adult content. If you continue, you have "
         "agreed that you are willing to see such content."), "adult content"),
        ("Error 404 | Archive of Our Own", ("<h2>Error 404</h2><p>The page you were looking for "
         "doesn't exist.</p>"), "no page there"),
        ("Mystery Work | Archive of Our Own", ("This work is part of an ongoing challenge and will "
         "be revealed soon!"), "not revealed yet"),
        ("A | Archive of Our Own", ("Sorry, you don't have permission to access the page you were "
         "trying to reach."), "hides this work"),
        ("Works | Archive of Our Own", "1 - 20 of 4,321 Works", "but no work"),
        ("", "Retry later", "too often"),
    ],
)  # fmt: skip
def test_a_page_that_is_no_work_is_named(title: str, said: str, sentence: str) -> None:
    with pytest.raises(UnreadableFile, match=sentence) as refusal:
        reading(SITE.format(title=title, said=said).encode())
    assert refusal.value.sentence.endswith("choose EPUB or HTML, and add that file.")
