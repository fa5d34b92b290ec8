"""A sandbox that is started again is the same place: its servers and channels keep their ids."""

from sandbox import Sandbox


async def test_what_is_there_from_the_start_keeps_its_ids() -> None:
    seen: list[dict[int, str]] = []
    for _ in range(2):
        async with Sandbox(port=0, serve_page=False) as sandbox:
            world = sandbox.world
            everything = [*world.guilds.values(), *world.channels.values()]
            seen.append({each.id: each.name for each in everything})
            assert world.new_id() > max(seen[-1])
    assert seen[0] == seen[1]
