"""A disk that loses its power: what may be left of files whose writes were traced.

`trace` runs a program under `strace` and keeps every change that it makes in one folder, in order,
and every line that it prints. `Disk` follows them up to some point, and `lose_power` writes what
a disk may hold then: a write counts for certain only once its file was synced, and a new, moved
or deleted name once its folder was. Of the rest any sectors may be there, or pages, or none.
"""

import random
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

CALLS = (
    "openat,close,write,pwrite64,fsync,fdatasync,ftruncate,rename,unlink,link,mkdir,"
    "writev,pwritev,pwritev2,truncate,fallocate,renameat,renameat2,unlinkat,linkat,sendfile,"
    "copy_file_range"
)
UNITS = (512, 4096)  # a sector, a page: what a disk writes whole

_CALL = re.compile(r"(?P<pid>\d+) +(?P<name>\w+)\((?P<arguments>.*)\)\s+= (?P<result>-?\d+)")
_UNFINISHED = re.compile(r"(?P<pid>\d+) +(?P<begun>.*) <unfinished \.\.\.>")
_RESUMED = re.compile(r"(?P<pid>\d+) +<\.\.\. \w+ resumed>(?P<rest>.*)")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')


@dataclass(frozen=True, slots=True)
class Event:
    """One change: `what` is write, truncate, sync, create, rename, unlink, sync-folder or said.

    `file` is a number that a file keeps when it is renamed.
    """

    what: str
    file: int = -1
    name: str = ""
    data: bytes = b""
    at: int = 0


class NoTrace(Exception):
    """There is no `strace` here, or it may not trace."""


def trace(command: Sequence[str | Path], folder: Path, notes: Path) -> list[Event]:
    """Run a program to its end, and give what it did to the files in `folder`.

    What was there before is told as if it had been written and synced just now.

    Raises:
        NoTrace: that cannot be done on this machine.
    """
    strace = shutil.which("strace")
    if strace is None:
        raise NoTrace("strace is not installed")
    options = ["-f", "-qq", "-xx", "-s", "1000000", "-e", f"trace={CALLS}", "-e", "signal=none"]
    before = {file.name: file.read_bytes() for file in sorted(folder.iterdir())}
    ran = subprocess.run(
        [strace, *options, "-o", notes, *command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if "ptrace" in ran.stderr and "permitted" in ran.stderr:
        raise NoTrace("strace may not trace here")
    assert ran.returncode == 0, ran.stderr
    with notes.open(encoding="ascii") as lines:
        events = _Reader(folder, before).events(lines)
    assert any(event.what == "said" for event in events), "the trace was not understood"
    return events


class _Reader:
    """Follows one process: which of its descriptors is which file."""

    def __init__(self, folder: Path, before: dict[str, bytes]) -> None:
        self._folder = str(folder)
        self._open: dict[int, int] = {}  # descriptor -> file; -1 is the folder
        self._names: dict[str, int] = {}
        self._files = 0
        self._events: list[Event] = []
        for self._files, (name, data) in enumerate(before.items(), start=1):
            number = self._names[name] = self._files - 1
            self._events += [Event("create", number, name), Event("write", number, data=data)]
            self._events.append(Event("sync", number))
        self._events.append(Event("sync-folder"))

    def events(self, lines: Iterable[str]) -> list[Event]:
        begun: dict[str, str] = {}
        for line in lines:
            if match := _UNFINISHED.match(line):
                begun[match["pid"]] = match["begun"]
                continue
            if match := _RESUMED.match(line):
                line = f"{match['pid']} {begun.pop(match['pid'])}{match['rest']}"
            if (match := _CALL.match(line)) and int(match["result"]) >= 0:
                self._take(match["name"], match["arguments"], int(match["result"]))
        return self._events

    def _take(self, call: str, arguments: str, result: int) -> None:
        texts = [bytes.fromhex(text.replace("\\x", "")) for text, _ in _TEXT.findall(arguments)]
        paths = [self._inside(text) for text in texts] if call in _NAMING else []
        if call in _NAMING and all(path is None for path in paths):
            if call == "openat":
                self._open.pop(result, None)
            return
        first = int(arguments.split(",")[0]) if arguments[:1].isdigit() else -1
        if call not in _NAMING and first != 1 and first not in self._open:
            return
        match call:
            case "openat":
                self._opened(paths[0] or "", arguments, result)
            case "close":
                del self._open[first]
            case "write" if first == 1:
                self._events.append(Event("said", data=texts[0][:result]))
            case "pwrite64":
                at = int(arguments.rsplit(",", 1)[1])
                self._change("write", first, data=texts[0][:result], at=at)
            case "ftruncate":
                self._change("truncate", first, at=int(arguments.rsplit(",", 1)[1]))
            case "fsync" | "fdatasync" if self._open[first] == -1:
                self._events.append(Event("sync-folder"))
            case "fsync" | "fdatasync":
                self._change("sync", first)
            case "rename":
                before, after = paths
                assert before, "a file was moved into the folder"
                assert after, "a file was moved out of the folder"
                self._names[after] = file = self._names.pop(before)
                self._events.append(Event("rename", file, after, before.encode()))
            case "link":
                there, name = paths
                assert there
                assert name
                self._names[name] = self._names[there]
                self._events.append(Event("create", self._names[name], name))
            case "unlink":
                (name,) = paths
                assert name
                self._events.append(Event("unlink", self._names.pop(name), name))
            case _:
                raise AssertionError(f"{call} is not followed: {arguments[:200]}")

    def _inside(self, path: bytes) -> str | None:
        """The name in the folder; "" is the folder itself, None anything else."""
        text = path.decode("utf-8", "surrogateescape")
        if text == self._folder:
            return ""
        head, _, name = text.rpartition("/")
        return name if head == self._folder else None

    def _opened(self, name: str, arguments: str, descriptor: int) -> None:
        if name == "":
            self._open[descriptor] = -1
            return
        if name not in self._names:
            if "O_CREAT" not in arguments:
                self._open.pop(descriptor, None)
                return
            self._names[name] = self._files
            self._files += 1
            self._events.append(Event("create", self._names[name], name))
        self._open[descriptor] = self._names[name]
        if "O_TRUNC" in arguments:
            self._change("truncate", descriptor)

    def _change(self, what: str, descriptor: int, *, data: bytes = b"", at: int = 0) -> None:
        file = self._open[descriptor]
        assert file >= 0
        self._events.append(Event(what, file, data=data, at=at))


_NAMING = ("openat", "rename", "unlink", "link", "mkdir", "truncate", "renameat", "renameat2",
           "unlinkat", "linkat")  # fmt: skip


@dataclass
class _File:
    sure: bytearray = field(default_factory=bytearray)
    pending: list[Event] = field(default_factory=list[Event])


class Disk:
    """The folder's files as the disk has them, and what it has not been made to keep yet."""

    def __init__(self) -> None:
        self._files: dict[int, _File] = {}
        self._names: dict[str, int] = {}
        self._pending: list[Event] = []
        self.said = b""

    def follow(self, event: Event) -> None:
        """Let one more thing happen."""
        match event.what:
            case "said":
                self.said += event.data
            case "write" | "truncate":
                self._files[event.file].pending.append(event)
            case "sync":
                file = self._files[event.file]
                for change in file.pending:
                    _apply(file.sure, change)
                file.pending.clear()
            case "sync-folder":
                for change in self._pending:
                    _rename(self._names, change)
                self._pending.clear()
            case _:
                self._files.setdefault(event.file, _File())
                self._pending.append(event)

    def lose_power(self, folder: Path, chance: random.Random) -> None:
        """Write into an empty folder what may be left."""
        names = dict(self._names)
        for change in _survivors(self._pending, chance):
            _rename(names, change)
        for name, number in names.items():
            file = self._files[number]
            left = bytearray(file.sure)
            unit, share = chance.choice(UNITS), chance.choice((0.0, 0.2, 0.5, 0.9, 1.0))
            for change in file.pending:
                for part in _parts(change, unit):
                    if chance.random() < share:
                        _apply(left, part)
            # What is shared between processes is memory, and after a power cut means nothing.
            data = chance.randbytes(len(left)) if name.endswith("-shm") else bytes(left)
            (folder / name).write_bytes(data)


def _survivors(changes: Sequence[Event], chance: random.Random) -> Sequence[Event]:
    """Names: as a journal keeps them, the first ones; or as the standard has it, any of them."""
    if chance.random() < 0.5:
        return changes[: chance.randint(0, len(changes))]
    return [change for change in changes if chance.random() < 0.5]


def _rename(names: dict[str, int], change: Event) -> None:
    match change.what:
        case "create":
            names[change.name] = change.file
        case "unlink":
            if names.get(change.name) == change.file:
                del names[change.name]
        case _:
            before = change.data.decode()
            if names.get(before) == change.file:
                del names[before]
            names[change.name] = change.file


def _parts(change: Event, unit: int) -> list[Event]:
    if change.what != "write":
        return [change]
    parts: list[Event] = []
    at, end = change.at, change.at + len(change.data)
    while at < end:
        upto = min(end, (at // unit + 1) * unit)
        parts.append(
            Event("write", change.file, data=change.data[at - change.at : upto - change.at], at=at)
        )
        at = upto
    return parts


def _apply(content: bytearray, change: Event) -> None:
    end = change.at + len(change.data)
    if change.what == "truncate":
        del content[change.at :]
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    if change.what == "write":
        content[change.at : end] = change.data
