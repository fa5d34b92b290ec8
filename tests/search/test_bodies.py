"""The index of bodies: what it holds after anything that happens to works, and after upgrades."""

import random
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db import adding, keeping, quotes
from db.connection import migrate, prepare_file
from db.guilds import UNCLAIMED, ensure_guild, welcome
from db.models import (
    Chapter,
    NewWork,
    Rating,
    Viewer,
    WorkChanges,
    WorkInfo,
    Zone,
    ZoneKind,
)
from db.search import bodies
from db.search.normalise import normalise
from db.texts import pack
from tests.db.builders import LANTERN, a_work, chapter
from tests.search.conftest import HERE, NOW, THERE

MOD = 7
ADULTS = Viewer(adult_ok=True)
VOCABULARY = ("quay", "lantern", "boat", "tide", "scarf", "net", "knot", "bell", "rope", "gull")


@pytest.fixture
def conn(conn: sqlite3.Connection) -> sqlite3.Connection:
    """A library in which what belongs to a work goes with it, as in the program."""
    conn.execute("PRAGMA foreign_keys = ON")
    return conn


def held(conn: sqlite3.Connection) -> list[tuple[str, int, int]]:
    """Every word of the index with its row and its place."""
    conn.execute(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.held "
        "USING fts5vocab(main, search_bodies, instance)"
    )
    return conn.execute(
        "SELECT term, doc, offset FROM temp.held ORDER BY doc, offset, term"
    ).fetchall()


def afresh(conn: sqlite3.Connection) -> tuple[list[tuple[str, int, int]], list[tuple[int, int]]]:
    """What an index built anew of the library as it stands would hold."""
    conn.execute("SAVEPOINT afresh")
    bodies.rebuild_bodies(conn)
    found = held(conn), rows(conn)
    conn.execute("ROLLBACK TO afresh")
    conn.execute("RELEASE afresh")
    return found


def rows(conn: sqlite3.Connection) -> list[tuple[int, int]]:
    return conn.execute("SELECT docid, checksum FROM search_body_rows ORDER BY docid").fetchall()


def body(chance: random.Random) -> str:
    words = chance.choices(VOCABULARY, k=chance.randrange(3, 40))
    return " ".join(words).capitalize() + "."


def a_random_work(chance: random.Random, number: int) -> NewWork:
    texts = tuple(body(chance) for _ in range(chance.randrange(1, 4)))
    return a_work(f"Work {number}", authors=(f"author {number}",), texts=texts)


def test_after_anything_the_index_is_as_if_built_afresh(conn: sqlite3.Connection) -> None:
    chance = random.Random(11)
    made = 0
    seen: set[str] = set()
    for step in range(250):
        published = [
            row[0]
            for row in conn.execute(
                "SELECT work_id FROM works WHERE state = 'published' AND guild_id = ?", (HERE,)
            )
        ]
        removed = [
            row[0] for row in conn.execute("SELECT work_id FROM works WHERE state = 'removed'")
        ]
        drafts = [row[0] for row in conn.execute("SELECT work_id FROM works WHERE state = 'draft'")]
        conn.execute("BEGIN IMMEDIATE")
        match chance.randrange(9):
            case 0 | 1:
                new = [a_random_work(chance, made + n) for n in range(chance.randrange(1, 4))]
                made += len(new)
                adding.add_works(conn, chance.choice([HERE, THERE]), new, by=None, now=NOW)
            case 2 if published:  # a newer copy, with another text or other details
                number = chance.randrange(made)
                newer = a_random_work(chance, number)
                adding.add_works(conn, HERE, [newer, newer], by=None, now=NOW)
            case 3:
                number = chance.randrange(made + 1)
                newer = a_random_work(chance, number)
                made = max(made, number + 1)
                adding.add_draft(conn, HERE, newer, by=MOD, request_key=f"r{step}", now=NOW)
            case 4 if drafts:
                keeping.discard(conn, HERE, chance.choice(drafts), by=MOD, now=NOW)
            case 5 if drafts:
                draft = chance.choice(drafts)
                (target,) = conn.execute(
                    "SELECT (SELECT state FROM works WHERE work_id = d.replaces_id) "
                    "FROM works AS d WHERE work_id = ?",
                    (draft,),
                ).fetchone()
                if target != "removed":
                    adding.publish(conn, HERE, draft, by=MOD, now=NOW)
            case 6 if published:
                work_id = chance.choice(published)
                keeping.remove(conn, HERE, work_id, by=MOD, why="", now=NOW)
            case 7 if removed:
                keeping.restore(conn, HERE, chance.choice(removed), by=MOD, now=NOW)
            case 8 if published:
                changes = WorkChanges(
                    summary=f"Changed {step}.", rating=chance.choice(list(Rating))
                )
                keeping.edit(conn, HERE, chance.choice(published), changes, by=MOD, now=NOW)
            case _:
                pass
        conn.execute(chance.choice(["COMMIT", "COMMIT", "COMMIT", "ROLLBACK"]))
        seen.update(row[0] for row in conn.execute("SELECT DISTINCT state FROM works"))
        if step % 25 == 24:
            assert (held(conn), rows(conn)) == afresh(conn)
            conn.execute("INSERT INTO search_bodies (search_bodies) VALUES ('integrity-check')")
    assert seen == {"published", "removed", "draft"}
    assert len(rows(conn)) > 50
    assert not conn.execute("SELECT 1 FROM meta WHERE key GLOB 'stale:*'").fetchone()


def test_editing_what_is_known_of_a_work_leaves_its_body_alone(conn: sqlite3.Connection) -> None:
    [outcome] = adding.add_works(conn, HERE, [a_work()], by=None, now=NOW)
    # Whoever read the text would fall over it.
    conn.execute("UPDATE chapters SET text = x'00'")
    work_id = outcome.work_id or 0
    changes = WorkChanges(title="Renamed", tags=("Fog",), rating=Rating.MATURE)
    keeping.edit(conn, HERE, work_id, changes, by=MOD, now=NOW)
    newer = a_work("Renamed", summary="Another.", texts=())
    [again] = adding.add_works(conn, HERE, [newer], by=None, now=NOW)
    assert again.work_id == work_id
    assert len(rows(conn)) == 1


def test_the_first_server_takes_over_what_nobody_had(conn: sqlite3.Connection) -> None:
    conn.execute("DELETE FROM guilds")
    ensure_guild(conn, UNCLAIMED, now=NOW)
    adding.add_works(conn, UNCLAIMED, [a_work()], by=None, now=NOW)
    assert quotes.find(conn, UNCLAIMED, "the third bell", ADULTS).total == 1
    assert welcome(conn, HERE, "Here", now=NOW) == 1
    assert quotes.find(conn, UNCLAIMED, "the third bell", ADULTS).total == 0
    assert quotes.find(conn, HERE, "the third bell", ADULTS).total == 1
    assert (held(conn), rows(conn)) == afresh(conn)


def test_only_story_is_indexed(conn: sqlite3.Connection) -> None:
    parts = [
        (ZoneKind.NOTE, "Written for the marzipan exchange."),
        (ZoneKind.BODY, "Marit counted the boats"),
        (ZoneKind.LYRIC, "o tangerine o tangerine"),
        (ZoneKind.BODY, "again and went home."),
        (ZoneKind.DISCLAIMER, "I own no marzipan."),
    ]
    text, zones = "", []
    for kind, part in parts:
        zones.append(Zone(kind, len(text), len(text) + len(part)))
        text += part + "\n\n"
    one = Chapter("Heading of saffron", text, 8, tuple(zones), (zones[1].start,))
    new = NewWork(WorkInfo(title="Boats", rating=Rating.GENERAL), (one,))
    adding.add_works(conn, HERE, [new], by=None, now=NOW)
    words = [term for term, _, _ in held(conn) if term != bodies.BREAK]
    assert " ".join(words) == "marit counted the boats again and went home"
    assert quotes.find(conn, HERE, "counted the boats", ADULTS).total == 1
    for absent in ("marzipan", "tangerine", "saffron", "boats again", "boats again and went"):
        assert quotes.find(conn, HERE, absent, ADULTS).total == 0, absent


def test_a_scene_ends_what_reads_on() -> None:
    text = "One two. Three four.\n\nFive six. Seven."
    five = text.index("Five")
    three = text.index("Three")
    zones = [Zone(ZoneKind.BODY, 0, three), Zone(ZoneKind.BODY, three, len(text))]
    assert bodies.story(text, zones, [0]) == [(0, len(text))]
    assert bodies.story(text, zones, [0, five]) == [(0, five), (five, len(text))]
    assert bodies.story(text, zones, [three]) == [(0, three), (three, len(text))]
    assert bodies.story(text, [Zone(ZoneKind.NOTE, 0, 4)], []) == []


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\u1100"), max_size=120))
def test_words_are_those_of_works_and_queries(text: str) -> None:
    """But for Hangul typed in parts, and for words of more than 64 letters."""
    if any("\u1100" <= char <= "\u11ff" or "\uac00" <= char <= "\ud7af" for char in text):
        return
    if max(map(len, text.split()), default=0) <= 64:
        assert bodies.words_of(text) == normalise(text).split()


def test_a_text_of_one_word_is_no_burden(conn: sqlite3.Connection) -> None:
    for number, text in enumerate(("a" * 300_000, "雨" * 100_000, "'" * 100_000, "\ud800x\x00y")):
        work = a_work(f"Odd {number}", authors=(f"a{number}",), texts=(text,))
        adding.add_works(conn, HERE, [work], by=None, now=NOW)
    assert quotes.find(conn, HERE, "雨雨雨", ADULTS).total == 1
    assert quotes.find(conn, HERE, "x y", ADULTS).total == 1
    assert (held(conn), rows(conn)) == afresh(conn)


def test_words_that_fold_otherwise_now_mark_the_index(conn: sqlite3.Connection) -> None:
    [outcome] = adding.add_works(conn, HERE, [a_work()], by=None, now=NOW)
    conn.execute("UPDATE search_body_rows SET checksum = checksum + 1")
    keeping.remove(conn, HERE, outcome.work_id or 0, by=MOD, why="", now=NOW)
    assert conn.execute("SELECT 1 FROM meta WHERE key = 'stale: bodies'").fetchone()
    assert quotes.find(conn, HERE, "the third bell", ADULTS).total == 0
    bodies.rebuild_bodies(conn)
    assert held(conn) == []


def test_an_older_file_is_indexed_when_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite3"
    conn = sqlite3.connect(path, isolation_level=None)
    migrate(conn, up_to=2)
    conn.execute("PRAGMA journal_mode = WAL")
    conn.execute("INSERT INTO guilds (guild_id, shard_no, joined_at) VALUES (100, 1, '2026-01-01')")
    for number, state in enumerate(("published", "draft", "published")):
        work_id = conn.execute(
            "INSERT INTO works (guild_id, state, title, rating, status, text_access, has_text, "
            "chapter_count, added_at, changed_at) VALUES (100, ?, ?, 'General Audiences', "
            "'complete', 'excerpt', 1, 1, '2026-01-01', '2026-01-01')",
            (state, f"Kept {number}"),
        ).lastrowid
        one = chapter(LANTERN)
        chapter_id = conn.execute(
            "INSERT INTO chapters (work_id, position, words, text) VALUES (?, 0, ?, ?)",
            (work_id, one.words, pack(one.text)),
        ).lastrowid
        conn.execute(
            "INSERT INTO zones (chapter_id, start, end, kind) VALUES (?, 0, ?, 'body')",
            (chapter_id, len(one.text)),
        )
    conn.close()
    for _ in range(2):  # the second opening finds nothing left to do
        prepare_file(path)
        conn = sqlite3.connect(path, isolation_level=None)
        answer = quotes.find(conn, HERE, "counted the boats again", ADULTS)
        assert [hit.work.display_title for hit in answer.hits] == ["Kept 0", "Kept 2"]
        assert (held(conn), rows(conn)) == afresh(conn)
        assert not conn.execute("SELECT 1 FROM meta WHERE key GLOB 'stale:*'").fetchone()
        conn.close()
