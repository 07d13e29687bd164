"""The demo's story without people: test, lose a city, test again, restart, look it up again."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from stack.api import Api, Event
from world.cities import CITIES, City
from host.errors import StepFailed
from host.processes import Processes
from stack.stack import Stack
from host.stop_signals import StopSignals
from stack.table import render_table
from stack.verdict import judge_test

TEST_LIMIT_S = 15.0
OFFLINE_LIMIT_S = 1.0
POLL_S = 0.02
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
        self._say = say
        self._followed: list[Followed] = []

    def run(self, kill_after_first_test: City) -> None:
        """All fourteen answer, then one dies, and nothing that was stored is lost."""
        self._test(offline=None)
        self._lose(kill_after_first_test)
        self._test(offline=kill_after_first_test)
        self._restart_collector()

    def run_without(self, killed_first: City) -> None:
        """One city is dead from the start."""
        self._lose(killed_first)
        self._test(offline=killed_first)
        self._restart_collector()

    def _test(self, offline: City | None) -> None:
        followed = self._follow()
        self._followed.append(followed)
        self._say(render_table(followed.document))
        missing = [offline.slug] if offline else []
        complaints = judge_test(followed.document, missing)
        if complaints:
            raise StepFailed(summary(complaints))
        if offline is None:
            self._say(f"ok: {len(followed.document['cities'])} cities finished, each at its edge")
            return
        after_s = followed.ended_after_s.get(offline.slug)
        if after_s is None or after_s >= OFFLINE_LIMIT_S:
            saw = "no such event" if after_s is None else f"it after {after_s:.3f} s"
            limit = f"less than {OFFLINE_LIMIT_S:.0f} s"
            raise StepFailed(f"expected {offline.name} offline in {limit}, saw {saw}")
        others = len(followed.document["cities"]) - 1
        self._say(
            f"ok: {offline.name} offline after {after_s * 1000:.0f} ms, {others} others finished"
        )

    def _follow(self) -> Followed:
        began = time.monotonic()
        followed = Followed(self._api.create_test(self._stack.target_url))
        try:
            for event in self._api.events(followed.path, began + TEST_LIMIT_S):
                followed.take(event, time.monotonic() - began)
        except TimeoutError:
            waiting = [city.slug for city in CITIES if city.slug not in followed.ended_after_s]
            limit = f"within {TEST_LIMIT_S:.0f} s"
            missing = ", ".join(waiting) or "only the end"
            raise StepFailed(f"expected the test to end {limit}, still missing {missing}") from None
        followed.document = self._api.get(followed.path)
        return followed

    def _lose(self, city: City) -> None:
        self._processes.kill(self._stack.agents[city.slug])
        killed = time.monotonic()
        while (state := self._agent_state(city)) != "offline":
            if time.monotonic() - killed > OFFLINE_LIMIT_S:
                limit = f"within {OFFLINE_LIMIT_S:.0f} s of its death"
                raise StepFailed(f"expected the agent in {city.name} offline {limit}, saw {state}")
            self._processes.pump(POLL_S)
        took_ms = (time.monotonic() - killed) * 1000
        self._say(f"ok: killed the agent in {city.name}, noticed after {took_ms:.0f} ms")

    def _agent_state(self, city: City) -> str:
        for entry in self._api.get("/api/v1/agents")["agents"]:
            if entry["agent"]["id"] == city.slug:
                return str(entry["state"])
        return "no such agent"

    def _restart_collector(self) -> None:
        self._stack.restart_collector()
        for followed in self._followed:
            again = self._api.get(followed.path)
            if again != followed.document:
                raise StepFailed(
                    f"expected {followed.path} unchanged after the collector's restart,"
                    f" saw differences in {', '.join(changed_fields(followed.document, again))}"
                )
        addresses = ", ".join(followed.path for followed in self._followed)
        self._say(f"ok: the collector restarted and still knows {addresses}")


def summary(complaints: list[str]) -> str:
    """The first complaints and how many more there are: one cause often shows in each city."""
    more = len(complaints) - SHOWN_COMPLAINTS
    return "; ".join(complaints[:SHOWN_COMPLAINTS]) + (f"; and {more} more" if more > 0 else "")


def changed_fields(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """The top-level fields in which two documents differ."""
    absent = object()
    keys = sorted(before.keys() | after.keys())
    return [key for key in keys if before.get(key, absent) != after.get(key, absent)]
