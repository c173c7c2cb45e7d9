"""What the database says of a row, in words of the rows that were given."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, DataError, IntegrityError, ProgrammingError

from praxis.errors import BulkLoadError

#: Such as: COPY shop_order, line 3, column total: "abc"
_PLACE = re.compile(r"^COPY .*?, line (\d+)(?:, column (\w+))?", re.MULTILINE)
#: What is wrong with rows, and not with the server.
ROWS_ARE_WRONG = (DataError, IntegrityError, ProgrammingError)


@contextmanager
def failed_copy(
    connection: Any, fields: Sequence[Any], first: int, current: Callable[[], int]
) -> Iterator[None]:
    """
    Turn the errors of a COPY into BulkLoadError.

    Args:
        connection: Django's.
        fields: Of its columns.
        first: The number of its first row.
        current: Says the number of the row that is being written.
    """
    try:
        with connection.wrap_database_errors:
            yield
    except ROWS_ARE_WRONG as error:
        cause: Any = error.__cause__
        context = getattr(getattr(cause, "diag", None), "context", None) or ""
        place = _PLACE.search(context)
        if place is None and getattr(cause, "sqlstate", None) is None:
            raise _said(error, current(), "") from error  # psycopg's own: it was not sent
        row = first + int(place[1]) - 1 if place else None
        named = {field.column: field.name for field in fields}
        raise _said(error, row, named.get(place[2] or "", "") if place else "") from error


@contextmanager
def failed_rows(rows: Callable[[], str]) -> Iterator[None]:
    """Turn the errors of other statements into BulkLoadError, with the rows that it may be."""
    try:
        yield
    except ROWS_ARE_WRONG as error:
        raise BulkLoadError(f"{rows()}: {told(error)}") from error


def told(error: DatabaseError) -> str:
    """What the server says, with its detail, in one line."""
    diag = getattr(error.__cause__, "diag", None)
    if diag is None or not diag.message_primary:
        return " ".join(str(error).split())
    detail = f" ({diag.message_detail})" if diag.message_detail else ""
    return f"{diag.message_primary}{detail}"


def _said(error: DatabaseError, row: int | None, name: str) -> BulkLoadError:
    where = f"Row {row:,}: " if row is not None else ""
    column = f"{name}: " if name else ""
    return BulkLoadError(f"{where}{column}{told(error)}", row=row)
