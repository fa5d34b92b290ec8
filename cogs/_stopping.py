"""How the program ends: when told to, in time, and without a traceback.

What is acknowledged is on the disk at any moment, so the program may be cut off anywhere. It
prefers to finish what it is at; what takes too long to finish is cut off.

Python calls signal handlers on the main thread between two instructions, which may be long in
coming: SQLite upgrades a library, a name is looked up in a network that is not there. The
operating system's side of it writes to a socket at once, and a thread of its own reads that.

Only the standard library is imported here: `bot.py` uses it before anything else is there.
"""

import asyncio
import contextlib
import logging
import os
import select
import signal
import socket
import threading
import time
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

log = logging.getLogger("ficshelf")

SIGNALS = (signal.SIGTERM, signal.SIGINT)
# From being told to stop to being cut off, whatever hangs; and for what Python itself does last.
LEAVE_SECONDS, LAST_SECONDS = 4.0, 0.7
_CLOSED, _LEAVING = 0, 128  # on the socket beside the signals' own numbers


def end_quietly() -> None:
    """From now on a signal ends the program at once, and without a traceback."""
    for each in SIGNALS:
        signal.signal(each, _end)


def end_by_default() -> None:
    """Give the signals back to Python."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Stopping:
    """Hears the signals, inside `with` on a running event loop of the main thread.

    The first one sets `asked` and starts the time that is left; the second one ends the program
    at once.
    """

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._ear, self._mouth = socket.socketpair()
        self._mouth.setblocking(False)
        self._thread = threading.Thread(target=self._listen, name="signals", daemon=True)

    def __enter__(self) -> Self:
        # The handlers have nothing to do: that they are there is what makes the socket hear.
        self._before = {each: signal.signal(each, _heard) for each in SIGNALS}
        self._woken = signal.set_wakeup_fd(self._mouth.fileno(), warn_on_full_buffer=False)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._say(_CLOSED)
        self._thread.join()
        signal.set_wakeup_fd(self._woken)
        for each, handler in self._before.items():
            signal.signal(each, handler)
        self._ear.close()
        self._mouth.close()

    def leave(self, code: int) -> None:
        """Start the time that is left, if no signal did, and end with this code (under 64)."""
        self._say(_LEAVING + code)

    def _say(self, byte: int) -> None:
        with contextlib.suppress(BlockingIOError):
            self._mouth.send(bytes([byte]))  # full: there is enough to hear

    def _listen(self) -> None:
        deadline, code, is_told = None, 0, False
        while True:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            if not select.select([self._ear], [], [], left)[0]:
                _cut_off(code)
            heard = self._ear.recv(1)[0]
            if heard == _CLOSED:
                return
            if heard >= _LEAVING:
                code = 0 if is_told else heard - _LEAVING
            elif heard not in SIGNALS:
                continue
            elif is_told:
                _leave(code)
            else:
                is_told = True
                with contextlib.suppress(RuntimeError):  # the loop is closed already
                    self._loop.call_soon_threadsafe(self.asked.set)
            deadline = deadline or time.monotonic() + LEAVE_SECONDS


def leave_soon(code: int) -> None:
    """End the program with this code, if it does not end by itself now: Python would wait for
    threads, such as one that looks a name up in a network that is not there."""
    timer = threading.Timer(LAST_SECONDS, _leave, (code,))
    timer.daemon = True
    timer.start()


def _end(number: int, frame: FrameType | None) -> None:
    os._exit(0)


def _heard(number: int, frame: FrameType | None) -> None:
    pass


def _cut_off(code: int) -> None:
    # On a thread that may hang as well: the log could be what everything waits for.
    said = "Ended without waiting any longer; what was acknowledged is stored."
    last = threading.Thread(target=log.warning, args=(said,), daemon=True)
    last.start()
    last.join(0.2)
    _leave(code)


def _leave(code: int) -> None:
    # A process that reads a file would otherwise read it to its end.
    for children in Path("/proc/self/task").glob("*/children"):
        with contextlib.suppress(OSError):  # a thread, or a child, that has just ended
            for child in children.read_text(encoding="ascii").split():
                os.kill(int(child), signal.SIGKILL)
    os._exit(code)
