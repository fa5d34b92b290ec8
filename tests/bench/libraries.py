"""Libraries for the benchmarks: built from the made-up corpus, sampled, weighed, written to."""

import json
import random
import shutil
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar

from db import adding, keeping, search
from db.connection import READER_CACHE_KB, _connect, _transaction, prepare_file
from db.guilds import ensure_guild
from db.models import NewWork, Work, WorkChanges, WorkInfo, WorkState
from db.names import NameBook
from db.search.normalise import name_key
from db.works import insert_work, load_works
from tests.bench.corpus import works
from tests.bench.queries import Names

GUILD = 0
CORPUS_SEED = 1
_BATCH = 2000  # works of one transaction, and held in memory at once
_IMPORTED_AT_ONCE = 500
T = TypeVar("T")


def library(folder: Path, count: int) -> tuple[Path, dict[str, float]]:
    """The library of that many works in the folder, built unless it is there; and its facts."""
    path = folder / f"library-{count}.sqlite3"
    facts = path.with_suffix(".json")
    if not facts.exists():
        path.unlink(missing_ok=True)
        facts.write_text(json.dumps(_build(path, count)), encoding="utf-8")
    prepare_file(path)
    return path, json.loads(facts.read_text(encoding="utf-8"))


def reader(path: Path) -> sqlite3.Connection:
    """A connection such as the program's readers have."""
    return _connect(path, query_only=True, cache_kb=READER_CACHE_KB)


def _build(path: Path, count: int) -> dict[str, float]:
    """Store the works, then index them all at once, as after a migration."""
    prepare_file(path)
    conn = _connect(path, query_only=False)
    now = datetime.now(UTC)
    _transaction(conn, lambda conn: ensure_guild(conn, GUILD, now=now))
    conn.execute("PRAGMA synchronous = OFF")  # a library half built is built anew

    def store(conn: sqlite3.Connection, batch: list[NewWork]) -> list[int]:
        names = NameBook(conn, GUILD)
        return [
            insert_work(conn, names, new, state=WorkState.PUBLISHED, by=None, now=now)
            for new in batch
        ]

    ids: list[int] = []
    for batch in _batched(works(count, CORPUS_SEED), _BATCH):
        ids += _transaction(conn, lambda conn, batch=batch: store(conn, batch))
    conn.execute("PRAGMA synchronous = FULL")
    conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    began = time.perf_counter()
    _transaction(conn, lambda conn: search.index_works(conn, GUILD, ids))
    seconds = time.perf_counter() - began
    conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    conn.close()
    return {"indexed_works_per_s": round(count / seconds)}


def size_of(path: Path) -> dict[str, float]:
    """How large the file and the search's tables in it are."""
    conn = reader(path)
    (count,) = conn.execute("SELECT count(*) FROM works").fetchone()
    tables = {
        name: pages
        for name, pages in conn.execute(
            "SELECT m.tbl_name, sum(s.pgsize) FROM dbstat AS s JOIN sqlite_schema AS m "
            "ON m.name = s.name WHERE s.aggregate = TRUE GROUP BY 1"
        )
        if name.startswith("search_")
    }
    conn.close()
    return {
        "file_mb": round(path.stat().st_size / 1e6, 1),
        "search_mb": round(sum(tables.values()) / 1e6, 1),
        "search_bytes_a_work": round(sum(tables.values()) / count),
        **{
            f"{name} bytes a work": round(size / count)
            for name, size in sorted(tables.items(), key=lambda item: -item[1])
            if size > count
        },
    }


def all_works(path: Path) -> Iterator[Work]:
    """Every work of the library, in batches."""
    conn = reader(path)
    ids = [row[0] for row in conn.execute("SELECT work_id FROM works ORDER BY work_id")]
    for batch in _batched(ids, _BATCH):
        yield from load_works(conn, GUILD, batch)
    conn.close()


def sample(conn: sqlite3.Connection, size: int, seed: int) -> list[WorkInfo]:
    """Works drawn at random, each at most once."""
    (last,) = conn.execute("SELECT max(work_id) FROM works").fetchone()
    ids = random.Random(seed).sample(range(1, last + 1), min(size, last))
    return [
        work.info
        for batch in _batched(ids, _BATCH)
        for work in load_works(conn, GUILD, batch)
        if work.info.authors and work.info.fandoms and work.info.characters
    ]


def names_of(conn: sqlite3.Connection) -> Names:
    """Which titles and authors there are."""

    def is_in(table: str, column: str, key: str) -> bool:
        return bool(
            conn.execute(
                f"SELECT 1 FROM {table} WHERE guild_id = ? AND {column} = ? AND {column} != ''",
                (GUILD, key),
            ).fetchone()
        )

    return Names(
        lambda title: is_in("works", "title_key", title),
        lambda author: is_in("authors", "name_key", name_key(author)),
    )


def writing(path: Path, folder: Path, count: int = 100) -> dict[str, object]:
    """Import, add, edit and remove works in a copy of the library; times in milliseconds."""
    copy = folder / "copy.sqlite3"
    shutil.copyfile(path, copy)
    conn = _connect(copy, query_only=False)
    now = datetime.now(UTC)
    new = list(works(20 * _IMPORTED_AT_ONCE, seed=77))
    began = time.perf_counter()
    for at in range(0, len(new), _IMPORTED_AT_ONCE):
        batch = new[at : at + _IMPORTED_AT_ONCE]
        _transaction(conn, lambda conn, b=batch: adding.add_works(conn, GUILD, b, by=None, now=now))
    imported = len(new) / (time.perf_counter() - began)
    times: dict[str, list[float]] = {"add": [], "edit": [], "remove": []}

    def timed(kind: str, began: float) -> None:
        times[kind].append((time.perf_counter() - began) * 1000)

    for number, one in enumerate(works(count, seed=99)):
        began = time.perf_counter()
        (outcome,) = _transaction(
            conn, lambda conn, n=one: adding.add_works(conn, GUILD, [n], by=1, now=now)
        )
        timed("add", began)
        work_id = outcome.work_id or 0
        changes = WorkChanges(title=f"{one.info.title}, renamed {number}")
        began = time.perf_counter()
        _transaction(
            conn,
            lambda conn, i=work_id, c=changes: keeping.edit(conn, GUILD, i, c, by=1, now=now),
        )
        timed("edit", began)
        began = time.perf_counter()
        _transaction(
            conn, lambda conn, i=work_id: keeping.remove(conn, GUILD, i, by=1, why="", now=now)
        )
        timed("remove", began)
    conn.close()
    for leftover in folder.glob("copy.sqlite3*"):
        leftover.unlink()
    return {"imported_works_per_s": round(imported), **{k: spread(v) for k, v in times.items()}}


def _batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch


def spread(milliseconds: Sequence[float]) -> dict[str, float]:
    """Median, 95th percentile and maximum."""
    ordered = sorted(milliseconds)
    return {
        "p50_ms": round(ordered[len(ordered) // 2], 2),
        "p95_ms": round(ordered[int(0.95 * (len(ordered) - 1))], 2),
        "max_ms": round(ordered[-1], 2),
    }
