"""The safety net: it raises, never lowers, and leaves ordinary stories alone."""

# The net's own lists are what these texts are made of.
# pyright: reportPrivateUsage=false

from collections.abc import Iterable
from pathlib import Path

import pytest

from db.ingest import caution
from db.ingest.caution import Caution, caution_of, raised
from db.ingest.files import read
from db.ingest.gazetteer import Gazetteer
from db.models import ArchiveWarning, Rating, WorkInfo

NO_NAMES = Gazetteer([])
SENTENCE = "The tide went out at noon and nobody on the quay said a word about the empty boat. "
PROSE = SENTENCE * 40


def listed(words: Iterable[bytes], before: str = "") -> str:
    """A few sentences with words of the net's own lists, each after the same word."""
    return " ".join(f"{before} {word.decode()}" for word in sorted(words)) + ". "


BODY = listed(caution._BODY, "his")
SCENE = BODY + listed(caution._PLAIN) + listed(caution._ALONG)
GORE = listed(caution._GORE)
YOUNG = "“I am fifteen years old,” he said. "

ADVENTURE = (
    "Blood ran down her fist. He cocked the gun and swore. “Fuck,” she said, hard and wet with "
    "rain, and came to the door naked of hope. The surgeon severed the rope. They screamed. "
)
OTHER_SENSES = {
    "adventure": ADVENTURE,
    "an old detective": "“Remarkable!” he ejaculated; it had aroused his suspicion. The wind "
    "moaned about the naked elms, and the erection of the new wing was stopped. ",
    "a ward": "The doctor noted the penis, the scrotum and the anus as uninjured; the man "
    "moaned and turned on his hips, naked under the sheet. ",
    "a yard of poultry": "The cock crew. Two cocks fought, and the pussy watched from the wall. ",
    "a name": "“It’s Dick,” said Bruce. That’s Dick, naked of guile. Where’s Dick? He moaned. ",
    "swordplay": "She thrust, and he thrust back; he whimpered, writhing, a hand on his thighs. ",
    "sorrow": "It was torture. He felt gutted; her tortured look severed the last tie, and his "
    "mutilated pride tore the house apart. ",
    "a school trip": "They were sixteen years old, all three, and already tired of castles. ",
}


@pytest.mark.parametrize("kind", OTHER_SENSES)
@pytest.mark.parametrize("spread", [0, 5])
def test_words_in_their_other_senses_are_left_alone(kind: str, spread: int) -> None:
    assert caution_of((OTHER_SENSES[kind] + SENTENCE * spread) * 12) == Caution()


def test_ordinary_prose_and_nothing_are_left_alone() -> None:
    assert caution_of(PROSE) == Caution()
    assert caution_of("") == Caution()
    assert caution_of("his") == Caution()


def test_swearing_is_no_reason() -> None:
    assert caution_of(PROSE + "fuck fucking fucked moaned naked balls " * 9).rating is None


@pytest.mark.parametrize("words", [caution._PLAIN, caution._BODY])
def test_words_of_one_kind_are_no_reason(words: dict[bytes, bytes]) -> None:
    alone = f"his {min(words).decode()}. "
    assert caution_of(PROSE + alone * 30 + listed(caution._ALONG)).rating is None


def test_a_scene_is_found_in_a_long_work() -> None:
    found = caution_of(PROSE * 300 + SCENE + PROSE * 300)
    assert found.rating is Rating.EXPLICIT
    plain = len(caution._BODY) + len(caution._PLAIN)
    assert f"explicit words: {plain} in " in found.rating_reason
    assert found.rating_reason.endswith(f", {plain} of them within 1,000")


def test_words_far_apart_are_no_scene() -> None:
    apart = [f"his {word.decode()} moaned naked. {PROSE}" for word in caution._BODY]
    assert caution_of("".join(apart)).rating is None


def test_less_is_mature() -> None:
    some = " ".join(f"his {word.decode()}" for word in sorted(caution._BODY)[:4])
    found = caution_of(f"{PROSE} {some} moaned, naked, his hips and thighs.")
    assert found.rating is Rating.MATURE


def test_limits_hold_at_the_very_edge() -> None:
    least = caution.EXPLICIT.plain
    words = ["his cock", "an orgasm"] * least
    along = "moaned naked hips " * 5
    assert caution_of(along + " ".join(words[:least])).rating is Rating.EXPLICIT
    assert caution_of(along + " ".join(words[: least - 1])).rating is Rating.MATURE


def test_a_rating_is_raised_and_never_lowered() -> None:
    info, said = raised(WorkInfo("Tide", rating=Rating.TEEN), caution_of(SCENE))
    assert info.rating is Rating.EXPLICIT
    assert said[0].startswith("The rating was raised from Teen And Up Audiences (explicit words: ")
    for word in caution._SEXUAL:
        assert f" {word.decode()} " not in said[0]
    for harmless in (PROSE, ADVENTURE):
        same, said = raised(WorkInfo("Tide", rating=Rating.EXPLICIT), caution_of(harmless))
        assert (same.rating, said) == (Rating.EXPLICIT, ())
    mature = Caution(Rating.MATURE, "explicit words: 4 in 900")
    assert raised(WorkInfo("Tide", rating=Rating.EXPLICIT), mature)[0].rating is Rating.EXPLICIT


def test_what_is_not_rated_stays_so_and_is_told() -> None:
    info, said = raised(WorkInfo("Tide"), caution_of(SCENE))
    assert info.rating is Rating.NOT_RATED
    assert said[0].startswith("It reads like Explicit (explicit words: ")


def test_a_warning_is_added_in_place_of_none() -> None:
    found = caution_of(PROSE + GORE)
    info, said = raised(WorkInfo("Tide", warnings=(ArchiveWarning.NONE_APPLY,)), found)
    assert info.warnings == (ArchiveWarning.VIOLENCE,)
    assert "was added (violent words: " in said[0]
    again, said = raised(info, found)
    assert (again, said) == (info, ())
    kept = WorkInfo("Tide", warnings=(ArchiveWarning.CHOSE_NOT_TO_WARN,))
    assert raised(kept, found) == (kept, ())


def test_what_is_cut_counts_by_what_it_is() -> None:
    wounds = "He slit the man’s throat. A severed hand. It tore out her heart, crushed a skull. "
    assert [one for one, _ in caution_of(wounds * 2).warnings] == [ArchiveWarning.VIOLENCE]
    assert caution_of("He slit the envelope. Severed ties. It tore out a page. " * 9) == Caution()


def test_a_mention_of_rape_is_not_a_story_of_it() -> None:
    assert not caution_of(f"{PROSE} She feared rape. {PROSE * 2} It was no rape.").warnings
    assert not caution_of("They lived by rape and pillage, those Vikings. " * 6).warnings
    said = caution_of(f"{PROSE} He had raped her. It was rape, she said; rape. {PROSE}").warnings
    assert said == ((ArchiveWarning.NON_CON, "words for rape: 3"),)


def test_an_age_speaks_for_the_scene_that_it_stands_in() -> None:
    def warned(text: str) -> bool:
        return ArchiveWarning.UNDERAGE in dict(caution_of(text).warnings)

    assert warned(YOUNG + SCENE)
    assert warned(SCENE + "He is a 16-year-old. ")
    assert not warned(YOUNG + PROSE + SCENE)  # a memory, chapters before
    assert not warned(YOUNG.replace("fifteen", "thirty") + SCENE)
    assert not warned(YOUNG)


def test_suicide_is_told_where_no_tag_tells_it() -> None:
    found = caution_of(PROSE + "Suicide. She was suicidal again, and self-harmed. ")
    info, said = raised(WorkInfo("Tide"), found)
    assert info == WorkInfo("Tide")
    assert len(said) == 1
    assert said[0].startswith("It speaks of suicide or self-harm (3 times) and no tag does;")
    tagged = WorkInfo("Tide", tags=("Suicidal Thoughts",))
    assert raised(tagged, found) == (tagged, ())
    assert caution_of("It was a suicide mission, and they were the suicide squad. " * 5) == (
        Caution()
    )


@pytest.mark.parametrize(
    ("tag", "warning"),
    [
        ("Major Character Death", ArchiveWarning.MAJOR_DEATH),
        ("deathfic", ArchiveWarning.MAJOR_DEATH),
        ("Non-Consensual", ArchiveWarning.NON_CON),
        ("Rape/Non-con Elements", ArchiveWarning.NON_CON),
        ("Graphic Violence", ArchiveWarning.VIOLENCE),
        ("Underage Sex", ArchiveWarning.UNDERAGE),
    ],
)
def test_what_an_author_tags_is_warned_of(tag: str, warning: ArchiveWarning) -> None:
    info, said = raised(WorkInfo("Tide", tags=("Boats", tag)), Caution())
    assert info.warnings == (warning,)
    assert f"(it has the tag “{tag}”)" in said[0]


@pytest.mark.parametrize(
    "tag",
    ["Minor Character Death", "Past Rape/Non-con", "Temporary Major Character Death",
     "Implied/Referenced Rape/Non-con", "Canon-Typical Violence", "Underage Drinking"],
)  # fmt: skip
def test_a_tag_that_says_less_is_no_warning(tag: str) -> None:
    info = WorkInfo("Tide", tags=(tag,))
    assert raised(info, Caution()) == (info, ())


def test_a_file_is_raised_and_a_list_that_moderators_made_is_not() -> None:
    text = f"Tide\n\nby ann\n\nRating: PG\n\n{PROSE}\n\n{SCENE}\n"
    [reading] = read("tide.txt", text.encode(), NO_NAMES)
    assert reading.work.info.rating is Rating.EXPLICIT
    assert any("was raised from Teen" in problem for problem in reading.problems)
    line = (
        f'{{"title": "Tide", "rating": "General Audiences", "chapters": [{{"text": "{SCENE}"}}]}}'
    )
    [reading] = read("tide.jsonl", line.encode(), NO_NAMES)
    assert reading.work.info.rating is Rating.GENERAL


@pytest.mark.parametrize("number", range(5))
def test_real_stories_for_everybody(seeds: Path, number: int) -> None:
    file = sorted(seeds.glob("*.txt"))[number]
    assert caution_of(file.read_text(encoding="utf-8")) == Caution()
