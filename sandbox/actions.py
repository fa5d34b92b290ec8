"""What a person does on Discord, carried out: interactions from the request to the answer."""

import asyncio
from typing import Any

from sandbox import forms
from sandbox.command_rules import MESSAGE_MENU, SLASH
from sandbox.components import SELECTS, Kind, find, walk
from sandbox.gateway import Gateway
from sandbox.interactions import (
    FIRST_RESPONSE_SECONDS,
    Callback,
    Interaction,
    InteractionKind,
    Interactions,
)
from sandbox.limits import CONTENT
from sandbox.model import Account, Channel, Message
from sandbox.offers import Impossible, Malformed, Offers
from sandbox.payloads import Payloads
from sandbox.posting import Posting
from sandbox.trace import Trace, interaction_name
from sandbox.values import Values, uploads
from sandbox.views import Views
from sandbox.wire import Json, as_id, as_list, as_object
from sandbox.world import Unknown, World

DEFERRED_SECONDS = 15.0


def text(body: Json, key: str) -> str:
    """A field that must be there, as text."""
    value = body.get(key)
    if not isinstance(value, str | int) or isinstance(value, bool) or value == "":
        raise Malformed(f"The request needs “{key}”.")
    return str(value)


class Actions:
    """Each method is one call of the control API: its body in, its answer out.

    `force: true` skips what Discord's own clients and servers check before the bot hears of it.
    With `wait: false` a deferred answer is not waited for: the first response is answer enough.
    """

    def __init__(
        self,
        world: World,
        payloads: Payloads,
        posting: Posting,
        interactions: Interactions,
        offers: Offers,
        gateway: Gateway,
        views: Views,
        trace: Trace,
    ) -> None:
        self._world = world
        self._payloads = payloads
        self._posting = posting
        self._interactions = interactions
        self._offers = offers
        self._gateway = gateway
        self._views = views
        self._trace = trace

    # Who and where

    def person(self, body: Json) -> Account:
        """The member that `as` names."""
        account = self._world.account_named(text(body, "as"))
        if account.bot:
            raise Impossible("The bot acts by itself.")
        return account

    def place(self, account: Account, name: str) -> Channel:
        """A channel that the member can see."""
        channel = self._world.channel_named(name, account)
        guild = self._world.guild_of(channel)
        if guild is not None and account.id not in guild.members:
            raise Impossible(f"{account.name} is not a member of {guild.name}.")
        if not self._world.may(account.id, channel, "view_channel"):
            raise Impossible(f"{account.name} cannot see {channel.name}.")
        return channel

    def message(self, account: Account, body: Json) -> Message:
        """The message that `message` names, which the member can see."""
        message = self._world.message(as_id(body.get("message")) or 0)
        if message is None:
            raise Unknown("There is no such message; it may have been deleted.")
        if not self._world.sees(account.id, message):
            raise Impossible(f"{account.name} cannot see this message.")
        return message

    def _values(self, account: Account, channel: Channel) -> Values:
        return Values(self._world, self._payloads, self._posting, account, channel)

    # Commands

    async def command(self, body: Json) -> Json:
        """Use a slash command."""
        account = self.person(body)
        channel = self.place(account, text(body, "channel"))
        data, words = self._command_data(account, channel, body)
        return await self._interact(
            InteractionKind.COMMAND, account, channel, data, body, command_name=words
        )

    async def autocomplete(self, body: Json) -> Json:
        """Type in an option that completes itself."""
        account = self.person(body)
        channel = self.place(account, text(body, "channel"))
        focused = text(body, "focused")
        data, _ = self._command_data(account, channel, body, focused)
        _, _, options = self._offers.slash(channel, text(body, "command"))
        option_kind = next(option["type"] for option in options if option["name"] == focused)
        interaction, payload = self._interactions.begin(
            InteractionKind.AUTOCOMPLETE, account, channel, data
        )
        interaction.option_kind = option_kind
        if (error := await self._first_response(interaction, payload)) is not None:
            return {"error": error, "choices": []}
        return {"choices": interaction.choices, "ms": round(interaction.milliseconds, 3)}

    def _command_data(
        self, account: Account, channel: Channel, body: Json, focused: str | None = None
    ) -> tuple[Json, str]:
        forced = body.get("force") is True
        given = as_object(body.get("options") or {})
        if given is None:
            raise Malformed("“options” is an object: {name: value}.")
        command, path, options = self._offers.slash(channel, text(body, "command"))
        words = " ".join([command["name"], *path])
        if not forced and (why := self._offers.why_not(account, channel, command)):
            raise Impossible(why)
        known = {option["name"]: option for option in options}
        if strange := [name for name in given if name not in known]:
            listed = ", ".join(known) or "none"
            raise Malformed(f"/{words} has no option “{strange[0]}”. There are: {listed}.")
        if focused is not None:
            if focused not in known:
                raise Malformed(f"/{words} has no option “{focused}”.")
            if not known[focused].get("autocomplete"):
                raise Impossible(f"The option {focused} of /{words} does not complete itself.")
            given.setdefault(focused, "")
        values = self._values(account, channel)
        entered: list[Json] = []
        for name, option in known.items():
            if given.get(name) is not None:
                typing = focused == name
                shown = values.option(option, given[name], forced=forced, typing=typing)
                entered.append({**shown, "focused": True} if typing else shown)
            elif option.get("required") and focused is None and not forced:
                raise Impossible(f"/{words} needs the option {name}.")
        for depth, name in enumerate(reversed(path)):
            entered = [{"name": name, "type": 1 if depth == 0 else 2, "options": entered}]
        data: Json = {"id": command["id"], "name": command["name"], "type": SLASH}
        data["options"] = entered
        if values.resolved:
            data["resolved"] = values.resolved
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        return data, words

    async def menu(self, body: Json) -> Json:
        """Use a command from a message's menu."""
        account = self.person(body)
        message = self.message(account, body)
        channel = self._world.channels[message.channel_id]
        command = self._offers.menu(channel, text(body, "name"))
        if body.get("force") is not True:
            if message.ephemeral_to is not None:
                raise Impossible("A message that only you can see has no such menu.")
            if why := self._offers.why_not(account, channel, command):
                raise Impossible(why)
        values = self._values(account, channel)
        data: Json = {
            "id": command["id"],
            "name": command["name"],
            "type": MESSAGE_MENU,
            "target_id": values.message(message),
            "resolved": values.resolved,
        }
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        return await self._interact(
            InteractionKind.COMMAND, account, channel, data, body, command_name=command["name"]
        )

    # Components and forms

    async def press(self, body: Json) -> Json:
        """Press a button, or choose in a select menu."""
        account = self.person(body)
        message = self.message(account, body)
        channel = self._world.channels[message.channel_id]
        custom_id, forced = text(body, "custom_id"), body.get("force") is True
        chosen: list[Any] = as_list(body.get("values")) or []
        component = find(message.components, custom_id)
        if component is None:
            if any(other.get("url") == custom_id for other in walk(message.components)):
                raise Impossible("A link opens in the browser; the bot does not hear of it.")
            if not forced:
                raise Impossible(f"The message has no button or menu “{custom_id}”.")
            kind = Kind.STRING_SELECT if body.get("values") is not None else Kind.BUTTON
            component = {"type": int(kind), "id": 1, "custom_id": custom_id}
        if component.get("disabled") and not forced:
            raise Impossible(f"“{component.get('label') or custom_id}” is disabled.")
        data: Json = {
            "custom_id": custom_id,
            "component_type": component["type"],
            "id": component["id"],
        }
        if component["type"] in SELECTS:
            values = self._values(account, channel)
            data["values"] = values.selected(component, chosen, forced=forced)
            if values.resolved:
                data["resolved"] = values.resolved
        return await self._interact(
            InteractionKind.COMPONENT, account, channel, data, body, message=message
        )

    async def submit(self, body: Json) -> Json:
        """Send a form off; one that the bot did not take can be sent again.

        With `force` also someone else's, as another `custom_id`, or from another `channel`.
        """
        account, forced = self.person(body), body.get("force") is True
        parent = self._interactions.get(as_id(body.get("interaction")))
        if parent is None or parent.modal is None:
            raise Unknown("There is no such form.")
        if parent.account is not account and not forced:
            raise Impossible("The form was opened for someone else.")
        if parent.submitted and not forced:
            raise Impossible("The form has been sent already.")
        if parent.channel.id not in self._world.channels:
            raise Impossible("The channel is gone.")
        given = as_object(body.get("values") or {})
        if given is None:
            raise Malformed("“values” is an object: {custom_id: value}.")
        channel = parent.channel
        if forced and "channel" in body:
            channel = self.place(account, text(body, "channel"))
        values = self._values(account, channel)
        data = forms.filled(parent.modal, given, values, forced=forced)
        if forced and "custom_id" in body:
            data["custom_id"] = text(body, "custom_id")
        source = parent.source
        answer = await self._interact(
            InteractionKind.MODAL,
            account,
            channel,
            data,
            body,
            message=None if source is None or source.deleted else source,
            parent=parent,
        )
        parent.submitted = parent.submitted or "error" not in answer
        return answer

    # Messages

    async def say(self, body: Json) -> Json:
        """Write a message."""
        account = self.person(body)
        channel = self.place(account, text(body, "channel"))
        content = str(body.get("content") or "")
        files = uploads(body.get("files") or [])
        needs = ["send_messages", *(["attach_files"] if files else [])]
        if not all(self._world.may(account.id, channel, need) for need in needs):
            raise Impossible(f"{account.name} may not post that in {channel.name}.")
        if not content.strip() and not files:
            raise Impossible("The message is empty.")
        if len(content) > CONTENT:
            raise Impossible(f"A message has at most {CONTENT} characters.")
        reply: Json = {}
        if body.get("reply_to") is not None:
            target = self.message(account, {"message": body["reply_to"]})
            reply = {"message_id": str(target.id)}
        message = self._posting.say(account, channel, content, files, reply)
        return {"message": self._views.message(message)}

    async def react(self, body: Json) -> Json:
        """React to a message, or with `remove: true` take it back."""
        account = self.person(body)
        message = self.message(account, body)
        if message.ephemeral_to is not None:
            raise Impossible("A message that only you can see takes no reactions.")
        remove = body.get("remove") is True
        self._world.react(message, account.id, text(body, "emoji"), remove=remove)
        return {"message": self._views.message(message)}

    async def delete(self, body: Json) -> Json:
        """Delete a message of one's own, one that one moderates, or dismiss an ephemeral one."""
        account = self.person(body)
        message = self.message(account, body)
        channel = self._world.channels[message.channel_id]
        own = account.id in (message.author_id, message.ephemeral_to)
        if not own and not self._world.may(account.id, channel, "manage_messages"):
            raise Impossible(f"{account.name} may not delete this message.")
        self._world.delete_message(message)
        return {"deleted": str(message.id)}

    # Waiting for the bot

    async def _interact(
        self,
        kind: InteractionKind,
        account: Account,
        channel: Channel,
        data: Json,
        body: Json,
        *,
        message: Message | None = None,
        command_name: str | None = None,
        parent: Interaction | None = None,
    ) -> Json:
        interaction, payload = self._interactions.begin(
            kind,
            account,
            channel,
            data,
            message=message,
            command_name=command_name,
            parent=parent,
        )
        if (error := await self._first_response(interaction, payload)) is not None:
            return {"error": error, "messages": []}
        answer: Json = {"ms": round(interaction.milliseconds, 3)}
        if interaction.modal is not None:
            return {**answer, "modal": self._views.modal(interaction), "messages": []}
        if interaction.deferred and body.get("wait") is not False:
            try:
                async with asyncio.timeout(DEFERRED_SECONDS):
                    await interaction.settled.wait()
            except TimeoutError:
                answer["error"] = f"the deferred answer did not come in {DEFERRED_SECONDS:g} s"
        answer["messages"] = self._visible(interaction)
        return answer

    async def _first_response(self, interaction: Interaction, payload: Json) -> str | None:
        """Tell the bot and wait; what went wrong, or None."""
        if not self._gateway.interaction(payload):
            return "the bot is not connected"
        name = interaction_name(payload)
        self._trace.note("interaction", name, payload, interaction=payload["id"])
        try:
            async with asyncio.timeout(FIRST_RESPONSE_SECONDS):
                await interaction.answered.wait()
        except TimeoutError:
            return f"no response in {FIRST_RESPONSE_SECONDS:g} s"
        return None

    def _visible(self, interaction: Interaction) -> list[Json]:
        """What the person sees in answer: the response, and what followed it so far."""
        shown: list[Message] = list(interaction.followups)
        untouched = interaction.callback is Callback.DEFERRED_UPDATE and not interaction.edited
        if interaction.original is not None and not untouched:
            shown.insert(0, interaction.original)
        return [
            self._views.message(message)
            for message in shown
            if self._world.sees(interaction.account.id, message)
        ]
