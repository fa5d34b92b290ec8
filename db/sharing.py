"""Which works share text: copies, older copies, and what was taken down."""

import sqlite3
import struct
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from db.models import Chapter, NewWork, ZoneKind
from db.sketches import Sketch, containment, sketch
from db.texts import load_chapters

# A phrase of so many works is a proverb or a site's own words, and tells nothing.
COMMON_AT = 30
LEAST_SHARE = 0.2  # what is told at all; unrelated works share nothing
SAME_SHARE = 0.5  # of a text that was taken down, or of one that claims to be another
PAIR_SHARE = 0.8
# A text of fewer phrases in its sample may share one by chance, or none for a small change.
FEWEST_HASHES = 5


@dataclass(frozen=True, slots=True)
class Shared:
    """A standing work that shares text with a new one.

    `contained` is what share of the standing text lies in the new one, `containing` what share
    of the new one lies in it.
    """

    work_id: int
    contained: float
    containing: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Two works of which at least one lies in the other, the longer one first; shares as above."""

    longer_id: int
    shorter_id: int
    contained: float  # of the shorter in the longer
    containing: float


def sketch_of(new: NewWork) -> Sketch:
    """The sketch of a work's story, as ingest told it or told now."""
    return new.sketch or sketch(story_of(new.chapters))


def story_of(chapters: Iterable[Chapter]) -> str:
    """The story in some chapters, without what stands around it."""
    return "\n".join(
        chapter.text[zone.start : zone.end]
        for chapter in chapters
        for zone in chapter.zones
        if zone.kind is ZoneKind.BODY
    )


def save_sketch(conn: sqlite3.Connection, work_id: int, told: Sketch) -> None:
    """Keep a work's sketch in place of the one that it had."""
    (guild_id,) = conn.execute(
        "SELECT guild_id FROM works WHERE work_id = ?", (work_id,)
    ).fetchone()
    conn.execute("DELETE FROM sketch_hashes WHERE work_id = ?", (work_id,))
    conn.execute("DELETE FROM sketches WHERE work_id = ?", (work_id,))
    if told.hashes:
        conn.execute(
            "INSERT INTO sketches (work_id, rate, hashes) VALUES (?, ?, ?)",
            (work_id, told.rate, _pack(told)),
        )
        conn.executemany(
            "INSERT INTO sketch_hashes (guild_id, hash, work_id) VALUES (?, ?, ?)",
            [(guild_id, one, work_id) for one in told.hashes],
        )


def sharing(conn: sqlite3.Connection, guild_id: int, new: Sketch) -> list[Shared]:
    """The works of that server, in any state, that share text with a new one, most first."""
    counts = _counts(conn, guild_id, "sketch_hashes", "work_id", new)
    found: list[Shared] = []
    for work_id, _ in counts.most_common():
        shared = compared(conn, work_id, new)
        if shared is not None and max(shared.contained, shared.containing) >= LEAST_SHARE:
            found.append(shared)
    return sorted(found, key=lambda one: -max(one.contained, one.containing))


def compared(conn: sqlite3.Connection, work_id: int, new: Sketch) -> Shared | None:
    """What a standing work shares with a new one; None if too little is kept of one to tell."""
    row = conn.execute("SELECT rate, hashes FROM sketches WHERE work_id = ?", (work_id,)).fetchone()
    if row is None:
        return None
    standing = _unpack(*row)
    rate = max(standing.rate, new.rate)
    if min(len(standing.at(rate)), len(new.at(rate))) < FEWEST_HASHES:
        return None
    return Shared(work_id, containment(standing, new), containment(new, standing))


def bury_sketch(conn: sqlite3.Connection, guild_id: int, work_id: int) -> None:
    """Keep the sketch of a work that is about to be erased, so that its text is refused."""
    row = conn.execute("SELECT rate, hashes FROM sketches WHERE work_id = ?", (work_id,)).fetchone()
    if row is None:
        return
    sketch_id = conn.execute(
        "INSERT INTO buried_sketches (guild_id, rate, hashes) VALUES (?, ?, ?)", (guild_id, *row)
    ).lastrowid
    conn.executemany(
        "INSERT INTO buried_hashes (guild_id, hash, sketch_id) VALUES (?, ?, ?)",
        [(guild_id, one, sketch_id) for one in _unpack(*row).hashes],
    )


def is_buried_text(conn: sqlite3.Connection, guild_id: int, new: Sketch) -> bool:
    """Whether a text is, or holds, or lies in, one that was taken down there."""
    for sketch_id, _ in _counts(conn, guild_id, "buried_hashes", "sketch_id", new).most_common():
        row = conn.execute(
            "SELECT rate, hashes FROM buried_sketches WHERE sketch_id = ?", (sketch_id,)
        ).fetchone()
        buried = _unpack(*row)
        if max(containment(buried, new), containment(new, buried)) >= SAME_SHARE:
            return True
    return False


def pairs(conn: sqlite3.Connection, guild_id: int, limit: int) -> list[Pair]:
    """Published works of which one lies nearly whole in another, the most alike first.

    Pairs that a moderator called different are left out.
    """
    together: Counter[tuple[int, int]] = Counter()
    shared = conn.execute(
        "SELECT group_concat(work_id) FROM sketch_hashes AS s JOIN works AS w USING (work_id) "
        "WHERE s.guild_id = ? AND w.state = 'published' "
        "GROUP BY hash HAVING count(*) BETWEEN 2 AND ?",
        (guild_id, COMMON_AT),
    )
    for (listed,) in shared:
        ids = sorted(map(int, listed.split(",")))
        together.update((low, high) for at, low in enumerate(ids) for high in ids[at + 1 :])
    different = set(conn.execute("SELECT work_id, other_id FROM different_works"))
    found: list[Pair] = []
    for (low, high), phrases in together.items():
        if phrases < FEWEST_HASHES or (low, high) in different:
            continue
        one, other = _load(conn, low), _load(conn, high)
        shares = containment(one, other), containment(other, one)
        if max(shares) >= PAIR_SHARE:
            # What lies whole in the other is the shorter one.
            if shares[0] >= shares[1]:
                found.append(Pair(high, low, shares[0], shares[1]))
            else:
                found.append(Pair(low, high, shares[1], shares[0]))
    found.sort(key=lambda pair: (-pair.contained - pair.containing, pair.longer_id))
    return found[:limit]


def mark_different(conn: sqlite3.Connection, one_id: int, other_id: int) -> None:
    """Note that two works are no duplicates, whatever they share."""
    conn.execute(
        "INSERT OR IGNORE INTO different_works (work_id, other_id) VALUES (?, ?)",
        (min(one_id, other_id), max(one_id, other_id)),
    )


def rebuild_sketches(conn: sqlite3.Connection) -> None:
    """Sketch every text anew; one work is in memory at a time."""
    conn.execute("DELETE FROM sketch_hashes")
    conn.execute("DELETE FROM sketches")
    texts = conn.execute("SELECT work_id FROM works WHERE has_text ORDER BY work_id").fetchall()
    for (work_id,) in texts:
        save_sketch(conn, work_id, sketch(story_of(load_chapters(conn, work_id))))


def _counts(
    conn: sqlite3.Connection, guild_id: int, table: str, column: str, new: Sketch
) -> Counter[int]:
    """How many of a sketch's hashes others have, without those that everybody has."""
    counts: Counter[int] = Counter()
    for one in new.hashes:
        rows = conn.execute(
            f"SELECT {column} FROM {table} WHERE guild_id = ? AND hash = ? LIMIT ?",
            (guild_id, one, COMMON_AT + 1),
        ).fetchall()
        if len(rows) <= COMMON_AT:
            counts.update(owner for (owner,) in rows)
    return counts


def _load(conn: sqlite3.Connection, work_id: int) -> Sketch:
    row = conn.execute("SELECT rate, hashes FROM sketches WHERE work_id = ?", (work_id,)).fetchone()
    return _unpack(*row)


def _pack(told: Sketch) -> bytes:
    return struct.pack(f"<{len(told.hashes)}I", *told.hashes)


def _unpack(rate: int, hashes: bytes) -> Sketch:
    return Sketch(rate, struct.unpack(f"<{len(hashes) // 4}I", hashes))
