"""Tables of django-tables2: what their columns read of each row."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.flow.code import ir
from praxis.audit.flow.code.ir import nodes
from praxis.audit.flow.code.mentions import mentions
from praxis.audit.flow.events import Spot
from praxis.audit.flow.frameworks.generic_views import Asked
from praxis.audit.flow.frameworks.handing import Way, asks_given, hand, one_field, steps_of
from praxis.audit.flow.frameworks.serializers import names_in
from praxis.audit.flow.interpreter.calling import call
from praxis.audit.flow.interpreter.calls import render_named
from praxis.audit.flow.interpreter.expressions import evaluate
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.iteration import iterate
from praxis.audit.flow.interpreter.objects import function_of
from praxis.audit.flow.interpreter.program import Member, Program, members_of
from praxis.audit.flow.interpreter.querysets import queryset_of, rows_of
from praxis.audit.flow.interpreter.template_code import look_up_in
from praxis.audit.flow.interpreter.texts import printed
from praxis.audit.flow.interpreter.values import (
    UNKNOWN,
    Const,
    Dict,
    Function,
    Instance,
    Manager,
    Named,
    Object,
    ProjectClass,
    QuerySet,
    Rows,
    Value,
)

#: Views that show one table.
VIEWS = ("SingleTableView", "SingleTableMixin")
#: Rows of a page, unless the view says otherwise.
_ROWS_PER_PAGE = 25
#: Columns that show the text of their value.
_PRINTING = frozenset({"Column", "LinkColumn", "RelatedLinkColumn"})
#: What a table's own code does that makes other columns of it, or other rows.
_CHANGING = ("prefetch_related", "select_related", "exclude", "base_columns")
#: And which of them it shows at first.
_HIDING = ("hide", "sequence")


def is_table(program: Program, key: Key) -> bool:
    """Whether the class is a table of django-tables2."""
    return any(
        isinstance(base, str) and base.startswith("django_tables2") and base.endswith(".Table")
        for base in program.line(key)
    )


def show_table(asked: Asked) -> None:
    """What the table of a view reads of the rows of a page."""
    program, key = asked.frame.program, asked.receiver.key
    if any(program.member(key, name) for name in ("get_table", "get_table_kwargs", "table_data")):
        return  # it is interpreted by itself, or shows some of the columns
    chosen = asked.call("get_table_class")
    table = chosen if isinstance(chosen, ProjectClass) else asked.attribute("table_class")
    if not isinstance(table, ProjectClass) or not is_table(program, table.key):
        return
    own = program.member(key, "get_table_data")
    rows = rows_of(asked.call("get_queryset" if own is None else "get_table_data"))
    if rows is None:
        return
    limit = _rows_of_page(asked)
    if limit is not None and (rows.limit is None or rows.limit > limit):
        rows = replace(rows, limit=limit)
    hand(asked.frame, _WAY, table.key, rows, asked.spot, many=True)


def _rows_of_page(asked: Asked) -> int | None:
    """So many rows are shown at once; None for all."""
    paginated, size = asked.attribute("table_pagination"), asked.attribute("paginate_by")
    if isinstance(paginated, Const) and not paginated.value:
        return None
    if isinstance(paginated, Dict) and isinstance(paginated.get("per_page"), Const):
        size = paginated.get("per_page")
    return size.value if isinstance(size, Const) and type(size.value) is int else _ROWS_PER_PAGE


def make_table(
    frame: Frame, key: Key, args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot
) -> None:
    """What a table that is made of rows, to be shown, reads of each."""
    rows = args[0] if args else keywords.get("data", UNKNOWN)
    if "exclude" not in keywords and isinstance(rows, QuerySet | Manager | Rows):
        hand(frame, _WAY, key, rows, spot, many=True)


# Tables.


def _read_row(frame: Frame, key: Key, item: Value) -> None:
    if isinstance(item, Instance) and not _changes_columns(frame.program, key):
        _Showing(frame, key, item).run()


_WAY = Way("tables", "template", "shown by", _read_row)


#: What a value is read by (``author.name``), and where that is written.
_Accessor: TypeAlias = tuple[str, ir.Expr]


class _Column(Struct, frozen=True, eq=False):
    """A column: where it stands, its call where it is declared, and which value it shows."""

    name: str
    owner: Key
    at: ir.Expr
    call: ir.Call | None
    accessor: _Accessor

    @property
    def words(self) -> dict[str, ir.Expr]:
        return dict(self.call.keywords) if self.call is not None else {}


class _Showing(Struct, frozen=True, eq=False):
    """The columns of a table, as they show one row."""

    frame: Frame
    key: Key
    item: Instance

    def run(self) -> None:
        """Show every cell."""
        program, key = self.frame.program, self.key
        hidden = _texts(_said(program, key, "exclude"))
        shown = _default_columns(program, key)
        for column in _columns(self.frame, key, self.item.model):
            if column.name in hidden or (shown is not None and column.name not in shown):
                continue
            span = column.at.start, column.at.end
            what = f"{_WAY.note} {key[1]}.{column.name}"
            with one_field(self.frame, column.owner, span, what):
                self._show(column)

    def _show(self, column: _Column) -> None:
        at, frame = column.at, self.frame
        span = at.start, at.end
        if _is(column.words.get("visible"), value=False):
            return
        value: Value = self.item
        for name, place in steps_of(*column.accessor):
            value = look_up_in(frame, value, name, place)
        self._link(column, value)
        member = frame.program.member(self.key, f"render_{column.name}")
        if member is not None:
            if isinstance(member.node, ir.Def):
                printed(frame, self._render(member, member.node, Object(self.key), value), span)
            return
        made: Value = Named("django_tables2.Column")
        if column.call is not None:
            scope = frame.program.scope(column.owner[0])
            made = evaluate(Frame(scope), column.call.function) if scope is not None else UNKNOWN
        if isinstance(made, ProjectClass):
            own = frame.program.member(made.key, "render")
            if own is not None and isinstance(own.node, ir.Def):
                printed(frame, self._render(own, own.node, Object(made.key), value), span)
        elif isinstance(made, Named) and made.dotted.startswith("django_tables2"):
            self._print(column, made.dotted.rpartition(".")[2], value)

    def _render(self, member: Member, node: ir.Def, receiver: Object, value: Value) -> Value:
        """``render_name(self, value, record, …)``: it is given what it has parameters for."""
        if asks_given(self.frame, member.owner[0], node, self.item):
            return UNKNOWN
        found = function_of(member)
        method = Function(found.path, found.name, receiver, found.owner)
        start = node.start
        spot = member.owner[0], start, start + len(f"def {node.name}")
        given = {"record": self.item, "value": value}
        return call(self.frame, method, (), given, spot, note="computed by")

    def _print(self, column: _Column, kind: str, value: Value) -> None:
        frame, at = self.frame, column.at
        span = at.start, at.end
        if kind == "TemplateColumn":
            named = column.words.get("template_name")
            if isinstance(named, ir.Const):
                context = Dict((("record", self.item), ("value", value)))
                render_named(frame, Const(named.value), context, span)
        elif kind == "ManyToManyColumn" or (kind == "Column" and isinstance(value, Manager)):
            if column.call is None or "filter" in column.words or not isinstance(value, Manager):
                return
            with frame.loop(*span, "call"):
                row = iterate(frame, queryset_of(frame, value), at, span)
                if "transform" not in column.words:
                    printed(frame, row, span)
        elif kind in _PRINTING and not {"text", "transform"} & column.words.keys():
            printed(frame, value, span)

    def _link(self, column: _Column, value: Value) -> None:
        """The address that a cell links to."""
        linked = column.words.get("linkify")
        if _is(linked, value=True):
            linking = value if isinstance(value, Instance) else self.item
            look_up_in(self.frame, linking, "get_absolute_url", column.at)
        asked = [linked, column.words.get("args"), column.words.get("kwargs")]
        for node in nodes(tuple(part for part in asked if part is not None)):
            accessor = _accessor_call(node)
            target: Value = self.item
            for name, place in steps_of(*accessor) if accessor is not None else ():
                target = look_up_in(self.frame, target, name, place)


def _columns(frame: Frame, key: Key, model: Key) -> Iterator[_Column]:
    """The columns that are declared, and those that ``Meta`` makes of the model's fields."""
    program = frame.program
    seen: set[str] = set()
    for base in program.line(key):
        unit = program.unit(base[0]) if isinstance(base, tuple) else None
        if unit is None or not isinstance(base, tuple):
            continue
        for name, node in unit.members(base[1]).items():
            if name in seen or isinstance(node, ir.Def | ir.Class):
                continue
            seen.add(name)
            if isinstance(node, ir.Call) and _is_column(program, base, node):
                accessor = _accessor_of(name, node)
                if accessor is not None:
                    yield _Column(name, base, node, node, accessor)
    of_model = _said(program, key, "model")
    fields = _said(program, key, "fields")
    if of_model is None:
        return
    if fields is not None:
        named = names_in(program, fields[0][0], fields[1]) or {}
    else:
        relations = frame.model(model).relations.values()
        named = {one.name: of_model[1] for one in relations if one.has_column}
    owner = of_model[0] if fields is None else fields[0]
    for name, at in named.items():
        if name not in seen:
            yield _Column(name, owner, at, None, (name, at))


def _name_of(node: ir.Expr) -> str:
    return node.attr if isinstance(node, ir.Attr) else getattr(node, "id", "")


def _is_column(program: Program, owner: Key, node: ir.Call) -> bool:
    if _name_of(node.function).endswith("Column"):
        return True
    scope = program.scope(owner[0])
    made = evaluate(Frame(scope), node.function) if scope is not None else UNKNOWN
    return isinstance(made, ProjectClass) and any(
        isinstance(base, str) and base.endswith("Column") for base in program.line(made.key)
    )


def _accessor_of(name: str, node: ir.Call) -> _Accessor | None:
    """What the column's value is read by; None where that is not known."""
    words = dict(node.keywords)
    accessor = words.get("accessor")
    if "" in words:
        return None
    if accessor is None:
        return name, node
    if isinstance(accessor, ir.Const) and isinstance(accessor.value, str):
        return accessor.value, accessor
    return _accessor_call(accessor)


def _accessor_call(node: object) -> _Accessor | None:
    """``A("author.name")``."""
    match node:
        case ir.Call(args=(ir.Const(value=str() as written) as at,)):
            if _name_of(node.function) in {"A", "Accessor"}:
                return written, at
    return None


def _is(node: ir.Expr | None, *, value: bool) -> bool:
    return isinstance(node, ir.Const) and node.value is value


def _said(program: Program, key: Key, word: str) -> tuple[Key, ir.Expr] | None:
    """What ``Meta`` says, or what it extends, with the class whose ``Meta`` that is."""
    member = program.member(key, "Meta")
    if member is None or not isinstance(member.node, ir.Class):
        return None
    found = dict(members_of(member.node)).get(word)
    if found is not None and not isinstance(found, ir.Def | ir.Class):
        return member.owner, found
    scope = program.scope(member.owner[0])
    for base in member.node.bases if scope is not None else ():
        if isinstance(base, ir.Attr) and base.attr == "Meta" and scope is not None:
            value = evaluate(Frame(scope), base.value)
            if isinstance(value, ProjectClass) and value.key != key:
                return _said(program, value.key, word)
    return None


def _texts(said: tuple[Key, ir.Expr] | None) -> frozenset[str]:
    """The texts in what ``Meta`` says."""
    return frozenset(
        node.value
        for node in nodes(said[1] if said is not None else ())
        if isinstance(node, ir.Const) and isinstance(node.value, str)
    )


def _default_columns(program: Program, key: Key) -> frozenset[str] | None:
    """The columns that are shown unless a visitor chooses others, where the project says so."""
    said = _said(program, key, "default_columns")
    member = program.member(key, "default_columns")
    if said is None and member is not None and not isinstance(member.node, ir.Def | ir.Class):
        said = member.owner, member.node
    return _texts(said) if said is not None else None


def _changes_columns(program: Program, key: Key) -> bool:
    """Whether the table's own code takes columns away, or loads what they read."""
    words = _CHANGING if _default_columns(program, key) is not None else (*_CHANGING, *_HIDING)
    for base in program.line(key):
        unit = program.unit(base[0]) if isinstance(base, tuple) else None
        for name, member in unit.members(base[1]).items() if unit is not None else ():
            if (
                isinstance(member, ir.Def)
                and not name.startswith(("render_", "value_", "order_"))
                and mentions(member.body, *words)
            ):
                return True
    return False
