"""The model that rows are loaded into, and which of its fields they may fill."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any

from django.db.models import AutoField, Model, UniqueConstraint

from praxis.errors import BulkLoadError


class Target:
    """
    A model that has one table.

    Attributes:
        model: The model.
        fields: Those that can be written.
        pk: Its primary key.

    Raises:
        BulkLoadError: if it is none, or has several tables.
    """

    def __init__(self, model: Any) -> None:
        if not isinstance(model, type) or not issubclass(model, Model):
            raise BulkLoadError(f"Rows are loaded into a model, not {model!r}.")
        self.model: Any = model
        options: Any = model._meta
        if options.abstract:
            raise BulkLoadError(f"{model.__name__} is abstract: it has no table.")
        parents = [
            parent._meta.label
            for parent in options.all_parents
            if parent._meta.concrete_model is not options.concrete_model
        ]
        if parents:
            raise BulkLoadError(
                f"{options.label} has rows in several tables. Load {parents[0]} first, with "
                "returning=True, and save the rest with its keys."
            )
        self.label: str = options.label
        self.table: str = options.db_table
        self.fields = [field for field in options.concrete_fields if not field.generated]
        self.pk = options.pk
        self._by_name = {
            name: field for field in self.fields for name in (field.name, field.attname)
        }
        self._by_name["pk"] = self.pk

    @property
    def has_automatic_pk(self) -> bool:
        """Whether the database numbers the rows."""
        return isinstance(self.pk, AutoField)

    def rows(self, connection: Any) -> Any:
        """All rows, whatever the model's own managers leave out."""
        return self.model._base_manager.using(connection.alias)

    def field(self, name: object, *, what: str = "", row: int | None = None) -> Any:
        """
        Return the field of that name.

        Raises:
            BulkLoadError: if there is none, and what was meant.
        """
        if name in self._by_name:
            return self._by_name[name]
        start = f"Row {row:,}: " if row else what and f"{what}: "
        generated = [f.name for f in self.model._meta.concrete_fields if f.generated]
        if name in generated:
            raise BulkLoadError(
                f"{start}{self.label}.{name} is generated: the database computes it.", row=row
            )
        known = sorted({field.name for field in self.fields})
        close = get_close_matches(str(name), known, n=1)
        meant = f" Did you mean {close[0]!r}?" if close else ""
        raise BulkLoadError(
            f"{start}{self.label} has no field {name!r} that can be loaded.{meant} "
            f"Known here: {', '.join(map(repr, known))}.",
            row=row,
        )

    def chosen(self, names: Iterable[object], *, what: str) -> list[Any]:
        """Return the fields of names that are told apart."""
        if isinstance(names, str):
            raise BulkLoadError(f"{what} must be a list of names. Write [{names!r}].")
        found = [self.field(name, what=what) for name in names]
        for field in found:
            if found.count(field) > 1:
                raise BulkLoadError(f"{what} names {field.name!r} twice.")
        if not found:
            raise BulkLoadError(f"{what} is empty.")
        return found

    def check_unique(self, fields: Sequence[Any]) -> None:
        """Raise BulkLoadError if no constraint says that these fields tell rows apart."""
        wanted = frozenset(field.name for field in fields)
        known = list(self._unique_sets())
        if wanted in known:
            return
        sets = "; ".join(", ".join(sorted(each)) for each in known)
        raise BulkLoadError(
            f"match: no constraint of {self.label} makes {', '.join(sorted(wanted))} unique. "
            f"These are: {sets}."
        )

    def _unique_sets(self) -> Iterable[frozenset[str]]:
        for field in self.fields:
            if field.unique:
                yield frozenset({field.name})
        options = self.model._meta
        yield from (frozenset(names) for names in options.unique_together)
        for constraint in options.constraints:
            if isinstance(constraint, UniqueConstraint) and constraint.fields:
                is_total = constraint.condition is None and not constraint.deferrable
                if is_total:
                    yield frozenset(constraint.fields)
