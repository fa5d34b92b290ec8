"""Ctrl-C and SIGTERM, heeded where a command can be left without harm."""

import asyncio
import contextlib
import signal
from collections.abc import Generator

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stops:
    """Cancels the running command when told to stop, or notes it until the command can be left.

    Opening and closing a library is not to be cut short: its threads would be left behind.
    """

    def __init__(self) -> None:
        self._asked = False
        self._task: asyncio.Task[object] | None = None

    def listen(self) -> None:
        """Take the signals over, until the event loop is closed."""
        loop = asyncio.get_running_loop()
        for each in _SIGNALS:
            with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C interrupts at once
                loop.add_signal_handler(each, self._ask)

    @contextlib.contextmanager
    def heeded(self) -> Generator[None]:
        """Here the command can be cancelled.

        Raises:
            CancelledError: it was told to stop, now or before.
        """
        if self._asked:
            raise asyncio.CancelledError
        self._task = asyncio.current_task()
        try:
            yield
        finally:
            self._task = None

    def _ask(self) -> None:
        if self._asked:  # and again: whatever it takes
            raise KeyboardInterrupt
        self._asked = True
        if self._task:
            self._task.cancel()
