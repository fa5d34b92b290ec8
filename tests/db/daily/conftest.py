"""A library with two servers."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.connection import prepare_file
from tests.db.daily.server import HERE, THERE, set_up


@pytest.fixture
def conn(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to it; both have a schedule at nine."""
    path = tmp_path / "library.sqlite3"
    prepare_file(path)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    for guild_id in (HERE, THERE):
        set_up(connection, guild_id)
    yield connection
    connection.close()
