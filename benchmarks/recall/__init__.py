"""
How many real N+1 queries `praxis check` finds: fixes between two releases of real projects.

`cases.toml` holds them, each read by eye. What is found in the release before the fix counts,
and must be gone in the release after it.
"""

from benchmarks.recall.measurement import main

__all__ = ["main"]
