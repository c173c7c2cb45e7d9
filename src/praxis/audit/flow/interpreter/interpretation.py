"""One file interpreted: every function of it once, by itself, and what frameworks do with it."""

from collections.abc import Iterable, Iterator

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.flow.code import ir
from praxis.audit.flow.code.bindings import assigned_names
from praxis.audit.flow.events import Event
from praxis.audit.flow.interpreter.decorators import decorators_of
from praxis.audit.flow.interpreter.entries import enter
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.program import Program, Unit
from praxis.audit.flow.interpreter.scope import ModuleScope
from praxis.audit.flow.interpreter.statements import execute
from praxis.audit.flow.interpreter.summaries import recorded, run, summary_alone
from praxis.audit.flow.interpreter.values import (
    UNKNOWN,
    Const,
    Function,
    ModelClass,
    Object,
    ProjectClass,
    Value,
)
from praxis.audit.flow.notes.written import confirmed_writes
from praxis.audit.flow.reading.function import reading


def interpret(path: str, program: Program) -> tuple[list[Event], set[str]]:
    """What happens in the file at *path*, and the files that this was found out from."""
    scope, unit = program.scope(path), program.unit(path)
    if scope is None or unit is None:
        return [], set()
    record = recorded(program, lambda: _interpret(scope, unit, program))
    program.records[-1].parts.clear()
    paths, events = record.whole()
    return events, paths


def _interpret(scope: ModuleScope, unit: Unit, program: Program) -> None:
    for function, owner, hidden in functions_of(unit.code.body):
        if function.body:
            recorded(program, lambda: _interpret_function(scope, function, owner, hidden))  # noqa: B023 - called at once
    recorded(program, lambda: _interpret_module(scope, unit.code.body))
    for body in class_bodies_of(unit.code.body):
        recorded(program, lambda: _interpret_module(scope, body))  # noqa: B023 - called at once
    enter(program, scope.path, unit)


def _interpret_module(scope: ModuleScope, body: tuple[ir.Stmt, ...]) -> None:
    frame = Frame(scope)
    execute(frame, body)
    scope.program.records[-1].events += [*frame.finish(), *confirmed_writes(frame)]


def class_bodies_of(body: Iterable[ir.Stmt]) -> Iterator[tuple[ir.Stmt, ...]]:
    """The assignments in each class body of the module: ``queryset = Book.objects…``."""
    for statement in body:
        if isinstance(statement, ir.Class):
            yield tuple(inner for inner in statement.body if isinstance(inner, ir.Assign))
            yield from class_bodies_of(statement.body)


def functions_of(
    body: Iterable[ir.Stmt], owner: str = "", hidden: frozenset[str] = frozenset()
) -> Iterator[tuple[ir.Def, str, frozenset[str]]]:
    """Each function with the class it is a method of and the outer functions' names."""
    for statement in body:
        kind = statement.__class__
        if kind is ir.Assign or kind is ir.Evaluate or kind is ir.Return:
            continue
        if isinstance(statement, ir.Def):
            yield statement, owner, hidden
            if any(functions_of(statement.body)):  # few functions define others
                inner = hidden | assigned_names(statement.body)
                inner |= {parameter.name for parameter in statement.parameters}
                yield from functions_of(statement.body, "", inner)
        elif isinstance(statement, ir.Class):
            yield from functions_of(statement.body, statement.name, hidden)
        elif isinstance(statement, ir.If | ir.For | ir.While):
            yield from functions_of(statement.body + statement.orelse, owner, hidden)
        elif isinstance(statement, ir.With):
            yield from functions_of(statement.body, owner, hidden)
        elif isinstance(statement, ir.Try):
            blocks = statement.body + statement.orelse + statement.final
            yield from functions_of(blocks, owner, hidden)
            for handler in statement.handlers:
                yield from functions_of(handler.body, owner, hidden)


def _interpret_function(
    scope: ModuleScope, function: ir.Def, owner: str, hidden: frozenset[str]
) -> None:
    frame = Frame(scope, hidden)
    for parameter in function.parameters:
        frame.bind(parameter.name, UNKNOWN)
    receiver: Value = UNKNOWN
    if owner and function.parameters:
        frame.owner = scope.path, owner
        receiver = frame.receiver = _receiver(frame, function)
        frame.bind(function.parameters[0].name, receiver)
    record = scope.program.records[-1]
    if not hidden:
        name = f"{owner}.{function.name}" if owner else function.name
        place = Function(scope.path, name, None, frame.owner)
        summary = summary_alone(scope.program, place, function, receiver)
        if summary is not None and summary.alone is not None:
            record.events += summary.alone
            return
    run(frame, function)
    record.events += reading(frame, function.body, record.events)


def _receiver(frame: Frame, function: ir.Def) -> Value:
    """What ``self`` or ``cls`` is."""
    names = {decorator.id for decorator in function.decorators if isinstance(decorator, ir.Name)}
    owner = frame.owner
    if owner is None or "staticmethod" in names:
        return UNKNOWN
    of_class = "classmethod" in names
    if frame.index.model(owner) is not None:
        return ModelClass(owner) if of_class else frame.instance(owner)
    if owner not in frame.index.names.classes:
        return UNKNOWN
    if of_class:
        return ProjectClass(owner)
    action = _action_of(frame, owner, function)
    return Object(owner, (("action", Const(action)),) if action else ())


#: The actions of Django REST framework's viewsets that need no decorator.
_ACTIONS = frozenset({"list", "retrieve", "create", "update", "partial_update", "destroy"})


def _action_of(frame: Frame, owner: Key, function: ir.Def) -> str:
    """What ``self.action`` is in a method that a viewset runs by itself; else empty."""
    if function.name not in _ACTIONS and "action" not in decorators_of(function):
        return ""
    line = [base if isinstance(base, str) else base[1] for base in frame.program.line(owner)]
    return function.name if any(name.endswith("ViewSet") for name in line) else ""
