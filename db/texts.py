"""The texts of works: chapters, what each stretch of them is, and the excerpts chosen.

Text is kept zstd-compressed at level 3: 0.42 of its size, 34 µs to read a chapter back.
"""

import hashlib
import re
import sqlite3
from collections.abc import Sequence

import zstandard

from db.errors import LibraryDamaged
from db.models import Chapter, Excerpt, NewWork, Zone, ZoneKind

ZSTD_LEVEL = 3
EXCERPT_LIMIT_CHARS = 900  # what may be shown of a work whose text is not free to read here

_ORDER = "state != 'chosen', score DESC, excerpt_id"


def content_hash(work: NewWork) -> bytes | None:
    """What two copies of the same text have in common: its words, not its spacing.

    None where there is no text.
    """
    return bytes.fromhex(work.digest or digest_of(work.chapters)) or None


def digest_of(chapters: Sequence[Chapter]) -> str:
    """The content hash of some chapters in hexadecimal digits; "" where there is no text."""
    if not any(chapter.text.strip() for chapter in chapters):
        return ""
    digest = hashlib.blake2b(digest_size=16)
    for chapter in chapters:
        digest.update(" ".join(chapter.text.split()).encode("utf-8", "surrogatepass"))
        digest.update(b"\x00")
    return digest.hexdigest()


def save_chapters(conn: sqlite3.Connection, work_id: int, chapters: Sequence[Chapter]) -> None:
    """Store the chapters of a work in place of those it had."""
    conn.execute("DELETE FROM chapters WHERE work_id = ?", (work_id,))
    for position, chapter in enumerate(chapters):
        chapter_id = conn.execute(
            "INSERT INTO chapters (work_id, position, title, words, text) VALUES (?, ?, ?, ?, ?)",
            (work_id, position, chapter.title, chapter.words, pack(chapter.text)),
        ).lastrowid
        conn.executemany(
            "INSERT INTO zones (chapter_id, start, end, kind) VALUES (?, ?, ?, ?)",
            [(chapter_id, zone.start, zone.end, zone.kind.value) for zone in chapter.zones],
        )
        conn.executemany(
            "INSERT INTO scenes (chapter_id, start) VALUES (?, ?)",
            [(chapter_id, start) for start in chapter.scenes],
        )


def load_chapters(conn: sqlite3.Connection, work_id: int) -> tuple[Chapter, ...]:
    """The chapters of a work, in order, with their texts."""
    chapters: list[Chapter] = []
    for chapter_id, title, words, text in conn.execute(
        "SELECT chapter_id, title, words, text FROM chapters WHERE work_id = ? ORDER BY position",
        (work_id,),
    ).fetchall():
        zones = conn.execute(
            "SELECT kind, start, end FROM zones WHERE chapter_id = ? ORDER BY start", (chapter_id,)
        )
        scenes = conn.execute(
            "SELECT start FROM scenes WHERE chapter_id = ? ORDER BY start", (chapter_id,)
        )
        chapters.append(
            Chapter(
                title=title,
                text=unpack(text),
                words=words,
                zones=tuple(Zone(ZoneKind(kind), start, end) for kind, start, end in zones),
                scenes=tuple(start for (start,) in scenes),
            )
        )
    return tuple(chapters)


def chapter_title(conn: sqlite3.Connection, work_id: int, position: int) -> str | None:
    """What to call a chapter in a credit; None for the only chapter of a work."""
    row = conn.execute(
        "SELECT title, (SELECT chapter_count FROM works WHERE work_id = c.work_id) "
        "FROM chapters AS c WHERE work_id = ? AND position = ?",
        (work_id, position),
    ).fetchone()
    if row is None or row[1] <= 1:
        return None
    return row[0] or f"Chapter {position + 1}"


def marked_passages(conn: sqlite3.Connection, work_id: int) -> list[tuple[str, str]]:
    """The passages of a work that moderators chose or vetoed: each mark with the text."""
    rows = conn.execute(
        'SELECT state, chapter, start, "end" FROM excerpts '
        "WHERE work_id = ? AND state != 'candidate'",
        (work_id,),
    ).fetchall()
    return [
        (state, chapter_text(conn, work_id, chapter)[start:end])
        for state, chapter, start, end in rows
    ]


def save_excerpts(
    conn: sqlite3.Connection,
    work_id: int,
    excerpts: Sequence[Excerpt],
    chapters: Sequence[Chapter] = (),
    marked: Sequence[tuple[str, str]] = (),
) -> None:
    """Store the excerpt candidates of a work in place of those it had.

    Passages that were `marked` in an older text keep their mark if they still stand in
    `chapters`; candidates that overlap one are left out.
    """
    places = {
        (number, *found.span()): state
        for state, text in marked
        for number, chapter in enumerate(chapters)
        # Its blanks may be others: the new text may come from another kind of file.
        if (found := re.search(r"\s+".join(map(re.escape, text.split())), chapter.text))
    }
    rows = [
        (work_id, one.chapter, one.start, one.end, one.score, "candidate")
        for one in excerpts
        if not any(
            one.chapter == number and one.start < end and start < one.end
            for number, start, end in places
        )
    ]
    rows += [(work_id, *place, 0.0, state) for place, state in places.items()]
    conn.execute("DELETE FROM excerpts WHERE work_id = ?", (work_id,))
    conn.executemany(
        'INSERT INTO excerpts (work_id, chapter, start, "end", score, state) '
        "VALUES (?, ?, ?, ?, ?, ?)",
        rows,
    )


def load_excerpts(conn: sqlite3.Connection, work_id: int) -> list[Excerpt]:
    """The excerpts of a work that may be shown, the moderators' choice first, then the best."""
    rows = conn.execute(
        'SELECT excerpt_id, chapter, start, "end", score, state FROM excerpts '
        f"WHERE work_id = ? AND state != 'vetoed' ORDER BY {_ORDER}",
        (work_id,),
    ).fetchall()
    texts: dict[int, str] = {}
    excerpts: list[Excerpt] = []
    for excerpt_id, chapter, start, end, score, state in rows:
        if chapter not in texts:
            texts[chapter] = chapter_text(conn, work_id, chapter)
        excerpts.append(
            Excerpt(
                chapter=chapter,
                start=start,
                end=end,
                text=tidy(texts[chapter][start:end]),
                score=score,
                excerpt_id=excerpt_id,
                chosen=state == "chosen",
            )
        )
    return excerpts


def set_excerpt_state(conn: sqlite3.Connection, work_id: int, excerpt_id: int, state: str) -> bool:
    """Choose or veto an excerpt of that work; only one is chosen at a time. False: no such."""
    if state == "chosen":
        conn.execute(
            "UPDATE excerpts SET state = 'candidate' WHERE work_id = ? AND state = 'chosen'",
            (work_id,),
        )
    changed = conn.execute(
        "UPDATE excerpts SET state = ? WHERE work_id = ? AND excerpt_id = ?",
        (state, work_id, excerpt_id),
    )
    return changed.rowcount == 1


def choose_excerpt(conn: sqlite3.Connection, work_id: int, excerpt: Excerpt) -> None:
    """Make the passage at that place the one that is shown first, if it is a candidate."""
    row = conn.execute(
        "SELECT excerpt_id FROM excerpts "
        'WHERE work_id = ? AND chapter = ? AND start = ? AND "end" = ?',
        (work_id, excerpt.chapter, excerpt.start, excerpt.end),
    ).fetchone()
    if row:
        set_excerpt_state(conn, work_id, row[0], "chosen")


def chapter_text(conn: sqlite3.Connection, work_id: int, position: int) -> str:
    """The text of one chapter; empty if there is none."""
    row = conn.execute(
        "SELECT text FROM chapters WHERE work_id = ? AND position = ?", (work_id, position)
    ).fetchone()
    return unpack(row[0]) if row else ""


def tidy(text: str) -> str:
    """A passage as it is shown: indents and trailing blanks gone, paragraphs one line apart."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n\n".join(line for line in lines if line)


def pack(text: str) -> bytes:
    """A text as the file holds it. Lone surrogates survive, as everything else."""
    return zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(
        text.encode("utf-8", "surrogatepass")
    )


def unpack(data: bytes) -> str:
    """The text that `pack` was given.

    Raises:
        LibraryDamaged: it was not given this.
    """
    try:
        return zstandard.ZstdDecompressor().decompress(data).decode("utf-8", "surrogatepass")
    except (zstandard.ZstdError, UnicodeDecodeError) as error:
        raise LibraryDamaged from error
