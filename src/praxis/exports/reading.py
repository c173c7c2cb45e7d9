"""The bytes of an export, from whichever source it can have."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import tzinfo
from itertools import islice
from typing import Any

from django.core.exceptions import FieldError
from django.db import NotSupportedError, connections, transaction
from django.db.models import F, FloatField, QuerySet, TextField
from django.db.models.functions import Cast
from django.db.models.query import ValuesListIterable
from django.utils import timezone

from praxis.errors import ExportError
from praxis.exports.columns import Column, Columns, choose
from praxis.exports.copying import (
    CHUNK_BYTES,
    CannotCopyError,
    can_copy,
    copied,
    session,
    statement,
)
from praxis.exports.formats import Filled, Format
from praxis.exports.kinds import Kind, field_of, kind_of
from praxis.exports.stopping import Stop

#: How many rows are in memory at a time where they come through Python.
ROWS = 2000


@dataclass(frozen=True, slots=True)
class Export:
    """
    What is to be sent, decided where it was asked for: time zone and language are those of then.

    Attributes:
        queryset: Rows as tuples, in the order of the columns.
        columns: Of it.
        form: CSV or NDJSON.
        zone: In which aware datetimes are shown.
        timeout_s: Of a statement, on PostgreSQL; None for that of the connection.
        in_server: Whether PostgreSQL may write it; the bytes are the same.
    """

    queryset: "QuerySet[Any, tuple[Any, ...]]"
    columns: tuple[Filled, ...]
    form: Format
    zone: tzinfo
    timeout_s: float | None = None
    in_server: bool = True


def read(export: Export, stop: Stop) -> Iterator[bytes]:
    """
    Yield the export in parts of 64 KB or a little more.

    Nothing is asked before the first part. To close the iterator ends the query.
    """
    connection = connections[export.queryset.db]
    with timezone.override(export.zone):
        compiler, expressions = _compiled(export.queryset)
    columns = export.columns
    if opening := export.form.opening([each.column for each in columns]).encode():
        yield opening
    if export.in_server and can_copy(expressions, columns, connection):
        connection.ensure_connection()
        with timezone.override(export.zone):
            text = statement(compiler, expressions, columns, export.form)
        if text is None:
            return
        has_times = any(each.kind is Kind.DATETIME for each in columns)
        zone = export.zone if has_times and connection.timezone is not None else None
        try:
            yield from copied(connection, text, stop, zone=zone, timeout_s=export.timeout_s)
        except CannotCopyError:
            pass  # a time zone that PostgreSQL does not know; Python does
        else:
            return
    yield from fetched(export, columns, connection, stop)


def prepare(
    queryset: object,
    columns: Columns,
    labels: bool | Collection[str],
    form: Format,
    timeout_s: float | None,
) -> Export:
    """Decide what is to be sent, and refuse what cannot be. Nothing is asked."""
    selected, chosen = choose(queryset, columns, labels)
    # A router may decide by the request and by chance: it is asked here, and once.
    selected = selected.using(selected.db)
    _, expressions = _compiled(selected)
    if len(expressions) != len(chosen):
        raise ExportError("A primary key of several columns is exported by their names, not as pk.")
    filled = tuple(map(_filled, chosen, expressions))
    return Export(selected, filled, form, timezone.get_current_timezone(), timeout_s)


def _filled(column: Column, expression: Any) -> Filled:
    """What the query puts into a column, and the labels of its choices in the active language."""
    field = field_of(expression)
    choices = getattr(field, "flatchoices", None) if column.labelled else None
    labels = {value: str(label) for value, label in choices or ()}
    return Filled(column, kind_of(field), labels)


def fetched(
    export: Export, columns: Sequence[Filled], connection: Any, stop: Stop
) -> Iterator[bytes]:
    """Yield lines of rows that are fetched in parts, by a cursor of the server's if it has any."""
    is_postgres = connection.vendor == "postgresql"
    queryset = export.queryset
    if is_postgres:
        queryset, columns = _with_texts_of_server(queryset, columns)
    line = export.form.line_writer(columns, export.zone)
    with ExitStack() as around:
        if is_postgres:
            # A cursor lives as long as its transaction. So it needs none that is kept beyond, and
            # works behind a pooler, where Django would fetch everything at once.
            around.enter_context(transaction.atomic(using=connection.alias))
            around.enter_context(session(connection, zone=None, timeout_s=export.timeout_s))
        raw = connection.connection if hasattr(connection.connection, "cancel_safe") else None
        with _asking(export.zone, stop, raw):
            asked: Any = ValuesListIterable  # of which the types know too little
            rows: Iterator[Any] = iter(asked(queryset, chunked_fetch=True, chunk_size=ROWS))
        parts: list[str] = []
        size = 0
        while not stop.is_set:
            with _asking(export.zone, stop, raw):
                lines = [line(row) for row in islice(rows, ROWS // 4)]
            if not lines:
                break
            parts += lines
            size += sum(map(len, lines))
            if size >= CHUNK_BYTES:
                yield "".join(parts).encode()
                parts, size = [], 0
        if parts:
            yield "".join(parts).encode()


@contextmanager
def _asking(zone: tzinfo, stop: Stop, raw: Any) -> Iterator[None]:
    """Around what asks the database. Such as ``TruncDay`` wants to know the current time zone."""
    with timezone.override(zone), stop.cancels(raw) if raw else nullcontext():
        yield


def _compiled(queryset: "QuerySet[Any, Any]") -> tuple[Any, list[Any]]:
    """The compiler of the query, and what it selects."""
    compiler = queryset.query.get_compiler(using=queryset.db)
    compiler.pre_sql_setup()
    expressions = [selected[0] for selected in compiler.select[: compiler.col_count]]
    # as_sql() sets itself up once more, and must not find this done already
    return queryset.query.get_compiler(using=queryset.db), expressions


def _with_texts_of_server(
    queryset: "QuerySet[Any, Any]", columns: Sequence[Filled]
) -> "tuple[QuerySet[Any, Any], Sequence[Filled]]":
    """JSON and floats as the server writes them: to read and write them would change digits."""
    if not any(each.kind in _TEXTS for each in columns):
        return queryset, columns
    named = [
        _TEXTS[each.kind](each.column.name) if each.kind in _TEXTS else each.column.name
        for each in columns
    ]
    try:
        selected = queryset.values_list(*named)
    except (NotSupportedError, FieldError, NotImplementedError):
        return queryset, columns  # a union, which takes no expressions
    return selected, [
        replace(each, kind=Kind.JSON_TEXT) if each.kind is Kind.JSON else each for each in columns
    ]


_TEXTS: dict[Kind, Any] = {
    Kind.JSON: lambda name: Cast(F(name), TextField()),
    Kind.FLOAT: lambda name: Cast(Cast(F(name), FloatField()), TextField()),
}
