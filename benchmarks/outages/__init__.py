"""What visitors meet while their Redis fails: rate limits, locks and sessions, fault by fault."""

from benchmarks.outages.comparison import main

__all__ = ["main"]
