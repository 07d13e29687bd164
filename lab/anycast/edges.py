"""An edge: a host of its own with a web server, a DNS server, BIRD and a health check."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from anycast import bird
from anycast.addresses import (
    RESOLVER4,
    RESOLVER6,
    SERVICE4,
    SERVICE6,
    WHOAMI,
    Plan,
)
from anycast.namespaces import Namespaces
from host.processes import Child, Processes
from host.programs import built, installed
from host.templates import render
from world.geography import HOST

ROUTES = ("any4", "any6")
PROGRAMS = ("bird", "nginx", "dnsmasq", "health")


@dataclass(frozen=True)
class Grounds:
    """What every edge needs to know of the lab."""

    plan: Plan
    namespaces: Namespaces
    processes: Processes
    build_dir: Path
    folder: Path  # of the edges
    tls: str  # as nginx sees it from its own folder
    bfd: bool


class Edge:
    """One edge's programs. `state` is alive, cut, killed or drained."""

    def __init__(self, name: str, grounds: Grounds) -> None:
        self.name = name
        self.state = "alive"
        self.folder = grounds.folder / name
        self.bird = bird.Bird(self.folder)
        self._grounds = grounds
        self._children: dict[str, Child] = {}

    def write(self) -> None:
        """Writes its configurations."""
        (self.folder / "temp").mkdir(parents=True)
        place = self._grounds.plan.topology.edges[self.name]
        servers = render("anycast-edge.conf", host=HOST, edge=self.name, city=place.name)
        nginx = render(
            "nginx.conf",
            account="user root;",
            # One process instead of two: nine edges cost 10 MB less.
            processes="master_process off;",
            connections=128,
            tls=self._grounds.tls,
            servers=servers,
        )
        dnsmasq = render(
            "anycast-dnsmasq.conf",
            edge=self.name,
            address4=RESOLVER4,
            address6=RESOLVER6,
            host=HOST,
            service4=SERVICE4,
            service6=SERVICE6,
            whoami=WHOAMI,
        )
        config = bird.edge_config(self._grounds.plan, self.name, self._grounds.bfd)
        for name, text in {"nginx": nginx, "dnsmasq": dnsmasq, "bird": config}.items():
            (self.folder / f"{name}.conf").write_text(text, encoding="utf-8")

    def start(self, health: bool) -> None:
        """Starts whichever of its programs do not run."""
        for name in PROGRAMS:
            if not self.runs(name) and (health or name != "health"):
                self._start(name)

    def start_health(self) -> None:
        """Starts its health check alone."""
        if not self.runs("health"):
            self._start("health")

    def stop(self, *names: str) -> None:
        """Kills programs, as if shot; all of them when none is named."""
        for name in names or PROGRAMS:
            if self.runs(name):
                self._grounds.processes.kill(self._children[name])

    def runs(self, name: str) -> bool:
        """Whether this program of it is alive."""
        child = self._children.get(name)
        return child is not None and child.running

    def routes(self, verb: str) -> None:
        """`enable` or `disable` what it announces, as its health check does."""
        for route in ROUTES:
            self.bird.ask(f"{verb} {route}")

    def session(self, verb: str) -> None:
        """`enable` or `disable` its BGP session."""
        self.bird.ask(f"{verb} upstream")

    @property
    def health(self) -> str:
        """What its health check said last: off, up or down with the reason."""
        if not self.runs("health"):
            return "off"
        said = self._children["health"].lines
        return said[-1] if said and said[-1] != "ready" else "up"

    @property
    def missing(self) -> list[str]:
        """Its programs that ended, or never began."""
        return [name for name in ("bird", "nginx", "dnsmasq") if not self.runs(name)]

    def _start(self, name: str) -> None:
        with self._grounds.namespaces.entered(self.name):
            child = self._grounds.processes.start(
                f"{name}-{self.name}",
                self._command(name),
                self.folder / f"{name}.log",
                cwd=self.folder,
            )
        child.watched = True
        self._children[name] = child

    def _command(self, name: str) -> list[str]:
        commands: dict[str, Callable[[], list[str]]] = {
            "bird": bird_command,
            "nginx": lambda: [installed("nginx"), "-e", "stderr", "-p", "./", "-c", "nginx.conf"],
            "dnsmasq": lambda: [installed("dnsmasq"), "--conf-file=dnsmasq.conf"],
            "health": lambda: [
                lab_program(self._grounds.build_dir, "edge-health"),
                *["--address", f"{SERVICE4}:80", "--path", "/healthz"],
                *["--bird-socket", "bird.ctl"],
                *[word for route in ROUTES for word in ("--protocol", route)],
            ],
        }
        return commands[name]()


def bird_command() -> list[str]:
    """BIRD in the foreground, everything in its working directory."""
    return [installed("bird"), "-f", "-c", "bird.conf", "-s", "bird.ctl", "-P", "bird.pid"]


def lab_program(build_dir: Path, name: str) -> str:
    """One of the lab's own programs."""
    return built(build_dir, name, folder="lab")
