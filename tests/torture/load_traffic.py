"""What members and moderators do, for `load` and for its short form in tests/cogs/test_load.py."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from db.models import NewWork
from sandbox import Answer, Message, User
from tests.bench.bench_quotes import Corpus
from tests.cogs.shelf import a_work

SPIKE = "spike"  # the product's own example; many works have one
PARAGRAPHS = 12


@dataclass
class Tally:
    """What came of what was done."""

    milliseconds: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    errors: Counter[str] = field(default_factory=Counter[str])
    done: int = 0
    _waiting: list[tuple[int, asyncio.Event]] = field(
        default_factory=list[tuple[int, asyncio.Event]]
    )

    def note(self, kind: str, ms: float | None, error: str | None) -> None:
        """One interaction and its answer."""
        self.done += 1
        if error is not None:
            self.errors[f"{kind}: {error}"] += 1
        elif ms is not None:
            self.milliseconds.setdefault(kind, []).append(ms)
        for count, event in self._waiting:
            if self.done >= count:
                event.set()

    async def reached(self, count: int) -> None:
        """Return once that many are done."""
        event = asyncio.Event()
        self._waiting.append((count, event))
        await event.wait()

    def percentile(self, share: float, kind: str | None = None) -> float:
        """Milliseconds to the first response that this share of them took at most."""
        chosen = self.milliseconds.values() if kind is None else [self.milliseconds[kind]]
        ordered = sorted(one for times in chosen for one in times)
        return ordered[int(share * (len(ordered) - 1))]

    def spread(self) -> dict[str, list[int]]:
        """By kind: how many, and the median, 99th percentile and maximum in milliseconds."""
        return {
            kind: [len(times), *(round(self.percentile(share, kind)) for share in (0.5, 0.99, 1))]
            for kind, times in self.milliseconds.items()
        }


@dataclass
class Shelf:
    """Works with text, and what is said in them."""

    works: list[NewWork]
    titles: list[str]
    quotes: list[str]


def shelf(count: int, seed: int = 1) -> Shelf:
    """Works of a dozen paragraphs each."""
    corpus, chance = Corpus(seed), random.Random(seed)
    made, quotes = list[NewWork](), list[str]()
    for number in range(count):
        paragraphs = tuple(corpus.body().split("\n\n")[:PARAGRAPHS])
        made.append(a_work(f"The Winter Letter {number}", author=f"scribe{number}",
                           passages=paragraphs))  # fmt: skip
        words = " ".join(paragraphs).split()
        start = chance.randrange(len(words) - 7)
        quotes.append(" ".join(words[start : start + 6]))
    return Shelf(made, [work.info.title or "" for work in made], quotes)


class Crowd:
    """Everybody at once: each method is one member's interaction, noted in the tally."""

    def __init__(self, tally: Tally, texts: Shelf, queries: Sequence[str], seed: int = 1) -> None:
        self.tally = tally
        self._texts = texts
        self._queries = queries
        self._chance = random.Random(seed)
        self._files = 0

    def _noted(self, kind: str, answer: Answer) -> Answer:
        self.tally.note(kind, answer.ms, answer.error)
        return answer

    async def search(self, user: User) -> None:
        """A query as people type them; one in ten is "spike"."""
        query = SPIKE if self._chance.random() < 0.1 else self._chance.choice(self._queries)
        self._noted("search", await user.command("fic search", query=query))

    async def complete(self, user: User) -> None:
        """A few letters of one."""
        text = self._chance.choice(self._queries)
        typed = text[: self._chance.randrange(1, len(text))]
        choices = await user.autocomplete("fic search", focused="query", query=typed)
        self.tally.note("autocomplete", choices.ms, choices.error)

    async def show(self, user: User) -> None:
        """A card, and often a press on it."""
        title = self._chance.choice(self._texts.titles)
        answer = self._noted("show", await user.command("fic show", work=title))
        if answer.messages and self._chance.random() < 0.5:
            await self.press(user, answer.message)

    async def press(self, user: User, message: Message) -> None:
        """The first button that asks for something."""
        names = [button.label for button in message.buttons if button.custom_id]
        if names:
            self._noted("press", await user.press(message, self._chance.choice(names)))

    async def excerpt(self, user: User) -> None:
        """A passage about something."""
        title = self._chance.choice(self._texts.titles)
        about = self._chance.choice(self._texts.quotes)
        answer = await user.command("fic excerpt", work=title, about=about)
        self._noted("excerpt", answer)

    async def quote(self, user: User) -> None:
        """Words as they stand, or with one that is not there."""
        words = self._chance.choice(self._texts.quotes).split()
        if self._chance.random() < 0.5:
            words[self._chance.randrange(len(words))] = "something"
        self._noted("quote", await user.command("fic quote", words=" ".join(words)))

    async def help(self, user: User) -> None:
        """What there is."""
        self._noted("help", await user.command("help"))

    async def similar(self, user: User) -> None:
        """More like one of them."""
        title = self._chance.choice(self._texts.titles)
        self._noted("similar", await user.command("fic similar", work=title))

    async def add(self, user: User) -> None:
        """A file handed in by a moderator: read by the worker process, stored as a draft.

        Its words are nobody's, so that no two are taken for the same story.
        """
        self._files += 1
        opened = self._noted("add", await user.command("library add"))
        if opened.modal is None:
            return
        paragraphs = (
            " ".join("".join(self._chance.choices("aeinorstl", k=5)) for _ in range(60))
            for _ in range(6)
        )
        text = f"A New Story {self._files}\nby nobody{self._files}\n\n" + "\n\n".join(paragraphs)
        file = (f"story-{self._files}.txt", text.encode())
        self._noted("add file", await user.submit(opened.modal, {"files": [file]}))

    def half_slow(self, count: int) -> list[Callable[[User], Awaitable[None]]]:
        """That many, in a mixed order: half quick ones, half that take the bot some work."""
        quick = [self.search, self.search, self.complete, self.show, self.search]
        slow = [self.quote, self.excerpt, self.quote, self.similar, self.add]
        kinds = (quick * count)[: count // 2] + (slow * count)[: count - count // 2]
        self._chance.shuffle(kinds)
        return kinds


async def at_once(
    kinds: Sequence[Callable[[User], Awaitable[None]]], member: User, moderator: User
) -> None:
    """Have all of them done at the same moment, what is for moderators by one."""

    def who(kind: Callable[[User], Awaitable[None]]) -> User:
        return moderator if getattr(kind, "__name__", "") == "add" else member

    await asyncio.gather(*(kind(who(kind)) for kind in kinds))
