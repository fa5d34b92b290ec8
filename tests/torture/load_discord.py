"""A sandbox in a process of its own, for `load`: `python -m tests.torture.load_discord SERVERS`.

One line of JSON on standard output says where it is. Each line on standard input is answered with
an empty one as soon as a bot is on the line; the end of standard input ends it.
"""

import asyncio
import json
import sys

from sandbox import Sandbox

READY_S = 60


async def main(more_servers: int) -> None:
    """Serve until nobody holds the other end of standard input."""
    async with Sandbox(port=0, serve_page=False, more_servers=more_servers) as sandbox:
        where = {
            "api": sandbox.api,
            "control": sandbox.control,
            "token": sandbox.token,
            "bot_token": sandbox.bot_token,
        }
        print(json.dumps(where), flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            await sandbox.bot_ready(READY_S)
            print(flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
