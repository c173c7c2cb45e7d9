"""Say whether a query is cached, what ends its results, or why it is not and what to do."""

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import QuerySet
from django.db.models.manager import BaseManager
from django.db.models.query import RawQuerySet

from praxis.cache.commands.databases import demand_alias
from praxis.cache.commands.expressions import evaluated, failing_as
from praxis.cache.explainer import explain, explain_event, explain_sql
from praxis.cache.explanation import Explanation
from praxis.errors import QueryError


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "expression",
        nargs="?",
        metavar="QUERY",
        help='such as "Book.objects.filter(author=3)"; models by their names or as shop.Book',
    )
    parser.add_argument("--sql", metavar="TEXT", help="a text as for raw(), instead of QUERY")
    parser.add_argument("--database", metavar="ALIAS", default=None, help="that is asked")


def run(options: Mapping[str, Any], write: Callable[[str], object]) -> None:
    expression, sql, alias = options["expression"], options["sql"], options["database"]
    if (expression is None) is (sql is None):
        raise QueryError('Give a query, as "Book.objects.all()", or a text by --sql.')
    if alias is not None:
        demand_alias(alias)
    if sql is not None:
        write(str(explain_sql(sql, None, using=alias or DEFAULT_DB_ALIAS)))
        return
    for number, one in enumerate(_explained(expression, alias)):
        write(f"\n{one}" if number else str(one))


def _explained(expression: str, alias: str | None) -> list[Explanation]:
    found, events = evaluated(expression)
    if isinstance(found, BaseManager):
        found = found.all()
    if isinstance(found, QuerySet | RawQuerySet):
        with failing_as(expression):  # it may be wrong in ways that compiling alone finds
            return [explain(found if alias is None else found.using(alias))]
    if not events:
        raise QueryError(
            f"{expression} is {type(found).__name__}, and asks no query that the cache sees. "
            "Give it a queryset."
        )
    return [explain_event(event) for event in events]
