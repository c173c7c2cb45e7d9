"""Notes where rows are asked for by a part of a text."""

from collections.abc import Iterator

from praxis.audit.flow import ir
from praxis.audit.flow.conditions import OWN_CONDITION
from praxis.audit.flow.events import Span, TextSearched
from praxis.audit.flow.frame import Frame
from praxis.audit.flow.mentions import nodes
from praxis.audit.flow.values import QuerySet

#: Lookups that a b-tree is of no use for.
_PARTS = ("__contains", "__endswith", "__icontains", "__iendswith", "__iregex", "__regex")
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
