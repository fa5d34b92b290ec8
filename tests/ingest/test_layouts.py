"""Layouts that fics really come in, and works that come back as they were exported."""

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.ingest.files import understand
from db.ingest.gazetteer import Gazetteer
from db.ingest.interchange import parse_line, write_line
from db.ingest.plain import read_text
from db.ingest.reading import Reading
from db.ingest.source import Manuscript, Source
from db.models import Chapter, Rating, Zone, ZoneKind

NO_NAMES = Gazetteer([])
STORY = (
    "The lantern on the quay went out at the third bell, and nobody said a word about it until "
    "morning.\n\n“Eleven,” she said. “There were twelve of them when I went to bed.”\n\n"
    "Her brother did not look up from the net, which he had been mending since before the frost."
)


def read(text: str) -> Reading:
    """A text read without knowing any names."""
    return read_text(Manuscript(text), NO_NAMES)


def body(reading: Reading) -> str:
    """The story alone."""
    zones = [zone for zone in reading.zones if zone.kind is ZoneKind.BODY]
    return "\n\n".join(reading.text[zone.start : zone.end] for zone in zones)


@pytest.mark.parametrize(
    "line", ["Bergen, 1911", "Three weeks later", "10:45 PM", "Marisol’s POV", "Chapter 3"]
)
def test_a_place_a_time_or_a_view_is_no_title(line: str) -> None:
    reading = read(f"{line}\n\n{STORY}")
    assert reading.work.info.title is None
    assert reading.title_candidates == ()


@pytest.mark.parametrize("line", ["THE TWELFTH BOAT", "The Twelfth Boat"])
def test_a_title_without_a_byline_is_asked_about(line: str) -> None:
    reading = read(f"{line}\n\n{STORY}")
    assert reading.work.info.title is None
    assert reading.title_candidates == ("The Twelfth Boat",)
    assert body(reading) == STORY


def test_title_and_author_on_one_line_are_taken_when_quoted_and_else_asked_about() -> None:
    sure = read(f"“The Twelfth Boat” by quaylight\n\n{STORY}")
    assert (sure.work.info.title, sure.work.info.authors) == ("The Twelfth Boat", ("quaylight",))
    unsure = read(f"The Twelfth Boat by quaylight\n\n{STORY}")
    assert (unsure.work.info.title, unsure.work.info.authors) == (None, ())
    assert unsure.title_candidates == ("The Twelfth Boat",)


@pytest.mark.parametrize("title", ["Untitled", "No Title", "Chapter 1", "TBD", "Document 1"])
def test_a_placeholder_in_a_header_is_no_title(title: str) -> None:
    reading = read(f"Title: {title}\nAuthor: quaylight\n\n{STORY}")
    assert reading.work.info.title is None
    assert reading.work.info.authors == ("quaylight",)


def test_a_header_goes_on_over_lines() -> None:
    head = "Title: The Boat\nSummary: One is gone.\nAnd nobody asks.\nRating: R for language\n"
    reading = read(f"{head}\n{STORY}")
    assert reading.work.info.summary == "One is gone. And nobody asks."
    assert reading.work.info.rating is Rating.MATURE
    assert body(reading) == STORY


def test_the_page_of_ao3_copied_whole() -> None:
    text = (
        "The Twelfth Boat\nquaylight\nSummary:\n\nOne is gone.\n\nNotes:\n\nFor Anders.\n\n"
        f"(See the end of the work for more notes.)\n\nWork Text:\n{STORY}\n\n"
        "Notes:\n\nCome and find me elsewhere.\n"
    )
    assert body(read(text)) == STORY


@pytest.mark.parametrize(
    ("one", "two"),
    [("Глава 1", "Глава 2"), ("第一章", "第二章"), ("Kapitel 1", "Kapitel 2"), ("제1장", "제2장")],
)
def test_headings_of_other_languages(one: str, two: str) -> None:
    reading = read(f"{one}\n\n{STORY}\n\n{two}\n\n{STORY}")
    assert len(reading.chapters) == 2
    assert reading.work.info.title is None


def test_what_numbers_do_not_tell_is_kept_as_a_chapters_title() -> None:
    parts = ("Prologue", "Chapter 1", "Chapter 2: The Net", "Epilogue")
    reading = read("\n\n".join(f"{heading}\n\n{STORY}" for heading in parts))
    titles = [chapter.title for chapter in reading.chapters]
    assert titles == ["Prologue", "Chapter 1", "The Net", "Epilogue"]


def test_a_note_in_brackets_runs_to_the_closing_one() -> None:
    note = "(A/N: a word before you go on.\n\nIt is about boats.\n\nThat was it.)"
    reading = read(f"{STORY}\n\n{note}\n\n{STORY}")
    assert body(reading) == f"{STORY}\n\n{STORY}"


def test_wrapped_lines_hold_headers_notes_and_story() -> None:
    story = "\n\n".join(textwrap.fill(paragraph * 2, 72) for paragraph in STORY.split("\n\n"))
    head = "Title: The Twelfth Boat\nRating: PG-13\nDisclaimer: I do not own the sea.\n\n"
    reading = read(f"{head}{story}\n\n* * *\n\n{story}")
    assert reading.work.info.rating is Rating.TEEN
    assert len(reading.chapters[0].scenes) == 2
    assert body(reading) == f"{story}\n\n{story}"


PIECES = st.sampled_from(
    [
        "Title: The Boat", "Author: quaylight", "The Long Road", "by quaylight", "Chapter 1",
        "Chapter 2: The Net", "II.", "1", "2", "# The Boat", "## The Net", "Prologue", "***",
        "A/N: please review!", "Notes:", "END.", "Chapter Text", "Anders POV", "> quoted", STORY,
        "Disclaimer: not mine.", "She waited.", "“Run,” he said.", STORY.replace("\n\n", "\n"),
    ]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=12))
def test_an_exported_work_comes_back_as_it_was(pieces: list[str]) -> None:
    """But that a line may be its title or its chapter's heading, where both have one name."""
    once = read("\n\n".join(pieces)).work
    again = understand(
        Source(parse_line(write_line(once)), "file", marks_scenes=False), NO_NAMES
    ).work
    assert again.info == once.info
    assert again.excerpts == once.excerpts
    assert len(again.chapters) == len(once.chapters)
    for here, there in zip(again.chapters, once.chapters, strict=True):
        assert (here.title, here.text, here.words) == (there.title, there.text, there.words)
        assert here.scenes == there.scenes
        assert story_of(here) == story_of(there)


def story_of(chapter: Chapter) -> list[Zone]:
    """Its zones of story."""
    return [zone for zone in chapter.zones if zone.kind is ZoneKind.BODY]
