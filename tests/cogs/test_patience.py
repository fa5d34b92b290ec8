"""Answers whose work takes longer than Discord waits (fault 11)."""

import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from cogs import _patience
from cogs._patience import PatientResponse
from sandbox import User
from tests.cogs.conftest import Rig

pytestmark = pytest.mark.fault(11)


@pytest.fixture
def slow(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Have a method of the library wait until the bot has asked Discord for patience."""
    asked = asyncio.Event()
    promise = PatientResponse._promise

    async def noted(self: PatientResponse) -> None:
        await promise(self)
        asked.set()

    def make_slow(name: str) -> None:
        method: Callable[..., Awaitable[Any]] = getattr(rig.library, name)

        @functools.wraps(method)
        async def late(*args: Any, **options: Any) -> Any:
            await asked.wait()
            return await method(*args, **options)

        monkeypatch.setattr(_patience, "PATIENCE_S", 0)
        monkeypatch.setattr(PatientResponse, "_promise", noted)
        monkeypatch.setattr(rig.library, name, late)

    return make_slow


async def test_a_late_card_takes_the_place_of_thinking(member: User, slow: Callable[[str], None]):
    slow("resolve")
    (card,) = (await member.command("fic show", work="gravity assist")).messages
    assert "### Gravity Assist" in card.text
    assert not card.ephemeral
    assert card.id in [message.id for message in await member.messages()]


async def test_a_late_refusal_is_for_the_one_who_asked(
    member: User, moderator: User, slow: Callable[[str], None]
):
    slow("resolve")
    await member.command("fic show", work="zzzzzz qqqqqq")
    said = await member.wait_for_message()
    assert said.ephemeral
    assert "No work matches that" in said.text
    assert await moderator.messages() == []


async def test_a_late_page_is_turned(member: User, slow: Callable[[str], None], rig: Rig):
    found = (await member.command("fic search", query="spike")).message
    slow("search")
    chosen = next(b for b in found.buttons if "Bebop" in b.label)
    (turned,) = (await member.press(found, chosen.label)).messages
    assert turned.id == found.id
    assert "in Cowboy Bebop" in turned.text


async def test_a_late_card_of_a_press_is_for_the_one_who_pressed(
    member: User, slow: Callable[[str], None]
):
    card = (await member.command("fic show", work="gravity assist")).message
    slow("passage")
    (shown,) = (await member.press(card, "Excerpt")).messages
    assert shown.ephemeral
    assert "woolongs" in shown.text


async def test_late_choices_are_none(member: User, slow: Callable[[str], None]):
    slow("complete")
    choices = await member.autocomplete("fic search", focused="query", query="gra")
    assert (list(choices), choices.error) == ([], None)


async def test_a_form_cannot_come_late(moderator: User, slow: Callable[[str], None]):
    form = (await moderator.command("library add")).modal
    assert form is not None
    review = (await moderator.submit(form, {"text": "A boat went out.\n\nIt came back."})).message
    slow("work")
    (said,) = (await moderator.press(review, "Edit details")).messages
    assert said.ephemeral
    assert said.text == "The bot is very busy just now. Please try that again."


async def test_an_answer_in_time_is_the_first_response(
    member: User, rig: Rig, monkeypatch: pytest.MonkeyPatch
):
    async def too_soon(self: PatientResponse) -> None:
        raise AssertionError

    monkeypatch.setattr(PatientResponse, "_promise", too_soon)
    assert (await member.command("fic show", work="gravity assist")).message
