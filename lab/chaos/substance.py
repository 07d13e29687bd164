"""What a run must contain for its verdict to mean anything."""

from chaos.plan import KINDS
from chaos.report import Outcome

# In a shorter one a kind of fault may find its only victim dead.
FOR_EVERY_KIND_MINUTES = 1.0


def missing_substance(outcome: Outcome) -> list[str]:
    """A sentence for each thing that did not happen, so that nothing was put to the proof by it."""
    found = []
    if outcome.minutes >= FOR_EVERY_KIND_MINUTES:
        found += [f"{kind.title}: struck nobody" for kind in KINDS if not outcome.faults.get(kind.title)]
        if not outcome.clock_steps:
            found.append("no clock step was noticed")
    if not sum(outcome.faults.values()):
        found.append("no fault struck")
    if not outcome.tests.get("202"):
        found.append("no test was accepted")
    if not outcome.slots:
        found.append("nothing was probed on schedule")
    found += [f"the memory of {name} was never seen" for name, mb in outcome.peaks_mb.items() if not mb]
    return found
