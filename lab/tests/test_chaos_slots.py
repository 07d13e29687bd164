import unittest

from chaos.accounting import Boot, Gap, Stored
from chaos.slots import Alive, Series, Told, account_series, account_slots, count

HALF_A_SECOND_US = 500_000


def slot(number: int, sequence: int, skipped: int = 0, clock_set: bool = False) -> Told:
    return Told(sequence, number * HALF_A_SECOND_US, skipped, clock_set)


class SlotsOfACheck(unittest.TestCase):
    def account(self, *told: Told, gaps: tuple[Gap, ...] = (), alive: tuple[int, int] = (1, 4)) -> list[str]:
        begin, end = (number * HALF_A_SECOND_US for number in alive)
        return account_series(told, gaps, HALF_A_SECOND_US, Alive(begin, end))

    def test_are_right_one_after_the_other(self) -> None:
        self.assertEqual(self.account(slot(1, 1), slot(2, 2), slot(3, 5), slot(4, 6)), [])

    def test_are_right_when_those_between_were_skipped(self) -> None:
        self.assertEqual(self.account(slot(1, 1), slot(4, 2, skipped=2)), [])

    def test_that_nobody_tells_of_are_found(self) -> None:
        (complaint,) = self.account(slot(1, 1), slot(4, 2, skipped=1))
        self.assertEqual(complaint, "between 1 and 2 2 slots passed, 1 were told as skipped")

    def test_may_be_lost_with_a_gap(self) -> None:
        told = slot(1, 1), slot(4, 4)
        self.assertEqual(self.account(*told, gaps=(Gap(2, 3, "spool_full"),)), [])
        self.assertNotEqual(self.account(*told, gaps=(Gap(5, 6, "spool_full"),)), [])

    def test_that_are_skipped_and_probed_are_found(self) -> None:
        told = slot(1, 1), slot(2, 3, skipped=1), slot(4, 4, skipped=1)
        (complaint,) = self.account(*told, gaps=(Gap(2, 2, "spool_full"),))
        self.assertIn("between 1 and 3 0 slots passed, 1 were told", complaint)

    def test_that_are_used_twice_or_go_back_are_found(self) -> None:
        for second in (2, 1):
            found = self.account(slot(1, 1), slot(2, 2), slot(second, 3), slot(4, 4, skipped=3 - second))
            self.assertIn("us apart", found[0])

    def test_off_the_beat_are_found(self) -> None:
        found = self.account(slot(1, 1), Told(2, 2 * HALF_A_SECOND_US + 1, 0, False), slot(4, 3))
        self.assertIn("between 1 and 2 the slots are 500001 us apart", found)

    def test_begin_anew_when_the_clock_was_set(self) -> None:
        self.assertEqual(self.account(slot(1, 1), slot(900, 2, clock_set=True)), [])
        self.assertEqual(self.account(slot(900, 1), slot(4, 2, clock_set=True), alive=(900, 4)), [])

    def test_at_the_start_and_at_the_end_are_missed(self) -> None:
        self.assertIn("500000 us at the start", self.account(slot(2, 1), slot(3, 2))[0])
        self.assertIn("1000000 us at the end", self.account(slot(1, 1), slot(2, 2))[0])

    def test_are_looked_for_of_each_agent(self) -> None:
        tokyo = Series(Boot("tokyo", 1), 9, HALF_A_SECOND_US)
        found = account_slots(
            {tokyo: [slot(1, 1), slot(3, 2)]},
            {tokyo.boot: Stored()},
            ["tokyo", "london"],
            Alive(HALF_A_SECOND_US, HALF_A_SECOND_US),
        )
        self.assertEqual(len(found), 2)
        self.assertEqual(found[0], "london: no slot was ever told of")
        self.assertIn("tokyo (boot 0000000000000001): between 1 and 2", found[1])

    def test_are_counted(self) -> None:
        tokyo, london = (
            Series(Boot(city, 1), 9, HALF_A_SECOND_US) for city in ("tokyo", "london")
        )
        told = {tokyo: [slot(1, 1), slot(4, 2, skipped=2)], london: [slot(1, 1)]}
        self.assertEqual(count(told), (3, 2))
