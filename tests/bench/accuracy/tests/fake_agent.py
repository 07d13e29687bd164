#!/usr/bin/env python3
"""Stands in for firstbyte-agent's batch mode where there is none: a naive prober, Python's clocks.

fake_agent.py probe --stdin --json --concurrency N --rate R --resolver IP:PORT --ca-file F …
"""

import argparse
import json
import random
import socket
import ssl
import struct
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit


def resolve(resolver: tuple[str, int], host: str) -> str:
    """One query, one answer: the last record's address."""
    kind = 28 if ".v6." in host else 1
    query = struct.pack("!HHHHHH", random.getrandbits(16), 0x0100, 1, 0, 0, 0)
    query += b"".join(bytes([len(label)]) + label.encode() for label in host.split("."))
    query += b"\0" + struct.pack("!HH", kind, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(5)
        sock.connect(resolver)
        sock.send(query)
        answer = sock.recv(1500)
    if kind == 28:
        return socket.inet_ntop(socket.AF_INET6, answer[-16:])
    return socket.inet_ntop(socket.AF_INET, answer[-4:])


def probe(url: str, resolver: tuple[str, int], context: ssl.SSLContext) -> dict[str, object]:
    """One measurement in the shape of the agent's."""
    parts = urlsplit(url)
    host, tls = parts.hostname or "", parts.scheme == "https"
    moments = [time.monotonic()]
    address = resolve(resolver, host)
    moments.append(time.monotonic())
    sock = socket.create_connection((address, parts.port or (443 if tls else 80)), timeout=10)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    moments.append(time.monotonic())
    port = sock.getsockname()[1]
    if tls:
        sock = context.wrap_socket(sock, server_hostname=host)
    moments.append(time.monotonic())
    sock.sendall(f"GET {parts.path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    answer = sock.recv(65536)
    moments.append(time.monotonic())
    head, _, body = answer.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split()[0])
    while len(body) < length:
        body += sock.recv(65536)
    moments.append(time.monotonic())
    sock.close()
    names = ("dns_us", "connect_us", "tls_us", "wait_us", "transfer_us")
    timings: dict[str, float | None] = {
        name: round((end - begin) * 1e6)
        for name, begin, end in zip(names, moments, moments[1:])
    }
    if not tls:
        timings["tls_us"] = None
    timings |= {"other_us": 0, "ttfb_us": round((moments[4] - moments[0]) * 1e6)}
    timings["total_us"] = round((moments[5] - moments[0]) * 1e6)
    return {"url": url, "timings": timings, "local_port": port, "failure": None}


def main() -> None:
    """Reads URLs until the end of the input."""
    parser = argparse.ArgumentParser()
    parser.add_argument("verb")
    parser.add_argument("--stdin", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--concurrency", type=int)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--resolver")
    parser.add_argument("--ca-file")
    parser.add_argument("--allow-network", action="append")
    options = parser.parse_args()
    address, _, port = options.resolver.rpartition(":")
    context = ssl.create_default_context(cafile=options.ca_file)
    lock = threading.Lock()

    def work(url: str) -> None:
        try:
            line = probe(url, (address, int(port)), context)
        except OSError as error:
            line = {"url": url, "timings": {}, "failure": {"message": str(error)}}
        with lock:
            print(json.dumps(line), flush=True)

    print("READY", file=sys.stderr, flush=True)
    began = time.monotonic()
    with ThreadPoolExecutor(options.concurrency) as pool:
        for number, url in enumerate(sys.stdin):
            due = began + (number / options.rate if options.rate else 0.0)
            time.sleep(max(0.0, due - time.monotonic()))
            pool.submit(work, url.strip())


if __name__ == "__main__":
    main()
