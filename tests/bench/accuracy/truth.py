"""What the wire says about each probe, from a capture on the prober's interface.

dns       first query out → last answer in before the SYN; or, where a prober asks one after the
          other, without its own time between an answer and the next query
connect   SYN out → SYN-ACK in
tls       ClientHello out → last packet of the server's flight in, before the client's Finished
wait      request out → first packet of the answer in
transfer  first packet of the answer in → its last one

TLS 1.3 without HelloRetryRequest. Session tickets look like an answer; they are told from it by
time, since the upstream never answers before its delay has passed.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from accuracy.packets import Datagram, Question, dissect, question, read_pcap
from accuracy.streams import APPLICATION_DATA, HANDSHAKE, Flow, Flows

# Of the upstream's delay; the clocks of the capture and of the upstream may differ a little.
NOT_BEFORE = 0.95


class Incomplete(Exception):
    """The capture lacks something of a probe; the message is what."""


@dataclass
class Lookup:
    """The DNS messages about one name: the first query and the first answer of each exchange."""

    queries: dict[Question, int] = field(default_factory=dict)
    answers: dict[Question, int] = field(default_factory=dict)

    def add(self, asked: Question, packet: Datagram) -> None:
        """Takes the next message."""
        (self.queries if packet.outgoing else self.answers).setdefault(asked, packet.time_ns)

    def exchanges(self, until_ns: int) -> list[tuple[int, int]]:
        """Those that were answered before a time, query out and answer in, in order."""
        return sorted(
            (out, self.answers[asked])
            for asked, out in self.queries.items()
            if out < self.answers.get(asked, until_ns) < until_ns
        )


def covered_ns(spans: Sequence[tuple[int, int]]) -> int:
    """How long at least one of these spans lasted; they are in the order of their beginnings."""
    total, until = 0, 0
    for begin, end in spans:
        total += max(0, end - max(begin, until))
        until = max(until, end)
    return total


@dataclass(frozen=True)
class Request:
    """When a request left and when its answer began."""

    out: int
    answer_in: int


@dataclass(frozen=True)
class Truth:
    """The moments of one probe, in nanoseconds since 1970."""

    local_port: int
    query_out: int
    dns_answer_in: int
    dns_waited_ns: int
    syn_out: int
    syn_ack_in: int
    hello_out: int | None  # the three are absent in plain HTTP
    flight_in: int | None
    finished_out: int | None
    request_out: int
    answer_in: int
    answer_end: int

    def phases_us(self) -> dict[str, float]:
        """Every interval that a tool may mean, in microseconds; those of TLS only where it was."""
        spans = {
            "dns": (self.query_out, self.dns_answer_in),
            "connect": (self.syn_out, self.syn_ack_in),
            "wait": (self.request_out, self.answer_in),
            "transfer": (self.answer_in, self.answer_end),
            "query_to_answer": (self.query_out, self.answer_in),
        }
        if self.hello_out and self.flight_in and self.finished_out:
            spans["tls_flight"] = (self.hello_out, self.flight_in)
            spans["tls_finished"] = (self.hello_out, self.finished_out)
        phases = {name: (end - begin) / 1000 for name, (begin, end) in spans.items()}
        return {**phases, "dns_waited": self.dns_waited_ns / 1000}


@dataclass(frozen=True)
class Wire:
    """What a capture holds: by name the truth, or the reason why there is none."""

    truths: Mapping[str, Truth]
    incomplete: Mapping[str, str]


def read_wire(
    capture: Path,
    local: frozenset[bytes],
    service_ms: float,
    requests: Mapping[int, Request] | None = None,
) -> Wire:
    """Analyses a capture.

    `requests`, by local port, are those that only a look inside the encryption can tell (HTTP/2).
    """
    lookups: defaultdict[str, Lookup] = defaultdict(Lookup)
    flows = Flows()
    for time_ns, frame in read_pcap(capture):
        packet = dissect(time_ns, frame, local)
        if isinstance(packet, Datagram):
            asked = question(packet.payload)
            lookups[asked.name].add(asked, packet)
        elif packet is not None:
            flows.add(packet)
    by_name: defaultdict[str, list[Flow]] = defaultdict(list)
    for flow in flows.all:
        by_name[flow.name or ""].append(flow)
    truths, incomplete = {}, {}
    for name in lookups.keys() | by_name.keys() - {""}:
        try:
            found = by_name.get(name, [])
            truths[name] = one_truth(found, lookups[name], service_ms, requests)
        except Incomplete as reason:
            incomplete[name] = str(reason)
    return Wire(truths, incomplete)


def one_truth(
    flows: list[Flow],
    lookup: Lookup,
    service_ms: float,
    requests: Mapping[int, Request] | None,
) -> Truth:
    """The moments of one probe, or Incomplete."""
    if len(flows) != 1:
        raise Incomplete(f"{len(flows)} connections")
    (flow,) = flows
    exchanges = lookup.exchanges(until_ns=flow.syn_out)
    if not exchanges:
        raise Incomplete("no DNS answer before the SYN")
    if flow.syns > 1:
        raise Incomplete("SYN sent again")
    if flow.syn_ack_in is None:
        raise Incomplete("no SYN-ACK")
    hello_out = flight_in = finished_out = None
    if flow.is_tls:
        hello_out, flight_in, finished_out = handshake(flow)
        if requests is None:
            request = tls_request(flow, service_ms)
        else:
            request = requests.get(flow.local_port)
    else:
        request = plain_request(flow)
    if request is None:
        raise Incomplete("no answer")
    return Truth(
        local_port=flow.local_port,
        query_out=exchanges[0][0],
        dns_answer_in=max(answer_in for _, answer_in in exchanges),
        dns_waited_ns=covered_ns(exchanges),
        syn_out=flow.syn_out,
        syn_ack_in=flow.syn_ack_in,
        hello_out=hello_out,
        flight_in=flight_in,
        finished_out=finished_out,
        request_out=request.out,
        answer_in=request.answer_in,
        answer_end=answer_end(flow, request),
    )


def handshake(flow: Flow) -> tuple[int, int, int]:
    """When the ClientHello left, the server's flight was there, the client's Finished left."""
    sent = flow.outgoing.records()
    encrypted = [record for record in sent if record.kind == APPLICATION_DATA]
    if not encrypted:
        raise Incomplete("no Finished")
    if sum(record.kind == HANDSHAKE for record in sent) != 1:
        raise Incomplete("not one turn of TLS 1.3")
    finished_out = encrypted[0].ended_ns
    flight = [
        record.ended_ns for record in flow.incoming.records() if record.ended_ns < finished_out
    ]
    if not flight:
        raise Incomplete("no flight of the server's")
    return sent[0].ended_ns, max(flight), finished_out


def tls_request(flow: Flow, service_ms: float) -> Request | None:
    """The record after the Finished, and the first one that comes once the delay has passed."""
    sent = [record for record in flow.outgoing.records() if record.kind == APPLICATION_DATA]
    if len(sent) < 2:
        return None
    earliest = sent[1].ended_ns + service_ms * NOT_BEFORE * 1e6
    for record in flow.incoming.records():
        if record.kind == APPLICATION_DATA and record.began_ns >= earliest:
            return Request(sent[1].ended_ns, record.began_ns)
    return None


def plain_request(flow: Flow) -> Request | None:
    """The first bytes of either direction."""
    if not flow.outgoing.data or not flow.incoming.data:
        return None
    return Request(flow.outgoing.time_of(0), flow.incoming.time_of(0))


def answer_end(flow: Flow, request: Request) -> int:
    """When the last byte came before the prober began to close; a close_notify is a record, too."""
    end = flow.fin_out
    closing = [
        record.began_ns
        for record in (flow.outgoing.records() if flow.is_tls else [])
        if record.began_ns > request.answer_in
    ]
    candidates = [time for time in (end, *closing[-1:]) if time is not None]
    last = flow.incoming.last_time_until(min(candidates)) if candidates else None
    last = last or flow.incoming.time_of(len(flow.incoming.data) - 1)
    return max(last, request.answer_in)
