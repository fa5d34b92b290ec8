"""What a member types and what they find."""

import sqlite3
from dataclasses import replace

import pytest

from db import keeping, search
from db.models import (
    ArchiveWarning,
    Filters,
    Rating,
    SearchRequest,
    SeriesPart,
    Sort,
    Status,
    Viewer,
    WordRange,
)
from tests.search.conftest import HERE, NOW, THERE, Add, a_work

EVERYBODY = Viewer(user_id=1)
ADULTS = Viewer(user_id=1, adult_ok=True)


def titles(
    conn: sqlite3.Connection,
    query: str,
    *,
    viewer: Viewer = EVERYBODY,
    guild_id: int = HERE,
    **request: object,
) -> list[str]:
    ranked = search.search(conn, guild_id, SearchRequest(query, **request), viewer)  # type: ignore[arg-type]
    return [
        conn.execute("SELECT title FROM works WHERE work_id = ?", (hit[0],)).fetchone()[0]
        for hit in ranked.hits
    ]


@pytest.fixture
def shelf(add: Add) -> None:
    """A few works of our own, two Spikes among them."""
    add(
        a_work("The Clockmaker's Daughter", authors=("Vixen",), ),
        a_work("A Winter in Lisbon", authors=("harbour_light",), characters=("Teresa Valdez",)),
        a_work("Waltz on the Red Planet", fandoms=("Cowboy Bebop",),
               characters=("Spike Spiegel", "Faye Valentine"), authors=("ein_fan",)),
        a_work("The Long Way Home", fandoms=("Cowboy Bebop",), characters=("Spike Spiegel",),
               authors=("ein_fan",), status=Status.IN_PROGRESS),
        a_work("Patrol", fandoms=("Buffy the Vampire Slayer",),
               characters=("Spike", "Buffy Summers"), relationships=("Spike/Buffy Summers",),
               authors=("crypt",)),
        a_work("Ordinary Tuesdays", fandoms=("Buffy the Vampire Slayer",),
               characters=("Spike", "Dawn Summers"), authors=("crypt",), rating=Rating.MATURE),
        a_work("Señor Ñandú and the Café", authors=("Zoë",)),
        a_work("星の下で", authors=("宇宙",)),
        a_work("Тихий океан", authors=("Анна",)),
    )  # fmt: skip


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("the clockmaker's daughter", "The Clockmaker's Daughter"),
        ("clockmakers daughter", "The Clockmaker's Daughter"),
        ("THE CLOCKMAKER’S DAUGHTER", "The Clockmaker's Daughter"),
        ("clokcmaker daughter", "The Clockmaker's Daughter"),  # swapped
        ("clckmaker", "The Clockmaker's Daughter"),  # left out
        ("clockmmaker daugter", "The Clockmaker's Daughter"),  # two slips
        ("vlockmaker", "The Clockmaker's Daughter"),  # the first letter
        ("daughter clockmaker", "The Clockmaker's Daughter"),  # reordered
        ("clock maker daughter", "The Clockmaker's Daughter"),  # split
        ("clockmakersdaughter", "The Clockmaker's Daughter"),  # joined
        ("clockm", "The Clockmaker's Daughter"),  # half typed
        ("by vixen", "The Clockmaker's Daughter"),
        ("winter lisbon", "A Winter in Lisbon"),
        ("a winter of lisbon", "A Winter in Lisbon"),  # a wrong word
        ("teresa valdes", "A Winter in Lisbon"),  # a character, mistyped
        ("faye valentine", "Waltz on the Red Planet"),
        ("buffy the vampyre slayer patrol", "Patrol"),
        ("senor nandu", "Señor Ñandú and the Café"),
        ("cafe zoe", "Señor Ñandú and the Café"),
        ("星の下", "星の下で"),
        ("тихий окен", "Тихий океан"),
        ("#AWinterInLisbon", "A Winter in Lisbon"),  # all in one
        ("clockmaaaaker", "The Clockmaker's Daughter"),  # drawn out
        ("ｗｉｎｔｅｒ lisbon", "A Winter in Lisbon"),  # wide letters
        ("wіntеr lisbon", "A Winter in Lisbon"),  # Cyrillic look-alikes
        ("1 winter in lisbon", "A Winter in Lisbon"),
        ("wotrp", "Waltz on the Red Planet"),  # its initials
        ("wrp", "Waltz on the Red Planet"),
    ],
)
def test_it_is_found_however_it_is_typed(conn: sqlite3.Connection, query: str, first: str) -> None:
    assert titles(conn, query)[:1] == [first]


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize("query", ["zzyzx qwv", "qqqqqqqq", "xkcd", "....", "!!!", "🦊"])
def test_nonsense_finds_nothing(conn: sqlite3.Connection, query: str) -> None:
    ranked = search.search(conn, HERE, SearchRequest(query), ADULTS)
    assert (ranked.hits, ranked.total) == ((), 0)


@pytest.mark.usefixtures("shelf")
def test_two_spikes_are_told_apart_and_take_turns(conn: sqlite3.Connection) -> None:
    ranked = search.search(conn, HERE, SearchRequest("spike"), ADULTS)
    assert dict(ranked.fandoms) == {"Cowboy Bebop": 2, "Buffy the Vampire Slayer": 2}
    assert ranked.total == 4
    found = titles(conn, "spike", viewer=ADULTS)
    bebop = {"Waltz on the Red Planet", "The Long Way Home"}
    assert len(bebop & set(found[:2])) == 1
    assert all("character" in matched_in for _, _, matched_in in ranked.hits)
    chosen = titles(conn, "spike", viewer=ADULTS, filters=Filters.of(fandom="cowboy bebop"))
    assert set(chosen) == bebop


@pytest.mark.usefixtures("shelf")
def test_a_correction_is_said(conn: sqlite3.Connection) -> None:
    ranked = search.search(conn, HERE, SearchRequest("spkie"), ADULTS)
    assert ranked.total == 4
    assert ranked.did_you_mean == "spike"
    assert ranked.interpreted["corrected"] == {"spkie": "spike"}
    assert search.search(conn, HERE, SearchRequest("spike"), ADULTS).did_you_mean is None


@pytest.mark.usefixtures("shelf")
def test_adult_works_and_mutes_are_counted_and_hidden(conn: sqlite3.Connection) -> None:
    ranked = search.search(conn, HERE, SearchRequest("spike"), EVERYBODY)
    assert (ranked.total, ranked.hidden.adult) == (3, 1)
    (tag_id,) = conn.execute("SELECT tag_id FROM tags WHERE name = 'Cowboy Bebop'").fetchone()
    (author_id,) = conn.execute("SELECT author_id FROM authors WHERE name = 'crypt'").fetchone()
    mutes = {
        "tag": str(tag_id),
        "author": str(author_id),
        "warning": ArchiveWarning.NONE_APPLY.value,
        "rating": Rating.GENERAL.value,
    }
    left = {"tag": 2, "author": 2, "warning": 0, "rating": 1}
    for kind, value in mutes.items():
        conn.execute("INSERT INTO mutes VALUES (?, 1, ?, ?, '2026-01-01')", (HERE, kind, value))
        ranked = search.search(conn, HERE, SearchRequest("spike"), ADULTS)
        assert (ranked.total, ranked.hidden.muted) == (left[kind], 4 - left[kind]), kind
        other = search.search(conn, HERE, SearchRequest("spike"), Viewer(2, adult_ok=True))
        assert other.total == 4
        conn.execute("DELETE FROM mutes")


@pytest.mark.usefixtures("shelf")
def test_filters_sorts_and_pages_agree(conn: sqlite3.Connection, add: Add) -> None:
    add(
        *(
            a_work(
                f"Harbour {n:02}",
                authors=(f"writer {n % 7}",),
                words=n * 500,
                fandoms=("Harbour Tales" if n % 2 else "Sea Tales",),
                rating=Rating.TEEN if n % 3 else Rating.GENERAL,
            )
            for n in range(1, 41)
        )
    )
    assert len(titles(conn, "harbour", limit=100)) == 41  # and harbour_light's
    for sort in Sort:
        whole = titles(conn, "harbour", limit=100, sort=sort)
        paged = [
            title
            for offset in range(0, 45, 9)
            for title in titles(conn, "harbour", limit=9, offset=offset, sort=sort)
        ]
        assert paged == whole, sort
    by_words = titles(conn, "harbour", limit=100, sort=Sort.WORDS)
    assert by_words[0] == "Harbour 40"
    long = Filters(words=WordRange(low=10_000, high=15_000))
    assert sorted(titles(conn, "harbour", limit=100, filters=long)) == [
        f"Harbour {n:02}" for n in range(20, 31)
    ]
    odd = Filters.of(fandom="harbour tales", rating=Rating.GENERAL)
    ranked = search.search(conn, HERE, SearchRequest("harbour", odd, limit=3), EVERYBODY)
    assert ranked.total == len([n for n in range(1, 41) if n % 2 and n % 3 == 0])
    assert ranked.fandoms == (("Harbour Tales", ranked.total),)
    browsed = search.search(conn, HERE, SearchRequest("", odd, limit=100), EVERYBODY)
    assert browsed.total == ranked.total == len(browsed.hits)


def test_nicknames_and_synonyms_find_what_they_stand_for(
    conn: sqlite3.Connection, add: Add
) -> None:
    conn.execute(
        "INSERT INTO nicknames VALUES (NULL, 'relationship', 'Spike/Buffy Summers', 'Spuffy')"
    )
    conn.execute(
        "INSERT INTO nicknames VALUES (?, 'fandom', 'Cowboy Bebop', 'spacejazz')", (THERE,)
    )
    add(
        a_work("Patrol", relationships=("Spike/Buffy Summers",), fandoms=("Buffy",)),
        a_work("Drift", fandoms=("Cowboy Bebop",)),
    )
    assert titles(conn, "spuffy") == ["Patrol"]
    assert titles(conn, "spacejazz") == []  # the other server's own word


def test_a_series_is_found_by_its_name(conn: sqlite3.Connection, add: Add) -> None:
    first = a_work("Windfalls")
    info = replace(first.info, series=(SeriesPart("Orchard Slope", 2),))
    add(replace(first, info=info))
    ranked = search.search(conn, HERE, SearchRequest("orchard slpoe"), EVERYBODY)
    assert [hit[2] for hit in ranked.hits] == [("series",)]


def test_one_servers_works_and_words_are_not_anothers(conn: sqlite3.Connection, add: Add) -> None:
    add(a_work("Quintessence of Rust"), guild_id=THERE)
    for query in ("quintessence of rust", "quintesence", "rust"):
        ranked = search.search(conn, HERE, SearchRequest(query), ADULTS)
        assert (ranked.total, ranked.did_you_mean, ranked.fandoms) == (0, None, ())
        assert search.complete(conn, HERE, "query", query, ADULTS) == []
    assert titles(conn, "quintesence", guild_id=THERE) == ["Quintessence of Rust"]


@pytest.mark.usefixtures("shelf")
def test_completions_are_short_true_and_for_this_place(conn: sqlite3.Connection, add: Add) -> None:
    add(a_work("W" + "o" * 300, authors=("x" * 80,)))
    found = search.complete(conn, HERE, "query", "clockm", EVERYBODY)
    assert found[0].label == "The Clockmaker's Daughter — Vixen"
    assert found[0].value.startswith("#")
    assert len(search.complete(conn, HERE, "work", "w", EVERYBODY)) <= 25
    for text in ("w", "", "spike", "o"):
        for one in search.complete(conn, HERE, "query", text, EVERYBODY):
            assert len(one.label) <= 100
            assert "Ordinary Tuesdays" not in one.label  # adult
    assert search.complete(conn, HERE, "fandom", "bepop bebop", EVERYBODY) == []
    assert [one.value for one in search.complete(conn, HERE, "fandom", "cow", EVERYBODY)] == [
        "Cowboy Bebop"
    ]


@pytest.mark.usefixtures("shelf")
def test_what_was_removed_leaves_no_word_behind(conn: sqlite3.Connection) -> None:
    (work_id,) = conn.execute("SELECT work_id FROM works WHERE title = 'Patrol'").fetchone()
    keeping.remove(conn, HERE, work_id, by=1, why="", now=NOW)
    assert titles(conn, "patrol") == []
    ranked = search.search(conn, HERE, SearchRequest("patrl"), ADULTS)
    assert ranked.did_you_mean is None
