"""/help."""

from sandbox import User


async def test_members_and_moderators_read_what_they_may_do(member: User, moderator: User):
    for_members = (await member.command("help")).message
    assert for_members.ephemeral
    assert "/fic search" in for_members.content
    assert "/library" not in for_members.content
    for_moderators = (await moderator.command("help")).message.content
    assert for_moderators.startswith(for_members.content)
    assert "/library add" in for_moderators


async def test_a_direct_message_is_told_where_to_go(member: User):
    said = (await member.at("dm").command("help")).message.content
    assert "The commands work in servers" in said


async def test_every_command_that_help_names_exists(moderator: User):
    offered = {command["name"]: command for command in await moderator.commands()}
    assert set(offered) == {"fic", "library", "daily", "help", "Add to library"}
    said = (await moderator.command("help")).message.content
    for group in ("fic", "library", "daily"):
        for option in offered[group]["options"]:
            assert f"`{option['name']}`" in said or f"/{group} {option['name']}" in said
