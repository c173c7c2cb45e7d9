"""
What each model's table holds, inherited parts included, and which of its columns an index serves.

Only what is sure counts as *not* served: an index of any kind, a partial one and one that is not
written out as constants serve what they name, or everything.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.facts.models.model_index import Model, ModelIndex, Relation
from praxis.audit.facts.models.tables import ANY_OPTION, TABLES, IndexEntry, Table, TableField
from praxis.audit.project import Project

_TEXT_FIELDS = frozenset({
    "CharField", "EmailField", "FilePathField", "SlugField", "TextField", "URLField",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Index:
    """
    Columns that the database finds rows by, as written (``-`` for descending).

    Attributes:
        fields: In their order.
        how: What makes it: ``primary_key``, ``unique``, ``foreign key``, ``db_index``, or the
            name of the option of `Meta`.
        entry: Its entry in `Meta`, where it has one.
        field: Its field, where it comes with one.
        path: The file of either.
        plain: Whether it is a b-tree over whole columns of every row.
    """

    fields: tuple[str, ...]
    how: str
    path: str
    entry: IndexEntry | None = None
    field: TableField | None = None
    plain: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """The fields without their directions."""
        return tuple(name.removeprefix("-") for name in self.fields)

    @property
    def is_unique(self) -> bool:
        return self.how in {"primary_key", "unique", "unique_together", "UniqueConstraint"}


@dataclass(slots=True)
class ModelTable:
    """
    A model with all fields and options that it has or inherits.

    *fields* are by name, each with the file that declares it; *open* says that there are indexes
    or constraints that the code does not write out.
    """

    model: Model
    own: Table
    path: str
    fields: dict[str, tuple[str, TableField]] = field(default_factory=dict)
    entries: list[tuple[str, IndexEntry]] = field(default_factory=list)
    open: bool = False
    #: Where the options of `Meta` come from: the class itself or a base.
    meta_path: str = ""
    meta_table: Table | None = None
    inherits_meta: bool = False
    #: Of this very table: a copy with other fields lists its own.
    _indexes: tuple[Index, ...] | None = field(default=None, init=False)

    def kind(self, name: str) -> str:
        """The class of the field by its last part; empty where there is none of this name."""
        found = self.fields.get(name)
        return found[1].callee.rpartition(".")[2] if found is not None else ""

    def indexes(self) -> tuple[Index, ...]:
        """Every index of the table that the code tells of, in source order."""
        if self._indexes is None:
            self._indexes = tuple(self._list_indexes())
        return self._indexes

    def _list_indexes(self) -> Iterator[Index]:
        for name, (path, found) in self.fields.items():
            how = _index_of_field(found)
            if how:
                yield Index((name,), how, path, field=found)
        for path, entry in self.entries:
            if entry.fields:
                yield Index(
                    entry.fields,
                    entry.kind.rpartition(".")[2],
                    path,
                    entry,
                    plain=_is_plain(entry),
                )


def _index_of_field(found: TableField) -> str:
    """What makes an index of the field alone; empty where nothing does."""
    options = found.options
    kind = found.callee.rpartition(".")[2]
    if options.get("primary_key") not in {None, False}:
        return "primary_key"
    if options.get("unique") not in {None, False}:
        return "unique"
    if kind.endswith("OneToOneField"):
        return "unique"
    chosen = options.get("db_index")
    if kind.endswith("Key") and kind != "GenericForeignKey":
        return "" if chosen is False else "foreign key"
    if kind == "SlugField":
        return "" if chosen is False else "db_index"
    return "db_index" if chosen not in {None, False} else ""


def _is_plain(entry: IndexEntry) -> bool:
    kind = entry.kind.rpartition(".")[2]
    if entry.expressions or set(entry.more) - {"db_tablespace", "violation_error_message"}:
        return False
    return kind in {"Index", "UniqueConstraint", "index_together", "unique_together"}


class Tables:
    """The tables of every model of the project."""

    def __init__(self, project: Project) -> None:
        self.index = project.derive(ModelIndex)
        self._tables: dict[Key, Table] = {
            (path, table.name): table
            for path, fact in project.facts(TABLES).items()
            for table in fact.tables
        }
        self._made: dict[Key, ModelTable | None] = {}

    def __iter__(self) -> Iterator[ModelTable]:
        for key in self._tables:
            found = self.of(key)
            if found is not None:
                yield found

    def of(self, key: Key | None) -> ModelTable | None:
        """The table of a model; None for what is no model of the project's files."""
        if key is None:
            return None
        if key not in self._made:
            self._made[key] = self._make(key)
        return self._made[key]

    def cascades(self, key: Key) -> Iterator[Relation]:
        """The relations of a model whose rows go when what they point at is deleted."""
        table = self.of(key)
        for name, (_, found) in table.fields.items() if table is not None else ():
            chosen = found.options.get("on_delete")
            relation = table.model.relations.get(name) if table is not None else None
            if relation is not None and str(chosen).rpartition(".")[2] == "CASCADE":
                yield relation

    def _make(self, key: Key) -> ModelTable | None:
        model, own = self.index.model(key), self._tables.get(key)
        if model is None or own is None:
            return None
        made = ModelTable(model, own, key[0])
        hidden: set[str] = set()
        for base, table in self._line(key):
            for found in table.fields:
                if found.name not in hidden:
                    made.fields[found.name] = base[0], found
            hidden.update(self.index.names.classes[base].members)
        self._add_meta(made, key)
        return made

    def _line(self, key: Key) -> Iterator[tuple[Key, Table]]:
        """
        The class and its abstract bases, nearest first.

        The columns of a concrete parent, and what that inherits, are in a table of their own.
        """
        line = [base for base in self.index.names.line(key) if isinstance(base, tuple)]
        beyond = {
            further
            for base in line[1:]
            if not self._is_abstract(base)
            for further in self.index.names.line(base)
        }
        for base in line:
            table = self._tables.get(base)
            if table is not None and base not in beyond:
                yield base, table

    def _is_abstract(self, key: Key) -> bool:
        model = self.index.model(key)
        return model is None or model.abstract

    def _add_meta(self, made: ModelTable, key: Key) -> None:
        """The options of `Meta`: the class's own, those that it extends, or the nearest base's."""
        seen: set[str] = set()
        first = True
        for base, table in self._line(key):
            if table.meta is None:
                continue
            if first:
                made.meta_path, made.meta_table = base[0], table
                made.inherits_meta = base != key
            made.entries += [
                (base[0], entry) for entry in table.entries if _option_of(entry) not in seen
            ]
            made.open = made.open or bool(set(table.open) - seen)
            seen.update(table.meta)
            first = False
            if not table.meta_bases:
                break


def _option_of(entry: IndexEntry) -> str:
    kind = entry.kind.rpartition(".")[2]
    if kind.endswith("_together"):
        return kind
    return "constraints" if kind.endswith("Constraint") else "indexes"


def is_text(kind: str) -> bool:
    """Whether a field of this class holds text."""
    return kind in _TEXT_FIELDS


def may_hold_anything(found: TableField) -> bool:
    """Whether options come from where they cannot be read."""
    return ANY_OPTION in found.options
