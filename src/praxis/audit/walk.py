"""The one walk over a tree: each node is offered to the rules that asked for its type."""

import ast
from collections.abc import Iterable, Iterator
from typing import Any

from praxis.audit.file import File
from praxis.audit.findings import Finding, Problem
from praxis.audit.registry import Rule, failure_of

#: Fields that hold no node, or only nodes that no rule asks for (contexts, operators).
_BARREN = frozenset({
    "arg", "asname", "attr", "conversion", "ctx", "id", "is_async", "kind", "level", "lineno",
    "module", "n", "op", "ops", "rest", "simple", "tag", "type_comment", "type_ignores",
})  # fmt: skip


def _fertile_fields() -> dict[type, tuple[str, ...]]:
    """For each node type the fields with children, the last one first (they go on a stack)."""
    table: dict[type, tuple[str, ...]] = {}
    for kind in vars(ast).values():
        if isinstance(kind, type) and issubclass(kind, ast.AST):
            fields = [name for name in kind._fields if name not in _BARREN]
            table[kind] = tuple(reversed(fields))
    for leaf in (ast.Name, ast.Constant, ast.Pass, ast.Break, ast.Continue, ast.Global):
        table[leaf] = ()
    return table


_FIELDS = _fertile_fields()


class Walk:
    """Dispatches by node type; calls also by the last part of the called name."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._by_type: dict[type, list[Rule]] = {}
        self._by_callee: dict[str, list[Rule]] = {}
        for rule in rules:
            for kind in rule.visits:
                if not issubclass(kind, ast.AST):
                    continue
                if rule.callees:
                    for callee in rule.callees:
                        self._by_callee.setdefault(callee, []).append(rule)
                else:
                    self._by_type.setdefault(kind, []).append(rule)

    def over(self, file: File, failures: list[Problem]) -> Iterator[tuple[Rule, Finding]]:
        """Yield what the rules find, in source order; a rule's own bug goes to *failures*."""
        by_type = {
            kind: spoken
            for kind, asked in self._by_type.items()
            if (spoken := [rule for rule in asked if file.role not in rule.skips])
        }
        fields, by_callee = _FIELDS, self._by_callee
        stack: list[tuple[Any, object]] = [(file.tree, None)]
        while stack:
            node, chain = stack.pop()
            kind = type(node)
            if (asked := by_type.get(kind)) is not None:
                yield from self._offer(file, node, chain, asked, failures)
            if kind is ast.Call:
                function = node.func
                name = getattr(function, "attr", None) or getattr(function, "id", None)
                if name in by_callee:
                    spoken = [rule for rule in by_callee[name] if file.role not in rule.skips]
                    yield from self._offer(file, node, chain, spoken, failures)
            inner = (node, chain)
            for name in fields[kind]:
                child = getattr(node, name, None)
                if child.__class__ is list:
                    stack += [(item, inner) for item in reversed(child) if item.__class__ in fields]
                elif child.__class__ in fields:
                    stack.append((child, inner))

    @staticmethod
    def _offer(
        file: File,
        node: ast.AST,
        chain: object,
        asked: list[Rule],
        failures: list[Problem],
    ) -> Iterator[tuple[Rule, Finding]]:
        file.chain = chain  # type: ignore[assignment]  # the recursive tuple type of ancestors
        for rule in asked:
            try:
                for finding in rule.check(file, node):
                    yield rule, finding
            except Exception as error:  # noqa: BLE001 - whatever a rule raises is its bug
                failures.append(failure_of(rule, file.path, error))
