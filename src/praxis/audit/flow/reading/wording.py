"""How a query is spelt: which conditions it has, on what, and what else its chain says."""

from dataclasses import dataclass

from msgspec import Struct

from praxis.audit.flow.code import ir

#: Add conditions.
_CONDITIONS = frozenset({"filter", "exclude"})
#: Change nothing.
_NOTHING = frozenset({"all", "get_queryset"})
#: Ask the database; the last call of a chain.
ASKS = frozenset({
    "aggregate", "contains", "count", "earliest", "exists", "first", "get", "in_bulk", "last",
    "latest",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wording:
    """
    A query's chain of calls, without its places.

    Attributes:
        root: What it begins with: a manager, or the name of a queryset.
        conditions: The calls of ``filter`` and ``exclude``, and what ``get`` adds.
        steps: The other calls, in their order.
        last: The call that asks, with its arguments; empty where the rows are fetched.
    """

    root: object
    conditions: tuple[object, ...]
    steps: tuple[tuple[str, object], ...]
    last: tuple[str, object]

    @property
    def rows(self) -> tuple[object, ...]:
        """What is the same for two queries of the same rows."""
        return self.root, self.conditions

    @property
    def methods(self) -> set[str]:
        """The names of the steps."""
        return {name for name, _ in self.steps}


def wording_of(node: ir.Expr) -> Wording:
    """The wording of a call that asks, or of an expression whose rows are fetched."""
    conditions: list[object] = []
    steps: list[tuple[str, object]] = []
    last: tuple[str, object] = ("", None)
    if isinstance(node, ir.Item):
        last = "item", shape(node.index)
        node = node.value
    elif isinstance(node, ir.Call):
        function = node.function
        if isinstance(function, ir.Attr) and _plain(function.attr) in ASKS:
            name, given = _plain(function.attr), (shape(node.args), shape(node.keywords))
            last = name, given
            if name == "get":
                last = name, None
                if node.args or node.keywords:
                    conditions.append(("filter", given))
            node = function.value
        elif _is_shortcut(function) and node.args:
            last = "get", None
            conditions.append(("filter", (shape(node.args[1:]), shape(node.keywords))))
            node = node.args[0]
            if isinstance(node, ir.Name):
                node = ir.Attr(node.start, node.end, node, "objects")
    while True:
        if isinstance(node, ir.Slice):
            steps.append(("slice", shape((node.lower, node.upper, node.step))))
            node = node.value
        elif isinstance(node, ir.Call) and isinstance(node.function, ir.Attr):
            name, given = node.function.attr, (shape(node.args), shape(node.keywords))
            if name in _CONDITIONS:
                conditions.append((name, given))
            elif name not in _NOTHING or node.args or node.keywords:
                steps.append((name, given))
            node = node.function.value
        else:
            break
    return Wording(shape(node), tuple(reversed(conditions)), tuple(reversed(steps)), last)


def _plain(name: str) -> str:
    """``get`` for ``aget``."""
    return name[1:] if name[:1] == "a" and name[1:] in ASKS else name


def _is_shortcut(function: ir.Expr) -> bool:
    return isinstance(function, ir.Name) and function.id in {
        "get_object_or_404",
        "aget_object_or_404",
    }


def shape(node: object) -> object:
    """Equal for what is written alike, wherever it stands."""
    if isinstance(node, tuple):
        return tuple([shape(item) for item in node])
    if isinstance(node, ir.Format | ir.Other) or (
        isinstance(node, ir.Const) and node.value is None and node.end - node.start > len("None")
    ):
        return "text", node.start  # what it says is not kept: like nothing but itself
    if isinstance(node, Struct):
        fields = [
            shape(getattr(node, name))
            for name in node.__struct_fields__
            if name not in {"start", "end"}
        ]
        return (node.__class__.__name__, *fields)
    return node.__class__.__name__, node
