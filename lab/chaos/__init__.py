"""Random faults while fourteen agents probe, and what became of every result."""
