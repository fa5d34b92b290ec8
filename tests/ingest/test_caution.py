"""The safety net: it raises, never lowers, and leaves ordinary adventure alone."""

from pathlib import Path

import pytest

from db.ingest import caution
from db.ingest.caution import caution_of, raised
from db.ingest.files import read
from db.ingest.gazetteer import Gazetteer
from db.models import ArchiveWarning, Rating, WorkInfo

NO_NAMES = Gazetteer([])
PROSE = "The tide went out at noon and nobody on the quay said a word about the empty boat. " * 40
ADVENTURE = (
    "Blood ran down her fist. He cocked the gun and swore. “Fuck,” she said, hard and wet with "
    "rain, and came to the door naked of hope. The surgeon severed the rope. They screamed. "
) * 12


def with_words(words: frozenset[bytes], each: int) -> str:
    """Ordinary prose with some words in it, spelled by the net's own list."""
    return PROSE + " ".join(word.decode() for word in sorted(words) for _ in range(each))


MUCH = with_words(caution._SEXUAL, 2)  # pyright: ignore[reportPrivateUsage]
GORE = with_words(caution._GORE, 2)  # pyright: ignore[reportPrivateUsage]


def test_ordinary_adventure_is_left_alone() -> None:
    assert caution_of(ADVENTURE) == caution.Caution()
    assert caution_of(PROSE) == caution.Caution()
    assert caution_of("") == caution.Caution()


def test_swearing_alone_is_no_reason() -> None:
    assert caution_of(PROSE + "fuck fucking fucked moaned naked balls " * 9).rating is None


def test_a_rating_is_raised_and_never_lowered() -> None:
    found = caution_of(MUCH)
    assert found.rating is Rating.EXPLICIT
    info, said = raised(WorkInfo("Tide", rating=Rating.TEEN), found)
    assert info.rating is Rating.EXPLICIT
    assert said[0].startswith("The rating was raised from Teen And Up Audiences (explicit words: ")
    for word in caution._SEXUAL - {b"explicit"}:  # pyright: ignore[reportPrivateUsage]
        assert f" {word.decode()} " not in said[0]
    same, said = raised(WorkInfo("Tide", rating=Rating.EXPLICIT), caution_of(PROSE))
    assert (same.rating, said) == (Rating.EXPLICIT, ())


def test_what_is_not_rated_stays_so_and_is_told() -> None:
    info, said = raised(WorkInfo("Tide"), caution_of(MUCH))
    assert info.rating is Rating.NOT_RATED
    assert said[0].startswith("It reads like Explicit (explicit words: ")


def test_a_warning_is_added_in_place_of_none() -> None:
    found = caution_of(GORE)
    info, said = raised(WorkInfo("Tide", warnings=(ArchiveWarning.NONE_APPLY,)), found)
    assert info.warnings == (ArchiveWarning.VIOLENCE,)
    assert "was added (violent words: " in said[0]
    kept = WorkInfo("Tide", warnings=(ArchiveWarning.CHOSE_NOT_TO_WARN,))
    assert raised(kept, found) == (kept, ())


def test_a_file_is_raised_and_a_list_that_moderators_made_is_not() -> None:
    text = f"Tide\n\nby ann\n\nRating: PG\n\n{MUCH}\n"
    [reading] = read("tide.txt", text.encode(), NO_NAMES)
    assert reading.work.info.rating is Rating.EXPLICIT
    assert any("was raised from Teen" in problem for problem in reading.problems)
    line = f'{{"title": "Tide", "rating": "General Audiences", "chapters": [{{"text": "{MUCH}"}}]}}'
    [reading] = read("tide.jsonl", line.encode(), NO_NAMES)
    assert reading.work.info.rating is Rating.GENERAL


@pytest.mark.parametrize("number", range(5))
def test_real_stories_for_everybody(seeds: Path, number: int) -> None:
    file = sorted(seeds.glob("*.txt"))[number]
    assert caution_of(file.read_text(encoding="utf-8")) == caution.Caution()
