"""A member of the sandbox's servers, driven by a test: the control API's async client."""

import asyncio
import base64
import io
import json
from collections.abc import Callable, Sequence
from typing import Any, Self

import aiohttp

from sandbox.answers import Answer, Choices, ControlError, Message, Modal
from sandbox.components import Kind
from sandbox.wire import Json, objects

File = tuple[str, bytes]
ALL_MESSAGES = 1_000_000
_open_lines: set["_Line"] = set()


class _Line:
    """An HTTP session to one control API, shared by a user and its variants."""

    def __init__(self, control: str, token: str) -> None:
        self.control = control.rstrip("/")
        self._token = token
        self._session: aiohttp.ClientSession | None = None

    async def call(self, method: str, name: str, body: Json) -> Json:
        """One request; refusals of what a person cannot do come back as {"error"}."""
        if self._session is None:
            headers = {"Authorization": f"Bearer {self._token}"}
            self._session = aiohttp.ClientSession(headers=headers)
            _open_lines.add(self)
        url = f"{self.control}/{name}"
        if method == "POST":
            # As a stream: aiohttp warns of large bodies that are given whole.
            data = io.BytesIO(json.dumps(body).encode())
            request = self._session.post(url, data=data)
        else:
            request = self._session.request(method, url, params=body)
        async with request as response:
            answer: Json = await response.json()
            if response.status not in (200, 403, 404):
                raise ControlError(answer.get("error", f"HTTP {response.status}"))
            return answer

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None
            _open_lines.discard(self)


async def close_users_of(control: str) -> None:
    """Close what the users of this control API still hold open; the sandbox does it at its end."""
    for line in list(_open_lines):
        if line.control == control:
            await line.close()


class User:
    """Acts as one member, in one channel unless told otherwise.

    Where the sandbox is in the same process it closes its users' connections when it ends;
    elsewhere use `async with User(...)`.
    """

    def __init__(self, control: str, token: str, name: str, channel: str = "general") -> None:
        self.name = name
        self.channel = channel
        self._line = _Line(control, token)
        self._force = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connection; the next call opens a new one."""
        await self._line.close()

    def _variant(self, **changes: object) -> "User":
        """Shares the connection."""
        other = object.__new__(User)
        other.__dict__.update(self.__dict__, **changes)
        return other

    def at(self, channel: str) -> "User":
        """The same member in another channel; "dm" is the direct message with the bot."""
        return self._variant(channel=channel)

    def as_(self, name: str) -> "User":
        """Another member in the same channel."""
        return self._variant(name=name)

    @property
    def forced(self) -> "User":
        """The same member, past what Discord checks before the bot hears of it: commands that are
        not offered, components that are not there, values that are not on the list."""
        return self._variant(_force=True)

    async def _act(self, call: str, **body: Any) -> Json:
        if self._force:
            body["force"] = True
        return await self._line.call("POST", call, {"as": self.name, **body})

    async def _steer(self, method: str, call: str, **body: Any) -> Json:
        answer = await self._line.call(method, call, body)
        if "error" in answer:
            raise ControlError(answer["error"])
        return answer

    # What a person does

    async def command(self, name: str, /, **options: Any) -> Answer:
        """Use a slash command; a file option is a (name, bytes) pair."""
        given = {key: _file(value) for key, value in options.items() if value is not None}
        body = await self._act("command", channel=self.channel, command=name, options=given)
        return Answer.from_payload(body)

    async def autocomplete(self, name: str, /, *, focused: str, **options: Any) -> Choices:
        """What the option `focused` proposes with these options typed so far."""
        body = await self._act(
            "autocomplete", channel=self.channel, command=name, focused=focused, options=options
        )
        choices = Choices((c["name"], c["value"]) for c in objects(body.get("choices")))
        choices.ms, choices.error = body.get("ms", 0.0), body.get("error")
        return choices

    async def press(
        self, message: Message, name: str, values: Sequence[str] | None = None
    ) -> Answer:
        """Press a button, or choose `values` in a menu, named by custom_id or label.

        Values are an option's value or label, or the name of a member, role or channel."""
        custom_id, chosen = name, list(values) if values is not None else None
        if not self._force:
            component = message.find(name)
            # A link has no custom_id; the sandbox says what it thinks of pressing one.
            custom_id = component.custom_id or component.url or name
            if chosen is not None and component.kind is Kind.STRING_SELECT:
                by_label = {label: value for label, value, _ in component.options}
                known = set(by_label.values())
                chosen = [v if v in known else by_label.get(v, v) for v in chosen]
        body: Json = {} if chosen is None else {"values": chosen}
        answer = await self._act("press", message=message.id, custom_id=custom_id, **body)
        return Answer.from_payload(answer)

    async def submit(
        self, modal: Modal, values: dict[str, Any], *, custom_id: str | None = None
    ) -> Answer:
        """Send a form: text, a list of values, or a list of (name, bytes) for each custom_id.

        `forced`, it is sent from this user's channel, whoever opened it where, and as the form
        `custom_id`."""
        given = {key: _field(value) for key, value in values.items()}
        body: Json = {"interaction": modal.interaction, "values": given}
        if self._force:
            body |= {"channel": self.channel, "custom_id": custom_id or modal.custom_id}
        return Answer.from_payload(await self._act("submit", **body))

    async def menu(self, message: Message, name: str) -> Answer:
        """Use a command from the message's menu."""
        return Answer.from_payload(await self._act("menu", message=message.id, name=name))

    async def say(
        self, content: str = "", files: Sequence[File] = (), reply_to: Message | None = None
    ) -> Message:
        """Write a message."""
        body: Json = {"content": content, "files": [_file(file) for file in files]}
        if reply_to is not None:
            body["reply_to"] = reply_to.id
        return _message(await self._act("say", channel=self.channel, **body))

    async def react(self, message: Message, emoji: str, *, remove: bool = False) -> Message:
        """React to a message, or take it back."""
        return _message(await self._act("react", message=message.id, emoji=emoji, remove=remove))

    async def delete(self, message: Message) -> None:
        """Delete a message, or dismiss an ephemeral one."""
        answer = await self._act("delete", message=message.id)
        if "error" in answer:
            raise ControlError(answer["error"])

    # What a person sees

    async def messages(self, channel: str | None = None) -> list[Message]:
        """All the channel's messages that this member sees, oldest first."""
        where = {"channel": channel or self.channel, "as": self.name, "limit": ALL_MESSAGES}
        answer = await self._steer("GET", "messages", **where)
        return [Message.from_payload(each) for each in answer["messages"]]

    async def commands(self, channel: str | None = None) -> list[Json]:
        """The commands that Discord offers this member."""
        where = {"channel": channel or self.channel, "as": self.name}
        return (await self._steer("GET", "commands", **where))["commands"]

    async def wait_for_message(
        self,
        channel: str | None = None,
        check: Callable[[Message], bool] = lambda _: True,
        *,
        after: Message | None = None,
        timeout: float = 5,  # noqa: ASYNC109  # settled interface
    ) -> Message:
        """The first message that this member sees and that passes the check, already there or still
        to come, new or edited; `after` leaves out that one and those before it."""
        channel = channel or self.channel
        last, seen = (await self.state())["last"], 0 if after is None else int(after.id)
        candidates = await self.messages(channel)
        try:
            async with asyncio.timeout(timeout):
                while True:
                    for message in candidates:
                        if int(message.id) > seen and check(message):
                            return message
                    candidates, last = await self._news(channel, last, timeout)
        except TimeoutError:
            there = [message.text[:200] for message in await self.messages(channel)]
            raise TimeoutError(
                f"No such message in {channel} within {timeout:g} s. There is: {there}"
            ) from None

    async def _news(self, channel: str, last: int, seconds: float) -> tuple[list[Message], int]:
        answer = await self.events(last, seconds)
        found = [
            Message.from_payload(event["message"])
            for event in answer["events"]
            if "message" in event and channel in (event["channel"], event["channel_id"])
        ]
        return found, answer["last"]

    async def events(self, after: int = 0, seconds: float = 25) -> Json:
        """What this member may know of since event number `after`; waits for the first."""
        return await self._steer(
            "GET", "events", **{"after": after, "seconds": seconds, "as": self.name}
        )

    # Steering

    async def state(self) -> Json:
        """Everything but the messages."""
        return await self._steer("GET", "state")

    async def clock(self, *, to: str | None = None, by_seconds: float | None = None) -> str:
        """Set the sandbox's time, or jump forward; gives the new time."""
        body: Json = {"to": to} if to is not None else {"by_seconds": by_seconds}
        return (await self._steer("POST", "clock", **body))["clock"]

    async def fault(self, kind: str, **details: Any) -> list[Json]:
        """Arm a fault; gives those that are armed."""
        return (await self._steer("POST", "fault", kind=kind, **details))["faults"]

    async def disarm(self) -> None:
        """Forget the faults that are armed."""
        await self._steer("DELETE", "fault")

    async def permissions(self, **change: Any) -> Json:
        """Change permissions; `as` is written `**{"as": name}`."""
        return await self._steer("POST", "permissions", **change)

    async def violations(self, kind: str | None = None) -> list[Json]:
        """What the bot did that Discord would have refused."""
        query = {} if kind is None else {"kind": kind}
        return (await self._steer("GET", "violations", **query))["violations"]

    async def forget_violations(self) -> list[Json]:
        """Start the list of violations anew; gives the old one."""
        return (await self._steer("DELETE", "violations"))["violations"]


def _message(answer: Json) -> Message:
    if "error" in answer:
        raise ControlError(answer["error"])
    return Message.from_payload(answer["message"])


def _file(value: Any) -> Any:
    match value:
        case (str() as name, bytes() as data):
            return {"filename": name, "base64": base64.b64encode(data).decode()}
        case _:
            return value


def _field(value: Any) -> Any:
    if isinstance(value, list | tuple):
        if isinstance(value, tuple):
            return _file(value)
        return [_file(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    return value
