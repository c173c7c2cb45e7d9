"""Where a function uses a name: what decides whether a queryset's rows are wanted."""

from collections.abc import Iterator

from msgspec import Struct

from praxis.audit.flow.code import ir
from praxis.audit.flow.events import Span

#: Methods of a queryset that ask the database anew, whether or not its rows were fetched.
_ASK_ANEW = frozenset({
    "aggregate", "alias", "annotate", "complex_filter", "delete", "distinct", "exclude", "filter",
    "only", "order_by", "prefetch_related", "select_related", "update", "using", "values",
    "values_list", "adelete", "aupdate", "aaggregate",
})  # fmt: skip


def only_tested(function: ir.Def, name: str, tested: Span) -> bool:
    """
    Whether the rows of *name* are wanted nowhere but in the test at *tested*.

    Every other use has to be an assignment or to ask the database anew.
    """
    for parent, use in _uses(function, name):
        if (use.start, use.end) == tested:
            continue
        if not (isinstance(parent, ir.Attr) and parent.attr in _ASK_ANEW):
            return False
    return True


def _uses(root: Struct, name: str) -> Iterator[tuple[object, ir.Name]]:
    """Each place where the name is read, with what is around it."""
    stack: list[tuple[object, object]] = [(None, root)]
    while stack:
        parent, node = stack.pop()
        if isinstance(node, ir.Name):
            if node.id == name:
                yield parent, node
        elif isinstance(node, tuple):
            stack.extend((parent, item) for item in node)
        elif isinstance(node, ir.Assign):
            # a plain target is no use of what it held
            stack.extend(
                (node, target) for target in node.targets if not isinstance(target, ir.Name)
            )
            stack.append((node, node.value))
        else:
            parts = ir.PARTS.get(node.__class__, ())
            stack.extend((node, getattr(node, part)) for part in parts)
