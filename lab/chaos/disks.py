"""Data folders on small disks of their own: tmpfs, in a mount namespace that only this run sees."""

import contextlib
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from anycast.namespaces import mount, unmount
from host.programs import installed

INSIDE = "FIRSTBYTE_CHAOS_INSIDE"
COPY_SUFFIX = ".copy"


def enter_own_mounts(arguments: Sequence[str]) -> None:
    """Starts this program anew in a mount namespace of its own, for all that it and the lab mount.

    Whoever is not root becomes it in a user namespace first, as the lab does.
    """
    if INSIDE in os.environ:
        return
    os.environ[INSIDE] = "1"
    mapped = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    words = [installed("unshare"), *mapped, "--mount", "--propagation=private"]
    os.execv(words[0], [*words, sys.executable, "-B", sys.argv[0], *arguments])


class Disk:
    """One folder's. `ballast` is what fills it."""

    def __init__(self, folder: Path, size_bytes: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        mount("tmpfs", folder, "tmpfs", options=f"size={size_bytes},mode=0700")
        self.folder = folder
        self._ballast = folder / "ballast"
        self._left_bytes: int | None = None

    @property
    def is_full(self) -> bool:
        """Whether it is meant to be."""
        return self._left_bytes is not None

    def fill(self, left_bytes: int) -> None:
        """Full from here on, but for so much."""
        self._left_bytes = left_bytes
        self.top_up()

    def top_up(self) -> None:
        """Takes what became free again meanwhile, as whoever fills a disk does."""
        if self._left_bytes is None:
            return
        state = os.statvfs(self.folder)
        spare = state.f_bavail * state.f_frsize - self._left_bytes
        if spare < state.f_frsize:
            return
        # Somebody else may take the room between the look and the write: then it is full as well.
        with contextlib.suppress(OSError), open(self._ballast, "ab") as ballast:
            os.posix_fallocate(ballast.fileno(), os.fstat(ballast.fileno()).st_size, spare)

    def free(self) -> None:
        """There is room again."""
        self._left_bytes = None
        self._ballast.unlink(missing_ok=True)

    def take_away(self, keep: bool) -> None:
        """Unmounts it; what was on it then lies in the folder itself, or is gone."""
        self.free()
        copy = self.folder.with_name(self.folder.name + COPY_SUFFIX)
        if keep:
            shutil.copytree(self.folder, copy, symlinks=True)
        unmount(self.folder)
        if keep:
            self.folder.rmdir()
            copy.rename(self.folder)
