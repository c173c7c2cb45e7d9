"""
Which module runs which when it is imported, the knots of that graph, and what fails in them.

Importing ``a.b.c`` runs ``a/__init__.py`` and ``a/b/__init__.py`` first. Only imports that surely
run at import time count: those in functions, under ``TYPE_CHECKING`` or other conditions do not.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from posixpath import dirname
from typing import NamedTuple

from praxis.audit.facts.imports.order import IMPORT_ORDER, Event, ImportOrder
from praxis.audit.facts.sources import Role
from praxis.audit.project import Project


class Running(NamedTuple):
    """A module that is being imported, and the import statement of it that runs."""

    path: str
    event: Event


@dataclass(frozen=True, slots=True)
class Failure:
    """
    An import that raises ImportError.

    Attributes:
        entry: The module that was imported first.
        chain: The modules whose imports have begun, the last one's statement fails.
        partial: The module that is asked for *name* before it has bound it.
    """

    entry: str
    chain: tuple[Running, ...]
    partial: str
    name: str

    @property
    def cycle(self) -> tuple[Running, ...]:
        """The part of the chain from the partial module to the failing statement."""
        for index, running in enumerate(self.chain):
            if running.path == self.partial:
                return self.chain[index:]
        return self.chain


class _Action(NamedTuple):
    """Run *path* (if it has not begun), then ask it for *name* (if it is not empty)."""

    path: str
    name: str
    event: Event


class ImportGraph:
    """The modules of a project by path, with what each runs when it is imported."""

    def __init__(self, project: Project) -> None:
        self._modules = project.modules
        self._orders: Mapping[str, ImportOrder] = project.facts(IMPORT_ORDER)
        self._found: dict[tuple[str, str, int], str | None] = {}
        self.actions: dict[str, tuple[_Action | Event, ...]] = {
            path: tuple(self._actions(path, order)) for path, order in self._orders.items()
        }
        self.runs: dict[str, tuple[str, ...]] = {
            path: tuple(
                dict.fromkeys(
                    [
                        *self.packages_of(path),
                        *(action.path for action in actions if isinstance(action, _Action)),
                    ]
                )
            )
            for path, actions in self.actions.items()
        }

    def packages_of(self, path: str) -> list[str]:
        """The ``__init__.py`` files that run before the module at *path*, the outermost first."""
        found: list[str] = []
        folder = dirname(path)
        while folder and f"{folder}/__init__.py" in self._modules.paths:
            if f"{folder}/__init__.py" != path:
                found.append(f"{folder}/__init__.py")
            folder = dirname(folder)
        return found[::-1]

    def _find(self, dotted: str, asking: str) -> str | None:
        name = dotted.lstrip(".")
        level = len(dotted) - len(name)
        key = (name, dirname(asking), level)
        if key not in self._found:
            path = self._modules.find(name, asking, level) if name or level else None
            if path is not None and not level:
                # a folder elsewhere that happens to hold a module of this name is another one
                stem = path.removesuffix(".py").removesuffix("/__init__")
                root = stem.removesuffix(name.replace(".", "/")).strip("/")
                own = self._modules.root_of(asking)
                if root and not f"{own}/".startswith(f"{root}/"):
                    path = None
            self._found[key] = path
        return self._found[key]

    def _actions(self, path: str, order: ImportOrder) -> Iterator[_Action | Event]:
        for event in order.events:
            if event.imports and event.sure:
                target = self._find(event.imports, path)
                if target is not None and target != path:
                    for package in self.packages_of(target):
                        yield _Action(package, "", event)
                    yield _Action(target, "", event)
                    yield from self._wants(target, event, path)
                elif target is not None:
                    yield from self._wants(target, event, path)
                else:  # maybe a folder without __init__.py
                    for name in event.wants:
                        module = self._submodule(event, name, path)
                        if module is not None and module != path:
                            yield _Action(module, "", event)
            yield event

    def _submodule(self, event: Event, name: str, path: str) -> str | None:
        package = event.imports
        return self._find(f"{package}{'' if package.endswith('.') else '.'}{name}", path)

    def _wants(self, target: str, event: Event, path: str) -> Iterator[_Action]:
        for name in event.wants:
            submodule = None
            if target.endswith("__init__.py") and name != "*":
                submodule = self._submodule(event, name, path)
            if submodule is not None:
                yield _Action(submodule, "", event)
            elif target != path:
                yield _Action(target, name, event)

    def knots(self) -> list[list[str]]:
        """The sets of two or more modules that all run each other, by Tarjan's algorithm."""
        index: dict[str, int] = {}
        low: dict[str, int] = {}
        open_: dict[str, None] = {}
        found: list[list[str]] = []
        for start in self.runs:
            if start in index:
                continue
            work = [(start, iter(self.runs[start]))]
            index[start] = low[start] = len(index)
            open_[start] = None
            while work:
                path, targets = work[-1]
                for target in targets:
                    if target not in self.runs:
                        continue
                    if target not in index:
                        index[target] = low[target] = len(index)
                        open_[target] = None
                        work.append((target, iter(self.runs[target])))
                        break
                    if target in open_:
                        low[path] = min(low[path], index[target])
                else:
                    work.pop()
                    if work:
                        low[work[-1][0]] = min(low[work[-1][0]], low[path])
                    if low[path] == index[path]:
                        knot: list[str] = []
                        while not knot or knot[-1] != path:
                            knot.append(open_.popitem()[0])
                        if len(knot) > 1:
                            found.append(sorted(knot))
        return found

    def apps(self) -> list[str]:
        """The folders of Django apps: with migrations or an ``apps.py``."""
        paths = self._modules.paths
        found = {dirname(path) for path in paths if path.endswith("/apps.py")}
        found |= {
            dirname(dirname(path)) for path in paths if path.endswith("/migrations/__init__.py")
        }
        return sorted(found)

    def has_migrations(self, app: str) -> bool:
        """Whether the app surely has models of its own."""
        return f"{app}/migrations/__init__.py" in self._modules.paths

    def models_of(self, app: str) -> str | None:
        """The module in which Django looks for the models of the app in this folder."""
        for path in (f"{app}/models.py", f"{app}/models/__init__.py"):
            if path in self.runs:
                return path
        return None

    def is_dynamic(self, path: str) -> bool:
        """Whether the module may hold names that no statement binds."""
        order = self._orders.get(path)
        return order is None or order.dynamic


class Interpreter:
    """
    Imports the modules of one knot in thought.

    What lies outside of the knot never leads back into it, so it is passed over.
    """

    def __init__(self, graph: ImportGraph, knot: Iterable[str], *, lenient: bool = False) -> None:
        self._graph, self._knot = graph, frozenset(knot)
        #: Nothing fails: what surely works at run time is followed to its end.
        self._lenient = lenient
        #: Each module whose import has begun, with the names it has bound; None for any name.
        self.begun: dict[str, set[str] | None] = {}
        self.steps = 0

    def narrowed(self, knot: Iterable[str], *, lenient: bool = False) -> "Interpreter":
        """Another one in the same state, for the modules of *knot* alone."""
        other = Interpreter(self._graph, knot, lenient=lenient)
        for path in knot:
            if path in self.begun:
                names = self.begun[path]
                other.begun[path] = None if names is None else set(names)
        return other

    def load(self, entry: str) -> Failure | None:
        """Import *entry*; tell what fails."""
        for path in (*self._graph.packages_of(entry), entry):
            failure = self._run(path, entry)
            if failure is not None:
                return failure
        return None

    def _run(self, first: str, entry: str) -> Failure | None:
        frames: list[tuple[str, Iterator[_Action | Event]]] = []
        current: list[Running] = []
        self._begin(first, frames)
        while frames:
            path, actions = frames[-1]
            action = next(actions, None)
            self.steps += 1
            if action is None:
                frames.pop()
                if current:
                    current.pop()
            elif isinstance(action, Event):
                self._bind(path, action)
            elif action.path in self._knot:
                running = Running(path, action.event)
                if action.name == "*":
                    self._bind_all(path, action.path)
                elif action.name:
                    if not self._lenient and self._lacks(action.path, action.name, frames):
                        chain = (*current, running)
                        if any(step.event.caught for step in chain):
                            return None
                        return Failure(entry, chain, action.path, action.name)
                elif self._begin(action.path, frames):
                    current.append(running)
            elif action.name == "*":
                self.begun[path] = None
        return None

    def _begin(self, path: str, frames: list[tuple[str, Iterator[_Action | Event]]]) -> bool:
        if path in self.begun or path not in self._knot:
            return False
        self.begun[path] = None if self._graph.is_dynamic(path) else set()
        frames.append((path, iter(self._graph.actions[path])))
        return True

    def _bind(self, path: str, event: Event) -> None:
        names = self.begun[path]
        if names is None:
            return
        names.update(event.binds)
        if "*" in event.wants and not any(
            isinstance(action, _Action) and action.event is event
            for action in self._graph.actions[path]
        ):
            self.begun[path] = None  # from elsewhere, or not surely: anything may be there

    def _bind_all(self, path: str, source: str) -> None:
        names, more = self.begun[path], self.begun[source]
        if names is None or more is None:
            self.begun[path] = None
        else:
            names.update(more)

    def _lacks(
        self, path: str, name: str, frames: list[tuple[str, Iterator[_Action | Event]]]
    ) -> bool:
        names = self.begun.get(path)
        return (
            names is not None
            and name not in names
            and not (name.startswith("__") and name.endswith("__"))
            and any(path == begun for begun, _ in frames)
        )


@dataclass(frozen=True, slots=True)
class SetUp:
    """
    What has been imported when Django's set-up begins to load models, and when it has ended.

    Attributes:
        before: After the settings and the ``apps.py`` modules.
        after: After the models of all apps too.
        models: The models modules of apps with migrations: ``INSTALLED_APPS`` says which is first.
    """

    before: Interpreter
    after: Interpreter
    models: frozenset[str]

    @classmethod
    def of(cls, project: Project) -> "SetUp":
        """Load the project in thought, as ``django.setup()`` does."""
        graph = project.derive(ImportGraph)
        apps = graph.apps()
        first = [path for path in graph.runs if project.role(path) is Role.SETTINGS]
        first += [f"{app}/apps.py" for app in apps if f"{app}/apps.py" in graph.runs]
        models = {app: path for app in apps if (path := graph.models_of(app)) is not None}
        before = Interpreter(graph, graph.runs, lenient=True)
        for path in first:
            before.load(path)
        after = before.narrowed(graph.runs, lenient=True)
        for path in models.values():
            after.load(path)
        own = frozenset(path for app, path in models.items() if graph.has_migrations(app))
        return cls(before, after, own)
