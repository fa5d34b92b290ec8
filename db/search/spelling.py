"""The vocabulary of a server and its corrections: SymSpell's idea, kept in SQLite.

Every word is stored under hashes of its forms with up to two letters deleted (of its first
seven); a mistyped word and the right one share at least one form, so a correction is a handful
of index probes, and rapidfuzz tells the nearest of what they bring.
"""

import hashlib
import math
import sqlite3
from itertools import combinations

from rapidfuzz.distance import OSA

PREFIX_LETTERS = 7  # deletions are made in the first letters only: 30 forms a word at most
DELETIONS = 2
# Under this length a second edit would reach half of the dictionary.
LONG_ENOUGH_FOR_TWO = 5
# One edit away from two letters is anything.
SHORTEST_MISTYPED = 3

# What makes one correction likelier than another, in edits; found on generated misspellings.
FIRST_LETTER_DIFFERS = 0.35  # people rarely mistype the first letter
LENGTH_DIFFERS = 0.15
FREQUENCY = 0.12  # a tenth of the works more is worth this much
IN_A_TITLE = 0.25


def forms(word: str) -> set[str]:
    """The word's first letters, with up to two of them deleted."""
    head = word[:PREFIX_LETTERS]
    found = {head}
    for deletions in range(1, min(DELETIONS, len(head) - 1) + 1):
        keep = len(head) - deletions
        found.update("".join(kept) for kept in combinations(head, keep))
    return found


def form_hash(shard_no: int, form: str) -> int:
    """48 bits, so that rows stay small; a clash costs one comparison."""
    digest = hashlib.blake2b(f"{shard_no}\x00{form}".encode(), digest_size=6).digest()
    return int.from_bytes(digest, "big")


def add_words(
    conn: sqlite3.Connection, shard_no: int, works: dict[str, int], titles: dict[str, int]
) -> None:
    """Count words into the vocabulary: how many works, and titles, gained each."""
    known = {
        word
        for word in works
        if conn.execute(
            "UPDATE search_words SET works = works + ?, titles = titles + ? "
            "WHERE shard_no = ? AND word = ?",
            (works[word], titles.get(word, 0), shard_no, word),
        ).rowcount
    }
    for word in works.keys() - known:
        word_id = conn.execute(
            "INSERT INTO search_words (shard_no, word, works, titles) VALUES (?, ?, ?, ?)",
            (shard_no, word, works[word], titles.get(word, 0)),
        ).lastrowid
        conn.executemany(
            "INSERT OR IGNORE INTO search_deletes (hash, word_id) VALUES (?, ?)",
            ((form_hash(shard_no, form), word_id) for form in forms(word)),
        )


def remove_words(
    conn: sqlite3.Connection, shard_no: int, works: dict[str, int], titles: dict[str, int]
) -> None:
    """The inverse of `add_words`; a word of no work is gone, so that nobody is led to it."""
    for word, count in works.items():
        conn.execute(
            "UPDATE search_words SET works = works - ?, titles = titles - ? "
            "WHERE shard_no = ? AND word = ?",
            (count, titles.get(word, 0), shard_no, word),
        )
        gone = conn.execute(
            "DELETE FROM search_words WHERE shard_no = ? AND word = ? AND works <= 0 "
            "RETURNING word_id",
            (shard_no, word),
        ).fetchone()
        if gone:
            conn.executemany(
                "DELETE FROM search_deletes WHERE hash = ? AND word_id = ?",
                ((form_hash(shard_no, form), gone[0]) for form in forms(word)),
            )


def known(conn: sqlite3.Connection, shard_no: int, word: str) -> tuple[int, int] | None:
    """How many works and titles hold the word; None if no work does."""
    return conn.execute(
        "SELECT works, titles FROM search_words WHERE shard_no = ? AND word = ?", (shard_no, word)
    ).fetchone()


def corrections(
    conn: sqlite3.Connection, shard_no: int, word: str, limit: int = 4
) -> list[tuple[str, float]]:
    """Known words that the word may be meant for, the likeliest first, with their distance."""
    if len(word) < SHORTEST_MISTYPED or word.isdigit():
        return []
    furthest = DELETIONS if len(word) >= LONG_ENOUGH_FOR_TWO else 1
    hashes = [form_hash(shard_no, form) for form in forms(word)]
    marks = ",".join("?" * len(hashes))
    # The + keeps the planner from walking the server's whole vocabulary instead.
    rows = conn.execute(
        "SELECT word, works, titles FROM search_words WHERE word_id IN "
        f"(SELECT word_id FROM search_deletes WHERE hash IN ({marks})) AND +shard_no = ?",
        (*hashes, shard_no),
    )
    found: list[tuple[float, str]] = []
    for candidate, works, titles in rows:
        if candidate == word:
            continue
        distance = OSA.distance(word, candidate, score_cutoff=furthest)
        if distance > furthest:
            continue
        cost = (
            distance
            + FIRST_LETTER_DIFFERS * (word[0] != candidate[0])
            + LENGTH_DIFFERS * (len(word) != len(candidate))
            - FREQUENCY * math.log10(1 + works)
            - IN_A_TITLE * (titles > 0)
        )
        found.append((cost, candidate))
    found.sort()
    return [(candidate, cost) for cost, candidate in found[:limit]]


def completions(conn: sqlite3.Connection, shard_no: int, prefix: str, limit: int) -> list[str]:
    """Known words that begin with the prefix, the most frequent first, itself among them."""
    return [
        row[0]
        for row in conn.execute(
            "SELECT word FROM search_words WHERE shard_no = ? AND word >= ? AND word < ? "
            "ORDER BY works DESC LIMIT ?",
            (shard_no, prefix, prefix + "\U0010ffff", limit),
        )
    ]
