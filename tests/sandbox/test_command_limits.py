"""Commands that Discord refuses, and how many it takes."""

from typing import Any

import pytest

from sandbox import Sandbox, User
from tests.sandbox.conftest import Request, error_code

LONG = "BASE_TYPE_MAX_LENGTH"
BAD = "BASE_TYPE_BAD_LENGTH"
OPTION = {"type": 3, "name": "query", "description": "Words"}
COMMANDS: list[tuple[dict[str, Any], str, str]] = [
    ({"name": "Fic"}, "0.name", "APPLICATION_COMMAND_INVALID_NAME"),
    ({"name": "a b"}, "0.name", "APPLICATION_COMMAND_INVALID_NAME"),
    ({"name": "x" * 33}, "0.name", BAD),
    ({"description": ""}, "0.description", BAD),
    ({"description": "x" * 101}, "0.description", BAD),
    (
        {"options": [OPTION, {**OPTION, "name": "b", "required": True}]},
        "0.options.1",
        "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
    ),
    (
        {"options": [OPTION, OPTION]},
        "0.options.1.name",
        "APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATED",
    ),
    ({"options": [{**OPTION, "name": f"o{n}"} for n in range(26)]}, "0.options", LONG),
    (
        {"options": [{**OPTION, "type": 1}, {**OPTION, "name": "b"}]},
        "0.options",
        "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
    ),
    (
        {"options": [{**OPTION, "type": 1, "options": [{**OPTION, "type": 1}]}]},
        "0.options.0.options.0.type",
        "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
    ),
    (
        {"options": [{**OPTION, "choices": [{"name": "x" * 101, "value": "x"}]}]},
        "0.options.0.choices.0.name",
        BAD,
    ),
    (
        {"options": [{**OPTION, "choices": [{"name": "x", "value": 1}]}]},
        "0.options.0.choices.0.value",
        "BASE_TYPE_STRING",
    ),
    (
        {"options": [{**OPTION, "autocomplete": True, "choices": [{"name": "x", "value": "x"}]}]},
        "0.options.0.autocomplete",
        "APPLICATION_COMMAND_OPTIONS_CHOICES_AUTOCOMPLETE",
    ),
    (
        {
            "options": [
                {
                    **OPTION,
                    "type": 4,
                    "name": f"o{n}",
                    "choices": [{"name": f"{m:0100}", "value": m} for m in range(25)],
                }
                for n in range(4)
            ]
        },
        "0",
        "APPLICATION_COMMAND_TOO_LARGE",
    ),
    (
        {"type": 3, "description": "no"},
        "0.description",
        "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION",
    ),
]


@pytest.mark.parametrize(("change", "path", "code"), COMMANDS)
async def test_a_command_beyond_the_limits_is_refused(
    rest: Request, sandbox: Sandbox, change: dict[str, Any], path: str, code: str
) -> None:
    url = f"/applications/{sandbox.world.bot.id}/commands"
    command = {"name": "fic", "description": "Find fics", "type": 1, **change}
    status, answer = await rest("PUT", url, [command])
    assert (status, answer["code"]) == (400, 50035)
    assert error_code(answer["errors"], path) == code
    assert (await rest("GET", url)) == (200, [])


async def test_a_hundred_commands_are_the_most(rest: Request, sandbox: Sandbox) -> None:
    url = f"/applications/{sandbox.world.bot.id}/commands"
    commands = [{"name": f"c{n}", "description": "x"} for n in range(101)]
    status, answer = await rest("PUT", url, commands)
    assert (status, answer["code"]) == (400, 30032)
    assert (await rest("PUT", url, commands[:100]))[0] == 200
    status, answer = await rest("POST", url, commands[100])
    assert (status, answer["code"]) == (400, 30032)
    status, answer = await rest("PUT", url, [commands[0], commands[0]])
    assert error_code(answer["errors"], "1.name") == "APPLICATION_COMMANDS_DUPLICATE_NAME"


async def test_two_hundred_creates_a_day_are_the_most(
    rest: Request, member: User, sandbox: Sandbox
) -> None:
    url = f"/applications/{sandbox.world.bot.id}/commands"
    for batch in "ab":
        commands = [{"name": f"{batch}{n}", "description": "x"} for n in range(100)]
        assert (await rest("PUT", url, commands))[0] == 200
    status, answer = await rest("PUT", url, [{"name": "c", "description": "x"}])
    assert (status, answer["code"]) == (400, 30034)
    await member.clock(by_seconds=86400)
    assert (await rest("PUT", url, [{"name": "c", "description": "x"}]))[0] == 200


async def test_commands_keep_their_ids_and_can_be_changed(rest: Request, sandbox: Sandbox) -> None:
    guild = next(iter(sandbox.world.guilds))
    url = f"/applications/{sandbox.world.bot.id}/guilds/{guild}/commands"
    status, made = await rest("POST", url, {"name": "fic", "description": "x"})
    assert (status, made["guild_id"]) == (201, str(guild))
    status, again = await rest("POST", url, {"name": "fic", "description": "y"})
    assert (status, again["id"], again["description"]) == (200, made["id"], "y")
    assert (await rest("PATCH", f"{url}/{made['id']}", {"description": "z"}))[0] == 200
    assert (await rest("GET", f"{url}/{made['id']}"))[1]["description"] == "z"
    assert (await rest("DELETE", f"{url}/{made['id']}"))[0] == 204
    status, answer = await rest("GET", f"{url}/{made['id']}")
    assert (status, answer["code"]) == (404, 10063)
