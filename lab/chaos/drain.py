"""Whether all that the agents measured has arrived, as the collector tells it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any


def not_drained(agents: dict[str, Any], names: Iterable[str], since_s: float) -> list[str]:
    """Who has something left, in words. `agents` is the document of /api/v1/agents; what it says of a
    spool counts only when the agent said so after `since_s`, by the Unix epoch."""
    by_id = {agent["agent"]["id"]: agent for agent in agents["agents"]}
    reasons = {name: what_is_left(by_id.get(name), since_s) for name in names}
    return [f"{name} {reason}" for name, reason in reasons.items() if reason]


def what_is_left(agent: dict[str, Any] | None, since_s: float) -> str:
    """Of one agent; empty when nothing is."""
    if agent is None or agent["state"] != "connected":
        return "is not connected"
    spool = agent["spool"]
    if spool is None or datetime.fromisoformat(spool["reported_at"]).timestamp() < since_s:
        return "has not told of its spool"
    if spool["error"]:
        return f"cannot write its spool: {spool['error']}"
    return f"has {spool['results']} results left" if spool["results"] else ""
