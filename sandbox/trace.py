"""What goes over the wire between Discord and the bot, for those who want to watch it."""

import json
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.clock import SandboxClock
from sandbox.command_rules import GROUP, SLASH, SUBCOMMAND
from sandbox.components import Kind
from sandbox.followers import Followers
from sandbox.interactions import InteractionKind
from sandbox.payloads_directory import moment
from sandbox.wire import Json, as_object, objects

KEPT_ENTRIES = 500
LONGEST_BODY = 20_000
HIDDEN = "…"
_TOKENS = re.compile(
    r'(?P<key>"token":\s*)"(?:[^"\\]|\\.)*"'
    r"|(?P<path>/(?:interactions|webhooks)/\d+/)[^/\s\"\\?]+"
)
_IN_PATH = re.compile(r"(/(?:interactions|webhooks)/\d+/)[^/?]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that went over the wire, as it was; `Trace.show` makes it fit to be seen."""

    n: int
    at: datetime
    kind: str
    name: str
    body: object
    ms: float | None = None
    status: int | None = None
    more: Json | None = None


class Trace:
    """Keeps the last 500 entries. Kinds: interaction, response, request, gateway, violation.

    Noting one is all that happens while nobody watches: bodies are kept as they are, and are only
    written out, cut and rid of tokens when they are shown. So a body is not to be changed after
    it was noted.
    """

    def __init__(self, clock: SandboxClock, bot_token: str) -> None:
        self._clock = clock
        self._bot_token = bot_token
        self._entries: deque[Entry] = deque(maxlen=KEPT_ENTRIES)
        self._followers = Followers()
        self.last = 0

    def note(
        self,
        kind: str,
        name: str,
        body: object = None,
        *,
        ms: float | None = None,
        status: int | None = None,
        **more: object,
    ) -> None:
        """Keep one; what `more` names is shown beside the rest where it is not None."""
        self.last += 1
        self._entries.append(
            Entry(self.last, self._clock.now(), kind, name, body, ms, status, more or None)
        )
        self._followers.tell()

    def follow(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have the listener told, at once, that there is something new; returns what ends that."""
        return self._followers.add(listener)

    def since(self, number: int) -> list[Json]:
        """The kept entries after this number, oldest first, fit to be seen."""
        newest = self.last - number
        if newest <= 0:
            return []
        return [self.show(entry) for entry in list(self._entries)[-newest:]]

    def show(self, entry: Entry) -> Json:
        """An entry without tokens; a body of more than 20,000 characters is the beginning of its
        text instead."""
        shown: Json = {
            "n": entry.n,
            "at": moment(entry.at),
            "kind": entry.kind,
            "name": self._hide(_IN_PATH.sub(rf"\1{HIDDEN}", entry.name)),
        }
        if entry.ms is not None:
            shown["ms"] = round(entry.ms, 1)
        if entry.status is not None:
            shown["status"] = entry.status
        for key, value in (entry.more or {}).items():
            if value is not None:
                shown[key] = self._fit(value)
        return {**shown, "body": self._fit(entry.body)}

    def _fit(self, body: object) -> Any:
        if not isinstance(body, str | dict | list):
            return body
        text = json.dumps(body, ensure_ascii=False)
        if len(text) <= LONGEST_BODY:
            return json.loads(self._hide(_TOKENS.sub(_hidden, text)))
        # Laid out as it would be shown, for it can no longer be read as JSON.
        whole = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, indent=2)
        begun = self._hide(_TOKENS.sub(_hidden, whole))[:LONGEST_BODY]
        return f"{begun}\n{HIDDEN} cut here; the whole has {len(text):,} characters"

    def _hide(self, text: str) -> str:
        return text.replace(self._bot_token, HIDDEN)


def _hidden(found: re.Match[str]) -> str:
    return f'{found["key"]}"{HIDDEN}"' if found["key"] else f"{found['path']}{HIDDEN}"


def interaction_name(payload: Json) -> str:
    """What a person did, in a few words: "/fic search", "button results:next"."""
    data = as_object(payload.get("data")) or {}
    match payload["type"]:
        case InteractionKind.COMMAND if data.get("type") == SLASH:
            return _command(data)
        case InteractionKind.COMMAND:
            return f"menu {data.get('name')}"
        case InteractionKind.COMPONENT:
            what = "button" if data.get("component_type") == Kind.BUTTON else "select"
            return f"{what} {data.get('custom_id')}"
        case InteractionKind.AUTOCOMPLETE:
            return f"autocomplete {_command(data)}"
        case _:
            return f"form {data.get('custom_id')}"


def _command(data: Json) -> str:
    words = [str(data.get("name"))]
    options = objects(data.get("options"))
    while options and options[0].get("type") in (GROUP, SUBCOMMAND):
        words.append(str(options[0]["name"]))
        options = objects(options[0].get("options"))
    return "/" + " ".join(words)
