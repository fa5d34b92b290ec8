"""Wrong usage, help, and libraries that cannot be used."""

from pathlib import Path

import pytest

from tests.db.builders import a_work
from tests.db.command_line import no_traceback, run, start, stock


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A library of one work."""
    path = tmp_path / "library.sqlite3"
    stock(path, [a_work()])
    return path


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["spike", "--batch", "queries.txt"],
        ["--batch", "none.txt"],
        ["spike", "--limit", "0"],
        ["spike", "--limit", "ten"],
        ["spike", "--limit", "1001"],
        ["spike", "--guild", "Reading Room"],
        ["spike", "--guild", "9223372036854775808"],
        ["spike", "--colour"],
    ],
)
def test_wrong_usage_is_2_and_prints_no_result(library: Path, arguments: list[str]) -> None:
    ran = run("search", *arguments, "--json", library=library)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.strip()


@pytest.mark.parametrize("command", ["add", "inspect", "export", "backup", "restore"])
def test_an_empty_path_is_wrong_usage_and_not_the_folder_one_is_in(
    library: Path, command: str
) -> None:
    ran = run(command, "", library=library)
    assert ran.code == 2
    assert "may not be empty" in ran.err


def test_help_names_every_option(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    wanted = {
        "add": "PATH",
        "inspect": "PATH",
        "search": "--batch FILE",
        "export": "--force",
        "backup": "DEST",
        "restore": "SRC",
        "check": "--json",
    }
    for command, option in wanted.items():
        ran = run(command, "--help", library=tmp_path / "none")
        assert ran.code == 0
        assert f"usage: bot.py {command}" in ran.out
        for each in (option, "--guild ID", "--json", "--config PATH", "--library PATH"):
            assert each in ran.out
    assert capsys.readouterr().out == ""


def test_a_library_that_is_not_there_is_78_and_stays_away(tmp_path: Path) -> None:
    missing = tmp_path / "typo.sqlite3"
    for command, *arguments in (
        ("search", "spike"),
        ("export", "-"),
        ("export", "works.jsonl"),
        ("backup", str(tmp_path / "copy.sqlite3")),
        ("check",),
        ("restore", str(missing)),
    ):
        ran = run(command, *arguments, "--json", library=missing)
        assert ran.code == 78
        assert ran.out == "" or command == "check"  # which tells of all else, too
        assert ran.err.count("\n") == 1
        assert str(missing) in ran.err
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_library_is_78_and_left_as_it_was(tmp_path: Path) -> None:
    junk = tmp_path / "holiday.sqlite3"
    junk.write_bytes(b"not a library at all" * 100)
    before = junk.read_bytes()
    for command, *arguments in (
        ("search", "spike"),
        ("export", "-"),
        ("backup", str(tmp_path / "copy.sqlite3")),
        ("check",),
        ("add", str(tmp_path)),
        ("inspect", str(tmp_path)),
    ):
        ran = run(command, *arguments, "--json", library=junk)
        assert ran.code == 78, command
        assert ran.out == "" or command == "check"  # which tells of all else, too
        assert "is not a Ficshelf library" in ran.err.splitlines()[-1]
        assert no_traceback(ran.err)
    assert junk.read_bytes() == before
    assert list(tmp_path.iterdir()) == [junk]


def test_a_library_that_turns_out_damaged_is_78(library: Path) -> None:
    with library.open("r+b") as file:  # all but the header and the schema's first page
        file.seek(4096)
        file.write(b"\xa5" * (library.stat().st_size - 4096))
    with start("search", "--library", library, "boat", folder=library.parent) as program:
        out, err = program.communicate()
    assert (program.returncode, out) == (78, b"")
    assert no_traceback(err)
    assert err.count(b"\n") == 1
