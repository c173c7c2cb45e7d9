"""
A cache that never serves stale data: of queries, and of what is computed from them.

    PRAXIS = {"cache": {"models": {"shop.*": {}}}, "redis": {"url": "redis://localhost:6379/0"}}

Queries of the models that are named are answered from Redis, until something is written that they
depend on, by whatever process and in whatever way. So are views, fragments of templates and
functions that are decorated.
"""

from praxis.cache.explainer import explain, explain_sql
from praxis.cache.explanation import Explanation
from praxis.cache.hooks.queries import bypass
from praxis.cache.hooks.querysets import cached_queryset, uncached_queryset
from praxis.cache.results.depending import depends_on
from praxis.cache.results.functions import aremember, cached, remember
from praxis.cache.results.middleware import CacheMiddleware
from praxis.cache.results.views import cached_view
from praxis.cache.statistics import cache_statistics

__all__ = [
    "CacheMiddleware",
    "Explanation",
    "aremember",
    "bypass",
    "cache_statistics",
    "cached",
    "cached_queryset",
    "cached_view",
    "depends_on",
    "explain",
    "explain_sql",
    "remember",
    "uncached_queryset",
]
