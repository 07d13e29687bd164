"""Shortest paths between the lab's routers, and with them each place's nearest edge. Pure.

A metric is a one-way delay in units of 10 us, as the routers' IGP counts it. `without_wires` holds
the names of the wires that are down. What cannot be reached is absent from an answer.
"""

import heapq
from collections.abc import Collection

from world.topology import Topology, Wire

METRIC_PER_MS = 100

NO_WIRES: frozenset[str] = frozenset()


def wire_metric(wire: Wire) -> int:
    """What the IGP counts for a wire; never 0, so that a longer way always counts more."""
    return max(1, round(wire.delay_ms * METRIC_PER_MS))


def neighbours(
    topology: Topology, start: str, without_wires: Collection[str] = NO_WIRES
) -> dict[str, int]:
    """The places one wire away, each with that wire's metric."""
    return {
        wire.other_end(start): wire_metric(wire)
        for wire in topology.wires_at(start)
        if wire.name not in without_wires
    }


def metrics_from(
    topology: Topology, start: str, without_wires: Collection[str] = NO_WIRES
) -> dict[str, int]:
    """The shortest path's metric to each place that can be reached (Dijkstra)."""
    settled: dict[str, int] = {}
    queue = [(0, start)]
    while queue:
        metric, here = heapq.heappop(queue)
        if here in settled:
            continue
        settled[here] = metric
        for neighbour, step in neighbours(topology, here, without_wires).items():
            heapq.heappush(queue, (metric + step, neighbour))
    return settled


def metrics(
    topology: Topology, without_wires: Collection[str] = NO_WIRES
) -> dict[str, dict[str, int]]:
    """The shortest path's metric between any two places; 0 from a place to itself."""
    return {
        place.slug: metrics_from(topology, place.slug, without_wires) for place in topology.places
    }


def next_hops(
    topology: Topology, without_wires: Collection[str] = NO_WIRES
) -> dict[str, dict[str, str]]:
    """The neighbour to which each router hands packets for each other one.

    Of several that lie on a shortest path it is the first in the alphabet. Any of them would do:
    each is strictly nearer to the goal, so there is no loop.
    """
    table = metrics(topology, without_wires)
    hops: dict[str, dict[str, str]] = {}
    for here, goals in table.items():
        steps = neighbours(topology, here, without_wires)
        hops[here] = {
            goal: min(hop for hop, step in steps.items() if step + table[hop][goal] == metric)
            for goal, metric in goals.items()
            if goal != here
        }
    return hops


def ranking(
    topology: Topology,
    place_slug: str,
    alive: Collection[str],
    without_wires: Collection[str] = NO_WIRES,
) -> list[tuple[str, int]]:
    """The edges that are alive, nearest first, each with the metric between the two routers."""
    reached = metrics_from(topology, place_slug, without_wires)
    edges = [
        (edge, reached[place.slug])
        for edge, place in topology.edges.items()
        if edge in alive and place.slug in reached
    ]
    return sorted(edges, key=lambda edge: (edge[1], edge[0]))


def nearest(
    topology: Topology,
    place_slug: str,
    alive: Collection[str],
    without_wires: Collection[str] = NO_WIRES,
) -> str | None:
    """The edge to which anycast leads from a place, if one can be reached."""
    ranked = ranking(topology, place_slug, alive, without_wires)
    return ranked[0][0] if ranked else None


def one_way_ms(
    topology: Topology,
    place_slug: str,
    edge: str,
    without_wires: Collection[str] = NO_WIRES,
) -> float | None:
    """From the agent to the edge: last mile and backbone, the edge stands beside its router; nothing if there is no way."""
    reached = metrics_from(topology, place_slug, without_wires)
    metric = reached.get(topology.edges[edge].slug)
    if metric is None:
        return None
    backbone_ms = metric / METRIC_PER_MS
    return topology.place(place_slug).access_ms + backbone_ms
