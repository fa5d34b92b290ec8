"""Where the commands' output goes: to programs, to people, and to nobody any more."""

import json
import os
from pathlib import Path

import pytest

from tests.db.builders import a_work
from tests.db.command_line import run, start, stock


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A library of one work."""
    path = tmp_path / "library.sqlite3"
    stock(path, [a_work("Harbour Café 星")])
    return path


def test_text_for_people_cannot_steer_the_terminal(tmp_path: Path) -> None:
    library = tmp_path / "library.sqlite3"
    stock(library, [a_work("Red \x1b[31mBoat\x9b2J\u202e\nnext line", authors=("a\x07b",))])
    ran = run("search", "red", library=library)
    assert "Red [31mBoat2J next line by ab" in ran.out
    assert not set(ran.out) & set("\x1b\x9b\u202e\x07")


def test_json_is_utf8_whatever_the_terminal_speaks(library: Path) -> None:
    query = b"harb\xffour"  # half a character: the shell passes on what was typed
    with start(
        "--library", library, "search", "--json", query,
        folder=library.parent, PYTHONIOENCODING="ascii", LC_ALL="C",
    ) as program:  # fmt: skip
        out, err = program.communicate()
    assert (program.returncode, err) == (0, b"")
    row = json.loads(out.decode("utf-8"))
    assert row["query"] == os.fsdecode(query)
    assert [result["title"] for result in row["results"]] == ["Harbour Café 星"]


def test_a_reader_that_leaves_ends_the_search_quietly(library: Path, tmp_path: Path) -> None:
    batch = tmp_path / "queries.txt"
    batch.write_text("boat\n" * 2000)
    with start(
        "search", "--library", library, "--json", "--batch", batch, folder=tmp_path
    ) as program:
        assert program.stdout is not None
        first = program.stdout.read(20)
        program.stdout.close()
        assert program.stderr is not None
        err = program.stderr.read()
    assert first.startswith(b'{"query": "boat"')
    assert (program.returncode, err) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_output_that_cannot_be_written_is_said(library: Path, unbuffered: str) -> None:
    with (
        Path("/dev/full").open("wb") as full,
        start(
            "export", "-", "--library", library,
            folder=library.parent, stdout=full, PYTHONUNBUFFERED=unbuffered,
        ) as program,
    ):  # fmt: skip
        _, err = program.communicate()
    assert program.returncode == 2
    assert err.decode().splitlines() == ["The output cannot be written: No space left on device."]
