"""A bulk build holds the same as works indexed one by one."""

import sqlite3

import pytest

from db import search
from db.search import index
from tests.search.conftest import HERE, Add, a_work
from tests.search.test_properties import contents


def test_a_bulk_build_holds_the_same(
    conn: sqlite3.Connection, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = add(*(a_work(f"The Lighthouse of {n} Winters", authors=(f"w{n}",)) for n in range(30)))
    one_by_one = contents(conn)
    search.unindex_works(conn, HERE, ids)
    assert contents(conn) != one_by_one
    monkeypatch.setattr(index, "STAGED_WORKS", 10)
    conn.execute("BEGIN")
    search.index_works(conn, HERE, ids)
    conn.execute("COMMIT")
    assert contents(conn) == one_by_one
    # Again, over what stands.
    conn.execute("BEGIN")
    search.index_works(conn, HERE, ids)
    conn.execute("COMMIT")
    assert contents(conn) == one_by_one
    assert conn.execute(
        "SELECT count(*) FROM sqlite_temp_schema WHERE name = 'search_keys'"
    ).fetchone() == (0,)


def test_a_bulk_build_that_fails_leaves_nothing_behind(
    conn: sqlite3.Connection, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = add(*(a_work(f"Lantern {n}", authors=(f"w{n}",)) for n in range(12)))
    before = contents(conn)
    monkeypatch.setattr(index, "STAGED_WORKS", 10)
    monkeypatch.setattr(index, "_STAGED_BATCH", 5)
    adds = index._add
    seen: list[int] = []

    def fail_late(*args: object) -> None:
        seen.append(1)
        if len(seen) > 2:
            raise sqlite3.OperationalError("disk I/O error")
        adds(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(index, "_add", fail_late)
    conn.execute("BEGIN")
    with pytest.raises(sqlite3.OperationalError, match="disk"):
        search.index_works(conn, HERE, ids)
    conn.execute("ROLLBACK")
    assert contents(conn) == before
    monkeypatch.setattr(index, "_add", adds)
    conn.execute("BEGIN")
    search.index_works(conn, HERE, ids)
    conn.execute("COMMIT")
    assert contents(conn) == before
