"""/daily, and the post that comes once a day whatever happens on the way (fault 18)."""

import pytest

from db.daily.models import PostState
from db.models import Rating
from sandbox import User
from tests.cogs.conftest import Rig, labels, option_value, refusal
from tests.cogs.recommending import (
    DUE,
    POSTS,
    latest,
    posts,
    set_up,
    today,
)
from tests.cogs.shelf import a_work

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
    assert await rig.library.daily.schedules(rig.guild_id) == []


async def test_zones_are_offered(moderator: User):
    offered = await moderator.autocomplete(
        "daily setup", focused="timezone", channel="daily-rec", time="9", timezone="new y"
    )
    assert offered[0] == ("America/New_York (08:00)", "America/New_York")


async def test_a_channel_where_the_bot_may_not_post_is_refused(moderator: User):
    await moderator.permissions(channel="daily-rec", deny=["send_messages"])
    given = {"channel": "daily-rec", "time": "18:00", "timezone": "UTC"}
    said = refusal(await moderator.command("daily setup", **given))
    assert said == "I cannot post in \\#daily-rec: I need Send Messages there."


async def test_nobody_pings_everybody(moderator: User, rig: Rig):
    given = {"channel": "daily-rec", "time": "18:00", "timezone": "UTC"}
    said = refusal(await moderator.command("daily setup", **given, role=str(rig.guild_id)))
    assert "everybody’s" in said


@pytest.mark.parametrize("command", ["preview", "now", "pause", "resume", "status", "skip"])
async def test_without_a_setup_there_is_nothing_to_manage(moderator: User, command: str):
    assert "/daily setup" in refusal(await moderator.command(f"daily {command}"))


COMMANDS = [
    ("setup", {"channel": "daily-rec", "time": "18:00", "timezone": "UTC"}),
    ("remove", {"schedule": "daily"}),
    *(
        (name, {})
        for name in (
            "preview", "queue", "skip", "veto", "now", "pause", "resume", "status", "history",
        )
    ),
]  # fmt: skip


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
    skipped = await latest(rig)
    assert "Explicit" in (skipped.reason or "")


async def test_preview_shows_what_comes(moderator: User, rig: Rig):
    await set_up(moderator)
    preview = (await moderator.command("daily preview")).message
    assert preview.ephemeral
    await rig.pass_time(to=DUE)
    (post,) = await posts(moderator)
    assert preview.text.startswith(post.text)
    assert labels(preview)[-2:] == ["Choose another", "Never this fic"]


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
    assert f"14: **Gravity Assist** https://discord.com/channels/{rig.guild_id}/" in after
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


# What moderators wish


async def titles(user: User, channel: str = "daily-rec") -> list[str]:
    """What was posted, the oldest first."""
    return [
        line.removeprefix("### ").partition("](")[0].lstrip("[")
        for message in await user.messages(channel)
        for line in message.text.split("\n")
        if line.startswith("### ")
    ]


async def days_pass(rig: Rig, *days: int) -> None:
    for day in days:
        await rig.pass_time(to=f"2026-03-{day}T18:00:10+00:00")


async def test_queued_fics_go_first_and_in_order(moderator: User, rig: Rig):
    await set_up(moderator)
    for title in ("Gravity Assist", "The Twelfth Boat", "Keepsake"):
        said = (await moderator.command("daily queue", work=title)).message
        assert f"In the queue: *{title}*." in said.text
    first = (await moderator.command("daily queue", work="Crypt Sweet Crypt", first=True)).message
    shown = [first.text.index(t) for t in ("Crypt", "Gravity", "Twelfth", "Keepsake")]
    assert shown == sorted(shown)
    boat = option_value(first, "Put one first", "The Twelfth Boat")
    moved = (await moderator.press(first, "Put one first", values=[boat])).message
    assert "Next is *The Twelfth Boat*." in moved.text
    out = option_value(moved, "Take one out", "Gravity Assist")
    left = (await moderator.press(moved, "Take one out", values=[out])).message
    assert "Taken out: *Gravity Assist*." in left.text
    await days_pass(rig, 14, 15, 16)
    assert await titles(moderator) == ["The Twelfth Boat", "Crypt Sweet Crypt", "Keepsake"]
    empty = (await moderator.command("daily queue")).message
    assert "is empty" in empty.text


async def test_what_does_not_fit_is_not_queued(moderator: User, rig: Rig):
    await set_up(moderator)
    await moderator.command("daily veto", work="Keepsake")
    assert "is vetoed" in refusal(await moderator.command("daily queue", work="Keepsake"))
    assert refusal(await moderator.command("daily queue", work="#999999"))


async def test_the_next_one_is_seen_and_another_can_be_chosen(moderator: User, rig: Rig):
    await set_up(moderator)
    first = (await moderator.command("daily preview")).message
    (before,) = [line for line in first.text.split("\n") if line.startswith("### ")]
    second = (await moderator.press(first, "Choose another")).message
    assert before not in second.text
    third = (await moderator.press(second, "Never this fic")).message
    after = next(line for line in third.text.split("\n") if line.startswith("### "))
    assert after not in second.text
    await rig.pass_time(to=DUE)
    (post,) = await posts(moderator)
    assert after in post.text
    log = (await moderator.command("library log")).message.text
    assert "daily skip" in log
    assert "daily veto" in log


async def test_a_passed_over_fic_waits_and_a_vetoed_one_never_comes(moderator: User, rig: Rig):
    await set_up(moderator, fandom="Original Work")  # three that may show here: one has no text
    said = (await moderator.command("daily skip")).message.text
    skipped = said.split("*")[1]
    vetoed = (await moderator.command("daily veto")).message.text.split("*")[1]
    await days_pass(rig, 14, 15)
    posted = await titles(moderator)
    assert vetoed not in posted
    assert posted[0] != skipped or len({skipped, vetoed}) == 2
    undone = await moderator.command("daily veto", work=vetoed, undo=True)
    assert "may be recommended again" in undone.message.text
    offered = await moderator.autocomplete("daily veto", focused="work", work="", undo=True)
    assert offered == []


async def test_moderators_see_the_choice_before_it_is_posted(moderator: User, rig: Rig):
    """It is made ahead, and stands though the library grows."""
    await set_up(moderator)
    await rig.pass_time()
    preview = (await moderator.command("daily preview")).message
    await rig.add(*(a_work(f"Newcomer {n}", author=f"new {n}") for n in range(30)))
    await rig.pass_time(to=DUE)
    (post,) = await posts(moderator)
    assert preview.text.startswith(post.text)


async def test_what_members_recommend_comes_first_in_their_words(
    moderator: User, member: User, rig: Rig
):
    await set_up(moderator)
    await member.command("fic rec", work="Crypt Sweet Crypt", why="The *curtains*, @everyone.")
    await rig.pass_time(to=DUE)
    (post,) = await posts(member)
    assert "### Crypt Sweet Crypt" in post.text
    assert "> The \\*curtains\\*, @\u200beveryone." in post.text
    assert "recommended by <@" in post.text
    assert not post.payload["mention_everyone"]


async def test_a_weekly_one_beside_the_daily_one(moderator: User, rig: Rig):
    await set_up(moderator)
    said = (
        await moderator.command(
            "daily setup", name="Sunday shorts", channel="general", time="20:00", timezone="UTC",
            days="Sundays", status="complete", length="<10k", rating="Teen And Up Audiences",
        )
    ).message.text  # fmt: skip
    assert "**Sunday shorts**: a fic is recommended in <#" in said
    assert "on Sundays at 20:00 UTC" in said
    assert "status complete, up to 9,999 words, rated Teen And Up Audiences at most." in said
    assert "Say which schedule you mean: daily, Sunday shorts." in refusal(
        await moderator.command("daily preview")
    )
    both = (await moderator.command("daily status")).message.text
    assert "every day at 18:00 UTC" in both
    assert "on Sundays" in both
    offered = await moderator.autocomplete("daily pause", focused="schedule", schedule="sun")
    assert offered == [("Sunday shorts", "Sunday shorts")]
    for moment in ("14T18:00", "14T20:00", "15T18:00", "15T20:00", "16T18:00", "16T20:00"):
        await rig.pass_time(to=f"2026-03-{moment}:10+00:00")
    daily, weekly = await titles(moderator), await titles(moderator, "general")
    assert (len(daily), len(weekly)) == (3, 1)
    assert weekly[0] not in daily
    history = (await moderator.command("daily history")).message.text
    assert history.count("https://discord.com/channels/") == 4
    assert "(Sunday shorts)" in history
    removed = await moderator.command("daily remove", schedule="sunday shorts")
    assert "removed" in removed.message.text
    assert (await moderator.command("daily preview")).message
    assert "(removed schedule)" in (await moderator.command("daily history")).message.text


async def test_setting_up_again_keeps_what_is_not_said(moderator: User):
    await set_up(moderator, fandom="Cowboy Bebop", days="weekends", thread=True)
    again = (await set_up(moderator, time="9:00")).text
    assert "on weekends at 09:00 UTC" in again
    assert "Only Cowboy Bebop." in again
    assert "Opens a thread" in again
    anew = (await set_up(moderator, reset=True)).text
    assert "every day at 18:00 UTC" in anew
    assert "Only" not in anew


async def test_a_thread_is_opened_under_the_post(moderator: User, rig: Rig):
    await set_up(moderator, thread=True, fandom="Cowboy Bebop")
    await rig.pass_time(to=DUE)
    (post,) = await posts(moderator)
    threads = [c for c in rig.sandbox.world.channels.values() if c.parent_id is not None]
    assert [(str(thread.id), thread.name) for thread in threads] == [(post.id, "Gravity Assist")]
    await rig.pass_time()
    assert len([c for c in rig.sandbox.world.channels.values() if c.parent_id is not None]) == 1


async def test_a_thread_needs_its_permission(moderator: User, rig: Rig):
    await moderator.permissions(channel="daily-rec", deny=["create_public_threads"])
    given = {"channel": "daily-rec", "time": "18:00", "timezone": "UTC", "thread": True}
    said = refusal(await moderator.command("daily setup", **given))
    assert "I need Create Public Threads there" in said
