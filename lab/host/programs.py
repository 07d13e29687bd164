"""Finding the programs that the demo starts."""

import os
import shutil
from pathlib import Path

from host.errors import DemoError

# Debian keeps daemons here, which a plain user does not have in PATH.
DAEMON_FOLDERS = "/usr/sbin:/sbin"


def installed(name: str) -> str:
    """The path of a system program."""
    path = shutil.which(name, path=os.environ.get("PATH", os.defpath) + ":" + DAEMON_FOLDERS)
    if path is None:
        raise DemoError(f"{name} is not installed; ./dev setup installs it")
    return path


def built(build_dir: Path, name: str, folder: str | None = None) -> str:
    """The path of one of our own binaries, such as `agent` → `agent/firstbyte-agent`."""
    path = (build_dir / (folder or name) / f"firstbyte-{name}").absolute()
    if not os.access(path, os.X_OK):
        raise DemoError(f"{path} is missing; build it with ./dev build")
    return str(path)


def require_all(build_dir: Path) -> None:
    """Raises when a program is missing; asked before anything is written or started."""
    for name in ("collector", "agent"):
        built(build_dir, name)
    for name in ("openssl", "nginx", "dnsmasq"):
        installed(name)


def environment() -> dict[str, str]:
    """Our environment without proxies: gRPC obeys them, and the stack never leaves this machine."""
    return {
        name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")
    }
