"""The names and attributes that stand in a piece of code, whatever it does with them."""

from praxis.audit.flow import ir
from praxis.audit.flow.ir import nodes


def mentions(root: object, *names: str) -> bool:
    """Whether one of the names stands anywhere in *root*, by itself or as an attribute."""
    return any(
        (isinstance(node, ir.Name) and node.id in names)
        or (isinstance(node, ir.Attr) and node.attr in names)
        for node in nodes(root)
    )


def names_of(root: object) -> set[str]:
    """The names that stand in *root*."""
    return {node.id for node in nodes(root) if isinstance(node, ir.Name)}


def stored_attributes(body: tuple[ir.Stmt, ...]) -> set[str]:
    """The attributes that a block sets, of whatever."""
    targets = [
        target for node in nodes(body) if isinstance(node, ir.Assign) for target in node.targets
    ]
    targets += [node.target for node in nodes(body) if isinstance(node, ir.AugAssign)]
    return {
        inner.attr
        for target in targets
        for inner in (target.items if isinstance(target, ir.Seq) else (target,))
        if isinstance(inner, ir.Attr)
    }


def assigned_in(body: tuple[ir.Stmt, ...]) -> set[str]:
    found: set[str] = set()
    for node in nodes(body):
        if isinstance(node, ir.Assign):
            found |= names_of(
                tuple(target for target in node.targets if isinstance(target, ir.Name | ir.Seq))
            )
        elif isinstance(node, ir.For):
            found |= names_of(node.target)
        elif isinstance(node, ir.AugAssign) and isinstance(node.target, ir.Name):
            found.add(node.target.id)
        elif isinstance(node, ir.Named):
            found.add(node.target)
    return found


def is_statement(node: object, call: ir.Call) -> bool:
    """Whether the node is a statement that does nothing but *call*."""
    if not isinstance(node, ir.Evaluate):
        return False
    value = node.value.value if isinstance(node.value, ir.Await) else node.value
    return value is call
