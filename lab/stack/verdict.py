"""Whether a test's document says what the demo must produce. Pure: documents in, complaints out."""

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from world.topology import Place

PARTS_OF_TOTAL = ("dns_us", "connect_us", "tls_us", "wait_us", "transfer_us", "other_us")

Document = dict[str, Any]


def judge_test(
    test: Document, edges: Mapping[str, str], offline: Collection[str] = ()
) -> list[str]:
    """What is wrong with a finished test in which exactly the `offline` agents were missing.

    `edges` holds, by city, the edge that should have answered.
    """
    complaints = judge_cast([city["agent_id"] for city in test["cities"]], edges)
    if test["state"] != "finished":
        complaints.append(f"expected the test to be finished, saw {test['state']}")
    for city in test["cities"]:
        if city["agent_id"] in offline:
            complaints += judge_state(city, "offline")
        else:
            complaints += judge_state(city, "finished") or judge_answer(city, edges)
    return complaints


def judge_same(before: Document, after: Document) -> list[str]:
    """In which cities a second test ended otherwise: in state, status or edge. Times vary."""
    first = {city["agent_id"]: outcome(city) for city in before["cities"]}
    return [
        f"expected {name} as before, {first.get(name)}, saw {second}"
        for name, second in ((city["agent_id"], outcome(city)) for city in after["cities"])
        if second != first.get(name)
    ]


def judge_locations(test: Document, places: Mapping[str, Place]) -> list[str]:
    """Where an edge that answered is not shown in its place; `places` holds each edge's."""
    complaints = []
    for city in test["cities"]:
        result = city["result"] or {}
        place = places.get(result.get("edge"))
        if place is None:
            continue
        seen = (result.get("edge_location") or {}).get("city")
        if seen != place.name:
            complaints.append(
                f"expected {result['edge']} of {city['agent_id']} in {place.name}, saw {seen}"
            )
    return complaints


def outcome(city: Document) -> str:
    """How a city ended, in words."""
    result = city["result"] or {}
    return f"{city['state']} {result.get('status')} at {result.get('edge')}"


def judge_cast(seen: list[str], cities: Collection[str]) -> list[str]:
    """Each of the cities must be there, once."""
    expected = Counter(list(cities))
    if Counter(seen) == expected:
        return []
    missing = sorted((expected - Counter(seen)).elements())
    surplus = sorted((Counter(seen) - expected).elements())
    return [
        f"expected the {len(cities)} cities once each, saw {len(seen)} rows"
        f" (missing: {', '.join(missing) or 'none'}; too many: {', '.join(surplus) or 'none'})"
    ]


def judge_state(city: Document, expected: str) -> list[str]:
    """A city's terminal state, with the reason the record gives."""
    if city["state"] == expected:
        return []
    failure = (city["result"] or {}).get("failure") or {}
    reason = f" ({failure['message']})" if failure.get("message") else ""
    return [f"expected {city['agent_id']} {expected}, saw {city['state']}{reason}"]


def judge_answer(city: Document, edges: Mapping[str, str]) -> list[str]:
    """Status, edge and the measurement's invariant for a city that finished."""
    name, result = city["agent_id"], city["result"]
    complaints = []
    if result["status"] != 200:
        complaints.append(f"expected status 200 in {name}, saw {result['status']}")
    expected = edges.get(name)
    if result["edge"] != expected:
        complaints.append(f"expected the edge {expected} in {name}, saw {result['edge']}")
    timings = result["timings"]
    total = sum(timings[part] or 0 for part in PARTS_OF_TOTAL)
    if total != timings["total_us"]:
        complaints.append(
            f"expected the phases and `other` in {name} to add up to {timings['total_us']} us,"
            f" saw {total} us"
        )
    return complaints
