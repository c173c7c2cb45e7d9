"""
Rows that PostgreSQL writes itself: ``COPY (query) TO STDOUT``.

Of `praxis.exports.values` and `praxis.exports.formats` each expression here is the twin; the tests
compare them byte by byte.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta, tzinfo
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import DataError, transaction

from praxis.exports.formats import CsvFormat, Filled, Format, JsonFormat
from praxis.exports.kinds import Kind, is_column, is_written_by_server
from praxis.exports.stopping import Stop
from praxis.exports.values import FORMULA_STARTS

#: What a web server passes on at once: Django's own ASGI handler cuts there.
CHUNK_BYTES = 64 * 1024
#: How many rows are taken before it is looked whether they are enough.
_ROWS_AT_ONCE = 200
#: A row comes as one message. CSV with marks that JSON escapes leaves the text as it is.
_AS_IT_IS = r"(FORMAT csv, DELIMITER E'\x02', QUOTE E'\x01', ESCAPE E'\x01', NULL E'\x03')"


class CannotCopyError(Exception):
    """The server cannot write this; nothing was read."""


def can_copy(expressions: Sequence[Any], columns: Sequence[Filled], connection: Any) -> bool:
    """Whether the server's text of each column is the one that Python would make."""
    return (
        connection.vendor == "postgresql"
        and connection.Database.__name__ == "psycopg"
        and all(is_written_by_server(each, connection) for each in expressions)
        and all(not each.labels or each.kind in {Kind.TEXT, Kind.INTEGER} for each in columns)
    )


def statement(
    compiler: Any, expressions: Sequence[Any], columns: Sequence[Filled], form: Format
) -> str | None:
    """
    Return the statement with its parameters in it: COPY takes none. None if no row can match.

    The outer SELECT adds nothing that could change the order of the inner one.
    """
    try:
        inner, inner_parameters = compiler.as_sql()
    except EmptyResultSet:
        return None
    parameters: list[Any] = []
    is_naive = compiler.connection.timezone is None
    names = [f"c{at}" for at in range(len(columns))]
    shown = [
        _Writing(name, is_column(expression), is_naive, each, form, parameters)
        for name, expression, each in zip(names, expressions, columns, strict=True)
    ]
    if isinstance(form, CsvFormat):
        selected = ", ".join(each.csv() for each in shown)
        parameters_after = [form.delimiter, form.null]
        options = "(FORMAT csv, DELIMITER %s, NULL %s)"
    else:
        selected = _objects(shown, form, parameters)
        parameters_after, options = [], _AS_IT_IS
    sql = (
        f"COPY (SELECT {selected} FROM ({inner}) AS praxis_rows ({', '.join(names)})) "  # noqa: S608
        f"TO STDOUT WITH {options}"
    )
    everything = (*parameters, *inner_parameters, *parameters_after)
    text: str = compiler.connection.ops.compose_sql(sql, everything)
    return text


def copied(
    connection: Any, text: str, stop: Stop, *, zone: tzinfo | None, timeout_s: float | None
) -> Iterator[bytes]:
    """
    Yield what the server writes, in parts of 64 KB.

    In a transaction of its own, or a savepoint of the one that is open: so it works behind a pooler
    that gives out connections by the transaction, too. To close the iterator cancels the query.

    Raises:
        CannotCopyError: if the server does not know the time zone; nothing was read.
    """
    with (
        transaction.atomic(using=connection.alias),
        session(connection, zone=zone, timeout_s=timeout_s),
        connection.cursor() as cursor,
        stop.cancels(connection.connection),
        connection.wrap_database_errors,
        cursor.copy(text) as copy,
    ):
        for part in _joined(_messages(copy, connection.connection.pgconn)):
            if stop.is_set:
                return
            yield part


def _messages(copy: Any, pgconn: Any) -> Iterator[list[Any]]:
    """
    Yield the rows as the server sends them, as many at once as are there.

    psycopg waits for each of them, which costs more than all the rest. So it waits for the first,
    and what has come with it is taken from libpq.
    """
    from psycopg import errors

    while data := copy.read():
        rows = [data]
        size, data = pgconn.get_copy_data(1)
        while size > 0:
            rows.append(data)
            size, data = pgconn.get_copy_data(1) if len(rows) < _ROWS_AT_ONCE else (0, None)
        yield rows
        if size == -1:  # all were sent; whether that is well the result says
            while (result := pgconn.get_result()) is not None:
                if result.error_message:
                    raise errors.error_from_result(result)
            return


def _joined(messages: Iterator[list[Any]]) -> Iterator[bytes]:
    """Put them together to what a web server sends at once."""
    parts: list[Any] = []
    size = 0
    for rows in messages:
        parts += rows
        size += sum(map(len, rows))
        if size >= CHUNK_BYTES:
            yield b"".join(parts)
            parts, size = [], 0
    if parts:
        yield b"".join(parts)


@contextmanager
def session(connection: Any, *, zone: tzinfo | None, timeout_s: float | None) -> Iterator[None]:
    """Within a transaction: how the server writes times and floats, and how long it may take."""
    wanted = {"extra_float_digits": "1", "DateStyle": "ISO"}
    if zone is not None:
        wanted["TimeZone"] = _name_of(zone)
    if timeout_s is not None:
        wanted["statement_timeout"] = f"{max(1, round(timeout_s * 1000))}ms"
    names = list(wanted)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(['current_setting(%s)'] * len(names))}",
            names,
        )
        before = dict(zip(names, cursor.fetchone(), strict=True))
        try:
            _set(cursor, wanted)
        except DataError as error:
            raise CannotCopyError(str(error)) from error
    yield
    # The end of the block may be that of a savepoint, which keeps what was set; an error takes it
    # back with all the rest.
    with connection.cursor() as cursor:
        _set(cursor, before)


def _set(cursor: Any, values: dict[str, str]) -> None:
    pairs = [part for pair in values.items() for part in pair]
    calls = ", ".join(["set_config(%s, %s, true)"] * len(values))
    cursor.execute(f"SELECT {calls}", pairs)


def _name_of(zone: tzinfo) -> str:
    """What PostgreSQL calls a time zone."""
    if key := getattr(zone, "key", None) or getattr(zone, "zone", None):
        return str(key)
    offset = zone.utcoffset(None)
    if offset is None:
        if str(zone) != "UTC":
            raise CannotCopyError(f"{zone!r} has no name that PostgreSQL could know.")
        offset = timedelta()
    if offset % timedelta(minutes=1):
        raise CannotCopyError(f"{zone!r} is no whole number of minutes.")
    minutes = offset // timedelta(minutes=1)
    # of POSIX, where the west is positive
    return f"UTC{'-' if minutes >= 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


class _Writing:
    """One column as an expression of text."""

    def __init__(
        self,
        name: str,
        is_own: bool,
        is_naive: bool,
        filled: Filled,
        form: Format,
        parameters: list[Any],
    ) -> None:
        if is_naive and filled.kind is Kind.DATETIME:
            name = f"{name}::timestamp"  # without USE_TZ they are shown without an offset
        self._name, self._is_own, self._filled = name, is_own, filled
        self._form, self._parameters = form, parameters

    def csv(self) -> str:
        assert isinstance(self._form, CsvFormat)  # noqa: S101 - for the types
        if not self._filled.labels and self._filled.kind is not Kind.TEXT:
            return self._text()
        return _guarded(self._labelled) if self._form.escape_formulas else self._labelled()

    def json(self) -> str:
        kind, name = self._filled.kind, self._name
        if self._filled.labels:
            return f"to_json({self._labelled()})::text"
        match kind:
            case Kind.INTEGER | Kind.BOOLEAN | Kind.JSON | Kind.ARRAY:
                return f"({self._text()})::text"
            case Kind.FLOAT:
                return f"to_json({name}::float8)::text"
            case Kind.DATE | Kind.DATETIME | Kind.ADDRESS | Kind.UUID:
                return f"to_json({name})::text"
        return f"to_json(({self._text()})::text)::text"

    def _text(self) -> str:
        """What COPY writes as Python does."""
        name = self._name
        match self._filled.kind:
            case Kind.INTEGER if not self._is_own:
                return f"trunc({name}::numeric)"  # as int() does; a sum may be long
            case Kind.FLOAT:
                return f"{name}::float8"
            case Kind.DATETIME:
                return f"btrim(to_json({name})::text, '\"')"  # ISO 8601, with its T
            case Kind.BINARY:
                return f"translate(encode({name}, 'base64'), E'\\n', '')"
            case Kind.ARRAY:
                return f"to_json({name})::text"
            case Kind.BOOLEAN | Kind.TEXT | Kind.JSON | Kind.TIME:
                return f"{name}::text"
        return name

    def _labelled(self) -> str:
        if not self._filled.labels:
            return self._text()
        cases = []
        for value, label in self._filled.labels.items():
            if value is None:
                cases.append(f"WHEN {self._name} IS NULL THEN %s")
                self._parameters.append(label)
            else:
                cases.append(f"WHEN {self._name} = %s THEN %s")
                self._parameters += [value, label]
        return f"CASE {' '.join(cases)} ELSE ({self._text()})::text END"


def _guarded(text: Any) -> str:
    """A text with an apostrophe before what would be a formula."""
    starts = ", ".join(str(ord(each)) for each in FORMULA_STARTS)
    shown = [text() for _ in range(3)]  # each with its parameters
    return f"CASE WHEN ascii({shown[0]}) IN ({starts}) THEN '''' || {shown[1]} ELSE {shown[2]} END"


def _objects(shown: Sequence[_Writing], form: JsonFormat, parameters: list[Any]) -> str:
    """A row as an object of JSON."""
    keys = form.keys([each._filled.column for each in shown])
    parts = []
    for key, each in zip(keys, shown, strict=True):
        parameters.append(key)
        parts.append(f"%s || coalesce({each.json()}, 'null')")
    return " || ".join([*parts, "'}'"])
