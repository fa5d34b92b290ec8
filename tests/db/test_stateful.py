"""The whole library against its model; the long form is `make torture ONLY=stateful`."""

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.db.stateful import Servers


def test_the_library_is_what_its_model_is() -> None:
    run_state_machine_as_test(
        Servers,
        settings=settings(
            max_examples=5,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
