"""The interchange format: one work per line, and a sentence for each line that is none."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.ingest.interchange import (
    LINE_LIMIT_CHARS,
    LineError,
    ParsedLine,
    parse_line,
    parse_lines,
    write_line,
)
from db.models import (
    ArchiveWarning,
    Category,
    Chapter,
    NewWork,
    Rating,
    SeriesPart,
    Status,
    TextAccess,
    WorkInfo,
)

ANY_TEXT = st.text(st.characters(codec="utf-8"), max_size=40)
NAMES = st.lists(ANY_TEXT.filter(bool), max_size=3).map(tuple)
INFOS = st.builds(
    WorkInfo,
    title=st.none() | ANY_TEXT.map(str.strip).filter(bool),
    authors=NAMES,
    fandoms=NAMES,
    relationships=NAMES,
    characters=NAMES,
    tags=NAMES,
    rating=st.sampled_from(Rating),
    warnings=st.lists(st.sampled_from(ArchiveWarning), unique=True).map(tuple),
    categories=st.lists(st.sampled_from(Category), unique=True).map(tuple),
    language=st.none() | st.sampled_from(["en", "fr", "pt-BR"]),
    status=st.sampled_from(Status),
    summary=st.none() | ANY_TEXT.filter(bool),
    notes=st.none() | ANY_TEXT.filter(bool),
    series=st.lists(
        st.builds(SeriesPart, name=ANY_TEXT.filter(bool), part=st.none() | st.integers(0, 1 << 30)),
        max_size=2,
    ).map(tuple),
    published=st.none() | st.dates(),
    updated=st.none() | st.dates(),
    source_url=st.none() | st.just("https://archive.example/works/1"),
    words=st.integers(0, 1 << 50),
    text_access=st.sampled_from(TextAccess),
)
CHAPTERS = st.lists(
    st.builds(Chapter, title=st.none() | ANY_TEXT, text=ANY_TEXT, words=st.just(0)), max_size=3
).map(tuple)


@given(st.builds(NewWork, info=INFOS, chapters=CHAPTERS))
def test_a_work_comes_back_as_it_was_written(work: NewWork) -> None:
    line = write_line(work)
    assert "\n" not in line
    assert parse_line(line) == work
    assert parse_line(line.encode()) == work


def test_only_the_title_is_required() -> None:
    assert parse_line('{"title": "Harbour Lamps"}') == NewWork(WorkInfo("Harbour Lamps"))
    assert parse_line('{"title": null}') == NewWork(WorkInfo(None))
    assert parse_line('{"title": "  "}') == NewWork(WorkInfo(None))


def test_every_key() -> None:
    given: dict[str, Any] = {
        "title": "Harbour Lamps",
        "authors": ["Quillfeather"],
        "fandoms": ["Lantern Coast"],
        "relationships": ["Marisol/Tomas"],
        "characters": ["Marisol"],
        "tags": ["Slow Burn"],
        "rating": "Teen And Up Audiences",
        "warnings": ["No Archive Warnings Apply"],
        "categories": ["F/M"],
        "language": "en",
        "status": "in progress",
        "summary": "A parcel comes late.",
        "notes": "For the winter exchange.",
        "series": [{"name": "Lamps", "part": 2}],
        "published": "2024-01-31",
        "updated": "2024-02-29",
        "source_url": "https://archive.example/works/1",
        "words": 1200,
        "text_access": "full",
        "chapters": [{"title": "The Parcel", "text": "It was late."}],
    }
    work = parse_line(json.dumps(given))
    assert work.info.updated == date(2024, 2, 29)
    assert work.info.series == (SeriesPart("Lamps", 2),)
    assert work.chapters == (Chapter("The Parcel", "It was late.", 0),)
    assert json.loads(write_line(work)) == given


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"titel": "x"}, "titel"),
        ({"title": 5}, "title"),
        ({"title": "x" * 1001}, "title"),
        ({"authors": "Quillfeather"}, "authors"),
        ({"authors": [""]}, "authors.0"),
        ({"authors": ["x", 5]}, "authors.1"),
        ({"tags": ["x"] * 501}, "tags"),
        ({"rating": "PG-13"}, "rating"),
        ({"warnings": ["Spiders"]}, "warnings.0"),
        ({"categories": ["X/Y"]}, "categories.0"),
        ({"status": "done"}, "status"),
        ({"published": "31.01.2024"}, "published"),
        ({"published": "2023-02-29"}, "published"),
        ({"updated": 20240131.5}, "updated"),
        ({"words": -1}, "words"),
        ({"words": "many"}, "words"),
        ({"words": 1 << 53}, "words"),
        ({"source_url": "javascript:alert(1)"}, "source_url"),
        ({"source_url": "https://a.example/x y"}, "source_url"),
        ({"text_access": "everything"}, "text_access"),
        ({"series": [{"part": 1}]}, "series.0.name"),
        ({"series": [{"name": "Lamps", "part": -1}]}, "series.0.part"),
        ({"chapters": [{"title": "The Parcel"}]}, "chapters.0.text"),
        ({"chapters": [{"text": "x", "words": 3}]}, "chapters.0.words"),
        ({"chapters": {"text": "x"}}, "chapters"),
    ],
)
def test_an_error_names_line_and_key(change: dict[str, Any], key: str) -> None:
    line = json.dumps({"title": "Harbour Lamps"} | change)
    [error] = parse_lines([line], first=7)
    assert isinstance(error, LineError)
    assert error.line_no == 7
    assert error.reason.startswith(f"Line 7: “{key}”")
    assert error.reason.endswith(".")
    assert "\n" not in error.reason
    assert len(error.reason) < 400


def test_a_missing_title_is_named() -> None:
    [error] = parse_lines(['{"authors": ["Quillfeather"]}'])
    assert error == LineError(1, "Line 1: “title” is missing.")


@pytest.mark.parametrize("line", ["It was late.", '{"title": "x"', "{'title': 'x'}", b"\xff\xfe{}"])
def test_what_is_not_json(line: str | bytes) -> None:
    [error] = parse_lines([line])
    assert error == LineError(1, "Line 1: this is not JSON.")


@pytest.mark.parametrize("line", ["[]", '"Harbour Lamps"', "5", "null", "true", "[" * 5000])
def test_json_that_is_no_work(line: str) -> None:
    [error] = parse_lines([line])
    assert isinstance(error, LineError)
    assert error.reason in (
        "Line 1: this is not a JSON object with the keys of one work.",
        "Line 1: this is not JSON.",
    )


def test_a_long_unknown_key_is_cut() -> None:
    [error] = parse_lines([json.dumps({"title": "x", "k" * 10_000: 1})])
    assert isinstance(error, LineError)
    assert len(error.reason) < 300


def test_a_line_too_long_for_a_work() -> None:
    [error] = parse_lines(["x" * (LINE_LIMIT_CHARS + 1)])
    assert error == LineError(1, "Line 1: this line is too long for one work.")


def test_blank_lines_count_and_say_nothing() -> None:
    lines = ["", '{"title": "One"}', "  \r", "not JSON", '{"title": "Two"}\r', ""]
    outcomes = list(parse_lines(lines))
    assert [one.line_no for one in outcomes] == [2, 4, 5]
    titles = [one.work.info.title for one in outcomes if isinstance(one, ParsedLine)]
    assert titles == ["One", "Two"]
