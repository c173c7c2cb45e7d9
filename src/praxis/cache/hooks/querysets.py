"""``queryset.cached(ttl_s=60)`` and ``queryset.uncached()``: what one query asks for itself."""

from typing import Any, TypeVar

from django.db.models import QuerySet
from django.db.models.query import RawQuerySet

from praxis.conf import MAX_TTL_S

Q = TypeVar("Q", bound="QuerySet[Any] | RawQuerySet[Any]")

#: On a query, and copied with it: seconds, 0 for what the settings say, None to stay uncached.
_ATTRIBUTE = "praxis_ttl_s"
_UNSAID: Any = object()


def cached_queryset(queryset: Q, ttl_s: float | None = None) -> Q:
    """
    Return the queryset with its results cached, also where ``automatic`` is off.

    Its tables have to be among ``PRAXIS["cache"]["models"]`` all the same: else nobody would tell
    of what is written to them.

    Args:
        queryset: What to cache; what is made of it is cached likewise.
        ttl_s: Seconds that a result is kept at most; above 0, at most ten years. None
            for what the settings say.

    Raises:
        ValueError: if *ttl_s* is out of range.
    """
    if ttl_s is not None and not 0 < ttl_s <= MAX_TTL_S:
        raise ValueError(f"need 0 < ttl_s <= {MAX_TTL_S:.0f}: {ttl_s}")
    return _asking(queryset, ttl_s or 0)


def uncached_queryset(queryset: Q) -> Q:
    """Return the queryset with its results always taken from the database."""
    return _asking(queryset, None)


def _asking(queryset: Q, ttl_s: float | None) -> Q:
    asked: Any
    if isinstance(queryset, RawQuerySet):
        asked = queryset._clone()  # type: ignore[attr-defined]  # noqa: SLF001 - shares its query
        asked.query = asked.query.chain(using=asked.query.using)
    else:
        asked = queryset._chain()  # type: ignore[attr-defined]  # noqa: SLF001 - as all() does
    setattr(asked.query, _ATTRIBUTE, ttl_s)
    clone: Q = asked
    return clone


def ask_likewise(query: Any, other: Any) -> Any:
    """Return *other*, which asks for itself what *query* does."""
    if _ATTRIBUTE in query.__dict__:
        setattr(other, _ATTRIBUTE, query.__dict__[_ATTRIBUTE])
    return other


def ttl_of(query: Any, otherwise: float | None) -> float | None:
    """
    Seconds for which a query's results are kept at most; None if not at all.

    Args:
        query: As a compiler has it.
        otherwise: What the settings say of its model: None if it is not cached unasked.
    """
    asked = query.__dict__.get(_ATTRIBUTE, _UNSAID)
    if asked is _UNSAID:
        inner = query.__dict__.get("inner_query")  # of an aggregate over a subquery
        return otherwise if inner is None else ttl_of(inner, otherwise)
    ttl_s: float | None = asked
    return ttl_s


def install() -> None:
    """Give querysets the two methods; once a process."""
    querysets: Any = QuerySet
    querysets.cached, querysets.uncached = cached_queryset, uncached_queryset
