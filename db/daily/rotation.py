"""Which of several works to recommend: pure, and the same for a preview as for the post."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from math import inf

from db.models import Status

# What a recommendation is better without, in order of weight. A repetition counts for less the
# more posts lie between: so authors and fandoms take turns, those that waited longest first.
SAME_AUTHOR = 4.0  # as the last post
SAME_FANDOM = 2.0
AUTHOR_FADES, FANDOM_FADES = 0.93, 0.85  # with each post since
UNFINISHED = 0.5

PLACES = 6


@dataclass(frozen=True, slots=True)
class Subjects:
    """Whose work a post was of, and of which fandoms."""

    authors: frozenset[int]
    fandoms: frozenset[int]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A work that may be recommended."""

    work_id: int
    status: Status
    subjects: Subjects


def seed(schedule_id: int, local_date: date) -> int:
    """A number that is the schedule's and the date's own: luck, but the same luck all day."""
    text = f"{schedule_id}:{local_date.isoformat()}".encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=6).digest(), "big")


def places(schedule_id: int, local_date: date, low: int, high: int) -> tuple[int, ...]:
    """Where to look for candidates between two work ids, in order of preference.

    The first is the date's own luck. The others stand evenly round from it, because works that
    were added together are often of one author and fandom.
    """
    span = high - low + 1
    first = seed(schedule_id, local_date) % span
    return tuple(dict.fromkeys(low + (first + span * n // PLACES) % span for n in range(PLACES)))


def choose(candidates: Sequence[Candidate], recent: Sequence[Subjects]) -> int | None:
    """The first of the best candidates, given the latest posts, newest first; None of none."""

    def cost(one: Candidate) -> float:
        authors, fandoms = one.subjects.authors, one.subjects.fandoms
        since_author = _since(not authors.isdisjoint(post.authors) for post in recent)
        since_fandom = _since(not fandoms.isdisjoint(post.fandoms) for post in recent)
        return (
            SAME_AUTHOR * AUTHOR_FADES**since_author
            + SAME_FANDOM * FANDOM_FADES**since_fandom
            + UNFINISHED * (one.status is not Status.COMPLETE)
        )

    return min(candidates, key=cost).work_id if candidates else None


def _since(repeats: Iterable[bool]) -> float:
    """How many posts ago the last repetition was; infinitely many if there is none."""
    return next((ago for ago, repeated in enumerate(repeats) if repeated), inf)
