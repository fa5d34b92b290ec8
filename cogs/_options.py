"""Options of commands: what may be chosen, and how what is typed is read."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from discord import app_commands

from cogs import _text as text
from cogs._client import Interaction, LibraryClient
from db.errors import BadInput
from db.models import Completion, Rating, Sort, Status, WordRange
from db.search import read_word_range

MOST_CHOICES = 25
_LENGTHS = (
    ("Under 5,000 words", "<5k"),
    ("5,000 to 20,000 words", "5k-20k"),
    ("20,000 to 50,000 words", "20k-50k"),
    ("50,000 to 100,000 words", "50k-100k"),
    ("Over 100,000 words", ">100k"),
)


class OneOf(app_commands.Transformer[LibraryClient]):
    """An option with the fixed words of an enumeration, or some of them."""

    def __init__(
        self, words: type[StrEnum], what: str, *, without: Collection[StrEnum] = ()
    ) -> None:
        self._words = [word for word in words if word not in without]
        self._what = what

    @property
    def choices(self) -> list[app_commands.Choice[str | int | float]]:
        """The words, as Discord offers them."""
        return [app_commands.Choice(name=word.value, value=word.value) for word in self._words]

    async def transform(self, interaction: Interaction, value: Any, /) -> StrEnum:
        """The word that was chosen."""
        for word in self._words:
            if word == value:
                return word
        raise BadInput(f"“{text.plain(str(value), 50)}” is no {self._what}. Choose one.")


class Length(app_commands.Transformer[LibraryClient]):
    """A length in words, chosen or typed: `<5k`, `5k-20k`, `>100k`."""

    async def transform(self, interaction: Interaction, value: Any, /) -> WordRange:
        """The bounds that were meant."""
        return word_range(str(value))

    async def autocomplete(
        self, interaction: Interaction, value: str | float, /
    ) -> list[app_commands.Choice[str | int | float]]:
        """The usual lengths; or what was typed, once it can be read."""
        typed = str(value)
        try:
            offers = [(describe_range(word_range(typed)), text.plain(typed, 100))]
        except BadInput:
            offers = list(_LENGTHS)
        return [app_commands.Choice(name=name, value=length) for name, length in offers]


class Days(StrEnum):
    """On which days of the week something happens, as moderators choose it."""

    EVERY_DAY = "every day"
    WEEKDAYS = "weekdays"
    WEEKENDS = "weekends"
    MONDAY = "Mondays"
    TUESDAY = "Tuesdays"
    WEDNESDAY = "Wednesdays"
    THURSDAY = "Thursdays"
    FRIDAY = "Fridays"
    SATURDAY = "Saturdays"
    SUNDAY = "Sundays"

    @property
    def weekdays(self) -> frozenset[int]:
        """The days; Monday is 0."""
        several = {
            Days.EVERY_DAY: range(7),
            Days.WEEKDAYS: range(5),
            Days.WEEKENDS: range(5, 7),
        }
        single = list(Days)[len(several) :]
        return frozenset(several.get(self) or (single.index(self),))


def days_of(weekdays: frozenset[int]) -> Days:
    """The choice that means those days."""
    return next(days for days in Days if days.weekdays == weekdays)


RatingOption = app_commands.Transform[Rating, OneOf(Rating, "rating")]
HighestRating = app_commands.Transform[
    Rating, OneOf(Rating, "rating to stop at", without=(Rating.NOT_RATED,))
]
DaysOption = app_commands.Transform[Days, OneOf(Days, "choice of days")]
StatusOption = app_commands.Transform[Status, OneOf(Status, "status")]
SortOption = app_commands.Transform[Sort, OneOf(Sort, "order")]
LengthOption = app_commands.Transform[WordRange, Length]


def word_range(typed: str) -> WordRange:
    """The bounds in `N`, `<N`, `>N` or `A-B` (inclusive); `5k` is 5,000.

    Raises:
        BadInput: it is none of these.
    """
    if (words := read_word_range(typed)) is None:
        raise BadInput(
            f"“{text.plain(typed, 50)}” is not a length. Write it like <5k, 5k-20k or >100k."
        )
    return words


def describe_range(words: WordRange) -> str:
    """The bounds in words."""
    if words.low is None and words.high is None:
        return "any length"
    if words.low is None:
        return f"up to {words.high:,} words"
    if words.high is None:
        return f"{words.low:,} words or more"
    if words.low == words.high:
        return f"exactly {words.low:,} words"
    return f"{words.low:,} to {words.high:,} words"


def work_number(value: str) -> int | None:
    """The id in `#id`, which is what suggestions of works send; None for words."""
    digits = value.strip().removeprefix("#")
    is_number = value.strip().startswith("#") and digits.isascii() and digits.isdigit()
    return int(digits) if is_number and len(digits) < 19 else None


def zone_choices(typed: str, now: datetime) -> list[app_commands.Choice[str]]:
    """Time zones by what was typed of their names, with the time of day there."""
    wanted = typed.strip().replace(" ", "_").casefold()
    zones = sorted(
        (zone for zone in available_timezones() if wanted in zone.casefold()),
        key=lambda zone: (not zone.casefold().rpartition("/")[2].startswith(wanted), zone),
    )
    return [
        app_commands.Choice(name=f"{zone} ({now.astimezone(ZoneInfo(zone)):%H:%M})", value=zone)
        for zone in zones[:MOST_CHOICES]
    ]


def choices_of(completions: list[Completion]) -> list[app_commands.Choice[str]]:
    """Suggestions as Discord takes them; a value that is too long cannot be offered."""
    return [
        app_commands.Choice(name=label, value=completion.value)
        for completion in completions
        if 0 < text.length(completion.value) <= 100 and (label := text.plain(completion.label, 100))
    ][:MOST_CHOICES]
