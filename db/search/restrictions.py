"""Filters that need no look-up (rating, length, status, date), and filters put together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVar

from db.models import DateRange, Filters, Rating, Status, WordRange
from db.search import values

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Restriction:
    """A filter that needs no look-up: rating, length, status, date."""

    filters: Filters
    negated: Filters | None  # the same turned round, where that is one filter


def restriction(field: str, typed: str, today: date) -> Restriction | None:
    """The filter of a value; None if the value is none."""
    parts = [part for part in typed.split(",") if part.strip()] or [typed]
    match field:
        case "rating":
            ratings = _listed(parts, values.ratings)
            others = tuple(one for one in Rating if one not in ratings)
            return (
                Restriction(Filters(ratings=ratings), Filters(ratings=others)) if ratings else None
            )
        case "status" | "complete":
            read = values.status if field == "status" else _completeness
            statuses = _listed(parts, lambda part: tuple(filter(None, (read(part),))))
            others = tuple(one for one in Status if one not in statuses)
            if not statuses:
                return None
            return Restriction(Filters(statuses=statuses), Filters(statuses=others))
        case "lang":
            codes = _listed(parts, lambda part: tuple(filter(None, (values.language(part),))))
            if not codes:
                return None
            return Restriction(Filters(languages=codes), Filters(other_languages=codes))
        case "crossover":
            yes = values.yes_or_no(typed)
            if yes is None:
                return None
            return Restriction(Filters(crossover=yes), Filters(crossover=not yes))
        case "words":
            words = values.read_word_range(typed)
            if words is None:
                return None
            outside = _outside(words)
            return Restriction(Filters(words=words), Filters(words=outside) if outside else None)
        case _:
            dates = values.date_range(typed, today)
            if dates is None:
                return None
            others = _other_days(dates)
            return Restriction(
                replace(Filters(), **{field: dates}),
                replace(Filters(), **{field: others}) if others else None,
            )


def _other_days(dates: DateRange) -> DateRange | None:
    day = timedelta(days=1)
    if dates.last is None and dates.first is not None and dates.first > date.min:
        return DateRange(None, dates.first - day)
    if dates.first is None and dates.last is not None and dates.last < date.max:
        return DateRange(dates.last + day, None)
    return None


def _listed(parts: Sequence[str], read: Callable[[str], tuple[T, ...]]) -> tuple[T, ...]:
    """What the parts say together; nothing if one of them says nothing."""
    found = [read(part) for part in parts]
    return tuple(dict.fromkeys(one for each in found for one in each)) if all(found) else ()


def _completeness(typed: str) -> Status | None:
    return {True: Status.COMPLETE, False: Status.IN_PROGRESS}.get(values.yes_or_no(typed))  # type: ignore[arg-type]


def _outside(words: WordRange) -> WordRange | None:
    if words.low is None and words.high is not None:
        return WordRange(words.high + 1, None)
    if words.high is None and words.low:
        return WordRange(None, words.low - 1)
    return None


def both(one: Filters, other: Filters) -> Filters | None:
    """Filters that ask for all that two ask for; None where no work can fit both."""
    ratings = _common(one.ratings, other.ratings)
    statuses = _common(one.statuses, other.statuses)
    languages = _common(one.languages, other.languages)
    words = _words_in_both(one.words, other.words)
    dates = [
        _dates_in_both(getattr(one, name), getattr(other, name))
        for name in ("published", "updated", "added")
    ]
    crossovers = {one.crossover, other.crossover} - {None}
    if (
        ratings is None
        or statuses is None
        or languages is None
        or len(crossovers) > 1
        or (words and words.low is not None and words.high is not None and words.low > words.high)
        or any(d and d.first and d.last and d.first > d.last for d in dates)
    ):
        return None
    return Filters(
        names=tuple(dict.fromkeys((*one.names, *other.names))),
        ratings=ratings,
        statuses=statuses,
        words=words,
        languages=languages,
        other_languages=tuple(dict.fromkeys((*one.other_languages, *other.other_languages))),
        crossover=next(iter(crossovers), None),
        published=dates[0],
        updated=dates[1],
        added=dates[2],
    )


def _common(one: tuple[T, ...], other: tuple[T, ...]) -> tuple[T, ...] | None:
    if not one or not other:
        return one or other
    return tuple(value for value in one if value in other) or None


def _words_in_both(one: WordRange | None, other: WordRange | None) -> WordRange | None:
    if one is None or other is None:
        return one or other
    lows = [low for low in (one.low, other.low) if low is not None]
    highs = [high for high in (one.high, other.high) if high is not None]
    return WordRange(max(lows, default=None), min(highs, default=None))


def _dates_in_both(one: DateRange | None, other: DateRange | None) -> DateRange | None:
    if one is None or other is None:
        return one or other
    firsts = [first for first in (one.first, other.first) if first]
    lasts = [last for last in (one.last, other.last) if last]
    return DateRange(max(firsts, default=None), min(lasts, default=None))
