"""Search results as a paged list, and the search that its controls remember."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import discord
from discord import ui

from cogs import _text as text
from cogs._access import guild_of, viewer_of
from cogs._cards import authors_of
from cogs._client import Interaction
from cogs._controls import Json, Sheet, button, menu, option
from cogs._memory import kept
from db.errors import Refused
from db.models import (
    ArchiveWarning,
    Filters,
    Hidden,
    Rating,
    SearchAnswer,
    SearchRequest,
    Sort,
    Status,
    WordRange,
    Work,
)

NAMED_FANDOMS = 3  # above a list; its chooser has the rest
PAGE_WORKS = 8  # as many as fit in a message, whatever they are called
CHOOSER_FANDOMS = 5  # buttons in a row
MOST_NOTES = 4  # on what of a query was not understood
MOST_OFFSET = 100_000  # nobody pages further; a made-up press might
EVERY_FANDOM = "all"
NO_PAGES = "The bot's disk is full, so this list cannot be turned or narrowed just now."

KIND = "search"  # of what is kept for a list's controls
# The actions of the list's controls; cogs/fic.py answers them.
TURN_PAGE, CHOOSE_FANDOM, PICK_WORK = "results-page", "results-fandom", "results-pick"
AS_TYPED = "results-typed"


@dataclass(frozen=True, slots=True)
class Remembered:
    """A search as its list remembers it, with the fandoms that its hits span.

    `as_typed` is whether words are to be left uncorrected; `adult_ok` whether the fandoms are
    those of adult works too.
    """

    query: str
    filters: Filters
    sort: Sort | None
    fandoms: tuple[tuple[str, int], ...] = ()
    as_typed: bool = False
    adult_ok: bool = False

    def request(self, offset: int) -> SearchRequest:
        """The page that starts at `offset`."""
        offset = min(offset, MOST_OFFSET)
        return SearchRequest(
            self.query, self.filters, self.sort, offset, PAGE_WORKS, as_typed=self.as_typed
        )

    def in_fandom(self, choice: str) -> Self:
        """The same search in one of its fandoms (by number), or in all of them."""
        fandom = None
        if choice.isascii() and choice.isdigit() and int(choice[:4]) < len(self.fandoms):
            fandom = self.fandoms[int(choice[:4])][0]
        return replace(self, filters=Filters.of(fandom, *self._options()))

    def with_fandoms(self, fandoms: Sequence[tuple[str, int]]) -> Self:
        """The same where only these may be seen: any of them, if it was in one that may not."""
        hidden = {name for name, _ in self.fandoms} - {name for name, _ in fandoms}
        kept = self.in_fandom(EVERY_FANDOM) if self.filters.fandom in hidden else self
        return replace(kept, fandoms=tuple(fandoms), adult_ok=False)

    def to_state(self) -> Json:
        """As JSON, for keeping."""
        rating, status, words = self._options()
        return {
            "query": self.query,
            "fandom": self.filters.fandom,
            "rating": rating,
            "status": status,
            "words": [words.low, words.high] if words else None,
            "sort": self.sort,
            "fandoms": self.fandoms,
            "as_typed": self.as_typed,
            "adult_ok": self.adult_ok,
        }

    @classmethod
    def from_state(cls, kept: Json) -> Self:
        """What `to_state` gave."""
        filters = Filters.of(
            fandom=kept["fandom"],
            rating=Rating(kept["rating"]) if kept["rating"] else None,
            status=Status(kept["status"]) if kept["status"] else None,
            words=WordRange(*kept["words"]) if kept["words"] else None,
        )
        fandoms = tuple((str(name), int(number)) for name, number in kept["fandoms"])
        sort = Sort(kept["sort"]) if kept["sort"] else None
        # Lists of before there were corrections, or before the gate was noted, tell nothing of it.
        as_typed, adult_ok = bool(kept.get("as_typed")), bool(kept.get("adult_ok", True))
        return cls(kept["query"], filters, sort, fandoms, as_typed, adult_ok)

    def _options(self) -> tuple[Rating | None, Status | None, WordRange | None]:
        filters = self.filters
        return next(iter(filters.ratings), None), next(iter(filters.statuses), None), filters.words


async def recalled(interaction: Interaction, token: int) -> Remembered:
    """The search whose list a member goes on with. Raises NotFound; Refused: another's."""
    owner_id, state = await kept(interaction, KIND, token)
    if owner_id != interaction.user.id:
        raise Refused("This list belongs to someone else. Use /fic search for your own.")
    return Remembered.from_state(state)


async def seen_here(interaction: Interaction, search: Remembered) -> Remembered:
    """A search without the fandoms of adult works, if its channel has lost its gate since."""
    viewer = viewer_of(interaction)
    if viewer.adult_ok or not search.adult_ok:
        return search
    anywhere = search.in_fandom(EVERY_FANDOM).request(0)
    library = interaction.client.library
    answer = await library.search(guild_of(interaction), anywhere, viewer)
    return search.with_fandoms(answer.fandoms[:24])


async def page_of(interaction: Interaction, search: Remembered, token: int, offset: int) -> Sheet:
    """A page of a search that is gone on with."""
    library, viewer = interaction.client.library, viewer_of(interaction)
    answer = await library.search(guild_of(interaction), search.request(offset), viewer)
    return results_sheet(answer, search, token, offset)


def results_sheet(answer: SearchAnswer, search: Remembered, token: int, offset: int) -> Sheet:
    """One page of results with its controls; without a token, only those that need none."""
    parts: list[ui.Item[Any]] = [ui.TextDisplay(_heading(answer, search, offset))]
    if answer.did_you_mean and token:
        only = f"Search for “{text.plain(search.query, 50)}” only"
        parts.append(ui.ActionRow(button(only, AS_TYPED, token)))
    if chooser := _chooser(answer, search, token):
        parts += chooser
    if entries := [entry(hit.work, number) for number, hit in enumerate(answer.hits, offset + 1)]:
        parts.append(ui.TextDisplay("\n".join(entries)))
    if left_out := hidden_line(answer.hidden):
        parts.append(ui.TextDisplay(f"-# {left_out}"))
    rows: list[ui.Item[Any]] = []
    goes_on = offset > 0 or answer.total > offset + PAGE_WORKS
    if goes_on and not token:
        parts.append(ui.TextDisplay(f"-# {NO_PAGES}"))
    if token and len(search.fandoms) > (len(answer.namesakes) if chooser else 1):
        rows.append(_fandom_menu(search, token))
    if answer.hits:
        rows.append(picker([hit.work for hit in answer.hits], offset))
    if goes_on and token:
        before, after = max(offset - PAGE_WORKS, 0), offset + PAGE_WORKS
        rows.append(
            ui.ActionRow(
                button("Previous", TURN_PAGE, token, before, disabled=offset == 0),
                button("Next", TURN_PAGE, token, after, disabled=after >= answer.total),
            )
        )
    return Sheet(ui.Container(*parts), *rows)


def nothing_found(answer: SearchAnswer) -> str:
    """What to say when nothing matches that may be shown."""
    if left_out := hidden_line(answer.hidden):
        return f"Nothing else matches. {left_out}."
    query = text.escape(answer.query, 100)
    asked = f" “{query}”" if query else " that"
    said = "".join(f"\n{text.escape(note, 200)}" for note in answer.notes[:MOST_NOTES])
    return (
        f"Nothing in the library matches{asked}. Try fewer words, or only the part of a title "
        f"or name that you are sure of.{said}"
    )


def hidden_line(hidden: Hidden) -> str:
    """How many matches were left out, and why; empty if none were."""
    parts: list[str] = []
    if hidden.adult:
        parts.append(f"{hidden.adult:,} hidden: adult works show in age-restricted channels")
    if hidden.muted:
        parts.append(f"{hidden.muted:,} hidden by your mutes")
    return " · ".join(parts)


def _heading(answer: SearchAnswer, search: Remembered, offset: int) -> str:
    query = text.escape(search.query, 100)
    lines = [f"### Results for “{query}”" if query else "### The library"]
    if answer.did_you_mean:
        lines.append(f"Showing results for **{text.escape(answer.did_you_mean, 120)}**.")
    lines += [text.escape(note, 200) for note in answer.notes[:MOST_NOTES]]
    total = text.count(answer.total, "work")
    about = [f"{total} or more" if answer.total_is_floor else total]
    if search.filters.fandom:
        about.append(f"in {text.escape(search.filters.fandom, 80)}")
    if answer.total > PAGE_WORKS:
        pages = -(-answer.total // PAGE_WORKS)
        about.append(f"page {offset // PAGE_WORKS + 1} of {pages:,}")
    lines.append(f"-# {' · '.join(about)}")
    if len(search.fandoms) > 1 and not search.filters.fandom and not answer.namesakes:
        named = [f"{text.escape(name, 60)} **{n}**" for name, n in search.fandoms[:NAMED_FANDOMS]]
        more = len(search.fandoms) - len(named)
        named += [f"{text.count(more, 'other fandom')}"] if more else []
        lines.append(" · ".join(named))
    return "\n".join(lines)


def _chooser(answer: SearchAnswer, search: Remembered, token: int) -> list[ui.Item[Any]]:
    """The same name in several fandoms: asked at once, before anybody opens the wrong one."""
    numbers = {name: index for index, (name, _) in enumerate(search.fandoms)}
    fandoms = [(name, n) for name, n in answer.namesakes if name in numbers][:CHOOSER_FANDOMS]
    if len(fandoms) < 2 or search.filters.fandom or not token:
        return []
    return [
        ui.TextDisplay("More than one fandom has somebody of that name. Which one do you mean?"),
        ui.ActionRow(
            *(
                button(f"{text.plain(name, 60)} · {n:,}", CHOOSE_FANDOM, token, numbers[name])
                for name, n in fandoms
            )
        ),
    ]


def entry(work: Work, number: int) -> str:
    """A work in a list: rating and warnings before anything that is told of it."""
    info = work.info
    title = text.title(work.display_title, 100)
    warned = [w for w in ArchiveWarning if w in info.warnings and w != ArchiveWarning.NONE_APPLY]
    about = [str(info.rating), *([", ".join(warned)] if warned else [])]
    if info.fandoms:
        about.append(text.names(info.fandoms, 60))
    if info.words:
        about.append(text.count(info.words, "word"))
    if info.status is not Status.UNKNOWN:
        about.append(str(info.status))
    return f"**{number}.** **{title}** by {authors_of(info, 50)}\n-# {' · '.join(about)}"


def _fandom_menu(search: Remembered, token: int) -> ui.ActionRow[Any]:
    chosen = search.filters.fandom
    options = [option("All fandoms", EVERY_FANDOM, chosen=chosen is None)]
    options += [
        option(f"{text.plain(name, 85)} ({works:,})", str(index), chosen=name == chosen)
        for index, (name, works) in enumerate(search.fandoms[:24])
    ]
    return menu("Only one fandom", options, CHOOSE_FANDOM, token)


def picker(works: Sequence[Work], offset: int) -> ui.ActionRow[Any]:
    """A menu that opens the card of one of a list's works, numbered from `offset` + 1."""
    options: list[discord.SelectOption] = []
    for number, work in enumerate(works, offset + 1):
        info = work.info
        by = ", ".join(info.authors[:3]) or "not named"
        fandom = f" · {info.fandoms[0]}" if info.fandoms else ""
        label = f"{number}. {text.plain(work.display_title, 90)}"
        options.append(option(label, str(work.work_id), f"by {text.plain(by, 50)}{fandom}"))
    return menu("Open a work", options, PICK_WORK)
