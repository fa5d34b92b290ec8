"""The gazetteer's tables: fandoms, their characters and the forms prose names them by.

Rows with no guild ship with the program; a server's own grow from the works that its
moderators confirm, so that the bot learns the fandoms it is used for.
"""

import hashlib
import json
import sqlite3
from collections.abc import Sequence

from db.guilds import meta, set_meta
from db.ingest.gazetteer import Row, load_shipped
from db.models import TagKind

CONFIRMED_NAME = 1.0
CONFIRMED_FIRST_NAME = 0.5  # a first name alone may be anybody's
_SHORTEST_FIRST_NAME = 4  # "Ed", "Al" and "Jo" occur in too much prose


def is_shipped(conn: sqlite3.Connection) -> bool:
    """Whether the gazetteer in the tables is the one that this version ships."""
    return meta(conn, "gazetteer") == _shipped_version()


def refresh_shipped(conn: sqlite3.Connection) -> bool:
    """Store the gazetteer that this version ships, if it is not the one in the tables."""
    if is_shipped(conn):
        return False
    forms, nicknames = load_shipped()
    conn.execute("DELETE FROM gazetteer WHERE guild_id IS NULL")
    conn.execute("DELETE FROM nicknames WHERE guild_id IS NULL")
    conn.executemany(
        "INSERT OR IGNORE INTO gazetteer (fandom, character, form, weight) VALUES (?, ?, ?, ?)",
        forms,
    )
    conn.executemany(
        "INSERT OR IGNORE INTO nicknames (kind, name, nickname) VALUES (?, ?, ?)", nicknames
    )
    set_meta(conn, "gazetteer", _shipped_version())
    return True


def _shipped_version() -> str:
    return hashlib.blake2b(json.dumps(load_shipped()).encode(), digest_size=8).hexdigest()


def rows(conn: sqlite3.Connection, guild_id: int) -> list[Row]:
    """All forms that count for a server: the shipped ones and its own."""
    return conn.execute(
        "SELECT fandom, character, form, weight FROM gazetteer "
        "WHERE guild_id IS NULL OR guild_id = ? ORDER BY entry_id",
        (guild_id,),
    ).fetchall()


def learn(
    conn: sqlite3.Connection, guild_id: int, fandoms: Sequence[str], characters: Sequence[str]
) -> None:
    """Take the characters of a confirmed work into the server's gazetteer.

    Of a crossover it cannot be told who belongs where, so nothing is learnt from one.
    """
    if len(fandoms) != 1:
        return
    for name in characters:
        full = name.partition("(")[0].strip()  # AO3's "Spike (BtVS)"
        first = full.partition(" ")[0]
        forms = [(full, CONFIRMED_NAME)] if full else []
        if first != full and len(first) >= _SHORTEST_FIRST_NAME and first.isalpha():
            forms.append((first, CONFIRMED_FIRST_NAME))
        for form, weight in forms:
            conn.execute(
                "INSERT OR IGNORE INTO gazetteer (guild_id, fandom, character, form, weight) "
                "SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (SELECT 1 FROM gazetteer "
                "WHERE guild_id IS NULL AND fandom = ?2 AND form = ?4)",
                (guild_id, fandoms[0], name, form, weight),
            )


def rename(conn: sqlite3.Connection, guild_id: int, kind: TagKind, name: str, to: str) -> None:
    """Give new works the new spelling of a fandom or character that the server taught."""
    if kind in (TagKind.FANDOM, TagKind.CHARACTER):
        conn.execute(
            f"UPDATE OR REPLACE gazetteer SET {kind.value} = ? "
            f"WHERE guild_id = ? AND {kind.value} = ?",
            (to, guild_id, name),
        )
