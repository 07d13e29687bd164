#!/usr/bin/env python3
"""How a demo ends when somebody stops it: demo_end_test.py --build-dir DIR [unittest's arguments]."""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
VAR = REPOSITORY / "var"
DEMO = [sys.executable, "-B", str(REPOSITORY / "lab" / "demo.py")]
MARK = "FIRSTBYTE_DEMO_END_TEST"
END_LIMIT_S = 30.0


class DemoEndTest(unittest.TestCase):
    def test_a_stopped_demo_leaves_no_process_and_no_file(self) -> None:
        for signum in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signum.name), tempfile.TemporaryDirectory() as temporary:
                self.stop_once_ready(signum, Path(temporary))

    def stop_once_ready(self, signum: signal.Signals, temporary: Path) -> None:
        # Whatever it starts inherits the mark, whatever it writes to no named place lands in the folder.
        mark = f"{MARK}={temporary}"
        environment = {**os.environ, "TMPDIR": str(temporary), MARK: str(temporary)}
        command = [*DEMO, "exec", "--network", "loopback", "--build-dir", str(settings.build_dir)]
        with subprocess.Popen(
            [*command, "--", "sh", "-c", 'echo "$FIRSTBYTE_DEMO_DATA"; exec sleep 600'],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            process_group=0,
        ) as demo:
            assert demo.stdout is not None
            folder = Path(demo.stdout.readline().strip())
            self.assertTrue(folder.is_dir() and folder.parent == VAR, folder)
            self.assertGreater(len(marked(mark)), 16)  # fourteen agents, a collector, a target
            # Ctrl-C goes to the whole group.
            (os.killpg if signum == signal.SIGINT else os.kill)(demo.pid, signum)
            _, said = demo.communicate(timeout=END_LIMIT_S)
        self.assertEqual(demo.returncode, 128 + signum, said)
        self.assertEqual(marked(mark), [])
        self.assertFalse(folder.exists())
        self.assertEqual(os.listdir(temporary), [])


def marked(mark: str) -> list[str]:
    """The processes that carry the mark in their environment, by command line."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (process / "environ").read_bytes().split(b"\0"):
                found.append((process / "cmdline").read_text(encoding="utf-8", errors="replace"))
        except OSError:
            continue  # another user's, or gone
    return found


settings = argparse.Namespace()

if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--build-dir", type=Path, required=True, metavar="DIR")
    _, rest = options.parse_known_args(namespace=settings)
    unittest.main(argv=[sys.argv[0], *rest])
