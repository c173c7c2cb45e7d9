"""
Conditions that tell for which rows a block runs.

``if "lines" in self._prefetched_objects_cache`` has a block for rows whose relations are loaded
and one for the others. What follows ``if "lines" in request.GET`` is for requests that ask for it.
What follows ``if hasattr(self, "short_lines")`` is for rows to which their
query gave no such attribute. What follows ``if cached is None`` happens once in a while, whatever
loop goes round: the next time it is in the cache.
"""

import re
from collections.abc import Iterator

from praxis.audit.flow.code import ir
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.loaded_relations import gives
from praxis.audit.flow.interpreter.states import (
    RARELY,
    UNLESS_LOADED,
    WHERE_ASKED,
    Mode,
    UnlessGiven,
)
from praxis.audit.flow.interpreter.values import Cached, Instance

#: When the block runs where the condition holds, and when where it does not.
Modes = tuple[Mode, Mode]
_LOADED: Modes = RARELY, UNLESS_LOADED
_IN_CACHE: Modes = "", RARELY
_ASKED: Modes = WHERE_ASKED, ""
_NEVER: Modes = RARELY, ""
_NEVER_ELSE: Modes = "", RARELY


def modes_of(frame: Frame, test: ir.Expr) -> Modes:
    """What is known of the two blocks of the condition *test*."""
    if type(test) is ir.Attr:
        if _was_told(test):
            return "", RARELY
        fixed = _fixed(frame, test)
        return ("", "") if fixed is None else (_NEVER_ELSE if fixed[0] else _NEVER)
    match test:
        case ir.Not(value=inner):
            one, other = modes_of(frame, inner)
            return other, one
        case ir.BoolOp(operator="and", values=values):
            rarely = RARELY if is_narrow(values) else ""
            return next(
                (modes[0] for value in values if (modes := modes_of(frame, value))[0]), rarely
            ), ""
        case ir.Compare(left=left, operators=(operator,), comparators=(other,)):
            return _of_comparison(frame, left, operator, other)
        case ir.Named(target=_, value=value):
            return modes_of(frame, value)
        case ir.Call() if _names_loading(test):
            return _LOADED
        case ir.Call(function=ir.Name(id="hasattr"), args=(_, ir.Const(value=str(attribute)))) if (
            "." in attribute
        ):
            return RARELY, ""  # no attribute is called so
        case ir.Call(
            function=ir.Name(id="hasattr"),
            args=(ir.Name(id=name), ir.Const(value=str(attribute))),
        ):
            return "", _unless_given(frame, name, attribute)
        case ir.Call(function=ir.Name(id="callable")):
            return "", RARELY  # who asks has a method in mind, which the model has
        case ir.Name() | ir.Call() if _is_cached(frame, test):
            return _IN_CACHE
        case ir.Name() | ir.Call() if _was_told(test):
            return "", RARELY  # what is told once in a row's life
    return _ASKED if _is_parameter(test) else ("", "")


def _fixed(frame: Frame, column: ir.Attr) -> tuple[object] | None:
    """The value that the query says that the column has in all rows."""
    row = frame.look_up(column.value.id) if type(column.value) is ir.Name else None
    if type(row) is not Instance or row.row is None or row.prefix or row.row.single:
        return None
    return next(((value,) for name, value in row.row.queryset.fixed if name == column.attr), None)


#: Of three conditions that all have to hold, few rows meet each.
_SEVERAL = 3


def is_narrow(values: tuple[ir.Expr, ...]) -> bool:
    """
    Whether so many conditions have to hold together that they do for few rows.

    Those that only ask whether there is what another one looks at do not count:
    ``order.customer and order.customer.email``.
    """
    if len(values) < _SEVERAL:
        return False
    looked_at = [{path for node in ir.nodes(value) if (path := _path(node))} for value in values]
    count = 0
    for place, value in enumerate(values):
        others = set().union(*looked_at[:place], *looked_at[place + 1 :])
        asked = value.left if type(value) is ir.Compare and _is_null_test(value) else value
        path = _path(asked)
        count += not (path and any(other.startswith(f"{path}.") for other in others))
    return count >= _SEVERAL


def _was_told(expr: ir.Expr) -> bool:
    """Whether it asks if somebody was told: ``already_sent(key)``."""
    if type(expr) is ir.Call:
        expr = expr.function
    name = expr.attr if type(expr) is ir.Attr else ""
    name = expr.id if type(expr) is ir.Name else name
    return bool(_TOLD.search(name.lower()))


_TOLD = re.compile(r"(?:already|has|was|been|is)_(?:sent|notified|alerted|warned|announced)$")


def _is_null_test(test: ir.Compare) -> bool:
    other = test.comparators[0]
    return test.operators == ("is not",) and isinstance(other, ir.Const) and other.value is None


def _path(node: object) -> str:
    """``order.customer``; empty for anything but names and attributes of them."""
    names: list[str] = []
    while type(node) is ir.Attr:
        names.append(node.attr)
        node = node.value
    return ".".join((node.id, *reversed(names))) if type(node) is ir.Name else ""


def _is_parameter(expr: ir.Expr) -> bool:
    """Whether it is a parameter of the request, or all of them: ``request.GET.get("lines")``."""
    while True:
        if type(expr) is ir.Attr:
            if expr.attr in _PARAMETERS:
                return True
            expr = expr.value
        elif type(expr) is ir.Call:
            expr = expr.function
        elif type(expr) is ir.Item:
            expr = expr.value
        else:
            return False


_PARAMETERS = frozenset({"GET", "query_params"})


def _unless_given(frame: Frame, name: str, attribute: str) -> Mode:
    """When a row lacks an attribute that no model gives it: where its query does not."""
    row = frame.look_up(name)
    if not isinstance(row, Instance) or row.prefix:
        return ""
    model = frame.model(row.model)
    if attribute in model.relations or attribute in model.columns or attribute in model.members:
        return ""
    if row.row is not None:
        return RARELY if gives(row.row.queryset, (attribute,)) else ""
    return UnlessGiven(row.parameter, (attribute,)) if row.parameter >= 0 else ""


_EQUALITY = {"==": True, "is": True, "!=": False, "is not": False}


def _of_comparison(frame: Frame, left: ir.Expr, operator: str, other: ir.Expr) -> Modes:
    if operator in {"in", "not in"}:
        modes = _LOADED if _names_loading(other) else ("", "")
        if any("cache" in word.lower() for word in words_of(other)) and modes != _LOADED:
            modes = _IN_CACHE
        if modes == ("", "") and (_is_parameter(left) or _is_parameter(other)):
            modes = _ASKED
        return modes if operator == "in" else modes[::-1]
    if type(left) is ir.Attr and type(other) is ir.Const and operator in _EQUALITY:
        fixed = _fixed(frame, left)
        if fixed is not None:
            same = fixed[0] == other.value
            return _NEVER_ELSE if same == _EQUALITY[operator] else _NEVER
    with_none = isinstance(other, ir.Const) and other.value is None
    if with_none and operator in {"is", "is not", "==", "!="} and _is_cached(frame, left):
        return _IN_CACHE if operator in {"is not", "!="} else _IN_CACHE[::-1]
    if _is_parameter(left) or _is_parameter(other):
        return _ASKED if with_none == (operator in {"is not", "!="}) else _ASKED[::-1]
    return "", ""


def _is_cached(frame: Frame, expr: ir.Expr) -> bool:
    """Whether the value came out of a cache, or did not."""
    if isinstance(expr, ir.Named):
        return _is_cached(frame, expr.value)
    if isinstance(expr, ir.Call):
        return asks_cache(expr)
    return isinstance(expr, ir.Name) and isinstance(frame.look_up(expr.id), Cached)


def asks_cache(call: ir.Call) -> bool:
    """Whether it is ``cache.get(…)``, whatever the cache is called, or ``get_cached_name(…)``."""
    function = call.function
    if type(function) is ir.Attr:
        name = function.attr
    elif type(function) is ir.Name:
        name = function.id
    else:
        return False
    if not name.startswith(("get", "aget")):
        return False  # as most
    if name.startswith("get") and "cache" in name.lower():
        return True
    return (
        type(function) is ir.Attr
        and name in {"get", "aget", "get_many"}
        and any("cache" in word.lower() for word in words_of(function.value))
    )


def _names_loading(expr: ir.Expr) -> bool:
    """Whether it speaks of relations that are loaded: ``is_prefetched(row, "lines")``."""
    return any(
        "prefetched" in word or word in {"fields_cache", "is_cached"} for word in words_of(expr)
    )


def words_of(expr: ir.Expr) -> Iterator[str]:
    """The names and attributes that a call or a chain of attributes is written with."""
    match expr:
        case ir.Name(id=name):
            yield name
        case ir.Attr(value=value, attr=name):
            yield name
            yield from words_of(value)
        case ir.Item(value=value):
            yield from words_of(value)
        case ir.Call(function=function, args=args):
            yield from words_of(function)
            for arg in args:
                if isinstance(arg, ir.Const) and isinstance(arg.value, str):
                    yield arg.value
