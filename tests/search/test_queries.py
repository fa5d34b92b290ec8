"""The query language over a library: names looked up, filters, alternatives, and slips."""

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db import search
from db.models import (
    ArchiveWarning,
    Category,
    Filters,
    NameField,
    NameFilter,
    NewWork,
    Rating,
    SearchRequest,
    SeriesPart,
    Sort,
    Status,
    TagKind,
    Viewer,
    WorkInfo,
)
from db.search import Ranked, names
from db.search.normalise import tag_key
from tests.search.conftest import HERE, THERE, Add, a_work

EVERYBODY = Viewer(user_id=1)
ADULTS = Viewer(user_id=1, adult_ok=True)
TODAY = date(2026, 1, 20)


def ask(conn: sqlite3.Connection, query: str, viewer: Viewer = ADULTS, **request: object) -> Ranked:
    wanted = SearchRequest(query, limit=50, today=TODAY, **request)  # type: ignore[arg-type]
    return search.search(conn, HERE, wanted, viewer)


def titles(conn: sqlite3.Connection, ranked: Ranked) -> list[str]:
    return [
        conn.execute("SELECT title FROM works WHERE work_id = ?", (hit[0],)).fetchone()[0]
        for hit in ranked.hits
    ]


def described(title: str, **facts: Any) -> NewWork:
    """A work of nothing but these facts."""
    return NewWork(WorkInfo(title=title, **facts))


@pytest.fixture(autouse=True)
def shelf(conn: sqlite3.Connection, add: Add) -> None:
    """Works that differ in one thing each, and tags that stand for others."""
    bebop, buffy = ("Cowboy Bebop",), ("Buffy the Vampire Slayer",)
    add(
        described("Waltz", fandoms=bebop, authors=("ein_fan",), words=3000,
                  rating=Rating.GENERAL, characters=("Spike Spiegel", "Faye Valentine"),
                  relationships=("Spike Spiegel/Faye Valentine",), tags=("Fluff",),
                  status=Status.COMPLETE, language="en", updated=date(2026, 1, 10)),
        described("Patrol", fandoms=buffy, authors=("Vixen",), words=30_000, rating=Rating.TEEN,
                  characters=("Spike", "Buffy Summers"), relationships=("Spike/Buffy Summers",),
                  tags=("Hurt/Comfort", "Angst"), status=Status.IN_PROGRESS, language="en-GB",
                  updated=date(2025, 6, 1)),
        described("Crossing", fandoms=(*bebop, *buffy), authors=("Vixen of the North",),
                  words=9000, rating=Rating.MATURE, characters=("Spike", "Spike Spiegel"),
                  relationships=("Spike & Spike Spiegel",), tags=("Slow Burn", "Angst"),
                  status=Status.COMPLETE, language="fr", updated=date(2024, 3, 5),
                  warnings=(ArchiveWarning.MAJOR_DEATH,), categories=(Category.MM,),
                  series=(SeriesPart("Two Spikes", 1),)),
        described("Death by Chocolate", fandoms=("Original Work",), authors=("Baker",),
                  words=500, rating=Rating.EXPLICIT, tags=("Light Angst",)),
        described("The Long Way Home", fandoms=("Original Work",), authors=("chocolate",),
                  words=700, rating=Rating.NOT_RATED),
    )  # fmt: skip
    for kind, synonym, canonical in (
        (TagKind.FREEFORM, "Slowburn", "Slow Burn"),
        (TagKind.RELATIONSHIP, "Spuffy", "Spike/Buffy Summers"),
        (TagKind.FANDOM, "BtVS", "Buffy the Vampire Slayer"),
    ):
        conn.execute(
            "INSERT INTO tags (guild_id, kind, name, name_key, canonical_id) SELECT ?, ?, ?, ?, "
            "tag_id FROM tags WHERE guild_id = ? AND kind = ? AND name = ?",
            (HERE, kind.value, synonym, tag_key(kind, synonym), HERE, kind.value, canonical),
        )
    # "Hurt/Comfort" is a subtag of "Drama", which no work has itself.
    (drama,) = conn.execute(
        "INSERT INTO tags (guild_id, kind, name, name_key) VALUES (?, 'freeform', 'Drama', 'drama')"
        " RETURNING tag_id",
        (HERE,),
    ).fetchone()
    conn.execute(
        "INSERT INTO tag_parents (tag_id, parent_id) SELECT tag_id, ? FROM tags "
        "WHERE name = 'Hurt/Comfort'",
        (drama,),
    )
    conn.execute(
        "INSERT INTO nicknames (kind, name, nickname) "
        "VALUES ('character', 'Spike Spiegel', 'Space Cowboy')"
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("author:vixen", {"Patrol", "Crossing"}),
        ('author:"Vixen"', {"Patrol"}),
        ("author:vixne", {"Patrol", "Crossing"}),  # mistyped
        ("by vixen", {"Patrol", "Crossing"}),
        ("crossing by vixen", {"Crossing"}),
        ("by vixen of the north", {"Crossing"}),  # it goes on without quotation marks
        ("-author:vixen angst", {"Death by Chocolate"}),
        ("fandom:bebop", {"Waltz", "Crossing"}),
        ("fandom:btvs", {"Patrol", "Crossing"}),  # a synonym
        ("fandom:cowboy bebop fluff", {"Waltz"}),
        ("fandom:bebop fandom:buffy", {"Crossing"}),
        ("fandom:bebop -fandom:buffy", {"Waltz"}),
        ("character:spike", {"Waltz", "Patrol", "Crossing"}),
        ('character:"spike"', {"Patrol", "Crossing"}),
        ('character:"space cowboy"', {"Waltz", "Crossing"}),  # a nickname
        ("ship:spike/buffy", {"Patrol"}),
        ("spike/buffy", {"Patrol"}),
        ("ship:buffy/spike", {"Patrol"}),  # in either order
        ("ship:spkie/bufy", {"Patrol"}),
        ("ship:spuffy", {"Patrol"}),
        ("faye x spike spiegel", {"Waltz"}),
        ("spike spiegel/faye valentine", {"Waltz"}),
        ("spike & spike", {"Crossing"}),
        ("faye/spike", {"Waltz"}),
        ("ship:spike", {"Waltz", "Patrol", "Crossing"}),
        ('ship:"spike & spike"', {"Crossing"}),  # two people, and not a romance
        ("tag:angst", {"Patrol", "Crossing", "Death by Chocolate"}),
        ('tag:"Angst"', {"Patrol", "Crossing"}),
        ("tag:slowburn", {"Crossing"}),
        ("tag:drama", {"Patrol"}),  # a subtag
        ("tag:slow burn", {"Crossing"}),
        ('-tag:"major character death" spike', {"Waltz", "Patrol"}),
        ("warning:death", {"Crossing"}),
        ("category:m/m", {"Crossing"}),
        ('series:"two spikes"', {"Crossing"}),
        ("rating:<=teen", {"Waltz", "Patrol"}),
        ("-rating:general spike", {"Patrol", "Crossing"}),
        ("words:<5k", {"Waltz", "Death by Chocolate", "The Long Way Home"}),
        ("words:5k-50k", {"Patrol", "Crossing"}),
        ("status:complete", {"Waltz", "Crossing"}),
        ("crossover:yes", {"Crossing"}),
        ("crossover:no spike", {"Waltz", "Patrol"}),
        ("lang:en", {"Waltz", "Patrol"}),
        ("lang:en-gb", {"Patrol"}),
        ("lang:french", {"Crossing"}),
        ("-lang:en spike", {"Crossing"}),
        ("updated:<30d spike", {"Waltz"}),
        ("updated:2025", {"Patrol"}),
        ('"cowboy bebop"', {"Waltz", "Crossing"}),
        ('"spike spiegel"', {"Waltz", "Crossing"}),
        ('"valentine spike"', {"Waltz"}),  # of no name, so as words
        ("spike -spiegel", {"Patrol"}),
        ('-"spike spiegel" -"long way"', {"Patrol", "Death by Chocolate"}),
        ('title:"long way"', {"The Long Way Home"}),
        ("fluff OR chocolate", {"Waltz", "Death by Chocolate", "The Long Way Home"}),
        ("(fandom:bebop -fandom:buffy) OR by baker", {"Waltz", "Death by Chocolate"}),
        ("spik* faye", {"Waltz"}),
        ("death by chocolate", {"Death by Chocolate"}),  # though "chocolate" writes
        ("fandom:nowhere waltz", {"Waltz"}),
        ("rating:sweet waltz", {"Waltz"}),
        ("rating:teen rating:general", set()),
        ("fandom:bebop fandom:original", set()),
        ("-spike -chocolate", set()),
    ],
)  # fmt: skip
def test_what_a_query_finds(conn: sqlite3.Connection, query: str, found: set[str]) -> None:
    assert set(titles(conn, ask(conn, query))) == found


@pytest.mark.parametrize(
    ("query", "note"),
    [
        ("fandom:nowhere waltz", "There is no fandom like “nowhere” here."),
        ("-tag:nothing spike", "There is no tag like “nothing” here."),
        ("author:vixne", "“vixne” was read as “vixen”."),
        ('"valentine spike"', "Nothing has exactly those words; these come near."),
        ("rating:teen rating:general", "No work can be all of that at once."),
    ],
)
def test_what_was_not_understood_is_said(conn: sqlite3.Connection, query: str, note: str) -> None:
    assert note in ask(conn, query).notes


def test_what_is_understood_goes_without_saying(conn: sqlite3.Connection) -> None:
    for query in ("spike", "spike/buffy", "hurt/comfort", "by vixen", "by nobody", "waltz by"):
        assert ask(conn, query).notes == (), query


def test_the_query_says_its_order_and_the_option_overrules_it(conn: sqlite3.Connection) -> None:
    assert titles(conn, ask(conn, "spike sort:words")) == ["Patrol", "Crossing", "Waltz"]
    by_title = ask(conn, "spike sort:words", sort=Sort.TITLE)
    assert titles(conn, by_title) == ["Crossing", "Patrol", "Waltz"]
    assert titles(conn, ask(conn, "fandom:bebop sort:title")) == ["Crossing", "Waltz"]


def test_options_and_query_filter_alike(conn: sqlite3.Connection) -> None:
    options = Filters.of("BtVS", None, Status.COMPLETE)
    assert titles(conn, ask(conn, "spike", filters=options)) == ["Crossing"]
    assert titles(conn, ask(conn, "spike fandom:BtVS status:complete")) == ["Crossing"]
    assert titles(conn, ask(conn, "spike lang:en", filters=options)) == []
    without = Filters(names=(NameFilter(NameField.TAG, "Angst", excluded=True),))
    assert titles(conn, ask(conn, "spike", filters=without)) == ["Waltz"]


def test_hidden_works_are_counted_in_every_kind_of_query(conn: sqlite3.Connection) -> None:
    (tag_id,) = conn.execute("SELECT tag_id FROM tags WHERE name = 'Hurt/Comfort'").fetchone()
    conn.execute(
        "INSERT INTO mutes (guild_id, user_id, kind, value, created_at) "
        "VALUES (?, 1, 'tag', ?, '')",
        (HERE, str(tag_id)),
    )
    for query in ("spike", "character:spike", "spike OR faye", "by vixen OR faye", "spike*"):
        ranked = ask(conn, query, EVERYBODY)
        assert titles(conn, ranked) == ["Waltz"], query
        assert (ranked.total, ranked.hidden.adult, ranked.hidden.muted) == (1, 1, 1), query
        assert [name for name, _ in ranked.fandoms] == ["Cowboy Bebop"]
        assert ranked.namesakes == ()


def test_namesakes_are_told_by_their_fandoms(conn: sqlite3.Connection) -> None:
    ranked = ask(conn, "spike")
    assert dict(ranked.namesakes) == {"Cowboy Bebop": 2, "Buffy the Vampire Slayer": 1}
    for query in ("spiegel faye", "buffy", "angst", "spike fandom:btvs crossover:no"):
        assert ask(conn, query).namesakes == (), query


def test_another_servers_names_mean_nothing_here(conn: sqlite3.Connection, add: Add) -> None:
    add(a_work("Elsewhere", fandoms=("Star Trek",), authors=("Picard",)), guild_id=THERE)
    ranked = ask(conn, "fandom:trek")
    assert ranked.hits == ()
    assert ranked.notes == ("There is no fandom like “trek” here, so that was searched as words.",)
    assert ask(conn, "author:picard").hits == ()


def test_names_that_no_file_can_hold_mean_nothing(conn: sqlite3.Connection) -> None:
    for query in ("author:\ud800", 'tag:"\x00"', "ship:\ud800/\udfff", "by \ud800"):
        ask(conn, query)
    only = Filters.of(fandom="\ud800")
    assert ask(conn, "spike", filters=only).hits == ()


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("5 times they waited", "Five Times They Waited"),
        ("eleven candles", "11 Candles"),
    ],
)
def test_numbers_are_found_as_digits_and_spelt(
    conn: sqlite3.Connection, add: Add, query: str, title: str
) -> None:
    add(described("Five Times They Waited"), described("11 Candles"), described("Candles"))
    assert titles(conn, ask(conn, query))[0] == title


def test_what_is_plainly_said_filters_where_no_name_has_it(
    conn: sqlite3.Connection, add: Add
) -> None:
    assert set(titles(conn, ask(conn, "complete cowboy bebop"))) == {"Waltz", "Crossing"}
    assert set(titles(conn, ask(conn, "spike wip"))) == {"Patrol"}
    assert set(titles(conn, ask(conn, "wip"))) == {"Patrol"}
    assert titles(conn, ask(conn, "!!!", filters=Filters.of(status=Status.COMPLETE))) == []
    assert set(titles(conn, ask(conn, "spike under 5k words"))) == {"Waltz"}
    assert "status and length were read as filters" in ask(conn, "complete cowboy bebop").notes[0]
    add(described("Complete"), described("Under 5k Leagues"))
    assert titles(conn, ask(conn, "complete"))[0] == "Complete"
    assert titles(conn, ask(conn, "under 5k leagues"))[0] == "Under 5k Leagues"


def test_an_author_who_wants_no_part_in_it_is_in_no_answer(conn: sqlite3.Connection) -> None:
    conn.execute("UPDATE authors SET consent = 'excluded' WHERE name = 'Vixen'")
    for query in ("patrol", "author:vixen", "by vixen", "fandom:buffy", "", "buffy OR hurt"):
        assert "Patrol" not in titles(conn, ask(conn, query)), query
        assert ask(conn, query).hidden.muted == 0
    offered = search.complete(conn, HERE, "query", "patr", ADULTS)
    assert not any("Patrol" in one.label for one in offered)


def test_what_a_name_was_read_as_is_told_of_shown_works_only(conn: sqlite3.Connection) -> None:
    conn.execute("UPDATE authors SET name = 'Quxotica', name_key = 'quxotica' WHERE name = 'Baker'")
    names.index_all_names(conn)
    ids = [row[0] for row in conn.execute("SELECT work_id FROM works").fetchall()]
    conn.execute("BEGIN")
    search.index_works(conn, HERE, ids)
    conn.execute("COMMIT")
    assert ask(conn, "author:quxotcia").notes  # the one adult work, where it may be shown
    for query in ("author:quxotcia", "spike -author:quxotcia", "spike OR author:quxotcia"):
        notes = ask(conn, query, EVERYBODY).notes
        assert not any("quxotica" in note for note in notes), query


def test_words_for_everything_here_are_passed_over(conn: sqlite3.Connection) -> None:
    for query in ("spike fics", "a spike fic", "fics with spike"):
        assert len(ask(conn, query).hits) == 3, query
    assert titles(conn, ask(conn, "fic by baker")) == ["Death by Chocolate"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("m/m", {"Crossing"}),
        ("M/M spike", {"Crossing"}),
        ("spike rating:foo words:x status:z", {"Waltz", "Patrol", "Crossing"}),
        ("-updated:<30d spike", {"Patrol", "Crossing"}),
        ("sort:words", {"Waltz", "Patrol", "Crossing", "Death by Chocolate", "The Long Way Home"}),
        ("word_count:<5k spike", {"Waltz"}),
    ],
)
def test_habits_from_elsewhere(conn: sqlite3.Connection, query: str, found: set[str]) -> None:
    assert set(titles(conn, ask(conn, query))) == found


def test_what_cannot_be_turned_round_is_said(conn: sqlite3.Connection) -> None:
    ranked = ask(conn, "spike -words:5k-10k")
    assert "cannot be turned round" in ranked.notes[0]
    assert len(ranked.hits) == 3


def test_a_little_word_beside_a_name_still_asks_which(conn: sqlite3.Connection) -> None:
    assert len(ask(conn, "the spike").namesakes) in (0, 2)
    assert dict(ask(conn, "the spike").namesakes) == dict(ask(conn, "spike").namesakes)


def test_words_as_typed_are_not_corrected(conn: sqlite3.Connection) -> None:
    assert titles(conn, ask(conn, "patorl")) == ["Patrol"]
    assert ask(conn, "patorl", as_typed=True).hits == ()


def test_alternatives_page_without_gaps_or_repeats(conn: sqlite3.Connection, add: Add) -> None:
    add(*(a_work(f"Lighthouse {n}", authors=(f"keeper {n}",)) for n in range(30)))
    whole = [hit[0] for hit in ask(conn, "lighthouse OR waltz OR by vixen").hits]
    paged = [
        hit[0]
        for offset in range(0, 40, 7)
        for hit in search.search(
            conn, HERE, SearchRequest("lighthouse OR waltz OR by vixen", offset=offset, limit=7),
            ADULTS,
        ).hits
    ]  # fmt: skip
    assert paged == whole
    assert len(set(whole)) == 33


def some(values: Iterable[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    """Some of the values, each at most once."""
    return st.lists(st.sampled_from(list(values)), max_size=3, unique=True).map(tuple)


WORKS = st.lists(
    st.builds(
        WorkInfo,
        st.just("Lantern"),
        rating=st.sampled_from(Rating),
        status=st.sampled_from(Status),
        words=st.integers(1, 20_000),
        fandoms=some(("Alpha", "Beta", "Gamma")),
        tags=some(("Fluff", "Angst", "Pining")),
        warnings=some(ArchiveWarning),
    ),
    min_size=1,
    max_size=8,
)
TERMS: dict[str, Callable[[WorkInfo], bool]] = {
    "rating:<=teen": lambda w: w.rating in (Rating.GENERAL, Rating.TEEN),
    "-rating:mature": lambda w: w.rating is not Rating.MATURE,
    "status:complete": lambda w: w.status is Status.COMPLETE,
    "words:<5k": lambda w: w.words < 5000,
    "words:>=1k": lambda w: w.words >= 1000,
    "fandom:alpha": lambda w: "Alpha" in w.fandoms,
    "-fandom:beta": lambda w: "Beta" not in w.fandoms,
    "tag:fluff": lambda w: "Fluff" in w.tags,
    "-tag:angst": lambda w: "Angst" not in w.tags,
    "crossover:yes": lambda w: len(w.fandoms) > 1,
    "(tag:pining OR tag:angst)": lambda w: bool({"Pining", "Angst"} & set(w.tags)),
    '-tag:"major character death"': lambda w: ArchiveWarning.MAJOR_DEATH not in w.warnings,
    "-fluff": lambda w: "Fluff" not in w.tags,
    "lantern": lambda w: True,
}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(works=WORKS, terms=st.lists(st.sampled_from(list(TERMS)), min_size=1, unique=True))
def test_filters_agree_with_a_plain_model(
    conn: sqlite3.Connection, add: Add, works: list[WorkInfo], terms: list[str]
) -> None:
    # One work has every name, so that none is searched as words.
    names = WorkInfo("", fandoms=("Alpha", "Beta", "Gamma"), tags=("Fluff", "Angst", "Pining"))
    put = [
        replace(one, title=f"Lantern {n}", authors=(f"keeper {n}",))
        for n, one in enumerate([names, *works])
    ]
    ids = add(*map(NewWork, put))
    wanted = {
        work_id
        for work_id, one in zip(ids, put, strict=True)
        if all(TERMS[term](one) for term in terms)
    }
    ranked = ask(conn, " ".join([*terms, "title:lantern"]))
    assert {hit[0] for hit in ranked.hits} == wanted
    assert ranked.total == len(wanted)
    search.unindex_works(conn, HERE, ids)
    conn.execute("DELETE FROM works WHERE title LIKE 'Lantern %'")
