"""What the queries of request paths ask each table for, and which of it an index serves."""

from collections.abc import Iterator
from dataclasses import dataclass

from msgspec import structs

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.facts.models.indexes import ModelTable, Tables
from praxis.audit.facts.models.model_index import JOINABLE, ModelIndex
from praxis.audit.facts.sources import Role, fills_database
from praxis.audit.flow.events import RowsLookedUp
from praxis.audit.project import Project

#: Columns of these hold few different values: an index over one finds too many rows.
_FEW_VALUES = frozenset({"BooleanField", "NullBooleanField"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a lookup leads to, in the table of the query itself or a joined one."""

    table: ModelTable
    name: str

    @property
    def kind(self) -> str:
        return self.table.kind(self.name)

    @property
    def has_few_values(self) -> bool:
        found = self.table.fields.get(self.name)
        if found is None:
            return False  # the primary key
        return self.kind in _FEW_VALUES or "choices" in found[1].options

    @property
    def leads_an_index(self) -> bool:
        """Whether an index begins with the column."""
        return self.name in {"pk", self.table.model.primary_key} or any(
            index.names[0] == self.name for index in self.table.indexes()
        )


class Asked:
    """The lookups of the whole project; rules add what they hear, each query once."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._index, self._tables = project.derive(ModelIndex), project.derive(Tables)
        self._queries: dict[Key, dict[tuple[str, int], list[RowsLookedUp]]] = {}
        self._last: RowsLookedUp | None = None
        self._serving: dict[str, bool] = {}
        self._names: dict[Key, tuple[tuple[str, ...], ...]] = {}

    def add(self, event: RowsLookedUp) -> None:
        """Remember a query of code that serves requests."""
        if event is self._last:  # another rule has heard it as well
            return
        self._last = event
        if not self._serves_requests(event.path):
            return
        equal = tuple([self._plain(event.model, name) for name in event.equal])
        ranged = tuple([self._plain(event.model, name) for name in event.ranged])
        if equal != event.equal or ranged != event.ranged:
            event = structs.replace(event, equal=equal, ranged=ranged)
        place = event.path, event.span[0]
        known = self._queries.setdefault(event.model, {}).setdefault(place, [])
        if event not in known:
            known.append(event)

    def _serves_requests(self, path: str) -> bool:
        if path not in self._serving:
            served = self._project.role(path) is Role.REQUEST and not fills_database(path)
            self._serving[path] = served
        return self._serving[path]

    def _plain(self, key: Key, name: str) -> str:
        """``customer`` for ``customer_id``: indexes name the field."""
        model = self._index.model(key)
        field = name.removesuffix("_id")
        return field if model is not None and field in model.relations else name

    def by_table(self) -> Iterator[tuple[ModelTable, list[RowsLookedUp]]]:
        """Each table whose indexes are all known, with its queries in order."""
        for key, queries in sorted(self._queries.items()):
            table = self._tables.of(key)
            if table is not None and not table.open:
                yield table, [event for _, events in sorted(queries.items()) for event in events]

    def column(self, key: Key, lookup: str) -> Column | None:
        """Where ``customer__email`` leads, over links to one row each."""
        *links, name = lookup.split("__")
        for link in links:
            model = self._index.model(key)
            relation = model.relations.get(link) if model is not None else None
            if relation is None or relation.kind not in JOINABLE or relation.target is None:
                return None
            key = relation.target
        table = self._tables.of(key)
        if table is None:
            return None
        name = name.removesuffix("_id") if name not in table.fields else name
        known = name in table.fields or name in {"pk", table.model.primary_key}
        return Column(table, name) if known else None

    def is_narrowed(self, event: RowsLookedUp) -> bool:
        """Whether an index finds few rows for the query, or may do so for all that is known."""
        for lookup in event.equal:
            column = self.column(event.model, lookup)
            if column is None or (column.leads_an_index and not column.has_few_values):
                return True
        for index in self._indexes(event.model):
            led = [name for name in index[:2] if name in event.equal]
            columns = [self.column(event.model, name) for name in led]
            if len(led) > 1 and any(one is not None and not one.has_few_values for one in columns):
                return True
        return False

    def serves_order(self, event: RowsLookedUp, name: str) -> bool:
        """Whether an index gives rows in the order of *name*, or a range of it."""
        for index in self._indexes(event.model):
            before = index[: index.index(name)] if name in index else None
            if before is not None and set(before) <= set(event.equal):
                return True
        return False

    def _indexes(self, key: Key) -> tuple[tuple[str, ...], ...]:
        if key not in self._names:
            table = self._tables.of(key)
            indexes = table.indexes() if table is not None else ()
            self._names[key] = tuple([index.names for index in indexes])
        return self._names[key]
