#!/usr/bin/env python3
"""Random faults in the lab, and the accounting: what is lost, what is there twice."""

import sys

# The tree stays clean: no __pycache__ beside the sources, which may also be read-only.
sys.dont_write_bytecode = True

from chaos.command_line import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
