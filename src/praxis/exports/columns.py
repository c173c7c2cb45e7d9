"""Which columns an export has: their names are checked before anything is sent."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from django.core.exceptions import FieldDoesNotExist, FieldError
from django.db.models import Model, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.db.models.query import RawQuerySet

from praxis.errors import ExportError

#: What is asked for: names, or names with the headers to show.
Columns = Iterable[str] | Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Column:
    """
    One column.

    Attributes:
        name: Of a field, a lookup or an annotation.
        header: What stands above it, or is its key.
        labelled: Whether the labels of its choices are shown instead of the values.
    """

    name: str
    header: str
    labelled: bool = False


def choose(
    queryset: object, columns: Columns, labels: bool | Collection[str]
) -> "tuple[QuerySet[Any, tuple[Any, ...]], tuple[Column, ...]]":
    """
    Return the query for the columns, and the columns.

    Raises:
        ExportError: if it is no queryset, or a column is not there; it says what is.
    """
    if isinstance(queryset, RawQuerySet):
        raise ExportError(
            "raw() cannot be exported: what it selects is not known. Write it as a queryset, or "
            "make a view in the database with a model (managed = False) for it."
        )
    if not isinstance(queryset, QuerySet):
        raise ExportError(
            f"An export needs a queryset, not {type(queryset).__name__}: a list is in memory "
            "already, and csv.writer can write it."
        )
    if isinstance(columns, str):
        raise ExportError(f"columns must be a list of names, not a str. Write [{columns!r}].")
    headers = dict(columns) if isinstance(columns, Mapping) else {}
    names = _all_columns(queryset) if columns is None else list(columns)
    if not names:
        raise ExportError("columns is empty: an export has at least one.")
    told: list[Any] = [*names, *headers.values()]
    if not all(isinstance(each, str) for each in told):
        raise ExportError("Columns are named by str. An expression wants a name: annotate() it.")
    shown = _labelled(names, labels)
    found = tuple(Column(name, headers.get(name, name), name in shown) for name in names)
    _refuse_twins(found)
    return _selected(queryset, names), found


def _all_columns(queryset: "QuerySet[Any, Any]") -> list[str]:
    """The columns of ``values()``, else each of the table and each annotation."""
    query = queryset.query
    if getattr(queryset, "_fields", None) is not None and (
        query.values_select or query.annotation_select or query.extra_select
    ):
        chosen = getattr(query, "selected", None)  # in the order of values()
        return list(chosen or [*query.values_select, *query.annotation_select])
    fields = [field.attname for field in queryset.model._meta.concrete_fields]
    return [*fields, *query.annotation_select]


def _labelled(names: list[str], labels: bool | Collection[str]) -> frozenset[str]:
    if isinstance(labels, bool):
        return frozenset(names if labels else ())
    if unknown := set(labels) - set(names):
        name = min(unknown)
        raise ExportError(f"labels names {name!r}, which is no column. {_meant(name, names)}")
    return frozenset(labels)


def _refuse_twins(columns: tuple[Column, ...]) -> None:
    headers = [column.header for column in columns]
    for header in headers:
        if headers.count(header) > 1:
            raise ExportError(f"Two columns are called {header!r}.")


def _selected(queryset: "QuerySet[Any, Any]", names: list[str]) -> "QuerySet[Any, tuple[Any, ...]]":
    query = queryset.query
    is_fixed = bool(query.combinator) and names == _all_columns(queryset)
    if not is_fixed:
        for name in names:
            _check(queryset, name)
    try:
        if getattr(queryset, "_prefetch_related_lookups", ()):
            queryset = queryset.prefetch_related(None)  # there are no objects to fetch them for
        return queryset.values_list(*names)
    except (FieldError, NotImplementedError, TypeError) as error:
        raise ExportError(f"{queryset.model._meta.label}: {error}") from error


def _check(queryset: "QuerySet[Any, Any]", name: str) -> None:
    """Raise ExportError if the name leads nowhere, and say what was meant."""
    query = queryset.query
    if name in query.annotations or name in query.extra:
        return
    model, parts = queryset.model, name.split(LOOKUP_SEP)
    try:
        _, final, _, rest = query.names_to_path(parts, model._meta)
    except FieldError as error:
        raise ExportError(_unknown(queryset, parts)) from error
    if rest and not _has_transform(final, rest[0]):
        raise ExportError(_unknown(queryset, parts))


def _has_transform(field: Any, name: str) -> bool:
    """Whether the name can follow the field: a date's ``year``, any key of JSON."""
    if type(field).__name__ in {"JSONField", "ArrayField", "HStoreField"}:
        return True
    return field.get_transform(name) is not None


def _unknown(queryset: "QuerySet[Any, Any]", parts: list[str]) -> str:
    model: type[Model] = queryset.model
    for at, part in enumerate(parts):
        known = sorted({each.name for each in model._meta.get_fields()} | {"pk"})
        if at == 0:
            known = sorted({*known, *queryset.query.annotations})
        try:
            field = model._meta.get_field(part)
        except FieldDoesNotExist:
            if isinstance(getattr(model, part, None), property) or callable(
                getattr(model, part, None)
            ):
                return (
                    f"{model._meta.label}.{part} is Python, which the database cannot select. "
                    "annotate() the queryset with an expression for it."
                )
            return f"{model._meta.label} has no field {part!r}. {_meant(part, known)}"
        if not field.is_relation or field.related_model is None:
            rest = LOOKUP_SEP.join(parts[at + 1 :])
            return f"{model._meta.label}.{part} has no {rest!r}: it is no relation."
        model = field.related_model
    return f"{queryset.model._meta.label} has no {LOOKUP_SEP.join(parts)!r}."


def _meant(name: str, known: Iterable[str]) -> str:
    names = list(known)
    close = get_close_matches(name, names, n=1)
    meant = f"Did you mean {close[0]!r}? " if close else ""
    return f"{meant}Known here: {', '.join(map(repr, names))}."
