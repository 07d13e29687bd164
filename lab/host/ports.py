"""Choosing a port that is free on several addresses at once."""

import random
import socket
from collections.abc import Callable, Iterable, Sequence

from host.errors import DemoError

# Below Linux's ephemeral range (32768 and up), so that no outgoing connection takes the port
# between our look and the server's bind.
FREE_PORTS = range(20000, 32768)
ATTEMPTS = 200

EDGE_PORT = 8443
# Not 5353: multicast DNS lives there on many desktops.
RESOLVER_PORT = 8053
PAGE_PORT = 8080

IsFree = Callable[[int], bool]


def can_listen(address: str, port: int, kind: socket.SocketKind) -> bool:
    """Whether a server could take this port now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind == socket.SOCK_STREAM:
            # As servers do: a connection that lingers in TIME_WAIT does not hold the port.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
            if kind == socket.SOCK_STREAM:
                probe.listen(1)
        except OSError:
            return False
    return True


def free_on(addresses: Sequence[str], kinds: Sequence[socket.SocketKind]) -> IsFree:
    """A question that `choose_port` can ask: is this port free on all of these addresses?"""
    return lambda port: all(
        can_listen(address, port, kind) for address in addresses for kind in kinds
    )


def choose_port(preferred: int | None, is_free: IsFree, candidates: Iterable[int] = ()) -> int:
    """The preferred port when it is free, else the first free candidate (random by default)."""
    if preferred is not None and is_free(preferred):
        return preferred
    for port in candidates or random.sample(FREE_PORTS, ATTEMPTS):
        if is_free(port):
            return port
    raise DemoError(
        f"none of {ATTEMPTS} ports between {FREE_PORTS.start} and {FREE_PORTS.stop - 1} is free"
    )
