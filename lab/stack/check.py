"""The demo's story without people: test, lose a city, test again, restart, look it up again."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from anycast.network import AnycastNetwork
from host.errors import StepFailed
from host.processes import Processes
from host.stop_signals import StopSignals
from stack.api import Api, Event
from stack.stack import Stack
from stack.table import render_comparison, render_table
from stack.verdict import judge_locations, judge_same, judge_test
from world.topology import Place

TEST_LIMIT_S = 15.0
OFFLINE_LIMIT_S = 1.0
POLL_S = 0.02
ROUTING_LIMIT_S = 10.0
SHOWN_COMPLAINTS = 3
TERMINAL_STATES = ("finished", "failed", "offline", "timed_out")

Say = Callable[[str], None]


@dataclass
class Followed:
    """A test as it was watched: its last document, and when each city ended (s since the POST)."""

    path: str
    ended_after_s: dict[str, float] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)

    def take(self, event: Event, after_s: float) -> None:
        """Notes the cities that an event shows at their end."""
        if event.name == "snapshot":
            cities = event.data["cities"]
        else:
            cities = [event.data] if event.name == "city" else []
        for city in cities:
            if city["state"] in TERMINAL_STATES:
                self.ended_after_s.setdefault(city["agent_id"], after_s)


class Check:
    """Runs the steps against a started stack; each says one line or raises StepFailed."""

    def __init__(self, stack: Stack, processes: Processes, signals: StopSignals, say: Say) -> None:
        self._stack = stack
        self._processes = processes
        self._api = Api(stack.collector_http, signals)
        self.say = say
        self._followed: list[Followed] = []

    def run(self, kill_after_first_test: Place) -> None:
        """All fourteen answer, then one dies, and nothing that was stored is lost."""
        self.test()
        self._lose(kill_after_first_test)
        self.test(offline=kill_after_first_test)
        self.restart_collector()

    def run_without(self, killed_first: Place) -> None:
        """One city is dead from the start."""
        self._lose(killed_first)
        self.test(offline=killed_first)
        self.restart_collector()

    def test(self, offline: Place | None = None) -> dict[str, Any]:
        followed = self._follow()
        self._followed.append(followed)
        self.say(render_table(followed.document))
        missing = [offline.slug] if offline else []
        edges = self._stack.network.expected_edges()
        complaints = judge_test(followed.document, edges, missing)
        complaints += judge_locations(followed.document, self._stack.network.topology.edges)
        if complaints:
            raise StepFailed(summary(complaints))
        if offline is None:
            self.say(f"ok: {len(followed.document['cities'])} cities finished, each at its edge")
            return followed.document
        after_s = followed.ended_after_s.get(offline.slug)
        if after_s is None or after_s >= OFFLINE_LIMIT_S:
            saw = "no such event" if after_s is None else f"it after {after_s:.3f} s"
            limit = f"less than {OFFLINE_LIMIT_S:.0f} s"
            raise StepFailed(f"expected {offline.name} offline in {limit}, saw {saw}")
        others = len(followed.document["cities"]) - 1
        self.say(
            f"ok: {offline.name} offline after {after_s * 1000:.0f} ms, {others} others finished"
        )
        return followed.document

    def pause(self, seconds: float) -> None:
        """Waits, and meanwhile looks after the processes and signals."""
        self._processes.pump(seconds)

    def _follow(self) -> Followed:
        began = time.monotonic()
        followed = Followed(self._api.create_test(self._stack.network.target_url))
        try:
            for event in self._api.events(followed.path, began + TEST_LIMIT_S):
                followed.take(event, time.monotonic() - began)
        except TimeoutError:
            cities = self._stack.network.expected_edges()
            waiting = [city for city in cities if city not in followed.ended_after_s]
            limit = f"within {TEST_LIMIT_S:.0f} s"
            missing = ", ".join(waiting) or "only the end"
            raise StepFailed(f"expected the test to end {limit}, still missing {missing}") from None
        followed.document = self._api.get(followed.path)
        return followed

    def _lose(self, city: Place) -> None:
        self._processes.kill(self._stack.agents[city.slug])
        killed = time.monotonic()
        while (state := self._agent_state(city)) != "offline":
            if time.monotonic() - killed > OFFLINE_LIMIT_S:
                limit = f"within {OFFLINE_LIMIT_S:.0f} s of its death"
                raise StepFailed(f"expected the agent in {city.name} offline {limit}, saw {state}")
            self._processes.pump(POLL_S)
        took_ms = (time.monotonic() - killed) * 1000
        self.say(f"ok: killed the agent in {city.name}, noticed after {took_ms:.0f} ms")

    def _agent_state(self, city: Place) -> str:
        for entry in self._api.get("/api/v1/agents")["agents"]:
            if entry["agent"]["id"] == city.slug:
                return str(entry["state"])
        return "no such agent"

    def restart_collector(self) -> None:
        self._stack.restart_collector()
        for followed in self._followed:
            again = self._api.get(followed.path)
            if again != followed.document:
                raise StepFailed(
                    f"expected {followed.path} unchanged after the collector's restart,"
                    f" saw differences in {', '.join(changed_fields(followed.document, again))}"
                )
        addresses = ", ".join(followed.path for followed in self._followed)
        self.say(f"ok: the collector restarted and still knows {addresses}")


class LabCheck:
    """The drill: an edge loses its power, its cities move to the next one, it comes back."""

    def __init__(self, steps: Check, network: AnycastNetwork) -> None:
        self._steps = steps
        self._network = network

    def run(self, edge: str) -> None:
        """Each test must find every city at its nearest edge that lives."""
        before = self._steps.test()
        self._network.cut(edge)
        self._wait_for_routers(f"cut {edge}")
        after = self._steps.test()
        self._steps.say(render_comparison(before, after))
        self._network.revive(edge)
        self._wait_for_routers(f"revived {edge}")
        again = self._steps.test()
        complaints = judge_same(before, again)
        if complaints:
            raise StepFailed(summary(complaints))
        self._steps.say("ok: the third test equals the first: same states, statuses and edges")
        self._steps.restart_collector()

    def _wait_for_routers(self, what: str) -> None:
        began = time.monotonic()
        while not self._network.routers_agree():
            if time.monotonic() - began > ROUTING_LIMIT_S:
                limit = f"within {ROUTING_LIMIT_S:.0f} s"
                raise StepFailed(f"expected all routers to agree {limit} after {what}, they do not")
            self._steps.pause(POLL_S)
        took = time.monotonic() - began
        self._steps.say(f"ok: {what}, all routers agree after {took:.2f} s")


def summary(complaints: list[str]) -> str:
    """The first complaints and how many more there are: one cause often shows in each city."""
    more = len(complaints) - SHOWN_COMPLAINTS
    return "; ".join(complaints[:SHOWN_COMPLAINTS]) + (f"; and {more} more" if more > 0 else "")


def changed_fields(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """The top-level fields in which two documents differ."""
    absent = object()
    keys = sorted(before.keys() | after.keys())
    return [key for key in keys if before.get(key, absent) != after.get(key, absent)]
