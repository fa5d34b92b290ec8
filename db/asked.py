"""The same search, asked by many at once, is run once.

After a post or a message a crowd asks for the same thing. Whoever asks for what already waits for
its turn shares its answer: it is not begun yet, so it sees all that was stored before it was asked
for. Mutes are each member's own: who has any in the server has a search of their own, in the same
turn.
"""

import asyncio
import sqlite3

from db import finding
from db.connection import Store
from db.models import SearchAnswer, SearchRequest, Viewer

_Key = tuple[int, SearchRequest, bool]


class Searches:
    """The searches that wait for their turn."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: dict[_Key, _Turn] = {}

    async def ask(self, guild_id: int, request: SearchRequest, viewer: Viewer) -> SearchAnswer:
        """What `finding.search_works` finds."""
        key = (guild_id, request, viewer.adult_ok)
        while True:
            turn = self._waiting.get(key)
            if turn is None or turn.has_begun:
                turn = self._waiting[key] = _Turn()
                turn.task = asyncio.create_task(self._run(key, turn), name="search")
                turn.task.add_done_callback(_seen)
            turn.members.add(viewer.user_id)
            # Whoever gives up takes nobody's answer away.
            answers = await asyncio.shield(turn.task)
            if viewer.user_id in answers:  # else it was begun at that very moment
                return answers[viewer.user_id]

    async def _run(self, key: _Key, turn: "_Turn") -> dict[int | None, SearchAnswer]:
        try:
            return await self._store.read(_answers, turn, *key)
        finally:
            if self._waiting.get(key) is turn:
                del self._waiting[key]


class _Turn:
    """One search and who waits for it."""

    def __init__(self) -> None:
        self.task: asyncio.Task[dict[int | None, SearchAnswer]]
        self.members: set[int | None] = set()
        self.has_begun = False


def _answers(
    conn: sqlite3.Connection, turn: _Turn, guild_id: int, request: SearchRequest, adult_ok: bool
) -> dict[int | None, SearchAnswer]:
    """The answer for each member, on the reader's thread."""
    turn.has_begun = True
    members = turn.members.copy()

    def answer(member: int | None) -> SearchAnswer:
        return finding.search_works(conn, guild_id, request, Viewer(member, adult_ok))

    if len(members) == 1:  # as nearly always: the search itself asks for the mutes
        (member,) = members
        return {member: answer(member)}
    mutes = "SELECT 1 FROM mutes WHERE guild_id = ? AND user_id = ? LIMIT 1"
    muting = {one for one in members if conn.execute(mutes, (guild_id, one)).fetchone()}

    answers = {member: answer(member) for member in members & muting}
    if others := members - muting:
        answers |= dict.fromkeys(others, answer(None))
    return answers


def _seen(task: asyncio.Task[dict[int | None, SearchAnswer]]) -> None:
    """Where nobody waits any more, an error is nobody's: asyncio would log it as lost."""
    if not task.cancelled():
        task.exception()
