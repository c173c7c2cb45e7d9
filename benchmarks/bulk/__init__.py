"""
What it costs to load rows: praxis.databases.bulk and the usual ways.

``main`` starts a PostgreSQL, gives each way a process of its own and an empty table, and writes
``benchmarks/results/bulk.md``.
"""

from benchmarks.bulk.comparison import main

__all__ = ["main"]
