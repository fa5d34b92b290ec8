"""What holds for every text, hostile ones included."""

import random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from db.ingest.decoding import decode, mend
from db.ingest.gazetteer import Gazetteer, load_shipped
from db.ingest.plain import read_text
from db.ingest.reading import Reading
from db.ingest.source import Manuscript
from db.models import ZoneKind

GAZETTEER = Gazetteer(load_shipped()[0])
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

# Lines as fics have them, so that random texts reach more than the body.
LINES = st.sampled_from(
    [
        "", " ", "***", "- - -", "Chapter 1", "Chapter Two: The Door", "II.", "1", "2", "Prologue",
        "# Title", "## Heading", "> quoted", "Title Words", "By Quillfeather", "A/N: hello",
        "Rating: T", "Rating:", "Title:", "Summary: x", "Disclaimer: not mine.", "END.", "TBC",
        "You must login (register) to review.", "- Song by Somebody", "“Speech,” he said.",
        "Thanks for the reviews, please read my other fics!", "\xa0\xa0\xa0Indented.", "\u3000x",
        "She waited at the window until the last lamp was out, and then a little longer. " * 3,
        "“Open", "(", "*", "Author: and", "Author: ,", "\x0c", "\x85", "\u2028", "\x1c", "Ελένη",
    ]
)  # fmt: skip
ENDS = st.sampled_from(["\n", "\n\n", "\r\n", "\r\n\r\n", "\r"])


def laid_out(lines: list[str], end: str) -> str:
    """A text of these lines."""
    return end.join(lines)


LAID_OUT = st.builds(laid_out, st.lists(LINES | st.text(max_size=80), max_size=40), ENDS)
TEXTS = st.text(max_size=500) | LAID_OUT


def check(reading: Reading, text: str) -> None:
    """All that a reading promises, whatever the text."""
    assert reading.text == text
    at = 0
    for zone in reading.zones:
        assert at <= zone.start < zone.end <= len(text)
        assert not text[at : zone.start].strip()
        at = zone.end
    assert not text[at:].strip()
    chapters = reading.work.chapters
    assert "".join(chapter.text for chapter in chapters) == (text if text.strip() else "")
    body = [zone for zone in reading.zones if zone.kind is ZoneKind.BODY]
    assert bool(reading.chapters) == bool(body)
    for chapter in chapters:
        assert all(0 <= z.start < z.end <= len(chapter.text) for z in chapter.zones)
        assert all(0 <= scene < len(chapter.text) for scene in chapter.scenes)
        assert list(chapter.scenes) == sorted(set(chapter.scenes))
    for shown, stored in zip(reading.excerpts, reading.work.excerpts, strict=True):
        assert any(z.start <= shown.start and shown.end <= z.end for z in body)
        assert (
            text[shown.start : shown.end]
            == (chapters[stored.chapter].text[stored.start : stored.end])
        )
    assert reading.work.info.words == sum(chapter.words for chapter in chapters)


@FEW
@given(TEXTS, st.booleans())
@example("Chapter 1\n\nChapter 2", False)
@example("# A\n\n## B", True)
@example("\ud800 lone surrogate", False)
def test_every_text_is_read(text: str, markdown: bool) -> None:
    check(read_text(Manuscript(text), GAZETTEER), text)


@FEW
@given(st.lists(LINES, min_size=20, max_size=120))
def test_long_texts_too(lines: list[str]) -> None:
    text = "\n\n".join(lines)
    check(read_text(Manuscript(text), GAZETTEER), text)


def prose(paragraphs: int, seed: int = 1) -> str:
    """Made-up prose without quotes: sentences of common words."""
    draw = random.Random(seed)
    words = ("the", "lamp", "went", "out", "she", "waited", "at", "a", "door", "while", "tides")
    return "\n\n".join(
        " ".join(draw.choices(words, k=40)).capitalize() + "." for _ in range(paragraphs)
    )


def test_excerpts_are_found_in_plain_prose() -> None:
    text = prose(60)
    reading = read_text(Manuscript(text), GAZETTEER)
    check(reading, text)
    assert len(reading.excerpts) == 3


HOSTILE = {
    "dashes on one line": "- " * 500_000,
    "lines of dashes": "- - - -\n" * 60_000,
    "breaks with blanks": "* * *\n\n" * 50_000,
    "one word lines": "word\n" * 100_000,
    "quotes": '"' * 100_000,
    "open quotes in paragraphs": "“It was late and nobody came.\n\n" * 20_000,
    "one long line": "word " * 400_000,
    "one long word": "w" * 2_000_000,
    "spaces": "x" + " " * 1_000_000 + "x",
    "blank lines": "x" + "\n" * 1_000_000 + "x",
    "headings": "Chapter 1\n\nShe waited.\n\n" * 10_000,
    "bare numbers": "".join(f"{at % 900 + 1}\n\n" for at in range(50_000)),
    "notes": "A/N: thanks for the reviews!\n\n" * 30_000,
    "endings": "The End\n\n" * 50_000,
    "headers": "Tags: a, b\n" * 60_000,
    "stars": "*" * 1_000_000,
    "underscores and letters": "_" * 500_000 + "a",
    "a heading's dashes": "Chapter 1 " + "-" * 60 + "\n" + "Chapter 1" + ":-" * 50,
    "credits": "- Somebody\n" * 60_000,
    "names": "Buffy and Spike and Faye. " * 20_000,
    "commas in a pairing": "Pairing: " + "A" * 500_000,
    "mangled": "â€™" * 100_000,
    "mangled lines": "Itâ€™s late\n" * 5_000,
    "entities": "&amp;" * 50_000,
    "web words": "the rest of the story " * 10_000,
    "scenes in one chapter": "She waited at the window.\n\n***\n\n" * 20_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.timeout(30)
def test_hostile_texts_end(text: str) -> None:
    mended = mend(decode(text.encode()))
    check(read_text(Manuscript(mended), GAZETTEER), mended)


@pytest.mark.timeout(30)
def test_a_text_of_two_hundred_thousand_words() -> None:
    text = prose(5000)
    reading = read_text(Manuscript(text), GAZETTEER)
    check(reading, text)
    assert reading.work.info.words == 200_000
