"""A test as a table for people."""

import unicodedata
from collections.abc import Collection, Sequence
from typing import Any

HEADINGS = ("City", "State", "Status", "DNS", "Connect", "TLS", "TTFB", "Rating", "Edge")
TIMES = ("dns_us", "connect_us", "tls_us", "ttfb_us")
FIRST_TIME = HEADINGS.index("DNS")

# What did not happen is shown as such, never as 0.
ABSENT = "-"


def render_table(test: dict[str, Any]) -> str:
    """One row per city, times in milliseconds."""
    rows = [HEADINGS, *(row(city) for city in test["cities"])]
    return columns(rows, numbers=range(FIRST_TIME, FIRST_TIME + len(TIMES)))


def render_comparison(before: dict[str, Any], after: dict[str, Any]) -> str:
    """Two tests side by side, one row per city; who moved is marked."""
    later = {city["agent_id"]: city for city in after["cities"]}
    rows = [("City", "Status", "TTFB", "Edge", "", "Status", "TTFB", "Edge", "Change")]
    for city in before["cities"]:
        old, new = outcome(city), outcome(later.get(city["agent_id"], {}))
        name = unicodedata.normalize("NFC", city["agent"]["city"])
        rows.append((name, *old, "->", *new, "moved" if old[2] != new[2] else ""))
    return columns(rows, numbers=(2, 6))


def outcome(city: dict[str, Any]) -> tuple[str, str, str]:
    """Status (or how it ended without one), TTFB, edge."""
    result = city.get("result") or {}
    ttfb = milliseconds((result.get("timings") or {}).get("ttfb_us"))
    status = result.get("status") or city.get("state")
    return text(status), ttfb, text(result.get("edge"))


def row(city: dict[str, Any]) -> tuple[str, ...]:
    """The cells of one city; before its end there is no result yet."""
    result = city["result"] or {}
    timings = result.get("timings") or {}
    cells = (
        city["agent"]["city"],
        city["state"],
        text(result.get("status")),
        *(milliseconds(timings.get(name)) for name in TIMES),
        text(result.get("rating")),
        text(result.get("edge")),
    )
    # Composed, so that each letter of São Paulo counts as one column.
    return tuple(unicodedata.normalize("NFC", cell) for cell in cells)


def columns(rows: Sequence[Sequence[str]], numbers: Collection[int] = ()) -> str:
    """Rows as aligned columns; `numbers` are the columns that stand to the right."""
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column in numbers else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def milliseconds(microseconds: int | None) -> str:
    """`1234` becomes `1.23`."""
    return ABSENT if microseconds is None else f"{microseconds / 1000:.2f}"


def text(value: object) -> str:
    """A value, or the sign for an absent one."""
    return ABSENT if value is None else str(value)
