import unittest

from host.command_line import split_command
from stack.command_line import parser


class CommandLine(unittest.TestCase):
    def test_everything_behind_the_first_dashes_is_the_command(self) -> None:
        own, command = split_command(["exec", "--build-dir", "b", "--", "cmd", "--", "-x"])
        self.assertEqual((own, command), (["exec", "--build-dir", "b"], ["cmd", "--", "-x"]))

    def test_without_dashes_there_is_no_command(self) -> None:
        self.assertEqual(split_command(["check"]), (["check"], []))

    def test_run_keeps_its_data_in_var_demo(self) -> None:
        options = parser().parse_args(["run", "--build-dir", "b"])
        self.assertEqual(options.data_dir.parts[-2:], ("var", "demo"))
