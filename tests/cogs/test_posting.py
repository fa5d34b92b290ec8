"""Each post comes once whatever happens on the way (faults 7 to 9)."""

import asyncio
from typing import Any

import pytest

from db.daily.models import PostState, ScheduleState
from db.models import Viewer
from sandbox import User
from tests.cogs.conftest import Rig
from tests.cogs.recommending import (
    DUE,
    POSTS,
    latest,
    posts,
    schedule,
    set_up,
    today,
)

pytestmark = pytest.mark.fault(7, 8, 9)

# Trouble on the way


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
    assert (await latest(rig)).state is PostState.SENT


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
    post = await latest(rig)
    assert post.state is PostState.SENT


async def test_a_crash_right_before_the_request_makes_one_post(moderator: User, rig: Rig):
    await set_up(moderator)
    await rig.stop()
    rig.sandbox.clock.advance(6 * 3600 + 10)
    async with rig.opened() as library:
        (due,) = await library.daily.due()
        post = await library.daily.prepare(due.schedule_id, Viewer())
        await library.daily.begin_send(post.outbox_id)
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
    post = await latest(rig)
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
    post = await latest(rig)
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
    assert str((await latest(rig)).message_id) == post.id
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
    assert (await schedule(rig)).state is ScheduleState.ACTIVE
    for _ in range(3):
        await rig.pass_time()
    paused = await schedule(rig)
    assert paused.state is ScheduleState.PAUSED
    assert reason in (paused.pause_reason or "")
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


# Threads


@pytest.mark.parametrize("kind", ["reset", "stored_then_502", "hang"])
async def test_a_thread_whose_request_fails_comes_with_the_next_round(
    moderator: User, rig: Rig, kind: str
):
    await set_up(moderator, thread=True)
    await moderator.fault(kind, route="POST /channels/*/threads", times=9)
    await rig.pass_time(to=DUE)
    await moderator.disarm()
    await rig.pass_time()
    assert len([c for c in rig.sandbox.world.channels.values() if c.parent_id is not None]) == 1
    assert len(await posts(moderator)) == 1
    # Discord refuses the second thread of a message, which is how a repeat is told.
    refused = await moderator.forget_violations()
    assert [one["code"] for one in refused] == [160004] * (kind == "stored_then_502")


async def test_nothing_is_chosen_while_a_server_is_not_there(
    moderator: User, rig: Rig, monkeypatch: pytest.MonkeyPatch
):
    """Its channel is not there either, and nobody can tell whether it is age-restricted."""
    with monkeypatch.context() as gone:
        gone.setattr(rig.bot, "get_guild", lambda _: None)
        await set_up(moderator)
        await rig.pass_time()
        assert len(await rig.library.daily.unchosen()) == 1
    await rig.pass_time()
    assert await rig.library.daily.unchosen() == []
