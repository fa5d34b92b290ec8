"""REST: first responses to interactions, and the webhook that each interaction is."""

from sandbox.checks import Findings
from sandbox.components import as_answered
from sandbox.errors import ApiError, Refusal, invalid_form
from sandbox.form_rules import check_choices, check_modal
from sandbox.interactions import Callback, Interaction, InteractionKind, Interactions
from sandbox.model import Flags, Message
from sandbox.payloads import Payloads
from sandbox.posting import Origin, Posting
from sandbox.routing import NO_CONTENT, Call, Reply, Router
from sandbox.trace import Trace
from sandbox.wire import Json, as_int, as_object, objects
from sandbox.world import World

_MESSAGES = (Callback.MESSAGE, Callback.DEFERRED_MESSAGE)
_UPDATES = (Callback.DEFERRED_UPDATE, Callback.UPDATE)
_ALLOWED = {
    InteractionKind.COMMAND: (*_MESSAGES, Callback.MODAL),
    InteractionKind.COMPONENT: (*_MESSAGES, *_UPDATES, Callback.MODAL),
    InteractionKind.AUTOCOMPLETE: (Callback.AUTOCOMPLETE,),
    InteractionKind.MODAL: _MESSAGES,
}


_NAMES = {
    Callback.MESSAGE: "message",
    Callback.DEFERRED_MESSAGE: "deferred message",
    Callback.DEFERRED_UPDATE: "deferred update",
    Callback.UPDATE: "update",
    Callback.AUTOCOMPLETE: "choices",
    Callback.MODAL: "form",
}


class InteractionRoutes:
    """How the bot answers."""

    def __init__(
        self,
        world: World,
        payloads: Payloads,
        posting: Posting,
        interactions: Interactions,
        trace: Trace,
    ) -> None:
        self._world = world
        self._payloads = payloads
        self._posting = posting
        self._interactions = interactions
        self._trace = trace

    def register(self, router: Router) -> None:
        """Add the routes; none of them wants the bot's own token."""
        webhook = "/webhooks/{webhook_id}/{webhook_token}"
        callback = "/interactions/{interaction_id}/{interaction_token}/callback"
        router.add("POST", callback, self.respond)
        router.add("POST", webhook, self.follow_up)
        for target in ("@original", "{message_id}"):
            router.add("GET", f"{webhook}/messages/{target}", self.get)
            router.add("PATCH", f"{webhook}/messages/{target}", self.edit)
            router.add("DELETE", f"{webhook}/messages/{target}", self.delete)

    # The first response

    def respond(self, call: Call) -> Reply:
        """Create Interaction Response; 200 with what became of it, or 204 unless that is wanted."""
        interaction = self._interactions.awaiting(
            call.id("interaction_id"), call.args["interaction_token"]
        )
        callback = self._callback(interaction, call.json().get("type"))
        data = as_object(call.json().get("data")) or {}
        try:
            self._carry_out(interaction, callback, data, call)
        except ApiError as error:
            errors = [each.within("data") for each in error.errors]
            refusal = Refusal((error.status, error.code, error.message))
            raise ApiError(refusal, errors=errors, kind=error.kind, detail=error.detail) from error
        interaction.respond(callback)
        name, about = _NAMES[callback], str(interaction.id)
        ms = interaction.milliseconds
        self._trace.note("response", name, call.body, ms=ms, interaction=about)
        if call.query.get("with_response", "").lower() not in ("1", "true"):
            return NO_CONTENT
        return 200, self._outcome(interaction, callback)

    def _callback(self, interaction: Interaction, value: object) -> Callback:
        allowed = _ALLOWED[interaction.kind]
        if interaction.kind is InteractionKind.MODAL and interaction.source is not None:
            allowed = (*allowed, *_UPDATES)
        found = Findings()
        if not found.choice(value, ("type",), allowed):
            raise invalid_form(found.errors)
        return Callback(as_int(value) or 0)

    def _carry_out(
        self, interaction: Interaction, callback: Callback, data: Json, call: Call
    ) -> None:
        if callback is Callback.MESSAGE:
            interaction.original = self._posting.create(
                interaction.channel,
                data,
                call.uploads,
                origin=interaction.origin,
                ephemeral_to=_audience(interaction, data),
            )
        elif callback is Callback.DEFERRED_MESSAGE:
            interaction.original = self._thinking(interaction, data)
        elif callback is Callback.UPDATE:
            assert interaction.source is not None
            self._posting.edit(interaction.source, data, call.uploads)
            interaction.original = interaction.source
        elif callback is Callback.DEFERRED_UPDATE:
            interaction.original = interaction.source
        elif callback is Callback.AUTOCOMPLETE:
            if errors := check_choices(data, interaction.option_kind):
                raise invalid_form(errors)
            interaction.choices = objects(data.get("choices"))
        else:
            if errors := check_modal(data):
                raise invalid_form(errors)
            shown = as_answered(objects(data.get("components")))
            interaction.modal = {
                "custom_id": data["custom_id"],
                "title": data["title"],
                "components": shown,
            }

    def _thinking(self, interaction: Interaction, data: Json) -> Message:
        audience = _audience(interaction, data)
        message = Message(
            self._world.new_id(),
            interaction.channel.id,
            self._world.bot.id,
            self._world.clock.now(),
            flags=Flags.LOADING | (Flags.EPHEMERAL if audience else Flags(0)),
            ephemeral_to=audience,
            metadata=interaction.origin.metadata,
            command_name=interaction.origin.command_name,
        )
        if interaction.channel.id not in self._world.channels:
            raise ApiError(Refusal.UNKNOWN_CHANNEL)
        self._world.add_message(message)
        return message

    def _outcome(self, interaction: Interaction, callback: Callback) -> Json:
        about: Json = {
            "id": str(interaction.id),
            "type": int(interaction.kind),
            "channel_id": str(interaction.channel.id),
        }
        if interaction.channel.guild_id is not None:
            about["guild_id"] = str(interaction.channel.guild_id)
        original = interaction.original
        if original is None:
            return {"interaction": about}
        about |= {
            "response_message_id": str(original.id),
            "response_message_loading": bool(original.flags & Flags.LOADING),
            "response_message_ephemeral": original.ephemeral_to is not None,
        }
        outcome: Json = {"interaction": about}
        if callback in (Callback.MESSAGE, Callback.UPDATE):
            outcome["resource"] = {
                "type": int(callback),
                "message": self._payloads.message(original),
            }
        return outcome

    # What follows

    def follow_up(self, call: Call) -> Reply:
        """Create Followup Message. Right after a deferred message, it fills that one in."""
        interaction = self._interaction(call)
        loading = interaction.loading()
        if loading is not None:
            self._posting.edit(loading, call.json(), call.uploads)
            interaction.settled.set()
            return 200, self._payloads.message(loading)
        metadata = dict(interaction.origin.metadata)
        if interaction.original is not None:
            metadata["original_response_message_id"] = str(interaction.original.id)
        message = self._posting.create(
            interaction.channel,
            call.json(),
            call.uploads,
            origin=Origin(metadata),
            ephemeral_to=_audience(interaction, call.json()),
        )
        interaction.followups.append(message)
        if interaction.callback is Callback.DEFERRED_UPDATE:
            interaction.settled.set()
        return 200, self._payloads.message(message)

    def get(self, call: Call) -> Reply:
        """Get the original response or a followup."""
        return 200, self._payloads.message(self._message(self._interaction(call), call))

    def edit(self, call: Call) -> Reply:
        """Edit the original response or a followup."""
        interaction = self._interaction(call)
        message = self._message(interaction, call)
        self._posting.edit(message, call.json(), call.uploads)
        if message is interaction.original:
            interaction.edited = True
            interaction.settled.set()
        return 200, self._payloads.message(message)

    def delete(self, call: Call) -> Reply:
        """Delete the original response or a followup."""
        interaction = self._interaction(call)
        message = self._message(interaction, call)
        self._world.delete_message(message)
        if message is interaction.original:
            interaction.settled.set()
        return NO_CONTENT

    def _interaction(self, call: Call) -> Interaction:
        found = self._interactions.of_token(call.id("webhook_id"), call.args["webhook_token"])
        if found.channel.id not in self._world.channels:
            raise ApiError(Refusal.UNKNOWN_CHANNEL)
        return found

    def _message(self, interaction: Interaction, call: Call) -> Message:
        theirs = [interaction.original, *interaction.followups]
        if "message_id" in call.args:
            wanted = call.id("message_id")
            theirs = [each for each in theirs if each is not None and each.id == wanted]
        message = theirs[0] if theirs else None
        if message is None or message.deleted:
            raise ApiError(Refusal.UNKNOWN_MESSAGE)
        return message


def _audience(interaction: Interaction, data: Json) -> int | None:
    """Who alone sees the answer, when it asks to be ephemeral."""
    ephemeral = (as_int(data.get("flags")) or 0) & Flags.EPHEMERAL
    return interaction.account.id if ephemeral else None
