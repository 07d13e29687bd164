import unittest

from anycast.wires import Condition, netem_words
from host.errors import UsageError


class ConditionTest(unittest.TestCase):
    def test_what_is_not_said_stays(self) -> None:
        before = Condition(10, jitter_ms=1)
        self.assertEqual(before.changed(delay_ms=20, up=None), Condition(20, jitter_ms=1))

    def test_what_cannot_be_names_the_flag(self) -> None:
        for wanted, sentence in (
            ({"delay_ms": -1}, "--delay -1 is not between 0 and 10000"),
            ({"loss_percent": 101}, "--loss 101 is not between 0 and 100"),
            ({"rate_mbit": float("nan")}, "--rate nan"),
        ):
            with self.assertRaisesRegex(UsageError, sentence):
                Condition(10).changed(**wanted)


class NetemWords(unittest.TestCase):
    def test_a_plain_delay(self) -> None:
        self.assertEqual(
            netem_words(Condition(24.6)), ["netem", "limit", "20000", "delay", "24600us"]
        )

    def test_everything_at_once(self) -> None:
        words = netem_words(Condition(5, jitter_ms=1, loss_percent=2.5, rate_mbit=10))
        self.assertEqual(words[4:], ["5000us", "1000us", "loss", "2.5%", "rate", "10mbit"])

    def test_down_loses_everything(self) -> None:
        self.assertEqual(netem_words(Condition(5, loss_percent=2, up=False))[-2:], ["loss", "100%"])
