"""Finding passages: what is found by which stage, what is shown of it, and what never is."""

import json
import random
import re
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db import adding, quotes
from db.connection import prepare_file
from db.errors import BadInput, Conflict, NotFound, Refused
from db.guilds import ensure_guild
from db.ingest.files import read
from db.ingest.gazetteer import Gazetteer, load_shipped
from db.library import Library
from db.models import (
    Chapter,
    Hidden,
    NewWork,
    QuoteAnswer,
    QuoteMatch,
    Rating,
    TextAccess,
    Viewer,
    Zone,
    ZoneKind,
)
from db.search.bodies import words_of
from db.texts import EXCERPT_LIMIT_CHARS
from tests.db.builders import LANTERN, a_work

HERE, THERE = 100, 200
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ADULTS = Viewer(user_id=1, adult_ok=True)
ANYONE = Viewer(user_id=1)

HARBOUR = (
    "By noon the harbour had heard four stories about the missing boat, and believed the worst "
    "of them. Marit believed the tide table. Nobody asked her, so nobody knew; she didn’t mind."
)

Add = Callable[..., list[int]]


@pytest.fixture
def conn(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """An empty library that knows two servers."""
    path = tmp_path / "library.sqlite3"
    prepare_file(path)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    for guild_id in (HERE, THERE):
        ensure_guild(connection, guild_id, now=NOW)
    yield connection
    connection.close()


@pytest.fixture
def add(conn: sqlite3.Connection) -> Add:
    """Publish works and give their ids."""

    def put(*works: NewWork, guild_id: int = HERE) -> list[int]:
        outcomes = adding.add_works(conn, guild_id, works, by=None, now=NOW)
        return [outcome.work_id or 0 for outcome in outcomes]

    return put


@pytest.fixture
def ask(conn: sqlite3.Connection) -> Callable[..., QuoteAnswer]:
    """Look for a quote in the first server."""

    def find(words: str, viewer: Viewer = ADULTS, **where: int) -> QuoteAnswer:
        return quotes.find(conn, HERE, words, viewer, **where)

    return find


Ask = Callable[..., QuoteAnswer]


def titles(answer: QuoteAnswer) -> list[str]:
    return [hit.work.display_title for hit in answer.hits]


def bold(answer: QuoteAnswer, number: int = 0) -> list[str]:
    """The words that are marked."""
    hit = answer.hits[number]
    return [hit.text[start:end] for start, end in hit.marks]


def by(title: str, *texts: str, **info: object) -> NewWork:
    return a_work(title, authors=(f"author of {title}",), texts=texts, **info)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "marked"),
    [
        ("counted the boats again", "counted the boats again"),
        ("Counted, the BOATS again!", "counted the boats again"),
        ("eleven she said", "Eleven,” she said"),
        ("again eleven", "again.\n\n“Eleven"),
        ("He said: and pulled", "he said, and pulled"),
        ("lantern", "lantern"),
    ],
)
def test_exact_words(add: Add, ask: Ask, words: str, marked: str) -> None:
    add(a_work(), by("Harbour", HARBOUR))
    answer = ask(words)
    assert (answer.match, answer.total, titles(answer)) == (
        QuoteMatch.EXACT, 1, ["The Twelfth Boat"],
    )  # fmt: skip
    assert bold(answer) == [marked]


@pytest.mark.parametrize("words", ["she didn't mind", "she didnt mind", "she didn’t mind"])
def test_apostrophes_are_what_is_typed(add: Add, ask: Ask, words: str) -> None:
    add(by("Harbour", HARBOUR))
    answer = ask(words)
    assert (answer.match, bold(answer)) == (QuoteMatch.EXACT, ["she didn’t mind"])


@pytest.mark.parametrize(
    ("text", "words", "marked"),
    [
        ("‘Gone,’ he said—well-known, gone.", "said well known", "said—well-known"),
        ("‘Gone,’ he said—well-known, gone.", "gone he", "Gone,’ he"),
        ("The ﬁrst café; naïve Ærø. Then rain.", "first cafe naive aero", "ﬁrst café; naïve Ærø"),
        ("Он сказал: «Ёлка!» И ушёл.", "ёлка и ушел", "Ёлка!» И ушёл"),
        ("彼女は星を見た。それだけ。", "星を見た", "星を見た"),
        ("Half: ½ cup. Then rain.", "cup then rain", "cup. Then rain"),
    ],
)
def test_hits_are_marked_in_any_script(
    add: Add, ask: Ask, text: str, words: str, marked: str
) -> None:
    add(by("Odd", text))
    answer = ask(words)
    assert (answer.match, bold(answer)) == (QuoteMatch.EXACT, [marked])


def test_near_each_other_in_any_order_and_little_words_may_be_wrong(add: Add, ask: Ask) -> None:
    add(a_work(), by("Harbour", HARBOUR))
    answer = ask("quay bell lantern")
    assert (answer.match, titles(answer)) == (QuoteMatch.NEAR, ["The Twelfth Boat"])
    assert bold(answer) == ["lantern", "bell", "quay"]
    misremembered = ask("lantern goes out at that third bell")
    assert misremembered.match is not QuoteMatch.EXACT
    assert titles(misremembered) == ["The Twelfth Boat"]
    little = ask("of the missing boat they believed the worst")
    assert (little.match, titles(little)) == (QuoteMatch.NEAR, ["Harbour"])


def test_little_words_far_from_the_others_are_not_marked(add: Add, ask: Ask) -> None:
    add(a_work())
    answer = ask("she wound a scarf twice")
    assert (answer.match, bold(answer)) == (QuoteMatch.NEAR, ["wound", "scarf twice"])
    assert len(bold(ask("her and the about"))) > 1


def test_the_nearest_comes_first(add: Add, ask: Ask) -> None:
    add(
        by("Far", "The gull sat. " + "Rain fell on it all day. " * 3 + "Then the rope went."),
        by("Close", "She saw the gull and a rope."),
        by("Elsewhere", "The gull sat. " + "Rain fell on it all day. " * 30 + "The rope went."),
    )
    answer = ask("rope gull")
    assert (answer.match, titles(answer)) == (QuoteMatch.NEAR, ["Close", "Far"])


@pytest.mark.parametrize(
    "words",
    [
        "lantren went out",
        "the thrid bell",
        "lanttern",
        "scraf twice around her throat",
        "the lantern went out at the fourth bell and nobody on the quay",  # a wrong word
        "wound her coat twice around her throat and counted the gulls again",  # two
        "pulled the note tight with teeth",
        "brother look up from network",
    ],
)
def test_mistyped_and_misremembered(add: Add, ask: Ask, words: str) -> None:
    add(a_work(), by("Harbour", HARBOUR))
    answer = ask(words)
    assert (answer.match, titles(answer)) == (QuoteMatch.MISTYPED, ["The Twelfth Boat"])


def test_a_word_may_be_mistyped_as_another_that_stands_here(add: Add, ask: Ask) -> None:
    add(a_work(), by("Harbour", HARBOUR))
    answer = ask("worst of then")  # "then" is said elsewhere
    assert (answer.match, bold(answer)) == (QuoteMatch.MISTYPED, ["worst of them"])


@pytest.mark.parametrize(
    "words", ["zyzzyva", "zyzzyva quagmire", "the lantern zyzzyva", "purple monkeys eat on the"]
)
def test_nothing_is_made_up(add: Add, ask: Ask, words: str) -> None:
    add(a_work(), by("Harbour", HARBOUR))
    assert ask(words) == QuoteAnswer(words, None, 0, (), Hidden())


def test_one_hit_a_chapter_with_its_count_and_each_work_first(add: Add, ask: Ask) -> None:
    said = "The gull laughed. Rain. The gull laughed again; the gull laughed."
    add(by("Long", said, "No gull here. Not one.", said), by("Short", said))
    answer = ask("the gull laughed")
    assert [(hit.work.display_title, hit.chapter, hit.times) for hit in answer.hits] == [
        ("Long", 0, 3),
        ("Short", 0, 3),
        ("Long", 2, 3),
    ]
    assert answer.total == 3


def test_pages_hold_every_hit_once(add: Add, ask: Ask) -> None:
    add(*(by(f"Buoy {n}", f"Number {n}. {HARBOUR}") for n in range(8)))
    for words, match in (("believed the tide", QuoteMatch.EXACT), ("tide noon", QuoteMatch.NEAR)):
        pages = [ask(words, offset=at, limit=3) for at in (0, 3, 6, 9)]
        assert [len(page.hits) for page in pages] == [3, 3, 2, 0]
        assert {page.total for page in pages} == {8}
        assert {page.match for page in pages} == {match}
        assert len({title for page in pages for title in titles(page)}) == 8


def test_a_passage_is_sentences_of_one_scene(add: Add, ask: Ask) -> None:
    first = "One was here. Two was there. Three had left."
    text = f"{first}\n\n***\n\nFour came in. Mr. Five sat down! “Why?” asked six. Seven ended it."
    four = text.index("Four")
    zones = (
        Zone(ZoneKind.BODY, 0, len(first)),
        Zone(ZoneKind.SCENE_BREAK, len(first) + 2, len(first) + 5),
        Zone(ZoneKind.BODY, four, len(text)),
    )
    work = by("Scenes")
    add(NewWork(work.info, (Chapter(None, text, 16, zones, (0, four)),)))
    assert ask("two was").hits[0].text == first
    assert ask("three had").hits[0].text == "Two was there. Three had left."
    assert ask("four").hits[0].text == "Four came in. Mr. Five sat down!"
    assert ask("asked six").hits[0].text == "Mr. Five sat down! “Why?” asked six. Seven ended it."
    assert ask("left four").match is None
    assert ask("there four").match is None


def test_wrapped_lines_are_joined(add: Add, ask: Ask) -> None:
    add(by("Wrapped", "The gull sat on\nthe rope all\nday.\n\nThen it left.\nNobody minded."))
    answer = ask("rope all day")
    assert answer.hits[0].text == "The gull sat on the rope all day.\n\nThen it left."
    assert bold(answer) == ["rope all day"]


@pytest.mark.parametrize(
    "filler", ["rain and ", "rain", "rain. ", "rain\n", "(a)\n", "—" * 7, "雨", " " * 9]
)
@pytest.mark.parametrize("before", [0, 300])
def test_no_passage_is_longer_than_may_be_shown(
    add: Add, ask: Ask, filler: str, before: int
) -> None:
    add(by("Endless", f"{filler * before}, the gull laughed {filler * 300}"))
    answer = ask("the gull laughed")
    hit = answer.hits[0]
    assert len(hit.text) <= EXCERPT_LIMIT_CHARS
    assert bold(answer) == ["the gull laughed"]


def test_words_far_apart_in_signs_are_cut(add: Add, ask: Ask) -> None:
    add(by("Dashes", "The gull " + "— " * 800 + "laughed."))
    answer = ask("gull laughed")
    assert answer.match is QuoteMatch.EXACT
    assert len(answer.hits[0].text) <= EXCERPT_LIMIT_CHARS
    assert bold(answer)[0].startswith("gull")


@pytest.mark.parametrize(
    "words", ["counted the boats", "boats scarf quay", "counted teh boats", "lantren"]
)
def test_what_may_not_be_shown_is_left_out_and_counted(
    conn: sqlite3.Connection, add: Add, ask: Ask, words: str
) -> None:
    plain, adult, unrated, muted = add(
        by("Plain", f"Plain. {LANTERN}"),
        by("Adult", f"Adult. {LANTERN}", rating=Rating.EXPLICIT),
        by("Unrated", f"Unrated. {LANTERN}", rating=Rating.NOT_RATED),
        by("Muted", f"Muted. {LANTERN}", tags=("Fog",)),
    )
    assert set(titles(ask(words, limit=9))) == {"Plain", "Adult", "Unrated", "Muted"}
    answer = ask(words, ANYONE)
    assert (set(titles(answer)), answer.hidden) == ({"Plain", "Muted"}, Hidden(adult=2))
    (tag_id,) = conn.execute("SELECT tag_id FROM tags WHERE name = 'Fog'").fetchone()
    mute = "INSERT INTO mutes VALUES (?, 1, ?, ?, '2026-01-01')"
    conn.execute(mute, (HERE, "tag", str(tag_id)))
    answer = ask(words, ANYONE)
    assert (titles(answer), answer.total) == (["Plain"], 1)
    assert answer.hidden == Hidden(adult=2, muted=1)
    conn.execute(mute, (HERE, "work", str(plain)))
    answer = ask(words, ANYONE)
    assert (titles(answer), answer.total) == ([], 0)
    assert answer.hidden == Hidden(adult=2, muted=2)
    others = ask(words, Viewer(2, adult_ok=True), limit=9)  # another member's mutes are their own
    assert {hit.work.work_id for hit in others.hits} == {plain, adult, unrated, muted}


def test_texts_that_stay_with_their_authors_never_come_up(
    conn: sqlite3.Connection, add: Add, ask: Ask
) -> None:
    add(
        by("Card", f"Card. {LANTERN}", text_access=TextAccess.METADATA),
        by("Shy", f"Shy. {LANTERN}"),
        by("Gone", f"Gone. {LANTERN}"),
        by("Open", f"Open. {LANTERN}"),
    )
    for consent, title in (("metadata only", "Shy"), ("excluded", "Gone"), ("open", "Open")):
        conn.execute(
            "UPDATE authors SET consent = ? WHERE name = ?", (consent, f"author of {title}")
        )
    for words in ("counted the boats", "boats scarf quay", "counted teh boats", "third bell"):
        answer = ask(words)
        assert (titles(answer), answer.total, answer.hidden) == (["Open"], 1, Hidden()), words


def test_servers_find_only_their_own(conn: sqlite3.Connection, add: Add, ask: Ask) -> None:
    (theirs,) = add(by("Theirs", LANTERN), guild_id=THERE)
    for words in ("counted the boats", "boats scarf", "lantren", "wound her coat twice around her"):
        assert ask(words) == QuoteAnswer(words, None, 0, (), Hidden())
        assert titles(quotes.find(conn, THERE, words, ADULTS)) == ["Theirs"]
        assert ask(words, work_id=theirs).total == 0


def test_drafts_and_removed_works_are_not_found(conn: sqlite3.Connection, ask: Ask) -> None:
    adding.add_draft(conn, HERE, a_work(), by=1, request_key="k", now=NOW)
    assert ask("counted the boats").match is None


def test_no_words_are_explained(ask: Ask) -> None:
    for words in ("", "  ", "…—!", "🦊", "\x00", "_"):
        with pytest.raises(BadInput, match="no words"):
            ask(words)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    words=st.one_of(
        st.text(max_size=300),
        st.lists(
            st.sampled_from(
                [*"\"'()*:^-+{}¶", "AND", "OR", "NOT", "NEAR(", "lantern", "words:", "the"]
            ),
            max_size=60,
        ).map(" ".join),
    )
)
def test_whatever_is_asked_is_only_words(
    conn: sqlite3.Connection, add: Add, ask: Ask, words: str
) -> None:
    if not conn.execute("SELECT 1 FROM works").fetchone():
        add(a_work(), by("Harbour", HARBOUR))
    try:
        answer = ask(words)
    except BadInput:
        assert not words_of(words[: quotes.MOST_CHARS])
        return
    for hit in answer.hits:
        assert hit.marks
        assert len(hit.text) <= EXCERPT_LIMIT_CHARS
        assert all(0 <= start < end <= len(hit.text) for start, end in hit.marks)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_words_in_a_row_are_found_and_marked(
    conn: sqlite3.Connection, add: Add, ask: Ask, data: st.DataObject
) -> None:
    if not conn.execute("SELECT 1 FROM works").fetchone():
        add(a_work(), by("Harbour", HARBOUR))
    pieces = data.draw(st.sampled_from([LANTERN, HARBOUR])).split()
    at = data.draw(st.integers(0, len(pieces) - 1))
    said = " ".join(pieces[at : at + data.draw(st.integers(1, 9))])
    answer = ask(said)
    assert answer.match is QuoteMatch.EXACT
    assert any(words_of(mark) == words_of(said) for mark in bold(answer))


# -- a passage of one work about something


def about(conn: sqlite3.Connection, work_id: int, words: str) -> str | None:
    excerpt = quotes.nearest(conn, HERE, work_id, words)
    if excerpt is None:
        return None
    assert 0 < len(excerpt.text) <= EXCERPT_LIMIT_CHARS
    return excerpt.text


def test_a_passage_about_something_is_of_that_work(conn: sqlite3.Connection, add: Add) -> None:
    filler = "\n\n".join(f"Day {n}. Rain fell on the roofs and went on falling." for n in range(40))
    boat, _ = add(
        by("Boat", filler, f"{filler}\n\n{HARBOUR}\n\n{filler}", filler), by("Other", LANTERN)
    )
    for words in (
        "marit believed the tide table",
        "tide table harbour",
        "harbor stories",
        "the missing boat, and what Marit believed",
    ):
        assert HARBOUR in (about(conn, boat, words) or ""), words
    for words in ("lantern", "zyzzyva", "…", ""):
        assert about(conn, boat, words) is None


def test_a_long_paragraph_is_cut_around_what_was_asked_for(
    conn: sqlite3.Connection, add: Add
) -> None:
    text = "Rain fell on the roofs. " * 100 + "Marit sold the lantern. " + "Rain went on. " * 100
    (work_id,) = add(by("Rain", text))
    assert "Marit sold the lantern." in (about(conn, work_id, "sold lantern") or "")


def test_a_passage_about_something_keeps_to_its_scene(conn: sqlite3.Connection, add: Add) -> None:
    text = "Rain fell.\n\nThe gull laughed.\n\nAnother day came.\n\nThe rope went."
    another = text.index("Another")
    work = by("Scenes")
    chapter = Chapter(None, text, 11, (Zone(ZoneKind.BODY, 0, len(text)),), (0, another))
    (work_id,) = add(NewWork(work.info, (chapter,)))
    assert about(conn, work_id, "gull laughed") == "Rain fell.\n\nThe gull laughed."
    assert about(conn, work_id, "rope") == "Another day came.\n\nThe rope went."


@pytest.mark.parametrize("gap", [" ", "", "\n"])
def test_a_long_chapter_is_read_where_its_words_are_spelt(
    conn: sqlite3.Connection, add: Add, ask: Ask, gap: str
) -> None:
    filler = f"Rain—fell—on—the—roofs.{gap}" * 6000
    text = f"{filler} The gull’s café. {filler} Marit sold the lantern twice. {filler}"
    (work_id,) = add(by("Rain", text))
    for words, marked in (
        ("marit sold the lantern", "Marit sold the lantern"),
        ("the gulls cafe", "The gull’s café"),  # not as it is spelt
    ):
        answer = ask(words)
        assert (answer.match, bold(answer), answer.hits[0].times) == (
            QuoteMatch.EXACT, [marked], 1,
        )  # fmt: skip
    near = ask("lantern sold marit")
    assert (near.match, bold(near)) == (QuoteMatch.NEAR, ["Marit sold", "lantern"])
    assert "sold the lantern" in (about(conn, work_id, "lantern twice") or "")


def test_long_blanks_do_not_slow_a_passage(add: Add, ask: Ask) -> None:
    for number, blank in enumerate((" " * 20_000, "\n \t" * 9_000, "." * 20_000, "…” " * 9_000)):
        text = f"Rain {number}.{blank}The gull laughed{blank}. Rain {number} fell."
        add(by(f"Blank {number}", text))
    answer = ask("the gull laughed", limit=9)
    assert [bold(answer, n) for n in range(len(answer.hits))] == [["The gull laughed"]] * 4


# -- through the library


@pytest_asyncio.fixture
async def library(tmp_path: Path) -> AsyncIterator[Library]:
    async with Library.open(tmp_path / "front.sqlite3") as opened:
        await opened.welcome_guild(HERE, "Here")
        await opened.welcome_guild(THERE, "There")
        yield opened


async def test_one_work_is_looked_through_only_if_it_may_be(library: Library) -> None:
    works = [
        by("Plain", f"Plain. {LANTERN}"),
        by("Adult", f"Adult. {LANTERN}", rating=Rating.MATURE),
        by("Card", f"Card. {LANTERN}", text_access=TextAccess.METADATA),
    ]
    plain, adult, card = (
        outcome.work_id or 0 for outcome in await library.add(HERE, works, by=None)
    )
    answer = await library.quote(HERE, "counted the boats", ANYONE, work_id=plain)
    assert (titles(answer), answer.hidden) == (["Plain"], Hidden())
    with pytest.raises(Refused, match="age-restricted"):
        await library.quote(HERE, "counted the boats", ANYONE, work_id=adult)
    with pytest.raises(Conflict, match="stays with its author"):
        await library.quote(HERE, "counted the boats", ADULTS, work_id=card)
    with pytest.raises(NotFound):
        await library.quote(THERE, "counted the boats", ADULTS, work_id=plain)
    await library.remove(HERE, plain, by=1)
    assert titles(await library.quote(HERE, "counted the boats", ADULTS)) == ["Adult"]
    await library.restore(HERE, plain, by=1)
    assert set(titles(await library.quote(HERE, "counted the boats", ADULTS))) == {"Plain", "Adult"}


# -- real fics


def test_sentences_of_real_fics_are_found_and_their_notes_are_not(
    conn: sqlite3.Connection, add: Add, ask: Ask, seeds: Path
) -> None:
    chance = random.Random(3)
    gazetteer = Gazetteer(load_shipped()[0])
    gold = json.loads((seeds / "gold.json").read_text(encoding="utf-8"))
    files = sorted(seeds.glob("*.txt"))
    texts: dict[int, tuple[str, dict[str, list[list[int]]]]] = {}
    for file in files:
        [reading] = read(file.name, file.read_bytes(), gazetteer)
        (work_id,) = add(reading.work)
        texts[work_id] = (reading.text, gold[file.name])
    asked = excluded = 0
    for work_id, (text, known) in texts.items():
        said = [one for start, end in known["body"] for one in _sentences(text[start:end])]
        for sentence in chance.sample(said, min(40, len(said))):
            answer = ask(sentence[: quotes.MOST_CHARS].rsplit(" ", 1)[0], limit=9)
            assert answer.match is QuoteMatch.EXACT
            assert work_id in {hit.work.work_id for hit in answer.hits}
            asked += 1
        for span in known["exclude"]:
            start, end = span["span"]  # type: ignore[call-overload]
            for sentence in _sentences(text[start:end]):
                words = words_of(sentence[: quotes.MOST_CHARS].rsplit(" ", 1)[0])
                for hit in ask(" ".join(words), limit=9).hits:
                    assert " ".join(words) not in " ".join(words_of(hit.text))
                excluded += 1
    assert asked > 100
    assert excluded > 10


def _sentences(text: str) -> list[str]:
    return [one for one in re.split(r"(?<=[.!?])\s+|\n", text) if len(words_of(one)) > 4]
