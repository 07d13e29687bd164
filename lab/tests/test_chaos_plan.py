import unittest

from chaos.plan import CLOCK, COLLECTOR, FULL_DISK, KILL, KINDS, LOSS, Fault, Kind, plan

AGENTS = [f"city-{number}" for number in range(14)]


class TheFaultsOfARun(unittest.TestCase):
    def test_follow_from_the_seed(self) -> None:
        self.assertEqual(plan(7, 60, AGENTS), plan(7, 60, AGENTS))
        self.assertNotEqual(plan(7, 60, AGENTS), plan(8, 60, AGENTS))

    def test_begin_within_the_run_in_order_and_leave_time_to_end(self) -> None:
        for duration in (20, 600):
            faults = plan(1, duration, AGENTS)
            starts = [fault.at_s for fault in faults]
            self.assertEqual(starts, sorted(starts))
            self.assertTrue(all(0 <= start < duration for start in starts))
            self.assertTrue(all(0 < fault.length_s <= duration * 0.4 for fault in faults))

    def test_hold_each_kind_even_in_a_short_run(self) -> None:
        for seed in range(20):
            self.assertEqual({fault.kind for fault in plan(seed, 20, AGENTS)}, set(KINDS), seed)

    def test_grow_with_its_length(self) -> None:
        self.assertGreater(len(plan(1, 600, AGENTS)), 350)

    def test_of_one_kind_do_not_overlap_on_a_target(self) -> None:
        until: dict[tuple[Kind, str], float] = {}
        for fault in plan(3, 600, AGENTS):
            key = (fault.kind, fault.target)
            self.assertLessEqual(until.get(key, 0), fault.at_s, fault)
            until[key] = fault.ends_s

    def test_of_several_kinds_do(self) -> None:
        faults = plan(3, 600, AGENTS)
        overlapping = [
            (one, other)
            for one in faults
            for other in faults
            if one.target == other.target != COLLECTOR and one.at_s < other.at_s < one.ends_s
        ]
        self.assertGreater(len(overlapping), 10)

    def test_strike_who_they_are_for(self) -> None:
        for fault in plan(2, 600, AGENTS):
            self.assertEqual(fault.target == COLLECTOR, fault.kind.of_collector)

    def test_are_told_in_a_line(self) -> None:
        def told(name: str, **more: object) -> str:
            kind = Kind(name, False, 1, (1.0, 2.0))
            return str(Fault(0, 1.5, kind, "tokyo", **more))  # type: ignore[arg-type]

        self.assertEqual(told(KILL, moment="writing"), "kill -9 tokyo while writing, 1.5 s")
        self.assertEqual(told(KILL, moment="at once"), "kill -9 tokyo, 1.5 s")
        self.assertEqual(told(LOSS, amount=12.3), "lossy link of tokyo (12 %), 1.5 s")
        self.assertEqual(told(CLOCK, amount=-90.0), "clock step of tokyo (-90 s), 1.5 s")
        self.assertEqual(told(FULL_DISK), "full disk of tokyo (0 bytes left), 1.5 s")
