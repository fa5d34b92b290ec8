"""Imports by the real program that are killed at any moment."""

import asyncio
import contextlib
import json
import random
import sqlite3
import subprocess
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from db import soundness
from db.library import Library
from db.models import SearchRequest, Viewer
from tests.db.command_line import run, start

WORDS = (
    "lantern", "quay", "rope", "harbour", "tide", "salt", "bell", "gull", "net", "ferry", "anchor",
    "mist", "oar", "lamp", "storm", "pier", "captain", "letter", "window", "stair", "garden",
)  # fmt: skip
EVERYBODY = Viewer(adult_ok=True)
CHECKED = 10  # works that are looked for by every way there is, after each kill


def title(number: int) -> str:
    """That no other work has."""
    return f"Letter number {number}"


def opening(number: int) -> str:
    """The words that are told by nobody else."""
    return f"This is the letter marked {number * 7919} and it was never sent"


def text(number: int) -> str:
    """A short story that shares nothing with the others."""
    chance = random.Random(number)
    told = " ".join(f"{chance.choice(WORDS)} {chance.choice(WORDS)}{number}" for _ in range(6))
    return f"{opening(number)}. {told}."


def author(number: int) -> str:
    """Of a few hundred works each."""
    return f"writer {number % 90}"


def tag(number: int) -> str:
    """A tag of every work's own."""
    return f"marked {number * 7919}"


def write_list(file: Path, count: int) -> Path:
    """As one `.jsonl`."""
    with file.open("w", encoding="utf-8") as out:
        for number in range(1, count + 1):
            work = {
                "title": title(number), "authors": [author(number)], "tags": [tag(number)],
                "rating": "General Audiences",
                "chapters": [{"title": None, "text": text(number)}],
            }  # fmt: skip
            out.write(f"{json.dumps(work)}\n")
    return file


def write_zip(file: Path, count: int) -> Path:
    """As a zip of texts, which are read one by one."""
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(1, count + 1):
            said = f"{title(number)}\n\nby {author(number)}\n\n{text(number)}\n"
            archive.writestr(f"{number:06}.txt", said)
    return file


@dataclass(frozen=True, slots=True)
class Killed:
    """What stood after a kill; `fault` is None where all of it was as it must be."""

    acknowledged: int
    stored: int
    fault: str | None


def killed_imports(source: Path, count: int, kills: int, seed: int) -> Iterator[Killed]:
    """Import `source` into a library beside it again and again, killed each time but the last.

    Each import is killed once it has told some number of works, or a little later. When a
    library is complete before the kills are used up, the next one is begun.
    """
    chance = random.Random(seed)
    folder = source.parent
    done = 0
    for life in range(kills):
        library = folder / f"library-{life}.sqlite3"
        told: set[str] = set()
        while done < kills:
            # Between the batches mostly, but also before the first and after the last.
            upto = chance.randint(0, count)
            was_killed, more = _import(source, library, upto, chance.random() * 0.3)
            told |= more
            if not was_killed:
                break
            done += 1
            stored, fault = _look(library, told, chance, complete=None)
            yield Killed(len(told), stored, fault)
            if fault:
                return
            if len(told) >= count * 0.9:
                break
        ran = run("add", source, "--json", library=library)
        told |= {str(row["title"]) for row in ran.rows[:-1]}
        summary = ran.rows[-1]["summary"]
        _, fault = _look(library, told, chance, complete=count)
        if ran.code != 0 or summary["added"] + summary["duplicate"] != count:
            fault = f"it did not go on: {summary} {ran.err}"
        if fault or done >= kills:
            yield Killed(len(told), count, fault)
            return
        for ending in ("", "-wal", "-shm"):
            Path(f"{library}{ending}").unlink(missing_ok=True)


def _import(source: Path, library: Path, upto: int, late_s: float) -> tuple[bool, set[str]]:
    """Run the program; kill it when it has told so many works as stored, or so much later."""
    told: list[bytes] = []
    command = ("add", "--json", "--library", library, source)
    with start(*command, folder=source.parent, PYTHONUNBUFFERED="") as program:
        assert program.stdout is not None
        pending = b""
        while pending.count(b"\n") + len(told) < upto and (part := program.stdout.read(65536)):
            pending += part
        with contextlib.suppress(subprocess.TimeoutExpired):
            program.wait(late_s)
        was_killed = program.poll() is None
        program.kill()
        pending += program.stdout.read()
    whole = pending.rpartition(b"\n")[0].splitlines()
    rows = [json.loads(line) for line in whole]
    kept = {str(row["title"]) for row in rows if row.get("status") in ("added", "duplicate")}
    return was_killed, kept


def _look(
    library: Path, told: set[str], chance: random.Random, *, complete: int | None
) -> tuple[int, str | None]:
    """How many works are stored, and what is wrong with them."""
    if not library.exists():
        return 0, f"{len(told)} acknowledged and no library" if told else None
    with contextlib.closing(sqlite3.connect(library)) as conn:
        (sound,) = conn.execute("PRAGMA integrity_check").fetchone()
        rows = conn.execute(
            "SELECT title, has_text, chapter_count, "
            "(SELECT count(*) FROM work_authors AS a WHERE a.work_id = w.work_id), "
            "(SELECT count(*) FROM chapters AS c WHERE c.work_id = w.work_id), "
            "(SELECT count(*) FROM search_docs AS d WHERE d.work_id = w.work_id) "
            "FROM works AS w"
        ).fetchall()
    stored = {str(row[0]) for row in rows}
    report = soundness.check(library)
    if sound != "ok" or not report.is_sound:
        return len(rows), f"unsound: {sound}; {report.sentences}"
    if lost := told - stored:
        return len(rows), f"acknowledged and not there: {sorted(lost)[:5]}"
    if len(stored) != len(rows):
        return len(rows), f"{len(rows) - len(stored)} works are there twice"
    if halves := [row for row in rows if row[1:] != (1, 1, 1, 1, 1)]:
        return len(rows), f"not whole: {halves[:3]}"
    if complete is not None and len(rows) != complete:
        return len(rows), f"{len(rows)} of {complete} works are there"
    some = sorted(stored)
    found = _not_found(library, chance.sample(some, min(CHECKED, len(some))))
    return len(rows), asyncio.run(found)


async def _not_found(library: Path, titles: Sequence[str]) -> str | None:
    """Look for some works by their titles, and by the words of their texts."""
    async with Library.open(library) as opened:
        for one in titles:
            request = SearchRequest(one, limit=50, as_typed=True)
            answer = await opened.search(0, request, EVERYBODY)
            if one not in {hit.work.info.title for hit in answer.hits}:
                return f"{one} is stored and not found"
            words = opening(int(one.rpartition(" ")[2]))
            quoted = await opened.quote(0, words, EVERYBODY)
            if one not in {hit.work.info.title for hit in quoted.hits}:
                return f"the words of {one} are stored and not found"
    return None
