"""What the names of a module mean, before any function runs."""

from collections.abc import Iterable

from praxis.audit.facts.model_index import ModelIndex
from praxis.audit.flow import ir
from praxis.audit.flow.values import UNKNOWN, ModelClass, Named, Value

_BUILT_IN = frozenset({
    "any", "all", "bool", "dict", "enumerate", "filter", "frozenset", "getattr", "hasattr",
    "isinstance", "iter", "len", "list", "map", "max", "min", "next", "print", "range", "repr",
    "reversed", "set", "setattr", "sorted", "str", "sum", "super", "tuple", "type", "zip",
})  # fmt: skip


class ModuleScope:
    """Names bound at the top level of a file: imports, classes; anything else is unknown."""

    def __init__(self, path: str, code: ir.Code, index: ModelIndex) -> None:
        self.path, self.index = path, index
        self._imports: dict[str, str | None] = {}
        self._bound: set[str] = set()
        self._values: dict[str, Value] = {}
        self._collect(code.body)

    def _collect(self, body: Iterable[ir.Stmt]) -> None:
        for statement in body:
            if isinstance(statement, ir.Import):
                for bound, target in statement.names:
                    known = self._imports.setdefault(bound, target)
                    if known != target:
                        self._imports[bound] = None
            elif isinstance(statement, ir.Def | ir.Class):
                self._bound.add(statement.name)
            elif isinstance(statement, ir.Assign):
                self._bound.update(
                    target.id for target in statement.targets if isinstance(target, ir.Name)
                )
            elif isinstance(statement, (ir.If, ir.Try)):
                self._collect(statement.body)
                self._collect(statement.orelse)

    def look_up(self, name: str) -> Value:
        """What *name* means at the top level."""
        value = self._values.get(name)
        if value is None:
            value = self._values[name] = self._look_up(name)
        return value

    def _look_up(self, name: str) -> Value:
        if name in self._imports:
            target = self._imports[name]
            if target is None or name in self._bound:
                return UNKNOWN
            return self.imported(target)
        found = self.index.model((self.path, name))
        if found is not None:
            return ModelClass(found.key)
        if name in self._bound:
            return UNKNOWN
        found = self.index.named(name, self.path)
        if found is not None:
            return ModelClass(found.key)
        return Named(name) if name in _BUILT_IN else UNKNOWN

    def imported(self, target: str) -> Value:
        """What a dotted name means, as imported in this file."""
        found = self.index.named(target, self.path)
        return ModelClass(found.key) if found is not None else Named(target)
