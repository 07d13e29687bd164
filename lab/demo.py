#!/usr/bin/env python3
"""Starts the Firstbyte demo: nine edges, one collector, fourteen agents."""

import sys

# The tree stays clean: no __pycache__ beside the sources, which may also be read-only.
sys.dont_write_bytecode = True

from stack.command_line import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
