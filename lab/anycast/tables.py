"""What labctl tells people. Pure: documents in, text out."""

from collections.abc import Mapping, Sequence
from typing import Any

from anycast.fetching import PHASES, Visit
from stack.table import ABSENT, text


def columns(rows: Sequence[Sequence[str]], numbers: Sequence[int] = ()) -> str:
    """Rows as aligned columns; `numbers` are the columns that stand to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column in numbers else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def status_table(document: Mapping[str, Any]) -> str:
    """Cities, then edges, then what else there is to know."""
    cities = [("City", "Edge", "Expected", "RTT ms")]
    for slug, city in document["cities"].items():
        wrong = "" if city["edge"] == city["expected"] else "  <- not the expected one"
        cities.append((slug, text(city["edge"]), text(city["expected"]) + wrong, ms(city["rtt_ms"])))
    edges = [("Edge", "City", "State", "Health check", "Not running")]
    for name, edge in document["edges"].items():
        missing = ", ".join(edge["not_running"]) or ABSENT
        edges.append((name, edge["city"], edge["state"], edge["health"], missing))
    changed = [
        f"changed: {name} {condition_words(condition)}"
        for name, condition in document["wires"]["changed"].items()
    ]
    return "\n".join(
        [
            columns(cities, numbers=[3]),
            "",
            columns(edges),
            "",
            f"wires by the {document['wires']['kind']}; memory {document['memory_pss_mb']} MB PSS",
            *changed,
        ]
    )


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
