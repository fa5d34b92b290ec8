"""`export`, and that `add` makes the same library of it."""

from datetime import date
from pathlib import Path

import pytest

from db.models import (
    ArchiveWarning,
    Category,
    Chapter,
    NewWork,
    SeriesPart,
    Status,
    TextAccess,
    WorkInfo,
)
from tests.db.builders import LANTERN, a_work
from tests.db.command_line import run, stock, write_lines

LONG = NewWork(
    WorkInfo(
        title="Die Fähre “Nord” \\ 北",
        authors=("tidemark", "Zoë"),
        fandoms=("Original Work",),
        relationships=("Marit Voss/Ottilie",),
        characters=("Marit Voss", "Ottilie"),
        tags=("Slow Burn", "Boats & Ships"),
        warnings=(ArchiveWarning.VIOLENCE, ArchiveWarning.MAJOR_DEATH),
        categories=(Category.FF,),
        language="de",
        status=Status.IN_PROGRESS,
        summary="Two lines,\nand a \u2028 separator.",
        notes="For the tide.",
        series=(SeriesPart("The Quay", 2), SeriesPart("Unnumbered")),
        published=date(2011, 2, 28),
        updated=date(2012, 2, 29),
        source_url="https://archiveofourown.org/works/123",
        words=90_000,
        text_access=TextAccess.METADATA,
    )
)


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A library with texts, a card without one, and an untitled work."""
    path = tmp_path / "library.sqlite3"
    lines = write_lines(
        tmp_path / "source.jsonl",
        [
            {"title": "Two Parts", "authors": ["quaylight"], "chapters": [
                {"title": "Ebb", "text": f"{LANTERN}\n\n***\n\nA second scene."},
                {"title": None, "text": LANTERN.replace("twelve", "ten")},
            ]},
            {"title": None, "chapters": [{"title": None, "text": "Nobody named this one."}]},
        ],
    )  # fmt: skip
    stock(path, [LONG])
    assert run("add", lines, library=path).code == 0
    return path


def test_export_then_add_gives_the_same_library(library: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    ran = run("export", first, "--json", library=library)
    assert (ran.code, ran.rows) == (0, [{"dest": str(first), "works": 3}])
    other = tmp_path / "other.sqlite3"
    assert run("add", first, "--json", library=other).rows[-1]["summary"]["added"] == 3
    assert run("export", second, library=other).code == 0
    assert first.read_bytes() == second.read_bytes()
    assert first.read_bytes().count(b"\n") == 3
    for query in ("fähre", "ebb", "ottilie"):
        here, there = (
            run("search", query, "--json", library=each).rows[0] for each in (library, other)
        )
        assert here["total"] == there["total"]
        assert [one["title"] for one in here["results"]] == [
            one["title"] for one in there["results"]
        ]


def test_to_standard_output_it_writes_the_lines_alone(library: Path, tmp_path: Path) -> None:
    file = tmp_path / "works.jsonl"
    run("export", file, library=library)
    for arguments in (["-"], ["-", "--json"]):
        ran = run("export", *arguments, library=library)
        assert (ran.code, ran.err) == (0, "")
        assert ran.out == file.read_text(encoding="utf-8")


def test_what_is_there_is_replaced_only_by_force(library: Path, tmp_path: Path) -> None:
    file = tmp_path / "works.jsonl"
    file.write_text("precious\n")
    ran = run("export", file, library=library)
    assert (ran.code, ran.out, file.read_text()) == (2, "", "precious\n")
    assert "--force" in ran.err
    assert run("export", file, "--force", library=library).code == 0
    assert file.read_text(encoding="utf-8").startswith('{"title": "Die Fähre')
    assert not list(tmp_path.glob("*.partial"))


@pytest.mark.parametrize(
    ("dest", "why"),
    [
        ("works.json", "does not end in .jsonl"),
        ("folder.jsonl", "is a folder"),
        ("nowhere/works.jsonl", "cannot be written: No such file or directory"),
    ],
)
def test_a_place_that_will_not_do_is_said(
    library: Path, tmp_path: Path, dest: str, why: str
) -> None:
    (tmp_path / "folder.jsonl").mkdir()
    ran = run("export", tmp_path / dest, "--force", "--json", library=library)
    assert (ran.code, ran.out) == (2, "")
    assert why in ran.err
    assert ran.err.count("\n") == 1


def test_only_the_servers_own_published_works_go_out(tmp_path: Path) -> None:
    library = tmp_path / "library.sqlite3"
    text = Chapter(None, "The other shelf has one book.", 6)
    stock(library, [a_work("Ours")], guild_id=7)
    stock(library, [NewWork(WorkInfo("Theirs"), (text,))], guild_id=8)
    ran = run("export", "-", "--guild", "7", library=library)
    assert [row["title"] for row in ran.rows] == ["Ours"]
