"""Rows that Python adds up, compares, sorts or filters where the database could."""

from typing import TypeAlias

from praxis.audit.facts.models.model_index import FORWARD, ONE, Model
from praxis.audit.flow.code import ir
from praxis.audit.flow.code.places import Places, names_in, nodes
from praxis.audit.flow.events import RowsFolded
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.states import Ask
from praxis.audit.flow.reading.disturbances import stores_in
from praxis.audit.flow.reading.elsewhere import call_of, used_elsewhere

_NUMBERS = frozenset({
    "BigIntegerField", "DecimalField", "DurationField", "FloatField", "IntegerField",
    "PositiveBigIntegerField", "PositiveIntegerField", "PositiveSmallIntegerField",
    "SmallIntegerField",
})  # fmt: skip
_ORDERED_ALIKE = _NUMBERS | {"AutoField", "BigAutoField", "DateField", "DateTimeField", "TimeField"}
_COMPARABLE = _ORDERED_ALIKE | {
    "BooleanField", "CharField", "EmailField", "NullBooleanField", "SlugField", "TextField",
    "URLField", "UUIDField",
}  # fmt: skip
_FOLDS = frozenset({"sum", "max", "min"})
#: How rows are folded, by which columns, and where.
Found: TypeAlias = tuple[str, tuple[str, ...], ir.Expr | ir.Stmt]


def folded(frame: Frame, places: Places, ask: Ask) -> RowsFolded | None:
    if ask.queryset.sliced or ask.queryset.values:
        return None
    model = frame.model(ask.queryset.model)
    parent = places.parent(ask.node)
    found: Found | None = None
    if isinstance(parent, ir.Clause):
        found = _of_comprehension(frame, places, ask, parent, model)
    elif isinstance(parent, ir.For) and parent.iterable is ask.node:
        found = _of_loop(frame, parent, model) or _of_condition(frame, parent, model)
    elif isinstance(parent, ir.Call):
        found = _of_sorted(places, ask.node, model)
    if found is None:
        return None
    how, columns, place = found
    also = frozenset({"len"}) if how in _FOLDS else frozenset[str]()
    if used_elsewhere(places, ask.node, also) or _is_shared_out(places, ask.node):
        return None
    relation = frame.handed_relation(ask.queryset)
    return RowsFolded(frame.path, (place.start, place.end), model.key, how, columns, relation)


def _is_shared_out(places: Places, node: ir.Expr) -> bool:
    """Whether rows that were fetched before a loop are looked through in each of its rounds."""
    if not isinstance(node, ir.Name):
        return False
    for outer, inner in places.around(node):
        if isinstance(outer, ir.For):
            again = inner is not outer.iterable
        elif isinstance(outer, ir.Comp):
            again = inner is not outer.clauses[0]
        elif isinstance(outer, ir.Clause):
            again = inner is not outer.iterable
        else:
            again = isinstance(outer, ir.While)
        if again and not any(stores_in(part, {node.id}) for part in nodes(outer)):
            return True
    return False


def _of_comprehension(
    frame: Frame, places: Places, ask: Ask, clause: ir.Clause, model: Model
) -> Found | None:
    around = places.parent(clause)
    if not isinstance(around, ir.Comp) or len(around.clauses) != 1:
        return None
    target = clause.target
    if not isinstance(target, ir.Name) or clause.iterable is not ask.node:
        return None
    columns: list[str] = []
    conditions_hold = all(
        _is_condition(frame, model, condition, target.id, columns)
        for condition in clause.conditions
    )
    if not conditions_hold:
        return None
    call = call_of(places, around, _FOLDS)
    if call is not None and len(around.elements) == 1 and isinstance(call.function, ir.Name):
        (element,) = around.elements
        kinds = _NUMBERS if call.function.id == "sum" else _ORDERED_ALIKE
        if _is_sum(frame, model, element, target.id, kinds, columns):
            return call.function.id, tuple(columns), call
        return None
    if not clause.conditions or around.kind == "generator":
        return None
    return "filter", tuple(columns), around


def _of_loop(frame: Frame, loop: ir.For, model: Model) -> Found | None:
    """``for order in orders: total += order.total``."""
    if not isinstance(loop.target, ir.Name) or not loop.body or loop.orelse or loop.is_async:
        return None
    columns: list[str] = []
    for statement in loop.body:
        if not (
            isinstance(statement, ir.AugAssign)
            and statement.operator == "+"
            and isinstance(statement.target, ir.Name)
            and _is_sum(frame, model, statement.value, loop.target.id, _NUMBERS, columns)
        ):
            return None
    return "sum", tuple(columns), loop.body[0]


def _of_condition(frame: Frame, loop: ir.For, model: Model) -> Found | None:
    """``for order in orders: if order.paid: …``, and nothing is done with the others."""
    if not isinstance(loop.target, ir.Name) or loop.orelse or len(loop.body) != 1:
        return None
    (inner,) = loop.body
    if not isinstance(inner, ir.If) or inner.orelse:
        return None
    columns: list[str] = []
    if not _is_condition(frame, model, inner.test, loop.target.id, columns):
        return None
    names = names_in(inner.test) - {loop.target.id}
    if any(stores_in(node, names) for node in nodes(inner.body)):
        return None
    return "filter", tuple(columns), inner


def _of_sorted(places: Places, node: ir.Expr, model: Model) -> Found | None:
    call = call_of(places, node, frozenset({"sorted"}))
    words = {} if call is None else dict(call.keywords)
    key = words.get("key")
    if call is None or not isinstance(key, ir.Lambda) or len(key.parameters) != 1:
        return None
    body = key.body
    if (
        isinstance(body, ir.Attr)
        and isinstance(body.value, ir.Name)
        and body.value.id == key.parameters[0].name
        and body.attr in model.columns
        and model.columns[body.attr].kind in _ORDERED_ALIKE
    ):
        return "sorted", (body.attr,), call
    return None


def _column(frame: Frame, model: Model, node: ir.Expr, target: str, kinds: frozenset[str]) -> str:
    """The column of the row that *node* is, in Django's notation; empty where it is none."""
    path: list[str] = []
    while isinstance(node, ir.Attr):
        path.append(node.attr)
        node = node.value
    if not isinstance(node, ir.Name) or node.id != target or not path:
        return ""
    *relations, name = reversed(path)
    for part in relations:
        relation = model.relations.get(part)
        reached = None if relation is None else frame.index.model(relation.target)
        if relation is None or reached is None or relation.kind not in {FORWARD, ONE}:
            return ""
        model = reached
    if name in {"id", "pk"} and "AutoField" in kinds:
        return "__".join((*relations, name))
    column = model.columns.get(name)
    if column is None or column.kind not in kinds or column.sets_itself:
        return ""
    return "__".join((*relations, name))


def _is_sum(
    frame: Frame,
    model: Model,
    node: ir.Expr,
    target: str,
    kinds: frozenset[str],
    columns: list[str],
) -> bool:
    """Whether the database can work out *node*: a column, or a sum or product of columns."""
    if isinstance(node, ir.Binary):
        return node.operator in {"+", "-", "*"} and all(
            _is_sum(frame, model, part, target, kinds, columns) for part in (node.left, node.right)
        )
    column = _column(frame, model, node, target, kinds)
    if column and column not in columns:
        columns.append(column)
    return bool(column)


def _is_condition(
    frame: Frame, model: Model, node: ir.Expr, target: str, columns: list[str]
) -> bool:
    """Whether the database can decide *node*: a column, or a column compared with a value."""
    if isinstance(node, ir.Not):
        return _is_condition(frame, model, node.value, target, columns)
    if isinstance(node, ir.BoolOp):
        return all(_is_condition(frame, model, part, target, columns) for part in node.values)
    value: ir.Expr = node
    kinds = frozenset({"BooleanField"})
    if isinstance(node, ir.Compare):
        if len(node.operators) != 1:
            return False
        (other,) = node.comparators
        nothing = isinstance(other, ir.Const) and other.value is None
        if nothing != (node.operators[0] in {"is", "is not"}) or node.operators[0] in {
            "in",
            "not in",
        }:
            return False
        if any(isinstance(part, ir.Name) and part.id == target for part in nodes(other)):
            return False
        value, kinds = node.left, _COMPARABLE
    column = _column(frame, model, value, target, kinds)
    if column:
        columns.append(column)
    return bool(column)
