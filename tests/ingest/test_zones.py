"""What each stretch of a text is, on small texts that are laid out as fics really are."""

import pytest

from db.ingest.gazetteer import Gazetteer
from db.ingest.plain import read_text
from db.ingest.reading import Reading
from db.ingest.source import Manuscript
from db.models import Rating, Status, ZoneKind

NO_NAMES = Gazetteer([])

STORY = (
    "The lamps along the harbour went out one after another, and nobody came to light them.",
    "“You are late,” Marisol said, without turning from the window.",
    "He set the parcel down between them and waited for her to look at it, as she always did.",
    "Outside the tide had turned; the boats swung round on their chains to face the town.",
)
MORE = (
    "In the morning the harbour master found the door open and the stove still warm.",
    "He closed it, because that was the kind of man he was, and told no one for a week.",
)


def reading_of(*paragraphs: str, gap: str = "\n\n", markdown: bool = False) -> Reading:
    """A text of these paragraphs, read."""
    return read_text(Manuscript(gap.join(paragraphs)), NO_NAMES)


def texts(reading: Reading, kind: ZoneKind) -> list[str]:
    """The stretches of one kind."""
    return [reading.text[z.start : z.end] for z in reading.zones if z.kind is kind]


def body(reading: Reading) -> list[str]:
    """The paragraphs of story."""
    return [
        line.strip()
        for stretch in texts(reading, ZoneKind.BODY)
        for line in stretch.splitlines()
        if line.strip()
    ]


def scene_starts(reading: Reading) -> list[str]:
    """The first word at every start of a scene."""
    return [
        reading.text[scene:].split(None, 1)[0]
        for chapter in reading.chapters
        for scene in chapter.scenes
    ]


# --- front matter


def test_title_and_byline() -> None:
    reading = reading_of("The Harbour Lamps", "By Quillfeather", *STORY)
    assert reading.work.info.title == "The Harbour Lamps"
    assert reading.title_source == "first line"
    assert reading.work.info.authors == ("Quillfeather",)
    assert body(reading) == list(STORY)


def test_a_title_in_capitals_is_written_as_one_writes_titles() -> None:
    reading = reading_of("THE LAMPS OF THE HARBOUR", "by Quillfeather", *STORY)
    assert reading.work.info.title == "The Lamps of the Harbour"


def test_header_lines() -> None:
    head = (
        "Title: The Harbour Lamps\nAuthor: Quillfeather and Ottoline\nFandom: Lantern Coast\n"
        "Pairing: Marisol/Tomas\nRating: PG-13\nWarnings: Character death, seasickness\n"
        "Status: Complete\nSummary: A parcel comes late."
    )
    reading = reading_of(head, *STORY)
    info = reading.work.info
    assert info.title == "The Harbour Lamps"
    assert reading.title_source == "header"
    assert info.authors == ("Quillfeather", "Ottoline")
    assert info.fandoms == ("Lantern Coast",)
    assert info.relationships == ("Marisol/Tomas",)
    assert info.rating is Rating.TEEN
    assert info.status is Status.COMPLETE
    assert info.summary == "A parcel comes late."
    assert info.tags == ("seasickness",)
    assert body(reading) == list(STORY)


def test_a_rating_that_is_none_is_asked_about() -> None:
    reading = reading_of("Rating: three lamps", *STORY)
    assert reading.work.info.rating is Rating.NOT_RATED
    assert any("three lamps" in problem for problem in reading.problems)


def test_a_placeholder_is_a_candidate_and_no_title() -> None:
    reading = reading_of("Untitled Draft", *STORY)
    assert reading.work.info.title is None
    assert reading.title_candidates == ("Untitled Draft",)
    assert body(reading) == list(STORY)


def test_a_story_without_front_matter_has_no_title() -> None:
    reading = reading_of(*STORY)
    assert reading.work.info.title is None
    assert "The text gives no title." in reading.problems
    assert body(reading) == list(STORY)


@pytest.mark.parametrize(
    "first",
    [
        "“Late Again,” Marisol said.",
        '"Run!"',
        "‘Where Were You?’",
        "– Where were you?",
        "Rain.",
        "Nobody came to light the lamps",
    ],
)
def test_speech_or_a_sentence_is_no_title(first: str) -> None:
    reading = reading_of(first, *STORY)
    assert reading.work.info.title is None
    assert body(reading)[0] == first


@pytest.mark.parametrize(
    "line",
    [
        "Disclaimer: The Lantern Coast belongs to its makers, and I make no money.",
        "DISCLAIMER - none of this is mine.",
        "I don't own any of these people.",
        "I do not own the Lantern Coast or its harbour.",
    ],
)
def test_a_disclaimer_is_no_story(line: str) -> None:
    reading = reading_of("The Harbour Lamps", line, *STORY)
    assert texts(reading, ZoneKind.DISCLAIMER) == [line]
    assert body(reading) == list(STORY)


@pytest.mark.parametrize(
    "label",
    ["A/N:", "AN:", "Author's Note:", "Author’s Notes –", "Note:", "**A/N:**", "[A/N:", "Notes:"],
)
def test_a_note_before_the_story(label: str) -> None:
    note = f"{label} written for the winter exchange, be gentle."
    reading = reading_of("The Harbour Lamps", note, *STORY)
    assert texts(reading, ZoneKind.NOTE) == [note]
    assert body(reading) == list(STORY)


def test_a_note_goes_on_without_a_label() -> None:
    more = "This is my first fic, so please review, and no flames!"
    reading = reading_of("A/N: Hello everyone.", more, *STORY)
    assert body(reading) == list(STORY)


def test_a_note_after_the_story() -> None:
    notes = ("A/N: That is all for now.", "The next chapter will be up once I find the time.")
    reading = reading_of(*STORY, *notes)
    assert body(reading) == list(STORY)


def test_an_unlabelled_note_after_the_story_that_speaks_to_readers() -> None:
    note = "Thanks for reading! Please review, it is my first fic and feedback helps a lot."
    reading = reading_of(*STORY, note)
    assert texts(reading, ZoneKind.NOTE) == [note]


def test_a_note_amid_the_story_is_that_paragraph_alone() -> None:
    note = "(A/N: see the last chapter for what the parcel is! Thanks for the reviews.)"
    reading = reading_of(*STORY[:2], note, *STORY[2:])
    assert texts(reading, ZoneKind.NOTE) == [note]
    assert body(reading) == list(STORY)


def test_an_epigraph_with_its_credit() -> None:
    verse = "The lamps go out along the bay,\nThe boats come in, the boats come in,\n"
    reading = reading_of("Disclaimer: not mine.", verse + "- Harbour Song, traditional", *STORY)
    assert len(texts(reading, ZoneKind.LYRIC)) == 1
    assert body(reading) == list(STORY)


def test_a_quotation_with_its_source_on_the_line() -> None:
    line = "“All lamps go out in the end.” — a saying of the coast"
    reading = reading_of("The Harbour Lamps", line, *STORY)
    assert texts(reading, ZoneKind.LYRIC) == [line]


# --- back matter


@pytest.mark.parametrize(
    ("ending", "status"),
    [
        ("END.", Status.COMPLETE),
        ("The End", Status.COMPLETE),
        ("~ fin ~", Status.COMPLETE),
        ("***The end***", Status.COMPLETE),
        ("TBC", Status.IN_PROGRESS),
        ("To be continued...", Status.IN_PROGRESS),
    ],
)
def test_endings(ending: str, status: Status) -> None:
    reading = reading_of(*STORY, ending)
    assert texts(reading, ZoneKind.ENDING) == [ending]
    assert reading.work.info.status is status
    assert body(reading) == list(STORY)


def test_the_end_of_a_chapter_is_not_the_end_of_the_work() -> None:
    reading = reading_of(
        "Chapter 1", *STORY, "End of chapter one", "Chapter 2", *MORE, "To be continued"
    )
    assert reading.work.info.status is Status.IN_PROGRESS
    assert body(reading) == [*STORY, *MORE]


def test_an_ended_chapter_alone_says_nothing_of_the_work() -> None:
    reading = reading_of("Chapter 1", *STORY, "End of chapter one")
    assert reading.work.info.status is Status.UNKNOWN
    assert texts(reading, ZoneKind.ENDING) == ["End of chapter one"]


@pytest.mark.parametrize(
    "line",
    ["You must login (register) to review.", "Next Chapter", "Back to top", "Report this"],
)
def test_chrome(line: str) -> None:
    reading = reading_of(*STORY, line)
    assert texts(reading, ZoneKind.CHROME) == [line]
    assert body(reading) == list(STORY)


# --- scenes


@pytest.mark.parametrize(
    "mark",
    ["***", "* * *", "---", "- - - -", "~*~", "~~~~~~", "###", "#", "oOo", "o0o0o", "xXx",
     "=====", "___", "•", "—", "<><><>", "*", "-x-x-x-", "◇◆◇", "/ / /", "~", "*~*~*~*"],
)  # fmt: skip
def test_scene_breaks(mark: str) -> None:
    reading = reading_of(*STORY, mark, *MORE)
    assert texts(reading, ZoneKind.SCENE_BREAK) == [mark]
    assert scene_starts(reading) == ["The", "In"]
    assert body(reading) == [*STORY, *MORE]


@pytest.mark.parametrize("line", ["“…”", "...", "!!!", "No.", "Ox", "“?”", "Oh.", "Xo"])
def test_a_short_line_of_speech_is_no_scene_break(line: str) -> None:
    reading = reading_of(*STORY, line, *MORE)
    assert body(reading) == [*STORY, line, *MORE]
    assert scene_starts(reading) == ["The"]


# --- chapters


@pytest.mark.parametrize(
    ("headings", "titles"),
    [
        (("Chapter One", "Chapter Two"), (None, None)),
        (("CHAPTER 1: THE PARCEL", "CHAPTER 2: THE DOOR"), ("THE PARCEL", "THE DOOR")),
        (("Chapter 1 - The Parcel", "Chapter 2 - The Door"), ("The Parcel", "The Door")),
        (("I.", "II."), (None, None)),
        (("1", "2"), (None, None)),
        (("Part One", "Part Two"), (None, None)),
        (("Ch. 1", "Ch. 2"), (None, None)),
        (("**Chapter 1**", "**Chapter 2**"), (None, None)),
        (("Chapitre 1", "Chapitre 2"), (None, None)),
    ],
)
def test_chapter_headings(headings: tuple[str, str], titles: tuple[str | None, ...]) -> None:
    reading = reading_of(headings[0], *STORY, headings[1], *MORE)
    assert texts(reading, ZoneKind.HEADING) == list(headings)
    assert tuple(chapter.title for chapter in reading.chapters) == titles
    assert scene_starts(reading) == ["The", "In"]
    assert "".join(chapter.text for chapter in reading.work.chapters) == reading.text
    assert reading.work.chapters[1].text.startswith(headings[1])


def test_prologue_and_epilogue() -> None:
    reading = reading_of("Prologue", *MORE, "Chapter 1", *STORY, "Epilogue", *MORE)
    assert len(reading.chapters) == 3
    assert texts(reading, ZoneKind.HEADING) == ["Prologue", "Chapter 1", "Epilogue"]


def test_two_lines_of_one_heading() -> None:
    reading = reading_of("Chapter 1\nPart One: The Parcel", *STORY, "Chapter 2", *MORE)
    assert len(reading.chapters) == 2
    assert reading.chapters[0].title == "The Parcel"


def test_a_story_above_the_first_heading_is_a_chapter() -> None:
    reading = reading_of(*MORE, "Chapter 1", *STORY)
    assert len(reading.chapters) == 2


def test_notes_around_a_later_chapter() -> None:
    reading = reading_of(
        "Chapter 1", *STORY, "Chapter 2", "A/N: thanks for the reviews!", *MORE, "A/N: enjoy!"
    )
    assert body(reading) == [*STORY, *MORE]
    assert len(texts(reading, ZoneKind.NOTE)) == 2


def test_a_lone_number_is_no_chapter() -> None:
    reading = reading_of(*STORY, "42", *MORE)
    assert len(reading.chapters) == 1
    assert "42" in body(reading)


def test_a_heading_named_in_prose_is_prose() -> None:
    line = "Chapter One of her life had ended on this quay, and she had not noticed."
    reading = reading_of(*STORY, line, *MORE)
    assert len(reading.chapters) == 1
    assert line in body(reading)


# --- how texts are laid out


def test_wrapped_lines_are_one_paragraph() -> None:
    wrapped = (
        "The lamps along the harbour went out one after another and nobody\n"
        "came to light them; the boats swung round on their chains to face\n"
        "the town, and the town, which had seen such nights before, turned\n"
        "its back on them and went on with its supper in the many kitchens\n"
        "behind the quay.\n"
    )
    reading = reading_of("Chapter 1", wrapped, wrapped, wrapped)
    plain = reading_of("Chapter 1", *(wrapped.replace("\n", " ") for _ in range(3)))
    assert reading.work.info.words == plain.work.info.words
    assert len(body(reading)) == 15
    assert scene_starts(reading) == ["The"]


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_other_line_ends(end: str) -> None:
    text = "\n\n".join(("Chapter 1", *STORY, "***", *MORE)).replace("\n", end)
    reading = read_text(Manuscript(text), NO_NAMES)
    assert reading.text == text
    assert scene_starts(reading) == ["The", "In"]
    assert body(reading) == [*STORY, *MORE]


def test_a_text_of_one_line() -> None:
    line = " ".join(STORY)
    reading = reading_of(line)
    assert body(reading) == [line]
    assert len(reading.chapters) == 1


def test_paragraphs_without_blank_lines() -> None:
    reading = reading_of(*STORY, *MORE, *STORY, *MORE, gap="\n")
    assert body(reading) == [*STORY, *MORE, *STORY, *MORE]
    assert scene_starts(reading) == ["The"]


def test_a_blank_line_that_got_lost_is_a_scene_break() -> None:
    head = "\n\n".join(STORY * 4)
    reading = read_text(Manuscript(f"{head}\n{MORE[0]}\n\n{MORE[1]}"), NO_NAMES)
    assert scene_starts(reading) == ["The", "In"]


# --- story that looks like something else


@pytest.mark.parametrize(
    "line",
    [
        "The disclaimer was printed so small that Tomas needed the lamp to read it.",
        "She made notes: the stove, the door, the parcel, in that order.",
        "Notes drifted up from the piano below, one at a time.",
        "“I don’t own a boat,” he said, and she laughed at that for a good while.",
        "It was the end of the quay, and the end of the town.",
        "By Friday the harbour had frozen.",
        "The review of the fleet was on Sunday; every chapter of the guild marched.",
        "An hour passed: nothing.",
        "He did not own the boat, whatever the paper said; it belonged to the parish.",
    ],
)
@pytest.mark.parametrize("at", [0, 2, 4])
def test_prose_with_such_words_stays_story(line: str, at: int) -> None:
    reading = reading_of(*STORY[:at], line, *STORY[at:])
    assert line in body(reading)


def test_a_letter_in_the_story_stays_story() -> None:
    letter = ("Dear Tomas,", "The parcel is not what you think.", "Yours,", "Marisol")
    reading = reading_of(*STORY, *letter, *MORE)
    assert body(reading) == [*STORY, *letter, *MORE]
    opening = reading_of(*letter, *STORY)
    assert body(opening) == [*letter, *STORY]


def test_a_letter_at_the_end_stays_story() -> None:
    letter = ("Dear Tomas,", "The parcel is not what you think.", "Yours,", "Marisol")
    assert body(reading_of(*STORY, *letter)) == [*STORY, *letter]


def test_a_numbered_list_in_the_story_stays_story() -> None:
    items = ("1. Find the parcel.", "2. Do not open the parcel.", "3. Burn this list.")
    reading = reading_of(*STORY, *items, *MORE)
    assert len(reading.chapters) == 1
    assert body(reading) == [*STORY, *items, *MORE]


def test_a_countdown_stays_story() -> None:
    reading = reading_of(*STORY, "3", "2", "1", *MORE)
    assert len(reading.chapters) == 1
    assert body(reading) == [*STORY, "3", "2", "1", *MORE]


def test_fewer_letters_than_story_is_still_story() -> None:
    reading = reading_of("Rain fell.")
    assert body(reading) == ["Rain fell."]


@pytest.mark.parametrize(
    "paragraphs",
    [
        ("港の灯りが一つずつ消えていった。", "「遅いよ」と彼女は言った。", "彼は荷物を置いた。"),
        ("Огни в гавани гасли один за другим.", "— Ты опоздал, — сказала она.", "Он молчал."),
        ("انطفأت أضواء الميناء واحدا بعد آخر.", "قالت: لقد تأخرت.", "وضع الطرد على الطاولة."),
    ],
)
def test_other_scripts(paragraphs: tuple[str, ...]) -> None:
    reading = reading_of(*paragraphs, "***", *paragraphs)
    assert body(reading) == [*paragraphs, *paragraphs]
    assert len(reading.chapters[0].scenes) == 2
    assert reading.work.info.title is None


# --- Markdown


def test_markdown() -> None:
    reading = reading_of(
        "# The Harbour Lamps", "**Rating:** Teen", "> A/N: for the exchange.",
        "## Chapter 1: The Parcel", *STORY, "---", *MORE, "## The Door", *MORE,
        markdown=True,
    )  # fmt: skip
    info = reading.work.info
    assert (info.title, reading.title_source) == ("The Harbour Lamps", "heading")
    assert info.rating is Rating.TEEN
    assert [chapter.title for chapter in reading.chapters] == ["The Parcel", "The Door"]
    assert body(reading) == [*STORY, *MORE, *MORE]
    assert scene_starts(reading) == ["The", "In", "In"]


def test_markdown_with_many_top_headings_has_chapters_and_no_title() -> None:
    reading = reading_of("# The Parcel", *STORY, "# The Door", *MORE, markdown=True)
    assert reading.work.info.title is None
    assert [chapter.title for chapter in reading.chapters] == ["The Parcel", "The Door"]
