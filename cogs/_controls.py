"""Buttons, menus and forms that go on working after a restart.

What a control does is written in its custom_id: an action's name and numbers, as
`excerpt:12:3`. The bot hands every press and every submitted form to the `Router`, which finds
the action's handler by that name, so nothing has to be kept in memory from the message to the
press. What arrives is untrusted: numbers are only numbers, and every handler looks them up in the
server that the press came from.

discord.py would keep a view in memory for each message with controls, until a time-out that takes
the controls away, and it swallows what goes wrong in them. So `Sheet` and `Form` are stopped
before they are sent, which it takes for "nothing to keep".
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import discord
from discord import ui

from cogs._text import plain

if TYPE_CHECKING:
    from cogs._client import Interaction

Json = dict[str, Any]
Numbers = tuple[int, ...]
_CUSTOM_ID = re.compile(r"([a-z][a-z-]{1,30})((?::\d{1,19}){0,5})", re.ASCII)
_HALF_A_PAIR = re.compile("[\ud800-\udfff]")
MOST_ID = 2**63 - 1  # what the library's ids can be


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that came with a form or a message; not downloaded yet."""

    filename: str
    size_bytes: int
    url: str


@dataclass(frozen=True, slots=True)
class Press:
    """A pressed button or a chosen option."""

    numbers: Numbers
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Submission:
    """A form as it was sent: its texts and choices by field, and its files."""

    numbers: Numbers
    texts: Mapping[str, str]
    choices: Mapping[str, tuple[str, ...]]
    files: tuple[SentFile, ...]


PressHandler = Callable[["Interaction", Press], Awaitable[None]]
FormHandler = Callable[["Interaction", Submission], Awaitable[None]]


class UnknownControl(Exception):
    """A control of an older version, or one that was made up."""


class Router:
    """Knows what to do for each action; cogs register theirs when they are loaded."""

    def __init__(self) -> None:
        self._presses: dict[str, PressHandler] = {}
        self._forms: dict[str, FormHandler] = {}

    def on_press(self, action: str, handler: PressHandler) -> None:
        """Have presses of that action handled."""
        self._presses[action] = handler

    def on_form(self, action: str, handler: FormHandler) -> None:
        """Have forms of that action handled."""
        self._forms[action] = handler

    @property
    def presses(self) -> frozenset[str]:
        """The actions of buttons and menus."""
        return frozenset(self._presses)

    @property
    def forms(self) -> frozenset[str]:
        """The actions of forms."""
        return frozenset(self._forms)

    def knows(self, action: str) -> bool:
        """Whether anything is registered for that action."""
        return action in self._presses or action in self._forms

    async def route(self, interaction: "Interaction") -> None:
        """Hand a press or a form to its handler; other interactions are not for the router.

        Raises:
            UnknownControl: nothing is registered for it.
        """
        data = cast("Json", interaction.data or {})
        if interaction.type is discord.InteractionType.component:
            action, numbers = _parsed(data)
            if (press := self._presses.get(action)) is None:
                raise UnknownControl(action)
            await press(interaction, Press(numbers, tuple(data.get("values") or ())))
        elif interaction.type is discord.InteractionType.modal_submit:
            action, numbers = _parsed(data)
            if (form := self._forms.get(action)) is None:
                raise UnknownControl(action)
            await form(interaction, _submission(numbers, data))


def mended(data: Any) -> Any:
    """An interaction's data without half surrogate pairs, which no text that is stored may have."""
    match data:
        case str():
            return _HALF_A_PAIR.sub("\ufffd", data)
        case dict():
            given = cast("Json", data)
            return {key: mended(value) for key, value in given.items()}
        case list():
            return [mended(value) for value in cast("list[Any]", data)]
        case _:
            return data


def custom_id(action: str, *numbers: int) -> str:
    """An action with its numbers, as Discord keeps it for us."""
    return ":".join((action, *map(str, numbers)))


def _parsed(data: Json) -> tuple[str, Numbers]:
    match = _CUSTOM_ID.fullmatch(str(data.get("custom_id")))
    numbers = tuple(map(int, match[2].split(":")[1:])) if match else ()
    if match is None or any(number > MOST_ID for number in numbers):
        raise UnknownControl(str(data.get("custom_id"))[:100])
    return match[1], numbers


def _submission(numbers: Numbers, data: Json) -> Submission:
    texts: dict[str, str] = {}
    choices: dict[str, tuple[str, ...]] = {}
    files: list[SentFile] = []
    resolved: Json = data.get("resolved") or {}
    attachments: dict[str, Json] = resolved.get("attachments") or {}
    rows: list[Json] = data.get("components") or []
    for row in rows:
        field: Json = row.get("component") or {}
        name, values = str(field.get("custom_id")), tuple(map(str, field.get("values") or ()))
        match field.get("type"):
            case discord.ComponentType.text_input.value:
                texts[name] = str(field.get("value") or "")
            case discord.ComponentType.file_upload.value:
                sent = [attachments[key] for key in values if key in attachments]
                files += [SentFile(f["filename"], int(f["size"]), f["url"]) for f in sent]
            case _:
                choices[name] = values
    return Submission(numbers, texts, choices, tuple(files))


class Sheet(ui.LayoutView):
    """A message made of components."""

    def __init__(self, *items: ui.Item[Any]) -> None:
        super().__init__(timeout=None)
        self.stop()
        for item in items:
            self.add_item(item)


class Form(ui.Modal):
    """A form whose fields are labelled; what was typed into it comes to its action's handler."""

    def __init__(self, title: str, action: str, *numbers: int) -> None:
        super().__init__(title=plain(title, 45), custom_id=custom_id(action, *numbers))
        self.stop()

    def field(self, label: str, component: ui.Item[Any], description: str | None = None) -> None:
        """Add a labelled field."""
        self.add_item(ui.Label(text=label, component=component, description=description))


def button(
    label: str,
    action: str,
    *numbers: int,
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
    disabled: bool = False,
) -> ui.Button[Any]:
    """A button that does `action`."""
    return ui.Button(
        label=plain(label, 80),
        custom_id=custom_id(action, *numbers),
        style=style,
        disabled=disabled,
    )


def menu(
    placeholder: str,
    options: Sequence[discord.SelectOption],
    action: str,
    *numbers: int,
    at_least: int = 1,
    at_most: int = 1,
) -> ui.ActionRow[Any]:
    """A row with a select menu of up to 25 options that does `action`."""
    return ui.ActionRow(
        ui.Select(
            placeholder=plain(placeholder, 150),
            options=list(options[:25]),
            custom_id=custom_id(action, *numbers),
            min_values=at_least,
            max_values=min(at_most, len(options[:25])),
        )
    )


def option(
    label: str, value: str, description: str | None = None, *, chosen: bool = False
) -> discord.SelectOption:
    """An option of a menu; its texts are cut to what Discord takes."""
    return discord.SelectOption(
        label=plain(label, 100) or "–",
        value=value,
        description=plain(description, 100) if description else None,
        default=chosen,
    )
