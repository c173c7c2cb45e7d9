"""`TestCase` without its transactions: it commits, and empties the tables that have rows."""

from collections.abc import Callable
from typing import Any

from django.core.management.color import no_style
from django.db import connections
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

#: Filled once, when the database is made, and what all tests count on.
_KEPT = frozenset({
    "auth_permission", "django_content_type", "django_migrations", "django_site",
})  # fmt: skip


def commit() -> None:
    """Have each `TestCase` do as on a database that has no transactions."""
    kind: Any = TestCase
    kind._databases_support_transactions = classmethod(lambda cls: False)
    kind._fixture_teardown = _empty_all
    capture: Any = CaptureQueriesContext
    capture.captured_queries = property(_captured(capture.captured_queries.fget))


def _captured(original: Callable[[Any], list[dict[str, str]]]) -> Callable[[Any], Any]:
    """Without the begin and the end of transactions, which are no queries of a `TestCase`."""

    def captured_queries(self: Any) -> list[dict[str, str]]:
        return [one for one in original(self) if one["sql"] not in {"BEGIN", "COMMIT"}]

    return captured_queries


def _empty_all(self: Any) -> None:
    for name in self._databases_names(include_mirrors=False):
        _empty(connections[name])


def _empty(connection: Any) -> None:
    """As ``manage.py flush`` does, which takes much longer and makes the permissions again."""
    existing = connection.introspection.django_table_names(only_existing=True, include_views=False)
    names = sorted(set(existing) - _KEPT)
    quote = connection.ops.quote_name
    parts = [f"SELECT {at} WHERE EXISTS (SELECT 1 FROM {quote(n)})" for at, n in enumerate(names)]
    if not parts:
        return
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        filled = [names[at] for (at,) in cursor.fetchall()]
    if filled:
        # keys begin at 1 again, which many tests take for granted
        sql = connection.ops.sql_flush(no_style(), filled, reset_sequences=True, allow_cascade=True)
        connection.ops.execute_sql_flush(sql)
