"""`check`, where it asks the configuration and Discord."""

from datetime import time
from pathlib import Path

import pytest

from cogs._doctor import check_up, examine_discord
from db.daily.models import DAILY, DailySchedule, Terms
from db.doctor import Finding, examine_library
from db.duties import Duties
from db.models import GuildSettings
from tests.cogs.conftest import Rig
from tests.db.command_line import stock

NOWHERE = 4242  # no server, no channel


def duties(*schedules: DailySchedule, logs: dict[int, int] | None = None) -> Duties:
    return Duties(schedules, logs or {}, {}, None, None, None)


def channel_id(rig: Rig, name: str) -> int:
    return next(one.id for one in rig.sandbox.world.channels.values() if one.name == name)


def posts_in(rig: Rig, channel_id: int, *, guild_id: int = 0, thread: bool = False) -> Duties:
    schedule = DailySchedule(
        schedule_id=1,
        guild_id=guild_id or rig.guild_id,
        channel_id=channel_id,
        local_time=time(9),
        time_zone="Europe/Paris",
        thread=thread,
    )
    return duties(schedule)


async def asked(rig: Rig, wanted: Duties, token: str | None = None) -> list[Finding]:
    return await examine_discord(rig.sandbox.bot_token if token is None else token, wanted)


async def refused(rig: Rig, wanted: Duties) -> Finding:
    login, finding = await asked(rig, wanted)
    assert login.ok
    assert finding.ok is False
    assert finding.mend
    assert not finding.grave
    return finding


async def test_what_the_library_asks_for_is_looked_at(rig: Rig) -> None:
    """Beside the running bot, which keeps its session."""
    log = channel_id(rig, "mod-desk")
    await rig.library.save_guild_settings(rig.guild_id, GuildSettings(log_channel_id=log), by=1)
    for guild_id, name in ((rig.guild_id, "daily-rec"), (rig.next_door_id, "lobby")):
        place = channel_id(rig, name)
        terms = Terms(channel_id=place, local_time=time(9), time_zone="Europe/Paris")
        await rig.library.daily.set(guild_id, DAILY, terms, by=1)
    wanted = examine_library(rig.path).duties
    assert wanted is not None
    assert {one.time_zone for one in wanted.schedules} == {"Europe/Paris"}
    findings = await asked(rig, wanted)
    assert [one.ok for one in findings] == [True] * 4
    assert "No privileged intents are needed" in findings[0].finding
    said = " ".join(one.finding for one in findings)
    assert f"The Reading Room ({rig.guild_id}), #daily-rec: the bot may do all that" in said
    assert "#mod-desk: the bot may do all that the log channel needs" in said
    assert "Next Door" in said
    assert (await rig.user("member").command("help")).error is None


@pytest.mark.parametrize(
    ("denied", "named"),
    [
        ("view_channel", "View Channel"),
        ("send_messages", "Send Messages"),
        ("embed_links", "Embed Links"),
        ("attach_files", "Attach Files"),
        ("read_message_history", "Read Message History"),
        ("create_public_threads", "Create Public Threads"),
    ],
)
@pytest.mark.fault(9)
async def test_a_permission_that_is_missing_is_named(rig: Rig, denied: str, named: str) -> None:
    await rig.user("owner").permissions(channel="daily-rec", deny=[denied])
    finding = await refused(rig, posts_in(rig, channel_id(rig, "daily-rec"), thread=True))
    assert finding.finding.endswith(
        f"for the recommendations called “daily” the bot lacks {named}."
    )


async def test_in_a_thread_other_permissions_count(rig: Rig) -> None:
    owner = rig.user("owner")
    await owner.permissions(channel="general", thread="a thread")
    wanted = posts_in(rig, channel_id(rig, "a thread"))
    await owner.permissions(channel="general", deny=["send_messages", "create_public_threads"])
    assert [one.ok for one in await asked(rig, wanted)] == [True, True]
    await owner.permissions(channel="general", deny=["send_messages_in_threads"])
    finding = await refused(rig, wanted)
    assert finding.finding.endswith("lacks Send Messages in Threads.")


@pytest.mark.fault(9)
async def test_a_server_or_channel_that_is_gone_is_said_and_the_next_one_looked_at(
    rig: Rig,
) -> None:
    finding = await refused(rig, posts_in(rig, 1, guild_id=NOWHERE))
    assert "not in this server (any more)" in finding.finding
    finding = await refused(rig, posts_in(rig, NOWHERE))
    assert "is gone, or the bot cannot see it" in finding.finding
    # A channel of another server is none of this one's.
    finding = await refused(rig, posts_in(rig, channel_id(rig, "lobby")))
    assert "is gone, or the bot cannot see it" in finding.finding
    both = duties(
        *posts_in(rig, 1, guild_id=NOWHERE).schedules,
        *posts_in(rig, channel_id(rig, "daily-rec")).schedules,
    )
    assert [one.ok for one in await asked(rig, both)] == [True, False, True]
    await rig.user("owner").forget_violations()  # asking for what is not there was the point


async def test_a_token_that_is_refused_is_grave_and_not_shown(rig: Rig) -> None:
    (finding,) = await asked(rig, duties(), token="not-the-token")
    assert finding.grave
    assert finding.ok is False
    assert "not-the-token" not in finding.finding + finding.mend
    (finding,) = await asked(rig, duties(), token="")
    assert finding.ok is None
    await rig.user("owner").forget_violations()


async def test_a_discord_that_does_not_answer_is_said(rig: Rig) -> None:
    await rig.user("owner").fault("status", route="GET /users/@me", status=403, times=1)
    (finding,) = await asked(rig, duties())
    assert finding.ok is False
    assert finding.finding.startswith("Discord cannot be reached")
    await rig.user("owner").forget_violations()


# The configuration


def checked(folder: Path, toml: str | None, *arguments: str, mode: int = 0o600) -> int:
    config = folder / "config.toml"
    if toml is not None:
        config.write_text(toml, encoding="utf-8")
        config.chmod(mode)
    return check_up(
        arguments, config=config, must_exist=False, library=None, point_at=lambda _: None
    )


@pytest.mark.parametrize(
    ("toml", "mode", "code", "says"),
    [
        ("[discord]\ntoken = 'x'", 0o600, 0, "well  configuration"),
        ("[discord]\ntoken = 'x'", 0o644, 1, "every user of this machine can read it. Run: chmod"),
        ("[discord]\ntoken = ''", 0o644, 0, "well  configuration"),
        ("[discord]\ntokn = 'x'", 0o600, 78, "there is no setting “discord.tokn”"),
    ],
)
def test_the_configuration_is_looked_at(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    toml: str,
    mode: int,
    code: int,
    says: str,
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "from the environment")
    stock(tmp_path / "library.sqlite3", [])
    assert checked(tmp_path, toml, "--offline", mode=mode) == code
    out, err = capsys.readouterr()
    assert says in out
    assert "--offline" in out
    assert err.count("\n") == (code == 78)
    assert "library.sqlite3 is" not in out
