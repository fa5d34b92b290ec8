"""Library files that something happened to, and what the program makes of them."""

import asyncio
import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from db.errors import LibraryDamaged, LibraryUnusable
from db.library import Library
from db.models import NewWork
from tests.db.builders import LANTERN, a_work
from tests.db.command_line import no_traceback, run

ENDINGS = ("", "-wal", "-shm")
COMMANDS = ("run", "check", "search", "export", "add", "backup")
DAMAGES = ("a bit", "bits", "header", "page", "cut")
PAGE = 4096


@dataclass(frozen=True, slots=True)
class Sample:
    """A sound library: its files by ending, as they lie after a clean stop or a kill."""

    name: str
    files: dict[str, bytes]

    def write(self, path: Path) -> None:
        """Put it there."""
        for ending, data in self.files.items():
            Path(f"{path}{ending}").write_bytes(data)


def samples(folder: Path) -> list[Sample]:
    """One library that was closed, and one that was killed with works in its log only."""
    path = folder / "library.sqlite3"

    def work(number: int, name: str) -> NewWork:
        text = f"{LANTERN.replace('twelve', f'{number} {name}')} {number * 7919}"
        return a_work(f"{name} {number}", authors=(f"{name}{number}",), texts=(text,))

    def sample(name: str, endings: Sequence[str]) -> Sample:
        return Sample(name, {ending: Path(f"{path}{ending}").read_bytes() for ending in endings})

    async def make() -> list[Sample]:
        async with Library.open(path) as library:
            await library.add(0, [work(number, "Tale") for number in range(9)], by=None)
        closed = sample("closed", ("",))
        async with Library.open(path) as library:
            await library.add(0, [work(number, "Late") for number in range(4)], by=None)
            return [closed, sample("killed", ENDINGS)]

    return asyncio.run(make())


def damaged(sample: Sample, how: str, chance: random.Random) -> Sample:
    """The same, after something happened to its file or its log."""
    ending = "-wal" if "-wal" in sample.files and chance.random() < 0.3 else ""
    data = bytearray(sample.files[ending])
    match how:
        case "a bit" | "bits":
            for _ in range(1 if how == "a bit" else 200):
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        case "header":
            data[chance.randrange(100)] ^= 1 << chance.randrange(8)
        case "page":
            at = chance.randrange(len(data) // PAGE) * PAGE
            data[at : at + PAGE] = chance.randbytes(PAGE)
        case _:
            del data[chance.randrange(len(data)) :]
    files = {**sample.files, ending: bytes(data)}
    if chance.random() < 0.5:
        files.pop("-shm", None)
    return Sample(f"{sample.name}, {how}", files)


def attempt(command: str, sample: Sample, folder: Path) -> tuple[bool, str | None]:
    """Whether it was of use, and what is wrong with how that was told; None if nothing is.

    Raises whatever nobody foresaw.
    """
    path = folder / "library.sqlite3"
    sample.write(path)
    before = contents(path)
    if command == "run":
        code, said = _opened(path)
    else:
        arguments: dict[str, Sequence[object]] = {
            "search": ["tale"],
            "export": [folder / "out.jsonl"],
            "add": [folder / "none.txt"],
            "backup": [folder / "copy.sqlite3"],
        }
        ran = run(command, *arguments.get(command, ()), library=path)
        code, said = ran.code, ran.err
    if code != 78:
        # `add` refuses the file that is not there, and has done its part.
        return True, None if code == (3 if command == "add" else 0) else f"code {code}: {said}"
    if command != "check" and (said.count("\n") != 1 or not no_traceback(said)):
        return False, f"not one line: {said}"
    was_in_use = str(LibraryDamaged()) in said or "may tell why" in said
    if not was_in_use and contents(path) != before:
        return False, f"it was changed: {said}"
    return False, None


def contents(path: Path) -> dict[str, bytes]:
    """The file and its log. What processes share is no content: SQLite makes it anew."""
    there = ((ending, Path(f"{path}{ending}")) for ending in ENDINGS[:2])
    return {ending: file.read_bytes() for ending, file in there if file.exists()}


def _opened(path: Path) -> tuple[int, str]:
    async def open_it() -> None:
        async with Library.open(path):
            pass

    try:
        asyncio.run(open_it())
    except LibraryUnusable as error:
        return 78, f"{error}\n"
    return 0, ""


def attempts(folder: Path, count: int, seed: int) -> Iterator[tuple[str, bool, str | None]]:
    """So many accidents: what was done, whether it was of use, and what is wrong with that."""
    chance = random.Random(seed)
    sound = samples(folder)
    for number in range(count):
        how, command = DAMAGES[number % len(DAMAGES)], chance.choice(COMMANDS)
        victim = damaged(chance.choice(sound), how, chance)
        place = folder / str(number)
        place.mkdir()
        what = f"{number}: {command} on {victim.name}"
        try:
            of_use, fault = attempt(command, victim, place)
        except Exception as error:
            raise AssertionError(f"{what} raised") from error
        yield what, of_use, fault
        shutil.rmtree(place)
