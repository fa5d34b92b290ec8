"""The reading process: frames in, frames out; see worker.py."""

import contextlib
import json
import os
import resource
import signal
import struct
import sys
from pathlib import Path
from typing import BinaryIO

from db.errors import UnreadableFile
from db.ingest.archives import Archives, Packed
from db.ingest.files import read, understand
from db.ingest.gazetteer import Gazetteer
from db.ingest.interchange import LineError, parse_lines
from db.ingest.language import language_of
from db.ingest.outcomes import LineOutcome
from db.ingest.source import Source
from db.ingest.worker import (
    MEMORY_LIMIT_BYTES,
    OUTCOMES,
    READINGS,
    STORIES,
    TIME_LIMIT_S,
    WORKS,
)

# The parent ends a child that takes too long; this ends one whose parent was killed.
ALONE_S = int(TIME_LIMIT_S) + 10
WARM_TEXT = "the quick brown fox jumps over the lazy dog and so on " * 2


def main() -> None:
    """Answer requests until the parent hangs up."""
    with contextlib.suppress(ValueError, OSError):  # some systems refuse; the parent still times
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # a stray print must not break a frame
    gazetteer, archives = Gazetteer([]), Archives()
    while (request := _frame(source)) is not None:
        signal.alarm(ALONE_S)
        data = _frame(source) or b""
        asked = json.loads(request)
        if asked.get("rows") is not None:
            gazetteer = Gazetteer(asked["rows"])
        try:
            answer = b"+" + _answer(asked, data, gazetteer, archives)
        except UnreadableFile as error:
            answer = b"-" + str(error).encode()
        except (RecursionError, ValueError, LookupError, TypeError) as error:
            # A reader's own fault: said to the moderator, and to the log by standard error.
            sys.stderr.write(f"ingest: {type(error).__name__}: {error}\n")
            answer = b"-This file could not be read. Save it again as plain text."
        try:
            sink.write(struct.pack(">I", len(answer)) + answer)
            sink.flush()
        except BrokenPipeError:  # nobody is there to hear it
            os._exit(0)
        signal.alarm(0)


def _answer(asked: dict[str, str], data: bytes, gazetteer: Gazetteer, archives: Archives) -> bytes:
    if asked["op"] in ("read", "works"):
        if path := asked.get("path"):
            entry = asked.get("entry")
            data = archives.read(Packed(Path(path), entry) if entry else Path(path))
        readings = read(asked["name"], data, gazetteer)
        if asked["op"] == "read":
            return READINGS.dump_json(readings)
        return WORKS.dump_json([reading.work for reading in readings])
    if asked["op"] == "stories":
        return STORIES.dump_json(archives.stories(Path(asked["path"])))
    if asked["op"] == "lines":
        return OUTCOMES.dump_json(
            [
                LineOutcome(one.line_no, None, one.reason)
                if isinstance(one, LineError)
                else LineOutcome(
                    one.line_no,
                    understand(Source(one.work, "file", marks_scenes=False), gazetteer).work
                    if one.work.chapters
                    else one.work,
                )
                for one in parse_lines(data.split(b"\n"), int(asked["first"]))
            ]
        )
    language_of(WARM_TEXT)
    return b""


def _frame(source: BinaryIO) -> bytes | None:
    head = source.read(4)
    if len(head) < 4:
        return None
    (length,) = struct.unpack(">I", head)
    return source.read(length)


if __name__ == "__main__":
    main()
