"""The control API: JSON over HTTP, for the page and the tests."""

import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import fields
from datetime import datetime

from aiohttp import web

from sandbox.actions import Actions, text
from sandbox.clock import SandboxClock
from sandbox.events import Events
from sandbox.faults import AT_ONCE, ON_A_REQUEST, Fault, Faults
from sandbox.gateway import Gateway
from sandbox.live import Live
from sandbox.model import Overwrite
from sandbox.offers import Impossible, Malformed, Offers
from sandbox.payloads_directory import moment
from sandbox.permissions import mask
from sandbox.rest import json_response
from sandbox.views import Views
from sandbox.violations import Violations
from sandbox.wire import Json, as_id, as_int, as_list, as_object
from sandbox.world import Happening, Unknown, World

LONGEST_WAIT_SECONDS = 60.0
Call = Callable[[Json], Awaitable[Json]]


class Control:
    """Answers requests below /sandbox. Refusals are {"error": sentence}: 400 for a request that
    makes no sense, 401 without the token, 403 for what a person could not do, 404 for a name that
    nothing has."""

    def __init__(
        self,
        token: str,
        world: World,
        clock: SandboxClock,
        actions: Actions,
        offers: Offers,
        gateway: Gateway,
        faults: Faults,
        violations: Violations,
        views: Views,
        events: Events,
    ) -> None:
        self._token = token
        self._world = world
        self._clock = clock
        self._actions = actions
        self._offers = offers
        self._gateway = gateway
        self._faults = faults
        self._violations = violations
        self._views = views
        self._events = events
        self._live = Live(token, self.call, events, actions)
        self._calls: dict[str, Call] = {
            "GET state": self.state,
            "GET messages": self.messages,
            "GET commands": self.commands,
            "GET events": self.events,
            "GET violations": self.list_violations,
            "DELETE violations": self.forget_violations,
            "DELETE fault": self.disarm,
            "POST clock": self.set_clock,
            "POST fault": self.fault,
            "POST permissions": self.permissions,
            "POST command": actions.command,
            "POST autocomplete": actions.autocomplete,
            "POST press": actions.press,
            "POST submit": actions.submit,
            "POST menu": actions.menu,
            "POST say": actions.say,
            "POST react": actions.react,
            "POST delete": actions.delete,
        }

    async def handle(self, request: web.Request, path: str) -> web.StreamResponse:
        """Answer one request; `path` is what follows /sandbox/."""
        if path.strip("/") == "live":
            return await self._live.handle(request)
        given = request.headers.get("Authorization", "")
        if not secrets.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
            return json_response({"error": "The control API wants its token."}, 401)
        body: object = dict(request.query)
        if request.method == "POST":
            try:
                body = json.loads(await request.read() or b"{}")
            except ValueError:
                return json_response({"error": "The body is not JSON."}, 400)
        status, answer = await self.call(f"{request.method} {path.strip('/')}", body)
        return json_response(answer, status)

    async def call(self, name: str, body: object) -> tuple[int, Json]:
        """One call, "POST command" and the like: the HTTP status and the answer."""
        call, given = self._calls.get(name), as_object(body)
        if call is None:
            known = ", ".join(self._calls)
            return 404, {"error": f"There is no such call. There are: {known}."}
        if given is None:
            return 400, {"error": "The body is a JSON object."}
        try:
            return 200, await call(given)
        except Unknown as error:
            return 404, {"error": str(error.args[0])}
        except Impossible as error:
            return 403, {"error": str(error)}
        except Malformed as error:
            return 400, {"error": str(error)}

    # Looking

    async def state(self, body: Json) -> Json:
        """GET state."""
        bot = {"name": self._world.bot.name, "connected": self._gateway.online.is_set()}
        last = self._events.last
        return {**self._views.state(), "bot": bot, "faults": self._faults.list(), "last": last}

    async def messages(self, body: Json) -> Json:
        """GET messages?channel=, oldest first; with `as`, those that this member sees.

        Without `as`, the newest 100 unless `limit` says otherwise, ephemeral ones included."""
        viewer = self._actions.person(body) if "as" in body else None
        name = text(body, "channel")
        if viewer is None:
            channel = self._world.channel_named(name, self._world.bot)
        else:
            channel = self._actions.place(viewer, name)
        found = [
            message
            for message in channel.messages.values()
            if viewer is None or self._world.sees(viewer.id, message)
        ]
        limit = as_id(body.get("limit")) or 100
        return {"messages": [self._views.message(message) for message in found[-limit:]]}

    async def commands(self, body: Json) -> Json:
        """GET commands?as=&channel=: what Discord offers the member there."""
        account = self._actions.person(body)
        channel = self._actions.place(account, text(body, "channel"))
        return {"commands": self._offers.to(account, channel)}

    async def events(self, body: Json) -> Json:
        """GET events?after=N&as=&seconds=25: what happened since, or the next thing to happen."""
        viewer = self._actions.person(body) if "as" in body else None
        after = as_id(body.get("after", "0"))
        try:
            seconds = min(float(body.get("seconds", 25)), LONGEST_WAIT_SECONDS)
        except ValueError:
            seconds = -1.0
        if after is None or not seconds >= 0:
            raise Malformed("“after” and “seconds” are numbers, zero or more.")
        return await self._events.after(after, viewer.id if viewer else None, seconds)

    async def list_violations(self, body: Json) -> Json:
        """GET violations, or only those of a `kind`."""
        kind = body.get("kind")
        entries = self._violations.entries
        return {"violations": [v for v in entries if kind is None or v["kind"] == kind]}

    async def forget_violations(self, body: Json) -> Json:
        """DELETE violations: gives them a last time."""
        gone, self._violations.entries = self._violations.entries, []
        return {"violations": gone}

    # Steering

    async def set_clock(self, body: Json) -> Json:
        """POST clock."""
        try:
            if "to" in body:
                self._clock.set(datetime.fromisoformat(text(body, "to")))
            else:
                self._clock.advance(float(text(body, "by_seconds")))
        except (ValueError, OverflowError) as error:
            if isinstance(error, Malformed):
                raise
            raise Malformed(
                f"“to” is a time with its offset, as in 2026-11-21T09:00:00-05:00; “by_seconds” "
                f"a number, zero or more. ({error})"
            ) from None
        now = moment(self._clock.now())
        self._events.note("clock", clock=now)
        return {"clock": now}

    async def fault(self, body: Json) -> Json:
        """POST fault: at once for the gateway's kinds (all connections, or those of one `shard`),
        else armed for the bot's next request."""
        kind = text(body, "kind")
        if kind not in (*AT_ONCE, *ON_A_REQUEST):
            known = ", ".join((*AT_ONCE, *ON_A_REQUEST))
            raise Malformed(f"There is no fault “{kind}”. There are: {known}.")
        shard = as_int(body.get("shard"))
        if kind == "drop_socket":
            await self._gateway.drop_socket(shard)
        elif kind == "reconnect":
            await self._gateway.reconnect(shard)
        elif kind == "invalid_session":
            await self._gateway.invalidate(shard, resumable=body.get("resumable") is True)
        else:
            self._arm(kind, body)
        return {"faults": self._faults.list()}

    def _arm(self, kind: str, body: Json) -> None:
        fault = Fault(kind, str(body.get("route") or "*"))
        for name in ("times", "status", "code"):
            if body.get(name) is not None:
                number = as_int(body[name])
                if number is None or number < (name == "times"):
                    raise Malformed(f"“{name}” is a number.")
                setattr(fault, name, number)
        if not 400 <= fault.status <= 599:
            raise Malformed("“status” is an HTTP error, 400 to 599.")
        seconds = body.get("retry_after", fault.retry_after)
        if not isinstance(seconds, int | float) or seconds < 0:
            raise Malformed("“retry_after” is a number of seconds.")
        fault.retry_after = float(seconds)
        fault.is_global = body.get("global") is True
        strange = set(body) - {field.name for field in fields(Fault)} - {"global"}
        if strange:
            raise Malformed(f"A fault has no “{min(strange)}”.")
        self._faults.armed.append(fault)

    async def disarm(self, body: Json) -> Json:
        """DELETE fault: none is armed any more."""
        self._faults.armed.clear()
        return {"faults": []}

    async def permissions(self, body: Json) -> Json:
        """POST permissions: what a channel denies (the bot, or `as`), a member's roles, a channel's
        age restriction, a thread, or the end of a channel."""
        world = self._world
        if "delete_channel" in body:
            channel = world.channel_named(text(body, "delete_channel"), world.bot)
            if channel.guild_id is None:
                raise Impossible("A direct message cannot be deleted.")
            world.delete_channel(channel)
            return {"deleted": channel.name}
        if "roles" in body:
            return self._set_roles(body)
        channel = world.channel_named(text(body, "channel"), world.bot)
        if channel.guild_id is None:
            raise Impossible("A direct message has no permissions.")
        if "thread" in body:
            return {
                "channel": self._views.channel(world.open_thread(channel, text(body, "thread")))
            }
        known = {"nsfw", "deny", "allow"}
        if not known & set(body):
            raise Malformed("Say what to change: deny, allow, nsfw, roles, thread, delete_channel.")
        if "nsfw" in body:
            channel.nsfw = body["nsfw"] is True
        if "deny" in body or "allow" in body:
            account = world.account_named(text(body, "as")) if "as" in body else world.bot
            try:
                allow, deny = (mask(as_list(body.get(key)) or []) for key in ("allow", "deny"))
            except ValueError as error:
                raise Malformed(str(error)) from None
            channel.overwrites[account.id] = Overwrite(account.id, 1, allow, deny)
            if not allow and not deny:
                del channel.overwrites[account.id]
        world.tell(Happening("channel", channel))
        return {"channel": self._views.channel(channel)}

    def _set_roles(self, body: Json) -> Json:
        account = self._world.account_named(text(body, "as"))
        names = [str(name) for name in as_list(body["roles"]) or []]
        for guild in self._world.guilds.values():
            if account.id not in guild.members:
                continue
            if "server" in body and text(body, "server") not in (guild.name, str(guild.id)):
                continue
            roles = {role.name: role for role in guild.roles.values() if role.id != guild.id}
            if strange := [name for name in names if name not in roles]:
                known = ", ".join(roles)
                raise Unknown(f"There is no role “{strange[0]}”. There are: {known}.")
            member = guild.members[account.id]
            # An integration's own role stays: nobody can take it away or give it.
            kept = [role for role in member.roles if guild.roles[role].bot_id is not None]
            member.roles = kept + [roles[name].id for name in names if roles[name].id not in kept]
            self._world.tell(Happening("member", guild=guild, account_id=account.id))
            return {"member": self._views.member(account)}
        raise Unknown(f"{account.name} is not a member of that server.")
