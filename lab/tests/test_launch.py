import tempfile
import unittest
from pathlib import Path
from unittest import mock

from anycast import launch
from anycast.state import StateFolder
from host.errors import UsageError


class Launch(unittest.TestCase):
    # Regression: a second `up` that had looked too early cleared the folder of the lab that had
    # come up meanwhile.
    def test_a_lab_that_came_up_while_another_one_waited_is_not_touched(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            state = StateFolder(Path(folder) / "lab")
            state.tls.mkdir(parents=True)
            looks = mock.PropertyMock(side_effect=[None, 4711])
            with (
                mock.patch.object(StateFolder, "holder", looks),
                mock.patch.object(launch, "obstacle", return_value=None),
                self.assertRaisesRegex(UsageError, "a lab is up already"),
            ):
                launch.launch(state, {})
            self.assertTrue(state.tls.exists())
