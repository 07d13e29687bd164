"""The three ways to use the stack: for people, for the unattended check, under another command."""

import contextlib
import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from anycast.launch import obstacle
from anycast.network import AnycastNetwork
from host.errors import CommandFailed, DemoError, NotHere, StepFailed, UsageError
from host.folder import VAR, DataFolder, remove, temporary_folder
from host.processes import Child, Processes, ending
from host.programs import require_all
from host.stop_signals import Interrupted, StopSignals
from loopback.network import LoopbackNetwork
from stack.check import Check, LabCheck
from stack.network import Network
from stack.stack import Settings, Stack
from world.topology import Place
from world.topology_file import TOPOLOGY_FILE, load_topology

FOREVER_S = 3600.0
STOP_LIMIT_S = 5.0
DEFAULT_VICTIM = "Frankfurt"

LAB, LOOPBACK, AUTO = "lab", "loopback", "auto"
PLACES = (AUTO, LAB, LOOPBACK)

Say = Callable[[str], None]


class Session:
    """One start of the stack with its processes and signals; stops whatever happens."""

    def __init__(
        self,
        settings: Settings,
        where: str,
        folder: DataFolder,
        signals: StopSignals,
        say: Say,
    ) -> None:
        self.signals = signals
        self.processes = Processes(signals, self._note_end)
        self.network = self._choose_network(where, settings, folder)
        self.stack = Stack(settings, self.network, folder, self.processes)
        self.say = say
        self.unexpected: list[str] = []
        self.stop_complaints: list[str] = []

    def _choose_network(self, where: str, settings: Settings, folder: DataFolder) -> Network:
        topology = load_topology(TOPOLOGY_FILE)
        if where == LAB:
            # A demo's lab is the one that labctl finds when nothing else is said.
            state = VAR / "lab" if settings.well_known_ports else folder.root / "lab"
            return AnycastNetwork(
                topology, state, settings.build_dir, self.processes, self.signals
            )
        return LoopbackNetwork(topology, folder, self.processes, settings.well_known_ports)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Starts the stack and, at the end, stops it completely."""
        with self.stack.folder.locked():
            try:
                self.stack.start()
                yield
            finally:
                self.signals.begin_stop()
                self._stop()

    def _stop(self) -> None:
        complaints = self.stack.stop()
        left = self.processes.left_over()
        if left:
            complaints.append(f"expected no process left, saw {', '.join(left)}")
        for complaint in complaints:
            self.say(complaint)
        self.unexpected += complaints
        self.stop_complaints = complaints

    def _note_end(self, child: Child) -> None:
        sentence = f"{child.name} (process {child.pid}) {ending(child)}{child.last_words()}"
        self.unexpected.append(sentence)
        self.say(sentence)


def choose_place(wanted: str, say: Say) -> str:
    """The lab where one can run, else loopback; says why."""
    if wanted == LOOPBACK:
        return LOOPBACK
    reason = obstacle()
    if reason is None:
        return LAB
    if wanted == LAB:
        raise NotHere(f"the lab cannot run here: {reason}")
    say(f"The lab cannot run here, so this is the demo on loopback, without distances: {reason}")
    return LOOPBACK


def run(build_dir: Path, where: str, folder: DataFolder, signals: StopSignals, say: Say) -> int:
    """Shows the demo until Ctrl-C, which is its ordinary end."""
    require_all(build_dir)
    where = choose_place(where, say)
    session = Session(Settings(build_dir, True), where, folder, signals, say)
    up = False
    try:
        with session.running():
            up = True
            say(session.stack.url)
            say(f"It tests {session.network.target_url}; data in {folder.root}. Ctrl-C stops it.")
            if where == LAB:
                say("Take an edge down: ./dev lab cut ny1, and back: ./dev lab revive ny1.")
            while session.network.is_there:
                session.processes.pump(FOREVER_S)
            raise DemoError("the lab is gone, so the demo ends")
    except Interrupted as stop:
        if not up:
            return 128 + stop.signum
    if session.stop_complaints:
        return 1
    say("stopped")
    return 0


def check(
    build_dir: Path, where: str, kill_first: str | None, signals: StopSignals, say: Say
) -> int:
    """Runs the whole story on free ports; 0 only if every step held."""
    victim = load_topology(TOPOLOGY_FILE).find_city(kill_first or DEFAULT_VICTIM)
    require_all(build_dir)
    where = choose_place(where, say)
    with unattended_folder("check", say) as folder:
        session = Session(Settings(build_dir, False), where, folder, signals, say)
        began = time.monotonic()
        with session.running():
            say(f"ok: everything is ready after {time.monotonic() - began:.1f} s")
            tell_story(session, victim, kill_first is not None)
        if session.unexpected:
            raise StepFailed("expected every process to end only when asked to, saw the above")
        say("ok: everything stopped, no process left")
    say("check passed")
    return 0


def tell_story(session: Session, victim: Place, kill_first: bool) -> None:
    """The steps between start and stop."""
    steps = Check(session.stack, session.processes, session.signals, session.say)
    if kill_first:
        steps.run_without(victim)
    elif isinstance(session.network, AnycastNetwork):
        LabCheck(steps, session.network).run("ny1")
    else:
        steps.run(victim)


def execute(
    build_dir: Path, where: str, command: Sequence[str], signals: StopSignals, say: Say
) -> int:
    """Runs a command beside the stack; its exit status is ours."""
    require_all(build_dir)
    where = choose_place(where, say)
    if shutil.which(command[0]) is None:
        raise UsageError(f"there is no command {command[0]}")
    with unattended_folder("exec", say) as folder:
        session = Session(Settings(build_dir, False), where, folder, signals, say)
        with session.running():
            child = session.processes.start_foreground(command, command_environment(session))
            wait_for_command(session, child)
        assert child.status is not None
        if child.status != 0:
            # A death by signal as a shell reports it.
            status = child.status if child.status > 0 else 128 - child.status
            raise CommandFailed(command[0], status)
    return 0


def command_environment(session: Session) -> dict[str, str]:
    """Our environment plus what the command needs to find the stack."""
    return {
        **os.environ,
        "FIRSTBYTE_URL": session.stack.url,
        "FIRSTBYTE_TARGET_URL": session.network.target_url,
        "FIRSTBYTE_DEMO_DATA": str(session.stack.folder.root),
        "FIRSTBYTE_PIDS": json.dumps(session.stack.pids),
        **session.network.command_environment(),
    }


def wait_for_command(session: Session, child: Child) -> None:
    """Waits for its end; when we are told to stop, it has to stop first."""
    try:
        while child.running:
            session.processes.pump(FOREVER_S)
    except Interrupted as stop:
        session.signals.begin_stop()
        if stop.signum == signal.SIGINT:
            # The terminal told it as well; let it end in its own way first.
            deadline = time.monotonic() + STOP_LIMIT_S
            while child.running and time.monotonic() < deadline:
                session.processes.pump(STOP_LIMIT_S)
        session.processes.stop([child])
        raise


@contextlib.contextmanager
def unattended_folder(purpose: str, say: Say) -> Iterator[DataFolder]:
    """A temporary data folder, kept only when its logs may explain a failure."""
    folder = temporary_folder(purpose)
    try:
        yield folder
    except Interrupted:
        remove(folder)
        raise
    except BaseException:
        say(f"the data and logs are kept in {folder.root}")
        raise
    remove(folder)
