"""Tools' timings against a packet capture, and what the tools cost."""
