"""Claims of speed and memory, measured against the named peers in the same run."""
