"""Lengths as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs._options import describe_range, word_range, work_number
from db.errors import BadInput
from db.models import WordRange
from db.search.values import MOST_WORDS


@pytest.mark.parametrize(
    ("typed", "low", "high"),
    [
        ("5000", 5000, 5000),
        ("5k", 5000, 5000),
        ("1.5k", 1500, 1500),
        ("12,345", 12_345, 12_345),
        ("<5k", None, 4999),
        ("< 5,000 words", None, 4999),
        ("<=5k", None, 5000),
        (">100k", 100_001, None),
        ("over 100k", 100_001, None),
        (">=1m", 1_000_000, None),
        ("5k-20k", 5000, 20_000),
        ("5-20k", 5000, 20_000),
        ("500-2k", 500, 2000),
        ("20k to 5k", 5000, 20_000),
        ("<0", None, 0),
    ],
)
def test_lengths_that_are_read(typed: str, low: int | None, high: int | None):
    assert word_range(typed) == WordRange(low, high)


@pytest.mark.parametrize("typed", ["", "long", "<", "5k-", "-5", "1e9", "5 6", "5kk", "٥k"])
def test_lengths_that_are_none(typed: str):
    with pytest.raises(BadInput, match="is not a length"):
        word_range(typed)


@given(st.text(alphabet="0123456789.,kKmM<>=- to", max_size=60))
def test_whatever_is_typed_is_read_or_refused(typed: str):
    try:
        words = word_range(typed)
    except BadInput:
        return
    for bound in (words.low, words.high):
        assert bound is None or 0 <= bound <= MOST_WORDS + 1
    if words.low is not None and words.high is not None:
        assert words.low <= words.high
    assert describe_range(words)


@pytest.mark.parametrize(
    ("value", "number"),
    [("#12", 12), (" #12 ", 12), ("12", None), ("#", None), ("#-1", None), ("#1²", None)],
)
def test_numbers_of_works(value: str, number: int | None):
    assert work_number(value) == number


def test_a_number_that_no_work_can_have_is_words():
    assert work_number("#" + "9" * 30) is None
