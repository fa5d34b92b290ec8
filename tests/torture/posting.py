"""The outbox in every order of crashes, refusals, changes and days, against a plain channel."""

from collections.abc import Sequence

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.db.daily.test_posting import Posting
from tests.torture.outcome import Outcome

FULL_RUNS = 1000
STEPS = 60


def torture(runs: int) -> Sequence[Outcome]:
    """So many lives of a server with two schedules."""
    run_state_machine_as_test(
        Posting,
        settings=settings(
            max_examples=runs, stateful_step_count=STEPS, deadline=None, database=None
        ),
    )
    return [
        Outcome(
            what=f"outbox: up to {STEPS} random events a life, two schedules, in memory",
            runs=runs,
            found="no post twice, none repeated too soon",
            asked="none",
            holds=True,
        )
    ]
