"""The lab itself: built in order, changed by verbs, asked for its state."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anycast import bird, cabling, routing
from anycast.addresses import WIRE_ROOM, Cable, Plan, access_name, router, uplink_name
from anycast.edges import Edge, Grounds, bird_command
from anycast.namespaces import Namespaces
from anycast.probing import ask_from_everywhere
from anycast.wires import Condition, Netem, WireDaemon, Wires, kernel_has_netem
from host.certificates import ensure_certificates
from host.errors import DemoError, UsageError
from host.memory import namespace_members, proportional_mb
from host.processes import Child, Processes
from world import paths
from world.topology import Place, Topology

START_LIMIT_S = 20.0
POLL_S = 0.02


@dataclass(frozen=True)
class Settings:
    """What `up` was asked for."""

    topology: Topology
    build_dir: Path
    bfd: bool = True
    health: bool = True
    wire: str = "auto"  # auto, netem or daemon


class Lab:
    """Lives in the holder, whose working directory is the lab's own temporary file system."""

    def __init__(self, settings: Settings, tls: Path, processes: Processes) -> None:
        self.settings = settings
        self.plan = Plan(settings.topology)
        self.edges: dict[str, Edge] = {}
        self.routers = {place.slug: bird.Bird(Path("routers", place.slug)) for place in self._places}
        self.namespaces = Namespaces(Path("namespaces"))
        self._health = settings.health
        self._tls = tls
        self._processes = processes
        self._router_children: dict[str, Child] = {}
        self._wires: Wires | None = None
        self._conditions = {cable.name: Condition(cable.delay_ms) for cable in self.plan.cables}

    @property
    def _places(self) -> tuple[Place, ...]:
        """Every place with a router."""
        return self.settings.topology.places

    # ------------------------------------------------------------------------------------- up

    def build(self) -> None:
        """Makes everything and returns when every router chose its nearest edge."""
        ensure_certificates(self._tls)
        self.namespaces.folder.mkdir()
        for name in (WIRE_ROOM, *self.plan.nodes):
            self.namespaces.add(name)
        cabling.configure(self.namespaces)
        self._wires = self._choose_wires()
        cabling.lay(self.plan, self.namespaces, isinstance(self._wires, WireDaemon))
        self._wires.start(self.plan.cables)
        self._start_routers()
        self._start_edges()
        self._wait_until_right(time.monotonic() + START_LIMIT_S)

    def _choose_wires(self) -> Wires:
        wanted = self.settings.wire
        if wanted != "daemon":
            if kernel_has_netem(self.namespaces):
                return Netem(self.namespaces)
            if wanted == "netem":
                raise DemoError("this kernel has no sch_netem; use --wire daemon or --wire auto")
        return WireDaemon(
            Path("wire"), self.settings.build_dir, self.namespaces, self._processes
        )

    def _start_routers(self) -> None:
        for place in self._places:
            folder = self.routers[place.slug].folder
            folder.mkdir(parents=True)
            self._write_router(place)
            with self.namespaces.entered(router(place)):
                child = self._processes.start(
                    f"bird-{router(place)}", bird_command(), folder / "stderr.log", cwd=folder
                )
            child.watched = True
            self._router_children[place.slug] = child

    def _write_router(self, place: Place) -> None:
        text = bird.router_config(self.plan, place, self.settings.bfd, self._down)
        (self.routers[place.slug].folder / "bird.conf").write_text(text, encoding="utf-8")

    def _start_edges(self) -> None:
        grounds = Grounds(
            self.plan,
            self.namespaces,
            self._processes,
            self.settings.build_dir,
            Path("edges"),
            "../../../tls",
            self.settings.bfd,
        )
        for name in self.settings.topology.edges:
            edge = self.edges[name] = Edge(name, grounds)
            edge.write()
            edge.start(self._health)

    def _wait_until_right(self, deadline: float) -> None:
        while True:
            self._processes.pump(POLL_S)
            self._complain_about_the_dead()
            wrong = [choice for choice in self.choices() if not choice.is_right]
            if not wrong:
                return
            if time.monotonic() > deadline:
                first = wrong[0]
                raise DemoError(
                    f"after {START_LIMIT_S:.0f} s {len(wrong)} routers had not chosen their nearest"
                    f" edge; in {first.place.name} IPv{first.family} leads to"
                    f" {first.actual or 'nowhere'} instead of {first.expected}"
                )

    def _complain_about_the_dead(self) -> None:
        for child in self._processes.ended:
            raise DemoError(f"{child.name} ended{child.log_tail()}")

    # ----------------------------------------------------------------------------------- verbs

    def cut(self, name: str) -> None:
        """Silent power loss: nothing of it is sent or received any more, and nobody is told."""
        edge = self._alive(name)
        self._set(self.plan.cable(uplink_name(edge.name)), up=False)
        edge.state = "cut"

    def kill(self, name: str, web_only: bool = False) -> None:
        """Its processes are shot; the kernel closes their connections."""
        edge = self._alive(name)
        edge.stop(*(["nginx"] if web_only else []))
        edge.state = "killed"

    def drain(self, name: str) -> None:
        """Graceful withdrawal: its BGP session ends with a notification, it answers what comes."""
        edge = self._alive(name)
        edge.session("disable")
        edge.state = "drained"

    def revive(self, name: str) -> None:
        """Back to alive, whatever was done to it."""
        edge = self._edge(name)
        uplink = self.plan.cable(uplink_name(edge.name))
        fine = self._conditions[uplink.name] == Condition(uplink.delay_ms)
        if edge.state == "alive" and not edge.missing and fine:
            raise UsageError(f"{name} is alive")
        self._set(uplink, **vars(Condition(uplink.delay_ms)))
        # A BIRD that starts has its session enabled.
        if edge.state == "drained" and edge.runs("bird"):
            edge.session("enable")
        edge.start(self._health)
        edge.state = "alive"

    def switch_health(self, on: bool) -> None:
        """The health check of every edge; without it a dead web server is a black hole."""
        self._health = on
        for edge in self.edges.values():
            if not on:
                edge.stop("health")
            if edge.runs("bird"):
                if on:
                    edge.start_health()
                else:
                    edge.routes("enable")

    def link(self, a: str, b: str, wanted: dict[str, Any]) -> Condition:
        """Changes a wire. Down and up are known to the IGP, as a fibre cut is; a longer delay is
        not: BGP does not see latency."""
        cable = self._find_cable(a, b)
        if wanted.get("up") is not None and cable.name.startswith("uplink~"):
            raise UsageError("an edge's uplink goes down by cut, and up again by revive")
        before = self._conditions[cable.name]
        self._set(cable, **wanted)
        after = self._conditions[cable.name]
        if before.up != after.up:
            self._recompute_routes()
        return after

    def _recompute_routes(self) -> None:
        for place in self._places:
            self._write_router(place)
            if self._router_children[place.slug].running:
                self.routers[place.slug].ask("configure")

    def _set(self, cable: Cable, **wanted: Any) -> None:
        condition = self._conditions[cable.name].changed(**wanted)
        assert self._wires is not None
        self._wires.set(cable, condition)
        self._conditions[cable.name] = condition

    def _edge(self, name: str) -> Edge:
        self.settings.topology.find_edge(name)
        return self.edges[name.lower()]

    def _alive(self, name: str) -> Edge:
        edge = self._edge(name)
        if edge.state != "alive":
            raise UsageError(f"{name} is {edge.state} already; labctl revive {name} brings it back")
        return edge

    def _find_cable(self, a: str, b: str) -> Cable:
        topology = self.settings.topology
        for one, other in ((a, b), (b, a)):
            if other == "uplink":
                topology.find_edge(one)
                return self.plan.cable(uplink_name(one.lower()))
            if other == "access":
                return self.plan.cable(access_name(topology.find_place(one)))
        near, far = topology.find_place(a), topology.find_place(b)
        return self.plan.cable(topology.find_wire(near.slug, far.slug).name)

    # ----------------------------------------------------------------------------------- state

    @property
    def _down(self) -> frozenset[str]:
        return frozenset(
            wire.name for wire in self.settings.topology.wires if not self._conditions[wire.name].up
        )

    @property
    def announcing(self) -> list[str]:
        """The edges that the routers should see now."""
        return [name for name, edge in self.edges.items() if self._announces(edge)]

    def _announces(self, edge: Edge) -> bool:
        if not self._conditions[uplink_name(edge.name)].up or not edge.runs("bird"):
            return False
        return edge.state != "drained" and (edge.runs("nginx") or not self._health)

    def choices(self) -> list[routing.Choice]:
        """What every router chose, for both IP versions."""
        return routing.choices(self.settings.topology, self.routers, self.announcing, self._down)

    def agreement(self) -> dict[str, Any]:
        """How many of the cities' routers chose what they should, IPv4 and IPv6."""
        cities = [choice for choice in self.choices() if choice.place.agent]
        wrong = [choice for choice in cities if not choice.is_right]
        return {
            "of": len(cities),
            "right": len(cities) - len(wrong),
            "edges": {
                choice.place.slug: choice.actual for choice in cities if choice.family == 4
            },
            "wrong": [
                f"{choice.place.name} IPv{choice.family}: {choice.actual or 'no route'}"
                f" instead of {choice.expected or 'no route'}"
                for choice in wrong
            ],
        }

    def status(self) -> dict[str, Any]:
        """The document of `labctl status --json`. Each city asks the anycast resolver who it is."""
        answers = ask_from_everywhere(self.namespaces, [city.slug for city in self._cities])
        topology = self.settings.topology
        announcing, down = self.announcing, self._down
        cities = {}
        for city in self._cities:
            answer = answers[city.slug]
            cities[city.slug] = {
                "edge": answer.edge,
                "expected": paths.nearest(topology, city.slug, announcing, down),
                "rtt_ms": answer.rtt_ms,
            }
        edges = {
            name: {
                "state": edge.state,
                "city": topology.edges[name].slug,
                "health": edge.health,
                "not_running": edge.missing,
            }
            for name, edge in self.edges.items()
        }
        assert self._wires is not None
        return {
            "cities": cities,
            "edges": edges,
            "routers": {
                "not_running": [
                    slug for slug, child in self._router_children.items() if not child.running
                ]
            },
            "wires": {
                "kind": self._wires.kind,
                "running": self._wires.runs,
                "changed": {
                    cable.name: vars(self._conditions[cable.name])
                    for cable in self.plan.cables
                    if self._conditions[cable.name] != Condition(cable.delay_ms)
                },
            },
            "memory_pss_mb": round(proportional_mb(namespace_members()), 1),
        }

    def stats(self) -> dict[str, Any]:
        """The wires' counters, where our own daemon carries them."""
        if not isinstance(self._wires, WireDaemon):
            raise DemoError("the kernel's netem carries the wires; tc -s qdisc has its counters")
        return self._wires.stats()

    @property
    def _cities(self) -> tuple[Place, ...]:
        """The places with an agent."""
        return self.settings.topology.cities
