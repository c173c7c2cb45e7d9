"""Rows that are fetched whole, and of which few columns are read."""

from praxis.audit.facts.models.model_index import Model
from praxis.audit.flow.code import ir
from praxis.audit.flow.code.ir import nodes
from praxis.audit.flow.code.places import Places
from praxis.audit.flow.events import ColumnsRead
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.states import Ask
from praxis.audit.flow.reading.elsewhere import used_elsewhere

#: Of so many columns it is worth to speak.
_MOST = 2
_MAX_DEPTH = 3
#: What these give knows the row, and can save it.
_HOLDS_ITS_ROW = frozenset({"FileField", "ImageField"})
#: What runs whenever a row is made, and may look at any column of it.
_MAKERS = frozenset({"__init__", "__getattribute__", "from_db"})


def few_columns(frame: Frame, places: Places, ask: Ask) -> ColumnsRead | None:
    queryset = ask.queryset
    model = frame.model(queryset.model)
    if queryset.values or queryset.opaque or queryset.restricted or queryset.locked:
        return None
    if queryset.joined or queryset.joins_all or queryset.prefetched or queryset.annotated:
        return None
    if not model.complete or model.members & _MAKERS or model.parents or model.proxy:
        return None
    if ask.loops and isinstance(ask.node, ir.Name):
        return None  # the rows are fetched in the first round, and kept for the others
    if isinstance(ask.node, ir.Call) and not isinstance(ask.node.function, ir.Attr):
        return None
    if frame.handed_relation(queryset):
        return None
    walk, target, parts = _walk(places, ask.node)
    if walk is None or used_elsewhere(places, ask.node):
        return None
    columns: set[str] = set()
    if not _reads(frame, model, parts, target, columns, 0) or not 0 < len(columns) <= _MOST:
        return None
    return ColumnsRead(
        frame.path,
        (ask.node.start, ask.node.end),
        (walk.start, walk.end),
        queryset.model,
        tuple(sorted(columns)),
        isinstance(walk, ir.Comp) and _is_flat(walk, target),
    )


def _walk(places: Places, node: ir.Expr) -> tuple[ir.For | ir.Comp | None, str, tuple[object, ...]]:
    """What walks the rows, the name of each, and the code that may look at it."""
    parent = places.parent(node)
    if (
        isinstance(parent, ir.For)
        and parent.iterable is node
        and isinstance(parent.target, ir.Name)
    ):
        name = parent.target.id
        rebound = any(isinstance(part, ir.Def | ir.Lambda) for part in nodes(parent.body))
        after = _is_used_after(places, parent, name)
        return (None if rebound or after else parent), name, parent.body
    if isinstance(parent, ir.Clause) and isinstance(parent.target, ir.Name):
        around = places.parent(parent)
        if isinstance(around, ir.Comp) and parent.iterable is node:
            return around, parent.target.id, (around.elements, around.clauses)
    return None, "", ()


def _is_used_after(places: Places, loop: ir.For, name: str) -> bool:
    """Whether the last row may be looked at behind the loop, or outside of it at all."""
    return any(
        isinstance(node, ir.Name)
        and node.id == name
        and not loop.start <= node.start < loop.end
        and not _is_bound(places, node)
        for node in nodes(places.body)
    )


def _is_bound(places: Places, node: ir.Name) -> bool:
    outer = places.parent(node)
    return isinstance(outer, ir.For | ir.Clause) and outer.target is node


def _is_flat(walk: ir.Comp, target: str) -> bool:
    if len(walk.clauses) != 1 or walk.clauses[0].conditions or len(walk.elements) != 1:
        return False
    (element,) = walk.elements
    return (
        isinstance(element, ir.Attr)
        and isinstance(element.value, ir.Name)
        and element.value.id == target
    )


def _reads(
    frame: Frame, model: Model, code: object, row: str, columns: set[str], depth: int
) -> bool:
    """Whether nothing but columns is read of *row*, which are added to *columns*."""
    read: set[int] = set()
    stored = _stored(code)
    for node in nodes(code):
        if isinstance(node, ir.Attr) and isinstance(node.value, ir.Name) and node.value.id == row:
            if id(node) in stored or not _read(frame, model, node.attr, columns, depth):
                return False
            read.add(id(node.value))
    return all(
        id(node) in read or _is_target(code, node)
        for node in nodes(code)
        if isinstance(node, ir.Name) and node.id == row
    )


def _is_target(code: object, name: ir.Name) -> bool:
    return any(isinstance(node, ir.Clause) and node.target is name for node in nodes(code))


def _stored(code: object) -> set[int]:
    found: set[int] = set()
    for node in nodes(code):
        match node:
            case ir.Assign(targets=targets) | ir.Delete(targets=targets):
                found |= {id(inner) for target in targets for inner in nodes(target)}
            case ir.AugAssign(target=target):
                found |= {id(inner) for inner in nodes(target)}
    return found


def _read(frame: Frame, model: Model, name: str, columns: set[str], depth: int) -> bool:
    """``row.name``: a column, or a method that reads nothing but columns."""
    if name in model.relations:
        return False
    if name in model.members:
        return _read_by(frame, model, name, columns, depth)
    if name == "pk" or name == model.primary_key:
        columns.add(model.primary_key)
        return True
    field = name if name in model.columns else name.removesuffix("_id")
    if field not in model.columns or model.columns[field].kind in _HOLDS_ITS_ROW:
        return False
    columns.add(field)
    return True


def _read_by(frame: Frame, model: Model, name: str, columns: set[str], depth: int) -> bool:
    member = frame.program.member(model.key, name)
    if member is None or not isinstance(member.node, ir.Def) or depth >= _MAX_DEPTH:
        held = model.columns.get(name)
        if held is None or held.kind in _HOLDS_ITS_ROW:
            return False
        columns.add(name)
        return True
    parameters = member.node.parameters
    if not parameters or parameters[0].kind:
        return False
    return _reads(frame, model, member.node.body, parameters[0].name, columns, depth + 1)
