"""One city asks ten times a second while something happens to its edge."""

import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from anycast.addresses import SERVICE4
from anycast.fetching import Stopwatch, Visit, fetch
from anycast.namespaces import enter_network

PERIOD_S = 0.1
# As long as a patient visitor waits. A lost SYN is sent again after 1 s, so such a request is slow.
LIMIT_S = 2.0
SLOW_S = 1.0


@dataclass(frozen=True)
class Ask:
    """One request: when it was sent, relative to the event, how long it took, who answered."""

    sent_s: float
    took_s: float
    edge: str | None


@dataclass(frozen=True)
class Findings:
    """What the visitors saw. Seconds count from the event to the sending of a request."""

    asked: int
    failed: int
    slow: int
    # The first request answered by another edge; None: never.
    rerouted_after_s: float | None
    # The last request that failed or was slow; None: there was none.
    bad_until_s: float | None


def drill(
    network: Path, ca_file: Path, before_s: float, after_s: float, event: Callable[[], None]
) -> list[Ask]:
    """Asks from a network during all that time; the event happens once in between.

    It counts from the moment at which it was done, as its own call may take a while.
    """
    context = ssl.create_default_context(cafile=str(ca_file))
    asks: list[tuple[float, float, str | None]] = []
    happened_at: list[float] = []
    threads: list[threading.Thread] = []
    begun = time.monotonic()

    def happen() -> None:
        event()
        happened_at.append(time.monotonic())

    happening = threading.Timer(before_s, happen)
    happening.start()
    for number in range(round((before_s + after_s) / PERIOD_S)):
        due = begun + number * PERIOD_S
        time.sleep(max(0, due - time.monotonic()))

        def ask() -> None:
            enter_network(network)
            sent = time.monotonic()
            visit = fetch(Visit(address=SERVICE4), Stopwatch({}), context, LIMIT_S)
            asks.append((sent, time.monotonic() - sent, visit.edge))

        thread = threading.Thread(target=ask)
        thread.start()
        threads.append(thread)
    for thread in (*threads, happening):
        thread.join()
    (event_at,) = happened_at
    return [Ask(sent - event_at, took, edge) for sent, took, edge in sorted(asks)]


def find(asks: Sequence[Ask], home: str) -> Findings:
    """Counts what was asked from the event on, and what was under way then."""
    concerned = [ask for ask in asks if ask.sent_s + ask.took_s >= 0]
    bad = [ask for ask in concerned if ask.edge is None or ask.took_s >= SLOW_S]
    moved = [
        ask.sent_s for ask in concerned if ask.edge not in (None, home) and ask.took_s < SLOW_S
    ]
    return Findings(
        asked=len(concerned),
        failed=sum(ask.edge is None for ask in concerned),
        slow=sum(ask.edge is not None and ask.took_s >= SLOW_S for ask in concerned),
        rerouted_after_s=round(max(0.0, moved[0]), 2) if moved else None,
        bad_until_s=round(max(0.0, bad[-1].sent_s), 2) if bad else None,
    )
