"""Merged tags are found together at once, and the index holds what one built afresh holds."""

import contextlib
import re
import sqlite3
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db import adding, audit, gazetteer, keeping, search, tagged, tags
from db.errors import BadInput, Conflict, LibraryError, NotFound
from db.models import Rating, SearchRequest, TagChange, TagKind, Viewer
from db.search.complete import CompletionField
from db.search.rebuild import rebuild_stale
from db.works import load_work
from tests.search.conftest import HERE, NOW, THERE, Add, a_work, add, conn
from tests.search.test_properties import contents

__all__ = ["add", "conn"]  # fixtures
FREEFORM, FANDOM = TagKind.FREEFORM, TagKind.FANDOM
ADULTS = Viewer(adult_ok=True)


def found(conn: sqlite3.Connection, query: str, guild_id: int = HERE) -> set[int]:
    ranked = search.search(conn, guild_id, SearchRequest(query), Viewer(adult_ok=True))
    return {hit[0] for hit in ranked.hits}


@pytest.fixture
def shelf(add: Add) -> list[int]:
    """Three works whose authors tagged the same thing in two ways, and something else."""
    return add(
        a_work("Waltz", tags=("Slow Burn",), authors=("a",)),
        a_work("Patrol", tags=("slowburn",), authors=("b",)),
        a_work("Harbour", tags=("Fluff",), authors=("c",)),
    )


def merge(conn: sqlite3.Connection, name: str, into: str) -> int:
    conn.execute("BEGIN IMMEDIATE")
    try:
        return tags.merge(conn, HERE, FREEFORM, name, into, by=1, now=NOW).works
    finally:
        conn.execute("COMMIT")


def test_merged_tags_find_each_others_works(conn: sqlite3.Connection, shelf: list[int]) -> None:
    first, second, _ = shelf
    assert found(conn, 'tag:"slow burn"') == {first}
    assert merge(conn, "slowburn", "Slow Burn") == 2
    for query in ('tag:"slow burn"', "tag:slowburn", "slow burn", "-tag:fluff"):
        assert found(conn, query) == {first, second}, query
    assert conn.execute("SELECT action, detail FROM audit_log").fetchall()[-1] == (
        "merge tags", "slowburn into Slow Burn",
    )  # fmt: skip


def test_the_index_is_as_if_built_afresh(conn: sqlite3.Connection, shelf: list[int]) -> None:
    merge(conn, "slowburn", "Slow Burn")
    merge(conn, "Slow Burn", "Fluff")  # with its synonym
    merged = contents(conn)
    assert found(conn, "tag:fluff") == set(shelf)
    conn.execute("BEGIN")
    search.index_works(conn, HERE, shelf)
    conn.execute("COMMIT")
    assert contents(conn) == merged


def test_what_cannot_be_merged_is_refused(conn: sqlite3.Connection, add: Add) -> None:
    add(a_work("Waltz", tags=("Slow Burn", "Fluff")), guild_id=HERE)
    add(a_work("Elsewhere", tags=("Theirs",)), guild_id=THERE)
    for name, into in (("Theirs", "Fluff"), ("Fluff", "Theirs"), ("nothing", "Fluff")):
        with pytest.raises(NotFound):
            merge(conn, name, into)
    with pytest.raises(Conflict, match="same tag"):
        merge(conn, "Fluff", "fluff")
    merge(conn, "Slow Burn", "Fluff")
    with pytest.raises(Conflict, match="same tag"):
        merge(conn, "Slow Burn", "Fluff")
    with pytest.raises(Conflict):
        merge(conn, "Fluff", "Slow Burn")
    assert found(conn, "tag:theirs", THERE)


# Everything else that a moderator does with tags


def test_a_merge_takes_synonyms_subtags_and_nicknames_along(
    conn: sqlite3.Connection, add: Add
) -> None:
    burn, slowest, kettle, pining = add(
        a_work("Waltz", tags=("Slow Burn",), authors=("a",)),
        a_work("Patrol", tags=("Glacial Burn",), authors=("b",)),
        a_work("Harbour", tags=("Kettle",), authors=("c",)),
        a_work("Ferry", tags=("Pining",), authors=("d",)),
    )
    do(conn, tags.merge, "Glacial Burn", "Slow Burn")
    do(conn, tags.set_parent, "Kettle", "Slow Burn")
    do(conn, tags.set_parent, "Pining", None, refused=Conflict)
    do(conn, tags.add_nickname, "Slow Burn", "simmer")
    assert found(conn, 'tag:"simmer"') == {burn, slowest, kettle}
    done = do(conn, tags.merge, "Slow Burn", "Pining")
    assert (done.name, done.other, done.works) == ("Slow Burn", "Pining", 4)
    for name in ("pining", "slow burn", "glacial burn", "simmer"):
        assert found(conn, f'tag:"{name}"') == {burn, slowest, kettle, pining}, name
    assert found(conn, "tag:kettle") == {kettle}
    assert chains(conn) == []
    assert tags.nicknames(conn, HERE, FREEFORM, "Pining") == ["simmer"]
    work = load_work(conn, HERE, slowest)
    assert work.info.tags == ("Glacial Burn",)  # as its author wrote it


def test_a_synonym_alone_goes_over_to_another_tag(
    conn: sqlite3.Connection, shelf: list[int]
) -> None:
    first, second, third = shelf
    merge(conn, "slowburn", "Slow Burn")
    merge(conn, "slowburn", "Fluff")
    assert found(conn, 'tag:"slow burn"') == {first}
    assert found(conn, "tag:fluff") == {second, third}
    assert chains(conn) == []


def test_two_tags_are_turned_round_in_two_steps(conn: sqlite3.Connection, shelf: list[int]) -> None:
    merge(conn, "slowburn", "Slow Burn")
    for wrong in (tags.merge, tags.rename):
        do(conn, wrong, "Slow Burn", "slowburn", refused=Conflict, says="/library tag split")
    do(conn, tags.unmerge, "slowburn")
    do(conn, tags.unmerge, "slowburn", refused=Conflict, says="no synonym")
    assert found(conn, 'tag:"slow burn"') == {shelf[0]}
    merge(conn, "Slow Burn", "slowburn")
    assert offered(conn, "freeform", "slow") == ["slowburn"]


def test_a_split_brings_back_what_was_before(conn: sqlite3.Connection, shelf: list[int]) -> None:
    before = contents(conn)
    merge(conn, "slowburn", "Slow Burn")
    assert contents(conn) != before
    assert do(conn, tags.unmerge, "slowburn").works == 1
    assert contents(conn) == before


def test_a_renamed_tag_is_found_by_its_new_words_only(conn: sqlite3.Connection, add: Add) -> None:
    work_id, _ = add(
        a_work("Waltz", fandoms=("Cowboy Bebopp",), characters=("Spike Spiegl",), authors=("a",)),
        a_work("Ferry", fandoms=("Original Work",), characters=(), authors=("b",)),
    )
    gazetteer.learn(conn, HERE, ("Cowboy Bebopp",), ("Spike Spiegl",))
    do(conn, tags.add_nickname, "Cowboy Bebopp", "jazz", kind=FANDOM)
    do(conn, tags.rename, "cowboy bebopp", "Trigun Stampede", kind=FANDOM)
    do(conn, tags.rename, "Spike Spiegl", "Vash", kind=TagKind.CHARACTER)
    assert load_work(conn, HERE, work_id).info.fandoms == ("Trigun Stampede",)
    for query in ("fandom:trigun", "trigun", "fandom:stampede", "character:vash", "fandom:jazz"):
        assert found(conn, query) == {work_id}, query
    for query in ("fandom:cowboy", "bebopp", "character:spiegl", "fandom:bebopp"):
        assert found(conn, query) == set(), query
    assert offered(conn, "fandom", "tri") == ["Trigun Stampede"]
    assert offered(conn, "fandom", "cow") == offered(conn, "fandom", "bebopp") == []
    assert facets(conn, "waltz") == {"Trigun Stampede"}
    # New works are detected by the forms that were learnt, and get the new names.
    learnt = {row[:2] for row in gazetteer.rows(conn, HERE)}
    assert ("Trigun Stampede", "Vash") in learnt
    assert ("Cowboy Bebopp", "Spike Spiegl") not in learnt


def test_a_new_spelling_of_the_same_name(conn: sqlite3.Connection, shelf: list[int]) -> None:
    done = do(conn, tags.rename, "Slow Burn", "slow-burn")
    assert (done.name, done.other, done.works) == ("Slow Burn", "slow-burn", 1)
    assert load_work(conn, HERE, shelf[0]).info.tags == ("slow-burn",)
    assert found(conn, 'tag:"slow burn"') == {shelf[0]}
    do(conn, tags.rename, "slow burn", " slow-burn ", refused=Conflict, says="already")


def test_shipped_nicknames_outlive_a_new_spelling(conn: sqlite3.Connection, add: Add) -> None:
    (work_id,) = add(a_work("Patrol", fandoms=("Buffy the Vampire Slayer",)))
    ship(conn, "fandom", "Buffy the Vampire Slayer", "btvs")
    fandom = FANDOM
    do(conn, tags.rename, "buffy the vampire slayer", "Buffy", kind=fandom)
    assert found(conn, "fandom:btvs") == found(conn, "btvs") == {work_id}
    do(conn, tags.remove_nickname, "buffy", "BTVS", kind=fandom)
    assert found(conn, "fandom:btvs") == set()
    do(conn, tags.rename, "buffy", "Buffy the Vampire Slayer", kind=fandom)
    assert found(conn, "fandom:btvs") == {work_id}
    assert tags.nicknames(conn, HERE, fandom, "btvs") == []
    do(
        conn, tags.remove_nickname, "btvs", "btvs", kind=fandom,
        refused=Conflict, says="came with the bot",
    )  # fmt: skip


def test_a_daily_post_follows_its_fandom(conn: sqlite3.Connection, add: Add) -> None:
    add(a_work("Patrol", fandoms=("Buffyverse",)))
    for guild_id, fandom in ((HERE, "buffyverse"), (THERE, "Buffyverse")):
        conn.execute(
            "INSERT INTO schedules (guild_id, name, name_key, channel_id, local_time, time_zone, "
            "weekdays, fandom, set_at) VALUES (?, 'daily', 'daily', 1, '09:00', 'Europe/Lisbon', "
            "'0123456', ?, '2026-01-01T00:00:00Z')",
            (guild_id, fandom),
        )
    do(conn, tags.rename, "Buffyverse", "Slayerverse", kind=FANDOM)
    rows = conn.execute("SELECT guild_id, fandom FROM schedules ORDER BY guild_id")
    assert rows.fetchall() == [(HERE, "Slayerverse"), (THERE, "Buffyverse")]


def test_facets_and_completion_follow_a_merged_fandom(conn: sqlite3.Connection, add: Add) -> None:
    add(
        a_work("Patrol one", fandoms=("Buffy the Vampire Slayer",), authors=("a",)),
        a_work("Patrol two", fandoms=("BtVS",), authors=("b",)),
    )
    assert facets(conn, "patrol") == {"Buffy the Vampire Slayer", "BtVS"}
    do(conn, tags.merge, "BtVS", "Buffy the Vampire Slayer", kind=FANDOM)
    assert facets(conn, "patrol") == {"Buffy the Vampire Slayer"}
    assert offered(conn, "fandom", "btvs") == ["Buffy the Vampire Slayer"]
    (one,) = search.complete(conn, HERE, "fandom", "buffy", ADULTS)
    assert one.label == "Buffy the Vampire Slayer (2)"
    do(conn, tags.unmerge, "BtVS", kind=FANDOM)
    assert facets(conn, "patrol") == {"Buffy the Vampire Slayer", "BtVS"}


def test_subtags_are_never_in_a_circle(conn: sqlite3.Connection, shelf: list[int]) -> None:
    do(conn, tags.set_parent, "Fluff", "Slow Burn")
    do(conn, tags.set_parent, "Slow Burn", "slowburn")
    assert found(conn, "tag:slowburn") == set(shelf)
    for name, parent in (("slowburn", "Fluff"), ("slowburn", "Slow Burn"), ("Fluff", "fluff")):
        do(conn, tags.set_parent, name, parent, refused=Conflict)
    for name, into in (("Fluff", "slowburn"), ("slowburn", "Fluff")):
        do(conn, tags.merge, name, into, refused=Conflict, says="below the other")
    done = do(conn, tags.set_parent, "Fluff", "slowburn")
    assert (done.other, done.former) == ("slowburn", ("Slow Burn",))
    do(conn, tags.set_parent, "Fluff", "slowburn", refused=Conflict, says="already")
    assert found(conn, 'tag:"slow burn"') == {shelf[0]}
    assert do(conn, tags.set_parent, "Slow Burn", None).former == ("slowburn",)
    assert found(conn, "tag:slowburn") == {shelf[1], shelf[2]}


def test_nicknames_are_checked(conn: sqlite3.Connection, shelf: list[int]) -> None:
    do(conn, tags.add_nickname, "Fluff", "Zuckerwatte")
    assert found(conn, "zuckerwatte") == found(conn, "tag:zuckerwatte") == {shelf[2]}
    for taken in ("zuckerwatte", "FLUFF"):
        do(conn, tags.add_nickname, "Fluff", taken, refused=Conflict, says="already")
    for bad, says in (("  ", "letter"), ("!?", "letter"), ("x" * 101, "101 characters")):
        do(conn, tags.add_nickname, "Fluff", bad, refused=BadInput, says=says)
    do(conn, tags.add_nickname, "Slow Burn", "zuckerwatte")
    do(conn, tags.merge, "zuckerwatte", "slowburn", refused=BadInput, says="several")
    do(conn, tags.remove_nickname, "Fluff", "Zuckerwatte")
    do(conn, tags.remove_nickname, "Fluff", "Zuckerwatte", refused=NotFound)
    assert found(conn, "tag:zuckerwatte") == {shelf[0]}
    for number in range(tags.NICKNAMES_LIMIT):
        do(conn, tags.add_nickname, "Fluff", f"fluff {number}")
    do(conn, tags.add_nickname, "Fluff", "one more", refused=Conflict)


@pytest.mark.parametrize("to", ["", " ", "…", "a" * 151, "Fluff; Angst"])
def test_what_can_be_no_name_is_refused(
    conn: sqlite3.Connection, shelf: list[int], to: str
) -> None:
    do(conn, tags.rename, "Fluff", to, refused=BadInput)
    assert found(conn, "tag:fluff") == {shelf[2]}


def test_a_tag_of_another_kind_is_named_as_such(conn: sqlite3.Connection, add: Add) -> None:
    add(a_work("Patrol", characters=("Spike",), tags=("Fluff",)))
    says = "“Spike” is a character here, and no freeform tag."
    do(conn, tags.merge, "Spike", "Fluff", refused=NotFound, says=says)
    says = "“Fluff” is a freeform tag here, and no fandom."
    do(conn, tags.set_parent, "fluff", None, kind=FANDOM, refused=NotFound, says=says)


def test_another_server_keeps_its_own(conn: sqlite3.Connection, add: Add) -> None:
    works = (
        a_work("Waltz", tags=("Slow Burn",), authors=("a",)),
        a_work("Patrol", tags=("slowburn",), authors=("b",)),
    )
    add(*works)
    theirs, other = add(*works, guild_id=THERE)
    before = state_of(conn, THERE)
    do(conn, tags.merge, "slowburn", "Slow Burn")
    do(conn, tags.add_nickname, "Slow Burn", "simmer")
    do(conn, tags.unmerge, "slowburn")
    do(conn, tags.set_parent, "slowburn", "Slow Burn")
    do(conn, tags.rename, "Slow Burn", "Glacial")
    assert state_of(conn, THERE) == before
    assert found(conn, 'tag:"slow burn"', THERE) == {theirs}
    assert found(conn, "tag:slowburn", THERE) == {other}
    for query in ("tag:glacial", "tag:simmer", "glacial", "simmer"):
        assert not found(conn, query, THERE), query


def test_drafts_and_removed_works_stay_out_of_the_index(conn: sqlite3.Connection, add: Add) -> None:
    first, second = add(
        a_work("Waltz", tags=("Fluff",), authors=("a",)),
        a_work("Patrol", tags=("Fluff",), authors=("b",)),
    )
    keeping.remove(conn, HERE, second, by=1, why="", now=NOW)
    assert do(conn, tags.rename, "Fluff", "Sugar").works == 1
    assert found(conn, "tag:sugar") == {first}
    keeping.restore(conn, HERE, second, by=1, now=NOW)
    assert found(conn, "tag:sugar") == {first, second}


def test_works_of_authors_who_want_no_part_are_not_counted(
    conn: sqlite3.Connection, add: Add
) -> None:
    add(
        a_work("Waltz", tags=("Fluff",), authors=("a",)),
        a_work("Patrol", tags=("Fluff",), authors=("b",)),
    )
    conn.execute("UPDATE authors SET consent = 'excluded' WHERE name = 'b'")
    assert do(conn, tags.rename, "Fluff", "Sugar").works == 1


def test_synonyms_are_offered_where_their_works_may_be_seen(
    conn: sqlite3.Connection, add: Add
) -> None:
    add(
        a_work("Waltz", tags=("Slow Burn",), authors=("a",)),
        a_work("Patrol", tags=("slowburn",), authors=("b",), rating=Rating.EXPLICIT),
    )
    merge(conn, "slowburn", "Slow Burn")

    def synonyms(text: str, viewer: Viewer) -> list[tuple[str, str]]:
        offers = tagged.complete_synonyms(conn, HERE, FREEFORM, text, viewer, 25)
        return [(one.label, one.value) for one in offers]

    assert synonyms("Slow b", ADULTS) == [("slowburn → Slow Burn", "slowburn")]
    assert synonyms("", ADULTS) == [("slowburn → Slow Burn", "slowburn")]
    assert synonyms("", Viewer()) == synonyms("fluff", ADULTS) == []


def test_a_tag_of_two_thousand_works(conn: sqlite3.Connection, add: Add) -> None:
    ids = add(
        *(
            a_work(f"Tale {n}", tags=("Fluff" if n % 2 else "Sugar",), authors=(f"a{n}",))
            for n in range(2000)
        )
    )
    assert do(conn, tags.merge, "Sugar", "Fluff").works == 2000
    ranked = search.search(conn, HERE, SearchRequest("tag:fluff"), ADULTS)
    assert ranked.total == 2000
    assert {row[0] for row in conn.execute("SELECT work_id FROM search_docs")} == set(ids)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["merge", "unmerge", "rename", "set_parent", "add_nickname",
                         "remove_nickname"]),
        st.sampled_from(["A b", "B c", "C d", "D", "E", "nick"]),
        st.sampled_from(["A b", "B c", "C d", "D", "E", "a B", "F g", "nick", "nack"]),
    ),
    max_size=10,
)  # fmt: skip


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_whatever_is_done_the_index_is_right(
    conn: sqlite3.Connection, add: Add, steps: list[tuple[str, str, str]]
) -> None:
    conn.execute("BEGIN")
    names = ("A b", "B c", "C d", "D", "E")
    new = [
        a_work(f"W{n}", tags=(name, names[n - 1]), authors=(f"a{n}",))
        for n, name in enumerate(names)
    ]
    adding.add_works(conn, HERE, new, by=None, now=NOW)
    adding.add_works(conn, THERE, new, by=None, now=NOW)
    theirs = state_of(conn, THERE)
    for action, name, other in steps:
        last: tuple[str, ...] = () if action == "unmerge" else (other,)
        with contextlib.suppress(Conflict, NotFound, BadInput):
            getattr(tags, action)(conn, HERE, FREEFORM, name, *last, by=1, now=NOW)
    assert chains(conn) == circles(conn) == []
    assert state_of(conn, THERE) == theirs
    indexed = contents(conn), all_names(conn)
    rebuild(conn)
    assert (contents(conn), all_names(conn)) == indexed
    conn.execute("ROLLBACK")


def do(
    conn: sqlite3.Connection,
    action: Callable[..., TagChange],
    *names: str | None,
    kind: TagKind = FREEFORM,
    refused: type[LibraryError] | None = None,
    says: str = "",
) -> TagChange:
    """Do it in a transaction, and compare the index with one built afresh.

    Where it is refused, nothing has changed.
    """
    before = state_of(conn, HERE), contents(conn), all_names(conn)
    conn.execute("BEGIN IMMEDIATE")
    if refused:
        with pytest.raises(refused, match=re.escape(says) or None):
            action(conn, HERE, kind, *names, by=1, now=NOW)
        assert (state_of(conn, HERE), contents(conn), all_names(conn)) == before
        conn.execute("ROLLBACK")
        return TagChange("", None, 0)
    logged = len(audit.entries(conn, HERE, limit=1000, before=None))
    done = action(conn, HERE, kind, *names, by=1, now=NOW)
    assert len(audit.entries(conn, HERE, limit=1000, before=None)) == logged + 1
    indexed = contents(conn), all_names(conn)
    conn.execute("COMMIT")
    conn.execute("BEGIN")
    rebuild(conn)
    assert (contents(conn), all_names(conn)) == indexed
    conn.execute("ROLLBACK")
    return done


def rebuild(conn: sqlite3.Connection) -> None:
    """Build the index anew from the library's tables alone."""
    for table in ("docs", "grams", "sizes", "words", "deletes", "keys", "fandoms"):
        conn.execute(f"DELETE FROM search_{table}")
    for table in ("search_titles", "search_fields", "search_trigrams"):
        conn.execute(f"INSERT INTO {table} ({table}) VALUES ('delete-all')")
    conn.execute("INSERT OR REPLACE INTO meta VALUES ('stale: works', ''), ('stale: names', '')")
    rebuild_stale(conn)


def all_names(conn: sqlite3.Connection) -> list[tuple[object, ...]]:
    return conn.execute("SELECT * FROM search_names ORDER BY 1, 2, 3, 4").fetchall()


def state_of(conn: sqlite3.Connection, guild_id: int) -> list[list[tuple[object, ...]]]:
    """A server's tags, what they have to do with each other, and what is indexed of its works."""
    of_tags = "tag_id IN (SELECT tag_id FROM tags WHERE guild_id = ?)"
    of_works = "work_id IN (SELECT work_id FROM works WHERE guild_id = ?)"
    return [
        conn.execute(sql, (guild_id,)).fetchall()
        for sql in (
            "SELECT * FROM tags WHERE guild_id = ? ORDER BY 1",
            f"SELECT * FROM tag_parents WHERE {of_tags} ORDER BY 1, 2",
            "SELECT * FROM nicknames WHERE guild_id = ? ORDER BY 2, 3, 4",
            f"SELECT * FROM search_docs WHERE {of_works} ORDER BY 1",
            "SELECT * FROM search_names WHERE guild_id = ? ORDER BY 1, 2, 3, 4",
        )
    ]


def chains(conn: sqlite3.Connection) -> list[tuple[object, ...]]:
    """Synonyms of synonyms, and links of synonyms: there are none."""
    return conn.execute(
        "SELECT t.name FROM tags AS t JOIN tags AS c ON c.tag_id = t.canonical_id "
        "WHERE c.canonical_id IS NOT NULL UNION ALL SELECT name FROM tags "
        "JOIN tag_parents AS p ON tags.tag_id IN (p.tag_id, p.parent_id) "
        "WHERE canonical_id IS NOT NULL"
    ).fetchall()


def circles(conn: sqlite3.Connection) -> list[tuple[object, ...]]:
    """Tags that are above themselves: there are none."""
    return conn.execute(
        "WITH RECURSIVE up (tag_id, above) AS (SELECT tag_id, parent_id FROM tag_parents "
        "UNION SELECT up.tag_id, p.parent_id FROM up JOIN tag_parents AS p "
        "ON p.tag_id = up.above) SELECT tag_id FROM up WHERE tag_id = above"
    ).fetchall()


def offered(conn: sqlite3.Connection, field: CompletionField, text: str) -> list[str]:
    return [one.value for one in search.complete(conn, HERE, field, text, ADULTS)]


def facets(conn: sqlite3.Connection, query: str) -> set[str]:
    ranked = search.search(conn, HERE, SearchRequest(query), ADULTS)
    return {name for name, _ in ranked.fandoms}


def ship(conn: sqlite3.Connection, kind: str, name: str, nickname: str) -> None:
    """A nickname that comes with the program, as from the first day."""
    conn.execute(
        "INSERT INTO nicknames (kind, name, nickname) VALUES (?, ?, ?)", (kind, name, nickname)
    )
    rebuild(conn)
