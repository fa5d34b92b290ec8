"""What a search may show at all, as SQL conditions on `works AS w`.

Applied inside the query, so that totals, pages and facets are true.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from db.models import DateRange, Filters, NameFilter, Viewer
from db.search.consent import WELCOME
from db.search.names import Meant, family, meant

MOST_DRIVEN = 20_000  # works of one name that are listed

_ADULT = "w.rating NOT IN ('General Audiences', 'Teen And Up Audiences')"
_LISTED = "(SELECT value FROM json_each({}))"
# What of a work a name may be, and which of its rows say so.
_ROWS = {
    "tags": ("work_tags", "tag_id"),
    "authors": ("work_authors", "author_id"),
    "series": ("work_series", "series_id"),
    "warnings": ("work_warnings", "warning"),
    "categories": ("work_categories", "category"),
}
_COLUMNS = (
    "title", "authors", "characters", "fandoms", "relationships", "tags", "nicknames", "series"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Held:
    """Normalised words that a work's fields must hold as they are, or must not."""

    words: str
    in_title: bool = False
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What a name was found to mean, and whether a work must not have it."""

    meant: Meant
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL that is true of the works asked for, and SQL that tells why one is hidden.

    `few` selects the ids of works with a name that is asked for, `few_works` of them; of more
    than `MOST_DRIVEN` the latest. It is None where no name is. `is_bare` is whether nothing is
    asked for or muted at all.
    """

    asked: str
    adult: str
    muted: str
    parameters: dict[str, object]
    few: str | None = None
    few_works: int = 0  # at most; some may not be published
    is_bare: bool = False

    @property
    def source(self) -> str:
        """What to select works from: all of them, or the few that can be asked for."""
        if self.few is None:
            return "works AS w"
        return f"({self.few}) AS few CROSS JOIN works AS w ON w.work_id = few.work_id"

    @property
    def shown(self) -> str:
        """True of the works that may be shown."""
        return f"({self.asked}) AND NOT {self.adult} AND NOT {self.muted}"


def condition(
    conn: sqlite3.Connection,
    guild_id: int,
    filters: Filters,
    viewer: Viewer,
    *,
    asked: Sequence[Asked] = (),
    held: Sequence[Held] = (),
) -> Condition:
    """The conditions of one search; `asked` and `held` are what its query's terms came to."""
    parameters: dict[str, object] = {"guild": guild_id}
    parts = ["w.guild_id = :guild", "w.state = 'published'"]
    if conn.execute(
        "SELECT 1 FROM authors WHERE guild_id = ? AND consent = 'excluded'", (guild_id,)
    ).fetchone():
        parts.append(WELCOME)
    names = [*asked, *(named(conn, guild_id, one) for one in filters.names)]
    few: list[tuple[int, str]] = []
    for number, one in enumerate(names):
        part = _has(one.meant, number, parameters)
        parts.append(f"NOT {part}" if one.excluded else part)
        if not one.excluded and (driver := _few(conn, one.meant, number, parameters)):
            few.append(driver)
    parts += _plain(filters, parameters)
    parts += [_holds(one, number, parameters) for number, one in enumerate(held)]
    muted = _muted(conn, guild_id, viewer.user_id, parameters)
    return Condition(
        asked=" AND ".join(parts),
        adult="0" if viewer.adult_ok else f"({_ADULT})",
        muted=muted,
        parameters=parameters,
        few=min(few)[1] if few else None,
        few_works=min(few)[0] if few else 0,
        is_bare=len(parts) == 2 and muted == "0",
    )


def named(conn: sqlite3.Connection, guild_id: int, name: NameFilter) -> Asked:
    """What a filter's name means; one that means nothing is asked for in vain."""
    return Asked(meant(conn, guild_id, name.field, name.name, whole=True), name.excluded)


def _has(one: Meant, number: int, parameters: dict[str, object]) -> str:
    """True of works that have any of what is meant."""
    parts: list[str] = []
    for what, (table, column) in _ROWS.items():
        if values := getattr(one, what):
            parameters[f"{what}{number}"] = json.dumps(values)
            parts.append(
                f"EXISTS (SELECT 1 FROM {table} AS x WHERE x.work_id = w.work_id "
                f"AND x.{column} IN {_LISTED.format(f':{what}{number}')})"
            )
    return f"({' OR '.join(parts)})" if parts else "0"


def _few(
    conn: sqlite3.Connection, one: Meant, number: int, parameters: dict[str, object]
) -> tuple[int, str] | None:
    """How many works have any of what is meant, and SQL for their ids: of very many the latest."""
    if one.warnings or one.categories:  # common, and not kept by name
        return None
    selects = [
        f"SELECT DISTINCT x.work_id FROM {table} AS x WHERE x.{column} IN "
        f"{_LISTED.format(f':{what}{number}')}"
        for what, (table, column) in _ROWS.items()
        if getattr(one, what)
    ]
    if not selects:
        return 0, "SELECT 0 AS work_id WHERE 0"
    union = " UNION ".join(selects)
    bound = {name: parameters[name] for name in parameters if name.endswith(str(number))}
    (count,) = conn.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM ({' UNION ALL '.join(selects)}) "
        f"LIMIT {MOST_DRIVEN + 1})",
        bound,
    ).fetchone()
    if count > MOST_DRIVEN:
        union = f"SELECT work_id FROM ({union}) ORDER BY work_id DESC LIMIT {MOST_DRIVEN}"
    return count, union


def _plain(filters: Filters, parameters: dict[str, object]) -> list[str]:
    """The filters that are columns of a work."""
    parts: list[str] = []
    for name, column, values in (
        ("ratings", "w.rating", [one.value for one in filters.ratings]),
        ("statuses", "w.status", [one.value for one in filters.statuses]),
    ):
        if values:
            parameters[name] = json.dumps(values)
            parts.append(f"{column} IN {_LISTED.format(f':{name}')}")
    if filters.words and filters.words.low is not None:
        parameters["fewest"] = filters.words.low
        parts.append("w.words >= :fewest")
    if filters.words and filters.words.high is not None:
        parameters["most"] = filters.words.high
        parts.append("w.words <= :most")
    # "en" is any English, "pt-BR" only that one.
    code = "(lower(w.language) IN {0} OR substr(w.language, 1, instr(w.language, '-') - 1) IN {0})"
    if filters.languages:
        parameters["languages"] = json.dumps([one.lower() for one in filters.languages])
        parts.append(code.format(_LISTED.format(":languages")))
    if filters.other_languages:
        parameters["other_languages"] = json.dumps([one.lower() for one in filters.other_languages])
        listed = code.format(_LISTED.format(":other_languages"))
        parts.append(f"(w.language IS NULL OR NOT {listed})")
    if filters.crossover is not None:
        several = "(SELECT count(*) FROM search_fandoms AS f WHERE f.work_id = w.work_id) > 1"
        parts.append(several if filters.crossover else f"NOT {several}")
    for name, column, dates in (
        ("published", "w.published", filters.published),
        ("updated", "ifnull(w.updated, substr(w.changed_at, 1, 10))", filters.updated),
        ("added", "substr(w.added_at, 1, 10)", filters.added),
    ):
        parts += _within(name, column, dates, parameters)
    return parts


def _within(
    name: str, column: str, dates: DateRange | None, parameters: dict[str, object]
) -> list[str]:
    parts: list[str] = []
    if dates and dates.first:
        parameters[f"{name}_first"] = dates.first.isoformat()
        parts.append(f"{column} >= :{name}_first")
    if dates and dates.last:
        parameters[f"{name}_last"] = dates.last.isoformat()
        parts.append(f"{column} <= :{name}_last")
    return parts


def _holds(one: Held, number: int, parameters: dict[str, object]) -> str:
    """True of works whose fields hold the words next to each other; or do not."""
    parameters[f"held{number}"] = one.words
    parameters[f"spaced{number}"] = f" {one.words} "
    # Names are parted by line ends, so that words of two names are never next to each other.
    # Whether a field has the letters at all is quickly told, and mostly it has not.
    parts = [
        f"(instr(d.{column}, :held{number}) AND instr(' ' || "
        f"replace(d.{column}, char(10), ' ' || char(10) || ' ') || ' ', :spaced{number}))"
        for column in (_COLUMNS[:1] if one.in_title else _COLUMNS)
    ]
    return (
        f"{'NOT ' if one.excluded else ''}EXISTS (SELECT 1 FROM search_docs AS d "
        f"WHERE d.work_id = w.work_id AND ({' OR '.join(parts)}))"
    )


def _muted(
    conn: sqlite3.Connection, guild_id: int, user_id: int | None, parameters: dict[str, object]
) -> str:
    """True of the works that a member has muted; their mutes go into `parameters`."""
    mutes: dict[str, list[str]] = defaultdict(list)
    for kind, value in conn.execute(
        "SELECT kind, value FROM mutes WHERE guild_id = ? AND user_id = ?", (guild_id, user_id)
    ):
        mutes[kind].append(value)
    if not mutes:
        return "0"
    listed: dict[str, list[str] | list[int]] = {
        "mute_ratings": mutes["rating"],
        "mute_warnings": mutes["warning"],
        "mute_works": _ids(mutes["work"]),
        "mute_authors": _ids(mutes["author"]),
        "mute_tags": family(conn, _ids(mutes["tag"])),
    }
    parts = [
        part.format(_LISTED.format(f":{name}"))
        for name, part in _MUTES.items()
        if listed[name]
    ]  # fmt: skip
    parameters.update({name: json.dumps(values) for name, values in listed.items() if values})
    return f"({' OR '.join(parts)})" if parts else "0"


_MUTES = {
    "mute_ratings": "w.rating IN {}",
    "mute_works": "w.work_id IN {}",
    "mute_warnings": "EXISTS (SELECT 1 FROM work_warnings AS x WHERE x.work_id = w.work_id "
    "AND x.warning IN {})",
    "mute_authors": "EXISTS (SELECT 1 FROM work_authors AS x WHERE x.work_id = w.work_id "
    "AND x.author_id IN {})",
    "mute_tags": "EXISTS (SELECT 1 FROM work_tags AS x WHERE x.work_id = w.work_id "
    "AND x.tag_id IN {})",
}


def _ids(values: Iterable[str]) -> list[int]:
    return [int(value) for value in values if value.isascii() and value.isdigit()]
