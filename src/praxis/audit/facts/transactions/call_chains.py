"""From a call to what the called functions of the project do, over files, a few calls deep."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from praxis.audit.facts.imports.class_names import ClassNames
from praxis.audit.facts.models.classes import MODELS
from praxis.audit.facts.models.model_index import ModelIndex
from praxis.audit.facts.transactions.side_effects import (
    EFFECTS,
    Act,
    Block,
    FunctionActs,
    extract_all,
)
from praxis.audit.findings import Step
from praxis.audit.project import Project

#: A chain has at most so many calls: what is further away is not what a block is about.
MAX_DEPTH = 3
#: Functions in files without any effect of their own are read again; so many at most.
_MAX_READ = 1500

Wanted = Callable[[Act], bool]


@dataclass(frozen=True, slots=True)
class Link:
    """One call of a chain, in the file at *path*."""

    path: str
    act: Act


@dataclass(frozen=True, slots=True)
class Function:
    path: str
    acts: FunctionActs


class CallChains:
    """What calling a function leads to; for `Project.derive`."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._facts = project.facts(EFFECTS)
        self._names = project.facts(MODELS)
        self._by_name: dict[str, dict[str, FunctionActs]] = {}
        #: What was asked for in files without the fact.
        self._read: dict[tuple[str, str], FunctionActs | None] = {}
        #: The functions of definitions that were read again, all methods of a class at once.
        self._definitions: dict[tuple[str, str], dict[str, FunctionActs]] = {}
        self._resolved: dict[tuple[str, str], Function | None] = {}

    @cached_property
    def _classes(self) -> ClassNames:
        return self._project.derive(ModelIndex).names

    def functions(self) -> Iterator[Function]:
        """Every function that does something of interest."""
        for path, fact in self._project.facts(EFFECTS).items():
            for acts in fact.functions:
                yield Function(path, acts)

    @cached_property
    def tasks(self) -> frozenset[tuple[str, str]]:
        """The project's tasks: file and name."""
        return frozenset(
            (path, name)
            for path, fact in self._project.facts(EFFECTS).items()
            for name in fact.tasks
        )

    @cached_property
    def called_inside(self) -> frozenset[str]:
        """Names of functions and methods that are called inside of a transaction anywhere."""
        return frozenset(
            name for fact in self._project.facts(EFFECTS).values() for name in fact.called_inside
        )

    @cached_property
    def defers_tasks(self) -> bool:
        """Whether the project's own classes send tasks at the commit by themselves."""
        return any(fact.defers for fact in self._project.facts(EFFECTS).values())

    def chain(self, path: str, act: Act, wanted: Wanted) -> tuple[Link, ...] | None:
        """
        The calls from *act*, which stands in the file at *path*, to the first wanted act.

        Calls that happen in a transaction of the called function's own count as well: it is
        part of the one around.
        """
        return self._chain(path, act, wanted, MAX_DEPTH, set())

    def _chain(
        self, path: str, act: Act, wanted: Wanted, depth: int, seen: set[tuple[str, str]]
    ) -> tuple[Link, ...] | None:
        function = self.resolve(path, act.name)
        if function is None or not function.acts.plain:
            return None
        key = (function.path, function.acts.name)
        if key in seen:
            return None
        seen.add(key)
        certain = [one for one in function.acts.acts if not (one.handled or one.doubtful)]
        for inner in certain:
            if inner.kind != "call" and wanted(inner):
                return Link(path, act), Link(function.path, inner)
        if depth > 1:
            for inner in certain:
                if inner.kind == "call":
                    found = self._chain(function.path, inner, wanted, depth - 1, seen)
                    if found is not None:
                        return Link(path, act), *found
        return None

    # What a name means.

    def resolve(self, path: str, name: str) -> Function | None:
        """The project's function that *name* means in the file at *path*."""
        key = (path, name)
        if key not in self._resolved:
            self._resolved[key] = None  # a circle of names ends here
            self._resolved[key] = self._resolve(path, name, 4)
        return self._resolved[key]

    def locate(self, path: str, name: str) -> tuple[str, str] | None:
        """The file and the name there that a dotted name means, whatever it is."""
        if "." in name.lstrip("."):
            found = self._project.modules.resolve(name, path)
            if found is not None and found[0] != path and found[1]:
                return found
        return path, name

    def _resolve(self, path: str, name: str, hops: int) -> Function | None:
        if not hops:
            return None
        own = self._function(path, name)
        if own is not None:
            return Function(path, own)
        head, dot, rest = name.partition(".")
        if head and dot and "." not in rest and head[:1].isupper():
            inherited = self._inherited(path, head, rest)
            if inherited is not None:
                return inherited
        if dot:
            found = self._project.modules.resolve(name, path)
            if found is not None and found[1] and found[0] != path:
                return self._resolve(found[0], found[1], hops - 1)
        fact = self._names.get(path)
        target = fact.names.get(head) if fact is not None and head else None
        if target is not None and target != head:
            return self._resolve(path, f"{target}.{rest}" if dot else target, hops - 1)
        return None

    def _inherited(self, path: str, owner: str, method: str) -> Function | None:
        own = self._classes.classes.get((path, owner))
        if own is None or method in own.members:
            return None  # a method that does nothing of interest
        for base in self._classes.line((path, owner))[1:]:
            if isinstance(base, tuple):
                found = self._function(base[0], f"{base[1]}.{method}")
                if found is not None:
                    return Function(base[0], found)
                if method in self._classes.classes[base].members:
                    return None
        return None

    def _function(self, path: str, name: str) -> FunctionActs | None:
        """The function that the file defines by this name."""
        fact = self._facts.get(path)
        if fact is not None:
            if path not in self._by_name:
                self._by_name[path] = {function.name: function for function in fact.functions}
            return self._by_name[path].get(name)
        key = path, name
        if key not in self._read:
            if len(self._read) >= _MAX_READ:
                return None
            self._read[key] = self._read_anew(path, name)
        return self._read[key]

    def _read_anew(self, path: str, name: str) -> FunctionActs | None:
        """A function of a file without any effect of its own, for what it calls."""
        place = path, name.partition(".")[0]
        if place not in self._definitions:
            file = self._project.definition(*place)
            fact = extract_all(file) if file is not None else None
            functions = fact.functions if fact is not None else ()
            self._definitions[place] = {function.name: function for function in functions[::-1]}
        return self._definitions[place].get(name)


_OPENED = {
    "with": "the transaction is opened here",
    "decorator": "all of it is one transaction",
    "admin": "the admin calls this inside of a transaction",
    "signal": "this signal is sent inside of a transaction",
}


def opening_of(project: Project, path: str, block: Block) -> Step:
    """Where the transaction begins, and what begins it."""
    return Step(project.place(path, *block.opening), _OPENED[block.how])


def steps_of(project: Project, chain: tuple[Link, ...], last: str) -> tuple[Step, ...]:
    """The chain as steps; the last one says *last*."""
    steps: list[Step] = []
    for link in chain[:-1]:
        name = link.act.name.rpartition(".")[2]
        steps.append(Step(project.place(link.path, *link.act.span), f"calls {name}()"))
    end = chain[-1]
    return (*steps, Step(project.place(end.path, *end.act.span), last))
