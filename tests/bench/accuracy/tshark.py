"""tshark's view of a capture: to check our own analysis, and to look inside HTTP/2."""

import subprocess
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from host.errors import DemoError
from host.programs import installed

from accuracy.truth import NOT_BEFORE, Request, Wire

HTTP2_HEADERS = "1"
APPLICATION_DATA = "23"
CLIENT_HELLO = "1"

Row = dict[str, str]


def fields(capture: Path, names: Sequence[str], *options: str) -> Iterator[Row]:
    """One row a packet; a field that occurs several times in it is a list with commas."""
    words = [word for name in names for word in ("-e", name)]
    done = subprocess.run(
        [installed("tshark"), "-r", str(capture), "-T", "fields", "-E", "separator=\t"]
        + [*words, *options],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise DemoError(f"tshark failed: {done.stderr.strip()}")
    for line in done.stdout.splitlines():
        yield dict(zip(names, line.split("\t")))


def nanoseconds(epoch: str) -> int:
    """Seconds with nine decimals, exactly."""
    seconds, _, rest = epoch.partition(".")
    return int(seconds) * 1_000_000_000 + int(rest.ljust(9, "0")[:9])


def http2_requests(capture: Path, keys: Path, port: int) -> dict[int, Request]:
    """By local port: when the packets with the HEADERS frames of request and answer passed."""
    if not keys.exists() or not keys.stat().st_size:
        raise DemoError(
            "HTTP/2 needs the sessions' keys, and the prober wrote none to SSLKEYLOGFILE"
        )
    names = ("frame.time_epoch", "tcp.srcport", "tcp.dstport", "http2.type")
    options = ("-o", f"tls.keylog_file:{keys}", "-d", f"tcp.port=={port},tls", "-Y", "http2")
    out: dict[int, int] = {}
    answer_in: dict[int, int] = {}
    for row in fields(capture, names, *options):
        if HTTP2_HEADERS not in row["http2.type"].split(","):
            continue
        outgoing = row["tcp.dstport"] == str(port)
        local_port = int(row["tcp.srcport" if outgoing else "tcp.dstport"])
        (out if outgoing else answer_in).setdefault(local_port, nanoseconds(row["frame.time_epoch"]))
    return {port: Request(out[port], answer_in[port]) for port in out.keys() & answer_in.keys()}


@dataclass
class Seen:
    """What tshark shows of one connection: (time, …) in the order of the packets."""

    name: str = ""
    syn: int = 0
    syn_ack: int = 0
    hello: int = 0
    encrypted_out: list[int] = field(default_factory=list)
    data_in: list[int] = field(default_factory=list)


def phases_by_tshark(capture: Path, service_ms: float) -> dict[str, dict[str, float]]:
    """Each HTTPS probe's phases in microseconds, from tshark's dissection alone."""
    names = [
        *("frame.time_epoch", "dns.id", "dns.qry.name", "dns.qry.type", "dns.flags.response"),
        *("tcp.stream", "tcp.srcport", "tcp.dstport", "tcp.flags.syn", "tcp.flags.ack", "tcp.len"),
        *("tls.handshake.type", "tls.handshake.extensions_server_name", "tls.record.opaque_type"),
    ]
    queries: defaultdict[str, dict[str, int]] = defaultdict(dict)
    answers: defaultdict[str, dict[str, int]] = defaultdict(dict)
    connections: defaultdict[str, Seen] = defaultdict(Seen)
    for row in fields(capture, names, "-o", "tcp.relative_sequence_numbers:TRUE"):
        time = nanoseconds(row["frame.time_epoch"])
        if row["dns.qry.name"]:
            response = row["dns.flags.response"] in ("1", "True")
            messages = (answers if response else queries)[row["dns.qry.name"]]
            messages.setdefault(row["dns.id"] + row["dns.qry.type"], time)
        elif row["tcp.stream"]:
            note(connections[row["tcp.stream"]], row, time)
    found = {}
    for seen in connections.values():
        if seen.name and len(seen.encrypted_out) > 1:
            found[seen.name] = phases(seen, queries[seen.name], answers[seen.name], service_ms)
    return found


def note(seen: Seen, row: Row, time: int) -> None:
    """Adds one TCP packet to its connection."""
    is_set = ("1", "True")
    if row["tcp.flags.syn"] in is_set:
        if row["tcp.flags.ack"] in is_set:
            seen.syn_ack = time
        else:
            seen.syn = time
    outgoing = row["tcp.dstport"] in ("443", "8443")
    if not outgoing:
        if int(row["tcp.len"]):
            seen.data_in.append(time)
        return
    if CLIENT_HELLO in row["tls.handshake.type"].split(","):
        seen.name = row["tls.handshake.extensions_server_name"]
        seen.hello = time
    seen.encrypted_out += [time] * row["tls.record.opaque_type"].split(",").count(APPLICATION_DATA)


def phases(
    seen: Seen, queries: dict[str, int], answers: dict[str, int], service_ms: float
) -> dict[str, float]:
    """The rules of truth.py once more, over what tshark found."""
    finished, request = seen.encrypted_out[:2]
    flight = max(time for time in seen.data_in if time < finished)
    earliest = request + service_ms * NOT_BEFORE * 1e6
    answer = min(time for time in seen.data_in if time >= earliest)
    answered = {key: time for key, time in answers.items() if time < seen.syn}
    marks = [(queries[key], 1) for key in answered] + [(time, -1) for time in answered.values()]
    waited, outstanding, last = 0, 0, 0
    for time, change in sorted(marks):
        waited += time - last if outstanding else 0
        outstanding, last = outstanding + change, time
    return {
        "dns": (max(answered.values()) - min(queries.values())) / 1000,
        "dns_waited": waited / 1000,
        "connect": (seen.syn_ack - seen.syn) / 1000,
        "tls_flight": (flight - seen.hello) / 1000,
        "tls_finished": (finished - seen.hello) / 1000,
        "wait": (answer - request) / 1000,
    }


@dataclass(frozen=True)
class Agreement:
    """How our analysis compares with tshark's."""

    probes: int
    missing: int
    largest_us: Mapping[str, float]

    @property
    def exact(self) -> bool:
        """Whether nothing differs at all."""
        return self.probes > 0 and not self.missing and not any(self.largest_us.values())


def compare(wire: Wire, theirs: Mapping[str, Mapping[str, float]]) -> Agreement:
    """The largest difference of each phase over all probes that we found."""
    largest: dict[str, float] = {}
    missing = 0
    for name, truth in wire.truths.items():
        if name not in theirs:
            missing += 1
            continue
        ours = truth.phases_us()
        for phase, value in theirs[name].items():
            difference = abs(ours[phase] - value)
            largest[phase] = max(largest.get(phase, 0.0), difference)
    return Agreement(len(wire.truths), missing, largest)
