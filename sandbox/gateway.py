"""The gateway: sessions that outlive their connections, and the events they are told."""

import asyncio
import secrets
from collections.abc import Callable

from aiohttp import web

from sandbox.connection import Close, Connection, Op
from sandbox.model import Channel, ChannelKind
from sandbox.payloads import Payloads, emoji
from sandbox.session import Intent, Session
from sandbox.trace import Trace
from sandbox.violations import Violations
from sandbox.wire import Json, as_id, as_int, as_list, as_object
from sandbox.world import Happening, World

_PRIVILEGED = Intent.GUILD_MEMBERS | Intent.GUILD_PRESENCES | Intent.MESSAGE_CONTENT


class Gateway:
    """Identifies and resumes bots, and turns happenings into their events."""

    def __init__(
        self,
        world: World,
        payloads: Payloads,
        violations: Violations,
        trace: Trace,
        bot_token: str,
        url: str,
        *,
        privileged_intents: bool,
    ) -> None:
        self._world = world
        self._payloads = payloads
        self._violations = violations
        self._trace = trace
        self._bot_token = bot_token
        self.url = url
        self._privileged = privileged_intents
        self._connections: set[Connection] = set()
        self.sessions: dict[str, Session] = {}
        self.identified = 0  # how often, ever
        self.online = asyncio.Event()
        self.on_presence: Callable[[bool], None] = lambda online: None
        world.subscribe(self._happened)

    def _presence(self) -> None:
        """Note whether a bot is on the line, with every one of its shards."""
        there = {s.shard: s.shards for s in self.sessions.values() if s.connection is not None}
        if there and len(there) >= max(there.values()):
            self.online.set()
        else:
            self.online.clear()
        self.on_presence(self.online.is_set())

    # Connections

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection to its end."""
        connection = Connection(request)
        self._connections.add(connection)
        try:
            await connection.serve(self._received)
        finally:
            self._connections.discard(connection)
            session = connection.session
            if session is not None and session.connection is connection:
                session.connection = None
                # A client that says goodbye properly gives its session up.
                if (code := connection.closed_by_client) is not None:
                    self._trace.note("gateway", "closed by the bot", {"code": code})
                if code in (1000, 1001):
                    self.sessions.pop(session.id, None)
                self._presence()
        await connection.farewell()
        return connection.socket

    async def close(self) -> None:
        """Send everyone away."""
        for connection in list(self._connections):
            await connection.close(Close.GOING_AWAY)

    # Each of these is done to every connection, or to those of one shard.

    def _of_shard(self, shard: int | None) -> list[Connection]:
        return [
            connection
            for connection in self._connections
            if shard is None or (connection.session and connection.session.shard == shard)
        ]

    async def drop_socket(self, shard: int | None = None) -> None:
        """Cut the connections without a word; the sessions stay."""
        for connection in self._of_shard(shard):
            self._trace.note("gateway", "dropped", _whose(connection))
            connection.abort()

    async def reconnect(self, shard: int | None = None) -> None:
        """Ask the clients to come back and resume (op 7)."""
        for connection in self._of_shard(shard):
            self._trace.note("gateway", "asked to reconnect", _whose(connection))
            await connection.send({"op": Op.RECONNECT, "d": None})

    async def invalidate(self, shard: int | None = None, *, resumable: bool = False) -> None:
        """Tell the clients that their sessions are over (op 9)."""
        for connection in self._of_shard(shard):
            session = connection.session
            self._trace.note("gateway", "session called invalid", _whose(connection))
            if session is not None and not resumable:
                self.sessions.pop(session.id, None)
                session.connection = None
                self._presence()
            await connection.send({"op": Op.INVALID_SESSION, "d": resumable})

    async def _received(self, connection: Connection, op: int, data: object) -> None:
        if op == Op.HEARTBEAT:
            await connection.send({"op": Op.HEARTBEAT_ACK, "d": None})
        elif op == Op.IDENTIFY:
            await self._identify(connection, as_object(data) or {})
        elif op == Op.RESUME:
            await self._resume(connection, as_object(data) or {})
        elif connection.session is None:
            await self._refuse(connection, Close.NOT_AUTHENTICATED, "not identified yet")
        elif op == Op.REQUEST_MEMBERS:
            self._members_chunk(connection.session, as_object(data) or {})
        elif op not in (Op.PRESENCE, Op.VOICE_STATE):
            await self._refuse(connection, Close.UNKNOWN_OPCODE, f"opcode {op}")

    async def _refuse(self, connection: Connection, code: Close, reason: str) -> None:
        self._violations.add("gateway", "gateway", f"{code.name.lower()}: {reason}", code=code)
        await connection.close(code)

    # Sessions

    async def _identify(self, connection: Connection, data: Json) -> None:
        if connection.session is not None:
            await self._refuse(connection, Close.ALREADY_AUTHENTICATED, "identified twice")
            return
        if not self._right_token(data):
            await self._refuse(connection, Close.AUTHENTICATION_FAILED, "a wrong token")
            return
        intents, shard = as_int(data.get("intents")), data.get("shard")
        if intents is None or intents >= 1 << 26 or intents < 0:
            await self._refuse(connection, Close.INVALID_INTENTS, f"intents {intents}")
            return
        if intents & _PRIVILEGED and not self._privileged:
            asked = ", ".join(f.name or "" for f in _PRIVILEGED & Intent(intents))
            reason = f"privileged intents that the application does not have: {asked}"
            await self._refuse(connection, Close.DISALLOWED_INTENTS, reason)
            return
        pair = (0, 1) if shard is None else _shard_pair(shard)
        if pair is None:
            await self._refuse(connection, Close.INVALID_SHARD, f"shard {shard}")
            return
        session = Session(secrets.token_hex(16), Intent(intents), *pair)
        self.sessions[session.id] = session
        self.identified += 1
        self._trace.note("gateway", "identify", data)
        session.attach(connection)
        self._welcome(session, sharded=shard is not None)
        self._presence()

    def _welcome(self, session: Session, *, sharded: bool) -> None:
        guilds = [guild for guild in self._world.guilds.values() if session.covers(guild.id)]
        bot_id = str(self._world.bot.id)
        ready: Json = {
            "v": 10,
            "user": self._payloads.me(),
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "session_type": "normal",
            "application": {"id": bot_id, "flags": 0},
            "private_channels": [],
            "presences": [],
            "relationships": [],
            "user_settings": {},
            "geo_ordered_rtc_regions": [],
            "_trace": [],
        }
        if sharded:
            ready["shard"] = [session.shard, session.shards]
        session.dispatch("READY", ready)
        if session.intents & Intent.GUILDS:
            everyone = bool(session.intents & Intent.GUILD_MEMBERS)
            for guild in guilds:
                payload = self._payloads.guild_create(guild, all_members=everyone)
                session.dispatch("GUILD_CREATE", payload)

    async def _resume(self, connection: Connection, data: Json) -> None:
        if not self._right_token(data):
            await self._refuse(connection, Close.AUTHENTICATION_FAILED, "a wrong token")
            return
        session = self.sessions.get(str(data.get("session_id")))
        seen = as_int(data.get("seq"))
        if session is None or seen is None:
            await connection.send({"op": Op.INVALID_SESSION, "d": False})
            return
        if seen > session.sequence:
            await self._refuse(connection, Close.INVALID_SEQUENCE, f"seq {seen} never was")
            return
        if not session.remembers(seen):
            self.sessions.pop(session.id)
            await connection.send({"op": Op.INVALID_SESSION, "d": False})
            return
        self._trace.note("gateway", "resume", data)
        if session.connection is not None:
            session.connection.abort()
        session.attach(connection, seen)
        session.dispatch("RESUMED", {"_trace": []})
        self._presence()

    def _right_token(self, data: Json) -> bool:
        given = str(data.get("token", "")).removeprefix("Bot ")
        return secrets.compare_digest(given.encode(), self._bot_token.encode())

    def _members_chunk(self, session: Session, data: Json) -> None:
        guild = self._world.guilds.get(as_id(data.get("guild_id")) or 0)
        if guild is None:
            return
        wanted = data.get("user_ids")
        ids = as_list(wanted) or ([wanted] if wanted is not None else None)
        query = str(data.get("query") or "").lower()
        found = [
            member
            for member in guild.members.values()
            if (
                str(member.account_id) in map(str, ids)
                if ids is not None
                else self._world.accounts[member.account_id].name.startswith(query)
            )
        ]
        payload: Json = {
            "guild_id": str(guild.id),
            "members": [self._payloads.member(member) for member in found],
            "chunk_index": 0,
            "chunk_count": 1,
            "not_found": [],
        }
        if data.get("nonce") is not None:
            payload["nonce"] = data["nonce"]
        session.dispatch("GUILD_MEMBERS_CHUNK", payload)

    # Events

    def interaction(self, payload: Json) -> bool:
        """Tell of an interaction; False when there is no session to tell."""
        guild_id = as_id(payload.get("guild_id")) or 0
        told = False
        for session in self.sessions.values():
            if session.covers(guild_id):
                session.dispatch("INTERACTION_CREATE", payload)
                told = True
        return told

    def _send(
        self, name: str, intent: Intent, guild_id: int | None, make: Callable[[Session], Json]
    ) -> None:
        for session in self.sessions.values():
            if session.intents & intent and session.covers(guild_id or 0):
                session.dispatch(name, make(session))

    def _happened(self, happening: Happening) -> None:
        channel = happening.channel
        if not self.sessions or channel is None:
            if happening.kind == "member":
                self._member_changed(happening)
            return
        if happening.kind in ("channel", "new_channel", "no_channel"):
            self._channel_changed(happening.kind, channel)
            return
        if not self._world.may(self._world.bot.id, channel, "view_channel"):
            return
        message = happening.message
        if message is not None and message.ephemeral_to is not None:
            return
        direct = channel.kind is ChannelKind.DIRECT
        about: Json = {"channel_id": str(channel.id)}
        if channel.guild_id is not None:
            about["guild_id"] = str(channel.guild_id)
        if message is not None and happening.kind in ("message", "edit"):
            name = "MESSAGE_CREATE" if happening.kind == "message" else "MESSAGE_UPDATE"
            intent = Intent.DIRECT_MESSAGES if direct else Intent.GUILD_MESSAGES

            def tell(session: Session) -> Json:
                content = bool(session.intents & Intent.MESSAGE_CONTENT)
                return self._payloads.message_event(message, content=content)

            self._send(name, intent, channel.guild_id, tell)
        elif message is not None and happening.kind == "delete":
            intent = Intent.DIRECT_MESSAGES if direct else Intent.GUILD_MESSAGES
            gone = {"id": str(message.id), **about}
            self._send("MESSAGE_DELETE", intent, channel.guild_id, lambda _: gone)
        elif message is not None and happening.kind in ("react", "unreact"):
            self._reacted(happening, about, direct=direct)

    def _reacted(self, happening: Happening, about: Json, *, direct: bool) -> None:
        message, account_id = happening.message, happening.account_id
        assert message is not None
        assert account_id is not None
        payload: Json = {
            **about,
            "user_id": str(account_id),
            "message_id": str(message.id),
            "emoji": emoji(happening.emoji or ""),
            "burst": False,
            "type": 0,
        }
        name = "MESSAGE_REACTION_REMOVE"
        guild_id = as_id(about.get("guild_id"))
        if happening.kind == "react":
            name = "MESSAGE_REACTION_ADD"
            payload["message_author_id"] = str(message.author_id)
            if guild_id is not None:
                member = self._world.guilds[guild_id].members[account_id]
                payload["member"] = self._payloads.member(member)
        intent = Intent.DIRECT_REACTIONS if direct else Intent.GUILD_REACTIONS
        self._send(name, intent, guild_id, lambda _: payload)

    def _channel_changed(self, kind: str, channel: Channel) -> None:
        subject = "THREAD" if channel.parent_id is not None else "CHANNEL"
        verb = {"channel": "UPDATE", "new_channel": "CREATE", "no_channel": "DELETE"}[kind]
        payload = self._payloads.channel(channel)
        if (subject, verb) == ("THREAD", "CREATE"):
            payload["newly_created"] = True
        self._send(f"{subject}_{verb}", Intent.GUILDS, channel.guild_id, lambda _: payload)

    def _member_changed(self, happening: Happening) -> None:
        guild, account_id = happening.guild, happening.account_id
        assert guild is not None
        assert account_id is not None
        payload = self._payloads.member(guild.members[account_id])
        payload["guild_id"] = str(guild.id)
        # A bot always learns what happens to itself.
        own = account_id == self._world.bot.id
        intent = ~Intent(0) if own else Intent.GUILD_MEMBERS
        self._send("GUILD_MEMBER_UPDATE", intent, guild.id, lambda _: payload)


def _whose(connection: Connection) -> Json | None:
    """Which of several shards the connection serves, as a trace shows it."""
    session = connection.session
    return None if session is None else {"shard": [session.shard, session.shards]}


def _shard_pair(given: object) -> tuple[int, int] | None:
    """A shard's number and how many there are; None for what is no such pair."""
    match as_list(given):
        case [int(index), int(count)] if 0 <= index < count:
            return index, count
        case _:
            return None
