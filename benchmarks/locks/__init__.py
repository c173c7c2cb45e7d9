"""
What a lock costs, and how it is handed on: praxis.locks, redis-py's Lock and python-redis-lock.

``main`` starts a Redis, gives each its turns, and writes ``benchmarks/results/locks.md``.
"""

from benchmarks.locks.comparison import main

__all__ = ["main"]
