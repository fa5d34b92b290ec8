"""Whatever is typed to find something by: answered or refused by a sentence, and soon."""

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.errors import LibraryError
from db.library import Library
from db.models import SearchRequest, TagKind, Viewer
from tests.db.builders import a_work
from tests.db.command_line import run, stock

pytestmark = pytest.mark.fault(15)
SECONDS = 2.0  # of a machine that has much else to do; it takes a few milliseconds
LONGEST = 6_000
ALL = Viewer(adult_ok=True)
PIECES = (
    "AND", "OR", "NOT", "NEAR(", "NEAR(a b, 3)", "^", "*", '"', "'", "(", ")", "{title}:", ":",
    "-", "+", ",", ";", "--", "%", "_", "\\", "?", "boat", "lantern", "author:", "fandom:",
    "words:>", "<", "rating:mature", "updated:<30d", "crossover:", "lang:", "\x00", "\ud800",
    "\udfff", "🦊", "👨\u200d👩\u200d👧", "﷽", "\u202e", "\u2066", "e\u0301\u0301", "日本",
    "한국", "ß", "İ", " ", "\n", "\t", "\ufeff", "#", "9" * 30,
)  # fmt: skip
TYPED = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=30).map("".join),
    st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join),
    st.text(max_size=60),
    st.tuples(st.sampled_from(PIECES), st.sampled_from(["", " "])).map(
        lambda pair: ("".join(pair) * LONGEST)[:LONGEST]
    ),
)


class Open:
    """A library that stays open from one example to the next."""

    def __init__(self, path: Path) -> None:
        self._runner = asyncio.Runner()
        self._context = Library.open(path)
        self.library = self._runner.run(self._context.__aenter__())
        works = [a_work(), a_work("Harbour Café 星", authors=("tidemark",), texts=())]
        (first, _) = self._runner.run(self.library.add(5, works, by=None))
        self.work_id = first.work_id or 0

    def close(self) -> None:
        self._runner.run(self._context.__aexit__(None, None, None))
        self._runner.close()

    def ask(self, typed: str) -> dict[str, float]:
        """Look for it by every way there is; the seconds that each took."""
        library = self.library
        request = SearchRequest(typed)
        ways = {
            "search": lambda: library.search(5, request, ALL),
            "as typed": lambda: library.search(5, SearchRequest(typed, as_typed=True), ALL),
            "resolve": lambda: library.resolve(5, typed, ALL),
            "quote": lambda: library.quote(5, typed, ALL),
            "quote of one": lambda: library.quote(5, typed, ALL, work_id=self.work_id),
            "passage": lambda: library.passage(5, self.work_id, ALL, about=typed),
            "complete query": lambda: library.complete(5, "query", typed, ALL),
            "complete work": lambda: library.complete(5, "work", typed, ALL),
            "complete fandom": lambda: library.complete(5, "fandom", typed, ALL),
            "synonyms": lambda: library.complete_synonyms(5, TagKind.CHARACTER, typed, ALL),
            "nicknames": lambda: library.nicknames(5, TagKind.CHARACTER, typed),
        }
        took: dict[str, float] = {}
        refusals: list[str] = []

        async def ask_all() -> None:
            for way, ask in ways.items():
                began = time.monotonic()
                try:
                    await ask()
                except LibraryError as error:
                    refusals.append(str(error))
                took[way] = time.monotonic() - began

        self._runner.run(ask_all())
        assert all(refusals)
        return took


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    opened = Open(tmp_path_factory.mktemp("queries") / "library.sqlite3")
    yield opened
    opened.close()


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(typed=TYPED)
def test_anything_typed_is_answered_soon(opened: Open, typed: str) -> None:
    took = opened.ask(typed)
    assert max(took.values()) < SECONDS, took


@pytest.mark.parametrize("piece", PIECES)
def test_so_is_the_longest(opened: Open, piece: str) -> None:
    took = opened.ask((piece * LONGEST)[:LONGEST])
    assert max(took.values()) < SECONDS, took


def test_a_batch_answers_whatever_stands_in_its_lines(tmp_path: Path) -> None:
    library, batch = tmp_path / "library.sqlite3", tmp_path / "queries.txt"
    stock(library, [a_work()])
    lines = [piece.encode("utf-8", "surrogatepass") for piece in PIECES if "\n" not in piece]
    lines += [b"\xff\xfe\xc3(", b"a\x00b", b"boat " * 1200, b"x" * LONGEST, b"boat"]
    batch.write_bytes(b"\n".join(lines))
    for options in ((), ("--json",)):
        ran = run("search", "--batch", batch, *options, library=library)
        assert (ran.code, ran.err) == (0, "")
    assert len(ran.rows) == len(lines)
    assert ran.rows[-1]["total"] == 1
    assert max(row["elapsed_ms"] for row in ran.rows) < SECONDS * 1000


def test_the_command_line_takes_bytes_that_are_no_text(tmp_path: Path) -> None:
    library = tmp_path / "library.sqlite3"
    stock(library, [a_work()])
    words = [os.fsdecode(word) for word in (b"\xff\xfe", b"boat")]
    ran = run("search", "--json", *words, library=library)
    assert (ran.code, ran.err) == (0, "")
    assert ran.rows[0]["total"] == 1
