"""``depends_on()``: what a kept result depends on besides its queries."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.core.exceptions import EmptyResultSet, ValidationError
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, QuerySet

from praxis.cache.catalog import NotComparableError
from praxis.cache.hooks.collecting import collector
from praxis.cache.hooks.connections import CachedConnection, cached
from praxis.cache.plans.select import plan
from praxis.cache.protocol.dependencies import Dependency, Joined, Matching, Whole
from praxis.cache.statements import table_named


def depends_on(*things: Any, using: str = DEFAULT_DB_ALIAS) -> None:
    """
    Let what is being computed here depend on more than its queries; one trip for each.

    Args:
        things: Models, for any of their rows; instances, for their own; querysets, which are not
            run.
        using: The database of the models.

    Raises:
        TypeError: if one of them is something else.
    """
    found = collector()
    if found is None:
        return
    connection = cached(connections[using])
    if connection is None:
        found.forbid(f"nothing of the database {using!r} is cached")
        return
    vendor = connections[using].vendor
    for thing in things:
        for dependencies in _dependencies(thing, connection, vendor, using):
            found.depend(connection, dependencies)


def _dependencies(
    thing: Any, connection: CachedConnection, vendor: str, using: str
) -> Iterable[list[Dependency]]:
    if isinstance(thing, type) and issubclass(thing, Model):
        return [[Whole(table)] for _, table in _tables(thing, vendor)]
    if isinstance(thing, Model):
        return [
            [_row(thing, model, table, connection)] for model, table in _tables(type(thing), vendor)
        ]
    if isinstance(thing, QuerySet):
        try:
            sql, params = thing.using(using).query.get_compiler(using).as_sql()
        except EmptyResultSet:  # whatever is written
            return []
        found = plan(sql, vendor, connection.catalog).dependencies(params)
        return [[Whole(one.table) if isinstance(one, Joined) else one for one in found]]
    raise TypeError(f"need models, instances or querysets, not {type(thing).__name__}")


def _tables(model: type[Model], vendor: str) -> Iterator[tuple[type[Model], str]]:
    """The tables that a model's rows are in: its own and those of its parents, with the models."""
    for each in (model, *model._meta.get_parent_list()):  # noqa: SLF001 - public since ever
        if not each._meta.proxy:  # noqa: SLF001 - public since ever
            yield each, table_named(each._meta.db_table, vendor).name  # noqa: SLF001 - as above


def _row(
    instance: Model, model: type[Model], table: str, connection: CachedConnection
) -> Dependency:
    """The instance's row of a model's table; all rows, if its key cannot be told."""
    facts = connection.catalog.get(table)
    form = facts.columns.get(facts.key) if facts is not None else None
    key = model._meta.pk  # noqa: SLF001 - public since ever
    value = instance.__dict__.get(key.attname)  # as it is: the key of a parent may be deferred
    if facts is None or form is None or value is None:
        return Whole(table)
    try:
        # as a query would compare it: "7" for a number is 7
        return Matching(table, (facts.key,), ((form(key.get_prep_value(value)),),))
    except (NotComparableError, ValidationError, ValueError, TypeError, OverflowError):
        return Whole(table)
