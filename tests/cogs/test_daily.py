"""/daily, and the post that comes once a day whatever happens on the way (faults 7 to 10, 18)."""

import asyncio
from typing import Any

import pytest

from db.models import DailyPost, DailyStatus, PostState, Rating, ScheduleState, Viewer
from sandbox import Message, User
from tests.cogs.conftest import Rig, labels, refusal
from tests.cogs.shelf import a_work

POSTS = "POST /channels/*/messages"
# The clock starts at 12:00 UTC on 14 March 2026, a Saturday.
DUE = "2026-03-14T18:00:10+00:00"


async def set_up(moderator: User, **options: Any) -> Message:
    given = {"channel": "daily-rec", "time": "18:00", "timezone": "UTC", **options}
    return (await moderator.command("daily setup", **given)).message


async def posts(user: User, channel: str = "daily-rec") -> list[Message]:
    return [m for m in await user.messages(channel) if "Today’s recommendation" in m.text]


async def status(rig: Rig, guild_id: int | None = None) -> DailyStatus:
    found = await rig.library.daily(guild_id or rig.guild_id)
    assert found is not None
    return found


async def today(rig: Rig) -> DailyPost:
    """The row of today's post."""
    return await rig.library.prepare_daily(rig.guild_id, Viewer())


# Setting up


async def test_setting_up_says_when_and_where(moderator: User):
    said = await set_up(moderator, timezone="America/New_York", time="9:30 pm")
    assert said.ephemeral
    assert "every day at 21:30 America/New\\_York, next <t:" in said.text


@pytest.mark.parametrize("typed", ["25:00", "9:60", "noon", "", "13pm", "0am", "9:5", "-1:00", "²"])
async def test_a_time_that_is_none_is_explained(moderator: User, typed: str):
    given = {"channel": "daily-rec", "time": typed, "timezone": "UTC"}
    said = refusal(await moderator.forced.command("daily setup", **given))
    assert "is no time of day" in said


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("9", "09:00"), ("9:05", "09:05"), ("12am", "00:00"), ("12 pm", "12:00"), ("21h30", "21:30")],
)
async def test_times_are_read_as_people_write_them(moderator: User, typed: str, shown: str):
    assert f"at {shown} UTC" in (await set_up(moderator, time=typed)).text


@pytest.mark.parametrize("zone", ["", "../../etc/passwd", "Middle-earth", "x" * 5000, "UTC\x00"])
async def test_a_zone_that_is_none_is_explained(moderator: User, rig: Rig, zone: str):
    """Fault 10."""
    given = {"channel": "daily-rec", "time": "18:00", "timezone": zone}
    said = refusal(await moderator.forced.command("daily setup", **given))
    assert "zone" in said.lower()
    assert await rig.library.daily(rig.guild_id) is None


async def test_zones_are_offered(moderator: User):
    offered = await moderator.autocomplete(
        "daily setup", focused="timezone", channel="daily-rec", time="9", timezone="new y"
    )
    assert offered[0] == ("America/New_York", "America/New_York")


async def test_a_channel_where_the_bot_may_not_post_is_refused(moderator: User):
    await moderator.permissions(channel="daily-rec", deny=["send_messages"])
    given = {"channel": "daily-rec", "time": "18:00", "timezone": "UTC"}
    said = refusal(await moderator.command("daily setup", **given))
    assert said == "I cannot post in \\#daily-rec: I need Send Messages there."


async def test_nobody_pings_everybody(moderator: User, rig: Rig):
    given = {"channel": "daily-rec", "time": "18:00", "timezone": "UTC"}
    said = refusal(await moderator.command("daily setup", **given, role=str(rig.guild_id)))
    assert "everybody’s" in said


@pytest.mark.parametrize("command", ["preview", "now", "pause", "resume", "status"])
async def test_without_a_setup_there_is_nothing_to_manage(moderator: User, command: str):
    assert "/daily setup" in refusal(await moderator.command(f"daily {command}"))


COMMANDS = [
    ("setup", {"channel": "daily-rec", "time": "18:00", "timezone": "UTC"}),
    *((name, {}) for name in ("preview", "now", "pause", "resume", "status")),
]


@pytest.mark.parametrize(("command", "options"), COMMANDS)
async def test_it_is_for_moderators_in_a_server(
    member: User, moderator: User, command: str, options: dict[str, str]
):
    """Fault 13."""
    said = refusal(await member.forced.command(f"daily {command}", **options))
    assert said == "That is for this server's moderators."
    if not options:
        said = refusal(await moderator.at("dm").forced.command(f"daily {command}"))
        assert said == "This works in a server only, not in direct messages."


# The post


async def test_the_post_comes_once_at_its_hour(moderator: User, member: User, rig: Rig):
    await set_up(moderator)
    await rig.pass_time(to="2026-03-14T17:59:00+00:00")
    assert await posts(member) == []
    await rig.pass_time(to=DUE)
    (post,) = await posts(member)
    assert "> " in post.text  # a passage
    assert "General Audiences" in post.text or "Teen And Up" in post.text
    assert "About this fic" in labels(post)
    for _ in range(3):
        await rig.pass_time(3600)
    assert len(await posts(member)) == 1


async def test_each_day_has_another_fic(moderator: User, member: User, rig: Rig):
    await set_up(moderator)
    for day in (14, 15, 16, 17):
        await rig.pass_time(to=f"2026-03-{day}T18:00:10+00:00")
    titles = [
        next(x for x in m.text.split("\n") if x.startswith("###")) for m in await posts(member)
    ]
    assert len(set(titles)) == 4


async def test_the_card_and_more_are_a_press_away(moderator: User, member: User, rig: Rig):
    await set_up(moderator, fandom="Cowboy Bebop")
    await rig.pass_time(to=DUE)
    (post,) = await posts(member)
    await rig.restart()
    card = (await member.press(post, "About this fic")).message
    assert card.ephemeral
    assert "### Gravity Assist" in card.text


async def test_only_the_chosen_role_is_pinged(moderator: User, rig: Rig):
    await rig.add(a_work("Everybody", fandom="Pings", summary="@everyone", passages=("@here!",)))
    state = await moderator.state()
    role = next(r["id"] for r in state["roles"] if r["name"] == "moderator")
    await set_up(moderator, role=role, fandom="Pings")
    await rig.pass_time(to=DUE)
    (post,) = await posts(moderator)
    assert post.payload["mention_roles"] == ["moderator"]
    assert not post.payload["mention_everyone"]
    assert not post.payload["mentions"]


async def test_an_open_channel_never_gets_an_adult_work(moderator: User, rig: Rig):
    """Fault 18: the gate is looked at when the post is made, not when it was set up."""
    await set_up(moderator, channel="after-dark", fandom="Night")
    await rig.add(a_work("Night Shift", fandom="Night", rating=Rating.EXPLICIT))
    await rig.pass_time(to=DUE)
    (post,) = await posts(moderator, "after-dark")
    assert "Night Shift" in post.text
    await rig.add(a_work("Night Bus", fandom="Night", rating=Rating.MATURE))
    await moderator.permissions(channel="after-dark", nsfw=False)
    await rig.pass_time(to="2026-03-15T18:00:10+00:00")
    assert len(await posts(moderator, "after-dark")) == 1


async def test_the_gate_that_falls_between_choosing_and_sending(moderator: User, rig: Rig):
    await set_up(moderator, channel="after-dark", fandom="Night")
    await rig.add(a_work("Night Shift", fandom="Night", rating=Rating.EXPLICIT))
    await moderator.fault("reset", route=POSTS)
    await rig.pass_time(to=DUE)  # chosen, but not out
    assert (await today(rig)).state is PostState.SENDING
    await moderator.permissions(channel="after-dark", nsfw=False)
    await rig.pass_time()
    assert await posts(moderator, "after-dark") == []
    (skipped,) = (await status(rig)).recent
    assert "Explicit" in (skipped.reason or "")


async def test_preview_shows_what_comes(moderator: User, rig: Rig):
    await set_up(moderator)
    preview = (await moderator.command("daily preview")).message
    assert preview.ephemeral
    await rig.pass_time(to=DUE)
    (post,) = await posts(moderator)
    assert post.text == preview.text


async def test_preview_of_an_adult_work_waits_for_the_right_channel(moderator: User, rig: Rig):
    await set_up(moderator, channel="after-dark", fandom="Night")
    await rig.add(a_work("Night Shift", fandom="Night", rating=Rating.EXPLICIT))
    said = refusal(await moderator.command("daily preview"))
    assert said == "The next one is rated Explicit. Use this in an age-restricted channel."
    shown = (await moderator.at("after-dark").command("daily preview")).message
    assert "Night Shift" in shown.text


async def test_now_posts_once_and_the_hour_adds_none(moderator: User, rig: Rig):
    await set_up(moderator)
    said = (await moderator.command("daily now")).message
    assert said.ephemeral
    (post,) = await posts(moderator)
    assert post.id in said.text
    again = (await moderator.command("daily now")).message
    assert post.id in again.text
    await rig.pass_time(to=DUE)
    assert len(await posts(moderator)) == 1


async def test_a_library_without_a_fit_posts_nothing(moderator: User, rig: Rig):
    said = await set_up(moderator, fandom="Nobody Wrote This")
    assert "Nothing in the library fits yet" in said.text
    assert "Nothing is left that fits" in refusal(await moderator.command("daily preview"))
    assert "Nothing is left that fits" in (await moderator.command("daily now")).message.text
    await rig.pass_time(to=DUE)
    assert await posts(moderator) == []
    # A work that comes within the day is still in time.
    await rig.add(a_work("Somebody Did", fandom="Nobody Wrote This"))
    await rig.pass_time()
    assert len(await posts(moderator)) == 1


async def test_pause_and_resume(moderator: User, rig: Rig):
    await set_up(moderator)
    assert (await moderator.command("daily pause")).message.text.startswith("Paused.")
    await rig.pass_time(to=DUE)
    assert await posts(moderator) == []
    shown = (await moderator.command("daily status")).message.text
    assert "Paused. It would post in <#" in shown
    assert (await moderator.command("daily resume")).message.text.startswith("Resumed.")
    await rig.pass_time(3600)  # what the pause missed stays missed
    assert await posts(moderator) == []
    await rig.pass_time(to="2026-03-15T18:00:10+00:00")
    assert len(await posts(moderator)) == 1


async def test_status_lists_what_went_out(moderator: User, rig: Rig):
    await set_up(moderator, fandom="Cowboy Bebop")
    before = (await moderator.command("daily status")).message.text
    assert "Only Cowboy Bebop." in before
    assert "1 fic not recommended yet." in before
    await rig.pass_time(to=DUE)
    (post,) = await posts(moderator)
    after = (await moderator.command("daily status")).message.text
    assert "0 fics not recommended yet." in after
    assert f"2026-03-14: https://discord.com/channels/{rig.guild_id}/" in after
    assert post.id in after


async def test_a_day_that_is_long_gone_is_not_made_up_for(moderator: User, rig: Rig):
    await set_up(moderator)
    await rig.stop()
    rig.sandbox.clock.advance(3 * 86_400)  # noon, three days on: 18 hours after the last hour
    await rig.start()
    await rig.pass_time()
    assert await posts(moderator) == []
    await rig.pass_time(to="2026-03-17T18:00:10+00:00")
    assert len(await posts(moderator)) == 1


# Trouble on the way (fault 8)


@pytest.mark.parametrize(
    ("kind", "details"),
    [
        ("reset", {}),
        ("hang", {}),
        ("status", {"status": 503}),
        ("stored_then_502", {}),
        ("rate_limit", {"retry_after": 0.05}),
    ],
)
async def test_a_request_that_fails_makes_one_post(
    moderator: User, rig: Rig, kind: str, details: dict[str, Any]
):
    await set_up(moderator)
    await moderator.fault(kind, route=POSTS, **details)
    await rig.pass_time(to=DUE)
    await rig.pass_time()
    await rig.pass_time()
    assert len(await posts(moderator)) == 1
    assert (await status(rig)).recent[0].state is PostState.SENT


@pytest.mark.parametrize("kind", ["reset", "stored_then_502", "hang"])
@pytest.mark.parametrize("later", [10, 3600], ids=["at once", "after the nonce's time"])
async def test_a_restart_amid_sending_makes_one_post(
    moderator: User, rig: Rig, kind: str, later: float
):
    await set_up(moderator)
    await moderator.fault(kind, route=POSTS)
    await rig.pass_time(to=DUE)
    assert (await today(rig)).state is PostState.SENDING
    await rig.stop()
    rig.sandbox.clock.advance(later)
    await rig.start()
    await rig.pass_time()
    assert len(await posts(moderator)) == 1
    (post,) = (await status(rig)).recent
    assert post.state is PostState.SENT


async def test_a_crash_right_before_the_request_makes_one_post(moderator: User, rig: Rig):
    await set_up(moderator)
    await rig.stop()
    rig.sandbox.clock.advance(6 * 3600 + 10)
    async with rig.opened() as library:
        (schedule,) = await library.due_guilds()
        post = await library.prepare_daily(schedule.guild_id, Viewer())
        await library.begin_send(post.outbox_id)
    rig.sandbox.clock.advance(600)
    await rig.start()
    await rig.pass_time()
    assert len(await posts(moderator)) == 1


async def test_an_unreadable_history_means_no_second_post(moderator: User, rig: Rig):
    await set_up(moderator)
    await moderator.fault("stored_then_502", route=POSTS)
    await rig.pass_time(to=DUE)
    assert len(await posts(moderator)) == 1
    await rig.stop()
    await moderator.permissions(channel="daily-rec", deny=["read_message_history"])
    rig.sandbox.clock.advance(3600)
    await rig.start()
    await rig.pass_time()
    await moderator.permissions(channel="daily-rec", allow=["read_message_history"])
    assert len(await posts(moderator)) == 1
    (post,) = (await status(rig)).recent
    assert post.state is PostState.SKIPPED
    assert "cannot see whether it is out" in (post.reason or "")


async def test_a_post_whose_hour_has_passed_is_only_looked_for(moderator: User, rig: Rig):
    await set_up(moderator)
    await moderator.fault("reset", route=POSTS)
    await rig.pass_time(to=DUE)
    await rig.stop()
    rig.sandbox.clock.advance(13 * 3600)
    await rig.start()
    await rig.pass_time()
    assert await posts(moderator) == []
    (post,) = (await status(rig)).recent
    assert post.state is PostState.SKIPPED


async def test_a_failed_now_leaves_the_hour_its_post(moderator: User, rig: Rig):
    await set_up(moderator)
    await moderator.fault("reset", route=POSTS)
    said = (await moderator.command("daily now")).message
    assert "Discord did not take the post" in said.text
    await rig.pass_time(600)
    await rig.pass_time(to=DUE)
    assert len(await posts(moderator)) == 1


async def test_a_busy_channel_still_shows_whether_the_post_is_out(moderator: User, rig: Rig):
    await set_up(moderator)
    await moderator.fault("stored_then_502", route=POSTS)
    await rig.pass_time(to=DUE)
    (post,) = await posts(moderator)
    await rig.stop()
    for n in range(120):
        await moderator.at("daily-rec").say(f"Chatter {n}")
    rig.sandbox.clock.advance(3600)
    await rig.start()
    await rig.pass_time()
    assert str((await status(rig)).recent[0].message_id) == post.id
    newest = (await moderator.messages("daily-rec"))[-1]
    assert newest.text == "Chatter 119"


@pytest.mark.parametrize("trouble", ["drop_socket", "reconnect", "invalid_session"])
async def test_reconnecting_starts_no_second_scheduler(moderator: User, rig: Rig, trouble: str):
    """Fault 7."""
    await set_up(moderator)
    identified = rig.bot.wait_for("resumed" if trouble != "invalid_session" else "ready")
    waiting = asyncio.create_task(identified)
    await moderator.fault(trouble)
    async with asyncio.timeout(20):
        await waiting
    names = [task.get_name() for task in asyncio.all_tasks()]
    assert names.count("daily-posts") == 1
    await rig.pass_time(to=DUE)
    assert len(await posts(moderator)) == 1


# Channels that will not have it (fault 9)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"channel": "daily-rec", "deny": ["send_messages"]}, "I may not post in #daily-rec"),
        ({"channel": "daily-rec", "deny": ["view_channel"]}, "I cannot see #daily-rec"),
        ({"delete_channel": "daily-rec"}, "The channel is gone"),
    ],
)
async def test_one_server_pauses_and_the_other_posts(
    moderator: User, stranger: User, rig: Rig, change: dict[str, Any], reason: str
):
    await set_up(moderator)
    await moderator.command("library settings", log_channel="mod-desk")
    given = {"channel": "lobby", "time": "18:00", "timezone": "UTC"}
    assert (await stranger.command("daily setup", **given)).message
    await moderator.permissions(**change)
    await rig.pass_time(to=DUE)
    assert len(await posts(stranger, "lobby")) == 1
    assert (await status(rig)).schedule.state is ScheduleState.ACTIVE
    for _ in range(3):
        await rig.pass_time()
    schedule = (await status(rig)).schedule
    assert schedule.state is ScheduleState.PAUSED
    assert reason in (schedule.pause_reason or "")
    (told,) = [m for m in await moderator.messages("mod-desk") if "paused" in m.text]
    assert "/daily resume" in told.text
    await moderator.forget_violations()  # the refusals are what this is about


async def test_moderators_without_a_place_to_be_told_see_it_in_the_status(
    moderator: User, rig: Rig
):
    await set_up(moderator)
    await moderator.permissions(delete_channel="daily-rec")
    await rig.pass_time(to=DUE)
    for _ in range(3):
        await rig.pass_time()
    shown = (await moderator.command("daily status")).message.text
    assert "Reason: The channel is gone" in shown
    await moderator.forget_violations()
