"""
Evaluate settings modules statement by statement, without importing them.

Conditions that are known are taken, others are tried both ways and joined. What a statement
does that this does not understand makes the names it touches Unknown, or all of them.
"""

from dataclasses import dataclass, field
from fnmatch import fnmatch
from posixpath import dirname, normpath

from praxis.audit.facts.settings.scopes import Scope
from praxis.audit.facts.settings.statements import Statements
from praxis.audit.facts.settings.values import (
    Choice,
    Constant,
    Missing,
    Module,
    Origin,
    Sequence,
    Unknown,
    Value,
    choose,
)
from praxis.audit.project import Project

#: Settings that pull in more modules than this pull in the whole application.
_MAX_MODULES = 120


@dataclass(frozen=True, slots=True)
class Circle:
    """Modules that import each other's names; *origin* is the import that closes the circle."""

    paths: tuple[str, ...]
    origin: Origin


@dataclass(slots=True)
class Evaluation:
    """The modules of a project that were evaluated, each once."""

    project: Project
    scopes: dict[str, Scope] = field(default_factory=dict)
    classes: dict[str, dict[str, Scope]] = field(default_factory=dict)
    circles: list[Circle] = field(default_factory=list)
    #: Where a module takes all names of another: (importing path, imported path) -> statement.
    imports: dict[tuple[str, str], Origin] = field(default_factory=dict)
    _running: dict[str, Scope] = field(default_factory=dict)

    def module(self, path: str) -> Scope:
        """The scope of a module once it was imported."""
        done = self.scopes.get(path)
        if done is not None:
            return done
        scope = Scope()
        whole = Origin(path, 0, 0)
        file = self.project.file(path) if len(self.scopes) < _MAX_MODULES else None
        if file is None:
            scope.blur(whole)
        else:
            self._running[path] = scope
            statements = Statements(file, scope, self)
            statements.run(file.tree.body)
            # a class that others are made from is a part of environments, and none itself
            self.classes[path] = {
                name: inner
                for name, inner in statements.classes.items()
                if name not in statements.subclassed
            }
            del self._running[path]
        self.scopes[path] = scope
        return scope

    # What statements ask for.

    def find(self, dotted: str, asking: str) -> str | None:
        """The path of a module by its dotted name, with leading dots if relative."""
        name = dotted.lstrip(".")
        path = self.project.modules.find(name, asking, len(dotted) - len(name))
        if path is None or name != dotted:
            return path
        # a file that happens to have the name, in another tree of the project, is not meant
        root = _import_root(path, name)
        return path if not root or asking.startswith(root) else None

    def attribute(self, path: str, name: str, origin: Origin | None = None) -> Value:
        """The value of a name in the module at *path*; a submodule if it is one."""
        if path in self._running:
            value = self._running[path].value(name)
            if not isinstance(value, Missing):  # bound before the circle closes: it works
                return value
            if origin is not None:
                self._close_circle(path, origin)
            return Unknown()
        value = self.module(path).value(name)
        if isinstance(value, Missing):
            submodule = self.find(f".{name}", path) if path.endswith("__init__.py") else None
            return Module(submodule) if submodule is not None else Unknown()
        return value

    def import_all(self, path: str, into: Scope, origin: Origin) -> None:
        """``from module import *`` of a module of the project."""
        self.imports.setdefault((origin.path, path), origin)
        if path in self._running:
            self._close_circle(path, origin)
            into.blur(origin)
            return
        scope = self.module(path)
        if scope.opaque is not None:
            into.blur(origin)
        public = _public_names(scope)
        for name, value in scope.names.items():
            if name not in public and (public or name.startswith("_")):
                continue
            into.bind(name, _over(value, into.written(name)))
            if name in scope.shadowed:
                into.shadowed.add(name)

    def matching(self, pattern: str, asking: str) -> list[str]:
        """The modules that a pattern of paths relative to *asking* means, sorted."""
        wanted = normpath(f"{dirname(asking)}/{pattern}").lstrip("/")
        return sorted(path for path in self.project.modules.paths if fnmatch(path, wanted))

    def _close_circle(self, path: str, origin: Origin) -> None:
        running = list(self._running)
        paths = (*running[running.index(path) :], path)
        if all(circle.origin != origin for circle in self.circles):
            self.circles.append(Circle(paths, origin))


def _import_root(path: str, dotted: str) -> str:
    """The folder from which *dotted* names *path*, with a slash at the end; "" is the project."""
    stem = path.removesuffix(".py").removesuffix("/__init__")
    return stem.removesuffix(dotted.replace(".", "/"))


def _public_names(scope: Scope) -> frozenset[str]:
    match scope.names.get("__all__"):
        case Sequence(items=items) if all(isinstance(item, Constant) for item in items):
            return frozenset(str(item.value) for item in items if isinstance(item, Constant))
        case _:
            return frozenset()


def _over(value: Value, earlier: Value) -> Value:
    """*value*, or what the name was worth before where *value* may be missing."""
    if isinstance(value, Choice) and Missing() in value.alternatives:
        return choose(
            [earlier if isinstance(each, Missing) else each for each in value.alternatives]
        )
    return value
