"""Real fics against what a careful reader found in them; see the fixture `seeds`."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from db.excerpts import LONGEST_CHARS, SHORTEST_CHARS, WANTED
from db.ingest.files import read
from db.ingest.gazetteer import Gazetteer
from db.ingest.reading import Reading
from db.models import ZoneKind

WORDS_APART = 0.01
STORY = {ZoneKind.BODY, ZoneKind.SCENE_BREAK, ZoneKind.HEADING}


@dataclass(frozen=True, slots=True)
class Seed:
    """One fic: what it is, what should be found, and what was."""

    name: str
    text: str
    gold: dict[str, Any]
    reading: Reading

    def after_space(self, offset: int) -> int:
        """Where the next character that is no white space stands."""
        return offset + len(self.text[offset:]) - len(self.text[offset:].lstrip())


@pytest.fixture(scope="session")
def fics(seeds: Path, gazetteer: Gazetteer) -> list[Seed]:
    """Every fic, read once."""
    gold: dict[str, Any] = json.loads((seeds / "gold.json").read_text(encoding="utf-8"))
    found: list[Seed] = []
    for file in sorted(seeds.glob("*.txt")):
        data = file.read_bytes()
        [reading] = read(file.name, data, gazetteer)
        found.append(Seed(file.name, data.decode("utf-8"), gold[file.name], reading))
    assert found
    return found


@pytest.fixture(params=range(5))
def fic(fics: list[Seed], request: pytest.FixtureRequest) -> Seed:
    """One of the fics."""
    return fics[int(request.param)]


def test_the_text_is_kept_to_the_character(fic: Seed) -> None:
    assert fic.reading.text == fic.text
    assert "".join(chapter.text for chapter in fic.reading.work.chapters) == fic.text


def test_nothing_but_story_is_body(fic: Seed) -> None:
    body = [zone for zone in fic.reading.zones if zone.kind is ZoneKind.BODY]
    for excluded in fic.gold["exclude"]:
        start, end = excluded["span"]
        taken = [zone for zone in body if zone.start < end and zone.end > start]
        assert not taken, excluded["kind"]


def test_all_story_is_body(fic: Seed) -> None:
    for start, end in fic.gold["body"]:
        kinds = {zone.kind for zone in fic.reading.zones if zone.start < end and zone.end > start}
        assert kinds <= STORY
        assert ZoneKind.BODY in kinds


def test_chapters_start_where_a_reader_says(fic: Seed) -> None:
    expected = [fic.after_space(start) for start in fic.gold["chapters"]]
    assert [fic.after_space(chapter.start) for chapter in fic.reading.chapters] == expected


def test_scenes_start_where_a_reader_says(fic: Seed) -> None:
    expected = {fic.after_space(start) for start in fic.gold["scenes"]}
    found = {scene for chapter in fic.reading.chapters for scene in chapter.scenes}
    assert found == expected


def test_words_are_counted_as_a_reader_counts(fic: Seed) -> None:
    assert fic.reading.work.info.words == pytest.approx(fic.gold["body_words"], rel=WORDS_APART)


def test_title_and_authors_are_found_or_left_open(fic: Seed) -> None:
    assert fic.reading.work.info.title == fic.gold["title"]
    assert list(fic.reading.title_candidates) == fic.gold["title_candidates"]
    assert list(fic.reading.work.info.authors) == fic.gold["authors"]
    assert fic.reading.work.info.language == fic.gold["language"]


def test_status_is_what_the_text_says(fic: Seed) -> None:
    assert fic.reading.work.info.status == fic.gold["status"]


def test_the_fandom_is_suggested_with_confidence(fic: Seed) -> None:
    first = fic.reading.fandoms[0]
    assert (first.name, first.confident) == (fic.gold["fandom"], True)
    assert fic.reading.work.info.fandoms == (fic.gold["fandom"],)


def test_every_character_is_found(fic: Seed) -> None:
    assert set(fic.gold["characters"]) <= {one.name for one in fic.reading.characters}


def test_excerpts_lie_within_one_scene_of_story(fic: Seed) -> None:
    scenes = sorted(fic.after_space(start) for start in fic.gold["scenes"])
    assert len(fic.reading.excerpts) == WANTED
    for excerpt in fic.reading.excerpts:
        assert SHORTEST_CHARS <= excerpt.end - excerpt.start <= LONGEST_CHARS
        for excluded in fic.gold["exclude"]:
            start, end = excluded["span"]
            assert excerpt.end <= start or excerpt.start >= end
        assert not [scene for scene in scenes if excerpt.start < scene < excerpt.end]


def test_stored_excerpts_are_the_same_passages(fic: Seed) -> None:
    for shown, stored in zip(fic.reading.excerpts, fic.reading.work.excerpts, strict=True):
        chapter = fic.reading.work.chapters[stored.chapter]
        passage = chapter.text[stored.start : stored.end]
        assert passage == fic.text[shown.start : shown.end]


def test_excerpts_are_often_those_that_a_reader_picks(fics: list[Seed]) -> None:
    agreed = [
        seed.name
        for seed in fics
        if any(
            one.start < end and one.end > start
            for one in seed.reading.excerpts
            for start, end in seed.gold["good_excerpts"]
        )
    ]
    assert len(agreed) > len(fics) / 2
