"""
What a cached query costs: praxis.cache against django-cachalot, django-cacheops and no cache.

Each in a process of its own, since they patch Django; on the same PostgreSQL and Redis, in turns.
"""

from benchmarks.cache.comparison import main

__all__ = ["main"]
