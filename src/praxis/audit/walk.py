"""The one walk over a tree: each node is offered to the rules that asked for its type."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from praxis.audit.facts.nodes import FIELDS
from praxis.audit.facts.sources import Role
from praxis.audit.file import File
from praxis.audit.findings import Finding, Problem
from praxis.audit.registry import Rule, failure_of

#: For each node type the fields with children, the last one first (they go on a stack).
_FIELDS = {kind: fields[::-1] for kind, fields in FIELDS.items()}


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is offered to whom in files of one role."""

    by_type: dict[type, list[Rule]]
    by_callee: dict[str, list[Rule]]
    #: Node types worth going to: those asked for, and those that hold other nodes.
    visited: frozenset[type]


class Walk:
    """Dispatches by node type; calls also by the last part of the called name."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = [
            rule for rule in rules if any(issubclass(kind, ast.AST) for kind in rule.visits)
        ]
        self._plans: dict[Role, _Plan] = {}

    def over(self, file: File, failures: list[Problem]) -> Iterator[tuple[Rule, Finding]]:
        """Yield what the rules find, in source order; a rule's own bug goes to *failures*."""
        plan = self._plan(file.role)
        by_type, by_callee, visited = plan.by_type, plan.by_callee, plan.visited
        if not (by_type or by_callee):
            return
        fields = _FIELDS
        stack: list[tuple[Any, object]] = [(file.tree, None)]
        while stack:
            node, chain = stack.pop()
            kind = node.__class__
            if kind in by_type:
                yield from self._offer(file, node, chain, by_type[kind], failures)
            if kind is ast.Call:
                function = node.func
                name = getattr(function, "attr", None) or getattr(function, "id", None)
                if name in by_callee:
                    yield from self._offer(file, node, chain, by_callee[name], failures)
            inner = (node, chain)
            for name in fields[kind]:
                child = getattr(node, name, None)
                if child.__class__ in visited:
                    stack.append((child, inner))
                elif child and child.__class__ is list:
                    stack += [(item, inner) for item in child[::-1] if item.__class__ in visited]

    def _plan(self, role: Role) -> _Plan:
        if role not in self._plans:
            by_type: dict[type, list[Rule]] = {}
            by_callee: dict[str, list[Rule]] = {}
            for rule in self._rules:
                if role in rule.skips:
                    continue
                for callee in rule.callees:
                    by_callee.setdefault(callee, []).append(rule)
                for kind in rule.visits if not rule.callees else ():
                    by_type.setdefault(kind, []).append(rule)
            visited = frozenset(kind for kind, held in _FIELDS.items() if held or kind in by_type)
            self._plans[role] = _Plan(by_type, by_callee, visited)
        return self._plans[role]

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
