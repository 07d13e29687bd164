"""What became of every number that an agent gave out. Pure: the figures come from ledgers.py."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

# What a full disk does. Nothing else that strikes here may cost a result: a run is too short for one to become too
# old, no file is damaged, and `unreported` is the collector's word for numbers that were passed over in silence.
EXPLAINED = frozenset({"spool_full", "spool_write_failed"})
SHOWN = 5


class Boot(NamedTuple):
    """One numbering of one agent."""

    agent: str
    boot: int

    def __str__(self) -> str:
        return f"{self.agent} (boot {self.boot & (1 << 64) - 1:016x})"


@dataclass(frozen=True)
class Gap:
    """A gap record; sequences inclusive."""

    first: int
    last: int
    reason: str


@dataclass
class Stored:
    """What the collector has of a boot."""

    sequences: list[int] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    cursor: int = 0


@dataclass(frozen=True)
class Given:
    """What an agent's spool says of a boot: the last number given, and what it still holds."""

    last: int
    kept: tuple[int, ...] = ()


class Span(NamedTuple):
    """Consecutive numbers, inclusive."""

    first: int
    last: int

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


def account(
    stored: Mapping[Boot, Stored], given: Mapping[Boot, Given]
) -> list[str]:
    """A sentence for each thing that must not be; nothing when each number from 1 to the last is one
    result, or in one gap that has a reason."""
    complaints = []
    for boot in sorted({*stored, *given}):
        if boot not in given:
            complaints.append(f"{boot}: no spool of this agent has ever given its numbers")
            continue
        of_boot = stored.get(boot, Stored())
        complaints += [f"{boot}: {what}" for what in account_boot(of_boot, given[boot])]
    return complaints


def account_boot(stored: Stored, given: Given) -> list[str]:
    """The same for one boot."""
    times: dict[int, int] = {}
    for sequence in stored.sequences:
        times[sequence] = times.get(sequence, 0) + 1
    explained: dict[int, int] = {}
    for gap in stored.gaps:
        for sequence in range(gap.first, gap.last + 1):
            explained[sequence] = explained.get(sequence, 0) + 1

    seen = sorted({*times, *explained})
    kept = set(given.kept)
    wanted = range(1, given.last + 1)
    findings = {
        "neither stored nor in a gap": [n for n in wanted if n not in times and n not in explained],
        "stored more than once": [n for n in seen if times.get(n, 0) > 1],
        "in more than one gap": [n for n in seen if explained.get(n, 0) > 1],
        "stored and in a gap": [n for n in seen if n in times and n in explained],
        f"beyond the last that was given, {given.last}": [n for n in seen if n not in wanted],
        "still in the agent's spool": sorted(kept),
    }
    complaints = [f"{list_spans(numbers)} {what}" for what, numbers in findings.items() if numbers]
    complaints += [
        f"{Span(gap.first, gap.last)} in a gap that no fault explains ({gap.reason})"
        for gap in stored.gaps
        if gap.reason not in EXPLAINED
    ]
    if stored.cursor != given.last:
        complaints.append(f"the cursor is at {stored.cursor}, the last number given is {given.last}")
    return complaints


def spans(numbers: Iterable[int]) -> list[Span]:
    """Rising numbers as runs."""
    found: list[Span] = []
    for number in numbers:
        if found and found[-1].last == number - 1:
            found[-1] = Span(found[-1].first, number)
        else:
            found.append(Span(number, number))
    return found


def list_spans(numbers: list[int]) -> str:
    """Rising numbers in words, the first few runs of them, and how many there are."""
    runs = spans(numbers)
    more = ", …" if len(runs) > SHOWN else ""
    return f"{len(numbers)} numbers ({', '.join(map(str, runs[:SHOWN]))}{more})"
