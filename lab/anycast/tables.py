"""What labctl tells people. Pure: documents in, text out."""

from collections.abc import Mapping, Sequence
from typing import Any

from anycast.fetching import PHASES, Visit
from stack.table import ABSENT, columns, text
from world.paths import one_way_ms
from world.topology import Topology

NOT_EXPECTED = "<- not the expected one"
WAYS = ("a_to_b", "b_to_a")
# What became of a wire's packets; none of these counts on a wire that nothing has reached.
COUNTS = ("packets", "lost", "down", "overflowed", "in_flight")


def computed_ms(document: Mapping[str, Any], topology: Topology) -> dict[str, float | None]:
    """By city: the round trip to the expected edge as it follows from the topology's delays.

    What `link --delay` added is left out, so that it shows as a difference from what was measured.
    """
    down = [name for name, wire in document["wires"]["changed"].items() if not wire["up"]]
    # The lab may have been made from another file than the one we were given.
    known = {place.slug for place in topology.places}
    computed: dict[str, float | None] = {}
    for slug, city in document["cities"].items():
        one_way = None
        if slug in known and city["expected"] in topology.edges:
            one_way = one_way_ms(topology, slug, city["expected"], down)
        computed[slug] = None if one_way is None else round(2 * one_way, 2)
    return computed


def status_table(document: Mapping[str, Any]) -> str:
    """Cities, then edges, then what else there is to know."""
    cities = [("City", "Edge", "Expected", "One DNS query, ms", "Computed, ms", "")]
    for slug, city in document["cities"].items():
        answered, expected = city["edge"], city["expected"]
        remark = "" if answered in (None, expected) else NOT_EXPECTED
        times = ms(city["rtt_ms"]), ms(city["computed_ms"])
        cities.append((slug, answered or "no answer", text(expected), *times, remark))
    edges = [("Edge", "City", "State", "Health check", "Not running")]
    for name, edge in document["edges"].items():
        missing = ", ".join(edge["not_running"]) or ABSENT
        edges.append((name, edge["city"], edge["state"], edge["health"], missing))
    wires = document["wires"]
    rest = [f"wires by the {wires['kind']}; memory {document['memory_pss_mb']} MB PSS"]
    if not wires["running"]:
        rest.append(f"the {wires['kind']} is not running: nothing gets through any wire")
    if stopped := document["routers"]["not_running"]:
        rest.append(f"routers not running: {', '.join(stopped)}")
    rest += [
        f"changed: {name} {condition_words(condition)}"
        for name, condition in wires["changed"].items()
    ]
    return "\n".join([columns(cities, numbers=[3, 4]), "", columns(edges), "", *rest])


def with_traffic(wires: Mapping[str, Any]) -> dict[str, Any]:
    """The wires that at least one packet has reached."""
    return {
        name: wire
        for name, wire in wires.items()
        if any(wire[way][count] for way in WAYS for count in COUNTS)
    }


def stats_table(document: Mapping[str, Any]) -> str:
    """The wires' counters, one row for each direction."""
    rows = [
        ("Wire", "Delay ms", "Packets", "Bytes", "Lost", "Down", "Overflowed", "In flight")
        + ("Late p50 us", "p99 us", "max us")
    ]
    keys = ("packets", "bytes", "lost", "down", "overflowed", "in_flight")
    lateness = ("late_p50_us", "late_p99_us", "late_max_us")
    for name, wire in document["wires"].items():
        a, _, b = name.partition("~")
        for way, near, far in zip(WAYS, (a, b), (b, a), strict=True):
            counts = [f"{wire[way][key]:.0f}" for key in (*keys, *lateness)]
            rows.append((f"{near} -> {far}", f"{wire['delay_us'] / 1000:g}", *counts))
    missed = f"dropped by the kernel before any wire saw them: {document['missed']}"
    return "\n".join([columns(rows, numbers=range(1, len(rows[0]))), "", missed])


def moves(before: Mapping[str, str | None], after: Mapping[str, str | None]) -> list[str]:
    """Who went from which edge to which."""
    return [
        f"{city}: {before[city] or 'nowhere'} -> {edge or 'nowhere'}"
        for city, edge in after.items()
        if before[city] != edge
    ]


def condition_words(condition: Mapping[str, Any]) -> str:
    """How a wire is, in words."""
    words = [f"delay {condition['delay_ms']:g} ms"]
    if condition["jitter_ms"]:
        words.append(f"jitter {condition['jitter_ms']:g} ms")
    if condition["loss_percent"]:
        words.append(f"loss {condition['loss_percent']:g} %")
    if condition["rate_mbit"]:
        words.append(f"rate {condition['rate_mbit']:g} Mbit/s")
    return ", ".join(words + ([] if condition["up"] else ["down"]))


def condition_line(a: str, b: str, condition: Mapping[str, Any]) -> str:
    """A wire by its ends."""
    return f"{a} - {b}: {condition_words(condition)}"


def visit_lines(city: str, visit: Visit) -> str:
    """One answer in full."""
    phases = ", ".join(f"{name} {took:.1f}" for name, took in visit.phases_ms.items())
    lines = [f"{city} -> {visit.address or ABSENT}: {phases or 'nothing'} ms"]
    if visit.failure:
        return "\n".join([*lines, f"failed in {visit.failure}"])
    lines.append(f"status {visit.status}, edge {text(visit.edge)}, TTFB {ms(visit.ttfb_ms)} ms")
    return "\n".join([*lines, *(f"  {name}: {value}" for name, value in visit.headers)])


def visits_table(cities: Sequence[str], visits: Sequence[Visit]) -> str:
    """All answers, one row each."""
    rows = [("City", "Status", *(name.upper() for name in PHASES), "TTFB ms", "Edge")]
    for city, visit in zip(cities, visits, strict=True):
        phases = [ms(visit.phases_ms.get(name)) for name in PHASES]
        last = visit.failure or text(visit.edge)
        rows.append((city, text(visit.status), *phases, ms(visit.ttfb_ms), last))
    return columns(rows, numbers=range(2, 7))


def ms(value: float | None) -> str:
    """Milliseconds with one digit."""
    return ABSENT if value is None else f"{value:.1f}"
