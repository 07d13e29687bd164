"""Whether a test's document says what the demo must produce. Pure: documents in, complaints out."""

from collections import Counter
from collections.abc import Collection
from typing import Any

from world.cities import CITIES, nearest_edge

PARTS_OF_TOTAL = ("dns_us", "connect_us", "tls_us", "wait_us", "transfer_us", "other_us")

Document = dict[str, Any]


def judge_test(test: Document, offline: Collection[str] = ()) -> list[str]:
    """What is wrong with a finished test in which exactly the `offline` agents were missing."""
    complaints = judge_cast([city["agent_id"] for city in test["cities"]])
    if test["state"] != "finished":
        complaints.append(f"expected the test to be finished, saw {test['state']}")
    for city in test["cities"]:
        if city["agent_id"] in offline:
            complaints += judge_state(city, "offline")
        else:
            complaints += judge_state(city, "finished") or judge_answer(city)
    return complaints


def judge_cast(seen: list[str]) -> list[str]:
    """Each of the fourteen must be there, once."""
    expected = Counter(city.slug for city in CITIES)
    if Counter(seen) == expected:
        return []
    missing = sorted((expected - Counter(seen)).elements())
    surplus = sorted((Counter(seen) - expected).elements())
    return [
        f"expected the {len(CITIES)} cities once each, saw {len(seen)} rows"
        f" (missing: {', '.join(missing) or 'none'}; too many: {', '.join(surplus) or 'none'})"
    ]


def judge_state(city: Document, expected: str) -> list[str]:
    """A city's terminal state, with the reason the record gives."""
    if city["state"] == expected:
        return []
    failure = (city["result"] or {}).get("failure") or {}
    reason = f" ({failure['message']})" if failure.get("message") else ""
    return [f"expected {city['agent_id']} {expected}, saw {city['state']}{reason}"]


def judge_answer(city: Document) -> list[str]:
    """Status, edge and the measurement's invariant for a city that finished."""
    name, result = city["agent_id"], city["result"]
    complaints = []
    if result["status"] != 200:
        complaints.append(f"expected status 200 in {name}, saw {result['status']}")
    nearest = {place.slug: nearest_edge(place).name for place in CITIES}.get(name)
    if result["edge"] != nearest:
        complaints.append(f"expected the edge {nearest} in {name}, saw {result['edge']}")
    timings = result["timings"]
    total = sum(timings[part] or 0 for part in PARTS_OF_TOTAL)
    if total != timings["total_us"]:
        complaints.append(
            f"expected the phases and `other` in {name} to add up to {timings['total_us']} us,"
            f" saw {total} us"
        )
    return complaints
