"""Escaping, cutting and listing the texts of strangers."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cogs import _text as text

# What Discord would act on, were it not escaped: its own Markdown and mention forms.
ACTIVE = re.compile(
    r"(?<!\\)(?:\\\\)*(?:"
    r"[*_~`|\[\]<>#]"
    r"|:(?=[^\s…])"
    r"|(?:^|\n)[-+]"
    r"|(?:^|\n)\d+[.)](?=\s|$)"
    r")"
)
MENTIONS = re.compile(r"@everyone|@here|<@[!&]?\d+>|<#\d+>|<t:\d+|<a?:\w+:\d+>|</\w+:\d+>")
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


def inert(shown: str) -> bool:
    return not (ACTIVE.search(shown) or MENTIONS.search(shown) or TURNING.search(shown))


@given(hostile, st.booleans())
@example("\\*not bold\\*", False)
@example("1. one\n2. two\n- three\n> four\n-# five\n# six", True)
def test_escaped_text_is_inert(raw: str, lines: bool):
    assert inert(text.escape(raw, lines=lines))


@given(hostile, st.integers(5, 400), st.booleans())
def test_cut_text_fits_and_is_still_inert(raw: str, limit: int, lines: bool):
    shown = text.escape(raw, limit, lines=lines)
    assert text.length(shown) <= limit
    assert inert(shown)


@given(hostile)
def test_escaping_loses_no_word(raw: str):
    """Taking the escapes out again gives the clean text."""
    shown = text.escape(raw)
    assert re.sub(r"\\([^0-9A-Za-z\s])", r"\1", shown).replace("@\u200b", "@") == text.clean(raw)


@given(hostile, st.integers(1, 100))
def test_plain_text_fits_on_one_line(raw: str, limit: int):
    shown = text.plain(raw, limit)
    assert text.length(shown) <= limit
    assert not re.search(r"[\n\r\u2028\u2029]", shown)
    assert not TURNING.search(shown)
    shown.encode()  # no lone surrogate is left


@given(hostile, st.integers(20, 1000))
def test_every_line_of_a_passage_is_quoted(raw: str, limit: int):
    shown = text.quoted(raw, limit)
    assert text.length(shown) <= limit
    for line in shown.split("\n"):
        assert line.startswith("> ")
        assert inert(line.removeprefix("> "))


@given(st.lists(hostile, max_size=80), st.integers(40, 400))
def test_names_fit_and_the_rest_is_counted(values: list[str], limit: int):
    shown = text.names(values, limit)
    assert text.length(shown) <= limit
    if more := re.search(r", and (\d+) more$", shown):
        assert 0 < int(more[1]) < len(values)


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([], ""),
        (["Faye"], "Faye"),
        (["Faye", "Jet"], "Faye, Jet"),
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
