"""What the statements of a settings module do to its names."""

import ast
from collections.abc import Sequence as Values
from dataclasses import replace
from typing import Protocol

from praxis.audit.facts.settings import operations
from praxis.audit.facts.settings.expressions import Expressions
from praxis.audit.facts.settings.scopes import Scope, join
from praxis.audit.facts.settings.values import (
    Constant,
    FromEnvironment,
    Mapping,
    Missing,
    Module,
    Name,
    Origin,
    Sequence,
    Unknown,
    Value,
    truth,
)
from praxis.audit.file import File

_NAMESPACES = frozenset({"globals", "locals", "vars"})
_RUNNERS = frozenset({"exec", "execfile", "setattr"})
_IMPORT_ERRORS = frozenset({"ImportError", "ModuleNotFoundError"})
_EXITS = frozenset({"sys.exit", "os._exit", "builtins.exit", "builtins.quit"})


class Imports(Protocol):
    """The other modules of the project."""

    def find(self, dotted: str, asking: str) -> str | None: ...
    def attribute(self, path: str, name: str, origin: Origin | None = None) -> Value: ...
    def import_all(self, path: str, into: Scope, origin: Origin) -> None: ...
    def matching(self, pattern: str, asking: str) -> list[str]: ...


class Statements:
    """Runs statements of one file over a scope."""

    def __init__(self, file: File, scope: Scope, imports: Imports) -> None:
        self._file, self._scope, self._imports = file, scope, imports
        self._expressions = Expressions(file, self)
        #: Classes that hold settings (django-configurations), by name.
        self.classes: dict[str, Scope] = {}
        #: Names of classes that a class here has for a base.
        self.subclassed: set[str] = set()
        self._outer: Scope | None = None

    def look_up(self, name: str) -> Value:
        """A name as an expression reads it."""
        if name == "__name__":
            return Name("__name__")
        found = self._scope.value(name)
        if isinstance(found, Missing) and self._outer is not None:
            found = self._outer.value(name)
        if isinstance(found, Missing):
            return Name(f"builtins.{name}")
        return found

    def attribute(self, path: str, name: str) -> Value:
        """A name of another module."""
        return self._imports.attribute(path, name)

    def run(self, body: Values[ast.stmt]) -> None:
        """Run *body*, up to where it ends the module."""
        for statement in body:
            if self._scope.ended:
                return
            self._step(statement)

    def _step(self, node: ast.stmt) -> None:
        match node:
            case ast.Assign():
                self._assign(node)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                self._bind(name, self._value(value), node)
            case ast.AugAssign():
                self._augment(node)
            case ast.Expr(value=ast.Call() as call):
                self._call(call, node)
            case ast.Import():
                self._import(node)
            case ast.ImportFrom():
                self._import_from(node)
            case ast.If():
                self._branch(node)
            case ast.Try():
                self._try(node)
            case ast.With():
                for part in node.items:
                    self._forget(part.optional_vars)
                self.run(node.body)
            case ast.For() | ast.While():
                self._loop(node)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._define(node)
            case ast.ClassDef():
                self._class(node)
            case ast.Delete(targets=targets):
                self._delete(targets)
            case ast.Raise():
                self._scope.ended = True
            case ast.Match():
                self._run_either([case.body for case in node.cases] + [[]])
            case _:
                pass  # pass, assert, global, a docstring: none binds a setting

    # Binding.

    def _value(self, node: ast.expr) -> Value:
        value = self._expressions.value(node)
        if isinstance(value, Unknown) and self._hands_over_names(node):
            self._scope.blur(self._origin(node))
        return value

    def _origin(self, node: ast.AST) -> Origin:
        return self._expressions.origin(node)

    def _bind(self, name: str, value: Value, node: ast.stmt) -> None:
        self._scope.bind(name, replace(value, origin=self._origin(node)))

    def _assign(self, node: ast.Assign) -> None:
        value = self._value(node.value)
        for target in node.targets:
            self._assign_to(target, value, node)

    def _assign_to(self, target: ast.expr, value: Value, node: ast.stmt) -> None:
        match target:
            case ast.Name(id=name):
                self._bind(name, value, node)
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                parts: Values[Value] = ()
                if isinstance(value, Sequence) and value.is_complete:
                    parts = value.items
                if len(parts) != len(elements):
                    parts = [Unknown()] * len(elements)
                for element, part in zip(elements, parts, strict=True):
                    self._assign_to(element, part, node)
            case ast.Subscript(value=holder, slice=key):
                self._assign_item(holder, key, value, node)
            case ast.Starred(value=inner):
                self._assign_to(inner, Unknown(), node)
            case _:
                pass  # an attribute of something: no setting

    def _assign_item(self, holder: ast.expr, key: ast.expr, value: Value, node: ast.stmt) -> None:
        known = self._expressions.value(key)
        if self._is_namespace(holder):
            if isinstance(known, Constant) and isinstance(known.value, str):
                self._bind(known.value, value, node)
            else:
                self._scope.blur(self._origin(node))
            return
        name = _root(holder)
        if name is None:
            return
        current = self._scope.written(name)
        if isinstance(holder, ast.Name) and isinstance(current, Mapping):
            if isinstance(known, Constant):
                self._keep(name, current.with_item(known, value), node)
            else:
                self._keep(name, Mapping((), complete=False), node)
        else:
            self._keep(name, self._changed_within(holder, current), node)

    def _changed_within(self, holder: ast.expr, current: Value) -> Value:
        """A dictionary of which something deep inside was changed: only that part is unknown."""
        path: list[Value] = []
        while isinstance(holder, ast.Subscript):
            path.append(self._expressions.value(holder.slice))
            holder = holder.value
        outermost = path[-1] if path else None
        if isinstance(current, Mapping) and isinstance(outermost, Constant):
            return current.with_item(outermost, Unknown())
        return Unknown()

    def _keep(self, name: str, value: Value, node: ast.stmt) -> None:
        """Bind a changed value; whether its name is sure stays as it was."""
        was_shadowed = name in self._scope.shadowed
        self._bind(name, value, node)
        if was_shadowed:
            self._scope.shadowed.add(name)

    def _augment(self, node: ast.AugAssign) -> None:
        name = _root(node.target)
        if name is None:
            return
        if isinstance(node.target, ast.Name):
            current = self._scope.written(name)
            added = self._value(node.value)
            self._keep(name, operations.binary(node.op, current, added), node)
        else:
            self._keep(name, self._changed_within(node.target, self._scope.written(name)), node)

    def _forget(self, target: ast.AST | None) -> None:
        """Names that an unknown value is bound to."""
        for inner in ast.walk(target) if target is not None else ():
            if isinstance(inner, ast.Name):
                self._scope.bind(inner.id, Unknown())

    def _delete(self, targets: Values[ast.expr]) -> None:
        for target in targets:
            if isinstance(target, ast.Name):
                self._scope.names.pop(target.id, None)
                self._scope.shadowed.discard(target.id)
            elif (name := _root(target)) is not None:
                self._scope.bind(name, Unknown())

    # Calls for their effect.

    def _call(self, call: ast.Call, node: ast.stmt) -> None:
        match call.func:
            case ast.Attribute(value=holder, attr=method) if self._is_namespace(holder):
                self._update_namespace(call, method, node)
                return
            case ast.Attribute(value=ast.Name(id=name), attr=method) if isinstance(
                self._scope.written(name), Sequence | Mapping
            ) or self._may_hold_list(name):
                arguments = [self._expressions.value(argument) for argument in call.args]
                if call.keywords:
                    method = "?"
                current = self._scope.written(name)
                self._keep(name, operations.append(current, method, arguments), node)
                return
            case ast.Attribute(value=ast.Subscript() as holder) if _root(holder) is not None:
                name = _root(holder) or ""
                self._keep(name, self._changed_within(holder, self._scope.written(name)), node)
                return
            case _:
                pass
        function = self._expressions.value(call.func)
        if isinstance(function, Name):
            if function.dotted == "split_settings.tools.include":
                self._include(call, node)
                return
            if function.dotted in _EXITS:
                self._scope.ended = True
                return
        if self._hands_over_names(call):
            self._scope.blur(self._origin(node))

    def _may_hold_list(self, name: str) -> bool:
        value = self._scope.written(name)
        if isinstance(value, FromEnvironment):
            return True
        inner = getattr(value, "alternatives", ())
        return any(isinstance(each, Sequence | Mapping) for each in inner)

    def _update_namespace(self, call: ast.Call, method: str, node: ast.stmt) -> None:
        arguments = [self._expressions.value(argument) for argument in call.args]
        given = arguments[0] if arguments else Mapping(())
        match method, given:
            case "update", Mapping(items=pairs, complete=True):
                for key, value in pairs:
                    self._bind(str(key.value), value, node)
                for keyword in call.keywords:
                    if keyword.arg is None:
                        self._scope.blur(self._origin(node))
                    else:
                        self._bind(keyword.arg, self._value(keyword.value), node)
            case "get", _:
                pass
            case _:
                self._scope.blur(self._origin(node))

    def _is_namespace(self, node: ast.expr) -> bool:
        return (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in _NAMESPACES
            and not node.args
        )

    def _hands_over_names(self, node: ast.AST) -> bool:
        """Whether something is called that can bind names of this module unseen."""
        for inner in ast.walk(node):
            if isinstance(inner, ast.expr) and self._is_namespace(inner):
                return True
            if isinstance(inner, ast.Call):
                called = inner.func
                last = called.attr if isinstance(called, ast.Attribute) else ""
                last = called.id if isinstance(called, ast.Name) else last
                if last in _RUNNERS or "dynaconf" in last.lower():
                    return True
            if isinstance(inner, ast.Attribute) and self._file.qualified(inner) == "sys.modules":
                return True
        return False

    # Imports.

    def _import(self, node: ast.Import) -> None:
        for alias in node.names:
            path = self._imports.find(alias.name, self._file.path)
            if alias.asname is not None or "." not in alias.name:
                bound = alias.asname or alias.name
                value = Module(path) if path is not None else Name(alias.name)
                self._bind(bound, value, node)
            else:
                top = alias.name.partition(".")[0]
                self._bind(top, Name(top) if path is None else Unknown(), node)

    def _import_from(self, node: ast.ImportFrom) -> None:
        dotted = "." * node.level + (node.module or "")
        path = self._imports.find(dotted, self._file.path)
        origin = self._origin(node)
        for alias in node.names:
            if alias.name == "*":
                if path is not None:
                    self._imports.import_all(path, self._scope, origin)
                elif not self._is_harmless(dotted):
                    self._scope.blur(origin)
                continue
            bound = alias.asname or alias.name
            self._bind(bound, self._imported(path, dotted, alias.name, origin), node)

    def _imported(self, path: str | None, dotted: str, name: str, origin: Origin) -> Value:
        submodule = self._imports.find(
            f"{dotted}{name}" if dotted.endswith(".") else f"{dotted}.{name}", self._file.path
        )
        if path is not None:
            if submodule is not None:
                return Module(submodule)
            return self._imports.attribute(path, name, origin)
        if submodule is not None:
            return Module(submodule)
        return Unknown() if dotted.startswith(".") else Name(f"{dotted}.{name}")

    def _is_harmless(self, dotted: str) -> bool:
        # modules of well-known packages whose names are no settings
        return dotted.partition(".")[0] in {"typing", "os", "pathlib", "socket", "logging"}

    def _include(self, call: ast.Call, node: ast.stmt) -> None:
        """``include("base.py", optional("local.py"))`` of django-split-settings."""
        origin = self._origin(node)
        for argument in call.args:
            inner = argument
            if isinstance(inner, ast.Call) and len(inner.args) == 1:
                inner = inner.args[0]
            pattern = self._expressions.value(inner)
            if not isinstance(pattern, Constant) or not isinstance(pattern.value, str):
                self._scope.blur(origin)
                continue
            paths = self._imports.matching(pattern.value, self._file.path)
            for path in paths:
                self._imports.import_all(path, self._scope, origin)
            if not paths:
                self._scope.blur(origin)

    # Control flow.

    def _branch(self, node: ast.If) -> None:
        known = self._known_test(node.test)
        if known is None:
            self._run_either([node.body, node.orelse])
        else:
            self.run(node.body if known else node.orelse)

    def _known_test(self, test: ast.expr) -> bool | None:
        match test:
            case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
                return False
            case ast.Compare(left=ast.Name(id="__name__")):
                return False
            case _:
                return truth(self._value(test))

    def _run_either(self, bodies: list[list[ast.stmt]]) -> None:
        before = self._scope.copy()
        ends: list[Scope] = []
        for body in bodies:
            self._scope.become(before.copy())
            self.run(body)
            ends.append(self._scope.copy())
        self._scope.become(join(ends))

    def _try(self, node: ast.Try) -> None:
        before = self._scope.copy()
        self.run([*node.body, *node.orelse])
        ends = [self._scope.copy()]
        for handler in node.handlers:
            if self._cannot_happen(node, handler):
                continue
            self._scope.become(before.copy())
            if handler.name is not None:
                self._scope.bind(handler.name, Unknown())
            self.run(handler.body)
            ends.append(self._scope.copy())
        self._scope.become(join(ends))
        self.run(node.finalbody)

    def _cannot_happen(self, node: ast.Try, handler: ast.ExceptHandler) -> bool:
        """An ImportError where everything imported is part of the project."""
        caught = handler.type
        if not (isinstance(caught, ast.Name) and caught.id in _IMPORT_ERRORS):
            return False
        imports = [inner for inner in node.body if isinstance(inner, ast.Import | ast.ImportFrom)]
        return bool(imports) and all(
            isinstance(inner, ast.ImportFrom)
            and self._imports.find("." * inner.level + (inner.module or ""), self._file.path)
            for inner in imports
        )

    def _loop(self, node: ast.For | ast.While) -> None:
        """Run the body once to see what it binds; none of it is known afterwards."""
        before = self._scope.copy()
        if isinstance(node, ast.For):
            self._forget(node.target)
        self.run(node.body)
        after = self._scope.copy()
        self._scope.become(before)
        changed = {
            name for name, value in after.names.items() if before.names.get(name) is not value
        }
        for name in changed:
            self._scope.bind(name, Unknown())
        if after.opaque is not None:
            self._scope.blur(after.opaque)
        self.run(node.orelse)

    # Definitions.

    def _define(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._bind(node.name, Unknown(), node)
        for inner in ast.walk(node):
            if isinstance(inner, ast.Global):
                for name in inner.names:
                    self._scope.bind(name, Unknown())

    def _class(self, node: ast.ClassDef) -> None:
        self._bind(node.name, Unknown(), node)
        self.subclassed.update(base.id for base in node.bases if isinstance(base, ast.Name))
        bases = [self._class_scope(base) for base in node.bases]
        if not any(base is not None for base in bases):
            return
        inner = Scope()
        for base in reversed(bases):
            if base is None:
                inner.blur(self._origin(node))
            else:
                for name, value in base.names.items():
                    inner.bind(name, value)
                inner.opaque = inner.opaque or base.opaque
                inner.shadowed |= base.shadowed
        outer, self._outer, self._scope = self._scope, self._scope, inner
        self.run(node.body)
        self._scope, self._outer = outer, None
        self.classes[node.name] = inner

    def _class_scope(self, base: ast.expr) -> Scope | None:
        """The settings that a base class of django-configurations brings."""
        if isinstance(base, ast.Name) and base.id in self.classes:
            return self.classes[base.id]
        value = self._expressions.value(base)
        if isinstance(value, Name) and value.dotted.startswith("configurations."):
            return Scope()
        return None


def _root(node: ast.expr) -> str | None:
    """The name at the beginning of ``X["a"].b``."""
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None
