"""One file interpreted: every function of it once, by itself."""

from collections.abc import Iterable, Iterator

from praxis.audit.facts.class_names import Key
from praxis.audit.facts.model_index import ModelIndex
from praxis.audit.flow import ir
from praxis.audit.flow.events import Event
from praxis.audit.flow.frame import Frame
from praxis.audit.flow.reading import reading
from praxis.audit.flow.scope import ModuleScope
from praxis.audit.flow.statements import assigned_names, execute
from praxis.audit.flow.uses import only_tested
from praxis.audit.flow.values import UNKNOWN, ModelClass, Value


def interpret(path: str, code: ir.Code, index: ModelIndex) -> list[Event]:
    """The events of the file at *path*, in source order of their functions."""
    scope = ModuleScope(path, code, index)
    events: list[Event] = []
    for function, owner, hidden in functions_of(code.body):
        if not function.body:
            continue
        try:
            events += _interpret_function(scope, function, owner, hidden)
        except RecursionError:
            continue  # nested deeper than can be followed: nothing is known of this one
    frame = Frame(scope)
    events += _run(frame, code.body, None)
    return events


def functions_of(
    body: Iterable[ir.Stmt], owner: str = "", hidden: frozenset[str] = frozenset()
) -> Iterator[tuple[ir.Def, str, frozenset[str]]]:
    """Each function with the class it is a method of and the outer functions' names."""
    for statement in body:
        if isinstance(statement, ir.Def):
            yield statement, owner, hidden
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
) -> list[Event]:
    frame = Frame(scope, hidden)
    for parameter in function.parameters:
        frame.bind(parameter.name, UNKNOWN)
    if owner and function.parameters:
        frame.bind(function.parameters[0].name, _receiver(frame, function, (scope.path, owner)))
    return _run(frame, function.body, function)


def _receiver(frame: Frame, function: ir.Def, owner: Key) -> Value:
    """What ``self`` or ``cls`` is."""
    names = {decorator.id for decorator in function.decorators if isinstance(decorator, ir.Name)}
    model = frame.index.model(owner)
    if model is None or "staticmethod" in names:
        return UNKNOWN
    return ModelClass(owner) if "classmethod" in names else frame.instance(owner)


def _run(frame: Frame, body: tuple[ir.Stmt, ...], function: ir.Def | None) -> list[Event]:
    execute(frame, body)
    events = frame.finish()
    if function is not None:
        events += [event for name, span, event in frame.tests if only_tested(function, name, span)]
        events += reading(frame, body, events)
    return events
