"""`backup` and `restore`: of libraries in use, damaged, old, or none at all."""

import contextlib
import os
import sqlite3
from pathlib import Path

import pytest

from db.connection import latest_version, migrate
from db.library import Library
from db.soundness import check
from tests.db.builders import a_work
from tests.db.command_line import file_size_limit, run, stock

pytestmark = pytest.mark.fault(5)

FIRST = a_work("The First Watch", texts=("At four bells the lamp was still lit.",))
SECOND = a_work("The Second Watch", texts=("By six bells it was out, and nobody had seen it go.",))


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A library of one work."""
    path = tmp_path / "library.sqlite3"
    stock(path, [FIRST])
    return path


def titles(library: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(library)) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return [row[0] for row in conn.execute("SELECT title FROM works ORDER BY work_id")]


def is_wal(file: Path) -> bool:
    return file.read_bytes()[18:20] == b"\x02\x02"  # the file format's read and write versions


def is_only_in_the_log(library: Path, words: str) -> bool:
    log = Path(f"{library}-wal").read_bytes()
    return words.encode() in log and words.encode() not in library.read_bytes()


def beside(library: Path) -> list[str]:
    return sorted(path.name for path in library.parent.iterdir() if path != library)


# backup


async def test_a_backup_holds_what_only_the_log_has(library: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite3"
    async with Library.open(library) as opened:
        await opened.add(0, [SECOND], by=None)
        assert is_only_in_the_log(library, "The Second Watch")
        ran = run("backup", copy, "--json", library=library)
        await opened.add(0, [a_work("The Third Watch")], by=None)
    assert (ran.code, ran.err) == (0, "")
    assert ran.rows == [{"library": str(library), "dest": str(copy), "works": 2}]
    assert titles(copy) == ["The First Watch", "The Second Watch"]
    assert is_wal(copy)
    assert beside(library) == ["copy.sqlite3"]
    assert check(copy).is_sound


@pytest.mark.parametrize(
    ("dest", "why"),
    [
        ("taken.sqlite3", "is there already"),
        ("folder", "is a folder"),
        ("nowhere/copy.sqlite3", "There is no folder"),
        ("library.sqlite3", "is there already"),
    ],
)
def test_a_backup_replaces_nothing(library: Path, tmp_path: Path, dest: str, why: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "taken.sqlite3").write_text("precious")
    ran = run("backup", tmp_path / dest, "--json", library=library)
    assert (ran.code, ran.out) == (2, "")
    assert why in ran.err
    assert ran.err.count("\n") == 1
    assert (tmp_path / "taken.sqlite3").read_text() == "precious"
    assert titles(library) == ["The First Watch"]


# restore


def test_a_backup_comes_back_and_what_was_there_is_kept(library: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite3"
    run("backup", copy, library=library)
    before = copy.read_bytes()
    stock(library, [SECOND])
    ran = run("restore", copy, "--json", library=library)
    kept = tmp_path / "library.sqlite3.before-restore"
    assert ran.code == 0
    assert ran.rows == [
        {"library": str(library), "source": str(copy), "works": 1, "kept": str(kept)}
    ]
    assert titles(library) == ["The First Watch"]
    assert titles(kept) == ["The First Watch", "The Second Watch"]
    assert is_wal(library)
    assert copy.read_bytes() == before
    # And once more: nothing that was kept is lost to what is kept now.
    ran = run("restore", kept, library=library)
    assert ran.code == 0
    assert "before-restore-2" in ran.out
    assert titles(library) == titles(kept) == ["The First Watch", "The Second Watch"]
    assert titles(tmp_path / "library.sqlite3.before-restore-2") == ["The First Watch"]
    assert not [name for name in beside(library) if name.endswith(("-wal", "-shm", ".partial"))]


def test_it_restores_where_no_library_is_left(library: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite3"
    library.rename(copy)
    for ending in ("-wal", "-shm"):  # of the library that is gone
        Path(f"{library}{ending}").write_bytes(b"\x37\x7f\x06\x82" + bytes(5000))
    ran = run("restore", copy, library=library)
    assert (ran.code, ran.err) == (0, "")
    assert titles(library) == ["The First Watch"]
    assert beside(library) == ["copy.sqlite3"]


def test_it_restores_over_a_damaged_library_and_keeps_that(library: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite3"
    run("backup", copy, library=library)
    library.write_bytes(b"scrambled" * 1000)
    Path(f"{library}-wal").write_bytes(b"its log")
    assert run("restore", copy, library=library).code == 0
    assert titles(library) == ["The First Watch"]
    kept = tmp_path / "library.sqlite3.before-restore"
    assert kept.read_bytes() == b"scrambled" * 1000
    assert Path(f"{kept}-wal").read_bytes() == b"its log"


async def test_a_library_in_use_is_left_alone(library: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite3"
    run("backup", copy, library=library)
    async with Library.open(library) as opened:
        await opened.add(0, [SECOND], by=None)
        ran = run("restore", copy, "--json", library=library)
        await opened.add(0, [a_work("The Third Watch")], by=None)
    assert (ran.code, ran.out) == (78, "")
    assert ran.err == f"{library} is in use. Stop the bot first.\n"
    assert len(titles(library)) == 3
    assert beside(library) == ["copy.sqlite3"]


def test_what_is_no_sound_library_is_not_restored(library: Path, tmp_path: Path) -> None:
    whole = tmp_path / "copy.sqlite3"
    run("backup", whole, library=library)
    good = whole.read_bytes()
    page = int.from_bytes(good[16:18], "big")
    sources = {
        "empty": b"",
        "junk": b"a letter, not a library" * 100,
        "cut": good[: len(good) // 2],
        "scrambled": good[:page] + b"\xa5" * (len(good) - page),
        "other": good[:68] + bytes(4) + good[72:],
        "newer": good[:60] + (latest_version() + 1).to_bytes(4, "big") + good[64:],
    }
    before = library.read_bytes()
    for name, data in sources.items():
        source = tmp_path / name
        source.write_bytes(data)
        ran = run("restore", source, "--json", library=library)
        assert (ran.code, ran.out) == (78, ""), name
        assert str(source) in ran.err
        assert ran.err.count("\n") == 1
        assert source.read_bytes() == data
    assert library.read_bytes() == before
    assert beside(library) == sorted(["copy.sqlite3", *sources])


def test_a_backup_of_an_older_version_is_brought_up_to_date(tmp_path: Path) -> None:
    old, library = tmp_path / "old.sqlite3", tmp_path / "library.sqlite3"
    with contextlib.closing(sqlite3.connect(old, isolation_level=None)) as conn:
        migrate(conn, up_to=1)
    before = old.read_bytes()
    assert check(old).schema == 1
    assert run("restore", old, library=library).code == 0
    assert check(library).schema == latest_version()
    assert old.read_bytes() == before


def test_a_library_is_not_restored_from_itself(library: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.sqlite3"
    link.symlink_to(library)
    for source in (library, link):
        ran = run("restore", source, library=library)
        assert ran.code == 2
        assert "is the library itself" in ran.err
    assert titles(library) == ["The First Watch"]


def test_a_library_behind_a_link_is_restored_where_it_is(library: Path, tmp_path: Path) -> None:
    copy, link = tmp_path / "copy.sqlite3", tmp_path / "elsewhere" / "link.sqlite3"
    run("backup", copy, library=library)
    stock(library, [SECOND])
    link.parent.mkdir()
    link.symlink_to(library)
    assert run("restore", copy, library=link).code == 0
    assert link.is_symlink()
    assert titles(library) == ["The First Watch"]


def test_of_a_folder_the_newest_sound_backup_is_restored(library: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    sound = folder / "library-2026-11-27T0300Z.sqlite3"
    run("backup", sound, library=library)
    stock(library, [SECOND])
    newest = folder / "library-2026-11-28T0300Z.sqlite3"
    run("backup", newest, library=library)
    data = newest.read_bytes()
    newest.write_bytes(data[: len(data) // 2])
    for name in ("other-2026-11-29T0300Z.sqlite3", "library-2026-13-29T0300Z.sqlite3"):
        (folder / name).write_bytes(sound.read_bytes())
    ran = run("restore", folder, "--json", library=library)
    assert (ran.code, ran.rows[0]["source"]) == (0, str(sound))
    assert ran.err == (f"{newest} is cut short. Restore a backup of it. An older copy is taken.\n")
    assert titles(library) == ["The First Watch"]
    sound.unlink()
    ran = run("restore", folder, library=library)
    assert (ran.code, ran.out) == (78, "")
    assert "There is no sound copy in" in ran.err
    assert titles(library) == ["The First Watch"]


def test_rights_stay_as_narrow_as_they_were(library: Path, tmp_path: Path) -> None:
    """Words of members stand in it."""
    copy = tmp_path / "copy.sqlite3"
    library.chmod(0o600)
    run("backup", copy, library=library)
    assert copy.stat().st_mode & 0o777 == 0o600
    copy.chmod(0o644)
    run("restore", copy, library=library)
    assert library.stat().st_mode & 0o777 == 0o600


def test_without_room_for_it_no_copy_is_begun(library: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite3"
    os.truncate(library, 2**43)  # a file with a hole takes no room
    ran = run("backup", copy, library=library)
    assert (ran.code, ran.out) == (78, "")
    assert f"MiB in {tmp_path}, and " in ran.err
    assert "Make room there." in ran.err
    assert beside(library) == []


def test_a_disk_that_fills_up_meanwhile_costs_the_copy_alone(library: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite3"
    with file_size_limit(library.stat().st_size // 2):
        ran = run("backup", copy, library=library)
    assert ran.code in (2, 78)
    assert "Traceback" not in ran.err
    assert ran.err.count("\n") == 1
    assert beside(library) == []
    assert titles(library) == ["The First Watch"]
    assert run("backup", copy, library=library).code == 0
