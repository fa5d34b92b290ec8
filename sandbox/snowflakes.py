"""Discord's ids: milliseconds since 2015 in the upper bits, so that they grow with time."""

import time

DISCORD_EPOCH_MS = 1_420_070_400_000
FIRST_ID = (1_767_225_600_000 - DISCORD_EPOCH_MS) << 22  # 1 January 2026
MILLISECOND = 1 << 22


class Snowflakes:
    """Makes ids that carry the real time (clients derive an interaction's expiry from its id)."""

    def __init__(self) -> None:
        self._last = 0

    def __call__(self) -> int:
        """A new id, greater than every one before it."""
        stamp = (int(time.time() * 1000) - DISCORD_EPOCH_MS) << 22
        self._last = max(stamp, self._last + 1)
        return self._last
