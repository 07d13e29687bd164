#!/usr/bin/env python3
"""Runs the fuzzers that were built: first each input of tests/fuzz/corpus once, then new ones for a while.

What libFuzzer learns stays in the build folder, and the next run goes on from there. Exits 1 when an input
broke something; its path is printed then.
"""

import argparse
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent

# One input may take so long, and a fuzzer so much memory.
TIMEOUT_S = 10
MEMORY_MB = 2048


@dataclass
class Outcome:
    name: str
    runs: int = 0
    rate: int = 0
    edges: int = 0
    new_units: int = 0
    # What broke, in the fuzzer's own words, and the input that did it.
    problem: str = ""
    reproducer: str = ""


def parse_arguments():
    known = sorted(path.stem for path in HERE.glob("*.cc"))
    parser = argparse.ArgumentParser(prog="./dev fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}; default: all")
    parser.add_argument("--seconds", type=int, default=60, help="of all fuzzers together (default: 60)")
    parser.add_argument("--regress", action="store_true", help="only the inputs of tests/fuzz/corpus")
    parser.add_argument("--build-dir", default="build/fuzz", help=argparse.SUPPRESS)
    parser.add_argument("--targets", action="store_true", help=argparse.SUPPRESS)  # print what to build
    options = parser.parse_args()
    for name in options.names:
        if name not in known:
            parser.error(f"there is no fuzzer called {name}; there are {', '.join(known)}")
    if options.seconds < 1:
        parser.error("--seconds must be at least 1")
    options.names = options.names or known
    return options


class Fuzzer:
    def __init__(self, name, build_dir):
        self.name = name
        self.build_dir = build_dir
        self.program = build_dir / "tests" / "fuzz" / f"fuzz_{name}"
        self.seeds = HERE / "corpus" / name

    def regress(self):
        return self._run([*sorted(self.seeds.iterdir())])

    def fuzz(self, seconds):
        learned = self.build_dir / "corpus" / self.name
        learned.mkdir(parents=True, exist_ok=True)
        options = [f"-max_total_time={seconds}", "-print_final_stats=1", "-use_value_profile=1"]
        return self._run([*options, learned, self.seeds])

    def _run(self, arguments):
        findings = self.build_dir / "findings"
        findings.mkdir(parents=True, exist_ok=True)
        log = findings / f"{self.name}.log"
        # Stacks with names, by binutils, which are there with any compiler.
        environment = dict(os.environ, ASAN_OPTIONS="allow_addr2line=1",
                           UBSAN_OPTIONS="allow_addr2line=1:print_stacktrace=1")
        with log.open("wb") as output:
            status = subprocess.run(
                [self.program, f"-timeout={TIMEOUT_S}", f"-rss_limit_mb={MEMORY_MB}",
                 f"-artifact_prefix={findings}/{self.name}-", *arguments],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=environment,
                check=False).returncode
        return self._read(log.read_text(errors="replace"), status)

    def _read(self, text, status):
        outcome = Outcome(self.name)
        stat = lambda name: int((re.findall(rf"stat::{name}: *(\d+)", text) or ["0"])[-1])
        outcome.runs = stat("number_of_executed_units")
        outcome.rate = stat("average_exec_per_sec")
        outcome.new_units = stat("new_units_added")
        outcome.edges = int((re.findall(r" cov: (\d+)", text) or ["0"])[-1])
        if status != 0:
            outcome.problem = problem_in(text) or f"it ended with status {status}"
            written = re.findall(r"Test unit written to (\S+)", text)
            running = re.findall(r"^Running: (\S+)", text, re.MULTILINE)
            outcome.reproducer = (written or running or [""])[-1]
        return outcome


def problem_in(text):
    for pattern in (r".*: not so: .*", r".*runtime error: .*", r"SUMMARY: .*", r"terminate called.*"):
        found = re.findall(pattern, text)
        if found:
            return found[0].replace(f"{ROOT}/", "")
    return ""


def print_heading():
    print(f"{'fuzzer':<18}{'runs':>12}{'exec/s':>9}{'edges':>8}{'new':>7}", flush=True)


def print_row(outcome):
    print(f"{outcome.name:<18}{outcome.runs:>12,}{outcome.rate:>9,}{outcome.edges:>8,}"
          f"{outcome.new_units:>7,}{'  BROKEN' if outcome.problem else ''}", flush=True)


def print_problems(outcomes, build_dir):
    for outcome in outcomes:
        if outcome.problem:
            print(f"\n{outcome.name}: {outcome.problem}\n"
                  f"  input: {outcome.reproducer}\n"
                  f"  details: {build_dir}/findings/{outcome.name}.log")


def main():
    options = parse_arguments()
    if options.targets:
        print(" ".join(f"fuzz_{name}" for name in options.names))
        return 0
    build_dir = (ROOT / options.build_dir).resolve()
    fuzzers = [Fuzzer(name, build_dir) for name in options.names]

    known = [fuzzer.regress() for fuzzer in fuzzers]
    print_problems(known, options.build_dir)
    if any(outcome.problem for outcome in known):
        return 1
    count = sum(len(list(fuzzer.seeds.iterdir())) for fuzzer in fuzzers)
    print(f"{count} known inputs of {len(fuzzers)} fuzzers hold", flush=True)
    if options.regress:
        return 0

    seconds = max(1, options.seconds // len(fuzzers))
    outcomes = []
    print_heading()
    for fuzzer in fuzzers:
        outcomes.append(fuzzer.fuzz(seconds))
        print_row(outcomes[-1])
    print_problems(outcomes, options.build_dir)
    return 1 if any(outcome.problem for outcome in outcomes) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
