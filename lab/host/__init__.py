"""What every demo needs of this machine: processes, folders, ports, certificates."""
