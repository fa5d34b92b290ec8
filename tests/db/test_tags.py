"""Merged tags are found together at once, and the index holds what one built afresh holds."""

import sqlite3

import pytest

from db import search, tags
from db.errors import Conflict, NotFound
from db.models import SearchRequest, TagKind, Viewer
from tests.search.conftest import HERE, NOW, THERE, Add, a_work, add, conn
from tests.search.test_properties import contents

__all__ = ["add", "conn"]  # fixtures
FREEFORM = TagKind.FREEFORM


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
