"""Upgrades of a library that are killed at their n-th statement, for any n."""

import contextlib
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from db import connection, soundness
from db.connection import latest_version
from tests.db.command_line import run

ROOT = Path(connection.__file__).parents[1]
# Starting Python is what takes the time: so one process forks another for each kill.
_PROGRAM = """
import json, os, sys
from pathlib import Path
from db import connection, soundness

connect = connection._connect

def upgrade(path, at):
    seen = 0
    def trace(statement):
        nonlocal seen
        seen += 1
        if seen == at:
            os.kill(os.getpid(), 9)
    def traced(*arguments, **named):
        conn = connect(*arguments, **named)
        conn.set_trace_callback(trace)
        return conn
    connection._connect = traced
    connection.prepare_file(Path(path))
    return seen

for line in sys.stdin:
    path, at = json.loads(line)
    out, into = os.pipe()
    child = os.fork()
    if not child:
        os.write(into, b"%d" % upgrade(path, at))
        os._exit(0)
    os.close(into)
    status = os.waitpid(child, 0)[1]
    print(json.dumps([os.waitstatus_to_exitcode(status), int(os.read(out, 99) or 0)]), flush=True)
    os.close(out)
"""
# What a library of any version can hold.
_WORKS = """
INSERT INTO guilds (guild_id, shard_no, joined_at) VALUES
    (5, 1, '2026-01-01T00:00:00.000000+00:00');
INSERT INTO works (work_id, guild_id, state, title, title_key, rating, status, text_access,
    added_at, changed_at) VALUES (1, 5, 'published', 'The Kept', 'the kept', 'Mature',
    'complete', 'excerpt', '2026-01-01T00:00:00.000000+00:00', '2026-01-01T00:00:00.000000+00:00');
INSERT INTO authors (author_id, guild_id, name, name_key) VALUES (1, 5, 'Vixen', 'vixen');
INSERT INTO work_authors (work_id, position, author_id) VALUES (1, 0, 1);
"""


class Upgrades:
    """Upgrades the library at `path` in processes that may be killed."""

    def __init__(self, path: Path, process: "subprocess.Popen[str]") -> None:
        self.path = path
        self._process = process

    @classmethod
    @contextlib.contextmanager
    def at(cls, path: Path) -> "Iterator[Upgrades]":
        """While this lasts."""
        with subprocess.Popen(
            [sys.executable, "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        ) as process:
            yield cls(path, process)

    def run(self, kill_at: int = -1) -> tuple[int, int]:
        """Upgrade; the exit code (-9: killed) and how many statements that took."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps([str(self.path), kill_at])}\n")
        self._process.stdin.flush()
        code, statements = json.loads(self._process.stdout.readline())
        return code, statements

    def old(self, version: int) -> None:
        """Make it a library of that version, with a work in it."""
        for leftover in self.path.parent.glob(f"{self.path.name}*"):
            leftover.unlink()
        with contextlib.closing(sqlite3.connect(self.path, isolation_level=None)) as conn:
            connection.migrate(conn, up_to=version)
            conn.executescript(_WORKS)
            conn.execute("PRAGMA journal_mode = WAL")

    def schema(self) -> tuple[int, list[tuple[str]]]:
        """Its version and all that is defined in it."""
        with contextlib.closing(sqlite3.connect(self.path)) as conn:
            return (
                conn.execute("PRAGMA user_version").fetchone()[0],
                conn.execute("SELECT sql FROM sqlite_schema ORDER BY name").fetchall(),
            )


def killed(upgrades: Upgrades, version: int, moments: Iterable[int]) -> Iterator[str | None]:
    """Kill the upgrade of such a library at each of its statements that `moments` names; what
    is wrong then, or None. Negative ones count from the end."""
    whole: list[tuple[int, list[tuple[str]]]] = []
    for number in range(version, latest_version() + 1):
        upgrades.old(number)
        whole.append(upgrades.schema())
    upgrades.old(version)
    code, statements = upgrades.run()
    assert (code, upgrades.schema()) == (0, whole[-1])
    for moment in moments:
        at = moment if moment > 0 else statements + 1 + moment
        upgrades.old(version)
        if upgrades.run(at)[0] != -9:
            yield f"statement {at} was not reached"
        elif upgrades.schema() not in whole:
            yield f"killed at statement {at} it has half a schema"
        elif upgrades.run()[0] != 0 or upgrades.schema() != whole[-1]:
            yield f"killed at statement {at} it cannot be upgraded"
        else:
            yield _unsound(upgrades.path)


def _unsound(path: Path) -> str | None:
    report = soundness.check(path)
    found = run("search", "ketp", "--json", "--guild", 5, library=path)
    if not report.is_sound:
        return str(report)
    return None if found.rows[0]["total"] == 1 else "the work is not found"


def statements_from(upgrades: Upgrades, version: int) -> int:
    """How many statements the upgrade from that version takes."""
    upgrades.old(version)
    return upgrades.run()[1]
