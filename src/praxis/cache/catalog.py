"""What the project's models say of tables: columns that can be compared, and foreign keys."""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

from django.apps import apps
from django.core.signals import setting_changed
from django.db import models
from django.db.models import Field, Model
from django.db.models.fields.related import ForeignKey

from praxis.cache.statements import table_named


class NotComparableError(Exception):
    """A value of which it is not known what the column would take it for."""


@dataclass(frozen=True, slots=True)
class Reference:
    """
    What a foreign key leads to: *column* is the target's key, and the row is there for sure.

    *optional* where the foreign key may be NULL, and nothing is there.
    """

    table: str
    column: str
    optional: bool


@dataclass(frozen=True, slots=True)
class TableFacts:
    """
    One table.

    Attributes:
        key: The column of its primary key.
        columns: How values of a column are brought to one form, for the columns where equal
            forms and equal values are the same thing to the database.
        references: The foreign keys that the database enforces, by column.
    """

    key: str
    columns: Mapping[str, Callable[[object], object]] = field(default_factory=dict)
    references: Mapping[str, Reference] = field(default_factory=dict)

    def form(self, column: str, value: object) -> object:
        """
        A value in the form that those of *column* are compared in; NULL has none.

        Raises:
            NotComparableError: if it is not known what the column would take it for.
            KeyError: if the column cannot be compared.
        """
        return None if value is None else self.columns[column](value)


def _whole(value: object) -> object:
    if isinstance(value, int):  # also an adapter's own, and those of enumerations
        return int(value)
    raise NotComparableError


def _uuid(value: object) -> object:
    if isinstance(value, uuid.UUID):
        return value.hex
    if type(value) is str:
        try:
            return uuid.UUID(value).hex
        except ValueError:
            pass
    raise NotComparableError


def _text(value: object) -> object:
    if isinstance(value, str):
        return str.__str__(value)
    raise NotComparableError


def _date(value: object) -> object:
    if type(value) is dt.date:
        return value.isoformat()
    raise NotComparableError


def truth(value: object) -> object:
    """The form of a column that is true or false."""
    return _whole(value)


_WHOLE = (models.IntegerField, models.AutoField)
_TEXT = (models.CharField, models.TextField)


def _form(of: "Field[object, object]", vendor: str) -> Callable[[object], object] | None:
    """How the field's values are compared; None where equality is the database's own affair."""
    while isinstance(of, ForeignKey):
        of = of.target_field
    if not _is_plain(of):
        return None  # a field of the project's own, which may write what it likes
    if isinstance(of, _WHOLE):
        return _whole
    if isinstance(of, models.BooleanField):
        return truth
    if isinstance(of, models.UUIDField):
        return _uuid
    if isinstance(of, models.DateField) and not isinstance(of, models.DateTimeField):
        return _date
    if isinstance(of, _TEXT) and vendor != "mysql" and not getattr(of, "db_collation", None):
        return _text  # MySQL compares without case unless told otherwise
    return None


#: What a field may change about the values of its column, or about the column.
_SAYS = ("db_type", "get_prep_value", "get_db_prep_value", "get_db_prep_save")


def _is_plain(of: "Field[object, object]") -> bool:
    """Whether the column and its values are what the nearest class of Django makes of them."""
    kind = type(of)
    # a mixin is no field: that of ArrayField is from there, too, and says nothing of columns
    own = next(
        base
        for base in kind.__mro__
        if issubclass(base, Field) and base.__module__.startswith("django.db.models.")
    )
    return all(getattr(kind, name) is getattr(own, name) for name in _SAYS)


class Catalog(dict[str, TableFacts]):
    """The tables, told apart by identity: a plan is remembered with the catalog it went by."""

    __hash__ = object.__hash__  # type: ignore[assignment]  # a dict has none

    def __eq__(self, other: object) -> bool:
        return self is other


@cache
def catalog(vendor: str) -> Catalog:
    """The tables of all models, by the names that plans give them."""
    found = Catalog()
    for model in apps.get_models(include_auto_created=True):
        name = table_named(model._meta.db_table, vendor).name  # noqa: SLF001 - public since ever
        facts = _facts(model, vendor)
        # two models of one table, as managed=False ones: what both say of it holds
        found[name] = facts if name not in found else _common(found[name], facts)
    return found


def _facts(model: type[Model], vendor: str) -> TableFacts:
    columns: dict[str, Callable[[object], object]] = {}
    references: dict[str, Reference] = {}
    for one in model._meta.local_concrete_fields:  # noqa: SLF001 - public since ever
        form, column = _form(one, vendor), one.column or ""
        if form is not None and column.isidentifier():
            columns[column] = form
        target = one.target_field if isinstance(one, ForeignKey) else None
        if target is not None and target.primary_key and getattr(one, "db_constraint", False):
            table = table_named(target.model._meta.db_table, vendor).name  # noqa: SLF001
            references[column] = Reference(table, target.column or "", one.null)
    # a key of several columns is none of them
    key = getattr(model._meta.pk, "column", None)  # noqa: SLF001 - public since ever
    return TableFacts(key or "", columns, references)


def _common(one: TableFacts, other: TableFacts) -> TableFacts:
    columns = {
        name: form for name, form in one.columns.items() if other.columns.get(name, form) is form
    }
    references = {
        name: to for name, to in one.references.items() if other.references.get(name, to) == to
    }
    return TableFacts(one.key if one.key == other.key else "", columns, references)


def _forget(*, setting: str, **_: object) -> None:
    if setting == "INSTALLED_APPS":
        catalog.cache_clear()


setting_changed.connect(_forget, dispatch_uid="praxis.cache.catalog")
