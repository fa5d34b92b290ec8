"""Interactions: one for each thing a person does, and what has become of it."""

import asyncio
import secrets
import time
from dataclasses import dataclass, field
from enum import IntEnum

from sandbox.errors import ApiError, Refusal
from sandbox.model import Account, Channel, Flags, Message
from sandbox.payloads import FILE_LIMIT_BYTES, Payloads
from sandbox.posting import Origin
from sandbox.wire import Json
from sandbox.world import World

FIRST_RESPONSE_SECONDS = 3.0
TOKEN_SECONDS = 15 * 60.0


class InteractionKind(IntEnum):
    """Discord's interaction types."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class Callback(IntEnum):
    """Discord's types of a first response."""

    PONG = 1
    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    AUTOCOMPLETE = 8
    MODAL = 9


@dataclass(slots=True, eq=False)
class Interaction:
    """One interaction. The first response is due within 3 s of real time; the token serves for
    15 minutes of the sandbox's time, for clients count the one and tests jump the other."""

    id: int
    token: str
    kind: InteractionKind
    account: Account
    channel: Channel
    origin: Origin
    expires: float
    source: Message | None = None
    option_kind: int = 0
    sent: float = field(default_factory=time.monotonic)
    callback: Callback | None = None
    choices: list[Json] = field(default_factory=list[Json])
    modal: Json | None = None
    submitted: bool = False
    edited: bool = False
    original: Message | None = None
    followups: list[Message] = field(default_factory=list[Message])
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    milliseconds: float = 0.0

    def respond(self, callback: Callback) -> None:
        """Note the first response."""
        self.callback = callback
        self.milliseconds = (time.monotonic() - self.sent) * 1000
        self.answered.set()
        if callback not in (Callback.DEFERRED_MESSAGE, Callback.DEFERRED_UPDATE):
            self.settled.set()

    @property
    def deferred(self) -> bool:
        """Whether the answer itself is still to come."""
        return self.callback is not None and not self.settled.is_set()

    def loading(self) -> Message | None:
        """The "thinking…" message that still waits to be filled."""
        original = self.original
        if original is None or original.deleted or not original.flags & Flags.LOADING:
            return None
        return original


class Interactions:
    """Those of the last half hour, by id and by token."""

    def __init__(self, world: World, payloads: Payloads) -> None:
        self._world = world
        self._payloads = payloads
        self._by_id: dict[int, Interaction] = {}
        self._by_token: dict[str, Interaction] = {}

    def begin(
        self,
        kind: InteractionKind,
        account: Account,
        channel: Channel,
        data: Json,
        *,
        message: Message | None = None,
        command_name: str | None = None,
        parent: Interaction | None = None,
    ) -> tuple[Interaction, Json]:
        """A new interaction and the INTERACTION_CREATE payload for it.

        `message` is the one whose component was used; `parent` is what opened the modal.
        """
        self._forget()
        world = self._world
        interaction_id, token = world.new_id(), secrets.token_urlsafe(48)
        guild = world.guild_of(channel)
        owners = {"0": str(guild.id) if guild else "0"}
        metadata: Json = {
            "id": str(interaction_id),
            "type": int(kind),
            "user": self._payloads.user(account),
            "authorizing_integration_owners": owners,
        }
        if kind is InteractionKind.COMPONENT and message is not None:
            metadata["interacted_message_id"] = str(message.id)
        if parent is not None:
            metadata["triggering_interaction_metadata"] = parent.origin.metadata
        if data.get("target_id") is not None:
            metadata["target_message_id"] = data["target_id"]
        interaction = Interaction(
            interaction_id,
            token,
            kind,
            account,
            channel,
            Origin(metadata, command_name),
            world.clock.elapsed() + TOKEN_SECONDS,
            source=message,
        )
        self._by_id[interaction_id] = self._by_token[token] = interaction
        permissions = str(world.permissions(account.id, channel))
        payload: Json = {
            "id": str(interaction_id),
            "application_id": str(world.bot.id),
            "type": int(kind),
            "token": token,
            "version": 1,
            "data": data,
            "channel": {**self._payloads.channel(channel), "permissions": permissions},
            "channel_id": str(channel.id),
            "locale": "en-GB",
            "app_permissions": str(world.permissions(world.bot.id, channel)),
            "entitlements": [],
            "entitlement_sku_ids": [],
            "authorizing_integration_owners": owners,
            "context": 1 if guild is None else 0,
            "attachment_size_limit": FILE_LIMIT_BYTES,
        }
        if message is not None:
            payload["message"] = self._payloads.message(message)
        if guild is None:
            payload["user"] = self._payloads.user(account)
        else:
            payload |= {
                "guild_id": str(guild.id),
                "guild_locale": "en-US",
                "guild": {"id": str(guild.id), "locale": "en-US", "features": []},
                "member": {
                    **self._payloads.member(guild.members[account.id]),
                    "permissions": permissions,
                },
            }
        interaction.sent = time.monotonic()
        return interaction, payload

    def awaiting(self, interaction_id: int | None, token: str) -> Interaction:
        """The interaction that a first response is for; Discord's refusal if it takes none."""
        found = self._by_id.get(interaction_id) if interaction_id is not None else None
        if found is None or not secrets.compare_digest(found.token, token):
            raise ApiError(Refusal.UNKNOWN_INTERACTION)
        if found.callback is not None:
            raise ApiError(Refusal.ALREADY_ACKNOWLEDGED)
        late = time.monotonic() - found.sent
        if late > FIRST_RESPONSE_SECONDS:
            raise ApiError(Refusal.UNKNOWN_INTERACTION, detail=f"answered after {late:.1f} s")
        return found

    def of_token(self, application_id: int | None, token: str) -> Interaction:
        """The interaction behind a webhook's token."""
        if application_id != self._world.bot.id:
            raise ApiError(Refusal.UNKNOWN_WEBHOOK)
        found = self._by_token.get(token)
        if found is None or found.callback is None:
            raise ApiError(Refusal.UNKNOWN_WEBHOOK)
        if self._world.clock.elapsed() > found.expires:
            detail = "the interaction's 15 minutes are over"
            raise ApiError(Refusal.INVALID_WEBHOOK_TOKEN, detail=detail)
        return found

    def get(self, interaction_id: int | None) -> Interaction | None:
        """By id."""
        return self._by_id.get(interaction_id) if interaction_id is not None else None

    def _forget(self) -> None:
        limit = self._world.clock.elapsed() - TOKEN_SECONDS
        # The oldest come first.
        while self._by_id:
            oldest = next(iter(self._by_id.values()))
            if oldest.expires > limit:
                break
            del self._by_id[oldest.id], self._by_token[oldest.token]
