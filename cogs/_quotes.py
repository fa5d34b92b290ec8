"""Where a quote stands: passages with the words marked, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import discord
from discord import ui

from cogs import _text as text
from cogs._access import guild_of, viewer_of
from cogs._cards import ACCENTS, TEXT_BUDGET, authors_of, rating_line
from cogs._client import Interaction
from cogs._controls import Json, Press, Sheet, UnknownControl, button, menu, option
from cogs._memory import kept, try_keep
from cogs._results import NO_PAGES, PICK_WORK, hidden_line
from db.errors import NotFound, Refused
from db.models import QuoteAnswer, QuoteHit, QuoteMatch, Work

PAGE_PASSAGES = 3  # whose credits leave each a few lines, whatever they are called
MOST_OFFSET = 10_000  # nobody pages further; a made-up press might
LINK_CHARS = 200  # of a source; a longer one stands on the work's card

# The action of the buttons; its numbers are what is kept of the quote, and the offset.
TURN_QUOTES = "quotes-page"
_KIND = "quote"  # of what is kept

_SAID = {
    QuoteMatch.EXACT: "Exact words",
    QuoteMatch.NEAR: "These words, near each other",
    QuoteMatch.MISTYPED: "Nothing says exactly that; this comes near",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A quote as its pages remember it."""

    words: str
    work_id: int | None

    def to_state(self) -> Json:
        """As JSON, for keeping."""
        return {"words": self.words, "work": self.work_id}

    @classmethod
    def from_state(cls, kept: Json) -> Self:
        """What `to_state` gave."""
        return cls(str(kept["words"]), kept["work"])


async def show_quotes(interaction: Interaction, words: str, work: Work | None) -> None:
    """Answer with the passages that say something, or say that there are none.

    Raises:
        BadInput, Conflict: there are no words in it, or the work is not to quote.
    """
    asked = Asked(words, work.work_id if work else None)
    answer = await _answer(interaction, asked, 0)
    if not answer.hits:
        await interaction.response.send_message(nothing_said(answer, work), ephemeral=True)
        return
    goes_on = answer.total > PAGE_PASSAGES
    token = await try_keep(interaction, _KIND, asked.to_state()) if goes_on else 0
    await interaction.response.send_message(view=quotes_sheet(answer, token, 0))


async def quotes_turned(interaction: Interaction, press: Press) -> None:
    """Turn a page of passages."""
    if len(press.numbers) != 2:
        raise UnknownControl(TURN_QUOTES)
    token, offset = press.numbers
    owner_id, state = await kept(interaction, _KIND, token)
    if owner_id != interaction.user.id:
        raise Refused("This list belongs to someone else. Use /fic quote for your own.")
    answer = await _answer(interaction, Asked.from_state(state), offset)
    if not answer.hits:
        raise NotFound("There are no more passages. Use /fic quote to look again.")
    await interaction.response.edit_message(view=quotes_sheet(answer, token, offset))


async def _answer(interaction: Interaction, asked: Asked, offset: int) -> QuoteAnswer:
    return await interaction.client.library.quote(
        guild_of(interaction),
        asked.words,
        viewer_of(interaction),
        work_id=asked.work_id,
        offset=min(offset, MOST_OFFSET),
        limit=PAGE_PASSAGES,
    )


def quotes_sheet(answer: QuoteAnswer, token: int, offset: int) -> Sheet:
    """One page of passages with its controls."""
    heading = _heading(answer, offset)
    left_out = hidden_line(answer.hidden)
    framed = [
        heading,
        left_out,
        *(rating_line(hit.work.info) + _credit(hit) for hit in answer.hits),
    ]
    used = sum(map(text.length, framed))
    room = (TEXT_BUDGET - used) // max(1, len(answer.hits))
    parts: list[ui.Item[Any]] = [ui.TextDisplay(heading)]
    for hit in answer.hits:
        parts += [
            ui.Separator(),
            ui.TextDisplay(rating_line(hit.work.info)),
            ui.TextDisplay(marked(hit.text, hit.marks, room)),
            ui.TextDisplay(_credit(hit)),
        ]
    if left_out:
        parts.append(ui.TextDisplay(f"-# {left_out}"))
    rows: list[ui.Item[Any]] = [_picker(answer)]
    goes_on = offset > 0 or answer.total > offset + PAGE_PASSAGES
    if goes_on and not token:
        parts.append(ui.TextDisplay(f"-# {NO_PAGES}"))
    elif goes_on:
        before, after = max(offset - PAGE_PASSAGES, 0), offset + PAGE_PASSAGES
        rows.append(
            ui.ActionRow(
                button("Previous", TURN_QUOTES, token, before, disabled=offset == 0),
                button("Next", TURN_QUOTES, token, after, disabled=after >= answer.total),
            )
        )
    colours = {ACCENTS[hit.work.info.rating] for hit in answer.hits}
    accent = colours.pop() if len(colours) == 1 else None
    return Sheet(ui.Container(*parts, accent_colour=accent), *rows)


def nothing_said(answer: QuoteAnswer, work: Work | None) -> str:
    """What to say when no passage may be shown."""
    if left_out := hidden_line(answer.hidden):
        return f"Nothing else says that. {left_out}."
    words = text.escape(answer.words, 120)
    if work is None:
        where = "Nothing in the library says"
    elif work.has_text:
        where = f"{text.title(work.display_title, 100)} does not say"
    else:
        return f"The text of {text.title(work.display_title, 100)} is not here, only its card."
    return f"{where} “{words}”, or nearly so. Try fewer words, or only those that you are sure of."


def marked(passage: str, marks: Sequence[tuple[int, int]], limit: int) -> str:
    """A passage as a block quote of at most `limit` units (some 40 or more), its marks bold.

    A longer one is cut on both sides of the first mark.
    """
    whole = _rendered(passage, marks, 0, len(passage))
    if text.length(whole) <= limit:
        return whole
    first, last = marks[0] if marks else (0, 0)
    fitting = _rendered(passage, marks, first, first)
    few, many = 0, len(passage)
    while few <= many:
        context = (few + many) // 2
        start, end = _between_words(passage, first - context, last + context, (first, last))
        cut = _rendered(passage, marks, start, end)
        if text.length(cut) <= limit:
            fitting, few = cut, context + 1
        else:
            many = context - 1
    if text.length(fitting) <= 4:  # not even the words themselves fit
        end = last
        while end > first and text.length(_rendered(passage, marks, first, end)) > limit:
            end -= max(1, (end - first) // 8)
        fitting = _rendered(passage, marks, first, end)
    return fitting


def _rendered(passage: str, marks: Sequence[tuple[int, int]], start: int, end: int) -> str:
    """`[start, end)` of a passage as a block quote, with an ellipsis where it is cut."""
    out: list[str] = ["> ", text.ELLIPSIS if start else ""]
    at = start
    for first, last in [*marks, (end, end)]:
        first, last = max(first, at), min(last, end)
        if first > end:
            break
        out.append(_escaped(passage[at:first], bold=False))
        out.append(_escaped(passage[first:last], bold=True))
        at = max(last, first)
    out.append(text.ELLIPSIS if end < len(passage) else "")
    return "".join(out)


def _escaped(passage: str, *, bold: bool) -> str:
    """A stretch as Markdown in a block quote; the blanks around each line's text stay."""
    lines: list[str] = []
    for line in passage.split("\n"):
        bare = text.escape(line)
        lead = " " if line[:1].isspace() and bare else ""
        tail = " " if line[-1:].isspace() else ""
        lines.append(f"{lead}**{bare}**{tail}" if bold and bare else f"{lead}{bare}{tail}")
    return "\n> ".join(lines)


def _between_words(passage: str, start: int, end: int, kept: tuple[int, int]) -> tuple[int, int]:
    """The nearest places inside `[start, end)` that do not cut a word, around what is kept."""
    start, end = max(0, start), min(len(passage), end)
    while 0 < start < kept[0] and not passage[start - 1].isspace():
        start += 1
    while kept[1] < end < len(passage) and not passage[end].isspace():
        end -= 1
    return start, end


def _heading(answer: QuoteAnswer, offset: int) -> str:
    about = [_SAID[answer.match]] if answer.match else []
    total = text.count(answer.total, "passage")
    about.append(f"{total} or more" if answer.total_is_floor else total)
    if answer.total > PAGE_PASSAGES:
        pages = -(-answer.total // PAGE_PASSAGES)
        about.append(f"page {offset // PAGE_PASSAGES + 1} of {pages:,}")
    return f"### “{text.escape(answer.words, 160)}”\n-# {' · '.join(about)}"


def _credit(hit: QuoteHit) -> str:
    """Which work, by whom, and where in it, in Markdown."""
    work = hit.work
    title = text.title(work.display_title, 120)
    url = text.safe_url(work.info.source_url)
    named = text.link(f"*{title}*", url if url and len(url) <= LINK_CHARS else None)
    line = f"— {named} by {authors_of(work.info, 80)}"
    if work.chapter_count > 1:
        line += f", {_chapter(hit)}"
    if hit.times > 1:
        line += f" · {hit.times:,} times in {'this chapter' if work.chapter_count > 1 else 'it'}"
    return line


def _chapter(hit: QuoteHit) -> str:
    number = f"Chapter {hit.chapter + 1}"
    name = text.escape(hit.chapter_title or "", 80)
    if not name:
        return number
    return name if name.casefold().startswith("chapter") else f"{number}: {name}"


def _picker(answer: QuoteAnswer) -> ui.ActionRow[Any]:
    options: dict[int, discord.SelectOption] = {}
    for hit in answer.hits:
        by = ", ".join(hit.work.info.authors[:3]) or "not named"
        options[hit.work.work_id] = option(
            text.plain(hit.work.display_title, 95), str(hit.work.work_id), f"by {by}"
        )
    return menu("Open a work", list(options.values()), PICK_WORK)
