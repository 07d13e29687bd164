"""What became of every slot of a check: probed and stored, told as skipped, or lost with a gap. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from chaos.accounting import Gap


class Told(NamedTuple):
    """A slot as a stored result tells of it. `skipped` slots lie between it and the one told before, unless
    the clock was set in between: then how far they are apart says nothing."""

    sequence: int
    slot_us: int
    skipped: int
    clock_set: bool


class Alive(NamedTuple):
    """From when to when each slot has to be told of, by the wall clock."""

    from_us: int
    to_us: int


def account_slots(
    told: Iterable[Told], gaps: Sequence[Gap], interval_us: int, alive: Alive
) -> list[str]:
    """Of one check of one agent within one boot: a sentence for each place where a slot is missing or was
    used twice."""
    in_order = sorted(told)
    if not in_order:
        return ["no slot was ever told of"]
    complaints = []
    if in_order[0].slot_us > alive.from_us:
        complaints.append(f"nothing is told of {in_order[0].slot_us - alive.from_us} us at the start")
    if in_order[-1].slot_us + interval_us < alive.to_us:
        complaints.append(f"nothing is told of {alive.to_us - in_order[-1].slot_us} us at the end")
    for before, after in zip(in_order, in_order[1:]):
        if after.clock_set:
            continue
        if what := between(before, after, gaps, interval_us):
            complaints.append(f"between {before.sequence} and {after.sequence} {what}")
    return complaints


def between(before: Told, after: Told, gaps: Sequence[Gap], interval_us: int) -> str:
    """What is wrong with the way from a slot to the next that was told of; empty: nothing."""
    apart_us = after.slot_us - before.slot_us
    if apart_us <= 0 or apart_us % interval_us:
        return f"the slots are {apart_us} us apart"
    missing = apart_us // interval_us - 1 - after.skipped
    # A lost result may have told of skipped slots itself, so it explains any number of them.
    lost = any(gap.first < after.sequence and gap.last > before.sequence for gap in gaps)
    if missing == 0 or (missing > 0 and lost):
        return ""
    return f"{apart_us // interval_us - 1} slots passed, {after.skipped} were told as skipped"


def count(told: Mapping[str, Sequence[Told]]) -> dict[str, int]:
    """Of all agents: slots that were stored, and that were told as skipped."""
    everything = [slot for slots in told.values() for slot in slots]
    return {"stored": len(everything), "skipped": sum(slot.skipped for slot in everything)}
