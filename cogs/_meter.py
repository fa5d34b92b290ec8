"""What is counted while the bot runs: interactions, how fast they were answered, daily posts."""

import re
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import aiohttp
import discord

Outcome = Literal["ok", "refused", "late", "error", "unanswered"]

# Upper bounds in seconds; Discord gives up after three.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0)
TOKEN_SECONDS = 15 * 60.0  # an interaction that was not answered by then never will be
MOST_OPEN = 10_000
_CALLBACK = re.compile(r"/interactions/(\d+)/[^/]+/callback$")
_KINDS = {1: "command", 2: "menu", 3: "menu"}


@dataclass(slots=True)
class Histogram:
    """How many took how long: in each bucket, those that no earlier one holds."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    total_s: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one more."""
        fitting = (number for number, bound in enumerate(BUCKETS) if seconds <= bound)
        self.counts[next(fitting, len(BUCKETS))] += 1
        self.total_s += seconds


@dataclass(slots=True)
class _Open:
    kind: str
    name: str
    since: float
    is_answered: bool = False
    is_ended: bool = False


class Meter:
    """Counts for one bot. `is_action` says whether a control's action is one that there is:
    what stands in a custom_id is untrusted, and every name becomes a series."""

    def __init__(self, is_action: Callable[[str], bool]) -> None:
        self._is_action = is_action
        self._open: OrderedDict[int, _Open] = OrderedDict()
        self.interactions: Counter[tuple[str, str, Outcome]] = Counter()
        self.first_responses: dict[str, Histogram] = {}
        self.posts: Counter[str] = Counter()
        # Answers are requests, so their end is seen where all requests are.
        self.trace = aiohttp.TraceConfig()
        self.trace.on_request_end.append(self._requested)

    def received(self, interaction: discord.Interaction[Any]) -> None:
        """An interaction has come in."""
        now = time.monotonic()
        while self._open:
            first = next(iter(self._open.values()))
            if now - first.since < TOKEN_SECONDS and len(self._open) < MOST_OPEN:
                break
            self._open.popitem(last=False)
            if not first.is_ended:
                self.interactions[first.kind, first.name, "unanswered"] += 1
        kind, name = self._named(interaction)
        self._open[interaction.id] = _Open(kind, name, now)

    def ended(self, interaction: discord.Interaction[Any], outcome: Outcome) -> None:
        """An interaction has been dealt with; the first outcome counts."""
        if found := self._open.get(interaction.id):
            self._end(interaction.id, found, outcome)

    def posted(self, outcome: str) -> None:
        """A daily post has come to something: a word of the program's own."""
        self.posts[outcome] += 1

    def _end(self, interaction_id: int, found: _Open, outcome: Outcome) -> None:
        if not found.is_ended:
            found.is_ended = True
            self.interactions[found.kind, found.name, outcome] += 1
        if found.is_answered:
            del self._open[interaction_id]

    async def _requested(
        self, session: aiohttp.ClientSession, context: Any, params: aiohttp.TraceRequestEndParams
    ) -> None:
        del session, context
        match = _CALLBACK.search(params.url.path) if params.method == "POST" else None
        found = self._open.get(int(match[1])) if match else None
        if match is None or found is None or found.is_answered or params.response.status >= 300:
            return
        found.is_answered = True
        seconds = time.monotonic() - found.since
        self.first_responses.setdefault(found.kind, Histogram()).add(seconds)
        if found.kind == "autocomplete":  # nothing else tells that one is done
            self._end(int(match[1]), found, "ok")
        elif found.is_ended:
            del self._open[int(match[1])]

    def _named(self, interaction: discord.Interaction[Any]) -> tuple[str, str]:
        data = cast("dict[str, Any]", interaction.data or {})
        match interaction.type:
            case discord.InteractionType.application_command:
                kind = _KINDS.get(data.get("type", 1), "command")
            case discord.InteractionType.autocomplete:
                kind = "autocomplete"
            case discord.InteractionType.component | discord.InteractionType.modal_submit:
                action = str(data.get("custom_id")).partition(":")[0]
                is_form = interaction.type is discord.InteractionType.modal_submit
                name = action if self._is_action(action) else "unknown"
                return ("form" if is_form else "control"), name
            case _:
                return "other", "unknown"
        return kind, interaction.command.qualified_name if interaction.command else "unknown"
