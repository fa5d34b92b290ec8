"""Real fics in every format that a friend may send them in; see the fixture `seeds`."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from db.ingest.files import read
from db.ingest.gazetteer import Gazetteer
from db.ingest.reading import Reading
from db.models import ZoneKind
from tests.ingest.formats.documents import docx_of, epub_of, odt_of, page_of, rtf_of

WORDS_APART = 0.01


def paragraphs(text: str) -> list[str]:
    """What blank lines part."""
    return [part for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n")) if part.strip()]


def html_of(parts: list[str]) -> bytes:
    return f"<html><head><meta charset='utf-8'></head><body>{page_of(parts)}</body></html>".encode()


WRITERS: dict[str, Callable[[str], bytes]] = {
    "txt": lambda text: text.encode(),
    "utf-16": lambda text: text.encode("utf-16"),
    "crlf": lambda text: text.replace("\n", "\r\n").encode(),
    "cp1252": lambda text: text.encode("cp1252", "replace"),
    "docx": lambda text: docx_of(paragraphs(text)),
    "docx, a blank paragraph between": lambda text: docx_of(text.split("\n")),
    "odt": lambda text: odt_of(paragraphs(text)),
    "rtf": lambda text: rtf_of(paragraphs(text)),
    "epub": lambda text: epub_of(paragraphs(text)),
    "html": lambda text: html_of(paragraphs(text)),
}


@pytest.fixture(scope="session")
def texts(seeds: Path) -> list[tuple[str, str, dict[str, Any]]]:
    gold: dict[str, Any] = json.loads((seeds / "gold.json").read_text(encoding="utf-8"))
    return [
        (file.name, file.read_text(encoding="utf-8"), gold[file.name])
        for file in sorted(seeds.glob("*.txt"))
    ]


def squeezed(text: str) -> str:
    return "".join(char for char in text if char.isalnum()).casefold()


def said(reading: Reading, *kinds: ZoneKind) -> str:
    return squeezed(
        " ".join(
            chapter.text[zone.start : zone.end]
            for chapter in reading.work.chapters
            for zone in chapter.zones
            if zone.kind in kinds
        )
    )


@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize("kind", WRITERS)
def test_each_format_agrees_with_a_careful_reader(
    kind: str, number: int, texts: list[tuple[str, str, dict[str, Any]]], gazetteer: Gazetteer
) -> None:
    name, text, gold = texts[number]
    [reading] = read("friend.bin", WRITERS[kind](text), gazetteer)
    info = reading.work.info
    assert info.title == gold["title"], name
    assert list(reading.title_candidates) == gold["title_candidates"]
    assert list(info.authors) == gold["authors"]
    assert info.words == pytest.approx(gold["body_words"], rel=WORDS_APART)
    assert len(reading.chapters) == len(gold["chapters"])
    assert info.fandoms == (gold["fandom"],)
    assert info.language == gold["language"]
    assert info.status == gold["status"]
    body = said(reading, ZoneKind.BODY)
    for excluded in gold["exclude"]:
        start, end = excluded["span"]
        noted = squeezed(text[start:end])
        assert len(noted) < 12 or noted not in body, excluded["kind"]
    kept = said(reading, ZoneKind.BODY, ZoneKind.HEADING)
    for start, end in gold["body"]:
        for line in text[start:end].split("\n"):
            story = squeezed(line)[:60]
            if kind == "cp1252":
                story = ""  # what it cannot write is lost before it comes here
            assert story in kept
