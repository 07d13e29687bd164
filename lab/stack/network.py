"""What the stack needs of a network: the same for the anycast lab and for loopback."""

import os
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from world.topology import Place, Topology


@dataclass(frozen=True)
class AgentNeeds:
    """What an agent is told about the network it stands in."""

    resolver: str
    allow_networks: Sequence[str]
    ca_file: Path
    allow_ports: Sequence[int] = ()


class Network(Protocol):
    """Edges that answer, and places to stand in."""

    topology: Topology
    notice: str  # what the page has to say about it; empty: nothing
    grpc_address: str  # where the collector shall listen for agents

    @property
    def target_url(self) -> str:
        """What the demo tests."""

    def start(self, deadline: float) -> None:
        """Returns when every edge answers."""

    def command_environment(self) -> dict[str, str]:
        """What a command that runs beside the stack needs to find this network."""

    @property
    def is_there(self) -> bool:
        """False once it has gone by itself, or was taken away by somebody else."""

    def stop(self) -> list[str]:
        """Takes it away; complaints about what did not end properly."""

    def agent_needs(self, city: Place) -> AgentNeeds:
        """For the agent in this city."""

    def in_city(self, city: Place, command: Sequence[str | bytes]) -> list[str | bytes]:
        """The command as it has to be started so that it runs there."""

    def in_collectors_place(
        self, command: Sequence[str | bytes], listener: socket.socket
    ) -> list[str | bytes]:
        """The same for the collector, which takes over the page's listening socket."""

    def expected_edges(self) -> Mapping[str, str]:
        """By city: the edge that should answer now."""


def hand_over(listener: socket.socket) -> list[str]:
    """Words before a command that make it inherit a listening socket in systemd's way."""
    script = Path(__file__).parents[1] / "labctl"
    return [sys.executable, "-S", "-B", os.fspath(script), "inherit", str(listener.fileno())]
