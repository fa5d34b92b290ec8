"""The program as a whole: its command line, servers, and errors."""

import asyncio
import json
import signal
from pathlib import Path

import pytest

from db.models import Viewer
from sandbox import User
from tests.cogs.conftest import Rig, refusal
from tests.cogs.programs import ended, program
from tests.cogs.shelf import BOAT


def is_empty(folder: Path) -> bool:
    return not any(folder.iterdir())


# The command line


async def test_help_is_exact(tmp_path: Path):
    code, out, _ = await ended(["--help"], tmp_path)
    assert code == 0
    for command in ("run", "try", "add", "inspect", "search", "export", "backup", "restore"):
        assert f"\n    {command} " in out
    code, out, _ = await ended(["try", "--help"], tmp_path)
    assert code == 0
    for option in ("--port", "--control-token", "--library", "--json"):
        assert option in out


@pytest.mark.parametrize(
    "arguments", [["fly"], ["--fly"], ["try", "--port", "70000"], ["run", "x"]]
)
async def test_wrong_usage_is_2(tmp_path: Path, arguments: list[str]):
    code, out, err = await ended(arguments, tmp_path)
    assert (code, out) == (2, "")
    assert "usage: bot.py" in err


async def test_without_a_token_it_says_where_one_goes(tmp_path: Path):
    code, out, err = await ended([], tmp_path)
    assert (code, out) == (78, "")
    assert err == "There is no token: set DISCORD_TOKEN, or “discord.token” in config.toml.\n"
    assert is_empty(tmp_path)


async def test_a_wrong_setting_is_78_for_every_command(tmp_path: Path):
    (tmp_path / "config.toml").write_text("[discord]\ntokn = ''", encoding="utf-8")
    for command in ("run", "search"):
        code, _, err = await ended([command], tmp_path)
        assert code == 78
        assert err.count("\n") == 1
        assert "discord.tokn" in err


async def test_a_library_that_is_none_is_78_and_left_alone(tmp_path: Path):
    file = tmp_path / "junk.sqlite3"
    file.write_bytes(b"junk" * 999)
    code, _, err = await ended(["--library", str(file)], tmp_path, DISCORD_TOKEN="x")
    assert code == 78
    assert err.count("\n") == 1
    assert file.read_bytes() == b"junk" * 999


async def test_the_owners_commands_take_the_common_options(tmp_path: Path):
    library = tmp_path / "l.sqlite3"
    fic = tmp_path / "boats.jsonl"
    fic.write_text(json.dumps({"title": "Boats", "rating": "General Audiences"}))
    code, _, err = await ended(["add", "--library", str(library), str(fic)], tmp_path)
    assert code == 0, err
    code, out, err = await ended(["--library", str(library), "search", "boats", "--json"], tmp_path)
    assert code == 0, err
    assert "Boats" in out


async def test_try_starts_with_sample_fics_and_nothing_else(tmp_path: Path):
    arguments = ["try", "--json", "--port", "0", "--control-token", "chosen"]
    # The owner's own token is none of the sandbox's business.
    async with program(arguments, tmp_path, DISCORD_TOKEN="the real one") as process:
        assert process.stdout is not None
        ready = json.loads(await process.stdout.readline())
        assert ready["ready"] is True
        assert ready["token"] == "chosen"
        async with User(ready["control"], ready["token"], "member") as member:
            card = (await member.at("after-dark").command("fic random")).message
            assert "###" in card.text
            stranger = member.as_("stranger").at("lobby")
            assert "Nothing in the library" in refusal(await stranger.command("fic random"))
            assert await member.violations() == []
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(5):
            out, _ = await process.communicate()
        assert (process.returncode, out) == (0, b"")


# Servers


async def test_the_first_server_takes_over_the_works_of_none(rig: Rig):
    assert await rig.library.default_guild(None) == 0  # two servers: none is the only one
    await rig.stop()
    rig.path = rig.path.with_name("fresh.sqlite3")
    async with rig.opened() as library:
        await library.add(0, [BOAT], by=None)
    await rig.start()
    found = await rig.library.resolve(rig.guild_id, "twelfth boat", Viewer())
    assert found.guild_id == rig.guild_id


# Errors


async def test_what_nobody_foresaw_gets_a_code_that_the_log_has(
    rig: Rig, member: User, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    card = (await member.command("fic show", work="twelfth boat")).message

    async def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a secret detail")

    monkeypatch.setattr(rig.library, "resolve", broken)
    monkeypatch.setattr(rig.library, "work", broken)
    for answer in (
        await member.command("fic show", work="boat"),
        await member.forced.press(card, "card:1"),
    ):
        said = refusal(answer)
        assert said.startswith("Sorry, something went wrong.")
        assert "secret" not in said
        code = said.split()[-1].rstrip(".")
        logged = [r for r in caplog.records if code in r.getMessage()]
        assert len(logged) == 1
        assert logged[0].exc_info is not None


async def test_a_slow_answer_that_comes_too_late_is_only_logged(
    rig: Rig, member: User, caplog: pytest.LogCaptureFixture
):
    await member.fault("status", route="POST /interactions/*/*/callback", status=404, code=10062)
    answer = await member.command("help")
    assert answer.error is not None
    assert any("too late" in record.getMessage() for record in caplog.records)
