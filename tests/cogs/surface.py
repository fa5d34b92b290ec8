"""Everything of the bot that a person can touch: who may, and an example that works.

A new command, option, menu, control or form needs its entry here: test_security_surface.py fails
without, and the tests of what must not be possible go through what stands here. `{work}` and the
like are ids that a server has of its own; tests/cogs/stock.py has one of each kind for each server.
"""

import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

Ids = Mapping[str, int]
FileValue = tuple[str, bytes]
Value = str | bool | FileValue

LIST = (
    b'{"title": "A Line of a List", "chapters": [{"title": null, "text": "One line of text."}]}\n'
)


class Who(Enum):
    """Who may."""

    EVERYONE = auto()
    MODERATORS = auto()


EVERYONE, MODERATORS = Who.EVERYONE, Who.MODERATORS


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command, an example of each of its options, and which of them complete themselves."""

    name: str
    who: Who
    options: Mapping[str, Value] = field(default_factory=dict[str, Value])
    completes: frozenset[str] = frozenset()
    in_direct_messages: bool = False

    def filled(self, ids: Ids) -> dict[str, Any]:
        """The options with a server's ids in them."""
        return {name: put(value, ids) for name, value in self.options.items()}


@dataclass(frozen=True, slots=True)
class Control:
    """A button or a menu, by the custom_id that a message has of it. `values` are what is chosen.

    `cursors` are ids from which a list goes on: any number will do, and none is looked up.
    """

    who: Who
    custom_id: str
    values: tuple[str, ...] | None = None
    cursors: frozenset[str] = frozenset()

    @property
    def action(self) -> str:
        """Its name for the router."""
        return self.custom_id.partition(":")[0]


@dataclass(frozen=True, slots=True)
class FormEntry:
    """A form, by its custom_id, with what is filled in."""

    who: Who
    custom_id: str
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def action(self) -> str:
        """Its name for the router."""
        return self.custom_id.partition(":")[0]


def put(value: Any, ids: Ids) -> Any:
    """A value with a server's ids in it."""
    return value.format_map(ids) if isinstance(value, str) else value


def kinds_in(values: Iterable[object]) -> list[str]:
    """The kinds of ids that stand in some values, in their order."""
    return list(
        dict.fromkeys(
            name
            for value in values
            if isinstance(value, str)
            for _, name, _, _ in string.Formatter().parse(value)
            if name
        )
    )


COMMANDS = (
    Command("help", EVERYONE, {"about": "Searching"}, in_direct_messages=True),
    Command(
        "fic search",
        EVERYONE,
        {
            "query": "#{work}",
            "fandom": "Original Work",
            "rating": "General Audiences",
            "status": "complete",
            "length": "<5k",
            "sort": "title",
        },
        frozenset({"query", "fandom", "length"}),
    ),
    Command("fic show", EVERYONE, {"work": "#{work}"}, frozenset({"work"})),
    Command("fic excerpt", EVERYONE, {"work": "#{work}", "about": "lantern"}, frozenset({"work"})),
    Command("fic quote", EVERYONE, {"words": "lantern", "work": "#{work}"}, frozenset({"work"})),
    Command(
        "fic random",
        EVERYONE,
        {"fandom": "Original Work", "rating": "General Audiences", "length": "<5k"},
        frozenset({"fandom", "length"}),
    ),
    Command("fic similar", EVERYONE, {"work": "#{work}"}, frozenset({"work"})),
    Command("fic rec", EVERYONE, {"work": "#{work}", "why": "It is short."}, frozenset({"work"})),
    # Of another member it is the moderators'; test_recs.py sees to that.
    Command("fic unrec", EVERYONE, {"work": "#{work}", "member": "moderator"}, frozenset({"work"})),
    Command("privacy export", EVERYONE),
    Command("privacy delete", EVERYONE, {"everywhere": False}),
    Command("library add", MODERATORS),
    Command("library import", MODERATORS, {"file": ("list.jsonl", LIST)}),
    Command("library export", MODERATORS),
    Command("library edit", MODERATORS, {"work": "#{work}"}, frozenset({"work"})),
    Command("library duplicates", MODERATORS),
    Command(
        "library remove",
        MODERATORS,
        {"work": "#{work}", "why": "asked to", "for_good": False},
        frozenset({"work"}),
    ),
    Command("library restore", MODERATORS, {"work": "#{removed}"}, frozenset({"work"})),
    Command("library log", MODERATORS),
    Command(
        "library settings",
        MODERATORS,
        {"moderator_role": "moderator", "log_channel": "mod-desk", "forget": "The log channel"},
    ),
    Command(
        "library tag merge",
        MODERATORS,
        {"kind": "Character", "name": "Marit Voss", "into": "Captain Voss"},
        frozenset({"name", "into"}),
    ),
    Command(
        "library tag split",
        MODERATORS,
        {"kind": "Character", "name": "Marit Voss"},
        frozenset({"name"}),
    ),
    Command(
        "library tag rename",
        MODERATORS,
        {"kind": "Character", "name": "Marit Voss", "to": "Marit V."},
        frozenset({"name"}),
    ),
    Command(
        "library tag parent",
        MODERATORS,
        {"kind": "Character", "name": "Marit Voss", "parent": "Captain Voss"},
        frozenset({"name", "parent"}),
    ),
    Command(
        "library tag nickname",
        MODERATORS,
        {"kind": "Character", "name": "Marit Voss", "nickname": "the counter", "remove": False},
        frozenset({"name", "nickname"}),
    ),
    Command(
        "daily setup",
        MODERATORS,
        {
            "channel": "daily-rec",
            "time": "9:00",
            "timezone": "Europe/Paris",
            "days": "weekdays",
            "name": "weekly",
            "role": "moderator",
            "thread": False,
            "fandom": "Original Work",
            "rating": "Explicit",
            "status": "complete",
            "length": "<5k",
            "reset": False,
        },
        frozenset({"timezone", "name", "fandom", "length"}),
    ),
    Command("daily remove", MODERATORS, {"schedule": "daily"}, frozenset({"schedule"})),
    Command("daily preview", MODERATORS, {"schedule": "daily"}, frozenset({"schedule"})),
    Command(
        "daily queue",
        MODERATORS,
        {"work": "#{twin}", "first": True, "schedule": "daily"},
        frozenset({"work", "schedule"}),
    ),
    Command("daily skip", MODERATORS, {"schedule": "daily"}, frozenset({"schedule"})),
    Command(
        "daily veto",
        MODERATORS,
        {"work": "#{twin}", "undo": False, "schedule": "daily"},
        frozenset({"work", "schedule"}),
    ),
    Command("daily now", MODERATORS, {"schedule": "daily"}, frozenset({"schedule"})),
    Command("daily pause", MODERATORS, {"schedule": "daily"}, frozenset({"schedule"})),
    Command("daily resume", MODERATORS, {"schedule": "daily"}, frozenset({"schedule"})),
    Command("daily status", MODERATORS, {"schedule": "daily"}, frozenset({"schedule"})),
    Command("daily history", MODERATORS),
)

# On a message; by their names.
MENUS: Mapping[str, Who] = {"Add to library": MODERATORS}

CONTROLS = (
    Control(EVERYONE, "card:{work}:7"),
    Control(EVERYONE, "excerpt:{work}"),
    Control(EVERYONE, "excerpt:{work}:{excerpt}"),
    Control(EVERYONE, "similar:{work}"),
    Control(EVERYONE, "similar-page:{work}:0:{asker}"),
    Control(EVERYONE, "results-pick", ("{work}",)),
    Control(EVERYONE, "results-page:{search}:0"),
    Control(EVERYONE, "results-fandom:{search}:0"),
    Control(EVERYONE, "results-fandom:{search}", ("0",)),
    Control(EVERYONE, "results-typed:{search}"),
    Control(EVERYONE, "quotes-page:{quote}:0"),
    Control(MODERATORS, "review-rating:{review}:0", ("Mature",)),
    Control(MODERATORS, "review-warnings:{review}:0", ("Major Character Death",)),
    Control(MODERATORS, "review-passage:{review}:0", ("{draft_excerpt}",)),
    Control(MODERATORS, "review-passage:{review}:0", ("never {draft_excerpt}",)),
    Control(MODERATORS, "review-details:{review}:0"),
    Control(MODERATORS, "review-more:{review}:0"),
    Control(MODERATORS, "review-append:{review}:0"),
    Control(MODERATORS, "review-publish:{review}:0"),
    Control(MODERATORS, "review-discard:{review}:0"),
    Control(MODERATORS, "batch-publish:{batch}"),
    Control(MODERATORS, "batch-review:{batch}"),
    Control(MODERATORS, "batch-discard:{batch}"),
    Control(MODERATORS, "duplicates-keep:{work}:{twin}"),
    Control(MODERATORS, "duplicates-remove:{work}"),
    Control(MODERATORS, "remove-confirm:{removal}"),
    Control(MODERATORS, "daily-skip:{schedule}:{work}"),
    Control(MODERATORS, "daily-veto:{schedule}:{third}"),
    Control(MODERATORS, "daily-dequeue:{schedule}", ("{work}",)),
    Control(MODERATORS, "daily-first:{schedule}", ("{twin}",)),
    Control(MODERATORS, "daily-earlier:{outbox}", cursors=frozenset({"outbox"})),
    Control(MODERATORS, "log-older:{audit}", cursors=frozenset({"audit"})),
    # Last: what the lists stand for is gone then.
    Control(EVERYONE, "privacy-keep"),
    Control(EVERYONE, "privacy-delete:0"),
)

FORMS = (
    FormEntry(MODERATORS, "add-form", {"text": "It was late.", "title": "Late", "link": ""}),
    FormEntry(MODERATORS, "review-details-form:{review}:0", {"title": "Later", "authors": "quay"}),
    FormEntry(MODERATORS, "review-more-form:{review}:0", {"summary": "A late one."}),
)

_NUMBER = re.compile(r"\d+")


def without_numbers(shown: object) -> str:
    """What is shown, each number as `#`: the ids, tokens and times of two answers differ."""
    return _NUMBER.sub("#", str(shown))
