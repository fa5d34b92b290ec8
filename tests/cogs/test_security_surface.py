"""Nothing that a person can touch is forgotten: what the bot has is what surface.py lists."""

from collections.abc import Iterator

import pytest
from discord import app_commands

from tests.cogs.conftest import Rig
from tests.cogs.stock import rows_of
from tests.cogs.surface import COMMANDS, CONTROLS, FORMS, MENUS

pytestmark = pytest.mark.fault(12, 13, 14, 18)

MEND = "tests/cogs/surface.py says what must be tested of each; give it an entry there."


def slash_commands(rig: Rig) -> Iterator[app_commands.Command]:
    """Every slash command that the bot has."""
    for command in rig.bot.tree.walk_commands():
        if isinstance(command, app_commands.Command):
            yield command


async def test_whatever_can_be_touched_is_listed(rig: Rig) -> None:
    there = {
        command.qualified_name: {one.display_name for one in command.parameters}
        for command in slash_commands(rig)
    }
    listed = {command.name: set(command.options) for command in COMMANDS}
    assert there == listed, f"Commands and their options. {MEND}"
    completes = {
        command.qualified_name: {one.display_name for one in command.parameters if one.autocomplete}
        for command in slash_commands(rig)
    }
    assert completes == {command.name: set(command.completes) for command in COMMANDS}, (
        f"Options that complete themselves. {MEND}"
    )
    menus = {
        command.name
        for command in rig.bot.tree.get_commands()
        if isinstance(command, app_commands.ContextMenu)
    }
    assert menus == set(MENUS), f"The menus of messages and members. {MEND}"
    assert rig.bot.router.presses == {control.action for control in CONTROLS}, (
        f"Buttons and select menus. {MEND}"
    )
    assert rig.bot.router.forms == {form.action for form in FORMS}, f"Forms. {MEND}"


async def test_moderators_commands_are_offered_to_nobody_else(rig: Rig) -> None:
    """What Discord goes by until a server's admins say otherwise; the code checks again."""
    for command in rig.bot.tree.get_commands():
        payload = command.to_dict(rig.bot.tree)
        names = [one.name for one in COMMANDS if one.name.split()[0] == command.name]
        moderators = {one.who for one in COMMANDS if one.name in names} | (
            {MENUS[command.name]} if command.name in MENUS else set()
        )
        assert len(moderators) == 1, f"{command.name} is partly for moderators"
        wanted = {"MODERATORS": 1 << 5, "EVERYONE": None}[moderators.pop().name]
        assert payload.get("default_member_permissions") == wanted, command.name
        in_direct_messages = any(one.in_direct_messages for one in COMMANDS if one.name in names)
        assert (1 in (payload.get("contexts") or [])) == in_direct_messages, command.name


async def test_every_row_is_some_servers(rig: Rig) -> None:
    """Else what must not change in another server could not be compared."""
    rows = rows_of(rig.path, rig.next_door_id)
    assert rows["works"]
    assert rows["search_docs"]
