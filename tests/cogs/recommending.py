"""What tests of recommendations ask again and again."""

from typing import Any

from db.daily.models import DAILY, DailyPost, DailySchedule, DailyStatus
from db.models import Viewer
from sandbox import Message, User
from tests.cogs.conftest import Rig

POSTS = "POST /channels/*/messages"
# The clock starts at 12:00 UTC on 14 March 2026, a Saturday.
DUE = "2026-03-14T18:00:10+00:00"


async def set_up(moderator: User, **options: Any) -> Message:
    given = {"channel": "daily-rec", "time": "18:00", "timezone": "UTC", **options}
    return (await moderator.command("daily setup", **given)).message


async def posts(user: User, channel: str = "daily-rec") -> list[Message]:
    return [m for m in await user.messages(channel) if "Today’s recommendation" in m.text]


async def schedule(rig: Rig, name: str = DAILY) -> DailySchedule:
    return await rig.library.daily.named(rig.guild_id, name)


async def status(rig: Rig, name: str = DAILY) -> DailyStatus:
    return await rig.library.daily.status(await schedule(rig, name), Viewer(None, True))


async def latest(rig: Rig) -> DailyPost:
    """What was posted or given up last."""
    return (await status(rig)).recent[0].post


async def today(rig: Rig) -> DailyPost:
    """The row of today's post."""
    mine = await schedule(rig)
    return await rig.library.daily.prepare(mine.schedule_id, Viewer())
