"""The control API: JSON over HTTP, for the page and the tests."""

import base64
import json
import secrets
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from sandbox.actions import Actions, text
from sandbox.events import Events
from sandbox.faults import Faults
from sandbox.gateway import Gateway
from sandbox.live import Live
from sandbox.model import Message
from sandbox.offers import Impossible, Malformed, Offers
from sandbox.rest import json_response
from sandbox.steering import Steering
from sandbox.trace import Trace
from sandbox.upcoming import Upcoming, shown
from sandbox.views import Views
from sandbox.violations import Violations
from sandbox.wire import Json, as_id, as_object
from sandbox.world import Unknown, World

LONGEST_WAIT_SECONDS = 60.0
NEWEST_SEEN, NEWEST_OF_ALL = 50, 100
Call = Callable[[Json], Awaitable[Json]]


class Control:
    """Answers requests below /sandbox. Refusals are {"error": sentence}: 400 for a request that
    makes no sense, 401 without the token, 403 for what a person could not do, 404 for a name that
    nothing has."""

    def __init__(
        self,
        token: str,
        world: World,
        actions: Actions,
        offers: Offers,
        gateway: Gateway,
        faults: Faults,
        violations: Violations,
        views: Views,
        events: Events,
        steering: Steering,
        trace: Trace,
        upcoming: Upcoming,
        samples: Mapping[str, bytes],
    ) -> None:
        self._token = token
        self._world = world
        self._actions = actions
        self._offers = offers
        self._gateway = gateway
        self._faults = faults
        self._violations = violations
        self._views = views
        self._events = events
        self._trace = trace
        self._upcoming = upcoming
        self._samples = samples
        self._live = Live(token, self.call, events, actions, trace, upcoming)
        self._calls: dict[str, Call] = {
            "GET state": self.state,
            "GET messages": self.messages,
            "GET commands": self.commands,
            "GET events": self.events,
            "GET violations": self.list_violations,
            "DELETE violations": self.forget_violations,
            "GET samples": self.list_samples,
            "GET sample": self.sample,
            "DELETE fault": steering.disarm,
            "POST clock": steering.set_clock,
            "POST fault": steering.fault,
            "POST permissions": steering.permissions,
            "POST command": actions.command,
            "POST autocomplete": actions.autocomplete,
            "POST press": actions.press,
            "POST submit": actions.submit,
            "POST menu": actions.menu,
            "POST say": actions.say,
            "POST react": actions.react,
            "POST delete": actions.delete,
        }

    async def close(self) -> None:
        """End the pages' lines."""
        await self._live.close()

    async def handle(self, request: web.Request, path: str) -> web.StreamResponse:
        """Answer one request; `path` is what follows /sandbox/."""
        if _is_foreign(request):
            return json_response({"error": "The control API answers its own page alone."}, 403)
        if path.strip("/") == "live":
            return await self._live.handle(request)
        given = request.headers.get("Authorization", "")
        if not secrets.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
            return json_response({"error": "The control API wants its token."}, 401)
        body: object = dict(request.query)
        if request.method == "POST":
            try:
                body = json.loads(await request.read() or b"{}")
            except web.HTTPRequestEntityTooLarge:
                return json_response({"error": "That is too much at once."}, 413)
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
        """GET state. `next_post` is when the bot next posts by itself, None where it will not."""
        next_post = shown(await self._upcoming.at())
        bot = {"name": self._world.bot.name, "connected": self._gateway.online.is_set()}
        return {
            **self._views.state(),
            "bot": bot,
            "faults": self._faults.list(),
            "next_post": next_post,
            "last": self._events.last,
        }

    async def messages(self, body: Json) -> Json:
        """GET messages?channel=&before=&limit=, oldest first: the newest, or those before the
        message `before`; with `as`, those that this member sees. `more`: there are older ones.

        `limit` is 50 unless given; without `as` 100, ephemeral ones included."""
        viewer = self._actions.person(body) if "as" in body else None
        name = text(body, "channel")
        if viewer is None:
            channel = self._world.channel_named(name, self._world.bot)
        else:
            channel = self._actions.place(viewer, name)
        limit = as_id(body.get("limit", NEWEST_OF_ALL if viewer is None else NEWEST_SEEN))
        before = as_id(body.get("before", 0))
        if limit is None or limit < 1 or before is None:
            raise Malformed("“limit” is a number, 1 or more; “before” the id of a message.")
        found: list[Message] = []
        for message in reversed(channel.messages.values()):
            if before and message.id >= before:
                continue
            if viewer is None or self._world.sees(viewer.id, message):
                found.append(message)
                if len(found) > limit:
                    break
        shown_now = [self._views.message(message) for message in found[limit - 1 :: -1]]
        return {"messages": shown_now, "more": len(found) > limit}

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

    async def list_samples(self, body: Json) -> Json:
        """GET samples: the files to try things out with."""
        found = [{"filename": name, "size": len(data)} for name, data in self._samples.items()]
        return {"samples": found}

    async def sample(self, body: Json) -> Json:
        """GET sample?filename=: one of them, as the control API takes files."""
        name = text(body, "filename")
        if name not in self._samples:
            known = ", ".join(self._samples) or "none"
            raise Unknown(f"There is no sample “{name}”. There are: {known}.")
        data = base64.b64encode(self._samples[name]).decode()
        return {"filename": name, "base64": data}

    async def list_violations(self, body: Json) -> Json:
        """GET violations, or only those of a `kind`."""
        kind = body.get("kind")
        entries = self._violations.entries
        return {"violations": [v for v in entries if kind is None or v["kind"] == kind]}

    async def forget_violations(self, body: Json) -> Json:
        """DELETE violations: gives them a last time."""
        gone, self._violations.entries = self._violations.entries, []
        return {"violations": gone}


def _is_foreign(request: web.Request) -> bool:
    """Whether a page from elsewhere asks; what is no browser names no origin."""
    origin = request.headers.get("Origin")
    return origin is not None and origin != f"http://{request.headers.get('Host')}"
