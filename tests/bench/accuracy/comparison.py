"""A tool's results held against the wire."""

import math
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from accuracy.results import (
    BEYOND_FLIGHT,
    COLUMNS,
    PHASES,
    SUMMED,
    TOTAL,
    Definitions,
    Result,
)
from accuracy.truth import Truth, Wire


@dataclass
class Errors:
    """Of one tool in one mode: reported minus wire, in microseconds, by column; and what could not
    be compared."""

    by_phase: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in COLUMNS})
    compared: int = 0
    failed: int = 0
    unmatched: int = 0
    wrong_port: int = 0
    by_own_clock: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def left_out(self) -> int:
        """Probes that are in no error."""
        return self.failed + self.unmatched + self.wrong_port

    def add(self, other: "Errors") -> None:
        """Pools another round with this one."""
        for name, values in other.by_phase.items():
            self.by_phase[name] += values
        self.compared += other.compared
        self.failed += other.failed
        self.unmatched += other.unmatched
        self.wrong_port += other.wrong_port
        self.by_own_clock += other.by_own_clock
        self.reasons += other.reasons


@dataclass(frozen=True)
class Summary:
    """Of one column: the median, the 99th percentile and the largest of |error|; and the bias, which
    is the median of the signed error."""

    bias: float
    median: float
    p99: float
    largest: float


def compare(results: Sequence[Result], wire: Wire, definitions: Definitions) -> Errors:
    """By name, checked with the local port where the tool tells it."""
    errors = Errors()
    for result in results:
        truth = wire.truths.get(result.name)
        if result.failure is not None:
            errors.failed += 1
            errors.reasons[result.failure[:100]] += 1
        elif truth is None:
            errors.unmatched += 1
            errors.reasons[wire.incomplete.get(result.name, "not on the wire")] += 1
        elif result.local_port not in (None, truth.local_port):
            errors.wrong_port += 1
            errors.reasons["another local port than on the wire"] += 1
        else:
            errors.compared += 1
            errors.by_own_clock.update(result.by_own_clock)
            for phase, off_us in differences(result, truth, definitions).items():
                errors.by_phase[phase].append(off_us)
    return errors


def differences(result: Result, truth: Truth, definitions: Definitions) -> dict[str, float]:
    """Reported minus wire by column, of one probe."""
    wire = truth.phases_us()
    off_us = {
        phase: reported - wire[definitions[phase]]
        for phase, reported in result.reported_us.items()
        if definitions[phase] in wire
    }
    if "wait" in off_us:
        off_us[TOTAL] = sum(off_us.get(phase, 0.0) for phase in SUMMED)
    if "tls" in off_us:
        off_us[BEYOND_FLIGHT] = result.reported_us["tls"] - wire["tls_flight"]
    return off_us


def summarize(errors: Errors) -> dict[str, Summary]:
    """Of the columns for which there is anything."""
    return {name: summary(values) for name, values in errors.by_phase.items() if values}


def summary(values: Sequence[float]) -> Summary:
    """The 99th percentile by the nearest rank."""
    sizes = sorted(abs(value) for value in values)
    rank = math.ceil(0.99 * len(sizes))
    return Summary(
        bias=statistics.median(values),
        median=statistics.median(sizes),
        p99=sizes[rank - 1],
        largest=sizes[-1],
    )


@dataclass(frozen=True)
class Planted:
    """What an error planted in one phase does: how far each column's bias moves."""

    phase: str
    by_us: float
    moved: Mapping[str, float]

    @property
    def shows(self) -> bool:
        """Whether it shows where it should and nowhere else."""
        touched = {self.phase}
        if self.phase in SUMMED:
            touched.add(TOTAL)
        if self.phase == "tls":
            touched.add(BEYOND_FLIGHT)
        return all(
            abs(by - (self.by_us if name in touched else 0.0)) < 0.01
            for name, by in self.moved.items()
        )


def plant(
    results: Sequence[Result], wire: Wire, definitions: Definitions, by_us: float
) -> list[Planted]:
    """An error in each phase that the tool reports, one at a time."""
    before = summarize(compare(results, wire, definitions))
    found = []
    for phase in (name for name in PHASES if name in before):
        shifted = [result.shifted(phase, by_us) for result in results]
        after = summarize(compare(shifted, wire, definitions))
        moved = {name: after[name].bias - before[name].bias for name in before}
        found.append(Planted(phase, by_us, moved))
    return found
