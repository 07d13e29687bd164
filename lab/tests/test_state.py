import tempfile
import unittest
from pathlib import Path

from anycast.state import StateFolder
from host.errors import UsageError


class StateFolderTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name) / "lab"
        self.state = StateFolder(self.root)

    # Regression: `--state-dir DIR down` deleted whatever was in DIR.
    def test_a_folder_with_anything_else_in_it_is_not_touched(self) -> None:
        self.root.mkdir()
        (self.root / "lab.log").touch()
        (self.root / "thesis.tex").touch()
        with self.assertRaisesRegex(UsageError, "holds thesis.tex, which is no lab's"):
            self.state.remove()
        self.assertEqual(len(list(self.root.iterdir())), 2)

    def test_a_symbolic_link_is_refused(self) -> None:
        target = self.root.parent / "elsewhere"
        target.mkdir()
        self.root.symlink_to(target)
        with self.assertRaisesRegex(UsageError, "symbolic link"):
            self.state.remove()

    def test_what_a_lab_leaves_is_removed(self) -> None:
        for folder in (self.state.inside, self.state.tls):
            folder.mkdir(parents=True)
        for name in ("lab.log", "control.sock", "holder.json", "tls/ca.key"):
            (self.root / name).touch()
        self.state.remove()
        self.assertFalse(self.root.exists())

    # Regression: two `up` at once built and removed each other's files.
    def test_two_cannot_hold_it_at_once(self) -> None:
        with self.state.claimed():
            with self.assertRaisesRegex(UsageError, "another labctl is at work"):
                with StateFolder(self.root).claimed():
                    self.fail("held twice")

    def test_it_can_be_held_again_after_it_was_removed(self) -> None:
        with self.state.claimed():
            self.state.remove()
        with self.state.claimed():
            self.assertTrue(self.root.exists())
