"""What the names of a file mean, before any function runs."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from praxis.audit.facts.models.model_index import ModelIndex
from praxis.audit.facts.templates.tag_index import TagIndex
from praxis.audit.flow.code import ir
from praxis.audit.flow.interpreter.values import UNKNOWN, Const, Function, ModelClass, Named, Value

if TYPE_CHECKING:
    from praxis.audit.flow.interpreter.program import Program

_BUILT_IN = frozenset({
    "any", "all", "bool", "dict", "enumerate", "filter", "frozenset", "getattr", "hasattr",
    "isinstance", "iter", "len", "list", "map", "max", "min", "next", "print", "range", "repr",
    "reversed", "set", "setattr", "sorted", "str", "sum", "super", "tuple", "type", "zip",
})  # fmt: skip


class Scope(Protocol):
    """Where a frame looks up what it has not bound itself."""

    path: str
    index: ModelIndex
    program: "Program"

    def look_up(self, name: str) -> Value:
        """What *name* means at the top level."""

    def imported(self, target: str) -> Value:
        """What a dotted name means, as imported in this file."""


class TemplateScope:
    """A template knows the names of its context; one of Jinja, what its environment holds, too."""

    def __init__(self, path: str, program: "Program") -> None:
        self.path, self.program, self.index = path, program, program.index

    def look_up(self, name: str) -> Value:
        """A constant, or a function that the environment of Jinja makes known."""
        if name in _CONSTANTS:
            return Const(_CONSTANTS[name])
        code = self.program.template(self.path)
        if code is None or not code.jinja:
            return UNKNOWN
        known = self.program.project.derive(TagIndex).find_global(name, self.path)
        return Function(known.path, known.function) if known and known.function else UNKNOWN

    def imported(self, target: str) -> Value:
        """Templates import nothing."""
        return Named(target)


_CONSTANTS = {"True": True, "False": False, "None": None}


class ModuleScope:
    """Names bound at the top level of a file: imports, classes, functions, plain values."""

    def __init__(self, path: str, code: ir.Code, program: "Program") -> None:
        self.path, self.program, self.index = path, program, program.index
        self._imports: dict[str, str | None] = {}
        self._functions: set[str] = set()
        self._bound: set[str] = set()
        self._values: dict[str, Value] = {}
        #: What the values were found out from, where that is more than this file.
        self._used: dict[str, frozenset[str]] = {}
        self._collect(code.body)

    def _collect(self, body: Iterable[ir.Stmt]) -> None:
        for statement in body:
            if isinstance(statement, ir.Import):
                for bound, target in statement.names:
                    known = self._imports.setdefault(bound, target)
                    if known != target:
                        self._imports[bound] = None
            elif isinstance(statement, ir.Def):
                (self._bound if statement.name in self._functions else self._functions).add(
                    statement.name
                )
            elif isinstance(statement, ir.Class):
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
            value = self._find(name)
        used = self._used.get(name)
        if used is not None:  # whoever looks it up depends on what it was found out from
            self.program.records[-1].paths |= used
        return value

    def _find(self, name: str) -> Value:
        self._values[name] = UNKNOWN  # a value that is made from itself is not known

        def find() -> None:
            self._values[name] = self._look_up(name)

        used = self.program.watched(find) - {self.path}
        if used:
            self._used[name] = used
        return self._values[name]

    def _look_up(self, name: str) -> Value:
        if name in self._imports:
            target = self._imports[name]
            if target is None or name in self._bound:
                return UNKNOWN
            return self.imported(target)
        found = self.index.model((self.path, name))
        if found is not None:
            return ModelClass(found.key)
        if name in self._functions:
            return UNKNOWN if name in self._bound else Function(self.path, name)
        if name in self._bound:
            return self.program.top_level(self.path, name)
        value = self.program.named(name, self.path)
        if value is not None:
            return value
        return Named(name) if name in _BUILT_IN else UNKNOWN

    def imported(self, target: str) -> Value:
        """What a dotted name means, as imported in this file."""
        value = self.program.named(target, self.path)
        return Named(target) if value is None else value
