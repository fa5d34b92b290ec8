"""Works like another one, as a paged list that says what they share."""

from typing import Any

from discord import ui

from cogs import _text as text
from cogs._access import guild_of, viewer_of
from cogs._cards import SHOW_SIMILAR, authors_of
from cogs._client import Interaction
from cogs._controls import Press, Sheet, UnknownControl, button
from cogs._results import entry, hidden_line, picker
from db.errors import Refused
from db.models import NameField, SimilarAnswer, SimilarHit

PAGE_SIMILAR = 6  # as many as fit in a message, whatever they are called and share
MOST_OFFSET = 100_000  # a made-up press might ask for more
SHARED_CHARS = 110
NAMED_WORDS = 5  # of works that share no name

# The action of the list's buttons; its numbers are the work, the offset and whose list it is.
TURN_SIMILAR = "similar-page"


async def show_similar(interaction: Interaction, work_id: int, *, ephemeral: bool) -> None:
    """Answer with the works like one, or say that there are none.

    Raises:
        NotFound, Refused: the work itself is not there for this member.
    """
    answer = await _answer(interaction, work_id, 0)
    if not answer.hits:
        await interaction.response.send_message(nothing_similar(answer), ephemeral=True)
        return
    sheet = similar_sheet(answer, 0, interaction.user.id)
    await interaction.response.send_message(view=sheet, ephemeral=ephemeral)


async def similar_pressed(interaction: Interaction, press: Press) -> None:
    """The button of a card."""
    if not press.numbers:
        raise UnknownControl(SHOW_SIMILAR)
    # For the one who asked, as whatever a card's buttons bring.
    await show_similar(interaction, press.numbers[0], ephemeral=True)


async def similar_turned(interaction: Interaction, press: Press) -> None:
    """Turn a page of the list."""
    if len(press.numbers) != 3:
        raise UnknownControl(TURN_SIMILAR)
    work_id, offset, owner_id = press.numbers
    if owner_id != interaction.user.id:
        raise Refused("This list belongs to someone else. Use /fic similar for your own.")
    offset = min(offset, MOST_OFFSET)
    answer = await _answer(interaction, work_id, offset)
    await interaction.response.edit_message(view=similar_sheet(answer, offset, owner_id))


async def _answer(interaction: Interaction, work_id: int, offset: int) -> SimilarAnswer:
    return await interaction.client.library.similar(
        guild_of(interaction), work_id, viewer_of(interaction), offset=offset, limit=PAGE_SIMILAR
    )


def similar_sheet(answer: SimilarAnswer, offset: int, owner_id: int) -> Sheet:
    """One page of works like another with its controls."""
    parts: list[ui.Item[Any]] = [ui.TextDisplay(_heading(answer, offset))]
    entries = [
        f"{entry(hit.work, number)}\n-# {_shared(hit)}"
        for number, hit in enumerate(answer.hits, offset + 1)
    ]
    if entries:
        parts.append(ui.TextDisplay("\n".join(entries)))
    if left_out := hidden_line(answer.hidden):
        parts.append(ui.TextDisplay(f"-# {left_out}"))
    rows: list[ui.Item[Any]] = []
    if answer.hits:
        rows.append(picker([hit.work for hit in answer.hits], offset))
    if offset > 0 or answer.total > offset + PAGE_SIMILAR:
        work_id = answer.work.work_id
        before, after = max(offset - PAGE_SIMILAR, 0), offset + PAGE_SIMILAR
        last = after >= answer.total
        rows.append(
            ui.ActionRow(
                button("Previous", TURN_SIMILAR, work_id, before, owner_id, disabled=offset == 0),
                button("Next", TURN_SIMILAR, work_id, after, owner_id, disabled=last),
            )
        )
    return Sheet(ui.Container(*parts), *rows)


def nothing_similar(answer: SimilarAnswer) -> str:
    """What to say when nothing like a work may be shown."""
    title = text.title(answer.work.display_title, 200)
    if left_out := hidden_line(answer.hidden):
        return f"Nothing else here is like *{title}*. {left_out}."
    return (
        f"Nothing in the library is like *{title}* yet: no other work shares its fandom, its "
        "tags or its author. Try /fic random for a surprise."
    )


def _heading(answer: SimilarAnswer, offset: int) -> str:
    work = answer.work
    title = text.title(work.display_title, 200)
    about = [f"by {authors_of(work.info, 100)}", text.count(answer.total, "work")]
    if answer.total > PAGE_SIMILAR:
        pages = -(-answer.total // PAGE_SIMILAR)
        about.append(f"page {offset // PAGE_SIMILAR + 1} of {pages:,}")
    return f"### More like *{title}*\n-# {' · '.join(about)}"


def _shared(hit: SimilarHit) -> str:
    """What a work has in common with the other one, in Markdown."""
    if not hit.shared:
        words = (f"“{word}”" for word in hit.words[:NAMED_WORDS])
        return f"Shares words: {text.names(words, SHARED_CHARS)}"
    named = (_as_said(field, name) for field, name in hit.shared)
    return f"Shares {text.names(named, SHARED_CHARS)}"


def _as_said(field: NameField, name: str) -> str:
    match field:
        case NameField.SERIES:
            return f"the series {name}"
        case NameField.AUTHOR:
            return f"the author {name}"
        case _:
            return name
