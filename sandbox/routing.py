"""Discord's routes: which handler a method and a path mean, and what a handler is given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import unquote

from sandbox.posting import Upload
from sandbox.wire import Json, as_id, as_object


@dataclass(slots=True)
class Call:
    """A request of the bot, taken apart; `route` is "METHOD /template"."""

    route: str
    args: dict[str, str]
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    body: Any = None
    uploads: dict[int, Upload] = field(default_factory=dict[int, Upload])

    def id(self, name: str) -> int | None:
        """A snowflake of the path; None for what is not one."""
        return as_id(self.args[name])

    def json(self) -> Json:
        """The body as an object; empty when it is none."""
        return as_object(self.body) or {}


Reply: TypeAlias = tuple[int, Any]
"""HTTP status and JSON body; None for no body."""
Handler: TypeAlias = Callable[[Call], Reply]
NO_CONTENT: Reply = (204, None)
MAJOR = ("channel_id", "guild_id", "webhook_token")
"""The path's parameters that rate limits are counted by."""


class Router:
    """Finds handlers by method and path segments."""

    def __init__(self) -> None:
        self._routes: dict[int, list[tuple[tuple[str, ...], dict[str, Handler], str]]] = {}

    def add(self, method: str, template: str, handler: Handler) -> None:
        """Add a route; of two that fit a path, the one with fewer parameters wins."""
        segments = tuple(template.strip("/").split("/"))
        same_length = self._routes.setdefault(len(segments), [])
        for known, handlers, _ in same_length:
            if known == segments:
                handlers[method] = handler
                return
        same_length.append((segments, {method: handler}, template))
        same_length.sort(key=lambda route: sum(part.startswith("{") for part in route[0]))

    def find(self, path: str) -> tuple[str, dict[str, Handler], dict[str, str]] | None:
        """Template, handlers by method, and parameters of a path (already without /api/v10)."""
        # Some clients write @original as %40original.
        parts = [unquote(part) for part in path.strip("/").split("/")]
        for segments, handlers, template in self._routes.get(len(parts), ()):
            args: dict[str, str] = {}
            for segment, part in zip(segments, parts, strict=True):
                if segment.startswith("{"):
                    args[segment[1:-1]] = part
                elif segment != part:
                    break
            else:
                return template, handlers, args
        return None
