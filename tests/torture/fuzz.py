"""Whatever people may do and may forge, at random, in both servers of the sandbox.

Each run is one interaction. They come in bursts, one server at a time: what is the other server's
must be the same after a burst as before, and nothing of it may be said.
"""

import asyncio
import contextlib
import logging
import random
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cogs._starting import point_at
from sandbox import Answer, Message, Modal, Sandbox, User
from sandbox.answers import Choices, ControlError
from tests.cogs.conftest import START, Rig
from tests.cogs.shelf import SHELF
from tests.cogs.stock import rows_of, stock
from tests.cogs.surface import COMMANDS, CONTROLS, FORMS, MENUS, put
from tests.torture.outcome import Outcome

FULL_RUNS = 20_000
BURST = 25
KEPT_MESSAGES, KEPT_FORMS = 40, 6
SEED = 5

WORDS = {"The Reading Room": "wharfinger", "Next Door": "xylograph"}
PEOPLE = {"The Reading Room": ("member", "moderator", "owner"), "Next Door": ("stranger",)}
CHANNELS = {
    "The Reading Room": (
        "general",
        "general",
        "daily-rec",
        "after-dark",
        "after-dark",
        "talk",
        "dm",
    ),
    "Next Door": ("lobby", "lobby", "lobby", "dm"),
}
PIECES = (
    "lantern", "boat", "Marit Voss", "Original Work", "#1", "#7", "#999999", "#0", "#-1",
    "author:", "-tag:", "words:<5k", "rating:explicit", '"', "(", ")", " OR ", "*", "NEAR(", "NOT",
    ":", "'; DROP TABLE works;--", "\x00", "\ud800", "\u202e", "\u200b", "e\u0301", "😀", "[" * 60,
    "@everyone", "<@&1>", "<t:0:R>", "||", "```", "](https://evil.example)", "\n", "\\", "x" * 200,
    "日本", "%s", "{work}", "../../etc/passwd", "Europe/Paris", "9:00", "25:61", "<5k", ">100k-",
    "fandom", "character", "Character", "true", "Explicit", "complete", "2" * 19, "", " ",
    "https://example.org/works/12", "http://127.0.0.1/",
)  # fmt: skip
FILES = (
    ("a.txt", b"It was late.\n\nThe lamp was lit."), ("b.html", b"<html><body><p>Late.</p>"),
    ("c.pdf", b"%PDF"), ("d.zip", b"PK\x03\x04" + bytes(40)), ("f.txt", b""),
    ("e.jsonl", b'{"title": "A"}\n{"titel": 1}'),
    ("g.jsonl", b'{"title": "[**G**](x)", "chapters": [{"title": "@here", "text": "Late."}]}'),
    ("h.epub", b"\x00" * 100), ("i.txt", "\u202eevil\u2066 \x00 ||x||\n".encode() * 20),
)  # fmt: skip


@dataclass
class Found:
    """What came of it: what was wrong, and how much was done and could not be."""

    wrong: list[str] = field(default_factory=list[str])
    answers: int = 0
    impossible: int = 0


class _Errors(logging.Handler):
    def __init__(self, found: Found) -> None:
        super().__init__(logging.ERROR)
        self._found = found

    def emit(self, record: logging.LogRecord) -> None:
        self._found.wrong.append(f"log: {record.name}: {record.getMessage()[:300]}")


class Fuzzer:
    """Does one thing after the other, by chance."""

    def __init__(self, rig: Rig, seed: int) -> None:
        self.rig = rig
        self.chance = random.Random(seed)
        self.found = Found()
        self.guilds = {"The Reading Room": rig.guild_id, "Next Door": rig.next_door_id}
        # With who saw it, and who was shown the form.
        self.messages: dict[str, list[tuple[User, Message]]] = {name: [] for name in self.guilds}
        self.forms: dict[str, list[tuple[User, Modal]]] = {name: [] for name in self.guilds}
        self.ids: dict[str, dict[str, int]] = {}

    async def furnish(self) -> None:
        """Something of everything in both servers."""
        asker = next(
            a.id for a in self.rig.sandbox.world.accounts.values() if a.name == "moderator"
        )
        for name, guild_id in self.guilds.items():
            self.ids[name] = await stock(self.rig, guild_id, WORDS[name], asker)
        await self.rig.user("owner").permissions(channel="general", thread="talk")

    async def go(self, runs: int) -> Found:
        """That many interactions."""
        log = _Errors(self.found)
        logging.getLogger().addHandler(log)
        try:
            for start in range(0, runs, BURST):
                name = self.chance.choices(list(self.guilds), (3, 1))[0]
                await self._burst(name, min(BURST, runs - start))
                await self._steer()
        finally:
            logging.getLogger().removeHandler(log)
        violations = await self.rig.user("owner").forget_violations()
        self.found.wrong += [f"violation: {str(one)[:300]}" for one in violations]
        return self.found

    async def _burst(self, name: str, runs: int) -> None:
        [other] = self.guilds.keys() - {name}
        before = rows_of(self.rig.path, self.guilds[other])
        for _ in range(runs):
            user = self.rig.user(
                self.chance.choice(PEOPLE[name]), self.chance.choice(CHANNELS[name])
            )
            do, weight = zip(*self._ways().items(), strict=True)
            way = self.chance.choices(do, weight)[0]
            what = way.__name__.strip("_")
            try:
                answer = await way(name, user)
            except ControlError as error:
                self._judge(name, f"{what}: {error}", None, str(error))
            else:
                self._judge(name, what, answer, answer.error if answer else None)
                if isinstance(answer, Answer):
                    self._keep(name, user, answer)
        after = rows_of(self.rig.path, self.guilds[other])
        changed = {table for table in before if after[table] != before[table]}
        if set(after["remembered"]) <= set(before["remembered"]):
            changed.discard("remembered")  # whoever keeps something clears away what is too old
        if changed:
            self.found.wrong.append(f"isolation: a burst in {name} changed {changed} of {other}")

    def _keep(self, name: str, user: User, answer: Answer) -> None:
        seen = [(user, message) for message in answer.messages if message.components]
        self.messages[name] = [*self.messages[name], *seen][-KEPT_MESSAGES:]
        if answer.modal:
            self.forms[name] = [*self.forms[name], (user, answer.modal)][-KEPT_FORMS:]

    def _judge(
        self, name: str, what: str, answer: Answer | Choices | None, error: str | None
    ) -> None:
        self.found.answers += 1
        if error and ("no response" in error or "did not come" in error or "connected" in error):
            self.found.wrong.append(f"{what}: {error}")
        elif error:
            self.found.impossible += 1
        if answer is None or isinstance(answer, Choices):
            said = str(answer)
        else:
            said = str([message.payload for message in answer.messages])
            if not error and not answer.messages and answer.modal is None:
                # A press that edits nothing visible is an answer; a command's never is.
                self.found.wrong += [f"{what}: nothing was said"] if what == "command" else []
        [other] = WORDS.keys() - {name}
        if "went wrong" in said:
            self.found.wrong.append(f"{what}: something went wrong")
        if WORDS[other] in said.casefold():
            self.found.wrong.append(f"isolation: {what} in {name} told of {other}")

    # What may be done

    def _ways(self) -> dict[Callable[[str, User], Awaitable[Any]], int]:
        return {
            self._command: 40,
            self._autocomplete: 15,
            self._press: 15,
            self._forge: 20,
            self._submit: 10,
            self._menu: 4,
        }

    def _text(self) -> str:
        pieces = self.chance.choices(PIECES, k=self.chance.choice((1, 1, 2, 3, 8)))
        return self.chance.choice(("", " ")).join(pieces)[:6000]

    def _id(self) -> int:
        theirs = self.ids[self.chance.choice(list(self.ids))]
        return self.chance.choice((*theirs.values(), self.chance.randrange(60), 2**63 - 1))

    def _all_ids(self, name: str) -> dict[str, int]:
        if self.chance.random() < 0.5:
            return self.ids[name]
        return {kind: self._id() for kind in self.ids[name]}

    def _options(self, name: str, options: dict[str, Any]) -> dict[str, Any]:
        chosen: dict[str, Any] = {}
        for option, value in options.items():
            if self.chance.random() < 0.1:
                continue
            if isinstance(value, bool) or option in (
                "channel",
                "role",
                "moderator_role",
                "log_channel",
            ):
                chosen[option] = value
            elif isinstance(value, tuple):
                chosen[option] = self.chance.choice(FILES)
            else:
                usual = put(value, self._all_ids(name))
                chosen[option] = usual if self.chance.random() < 0.5 else self._text()
        return chosen

    async def _command(self, name: str, user: User) -> Answer:
        command = self.chance.choice(COMMANDS)
        return await user.forced.command(command.name, **self._options(name, dict(command.options)))

    async def _autocomplete(self, name: str, user: User) -> Choices:
        command = self.chance.choice([one for one in COMMANDS if one.completes])
        focused = self.chance.choice(sorted(command.completes))
        options = self._options(name, dict(command.options)) | {focused: self._text()}
        return await user.forced.autocomplete(command.name, focused=focused, **options)

    async def _press(self, name: str, user: User) -> Answer | None:
        """What a message really offers, by anybody who sees it."""
        offered = [
            (seen_by, message, one)
            for seen_by, message in self.messages[name]
            for one in (*message.buttons, *message.selects)
            if one.custom_id
        ]
        if not offered:
            return None
        seen_by, message, component = self.chance.choice(offered)
        user = seen_by if message.ephemeral else user
        values = [value for _, value, _ in component.options]
        chosen = self.chance.sample(values, 1) if values else None
        return await user.forced.press(message, component.custom_id or "", chosen)

    async def _forge(self, name: str, user: User) -> Answer | None:
        if not self.messages[name]:
            return None
        seen_by, message = self.chance.choice(self.messages[name])
        user = seen_by if message.ephemeral else user
        control = self.chance.choice(CONTROLS)
        custom_id = put(control.custom_id, self._all_ids(name))
        if self.chance.random() < 0.2:
            numbers = (str(self._id()) for _ in range(self.chance.randrange(6)))
            custom_id = ":".join((control.action, *numbers))
        values = control.values and [put(value, self._all_ids(name)) for value in control.values]
        if self.chance.random() < 0.3:
            values = [self._text()[:100] for _ in range(self.chance.randrange(4))]
        return await user.forced.press(message, custom_id[:100], values)

    async def _submit(self, name: str, user: User) -> Answer | None:
        if not self.forms[name]:
            return None
        shown_to, form = self.chance.choice(self.forms[name])
        user = self.chance.choice((shown_to, shown_to, user))
        values: dict[str, Any] = {
            one.custom_id or "": self._text() for one in form.fields if self.chance.random() < 0.6
        }
        for key in values.keys() & {"files"}:
            values[key] = self.chance.sample(FILES, self.chance.randrange(1, 4))
        for key in values.keys() & {"status", "text_access"}:
            values[key] = [self._text()[:50]]
        entry = self.chance.choice(FORMS)
        custom_id = put(entry.custom_id, self._all_ids(name))
        forged = custom_id if self.chance.random() < 0.3 else form.custom_id
        return await user.forced.submit(form, values, custom_id=forged)

    async def _menu(self, name: str, user: User) -> Answer | None:
        files = self.chance.sample(FILES, self.chance.randrange(3))
        said = self._text()[:1900].replace("\ud800", "") or "It was late."
        message = await user.say(said if said.strip() else "It was late.", files)
        return await user.forced.menu(message, self.chance.choice(list(MENUS)))

    async def _steer(self) -> None:
        """What else happens on a server meanwhile."""
        owner = self.rig.user("owner")
        match self.chance.randrange(6):
            case 0:
                nsfw = self.chance.random() < 0.7
                await owner.permissions(channel="after-dark", nsfw=nsfw)
            case 1:
                roles = ["moderator"] * (self.chance.random() < 0.7)
                await owner.permissions(**{"as": "moderator"}, roles=roles)
            case 2:
                await self.rig.pass_time(self.chance.choice((60, 3600, 20 * 3600)))
                for forms in self.forms.values():
                    forms.clear()  # their 15 minutes may be over
            case _:
                pass


@contextlib.asynccontextmanager
async def a_rig() -> AsyncGenerator[Rig]:
    """The bot in a sandbox of its own."""
    with tempfile.TemporaryDirectory(prefix="ficshelf-fuzz-") as folder:
        async with Sandbox(port=0, serve_page=False, start=START) as sandbox:
            point_at(sandbox.api)
            rig = Rig(sandbox, Path(folder, "library.sqlite3"))
            try:
                await rig.start()
                await rig.add(*SHELF)
                yield rig
            finally:
                await rig.stop()


async def _torture(runs: int) -> Found:
    async with a_rig() as rig:
        fuzzer = Fuzzer(rig, SEED)
        await fuzzer.furnish()
        return await fuzzer.go(runs)


def torture(runs: int) -> Sequence[Outcome]:
    """Random interactions, one after the other."""
    found = asyncio.run(_torture(runs))
    for wrong in found.wrong[:20]:
        print(wrong)
    return [
        Outcome(
            "random and forged commands, presses, forms and menus in two servers",
            found.answers,
            f"{len(found.wrong)} unexplained errors, refusals by Discord or leaks",
            "none",
            not found.wrong and found.impossible < found.answers / 3,
        )
    ]
