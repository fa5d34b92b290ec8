"""A sandbox that is started again is the same place: its servers and channels keep their ids."""

from sandbox import Sandbox, User


async def test_what_is_there_from_the_start_keeps_its_ids() -> None:
    seen: list[dict[int, str]] = []
    for more_servers in (0, 2, 3):
        async with Sandbox(port=0, serve_page=False, more_servers=more_servers) as sandbox:
            world = sandbox.world
            everything = [*world.guilds.values(), *world.channels.values()]
            seen.append({each.id: each.name for each in everything})
            assert world.new_id() > max(seen[-1])
    assert seen[0].items() < seen[1].items() < seen[2].items()


async def test_the_servers_fall_to_the_shards_in_turn() -> None:
    async with Sandbox(port=0, serve_page=False, more_servers=4) as sandbox:
        numbers = [(guild >> 22) % 2 for guild in sandbox.world.guilds]
    assert numbers == [0, 1, 0, 1, 0, 1]


async def test_each_of_many_servers_has_its_own_people() -> None:
    async with Sandbox(port=0, serve_page=False, more_servers=2) as sandbox:
        member = User(sandbox.control, sandbox.token, "member 2")
        said = await member.say("Hello")
        (server,) = [guild for guild in sandbox.world.guilds.values() if guild.name == "Server 2"]
        channel = sandbox.world.channels[int(said.payload["channel_id"])]
        assert (channel.name, channel.guild_id) == ("general", server.id)
        other = User(sandbox.control, sandbox.token, "member 1", said.payload["channel_id"])
        assert "not a member of Server 2" in str((await other.command("x")).error)
