"""What became of every slot of a check: probed and stored, told as skipped, or lost with a gap. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from chaos.accounting import Boot, Gap, Stored


class Series(NamedTuple):
    """A check of an agent, within one numbering."""

    boot: Boot
    check: int
    interval_us: int


class Told(NamedTuple):
    """A slot as a stored result tells of it. `skipped` slots lie between it and the one told before, unless
    the clock was set in between: then how far they are apart says nothing."""

    sequence: int
    slot_us: int
    skipped: int
    clock_set: bool | int


class Alive(NamedTuple):
    """From when to when each slot has to be told of, by the wall clock."""

    from_us: int
    to_us: int


def account_slots(
    series: Mapping[Series, Sequence[Told]],
    stored: Mapping[Boot, Stored],
    agents: Iterable[str],
    alive: Alive,
) -> list[str]:
    """A sentence for each place where a slot is missing or was used twice."""
    complaints = [
        f"{agent}: no slot was ever told of"
        for agent in sorted({*agents} - {key.boot.agent for key in series})
    ]
    for key, told in series.items():
        gaps = stored[key.boot].gaps
        complaints += [f"{key.boot}: {what}" for what in account_series(told, gaps, key.interval_us, alive)]
    return complaints


def account_series(
    told: Iterable[Told], gaps: Sequence[Gap], interval_us: int, alive: Alive
) -> list[str]:
    """The same for one series."""
    in_order = sorted(told)
    complaints = []
    if (late_us := in_order[0].slot_us - alive.from_us) > 0:
        complaints.append(f"nothing is told of {late_us} us at the start")
    if (early_us := alive.to_us - in_order[-1].slot_us) > interval_us:
        complaints.append(f"nothing is told of {early_us} us at the end")
    for before, after in zip(in_order, in_order[1:]):
        if what := between(before, after, gaps, interval_us):
            complaints.append(f"between {before.sequence} and {after.sequence} {what}")
    return complaints


def between(before: Told, after: Told, gaps: Sequence[Gap], interval_us: int) -> str:
    """What is wrong with the way from a slot to the next that was told of; empty: nothing."""
    if after.clock_set:
        return ""
    apart_us = after.slot_us - before.slot_us
    if apart_us <= 0 or apart_us % interval_us:
        return f"the slots are {apart_us} us apart"
    missing = apart_us // interval_us - 1 - after.skipped
    # A lost result may have told of skipped slots itself, so it explains any number of them.
    lost = any(gap.first < after.sequence and gap.last > before.sequence for gap in gaps)
    if missing == 0 or (missing > 0 and lost):
        return ""
    return f"{apart_us // interval_us - 1} slots passed, {after.skipped} were told as skipped"


def count(series: Mapping[Series, Sequence[Told]]) -> tuple[int, int]:
    """Of all agents: slots that were probed and stored, and that were told as skipped."""
    everything = [slot for told in series.values() for slot in told]
    return len(everything), sum(slot.skipped for slot in everything)
