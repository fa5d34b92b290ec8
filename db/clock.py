"""The time, as the program sees it: injected, so that nothing has to sleep to be tested."""

import asyncio
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """A clock that can be waited on; the sandbox passes one that can jump."""

    def now(self) -> datetime:
        """The time now, aware."""
        ...

    async def wait(self, seconds: float) -> None:
        """Return once that many seconds have passed by this clock."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The time now, in UTC."""
        return datetime.now(UTC)

    async def wait(self, seconds: float) -> None:
        """Sleep that long."""
        await asyncio.sleep(seconds)


def to_text(moment: datetime) -> str:
    """A moment as the tables hold it: ISO 8601 in UTC, microseconds always, so it sorts."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def from_text(text: str) -> datetime:
    """The moment that `to_text` wrote."""
    return datetime.fromisoformat(text)
