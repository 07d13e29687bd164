"""The nine edges (one nginx) and the nine resolvers (one dnsmasq each)."""

import http.client
import os
import signal
import socket
import ssl

from host import dns_query
from world.geography import HOST
from world.topology import Topology
from host.folder import DataFolder
from host.processes import Processes, Waiting
from host.programs import installed
from host.templates import render


def addresses(topology: Topology) -> dict[str, str]:
    """Each edge has an address of its own on loopback."""
    return {edge: f"127.0.1.{number}" for number, edge in enumerate(topology.edges, start=1)}


def start_edges(
    processes: Processes, folder: DataFolder, topology: Topology, port: int
) -> Waiting:
    """Starts nginx with one HTTPS server per edge."""
    servers = "\n".join(
        render(
            "edge.conf",
            address=address,
            port=port,
            host=HOST,
            edge=edge,
            city=topology.edges[edge].name,
        )
        for edge, address in addresses(topology).items()
    )
    # Started as root its workers would become "nobody", who cannot read root's data folder.
    account = "user root;" if os.geteuid() == 0 else ""
    (folder.nginx / "nginx.conf").write_text(
        render("nginx.conf", account=account, processes="worker_processes 2;", connections=512, tls="../tls", servers=servers), encoding="utf-8"
    )
    child = processes.start(
        "nginx",
        # A relative prefix, because nginx would take a "$" in a path for a variable.
        [installed("nginx"), "-e", "stderr", "-p", "./", "-c", "nginx.conf"],
        folder.logs / "nginx.log",
        cwd=folder.nginx,
        # Not SIGKILL: a killed master leaves its workers behind, an asked one takes them along.
        last_signal=signal.SIGTERM,
    )
    context = ssl.create_default_context(cafile=str(folder.tls / "ca.pem"))
    return Waiting(child, lambda: all_answer(topology, port, context))


def start_resolvers(
    processes: Processes, folder: DataFolder, topology: Topology, port: int
) -> list[Waiting]:
    """Starts one dnsmasq per edge, which answers with that edge's address."""
    return [
        start_resolver(processes, folder, port, edge, address)
        for edge, address in addresses(topology).items()
    ]


def start_resolver(
    processes: Processes, folder: DataFolder, port: int, edge: str, address: str
) -> Waiting:
    """Starts the resolver of one edge's neighbourhood."""
    # As root dnsmasq would change to its own account, and a change of account also disarms the
    # signal that ends it when we die.
    account = "user=root\ngroup=root" if os.geteuid() == 0 else ""
    settings = folder.resolvers / f"{edge}.conf"
    settings.write_text(
        render(
            "dnsmasq.conf",
            edge=edge,
            address=address,
            port=port,
            host=HOST,
            account=account,
        ),
        encoding="utf-8",
    )
    name = f"resolver-{edge}"
    command = [installed("dnsmasq"), f"--conf-file={settings}"]
    child = processes.start(name, command, folder.logs / f"{name}.log")
    return Waiting(child, lambda: resolver_answers(address, port))


def all_answer(topology: Topology, port: int, context: ssl.SSLContext) -> bool:
    """Whether each edge does."""
    return all(
        edge_answers(edge, address, port, context) for edge, address in addresses(topology).items()
    )


def edge_answers(edge: str, address: str, port: int, context: ssl.SSLContext) -> bool:
    """Whether this address serves HTTPS with our certificate and names itself as this edge."""
    try:
        with socket.create_connection((address, port), timeout=1) as connection:
            with context.wrap_socket(connection, server_hostname=HOST) as secure:
                secure.sendall(f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
                response = http.client.HTTPResponse(secure)
                response.begin()
                return response.getheader("x-edge-route") == edge
    except (OSError, http.client.HTTPException):
        return False


def resolver_answers(address: str, port: int) -> bool:
    """Whether it answers A with its edge, and AAAA with an empty success at once.

    Without the latter each probe would wait for an answer that never comes.
    """
    try:
        ipv4 = dns_query.ask(address, port, HOST, dns_query.TYPE_A)
        ipv6 = dns_query.ask(address, port, HOST, dns_query.TYPE_AAAA)
    except OSError:
        return False
    answers = [(kind, data) for kind, _, data in ipv4.records]
    expected = [(dns_query.TYPE_A, socket.inet_aton(address))]
    return answers == expected and ipv6 == dns_query.Answer(0, ())
