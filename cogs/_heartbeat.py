"""The heartbeat of a running bot, and what to think of it: `bot.py run --healthcheck`.

Only the standard library is imported here: the check runs every minute or so beside the bot, and
is to cost next to nothing.
"""

import argparse
import contextlib
import json
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

FLAG = "--healthcheck"
STALE_SECONDS = 60.0
GATEWAY_SECONDS = 300.0  # Discord's own outages and updates are shorter as a rule
WRITER_SECONDS = 30.0  # the owner's `add` may hold the lock for some seconds
SCHEDULER_SECONDS = 900.0  # a round may wait for many servers' slow requests
EX_UNWELL, EX_USAGE, EX_CONFIG = 1, 2, 78


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """How the bot was, at `time`.

    `gateway_down_s` is None while the gateway is up. `writer_ms` is how long the last probe of
    the library's writer took, `writer_waiting_s` how long one is under way that has not come
    back, None if none is. `scheduler_s` is the time since the daily posts' scheduler last had
    completed a round, or since it could have begun one.
    """

    time: datetime
    pid: int
    up_s: float
    beat_s: float
    guilds: int
    gateway_down_s: float | None
    latency_ms: float | None
    lag_ms: float
    writer_ms: float | None
    writer_waiting_s: float | None
    writer_error: str | None
    scheduler_s: float | None
    poll_s: float

    def write(self, path: Path) -> None:
        """Put it in the file's place, whole. Raises OSError."""
        beside = path.with_name(f"{path.name}.new")
        with contextlib.suppress(FileNotFoundError):
            beside.unlink()  # not followed, if somebody has put a link there
        beside.write_text(json.dumps(self.as_json()), encoding="utf-8")
        beside.replace(path)

    def as_json(self) -> dict[str, object]:
        """What is written."""
        return {**asdict(self), "time": self.time.isoformat(timespec="milliseconds")}

    @classmethod
    def read(cls, path: Path) -> "Heartbeat":
        """The one in the file. Raises OSError, ValueError."""
        given = cast("object", json.loads(path.read_text(encoding="utf-8")))
        if not isinstance(given, dict):
            raise ValueError("no heartbeat")  # noqa: TRY004  # whatever is wrong with the file
        fields = cast("dict[str, Any]", given)
        try:
            fields["time"] = datetime.fromisoformat(fields["time"])
            beat = cls(**fields)
            problems(beat, beat.time)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("no heartbeat") from error
        return beat


def default_path(library: Path) -> Path:
    """Where the heartbeat is, unless the settings say otherwise."""
    return library.with_name(f"{library.name}.health")


def problems(beat: Heartbeat, now: datetime) -> list[str]:
    """What is wrong, a sentence each; nothing if the bot is well."""
    age = (now - beat.time).total_seconds()
    if abs(age) > max(STALE_SECONDS, 4 * beat.beat_s):
        # What it says else was true then.
        why = "the bot hangs, was killed, or cannot write the file (is the disk full?)"
        return [f"The last heartbeat was {_span(age)} ago: {why}."]
    found: list[str] = []
    if beat.gateway_down_s is not None and beat.gateway_down_s > GATEWAY_SECONDS:
        found.append(f"Discord's gateway has been down for {_span(beat.gateway_down_s)}.")
    if beat.writer_waiting_s is not None and beat.writer_waiting_s > WRITER_SECONDS:
        found.append(f"The library's writer has been stuck for {_span(beat.writer_waiting_s)}.")
    elif beat.writer_error:
        found.append(f"The library cannot be written: {beat.writer_error}.")
    if beat.scheduler_s is not None and beat.scheduler_s > SCHEDULER_SECONDS + 2 * beat.poll_s:
        found.append(
            f"The daily posts' scheduler has completed no round for {_span(beat.scheduler_s)}."
        )
    return found


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if abs(seconds) < 120 else f"{seconds / 60:.0f} min"


def health_check(arguments: Sequence[str]) -> int:
    """Say how the bot is; returns 0 if it is well, 1 if not. `arguments` may hold `run`."""
    parser = argparse.ArgumentParser(prog="bot.py", allow_abbrev=False)
    parser.add_argument("command", nargs="?", choices=["run"])
    parser.add_argument(FLAG, action="store_true", help="say how the running bot is: exit 0 or 1")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    parser.add_argument("--config", type=Path, metavar="PATH", help="default: config.toml")
    parser.add_argument("--library", type=Path, metavar="PATH", help="the library's file")
    given = parser.parse_args(arguments)
    try:
        path = _path(given.config, given.library)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        sys.stderr.write(f"{given.config or 'config.toml'} cannot be read: {error}.\n")
        return EX_CONFIG
    beat, found = _examine(path)
    if given.json:
        about = beat.as_json() if beat else None
        answer = {"healthy": not found, "problems": found, "heartbeat": about}
        sys.stdout.write(f"{json.dumps(answer)}\n")
    elif found:
        sys.stderr.write(f"{' '.join(found)}\n")
    elif beat:
        latency = "–" if beat.latency_ms is None else f"{beat.latency_ms:.0f} ms"
        gateway = "gateway up" if beat.gateway_down_s is None else "gateway down for a moment"
        sys.stdout.write(
            f"Well: {gateway}, latency {latency}, event loop at most {beat.lag_ms:.0f} ms late, "
            f"servers: {beat.guilds}, up for {_span(beat.up_s)}.\n"
        )
    return EX_UNWELL if found else 0


def _examine(path: Path) -> tuple[Heartbeat | None, list[str]]:
    try:
        beat = Heartbeat.read(path)
    except FileNotFoundError:
        return None, [f"There is no heartbeat {path}: the bot is not running, or starting."]
    except (OSError, ValueError) as error:
        return None, [f"The heartbeat {path} cannot be read: {error}."]
    return beat, problems(beat, datetime.now(UTC))


def _path(config: Path | None, library: Path | None) -> Path:
    # Only these two settings matter here. Whether the others are right is said when it starts.
    file = config or Path("config.toml")
    if config is None and not file.exists():
        settings: dict[str, Any] = {}
    else:
        settings = tomllib.loads(file.read_text(encoding="utf-8"))
    if health := _setting(settings, "health", "file"):
        return file.parent / health
    stored = file.parent / (_setting(settings, "library", "path") or "library.sqlite3")
    return default_path(library or stored)


def _setting(settings: dict[str, Any], section: str, key: str) -> str:
    found = settings.get(section)
    value = cast("dict[str, object]", found).get(key) if isinstance(found, dict) else None
    return value if isinstance(value, str) else ""
