"""Those who want to be told at once that there is something new."""

import functools
from collections.abc import Callable


class Followers:
    """Listeners that come and go."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[], None]] = []

    def add(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have the listener told from now on; returns what ends that."""
        self._listeners.append(listener)
        return functools.partial(self._listeners.remove, listener)

    def tell(self) -> None:
        """Tell everyone who is there at this moment."""
        for listener in tuple(self._listeners) if self._listeners else ():
            listener()

    def __len__(self) -> int:
        return len(self._listeners)
