"""`bot.py try`: what it hands to the page besides the bot."""

import asyncio
import json
import sys
from pathlib import Path

import aiohttp

from sandbox import User
from tests.sandbox.page_line import Line

ROOT = Path(__file__).parents[2]


async def test_the_daily_post_is_a_jump_away_and_the_samples_are_there() -> None:
    program = await asyncio.create_subprocess_exec(
        sys.executable, "bot.py", "try", "--json", "--port", "0", cwd=ROOT, stdout=-1
    )
    try:
        assert program.stdout is not None
        where = json.loads(await program.stdout.readline())
        control, token = where["control"], where["token"]
        moderator = User(control, token, "moderator", "mod-desk")
        url = f"{control.replace('http', 'ws')}/live"
        async with moderator, aiohttp.ClientSession() as http, http.ws_connect(url) as socket:
            await socket.send_json({"token": token})
            page = Line(socket)
            assert (await page.call("GET state"))["next_post"] is None
            given = {"channel": "daily-rec", "time": "9:00", "timezone": "Europe/London"}
            answer = await moderator.command("daily setup", **given)
            assert answer.error is None
            await page.call("follow", **{"as": "member"})
            due = (await page.call("GET state"))["next_post"]
            assert due[11:16] in ("08:00", "09:00")
            assert (await page.call("POST clock", to="next post"))["clock"][:16] == due[:16]
            post = await moderator.wait_for_message("daily-rec", timeout=20)
            assert post.payload["timestamp"][:16] == due[:16]
            names = [each["filename"] for each in (await page.call("GET samples"))["samples"]]
            assert names == sorted(path.name for path in (ROOT / "sandbox/fics/to-add").iterdir())
    finally:
        program.terminate()
        await program.wait()
