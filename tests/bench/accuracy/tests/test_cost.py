"""What probes cost, and what misses a bound. Needs lab/ for the modules that also start tools."""

import sys
import unittest
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[4] / "lab"))

from host.errors import DemoError  # noqa: E402

from accuracy.cost import Cost, Costs, missed, ratios, spread  # noqa: E402


def costs(*peaks_mb: float | None) -> Costs:
    """Of both tools: as many rounds as our agent has peaks."""
    ours = [Cost(1.0, 1400.0, peak) for peak in peaks_mb]
    return {"firstbyte-agent": ours, "blackbox_exporter": [Cost(2.0, 700.0, 31.0)]}


class RatiosTest(unittest.TestCase):
    """Ours to theirs."""

    def test_medians_over_the_rounds(self) -> None:
        found = ratios(costs(20.0, 30.0, 21.0), costs(20.0))
        self.assertEqual(list(found.values()), [0.5, 2.0, 21.0])
        self.assertEqual(missed(found), [])

    def test_what_is_over_its_bound_is_missed(self) -> None:
        self.assertEqual(
            missed(ratios(costs(35.0), costs(35.0))),
            ["35.0 MB resident at 200/s, more than 34"],
        )

    def test_a_reading_that_is_missing_fails_instead_of_passing(self) -> None:
        for peaks in ((None, None), (20.0, None, 21.0), ()):
            with self.assertRaisesRegex(DemoError, "firstbyte-agent: not every round has"):
                ratios(costs(*peaks), costs(20.0))


class SpreadTest(unittest.TestCase):
    """Cells of the table."""

    def test_least_to_most(self) -> None:
        ours = costs(20.0, 30.0, 21.0)["firstbyte-agent"]
        self.assertEqual(spread(ours, "peak_rss_mb", 1), "21.0 (20.0-30.0)")

    def test_what_no_round_has_is_absent(self) -> None:
        self.assertEqual(spread([Cost(1.0, 2.0)], "peak_rss_mb", 1), "-")
        self.assertEqual(spread([], "cpu_ms", 1), "-")


if __name__ == "__main__":
    unittest.main()
