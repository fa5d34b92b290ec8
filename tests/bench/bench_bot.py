"""The bot from outside: start-up, memory, import, and interactions over the sandbox's wire.

`python bot.py try` runs as its own process, as an owner runs it; this process is the members.
"""

import asyncio
import json
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from sandbox import User
from tests.bench.corpus import write_jsonl

ROOT = Path(__file__).parents[2]
SEARCHES = 300
MEMBERS = 50
QUERIES = ("spike", "spkie", "the long road", "faye mars", "a winter letter", "buffy")


def spread(milliseconds: Sequence[float]) -> dict[str, float]:
    """Median, 95th percentile and maximum of times in milliseconds."""
    ordered = sorted(milliseconds)
    return {
        "p50_ms": round(statistics.median(ordered), 2),
        "p95_ms": round(ordered[int(0.95 * (len(ordered) - 1))], 2),
        "max_ms": round(ordered[-1], 2),
        "n": len(ordered),
    }


def memory_mb(pid: int, field: str) -> float:
    """A process's own memory in MB, as the kernel counts it ("VmRSS" now, "VmHWM" at most)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return round(int(line.split()[1]) / 1024, 1)
    raise LookupError(field)


@asynccontextmanager
async def trying(library: Path | None) -> AsyncIterator[tuple[dict[str, str], int, float]]:
    """`python bot.py try --json`: what it prints when ready, its process id, seconds to ready."""
    arguments = [sys.executable, "bot.py", "try", "--json", "--port", "0"]
    if library:
        arguments += ["--library", str(library)]
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *arguments, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), 30)
        yield json.loads(line), process.pid, time.perf_counter() - began
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()


async def import_works(library: Path, works: int) -> dict[str, float]:
    """`python bot.py add` of a `.jsonl` of metadata, as a whole process."""
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "works.jsonl"
        write_jsonl(corpus, works, seed=1)
        began = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "bot.py", "add", str(corpus), "--library", str(library), "--json",
            cwd=ROOT, stdout=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        code = await process.wait()
        seconds = time.perf_counter() - began
    return {
        "works": works,
        "seconds": round(seconds, 2),
        "works_per_s": round(works / seconds),
        "exit": code,
    }


async def interactions(library: Path, works: int) -> dict[str, object]:
    """Searches, autocomplete, a crowd, and a work added in chat, over the wire."""
    async with trying(library) as (ready, pid, seconds):
        member = User(ready["control"], ready["token"], "member", channel="general")
        moderator = User(ready["control"], ready["token"], "moderator", channel="mod-desk")
        for query in QUERIES:  # the first search after a start reads the index from disk
            await member.command("fic search", query=query)
        searches: list[float] = []
        for n in range(SEARCHES):
            answer = await member.command("fic search", query=QUERIES[n % len(QUERIES)])
            assert answer.ms is not None
            searches.append(answer.ms)
        spike: list[float] = []
        for _ in range(SEARCHES):
            answer = await member.command("fic search", query="spike")
            assert answer.ms is not None
            spike.append(answer.ms)
        completions: list[float] = []
        for n in range(SEARCHES):
            text = QUERIES[n % len(QUERIES)]
            began = time.perf_counter()
            await member.autocomplete(
                "fic search", focused="query", query=text[: 1 + n % len(text)]
            )
            completions.append((time.perf_counter() - began) * 1000)
        crowd: list[float] = []
        for _ in range(3):
            answers = await asyncio.gather(
                *(
                    member.command("fic search", query=QUERIES[n % len(QUERIES)])
                    for n in range(MEMBERS)
                )
            )
            crowd += [answer.ms for answer in answers if answer.ms is not None]
        result: dict[str, object] = {
            "works": works,
            "ready_s": round(seconds, 2),
            "search_spike": spread(spike),
            "search_mixed": spread(searches),
            "autocomplete_round_trip": spread(completions),
            f"{MEMBERS}_at_once": spread(crowd),
            "rss_mb": memory_mb(pid, "VmRSS"),
            "peak_rss_mb": memory_mb(pid, "VmHWM"),
            "violations": len(await moderator.violations()),
        }
        for user in (member, moderator):
            await user.close()
    return result


async def run(works: int = 10_000) -> dict[str, object]:
    """All of it, as one JSON object."""
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "library.sqlite3"
        starts: list[float] = []
        for _ in range(3):
            async with trying(None) as (_, _, seconds):
                starts.append(round(seconds, 2))
        imported = await import_works(library, works)
        return {
            "cores": os.cpu_count(),
            "ready_s_new_library": starts,
            "import": imported,
            "interactions": await interactions(library, works),
        }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run()), indent=2))
