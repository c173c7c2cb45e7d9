"""
What the way to Redis costs: `praxis.redis` against redis-py and django-redis, in one process.

Also against redis-py's bare connection, without its client and pool: what its own users cannot
have without writing a client.
"""

from benchmarks.redis_link.comparison import main

__all__ = ["main"]
