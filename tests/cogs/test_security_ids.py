"""Ids that are another server's, or nothing's: refused alike, and nothing of them comes out."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import pytest

from sandbox import Answer, Message, Modal, User
from tests.cogs.conftest import Rig
from tests.cogs.stock import never, rows_of, stock
from tests.cogs.surface import (
    COMMANDS,
    CONTROLS,
    FORMS,
    Command,
    Control,
    FormEntry,
    kinds_in,
    put,
    without_numbers,
)

pytestmark = pytest.mark.fault(12)

THEIRS = "xylograph"  # in every name and text of the other server


@dataclass
class Forger:
    """A moderator of one server who knows the ids of the other, where they moderate too."""

    rig: Rig
    user: User
    base: Message
    form: Modal
    ours: dict[str, int]
    theirs: dict[str, int]

    async def use(self, entry: Command | Control | FormEntry, ids: Mapping[str, int]) -> Answer:
        """Do what an entry is about, with these ids."""
        match entry:
            case Command():
                return await self.user.command(entry.name, **entry.filled(ids))
            case Control():
                values = None if entry.values is None else [put(v, ids) for v in entry.values]
                return await self.user.forced.press(self.base, put(entry.custom_id, ids), values)
            case FormEntry():
                return await self.user.forced.submit(
                    self.form, dict(entry.values), custom_id=put(entry.custom_id, ids)
                )


def shape(answer: Answer) -> str:
    """All that an answer shows but its numbers."""
    return without_numbers(
        [
            answer.error,
            answer.modal and (answer.modal.title, answer.modal.components),
            [(m.ephemeral, m.content, m.embeds, m.components) for m in answer.messages],
        ]
    )


def ids_of(entry: Command | Control | FormEntry) -> list[str]:
    """The kinds of ids that an entry's inputs take."""
    match entry:
        case Command():
            inputs: Sequence[object] = list(entry.options.values())
        case Control():
            inputs = [entry.custom_id, *(entry.values or ())]
        case FormEntry():
            inputs = [entry.custom_id]
    cursors = entry.cursors if isinstance(entry, Control) else frozenset[str]()
    return [kind for kind in kinds_in(inputs) if kind != "asker" and kind not in cursors]


WITH_IDS = [entry for entry in (*COMMANDS, *CONTROLS, *FORMS) if ids_of(entry)]


async def a_forger(rig: Rig, moderator: User) -> Forger:
    """With both servers filled."""
    asker = next(a.id for a in rig.sandbox.world.accounts.values() if a.name == "moderator")
    theirs = await stock(rig, rig.next_door_id, THEIRS, asker)
    ours = await stock(rig, rig.guild_id, "harbour", asker)
    await rig.user("stranger", "lobby").command(
        "daily setup", channel="lobby", time="9:00", timezone="Europe/Paris"
    )
    base = (await moderator.command("fic show", work="Gravity Assist")).message
    form = (await moderator.command("library add")).form
    return Forger(rig, moderator, base, form, ours, theirs)


@pytest.fixture
async def forger(rig: Rig, moderator: User) -> AsyncIterator[Forger]:
    """Both servers filled; at the end the other one is as it was, and nothing of it was said."""
    found = await a_forger(rig, moderator)
    before = rows_of(rig.path, rig.next_door_id)
    yield found
    assert rows_of(rig.path, rig.next_door_id) == before
    for channel in ("general", "daily-rec", "after-dark", "mod-desk"):
        for message in await moderator.messages(channel):
            assert THEIRS not in str(message.payload).casefold()


async def test_an_id_of_another_server_is_an_id_that_never_was(forger: Forger) -> None:
    nothing = never(forger.ours)
    before = rows_of(forger.rig.path, forger.rig.guild_id)
    for entry in WITH_IDS:
        kinds = ids_of(entry)
        for forged in (
            ([kind] for kind in kinds) if len(kinds) < 2 else ([*kinds], *([k] for k in kinds))
        ):
            answers = [
                await forger.use(entry, forger.ours | {kind: given[kind] for kind in forged})
                for given in (forger.theirs, nothing)
            ]
            where = f"{entry} with another server's {forged}"
            theirs, none = map(shape, answers)
            assert theirs == none, where
            assert THEIRS not in theirs.casefold(), where
            assert answers[0].error is None, where
    after = rows_of(forger.rig.path, forger.rig.guild_id)
    changed = {table for table in after if after[table] != before[table]}
    assert not changed - {"remembered"}


async def test_the_same_inputs_with_own_ids_do_something(forger: Forger) -> None:
    """Else the test above would compare one refusal with another."""
    nothing = never(forger.ours)
    for number, entry in enumerate(WITH_IDS):
        own = await stock(forger.rig, forger.rig.guild_id, f"quay{number}", forger.ours["asker"])
        answers = [await forger.use(entry, given) for given in (own, nothing)]
        assert shape(answers[0]) != shape(answers[1]), entry


async def test_a_cursor_of_another_server_shows_the_own_list(forger: Forger) -> None:
    for control in CONTROLS:
        if control.cursors:
            answer = await forger.use(control, forger.theirs)
            assert THEIRS not in shape(answer).casefold()
            assert answer.message.text


ODD_IDS = (
    "0", "00", "-1", "9223372036854775807", "9223372036854775808", "99999999999999999999",
    "1e3", "0x1", "١٢", "①", "1.0", " 1", "1 OR 1=1", "NULL", "None", "true", "'", "\x00",
    "\ud800", "1" * 90, "%d", "{work}", "../1",
)  # fmt: skip


async def test_ids_that_are_none_are_refused_kindly(forger: Forger) -> None:
    before = rows_of(forger.rig.path, forger.rig.guild_id)
    tried = set[tuple[str, ...]]()
    # What is no id in a command's option is words, which may find something.
    for entry in WITH_IDS:
        if entry is CONTROLS[0]:
            before = rows_of(forger.rig.path, forger.rig.guild_id)
        # All of them where a kind of entry takes that kind of id for the first time; some later.
        kind = (type(entry).__name__, *ids_of(entry)[:1])
        odd_ids = ODD_IDS[:: 12 if kind in tried else 1]
        tried.add(kind)
        for odd in odd_ids:
            ids: Any = dict.fromkeys(forger.ours, _Odd(odd)) | {"asker": forger.ours["asker"]}
            if isinstance(entry, Control) and len(put(entry.custom_id, ids)) > 100:
                continue  # Discord keeps 100 characters
            answer = await forger.use(entry, ids)
            assert answer.error is None, (entry, odd)
            assert "went wrong" not in shape(answer), (entry, odd)
    after = rows_of(forger.rig.path, forger.rig.guild_id)
    changed = {table for table in after if after[table] != before[table]}
    assert not changed - {"remembered"}


class _Odd(str):
    """Stands in a template as it is, where a number would."""

    __slots__ = ()


async def test_made_up_controls_are_refused_kindly(forger: Forger) -> None:
    actions = [*forger.rig.bot.router.presses, *forger.rig.bot.router.forms]
    tails = cycle(("", ":", ":1:2:3:4:5", f":0:{2**63 - 1}"))
    made_up = [
        *(f"{action}{next(tails)}" for action in actions),
        *(":", "::1", "nothing:1", "card:1:2:3:4:5:6", "CARD:1", "card:-1", "card;1", "card:1\n"),
        *("card:" + "1" * 95, "c" * 100, "card:１", "__class__:1", "review-publish:1:1e1"),
    ]
    choices = cycle((None, [], ["x"], ["1"], [""] * 30, ["9" * 100, "never 1"], ["\ud800"]))
    before = rows_of(forger.rig.path, forger.rig.guild_id)
    for custom_id in made_up:
        values = next(choices)
        user = forger.user.forced
        answers = [
            await user.press(forger.base, custom_id, values),
            await user.submit(forger.form, {}, custom_id=custom_id),
        ]
        for answer in answers:
            assert answer.error is None, (custom_id, values)
            assert "went wrong" not in shape(answer), (custom_id, values)
    after = rows_of(forger.rig.path, forger.rig.guild_id)
    changed = {table for table in after if after[table] != before[table]}
    assert not changed - {"remembered"}
