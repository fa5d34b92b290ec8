"""The index of bodies: which words of story stand in which chapter, in their order.

Only body zones are indexed: no note, disclaimer, heading or lyric is ever found. A chapter's
words can be told again from its text, zones and scenes, which must therefore still stand when
it is unindexed.
"""

import re
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from zlib import crc32

from db.models import Zone, ZoneKind
from db.search.documents import docid_range
from db.search.normalise import normalise
from db.texts import unpack

Span = tuple[int, int]
# Words asked for, each with all that it may stand for.
Slots = Sequence[Collection[str]]

# Between two stretches of story stand so many of a mark that no query can hold: more words than
# any query reaches across, so that nothing is found half in one scene and half in the next.
BREAK = "¶"
BREAK_WORDS = 80

_DOCID = f"g.shard_no * {docid_range(1)[0]} + c.chapter_id"
# What stands between signs that part words in any script. The apostrophes are not among them,
# and signs of scripts written without spaces stand alone, as in `normalise`.
PIECE = re.compile(
    r"[\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]|"
    r"[^\s!\"#$%&()*+,\-./:;<=>?@\[\\\]^_{|}~“”„«»‹›‒–—―…·。、，！？：；「」『』（）"
    r"\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]{1,64}"
)
_LONGEST_PIECE = 64
_UNSPACED = re.compile(
    r"[\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]"
)
_WIDE_SIGNS = "“”„«»‹›‒–—―…·。、，！？：；「」『』（）"
_SIGNS = b'!"#$%&()*+,-./:;<=>?@[\\]^_{|}~'
_PARTING = bytes.maketrans(_SIGNS, b" " * len(_SIGNS))
# Words recur: a chapter of 5,000 has some 1,500, most of which the next one has too.
fold = lru_cache(maxsize=32768)(normalise)


def words_of(text: str) -> list[str]:
    """The words of a text as the index holds them."""
    pieces = _pieces(text)
    folded = {piece: fold(piece) for piece in set(pieces)}
    return " ".join([folded[piece] for piece in pieces]).split()


def _pieces(text: str) -> list[str]:
    """What `PIECE` finds, four times as fast where each word is short and of letters alone."""
    if _UNSPACED.search(text):
        return PIECE.findall(text)
    for sign in _WIDE_SIGNS:
        text = text.replace(sign, " ")
    plain = text.encode("utf-8", "surrogatepass").translate(_PARTING)
    pieces = plain.decode("utf-8", "surrogatepass").split()
    if any(len(piece) > _LONGEST_PIECE for piece in set(pieces)):
        return [part for piece in pieces for part in PIECE.findall(piece)]
    return pieces


def story(text: str, zones: Iterable[Zone], scenes: Iterable[int]) -> list[Span]:
    """The stretches of a chapter that read on without a break: body, within one scene."""
    starts = set(scenes)
    runs: list[Span] = []
    for zone in zones:
        if zone.kind is not ZoneKind.BODY:
            continue
        inner = sorted(at for at in starts if zone.start < at < zone.end)
        for start, end in zip([zone.start, *inner], [*inner, zone.end], strict=True):
            if runs and start not in starts and not text[runs[-1][1] : start].strip():
                runs[-1] = (runs[-1][0], end)
            else:
                runs.append((start, end))
    return runs


def index_bodies(conn: sqlite3.Connection, work_ids: Iterable[int]) -> None:
    """Add the chapters of published works that are not in the index yet."""
    for work_id in dict.fromkeys(work_ids):
        fresh = conn.execute(
            f"SELECT c.chapter_id, {_DOCID} AS docid FROM works AS w "
            "JOIN guilds AS g USING (guild_id) JOIN chapters AS c USING (work_id) "
            "WHERE w.work_id = ? AND w.state = 'published' "
            "AND docid NOT IN (SELECT docid FROM search_body_rows) ORDER BY c.chapter_id",
            (work_id,),
        ).fetchall()
        for chapter_id, docid in fresh:
            words = _words(conn, chapter_id)
            conn.execute("INSERT INTO search_bodies (rowid, words) VALUES (?, ?)", (docid, words))
            conn.execute(
                "INSERT INTO search_body_rows (docid, checksum) VALUES (?, ?)",
                (docid, crc32(words.encode())),
            )


def unindex_bodies(conn: sqlite3.Connection, work_ids: Iterable[int]) -> None:
    """Take the chapters of works out of the index, while their texts still stand."""
    for work_id in dict.fromkeys(work_ids):
        held = conn.execute(
            "SELECT c.chapter_id, r.docid, r.checksum FROM works AS w "
            "JOIN guilds AS g USING (guild_id) JOIN chapters AS c USING (work_id) "
            f"JOIN search_body_rows AS r ON r.docid = {_DOCID} "
            "WHERE w.work_id = ?",
            (work_id,),
        ).fetchall()
        for chapter_id, docid, checksum in held:
            words = _words(conn, chapter_id)
            if crc32(words.encode()) == checksum:
                conn.execute(
                    "INSERT INTO search_bodies (search_bodies, rowid, words) "
                    "VALUES ('delete', ?, ?)",
                    (docid, words),
                )
            else:
                # Words are folded otherwise than when it was indexed (a newer Unicode, say): what
                # stands there cannot be taken out, so the index is made anew at the next opening.
                # Until then it finds nothing for it, since every hit is looked up in its text.
                conn.execute("INSERT OR REPLACE INTO meta VALUES ('stale: bodies', '')")
            conn.execute("DELETE FROM search_body_rows WHERE docid = ?", (docid,))


def rebuild_bodies(conn: sqlite3.Connection) -> None:
    """Make the index anew; one chapter is in memory at a time."""
    conn.execute("INSERT INTO search_bodies (search_bodies) VALUES ('delete-all')")
    conn.execute("DELETE FROM search_body_rows")
    published = conn.execute(
        "SELECT work_id FROM works JOIN guilds USING (guild_id) WHERE state = 'published' "
        "AND chapter_count > 0 ORDER BY shard_no, work_id"
    ).fetchall()
    index_bodies(conn, (work_id for (work_id,) in published))
    conn.execute("INSERT INTO search_bodies (search_bodies) VALUES ('optimize')")


def read_chapter(conn: sqlite3.Connection, chapter_id: int) -> tuple[str, list[Span]]:
    """A chapter's text and its stretches of story; empty for a chapter that went."""
    row = conn.execute("SELECT text FROM chapters WHERE chapter_id = ?", (chapter_id,)).fetchone()
    if row is None:
        return "", []
    text = unpack(row[0])
    zones = [
        Zone(ZoneKind(kind), start, end)
        for kind, start, end in conn.execute(
            "SELECT kind, start, end FROM zones WHERE chapter_id = ? ORDER BY start", (chapter_id,)
        )
    ]
    scenes = conn.execute("SELECT start FROM scenes WHERE chapter_id = ?", (chapter_id,))
    return text, story(text, zones, (start for (start,) in scenes))


def phrase(words: Sequence[str]) -> str:
    """FTS5's query for these words in a row."""
    # Folded words hold letters and digits only; doubling is for the day that changes.
    return '"' + " ".join(words).replace('"', '""') + '"'


def near(words: Iterable[str], apart: int) -> str:
    """FTS5's query for these words in any order, at most `apart` words between first and last."""
    return f"NEAR({' '.join(phrase([word]) for word in words)}, {apart})"


def any_of(queries: Iterable[str]) -> str:
    """FTS5's query for what matches one of several."""
    return " OR ".join(queries)


def _words(conn: sqlite3.Connection, chapter_id: int) -> str:
    text, runs = read_chapter(conn, chapter_id)
    parted = f" {' '.join([BREAK] * BREAK_WORDS)} "
    return parted.join(_folded(text, runs))


def _folded(text: str, runs: Iterable[Span]) -> Iterator[str]:
    return (" ".join(map(fold, PIECE.findall(text, start, end))) for start, end in runs)
