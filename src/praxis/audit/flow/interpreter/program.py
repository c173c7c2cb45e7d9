"""
The code of the whole project, as interpretation asks for it: a function, a class, a member.

What is asked for is remembered, file by file: what was found out about one file holds as long as
these do. Decoded files are kept for a while, never all of them.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar, cast

import msgspec

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.facts.models.model_index import ModelIndex
from praxis.audit.facts.templates.template_index import TemplateIndex
from praxis.audit.flow.code import ir
from praxis.audit.flow.code.lowering import CODE
from praxis.audit.flow.code.template_lowering import TEMPLATE_CODE
from praxis.audit.flow.events import Event
from praxis.audit.flow.interpreter.scope import ModuleScope
from praxis.audit.flow.interpreter.values import UNKNOWN, Const, ModelClass, ProjectClass, Value
from praxis.audit.flow.interpreter.watched_models import WatchedIndex
from praxis.audit.project import Project

T = TypeVar("T")

#: So many files stay decoded: some hundred kilobytes each.
_KEPT_UNITS = 400
_MAX_HOPS = 8


class Unit:
    """A decoded file: its functions by qualified name, and its classes."""

    def __init__(self, code: ir.Code) -> None:
        self.code = code
        self.functions: dict[str, ir.Def] = {}
        self.classes: dict[str, ir.Class] = {}
        self.values: dict[str, list[ir.Expr]] = {}
        self._members: dict[str, dict[str, ir.Def | ir.Expr | ir.Class]] = {}
        self._collect(code.body)

    def members(self, name: str) -> dict[str, ir.Def | ir.Expr | ir.Class]:
        """What the body of the class *name* binds, the last of each name; getters, not setters."""
        found = self._members.get(name)
        if found is None:
            found = self._members[name] = {}
            node = self.classes.get(name)
            for bound, member in members_of(node) if node is not None else ():
                if not (bound in found and isinstance(member, ir.Def) and _is_setter(member)):
                    found[bound] = member
        return found

    def _collect(self, body: Iterable[ir.Stmt]) -> None:
        for statement in body:
            if isinstance(statement, ir.Def):
                self.functions.setdefault(statement.name, statement)
            elif isinstance(statement, ir.Class):
                self.classes.setdefault(statement.name, statement)
                for name, member in members_of(statement):
                    if isinstance(member, ir.Def):
                        self.functions.setdefault(f"{statement.name}.{name}", member)
            elif isinstance(statement, ir.Assign) and statement.value is not None:
                for target in statement.targets:
                    if isinstance(target, ir.Name):
                        self.values.setdefault(target.id, []).append(statement.value)
            elif isinstance(statement, ir.If | ir.Try):
                self._collect(statement.body)
                self._collect(statement.orelse)


_DEFINITIONS = ir.Def, ir.Class


def members_of(node: ir.Class) -> Iterator[tuple[str, ir.Def | ir.Expr | ir.Class]]:
    """What the body of a class binds: methods, inner classes and values."""
    stack: list[ir.Stmt] = list(reversed(node.body))
    while stack:
        statement = stack.pop()
        if isinstance(statement, _DEFINITIONS):
            yield statement.name, statement
        elif isinstance(statement, ir.Assign) and statement.value is not None:
            for target in statement.targets:
                if isinstance(target, ir.Name):
                    yield target.id, statement.value
        elif isinstance(statement, ir.If | ir.Try):
            stack += reversed(statement.body + statement.orelse)


@dataclass(frozen=True, slots=True)
class Member:
    """A name that a class has: where it is defined, and by what."""

    owner: Key
    name: str
    node: ir.Def | ir.Expr | ir.Class


@dataclass(slots=True, eq=False)
class Record:
    """What was looked at, and what happened, while something was worked out."""

    paths: set[str] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)
    parts: list["Record"] = field(default_factory=list)

    def whole(self) -> tuple[set[str], list[Event]]:
        """With all that its parts have, each once."""
        paths: set[str] = set()
        events: dict[Event, None] = {}
        seen: set[int] = set()
        stack = [self]
        while stack:
            record = stack.pop()
            if id(record) in seen:
                continue
            seen.add(id(record))
            paths |= record.paths
            events.update(dict.fromkeys(record.events))
            stack += record.parts
        return paths, list(events)


class Program:
    """Looks up the code of a project."""

    def __init__(self, project: Project, index: ModelIndex) -> None:
        self.project = project
        self.index: ModelIndex = WatchedIndex(index, self.use)
        self._units: OrderedDict[str, Unit | None] = OrderedDict()
        self._scopes: dict[str, ModuleScope | None] = {}
        self._templates: OrderedDict[str, ir.TemplateCode | None] = OrderedDict()
        self._decoder = msgspec.msgpack.Decoder(ir.Code)
        self._template_decoder = msgspec.msgpack.Decoder(ir.TemplateCode)
        self._members: dict[tuple[Key, str, Key | None], Member | None] = {}
        self._bodies: dict[Key, frozenset[str]] = {}
        self._kinds: dict[Key, frozenset[str]] = {}
        #: The ancestors of classes, and the files that hold them.
        self._lines: dict[Key, tuple[tuple[Key | str, ...], frozenset[str]]] = {}
        self._tokens = 0
        self.records: list[Record] = [Record()]
        #: What parts of interpretation keep about the program, each under a name of its own.
        self.kept: dict[str, dict[object, object]] = {}

    def new_token(self) -> int:
        """What tells one row from every other."""
        self._tokens += 1
        return self._tokens

    # Records.

    def use(self, name: str) -> None:
        """Note that what is being worked out depends on a file, or on what else has a *name*."""
        self.records[-1].paths.add(name)

    def resolve(self, dotted: str, asking: str) -> Key | str | None:
        """See `ClassNames.resolve`."""
        names = self.index.names
        found = names.resolve(dotted, asking)
        self.records[-1].paths |= names.way(dotted, asking)
        if isinstance(found, tuple) and found not in self.index.models:  # those anybody may know
            self.use(found[0])
        return found

    def watched(self, work: Callable[[], None]) -> frozenset[str]:
        """Do *work*, as a part of what goes on; the names of all that it looks at."""
        outer = self.records[-1]
        inner = self.records[-1] = Record()  # in its place: it is no deeper
        try:
            work()
        finally:
            self.records[-1] = outer
        outer.parts.append(inner)
        return frozenset(inner.whole()[0])

    def once(self, table: str, place: object, unknown: T, work: Callable[[], T]) -> T:
        """
        What *work* finds out, the first time; *unknown* to itself.

        Whoever asks later depends on the same as whoever asked first.
        """
        kept = self.keep(table)
        if place not in kept:
            kept[place] = unknown, frozenset()
            found: list[T] = []
            used = self.watched(lambda: found.append(work()))
            kept[place] = found[0], used
        value, used = cast("tuple[T, frozenset[str]]", kept[place])
        self.records[-1].paths |= used
        return value

    # Files.

    def unit(self, path: str) -> Unit | None:
        """The decoded file; None for what has no code that is followed."""
        self.use(path)
        if path in self._units:
            self._units.move_to_end(path)
            return self._units[path]
        summary = self.project.summaries.get(path)
        code = summary.facts.get(CODE.name) if summary is not None else None
        unit = None if code is None else Unit(self._decoder.decode(code))
        self._units[path] = unit
        if len(self._units) > _KEPT_UNITS:
            self._units.popitem(last=False)
        return unit

    def scope(self, path: str) -> ModuleScope | None:
        """What the names of the file mean."""
        if path not in self._scopes:
            unit = self.unit(path)
            self._scopes[path] = None if unit is None else ModuleScope(path, unit.code, self)
        self.use(path)
        return self._scopes[path]

    # Templates.

    @cached_property
    def templates(self) -> TemplateIndex:
        """The templates by their names."""
        return self.project.derive(TemplateIndex)

    def template(self, path: str) -> ir.TemplateCode | None:
        """The code of a template; None for one without any."""
        self.use(path)
        if path in self._templates:
            self._templates.move_to_end(path)
            return self._templates[path]
        summary = self.project.summaries.get(path)
        raw = summary.facts.get(TEMPLATE_CODE.name) if summary is not None else None
        code = None if raw is None else self._template_decoder.decode(raw)
        self._templates[path] = code
        if len(self._templates) > _KEPT_UNITS:
            self._templates.popitem(last=False)
        return code

    def template_path(self, name: str, asking: str, *, extending: bool = False) -> str | None:
        """The file that the name of a template means in the file *asking*."""
        found = self.templates.find(name, asking, extending=extending)
        return found[0] if found else None

    # Names.

    def named(self, dotted: str, asking: str) -> Value | None:
        """What a dotted name means in the file *asking*; None for what is not of the project."""
        return self._named(dotted, asking, _MAX_HOPS)

    def _named(self, dotted: str, asking: str, hops: int) -> Value | None:
        found = self.resolve(dotted, asking)
        if isinstance(found, tuple):
            return self.class_value(found)
        if isinstance(found, str) and "." not in dotted:
            return None
        if "." not in dotted or not hops:
            return None
        place = self.project.modules.resolve(dotted, asking)
        if place is None or (place[0] == asking and not dotted.startswith(".")):
            return None
        path, rest = place
        if not rest:
            return None
        head, _, below = rest.partition(".")
        value = self._global(path, head, hops - 1)
        if value is None or not below:
            return value
        if isinstance(value, ProjectClass | ModelClass) and "." not in below:
            return None
        return UNKNOWN

    def _global(self, path: str, name: str, hops: int) -> Value | None:
        scope = self.scope(path)
        if scope is not None:
            value = scope.look_up(name)
            if value is not UNKNOWN:
                return value
        fact = self.index.names.facts.get(path)
        if fact is None or not hops:
            return UNKNOWN
        for star in fact.stars:
            found = self._named(f"{star}.{name}", path, hops - 1)
            if found is not None and found is not UNKNOWN:
                return found
        return UNKNOWN

    def class_value(self, key: Key) -> Value:
        """The class as a value."""
        return ModelClass(key) if key in self.index.models else ProjectClass(key)

    def top_level(self, path: str, name: str) -> Value:
        """The value of a name that a file binds once, at its top level."""
        if (path, name) in self.index.names.classes:
            return self.class_value((path, name))
        unit = self.unit(path)
        values = unit.values.get(name, []) if unit is not None else []
        if len(values) != 1:
            return UNKNOWN
        (value,) = values
        if isinstance(value, ir.Const):
            return Const(value.value)
        from praxis.audit.flow.interpreter.summaries import (
            evaluate_alone,  # it stands on top of this
        )

        return evaluate_alone(self, path, value)

    # Classes.

    def line(self, key: Key) -> tuple[Key | str, ...]:
        """The class and its ancestors; see `ClassNames.line`."""
        if key not in self.index.names.classes:
            return ()
        kept = self._lines.get(key)
        if kept is None:
            names = self.index.names
            found = names.line(key)
            paths: set[str] = set()
            for base in found:
                if isinstance(base, tuple):
                    paths.add(base[0])
                    for extended in names.classes[base].bases:
                        paths |= names.way(extended, base[0])
            kept = self._lines[key] = found, frozenset(paths)
        self.records[-1].paths |= kept[1]
        return kept[0]

    def member(self, key: Key, name: str, after: Key | None = None) -> Member | None:
        """
        What *name* is of the class *key*: the nearest one along its ancestors.

        With *after*, what ``super()`` finds in a method that the class *after* defines.
        """
        line = self.line(key)
        place = key, name, after
        if place not in self._members:
            self._members[place] = self._member(line, name, after)
        return self._members[place]

    def _member(self, line: tuple[Key | str, ...], name: str, after: Key | None) -> Member | None:
        start = line.index(after) + 1 if after in line else 0 if after is None else len(line)
        for base in line[start:]:
            if isinstance(base, tuple) and name in self._bound_by(base):
                node = self._in_body(base, name)
                if node is not None:
                    return Member(base, name, node)
        return None

    def is_a(self, key: Key, *names: str) -> bool:
        """Whether the class extends one that goes by one of these names."""
        line = self.line(key)
        kinds = self._kinds.get(key)
        if kinds is None:
            kinds = self._kinds[key] = frozenset(
                base[1] if isinstance(base, tuple) else base.rpartition(".")[2] for base in line
            )
        return not kinds.isdisjoint(names)

    def _bound_by(self, key: Key) -> frozenset[str]:
        if key not in self._bodies:
            fact = self.index.names.classes.get(key)
            self._bodies[key] = frozenset(fact.members) if fact is not None else frozenset()
        return self._bodies[key]

    def _in_body(self, key: Key, name: str) -> ir.Def | ir.Expr | ir.Class | None:
        unit = self.unit(key[0])
        return unit.members(key[1]).get(name) if unit is not None else None

    def function(self, path: str, name: str) -> ir.Def | None:
        """A function or method by its qualified name."""
        unit = self.unit(path)
        return unit.functions.get(name) if unit is not None else None

    def keep(self, name: str) -> dict[object, object]:
        """A table that lives as long as the program."""
        return self.kept.setdefault(name, {})

    def forget(self) -> None:
        """
        Let go of all that was found out.

        What scopes and summaries hold leads back to here: left alone it would stay until the
        garbage collector comes by, which it seldom does, and share after share would pile up.
        """
        for table in (self._units, self._scopes, self._templates, self._members, self._lines):
            table.clear()
        self.kept.clear()
        self.records[:] = [Record()]


def _is_setter(node: ir.Def) -> bool:
    return any(
        isinstance(decorator, ir.Attr) and decorator.attr in {"setter", "deleter"}
        for decorator in node.decorators
    )
