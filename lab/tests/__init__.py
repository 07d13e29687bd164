"""Unit tests of the demo's orchestrator."""
