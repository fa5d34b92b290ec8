"""The choice among candidates: the same for a preview as for the post, and no repetition."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.daily.rotation import PLACES, Candidate, Subjects, choose, places, seed
from db.models import Status

DAY = date(2026, 6, 1)
DATES = st.dates(date(2020, 1, 1), date(2060, 1, 1))
IDS = st.frozensets(st.integers(1, 4), max_size=3)
SUBJECTS = st.builds(Subjects, IDS, IDS)
CANDIDATES = st.lists(
    st.builds(Candidate, st.integers(1, 10**6), st.sampled_from(Status), SUBJECTS), max_size=12
)


def a_candidate(
    work_id: int, status: Status = Status.COMPLETE, author: int = 0, fandom: int = 0
) -> Candidate:
    return Candidate(work_id, status, Subjects(frozenset((author,)), frozenset((fandom,))))


def a_post(author: int = 0, fandom: int = 0) -> Subjects:
    return Subjects(frozenset((author,)), frozenset((fandom,)))


OTHERS = a_post(author=100, fandom=200)


def test_none_of_none() -> None:
    assert choose([], ()) is None


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        (a_candidate(1, Status.IN_PROGRESS), a_candidate(2)),
        (a_candidate(1, Status.UNKNOWN), a_candidate(2)),
        (a_candidate(1, fandom=8), a_candidate(2)),
        (a_candidate(1, author=7), a_candidate(2)),
        # Another author matters more than another fandom, and that more than an end.
        (a_candidate(1, author=7), a_candidate(2, Status.IN_PROGRESS, fandom=8)),
        (a_candidate(1, fandom=8), a_candidate(2, Status.IN_PROGRESS)),
    ],
)
def test_what_is_better(worse: Candidate, better: Candidate) -> None:
    recent = [a_post(author=7, fandom=8)]
    assert choose([worse, better], recent) == better.work_id
    assert choose([better, worse], recent) == better.work_id


@given(st.integers(0, 20), st.integers(1, 20))
def test_whoever_waited_longer_comes_first(ago: int, longer: int) -> None:
    recent = [*[OTHERS] * ago, a_post(author=1), *[OTHERS] * (longer - 1), a_post(author=2)]
    assert choose([a_candidate(1, author=1), a_candidate(2, author=2)], recent) == 2
    recent = [*[OTHERS] * ago, a_post(fandom=1), *[OTHERS] * (longer - 1), a_post(fandom=2)]
    pair = [a_candidate(1, author=5, fandom=1), a_candidate(2, author=6, fandom=2)]
    assert choose(pair, recent) == 2


def test_authors_and_fandoms_take_turns() -> None:
    """Three authors with a fandom each, however many works they have."""
    left = [
        a_candidate(number, author=author, fandom=author)
        for number, author in enumerate((1,) * 30 + (2,) * 12 + (3,) * 12)
    ]
    posted: list[Subjects] = []
    for _ in range(36):
        chosen = next(one for one in left if one.work_id == choose(left, posted))
        left.remove(chosen)
        posted.insert(0, chosen.subjects)
    authors = [next(iter(one.authors)) for one in reversed(posted)]
    assert all(len(set(authors[n : n + 3])) == 3 for n in range(0, 36, 3))


def test_one_of_several_authors_is_enough_to_repeat() -> None:
    shared = Candidate(1, Status.COMPLETE, Subjects(frozenset((6, 7)), frozenset()))
    assert choose([shared, a_candidate(2)], [a_post(author=7, fandom=9)]) == 2


def test_equals_go_by_the_order_they_were_found_in() -> None:
    assert choose([a_candidate(5), a_candidate(3)], ()) == 5


@given(CANDIDATES, st.lists(SUBJECTS, max_size=5))
def test_something_is_chosen_wherever_there_is_something(
    candidates: list[Candidate], recent: list[Subjects]
) -> None:
    chosen = choose(candidates, recent)
    assert chosen == choose(candidates, recent)
    assert chosen in {one.work_id for one in candidates} or not candidates


def test_luck_is_the_servers_and_the_dates_own_and_the_same_for_ever() -> None:
    # The first 48 bits of BLAKE2b of "100:2026-06-01": no process's own, as hash() would be.
    assert seed(100, DAY) == 130521398049371
    seeds = {seed(guild, DAY + timedelta(days=n)) for guild in (100, 200) for n in range(50)}
    assert len(seeds) == 100


@given(st.integers(0, 2**63), DATES, st.integers(1, 10**6), st.integers(0, 10**6))
def test_places_lie_within_the_library_and_apart(
    guild_id: int, day: date, low: int, more: int
) -> None:
    found = places(guild_id, day, low, low + more)
    assert found == places(guild_id, day, low, low + more)
    assert all(low <= place <= low + more for place in found)
    assert len(found) == min(PLACES, len(set(found))) >= min(PLACES, more + 1) // 2
    if more >= 100:
        span = more + 1
        ordered = sorted(found)
        around = [*ordered[1:], ordered[0] + span]
        gaps = [after - before for before, after in zip(ordered, around, strict=True)]
        assert max(gaps) - min(gaps) <= 1  # evenly round


def test_over_the_days_every_part_of_a_library_comes_first() -> None:
    firsts = [places(100, DAY + timedelta(days=n), 1, 1000)[0] for n in range(200)]
    assert {first * 10 // 1001 for first in firsts} == set(range(10))
