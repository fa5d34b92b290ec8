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
from tests.ingest.formats.epub_files import EBook, epub

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

ODD = [
    "tab\tand\nline", '“quoted” "twice" \\ back', "emoji 👩\u200d👩\u200d👧", "e\u0301 é ﬁ İ ß",
    "\u2028\u2029", "\u202eturned", "<b>bold</b> &amp;", "=1+1", "-tag:x OR y*", "\ufeffmark",
    "𝕱raktur 北 ひ", "x,y;z|w\r\n", "\x85\x1b[31m", "a\x00b", "‘’\u00a0wide\u3000", "*** # ---",
    "null", "[1](2)", "A/B & C/D", "%s {0} ${x}",
]  # fmt: skip


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


def a_line(number: int) -> dict[str, object]:
    """A work like no other, with something odd in one of its fields."""
    odd = ODD[number % len(ODD)]
    line: dict[str, object] = {
        "title": f"Watch {number} {odd}",
        "authors": [f"keeper {number % 40}", f"{odd} {number % 7}"],
        "fandoms": ["Original Work", f"Sea {number % 90}"],
        "tags": [f"{odd}, or not", f"tag {number % 300}"],
        "summary": f"{odd}\n{odd}",
        "series": [{"name": f"Logs {number % 50}", "part": number}],
        "words": number * 1000,
    }
    if number % 7 == 0:
        text = f"Watch {number} was quiet but for {odd}.\n\nNobody asked gull {number * 7919} why."
        line |= {"chapters": [{"title": odd, "text": text}], "notes": odd}
        del line["words"]
    return line


def test_of_a_thousand_odd_works_none_is_lost_or_changed(tmp_path: Path) -> None:
    files = [tmp_path / f"{n}.jsonl" for n in range(3)]
    libraries = [tmp_path / f"{n}.sqlite3" for n in range(2)]
    write_lines(files[0], map(a_line, range(1010)))
    for at, library in enumerate(libraries):
        ran = run("add", files[at], "--json", library=library)
        assert ran.rows[-1]["summary"] == {
            "added": 1010, "updated": 0, "duplicate": 0, "refused": 0
        }  # fmt: skip
        assert run("export", files[at + 1], library=library).code == 0
    assert files[1].read_bytes() == files[2].read_bytes()
    queries = write_queries(tmp_path, ["watch 77", "keper 3", "tag:“tag 7”", *ODD])
    here, there = (
        run("search", "--batch", queries, "--json", library=each).rows for each in libraries
    )
    assert sum(row["total"] for row in here) > 1000
    assert [row | {"elapsed_ms": 0} for row in here] == [row | {"elapsed_ms": 0} for row in there]


def write_queries(folder: Path, queries: list[str]) -> Path:
    file = folder / "queries.txt"
    file.write_text("".join(f"{' '.join(query.split())}\n" for query in queries))
    return file


def test_what_a_file_says_at_too_great_length_comes_back_too(tmp_path: Path) -> None:
    """The format's limits are not every e-book's."""
    book = tmp_path / "book.epub"
    long = "a name without end " * 100
    book.write_bytes(
        epub(
            EBook(
                pages={"a.xhtml": f"<body><p>{LANTERN}</p></body>"},
                metadata=f"<dc:title>{long}</dc:title><dc:creator>{long}</dc:creator>"
                f"<dc:subject>{long}</dc:subject><dc:language>en</dc:language>"
                f"<dc:source>https://example.org/{'long' * 600}</dc:source>",
            )
        )
    )
    files = [tmp_path / f"{n}.jsonl" for n in range(2)]
    libraries = [tmp_path / f"{n}.sqlite3" for n in range(2)]
    assert run("add", book, library=libraries[0]).code == 0
    run("export", files[0], library=libraries[0])
    ran = run("add", files[0], library=libraries[1])
    assert ran.code == 0, ran.out
    run("export", files[1], library=libraries[1])
    assert files[0].read_bytes() == files[1].read_bytes()
    assert '"title": "a name without end a name' in files[0].read_text(encoding="utf-8")


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
