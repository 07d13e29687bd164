"""The nine edges (one nginx) and the nine resolvers (one dnsmasq each)."""

import http.client
import os
import signal
import socket
import ssl

from host import dns_query
from world.cities import EDGES, HOST, Edge
from host.folder import DataFolder
from host.processes import Processes, Waiting
from host.programs import installed
from host.templates import render


def start_edges(processes: Processes, folder: DataFolder, port: int) -> Waiting:
    """Starts nginx with one HTTPS server per edge."""
    servers = "\n".join(
        render(
            "edge.conf",
            address=edge.address,
            port=port,
            host=HOST,
            edge=edge.name,
            city=edge.city.name,
        )
        for edge in EDGES
    )
    # Started as root its workers would become "nobody", who cannot read root's data folder.
    account = "user root;" if os.geteuid() == 0 else ""
    (folder.nginx / "nginx.conf").write_text(
        render("nginx.conf", account=account, workers=2, tls="../tls", servers=servers), encoding="utf-8"
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
    return Waiting(child, lambda: all(edge_answers(edge, port, context) for edge in EDGES))


def start_resolvers(processes: Processes, folder: DataFolder, port: int) -> list[Waiting]:
    """Starts one dnsmasq per edge, which answers with that edge's address."""
    return [start_resolver(processes, folder, port, edge) for edge in EDGES]


def start_resolver(processes: Processes, folder: DataFolder, port: int, edge: Edge) -> Waiting:
    """Starts the resolver of one edge's neighbourhood."""
    # As root dnsmasq would change to its own account, and a change of account also disarms the
    # signal that ends it when we die.
    account = "user=root\ngroup=root" if os.geteuid() == 0 else ""
    settings = folder.resolvers / f"{edge.name}.conf"
    settings.write_text(
        render(
            "dnsmasq.conf",
            edge=edge.name,
            address=edge.address,
            port=port,
            host=HOST,
            account=account,
        ),
        encoding="utf-8",
    )
    name = f"resolver-{edge.name}"
    command = [installed("dnsmasq"), f"--conf-file={settings}"]
    child = processes.start(name, command, folder.logs / f"{name}.log")
    return Waiting(child, lambda: resolver_answers(edge, port))


def edge_answers(edge: Edge, port: int, context: ssl.SSLContext) -> bool:
    """Whether this address serves HTTPS with our certificate and names itself as this edge."""
    try:
        with socket.create_connection((edge.address, port), timeout=1) as connection:
            with context.wrap_socket(connection, server_hostname=HOST) as secure:
                secure.sendall(f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
                response = http.client.HTTPResponse(secure)
                response.begin()
                return response.getheader("x-edge-route") == edge.name
    except (OSError, http.client.HTTPException):
        return False


def resolver_answers(edge: Edge, port: int) -> bool:
    """Whether it answers A with the edge, and AAAA with an empty success at once.

    Without the latter each probe would wait for an answer that never comes.
    """
    try:
        ipv4 = dns_query.ask(edge.address, port, HOST, dns_query.TYPE_A)
        ipv6 = dns_query.ask(edge.address, port, HOST, dns_query.TYPE_AAAA)
    except OSError:
        return False
    answers = [(kind, data) for kind, _, data in ipv4.records]
    expected = [(dns_query.TYPE_A, socket.inet_aton(edge.address))]
    return answers == expected and ipv6 == dns_query.Answer(0, ())
