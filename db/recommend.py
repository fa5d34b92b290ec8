"""Which of several works to recommend: pure, and the same for a preview as for the post."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from db.models import Status

# What a recommendation is better without, in order of weight.
SAME_AUTHOR = 4.0  # as one of the last posts
SAME_FANDOM = 2.0
UNFINISHED = 1.0

PLACES = 6


@dataclass(frozen=True, slots=True)
class Candidate:
    """A work that may be recommended."""

    work_id: int
    status: Status
    authors: frozenset[int]
    fandoms: frozenset[int]


def seed(guild_id: int, local_date: date) -> int:
    """A number that is the server's and the date's own: luck, but the same luck all day."""
    text = f"{guild_id}:{local_date.isoformat()}".encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=6).digest(), "big")


def places(guild_id: int, local_date: date, low: int, high: int) -> tuple[int, ...]:
    """Where to look for candidates between two work ids, in order of preference.

    The first is the date's own luck. The others stand evenly round from it, because works that
    were added together are often of one author and fandom.
    """
    span = high - low + 1
    first = seed(guild_id, local_date) % span
    return tuple(dict.fromkeys(low + (first + span * n // PLACES) % span for n in range(PLACES)))


def choose(
    candidates: Sequence[Candidate],
    recent_authors: Collection[int],
    recent_fandoms: Collection[int],
) -> int | None:
    """The first of the best candidates; None of none."""

    def cost(one: Candidate) -> float:
        return (
            SAME_AUTHOR * (not one.authors.isdisjoint(recent_authors))
            + SAME_FANDOM * (not one.fandoms.isdisjoint(recent_fandoms))
            + UNFINISHED * (one.status is not Status.COMPLETE)
        )

    return min(candidates, key=cost).work_id if candidates else None
