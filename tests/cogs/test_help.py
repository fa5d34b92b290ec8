"""/help."""

import re
from datetime import date

from cogs.help import SEARCHING
from db.search.language import parse
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
    assert set(offered) == {"fic", "library", "daily", "privacy", "help", "Add to library"}
    said = (await moderator.command("help")).message.content
    said += (await moderator.command("help", about="Recommending")).message.content
    for group in ("fic", "library", "daily", "privacy"):
        for option in offered[group]["options"]:
            assert f"`{option['name']}`" in said or f"/{group} {option['name']}" in said


async def test_searching_is_explained_in_full(member: User):
    said = (await member.command("help", about="Searching")).message
    assert said.ephemeral
    assert "rating:<=teen" in said.content


def test_every_example_of_a_query_is_one():
    quoted = re.findall(r"`([^`]+)`", SEARCHING.partition("in the same box:")[2])
    examples = [example for example in quoted if len(example) > 1]
    assert len(examples) > 20
    for example in examples:
        parsed = parse(example, date(2026, 1, 1))
        assert parsed.notes == (), example
        if example.endswith(":") or example in ("title", "author", "added", "updated"):
            continue  # named, not shown in use
        plain = {type(term).__name__ for term, _ in parsed.clauses[0].terms} == {"Word"}
        said = parsed.sort or parsed.clauses[0].filters != parse("", date.max).clauses[0].filters
        excluded = any(out for one in parsed.clauses for _, out in one.terms)
        assert not plain or said or excluded or len(parsed.clauses) > 1, example
