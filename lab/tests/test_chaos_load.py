import json
import socket
import time
import unittest

from chaos import load
from chaos.load import Load


class AskingForTests(unittest.TestCase):
    def setUp(self) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.server.close)
        port = self.server.getsockname()[1]
        self.load = Load(f"127.0.0.1:{port}", "https://target.test/", 0.0)
        self.addCleanup(self.load.end)

    def look_until(self, status: int) -> None:
        deadline = time.monotonic() + 5
        while not self.load.answers[status]:
            self.load.look()
            self.assertLess(time.monotonic(), deadline)

    def test_asks_and_counts_the_answers(self) -> None:
        self.load.look()
        connection, _ = self.server.accept()
        head, _, body = connection.recv(4096).partition(b"\r\n\r\n")
        self.assertTrue(head.startswith(b"POST /api/v1/tests HTTP/1.1\r\n"))
        self.assertEqual(json.loads(body), {"url": "https://target.test/"})
        connection.sendall(b"HTTP/1.1 202 Accepted\r\n\r\n")
        self.look_until(202)
        connection.close()

    def test_goes_on_without_an_answer(self) -> None:
        patience, load.PATIENCE_S = load.PATIENCE_S, 0.0
        self.addCleanup(setattr, load, "PATIENCE_S", patience)
        self.look_until(0)

    def test_goes_on_when_nobody_listens(self) -> None:
        self.server.close()
        self.look_until(0)
