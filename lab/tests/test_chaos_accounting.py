import sqlite3
import tempfile
import unittest
from pathlib import Path

from chaos.accounting import Boot, Gap, Given, Stored, account, list_spans
from chaos.ledgers import check_files, read_spools, read_store
from chaos.slots import Series, Told

SCHEMA = Path(__file__).resolve().parents[2] / "schema" / "sqlite"
TOKYO, LONDON = Boot("tokyo", -5), Boot("london", 7)


class OneBoot(unittest.TestCase):
    """Ten numbers: 1 to 6 and 10 stored, 7 to 9 in a gap."""

    def setUp(self) -> None:
        self.stored = Stored([1, 2, 3, 4, 5, 6, 10], [Gap(7, 9, "spool_full")], 10)
        self.given = Given(10)

    def complaints(self) -> list[str]:
        found = account({TOKYO: self.stored}, {TOKYO: self.given})
        return [complaint.removeprefix("tokyo (boot fffffffffffffffb): ") for complaint in found]

    def test_is_right_when_each_number_is_one_result_or_in_one_gap(self) -> None:
        self.assertEqual(self.complaints(), [])

    def test_a_missing_result_is_found(self) -> None:
        self.stored.sequences.remove(4)
        self.assertEqual(self.complaints(), ["1 numbers (4) neither stored nor in a gap"])

    def test_a_missing_end_is_found(self) -> None:
        self.given = Given(12)
        self.stored.cursor = 12
        self.assertEqual(self.complaints(), ["2 numbers (11-12) neither stored nor in a gap"])

    def test_a_doubled_result_is_found(self) -> None:
        self.stored.sequences.append(5)
        self.assertEqual(self.complaints(), ["1 numbers (5) stored more than once"])

    def test_a_gap_over_a_result_is_found(self) -> None:
        self.stored.gaps = [Gap(6, 9, "spool_full")]
        self.assertEqual(self.complaints(), ["1 numbers (6) stored and in a gap"])

    def test_overlapping_gaps_are_found(self) -> None:
        self.stored.gaps.append(Gap(9, 9, "spool_write_failed"))
        self.assertEqual(self.complaints(), ["1 numbers (9) in more than one gap"])

    def test_a_gap_that_no_fault_explains_is_found(self) -> None:
        for reason in ("unreported", "spool_too_old", "spool_unreadable"):
            with self.subTest(reason):
                self.stored.gaps = [Gap(7, 9, reason)]
                self.assertEqual(self.complaints(), [f"7-9 in a gap that no fault explains ({reason})"])

    def test_a_number_that_was_never_given_is_found(self) -> None:
        self.stored.sequences.append(11)
        self.assertEqual(
            self.complaints(), ["1 numbers (11) beyond the last that was given, 10"]
        )

    def test_what_is_still_in_the_spool_is_found(self) -> None:
        self.given = Given(10, (10,))
        self.assertEqual(self.complaints(), ["1 numbers (10) still in the agent's spool"])

    def test_a_cursor_that_stands_elsewhere_is_found(self) -> None:
        self.stored.cursor = 9
        self.assertEqual(self.complaints(), ["the cursor is at 9, the last number given is 10"])


class SeveralBoots(unittest.TestCase):
    def test_each_is_accounted_for_itself(self) -> None:
        stored = {TOKYO: Stored([1], [], 1), LONDON: Stored([1, 2], [], 2)}
        self.assertEqual(account(stored, {TOKYO: Given(1), LONDON: Given(2)}), [])

    def test_one_of_which_nothing_came_is_missing(self) -> None:
        (complaint, cursor) = account({}, {LONDON: Given(3)})
        self.assertIn("london (boot 0000000000000007): 3 numbers (1-3) neither", complaint)
        self.assertIn("cursor", cursor)

    def test_one_that_no_spool_knows_is_found(self) -> None:
        (complaint,) = account({LONDON: Stored([1], [], 1)}, {})
        self.assertIn("no spool", complaint)

    def test_many_runs_are_cut_short(self) -> None:
        self.assertEqual(list_spans([1, 2, 4, 6, 8, 10, 12]), "7 numbers (1-2, 4, 6, 8, 10, …)")


class TheFiles(unittest.TestCase):
    """A store with the collector's own schema, and a spool."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.store, self.folder = Path(folder.name, "firstbyte.db"), Path(folder.name)
        with sqlite3.connect(self.store) as db:
            db.executescript("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY;")
            for migration in sorted(SCHEMA.glob("*.sql")):
                db.executescript(migration.read_text(encoding="utf-8"))
            db.execute("INSERT INTO vantage VALUES (1, 'tokyo', 'Tokyo', 'JP', 'Asia', 0, 0, NULL)")
            for sequence in range(1, 7):
                self.insert(db, sequence)
            db.execute("INSERT INTO gap VALUES ('tokyo', -5, 7, 9, 'spool_full', 0, 0)")
            db.execute("INSERT INTO cursor VALUES ('tokyo', -5, 9)")
        with sqlite3.connect(self.folder / "spool.db") as db:
            db.execute("CREATE TABLE spool (boot, last_sequence, sent, lost, set_aside_at)")
            db.execute("CREATE TABLE record (sequence INTEGER PRIMARY KEY, reason INTEGER)")
            db.execute("INSERT INTO spool VALUES (-5, 9, 9, 3, NULL)")

    @staticmethod
    def insert(db: sqlite3.Connection, sequence: int, measured_at: int | None = None) -> None:
        db.execute(
            "INSERT INTO result (agent_id, boot, sequence, vantage_id, url, measured_at_us,"
            " received_at_us, total_us) VALUES ('tokyo', -5, ?, 1, 'u', ?, 1, 1)",
            (sequence, sequence if measured_at is None else measured_at),
        )

    def complaints(self, change: str = "") -> list[str]:
        with sqlite3.connect(self.store) as db:
            db.executescript(change)
        ledger = read_store(self.store)
        return ledger.complaints + account(ledger.boots, read_spools("tokyo", self.folder))

    def test_are_read_as_they_lie(self) -> None:
        self.assertEqual(self.complaints(), [])
        ledger = read_store(self.store)
        self.assertEqual((ledger.results, dict(ledger.gaps)), (6, {"spool_full": 3}))

    def test_a_row_that_was_removed_is_found(self) -> None:
        (complaint,) = self.complaints("DELETE FROM result WHERE sequence = 3")
        self.assertIn("(3) neither stored nor in a gap", complaint)

    # The key forbids it, so it has to be broken: the accounting does not rely on it.
    def test_a_row_that_was_doubled_is_found(self) -> None:
        copy = "CREATE TABLE copy AS SELECT * FROM result; INSERT INTO copy SELECT * FROM result"
        found = self.complaints(
            f"{copy} WHERE sequence = 3; PRAGMA foreign_keys = OFF; DROP TABLE result;"
            "ALTER TABLE copy RENAME TO result"
        )
        self.assertEqual(len(found), 2)
        self.assertIn("3,3 are one measurement", found[0])
        self.assertIn("(3) stored more than once", found[1])

    def test_a_gap_that_was_widened_is_found(self) -> None:
        (complaint,) = self.complaints("UPDATE gap SET first_sequence = 6")
        self.assertIn("(6) stored and in a gap", complaint)

    def test_a_measurement_under_two_numbers_is_found(self) -> None:
        with sqlite3.connect(self.store) as db:
            db.execute("UPDATE gap SET first_sequence = 8")
            self.insert(db, 7, measured_at=6)
        self.assertEqual(self.complaints(), ["tokyo: 6,7 are one measurement"])

    def test_a_test_that_was_answered_twice_is_found(self) -> None:
        found = self.complaints("UPDATE result SET test_id = 't1' WHERE sequence < 3")
        self.assertEqual(found, ["tokyo: more than one result of test t1"])

    def test_a_city_without_an_end_is_found(self) -> None:
        found = self.complaints(
            "INSERT INTO test (id, url, created_at_us, deadline_at_us) VALUES ('t1', 'u', 1, 2);"
            "INSERT INTO test_city (test_id, position, agent_id, vantage_id)"
            " VALUES ('t1', 0, 'tokyo', 1)"
        )
        self.assertEqual(found, ["test t1: 1 cities never came to an end"])

    def test_slots_are_read_with_their_check(self) -> None:
        found = self.complaints(
            "INSERT INTO check_version VALUES (-3, 'web', '{}', 500000);"
            "INSERT INTO assignment (id, check_id, agent_id, offset_us, since_us, stored)"
            " VALUES (1, -3, 'tokyo', 0, 0, 1);"
            "UPDATE result SET assignment_id = 1, scheduled_at_us = sequence * 500000, late_us = 0,"
            " skipped = 0, clock_set = 0 WHERE sequence IN (1, 2)"
        )
        self.assertEqual(found, ["tokyo: 1 slots counted as stored, 2 rows"])
        told = [Told(1, 500_000, 0, False), Told(2, 1_000_000, 0, False)]
        self.assertEqual(read_store(self.store).series, {Series(TOKYO, -3, 500_000): told})

    def test_a_spool_that_was_put_aside_counts(self) -> None:
        aside = self.folder / "spool.2026-11-23T03-10-00.123456Z.db"
        (self.folder / "spool.db").rename(aside)
        self.assertEqual(self.complaints(), [])

    def test_a_damaged_file_is_found(self) -> None:
        self.assertEqual(check_files([self.store]), [])
        content = bytearray(self.store.read_bytes())
        page = len(content) - 4096
        content[page : page + 4096] = b"x" * 4096
        self.store.write_bytes(content)
        self.assertIn("is damaged", check_files([self.store])[0])

    def test_a_row_that_refers_to_nothing_is_found(self) -> None:
        self.complaints("PRAGMA foreign_keys = OFF; DELETE FROM vantage")
        self.assertIn("6 rows refer to rows that are not there", check_files([self.store])[0])
