"""What holds for any text: nothing raises, and what is taken out is as if it had never been."""

import re
import sqlite3
import string
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db import search
from db.models import SearchRequest, Viewer
from db.search.normalise import _is_mixed, normalise
from db.search.spelling import corrections
from tests.search.conftest import HERE, Add, a_work

ADULTS = Viewer(user_id=1, adult_ok=True)
ANY = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
TEXT = st.text(max_size=80)
# Everything but lone surrogates, which no file and no message of Discord's can hold.
STORED = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


def contents(conn: sqlite3.Connection) -> dict[str, object]:
    """All that the index holds, but for words that only gained from other works."""
    conn.execute(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.t USING fts5vocab(main, search_titles, instance)"
    )
    conn.execute(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.f USING fts5vocab(main, search_fields, instance)"
    )
    conn.execute(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.g USING fts5vocab(main, search_trigrams, instance)"
    )
    return {
        "docs": conn.execute("SELECT * FROM search_docs ORDER BY docid").fetchall(),
        "words": conn.execute(
            "SELECT shard_no, word, works, titles FROM search_words ORDER BY shard_no, word"
        ).fetchall(),
        "deletes": conn.execute("SELECT * FROM search_deletes ORDER BY 1, 2, 3").fetchall(),
        "grams": conn.execute("SELECT * FROM search_grams ORDER BY shard_no, gram").fetchall(),
        "sizes": conn.execute("SELECT * FROM search_sizes").fetchall(),
        "fandoms": conn.execute("SELECT * FROM search_fandoms ORDER BY 1, 2").fetchall(),
        "keys": conn.execute("SELECT * FROM search_keys ORDER BY hash, docid").fetchall(),
        "titles": conn.execute("SELECT term, doc FROM temp.t ORDER BY term, doc").fetchall(),
        "trigrams": conn.execute("SELECT term, doc FROM temp.g ORDER BY term, doc").fetchall(),
        "fields": conn.execute("SELECT term, doc FROM temp.f ORDER BY term, doc").fetchall(),
    }


@pytest.mark.fault(15)
@ANY
@given(query=TEXT)
def test_no_query_raises(conn: sqlite3.Connection, add: Add, query: str) -> None:
    if not conn.execute("SELECT 1 FROM works").fetchone():
        add(a_work("A Winter in Lisbon"), a_work("Patrol", characters=("Spike",)))
    ranked = search.search(conn, HERE, SearchRequest(query), ADULTS)
    assert len(ranked.hits) <= ranked.total
    for field in ("query", "work", "fandom"):
        search.complete(conn, HERE, field, query, ADULTS)


@pytest.mark.fault(15)
def test_hostile_queries_are_only_text(conn: sqlite3.Connection, add: Add) -> None:
    add(a_work("A Winter in Lisbon"))
    for query in (
        "\x00", "\ud800", '" OR 1=1 --', "NEAR(a b, 3)", "title: winter", "a* AND (b",
        "NOT", "OR", "^winter", "-", "'; DROP TABLE works;", "x" * 6000, "a " * 3000, "🦊" * 500,
        "﷽" * 500, "\u202e\u0000winter", "%", "_",
    ):  # fmt: skip
        search.search(conn, HERE, SearchRequest(query), ADULTS)
        search.complete(conn, HERE, "query", query, ADULTS)
    assert conn.execute("SELECT count(*) FROM works").fetchone() == (1,)


@ANY
@given(
    kept=st.lists(STORED, min_size=1, max_size=3),
    taken=st.lists(STORED, min_size=1, max_size=3),
    names=st.lists(STORED, max_size=3),
)
def test_unindexing_is_the_exact_inverse(
    conn: sqlite3.Connection, add: Add, kept: list[str], taken: list[str], names: list[str]
) -> None:
    add(*(a_work(f"{title} a{n}", authors=(f"w{n}",)) for n, title in enumerate(kept)))
    before = contents(conn)
    ids = add(
        *(
            a_work(f"{title} b{n}", authors=(f"v{n}",), characters=tuple(names))
            for n, title in enumerate(taken)
        )
    )
    # Whatever happens to the rows meanwhile.
    conn.execute("UPDATE works SET title = 'Changed behind its back'")
    conn.execute("UPDATE tags SET name = 'changed' || tag_id")
    search.unindex_works(conn, HERE, [work_id for work_id in ids if work_id])
    after = contents(conn)
    standing = {row[0] for row in before["docs"]}  # type: ignore[attr-defined]
    assert {row[0] for row in after["docs"]} == standing  # type: ignore[attr-defined]
    assert after == before
    conn.execute("DELETE FROM works WHERE work_id IN (SELECT value FROM json_each(?))", (str(ids),))
    conn.execute("UPDATE works SET title = 'Elsewhere ' || work_id, title_key = ''")


@ANY
@given(
    word=st.text(string.ascii_lowercase, min_size=5, max_size=14),
    at=st.integers(0, 13),
    letter=st.sampled_from(string.ascii_lowercase),
    kind=st.sampled_from(["swap", "delete", "insert", "substitute"]),
)
def test_every_single_slip_is_found(
    conn: sqlite3.Connection, add: Add, word: str, at: int, letter: str, kind: str
) -> None:
    add(a_work(word, authors=()))
    at %= len(word)
    mistyped = {
        "swap": word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
        "delete": word[:at] + word[at + 1 :],
        "insert": word[:at] + letter + word[at:],
        "substitute": word[:at] + letter + word[at + 1 :],
    }[kind]
    (shard_no,) = conn.execute("SELECT shard_no FROM guilds WHERE guild_id = ?", (HERE,)).fetchone()
    if mistyped != word:
        found = [one.word for one in corrections(conn, shard_no, mistyped, limit=10_000)]
        assert word in found


@pytest.mark.fault(15)
def test_normalising_takes_a_time_that_grows_with_the_text() -> None:
    for text in ("ß" * 6000, "a" * 5999 + "é", "aа" * 3000, "а" * 5999 + "1a"):
        began = time.process_time()
        normalise(text)
        assert time.process_time() - began < 0.2


@given(
    word=st.text(st.sampled_from("abz1_9аеοκßÅ ²"), max_size=12).map(str.lower),
)
def test_look_alikes_count_where_letters_are_mixed(word: str) -> None:
    mixed = re.search("[a-z][^\\W\\d_]*[\u0370-\u04ff]|[\u0370-\u04ff][^\\W\\d_]*[a-z]", word)
    assert _is_mixed(word) is bool(mixed)


@given(text=st.text(max_size=200))
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert once == " ".join(once.split())
