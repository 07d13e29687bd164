"""How the demo's agents become agents of its collector: as an operator does it, fourteen at once."""

import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from host.errors import DemoError
from host.programs import environment

ENROLL_LIMIT_S = 10.0
# Certificates last ninety days; agents renew theirs while they run, and a demo may lie still for longer.
IDENTITY_LIMIT_S = 60 * 24 * 3600.0


def has_joined(agent_data: Path, collector_data: Path) -> bool:
    """Whether an earlier demo's agent can go on as who it was: with this very collector, and lately."""
    identity, authority = agent_data / "identity.pem", collector_data / "tls" / "ca.pem"
    if not identity.exists():
        return False
    joined = identity.stat().st_mtime
    return joined >= authority.stat().st_mtime and time.time() - joined < IDENTITY_LIMIT_S


def join_commands(
    collector: str, collector_data: Path, address: str, agents: Mapping[str, Path]
) -> dict[str, str]:
    """By city: the command that makes the folder an agent's, for a shell, as the collector prints it.

    The enrolments run side by side, since each is mostly a program's start.
    """
    running = {
        city: subprocess.Popen(
            [
                *[collector, "agents", "enroll", "--data-dir", str(collector_data)],
                # As bytes: São Paulo stays UTF-8 whatever the locale is.
                *["--city", city.encode(), "--collector", address],
                *["--agent-data-dir", str(folder), "--replace"],
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(),
            start_new_session=True,  # or Ctrl-C would end it before we can say why
        )
        for city, folder in agents.items()
    }
    return {city: printed(city, child).strip() for city, child in running.items()}


def printed(city: str, child: subprocess.Popen[bytes]) -> str:
    """What an enrolment printed, or why it did not."""
    try:
        out, err = child.communicate(timeout=ENROLL_LIMIT_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
        raise DemoError(f"{city} was not enrolled within {ENROLL_LIMIT_S:.0f} s") from None
    if child.returncode != 0:
        raise DemoError(f"{city} was not enrolled: {err.decode('utf-8', 'replace').strip()}")
    return out.decode("utf-8")
