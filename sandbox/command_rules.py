"""Discord's limits on application commands."""

import re

from sandbox.checks import Findings, Path
from sandbox.errors import FieldError
from sandbox.form_rules import check_choice_value
from sandbox.wire import Json, as_int, as_object, objects

SLASH, USER_MENU, MESSAGE_MENU = 1, 2, 3
SUBCOMMAND, GROUP, STRING, INTEGER, NUMBER = 1, 2, 3, 4, 10
MOST = {SLASH: 100, USER_MENU: 15, MESSAGE_MENU: 15}
CREATES_A_DAY = 200
LONGEST_COMMAND = 8000
_NAME = re.compile(r"[-_'\w]{1,32}")


def check_commands(commands: list[object]) -> list[FieldError]:
    """What is wrong with a whole set of commands, as PUT replaces it; paths begin at the index."""
    found = Findings()
    seen: set[tuple[int, str]] = set()
    for index, value in enumerate(commands):
        command = as_object(value)
        if command is None:
            found.not_an_object((index,))
            continue
        found.errors += (error.within(index) for error in check_command(command))
        key = (as_int(command.get("type")) or SLASH, str(command.get("name")))
        if key in seen:
            message = "Application command names must be unique"
            found.add((index, "name"), "APPLICATION_COMMANDS_DUPLICATE_NAME", message)
        seen.add(key)
    return found.errors


def too_many(commands: list[Json]) -> bool:
    """Whether there are more of one type than Discord allows (100 slash, 15 of each menu)."""
    kinds = [command.get("type") or SLASH for command in commands]
    return any(kinds.count(kind) > most for kind, most in MOST.items())


def check_command(command: Json) -> list[FieldError]:
    """What is wrong with one command."""
    found = Findings()
    kind = command.get("type") or SLASH
    if not found.choice(kind, ("type",), MOST):
        return found.errors
    if kind == SLASH:
        _check_name(found, command, ())
        found.text(command, "description", (), 100, shortest=1, required=True)
        _check_options(found, command, ())
    else:
        found.text(command, "name", (), 32, shortest=1, required=True)
        if command.get("description"):
            message = "Context menu commands cannot have description"
            found.add(("description",), "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION", message)
        if command.get("options"):
            message = "Context menu commands cannot have options"
            found.add(("options",), "APPLICATION_COMMAND_CONTEXT_MENU_OPTIONS", message)
    if (size := _size(command)) > LONGEST_COMMAND:
        message = f"Command exceeds maximum size ({LONGEST_COMMAND}); it has {size}"
        found.add((), "APPLICATION_COMMAND_TOO_LARGE", message)
    return found.errors


def _size(node: Json) -> int:
    """Characters of all names, descriptions and string values, the longest localization of each."""
    total = 0
    for key in ("name", "description", "value"):
        texts = [node[key]] if isinstance(node.get(key), str) else []
        texts += (as_object(node.get(f"{key}_localizations")) or {}).values()
        total += max((len(str(text)) for text in texts), default=0)
    for key in ("options", "choices"):
        total += sum(_size(child) for child in objects(node.get(key)))
    return total


def _check_name(found: Findings, holder: Json, at: Path) -> None:
    name = found.text(holder, "name", at, 32, shortest=1, required=True)
    if name and (not _NAME.fullmatch(name) or name != name.lower()):
        found.add((*at, "name"), "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _check_options(found: Findings, holder: Json, at: Path, inside: int | None = None) -> None:
    """The options of a command, or of the group or subcommand whose type is `inside`."""
    names: set[str] = set()
    optional_seen = False
    kinds: set[bool] = set()
    for index, value in enumerate(found.items(holder, "options", at, 25)):
        where: Path = (*at, "options", index)
        option = as_object(value)
        if option is None:
            found.not_an_object(where)
            continue
        _check_name(found, option, where)
        found.text(option, "description", where, 100, shortest=1, required=True)
        name = str(option.get("name"))
        if name in names:
            message = "Option names must be unique"
            found.add((*where, "name"), "APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATED", message)
        names.add(name)
        if not found.choice(option.get("type"), (*where, "type"), range(1, 12)):
            continue
        kind = option["type"]
        kinds.add(kind in (SUBCOMMAND, GROUP))
        if kind in (SUBCOMMAND, GROUP):
            # Command, group, subcommand, in this order and no deeper.
            if inside == SUBCOMMAND or (inside == GROUP and kind == GROUP):
                message = "Sub-commands and groups cannot be nested like this"
                found.add((*where, "type"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message)
            _check_options(found, option, where, kind)
            continue
        if option.get("required"):
            if optional_seen:
                message = "Required options must be placed before non-required options"
                code = "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"
                found.add(where, code, message)
        else:
            optional_seen = True
        if inside == GROUP:
            message = "A group holds sub-commands only"
            found.add((*where, "type"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message)
        _check_parameter(found, option, where, kind)
    if len(kinds) == 2:
        message = "Sub-command and sub-command group option types are mutually exclusive to others"
        found.add((*at, "options"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message)


def _check_parameter(found: Findings, option: Json, at: Path, kind: int) -> None:
    choices = found.items(option, "choices", at, 25)
    if choices and option.get("autocomplete"):
        message = "Autocomplete can't be used with choices"
        found.add(
            (*at, "autocomplete"), "APPLICATION_COMMAND_OPTIONS_CHOICES_AUTOCOMPLETE", message
        )
    if (choices or option.get("autocomplete")) and kind not in (STRING, INTEGER, NUMBER):
        message = "Only text and numbers can have choices or autocomplete"
        found.add((*at, "type"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message)
        return
    seen: set[str] = set()
    for index, raw in enumerate(choices):
        choice, where = as_object(raw) or {}, (*at, "choices", index)
        name = found.text(choice, "name", where, 100, shortest=1, required=True)
        check_choice_value(found, choice, where, kind)
        if name in seen:
            message = "Option choice names must be unique"
            found.add((*where, "name"), "APPLICATION_COMMAND_OPTION_CHOICE_NAME_DUPLICATE", message)
        seen.add(name or "")
    if kind == STRING:
        found.number(option, "min_length", at, 0, 6000)
        found.number(option, "max_length", at, 1, 6000)
