"""Ctrl-C, SIGTERM and SIGHUP as a request that is looked at where it is safe to act on it."""

import contextlib
import os
import signal
from collections.abc import Iterator
from types import FrameType

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(Exception):
    """Somebody asked us to stop."""

    def __init__(self, signum: int) -> None:
        super().__init__(f"stopped by {signal.Signals(signum).name}")
        self.signum = signum


class StopSignals:
    """Remembers the first stop signal.

    A handler that raised anywhere could strike between starting a child and noting its pid, so it
    only takes a note; `check` raises, and `interruptible` allows it inside a blocking read. It is
    raised once: a second Ctrl-C must not cut off the stop that the first one began.
    `wakeup` is readable after any signal, SIGCHLD included, so that a select ends at once.
    """

    def __init__(self) -> None:
        self.wakeup, self._wakeup_writer = os.pipe()
        os.set_blocking(self.wakeup, False)
        os.set_blocking(self._wakeup_writer, False)
        self._requested: int | None = None
        self._delivered = False
        self._interruptible = False

    def install(self) -> None:
        """Takes over the process's signals."""
        signal.set_wakeup_fd(self._wakeup_writer, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda _signum, _frame: None)
        for signum in STOP_SIGNALS:
            # Under nohup SIGHUP is ignored from the start, and shall stay so.
            if signum == signal.SIGHUP and signal.getsignal(signum) == signal.SIG_IGN:
                continue
            signal.signal(signum, self._note)

    def begin_stop(self) -> None:
        """From here on further signals change nothing: the stop is under way and is bounded."""
        self._delivered = True

    def check(self) -> None:
        """Raises Interrupted when a stop was asked for and this was not said before."""
        if self._requested is not None and not self._delivered:
            self._delivered = True
            raise Interrupted(self._requested)

    @contextlib.contextmanager
    def interruptible(self) -> Iterator[None]:
        """Inside, a stop signal raises at once; only for code that starts no process."""
        self._interruptible = True
        try:
            self.check()
            yield
        finally:
            self._interruptible = False

    def drain_wakeup(self) -> None:
        """Empties the pipe behind `wakeup`."""
        with contextlib.suppress(BlockingIOError):
            while os.read(self.wakeup, 4096):
                pass

    def _note(self, signum: int, _frame: FrameType | None) -> None:
        if self._requested is None:
            self._requested = signum
        if self._interruptible:
            self.check()
