"""
What it costs to send a table as CSV: praxis.exports and the usual ways.

``main`` starts a PostgreSQL, gives each way a process of its own, and writes
``benchmarks/results/exports.md``.
"""

from benchmarks.exports.comparison import main

__all__ = ["main"]
