"""The vocabulary of a server and its corrections: SymSpell's idea, kept in SQLite.

Every word is stored under hashes of its forms with up to two letters deleted (of its first
seven); a mistyped word and the right one share at least one form, so a correction is a handful
of index probes, and rapidfuzz tells the nearest of what they bring.
"""

import json
import math
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from string import ascii_lowercase
from zlib import crc32

from rapidfuzz import process
from rapidfuzz.distance import OSA

PREFIX_LETTERS = 7  # deletions are made in the first letters only: 29 forms a word at most
# Under this length a second edit would reach half of the dictionary (10: -0.2, 2: others -0.5).
LONG_ENOUGH_FOR_TWO = 5
# One edit away from two letters is anything (6: -1.4).
SHORTEST_MISTYPED = 3
# A shorter beginning with a slip in it may be that of anything.
SHORTEST_MISTYPED_PREFIX = 4

# What makes one correction likelier than another, in edits.
FIRST_LETTER_DIFFERS = 0.35  # people rarely mistype the first letter
LENGTH_DIFFERS = 0.15  # a wrong or swapped letter is a commoner slip than one too many or few
FREQUENCY = 0.12  # ten times the works make a word likelier by this much
IN_A_TITLE = 0.25  # titles are what most queries are after

_HASH_BITS = 0x7FFFFFFF  # 31, stored in four bytes; a clash costs one comparison
_LAST = "\U0010ffff"  # sorts after every letter


@dataclass(frozen=True, slots=True)
class Correction:
    """A known word that a mistyped one may be meant for; `cost` is in edits, adjusted."""

    word: str
    cost: float
    works: int
    edits: int


def forms(word: str) -> set[str]:
    """The word's first letters, with up to two of them deleted (one, of a short word)."""
    head = word[:PREFIX_LETTERS]
    found = {head}
    for deletions in range(1, min(_edits(word), len(head) - 1) + 1):
        found.update(map("".join, combinations(head, len(head) - deletions)))
    return found


def count_words(
    conn: sqlite3.Connection, shard_no: int, counts: Mapping[str, tuple[int, int]]
) -> None:
    """Add to how many works and titles hold each word; negative numbers take away.

    A word that no work holds any more is gone with its forms, so that nobody is led to it.
    """
    standing = known(conn, shard_no, counts)
    sums = {
        word: (works + standing.get(word, (0, 0))[0], titles + standing.get(word, (0, 0))[1])
        for word, (works, titles) in sorted(counts.items())
    }
    conn.executemany(
        "INSERT OR REPLACE INTO search_words (shard_no, word, works, titles) VALUES (?, ?, ?, ?)",
        ((shard_no, word, *total) for word, total in sums.items() if total[0] > 0),
    )
    conn.executemany(
        "INSERT INTO search_deletes VALUES (?, ?, ?)",
        # In the order of the table, so that a batch goes through its pages once.
        sorted(_forms(shard_no, (w for w in sums if w not in standing and sums[w][0] > 0))),
    )
    gone = [word for word, total in sums.items() if word in standing and total[0] <= 0]
    conn.executemany(
        "DELETE FROM search_words WHERE shard_no = ? AND word = ?",
        ((shard_no, word) for word in gone),
    )
    conn.executemany(
        "DELETE FROM search_deletes WHERE shard_no = ? AND hash = ? AND word = ?",
        sorted(_forms(shard_no, gone)),
    )


def known(
    conn: sqlite3.Connection, shard_no: int, words: Iterable[str]
) -> dict[str, tuple[int, int]]:
    """How many works and titles hold each word; words that none holds are left out."""
    return {
        word: (works, titles)
        for word, works, titles in conn.execute(
            "SELECT word, works, titles FROM search_words "
            "WHERE shard_no = ? AND word IN (SELECT value FROM json_each(?))",
            (shard_no, json.dumps(list(words))),
        )
    }


def corrections(conn: sqlite3.Connection, shard_no: int, word: str, limit: int) -> list[Correction]:
    """Other known words within two edits (one, of a short word), the likeliest first."""
    if len(word) < SHORTEST_MISTYPED or word.isdigit():  # another number is another number
        return []
    furthest = _edits(word)
    near = [
        row[0]
        for row in conn.execute(
            "SELECT DISTINCT word FROM search_deletes WHERE shard_no = ? "
            "AND hash IN (SELECT value FROM json_each(?)) AND word != ? "
            "AND length(word) BETWEEN ? AND ?",
            (shard_no, json.dumps([_hash(form) for form in forms(word)]), word,
             len(word) - furthest, len(word) + furthest),
        )
    ]  # fmt: skip
    distances = {
        each: distance
        for each, distance, _ in process.extract(
            word, near, scorer=OSA.distance, score_cutoff=furthest, limit=None
        )
    }
    found: list[Correction] = []
    for each, (works, titles) in known(conn, shard_no, distances).items():
        cost = (
            distances[each]
            + FIRST_LETTER_DIFFERS * (word[0] != each[0])
            + LENGTH_DIFFERS * (len(word) != len(each))
            - FREQUENCY * math.log10(1 + works)
            - IN_A_TITLE * (titles > 0)
        )
        found.append(Correction(each, cost, works, round(distances[each])))
    found.sort(key=lambda one: (one.cost, one.word))
    return found[:limit]


def endings(
    conn: sqlite3.Connection, shard_no: int, prefix: str, limit: int
) -> dict[str, tuple[int, int]]:
    """Known words that begin with the prefix, the most frequent first, as `known` gives them."""
    return {
        word: (works, titles)
        for word, works, titles in conn.execute(
            "SELECT word, works, titles FROM search_words WHERE shard_no = ? "
            "AND word >= ? AND word < ? ORDER BY works DESC, word LIMIT ?",
            (shard_no, prefix, prefix + _LAST, limit),
        )
    }


def mistyped_endings(
    conn: sqlite3.Connection, shard_no: int, prefix: str, limit: int
) -> dict[str, tuple[int, int]]:
    """Known words that begin with the prefix but for one slip after its first letter, the most
    frequent first, as `known` gives them.
    """
    if len(prefix) < SHORTEST_MISTYPED_PREFIX or prefix.isdigit():
        return {}
    return {
        word: (works, titles)
        for word, works, titles in conn.execute(
            "SELECT w.word, w.works, w.titles FROM json_each(?) AS v CROSS JOIN search_words AS w "
            "ON w.shard_no = ? AND w.word >= v.value AND w.word < v.value || ? "
            "GROUP BY w.word ORDER BY w.works DESC, w.word LIMIT ?",
            (json.dumps(sorted(_slips(prefix))), shard_no, _LAST, limit),
        )
    }


def _slips(prefix: str) -> set[str]:
    letters = ascii_lowercase if prefix.isascii() else ""
    found: set[str] = set()
    for at in range(1, len(prefix)):
        head, letter, tail = prefix[:at], prefix[at], prefix[at + 1 :]
        found.add(head + tail)
        if tail:
            found.add(head + tail[0] + letter + tail[1:])
        for other in letters:
            found.add(head + other + tail)
            found.add(head + other + letter + tail)
    found.discard(prefix)
    return found


def _edits(word: str) -> int:
    return 2 if len(word) >= LONG_ENOUGH_FOR_TWO else 1


def _hash(form: str) -> int:
    return crc32(form.encode()) & _HASH_BITS


def _forms(shard_no: int, words: Iterable[str]) -> list[tuple[int, int, str]]:
    return [
        (shard_no, hashed, word)
        for word in words
        for hashed in {_hash(form) for form in forms(word)}
    ]
