"""The demo on one machine's loopback: what it consists of, how it starts, how it is checked."""
