import socket
import unittest

from host.errors import DemoError
from host.ports import FREE_PORTS, can_listen, choose_port


class ChoosePort(unittest.TestCase):
    def test_the_preferred_port_wins_when_it_is_free(self) -> None:
        self.assertEqual(choose_port(8443, lambda _: True), 8443)

    def test_another_port_is_taken_when_the_preferred_one_is_busy(self) -> None:
        self.assertEqual(choose_port(8443, {21001}.__contains__, [21000, 21001]), 21001)

    def test_without_a_preference_any_free_port_will_do(self) -> None:
        self.assertIn(choose_port(None, lambda _: True), FREE_PORTS)

    def test_no_free_port_is_an_error(self) -> None:
        with self.assertRaisesRegex(DemoError, "none of 200 ports"):
            choose_port(8443, lambda _: False)


class CanListen(unittest.TestCase):
    def test_a_port_in_use_is_not_free(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            self.assertFalse(can_listen("127.0.0.1", port, socket.SOCK_STREAM))

    def test_a_port_on_the_wildcard_address_is_not_free_on_any(self) -> None:
        with socket.create_server(("0.0.0.0", 0)) as server:
            port = server.getsockname()[1]
            self.assertFalse(can_listen("127.0.1.9", port, socket.SOCK_STREAM))
