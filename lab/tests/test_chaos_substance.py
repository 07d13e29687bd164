import unittest

from chaos.plan import KINDS
from chaos.report import Outcome
from chaos.substance import missing_substance


def outcome(**changes: object) -> Outcome:
    figures = {
        "seed": 1,
        "minutes": 1.0,
        "faults": {kind.title: 1 for kind in KINDS},
        "tests": {"202": 1},
        "slots": 1,
        "clock_steps": 1,
        "peaks_mb": {"agent": 1.0},
    }
    return Outcome(**(figures | changes))  # type: ignore[arg-type]


class Substance(unittest.TestCase):
    def test_a_run_in_which_everything_happened_lacks_nothing(self) -> None:
        self.assertEqual(missing_substance(outcome()), [])

    def test_each_thing_that_did_not_happen_is_named(self) -> None:
        without_one = {kind.title: 1 for kind in KINDS[1:]}
        for changes, sentence in (
            ({"faults": without_one}, f"{KINDS[0].title}: struck nobody"),
            ({"faults": {}, "minutes": 0.3}, "no fault struck"),
            ({"tests": {"503": 9}}, "no test was accepted"),
            ({"slots": 0}, "nothing was probed on schedule"),
            ({"clock_steps": 0}, "no clock step was noticed"),
            ({"peaks_mb": {"agent": 0.0}}, "the memory of agent was never seen"),
        ):
            with self.subTest(sentence):
                self.assertEqual(missing_substance(outcome(**changes)), [sentence])

    def test_a_short_run_may_lack_a_kind(self) -> None:
        self.assertEqual(missing_substance(outcome(minutes=0.5, faults={KINDS[0].title: 1}, clock_steps=0)), [])


if __name__ == "__main__":
    unittest.main()
