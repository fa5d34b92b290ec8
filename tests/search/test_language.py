"""What a query is read as: pure, without a library."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.models import DateRange, Filters, NameField, Rating, Sort, Status, WordRange
from db.search.language import (
    MOST_CLAUSES,
    Clause,
    Name,
    Phrase,
    Word,
    completing,
    parse,
)
from db.search.restrictions import both

TODAY = date(2026, 11, 20)


def clauses(query: str) -> list[list[str]]:
    """Each alternative's terms; "-" before what must not be, quotes around phrases."""
    return [[shown(term, out) for term, out in one.terms] for one in parse(query, TODAY).clauses]


def shown(term: object, excluded: bool) -> str:
    match term:
        case Word(text):
            said = text
        case Phrase(text, in_title):
            said = f'title:"{text}"' if in_title else f'"{text}"'
        case Name(field, text):
            said = f"{field.value}:{text}"
        case _:
            raise AssertionError(term)
    return f"-{said}" if excluded else said


def only(query: str) -> Clause:
    (clause,) = parse(query, TODAY).clauses
    return clause


def filters(query: str) -> Filters:
    found = only(query).filters
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("query", "read"),
    [
        ("", [[]]),
        ("spike buffy", [["spike", "buffy"]]),
        ('"exact words" here', [['"exact words"', "here"]]),
        ("“curly words” here", [['"curly words"', "here"]]),
        ("spike -angst", [["spike", "-angst"]]),
        ("spike NOT angst", [["spike", "-angst"]]),
        ('-"bad end" x', [['-"bad end"', "x"]]),
        ("spider-man -", [["spider-man", "-"]]),
        ("spike OR angel", [["spike"], ["angel"]]),
        ("spike | angel", [["spike"], ["angel"]]),
        ("buffy spike OR angel", [["buffy", "spike"], ["buffy", "angel"]]),
        ("a AND b && c", [["a", "b", "c"]]),
        ("(a b) OR (c d) e", [["a", "b", "e"], ["c", "d", "e"]]),
        ("-(a OR b) c", [["-a", "-b", "c"]]),
        ("-(a b)", [["-a"], ["-b"]]),
        ("Left (and One Time He Stayed)", [["Left", "and", "One", "Time", "He", "Stayed"]]),
        ("TO BE OR NOT TO BE", [["TO", "BE", "OR", "NOT", "TO", "BE"]]),
        ("a OR", [["a"]]),
        ("OR a", [["OR", "a"]]),
        ("author:vixen", [["author:vixen"]]),
        ('AUTHOR:"Z o e"', [["author:Z o e"]]),
        ("character: spike", [["character:spike"]]),
        ('-tag:"major character death"', [["-tag:major character death"]]),
        ("ship:spike/buffy", [["relationship:spike/buffy"]]),
        ("spike/buffy", [["relationship:spike/buffy"]]),
        ("spike spiegel x faye", [["relationship:spike spiegel x faye"]]),
        ("spike & faye", [["relationship:spike & faye"]]),
        ("x marks the spot", [["x", "marks", "the", "spot"]]),
        ("(never)-forget", [["never", "-forget"]]),
        ("by vixen", [["author:vixen"]]),
        ("smoke OR by vixen", [["smoke"], ["author:vixen"]]),
        ("stand by", [["stand", "by"]]),
        ("by OR x", [["by"], ["x"]]),
        ('title:"long way"', [['title:"long way"']]),
        ("Star Wars: A Story", [["Star", "Wars:", "A", "Story"]]),
        ("Re:Zero", [["Re:Zero"]]),
        ("fandom:", [["fandom"]]),
        ("rating:banana x", [["banana", "x"]]),
        (":) ))) (((", [[":"]]),
    ],
)
def test_terms(query: str, read: list[list[str]]) -> None:
    assert clauses(query) == read


@pytest.mark.parametrize(
    ("query", "read"),
    [
        ("rating:teen", Filters(ratings=(Rating.TEEN,))),
        ("rating:pg-13", Filters(ratings=(Rating.TEEN,))),
        ("rating:<=teen", Filters(ratings=(Rating.GENERAL, Rating.TEEN))),
        ("rating:>teen", Filters(ratings=(Rating.MATURE, Rating.EXPLICIT))),
        ("rating:teen,mature", Filters(ratings=(Rating.TEEN, Rating.MATURE))),
        ('rating:"not rated"', Filters(ratings=(Rating.NOT_RATED,))),
        ("-rating:explicit", Filters(ratings=tuple(r for r in Rating if r != Rating.EXPLICIT))),
        ("words:<5k", Filters(words=WordRange(None, 4999))),
        ("words:10k-50k", Filters(words=WordRange(10_000, 50_000))),
        ("words: > 10k", Filters(words=WordRange(10_001, None))),
        ("length:100k+", Filters(words=WordRange(100_000, None))),
        ("-words:<5k", Filters(words=WordRange(5000, None))),
        ("words:>1k words:<=2k", Filters(words=WordRange(1001, 2000))),
        ("status:complete", Filters(statuses=(Status.COMPLETE,))),
        ("status:wip", Filters(statuses=(Status.IN_PROGRESS,))),
        ("complete:no", Filters(statuses=(Status.IN_PROGRESS,))),
        ("crossover:no", Filters(crossover=False)),
        ("-crossover:no", Filters(crossover=True)),
        ("lang:fr", Filters(languages=("fr",))),
        ("lang:Français", Filters(languages=("fr",))),
        ("-lang:en", Filters(other_languages=("en",))),
        ("updated:<30d", Filters(updated=DateRange(TODAY - timedelta(30), None))),
        ('updated:"> 2 weeks ago"', Filters(updated=DateRange(None, TODAY - timedelta(14)))),
        ("published:2024", Filters(published=DateRange(date(2024, 1, 1), date(2024, 12, 31)))),
        ("added:>=2024-02", Filters(added=DateRange(date(2024, 2, 1), None))),
        ("added:2023..2024-02", Filters(added=DateRange(date(2023, 1, 1), date(2024, 2, 29)))),
    ],
)
def test_filters(query: str, read: Filters) -> None:
    assert filters(query) == read
    assert parse(query, TODAY).notes == ()


def test_a_query_may_say_its_order() -> None:
    parsed = parse("spike sort:words", TODAY)
    assert parsed.sort is Sort.WORDS
    assert clauses("spike sort:words") == [["spike"]]


@pytest.mark.parametrize(
    "query",
    ["rating:banana", "words:many", "status:x", "crossover:perhaps", "updated:soon", "sort:x",
     "updated:2024-13", "words:-", "lang:12"],
)  # fmt: skip
def test_a_value_that_is_none_is_said_and_searched_as_words(query: str) -> None:
    parsed = parse(query, TODAY)
    assert parsed.notes
    assert query in parsed.notes[0]
    assert clauses(query) == [[query.partition(":")[2]]]


def test_what_cannot_be_at_once_has_no_filters() -> None:
    assert only("rating:teen rating:mature").filters is None
    assert only("words:<5k words:>9k").filters is None
    assert only("crossover:yes crossover:no").filters is None


def test_an_open_quotation_mark_is_said() -> None:
    parsed = parse('long "way home', TODAY)
    assert clauses('long "way home') == [["long", "way", "home"]]
    assert parsed.notes == ("A quotation mark is not closed.",)


def test_too_many_alternatives_are_words() -> None:
    query = "(a OR b OR c OR d) (e OR f OR g OR h)"
    parsed = parse(query, TODAY)
    assert len(parsed.clauses) == 1
    assert parsed.notes


def test_a_name_without_quotes_is_a_guess_only_where_it_may_be_words() -> None:
    ((term, _),) = only("spike/buffy").terms
    assert isinstance(term, Name)
    assert (term.field, term.is_guess) == (NameField.RELATIONSHIP, True)
    ((term, _),) = only("ship:spike/buffy").terms
    assert isinstance(term, Name)
    assert not term.is_guess


@pytest.mark.parametrize(
    ("typed", "head", "field", "value"),
    [
        ("spike tag:slow b", "spike tag:", "tag", "slow b"),
        ('-tag:"maj', "-tag:", "tag", "maj"),
        ("author:", "author:", "author", ""),
        ("by:vix", "by:", "author", "vix"),
        ("x rating:<", "x rating:", "rating", "<"),
        ('"foo" ship:sp', '"foo" ship:', "relationship", "sp"),
    ],
)
def test_a_value_at_the_end_can_be_completed(typed: str, head: str, field: str, value: str) -> None:
    found = completing(typed)
    assert found is not None
    assert (found.head, found.field, found.value) == (head, field, value)


@pytest.mark.parametrize("typed", ["", "spike", "tag:fluff spike:", '"tag:fl', "x:y", 'tag:"a" b'])
def test_plain_words_are_not_completed_as_values(typed: str) -> None:
    assert completing(typed) is None


PIECES = st.sampled_from(
    [*'"()-|! :/*<>=&', "OR", "AND", "NOT", "tag:", "rating:", "words:", "updated:", "sort:",
     "author:", "title:", "teen", "5k", "30d", "spike", "a/b", "𝔖", "\x00", "\ud800"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=40).map("".join) | st.lists(PIECES, max_size=30).map(" ".join))
def test_nothing_is_refused(query: str) -> None:
    parsed = parse(query, TODAY)
    assert 1 <= len(parsed.clauses) <= MOST_CLAUSES
    completing(query)


@given(st.text(max_size=600))
def test_any_text_is_a_query(query: str) -> None:
    assert parse(query, TODAY).clauses
    completing(query)


@given(st.lists(st.text(st.sampled_from("abcdefgh"), min_size=1, max_size=6), max_size=12))
def test_plain_words_stay_what_they_are(words: list[str]) -> None:
    assert clauses(" ".join(words)) == [words]


RANGES = st.builds(
    WordRange, st.none() | st.integers(0, 50), st.none() | st.integers(0, 50)
).filter(lambda one: one.low is None or one.high is None or one.low <= one.high)
SOME = st.builds(
    Filters,
    ratings=st.lists(st.sampled_from(Rating), unique=True).map(tuple),
    words=st.none() | RANGES,
    crossover=st.none() | st.booleans(),
)


@given(SOME, SOME, st.sampled_from(Rating), st.integers(0, 60), st.booleans())
def test_both_filters_ask_for_what_each_asks_for(
    one: Filters, other: Filters, rating: Rating, words: int, crossover: bool
) -> None:
    def fits(wanted: Filters) -> bool:
        low = wanted.words.low if wanted.words else None
        high = wanted.words.high if wanted.words else None
        return (
            (not wanted.ratings or rating in wanted.ratings)
            and (low is None or words >= low)
            and (high is None or words <= high)
            and wanted.crossover in (None, crossover)
        )

    combined = both(one, other)
    assert (combined is not None and fits(combined)) == (fits(one) and fits(other))
