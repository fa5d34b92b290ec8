"""FanFicFare's files, made by the program itself from its own offline test site."""

import subprocess
import sys
from datetime import date

import pytest

from db.ingest.books import open_book
from db.ingest.files import read
from db.ingest.formats import fanficfare
from db.ingest.gazetteer import Gazetteer
from db.ingest.reading import Reading
from db.models import ArchiveWarning, Category, Rating, SeriesPart, Status, ZoneKind
from tests.ingest.formats.documents import epub

NO_NAMES = Gazetteer([])
KINDS = ("epub", "html", "txt")
WORDS_APART = 0.01


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """One story as each kind of file."""
    folder = tmp_path_factory.mktemp("fanficfare")
    for kind in KINDS:
        subprocess.run(
            [sys.executable, "-m", "fanficfare.cli", "-f", kind, "--non-interactive",
             "-o", f"output_filename=story.{kind}", "http://test1.com?sid=1"],
            cwd=folder, check=True, capture_output=True,
            env={"HOME": str(folder), "PATH": ""},
        )  # fmt: skip
    return {kind: (folder / f"story.{kind}").read_bytes() for kind in KINDS}


def reading(data: bytes) -> Reading:
    [found] = read("a.bin", data, NO_NAMES)
    return found


def zones(found: Reading, kind: ZoneKind) -> str:
    return "\n".join(
        chapter.text[zone.start : zone.end]
        for chapter in found.work.chapters
        for zone in chapter.zones
        if zone.kind is kind
    )


@pytest.mark.parametrize("kind", KINDS)
def test_everything_declared_is_taken(made: dict[str, bytes], kind: str) -> None:
    found = reading(made[kind])
    info = found.work.info
    assert info.title == "Test Story Title 1"
    assert found.title_source == "FanFicFare file"
    assert info.authors == ("Test Author aa",)
    assert info.fandoms[1:4] == (
        "Harry Potter", "Magical Girl Lyrical Nanoha", "Once Upon a Time (TV)",
    )  # fmt: skip
    assert info.relationships[0] == "Harry Potter & Hermione Granger"
    assert info.characters == ("Bob Smith", "Fred Smythe", "George Johnson")
    assert info.tags == ("Comedy", "Fantasy", "Noir", "Sci-Fi", "Swearing")
    assert info.warnings == (ArchiveWarning.VIOLENCE,)
    assert info.status is Status.IN_PROGRESS
    assert info.series == (SeriesPart("The Great Test", 1),)
    assert (info.published, info.updated) == (date(1975, 3, 15), date(1975, 4, 15))
    assert info.source_url == "http://test1.com?sid=1"
    assert info.summary is not None
    assert info.summary.startswith("Description tests:[bare amp(&) qt(') amp(&) gt(>) lt(<)")
    assert "The rating “Tweenie” is none of AO3's; set it by hand." in found.problems


def test_each_kind_of_file_is_the_same_work(made: dict[str, bytes]) -> None:
    first, *others = (reading(made[kind]).work for kind in KINDS)
    assert len(first.chapters) == 9
    assert first.chapters[1].title == "Chapter 1, Xenos on Cinnabar"
    for other in others:
        assert [one.title for one in other.chapters] == [one.title for one in first.chapters]
        assert other.info.words == pytest.approx(first.info.words, rel=WORDS_APART)


def test_wrapped_lines_are_paragraphs_again(made: dict[str, bytes]) -> None:
    text = reading(made["txt"]).work.chapters[1].text
    assert "italics , bold , underline, Strike through consectetur adipisicing elit, sed" in text
    assert "End file" not in reading(made["txt"]).text


TITLE_PAGE = """<h3><a href="https://archiveofourown.org/works/5">The Lamp &amp; the Ferry</a> by
<a class='authorlink' href='https://archiveofourown.org/users/quay'>quay</a>,
<a class='authorlink' href='https://archiveofourown.org/users/tide'>tide</a></h3><div>
<b>Category:</b> Alice, Through the Glass, Cowboy Bebop<br />
<b>Genre:</b> Post-Canon, Fluff, F/M, Gen<br />
<b>Rating:</b> Teen And Up Audiences<br />
<b>Warnings:</b> No Archive Warnings Apply<br />
<b>Status:</b> Completed<br /><b>Kudos:</b> 12<br />
<b>Summary:</b> <div><p>A lamp goes out.</p><p><b>Somebody:</b> rows.</p></div><br /></div>"""
CHAPTER = """<h3 class="fff_chapter_title">2. The Wet Rope</h3>
<div class="story"><div class="fff_chapter_notes fff_head_notes"><b>Author's Note:</b>
<blockquote class="userstuff"><p>The rope was my sister's idea.</p></blockquote></div>
<div class="userstuff module"><p>The lamp had been out for three nights.</p></div>
<div class="fff_chapter_notes fff_foot_notes"><b>Notes for the Chapter:</b>
<blockquote><p>Next one on Sunday, or so.</p></blockquote></div></div>"""


def ao3_book() -> bytes:
    """An AO3 work as the program writes it."""
    return epub(
        {"title_page.xhtml": TITLE_PAGE, "toc_page.xhtml": "<h3>Table of Contents</h3>",
         "file0001.xhtml": "<h3 class='fff_chapter_title'>1. Chapter 1</h3><p>It was late.</p>",
         "file0002.xhtml": CHAPTER, "log_page.xhtml": "<h3>Update Log</h3><p>12 words</p>"},
        metadata="<dc:title>The Lamp</dc:title><dc:contributor>FanFicFare</dc:contributor>"
        "<dc:subject>Alice, Through the Glass</dc:subject>"
        "<dc:subject>Last Update: 2020</dc:subject>",
    )  # fmt: skip


def test_an_ao3_work_that_came_through_it() -> None:
    found = reading(ao3_book())
    info = found.work.info
    assert (info.title, info.authors) == ("The Lamp & the Ferry", ("quay", "tide"))
    assert info.fandoms == ("Alice, Through the Glass", "Cowboy Bebop")
    assert info.tags == ("Post-Canon", "Fluff")
    assert info.warnings == (ArchiveWarning.NONE_APPLY,)
    assert info.status is Status.COMPLETE
    assert info.source_url == "https://archiveofourown.org/works/5"
    assert info.summary == "A lamp goes out.\n\nSomebody: rows."
    assert info.categories == (Category.FM, Category.GEN)


def test_notes_that_the_program_marks_are_no_story() -> None:
    source = fanficfare.read_book(open_book(ao3_book()))
    assert source is not None
    found = reading(ao3_book())
    assert [one.title for one in found.work.chapters] == [None, "The Wet Rope"]
    notes = zones(found, ZoneKind.NOTE)
    assert "my sister's idea" in notes
    assert "Next one on Sunday" in notes
    assert zones(found, ZoneKind.BODY) == "It was late.\nThe lamp had been out for three nights."
    assert found.work.info.rating is Rating.TEEN


def test_other_texts_are_not_taken_for_its_own() -> None:
    text = "The Lamp\n\nby quay\n\nPublisher: nobody\n\n        An indented line.\n\nIt was late."
    assert fanficfare.read_text(text) is None
