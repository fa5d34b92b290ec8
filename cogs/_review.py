"""The review card: what was found in a text and why, and the controls to put it right.

Everything that a moderator changes is stored at once, so the card can be drawn again at any time
from the library; what ingest noticed is kept beside it, and the controls carry the number that
finds it.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self, TypeVar

import discord
from discord import ui

from cogs import _text as text
from cogs._cards import ACCENTS, authors_of, facts, rating_line, source_button
from cogs._controls import (
    Form,
    Json,
    Press,
    Sheet,
    Submission,
    UnknownControl,
    button,
    menu,
    option,
)
from db.errors import BadInput, Conflict
from db.ingest.reading import Reading
from db.models import (
    ArchiveWarning,
    Excerpt,
    Rating,
    Status,
    TextAccess,
    Work,
    WorkChanges,
    WorkState,
)

# The actions of the card's controls; cogs/library.py answers them. Their numbers are the
# number that finds the `Review`, and which of its works is meant.
SET_RATING, SET_WARNINGS, CHOOSE_PASSAGE = "review-rating", "review-warnings", "review-passage"
EDIT_DETAILS, EDIT_MORE = "review-details", "review-more"
SAVE_DETAILS, SAVE_MORE = "review-details-form", "review-more-form"
PUBLISH, DISCARD, APPEND = "review-publish", "review-discard", "review-append"

Word = TypeVar("Word", bound=StrEnum)

KIND = "review"  # of what is kept for a card's controls
SHOWN_PASSAGES = 3
PASSAGE_UNITS = 330  # of each passage on the card, escaped
FIELD_LIMIT = 4000  # of a text input
NEVER = "never "  # before the id of a passage that is not to be shown


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """A work under review, with what ingest noticed about it.

    `chapter_of` is the work that it may be the next chapter of.
    """

    work_id: int
    noticed: tuple[str, ...] = ()
    chapter_of: int | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """Works that are reviewed one after another.

    `others` are lines, in Markdown, on what could not be made into a draft; `here` are the works
    that such files turned out to be.
    """

    items: tuple[ReviewItem, ...]
    others: tuple[str, ...] = ()
    here: tuple[int, ...] = ()

    def to_state(self) -> Json:
        """As JSON, for keeping."""
        return asdict(self)

    @classmethod
    def from_state(cls, kept: Json) -> Self:
        """What `to_state` gave."""
        items = tuple(
            ReviewItem(i["work_id"], tuple(i["noticed"]), i.get("chapter_of"))
            for i in kept["items"]
        )
        return cls(items, tuple(kept["others"]))


@dataclass(frozen=True, slots=True)
class Place:
    """Which work of which review a control is about."""

    token: int
    position: int

    @classmethod
    def of(cls, given: Press | Submission) -> Self:
        """Out of a control's numbers. Raises UnknownControl."""
        if len(given.numbers) != 2:
            raise UnknownControl("review")
        return cls(*given.numbers)


def noticed(reading: Reading, *, title_given: bool) -> tuple[str, ...]:
    """What ingest concluded from a text and why, in Markdown."""
    info = reading.work.info
    lines: list[str] = []
    if title_given:
        lines.append("Title: as you gave it.")
    elif info.title:
        lines.append(f"Title: from the {text.escape(reading.title_source or 'file', 40)}.")
    elif reading.title_candidates:
        offered = " · ".join(text.escape(c, 60) for c in reading.title_candidates[:3])
        lines.append(f"It might be: {offered}")
    sure = [fandom for fandom in reading.fandoms if fandom.confident]
    for fandom in (sure or reading.fandoms)[:2]:
        names = sorted(fandom.evidence.items(), key=lambda item: -item[1])[:5]
        evidence = ", ".join(f"{text.escape(name, 30)} {number}" for name, number in names)
        perhaps = "" if fandom.confident or fandom.name in info.fandoms else "perhaps "
        because = f" ({evidence})" if evidence else ""
        lines.append(f"Fandom: {perhaps}{text.escape(fandom.name, 60)}{because}")
    if not info.fandoms and not reading.fandoms:
        lines.append("No fandom was recognised.")
    if info.rating is not Rating.NOT_RATED and reading.rating_source:
        lines.append(f"Rating: from the {text.escape(reading.rating_source, 40)}.")
    lines += [text.escape(problem, 160) for problem in reading.problems[:3]]
    return tuple(lines)


def review_sheet(
    review: Review,
    place: Place,
    work: Work,
    excerpts: Sequence[Excerpt],
    *,
    above: Sequence[str],
    may_quote: bool,
    chapter_of: Work | None = None,
) -> Sheet:
    """The card of one work under review.

    `above` are lines to say first, in Markdown; `may_quote` is whether passages may show here;
    `chapter_of` is the work that a draft may be the next chapter of.
    """
    numbers = (place.token, place.position)
    is_draft = work.state is WorkState.DRAFT
    parts: list[ui.Item[Any]] = [
        ui.TextDisplay(_heading(review, place, work, above)),
    ]
    lines = review.items[place.position].noticed
    parts.append(ui.TextDisplay(_details(work, explained=bool(lines))))
    if lines:
        parts.append(ui.TextDisplay(text.lines_within((f"-# {line}" for line in lines), 600)))
    excerpts = excerpts[:SHOWN_PASSAGES]
    if excerpts and may_quote:
        parts += [ui.Separator(), ui.TextDisplay(_passages(excerpts))]
    elif excerpts:
        rated = f"This is rated {work.info.rating}: its passages show in age-restricted channels."
        parts += [ui.Separator(), ui.TextDisplay(f"-# {rated}")]
    rows: list[ui.Item[Any]] = [_rating_menu(work, numbers), _warnings_menu(work, numbers)]
    if excerpts and may_quote:
        rows.append(_passage_menu(excerpts, numbers))
    if is_draft and chapter_of is not None:
        label = f"Add as next chapter of {chapter_of.display_title}"
        rows.append(ui.ActionRow(button(label, APPEND, *numbers)))
    buttons = [
        button("Edit details", EDIT_DETAILS, *numbers),
        button("More details", EDIT_MORE, *numbers),
    ]
    if is_draft:
        buttons += [
            button("Publish", PUBLISH, *numbers, style=discord.ButtonStyle.success),
            button("Discard", DISCARD, *numbers, style=discord.ButtonStyle.danger),
        ]
    rows.append(ui.ActionRow(*buttons, *source_button(work.info)))
    return Sheet(ui.Container(*parts, accent_colour=ACCENTS[work.info.rating]), *rows)


def details_form(work: Work, place: Place) -> Form:
    """A form with the title and the names; lists are parted by commas.

    Raises:
        Conflict: not one of them fits in a form.
    """
    info = work.info
    form = Form("Edit details", SAVE_DETAILS, place.token, place.position)
    _add_text(form, "Title", "title", info.title or "", "Leave empty if it has none")
    for label, name, values in (
        ("Authors", "authors", info.authors),
        ("Fandoms", "fandoms", info.fandoms),
        ("Relationships", "relationships", info.relationships),
        ("Characters", "characters", info.characters),
    ):
        _add_text(form, label, name, _listed(values), "Parted by commas", long=True)
    if not form.children:
        raise Conflict(
            "All of that is longer than a form on Discord takes. Correct the file and add it again."
        )
    return form


def more_form(work: Work, place: Place) -> Form:
    """A form with what else a card shows."""
    info = work.info
    form = Form("More details", SAVE_MORE, place.token, place.position)
    _add_text(form, "Summary", "summary", info.summary or "", None, long=True)
    _add_text(form, "Tags", "tags", _listed(info.tags), "Parted by commas", long=True)
    _add_text(form, "Link to the source", "source_url", info.source_url or "", None)
    statuses = [option(s.value, s.value, chosen=s is info.status) for s in Status]
    form.field("Status", ui.Select(custom_id="status", options=statuses))
    access = {
        TextAccess.EXCERPT: "Show short passages",
        TextAccess.METADATA: "Show the card only",
        TextAccess.FULL: "The author allows reading it here",
    }
    form.field(
        "What its text may be used for",
        ui.Select(
            custom_id="text_access",
            options=[
                option(label, a.value, chosen=a is info.text_access) for a, label in access.items()
            ],
        ),
    )
    return form


def details_change(form: Submission) -> WorkChanges:
    """What a submitted form changes; fields that it did not have stay as they are."""
    given = form.texts
    return WorkChanges(
        title=given.get("title"),
        authors=_names(given.get("authors")),
        fandoms=_names(given.get("fandoms")),
        relationships=_names(given.get("relationships")),
        characters=_names(given.get("characters")),
        tags=_names(given.get("tags")),
        summary=given.get("summary"),
        source_url=given.get("source_url"),
        status=_word(Status, form.choices.get("status")),
        text_access=_word(TextAccess, form.choices.get("text_access")),
    )


def rating_change(press: Press) -> WorkChanges:
    """The rating that was chosen. Raises BadInput."""
    rating = _word(Rating, press.values)
    if rating is None:
        raise BadInput("Please choose one of the ratings.")
    return WorkChanges(rating=rating)


def warnings_change(press: Press) -> WorkChanges:
    """The warnings that were chosen, in AO3's order. Raises BadInput."""
    known = {str(warning): warning for warning in ArchiveWarning}
    if any(value not in known for value in press.values):
        raise BadInput("Please choose warnings from the list.")
    chosen = {known[value] for value in press.values}
    if ArchiveWarning.NONE_APPLY in chosen and len(chosen) > 1:
        raise BadInput(f"“{ArchiveWarning.NONE_APPLY}” does not go together with a warning.")
    return WorkChanges(warnings=tuple(w for w in ArchiveWarning if w in chosen))


def _heading(review: Review, place: Place, work: Work, above: Sequence[str]) -> str:
    title = text.title(work.display_title, 200)
    total = len(review.items)
    what = "Review" if work.state is WorkState.DRAFT else "Edit"
    which = f" · {place.position + 1} of {total}" if total > 1 else ""
    lines = [f"-# {what}{which}", f"### {title}", f"by {authors_of(work.info, 150)}"]
    if above:
        lines.insert(0, text.lines_within(above, 400))
    return "\n".join(lines)


def _details(work: Work, *, explained: bool) -> str:
    info = work.info
    lines = [rating_line(info)]
    if info.rating is Rating.NOT_RATED and not explained:
        lines.append("-# Without a rating it shows in age-restricted channels only.")
    lines += [
        f"**{label}:** {text.names(values, limit) if values else '–'}"
        for label, values, limit in (
            ("Fandoms", info.fandoms, 150),
            ("Relationships", info.relationships, 150),
            ("Characters", info.characters, 200),
        )
    ]
    if info.summary:
        lines.append(f"**Summary:** {text.escape(info.summary, 250)}")
    return "\n".join([*lines, f"-# {facts(work)}"])


def _passages(excerpts: Sequence[Excerpt]) -> str:
    return "\n".join(
        f"**{number}.**{' (chosen)' if excerpt.chosen else ''}\n"
        f"{text.quoted(excerpt.text, PASSAGE_UNITS)}"
        for number, excerpt in enumerate(excerpts, 1)
    )


def _rating_menu(work: Work, numbers: tuple[int, int]) -> ui.ActionRow[Any]:
    now = work.info.rating
    options = [option(r.value, r.value, chosen=r is now) for r in Rating]
    return menu("Rating", options, SET_RATING, *numbers)


def _warnings_menu(work: Work, numbers: tuple[int, int]) -> ui.ActionRow[Any]:
    now = work.info.warnings
    options = [option(w.value, w.value, chosen=w in now) for w in ArchiveWarning]
    return menu(
        "Archive warnings", options, SET_WARNINGS, *numbers, at_least=0, at_most=len(options)
    )


def _passage_menu(excerpts: Sequence[Excerpt], numbers: tuple[int, int]) -> ui.ActionRow[Any]:
    chosen = next((e for e in excerpts if e.chosen), excerpts[0])
    options = [
        option(f"{number}. {text.plain(excerpt.text, 90)}", str(excerpt.excerpt_id))
        for number, excerpt in enumerate(excerpts, 1)
    ]
    options[excerpts.index(chosen)].default = True
    options += [
        option(f"Never show passage {number}", f"{NEVER}{excerpt.excerpt_id}")
        for number, excerpt in enumerate(excerpts, 1)
    ]
    return menu("The passage that is shown first", options, CHOOSE_PASSAGE, *numbers)


def _add_text(
    form: Form, label: str, name: str, value: str, hint: str | None, *, long: bool = False
) -> None:
    if text.length(value) > FIELD_LIMIT:
        return  # a cut list would be saved as the whole; what the form lacks stays as it is
    style = discord.TextStyle.paragraph if long else discord.TextStyle.short
    if not long:
        value = text.clean(value)
    component = ui.TextInput[Any](
        custom_id=name, style=style, default=value or None, required=False, max_length=FIELD_LIMIT
    )
    form.field(label, component, hint)


def _listed(names: Sequence[str]) -> str:
    """Names as a form offers them, so that `_names` reads the same ones back."""
    if not any("," in name for name in names):
        return ", ".join(names)
    return "; ".join(names) + ";"


def _names(typed: str | None) -> tuple[str, ...] | None:
    """Names parted by commas; by lines or semicolons where there are any, as names have commas."""
    if typed is None:
        return None
    part = r"[\n;]" if re.search(r"[\n;]", typed.strip()) else ","
    return tuple(name.strip() for name in re.split(part, typed) if name.strip())


def _word(words: type[Word], chosen: Sequence[str] | None) -> Word | None:
    if not chosen:
        return None
    found = next((word for word in words if word.value == chosen[0]), None)
    if found is None:
        raise BadInput("That is not on the list. Please choose again.")
    return found
