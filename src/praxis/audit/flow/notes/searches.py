"""Notes where rows are asked for by a part of a text."""

from collections.abc import Iterator

from praxis.audit.flow.code import ir
from praxis.audit.flow.code.ir import nodes
from praxis.audit.flow.events import Span, TextSearched
from praxis.audit.flow.interpreter.amounts import OWN_CONDITION
from praxis.audit.flow.interpreter.conditions import ANY_CONDITION
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.values import QuerySet

#: Lookups that a b-tree is of no use for.
_PARTS = ("__contains", "__endswith", "__icontains", "__iendswith", "__iregex", "__regex")
#: How an entry of ``search_fields`` asks for another lookup than ``icontains``.
_PREFIXES = frozenset("^=@$")
_FILTERS = frozenset({"complex_filter", "filter", "get", "aget"})


def note_search(frame: Frame, queryset: QuerySet, name: str, call: ir.Call) -> None:
    """``queryset.name(…)``, one of whose conditions may be about a part of a text."""
    if name not in _FILTERS or frame.quiet:
        return
    lookups = tuple(_lookups(call))
    if not lookups or queryset.parent is not None or OWN_CONDITION in queryset.conditions:
        return  # some of the rows alone are looked through
    equal = set(queryset.where.filtered(word for word, _ in call.keywords).equal)
    event = TextSearched(
        frame.path, (call.start, call.end), queryset.model, lookups, tuple(sorted(equal))
    )
    if event not in frame.events:
        frame.events.append(event)


def note_search_fields(frame: Frame, queryset: QuerySet, path: str, fields: ir.Seq) -> None:
    """``search_fields = […]`` of a view of Django REST framework, whose list is *queryset*."""
    if queryset.parent is not None or frame.quiet:
        return
    if {OWN_CONDITION, ANY_CONDITION} & queryset.conditions:
        return
    lookups = tuple(
        (f"{item.value}__icontains", (item.start, item.end))
        for item in fields.items
        if isinstance(item, ir.Const) and isinstance(item.value, str)
        if item.value[:1] not in _PREFIXES
    )
    if lookups:
        span, equal = (fields.start, fields.end), tuple(sorted(queryset.where.equal))
        event = TextSearched(path, span, queryset.model, lookups, equal)
        if event not in frame.events:
            frame.events.append(event)


def _lookups(call: ir.Call) -> Iterator[tuple[str, Span]]:
    for node in (call, *nodes(call.args)):
        if isinstance(node, ir.Call) and (node is call or _is_q(node.function)):
            for word, value in node.keywords:
                if word.endswith(_PARTS):
                    yield word, (value.start, value.end)


def _is_q(function: ir.Expr) -> bool:
    return (isinstance(function, ir.Name) and function.id == "Q") or (
        isinstance(function, ir.Attr) and function.attr == "Q"
    )
