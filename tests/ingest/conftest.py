"""What the ingest tests share: a gazetteer, and a way to name zones by their text."""

import pytest

from db.ingest.gazetteer import Gazetteer, load_shipped


@pytest.fixture(scope="session")
def gazetteer() -> Gazetteer:
    """The gazetteer that comes with the program."""
    return Gazetteer(load_shipped()[0])
