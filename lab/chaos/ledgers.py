"""Reads the collector's database and the agents' spools as they lie on disk, past all of our own code."""

import contextlib
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from chaos.accounting import Boot, Gap, Given, Stored
from chaos.slots import Series, Told

STORE, ACCESS, SPOOL = "firstbyte.db", "access.db", "spool.db"
# The spool, and those that were put aside (spool.2026-11-23T03-10-00.123456Z.db).
ALL_SPOOLS = "spool*.db"

# One measurement under two numbers: no key forbids it. Two that one agent began in the same microsecond and
# that took the same microseconds from the same port are one.
REPEATED = """
    SELECT agent_id, group_concat(sequence) FROM result
    GROUP BY agent_id, measured_at_us, total_us, ifnull(local_port, 0) HAVING count(*) > 1
"""
ANSWERED_TWICE = """
    SELECT agent_id, test_id FROM result WHERE test_id IS NOT NULL
    GROUP BY agent_id, test_id HAVING count(*) > 1
"""
SLOTS = """
    SELECT result.agent_id, boot, check_id, interval_us, sequence, scheduled_at_us, result.skipped, clock_set
    FROM result JOIN assignment ON assignment.id = assignment_id
    JOIN check_version ON check_version.id = check_id
"""
# What lies before the assignment, by the collector's clock, is not counted there.
MISCOUNTED = """
    SELECT agent_id, stored, (SELECT count(*) FROM result WHERE assignment_id = assignment.id
                              AND scheduled_at_us - ifnull(clock_offset_us, 0) >= since_us) AS rows
    FROM assignment WHERE stored != rows
"""
UNFINISHED = "SELECT test_id, count(*) FROM test_city WHERE state IS NULL GROUP BY test_id"


@dataclass
class Ledger:
    """The collector's side."""

    boots: dict[Boot, Stored] = field(default_factory=dict)
    series: dict[Series, list[Told]] = field(default_factory=dict)
    results: int = 0
    gaps: Counter[str] = field(default_factory=Counter)  # lost results by reason
    clock_steps: int = 0
    complaints: list[str] = field(default_factory=list)


@contextlib.contextmanager
def opened(file: Path) -> Iterator[sqlite3.Connection]:
    """A database that nobody else uses any more, only to be read."""
    with contextlib.closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as db:
        yield db


def read_store(file: Path) -> Ledger:
    """All that the collector knows of numbers, and what contradicts itself there."""
    ledger = Ledger()
    with opened(file) as db:
        for agent, boot, sequence in db.execute("SELECT agent_id, boot, sequence FROM result"):
            ledger.boots.setdefault(Boot(agent, boot), Stored()).sequences.append(sequence)
            ledger.results += 1
        for agent, boot, first, last, reason in db.execute(
            "SELECT agent_id, boot, first_sequence, last_sequence, reason FROM gap"
        ):
            ledger.boots.setdefault(Boot(agent, boot), Stored()).gaps.append(Gap(first, last, reason))
            ledger.gaps[reason] += last - first + 1
        for agent, boot, sequence in db.execute("SELECT agent_id, boot, sequence FROM cursor"):
            ledger.boots.setdefault(Boot(agent, boot), Stored()).cursor = sequence
        for agent, boot, check, interval_us, *told in db.execute(SLOTS):
            series = Series(Boot(agent, boot), check, interval_us)
            ledger.series.setdefault(series, []).append(Told(*told))
        (ledger.clock_steps,) = db.execute("SELECT count(*) FROM clock_step").fetchone()
        for agent, sequences in db.execute(REPEATED):
            ledger.complaints.append(f"{agent}: {sequences} are one measurement")
        for agent, test in db.execute(ANSWERED_TWICE):
            ledger.complaints.append(f"{agent}: more than one result of test {test}")
        for agent, stored, rows in db.execute(MISCOUNTED):
            ledger.complaints.append(f"{agent}: {stored} slots counted as stored, {rows} rows")
        for test, cities in db.execute(UNFINISHED):
            ledger.complaints.append(f"test {test}: {cities} cities never came to an end")
    return ledger


def read_spools(agent: str, folder: Path) -> dict[Boot, Given]:
    """Of each numbering that this agent's folder has a spool of."""
    given = {}
    for file in sorted(folder.glob(ALL_SPOOLS)):
        with opened(file) as db:
            boot, last = db.execute("SELECT boot, last_sequence FROM spool").fetchone()
            kept = tuple(number for (number,) in db.execute("SELECT sequence FROM record ORDER BY 1"))
            given[Boot(agent, boot)] = Given(last, kept)
    return given


def check_files(files: Iterable[Path]) -> list[str]:
    """What SQLite has against each of them."""
    complaints = []
    for file in files:
        with opened(file) as db:
            try:
                said = [word for (word,) in db.execute("PRAGMA integrity_check(3)")]
                broken = db.execute("PRAGMA foreign_key_check").fetchall()
            except sqlite3.DatabaseError as error:
                said, broken = [str(error)], []
        if said != ["ok"]:
            complaints.append(f"{file} is damaged: {'; '.join(said)}")
        if broken:
            complaints.append(f"{file}: {len(broken)} rows refer to rows that are not there")
    return complaints
