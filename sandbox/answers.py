"""What the control API's answers hold, as objects that tests read."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from sandbox.components import SELECTS, Kind, children, texts, walk
from sandbox.wire import Json, as_object, objects


class ControlError(RuntimeError):
    """The control API refused a request, or an answer that was counted on is an error."""


@dataclass(frozen=True, slots=True)
class Component:
    """A button, a select menu, or a field of a form. `options` are (label, value, description)."""

    kind: Kind
    custom_id: str | None
    label: str
    disabled: bool = False
    url: str | None = None
    options: tuple[tuple[str, str, str], ...] = ()
    required: bool = True
    value: str | None = None

    @classmethod
    def from_payload(cls, payload: Json, label: str | None = None) -> Self:
        """Out of a component's JSON; a select's label is its placeholder."""
        return cls(
            kind=Kind(payload["type"]),
            custom_id=payload.get("custom_id"),
            label=label or str(payload.get("label") or payload.get("placeholder") or ""),
            disabled=bool(payload.get("disabled")),
            url=payload.get("url"),
            options=tuple(
                (str(o["label"]), str(o["value"]), str(o.get("description") or ""))
                for o in objects(payload.get("options"))
            ),
            required=payload.get("required") is not False,
            value=payload.get("value"),
        )


@dataclass(frozen=True, slots=True)
class Message:
    """A message as one member sees it."""

    id: str
    channel: str
    author: str
    ephemeral: bool
    content: str
    embeds: list[Json]
    components: list[Json]
    attachments: list[Json]
    flags: int
    edited: str | None
    payload: Json

    @classmethod
    def from_payload(cls, payload: Json) -> Self:
        """Out of the control API's JSON, which `payload` keeps whole."""
        return cls(
            id=payload["id"],
            channel=payload["channel"],
            author=payload["author"],
            ephemeral=payload["ephemeral"],
            content=payload["content"],
            embeds=payload["embeds"],
            components=payload["components"],
            attachments=payload["attachments"],
            flags=payload["flags"],
            edited=payload["edited"],
            payload=payload,
        )

    @property
    def text(self) -> str:
        """All that is to be read: the content, embeds, and text displays, one below the other."""
        parts = [self.content, *(part for embed in self.embeds for part in _embed_texts(embed))]
        return "\n".join(part for part in [*parts, *texts(self.components)] if part)

    @property
    def buttons(self) -> list[Component]:
        """Every button, links included, in order."""
        return [
            Component.from_payload(component)
            for component in walk(self.components)
            if component["type"] == Kind.BUTTON
        ]

    @property
    def selects(self) -> list[Component]:
        """Every select menu, in order."""
        return [
            Component.from_payload(component)
            for component in walk(self.components)
            if component["type"] in SELECTS
        ]

    def find(self, name: str) -> Component:
        """The button or menu with this custom_id, or this label (or placeholder)."""
        found = [*self.buttons, *self.selects]
        for component in found:
            if component.custom_id == name:
                return component
        for component in found:
            if component.label == name:
                return component
        known = ", ".join(f"{c.label!r} ({c.custom_id or c.url})" for c in found) or "none"
        raise LookupError(f"The message has no button or menu {name!r}. It has: {known}.")


def _embed_texts(embed: Json) -> Iterator[str]:
    for key in ("title", "description"):
        yield str(embed.get(key) or "")
    for field in objects(embed.get("fields")):
        yield f"{field['name']}\n{field['value']}"
    for key, part in (("author", "name"), ("footer", "text")):
        yield str((as_object(embed.get(key)) or {}).get(part) or "")


@dataclass(frozen=True, slots=True)
class Modal:
    """A form that the bot opened."""

    interaction: str
    custom_id: str
    title: str
    components: list[Json]

    @classmethod
    def from_payload(cls, payload: Json) -> Self:
        """Out of the control API's JSON."""
        return cls(
            payload["interaction"], payload["custom_id"], payload["title"], payload["components"]
        )

    @property
    def text(self) -> str:
        """What the form's text displays say."""
        return "\n".join(texts(self.components))

    @property
    def fields(self) -> list[Component]:
        """The form's fields, in order, each with its label."""
        return [
            Component.from_payload(child, component.get("label") or child.get("label"))
            for component in self.components
            for child in children(component)
        ]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an action. `ms` is the time from the interaction to the first response."""

    messages: list[Message]
    modal: Modal | None = None
    error: str | None = None
    ms: float = 0.0

    @classmethod
    def from_payload(cls, payload: Json) -> Self:
        """Out of the control API's JSON."""
        modal = payload.get("modal")
        return cls(
            messages=[Message.from_payload(each) for each in payload.get("messages", [])],
            modal=None if modal is None else Modal.from_payload(modal),
            error=payload.get("error"),
            ms=payload.get("ms", 0.0),
        )

    @property
    def message(self) -> Message:
        """The only message; a ControlError that says what there is instead."""
        if self.error is not None or len(self.messages) != 1:
            raise ControlError(self.error or f"There are {len(self.messages)} messages, not one.")
        return self.messages[0]

    @property
    def form(self) -> Modal:
        """The modal; a ControlError when there is none."""
        if self.modal is None:
            raise ControlError(self.error or "The answer is no form.")
        return self.modal


class Choices(list[tuple[str, str | int | float]]):
    """Autocomplete's choices, as (name, value), and the time they took."""

    ms: float = 0.0
    error: str | None = None
