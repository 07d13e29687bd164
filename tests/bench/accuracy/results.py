"""What a tool said about one probe."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

# What a tool reports: four phases up to the first byte of the answer, one after it, and how long it
# took from the start to the first byte by the tool's own account.
SUMMED = ("dns", "connect", "tls", "wait")
PHASES = (*SUMMED, "transfer", "start to answer")
# The columns of the tables. `tls` is held against what the tool means by it; BEYOND_FLIGHT is how
# much longer that is than the server and the network took; TOTAL is the sum of the four.
BEYOND_FLIGHT, TOTAL = "tls - flight", "total"
COLUMNS = ("dns", "connect", "tls", BEYOND_FLIGHT, "wait", TOTAL, "transfer", "start to answer")

# By phase, the interval of Truth.phases_us that a tool means by it.
Definitions = Mapping[str, str]
# Peers' tls ends with the client's Finished.
PEERS_DEFINITIONS: Definitions = {
    "dns": "dns",
    "connect": "connect",
    "tls": "tls_finished",
    "wait": "wait",
    "transfer": "transfer",
    "start to answer": "query_to_answer",
}
# What the prober spends itself is in no phase of ours: tls ends with the last packet of the
# server's flight, dns is without the pause between one answer and the next query.
OUR_DEFINITIONS: Definitions = {**PEERS_DEFINITIONS, "dns": "dns_waited", "tls": "tls_flight"}


@dataclass(frozen=True)
class Result:
    """One probe as a tool reports it. Times in microseconds by phase; what it does not report is
    absent. `by_own_clock` are the phases that it marks as not from the kernel's stamps."""

    url: str
    reported_us: Mapping[str, float]
    local_port: int | None = None
    failure: str | None = None
    by_own_clock: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The host that was probed, which is unique."""
        return (urlsplit(self.url).hostname or "").lower()

    def shifted(self, phase: str, by_us: float) -> "Result":
        """The same with an error planted in one phase."""
        if phase not in self.reported_us:
            return self
        reported = {**self.reported_us, phase: self.reported_us[phase] + by_us}
        return replace(self, reported_us=reported)
