"""`inspect`: what ingest makes of files, and that nothing is stored."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.db.builders import LANTERN, a_work
from tests.db.command_line import run, stock, write_lines

KEYS = [
    "file", "title", "title_source", "title_candidates", "authors", "fandoms", "characters",
    "relationships", "rating", "warnings", "language", "status", "body_words", "chapters", "zones",
    "excerpts", "problems",
]  # fmt: skip

STORY = f"""The Ferry at Low Water

by quaylight

Rating: Teen And Up Audiences

Chapter 1: Ebb

{LANTERN}

***

{LANTERN.replace("twelve", "nine")}

Chapter 2: Flood

{LANTERN.replace("Marit", "Ottilie")}
"""


@pytest.fixture
def nowhere(tmp_path: Path) -> Path:
    """A library that is not there."""
    return tmp_path / "none.sqlite3"


@pytest.fixture
def story(tmp_path: Path) -> Path:
    """A fic in two chapters."""
    file = tmp_path / "ferry.txt"
    file.write_text(STORY, encoding="utf-8")
    return file


def in_order(stretches: list[dict[str, Any]]) -> bool:
    return all(before["end"] <= after["start"] for before, after in pairwise(stretches))


def test_a_reading_has_the_promised_form(nowhere: Path, story: Path) -> None:
    ran = run("inspect", story, "--json", library=nowhere)
    assert (ran.code, ran.err) == (0, "")
    (row,) = ran.rows
    assert list(row) == KEYS
    assert row["file"] == str(story)
    assert row["title"] == "The Ferry at Low Water"
    assert row["authors"] == ["quaylight"]
    assert row["rating"] == {"value": "Teen And Up Audiences", "source": "header"}
    assert row["language"] == "en"
    assert row["body_words"] == sum(chapter["words"] for chapter in row["chapters"])
    assert [chapter["title"] for chapter in row["chapters"]] == ["Ebb", "Flood"]
    assert [len(chapter["scenes"]) for chapter in row["chapters"]] == [2, 1]


def test_offsets_count_characters_of_the_text(nowhere: Path, story: Path) -> None:
    (row,) = run("inspect", story, "--json", library=nowhere).rows
    assert row["excerpts"]
    for excerpt in row["excerpts"]:
        assert STORY[excerpt["start"] : excerpt["end"]] == excerpt["text"]
    for chapter in row["chapters"]:
        assert STORY[chapter["start"] :].startswith("The lantern went out")
        assert STORY[: chapter["end"]].endswith("with his teeth.")
    body = [zone for zone in row["zones"] if zone["kind"] == "body"]
    assert STORY[body[0]["start"] :].startswith("The lantern went out")
    assert in_order(row["zones"])
    assert in_order(row["chapters"])


def test_a_refused_file_is_told_and_the_rest_goes_on(
    nowhere: Path, story: Path, tmp_path: Path
) -> None:
    (tmp_path / "scan.pdf").write_bytes(b"%PDF-1.7 " + bytes(100))
    (tmp_path / "empty.txt").touch()
    paths = [tmp_path / name for name in ("scan.pdf", "none.txt", "empty.txt")]
    ran = run("inspect", *paths, story, "--json", library=nowhere)
    assert ran.code == 3
    assert [list(row) for row in ran.rows[:3]] == [["file", "error"]] * 3
    assert [row["file"] for row in ran.rows] == [str(path) for path in (*paths, story)]
    assert ran.rows[1]["error"] == "There is no such file."
    assert all(row["error"].endswith(".") for row in ran.rows[:3])


def test_each_line_of_a_list_is_a_work_of_its_own(nowhere: Path, tmp_path: Path) -> None:
    file = write_lines(
        tmp_path / "list.jsonl",
        [
            {"title": "Salt Road", "chapters": [{"title": None, "text": LANTERN}]},
            {"title": "Mislaid", "auhtors": ["tidemark"]},
            "",
            {"title": "Card Only", "words": 4000},
        ],
    )
    ran = run("inspect", file, "--json", library=nowhere)
    assert ran.code == 3
    first, second, third = ran.rows
    assert (first["file"], first["title"]) == (f"{file}:1", "Salt Road")
    assert first["body_words"] == first["chapters"][0]["words"] > 50
    assert second["file"] == f"{file}:2"
    assert "auhtors" in second["error"]
    assert not second["error"].startswith("Line ")
    assert (third["file"], third["body_words"], third["chapters"]) == (f"{file}:4", 4000, [])


def test_nothing_is_stored(nowhere: Path, story: Path, tmp_path: Path) -> None:
    run("inspect", story, library=nowhere)
    assert sorted(tmp_path.iterdir()) == [story]
    library = tmp_path / "library.sqlite3"
    stock(library, [a_work()])
    run("inspect", story, library=library)
    (row,) = run("search", "ferry", "--json", library=library).rows
    assert row["total"] == 0


def test_people_read_what_was_found_and_what_is_missing(nowhere: Path, tmp_path: Path) -> None:
    file = tmp_path / "note.txt"
    file.write_text(f"{LANTERN}\n", encoding="utf-8")
    ran = run("inspect", file, library=nowhere)
    first, *rest = ran.out.splitlines()
    assert first == str(file)
    assert "  title       none" in rest
    assert "  rating      Not Rated" in rest
    assert any(line.startswith("  text        ") and "1 chapter," in line for line in rest)
    assert "  note        The text gives no title." in rest


def test_it_agrees_with_a_careful_reader_of_real_fics(nowhere: Path, seeds: Path) -> None:
    gold = json.loads((seeds / "gold.json").read_text(encoding="utf-8"))
    files = sorted(seeds.glob("*.txt"))
    ran = run("inspect", *files, "--json", library=nowhere)
    assert ran.code == 0
    assert [row["file"] for row in ran.rows] == [str(file) for file in files]
    for file, row in zip(files, ran.rows, strict=True):
        text, expected = file.read_bytes().decode(), gold[file.name]
        assert row["title"] == expected["title"]
        assert row["authors"] == expected["authors"]
        assert row["fandoms"][0]["name"] == expected["fandom"]
        assert row["excerpts"]
        for excerpt in row["excerpts"]:
            # What is shown is without the file's indents.
            assert text[excerpt["start"] : excerpt["end"]].split() == excerpt["text"].split()
            for start, end in (one["span"] for one in expected["exclude"]):
                assert excerpt["end"] <= start or excerpt["start"] >= end
