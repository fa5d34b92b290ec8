"""Discord's limits on modals and on autocomplete answers."""

from sandbox.checks import Findings, Path
from sandbox.components import SELECTS, Kind
from sandbox.errors import FieldError
from sandbox.limits import check_custom_id, check_select
from sandbox.wire import Json, as_object

_FIELDS = (
    Kind.TEXT_INPUT,
    *SELECTS,
    Kind.FILE_UPLOAD,
    Kind.RADIO_GROUP,
    Kind.CHECKBOX_GROUP,
    Kind.CHECKBOX,
)


def check_modal(modal: Json) -> list[FieldError]:
    """What is wrong with a modal: 1 to 5 components, each a labelled field, a text, or a row."""
    found = Findings()
    found.text(modal, "custom_id", (), 100, shortest=1, required=True)
    found.text(modal, "title", (), 45, shortest=1, required=True)
    seen: set[str] = set()
    for index, value in enumerate(found.items(modal, "components", (), 5, least=1)):
        at: Path = ("components", index)
        component = as_object(value)
        if component is None:
            found.not_an_object(at)
            continue
        kinds = (Kind.ACTION_ROW, Kind.TEXT_DISPLAY, Kind.LABEL)
        if not found.choice(component.get("type"), (*at, "type"), kinds):
            continue
        if component["type"] == Kind.TEXT_DISPLAY:
            found.text(component, "content", at, 4000, shortest=1, required=True)
        elif component["type"] == Kind.LABEL:
            found.text(component, "label", at, 45, shortest=1, required=True)
            found.text(component, "description", at, 100)
            _check_field(found, component.get("component"), (*at, "component"), seen, _FIELDS)
        else:
            inner = found.items(component, "components", at, 1, least=1)
            for number, child in enumerate(inner):
                where = (*at, "components", number)
                _check_field(found, child, where, seen, (Kind.TEXT_INPUT,))
                if (text_input := as_object(child)) is not None:
                    found.text(text_input, "label", where, 45, shortest=1, required=True)
    return found.errors


def _check_field(
    found: Findings, value: object, at: Path, seen: set[str], allowed: tuple[Kind, ...]
) -> None:
    field = as_object(value)
    if field is None:
        found.required(at)
        return
    if not found.choice(field.get("type"), (*at, "type"), allowed):
        return
    check_custom_id(found, field, at, seen)
    kind = field["type"]
    if kind == Kind.TEXT_INPUT:
        found.choice(field.get("style"), (*at, "style"), (1, 2))
        found.text(field, "placeholder", at, 100)
        found.text(field, "value", at, 4000)
        least = found.number(field, "min_length", at, 0, 4000)
        most = found.number(field, "max_length", at, 1, 4000)
        if least is not None and most is not None and least > most:
            message = f"int value should be greater than or equal to {least}."
            found.add((*at, "max_length"), "NUMBER_TYPE_MIN", message)
    elif kind == Kind.FILE_UPLOAD:
        found.number(field, "min_values", at, 0, 10)
        found.number(field, "max_values", at, 1, 10)
    elif kind != Kind.CHECKBOX:
        check_select(found, field, at, options_least=2 if kind == Kind.RADIO_GROUP else 1)
        if kind in SELECTS and field.get("disabled"):
            message = "Components in a modal cannot be disabled"
            found.add((*at, "disabled"), "COMPONENT_DISABLED_IN_MODAL", message)


def check_choices(data: Json, option_kind: int) -> list[FieldError]:
    """What is wrong with autocomplete's choices for an option of this type (3, 4 or 10)."""
    found = Findings()
    for index, value in enumerate(found.items(data, "choices", (), 25)):
        at: Path = ("choices", index)
        choice = as_object(value)
        if choice is None:
            found.not_an_object(at)
            continue
        found.text(choice, "name", at, 100, shortest=1, required=True)
        check_choice_value(found, choice, at, option_kind)
    if data.get("choices") is None:
        found.required(("choices",))
    return found.errors


def check_choice_value(found: Findings, choice: Json, at: Path, option_kind: int) -> None:
    """A choice's value has the option's type; a string is at most 100 characters long."""
    value = choice.get("value")
    if option_kind == 3:
        found.text(choice, "value", at, 100, shortest=1, required=True)
    elif isinstance(value, bool) or not isinstance(value, int if option_kind == 4 else int | float):
        message = f'Value "{value}" is not {"int" if option_kind == 4 else "float"}.'
        found.add((*at, "value"), "NUMBER_TYPE_COERCE", message)
