"""Rows into PostgreSQL: by COPY, through a temporary table where rows may be there already."""

from collections.abc import Iterator, Sequence
from typing import Any

from praxis.databases.bulk.copying import copy_in
from praxis.databases.bulk.rows import Rows, Valued
from praxis.databases.bulk.sequences import new_numbers, pass_loaded, sequence_of
from praxis.databases.bulk.staging import Staging, staged
from praxis.databases.bulk.target import Target
from praxis.databases.bulk.telling import tell
from praxis.databases.bulk.wishes import Wish
from praxis.errors import BulkLoadError
from praxis.written_rows import CREATED, UPDATED, Kind


def stream(rows: Rows, wish: Wish, connection: Any) -> Iterator[Valued]:
    """Return the rows as `load` takes them."""
    return rows.validated(connection) if wish.validate else rows.valued(connection)


def load(
    rows: Rows, part: Iterator[Valued], wish: Wish, connection: Any, *, before: int
) -> tuple[int, list[Any]]:
    """Load a part of the rows; return how many were written, and their primary keys if wanted."""
    target, pks = rows.target, list[Any]()
    if wish.on_conflict is None:
        if wish.returning:
            part = _with_keys(target, part, connection, pks)
        count = copy_in(connection, target.table, part, before=before, progress=wish.progress)
    else:
        with staged(
            target, connection, rows, part, before=before, progress=wish.progress
        ) as staging:
            if staging is None:
                return 0, pks
            count = _take_over(staging, rows, wish)
            if wish.returning:
                pks = _keys(staging, wish.match)
    if rows.has_pks:
        pass_loaded(target, connection)
    if count:
        kind: Kind = UPDATED if wish.on_conflict == "update" else CREATED
        tell(target.model, kind, using=connection.alias)
    return count, pks


def _take_over(staging: Staging, rows: Rows, wish: Wish) -> int:
    match = f" ({staging.names(wish.match)})" if wish.match else ""
    if wish.on_conflict == "ignore":
        action = "DO NOTHING"
    else:
        staging.refuse_twins(wish.match)
        fields = wish.updated(rows.named, staging.fields)
        pairs = (staging.quote(field.column) for field in fields)
        action = "DO UPDATE SET " + ", ".join(f"{name} = EXCLUDED.{name}" for name in pairs)
    names = staging.names(staging.fields)
    return staging.run(
        f"INSERT INTO {staging.quote(staging.target.table)} ({names}) "  # noqa: S608
        f"SELECT {names} FROM {staging.table} ORDER BY praxis_row "
        f"ON CONFLICT{match} {action}"
    )


def _keys(staging: Staging, match: Sequence[Any]) -> list[Any]:
    """The primary keys of the rows, whether they were there before or not."""
    table = staging.quote(staging.target.table)
    with staging.connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {table}.{staging.quote(staging.target.pk.column)} "  # noqa: S608
            f"FROM {staging.table} AS staged JOIN {table} ON {staging.same(match)} "
            "ORDER BY staged.praxis_row"
        )
        return [key for (key,) in cursor.fetchall()]


def _with_keys(
    target: Target, part: Iterator[Valued], connection: Any, pks: list[Any]
) -> Iterator[Valued]:
    """Give each row its number before it is sent: COPY tells none."""
    sequence = sequence_of(target, connection)
    numbers = new_numbers(sequence, connection) if sequence else None
    ahead: list[int] = []
    numbered: dict[int, tuple[Any, list[Any]]] = {}
    for fields, values in part:
        if target.pk in fields:
            pks.append(target.pk.to_python(values[list(fields).index(target.pk)]))
            yield fields, values
            continue
        if numbers is None:
            raise BulkLoadError(
                f"returning: the database makes the keys of {target.label}, without a sequence."
            )
        known = numbered.get(id(fields))
        if known is None:  # with the list itself, so that its id stays its own
            known = numbered[id(fields)] = (fields, [*fields, target.pk])
        key = ahead.pop() if ahead else next(numbers)
        pks.append(key)
        yield known[1], [*values, key]
