"""What is held of members: their recs, and all of it told and erased."""

import json
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from db import members
from db.connection import prepare_file
from db.errors import BadInput, NotFound, Refused
from db.library import Library
from db.members import HELD, Held
from db.models import AuditEntry, Rating, Viewer
from tests.db.builders import a_work

HERE, THERE, ELSEWHERE, MOD = 100, 200, 300, 7
ONE, OTHER = 798_765_432_109_876_543, 798_765_432_109_876_544
MEMBER = re.compile(
    r"(^|_)(user|member|actor|moderator|author_user)(_id)?$|_by$|^by(_|$)|^(set|added|decided)_"
)


@pytest.fixture
async def library(tmp_path: Path) -> AsyncIterator[Library]:
    async with Library.open(tmp_path / "library.sqlite3") as opened:
        await opened.welcome_guild(HERE, "Here")
        await opened.welcome_guild(THERE, "There")
        yield opened


async def add(library: Library, title: str, guild_id: int = HERE, **facts: Rating) -> int:
    [outcome] = await library.add(guild_id, [a_work(title, texts=(), **facts)], by=MOD)
    return outcome.work_id or 0


async def log(library: Library) -> list[AuditEntry]:
    return await library.log(HERE)


# -- recs --------------------------------------------------------------------------------------
async def test_one_rec_a_member_and_work(library: Library) -> None:
    work_id = await add(library, "Tide")
    first = await library.members.recommend(HERE, work_id, Viewer(ONE), " Slow and \ud800wet. ")
    assert (first.why, first.is_changed) == ("Slow and \ufffdwet.", False)
    second = await library.members.recommend(HERE, work_id, Viewer(ONE), "Wet.")
    assert second.is_changed
    await library.members.recommend(HERE, work_id, Viewer(OTHER), "Salty.")
    assert [rec.why for rec in await library.members.recs(HERE, work_id)] == ["Salty.", "Wet."]
    assert [r.user_id for r in await library.members.recs(HERE, work_id, limit=1)] == [OTHER]


async def test_recs_are_of_what_may_be_seen(library: Library) -> None:
    work_id, adult = await add(library, "Tide"), await add(library, "Ebb", rating=Rating.EXPLICIT)
    await library.members.recommend(HERE, adult, Viewer(ONE, adult_ok=True), "Yes.")
    with pytest.raises(Refused):
        await library.members.recommend(HERE, adult, Viewer(ONE), "Yes.")
    await library.remove(HERE, work_id, by=MOD)
    for guild_id, number in ((HERE, work_id), (HERE, 999), (THERE, adult)):
        with pytest.raises(NotFound):
            await library.members.recommend(guild_id, number, Viewer(ONE, adult_ok=True), "Yes.")
    assert await library.members.recs(THERE, adult) == []


@pytest.mark.parametrize("why", ["", " \n ", "x" * 501])
async def test_words_of_a_wrong_length_are_refused(library: Library, why: str) -> None:
    work_id = await add(library, "Tide")
    with pytest.raises(BadInput, match="1 to 500"):
        await library.members.recommend(HERE, work_id, Viewer(ONE), why)
    assert await library.members.recs(HERE, work_id) == []


async def test_a_rec_taken_down_is_in_the_log_without_the_member(library: Library) -> None:
    work_id = await add(library, "Tide")
    await library.members.recommend(HERE, work_id, Viewer(ONE), "Unkind.")
    with pytest.raises(NotFound):
        await library.members.remove_rec(THERE, work_id, ONE, by=MOD)
    await library.members.remove_rec(HERE, work_id, ONE, by=MOD)
    with pytest.raises(NotFound):
        await library.members.take_back_rec(HERE, work_id, ONE)
    entry = (await log(library))[0]
    assert (entry.actor_id, entry.action, entry.title, entry.detail) == (
        MOD,
        "remove rec",
        "Tide",
        "",
    )


async def popularity(library: Library, work_id: int) -> int:
    question = "SELECT popularity FROM works WHERE work_id = ?"
    return (await library._store.read(lambda c: c.execute(question, (work_id,)).fetchone()))[0]


async def test_recs_make_popular_and_deleting_them_does_not(library: Library) -> None:
    work_id = await add(library, "Tide")
    for user_id in (ONE, ONE, OTHER):
        await library.members.recommend(HERE, work_id, Viewer(user_id), "Wet.")
    assert await popularity(library, work_id) == 2
    await library.remove(HERE, work_id, by=MOD)
    await library.members.erase_member(ONE, HERE)
    await library.members.take_back_rec(HERE, work_id, OTHER)
    assert await popularity(library, work_id) == 0
    await library.restore(HERE, work_id, by=MOD)
    assert (await library.resolve(HERE, "tide", Viewer())).work_id == work_id


# -- all that is held ----------------------------------------------------------------------------
def columns_that_name_members(conn: sqlite3.Connection) -> set[tuple[str, str]]:
    return {
        (table, column)
        for table, column, kind in conn.execute(
            "SELECT t.name, c.name, c.type FROM sqlite_schema AS t, pragma_table_info(t.name) AS c "
            "WHERE t.type = 'table' AND t.name NOT LIKE 'search_%' AND t.name NOT LIKE 'sqlite_%'"
        )
        if MEMBER.search(column) and kind.startswith("INT")
    }


def test_the_pattern_tells_members_from_others() -> None:
    for name in ("user_id", "by_user", "added_by", "set_by", "actor_id", "decided_by", "by",
                 "moderator_id", "paused_by", "member_id", "skipped_by"):  # fmt: skip
        assert MEMBER.search(name), name
    for name in (
        "guild_id",
        "work_id",
        "body_words",
        "position",
        "byline",
        "channel_id",
        "role_id",
    ):
        assert not MEMBER.search(name), name


async def test_every_column_that_names_a_member_is_told_and_erased(library: Library) -> None:
    """A new one has to be added to HELD, or this fails."""
    named = await library._store.read(columns_that_name_members)
    assert {(held.table, held.column) for held in HELD} == named


WORK = 77
COLUMNS = "SELECT name, type, [notnull], pk FROM pragma_table_info(?)"


def fill(conn: sqlite3.Connection, held: Held, guild_id: int, user_id: int, number: int) -> None:
    """A row that names somebody, whatever else the table needs."""
    row: dict[str, object] = {held.column: user_id}
    for name, kind, is_needed, is_key in conn.execute(COLUMNS, (held.table,)):
        if name == "guild_id" or (name == "schedule_id" and held.table != "schedules"):
            row[name] = guild_id  # each server's schedule has its number
        elif name == held.theirs or (held.is_own and name in ("why", "note")):
            row[name] = f"words of {user_id}"
        elif name == "payload":
            row[name] = json.dumps({"query": f"words of {user_id}"})
        elif (is_needed or is_key) and name not in row:
            row[name] = number if kind == "INTEGER" else "x"
    if "work_id" in row and held.table != "works":
        row["work_id"] = WORK
    conn.execute(
        f"INSERT INTO {held.table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",
        tuple(row.values()),
    )


def everything(conn: sqlite3.Connection) -> str:
    tables = conn.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'"
    ).fetchall()
    return "\n".join(
        f"{table} {row}" for (table,) in tables for row in conn.execute(f"SELECT * FROM {table}")
    )


@pytest.mark.fault(19)
@pytest.mark.parametrize("held", HELD, ids=lambda held: f"{held.table}.{held.column}")
def test_each_is_told_and_erased(tmp_path: Path, held: Held) -> None:
    prepare_file(tmp_path / "library.sqlite3")
    with closing(sqlite3.connect(tmp_path / "library.sqlite3")) as conn:
        conn.execute("PRAGMA ignore_check_constraints = ON")  # of foreign keys neither
        for guild_id in (HERE, THERE, ELSEWHERE):
            row = (guild_id, guild_id)
            conn.execute(
                "INSERT INTO guilds (guild_id, shard_no, joined_at) VALUES (?, ?, '')", row
            )
        conn.executemany(
            "INSERT INTO schedules (schedule_id, guild_id, name, name_key, channel_id, local_time, "
            "time_zone, weekdays, set_at) VALUES (?1, ?1, '', '', 0, '', '', '', '')",
            [(HERE,), (THERE,), (ELSEWHERE,)],
        )
        conn.execute(
            "INSERT INTO works (work_id, guild_id, state, rating, status, text_access, added_at, "
            "changed_at) VALUES (?, ?, 'draft', 'Mature', 'unknown', 'full', '', '')",
            (WORK, HERE),
        )
        for number, who in enumerate(((HERE, ONE), (THERE, ONE), (ELSEWHERE, OTHER))):
            fill(conn, held, *who, number=number)
        told = members.member_data(conn, HERE, ONE)
        assert list(told) == [held.called]
        assert len(told[held.called]) == 1
        of_one, of_other = (everything(conn).count(str(who)) for who in (ONE, OTHER))
        assert members.erase_member(conn, ONE, HERE) == {held.called: 1}
        assert members.member_data(conn, HERE, ONE) == {}
        assert everything(conn).count(str(ONE)) == of_one / 2  # what is held THERE
        assert members.erase_member(conn, ONE, None) == {held.called: 1}
        assert str(ONE) not in everything(conn)
        assert everything(conn).count(str(OTHER)) == of_other > 0
