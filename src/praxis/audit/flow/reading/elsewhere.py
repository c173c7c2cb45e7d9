"""What else a function does with the rows of a name."""

from praxis.audit.flow.code import ir
from praxis.audit.flow.code.places import Places, nodes

#: Methods that ask the database anew, so that they want none of the rows that were fetched.
_ASKS_ANEW = frozenset({
    "aggregate", "alias", "annotate", "complex_filter", "count", "delete", "distinct", "earliest",
    "exclude", "exists", "filter", "get", "in_bulk", "last", "latest", "only", "order_by",
    "prefetch_related", "reverse", "select_related", "update", "using", "values", "values_list",
})  # fmt: skip


def used_elsewhere(places: Places, node: ir.Expr, also: frozenset[str] = frozenset()) -> bool:
    """
    Whether the rows of the name *node* are wanted in another place.

    *also* names functions, such as ``len``, for which they need not be fetched.
    """
    if not isinstance(node, ir.Name):
        return isinstance(node, ir.Attr)  # an attribute may be read anywhere
    for other in nodes(places.body):
        if not isinstance(other, ir.Name) or other.id != node.id or other is node:
            continue
        parent = places.parent(other)
        if isinstance(parent, ir.Assign) and any(target is other for target in parent.targets):
            continue
        if isinstance(parent, ir.Attr) and parent.attr in _ASKS_ANEW:
            continue
        if isinstance(parent, ir.Slice) and parent.value is other and other.start < node.start:
            continue
        if (
            isinstance(parent, ir.Call)
            and isinstance(parent.function, ir.Name)
            and parent.function.id in also
        ):
            continue
        return True
    return False


def call_of(places: Places, node: ir.Expr, names: frozenset[str]) -> ir.Call | None:
    """The call ``name(node)`` around *node*, with it for its first argument."""
    call = places.parent(node)
    if (
        isinstance(call, ir.Call)
        and isinstance(call.function, ir.Name)
        and call.function.id in names
        and call.args
        and call.args[0] is node
    ):
        return call
    return None
