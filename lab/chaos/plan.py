"""Which faults strike whom, when and for how long: all of it follows from the seed."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

COLLECTOR = "collector"

FAULTS_PER_MINUTE = 50.0
# However short the run is: within it a fault has to begin, to last and to end.
MOST_OF_THE_RUN = 0.4

# When a process is shot: at once, or with the first byte of a write to its database (so during a commit, or
# between it and the acknowledgement), or with the next packets that reach it.
AT_ONCE, WRITING, ARRIVING = "at once", "writing", "arriving"

# Not further back than certificates are dated back, ten minutes: an agent of before its certificate cannot connect.
STEPS_S = (-540.0, -90.0, -5.0, -0.7, 0.7, 5.0, 90.0, 7200.0, 90_000.0)


@dataclass(frozen=True)
class Kind:
    """A kind of fault. `weight` is how often it is chosen, lengths are the shortest and the longest in s."""

    name: str
    of_collector: bool
    weight: int
    lengths_s: tuple[float, float]

    @property
    def title(self) -> str:
        """The kind and whom it strikes, as counts are kept of it."""
        return f"{self.name} {COLLECTOR if self.of_collector else 'agent'}"


KILL, RESTART, PAUSE, CUT, UNROUTED, LOSS, FULL_DISK, CLOCK = (
    *("kill -9", "SIGTERM to", "pause", "cut link of", "no route for"),
    *("lossy link of", "full disk of", "clock step of"),
)

KINDS = (
    Kind(KILL, False, 24, (0.05, 4.0)),
    Kind(KILL, True, 14, (0.05, 4.0)),
    Kind(RESTART, False, 4, (0.05, 2.0)),
    Kind(RESTART, True, 3, (0.05, 2.0)),
    Kind(PAUSE, False, 10, (0.5, 20.0)),
    Kind(PAUSE, True, 4, (0.5, 20.0)),
    Kind(CUT, False, 10, (0.5, 25.0)),
    Kind(CUT, True, 4, (0.5, 15.0)),
    Kind(UNROUTED, False, 6, (0.5, 15.0)),
    Kind(LOSS, False, 9, (3.0, 25.0)),
    Kind(LOSS, True, 3, (3.0, 15.0)),
    Kind(FULL_DISK, False, 10, (1.0, 20.0)),
    Kind(FULL_DISK, True, 5, (1.0, 15.0)),
    Kind(CLOCK, False, 10, (2.0, 30.0)),
)


@dataclass(frozen=True)
class Fault:
    """One fault. `moment` is of a kill, `amount` of those that have one: percent lost, seconds ahead,
    bytes left."""

    at_s: float
    length_s: float
    kind: Kind
    target: str  # a city's slug, or COLLECTOR
    moment: str = ""
    amount: float = 0.0

    @property
    def ends_s(self) -> float:
        """When it is over."""
        return self.at_s + self.length_s

    def __str__(self) -> str:
        return f"{self.kind.name} {self.target}{self._detail()}, {self.length_s:.1f} s"

    def _detail(self) -> str:
        if self.kind.name == KILL:
            return "" if self.moment == AT_ONCE else f" while {self.moment}"
        if self.kind.name == LOSS:
            return f" ({self.amount:.0f} %)"
        if self.kind.name == CLOCK:
            return f" ({self.amount:+g} s)"
        return f" ({self.amount:.0f} bytes left)" if self.kind.name == FULL_DISK else ""


def plan(seed: int, duration_s: float, agents: Sequence[str]) -> list[Fault]:
    """The faults of a run, by their beginning. Each kind comes at least once; two of one kind never
    strike the same target at the same time."""
    dice = random.Random(seed)
    count = max(len(KINDS), round(duration_s / 60 * FAULTS_PER_MINUTE))
    chosen = dice.choices(KINDS, [kind.weight for kind in KINDS], k=count - len(KINDS))
    kinds = [*KINDS, *chosen]
    dice.shuffle(kinds)
    starts = sorted(dice.uniform(0, duration_s) for _ in kinds)
    faults: list[Fault] = []
    for start, kind in zip(starts, kinds):
        targets = [COLLECTOR] if kind.of_collector else dice.sample(list(agents), len(agents))
        drawn = draw(dice, kind, start, targets[0], duration_s)
        busy = {fault.target for fault in faults if fault.kind == kind and fault.ends_s > start}
        free = [target for target in targets if target not in busy]
        if free:
            faults.append(Fault(**{**vars(drawn), "target": free[0]}))
    return faults


def draw(dice: random.Random, kind: Kind, start: float, target: str, duration_s: float) -> Fault:
    """One fault of a kind."""
    shortest, longest = kind.lengths_s
    length = dice.triangular(shortest, longest, shortest)  # many short ones, some long ones
    length = min(length, duration_s * MOST_OF_THE_RUN)
    moments = (AT_ONCE, WRITING, ARRIVING) if kind.of_collector else (AT_ONCE, WRITING)
    amount = {
        LOSS: dice.uniform(5, 60),
        CLOCK: dice.choice(STEPS_S),
        FULL_DISK: dice.choice((0.0, 4096.0, 40960.0)),
    }
    return Fault(
        start,
        length,
        kind,
        target,
        moment=dice.choice(moments) if kind.name == KILL else "",
        amount=amount.get(kind.name, 0.0),
    )
