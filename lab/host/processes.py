"""The demo's child processes: started, watched, and never left behind."""

import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from host.errors import DemoError
from host.kernel import die_with_parent, survivors
from host.programs import environment
from host.stop_signals import StopSignals

STOP_LIMIT_S = 5.0
POLL_S = 0.02
TAIL_LINES = 8


@dataclass(eq=False)
class Child:
    """One process that we started.

    `lines` is what it printed on standard output; `watched` says that its end would be news, `dismissed` that
    we killed it.
    """

    name: str
    popen: subprocess.Popen[bytes]
    log: Path | None
    owns_session: bool
    lines: list[str] = field(default_factory=list)
    status: int | None = None
    watched: bool = False
    dismissed: bool = False
    _unfinished_line: bytes = b""

    @property
    def pid(self) -> int:
        """Its process id, which is also its session's when it has one of its own."""
        return self.popen.pid

    @property
    def running(self) -> bool:
        """Whether its end has not been seen yet."""
        return self.status is None

    def take_output(self, data: bytes) -> None:
        """Cuts what came through the pipe into lines."""
        *complete, self._unfinished_line = (self._unfinished_line + data).split(b"\n")
        self.lines += [line.decode("utf-8", "replace") for line in complete]

    def log_tail(self) -> str:
        """The end of its log, indented under a line that names the file."""
        lines = self._log_lines()[-TAIL_LINES:]
        if not lines:
            return f"; {self.log} is empty"
        return f"; the end of {self.log}:\n" + "\n".join(f"    {line}" for line in lines)

    def last_words(self) -> str:
        """The last line of its log, for a message that has to fit into one line."""
        lines = self._log_lines()
        return f"; {self.log} ends: {lines[-1].strip()}" if lines else f"; {self.log} is empty"

    def _log_lines(self) -> list[str]:
        if self.log is None or not self.log.exists():
            return []
        return self.log.read_text(encoding="utf-8", errors="replace").splitlines()


@dataclass(frozen=True)
class Waiting:
    """A child and the question whether it is ready."""

    child: Child
    is_ready: Callable[[], bool]


class Processes:
    """All children of one demo. Not thread-safe: one thread starts them, and they die with it."""

    def __init__(self, signals: StopSignals, on_unexpected_end: Callable[[Child], None]) -> None:
        self._signals = signals
        self._on_unexpected_end = on_unexpected_end
        self._children: list[Child] = []
        self._selector = selectors.DefaultSelector()
        self._selector.register(signals.wakeup, selectors.EVENT_READ)

    @property
    def running(self) -> list[Child]:
        """The children whose end has not been seen."""
        return [child for child in self._children if child.running]

    @property
    def ended(self) -> list[Child]:
        """The children that have ended without being killed or stopped by us."""
        return [child for child in self._children if not child.running and not child.dismissed]

    def start(
        self,
        name: str,
        command: Sequence[str | bytes],
        log: Path,
        last_signal: signal.Signals = signal.SIGKILL,
        cwd: Path | None = None,
        pass_fds: Sequence[int] = (),
    ) -> Child:
        """Starts a service in a session of its own, so that Ctrl-C reaches only us.

        Standard error goes to the log, standard output into `Child.lines`. `last_signal` is what
        the kernel sends it should we die without stopping it.
        """
        with open(log, "ab") as log_file:
            popen = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log_file,
                cwd=cwd,
                pass_fds=pass_fds,
                env=environment(),
                start_new_session=True,
                preexec_fn=die_with_parent(last_signal),
            )
        child = Child(name, popen, log, owns_session=True)
        self._children.append(child)
        assert popen.stdout is not None
        os.set_blocking(popen.stdout.fileno(), False)
        self._selector.register(popen.stdout, selectors.EVENT_READ, child)
        return child

    def adopt(self, name: str, popen: subprocess.Popen[bytes], log: Path) -> Child:
        """Watches a process that was started elsewhere, with its output dealt with there."""
        child = Child(name, popen, log, owns_session=True, watched=True)
        self._children.append(child)
        return child

    def start_foreground(self, command: Sequence[str], env: dict[str, str]) -> Child:
        """Starts the user's own command: our terminal, our group, so that Ctrl-C reaches it."""
        popen = subprocess.Popen(command, env=env, preexec_fn=die_with_parent(signal.SIGTERM))
        child = Child(command[0], popen, None, owns_session=False)
        self._children.append(child)
        return child

    def watch(self, source: socket.socket | TextIO, on_readable: Callable[[], None]) -> None:
        """Has pump() look after something else as well."""
        self._selector.register(source, selectors.EVENT_READ, on_readable)

    def pump(self, timeout_s: float) -> None:
        """Waits for output, an exit or a signal, at most so long, and deals with it."""
        # What is watched goes last and only from here: it may wait for processes itself.
        for look in self._look(timeout_s):
            look()
        self._signals.check()

    def _look(self, timeout_s: float) -> list[Callable[[], None]]:
        """Deals with the processes; gives whom else there is news for."""
        news = []
        for key, _ in self._selector.select(timeout_s):
            if key.data is None:
                self._signals.drain_wakeup()
            elif isinstance(key.data, Child):
                self._read(key.data)
            else:
                news.append(key.data)
        for child in self._children:
            if child.running and has_ended(child):
                self._bury(child)
        return news

    def wait_ready(self, waiting: Iterable[Waiting], deadline: float, limit_s: float) -> None:
        """Waits until every child is ready; raises when one ends or the deadline passes."""
        missing = list(waiting)
        while missing:
            self.pump(POLL_S)
            for entry in list(missing):
                child = entry.child
                if not child.running:
                    how = f"{ending(child)} before it was ready{child.log_tail()}"
                    raise DemoError(f"{child.name} {how}")
                if entry.is_ready():
                    child.watched = True
                    missing.remove(entry)
            if missing and time.monotonic() > deadline:
                names = ", ".join(entry.child.name for entry in missing)
                raise DemoError(
                    f"not ready within {limit_s:.0f} s: {names}{missing[0].child.log_tail()}"
                )

    def kill(self, child: Child) -> None:
        """Kills one child as if its machine had lost power, and waits for its end."""
        child.watched = False
        child.dismissed = True
        if child.running:
            os.kill(child.pid, signal.SIGKILL)
        while child.running:
            self._wait_a_little()

    def _wait_a_little(self) -> None:
        """Looks after the processes only; others' news stay where they are."""
        if self._look(POLL_S):
            time.sleep(POLL_S / 10)
        self._signals.check()

    def stop(self, children: Iterable[Child]) -> list[str]:
        """SIGTERM, then SIGKILL after 5 s; waits for all. Says who did not end properly."""
        self.pump(0)  # who has ended by now did so without being asked
        stopping = [child for child in children if child.running]
        for child in stopping:
            child.watched = False
            os.kill(child.pid, signal.SIGTERM)
        self._wait_for_end(stopping)
        stubborn = [child for child in stopping if child.running]
        for child in stubborn:
            signal_group(child, signal.SIGKILL)
        self._wait_for_end(stubborn)
        complaints = [f"{child.name} did not stop within 5 s and was killed" for child in stubborn]
        # Killed by our SIGTERM is proper as well: it had no handler yet.
        complaints += [
            f"{child.name} {ending(child)} when it was asked to stop{child.log_tail()}"
            for child in stopping
            if child not in stubborn and child.status not in (0, -signal.SIGTERM)
        ]
        return complaints

    def left_over(self) -> list[str]:
        """What still lives of everything that was started, children of children included."""
        return survivors({child.pid for child in self._children if child.owns_session})

    def _wait_for_end(self, children: Sequence[Child]) -> None:
        deadline = time.monotonic() + STOP_LIMIT_S
        while any(child.running for child in children) and time.monotonic() < deadline:
            self._wait_a_little()

    def _read(self, child: Child) -> None:
        stdout = child.popen.stdout
        if stdout is None or stdout.closed:
            return
        data = stdout.read()
        if data:
            child.take_output(data)
        elif data is not None:  # None is "nothing yet", empty is the end
            self._close_output(child)

    def _close_output(self, child: Child) -> None:
        stdout = child.popen.stdout
        if stdout is not None and not stdout.closed:
            self._selector.unregister(stdout)
            stdout.close()

    def _bury(self, child: Child) -> None:
        self._close_output(child)
        # Until the leader is reaped its number cannot be given to a stranger, so this is the
        # moment to kill what it left behind, such as nginx's workers.
        signal_group(child, signal.SIGKILL)
        child.status = child.popen.wait()
        if child.watched:
            self._on_unexpected_end(child)


def has_ended(child: Child) -> bool:
    """Whether it has exited; it stays a zombie, which keeps its process id ours."""
    flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
    return os.waitid(os.P_PID, child.pid, flags) is not None


def signal_group(child: Child, signum: signal.Signals) -> None:
    """Signals a child that is not reaped yet, and its own children when it has a session."""
    if child.owns_session:
        os.killpg(child.pid, signum)
    else:
        os.kill(child.pid, signum)


def ending(child: Child) -> str:
    """How it ended, in words."""
    assert child.status is not None
    if child.status < 0:
        return f"was ended by {signal.Signals(-child.status).name}"
    return f"exited with status {child.status}"
