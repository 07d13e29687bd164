"""Linux namespaces without privileges of the host: made, entered and left from one thread.

Python has unshare() and setns() only from 3.12 on, hence ctypes.
"""

import contextlib
import ctypes
import os
from collections.abc import Iterator
from pathlib import Path

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
MS_BIND = 0x1000
MNT_DETACH = 2

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)


def setns(descriptor: int, kind: int) -> None:
    """Moves this thread into the namespace behind a descriptor."""
    _checked(_libc.setns(descriptor, kind), "setns")


def mount(
    source: str, target: Path, kind: str | None, flags: int = 0, options: str | None = None
) -> None:
    """mount(2)."""
    kind_bytes = kind.encode() if kind else None
    options_bytes = options.encode() if options else None
    target_bytes = os.fsencode(target)
    done = _libc.mount(source.encode(), target_bytes, kind_bytes, flags, options_bytes)
    _checked(done, str(target))


def unmount(target: Path) -> None:
    """Takes a file system out of sight at once; it ends when nobody uses it any more."""
    _checked(_libc.umount2(os.fsencode(target), MNT_DETACH), str(target))


class Namespaces:
    """The network namespaces of one lab, each kept alive by a mount in `folder`.

    Not thread-safe: entering one moves the only thread.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._home = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        self._open: dict[str, int] = {}

    def add(self, name: str) -> None:
        """Makes a namespace with its loopback device up."""
        place = self.folder / name
        place.touch()
        try:
            _checked(_libc.unshare(CLONE_NEWNET), "unshare")
            mount("/proc/self/ns/net", place, None, MS_BIND)
            self._open[name] = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        finally:
            setns(self._home, CLONE_NEWNET)

    def path(self, name: str) -> str:
        """A file that stands for the namespace, for programs that want one."""
        return str(self.folder / name)

    @property
    def names(self) -> list[str]:
        """All of them, in the order in which they were made."""
        return list(self._open)

    @contextlib.contextmanager
    def entered(self, name: str) -> Iterator[None]:
        """Inside the block sockets and new processes belong to that namespace."""
        setns(self._open[name], CLONE_NEWNET)
        try:
            yield
        finally:
            setns(self._home, CLONE_NEWNET)


def enter_holder(holder: int) -> None:
    """Moves this process, for good, to where a lab's holder sees files and has its privileges.

    The working directory stays.
    """
    folder = os.getcwd()
    opened = []
    for name, kind in (("user", CLONE_NEWUSER), ("mnt", CLONE_NEWNS)):
        theirs, ours = f"/proc/{holder}/ns/{name}", f"/proc/self/ns/{name}"
        # One's own user namespace cannot be entered once more.
        if os.readlink(theirs) != os.readlink(ours):
            opened.append((os.open(theirs, os.O_RDONLY | os.O_CLOEXEC), kind))
    root = os.open(f"/proc/{holder}/root", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    for descriptor, kind in opened:
        setns(descriptor, kind)
        os.close(descriptor)
    # Entering a mount namespace also leaves a chroot; the lab may have been made in one.
    os.fchdir(root)
    os.chroot(".")
    os.close(root)
    os.chdir(folder)


def enter_network(file: Path) -> None:
    """Moves this thread, for good, to the network that a namespace's file stands for."""
    descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        setns(descriptor, CLONE_NEWNET)
    finally:
        os.close(descriptor)
