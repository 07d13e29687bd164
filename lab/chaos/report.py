"""What came out of a run, for people and as JSON."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from stack.table import columns

SHOWN = 20


@dataclass
class Outcome:
    """All figures of a run. It holds when there is no complaint."""

    seed: int
    minutes: float
    faults: Mapping[str, int] = field(default_factory=dict)
    tests: Mapping[str, int] = field(default_factory=dict)  # asked for, by the answer's status
    gave_up: Mapping[str, int] = field(default_factory=dict)
    numbers: int = 0  # given out by the agents
    results: int = 0
    slots: int = 0  # of those, probed on schedule
    skipped: int = 0  # slots that the agents told of as skipped
    gaps: Mapping[str, int] = field(default_factory=dict)
    clock_steps: int = 0  # that the collector noticed
    drain_s: float = 0.0
    peaks_mb: Mapping[str, float] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """The verdict."""
        return not self.complaints

    def document(self) -> dict[str, Any]:
        """For --json."""
        return {**asdict(self), "holds": self.holds}

    def tell(self, say: Callable[[str], None]) -> None:
        """The table and the verdict."""
        rows = [
            *((title, f"{count}") for title, count in sorted(self.faults.items())),
            ("faults", f"{sum(self.faults.values())}"),
            *((f"tests answered {status}", f"{self.tests[status]}") for status in sorted(self.tests)),
            *((f"{name} gave up on a full disk", f"{count}") for name, count in self.gave_up.items()),
            ("clock steps noticed", f"{self.clock_steps}"),
            ("sequence numbers given", f"{self.numbers}"),
            ("results stored", f"{self.results}"),
            ("of them on schedule", f"{self.slots}"),
            ("slots told as skipped", f"{self.skipped}"),
            *((f"lost, {reason}", f"{self.gaps[reason]}") for reason in sorted(self.gaps)),
            ("drained after, s", f"{self.drain_s:.1f}"),
            *((f"highest RSS of {name}, MB", f"{mb:.1f}") for name, mb in self.peaks_mb.items()),
        ]
        say(columns(rows, numbers=(1,)))
        for complaint in self.complaints[:SHOWN]:
            say(f"WRONG: {complaint}")
        if len(self.complaints) > SHOWN:
            say(f"and {len(self.complaints) - SHOWN} more")
        verdict = "holds" if self.holds else "DOES NOT HOLD"
        say(
            f"seed {self.seed}: {verdict}: {self.numbers} numbers, {self.results} stored,"
            f" {sum(self.gaps.values())} in gaps, {len(self.complaints)} complaints"
        )
