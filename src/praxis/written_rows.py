"""
Which rows Django's ORM has just written: asked of the compilers that every write passes.

Saves, deletes with what they cascade to, ``bulk_create``, ``bulk_update``, ``QuerySet.update`` and
the rows between many-to-many fields all end in three compilers. Most of their statements name the
rows by primary key, or are answered with it. Of the others the database is asked in the same
statement, by ``RETURNING``, where it can (PostgreSQL and SQLite); else it is only known that some
rows were written.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, Literal, Protocol

from django.db.models import Model
from django.db.models.expressions import Col
from django.db.models.lookups import Exact, In
from django.db.models.sql.compiler import SQLDeleteCompiler, SQLInsertCompiler, SQLUpdateCompiler
from django.db.models.sql.constants import ROW_COUNT
from django.db.models.sql.where import AND

Kind = Literal["created", "updated", "deleted"]
CREATED: Final = "created"
UPDATED: Final = "updated"
DELETED: Final = "deleted"
#: Of one statement so many rows are told apart at most.
MAX_ROWS = 10_000
#: Vendors whose UPDATE and DELETE can answer with columns, if their INSERT can.
_RETURNING = frozenset({"postgresql", "sqlite"})


class Heard(Protocol):
    """Who is told of writes."""

    def wants(self, model: type[Model], names: frozenset[str] | None) -> bool:
        """Whether a write of this model is worth asking for its rows; None for any fields."""

    def note(
        self,
        connection: Any,
        model: type[Model],
        kind: Kind,
        pks: Sequence[Any] | None,
        names: frozenset[str] | None,
    ) -> None:
        """Take note of rows that were written; None for some that are not known."""


def install(heard: Heard) -> None:
    """Have *heard* told of every write, from now on; once a process."""
    if hasattr(SQLInsertCompiler.execute_sql, "praxis_original"):
        return
    insert: Any = SQLInsertCompiler
    insert.execute_sql = _inserting(insert.execute_sql, heard)
    update: Any = SQLUpdateCompiler
    update.execute_sql = _updating(update.execute_sql, heard)
    if hasattr(update, "execute_returning_sql"):  # Django 6.0 and newer
        update.execute_returning_sql = _updating(update.execute_returning_sql, heard, counts=True)
    delete: Any = SQLDeleteCompiler
    delete.execute_sql = _deleting(delete.execute_sql, heard)


def _inserting(original: Callable[..., Any], heard: Heard) -> Callable[..., Any]:
    def execute_sql(self: Any, returning_fields: Any = None) -> Any:
        rows = original(self, returning_fields)
        model = self.query.model._meta.concrete_model  # noqa: SLF001 - Django's public Meta API
        if heard.wants(model, None):
            kind: Kind = UPDATED if self.query.update_fields else CREATED
            pks = _inserted(self.query, model, returning_fields, rows)
            heard.note(self.connection, model, kind, pks, None)
        return rows

    execute_sql.praxis_original = original  # type: ignore[attr-defined]  # how `install` knows
    return execute_sql


def _updating(
    original: Callable[..., Any], heard: Heard, *, counts: bool = False
) -> Callable[..., Any]:
    """Hear of updates; *counts* if they answer with something for each row, whatever is asked."""

    def execute_sql(self: Any, result_type: Any) -> Any:
        model = self.query.model._meta.concrete_model  # noqa: SLF001 - Django's public Meta API
        # what answers with rows may hand over to what counts them
        if not heard.wants(model, None) or hasattr(self, "praxis_heard"):
            return original(self, result_type)
        fields = [field for field, *_ in self.query.values]
        names = frozenset(name for field in fields for name in (field.name, field.attname))
        if not fields or not heard.wants(model, names):
            return original(self, result_type)
        self.praxis_heard = True
        if any(field in _key_fields(model) for field in fields):
            pks, result = None, original(self, result_type)
        else:
            pks, result = _rows_of(self, model, lambda: original(self, result_type))
        if result or not (counts or result_type == ROW_COUNT):
            heard.note(self.connection, model, UPDATED, pks, names)
        return result

    return execute_sql


def _deleting(original: Callable[..., Any], heard: Heard) -> Callable[..., Any]:
    def execute_sql(self: Any, result_type: Any = None, *args: Any, **options: Any) -> Any:
        def run() -> Any:
            return original(self, result_type, *args, **options)

        model = self.query.model._meta.concrete_model  # noqa: SLF001 - Django's public Meta API
        if not heard.wants(model, None):
            return run()
        pks, result = _rows_of(self, model, run)
        if result or result_type != ROW_COUNT:
            heard.note(self.connection, model, DELETED, pks, None)
        return result

    return execute_sql


def _inserted(query: Any, model: type[Model], returning: Any, rows: Any) -> list[Any] | None:
    """The primary keys of inserted objects; None if one is known neither here nor there."""
    key = model._meta.pk  # noqa: SLF001 - Django's public Meta API
    fields = list(returning or ())
    place = fields.index(key) if key in fields else None
    returned = list(rows or ())
    # an object that met a row by something else has not the row's key
    found_by = {getattr(field, "name", field) for field in query.unique_fields}
    trusts = not query.update_fields or found_by == {key.name}
    pks = []
    for index, each in enumerate(query.objs):
        pk = getattr(each, key.attname)
        if place is not None and index < len(returned):
            pk = returned[index][place]
        elif not trusts:
            return None
        if pk is None or hasattr(pk, "resolve_expression") or (type(pk) is tuple and None in pk):
            return None
        pks.append(pk)
    return pks


def _key_fields(model: type[Model]) -> list[Any]:
    """The fields of the primary key: one, or the parts of a composite one."""
    meta: Any = model._meta  # noqa: SLF001 - Django's public Meta API
    return list(getattr(meta, "pk_fields", [meta.pk]))


def _rows_of(
    compiler: Any, model: type[Model], run: Callable[[], Any]
) -> tuple[Sequence[Any] | None, Any]:
    """Run a statement; return which rows it may have written, and what it answers."""
    query = compiler.query
    named = _named(query.where, model, query)
    if named is not None:
        return named, run()
    connection = compiler.connection
    can = (
        connection.vendor in _RETURNING
        and connection.features.can_return_columns_from_insert
        and query.where.children  # without a condition it is the whole table
        and not getattr(compiler, "returning_fields", None)  # it is asked for others already
    )
    if not can:
        return None, run()
    asked = _Asked(compiler, model)
    with asked.asking():
        result = run()
    return asked.pks, result


def _named(where: Any, model: type[Model], query: Any) -> list[Any] | None:
    """The primary keys to which a condition confines a statement; None if it names none."""
    if where.connector != AND or where.negated:
        return None
    key = model._meta.pk  # noqa: SLF001 - Django's public Meta API
    for child in where.children:
        if hasattr(child, "children"):
            found = _named(child, model, query)
            if found is not None:
                return found
            continue
        lhs = getattr(child, "lhs", None)
        if not isinstance(lhs, Col) or lhs.target != key or lhs.alias != query.base_table:
            continue
        given: list[Any] | None = None
        if isinstance(child, Exact) and child.bilateral_transforms == []:
            given = [child.rhs]
        elif isinstance(child, In) and not hasattr(child.rhs, "resolve_expression"):
            given = list(child.rhs) if isinstance(child.rhs, list | tuple | set | dict) else None
        if given is not None and not any(hasattr(one, "resolve_expression") for one in given):
            return given
    return None


class _Asked:
    """One statement that is asked for the primary keys of its rows."""

    def __init__(self, compiler: Any, model: type[Model]) -> None:
        self._compiler = compiler
        meta: Any = model._meta  # noqa: SLF001 - Django's public Meta API
        self._fields = _key_fields(model)
        quote = compiler.connection.ops.quote_name
        table = quote(meta.db_table)
        columns = ", ".join(f"{table}.{quote(field.column)}" for field in self._fields)
        self._suffix = f" RETURNING {columns}"
        self._table = meta.db_table
        self.pks: list[Any] | None = []

    def asking(self) -> Any:
        """Add the question to the statement, and take the answer from its cursor."""
        plain = self._compiler.as_sql

        def as_sql(*args: Any, **options: Any) -> Any:
            sql, params = plain(*args, **options)
            return (sql + self._suffix if sql else sql), params

        self._compiler.as_sql = as_sql
        return self._compiler.connection.execute_wrapper(self._execute)

    def _execute(
        self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any
    ) -> Any:
        result = execute(sql, params, many, context)
        if isinstance(sql, str) and sql.endswith(self._suffix):
            self.pks = self._read(context["cursor"])
        return result

    def _read(self, cursor: Any) -> list[Any] | None:
        """All rows are taken from the cursor: SQLite counts what it wrote only when they are."""
        rows: list[Any] = []
        count = 0
        while some := cursor.fetchmany(MAX_ROWS):
            count += len(some)
            if count <= MAX_ROWS:
                rows += some
        if count > MAX_ROWS:
            return None
        return list(self._converted(rows))

    def _converted(self, rows: list[Any]) -> Iterator[Any]:
        columns = [field.get_col(self._table) for field in self._fields]
        converters = self._compiler.get_converters(columns)
        found = self._compiler.apply_converters(rows, converters) if converters else rows
        for row in found:
            yield row[0] if len(columns) == 1 else tuple(row)
