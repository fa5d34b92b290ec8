"""Escaping, cutting and listing the texts of strangers."""

import re
import sys
import timeit
from collections.abc import Callable
from functools import partial
from time import thread_time
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cogs import _text as text
from tests.cogs.markdown import read

pytestmark = pytest.mark.fault(14)

TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

LIVE = [
    *("@everyone", "@here", "<@&1>", "<@!2>", "<#3>", "<t:1:R>", "<:a:4>", "</fic:5>"),
    *("[a](http://x)", "||s||", "```", "https://evil.example", ":smile:", "\n"),
    *("-#", "#", "-", "1.", ">", ">>>"),
]
# Texts rich in what matters: markup, line ends, marks that turn the direction, any character.
markup = st.sampled_from(list("*_~`|[]<>#@:-+.\\()!/\n\r\t 1a\u202e\u2066\u200b"))
hostile = st.one_of(
    st.text(st.one_of(markup, st.characters()), max_size=300),
    st.lists(
        st.sampled_from(LIVE),
        max_size=40,
    ).map(" ".join),
)


def as_shown(raw: str, *, lines: bool = False) -> str:
    """What a reader is to see of a text."""
    return text.clean(raw, lines=lines).replace("@", "@\u200b")


@given(hostile, st.booleans())
@example("\\*not bold\\*", False)
@example("1. one\n2. two\n- three\n> four\n-# five\n# six", True)
@example("```\ncode\n```\n>>> all of it", True)
@example("¯\\_(ツ)_/¯", False)
@example("[a](https://evil.example) <https://evil.example> discord://x https://x.y", False)
def test_escaped_text_is_seen_as_it_is(raw: str, lines: bool):
    shown = read(text.escape(raw, lines=lines))
    assert (shown.text, shown.marks) == (as_shown(raw, lines=lines), [])
    assert not TURNING.search(shown.text)


@given(hostile, st.integers(5, 400), st.booleans())
def test_cut_text_fits_and_is_a_beginning(raw: str, limit: int, lines: bool):
    cut = text.escape(raw, limit, lines=lines)
    assert text.length(cut) <= limit
    shown, whole = read(cut), as_shown(raw, lines=lines)
    assert shown.marks == []
    assert shown.text == whole or whole.startswith(shown.text.removesuffix("…"))


WRAPPED = {
    "**{}**": ["bold", "/bold"],
    "*{}*": ["italic", "/italic"],
    "### {}": ["heading", "/heading"],
    "-# {}": ["subtext", "/subtext"],
    "> {}": ["quote", "/quote"],
    "||{}\u200b||": ["spoiler", "/spoiler"],  # else a bar at its end would close it early
    "**1.** **{}** by": ["bold", "/bold", "bold", "/bold"],
    "“{}”": [],
}


@pytest.mark.parametrize("around", WRAPPED)
@settings(max_examples=40)
@given(hostile)
def test_what_the_bot_puts_around_a_text_is_all_that_is_active(around: str, raw: str):
    escaped = text.title(raw, 300)
    shown = read(around.format(escaped))
    assert shown.marks == WRAPPED[around]
    seen = read(escaped).text
    # A heading's last # would be taken for its end.
    assert (seen.rstrip("#") if around.startswith("#") else seen) in shown.text


@given(hostile)
@example("x](https://evil.example) [y")
@example("a[b")
@example("a]b")
@example("\\[")
@example("[](<https://evil.example>)")
def test_a_link_leads_where_it_should_whatever_its_label(raw: str):
    for around, marks in (("{}", []), ("*{}*", ["italic", "/italic"])):
        label = around.format(text.title(raw, 300))
        shown = read(f"### {text.link(label, 'https://example.org/1')}\nby")
        links = [mark for mark in shown.marks if mark not in ("heading", "/heading", *marks)]
        assert links == ["link https://example.org/1", "/link"]
        seen = read(text.title(raw, 300)).text.replace("[", "［").replace("]", "］")
        assert shown.text == f"{seen}by"


@given(hostile)
@example("](https://evil.example) [y]")
@example(") [x](https://evil.example)")
def test_a_link_ends_where_it_should_whatever_comes_after(raw: str):
    for gap in (" by ", "\n", " "):
        shown = read(f"{text.link('one', 'https://example.org/1')}{gap}{text.escape(raw)}")
        assert shown.marks == ["link https://example.org/1", "/link"]
        assert shown.text == f"one{gap}{as_shown(raw)}"


@given(hostile, st.integers(1, 100))
def test_plain_text_fits_on_one_line(raw: str, limit: int):
    shown = text.plain(raw, limit)
    assert text.length(shown) <= limit
    assert not re.search(r"[\n\r\u2028\u2029]", shown)
    assert not TURNING.search(shown)
    shown.encode()  # no lone surrogate is left


@given(hostile, st.integers(20, 1000))
def test_every_line_of_a_passage_is_quoted(raw: str, limit: int):
    passage = text.quoted(raw, limit)
    assert text.length(passage) <= limit
    assert all(line.startswith("> ") for line in passage.split("\n"))
    shown, whole = read(passage), as_shown(raw, lines=True)
    assert shown.marks == ["quote", "/quote"]
    assert shown.text == whole or whole.startswith(shown.text.removesuffix("…"))


@given(st.lists(hostile, max_size=80), st.integers(40, 400))
def test_names_fit_and_the_rest_is_counted(values: list[str], limit: int):
    shown = text.names(values, limit)
    assert text.length(shown) <= limit
    assert read(shown).marks == []
    if more := re.search(r", and (\d+) more$", shown):
        assert 0 < int(more[1]) < len(values)


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([], ""),
        (["Faye"], "Faye"),
        (["Faye", "Jet"], "Faye, Jet"),
        (["\u200b", "Faye", " "], "Faye"),
        (["A" * 20, "B" * 20, "C"], "AAAAAAAAAAAAAAAAAAAA, and 2 more"),
    ],
)
def test_names(values: list[str], shown: str):
    assert text.names(values, 40) == shown


def test_many_brackets_take_one_backslash_each():
    assert text.escape("[" * 6000) == "\\[" * 6000


def test_paragraphs_stay_and_indents_go():
    raw = "\u00a0\u00a0One.\r\n\r\n\r\n   Two,\u2028three."
    assert text.escape(raw, lines=True) == "One.\n\nTwo,\nthree."


def test_lengths_are_in_utf16_units():
    assert text.length("a😀") == 3
    assert text.plain("😀😀😀", 4) == "😀…"


def test_stacked_marks_are_thinned():
    assert text.clean("e" + "\u0301" * 40) == "e" + "\u0301" * 4


def test_a_title_that_cannot_be_seen_has_a_word_for_it():
    assert text.title("\u200b\u202e \u3164", 100) == "Untitled"
    assert text.title("*", 100) == "\\*"


def test_letters_that_need_joiners_keep_them():
    family = "👩\u200d👩\u200d👧"
    assert text.clean(family) == family


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://example.org/works/1?a=b#c", "https://example.org/works/1?a=b#c"),
        ("http://example.org/a)b](c>", "http://example.org/a%29b%5D%28c%3E"),
        ("https://example.org/naïve", "https://example.org/na%C3%AFve"),
        ("javascript:alert(1)", None),
        ("ftp://example.org/", None),
        ("https://archiveofourown.org@evil.example/", None),
        ("https://exámple.org/", None),
        ("https://example.org:port/", None),
        ("https://[::1/", None),
        ("https://example.org/" + "a" * 600, None),
        ("https://example.org/\ud800", None),
        ("", None),
        (None, None),
    ],
)
def test_links(url: str | None, safe: str | None):
    assert text.safe_url(url) == safe
    assert text.link("label", url) == (f"[label](<{safe}>)" if safe else "label")


@given(st.text(max_size=100))
def test_a_link_cannot_be_ended_early(tail: str):
    safe = text.safe_url(f"https://example.org/{tail}")
    assert safe is None or not re.search(r"[\s<>()\[\]\\|`]", safe)


def test_words_for_numbers_and_lists():
    assert text.count(1, "work") == "1 work"
    assert text.count(1200, "work") == "1,200 works"
    assert text.joined(["a", "b", "c"], "or") == "a, b or c"
    assert text.joined(["a"]) == "a"


def test_only_whole_lines_are_shown():
    assert text.lines_within(["one", "two", "three"], 7) == "one\ntwo"


TIDY_OR_NOT = st.text(
    st.sampled_from("ab Z9.)-+*_:@#\\\n\t\u00e9\u200b\U0001f4d6\u00b2"), max_size=30
)


@given(said=TIDY_OR_NOT, limit=st.integers(5, 40) | st.none(), lines=st.booleans())
def test_the_short_way_for_tidy_text_says_the_same(said: str, limit: int | None, lines: bool):
    cleaned = text.clean("\u200b" + said, lines=lines)  # what cannot be seen takes the long way
    assert text.clean(said, lines=lines) == cleaned
    long_way = text._assembled(text._escaped(cleaned), limit)
    assert text.escape(said, limit, lines=lines) == long_way


# How much work it is

GREEDY = ("[", "\\", "`", "*", "_", "|", "<@&", "@everyone ", "1. ", "- ", ":a:", "\u202e",
          "e\u0301", "\ud800", "😀", "\n", "> ", "](https://x.y)", "x", "9")  # fmt: skip


def steps(work: Callable[[], object]) -> int:
    """How many lines of Python a piece of work takes; the same on every machine."""
    taken = 0

    def count(frame: object, event: str, arg: object) -> Any:
        nonlocal taken
        taken += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        work()
    finally:
        sys.settrace(before)
    return taken


WORK: dict[str, Callable[[str], object]] = {
    "escape": text.escape,
    "escape lines": lambda raw: text.escape(raw, lines=True),
    "escape some": lambda raw: text.escape(raw, 200),
    "plain": lambda raw: text.plain(raw, 100),
    "quoted": lambda raw: text.quoted(raw, 900),
    "names": lambda raw: text.names([raw] * 3 + list(raw[:200]), 300),
    "safe_url": lambda raw: text.safe_url(f"https://example.org/{raw}"),
}


@pytest.mark.parametrize("what", WORK)
def test_twice_the_text_is_at_most_twice_the_work(what: str):
    for unit in GREEDY:
        # Both longer than any limit, so that neither takes the short way.
        once, twice = (steps(partial(WORK[what], unit * n)) for n in (800, 1600))
        assert twice <= 2.1 * once + 100, ascii(unit)


@pytest.mark.parametrize("what", WORK)
def test_much_more_text_takes_no_ages(what: str):
    """What is not counted in lines: the best of some times, ten times the text, generously."""
    for unit in ("[", "\\", "1. ", "@everyone ", "e\u0301", "\n", "9"):
        short, long = (
            min(timeit.repeat(partial(WORK[what], unit * n), timer=thread_time, number=1, repeat=3))
            for n in (300, 3000)
        )
        assert long < 40 * short + 0.02, ascii(unit)
