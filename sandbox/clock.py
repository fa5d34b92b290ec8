"""The sandbox's time: it passes by itself and can be moved, and whoever waits on it is woken."""

import asyncio
import time
from datetime import UTC, datetime, timedelta


class SandboxClock:
    """A clock that runs in real time from where it was last set.

    `now` can be set forward or back. `wait` and `elapsed` count the time that *passed*: real
    time and jumps forward. Setting the clock back takes none of it away.
    """

    def __init__(self, start: datetime | None = None) -> None:
        self._base = (start or datetime.now(UTC)).astimezone(UTC)
        self._base_elapsed = 0.0
        self._since = time.monotonic()
        self._moved = asyncio.Event()

    def now(self) -> datetime:
        """The sandbox's time, aware, in UTC."""
        return self._base + timedelta(seconds=time.monotonic() - self._since)

    def elapsed(self) -> float:
        """Seconds of sandbox time that passed since the clock was made; never goes back."""
        return self._base_elapsed + time.monotonic() - self._since

    def since_moved(self) -> float:
        """Seconds of real time since it was last set."""
        return time.monotonic() - self._since

    async def wait(self, seconds: float) -> None:
        """Return once `seconds` of sandbox time have passed."""
        until = self.elapsed() + seconds
        while (left := until - self.elapsed()) > 0:
            moved = self._moved
            try:
                async with asyncio.timeout(left):
                    await moved.wait()
            except TimeoutError:
                pass

    def set(self, to: datetime) -> None:
        """Make it `to` (aware); everyone whose time has come wakes."""
        if to.tzinfo is None:
            raise ValueError("The time needs its offset from UTC, as in 2026-11-21T09:00:00-05:00.")
        now, elapsed = self.now(), self.elapsed()
        self._base = to.astimezone(UTC)
        self._base_elapsed = elapsed + max(0.0, (self._base - now).total_seconds())
        self._since = time.monotonic()
        self._moved.set()
        self._moved = asyncio.Event()

    def advance(self, seconds: float) -> None:
        """Jump forward."""
        if seconds < 0:
            raise ValueError("Time advances by zero seconds or more.")
        self.set(self.now() + timedelta(seconds=seconds))
