"""Works and passages as Discord messages.

Discord takes 4,000 characters of text in a message of components, 40 components, and about
10,000 bytes. Each field has its share of `TEXT_BUDGET`, so that any work fits: 3,300 units are
under 10,000 bytes in any script.
"""

from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from cogs import _text as text
from cogs._controls import Sheet, button
from db.daily.models import DAILY, Recommended
from db.members import Rec
from db.models import ArchiveWarning, Passage, Rating, Status, TextAccess, Work, WorkInfo
from db.vocabulary import language_name

TEXT_BUDGET = 3300
SUMMARY_UNITS, RECS_UNITS = 900, 600  # recs take theirs from the summary
WORDS_PER_MINUTE = 250  # of silent reading, rounded

ACCENTS = {
    Rating.GENERAL: 0x4F8A5B,
    Rating.TEEN: 0xC9A227,
    Rating.MATURE: 0xD9772B,
    Rating.EXPLICIT: 0xB03A48,
    Rating.NOT_RATED: 0x7D8590,
}

# The actions of the buttons on cards; cogs/fic.py answers them.
SHOW_CARD, SHOW_EXCERPT, SHOW_SIMILAR = "card", "excerpt", "similar"

Container = ui.Container[Any]
Item = ui.Item[Any]


def work_card(work: Work, recs: Sequence[Rec] = ()) -> Sheet:
    """The card of a work, with its buttons and what members say of it (up to three recs)."""
    return Sheet(work_container(work, _card_buttons(work), recs=recs))


def card_below(said: str, work: Work, recs: Sequence[Rec] = ()) -> Sheet:
    """A work's card with something said above it, in Markdown."""
    return Sheet(ui.TextDisplay(said), work_container(work, _card_buttons(work), recs=recs))


def work_container(
    work: Work, buttons: list[ui.Button[Any]], heading: str = "", recs: Sequence[Rec] = ()
) -> Container:
    """The body of a card: what must be known before any text of it comes first."""
    info = work.info
    parts: list[Item] = [
        ui.TextDisplay(f"{heading}### {titled(work, 300)}\nby {authors_of(info, 200)}"),
        ui.TextDisplay(rating_line(info)),
    ]
    if tags := _tag_lines(info):
        parts.append(ui.TextDisplay("\n".join(tags)))
    said = _said_of(recs)
    left = SUMMARY_UNITS - text.length(said)
    if info.summary and (summary := text.escape(info.summary, left, lines=True)):
        parts += [ui.Separator(), ui.TextDisplay(summary)]
    if said:
        parts += [ui.Separator(), ui.TextDisplay(said)]
    parts += [ui.Separator(), ui.TextDisplay(f"-# {facts(work)}")]
    if buttons:
        parts.append(ui.ActionRow(*buttons))
    return ui.Container(*parts, accent_colour=ACCENTS[info.rating])


def passage_card(passage: Passage) -> Sheet:
    """A passage with its credit; rating and warnings stand above it."""
    work = passage.work
    buttons = [button("About this fic", SHOW_CARD, work.work_id)]
    if work.excerpt_count > 1:
        another = button("Another passage", SHOW_EXCERPT, work.work_id, passage.excerpt.excerpt_id)
        buttons.insert(0, another)
    return Sheet(
        ui.Container(
            ui.TextDisplay(rating_line(work.info)),
            ui.TextDisplay(text.quoted(passage.excerpt.text, 2000)),
            ui.TextDisplay(credit(passage)),
            ui.ActionRow(*buttons, *source_button(work.info)),
            accent_colour=ACCENTS[work.info.rating],
        )
    )


def daily_card(
    recommended: Recommended, *, outbox_id: int, name: str, role_id: int | None
) -> Sheet:
    """A recommendation, headed by its schedule's name. Its button names the row of the outbox, by
    which the post is known again.

    A passage of an adult work is covered until somebody presses on it.
    """
    work, found = recommended.work, recommended.found
    info = work.info
    ping = f"<@&{role_id}> " if role_id else ""
    own = text.escape(name, 90) if name != DAILY else ""  # a name may be nothing to be seen
    title = own or "Today’s recommendation"
    parts: list[Item] = [
        ui.TextDisplay(f"### {titled(work, 300)}\nby {authors_of(info, 200)}"),
        ui.TextDisplay(rating_line(info)),
    ]
    if recommended.rec:
        parts.append(ui.TextDisplay(why_line(recommended.rec)))
    if info.fandoms:
        parts.append(ui.TextDisplay(f"**Fandoms:** {text.names(info.fandoms, 200)}"))
    passage = found if isinstance(found, Passage) else None
    limit = 300 if passage else 900
    if info.summary and (summary := text.escape(info.summary, limit, lines=True)):
        parts.append(ui.TextDisplay(summary))
    shown = [ui.TextDisplay[Any](text.quoted(passage.excerpt.text, 1500))] if passage else []
    is_covered = bool(shown) and info.rating.is_adult
    if is_covered:
        parts.append(ui.TextDisplay("-# A passage follows. Press on it to uncover it."))
    else:
        parts += shown
    buttons = [button("About this fic", SHOW_CARD, work.work_id, outbox_id)]
    if passage and work.excerpt_count > 1:
        another = (SHOW_EXCERPT, work.work_id, passage.excerpt.excerpt_id)
        buttons.append(button("Another passage", *another))
    row = ui.ActionRow[Any](*buttons, *source_button(info))
    parts.append(ui.TextDisplay(f"-# {facts(work)}"))
    heading = ui.TextDisplay[Any](f"{ping}{title}")
    accent = ACCENTS[info.rating]
    if not is_covered:
        return Sheet(heading, ui.Container(*parts, row, accent_colour=accent))
    cover = ui.Container[Any](*shown, accent_colour=accent, spoiler=True)
    return Sheet(heading, ui.Container(*parts, accent_colour=accent), cover, row)


def why_line(rec: Rec) -> str:
    """Why a member recommends a work, in Markdown. The mention shows who, and pings nobody."""
    return f"{text.quoted(rec.why, 300)}\n-# recommended by <@{rec.user_id}>"


def titled(work: Work, limit: int) -> str:
    """The title in Markdown, linked to the source where that is known.

    `limit` is for the title; a link's address, which is not shown, comes on top.
    """
    title = text.title(work.display_title, limit)
    return text.link(title, work.info.source_url)


def authors_of(info: WorkInfo, limit: int) -> str:
    """Who wrote it, in Markdown."""
    return text.names(info.authors, limit) or "an author who is not named"


def credit(passage: Passage) -> str:
    """Where a passage comes from, in Markdown."""
    work = passage.work
    title = text.title(work.display_title, 250)
    line = f"— from {text.link(f'*{title}*', work.info.source_url)} by {authors_of(work.info, 200)}"
    if chapter := passage.chapter_title and text.escape(passage.chapter_title, 120):
        line += f", “{chapter}”"
    elif work.chapter_count > 1:
        line += f", chapter {passage.excerpt.chapter + 1}"
    return line


def rating_line(info: WorkInfo) -> str:
    """Rating and archive warnings, in Markdown."""
    rating = "Not Rated (counts as adult)" if info.rating is Rating.NOT_RATED else info.rating
    return f"**{rating}** · {warnings_of(info)}"


def warnings_of(info: WorkInfo) -> str:
    """The archive warnings in words, in Markdown; what is not known is not made up."""
    if not info.warnings:
        return "Archive warnings not stated"
    warned = [warning for warning in ArchiveWarning if warning in info.warnings]
    if warned == [ArchiveWarning.NONE_APPLY]:
        return str(ArchiveWarning.NONE_APPLY)
    return f"**{', '.join(warned)}**"


def facts(work: Work) -> str:
    """Length, reading time, chapters and status in one line."""
    info = work.info
    parts = [text.count(info.words, "word"), reading_time(info.words)] if info.words else []
    if work.chapter_count > 1:
        parts.append(text.count(work.chapter_count, "chapter"))
    if info.status is not Status.UNKNOWN:
        parts.append(str(info.status))
    if info.language and info.language != "en":
        parts.append(text.escape(language_name(info.language), 30))
    if info.updated or info.published:
        day = info.updated or info.published
        parts.append(f"{'updated' if info.updated else 'published'} {day:%Y-%m-%d}")
    if not work.has_text:
        parts.append("details only, no text here")
    return " · ".join(parts) or "length not known"


def reading_time(words: int) -> str:
    """How long a reader takes, roughly."""
    minutes = max(1, round(words / WORDS_PER_MINUTE))
    if minutes < 60:
        return f"about {minutes} min"
    hours, rest = divmod(round(minutes / 5) * 5, 60)
    return f"about {hours} h {rest} min" if rest and hours < 10 else f"about {hours} h"


def source_button(info: WorkInfo) -> list[ui.Button[Any]]:
    """A link to where the work is at home, if that is known."""
    url = text.safe_url(info.source_url)
    return [ui.Button(style=discord.ButtonStyle.link, label="Source", url=url)] if url else []


def may_be_quoted(work: Work) -> bool:
    """Whether a card offers passages; the library checks the authors' consent as well."""
    return work.excerpt_count > 0 and work.info.text_access is not TextAccess.METADATA


def _said_of(recs: Sequence[Rec]) -> str:
    """Recs in Markdown, each with who gave it: a mention that pings nobody."""
    said: list[str] = []
    for rec in recs:
        who = f"\n-# recommended by <@{rec.user_id}>"
        room = RECS_UNITS // len(recs) - len(who) - 1
        said.append(text.quoted(rec.why, room) + who)
    return "\n".join(said)


def _card_buttons(work: Work) -> list[ui.Button[Any]]:
    primary = discord.ButtonStyle.primary
    excerpt = button("Excerpt", SHOW_EXCERPT, work.work_id, style=primary)
    similar = button("More like this", SHOW_SIMILAR, work.work_id)
    return [*([excerpt] if may_be_quoted(work) else []), similar, *source_button(work.info)]


def _tag_lines(info: WorkInfo) -> list[str]:
    lines = [
        f"**{label}:** {text.names(values, limit)}"
        for label, values, limit in (
            ("Fandoms", info.fandoms, 250),
            ("Relationships", info.relationships, 300),
            ("Characters", info.characters, 300),
            ("Categories", info.categories, 60),
            ("Tags", info.tags, 300),
        )
        if values
    ]
    if info.series:
        parts = [f"part {s.part} of {s.name}" if s.part else s.name for s in info.series]
        lines.append(f"**Series:** {text.names(parts, 150)}")
    return lines
