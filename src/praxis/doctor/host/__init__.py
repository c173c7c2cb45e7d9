"""The processes on this machine: one file a check."""
