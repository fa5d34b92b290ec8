"""The list of what the bot did that Discord would not have let pass."""

from sandbox.clock import SandboxClock
from sandbox.trace import Trace
from sandbox.wire import Json


class Violations:
    """Every request (or gateway payload) of the bot that Discord refuses, with the reason.

    Kinds: "limit" (a body beyond the documented limits), "schema" (a body that Discord's own
    description does not allow; recorded only), "refused" (unknown, forbidden, too late),
    "route" (no such route), "rate" (too many requests), "gateway".
    """

    def __init__(self, clock: SandboxClock, trace: Trace) -> None:
        self._clock = clock
        self._trace = trace
        self.entries: list[Json] = []

    def add(self, kind: str, route: str, reason: str, **details: object) -> None:
        """Record one."""
        entry: Json = {
            "n": len(self.entries) + 1,
            "at": self._clock.now().isoformat(),
            "kind": kind,
            "route": route,
            "reason": reason,
            **details,
        }
        self.entries.append(entry)
        self._trace.note("violation", reason, entry)
