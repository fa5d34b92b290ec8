"""The bot as `bot.py run` serves it, with a watch on its event loop.

`python -m tests.torture.load_bot CONFIG LIBRARY`. Each line on standard input is answered with one
line of JSON on standard output: "lag" with how late the loop was since the last such line,
"memory" with what the process holds. With STACKS in the environment, what held the loop up is told
on standard error.
"""

import asyncio
import gc
import json
import os
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

import bot
from cogs._logs import set_up_logging
from cogs._settings import load_settings

BEAT_S = 0.005
LATE_S = 0.025


class Watch:
    """Notes how late a beat of 5 ms comes."""

    def __init__(self) -> None:
        self._late_ms: list[float] = []
        self._collections_ms: list[float] = [0.0]
        self.last = self._collecting = time.monotonic()
        gc.callbacks.append(self._collected)

    def _collected(self, phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            self._collecting = time.monotonic()
        else:
            self._collections_ms.append((time.monotonic() - self._collecting) * 1000)

    async def beat(self) -> None:
        """For ever."""
        while True:
            self.last = time.monotonic()
            await asyncio.sleep(BEAT_S)
            self._late_ms.append((time.monotonic() - self.last - BEAT_S) * 1000)

    def report(self) -> dict[str, Any]:
        """Since the last one."""
        late, self._late_ms = sorted(self._late_ms) or [0.0], []
        collections, self._collections_ms = self._collections_ms, [0.0]
        return {
            "lag_p50_ms": round(late[len(late) // 2], 2),
            "lag_p99_ms": round(late[int(0.99 * (len(late) - 1))], 2),
            "lag_max_ms": round(late[-1], 2),
            "over_50_ms": sum(one > 50 for one in late),
            "beats": len(late),
            "collection_max_ms": round(max(collections), 2),
            "tasks": len(asyncio.all_tasks()),
            "cpu_s": round(time.process_time(), 2),
        }

    def tell_stacks(self, thread_id: int) -> None:
        """What the loop's thread does whenever its beat is late; for finding out why."""
        while True:
            time.sleep(BEAT_S)
            late = time.monotonic() - self.last - BEAT_S
            if late > LATE_S:
                stack = "".join(traceback.format_stack(sys._current_frames()[thread_id])[-9:])
                print(f"late by {late * 1000:.0f} ms in\n{stack}", file=sys.stderr, flush=True)


def _memory() -> dict[str, float]:
    """In MB, as the kernel counts it: in all, and what is this process's alone."""
    gc.collect()
    lines = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
    kb = {name: int(value.split()[0]) for name, value in (line.split(":") for line in lines)}
    private = kb["Private_Clean"] + kb["Private_Dirty"]
    return {"rss_mb": round(kb["Rss"] / 1024, 1), "private_mb": round(private / 1024, 1)}


async def main(config: Path, library: Path) -> None:
    """Serve until told to stop."""
    watch = Watch()
    loop = asyncio.get_running_loop()
    if os.environ.get("STACKS"):
        where = threading.get_ident()
        threading.Thread(target=watch.tell_stacks, args=(where,), daemon=True).start()

    async def report(lines: asyncio.StreamReader) -> None:
        while line := await lines.readline():
            answer = watch.report() if line == b"lag\n" else _memory()
            print(json.dumps(answer), flush=True)

    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    beside = [asyncio.create_task(watch.beat()), asyncio.create_task(report(lines))]
    try:
        await bot.run(load_settings(config, must_exist=True), library)
    finally:
        for task in beside:
            task.cancel()


if __name__ == "__main__":
    set_up_logging("WARNING")
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
