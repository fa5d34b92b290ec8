"""Moderators of two servers at it, for hours as it were: the library against its model."""

import logging
from collections.abc import Sequence

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.db.stateful import Servers
from tests.torture.outcome import Outcome

FULL_RUNS = 300
STEPS = 80


def torture(runs: int) -> Sequence[Outcome]:
    """So many libraries, each of so many steps."""
    logging.disable()
    found = "as the model"
    try:
        run_state_machine_as_test(
            Servers,
            settings=settings(
                max_examples=runs,
                stateful_step_count=STEPS,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                database=None,
            ),
        )
    except Exception as error:  # noqa: BLE001  # whatever it is, it is the finding
        found = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        print("\n".join(getattr(error, "__notes__", [])))
    finally:
        logging.disable(logging.NOTSET)
    what = f"random histories of {STEPS} steps, two servers, against a model"
    return [Outcome(what, runs, found, "as the model", holds=found == "as the model")]
