"""Works like another one: what counts, in which order, and what is never shown."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db import adding, keeping
from db import similar as similar_works
from db.connection import prepare_file
from db.errors import NotFound, Refused
from db.guilds import ensure_guild
from db.models import (
    NameField,
    NewWork,
    Rating,
    SeriesPart,
    SimilarAnswer,
    Viewer,
    WorkInfo,
)
from db.similar import similar

HERE, THERE = 100, 200
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ANYONE = Viewer(user_id=1)
ADULTS = Viewer(user_id=1, adult_ok=True)

BUFFY, BEBOP = "Buffy the Vampire Slayer", "Cowboy Bebop"
PAIR = "Spike/Buffy Summers"


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


def a_work(title: str | None, **facts: Any) -> NewWork:
    """A work of nothing but these facts, by an author of its own."""
    known: dict[str, Any] = {"authors": (f"writer of {title}",), "rating": Rating.GENERAL}
    return NewWork(WorkInfo(title=title, **(known | facts)))


def add(conn: sqlite3.Connection, *works: NewWork, guild_id: int = HERE) -> list[int]:
    conn.execute("BEGIN IMMEDIATE")
    outcomes = adding.add_works(conn, guild_id, works, by=None, now=NOW)
    conn.execute("COMMIT")
    return [outcome.work_id or 0 for outcome in outcomes]


def titles(answer: SimilarAnswer) -> list[str]:
    return [hit.work.display_title for hit in answer.hits]


def like_first(conn: sqlite3.Connection, *works: NewWork, viewer: Viewer = ANYONE) -> SimilarAnswer:
    """Add works, and ask what is like the first of them."""
    first, *_ = add(conn, *works)
    return similar(conn, HERE, first, viewer, limit=50)


def tag(conn: sqlite3.Connection, kind: str, name: str) -> int:
    row = conn.execute(
        "SELECT tag_id FROM tags WHERE guild_id = ? AND kind = ? AND name = ?", (HERE, kind, name)
    ).fetchone()
    assert row, name
    return int(row[0])


def test_the_pair_comes_first_then_the_fandom_then_the_tags(conn: sqlite3.Connection) -> None:
    people = ("Spike", "Buffy Summers")
    answer = like_first(
        conn,
        a_work("Asked", fandoms=(BUFFY,), relationships=(PAIR,), characters=people,
               tags=("Slow Burn", "Fluff")),
        a_work("Elsewhere", fandoms=(BEBOP,), tags=("Slow Burn", "Fluff")),
        a_work("Same fandom", fandoms=(BUFFY,), characters=("Willow Rosenberg",)),
        a_work("Same person", fandoms=(BUFFY,), characters=("Spike",)),
        a_work("Same pair", fandoms=(BUFFY,), relationships=(PAIR,), characters=people),
        a_work("Same pair and tag", fandoms=(BUFFY,), relationships=(PAIR,), characters=people,
               tags=("Slow Burn",)),
        a_work("Nothing of it", fandoms=(BEBOP,), characters=("Ed",)),
    )  # fmt: skip
    assert titles(answer) == [
        "Same pair and tag",
        "Same pair",
        "Same person",
        "Same fandom",
        "Elsewhere",
    ]
    assert answer.work.display_title == "Asked"
    assert answer.total == 5
    best = answer.hits[0].shared
    assert best[0] == (NameField.RELATIONSHIP, PAIR)
    assert set(best[1:-1]) == {
        (NameField.CHARACTER, "Spike"),
        (NameField.CHARACTER, "Buffy Summers"),
        (NameField.TAG, "Slow Burn"),
    }
    assert best[-1] == (NameField.FANDOM, BUFFY)


def test_a_rare_tag_says_more_than_a_common_one(conn: sqlite3.Connection) -> None:
    answer = like_first(
        conn,
        a_work("Asked", fandoms=(BUFFY,), tags=("Fluff", "Curtains in the Crypt")),
        a_work("Rare", fandoms=(BUFFY,), tags=("Curtains in the Crypt",)),
        a_work("Common", fandoms=(BUFFY,), tags=("Fluff",)),
        *(a_work(f"Sweet {n}", fandoms=(BEBOP,), tags=("Fluff",)) for n in range(12)),
    )
    assert titles(answer)[:2] == ["Rare", "Common"]


def test_the_parts_of_a_series_come_first_in_their_order(conn: sqlite3.Connection) -> None:
    def part(number: int, **facts: Any) -> NewWork:
        return a_work(f"Part {number}", series=(SeriesPart("Tides", number),), **facts)

    answer = like_first(
        conn,
        part(2, fandoms=(BUFFY,), relationships=(PAIR,), characters=("Spike",)),
        a_work("Just like it", fandoms=(BUFFY,), relationships=(PAIR,), characters=("Spike",)),
        part(4),
        part(1),
        part(3),
    )
    assert titles(answer) == ["Part 3", "Part 4", "Part 1", "Just like it"]
    assert answer.hits[0].shared[0] == (NameField.SERIES, "Tides")


def test_the_same_author_counts_but_less_than_the_fandom(conn: sqlite3.Connection) -> None:
    answer = like_first(
        conn,
        a_work("Asked", authors=("vixen",), fandoms=(BUFFY,)),
        a_work("Hers elsewhere", authors=("vixen",), fandoms=(BEBOP,)),
        a_work("Same fandom", fandoms=(BUFFY,)),
        a_work("Hers", authors=("vixen",), fandoms=(BUFFY,)),
    )
    assert titles(answer) == ["Hers", "Same fandom", "Hers elsewhere"]


def test_synonyms_and_subtags_count_as_their_tag(conn: sqlite3.Connection) -> None:
    first, *_ = add(
        conn,
        a_work("Asked", relationships=("Spuffy",), tags=("Slow Burn",)),
        a_work("By its other name", relationships=(PAIR,)),
        a_work("Narrower", tags=("Very Slow Burn",)),
        a_work("Wider", tags=("Romance",)),
    )
    assert similar(conn, HERE, first, ANYONE).total == 0
    conn.execute(
        "UPDATE tags SET canonical_id = ? WHERE tag_id = ?",
        (tag(conn, "relationship", PAIR), tag(conn, "relationship", "Spuffy")),
    )
    burn = tag(conn, "freeform", "Slow Burn")
    conn.execute("INSERT INTO tag_parents VALUES (?, ?)",
                 (tag(conn, "freeform", "Very Slow Burn"), burn))  # fmt: skip
    conn.execute("INSERT INTO tag_parents VALUES (?, ?)", (burn, tag(conn, "freeform", "Romance")))
    answer = similar(conn, HERE, first, ANYONE)
    assert titles(answer)[0] == "By its other name"
    assert answer.hits[0].shared == ((NameField.RELATIONSHIP, PAIR),)
    shared = {hit.work.display_title: hit.shared for hit in answer.hits}
    # Who shares the narrower tag shares the wider one through it: it counts once.
    assert shared["Narrower"] == ((NameField.TAG, "Slow Burn"),)
    assert shared["Wider"] == ((NameField.TAG, "Romance"),)


def test_a_circle_of_tags_ends(conn: sqlite3.Connection) -> None:
    first, *_ = add(conn, a_work("Asked", tags=("A",)), a_work("Other", tags=("B",)))
    pair = tag(conn, "freeform", "A"), tag(conn, "freeform", "B")
    conn.executemany("INSERT INTO tag_parents VALUES (?, ?)", [pair, pair[::-1]])
    assert titles(similar(conn, HERE, first, ANYONE)) == ["Other"]


def test_a_pair_is_the_same_in_either_order_but_not_as_friends(conn: sqlite3.Connection) -> None:
    answer = like_first(
        conn,
        a_work("Asked", relationships=(PAIR,)),
        a_work("Turned round", relationships=("Buffy Summers/Spike",)),
        a_work("Friends", relationships=("Spike & Buffy Summers",)),
    )
    assert titles(answer) == ["Turned round"]


def test_words_break_ties_and_stand_in_for_tags(conn: sqlite3.Connection) -> None:
    asked = "A lighthouse keeper counts herons."
    answer = like_first(
        conn,
        a_work("Asked", fandoms=(BUFFY,), summary=asked),
        a_work("Plain", fandoms=(BUFFY,), summary="They argue at breakfast."),
        a_work("Near", fandoms=(BUFFY,), summary="Herons nest by the lighthouse."),
        a_work("Words alone", summary="The lighthouse is full of herons."),
        a_work("One word", summary="Somebody painted a lighthouse."),
        a_work("No word", summary="They were with them, and what about that?"),
    )
    assert titles(answer) == ["Near", "Plain", "Words alone"]
    assert set(answer.hits[2].words) == {"lighthouse", "herons"}
    assert answer.hits[2].shared == ()


def test_a_rare_word_of_both_titles_is_enough(conn: sqlite3.Connection) -> None:
    answer = like_first(
        conn,
        a_work("The Clockmaker's Daughter"),
        a_work("A Clockmakers Dream"),
        a_work("Daughters of the Wind"),
    )
    assert titles(answer) == ["A Clockmakers Dream"]


def test_a_work_without_a_title_is_known_by_its_opening_words(conn: sqlite3.Connection) -> None:
    def untitled(opening: str) -> NewWork:
        link = f"https://example.org/{opening}"
        return replace(a_work(None, authors=(opening,), source_url=link), opening=opening)

    answer = like_first(
        conn,
        untitled("My dear Lizzy, you will have"),
        untitled("Lizzy had always been"),
        untitled("It was raining again, and"),
    )
    assert titles(answer) == ["Untitled (“Lizzy had always been…”)"]


def test_the_same_language_is_preferred_a_little(conn: sqlite3.Connection) -> None:
    answer = like_first(
        conn,
        a_work("Demandé", fandoms=(BUFFY,), characters=("Spike",), language="fr"),
        a_work("English", fandoms=(BUFFY,), language="en"),
        a_work("Canadien", fandoms=(BUFFY,), language="fr-CA"),
        a_work("English, same person", fandoms=(BUFFY,), characters=("Spike",), language="en"),
    )
    assert titles(answer) == ["English, same person", "Canadien", "English"]


def test_a_crossover_comes_after_works_of_the_fandom_alone(conn: sqlite3.Connection) -> None:
    answer = like_first(
        conn,
        a_work("Asked", fandoms=(BUFFY,)),
        a_work("Alone", fandoms=(BUFFY,)),
        a_work("Crossed", fandoms=(BUFFY, BEBOP, "Original Work")),
    )
    assert titles(answer) == ["Alone", "Crossed"]


def test_what_may_not_be_shown_is_left_out_and_counted(conn: sqlite3.Connection) -> None:
    first, _, _, muted, *_ = add(
        conn,
        a_work("Asked", fandoms=(BUFFY,)),
        a_work("Mature", fandoms=(BUFFY,), rating=Rating.MATURE),
        a_work("Unrated", fandoms=(BUFFY,), rating=Rating.NOT_RATED),
        a_work("Muted", fandoms=(BUFFY,), tags=("Angst",)),
        a_work("Shown", fandoms=(BUFFY,)),
    )
    conn.execute("INSERT INTO mutes VALUES (?, 1, 'tag', ?, '2026-01-01')",
                 (HERE, tag(conn, "freeform", "Angst")))  # fmt: skip
    answer = similar(conn, HERE, first, ANYONE)
    assert titles(answer) == ["Shown"]
    assert (answer.total, answer.hidden.adult, answer.hidden.muted) == (1, 2, 1)
    assert "Muted" not in titles(similar(conn, HERE, first, ADULTS))
    assert set(titles(similar(conn, HERE, first, Viewer(2, adult_ok=True)))) == {
        "Mature", "Unrated", "Muted", "Shown",
    }  # fmt: skip
    keeping.remove(conn, HERE, muted, by=1, why="", now=NOW)
    assert similar(conn, HERE, first, ANYONE).hidden.muted == 0


def test_the_work_itself_must_be_there_for_the_viewer(conn: sqlite3.Connection) -> None:
    adult, plain = add(conn, a_work("Mature", rating=Rating.MATURE), a_work("Plain"))
    with pytest.raises(Refused):
        similar(conn, HERE, adult, ANYONE)
    assert similar(conn, HERE, adult, ADULTS).total == 0
    for guild_id, work_id in ((THERE, plain), (HERE, 999)):
        with pytest.raises(NotFound):
            similar(conn, guild_id, work_id, ANYONE)


def test_other_servers_neither_show_nor_count(conn: sqlite3.Connection) -> None:
    add(
        conn,
        *(a_work(f"There {n}", fandoms=(BUFFY,), tags=("Fluff",)) for n in range(5)),
        guild_id=THERE,
    )
    answer = like_first(
        conn, a_work("Asked", fandoms=(BUFFY,), tags=("Fluff",)), a_work("Here", fandoms=(BUFFY,))
    )
    assert titles(answer) == ["Here"]
    assert answer.hits[0].shared == ((NameField.FANDOM, BUFFY),)


def test_pages_are_windows_on_one_order(
    conn: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(similar_works, "MOST_LISTED", 20)
    first, *_ = add(conn, *(a_work(f"Tide {n}", fandoms=(BUFFY,)) for n in range(30)))
    whole = titles(similar(conn, HERE, first, ANYONE, limit=50))
    assert len(whole) == len(set(whole)) == 20
    pages = [similar(conn, HERE, first, ANYONE, offset=at, limit=7) for at in range(0, 28, 7)]
    assert [title for page in pages for title in titles(page)] == whole
    assert {page.total for page in pages} == {20}


def test_common_names_are_told_exactly_though_only_some_of_their_works_are_read(
    conn: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a large library: no name brings all of its works."""
    monkeypatch.setattr(similar_works, "BROUGHT", 5)
    monkeypatch.setattr(similar_works, "LOOKED_AT", 40)
    both = {"fandoms": (BUFFY,), "relationships": (PAIR,), "tags": ("Slow Burn",)}
    first, *_ = add(
        conn,
        a_work("Asked", **both),
        *(a_work(f"Twin {n}", **both) for n in range(6)),
        *(a_work(f"Fandom {n}", fandoms=(BUFFY,)) for n in range(30)),
        *(a_work(f"Tag {n}", tags=("Slow Burn",)) for n in range(30)),
        *(a_work(f"Neither {n}") for n in range(30)),
    )
    answer = similar(conn, HERE, first, ANYONE)
    assert {title.split()[0] for title in titles(answer)[:6]} == {"Twin"}
    assert len(answer.hits[0].shared) == 3


_names = st.lists(st.sampled_from(["A", "B", "C", "日本", "!!!", "Ed"]), max_size=4, unique=True)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(_names, _names, _names, st.sampled_from(Rating)), max_size=6))
def test_every_hit_shares_what_it_says_and_nothing_adult_is_shown(
    conn: sqlite3.Connection,
    drawn: list[tuple[list[str], list[str], list[str], Rating]],
) -> None:
    works = [
        a_work(None, authors=(), fandoms=tuple(f), characters=tuple(c), tags=tuple(t), rating=r,
               source_url=f"https://example.org/{n}-{f}-{c}-{t}-{r}")
        for n, (f, c, t, r) in enumerate(drawn)
    ]  # fmt: skip
    for work_id in {one for one in add(conn, *works) if one}:
        whole = similar(conn, HERE, work_id, Viewer(adult_ok=True), limit=99)
        assert work_id not in {hit.work.work_id for hit in whole.hits}
        assert [hit.score for hit in whole.hits] == sorted(
            (hit.score for hit in whole.hits), reverse=True
        )
        for hit in whole.hits:
            for field, name in hit.shared:
                for info in (hit.work.info, whole.work.info):
                    has = {
                        NameField.FANDOM: info.fandoms,
                        NameField.CHARACTER: info.characters,
                        NameField.TAG: info.tags,
                    }[field]
                    assert name in has
        if not whole.work.info.rating.is_adult:
            answer = similar(conn, HERE, work_id, ANYONE, limit=99)
            assert not any(hit.work.info.rating.is_adult for hit in answer.hits)
            assert answer.total + answer.hidden.adult == whole.total
