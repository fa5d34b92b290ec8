"""Steering the sandbox: its clock, its faults, and who may do what."""

import asyncio
from dataclasses import fields
from datetime import datetime, timedelta

from sandbox.actions import text
from sandbox.clock import SandboxClock
from sandbox.events import Events
from sandbox.faults import AT_ONCE, ON_A_REQUEST, Fault, Faults
from sandbox.gateway import Gateway
from sandbox.model import Overwrite
from sandbox.offers import Impossible, Malformed
from sandbox.payloads_directory import moment
from sandbox.permissions import mask
from sandbox.upcoming import Upcoming, shown
from sandbox.views import Views
from sandbox.wire import Json, as_int, as_list
from sandbox.world import Happening, Unknown, World

NEXT_POST = "next post"
BETWEEN_JUMPS_SECONDS = 0.25
JUST_PAST = timedelta(seconds=1)


class Steering:
    """Each public method is one call of the control API: its body in, its answer out."""

    def __init__(
        self,
        world: World,
        clock: SandboxClock,
        gateway: Gateway,
        faults: Faults,
        views: Views,
        events: Events,
        upcoming: Upcoming,
    ) -> None:
        self._world = world
        self._clock = clock
        self._gateway = gateway
        self._faults = faults
        self._views = views
        self._events = events
        self._upcoming = upcoming

    async def set_clock(self, body: Json) -> Json:
        """POST clock: `to` a time, or just past the bot's "next post"; or ahead `by_seconds`."""
        try:
            if body.get("to") == NEXT_POST:
                await self._to_next_post()
            elif "to" in body:
                self._clock.set(datetime.fromisoformat(text(body, "to")))
            else:
                self._clock.advance(float(text(body, "by_seconds")))
        except (ValueError, OverflowError) as error:
            if isinstance(error, Malformed):
                raise
            raise Malformed(
                "“to” is a time with its offset, as in 2026-11-21T09:00:00-05:00, or "
                f"“{NEXT_POST}”; “by_seconds” a number, zero or more. ({error})"
            ) from None
        now = moment(self._clock.now())
        self._events.note("clock", clock=now)
        return {"clock": now, "next_post": shown(await self._upcoming.at())}

    async def _to_next_post(self) -> None:
        # Whoever the last jump woke may still be at work, and would sleep through this one.
        await asyncio.sleep(max(0.0, BETWEEN_JUMPS_SECONDS - self._clock.since_moved()))
        at = await self._upcoming.at()
        if at is None:
            raise Impossible("The bot has no daily post to come.")
        self._clock.set(max(at, self._clock.now()) + JUST_PAST)

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
        self._faults.arm(fault)

    async def disarm(self, body: Json) -> Json:
        """DELETE fault: none is armed any more."""
        self._faults.disarm()
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
