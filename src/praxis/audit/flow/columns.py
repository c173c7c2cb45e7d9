"""Columns that ``only()`` and ``defer()`` leave out of a query, and reads of them."""

from collections.abc import Sequence

from msgspec.structs import replace

from praxis.audit.facts.models.model_index import Model
from praxis.audit.flow.events import DeferredRead, Span
from praxis.audit.flow.frame import Frame
from praxis.audit.flow.values import Const, Instance, QuerySet, Value


def restricted(queryset: QuerySet, name: str, args: Sequence[Value], *, known: bool) -> QuerySet:
    """The queryset after ``only(*args)`` or ``defer(*args)``; *known* if nothing else is given."""
    written = [arg.value for arg in args if isinstance(arg, Const)]
    if name == "defer" and written == [None] and len(args) == 1:
        return replace(queryset, restricted=False, columns=None)
    fields = frozenset(str(field) for field in written)
    before = queryset.columns
    columns: tuple[bool, frozenset[str]] | None = None
    if known and fields and len(written) == len(args) and (before or not queryset.restricted):
        columns = _combined(before, name == "only", fields)
    return replace(queryset, restricted=True, columns=columns)


def _combined(
    before: tuple[bool, frozenset[str]] | None, only: bool, fields: frozenset[str]
) -> tuple[bool, frozenset[str]] | None:
    """As Django does it: the last `only` counts, less what was deferred before or is after it."""
    if before is None:
        return only, fields
    named, names = before
    if only:
        return True, (fields if named else fields - names)
    if not named:
        return False, names | fields
    return (True, names - fields) if names - fields else None


def note_column_read(frame: Frame, row: Instance, model: Model, name: str, span: Span) -> None:
    """``row.name``, which may be a column that the query has left out."""
    if row.row is None or row.prefix or row.row.queryset.columns is None:
        return
    if row.row.path != frame.path:
        return  # the loop stands in another file
    queryset = row.row.queryset
    field = name if name in model.columns else name.removesuffix("_id")
    column = model.columns.get(field)
    if column is None or column.primary_key or name == "id" or field == name in model.relations:
        return
    if queryset.opaque or not frame.repeats(row.row) or not _leaves_out(queryset, field):
        return
    loop = (row.row.start, row.row.end)
    for event in frame.events:
        if isinstance(event, DeferredRead) and (event.loop, event.column) == (loop, field):
            return  # it is there from here on
    frame.events.append(
        DeferredRead(
            frame.path,
            span,
            loop,
            row.model,
            field,
            queryset.columns is not None and queryset.columns[0],
            queryset.limit,
            tuple(
                (origin.start, origin.end)
                for origin in queryset.origins
                if origin.path == frame.path
            ),
        )
    )


def _leaves_out(queryset: QuerySet, field: str) -> bool:
    if queryset.columns is None:
        return False
    named, names = queryset.columns
    if named:
        return field not in {name.partition("__")[0].removesuffix("_id") for name in names} | {
            name.partition("__")[0] for name in names
        }
    return field in names or f"{field}_id" in names
