"""
A cache of query results that never serves stale data.

    PRAXIS = {"cache": {"models": {"shop.*": {}}}, "redis": {"url": "redis://localhost:6379/0"}}

Queries of the models that are named are answered from Redis, until something is written that they
depend on, by whatever process and in whatever way.
"""

from praxis.cache.explainer import explain, explain_sql
from praxis.cache.explanation import Explanation
from praxis.cache.hooks.queries import bypass
from praxis.cache.hooks.querysets import cached_queryset, uncached_queryset
from praxis.cache.statistics import cache_statistics

__all__ = [
    "Explanation",
    "bypass",
    "cache_statistics",
    "cached_queryset",
    "explain",
    "explain_sql",
    "uncached_queryset",
]
