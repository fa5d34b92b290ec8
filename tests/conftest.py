"""Fixtures that every room's tests share."""

from pathlib import Path

import pytest
from hypothesis import settings

from sandbox import connection

# How long an example takes is a matter for benchmarks, and of what else the machine does.
settings.register_profile("ficshelf", deadline=None)
settings.load_profile("ficshelf")

SHARED = Path(__file__).parents[1].parent / "shared"


@pytest.fixture(scope="session")
def seeds() -> Path:
    """Real fics and what a careful reader finds in them; not part of the project."""
    folder = SHARED / "seeds"
    if not (folder / "gold.json").exists():
        pytest.skip("the real fics that this test reads are not part of the project")
    return folder


@pytest.fixture(scope="session")
def discord_schema() -> Path:
    """Discord's own description of its API; not part of the project."""
    file = SHARED / "discord-api" / "openapi.json"
    if not file.exists():
        pytest.skip("Discord's API description is not part of the project")
    return file


@pytest.fixture(scope="session", autouse=True)
def _no_late_heartbeats() -> None:
    """discord.py's heartbeat thread outlives a client whose socket went first; its next beat,
    within the minute, would fall into another test whose loop is not its own."""
    connection.HEARTBEAT_MS = 3_600_000
