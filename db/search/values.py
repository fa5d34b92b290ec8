"""Values of a query's filters, as people type them: lengths, dates, ratings, languages."""

import re
from calendar import monthrange
from datetime import date, timedelta

from db.models import DateRange, Rating, Status, WordRange
from db.vocabulary import LANGUAGES, RATINGS, STATUSES

MOST_WORDS = 1_000_000_000

_NUMBER = r"(\d{1,9}(?:[.,]\d{1,3})*)\s*(k|m)?"
_EXACT = re.compile(rf"{_NUMBER}\+?", re.IGNORECASE | re.ASCII)
_BOUND = re.compile(rf"(<=|>=|<|>|≤|≥|under|over)\s*{_NUMBER}", re.IGNORECASE | re.ASCII)
_FROM_TO = re.compile(rf"{_NUMBER}\s*(?:-|–|to|\.\.)\s*{_NUMBER}", re.IGNORECASE | re.ASCII)

_COMPARED = re.compile(r"(<=|>=|<|>|≤|≥|=)?\s*(.+)", re.DOTALL)
# AO3's order; a work that is not rated is neither more nor less than any.
_RATINGS = (Rating.GENERAL, Rating.TEEN, Rating.MATURE, Rating.EXPLICIT)

_AGE = re.compile(r"(\d{1,5})\s*(d|w|m|y|days?|weeks?|months?|years?)(?:\s+ago)?", re.IGNORECASE)
_UNIT_DAYS = {"d": 1, "w": 7, "m": 30.44, "y": 365.25}
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)
_DATES = re.compile(rf"({_DATE.pattern})\s*(?:\.\.|–|to)\s*({_DATE.pattern})", re.ASCII)

_CODE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*", re.IGNORECASE | re.ASCII)


def read_word_range(typed: str) -> WordRange | None:
    """The bounds in `N`, `<N`, `>N` or `A-B` (inclusive); `5k` is 5,000. None: it is no length."""
    typed = re.sub(r"\s*words?$", "", typed.strip(), flags=re.IGNORECASE)
    if match := _FROM_TO.fullmatch(typed):
        # In "5-20k" the k is meant for both; in "500-2k" it is not.
        shared = match[4] if _number(match[1], None) < _number(match[3], None) else None
        bounds = _number(match[1], match[2] or shared), _number(match[3], match[4])
        return WordRange(min(bounds), max(bounds))
    if match := _BOUND.fullmatch(typed):
        number = _number(match[2], match[3])
        match match[1].lower():
            case "<" | "under":
                return WordRange(None, max(number - 1, 0))
            case ">" | "over":
                return WordRange(number + 1, None)
            case "<=" | "≤":
                return WordRange(None, number)
            case _:
                return WordRange(number, None)
    if match := _EXACT.fullmatch(typed):
        number = _number(match[1], match[2])
        return WordRange(number, None if typed.endswith("+") else number)
    return None


def ratings(typed: str) -> tuple[Rating, ...]:
    """The ratings in `teen`, `PG-13`, `<=teen` or `>teen`; none: it is no rating."""
    match = _COMPARED.fullmatch(typed.strip().casefold())
    rating = RATINGS.get(match[2]) if match else None
    if not match or not rating:
        return ()
    if match[1] in (None, "=") or rating not in _RATINGS:
        return (rating,)
    at = _RATINGS.index(rating)
    match match[1]:
        case "<":
            return _RATINGS[:at]
        case "<=" | "≤":
            return _RATINGS[: at + 1]
        case ">":
            return _RATINGS[at + 1 :]
        case _:
            return _RATINGS[at:]


def status(typed: str) -> Status | None:
    """The status in `complete`, `wip`, `unknown`."""
    typed = typed.strip().casefold()
    return Status.UNKNOWN if typed == Status.UNKNOWN else STATUSES.get(typed)


def yes_or_no(typed: str) -> bool | None:
    """What `yes`, `no` and their like say."""
    typed = typed.strip().casefold()
    if typed in ("yes", "y", "true", "1", "only"):
        return True
    return False if typed in ("no", "n", "false", "0", "none", "exclude") else None


def language(typed: str) -> str | None:
    """The BCP 47 code of a language by its name or code."""
    typed = typed.strip().casefold()
    if typed in LANGUAGES:
        return LANGUAGES[typed]
    return typed if _CODE.fullmatch(typed) and len(typed.partition("-")[0]) <= 3 else None


def date_range(typed: str, today: date) -> DateRange | None:
    """The days in `<30d` (less long ago), `>1y`, `2024`, `2024-05`, `>=2024-05-01`, `2023..2024`.

    None: it is no date.
    """
    typed = typed.strip()
    if match := _DATES.fullmatch(typed):
        first, last = _days(match[1]), _days(match[5])
        if first and last:
            return DateRange(min(first.first or today, last.first or today), last.last)
        return None
    match = _COMPARED.fullmatch(typed)
    if not match:
        return None
    sign = {"≤": "<=", "≥": ">="}.get(match[1], match[1])
    if age := _AGE.fullmatch(match[2].strip()):
        return _aged(sign, today, int(age[1]), age[2][0].lower())
    days = _days(match[2].strip())
    if days is None or days.first is None or days.last is None:
        return None
    day = timedelta(days=1)
    match sign:
        case "<":
            return DateRange(None, days.first - day) if days.first > date.min else None
        case "<=":
            return DateRange(None, days.last)
        case ">":
            return DateRange(days.last + day, None) if days.last < date.max else None
        case ">=":
            return DateRange(days.first, None)
        case _:
            return days


def _aged(sign: str | None, today: date, number: int, unit: str) -> DateRange:
    back = timedelta(days=round(number * _UNIT_DAYS[unit]))
    then = today - back if back < today - date.min else date.min
    # "<30d" is less than thirty days ago, and so is a bare "30d", as AO3 says "in the last".
    return DateRange(None, then) if sign in (">", ">=") else DateRange(then, None)


def _days(typed: str) -> DateRange | None:
    match = _DATE.fullmatch(typed)
    if not match:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        assert year is not None
        first = date(year, month or 1, day or 1)
        last = date(year, month or 12, day or monthrange(year, month or 12)[1])
    except ValueError:
        return None
    return DateRange(first, last)


def _number(digits: str, unit: str | None) -> int:
    factor = {"k": 1_000, "m": 1_000_000}.get((unit or "").lower())
    if factor is None or re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", digits):
        whole = int(re.sub(r"[.,]", "", digits))
        return min(whole * (factor or 1), MOST_WORDS)
    return min(int(float(digits.replace(",", ".")) * factor), MOST_WORDS)
