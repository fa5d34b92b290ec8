"""Trouble on demand: requests that fail the way Discord's fail."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase

from sandbox.wire import Json

AT_ONCE = ("drop_socket", "reconnect", "invalid_session")
ON_A_REQUEST = ("rate_limit", "status", "stored_then_502", "reset", "hang")


@dataclass(slots=True)
class Fault:
    """Waits for `times` requests that match `route` ("METHOD /path", with * for anything).

    `status` and `code` belong to the kind "status"; `retry_after` (seconds) and `is_global` to
    "rate_limit".
    """

    kind: str
    route: str = "*"
    times: int = 1
    status: int = 500
    code: int = 0
    retry_after: float = 0.25
    is_global: bool = False


class Faults:
    """The faults that are armed, oldest first; `on_change` is told when others are."""

    def __init__(self) -> None:
        self.armed: list[Fault] = []
        self.on_change: Callable[[], None] = lambda: None

    def arm(self, fault: Fault) -> None:
        """Have it wait for its requests."""
        self.armed.append(fault)
        self.on_change()

    def disarm(self) -> None:
        """Forget all of them."""
        self.armed.clear()
        self.on_change()

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that this request runs into, which is one time less from now on."""
        for fault in self.armed:
            if fnmatchcase(f"{method} {path}", fault.route):
                fault.times -= 1
                if fault.times <= 0:
                    self.armed.remove(fault)
                self.on_change()
                return fault
        return None

    def list(self) -> list[Json]:
        """What is still to come."""
        return [asdict(fault) for fault in self.armed]
