"""A library with much in it of somebody who then wants to be forgotten, and a search of its bytes.

Shared by the tests and by the long form of them in tests/torture.
"""

import json
import random
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from db.clock import to_text
from db.library import Library
from db.models import AddStatus, NewWork, SeriesPart, Viewer, WorkChanges
from tests.db.builders import a_work

HERE, THERE, MOD = 812_345_678_901_234_001, 812_345_678_901_234_002, 912_345_678_901_234_567
GONE, STAYS = 798_765_432_109_876_543, 798_765_432_109_876_544
NOW = datetime(2026, 3, 14, 15, 9, tzinfo=UTC)
LETTERS = "bcdfghjklmnpqrstvwxyz"


def a_word(chance: random.Random) -> str:
    """A word that no other text has."""
    return "".join(chance.choice(LETTERS) for _ in range(16))


def number_forms(number: int) -> dict[str, bytes]:
    """An id as SQLite, JSON and logs write it."""
    seven = [number >> shift & 0x7F for shift in range(64 - 8, 7, -7)]
    varint = bytes(part | 0x80 for part in seven) + bytes([number & 0xFF])  # of nine bytes
    return {
        "id in digits": str(number).encode(),
        "id in 8 bytes": number.to_bytes(8, "big"),
        "id in 8 bytes, turned": number.to_bytes(8, "little"),
        "id as a varint": varint,
    }


def files(library: Path) -> list[Path]:
    """The library's file, its log and its shared memory, those that are there."""
    return [path for end in ("", "-wal", "-shm") if (path := Path(f"{library}{end}")).exists()]


def search_bytes(library: Path, needles: dict[str, bytes]) -> dict[str, int]:
    """How often each is found in the files, in whatever case; those that are not are left out."""
    found: dict[str, int] = {}
    words = {what: needle for what, needle in needles.items() if needle.isascii()}
    for path in files(library):
        content = path.read_bytes()
        lower = content.lower()
        for what, needle in needles.items():
            times = lower.count(needle.lower()) if what in words else content.count(needle)
            if times:
                name = f"{what} in {path.name.removeprefix(library.name) or 'the file'}"
                found[name] = found.get(name, 0) + times
    return found


@dataclass
class Crowd:
    """Members of two servers who say things about works, one of whom will want to be forgotten."""

    library: Library
    chance: random.Random
    said: list[str] = field(default_factory=list[str])  # by the one

    def word(self) -> str:
        """A word that only the one says."""
        word = a_word(self.chance)
        self.said.append(word)
        return word

    def needles(self) -> dict[str, bytes]:
        """What must not be found any more."""
        words = {f"word {index}": word.encode() for index, word in enumerate(self.said)}
        return words | number_forms(GONE)

    async def come(self, works: int, others: int) -> list[int]:
        """Add works, and have members say things; the one says as much as all others."""
        for guild_id in (HERE, THERE):
            await self.library.welcome_guild(guild_id, "A server")
        new = [
            a_work(f"Boat {number}", authors=(f"keeper {number}",), texts=())
            for number in range(works)
        ]
        ids = [one.work_id or 0 for one in await self.library.add(HERE, new, by=GONE)]
        members = [self.chance.randrange(10**17, 10**18) for _ in range(others)]
        for start in range(0, works, 20):
            await self.library._store.write(self._speak, ids[start : start + 20], members)
        await self._ways(ids)
        return ids

    def _speak(self, conn: sqlite3.Connection, ids: Sequence[int], members: Sequence[int]) -> None:
        for work_id in ids:
            rows = [(member, "so it " * self.chance.randrange(1, 60)) for member in members]
            rows += [(GONE, self.word() + " " * self.chance.randrange(200)) for _ in range(2)]
            self.chance.shuffle(rows)
            for member, words in rows:
                at = to_text(NOW)
                conn.execute(
                    "INSERT OR REPLACE INTO recs VALUES (?, ?, ?, ?, ?)",
                    (HERE, member, work_id, words, at),
                )
                conn.execute(
                    "INSERT OR REPLACE INTO shelves VALUES (?, ?, ?, 'to read', ?, ?)",
                    (HERE, member, work_id, words, at),
                )
                conn.execute(
                    "INSERT INTO remembered (guild_id, user_id, payload, at) VALUES (?, ?, ?, ?)",
                    (HERE, member, json.dumps({"kind": "results", "query": words}), at),
                )

    async def _ways(self, ids: Sequence[int]) -> None:
        """The ways in which ids and words come into the file."""
        library = self.library
        here = Viewer(GONE, adult_ok=True)
        for work_id in ids[:10]:
            await library.members.recommend(HERE, work_id, here, self.word())
            await library.members.recommend(HERE, work_id, here, self.word())
        await library.members.take_back_rec(HERE, ids[0], GONE)
        removed = await library.remove(HERE, ids[1], by=GONE, why=self.word())
        await library.restore(HERE, removed.work_id, by=GONE)
        await library.take_down(HERE, ids[2], by=GONE, why=self.word())
        token = await library.remember(HERE, GONE, json.dumps({"query": self.word()}))
        assert await library.recall(HERE, token)


@dataclass
class Shelf:
    """Works, one of which will be erased for its author; all of its words are its own."""

    library: Library
    chance: random.Random
    words: dict[str, str] = field(default_factory=dict[str, str])
    packed: dict[str, bytes] = field(default_factory=dict[str, bytes])

    def word(self, what: str) -> str:
        """A word that only the one work has."""
        self.words[f"{what} {len(self.words)}"] = word = a_word(self.chance)
        return word

    def needles(self) -> dict[str, bytes]:
        """What must not be found any more. An index leaves out of a word what it begins with in
        common with the one before it, so the end of each is looked for."""
        return {what: word[4:].encode() for what, word in self.words.items()} | self.packed

    async def fill(self, others: int) -> int:
        """Add works, the one amid them, and have moderators and members busy with it."""
        library = self.library
        await library.welcome_guild(HERE, "A server")
        await library.add(HERE, [self._other(number) for number in range(others)], by=MOD)
        [outcome] = await library.add(HERE, [self._the_one()], by=MOD)
        await library.add(HERE, [self._other(others + n) for n in range(others)], by=MOD)
        work_id = outcome.work_id or 0
        # What stood there before an edit is a trace as well.
        for _ in range(2):
            title = f"The {self.word('title')}"
            changes = WorkChanges(title=title, tags=(self.word("tag"),))
            await library.edit(HERE, work_id, changes, by=MOD)
            query = json.dumps({"kind": "results", "query": title.upper()})
            await library.remember(HERE, STAYS, query)
        again = self._the_one(chapters=8)
        draft = await library.add_draft(HERE, again, by=MOD, request_key=a_word(self.chance))
        assert draft.status is AddStatus.UPDATED
        await library._store.read(self._see_packed, (work_id, draft.work_id or 0))
        return work_id

    def _the_one(self, chapters: int = 3) -> NewWork:
        texts = tuple(
            f"It was {self.word('text')} once. " + self.chance.choice(TIDES) * 40
            for number in range(chapters)
        )
        new = a_work(
            f"The {self.word('title')}",
            authors=(f"{self.word('author')} of {self.word('place')}",),
            characters=(self.word("character"),),
            tags=(self.word("tag"),),
            summary=f"About {self.word('summary')}.",
            source_url="https://example.org/works/12",
            texts=texts,
        )
        titled = tuple(replace(one, title=f"Of {self.word('chapter')}") for one in new.chapters)
        info = replace(new.info, series=(SeriesPart(self.word("series")),), notes=self.word("note"))
        return replace(new, info=info, chapters=titled)

    def _other(self, number: int) -> NewWork:
        text = " ".join(a_word(self.chance) for _ in range(60))
        title = f"{a_word(self.chance)} {number}"
        return a_work(title, authors=(f"keeper {number % 7}",), texts=(text,))

    def _see_packed(self, conn: sqlite3.Connection, work_ids: Sequence[int]) -> None:
        rows = conn.execute(
            "SELECT chapter_id, text FROM chapters WHERE work_id IN (?, ?)", work_ids
        )
        for chapter_id, text in rows:
            self.packed[f"packed text {chapter_id}"] = bytes(text[30:60])


TIDES = ("The tide came and went again. ", "Nobody counted the boats. ", "It rained on the quay. ")
