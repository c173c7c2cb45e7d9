"""What may change rows, or what names hold, between two queries for the same."""

from praxis.audit.flow.code import ir
from praxis.audit.flow.code.known_calls import (
    ANSWERING_METHODS,
    ANSWERS,
    PLAIN_FUNCTIONS,
    PLAIN_METHODS,
)
from praxis.audit.flow.code.places import names_in, root_of


def may_change_rows(call: ir.Call) -> bool:
    """Whether the call may save, change or delete a row, for all that is known."""
    function = call.function
    if isinstance(function, ir.Name):
        name = function.id
        return not (name in PLAIN_FUNCTIONS or name in ANSWERS or name[:1].isupper())
    if isinstance(function, ir.Attr):
        name = function.attr
        if name == "add" and isinstance(function.value, ir.Attr):
            return True
        return not (
            name in PLAIN_METHODS
            or name in ANSWERING_METHODS
            or name[:1].isupper()
            or (name.startswith("get_") and name.endswith("_display"))
        )
    return True


def stores_in(node: object, names: set[str]) -> bool:
    """Whether the node binds one of the names anew, or sets an attribute of what it holds."""
    targets: tuple[ir.Expr, ...] = ()
    if isinstance(node, ir.Assign | ir.Delete):
        targets = node.targets
    elif isinstance(node, ir.AugAssign | ir.For | ir.Clause):
        targets = (node.target,)
    elif isinstance(node, ir.With):
        targets = tuple(target for _, target in node.items if target is not None)
    elif isinstance(node, ir.Named):
        return node.target in names
    elif isinstance(node, ir.Import):
        return any(bound in names for bound, _ in node.names)
    for target in targets:
        root = root_of(target)
        if isinstance(root, ir.Name) and root.id in names:
            return True
        if isinstance(target, ir.Seq) and names_in(target) & names:
            return True
    return False
