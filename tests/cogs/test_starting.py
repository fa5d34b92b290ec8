"""Getting onto Discord: refusals, a Discord that is not there yet, and the commands' sync."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cogs import _starting, _syncing
from cogs._bot import LibraryBot
from cogs._starting import DiscordRefuses, stay_connected
from sandbox import Sandbox, User
from sandbox.connection import Close
from tests.cogs.conftest import Rig
from tests.cogs.programs import Home, ended, told_to_stop


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with Sandbox(port=0, serve_page=False) as sandbox:
        yield Home(tmp_path, sandbox)


# Refusals


async def test_a_refused_token_is_69(home: Home):
    home.configure()
    code, out, err = await ended(["run"], home.folder, DISCORD_TOKEN="not-the-token")
    assert (code, out) == (69, "")
    assert err.splitlines()[-1].startswith("Discord refused the token. Copy it again")
    assert "Traceback" not in err
    assert "not-the-token" not in err


async def test_a_token_that_is_taken_back_is_69_and_in_the_log_file(home: Home):
    home.configure("[log]\nfile = 'bot.log'\n")
    async with home.started() as process:
        await home.sandbox.bot_ready(20)
        home.sandbox._gateway._bot_token = "another"
        await home.sandbox._gateway.drop_socket()
        _, err = await process.communicate()
    assert process.returncode == 69
    assert err.decode().startswith("Discord does not take the token any more.")
    assert err.count(b"\n") == 1
    log = (home.folder / "bot.log").read_text(encoding="utf-8")
    assert log.splitlines()[-1].endswith(err.decode().strip())
    assert "Traceback" not in log


@pytest.mark.parametrize(
    ("close", "says"),
    [
        (Close.DISALLOWED_INTENTS, "Discord refused the intents"),
        (Close.INVALID_INTENTS, "does not know the intents"),
        (Close.INVALID_SHARD, "discord.shards"),
        (4011, "too many servers for one connection"),
        (Close.INVALID_VERSION, "Update Ficshelf"),
    ],
)
async def test_what_asking_again_would_not_change_ends_it(rig: Rig, close: int, says: str):
    async def refuse(connection, *_: object) -> None:  # type: ignore[no-untyped-def]
        await connection.socket.close(code=int(close))

    await rig.stop()
    heard, rig.sandbox._gateway._identify = rig.sandbox._gateway._identify, refuse  # type: ignore[method-assign,assignment]
    async with rig.opened() as library:
        client = LibraryBot(library, rig.settings, rig.clock)
        with pytest.raises(DiscordRefuses, match=says) as caught:
            await stay_connected(client)
        await client.close()
    assert "\n" not in str(caught.value)
    rig.sandbox._gateway._identify = heard  # type: ignore[method-assign]
    await rig.start()


# A Discord that is not there


async def test_it_waits_for_a_discord_that_comes_later(tmp_path: Path):
    async with Sandbox(port=0, serve_page=False) as sandbox:
        port = sandbox.port
        home = Home(tmp_path, sandbox)
        home.configure()
    async with home.started() as process:
        assert process.stderr is not None
        lines = [await process.stderr.readline()]
        while b"trying again in 1 s" not in lines[-1]:
            lines.append(await process.stderr.readline())
        async with Sandbox(port=port, serve_page=False) as sandbox:
            sandbox.rest.bot_token = sandbox._gateway._bot_token = home.sandbox.bot_token
            await sandbox.bot_ready(20)
            end = await told_to_stop(process)
    assert end.flaws == []
    assert b"Traceback" not in b"".join(lines)


async def test_waits_grow_and_have_an_end(monkeypatch: pytest.MonkeyPatch):
    waits: list[float] = []

    async def wait(seconds: float) -> None:
        waits.append(seconds)

    attempts = 0

    async def attempt() -> None:
        nonlocal attempts
        attempts += 1
        if attempts < 10:
            raise ConnectionRefusedError

    monkeypatch.setattr(_starting.asyncio, "sleep", wait)
    await _starting._patiently(attempt)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


async def test_a_login_that_breaks_off_is_made_again(rig: Rig, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(_starting, "FIRST_WAIT_SECONDS", 0.0)
    owner = rig.user("owner")
    await rig.stop()
    await owner.fault("status", route="GET /users/@me", status=503)
    await owner.fault("reset", route="GET /oauth2/*")
    await rig.start()
    assert (await rig.user("member").command("help")).messages


# Syncing


@pytest.fixture
def puts(rig: Rig) -> list[str]:
    """The requests that replace the commands, from here on."""
    found: list[str] = []
    take = rig.sandbox.faults.take

    def noting(method: str, path: str) -> object:
        if method == "PUT":
            found.append(path)
        return take(method, path)

    rig.sandbox.faults.take = noting  # type: ignore[assignment,method-assign]
    return found


def set_sync(rig: Rig, when: str) -> None:
    section = rig.settings.discord.model_copy(update={"sync": when})
    rig.settings = rig.settings.model_copy(update={"discord": section})


async def test_commands_are_synced_when_they_changed_only(rig: Rig, puts: list[str]):
    await rig.restart()
    assert puts == []
    await rig.library.set_meta(f"commands of {rig.bot.application_id}", "older")
    await rig.restart()
    assert len(puts) == 1
    await rig.restart()
    assert len(puts) == 1


async def test_always_and_never_mean_what_they_say(rig: Rig, puts: list[str]):
    set_sync(rig, "always")
    await rig.restart()
    await rig.restart()
    assert len(puts) == 2
    set_sync(rig, "never")
    await rig.library.set_meta(f"commands of {rig.bot.application_id}", "older")
    await rig.restart()
    assert len(puts) == 2


async def test_another_application_has_commands_of_its_own(rig: Rig, puts: list[str]):
    key = f"commands of {rig.bot.application_id}"
    digest = await rig.library.meta(key)
    assert digest
    await rig.library.set_meta("commands of 1", digest)  # the same library, before it moved
    await rig.library.set_meta(key, "")
    await rig.restart()
    assert len(puts) == 1


async def test_a_sync_that_broke_off_is_made_again(
    rig: Rig, puts: list[str], owner: User, monkeypatch: pytest.MonkeyPatch
):
    """Discord may have the commands or not: the next start cannot know, whatever version it is."""
    key = f"commands of {rig.bot.application_id}"
    digest = await rig.library.meta(key)
    assert digest
    set_sync(rig, "always")
    await owner.fault("hang", route="PUT *")
    with monkeypatch.context() as hasty:
        hasty.setattr(_syncing, "SYNC_SECONDS", 0.05)
        await rig.restart()  # and it serves nonetheless
    assert (await rig.user("member").command("help")).messages
    assert await rig.library.meta(key) == ""
    set_sync(rig, "changed")
    await rig.restart()
    assert len(puts) == 2
    assert await rig.library.meta(key) == digest


async def test_a_sync_that_failed_is_made_again_while_the_bot_runs(
    rig: Rig, puts: list[str], owner: User, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(_syncing, "FIRST_WAIT_SECONDS", 0.0)
    key = f"commands of {rig.bot.application_id}"
    await rig.library.set_meta(key, "older")
    await owner.fault("status", route="PUT *", status=503, times=2)
    await rig.restart()
    assert rig.bot._syncing is not None
    async with asyncio.timeout(5):
        await rig.bot._syncing
    assert len(puts) == 3
    assert await rig.library.meta(key) not in ("", "older")


@pytest.fixture
def owner(rig: Rig) -> User:
    return rig.user("owner")
