"""`search` as the owner types it."""

from pathlib import Path

import pytest

from db.models import Rating
from tests.db.builders import a_work
from tests.db.command_line import run, stock

BOAT = a_work()
HARBOUR = a_work(
    "Harbour Café 星",
    authors=("tidemark",),
    rating=Rating.EXPLICIT,
    texts=("Nobody had ordered the second cup, and yet it was there every morning.",),
)
KEYS = ["query", "interpreted", "did_you_mean", "total", "fandoms", "results", "elapsed_ms"]
RESULT_KEYS = [
    "work_id", "title", "authors", "fandoms", "characters", "rating", "score", "matched_in",
]  # fmt: skip


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A library of two works, one of them adult."""
    path = tmp_path / "library.sqlite3"
    stock(path, [BOAT, HARBOUR])
    return path


def test_an_answer_has_the_promised_form(library: Path) -> None:
    ran = run("search", "twelfth", "boat", "--json", library=library)
    assert (ran.code, ran.err) == (0, "")
    (row,) = ran.rows
    assert list(row) == KEYS
    assert (row["query"], row["total"], row["did_you_mean"]) == ("twelfth boat", 1, None)
    assert row["fandoms"] == [["Original Work", 1]]
    assert row["elapsed_ms"] > 0
    (result,) = row["results"]
    assert list(result) == RESULT_KEYS
    assert result["title"] == "The Twelfth Boat"
    assert result["authors"] == ["quaylight"]
    assert result["characters"] == ["Marit Voss"]
    assert result["rating"] == "General Audiences"
    assert "title" in result["matched_in"]


def test_what_a_query_has_wrong_is_told(library: Path) -> None:
    ran = run("search", "rating:sweet", "boat", library=library)
    assert "The Twelfth Boat" in ran.out
    assert "“rating:sweet” was searched as words" in ran.out
    (row,) = run("search", "fandom:nowhere", "boat", "--json", library=library).rows
    assert row["interpreted"]["notes"] == ["There is no fandom like “nowhere” here."]


def test_the_owner_sees_adult_works(library: Path) -> None:
    (row,) = run("search", "harbour", "--json", library=library).rows
    assert [result["rating"] for result in row["results"]] == ["Explicit"]


def test_a_misspelling_is_told(library: Path) -> None:
    ran = run("search", "harbuor", library=library)
    assert "“harbuor”: 1 found" in ran.out
    assert "Taken as “harbour”" in ran.out
    assert "Harbour Café 星 by tidemark" in ran.out


def test_limit_cuts_the_results_and_not_the_count(library: Path) -> None:
    (row,) = run("search", "marit", "--limit", "1", "--json", library=library).rows
    assert (len(row["results"]), row["total"]) == (1, 2)


def test_a_batch_answers_every_line_in_order(library: Path, tmp_path: Path) -> None:
    lines = ["boat", "", "har\rbour", "  ", "harbour"]
    batch = tmp_path / "queries.txt"
    batch.write_bytes("\ufeffboat\r\n\nhar\rbour\n  \nharbour".encode())
    ran = run("search", "--batch", batch, "--json", library=library)
    assert ran.code == 0
    assert [row["query"] for row in ran.rows] == lines
    assert [row["total"] for row in ran.rows if row["query"] in ("boat", "harbour")] == [1, 1]


def test_the_server_is_the_one_named_else_home_else_the_only_one(tmp_path: Path) -> None:
    library = tmp_path / "library.sqlite3"

    def total(*arguments: object, home_guild: int | None = None) -> int:
        ran = run("search", "boat", "--json", *arguments, library=library, home_guild=home_guild)
        return int(ran.rows[0]["total"])

    stock(library, [BOAT], guild_id=7)
    assert total() == 1
    stock(library, [HARBOUR], guild_id=8)
    assert total() == 0  # two servers: the shelf of none
    assert total("--guild", "7") == 1
    assert total(home_guild=7) == 1
    assert total("--guild", "8", home_guild=7) == 0
