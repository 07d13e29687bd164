#!/usr/bin/env python3
"""Measures the lab: lab/bench.py --build-dir DIR [--only PART] [--json FILE]."""

import sys

# The tree stays clean: no __pycache__ beside the sources, which may also be read-only.
sys.dont_write_bytecode = True

from measure.bench import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
