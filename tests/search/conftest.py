"""A library in a file, used directly: the engine is functions over a connection."""

import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from db import adding
from db.connection import prepare_file
from db.guilds import ensure_guild
from db.models import NewWork
from tests.db import builders

HERE, THERE = 100, 200
NOW = datetime(2026, 1, 1, tzinfo=UTC)

# Only what is known of works is indexed; one text in all would make them copies of each other.
a_work = partial(builders.a_work, texts=())

Add = Callable[..., list[int]]


@pytest.fixture
def conn(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """An empty library that knows two servers."""
    path = tmp_path / "library.sqlite3"
    prepare_file(path)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    for guild_id in (HERE, THERE):
        ensure_guild(connection, guild_id, now=NOW)
    yield connection
    connection.close()


@pytest.fixture
def add(conn: sqlite3.Connection) -> Add:
    """Publish works and give their ids."""

    def put(*works: NewWork, guild_id: int = HERE) -> list[int]:
        conn.execute("BEGIN IMMEDIATE")
        outcomes = adding.add_works(conn, guild_id, works, by=None, now=NOW)
        conn.execute("COMMIT")
        return [outcome.work_id or 0 for outcome in outcomes]

    return put
