"""A gateway session: its sequence numbers, and the events it can replay."""

from collections import deque
from enum import IntFlag
from typing import Protocol

from sandbox.wire import Json, dumps

REMEMBERED_EVENTS = 2000


class Intent(IntFlag):
    """Discord's gateway intents that matter here."""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_REACTIONS = 1 << 10
    DIRECT_MESSAGES = 1 << 12
    DIRECT_REACTIONS = 1 << 13
    MESSAGE_CONTENT = 1 << 15


class Line(Protocol):
    """What a session needs of its connection."""

    session: "Session | None"

    def post(self, text: str) -> None:
        """Send soon, in order."""
        ...

    def abort(self) -> None:
        """Cut the line."""
        ...


class Session:
    """What one bot (one shard of it) has been told since it identified."""

    def __init__(self, session_id: str, intents: Intent, shard: int, shards: int) -> None:
        self.id = session_id
        self.intents = intents
        self.sequence = 0
        self.connection: Line | None = None
        self.shard = shard
        self.shards = shards
        self._past: deque[tuple[int, str]] = deque(maxlen=REMEMBERED_EVENTS)

    def covers(self, guild_id: int) -> bool:
        """Whether the shard is responsible for the server; 0 stands for direct messages."""
        return (guild_id >> 22) % self.shards == self.shard

    def dispatch(self, name: str, data: Json) -> None:
        """Number an event, remember it, and send it if someone is on the line."""
        self.sequence += 1
        body = dumps(data)
        text = f'{{"op":0,"t":"{name}","s":{self.sequence},"d":{body}}}'
        self._past.append((self.sequence, text))
        if self.connection is not None:
            self.connection.post(text)

    def remembers(self, seen: int) -> bool:
        """Whether everything after this sequence number can still be replayed."""
        return seen >= self.sequence or (bool(self._past) and self._past[0][0] <= seen + 1)

    def attach(self, connection: Line, seen: int = 0) -> None:
        """Go on over this connection, first with what it missed after `seen`."""
        self.connection = connection
        connection.session = self
        for number, text in self._past:
            if number > seen:
                connection.post(text)
