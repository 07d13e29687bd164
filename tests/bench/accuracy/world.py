"""The benchmark's network: a prober and a server on a cable, and what answers behind it."""

import ctypes
import fcntl
import json
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from string import Template

from anycast.cabling import run_ip
from anycast.namespaces import MS_BIND, Namespaces, mount, unmount
from host.certificates import openssl
from host.errors import DemoError
from host.processes import Child, Processes, Waiting
from host.programs import built, installed
from host.stop_signals import StopSignals

from accuracy.scheduling import PROBER_CORE, SERVER_CORE, served

PROBER, SERVER, WIRE_ROOM = "prober", "server", "wire-room"
PROBER_INTERFACE, SERVER_INTERFACE = "probe0", "serve0"
PROBER_MAC, SERVER_MAC = "02:00:00:00:00:01", "02:00:00:00:00:02"
PROBER4, SERVER4 = "10.77.0.1", "10.77.0.2"
PROBER6, SERVER6 = "fd77::1", "fd77::2"
NETWORKS = ("10.77.0.0/24", "fd77::/64")
RESOLVER = f"{SERVER4}:53"
DOMAIN = "bench.test"
SETTLE_S = 0.2
START_LIMIT_S = 10.0

# include/uapi/linux/sockios.h and ethtool.h: cut packets up before they reach the interface, as a
# capture of a network would show them.
SIOCETHTOOL = 0x8946
TSO, GSO, GRO = 0x1F, 0x24, 0x2C

CERTIFICATES = """[req]
distinguished_name = subject
prompt = no
[subject]
CN = {name}
[ca]
basicConstraints = critical, CA:true, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:*.{domain}, DNS:*.v6.{domain}
"""


class World:
    """Built once for a link delay; not thread-safe."""

    def __init__(self, folder: Path, build_dir: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.ca_file = folder / "ca.pem"
        self._build_dir = build_dir.absolute()
        self.namespaces = Namespaces(folder)
        self._processes = Processes(StopSignals(), self._lost)

    @contextmanager
    def up(self, link_delay_ms: float = 0.0, dns_delay_ms: int = 4) -> Iterator["World"]:
        """Inside, everything answers."""
        for name in (PROBER, SERVER, WIRE_ROOM):
            self.namespaces.add(name)
        self._lay_cable(through_wire=link_delay_ms > 0)
        (self.folder / "resolv.conf").write_text(f"nameserver {SERVER4}\n", encoding="ascii")
        mount(str(self.folder / "resolv.conf"), Path("/etc/resolv.conf"), None, MS_BIND)
        try:
            self._issue("ca", [])
            self._issue("leaf", ["-CA", "ca.pem", "-CAkey", "ca.key"])
            self._start(link_delay_ms, dns_delay_ms)
            yield self
        finally:
            complaints = self._processes.stop(self._processes.running)
            unmount(Path("/etc/resolv.conf"))
            for name in self.namespaces.names:
                unmount(Path(self.namespaces.path(name)))
            if complaints:
                raise DemoError("; ".join(complaints))

    @contextmanager
    def recorded(self, capture: Path) -> Iterator[None]:
        """Inside, what passes the prober's interface is recorded."""
        with self.namespaces.entered(PROBER):
            words = ["--interface", PROBER_INTERFACE, "--write", str(capture)]
            command = served([self.program("recorder"), *words])
            recorder = self._processes.start("recorder", command, self._log("recorder"))
        self._wait(recorder)
        time.sleep(SETTLE_S)  # stamps are switched on a little after they are asked for
        yield
        time.sleep(SETTLE_S)
        complaints = self._processes.stop([recorder])
        counted = json.loads(recorder.lines[-1])
        if complaints or counted["lost"] or counted["unstamped"]:
            raise DemoError(f"the recorder lost packets: {counted} {complaints}")

    def program(self, name: str) -> str:
        """One of the bench's own programs."""
        path = self._build_dir / "tests" / "bench" / f"bench_{name}"
        if not path.exists():
            raise DemoError(f"{path} is missing; build it with ./dev build release")
        return str(path)

    @staticmethod
    def urls(count: int, scheme: str, port: int, domain: str, path: str) -> list[str]:
        """So many URLs, each with a name of its own."""
        where = "" if port in (80, 443) else f":{port}"
        return [f"{scheme}://p{number:06}.{domain}{where}{path}" for number in range(count)]

    def _start(self, link_delay_ms: float, dns_delay_ms: int) -> None:
        if link_delay_ms:
            self._start_wire(link_delay_ms)
        with self.namespaces.entered(SERVER):
            words = ["--address4", SERVER4, "--address6", SERVER6]
            words += ["--dns-delay-ms", str(dns_delay_ms)]
            command = served([self.program("origin"), *words])
            origin = self._processes.start("origin", command, self._log("origin"))
            self._wait(origin)
            template = Path(__file__).with_name("nginx.conf").read_text(encoding="utf-8")
            settings = Template(template).substitute(folder=self.folder, server6=SERVER6)
            (self.folder / "nginx.conf").write_text(settings, encoding="utf-8")
            (self.folder / "temp").mkdir()
            words = ["-p", str(self.folder), "-e", "stderr", "-c", str(self.folder / "nginx.conf")]
            nginx = self._processes.start(
                "nginx", served([installed("nginx"), *words]), self._log("nginx")
            )
            ready = Waiting(nginx, lambda: connects(SERVER4, 443))
            self._processes.wait_ready([ready], time.monotonic() + START_LIMIT_S, START_LIMIT_S)

    def _start_wire(self, link_delay_ms: float) -> None:
        wire = {"name": "cable", "a": "room0", "b": "room1", "delay_us": round(link_delay_ms * 1000)}
        table = self.folder / "wires.json"
        table.write_text(json.dumps({"wires": [wire]}), encoding="ascii")
        program = built(self._build_dir, "wire", "lab")
        words = ["--wires", str(table), "--control", str(self.folder / "wire.sock")]
        with self.namespaces.entered(WIRE_ROOM):
            child = self._processes.start("wire", served([program, *words]), self._log("wire"))
        self._wait(child)

    def _wait(self, child: Child) -> None:
        ready = Waiting(child, lambda: any(line.startswith("ready") for line in child.lines))
        self._processes.wait_ready([ready], time.monotonic() + START_LIMIT_S, START_LIMIT_S)

    def _lay_cable(self, through_wire: bool) -> None:
        ends = (
            (PROBER, PROBER_INTERFACE, PROBER_MAC),
            (SERVER, SERVER_INTERFACE, SERVER_MAC),
        )
        room = self.namespaces.path(WIRE_ROOM)
        places = [
            f"{dev} address {mac} netns {self.namespaces.path(node)}" for node, dev, mac in ends
        ]
        with self.namespaces.entered(WIRE_ROOM):
            if through_wire:
                for number, place in enumerate(places):
                    line = f"link add {place} type veth peer name room{number} netns {room}"
                    run_ip([line, f"link set room{number} up"], WIRE_ROOM)
                    cut_up_packets(f"room{number}")
            else:
                run_ip([f"link add {places[0]} type veth peer name {places[1]}"], WIRE_ROOM)
        self._set_up(PROBER, PROBER_INTERFACE, (PROBER4, PROBER6), PROBER_CORE)
        self._set_up(SERVER, SERVER_INTERFACE, (SERVER4, SERVER6), SERVER_CORE)
        for node, dev, peer4, peer6, mac in (
            (PROBER, PROBER_INTERFACE, SERVER4, SERVER6, SERVER_MAC),
            (SERVER, SERVER_INTERFACE, PROBER4, PROBER6, PROBER_MAC),
        ):
            with self.namespaces.entered(node):
                line = f"neigh replace {{}} lladdr {mac} dev {dev} nud permanent"
                run_ip([line.format(peer4), line.format(peer6)], node)

    def _set_up(self, node: str, dev: str, addresses: tuple[str, str], core: int) -> None:
        with self.namespaces.entered(node):
            lines = ["link set lo up", f"addr add {addresses[0]}/24 dev {dev}"]
            lines += [f"addr add {addresses[1]}/64 dev {dev} nodad", f"link set {dev} up"]
            run_ip(lines, node)
            cut_up_packets(dev)
            receive_on_core(self.folder / f"sys-{node}", dev, core)

    def _issue(self, name: str, signer: list[str]) -> None:
        settings = self.folder / f"{name}.cnf"
        settings.write_text(
            CERTIFICATES.format(name=f"bench {name}", domain=DOMAIN), encoding="ascii"
        )
        signer = [str(self.folder / word) if word.startswith("ca.") else word for word in signer]
        made = openssl(
            *["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"],
            *["-config", str(settings), "-extensions", name, "-days", "7", *signer],
            *["-keyout", str(self.folder / f"{name}.key")],
            *["-out", str(self.folder / f"{name}.pem")],
        )
        if made.returncode != 0:
            raise DemoError(f"openssl: {made.stderr.strip()}")

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    @staticmethod
    def _lost(child: Child) -> None:
        raise DemoError(f"{child.name} ended too early{child.log_tail()}")


def cut_up_packets(dev: str) -> None:
    """No segmentation offload on this interface of the current namespace."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for feature in (TSO, GSO, GRO):
            off = ctypes.create_string_buffer(struct.pack("II", feature, 0), 8)
            # struct ifreq: the name, then a pointer to the value.
            request = struct.pack("16sP16x", dev.encode(), ctypes.addressof(off))
            fcntl.ioctl(sock, SIOCETHTOOL, request)


def receive_on_core(place: Path, dev: str, core: int) -> None:
    """Steers the receive work of an interface of the current namespace to one core."""
    place.mkdir()
    mount("sysfs", place, "sysfs")
    try:
        for queue in (place / "class" / "net" / dev / "queues").glob("rx-*"):
            (queue / "rps_cpus").write_text(f"{1 << core:x}", encoding="ascii")
    finally:
        unmount(place)


def connects(address: str, port: int) -> bool:
    """Whether somebody listens there, seen from the current namespace."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.settimeout(1)
        return sock.connect_ex((address, port)) == 0
