"""What is measured, under which load, and how far off our agent may be."""

from collections.abc import Mapping
from dataclasses import dataclass

from accuracy.tools import Load
from accuracy.world import DOMAIN

AGENT, OWN_CLOCK, BLACKBOX, CURL = "agent", "own-clock", "blackbox", "curl"
C1 = Load(rate=20, cap=1)
C50 = Load(rate=200, cap=60)


@dataclass(frozen=True)
class Bound:
    """The most that |error| may be, in microseconds; no median where none is promised."""

    p99: float
    median: float | None = None


Bounds = Mapping[str, Bound]

STRICT: Bounds = {
    "dns": Bound(25, 10),
    "connect": Bound(25, 15),
    "tls": Bound(10, 5),
    "wait": Bound(15, 5),
    "total": Bound(25, 10),
}
# With a link delay, connect may be off by 120 (the kernel reads its clock when it handles the
# SYN-ACK, on a core that must wake up first); with answers of several packets, the first byte by
# 150. What the total is held to there is a consequence and no promise of its own: it is the sum of
# the four phases, so it contains what is allowed to that one. Neither has a median there.
DELAYED_LINK: Bounds = {**STRICT, "connect": Bound(120), "total": Bound(120)}
# The only mode whose transfer is longer than one packet: held to what is asked of every phase.
PACKETS: Bounds = {**STRICT, "wait": Bound(150), "total": Bound(150), "transfer": Bound(25)}


def everywhere(p99: float) -> Bounds:
    """The same in each phase. The total is no phase, and is promised only where STRICT holds."""
    return {phase: Bound(p99) for phase in ("dns", "connect", "tls", "wait", "transfer")}


@dataclass(frozen=True)
class Mode:
    """One table."""

    key: str
    title: str
    load: Load
    service_ms: int
    probes: int
    bounds: Bounds
    tools: tuple[str, ...] = (AGENT,)
    scheme: str = "https"
    domain: str = DOMAIN
    port: int = 443
    bytes: int = 200
    link_delay_ms: float = 0.0
    busy_loops: int = 0

    @property
    def path(self) -> str:
        """What the upstream is asked for."""
        return f"/{self.service_ms}/{self.bytes}"

    @property
    def http2(self) -> bool:
        """Whether this server speaks it."""
        return self.port == 8443


PEERS = (AGENT, OWN_CLOCK, BLACKBOX, CURL)
MODES = (
    Mode("c1", "one at a time, 20/s", C1, 20, 400, STRICT, PEERS),
    Mode("c50", "50 at a time, 200/s, 220 ms of service", C50, 220, 4000, STRICT, PEERS),
    Mode("http2", "HTTP/2, 50 at a time", C50, 220, 2000, everywhere(25), port=8443),
    Mode(
        *("plain", "plain HTTP, 50 at a time", C50, 220, 2000, everywhere(25)),
        scheme="http",
        port=80,
    ),
    Mode("ipv6", "IPv6, 50 at a time", C50, 220, 2000, everywhere(25), domain=f"v6.{DOMAIN}"),
    Mode("packets", "answers of 32 KB, 50 at a time", C50, 220, 2000, PACKETS, bytes=32_768),
    Mode(
        *("busy1", "50 at a time, one busy loop per core", C50, 220, 2000, everywhere(50)),
        tools=(AGENT, OWN_CLOCK, BLACKBOX),
        busy_loops=1,
    ),
    Mode(
        *("busy4", "50 at a time, four busy loops per core", C50, 220, 2000, everywhere(50)),
        tools=(AGENT, OWN_CLOCK, BLACKBOX),
        busy_loops=4,
    ),
    Mode(
        *("link-c1", "one at a time, link of 5 ms one way", C1, 20, 400, DELAYED_LINK, PEERS),
        link_delay_ms=5,
    ),
    Mode(
        *("link-c50", "50 at a time, link of 5 ms one way", C50, 220, 2000, DELAYED_LINK),
        tools=(AGENT, OWN_CLOCK, BLACKBOX),
        link_delay_ms=5,
    ),
)
BY_KEY = {mode.key: mode for mode in MODES}
