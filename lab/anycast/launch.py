"""Starts a holder in namespaces of its own, and ends one."""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from anycast.state import StateFolder
from host.errors import DemoError, UsageError
from host.kernel import start_time
from host.programs import environment, installed
from world.topology import Topology, to_document

UNSHARE = ("--mount", "--net", "--pid", "--fork", "--kill-child=SIGKILL", "--propagation=private")
UP_LIMIT_S = 40.0
DOWN_LIMIT_S = 5.0
POLL_S = 0.01

# A little of everything that a lab does.
TRIAL = """
ip link add name fb0 type veth peer name fb1 || exit 101
echo 1 >/proc/sys/net/ipv4/ip_forward || exit 102
[ -d /proc/sys/net/ipv6 ] || exit 103
mount -t tmpfs tmpfs /tmp || exit 104
"""
TRIAL_ENDINGS = {
    101: "virtual Ethernet devices cannot be made here (kernel module veth)",
    102: "/proc/sys cannot be written here; in a container --privileged allows it",
    103: "this kernel has no IPv6",
    104: "file systems cannot be mounted here; in a container --privileged allows it",
}

# Without them nothing is begun.
PROGRAMS = ("bird", "nginx", "dnsmasq", "openssl", "ip", "tc", "unshare")


def unshare_command() -> list[str]:
    """Root needs no user namespace; everybody else becomes root in one of their own."""
    mapped = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    return [installed("unshare"), *mapped, *UNSHARE]


def obstacle() -> str | None:
    """Why no lab can run here, in one sentence; None when it can. Tried, not guessed."""
    try:
        for name in PROGRAMS:
            installed(name)
        trial = subprocess.run(
            [*unshare_command(), "sh", "-c", TRIAL],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (DemoError, OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if trial.returncode == 0:
        return None
    why = TRIAL_ENDINGS.get(trial.returncode) or remedy()
    said = trial.stderr.strip().splitlines()
    return f"{why} ({said[-1]})" if said else why


def remedy() -> str:
    """What has to be set so that namespaces can be made."""
    if os.geteuid() == 0:
        return "root may not make namespaces here; start the container with --privileged"
    for path, bad, setting in (
        ("kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone=1"),
        (
            "kernel/apparmor_restrict_unprivileged_userns",
            "1",
            "kernel.apparmor_restrict_unprivileged_userns=0",
        ),
        ("user/max_user_namespaces", "0", "user.max_user_namespaces=10000"),
    ):
        try:
            if Path("/proc/sys", path).read_text(encoding="ascii").strip() == bad:
                return f"plain users may not make namespaces here; sysctl -w {setting} allows it"
        except OSError:
            continue
    return (
        "plain users may not make namespaces here; in a container"
        " --security-opt seccomp=unconfined allows it"
    )


def holder_arguments(
    topology: Topology,
    build_dir: Path,
    state: StateFolder,
    ttl_s: float,
    bfd: bool = True,
    health: bool = True,
    wire: str = "auto",
) -> dict[str, Any]:
    """What a holder is told, as holder.hold() reads it."""
    return {
        "topology": to_document(topology),
        "build_dir": str(build_dir.absolute()),
        "state_dir": str(state.root),
        "ttl_s": ttl_s,
        "bfd": bfd,
        "health": health,
        "wire": wire,
    }


def launch(
    state: StateFolder, arguments: dict[str, Any], with_lifeline: bool = False
) -> subprocess.Popen[bytes]:
    """Starts a holder and returns when its lab is up; raises with the reason when it is not.

    With a lifeline the lab goes down when the process's stdin is closed, as it also is when we are
    killed.
    """
    if state.holder is not None:
        raise UsageError("a lab is up already; labctl down ends it")
    if reason := obstacle():
        raise DemoError(reason)
    with state.claimed():
        # Another one may have come up before the folder was ours; then nothing of it is touched.
        if state.holder is not None:
            raise UsageError("a lab is up already; labctl down ends it")
        state.check_ours()
        state.clear()
        return launch_holder(state, {**arguments, "lifeline": with_lifeline})


def launch_holder(state: StateFolder, arguments: dict[str, Any]) -> subprocess.Popen[bytes]:
    """The same with a folder that is held; leaves nothing of it when the lab did not come up."""
    script = Path(__file__).parents[1] / "labctl"
    with open(state.log, "ab") as log:
        process = subprocess.Popen(
            [
                *unshare_command(),
                *[sys.executable, "-S", "-B", str(script), "hold", json.dumps(arguments)],
            ],
            stdin=subprocess.PIPE if arguments["lifeline"] else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            env=environment(),
            start_new_session=True,
        )
    try:
        wait_for_word(process, state)
    except BaseException:
        process.kill()
        process.wait()
        state.remove()
        raise
    return process


def wait_for_word(process: subprocess.Popen[bytes], state: StateFolder) -> None:
    """Reads the holder's one line."""
    assert process.stdout is not None
    with process.stdout:
        if not select.select([process.stdout], [], [], UP_LIMIT_S)[0]:
            raise DemoError(f"the lab was not up after {UP_LIMIT_S:.0f} s")
        word = process.stdout.readline().decode("utf-8", "replace").strip()
    if word == "ready":
        return
    if word.startswith("error "):
        raise DemoError(json.loads(word.removeprefix("error ")))
    log = state.log.read_text(encoding="utf-8", errors="replace").strip()
    raise DemoError(f"the lab ended before it was up: {log.splitlines()[-1] if log else 'silently'}")


def take_down(state: StateFolder) -> bool:
    """Ends the lab and removes what a crashed one left; False when there was nothing at all."""
    if not state.root.exists():
        return False
    holder = state.holder
    if holder is None:
        with state.claimed():
            state.remove()
        return True
    try:
        state.request("down")
    except UsageError:
        raise  # it is another user's
    except DemoError:
        kill(holder)  # it hangs; the kernel takes the rest along
    deadline = time.monotonic() + DOWN_LIMIT_S
    while start_time(holder) is not None:
        if time.monotonic() > deadline:
            kill(holder)
            deadline += DOWN_LIMIT_S
        time.sleep(POLL_S)
    if state.root.exists():
        with state.claimed():
            state.remove()
    return True


def kill(pid: int) -> None:
    """Kills a process that may have ended by itself."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
