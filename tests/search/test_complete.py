"""What is offered while typing: names of every kind, and queries that end in a filter."""

import sqlite3
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db import search
from db.models import (
    ArchiveWarning,
    Completion,
    NewWork,
    Rating,
    SearchRequest,
    SeriesPart,
    Viewer,
    WorkInfo,
)
from db.search import offers
from db.search.complete import CompletionField
from tests.search.conftest import HERE, THERE, Add

EVERYBODY = Viewer(user_id=1)
ADULTS = Viewer(user_id=1, adult_ok=True)

BUFFY, BEBOP = "Buffy the Vampire Slayer", "Cowboy Bebop"
PAIR = "Spike/Buffy Summers"


def a_work(title: str, **facts: Any) -> NewWork:
    """A work of nothing but these facts."""
    known: dict[str, Any] = {"rating": Rating.GENERAL}
    return NewWork(WorkInfo(title=title, **(known | facts)))


def offered(
    conn: sqlite3.Connection,
    field: CompletionField,
    text: str,
    viewer: Viewer = EVERYBODY,
    guild_id: int = HERE,
) -> list[Completion]:
    return search.complete(conn, guild_id, field, text, viewer)


def values(*args: Any, **kwargs: Any) -> list[str]:
    return [one.value for one in offered(*args, **kwargs)]


def tag_id(conn: sqlite3.Connection, kind: str, name: str) -> int:
    sql = "SELECT tag_id FROM tags WHERE guild_id = ? AND kind = ? AND name = ?"
    return int(conn.execute(sql, (HERE, kind, name)).fetchone()[0])


@pytest.fixture(autouse=True)
def shelf(conn: sqlite3.Connection, add: Add) -> None:
    """Works whose names overlap, some for adults only."""
    add(
        a_work("Patrol", authors=("Vixen",), fandoms=(BUFFY,), relationships=(PAIR,),
               characters=("Spike", "Buffy Summers"), tags=("Slow Burn",)),
        a_work("Patrol Again", authors=("Vixen",), fandoms=(BUFFY,), relationships=(PAIR,),
               characters=("Spike", "Buffy Summers"), series=(SeriesPart("Night Shifts"),)),
        a_work("Crypt", authors=("crypt mistress",), fandoms=(BUFFY,),
               characters=("Spike", "Dawn Summers"), tags=("Slow Burn", "Fluff")),
        a_work("Waltz", authors=("Silver Vixen",), fandoms=(BEBOP,),
               characters=("Spike Spiegel",), relationships=("Spike Spiegel/Faye Valentine",),
               tags=("Fluff",)),
        a_work("Hot", authors=("Vixen of Night",), fandoms=("Night Market",),
               characters=("Spicy Spike",), tags=("Smut",), rating=Rating.EXPLICIT),
    )  # fmt: skip
    add(a_work("Next Door", authors=("Vixen Next Door",), tags=("Secrets",)), guild_id=THERE)


@pytest.mark.parametrize(
    ("field", "typed", "names"),
    [
        ("author", "vix", ["Vixen", "Silver Vixen"]),  # begins so; has a word that does
        ("author", "silver v", ["Silver Vixen"]),
        ("author", "v silver", ["Silver Vixen"]),
        ("author", "mistr", ["crypt mistress"]),
        ("author", "mistres crypt", ["crypt mistress"]),
        ("author", "crypt msitress", ["crypt mistress"]),  # mistyped
        ("author", "vixne", ["Vixen", "Silver Vixen"]),
        ("author", "CRYPT MISTRESS", ["crypt mistress"]),
        ("author", "vixen vixen", []),  # no name has it twice
        ("author", "zzz", []),
        ("character", "spike", ["Spike", "Spike Spiegel"]),
        ("character", "summers", ["Buffy Summers", "Dawn Summers"]),
        ("character", "summers da", ["Dawn Summers"]),
        ("relationship", "buffy", [PAIR]),
        ("relationship", "spike/bu", [PAIR]),
        ("relationship", "sp/bu", [PAIR]),
        ("relationship", "valentine", ["Spike Spiegel/Faye Valentine"]),
        ("fandom", "slayer", [BUFFY]),
        ("fandom", "cowboybebop", [BEBOP]),  # as a whole
        ("tag", "slow", ["Slow Burn"]),
        ("tag", "spike s", ["Spike Spiegel", "Spike Spiegel/Faye Valentine", PAIR]),
    ],
)
def test_names_are_found_however_they_are_typed(
    conn: sqlite3.Connection, field: CompletionField, typed: str, names: list[str]
) -> None:
    assert values(conn, field, typed) == names


def test_a_name_says_how_many_works_of_it_may_be_shown(conn: sqlite3.Connection, add: Add) -> None:
    add(a_work("Adult Patrol", fandoms=(BUFFY,), tags=("Slow Burn",), rating=Rating.MATURE))
    assert offered(conn, "fandom", "buffy") == [Completion(f"{BUFFY} (3)", BUFFY)]
    assert offered(conn, "fandom", "buffy", ADULTS) == [Completion(f"{BUFFY} (4)", BUFFY)]


def test_without_a_word_the_frequent_names_come_first(conn: sqlite3.Connection) -> None:
    assert values(conn, "fandom", "") == [BUFFY, BEBOP]
    assert values(conn, "author", " ")[0] == "Vixen"
    # Of tags, the freeform ones are what is mostly meant.
    assert values(conn, "tag", "")[:4] == ["Fluff", "Slow Burn", BUFFY, "Spike"]


@pytest.mark.parametrize(
    ("field", "typed", "name", "query"),
    [
        ("author", "vixen of", "Vixen of Night", 'author:"Vixen of Night"'),
        ("fandom", "night", "Night Market", 'fandom:"Night Market"'),
        ("character", "spicy", "Spicy Spike", 'character:"Spicy Spike"'),
        ("tag", "smut", "Smut", 'tag:"Smut"'),
    ],
)
def test_names_of_adult_works_alone_are_offered_in_age_restricted_channels_only(
    conn: sqlite3.Connection, field: CompletionField, typed: str, name: str, query: str
) -> None:
    assert name not in values(conn, field, typed)
    assert name not in values(conn, field, "")
    assert values(conn, field, typed, ADULTS)[0] == name
    assert query not in values(conn, "query", f"{field}:{typed}")
    assert values(conn, "query", f"{field}:{typed}", ADULTS)[0] == query


def test_muted_works_do_not_count(conn: sqlite3.Connection) -> None:
    mute = "INSERT INTO mutes VALUES (?, 1, 'tag', ?, '2026-01-01')"
    conn.execute(mute, (HERE, tag_id(conn, "freeform", "Slow Burn")))
    assert values(conn, "tag", "slow") == []
    assert offered(conn, "character", "spike")[0].label == "Spike (1)"
    assert offered(conn, "character", "spike", Viewer(user_id=2))[0].label == "Spike (3)"


def test_synonyms_and_nicknames_bring_their_canonical_tag(
    conn: sqlite3.Connection, add: Add
) -> None:
    add(a_work("Other name", characters=("William the Bloody",)))
    conn.execute(
        "UPDATE tags SET canonical_id = ? WHERE tag_id = ?",
        (tag_id(conn, "character", "Spike"), tag_id(conn, "character", "William the Bloody")),
    )
    nickname = "INSERT INTO nicknames (guild_id, kind, name, nickname) VALUES (?, ?, ?, ?)"
    conn.execute(nickname, (None, "fandom", BUFFY, "BtVS"))
    conn.execute(nickname, (HERE, "relationship", PAIR, "Spuffy"))
    conn.execute(nickname, (THERE, "relationship", PAIR, "Theirs"))
    assert offered(conn, "character", "will") == [Completion("Spike (4)", "Spike")]
    assert values(conn, "fandom", "btv") == [BUFFY]
    assert values(conn, "relationship", "spuffy") == [PAIR]
    assert values(conn, "relationship", "theirs") == []
    assert values(conn, "query", "ship:spuf") == [f'ship:"{PAIR}"']


def test_a_tag_counts_the_works_of_those_below_it_once(conn: sqlite3.Connection) -> None:
    below = tag_id(conn, "freeform", "Slow Burn"), tag_id(conn, "freeform", "Fluff")
    conn.execute("INSERT INTO tag_parents VALUES (?, ?)", below)
    assert offered(conn, "tag", "fluff") == [Completion("Fluff (3)", "Fluff")]


def test_other_servers_names_are_not_offered(conn: sqlite3.Connection) -> None:
    assert values(conn, "author", "next") == []
    assert values(conn, "tag", "secrets", ADULTS) == []
    assert values(conn, "author", "next", guild_id=THERE) == ["Vixen Next Door"]
    assert values(conn, "author", "", guild_id=999) == []


def test_drafts_and_removed_works_do_not_count(conn: sqlite3.Connection) -> None:
    conn.execute("UPDATE works SET state = 'removed' WHERE title = 'Waltz'")
    conn.execute("UPDATE works SET state = 'draft' WHERE title = 'Crypt'")
    assert values(conn, "author", "silver") == []
    assert values(conn, "author", "crypt") == []


def test_names_come_back_whole_or_not_at_all(conn: sqlite3.Connection, add: Add) -> None:
    long, longer = "lighthouse " * 8, "lighthouse " * 10
    add(a_work("Lamps", tags=(long.strip(), longer.strip())))
    found = offered(conn, "tag", "lighthouse")
    assert [one.value for one in found] == [long.strip()]
    assert all(len(one.label) <= 100 for one in found)
    # Ninety letters fit, but not behind what is typed before them.
    assert values(conn, "query", "spike and dawn tag:lighthouse") == []


def test_names_in_other_scripts_and_of_marks_alone(conn: sqlite3.Connection, add: Add) -> None:
    add(a_work("Stars", authors=("宇宙船",), tags=("!!!",)), a_work("Sea", authors=("Анна Зоэ",)))
    assert values(conn, "author", "宇宙") == ["宇宙船"]
    assert values(conn, "author", "зоэ") == ["Анна Зоэ"]
    assert values(conn, "tag", "!!") == ["!!!"]
    assert values(conn, "tag", "???") == []


def test_names_are_bounded_and_the_frequent_ones_are_among_them(
    conn: sqlite3.Connection, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a large library: more names fit than are looked at."""
    monkeypatch.setattr(offers, "LOOKED_AT", 30)
    many = [a_work(f"Tide {n}", authors=(f"Mara {n:03}",), tags=("Merry",)) for n in range(100)]
    late = [a_work(f"Ebb {n}", authors=("Mzymta",)) for n in range(20)]
    add(*many, *late)
    found = values(conn, "author", "m")
    assert len(found) == 25
    assert found[0] == "Mzymta"
    assert offered(conn, "tag", "mer")[0].label == "Merry (100+)"


def test_queries_are_completed_by_the_filter_at_their_end(conn: sqlite3.Connection) -> None:
    for typed, queries in {
        "author:vix": ['author:"Vixen"', 'author:"Silver Vixen"'],
        "patrol author:silv": ['patrol author:"Silver Vixen"'],
        'patrol -author:"silver v': ['patrol -author:"Silver Vixen"'],
        "fandom:cowb": [f'fandom:"{BEBOP}"'],
        "ship:buffy": [f'ship:"{PAIR}"'],
        "(spike OR faye) -tag:slow": ['(spike OR faye) -tag:"Slow Burn"'],
        "series:night": ['series:"Night Shifts"'],
        "rating:te": ["rating:teen", "rating:<=teen"],
        "status:in": ['status:"in progress"'],
        "sort:w": ["sort:words"],
        "warning:death": ['warning:"Major Character Death"'],
        "-tag:char": ['-tag:"Major Character Death"'],
        "tag:fl": ['tag:"Fluff"'],
        "category:f/": ["category:F/M", "category:F/F"],
        "crossover:": ["crossover:yes", "crossover:no"],
        "lang:fran": ["lang:français"],
        "words:<5": ["words:<5k"],
    }.items():
        found = offered(conn, "query", typed)
        assert [one.value for one in found] == queries, typed
        assert all(one.label == one.value for one in found)


def test_what_is_offered_finds_what_was_meant(conn: sqlite3.Connection) -> None:
    for typed, titles in {
        "author:silv": {"Waltz"},
        "ship:buffy": {"Patrol", "Patrol Again"},
        "crypt -character:daw": set[str](),
        "fandom:vampire -series:ni": {"Patrol", "Crypt"},
        "-rating:te": {"Patrol", "Patrol Again", "Crypt", "Waltz"},
    }.items():
        query = values(conn, "query", typed)[0]
        ranked = search.search(conn, HERE, SearchRequest(query), EVERYBODY)
        assert ranked.notes == (), query
        assert {
            conn.execute("SELECT title FROM works WHERE work_id = ?", hit[:1]).fetchone()[0]
            for hit in ranked.hits
        } == titles, query


def test_every_fixed_word_is_understood(conn: sqlite3.Connection) -> None:
    for field in ("rating", "status", "complete", "crossover", "warning", "category", "words",
                  "updated", "published", "added", "sort", "lang"):  # fmt: skip
        found = values(conn, "query", f"spike {field}:")
        assert found, field
        for query in found:
            ranked = search.search(conn, HERE, SearchRequest(query), ADULTS)
            assert ranked.notes == (), query


def test_a_filter_that_nothing_fits_offers_works(conn: sqlite3.Connection) -> None:
    assert offered(conn, "query", "author:vixen patr")[0].value.startswith("#")
    assert offered(conn, "query", "patr")[0].label == "Patrol — Vixen"
    assert all(value.startswith("#") for value in values(conn, "work", "author:vix"))


def test_marks_in_a_name_do_not_end_its_query(conn: sqlite3.Connection, add: Add) -> None:
    names = ('The "Big" One', "So (un)real", "“Curly” Sue", "A|B")
    add(*(a_work(f"Mark {n}", authors=(name,)) for n, name in enumerate(names)))
    for n, typed in enumerate(("big", "so", "curly", "a")):
        query = values(conn, "query", f"author:{typed}")[0]
        ranked = search.search(conn, HERE, SearchRequest(query), EVERYBODY)
        titles = [
            conn.execute("SELECT title FROM works WHERE work_id = ?", hit[:1]).fetchone()[0]
            for hit in ranked.hits
        ]
        assert titles == [f"Mark {n}"], query


def test_warnings_are_offered_as_ao3_words_them(conn: sqlite3.Connection) -> None:
    found = values(conn, "query", "warning:")
    read = [query.removeprefix("warning:").strip('"') for query in found]
    assert read == [warning.value for warning in ArchiveWarning]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    text=st.one_of(
        st.text(max_size=40),
        st.text("abvxspike :\"'()-/&|!%_*\x00\ud800𝔖", max_size=40),
    ),
    field=st.sampled_from(
        ["query", "work", "fandom", "character", "relationship", "tag", "author"]
    ),
)
def test_anything_may_be_typed(conn: sqlite3.Connection, text: str, field: CompletionField) -> None:
    for typed in (text, f"author:{text}", f'-tag:"{text}', f"rating:{text}"):
        found = offered(conn, field, typed)
        assert len(found) <= 25
        for one in found:
            assert 0 < len(one.label) <= 100
            assert 0 < len(one.value) <= 100
            assert "Hot" not in one.label
            assert "Smut" not in one.label
