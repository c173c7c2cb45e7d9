"""Whether a round of a loop does nothing but work out values and create rows."""

import re

from praxis.audit.flow import ir
from praxis.audit.flow.events import Span
from praxis.audit.flow.frame import Frame
from praxis.audit.flow.ir import nodes
from praxis.audit.flow.known_calls import PLAIN_FUNCTIONS, PLAIN_METHODS, PLAIN_MODULES, READS
from praxis.audit.flow.values import UNKNOWN, Instance, Manager, ModelClass, Named, QuerySet

#: Methods that save a row; which one is told by the events.
_WRITES = frozenset({"create", "acreate", "save", "asave"})
_STREAM = re.compile(r"^(?:std)?(?:out|err)$")
#: Names of what speaks with another system, whatever its methods are called.
_REMOTE = re.compile(r"(?:^|_)(?:api|client|connection|conn|http|service|session|socket|s3)$")


def writes_of(frame: Frame, body: tuple[ir.Stmt, ...]) -> frozenset[Span] | None:
    """The calls of the block that save a row; None where it may do anything else."""
    writes: set[Span] = set()
    plain = all(_is_plain(frame, statement, writes) for statement in body)
    return frozenset(writes) if plain else None


def writes_of_comprehension(
    frame: Frame, comprehension: ir.Comp, call: ir.Call
) -> frozenset[Span] | None:
    """The same for a comprehension whose only element is *call*."""
    writes: set[Span] = set()
    element = comprehension.elements[0]
    if (element.value if isinstance(element, ir.Await) else element) is not call:
        return None
    first, *others = comprehension.clauses
    parts = [*first.conditions, element]
    for clause in others:
        parts += [clause.iterable, *clause.conditions]
    return frozenset(writes) if all(_computes(frame, part, writes) for part in parts) else None


def _is_plain(frame: Frame, statement: ir.Stmt, writes: set[Span]) -> bool:
    match statement:
        case ir.Return() | ir.With() | ir.Match() | ir.Def() | ir.Class() | ir.Outer():
            return False
        case ir.Assign(targets=targets):
            stored = all(_is_own(target) for target in targets)
            return stored and _computes(frame, (targets, statement.value), writes)
        case ir.AugAssign(target=target, value=value):
            return _is_own(target) and _computes(frame, (target, value), writes)
        case (
            ir.If(test=test, body=body, orelse=orelse)
            | ir.While(test=test, body=body, orelse=orelse)
        ):
            blocks = (*body, *orelse)
            return _computes(frame, test, writes) and _are_plain(frame, blocks, writes)
        case ir.For(iterable=iterable, body=body, orelse=orelse):
            blocks = (*body, *orelse)
            return _computes(frame, iterable, writes) and _are_plain(frame, blocks, writes)
        case ir.Try(body=body, handlers=handlers, orelse=orelse, final=final):
            handled = [inner for handler in handlers for inner in handler.body]
            return _are_plain(frame, (*body, *handled, *orelse, *final), writes)
    return _computes(frame, statement, writes)


def _are_plain(frame: Frame, block: tuple[ir.Stmt, ...], writes: set[Span]) -> bool:
    return all(_is_plain(frame, statement, writes) for statement in block)


def _is_own(target: ir.Expr) -> bool:
    """Whether storing there changes a name, a collection or an object that a name holds."""
    if isinstance(target, ir.Seq):
        return all(_is_own(item) for item in target.items)
    if isinstance(target, ir.Attr):
        return isinstance(target.value, ir.Name) and target.value.id not in {"self", "cls"}
    return isinstance(target, ir.Name | ir.Item | ir.Star)


def _computes(frame: Frame, root: object, writes: set[Span]) -> bool:
    """Whether working out *root* does nothing but to read, and to save what goes to *writes*."""
    for node in nodes(root):
        if isinstance(node, ir.Yield):
            return False
        if isinstance(node, ir.Call) and not _is_plain_call(frame, node, writes):
            return False
    return True


def _is_plain_call(frame: Frame, call: ir.Call, writes: set[Span]) -> bool:
    function = call.function
    if isinstance(function, ir.Name):
        value = frame.look_up(function.id)
        if isinstance(value, Named) and "." in value.dotted:
            return _is_plain_import(value.dotted)
        return isinstance(value, ModelClass) or function.id in PLAIN_FUNCTIONS
    if not isinstance(function, ir.Attr):
        return False
    if function.attr in _WRITES:
        writes.add((call.start, call.end))
        return True
    if function.attr == "write":
        receiver = function.value
        return isinstance(receiver, ir.Attr) and bool(_STREAM.match(receiver.attr))
    root, names = _root(function.value)
    if any(_REMOTE.search(name.lower()) for name in names):
        return False
    if function.attr == "add" and not isinstance(function.value, ir.Name | ir.Item):
        return False  # may be a relation's
    value = frame.look_up(root.id) if root is not None else UNKNOWN
    if isinstance(value, Named):
        if "." not in value.dotted and value.dotted in PLAIN_FUNCTIONS:
            return function.attr in PLAIN_METHODS
        return _is_plain_import(value.dotted)
    if isinstance(value, ModelClass | Manager | QuerySet):
        return function.attr in READS
    if isinstance(value, Instance) and isinstance(function.value, ir.Name):
        # get(): the name has held something else before, since rows have none
        return function.attr == "get" or (
            function.attr.startswith("get_") and function.attr.endswith("_display")
        )
    return function.attr in PLAIN_METHODS


def _root(node: ir.Expr) -> tuple[ir.Name | None, list[str]]:
    """The name that a chain of attributes and calls begins with, and all names in it."""
    names: list[str] = []
    while isinstance(node, ir.Attr | ir.Call | ir.Item | ir.Slice):
        if isinstance(node, ir.Attr):
            names.append(node.attr)
        node = node.function if isinstance(node, ir.Call) else node.value
    if isinstance(node, ir.Name):
        return node, [*names, node.id]
    return None, names


def _is_plain_import(dotted: str) -> bool:
    return dotted.partition(".")[0] in PLAIN_MODULES or dotted.startswith(
        ("django.utils.", "django.db.models.")
    )


def is_used_after(body: tuple[ir.Stmt, ...], call: ir.Call) -> bool:
    """
    Whether the round looks at the saved row again.

    To put it into a list is no use: rows that were made, but not saved yet, can be there as well.
    """
    name = _name_of_saved(body, call)
    if not name:
        return False
    kept: set[int] = set()
    used: set[int] = set()
    for node in nodes(body):
        if (
            isinstance(node, ir.Evaluate)
            and isinstance(node.value, ir.Call)
            and isinstance(node.value.function, ir.Attr)
            and node.value.function.attr == "append"
        ):
            kept.update(arg.start for arg in node.value.args if isinstance(arg, ir.Name))
        elif isinstance(node, ir.Name) and node.id == name and node.start >= call.end:
            used.add(node.start)
    return bool(used - kept)


def _name_of_saved(body: tuple[ir.Stmt, ...], call: ir.Call) -> str:
    """The variable that holds the row which *call* saves; empty where none does."""
    function = call.function
    if isinstance(function, ir.Attr) and function.attr in {"save", "asave"}:
        return function.value.id if isinstance(function.value, ir.Name) else ""
    for node in nodes(body):
        if isinstance(node, ir.Assign) and node.value is not None:
            value = node.value.value if isinstance(node.value, ir.Await) else node.value
            if value is call:
                target = node.targets[0]
                return target.id if isinstance(target, ir.Name) else ""
    return ""
